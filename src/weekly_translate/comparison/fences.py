"""Text that a translation shows as code: a fence around it, as models set one around their answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.aligning import Aligned, aligned
from weekly_translate.comparison.lines import Line, Shape
from weekly_translate.comparison.naming import segment_of
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Document, FeatureKind, Finding, Severity
from weekly_translate.text.lines import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.comparison.matches import Match, Pairing

_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[^`\n]*\n?")


class Unfenced(NamedTuple):
    """A translation without the fences around its texts."""

    blocks: tuple[Line, ...]
    target: Document
    aligned: Aligned


def unfenced(source: Document, target: Document, allowed: Allowances) -> Unfenced:
    """Take away the fences in which texts of the source are found, and compare what stood in them."""
    before = aligned(source, target, allowed)
    blocks = _strange_blocks(before.pairing, target)
    while blocks:
        opened = parse(_without_fences(target, blocks), every_line=True)
        after = aligned(source, opened, allowed)
        found = [block for block in blocks if any(_holds(block, after.pairing))]
        if found == blocks and _misfits(after.pairing) < _misfits(before.pairing):
            return Unfenced(tuple(blocks), opened, after)
        blocks = found if found != blocks else []
    return Unfenced((), target, before)


def _strange_blocks(pairing: Pairing, document: Document) -> list[Line]:
    """The fenced blocks of a translation for which the source has no code: they may be texts of it."""
    starts = line_starts(document.text)
    strange = [*pairing.added]
    for match in pairing.matches:
        if not any(line.values(FeatureKind.CODE) for line in match.source):
            strange += match.target
    return [
        line
        for line in strange
        if line.shape is Shape.BARE
        and line.values(FeatureKind.CODE)
        and _FENCE.fullmatch(_raw(document.text, starts, line.number))
    ]


def _without_fences(document: Document, blocks: Iterable[Line]) -> str:
    """The text with the first and the last line of the blocks empty; all other lines stay where they are."""
    starts = line_starts(document.text)
    lines = [_raw(document.text, starts, number) for number in range(1, len(starts) + 1)]
    for block in blocks:
        for number in (block.number, _last(block, lines)):
            lines[number - 1] = lines[number - 1][len(lines[number - 1].rstrip("\r\n")) :]
    return "".join(lines)


def _raw(text: str, starts: Sequence[int], number: int) -> str:
    return text[starts[number - 1] : starts[number] if number < len(starts) else len(text)]


def _last(block: Line, lines: Sequence[str]) -> int:
    """The line of the closing fence; a fence that is never closed ends with the text."""
    number = block.number + 1
    while number < len(lines) and not _FENCE.fullmatch(lines[number - 1]):
        number += 1
    return min(number, len(lines))


def _misfits(pairing: Pairing) -> int:
    """Lines without a partner, or with one of another shape."""
    shapes = sum(match.source[0].shape is not match.target[0].shape for match in pairing.matches)
    return len(pairing.lost) + len(pairing.added) + shapes


def _holds(block: Line, pairing: Pairing) -> Iterator[Match]:
    last = block.number + block.values(FeatureKind.CODE)[0].count("\n") + 1
    return (match for match in pairing.matches if block.number <= match.target[0].number <= last)


def fence_findings(blocks: Iterable[Line], pairing: Pairing) -> Iterator[Finding]:
    """One for each block, beside the first line of the source that was found in it."""
    for block in blocks:
        source = next(_holds(block, pairing)).source[0]
        message = "the text is inside a code fence: it would be shown as code"
        yield Finding(
            "llm.fence-wrap", Severity.ERROR, message, segment_of(source), source.number, block.number
        )
