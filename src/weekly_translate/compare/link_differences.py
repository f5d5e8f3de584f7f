"""What matched lines hold besides words: links, images, code, HTML, alt texts; each difference told once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.document import IDS, severity_of
from weekly_translate.compare.document_lines import LineShape, finding_of
from weekly_translate.compare.learn import alt_texts, names_its_file
from weekly_translate.model import FeatureKind, Finding, Segment, Severity
from weekly_translate.text.characters import has_han
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.compare.document_lines import Match, Pairing
    from weekly_translate.model import Feature

_NEAR = 0.6
"""The least likeness of two addresses of which one is the other, damaged."""
_WITHIN_REACH = 20
"""How many additions to a line are compared with each loss: a bound for lines with a thousand links."""
_AMONG_OTHERS = (FeatureKind.LINK, FeatureKind.IMAGE)
"""Kinds that are looked for on other lines too: a link under another title is a wrong link."""
_SITE = lazy_pattern(r"(https?://[^/?#]+)/", re.IGNORECASE)
"""The address of a whole site; the slash behind it says nothing (RFC 3986, 6.2.3)."""
_DEFINITION = lazy_pattern(r"\[[^\]]{1,1000}\]:\s{0,9}<?(?P<address>[^\s>]+)")
_A = {FeatureKind.LINK: "a link", FeatureKind.IMAGE: "an image"}
_LONGEST_SHOWN = 120
_LEVELS = (FeatureKind.HEADING, FeatureKind.ITEM)
_IDS = {kind: ids for kind, ids in IDS.items() if kind not in _LEVELS}
_IDS[FeatureKind.IMAGE] = _IDS[FeatureKind.IMAGE]._replace(changed="url.changed")
"""Of what a line holds; headings and the numbers of items are compared with the lines themselves."""


class Unmatched(NamedTuple):
    """Something that is on one side of a match only."""

    kind: FeatureKind
    value: str
    match: int
    source_line: int
    target_line: int


def link_differences(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost: list[Unmatched] = []
    added: list[Unmatched] = []
    expected: Counter[tuple[FeatureKind, str]] = Counter()
    for index, match in enumerate(pairing.matches):
        here, there = _held(match)
        lines = match.source[0].number, match.target[0].number
        lost += [Unmatched(kind, value, index, *lines) for kind, value in (here - there).elements()]
        added += [Unmatched(kind, value, index, *lines) for kind, value in (there - here).elements()]
        expected.update(here)
    told = {_compared(feature) for line in pairing.lost for feature in line.features}
    told |= {
        (FeatureKind.FOOTNOTE, token.removeprefix("note:"))  # without its text a footnote is no footnote
        for line in pairing.lost
        for token in line.evidence
        if token.startswith("note:")
    }
    told_links = _links_of_lost_definitions(pairing)
    told_links |= {key for key in told if key[0] is FeatureKind.FOOTNOTE}
    lost = [place for place in lost if _key(place) not in told_links]
    added = [place for place in added if _key(place) not in told]
    if any(line.shape is LineShape.CELL for line in (*pairing.lost, *pairing.added)):
        # A lost row has been told: that it changes the shape of its table is no second fault.
        lost = [place for place in lost if place.kind is not FeatureKind.TABLE]
        added = [place for place in added if place.kind is not FeatureKind.TABLE]
    findings = [*_other_kinds(lost, added), *_elsewhere(lost, added), *_damaged(lost, added)]
    findings += [_finding_at(place, _IDS[place.kind].missing, "is missing") for place in lost]
    return findings + [_surplus(place, expected) for place in added]


def _links_of_lost_definitions(pairing: Pairing) -> set[tuple[FeatureKind, str]]:
    """Without its definition a reference is no link: that is told where the definition stood."""
    return {
        _compared(replace(feature, kind=FeatureKind.LINK, value=match["address"]))
        for line in pairing.lost
        for feature in line.features
        if feature.kind is FeatureKind.DEFINITION and (match := _DEFINITION.match(feature.value))
    }


def _key(place: Unmatched) -> tuple[FeatureKind, str]:
    return place.kind, place.value


def _held(match: Match) -> tuple[Counter[tuple[FeatureKind, str]], ...]:
    sides = ([one for line in lines for one in line.features if one.kind in _IDS] for lines in match[:2])
    return tuple(Counter(map(_compared, side)) for side in sides)


def _compared(feature: Feature) -> tuple[FeatureKind, str]:
    site = _SITE.fullmatch(feature.value) if feature.kind is FeatureKind.LINK else None
    return feature.kind, site[1] if site else feature.value


def _other_kinds(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """An image that became a link, or a link that became an image, of the same address on the same line."""
    there = {(place.match, place.value): place for place in added if place.kind in _AMONG_OTHERS}
    found = [
        (place, there.pop((place.match, place.value)))
        for place in lost
        if place.kind in _AMONG_OTHERS and (place.match, place.value) in there
    ]
    _take(found, lost, added)
    for place, other in found:
        yield _finding_at(place, _IDS[place.kind].missing, f"became {_A[other.kind]}")


def _take(found: list[tuple[Unmatched, Unmatched]], lost: list[Unmatched], added: list[Unmatched]) -> None:
    """Remove explained pairs from what is lost and added, each of them once."""
    for places, gone in ((lost, Counter(one for one, _ in found)), (added, Counter(two for _, two in found))):
        left = []
        for place in places:
            if gone[place]:
                gone[place] -= 1
            else:
                left.append(place)
        places[:] = left


def _elsewhere(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """Links and images that stand on the line of another item; two that changed places are one finding."""
    waiting: defaultdict[tuple[FeatureKind, str], list[Unmatched]] = defaultdict(list)
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


def _damaged(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """What is lost and added on one line and nearly the same, or alone there."""
    surplus: defaultdict[tuple[int, FeatureKind], list[Unmatched]] = defaultdict(list)
    for place in added:
        surplus[place.match, place.kind].append(place)
    counts = Counter((place.match, place.kind) for place in lost)
    found: list[tuple[Unmatched, Unmatched]] = []
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
            became = f"became {_shown(best.value, place.value)}"
            found_ = _finding_at(place, _IDS[place.kind].changed, became, best.value)
            # A name such as `阿里云` is set as code, and has to be translated all the same.
            is_name = place.kind is FeatureKind.CODE and has_han(place.value) and not has_han(best.value)
            yield replace(found_, severity=Severity.INFO) if is_name and "\n" not in place.value else found_
    _take(found, lost, added)


def _nearness(one: str, two: str) -> float:
    """From 0 to 1; long texts are compared by their beginnings, to stay linear."""
    return SequenceMatcher(None, one[:200], two[:200], autojunk=False).ratio()


def _surplus(place: Unmatched, expected: Counter[tuple[FeatureKind, str]]) -> Finding:
    ids = _IDS[place.kind]
    if ids.duplicate and expected[place.kind, place.value]:
        return _finding_at(place, ids.duplicate, "stands here once more than in the source")
    return _finding_at(place, ids.added, "is not in the source")


def _finding_at(place: Unmatched, check: str, what: str, beside: str = "") -> Finding:
    """A finding on both lines; `beside` is the value that stands there instead."""
    message = f"the {_IDS[place.kind].name} {_shown(place.value, beside)} {what}"
    return Finding(check, severity_of(check), message, None, place.source_line, place.target_line)


def _shown(value: str, beside: str = "") -> str:
    """The value, not longer than a line; of a long one the part that differs from `beside`."""
    value, beside = " ".join(value.split()), " ".join(beside.split())
    if len(value) <= _LONGEST_SHOWN:
        return value
    start = next((i for i, pair in enumerate(zip(value, beside, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, min(start - 20, len(value) - _LONGEST_SHOWN))
    return "…" * bool(start) + value[start : start + _LONGEST_SHOWN - 2] + "…"


# --------------------------------------------------------------------------- alternative texts


def alt_findings(match: Match, source: str, target: str) -> Iterator[Finding]:
    """An alt text that is lost, invented, or but the name of the file; of images that both lines hold.

    `source` and `target` are the texts of the two documents.
    """
    here, there = dict(alt_texts(match.source, source)), dict(alt_texts(match.target, target))
    images = {address for line in match.target for address in line.values(FeatureKind.IMAGE)}
    for line in match.source:
        for address in line.values(FeatureKind.IMAGE):
            if address in images:
                key = f"alt {address}"
                if message := _fault(key, here.get(key), there.get(key)):
                    yield finding_of(match, "img.alt", message, Severity.WARNING)


def _fault(key: str, before: Segment | None, after: Segment | None) -> str:
    if before and not after:
        return "the alt text of the image is lost"
    if after and not before:
        return "the image has no alt text in the source"
    named = before and after and names_its_file(key, after) and not names_its_file(key, before)
    return "the alt text is the name of the file" if named else ""
