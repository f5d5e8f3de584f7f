"""How much of a document the memory has served, in characters: as a whole and section by section."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import FeatureKind, Kind
from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from weekly_translate.model import Document, Segment


class Share(NamedTuple):
    """A section by its heading, and the share of its characters that were known, from 0 to 1."""

    heading: str
    share: float


def share_of(segments: Iterable[Segment], known: Collection[str]) -> float:
    """The share of the characters in segments with these ids; 0 for no segments."""
    lengths = {segment.id: len(segment.text) for segment in segments}
    served = sum(length for id_, length in lengths.items() if id_ in known)
    return served / sum(lengths.values()) if served else 0.0


def shares_of_sections(document: Document, known: Collection[str]) -> list[Share]:
    """By the highest level of headings that occurs more than once: the issues of a compilation."""
    lines = _section_lines(document)
    names = {one.line: without_tags(one.text) for one in document.segments if one.kind is Kind.HEADING}
    sections: dict[int, list[Segment]] = {line: [] for line in lines}
    for segment in document.segments:
        if place := bisect_right(lines, segment.line):
            sections[lines[place - 1]].append(segment)
    return [
        Share(names.get(line, f"line {line}"), share_of(held, known))
        for line, held in sections.items()
        if held
    ]


def _section_lines(document: Document) -> list[int]:
    levels: dict[int, list[int]] = {}
    for feature in document.features:
        if feature.kind is FeatureKind.HEADING:
            levels.setdefault(len(feature.value.split(" ")[0]), []).append(feature.line)
    return next((levels[level] for level in sorted(levels) if len(levels[level]) > 1), [])
