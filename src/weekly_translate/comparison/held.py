"""What matched lines hold: links, images, code, HTML, each difference said once and where it belongs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape
from weekly_translate.comparison.places import IDS, Place, finding_at, shown
from weekly_translate.model import FeatureKind, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.comparison.matches import Match, Pairing
    from weekly_translate.model import Feature

_NEAR = 0.6
"""The least likeness of two addresses of which one is the other, damaged."""
_WITHIN_REACH = 20
"""So many additions to a line are compared with what it lost: a line of a thousand links takes no hour."""
_AMONG_OTHERS = (FeatureKind.LINK, FeatureKind.IMAGE)
"""Kinds that are looked for on other lines too: a link under another title is a wrong link."""
_SITE = re.compile(r"(https?://[^/?#]+)/", re.IGNORECASE)
"""The address of a whole site; the slash behind it says nothing (RFC 3986, 6.2.3)."""
_DEFINITION = re.compile(r"\[[^\]]{1,1000}\]:\s{0,9}<?(?P<address>[^\s>]+)")
_A = {FeatureKind.LINK: "a link", FeatureKind.IMAGE: "an image"}


def held_findings(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost: list[Place] = []
    added: list[Place] = []
    expected: Counter[tuple[FeatureKind, str]] = Counter()
    for index, match in enumerate(pairing.matches):
        here, there = _held(match)
        lines = match.source[0].number, match.target[0].number
        lost += [Place(kind, value, index, *lines) for kind, value in (here - there).elements()]
        added += [Place(kind, value, index, *lines) for kind, value in (there - here).elements()]
        expected.update(here)
    told = {_compared(feature) for line in pairing.lost for feature in line.features}
    told |= {
        (FeatureKind.FOOTNOTE, token.removeprefix("note:"))  # without its text a footnote is no footnote
        for line in pairing.lost
        for token in line.evidence
        if token.startswith("note:")
    }
    told_links = _links_of_lost_definitions(pairing)
    lost = [place for place in lost if place.kind is not FeatureKind.FOOTNOTE or _key(place) not in told]
    lost = [place for place in lost if _key(place) not in told_links]
    added = [place for place in added if _key(place) not in told]
    if any(line.shape is Shape.CELL for line in (*pairing.lost, *pairing.added)):
        # A lost row has been told: that it changes the shape of its table is no second fault.
        lost = [place for place in lost if place.kind is not FeatureKind.TABLE]
        added = [place for place in added if place.kind is not FeatureKind.TABLE]
    findings = [*_other_kinds(lost, added), *_elsewhere(lost, added), *_damaged(lost, added)]
    findings += [finding_at(place, IDS[place.kind].missing, "is missing") for place in lost]
    return findings + [_surplus(place, expected) for place in added]


def _links_of_lost_definitions(pairing: Pairing) -> set[tuple[FeatureKind, str]]:
    """Without its definition a reference is no link: that is told where the definition stood."""
    return {
        _compared(replace(feature, kind=FeatureKind.LINK, value=match["address"]))
        for line in pairing.lost
        for feature in line.features
        if feature.kind is FeatureKind.DEFINITION and (match := _DEFINITION.match(feature.value))
    }


def _key(place: Place) -> tuple[FeatureKind, str]:
    return place.kind, place.value


def _held(match: Match) -> tuple[Counter[tuple[FeatureKind, str]], ...]:
    here, there = (
        Counter(_compared(feature) for line in lines for feature in line.features if feature.kind in IDS)
        for lines in (match.source, match.target)
    )
    return here, there


def _compared(feature: Feature) -> tuple[FeatureKind, str]:
    site = _SITE.fullmatch(feature.value) if feature.kind is FeatureKind.LINK else None
    return feature.kind, site[1] if site else feature.value


def _other_kinds(lost: list[Place], added: list[Place]) -> Iterator[Finding]:
    """An image that became a link, or a link that became an image, of the same address on the same line."""
    there = {(place.match, place.value): place for place in added if place.kind in _AMONG_OTHERS}
    found = [
        (place, there.pop((place.match, place.value)))
        for place in lost
        if place.kind in _AMONG_OTHERS and (place.match, place.value) in there
    ]
    _take(found, lost, added)
    for place, other in found:
        yield finding_at(place, IDS[place.kind].missing, f"became {_A[other.kind]}")


def _take(found: list[tuple[Place, Place]], lost: list[Place], added: list[Place]) -> None:
    """What is explained by one another is neither lost nor added: each of them goes once."""
    for places, gone in ((lost, Counter(one for one, _ in found)), (added, Counter(two for _, two in found))):
        left = []
        for place in places:
            if gone[place]:
                gone[place] -= 1
            else:
                left.append(place)
        places[:] = left


def _elsewhere(lost: list[Place], added: list[Place]) -> Iterator[Finding]:
    """Links and images that stand on the line of another item; two that changed places are one finding."""
    waiting: defaultdict[tuple[FeatureKind, str], list[Place]] = defaultdict(list)
    for place in added:
        if place.kind in _AMONG_OTHERS:
            waiting[place.kind, place.value].append(place)
    moves = [
        (place, waiting[place.kind, place.value].pop(0))
        for place in lost
        if waiting.get((place.kind, place.value))
    ]
    _take(moves, lost, added)
    ways = {(one.kind, one.match, two.match) for one, two in moves}
    told: set[tuple[FeatureKind, int, int]] = set()
    for one, two in moves:
        if (one.kind, two.match, one.match) in told:
            continue
        told.add((one.kind, one.match, two.match))
        exchanged = (one.kind, two.match, one.match) in ways
        name = IDS[one.kind].name
        message = (
            f"the {name}s of lines {one.source_line} and {two.source_line} have changed places, "
            f"beginning with {shown(one.value)}"
            if exchanged
            else f"the {name} {shown(one.value)} of line {one.source_line} stands on the line "
            f"that translates line {two.source_line}"
        )
        check = "img.order" if one.kind is FeatureKind.IMAGE else "seg.swapped"
        yield Finding(
            check, Severity.ERROR, message, source_line=one.source_line, target_line=two.target_line
        )


def _damaged(lost: list[Place], added: list[Place]) -> Iterator[Finding]:
    """What is lost and added on one line and nearly the same, or alone there."""
    surplus: defaultdict[tuple[int, FeatureKind], list[Place]] = defaultdict(list)
    for place in added:
        surplus[place.match, place.kind].append(place)
    counts = Counter((place.match, place.kind) for place in lost)
    found: list[tuple[Place, Place]] = []
    for place in lost:
        key = place.match, place.kind
        others = surplus[key]
        best = max(
            others[:_WITHIN_REACH], key=lambda other: _nearness(place.value, other.value), default=None
        )
        alone = counts[key] == len(others) == 1
        if best is not None and (alone or _nearness(place.value, best.value) >= _NEAR):
            others.remove(best)
            counts[key] -= 1
            found.append((place, best))
            became = f"became {shown(best.value, place.value)}"
            yield finding_at(place, IDS[place.kind].changed, became, best.value)
    _take(found, lost, added)


def _nearness(one: str, two: str) -> float:
    """From 0 to 1; long texts are compared by their beginnings, to stay linear."""
    return SequenceMatcher(None, one[:200], two[:200], autojunk=False).ratio()


def _surplus(place: Place, expected: Counter[tuple[FeatureKind, str]]) -> Finding:
    ids = IDS[place.kind]
    if ids.duplicate and expected[place.kind, place.value]:
        return finding_at(place, ids.duplicate, "stands here once more than in the source")
    return finding_at(place, ids.added, "is not in the source")
