"""A parsed text: blocks and inline nodes by where they stand, features that it has to keep, limits."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import InputRefusedError
from weekly_translate.markdown.comments import code_without_comments
from weekly_translate.markdown.hidden import HiddenKind, compared, skeleton_of, within, without_texts
from weekly_translate.model import Feature, FeatureKind, Span
from weekly_translate.text.characters import (
    EMOJI,
    ITEM_NUMBER,
    LINE_END,
    bare_number,
    lazy_pattern,
    line_starts,
    lines_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.markdown.hidden import Hidden
    from weekly_translate.model import Dialect


# mistune keeps no positions, but it only ever changes the *front* of a line (quote marker, indent, tabs). So
# a line of a child text, without its leading blanks, is a suffix of its parent's line, and one number per
# line is enough to find every character again.


_LINE = lazy_pattern(r"[^\n]*\n|[^\n]+")


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

    def span(self, start: int, end: int) -> Span:
        """A stretch in the original source."""
        return Span(self(start), self(end))

    def is_straight(self, start: int, end: int) -> bool:
        """Whether a stretch is within the core of one line: its characters follow one another there too."""
        line = bisect_right(self.starts, start, hi=len(self.starts) - 1) - 1
        return start >= self.starts[line] + self.blanks[line] and end <= self.starts[line + 1]


def normalized(text: str, base: int) -> tuple[str, LineMap]:
    """`text` with the line ends that mistune wants, and the map back; `base` is added to every position."""
    src = LINE_END.sub("\n", text) if "\r" in text else text
    src += "" if src.endswith("\n") or not src else "\n"
    starts, end = line_starts(src), base + len(text)
    originals = [min(base + start, end) for start in (line_starts(text) if "\r" in text else starts)]
    originals += [end] * (len(starts) - len(originals))
    return src, LineMap(starts, [0] * len(starts), originals, end)


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
            # mistune did something unknown
            raise ValueError(f"{body!r} is not the end of {parent[position:line_end]!r}")
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

    def span(self, start: int, end: int) -> Span:
        """Where a stretch stands in the source: to behind its last character."""
        if self.origin is not None:
            return Span(self.origin + start, self.origin + end)
        first = self.at(start)
        return Span(first, max(first, self.at(end - 1) + 1) if end > start else first)


def piece_map(pieces: list[tuple[int, int]], lead: int, lines: LineMap) -> PieceMap:
    """The map of a block whose text begins `lead` characters into the joined `pieces`."""
    *starts, _ = accumulate((end - start for start, end in pieces), initial=0)
    origin = lines(pieces[0][0]) + lead if len(pieces) == 1 and lines.is_straight(*pieces[0]) else None
    return PieceMap(starts, pieces, lead, lines, origin)


# --------------------------------------------------------------------------- the parsed text


class Node(NamedTuple):
    """An inline node. `label` is what stands between its delimiters, `address` a destination as written."""

    kind: str
    span: Span
    label: Span | None = None
    address: Span | None = None
    title: Span | None = None
    url: str = ""
    reference: str | None = None
    """The label of a reference link, where the destination stands elsewhere."""
    children: tuple[Node, ...] = ()


class Block(NamedTuple):
    """A block without blocks in it."""

    kind: str
    span: Span
    level: int = 0
    raw: str = ""
    nodes: tuple[Node, ...] = ()
    in_order: bool = True
    """False where mistune has put together lines that do not follow one another."""
    too_dense: bool = False
    """Holds so many emphasis marks that mistune would take its time: not looked into."""


class Table(NamedTuple):
    """A table and its shape, rows x columns."""

    span: Span
    shape: str


class Tree(NamedTuple):
    """The blocks in source order, the tables, and footnote texts with their marks.

    `base` is where the front matter ends.
    """

    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    footnotes: tuple[Span, ...]
    hidden: tuple[Hidden, ...] = ()
    base: int = 0


def with_children(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Nodes and, after each, what is in it."""
    for node in nodes:
        yield node
        yield from with_children(node.children)


# --------------------------------------------------------------------------- features

_NODES = {
    "link": FeatureKind.LINK,
    "address": FeatureKind.LINK,
    "image": FeatureKind.IMAGE,
    "codespan": FeatureKind.CODE,
    "inline_html": FeatureKind.HTML,
    "footnote_ref": FeatureKind.FOOTNOTE,
}
_BLOCKS = {
    "block_code": FeatureKind.CODE,
    "block_html": FeatureKind.HTML,
    "definition": FeatureKind.DEFINITION,
    "container": FeatureKind.SYNTAX,
}
_LINE_START = lazy_pattern(
    r"""^[ \t>]* (?:[-*+][ \t]+)* (?:!\[(?:[^\]\\\n]|\\.)*\]\([^)\n]*\)[^\S\n]*)?  # markers, a glued image
        (?=\S)""",
    re.MULTILINE | re.VERBOSE,
)
_LONGEST_NUMBER = 200
"""No number of an item and what is around it is longer."""
_HEADING_EMOJI = lazy_pattern(rf"[\s\[*_]*((?:{EMOJI}\s*)+)")


def features_of(
    tree: Tree, source: str, line_of: Callable[[int], int], item: re.Pattern[str], dialect: Dialect
) -> tuple[Feature, ...]:
    """Every feature, sorted by where it stands. Numbers of items are those that `item` matches, too."""
    found = sorted(_features(tree, source, item, dialect), key=lambda feature: feature[0])
    return tuple(Feature(kind, value, line_of(offset), span) for offset, kind, value, span in found)


