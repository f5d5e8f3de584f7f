"""The lines of a document as they are compared, and which lines of two documents belong together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from weekly_translate.model import Feature, FeatureKind, Finding, Kind, Mark, Segment, Severity, Span, TagKind
from weekly_translate.text.emoji import emoji_in
from weekly_translate.text.lines import line_starts, shortened
from weekly_translate.text.marks import CIRCLED_NUMBER
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weekly_translate.model import Document
    from weekly_translate.text.numbers import Quantity

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_+#]*(?:[.-][A-Za-z0-9_+#]+)*|(?<!\d)\d+(?:\.\d+)+")
_FOOTNOTE = re.compile(r"[ \t]*(\[\^[^\]\s]+\]):")
_SITE = re.compile(r"://([^/\s]+)")
_FORM = re.compile(r"\A[ \t]*(>|[-*+](?=[ \t])|\|)")
"""The marker of a quote, a list item, a table row."""
_EMPHASIS = (TagKind.STRONG, TagKind.EMPHASIS, TagKind.STRIKE)
_KINDS = {
    FeatureKind.LINK: "url",
    FeatureKind.IMAGE: "url",
    FeatureKind.CODE: "code",
    FeatureKind.HTML: "html",
    FeatureKind.DEFINITION: "definition",
    FeatureKind.FOOTNOTE: "footnote",
}


class Shape(StrEnum):
    """The kind of a line, as far as it matters for alignment."""

    META = "meta"
    HEADING = "heading"
    TITLE = "title"
    TEXT = "text"
    CELL = "cell"
    BARE = "bare"
    """Nothing but images, code or HTML."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentLine:
    """A line of a document that holds something, from its first to its last line number."""

    number: int
    end: int
    shape: Shape
    words: str
    """The prose of its segments, alt texts aside."""
    segments: tuple[Segment, ...] = ()
    inner: tuple[Segment, ...] = ()
    """Alt texts and link titles, which stand inside other segments or inside tags."""
    features: tuple[Feature, ...] = ()
    marks: tuple[Mark, ...] = ()
    item: str = ""
    """The number of the item that begins here."""
    evidence: frozenset[str] = frozenset()
    """What a translation keeps: `url:…`, `site:…`, `code:…`, `word:…`, `number:…`, `emoji:…`."""
    emoji: tuple[str, ...] = ()
    """All of the line, also those beside the segments, of a heading, and of a code block."""

    def values(self, kind: FeatureKind) -> list[str]:
        """The features of a kind, in order."""
        return [feature.value for feature in self.features if feature.kind is kind]


def lines_of(document: Document, quantities: Callable[[str], list[Quantity]]) -> list[DocumentLine]:
    """The lines that hold a segment, a feature or a mark; `quantities` reads the numbers of a text."""
    starts = line_starts(document.text)
    outer, inner = _outer_and_inner(document.segments)
    ends = {segment.line: bisect_right(starts, segment.span.end - 1) for segment in outer}
    first = {line: start for start, end in ends.items() for line in range(start, end + 1)}
    segments, alts = _by_line(outer, first), _by_line(inner, first)
    features, marks = _by_line(document.features, first), _by_line(document.marks, first)
    lines = []
    for number in sorted(segments.keys() | alts.keys() | features.keys() | marks.keys()):
        held = segments.get(number, []), features.get(number, [])
        end = max([ends.get(number, number), *(number + feature.value.count("\n") for feature in held[1])])
        raw = document.text[starts[number - 1] : starts[end] if end < len(starts) else None]
        lines.append(
            DocumentLine(
                number,
                end,
                _shape(*held, _item(held[1], raw)),
                " ".join(prose_of(segment.text).strip() for segment in held[0]),
                tuple(held[0]),
                tuple(alts.get(number, ())),
                tuple(held[1]),
                tuple(marks.get(number, ())),
                _item(held[1], raw),
                _evidence(*held, raw, quantities),
                tuple(_emoji_in(raw, starts[number - 1], marks.get(number, ()))),
            )
        )
    return lines


def _outer_and_inner(segments: Iterable[Segment]) -> tuple[list[Segment], list[Segment]]:
    """The segments of the lines, and those that stand in an image, a link or another segment."""
    outer: list[Segment] = []
    inner: list[Segment] = []
    reached = Span(0, 0)
    for segment in segments:
        if segment.kind is Kind.ALT or segment.span.start < reached.end:
            inner.append(segment)
        else:
            outer.append(segment)
            reached = segment.span
    return outer, inner


def _emoji_in(raw: str, start: int, marks: Iterable[Mark]) -> Iterator[str]:
    """The emoji of a line but for those of its marks, such as `⭐2.6k`, which an edition writes anew."""
    spans = [mark.span for mark in marks]
    for at, sign in emoji_in(raw):
        if not any(span.start <= start + at < span.end for span in spans):
            yield sign


