"""What matched lines hold: links, images, code, HTML, each difference said once and where it belongs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.lines import Shape
from weekly_translate.model import FeatureKind, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.comparison.matches import Match, Pairing
    from weekly_translate.model import Feature

_NEAR = 0.6
"""The least likeness of two addresses of which one is the other, damaged."""
_LONGEST_SHOWN = 120


class _Ids(NamedTuple):
    name: str
    missing: str
    added: str
    changed: str
    duplicate: str = ""


_IDS = {
    FeatureKind.LINK: _Ids("link", "url.missing", "url.added", "url.changed", "url.duplicate"),
    FeatureKind.IMAGE: _Ids("image", "img.missing", "img.added", "url.changed"),
    FeatureKind.CODE: _Ids("code", "code.missing", "code.added", "code.changed"),
    FeatureKind.HTML: _Ids("HTML", "md.html", "md.html", "md.html"),
    FeatureKind.TABLE: _Ids("table", "md.table", "md.table", "md.table"),
    FeatureKind.DEFINITION: _Ids("definition", "md.reflink", "md.refdef-added", "md.reflink"),
    FeatureKind.FOOTNOTE: _Ids("footnote", "md.reflink", "md.refdef-added", "md.reflink"),
}
_WARNINGS = frozenset({"code.added"})
_AMONG_OTHERS = (FeatureKind.LINK, FeatureKind.IMAGE)
"""Kinds that are looked for on other lines too: a link under another title is a wrong link."""
_SITE = re.compile(r"(https?://[^/?#]+)/", re.IGNORECASE)
"""The address of a whole site; the slash behind it says nothing (RFC 3986, 6.2.3)."""
_A = {FeatureKind.LINK: "a link", FeatureKind.IMAGE: "an image"}


class _Place(NamedTuple):
    """Something that is on one side of a match only."""

    kind: FeatureKind
    value: str
    match: int
    source_line: int
    target_line: int


def held_findings(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost: list[_Place] = []
    added: list[_Place] = []
    expected: Counter[tuple[FeatureKind, str]] = Counter()
    for index, match in enumerate(pairing.matches):
        here, there = _held(match)
        lines = match.source[0].number, match.target[0].number
        lost += [_Place(kind, value, index, *lines) for kind, value in (here - there).elements()]
        added += [_Place(kind, value, index, *lines) for kind, value in (there - here).elements()]
        expected += here
    told = {_compared(feature) for line in pairing.lost for feature in line.features}
    added = [place for place in added if (place.kind, place.value) not in told]
    if any(line.shape is Shape.CELL for line in (*pairing.lost, *pairing.added)):
        # A lost row has been told: that it changes the shape of its table is no second fault.
        lost = [place for place in lost if place.kind is not FeatureKind.TABLE]
        added = [place for place in added if place.kind is not FeatureKind.TABLE]
    findings = [*_other_kinds(lost, added), *_elsewhere(lost, added), *_damaged(lost, added)]
    findings += [_finding(place, _IDS[place.kind].missing, "is missing") for place in lost]
    return findings + [_surplus(place, expected) for place in added]


def _held(match: Match) -> tuple[Counter[tuple[FeatureKind, str]], ...]:
    here, there = (
        Counter(_compared(feature) for line in lines for feature in line.features if feature.kind in _IDS)
        for lines in (match.source, match.target)
    )
    return here, there


def _compared(feature: Feature) -> tuple[FeatureKind, str]:
    site = _SITE.fullmatch(feature.value) if feature.kind is FeatureKind.LINK else None
    return feature.kind, site[1] if site else feature.value


def _other_kinds(lost: list[_Place], added: list[_Place]) -> Iterator[Finding]:
    """An image that became a link, or a link that became an image, of the same address on the same line."""
    there = {(place.match, place.value): place for place in added if place.kind in _AMONG_OTHERS}
    for place in [place for place in lost if (place.match, place.value) in there]:
        other = there.pop((place.match, place.value), None)
        if other is not None and place.kind in _AMONG_OTHERS:
            lost.remove(place)
            added.remove(other)
            yield _finding(place, _IDS[place.kind].missing, f"became {_A[other.kind]}")


def _elsewhere(lost: list[_Place], added: list[_Place]) -> Iterator[Finding]:
    """Links and images that stand on the line of another item; two that changed places are one finding."""
    waiting: defaultdict[tuple[FeatureKind, str], list[_Place]] = defaultdict(list)
    for place in added:
        if place.kind in _AMONG_OTHERS:
            waiting[place.kind, place.value].append(place)
    moves = [
        (place, waiting[place.kind, place.value].pop(0))
        for place in lost
        if waiting.get((place.kind, place.value))
    ]
    for one, two in moves:
        lost.remove(one)
        added.remove(two)
    told: set[tuple[FeatureKind, int, int]] = set()
    for one, two in moves:
        if (one.kind, two.match, one.match) in told:
            continue
        told.add((one.kind, one.match, two.match))
        exchanged = any(
            (other.match, target.match, other.kind) == (two.match, one.match, one.kind)
            for other, target in moves
        )
        name = _IDS[one.kind].name
        message = (
            f"the {name}s of lines {one.source_line} and {two.source_line} have changed places, "
            f"beginning with {_shown(one.value)}"
            if exchanged
            else f"the {name} {_shown(one.value)} of line {one.source_line} stands on the line "
            f"that translates line {two.source_line}"
        )
        check = "img.order" if one.kind is FeatureKind.IMAGE else "seg.swapped"
        yield Finding(
            check, Severity.ERROR, message, source_line=one.source_line, target_line=two.target_line
        )


def _damaged(lost: list[_Place], added: list[_Place]) -> Iterator[Finding]:
    """What is lost and added on one line and nearly the same, or alone there."""
    surplus: defaultdict[tuple[int, FeatureKind], list[_Place]] = defaultdict(list)
    for place in added:
        surplus[place.match, place.kind].append(place)
    counts = Counter((place.match, place.kind) for place in lost)
    for place in list(lost):
        key = place.match, place.kind
        others = surplus[key]
        best = max(others, key=lambda other: _nearness(place.value, other.value), default=None)
        alone = counts[key] == len(others) == 1
        if best is not None and (alone or _nearness(place.value, best.value) >= _NEAR):
            others.remove(best)
            counts[key] -= 1
            lost.remove(place)
            added.remove(best)
            became = f"became {_shown(best.value, place.value)}"
            yield _finding(place, _IDS[place.kind].changed, became, best.value)


def _nearness(one: str, two: str) -> float:
    """From 0 to 1; long texts are compared by their beginnings, to stay linear."""
    return SequenceMatcher(None, one[:200], two[:200], autojunk=False).ratio()


def _surplus(place: _Place, expected: Counter[tuple[FeatureKind, str]]) -> Finding:
    ids = _IDS[place.kind]
    if ids.duplicate and expected[place.kind, place.value]:
        return _finding(place, ids.duplicate, "stands here once more than in the source")
    return _finding(place, ids.added, "is not in the source")


def _finding(place: _Place, check: str, what: str, beside: str = "") -> Finding:
    severity = Severity.WARNING if check in _WARNINGS else Severity.ERROR
    message = f"the {_IDS[place.kind].name} {_shown(place.value, beside)} {what}"
    return Finding(check, severity, message, source_line=place.source_line, target_line=place.target_line)


def _shown(value: str, beside: str = "") -> str:
    """The value, not longer than a line; of a long one the part that differs from `beside`."""
    value, beside = " ".join(value.split()), " ".join(beside.split())
    if len(value) <= _LONGEST_SHOWN:
        return value
    start = next((i for i, pair in enumerate(zip(value, beside, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, min(start - 20, len(value) - _LONGEST_SHOWN))
    return "…" * bool(start) + value[start : start + _LONGEST_SHOWN - 2] + "…"
