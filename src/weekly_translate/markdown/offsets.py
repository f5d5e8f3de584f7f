"""Where a character of a text that mistune has cut out of another text stands in the original source.

mistune keeps no positions, but it only ever changes the *front* of a line (quote marker, indent, tabs). So a
line of a child text, without its leading blanks, is a suffix of its parent's line, and one number per line is
enough to find every character again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SOURCE_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class AlignmentError(ValueError):
    """A line of a child text is not a suffix of its parent's line: mistune did something unknown."""


class LineMap(NamedTuple):
    """One entry a line: where it starts here, how many leading blanks it has got, where its core stands."""

    starts: list[int]
    blanks: list[int]
    originals: list[int]
    end: int

    def __call__(self, offset: int) -> int:
        """The offset in the original source."""
        line = bisect_right(self.starts, offset) - 1
        within = max(0, offset - self.starts[line] - self.blanks[line])
        return min(self.originals[line] + within, self.end)

    def is_straight(self, start: int, end: int) -> bool:
        """Whether a stretch is within the core of one line: its characters follow one another there too."""
        line = bisect_right(self.starts, start, hi=len(self.starts) - 1) - 1
        return start >= self.starts[line] + self.blanks[line] and end <= self.starts[line + 1]


def normalized(text: str, base: int) -> tuple[str, LineMap]:
    """`text` with the line ends that mistune wants, and the map back; `base` is added to every position."""
    starts, originals, lines = [], [], []
    here = there = 0
    for line in _SOURCE_LINE.findall(text):
        starts.append(here)
        originals.append(base + there)
        body = line.rstrip("\r\n")
        lines.append(body + "\n")
        here += len(body) + 1
        there += len(line)
    starts.append(here)
    originals.append(base + len(text))
    return "".join(lines), LineMap(starts, [0] * len(starts), originals, base + len(text))


def child_map(child: str, parent: str, position: int, parent_map: LineMap) -> LineMap:
    """The map of a child text whose first line is the parent's line at `position`."""
    starts, blanks, originals = [], [], []
    here = 0
    for line in _LINE.findall(child):
        body = line.removesuffix("\n")
        core = body.lstrip(" \t")
        line_end = parent.find("\n", position)
        line_end = len(parent) if line_end < 0 else line_end
        start = line_end - len(core)
        if start < position or not parent.startswith(core, start):
            message = f"{body!r} is not the end of {parent[position:line_end]!r}"
            raise AlignmentError(message)
        starts.append(here)
        blanks.append(len(body) - len(core))
        originals.append(parent_map(start))
        here += len(line)
        position = line_end + 1
    starts.append(here)
    blanks.append(0)
    originals.append(parent_map(min(position, len(parent))))
    return LineMap(starts, blanks, originals, parent_map.end)


class PieceMap(NamedTuple):
    """Positions in a block's text, which is made of pieces of its state's text."""

    starts: list[int]
    pieces: list[tuple[int, int]]
    lead: int
    lines: LineMap
    origin: int | None = None
    """Where the text begins in the source if all of it follows on there, as it does in most blocks."""

    def at(self, offset: int) -> int:
        """Where the character at `offset` begins in the source."""
        if self.origin is not None:
            return self.origin + offset
        offset += self.lead
        piece = max(bisect_right(self.starts, offset) - 1, 0)
        return self.lines(self.pieces[piece][0] + offset - self.starts[piece])

    def after(self, offset: int) -> int:
        """Where the character before `offset` ends in the source."""
        return self.at(offset - 1) + 1 if offset + self.lead > 0 else self.at(offset)


def piece_map(pieces: list[tuple[int, int]], lead: int, lines: LineMap) -> PieceMap:
    """The map of a block whose text begins `lead` characters into the joined `pieces`."""
    starts, here = [], 0
    for start, end in pieces:
        starts.append(here)
        here += end - start
    origin = lines(pieces[0][0]) + lead if len(pieces) == 1 and lines.is_straight(*pieces[0]) else None
    return PieceMap(starts, pieces, lead, lines, origin)
