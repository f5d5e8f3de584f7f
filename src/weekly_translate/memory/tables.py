"""The memory's tables: transactions, queries in SQL, and the values that rows stand for."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.memory.database import told
from weekly_translate.model import Entry, Finding, Kind, Severity, Status
from weekly_translate.text.alike import template_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.memory.database import Database, Row

BY_SOURCE = """SELECT * FROM entries WHERE source = ? AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
BY_SOURCE_AND_LINK = """SELECT * FROM entries WHERE source = ? AND link = ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
BY_KEY = "SELECT * FROM entries WHERE key = ? AND source = ?"
BY_TEMPLATE = """SELECT * FROM entries WHERE template = ? AND template <> '' AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 5"""
BY_LINK = """SELECT * FROM entries WHERE link = ? AND link <> '' AND status >= ?
    ORDER BY revision LIMIT 50"""
NEWER = "SELECT source, revision FROM entries WHERE revision > ? AND status >= ?"
ALL = "SELECT * FROM entries WHERE status >= ? ORDER BY source, status DESC, key"
UPSERT = """INSERT INTO entries (key, source, target, status, origin, remark, kind, created, context, link,
        template, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM entries))
    ON CONFLICT (key) DO UPDATE SET
        source = excluded.source, target = excluded.target, status = excluded.status,
        origin = excluded.origin, remark = excluded.remark, kind = excluded.kind,
        created = excluded.created, context = excluded.context, link = excluded.link,
        template = excluded.template, revision = excluded.revision
    WHERE excluded.status >= entries.status"""
ATTEMPT = """INSERT INTO attempts (key, source, target, findings, origin, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
ATTEMPTS = "SELECT * FROM attempts WHERE key = ? ORDER BY id"
CAPABILITY = "SELECT facts FROM capabilities WHERE endpoint = ? AND model = ?"
LEARN = """INSERT INTO capabilities (endpoint, model, facts) VALUES (?, ?, ?)
    ON CONFLICT (endpoint, model) DO UPDATE SET facts = excluded.facts"""
REJECT = """INSERT INTO rejections (source, target, reason, created, decision)
    SELECT DISTINCT source, target, ?, ?, ? FROM entries WHERE source = ?"""
REJECT_TEXT = "INSERT INTO rejections (source, target, reason, created, decision) VALUES (?, ?, ?, ?, ?)"
REJECTED_BY = "SELECT target FROM rejections WHERE decision = ?"
REJECTIONS = "SELECT target, reason FROM rejections WHERE source = ? ORDER BY id"
STATE = "SELECT key, target, status FROM entries WHERE source = ? ORDER BY key"
HELD = """SELECT key, source, target, status, origin, remark, kind, created, context, link, template
    FROM entries WHERE source = ? ORDER BY revision"""
FORGET_VOUCHED = "DELETE FROM entries WHERE source = ? AND status >= ?"
DECIDE = """INSERT INTO decisions (source, verdict, target, reason, who, created, before, undoes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
LAST_LINE = "SELECT coalesce(max(id), 0) FROM decisions WHERE source = ?"
STANDING = """SELECT * FROM decisions WHERE source = ? AND undoes IS NULL
    AND id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL AND source = decisions.source)
    ORDER BY id DESC LIMIT 1"""


# ---------------------------------------------------------------------------
# The rows of the memory's tables and the values that they stand for.


class Attempt(NamedTuple):
    """An answer that was paid and did not pass the checks."""

    source: str
    target: str
    findings: tuple[Finding, ...]
    origin: str


class Stored(NamedTuple):
    """An entry as it lies in the memory."""

    key: str
    kind: Kind
    entry: Entry


def entry_of(row: Row) -> Entry:
    """The entry in a row of `entries`."""
    texts = (row["origin"], row["remark"], row["context"], row["link"], row["created"])
    return Entry(row["source"], row["target"], Status(row["status"]), *texts)


def stored_of(row: Row) -> Stored:
    """A row of `entries` with its key and kind."""
    return Stored(row["key"], Kind(row["kind"]), entry_of(row))


def values_of(key: str, entry: Entry, kind: Kind, *, now: str) -> tuple[str | int, ...]:
    """What `queries.UPSERT` stores for an entry; `now` counts where the entry has no date of its own."""
    source, target = storable(entry.source), storable(entry.target)
    origin, remark, context, link = map(storable, (entry.origin, entry.remark, entry.context, entry.link))
    texts = (origin, remark, kind, storable(entry.created) or now, context, link, template_of(source))
    return (key, source, target, int(entry.status), *texts)


def attempt_of(row: Row) -> Attempt:
    """The attempt in a row of `attempts`."""
    findings = [
        Finding(**{**said, "severity": Severity(said["severity"])}) for said in json.loads(row["findings"])
    ]
    return Attempt(row["source"], row["target"], tuple(findings), row["origin"])


def key_of_source(source: str, link: str = "") -> str:
    """The key of an imported entry, which comes without one; the keys of answers have no prefix."""
    text = f"{storable(source)}\n{link}" if link else storable(source)
    return "source-" + blake2b(text.encode(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """U+FFFD for what cannot be stored: a NUL, or half an emoji (a lone surrogate, as JSON can hold it)."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


# ---------------------------------------------------------------------------
# Reading and writing in a database: one transaction at a time, and failures in plain sentences.


class Transactions:
    """A database and the file it is in, which the sentences name."""

    def __init__(self, database: Database, path: Path | None) -> None:
        self.database = database
        self.path = path
        self._data_version = 0

    def rows(self, query: str, *values: str | int) -> list[Row]:
        """What a query finds."""
        with told(self.path):
            return self.database.execute(query, values).fetchall()

    def changed_elsewhere(self) -> bool:
        """Whether another connection has written since this was last asked."""
        before = self._data_version
        ((self._data_version,),) = self.rows("PRAGMA data_version")
        return before != self._data_version

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction that waits for its turn at its beginning: later SQLite would not wait."""
        with told(self.path), self.database:
            self.database.execute("BEGIN IMMEDIATE")
            yield self.database

    def name_of(self, path: Path) -> str:
        """A file from the memory's folder on: a project that moves still knows its files."""
        whole = os.path.realpath(path)
        try:
            name = os.path.relpath(whole, self._folder) if self.path else whole
        except ValueError:  # another drive
            name = whole
        return storable(name.replace(os.sep, "/"))

    def path_of(self, name: str) -> Path:
        """The file of such a name."""
        return Path(os.path.normpath(Path(self._folder, name)))

    @property
    def _folder(self) -> str:
        return os.path.realpath(self.path.parent) if self.path else ""
