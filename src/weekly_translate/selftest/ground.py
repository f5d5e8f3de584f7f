"""A pair of documents as ground to sow faults in: the lines about which the comparison has nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.compared import compared, segment_check
from weekly_translate.comparison.lines import Shape, lines_of
from weekly_translate.comparison.pairing import paired
from weekly_translate.edition.blocks import selected
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Span, TagKind
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.english_numbers import english_quantities
from weekly_translate.text.lines import line_starts, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.comparison.compared import Rules
    from weekly_translate.comparison.lines import Line
    from weekly_translate.comparison.matches import Pairing
    from weekly_translate.model import Document, Finding, Pair, Segment


class Place(NamedTuple):
    """A line of the translation, the line that it translates, and its bytes in the document."""

    source: Line
    target: Line
    span: Span
    """From the first to the last character of the line, without what ends it."""


class Edit(NamedTuple):
    """A stretch of the translation and what stands there afterwards."""

    span: Span
    text: str


class Sown(NamedTuple):
    """A fault in one or more places of a translation."""

    what: str
    """For people: `1,200 -> 7,200`."""
    edits: tuple[Edit, ...]
    source_lines: tuple[int, ...]
    """Where it belongs in the source: the finding names one of these lines, or one that was edited."""


class Remembered:
    """The checks of a segment: a fault changes one line, and of the others nothing new is said."""

    def __init__(self, check: Callable[[Pair], list[Finding]]) -> None:
        self._check = check
        self._known: dict[Pair, list[Finding]] = {}

    def __call__(self, pair: Pair) -> list[Finding]:
        """The findings, on whichever line the translation stands now."""
        key = replace(pair, target_line=None)
        if key not in self._known:
            self._known[key] = self._check(key)
        return [replace(finding, target_line=pair.target_line) for finding in self._known[key]]


@dataclass(frozen=True, slots=True)
class Ground:
    """A pair, its rules, what is wrong with it anyway, and the lines that are good."""

    source: Document
    target: Document
    rules: Rules
    findings: tuple[Finding, ...]
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    """All lines of the translation, the good ones and the others."""
    checked: Remembered

    def raw(self, place: Place) -> str:
        """The line as it stands in the file."""
        return self.target.text[slice(*place.span)]


def ground_of(source: str, target: str, rules: Rules) -> Ground:
    """Compare two texts once; what is found then is taken for granted. Raises `InputRefusedError`."""
    here, there = (parse(text, every_line=True) for text in (source, target))
    checked = Remembered(segment_check(rules))
    findings = tuple(compared(here, there, rules, checked))
    lines = lines_of(there, english_quantities)
    pairing = paired(lines_of(here, chinese_quantities), lines)
    places = [
        place
        for place in _places(pairing, there.text, findings)
        if place.source.number not in selected(source, rules.allowed.dropped)
        and place.target.number not in selected(target, rules.allowed.inserted)
    ]
    return Ground(here, there, rules, findings, tuple(places), tuple(lines), checked)


def _places(pairing: Pairing, text: str, findings: tuple[Finding, ...]) -> Iterator[Place]:
    suspected = [{getattr(finding, side) for finding in findings} for side in ("source_line", "target_line")]
    before_a_loss = {  # what is invented there would stand for what is lost
        match.source[0].number
        for match, after in pairwise(pairing.matches)
        for line in pairing.lost
        if match.source[0].number < line.number < after.source[0].number
    }
    starts = line_starts(text)
    for match in pairing.matches:
        here, there = match.source[0], match.target[0]
        if match.moved or len(match.source) != 1 or len(match.target) != 1 or here.shape is Shape.META:
            continue
        if here.number in before_a_loss:
            continue
        if not any(_meets(line, lines) for line, lines in zip((here, there), suspected, strict=True)):
            end = starts[there.end] if there.end < len(starts) else len(text)
            start = starts[there.number - 1]
            yield Place(here, there, Span(start, start + len(text[start:end].rstrip("\r\n"))))


def _meets(line: Line, lines: set[int | None]) -> bool:
    return any(number in lines for number in range(line.number, line.end + 1))


def plain(segment: Segment, document: Document, *, code: str = " ") -> str:
    """The words of a segment where they stand in the file; markup is blank, and code is the given sign."""
    start = segment.span.start
    signs = list(document.text[slice(*segment.span)])
    for tag in segment.tags:
        if tag.kind is TagKind.CODE and tag.closing:
            signs[tag.opening.start - start : tag.closing.end - start] = code * (
                tag.closing.end - tag.opening.start
            )
        for span in (tag.opening, tag.closing):
            if span and not (code != " " and tag.kind is TagKind.CODE):
                signs[span.start - start : span.end - start] = " " * (span.end - span.start)
    return "".join(signs)


def is_whole(span: Span, segment: Segment) -> bool:
    """Whether no tag of the segment is cut in two by a stretch of the document."""
    for tag in segment.tags:
        inside = [
            span.start <= edge.start and edge.end <= span.end for edge in (tag.opening, tag.closing) if edge
        ]
        outside = [
            edge.end <= span.start or span.end <= edge.start for edge in (tag.opening, tag.closing) if edge
        ]
        around = tag.closing and tag.opening.end <= span.start and span.end <= tag.closing.start
        if not (all(inside) or all(outside)) or (around and tag.kind is TagKind.CODE):
            return False
    return True


def is_bare(span: Span, segment: Segment) -> bool:
    """Whether a stretch of the document holds words only, no tag of the segment."""
    return all(
        (tag.closing or tag.opening).end <= span.start or span.end <= tag.opening.start
        for tag in segment.tags
    )


def sown(ground: Ground, place: Place, span: Span, text: str, what: str = "") -> Sown:
    """One edit in one place."""
    old = ground.target.text[slice(*span)]
    before, after = (shortened(" ".join(words.split()), 50) for words in (old, text))
    return Sown(what or f"{before} -> {after}", (Edit(span, text),), (place.source.number,))
