"""Something that only one of two matched lines holds, and what a finding says about it."""

from __future__ import annotations

from typing import NamedTuple

from weekly_translate.checks import document
from weekly_translate.model import FeatureKind, Finding

_LONGEST_SHOWN = 120


_LEVELS = (FeatureKind.HEADING, FeatureKind.ITEM)
IDS = {kind: ids for kind, ids in document.IDS.items() if kind not in _LEVELS}
IDS[FeatureKind.IMAGE] = IDS[FeatureKind.IMAGE]._replace(changed="url.changed")
"""Of what a line holds; headings and the numbers of items are compared with the lines themselves."""


class Place(NamedTuple):
    """Something that is on one side of a match only."""

    kind: FeatureKind
    value: str
    match: int
    source_line: int
    target_line: int


def finding_at(place: Place, check: str, what: str, beside: str = "") -> Finding:
    """A finding on both lines; `beside` is the value that stands there instead."""
    message = f"the {IDS[place.kind].name} {shown(place.value, beside)} {what}"
    return Finding(check, document.severity_of(check), message, None, place.source_line, place.target_line)


def shown(value: str, beside: str = "") -> str:
    """The value, not longer than a line; of a long one the part that differs from `beside`."""
    value, beside = " ".join(value.split()), " ".join(beside.split())
    if len(value) <= _LONGEST_SHOWN:
        return value
    start = next((i for i, pair in enumerate(zip(value, beside, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, min(start - 20, len(value) - _LONGEST_SHOWN))
    return "…" * bool(start) + value[start : start + _LONGEST_SHOWN - 2] + "…"