_Placed = TypeVar("_Placed", Segment, Feature, Mark)


def _by_line(placed: Iterable[_Placed], first: dict[int, int]) -> dict[int, list[_Placed]]:
    lines: defaultdict[int, list[_Placed]] = defaultdict(list)
    for value in placed:
        lines[first.get(value.line, value.line)].append(value)
    return dict(lines)


def _shape(segments: list[Segment], features: list[Feature], item: str) -> Shape:
    if any(feature.kind is FeatureKind.HEADING for feature in features):
        return Shape.HEADING
    if not segments:
        return Shape.BARE
    numbered_text = segments[0].kind is Kind.TEXT and item
    return Shape.TITLE if numbered_text else Shape(segments[0].kind)


def _item(features: list[Feature], raw: str) -> str:
    number = next((feature.value for feature in features if feature.kind is FeatureKind.ITEM), "")
    circled = CIRCLED_NUMBER.match(raw)
    return number or (circled[1] if circled else "")


def _evidence(
    segments: list[Segment], features: list[Feature], raw: str, quantities: Callable[[str], list[Quantity]]
) -> frozenset[str]:
    words = " ".join(without_tags(segment.text) for segment in segments)
    evidence = {f"{_KINDS[feature.kind]}:{feature.value}" for feature in features if feature.kind in _KINDS}
    evidence |= {f"site:{site}" for site in _SITE.findall(" ".join(evidence))}
    evidence |= {f"word:{word}" for word in _WORD.findall(words.lower())}
    evidence |= {f"note:{note[1]}" for note in [_FOOTNOTE.match(raw)] if note}
    evidence |= {f"form:{form[1]}" for form in _FORM.finditer(raw)}
    evidence |= {f"form:{tag.kind}" for segment in segments for tag in segment.tags if tag.kind in _EMPHASIS}
    evidence |= {f"emoji:{sign}" for _, sign in emoji_in(raw)}
    evidence |= {f"number:{quantity.value}" for quantity in quantities(words) if quantity.demanded}
    return frozenset(evidence)


_CAN_MERGE = (Shape.TEXT, Shape.TITLE)


def merged(first: DocumentLine, second: DocumentLine) -> DocumentLine | None:
    """What both lines hold, as one line; None where no translator would join them."""
    if first.shape not in _CAN_MERGE or first.shape is not second.shape:
        return None
    return replace(
        first,
        end=second.end,
        words=f"{first.words} {second.words}",
        segments=first.segments + second.segments,
        inner=first.inner + second.inner,
        features=first.features + second.features,
        marks=first.marks + second.marks,
        evidence=first.evidence | second.evidence,
    )


# --------------------------------------------------------------------------- which lines belong together


class Match(NamedTuple):
    """Lines that stand for one another; one side is a merged line where two became one."""

    source: tuple[DocumentLine, ...]
    target: tuple[DocumentLine, ...]
    gain: float = 0.0
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the lines of two documents belong together, each line in one place."""

    matches: tuple[Match, ...]
    """In the order of the source."""
    lost: tuple[DocumentLine, ...]
    added: tuple[DocumentLine, ...]


def finding_of(match: Match, check: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding on the first line of both sides."""
    here, there = match.source[0], match.target[0]
    return Finding(check, severity, message, segment_of(here), here.number, there.number)


def item_distance(source: str, target: str) -> int | None:
    """How far a number is off; None where one side has none, or another sort of number."""
    if source == target:
        return 0
    if source.isdecimal() and target.isdecimal():
        return int(target) - int(source)
    if len(source) == len(target) == 1:
        return ord(target) - ord(source)
    return None


# --------------------------------------------------------------------------- how messages name lines

_LONGEST_SHOWN = 40


def segment_of(line: DocumentLine) -> str | None:
    """The id of its first segment, if it has any."""
    return line.segments[0].id if line.segments else None


def named(group: list[DocumentLine]) -> str:
    """`item 5 “Flask tips” (lines 20 to 24)`."""
    first, last = group[0], group[-1]
    if first.shape is Shape.HEADING:
        what = "the section" if len(group) > 1 else "the heading"
    elif first.item:
        what = f"item {first.item}"
    elif first.shape is Shape.BARE:
        what = f"the {first.features[0].kind}" if first.features else "the line"
    else:
        what = "the title" if first.shape is Shape.TITLE else "the text"
    words = first.words or (first.features[0].value if first.features else "")
    shown = shortened(" ".join(words.split()), _LONGEST_SHOWN)
    lines = f"line {first.number}" if first is last else f"lines {first.number} to {last.number}"
    return f"{what} “{shown}” ({lines})"
