"""What is left of a document once its edition has taken lines away: the rest is neither asked nor checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.model import Passage, PassageKind, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from weekly_translate.edition.seams import Seam
    from weekly_translate.model import Document, Segment


def remaining(
    document: Document, covered: Collection[int], seams: Iterable[Seam], cut: Segment | None
) -> Document:
    """The document without what stands on covered lines, but for the segment that is left of the title."""
    spans = [seam.span for seam in seams]
    segments = tuple(
        cut if cut is not None and one.id == cut.id else one
        for one in document.segments
        if one.line not in covered or (cut is not None and one.id == cut.id)
    )
    free = [cut.span] if cut is not None else []
    passages = [
        *(
            Passage(span, one.kind)
            for one in document.passages
            for span in _without(one.span, [*spans, *free])
        ),
        *(Passage(span, PassageKind.EDITION) for seam in spans for span in _without(seam, free)),
    ]
    return replace(
        document,
        segments=segments,
        passages=tuple(sorted(passages, key=lambda passage: passage.span)),
        marks=tuple(mark for mark in document.marks if mark.line not in covered),
        features=tuple(feature for feature in document.features if feature.line not in covered),
        findings=tuple(finding for finding in document.findings if finding.source_line not in covered),
    )


def _without(span: Span, others: Sequence[Span]) -> Iterator[Span]:
    """The parts of a stretch that lie in none of the others."""
    start = span.start
    for other in sorted(one for one in others if one.start < span.end and span.start < one.end):
        if start < other.start:
            yield Span(start, other.start)
        start = max(start, other.end)
    if start < span.end:
        yield Span(start, span.end)
