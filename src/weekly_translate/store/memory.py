"""The translation memory: what was translated once is looked up, and no paid answer is lost.

A machine's answer is found by its key (a hash of all that the model would see of the segment), a person's by
its source text alone. What is newer is told by `revision`, not by `created`: clocks jump.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple, Self

from weekly_translate.exchange import Status
from weekly_translate.model import Kind
from weekly_translate.store.database import told
from weekly_translate.store.fuzzy import LONGEST, lengths_near, resembling
from weekly_translate.store.opening import open_database
from weekly_translate.store.rows import attempt_of, entry_of, key_of_source, storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from weekly_translate.exchange import Entry, Memory
    from weekly_translate.model import Finding
    from weekly_translate.store.database import Database, Row
    from weekly_translate.store.rows import Attempt

_BY_SOURCE = """SELECT * FROM entries WHERE source = ? AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
_BY_KEY = "SELECT * FROM entries WHERE key = ? AND source = ?"
_BY_LENGTH = """SELECT source, target FROM entries WHERE length(source) BETWEEN ? AND ? AND status >= ?
    ORDER BY status DESC, revision DESC"""
_ALL = "SELECT * FROM entries WHERE status >= ? ORDER BY source, status DESC, key"
_UPSERT = """INSERT INTO entries (key, source, target, status, origin, remark, kind, created, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM entries))
    ON CONFLICT (key) DO UPDATE SET
        source = excluded.source, target = excluded.target, status = excluded.status,
        origin = excluded.origin, remark = excluded.remark, kind = excluded.kind,
        created = excluded.created, revision = excluded.revision
    WHERE excluded.status >= entries.status"""
_ATTEMPT = """INSERT INTO attempts (key, source, target, findings, origin, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
_LEARN = """INSERT INTO capabilities (endpoint, model, facts) VALUES (?, ?, ?)
    ON CONFLICT (endpoint, model) DO UPDATE SET facts = excluded.facts"""


class ImportCounts(NamedTuple):
    """What an import did to the memory; `kept` entries were there already, or vouched for by more."""

    added: int
    changed: int
    kept: int


def open_memory(path: Path | None, *, now: Callable[[], str], timeout: float = 30) -> TranslationMemory:
    """Open the memory in a file, or one that is never saved. `now` gives the time as text, ISO 8601 in UTC.

    Waits `timeout` seconds for other processes, here and at every call. Raises `StorageError`.
    """
    database, notes = open_database(path, timeout=timeout)
    return TranslationMemory(database, path, now=now, notes=notes)


class TranslationMemory:
    """An open memory. Every method that writes has committed when it returns, and raises `StorageError`."""

    def __init__(
        self, database: Database, path: Path | None, *, now: Callable[[], str], notes: tuple[str, ...] = ()
    ) -> None:
        self._database = database
        self._path = path
        self._now = now
        self.notes = notes
        """What a person should know about how the memory was opened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; all that was stored is in it already."""
        self._database.close()

    def find(self, key: str, source: str) -> Entry | None:
        """A person's translation of this source (approved before edited), else the answer under the key."""
        source = storable(source)
        rows = self._rows(_BY_SOURCE, source, Status.EDITED) or self._rows(_BY_KEY, key, source)
        return entry_of(rows[0]) if rows else None

    def similar(self, source: str, *, limit: int = 3, threshold: float = 0.7) -> list[Memory]:
        """Pairs whose source resembles this one, best first; drafts are left out."""
        source = storable(source)
        if len(source) > LONGEST:
            return []
        rows = self._rows(_BY_LENGTH, *lengths_near(source), Status.MACHINE)
        pairs = ((row["source"], row["target"]) for row in rows)
        return resembling(source, pairs, limit=limit, threshold=threshold)

    def entries(self, *, at_least: Status = Status.MACHINE) -> list[Entry]:
        """All entries of this status or a higher one, sorted by source."""
        return [entry_of(row) for row in self._rows(_ALL, at_least)]

    def count(self, *, at_least: Status = Status.DRAFT) -> int:
        """How many entries have this status or a higher one."""
        (row,) = self._rows("SELECT count(*) FROM entries WHERE status >= ?", at_least)
        return int(row[0])

    def store(self, key: str, entry: Entry, kind: Kind) -> None:
        """Store a verified translation; one of a higher status under the same key stays as it is."""
        with self._writing() as database:
            database.execute(_UPSERT, self._values(key, entry, kind))

    def store_attempt(
        self, key: str, source: str, target: str, *, findings: Iterable[Finding], origin: str
    ) -> None:
        """Keep an answer that did not pass the checks: it was paid, and a repair can start from it."""
        said = json.dumps([asdict(finding) for finding in findings])
        values = (key, storable(source), storable(target), said, storable(origin), self._now())
        with self._writing() as database:
            database.execute(_ATTEMPT, values)

    def attempts(self, key: str) -> list[Attempt]:
        """The answers under this key that did not pass, oldest first."""
        return [
            attempt_of(row) for row in self._rows("SELECT * FROM attempts WHERE key = ? ORDER BY id", key)
        ]

    def import_entries(self, entries: Iterable[Entry]) -> ImportCounts:
        """Take over entries from elsewhere, all or none; what has a higher status here stays."""
        outcomes = {"added": 0, "changed": 0, "kept": 0}
        incoming = list(entries)
        with self._writing() as database:
            for entry in incoming:
                outcomes[self._import(database, entry)] += 1
        return ImportCounts(**outcomes)

    def capability(self, endpoint: str, model: str) -> dict[str, str]:
        """What was learnt about a model at an endpoint, such as `{"format": "tagged"}`."""
        rows = self._rows("SELECT facts FROM capabilities WHERE endpoint = ? AND model = ?", endpoint, model)
        return dict(json.loads(rows[0]["facts"])) if rows else {}

    def learn_capability(self, endpoint: str, model: str, facts: Mapping[str, str]) -> None:
        """Add facts to those that are known, or replace them."""
        with self._writing() as database:
            known = self.capability(endpoint, model)
            database.execute(_LEARN, (endpoint, model, json.dumps({**known, **facts}, sort_keys=True)))

    def _import(self, database: Database, entry: Entry) -> str:
        known = self._rows(_BY_SOURCE, storable(entry.source), Status.DRAFT)
        if known and _outranks(entry_of(known[0]), entry):
            return "kept"
        database.execute(_UPSERT, self._values(key_of_source(entry.source), entry, Kind.TEXT))
        return "changed" if known else "added"

    def _values(self, key: str, entry: Entry, kind: Kind) -> tuple[str | int, ...]:
        texts = map(storable, (entry.origin, entry.remark))
        pair = (storable(entry.source), storable(entry.target))
        return (key, *pair, int(entry.status), *texts, kind, self._now())

    def _rows(self, query: str, *values: str | int) -> list[Row]:
        with told(self._path):
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        """A transaction that waits for its turn at its beginning: later SQLite would not wait."""
        with told(self._path), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database


def _outranks(known: Entry, entry: Entry) -> bool:
    return known.status > entry.status or (known.status == entry.status and known.target == entry.target)
