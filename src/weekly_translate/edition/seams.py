"""Where lines go and texts come: stretches of the source that change, a blank line between blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.lines import line_starts, lines_of
from weekly_translate.model import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

HOLE = "\x00"
"""Stands in a text where the words of the title go, which are still to be translated."""


class Inserted(NamedTuple):
    """A text that stands before a line; one more than there are is the end of the document."""

    line: int
    text: str


class Seam(NamedTuple):
    """A stretch of whole lines between two that stay, `after` the line of that number, and its new text."""

    span: Span
    after: int
    text: str


def seams_of(text: str, covered: Collection[int], inserted: Iterable[Inserted]) -> Iterator[Seam]:
    """Every stretch in which a line goes or a text comes, with the blank lines around it."""
    starts = [*line_starts(text), len(text)]
    lines = lines_of(text)
    kept = [number for number, line in enumerate(lines, 1) if line.strip() and number not in covered]
    waiting = sorted(inserted, key=lambda one: one.line)
    for before, after in zip([0, *kept], [*kept, len(lines) + 1], strict=True):
        texts = [one.text for one in waiting if before < one.line <= after]
        if not texts and not any(number in covered for number in range(before + 1, after)):
            continue
        span = Span(starts[before], starts[after - 1])
        ends = (before == 0, after > len(lines))
        tight = after - before > 1 and all(lines[number - 1].strip() for number in range(before + 1, after))
        seam = _between(texts, *ends, is_tight=tight and not any(ends))
        yield Seam(span, before, _newline_before(text, span.start, seam) + seam)


def seam_texts(
    seams: Iterable[Seam], text: str, fixed: Mapping[Span, str], hole: Span | None
) -> dict[Span, str]:
    """The new text of each stretch, in the line ends of the source; around `hole` it comes in two parts."""
    newline = "\r\n" if "\r\n" in text else "\n"
    texts: dict[Span, str] = {}
    for seam in seams:
        parts = seam.text.replace("\n", newline).split(HOLE, 1)
        if hole is not None and len(parts) > 1:
            texts[Span(seam.span.start, hole.start)] = parts[0]
            texts[Span(hole.end, seam.span.end)] = parts[1]
        else:
            texts[seam.span] = fixed.get(seam.span, "") + parts[0]
    return texts


def _between(texts: list[str], is_first: bool, is_last: bool, *, is_tight: bool) -> str:  # noqa: FBT001 - two ends, in order
    """The new lines. Where there was no blank line around the old ones, there is none around these."""
    body = "\n\n".join(text.strip("\n") for text in texts)
    if not body:
        return "" if is_first or is_last or is_tight else "\n"
    blank = "" if is_tight else "\n"
    return f"{'' if is_first else blank}{body}\n{'' if is_last else blank}"


def _newline_before(text: str, start: int, seam: str) -> str:
    """A last line without an end gets one, before something follows it."""
    return "\n" if seam and start and text[start - 1] not in "\r\n" else ""
