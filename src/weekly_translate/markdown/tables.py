"""Where the cells of a table stand: mistune's own cell rule, with positions."""

from __future__ import annotations

from typing import Any


def mark_cells(table: dict[str, Any], src: str, start: int) -> None:
    """Give each cell token of a table that begins at `start` its `_pieces`."""
    head, body = table["children"]
    for number, row in enumerate([head, *body["children"]]):
        if number == 1:
            start = _line_end(src, start) + 1  # the delimiter row
        end = _line_end(src, start)
        texts = [cell["text"] for cell in row["children"]]
        for cell, piece in zip(row["children"], _pieces(src, start, end, texts), strict=True):
            cell["_pieces"] = [piece]
        start = end + 1


def _line_end(src: str, start: int) -> int:
    end = src.find("\n", start)
    return len(src) if end < 0 else end


def _pieces(src: str, start: int, end: int, texts: list[str]) -> list[tuple[int, int]]:
    """The cells between the outer pipes, or of the whole line where there are none."""
    while end > start and src[end - 1] in " \t":
        end -= 1
    inner = start + len(src[start:end]) - len(src[start:end].lstrip(" "))
    candidates = [_cells(src, start, end)]
    if src.startswith("|", inner) and src.endswith("|", inner, end):
        candidates.insert(0, _cells(src, inner + 1, end - 1))
    for cells in candidates:
        if [src[a:b] for a, b in cells] == texts:
            return cells
    message = f"the cells {texts!r} are not found in {src[start:end]!r}"
    raise AssertionError(message)


def _cells(src: str, start: int, end: int) -> list[tuple[int, int]]:
    cells, cell_start, escaped = [], start, False
    for position in range(start, end + 1):
        if position == end or (src[position] == "|" and not escaped):
            cells.append(_stripped(src, cell_start, position))
            cell_start = position + 1
        escaped = position < end and src[position] == "\\" and not escaped
    return cells


def _stripped(src: str, start: int, end: int) -> tuple[int, int]:
    while start < end and src[start].isspace():
        start += 1
    while end > start and src[end - 1].isspace():
        end -= 1
    return start, end
