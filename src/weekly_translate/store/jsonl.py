"""The memory as JSON lines: one entry a line, sorted, so that a version control system shows what changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from weekly_translate.errors import InputRefusedError
from weekly_translate.exchange import Entry, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TEXTS = ("source", "target", "origin", "remark", "context", "link", "created")


def jsonl_of(entries: Iterable[Entry]) -> str:
    """The entries by source, target and link, whatever their order was; what is empty is left out."""
    ordered = sorted(entries, key=lambda entry: (entry.source, entry.link, entry.target, entry.status))
    return "".join(f"{_line(entry)}\n" for entry in ordered)


def _line(entry: Entry) -> str:
    fields: dict[str, str] = {"source": entry.source, "target": entry.target}
    fields["status"] = entry.status.name.lower()
    fields |= {name: getattr(entry, name) for name in _TEXTS[2:] if getattr(entry, name)}
    text = json.dumps(fields, ensure_ascii=False)
    # A few editors, and Python's splitlines, break lines where JSON does not; half emoji are no UTF-8.
    return "".join(c if c.isprintable() or c == "\u3000" else json.dumps(c)[1:-1] for c in text)


def read_jsonl(data: bytes, name: str) -> list[Entry]:
    """The entries of a file called `name`. Raises `InputRefusedError` with the line that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefusedError(f"{name} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    lines = enumerate(text.split("\n"), 1)
    return [_entry(line, f"line {number} of {name}") for number, line in lines if line.strip()]


def _entry(line: str, place: str) -> Entry:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputRefusedError(f"{place} is not JSON: {str(error)[:200]}") from error
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise InputRefusedError(f"{place} is not an object of texts, such as {_EXAMPLE}")
    if unknown := sorted(fields.keys() - {*_TEXTS, "status"}):
        known = ", ".join((*_TEXTS, "status"))
        raise InputRefusedError(f"{place} has the unknown field {unknown[0]!r}; there are {known}")
    if not (fields.get("source") and fields.get("target")):
        raise InputRefusedError(f"{place} lacks a source or a target, as in {_EXAMPLE}")
    return Entry(status=_status(fields, place), **{name: fields.get(name, "") for name in _TEXTS})


def _status(fields: Mapping[str, Any], place: str) -> Status:
    """Without a status a person has written it."""
    name = fields.get("status", "approved")
    if name.upper() not in Status.__members__:
        known = ", ".join(status.name.lower() for status in Status)
        raise InputRefusedError(f"{place} has the unknown status {name!r}; there are {known}")
    return Status[name.upper()]


_EXAMPLE = '{"source": "你好", "target": "Hello", "status": "approved"}'
