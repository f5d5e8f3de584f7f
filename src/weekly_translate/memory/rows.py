"""Entries and failed answers as rows of the memory's tables."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.memory.database import as_stored
from weekly_translate.model import ComplaintKind, Entry, Finding, Kind, Severity, Status
from weekly_translate.text.alike import template_of

if TYPE_CHECKING:
    from weekly_translate.memory.database import Row

BY_SOURCE = """SELECT * FROM entries WHERE source = ? AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
UPSERT = """INSERT INTO entries (key, source, target, status, origin, remark, kind, created, context, link,
        template, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM entries))
    ON CONFLICT (key) DO UPDATE SET
        source = excluded.source, target = excluded.target, status = excluded.status,
        origin = excluded.origin, remark = excluded.remark, kind = excluded.kind,
        created = excluded.created, context = excluded.context, link = excluded.link,
        template = excluded.template, revision = excluded.revision
    WHERE excluded.status >= entries.status"""


FAILURE = " failed"
"""How the origin of the last answer ends after which nothing more was asked."""
FORGET_FAILURES = "DELETE FROM attempts WHERE origin LIKE '%' || ? AND"


class FailedAnswer(NamedTuple):
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
    return Entry(row["source"], row["target"], Status(row["status"]), *texts, kind=Kind(row["kind"]))


def stored_of(row: Row) -> Stored:
    """A row of `entries` with its key and kind."""
    return Stored(row["key"], Kind(row["kind"]), entry_of(row))


def values_of(key: str, entry: Entry, kind: Kind, *, now: str) -> tuple[str | int, ...]:
    """What `UPSERT` stores for an entry; `now` counts where the entry has no date of its own."""
    source, target = as_stored(entry.source), as_stored(entry.target)
    origin, remark, context, link = map(as_stored, (entry.origin, entry.remark, entry.context, entry.link))
    texts = (origin, remark, kind, as_stored(entry.created) or now, context, link, template_of(source))
    return (key, source, target, int(entry.status), *texts)


def failed_answer_of(row: Row) -> FailedAnswer:
    """The answer in a row of `attempts`."""
    findings = tuple(_finding_in(said) for said in json.loads(row["findings"]))
    return FailedAnswer(row["source"], row["target"], findings, row["origin"])


def _finding_in(said: dict[str, Any]) -> Finding:
    """A stored finding. Version 0.1 knew no kinds: what it stored were errors, and counts as certain."""
    kind = ComplaintKind(said.get("kind", ComplaintKind.CERTAIN))
    return Finding(**{**said, "severity": Severity(said["severity"]), "kind": kind, "settled": None})


def key_of_source(source: str, link: str = "") -> str:
    """The key of an imported entry, which comes without one; the keys of answers have no prefix."""
    text = f"{as_stored(source)}\n{link}" if link else as_stored(source)
    return "source-" + blake2b(text.encode(), digest_size=16).hexdigest()
