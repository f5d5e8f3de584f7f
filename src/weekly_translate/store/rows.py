"""The rows of the memory's tables and the values that they stand for."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.exchange import Entry, Status
from weekly_translate.model import Finding, Kind, Severity
from weekly_translate.templates import template_of

if TYPE_CHECKING:
    from weekly_translate.store.database import Row


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
