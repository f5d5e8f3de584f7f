"""Text in columns, measured in the cells of a terminal: a Chinese character takes two."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


class Styled(NamedTuple):
    """A part of a line and how it looks.

    A severity, `place`, `difference`, `gone`, `new`, `dim`, or plain.
    """

    text: str
    style: str = ""


class Marked(NamedTuple):
    """A part of a text that looks different."""

    span: Span
    style: str = "difference"


Line = tuple[Styled, ...]
_NOT_FIRST = "«，。、；：！？）】》」』”’…"
"""What does not begin a row."""


def cells(text: str) -> int:
    """How many cells a text takes."""
    return sum(map(_width, text))


def table_of(rows: Iterable[Sequence[str]], *, right: Collection[int] = (), gap: str = "  ") -> str:
    """The lines of a table, from its rows: columns are as wide as their widest cell.

    The columns with the numbers `right` are aligned to the right.
    """
    columns = [_filled(column, right=at in right) for at, column in enumerate(zip(*rows, strict=True))]
    return "".join(f"{gap.join(row).rstrip()}\n" for row in zip(*columns, strict=True))


def ranges(numbers: Iterable[int]) -> str:
    """`1-3, 7` for 1, 2, 3 and 7."""
    runs = groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0])
    ends = [(run[0][1], run[-1][1]) for run in (list(group) for _, group in runs)]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def beside(left: Sequence[Line], right: Sequence[Line], *, width: int, gap: str) -> list[Line]:
    """Two columns; the left one is filled up to `width` cells."""
    return [
        (*here, Styled(" " * (width - sum(cells(piece.text) for piece in here)) + gap, "dim"), *there)
        for here, there in zip_longest(left, right, fillvalue=())
    ]


def wrapped(text: str, marked: Sequence[Marked], *, width: int) -> list[Line]:
    """A text in rows of at most `width` cells, broken at spaces and between Chinese characters."""
    borders = [0, *_breaks(text, width), len(text)]
    return [_row(text, Span(start, end), marked) for start, end in pairwise(borders) if end > start]


def _filled(column: Sequence[str], *, right: bool) -> list[str]:
    width = max(map(cells, column))
    spaces = [" " * (width - cells(cell)) for cell in column]
    return [space + cell if right else cell + space for cell, space in zip(column, spaces, strict=True)]


def _breaks(text: str, width: int) -> list[int]:
    breaks: list[int] = []
    used, possible, used_there = 0, 0, 0
    for index, character in enumerate(text):
        size = _width(character)
        if used + size > width and character != " ":
            at_word = possible > (breaks[-1] if breaks else 0)
            breaks.append(possible if at_word else index)
            used -= used_there if at_word else used
            possible = breaks[-1]
        used += size
        if character == " " or (size == 2 and text[index + 1 : index + 2] not in _NOT_FIRST):
            possible, used_there = index + 1, used
    return breaks


def _row(text: str, row: Span, marked: Sequence[Marked]) -> Line:
    """The pieces of a row, without the space at its end."""
    end = row.start + len(text[slice(*row)].rstrip())
    pieces: list[Styled] = []
    position = row.start
    for span, style in marked:
        start, stop = max(span.start, row.start), min(span.end, end)
        if start < stop:
            pieces += [Styled(text[position:start]), Styled(text[start:stop], style)]
            position = stop
    return tuple(piece for piece in (*pieces, Styled(text[position:end])) if piece.text)


@lru_cache(maxsize=8_192)
def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