def _features(
    tree: Tree, source: str, item: re.Pattern[str], dialect: Dialect
) -> Iterator[tuple[int, FeatureKind, str, Span | None]]:
    for block in tree.blocks:
        if block.kind in _BLOCKS:
            yield block.span.start, _BLOCKS[block.kind], _raw(block, source, dialect), block.span
        if block.level:
            yield block.span.start, FeatureKind.HEADING, _heading(block, source), None
        for node in with_children(block.nodes):
            if node.kind in _NODES:
                yield node.span.start, _NODES[node.kind], *_value(node, source)
    for kind, value, span in _hidden(tree, source):
        yield span.start, kind, value, span
    for table in tree.tables:
        yield table.span.start, FeatureKind.TABLE, table.shape, None
    opaque = [block.span for block in tree.blocks if block.kind in _BLOCKS]
    for offset, number in _item_numbers(source, tree.base, item):
        if not _lies_in(opaque, offset):
            yield offset, FeatureKind.ITEM, number, None


def _raw(block: Block, source: str, dialect: Dialect) -> str:
    if block.kind == "block_code" and dialect.comments:
        return code_without_comments(source, block.span)
    skeleton = skeleton_of(source, block.span) if block.kind == "block_html" else ""
    return skeleton or block.raw.strip("\n")


def _hidden(tree: Tree, source: str) -> Iterator[tuple[FeatureKind, str, Span]]:
    """What is hidden in a text, and so not in code, an address or a tag."""
    for block in tree.blocks if tree.hidden else ():
        for node in with_children(block.nodes):
            for span, kind in within(tree.hidden, node.span) if node.kind == "text" else ():
                feature = FeatureKind.FORMULA if kind is HiddenKind.FORMULA else FeatureKind.SYNTAX
                yield feature, compared(source, span), span


def _item_numbers(source: str, base: int, item: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Where each number of an item stands, and the number."""
    for start in _LINE_START.finditer(source, base):
        line, _, _ = source[start.end() : start.end() + _LONGEST_NUMBER].partition("\n")
        match = ITEM_NUMBER.match(line) or item.match(line)
        if match and match.lastindex:
            yield start.end() + match.start(match.lastindex), bare_number(match[match.lastindex])


def _lies_in(spans: Sequence[Span], offset: int) -> bool:
    """Whether an offset is in one of the spans, which are sorted."""
    before = bisect_right(spans, offset, key=lambda span: span.start)
    return before > 0 and offset < spans[before - 1].end


def _value(node: Node, source: str) -> tuple[str, Span | None]:
    """What is compared of a node, and where its address is written if it has one."""
    if node.kind == "inline_html":
        return without_texts(source, node.span), node.span
    if node.kind not in ("link", "image", "address"):
        return source[slice(*node.span)], None
    start = source.find(node.url, *node.span) if node.kind == "address" else -1
    written = Span(start, start + len(node.url)) if start >= 0 else node.address
    return (source[slice(*node.address)] if node.address else node.url), written


def _heading(block: Block, source: str) -> str:
    """Level and emoji: `## 🦄`. An emoji counts where it leads the text, inside a link or not."""
    emoji = _HEADING_EMOJI.match(source[slice(*block.span)])
    return f"{'#' * block.level} {emoji[1].strip() if emoji else ''}".strip()


MAX_BYTES = 4_000_000
MAX_NESTING = 100
MAX_LINE = 1_000_000
MAX_SEGMENTS = 50_000
MAX_EMPHASIS = 3_000
"""Runs of `*` and `_` in one block: mistune resolves them in quadratic time."""
_MARKER = lazy_pattern(r"[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))")
_EMPHASIS = lazy_pattern(r"(?<!\\)[*_]+")


def refuse_what_is_too_much(text: str) -> None:
    """Raise `InputRefusedError` for a file that is too large, too wide or too deep."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise InputRefusedError(
            f"The file has {size:,} bytes; the limit is {MAX_BYTES:,}. Split it and translate the parts."
        )
    indents: list[int] = []
    for number, line in enumerate(lines_of(text), 1):
        if len(line) > MAX_LINE:
            raise InputRefusedError(
                f"Line {number} has {len(line):,} characters; the limit is {MAX_LINE:,}. Break it."
            )
        if (depth := _depth(line, indents)) > MAX_NESTING:
            raise InputRefusedError(
                f"Line {number} is nested {depth} levels deep; the limit is {MAX_NESTING}."
            )


def _depth(line: str, indents: list[int]) -> int:
    """The nesting of a line: its own markers, and the list items that its indent continues."""
    if not line.strip():
        return 0
    if line[0] not in " \t>-+*" and not line[0].isdigit():
        indents.clear()
        return 0
    indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))
    while indents and indents[-1] >= indent:
        indents.pop()
    markers, position = 0, 0
    while match := _MARKER.match(line, position):
        markers, position = markers + 1, match.end()
        if markers > MAX_NESTING:
            break
    if markers and not line.lstrip().startswith(">"):
        indents.append(indent)
        return len(indents) - 1 + markers
    return markers


def too_dense(text: str) -> bool:
    """Whether a block holds more emphasis marks than mistune can resolve in reasonable time."""
    return len(text) > MAX_EMPHASIS and len(_EMPHASIS.findall(text)) > MAX_EMPHASIS
