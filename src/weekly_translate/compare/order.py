"""What is lost, added, merged, moved or renumbered, told item by item."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.checks.document import IDS
from weekly_translate.compare.document_lines import (
    DocumentLine,
    LineShape,
    finding_of,
    named,
    parts_of,
    segment_of,
)
from weekly_translate.model import FeatureKind, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.compare.document_lines import Match, Pairing

_BARE_KINDS = (
    FeatureKind.IMAGE,
    FeatureKind.CODE,
    FeatureKind.LINK,
    FeatureKind.HTML,
    FeatureKind.DEFINITION,
)


def order_findings(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], pairing: Pairing
) -> Iterator[Finding]:
    """What of the sequence of the source is not in the target's."""
    links = {value: line for line in target for value in line.values(FeatureKind.LINK)}
    kept = {line.number for match in pairing.matches for line in match.source}
    met = {line.number for match in pairing.matches for line in match.target}
    groups = list(_grouped(pairing.lost, source, kept))
    follower = {line.number: after for line, after in pairwise(source)}
    merged = {group[0].number for group in groups if _home(group[0], links)}
    for group in groups:
        after = follower.get(group[-1].number)
        if after is None or after.number not in merged or group[0].shape is not LineShape.TEXT:
            yield _lost(group, links)
    for group in _grouped(pairing.added, target, met):
        yield _added(group)
    yield from _move_findings(pairing.matches)
    for match in pairing.matches:
        yield from _merged(match)
    yield from _number_findings(target, pairing.matches)


def _grouped(
    lines: Sequence[DocumentLine], document: Sequence[DocumentLine], kept: set[int]
) -> Iterator[list[DocumentLine]]:
    """Lines without a partner; one group where they follow one another in a section. `kept` lines have one.

    What is left of an item is a group of its own, and so is a heading whose section is not wholly gone.
    """
    sections = {number: part.section for number, part in parts_of(document).items()}
    left = {sections[number] for number in kept}
    gone = {line.number for line in lines}
    compared = [line.number for line in document if line.number in gone or line.number in kept]
    follower = dict(pairwise(compared))
    group: list[DocumentLine] = []
    for line in lines:
        if group and not (
            follower.get(group[-1].number) == line.number
            and sections[line.number] == sections[group[0].number]
            and (_starts(group[0]) or not _starts(line))
            and (group[0].shape is not LineShape.HEADING or group[0].number not in left)
        ):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _starts(line: DocumentLine) -> bool:
    """Whether an item or a section begins here."""
    return bool(line.item) or line.shape in (LineShape.TITLE, LineShape.HEADING)


def _lost(group: list[DocumentLine], links: dict[str, DocumentLine]) -> Finding:
    first = group[0]
    other = _home(first, links)
    if other is not None:
        message = f"{named(group)} is merged into another: its link stands on line {other.number}"
        return Finding("seg.missing", Severity.ERROR, message, None, first.number, other.number)
    check = _check_of(group) or "seg.missing"
    return Finding(check, Severity.ERROR, f"{named(group)} is missing", segment_of(first), first.number)


def _home(line: DocumentLine, links: dict[str, DocumentLine]) -> DocumentLine | None:
    """The line of the target that holds the link of a lost title: there its item has gone."""
    urls = line.values(FeatureKind.LINK) if line.shape is LineShape.TITLE else []
    return next((links[url] for url in urls if url in links), None)


def _added(group: list[DocumentLine]) -> Finding:
    first = group[0]
    check = _check_of(group, added=True) or "seg.extra"
    message = f"{named(group)} is not in the source"
    return Finding(check, Severity.ERROR, message, None, None, first.number)


def _check_of(group: Sequence[DocumentLine], *, added: bool = False) -> str:
    """The id that all lines of a group have in common, if they hold no words."""
    checks = {_bare_check(line, added=added) for line in group}
    section = group[0].shape is LineShape.HEADING and len(group) > 1
    return checks.pop() if len(checks) == 1 and not section else ""


