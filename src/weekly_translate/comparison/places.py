"""Something that only one of two matched lines holds, and what a finding says about it."""

from __future__ import annotations

from typing import NamedTuple

from weekly_translate.model import FeatureKind, Finding, Severity

_LONGEST_SHOWN = 120


class Ids(NamedTuple):
    """The name of a kind in messages, and the ids of what can happen to it."""

    name: str
    missing: str
    added: str
    changed: str
    duplicate: str = ""


IDS = {
    FeatureKind.LINK: Ids("link", "url.missing", "url.added", "url.changed", "url.duplicate"),
    FeatureKind.IMAGE: Ids("image", "img.missing", "img.added", "url.changed"),
    FeatureKind.CODE: Ids("code", "code.missing", "code.added", "code.changed"),
    FeatureKind.HTML: Ids("HTML", "md.html", "md.html", "md.html"),
    FeatureKind.TABLE: Ids("table", "md.table", "md.table", "md.table"),
    FeatureKind.DEFINITION: Ids("definition", "md.reflink", "md.refdef-added", "md.reflink"),
    FeatureKind.FOOTNOTE: Ids("footnote", "md.reflink", "md.refdef-added", "md.reflink"),
}
_WARNINGS = frozenset({"code.added"})


class Place(NamedTuple):
    """Something that is on one side of a match only."""

    kind: FeatureKind
    value: str
    match: int
    source_line: int
    target_line: int


def finding_at(place: Place, check: str, what: str, beside: str = "") -> Finding:
    """A finding on both lines; `beside` is the value that stands there instead."""
    severity = Severity.WARNING if check in _WARNINGS else Severity.ERROR
    message = f"the {IDS[place.kind].name} {shown(place.value, beside)} {what}"
    return Finding(check, severity, message, source_line=place.source_line, target_line=place.target_line)


def shown(value: str, beside: str = "") -> str:
    """The value, not longer than a line; of a long one the part that differs from `beside`."""
    value, beside = " ".join(value.split()), " ".join(beside.split())
    if len(value) <= _LONGEST_SHOWN:
        return value
    start = next((i for i, pair in enumerate(zip(value, beside, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, min(start - 20, len(value) - _LONGEST_SHOWN))
    return "…" * bool(start) + value[start : start + _LONGEST_SHOWN - 2] + "…"
