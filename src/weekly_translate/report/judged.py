"""What the checks say about a pair of files, as the reports see it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import FeatureKind, Kind, MarkKind, Severity
from weekly_translate.text.characters import lines_of
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Document, Finding

_LINK = lazy_pattern(r"\[([^\[\]]*)\]\([^()\s]*\)")
_BETWEEN = " › "
_LOWEST_HEADING = 7


@dataclass(frozen=True, slots=True)
class Side:
    """One file of a pair: its name, its lines, and under which item each of them stands."""

    name: str
    text: str
    lines: tuple[str, ...]
    places: tuple[tuple[int, str], ...] = ()
    """The first line of each place, in order, and what the place is called."""

    def line(self, number: int | None) -> str:
        """The text of a line, which counts from 1; empty for what is no line of the file."""
        return self.lines[number - 1] if number and number <= len(self.lines) else ""

    def place(self, number: int) -> str:
        """Headings and item that a line stands under: `🦄 Articles › 3. Title`; empty above the first."""
        index = bisect_right(self.places, number, key=lambda place: place[0])
        return self.places[index - 1][1] if index else ""


class Suppressed(NamedTuple):
    """A finding that somebody has looked at and wants silent, and the reason that was given."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of files and what is left to say about it."""

    source: Side
    target: Side
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = field(default=())

    def count(self, severity: Severity) -> int:
        """The findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def side_of(name: str, document: Document) -> Side:
    """A file as the reports see it."""
    lines = tuple(lines_of(document.text))
    return Side(name, document.text, lines, tuple(_places(document, lines)))


def _places(document: Document, lines: Sequence[str]) -> Iterable[tuple[int, str]]:
    """The trail of headings, and below it the item, from each heading and each title on."""
    levels = {
        feature.line: len(feature.value) - len(feature.value.lstrip("#"))
        for feature in document.features
        if feature.kind is FeatureKind.HEADING
    }
    items = {
        mark.line: document.text[slice(*mark.span)].strip()
        for mark in document.marks
        if mark.kind is MarkKind.ITEM
    }
    trail: dict[int, str] = {}
    for segment in document.segments:
        words = " ".join(without_tags(segment.text).split())
        if segment.kind is Kind.HEADING:
            level = levels.get(segment.line, 1)
            heading = _LINK.sub(r"\1", lines[segment.line - 1].strip("#> \t"))  # with its emoji
            trail = {upper: name for upper, name in trail.items() if upper < level} | {level: heading}
        elif segment.kind is Kind.TITLE:
            item = items.get(segment.line, "")
            gap = " " if item.endswith((".", ")")) else ""
            trail = trail | {_LOWEST_HEADING: f"{item}{gap}{words}"}
        else:
            continue
        yield segment.line, _BETWEEN.join(trail.values())