def _bare_check(line: DocumentLine, *, added: bool = False) -> str:
    """The id for a heading, or for a line that holds no words but an image, code or an address."""
    if line.shape is LineShape.HEADING:
        return IDS[FeatureKind.HEADING].missing
    kinds = [feature.kind for feature in line.features if feature.kind in _BARE_KINDS]
    if line.shape is not LineShape.BARE or not kinds:
        return ""
    ids = IDS[kinds[0]]
    return ids.added if added and kinds[0] is not FeatureKind.DEFINITION else ids.missing


def _merged(match: Match) -> Iterator[Finding]:
    """Two lines that became one, or one that became two: an error where an item is lost by it."""
    if len(match.source) == len(match.target):
        return
    joined = len(match.source) > 1
    lines = match.source if joined else match.target
    numbers = " and ".join(str(line.number) for line in lines)
    message = f"lines {numbers} are merged into one" if joined else f"the line became two, {numbers}"
    if any(line.shape is LineShape.TITLE for line in lines[1:]):
        yield finding_of(match, "seg.missing" if joined else "seg.extra", message)
    else:
        yield finding_of(match, "md.skeleton", message, Severity.WARNING)


# --------------------------------------------------------------------------- moved lines

_SURE = ("url:", "code:", "html:", "definition:", "footnote:", "note:")
_NEAR = 4
"""Lines whose numbers differ by so much at most belong to one passage that was moved."""


def _move_findings(matches: Sequence[Match]) -> Iterator[Finding]:
    """Lines that stand elsewhere; neighbors that moved together are told once, and so is an exchange."""
    homes = _homes(matches)
    told: set[int] = set()
    for run in _moved_runs(matches):
        first = run[0]
        if homes[first.target[0].number] in told:
            continue
        lines = [match.source[0] for match in run]
        told |= {line.number for line in lines}
        message = f"{named(lines)} stands in another place: line {first.target[0].number}"
        images = all(line.shape is LineShape.BARE and line.values(FeatureKind.IMAGE) for line in lines)
        severity = Severity.ERROR if images or any(map(_is_known, run)) else Severity.WARNING
        yield finding_of(first, "img.order" if images else "seg.swapped", message, severity)


def _is_known(match: Match) -> bool:
    """Whether lines share what no other line is likely to have: likeness alone may be mistaken."""
    shared = match.source[0].evidence & match.target[0].evidence
    return any(token.startswith(_SURE) for token in shared)


def _moved_runs(matches: Iterable[Match]) -> list[list[Match]]:
    """The moved matches, those together that are neighbors on both sides, but for a line between them."""
    runs: list[list[Match]] = []
    for match in (match for match in matches if match.moved):
        last = runs[-1][-1] if runs else match
        ways = ((match.source, last.source), (match.target, last.target))
        if all(0 < lines[0].number - before[-1].end <= _NEAR for lines, before in ways):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _homes(matches: Sequence[Match]) -> dict[int, int]:
    """For each line of the target the line of the source that would stand there if none had moved."""
    source = (match.source[0].number for match in matches)
    return dict(zip(sorted(match.target[0].number for match in matches), source, strict=True))


# --------------------------------------------------------------------------- item numbers


def _number_findings(target: Sequence[DocumentLine], matches: Iterable[Match]) -> Iterator[Finding]:
    """Items that have neither the number of their source nor the one after the item before them."""
    met = {match.target[0]: match for match in matches if not match.moved}
    before = ""
    for line in target:
        before = "" if line.shape is LineShape.HEADING and not line.item else before
        match = met.get(line)
        here = match.source[0] if match else line
        if match and here.item != line.item and not _follows(line.item, before):
            if here.item and line.item:
                yield finding_of(match, "md.item-number", f"item {here.item} became {line.item}")
            elif here.is_item or line.is_item:
                numbers = here.item or "without a number", line.item or "a line without a number"
                yield finding_of(match, "md.item-number", f"item {numbers[0]} became {numbers[1]}")
        before = line.item or before


def _follows(number: str, before: str) -> bool:
    """Whether a number is the one after another, or the first: `3` after `2`, `②` after `①`."""
    if not before:
        return number in ("1", "①")
    if number.isdecimal() and before.isdecimal():
        return int(number) == int(before) + 1
    return len(number) == len(before) == 1 and ord(number) == ord(before) + 1
