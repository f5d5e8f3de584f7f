"""Lines that are lost, added, merged or moved, told item by item."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.item_numbers import number_findings
from weekly_translate.comparison.lines import Line, Shape
from weekly_translate.comparison.moves import move_findings
from weekly_translate.comparison.naming import named, segment_of
from weekly_translate.model import FeatureKind, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.comparison.matches import Match, Pairing


class _Parts(NamedTuple):
    """To which section and which item of its document each line belongs, by line number."""

    section: dict[int, int]
    item: dict[int, int]


def order_findings(source: Sequence[Line], target: Sequence[Line], pairing: Pairing) -> Iterator[Finding]:
    """What of the sequence of the source is not in the target's."""
    links = {value: line for line in target for value in line.values(FeatureKind.LINK)}
    groups = list(_grouped(pairing.lost, source))
    follower = {line.number: after for line, after in pairwise(source)}
    merged = {group[0].number for group in groups if _home(group[0], links)}
    for group in groups:
        after = follower.get(group[-1].number)
        if after is None or after.number not in merged or group[0].shape is not Shape.TEXT:
            yield _lost(group, links)
    for group in _grouped(pairing.added, target):
        yield _added(group)
    yield from move_findings(source, target, pairing.matches)
    for match in pairing.matches:
        yield from _merged(match)
    yield from number_findings(pairing)


def _grouped(lines: Sequence[Line], document: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines without a partner, in one group if they are one section or one item that is wholly without."""
    parts = _parts(document)
    gone = {line.number for line in lines}
    sections, items = _wholly(parts.section, gone), _wholly(parts.item, gone)
    led = _led(document, gone)

    def group_of(line: Line) -> int:
        section, item = parts.section[line.number], parts.item[line.number]
        if section in sections:
            return section
        return item if item in items or line.number in led else -line.number

    for _, group in groupby(lines, key=group_of):
        yield list(group)


def _parts(document: Sequence[Line]) -> _Parts:
    """Sections and items have the number of their first line; a section begins with a heading."""
    section, item = {}, {}
    this_section = this_item = 0
    for line in document:
        if line.shape is Shape.HEADING:
            this_section = this_item = line.number
        elif line.item or line.shape is Shape.TITLE:
            this_item = line.number
        section[line.number], item[line.number] = this_section, this_item
    return _Parts(section, item)


def _led(document: Sequence[Line], gone: set[int]) -> set[int]:
    """The lines of an item that are without a partner from its title on, whatever stands behind them."""
    led: set[int] = set()
    in_item = False
    for line in document:
        starts = line.item or line.shape is Shape.TITLE
        in_item = line.number in gone and line.shape is not Shape.HEADING and bool(in_item or starts)
        if in_item:
            led.add(line.number)
    return led


def _wholly(parts: dict[int, int], gone: set[int]) -> set[int]:
    return {part for part in parts.values() if part} - {
        part for line, part in parts.items() if line not in gone
    }


def _lost(group: list[Line], links: dict[str, Line]) -> Finding:
    first = group[0]
    other = _home(first, links)
    if other is not None:
        message = f"{named(group)} is merged into another: its link stands on line {other.number}"
        return Finding("seg.missing", Severity.ERROR, message, None, first.number, other.number)
    check = "seg.missing"
    if len(group) == 1:
        check = _bare_check(first, "img.missing", "code.missing", "url.missing", "md.heading-level") or check
    return Finding(check, Severity.ERROR, f"{named(group)} is missing", segment_of(first), first.number)


def _home(line: Line, links: dict[str, Line]) -> Line | None:
    """The line of the target that holds the link of a lost title: there its item has gone."""
    urls = line.values(FeatureKind.LINK) if line.shape is Shape.TITLE else []
    return next((links[url] for url in urls if url in links), None)


def _added(group: list[Line]) -> Finding:
    first, check = group[0], "seg.extra"
    if len(group) == 1:
        check = _bare_check(first, "img.added", "code.added", "url.added", "md.heading-level") or check
    message = f"{named(group)} is not in the source"
    return Finding(check, Severity.ERROR, message, None, None, first.number)


def _bare_check(line: Line, image: str, code: str, link: str, heading: str) -> str:
    """The id for a line that holds no words but an image, code or an address; or for a heading."""
    if line.shape is Shape.HEADING:
        return heading
    if line.shape is not Shape.BARE:
        return ""
    kinds = {
        FeatureKind.IMAGE: image,
        FeatureKind.CODE: code,
        FeatureKind.LINK: link,
        FeatureKind.HTML: "md.html",
        FeatureKind.DEFINITION: "md.reflink",
    }
    return next((kinds[feature.kind] for feature in line.features if feature.kind in kinds), "")


def _merged(match: Match) -> Iterator[Finding]:
    """Two lines that became one, or one that became two: an error where an item is lost by it."""
    if len(match.source) == len(match.target):
        return
    many, lines = ("source", match.source) if len(match.source) > 1 else ("target", match.target)
    numbers = " and ".join(str(line.number) for line in lines)
    at = match.source[0].number, match.target[0].number
    items = any(line.shape is Shape.TITLE for line in lines[1:])
    severity = Severity.ERROR if items else Severity.WARNING
    if many == "source":
        check = "seg.missing" if items else "md.skeleton"
        message = f"{'items' if items else 'paragraphs'} of lines {numbers} are merged into one"
    else:
        check = "seg.extra" if items else "md.skeleton"
        message = f"the line became two in the translation, {numbers}"
    yield Finding(check, severity, message, segment_of(match.source[0]), *at)
