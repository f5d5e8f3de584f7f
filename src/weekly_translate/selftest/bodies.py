"""The running texts of a pair and their sentences, in which faults of wording are sown."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.selftest.ground import is_bare, plain
from weekly_translate.text.chinese import han_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Segment
    from weekly_translate.selftest.ground import Ground, Place

_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
SHORTEST = 30
"""The fewest characters of a sentence that could be missed."""


def bodies(ground: Ground) -> Iterator[tuple[Place, Segment]]:
    """Lines that are one running text, in both languages."""
    for place in ground.places:
        if len(place.target.segments) == len(place.source.segments) == 1:
            segment = place.target.segments[0]
            if segment.kind == "text" and han_count(place.source.words) >= 20:
                yield place, segment


def sentences(segment: Segment, ground: Ground) -> list[Span]:
    """The sentences of a segment in the file, each with the space behind it."""
    words = plain(segment, ground.target, code="x")
    borders = [0, *(match.end() for match in _END.finditer(words)), len(words)]
    start = segment.span.start
    return [Span(start + one, start + two) for one, two in pairwise(borders)]


def whole_sentences(spans: list[Span], segment: Segment, ground: Ground) -> list[Span]:
    """Sentences of some length that hold no tag, nothing that looks like one, and no half of a bracket."""
    text = ground.target.text
    return [
        span
        for span in spans
        if span.end - span.start >= SHORTEST
        and is_bare(span, segment)
        and "<" not in text[slice(*span)]
        and text.count("(", *span) == text.count(")", *span)
    ]


def followed(spans: list[Span], segment: Segment) -> list[Span]:
    """The sentences behind which another one does not stand inside a tag; the last one always."""
    return [span for span in spans[:-1] if is_bare(Span(span.end, span.end), segment)] + spans[-1:]
