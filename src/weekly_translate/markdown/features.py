"""What a document has to keep: its links, images, code, headings, items, in source order."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from weekly_translate.markdown.tree import with_children
from weekly_translate.model import Feature, FeatureKind, Span
from weekly_translate.text.emoji import EMOJI
from weekly_translate.text.marks import ITEM_NUMBER, bare_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.markdown.tree import Block, Node, Tree

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
}
_LINE_START = re.compile(
    r"""^[ \t>]* (?:[-*+][ \t]+)* (?:!\[(?:[^\]\\\n]|\\.)*\]\([^)\n]*\)[^\S\n]*)?  # markers, a glued image
        (?=\S)""",
    re.MULTILINE | re.VERBOSE,
)
_LONGEST_NUMBER = 200
"""No number of an item and what is around it is longer."""
_HEADING_EMOJI = re.compile(rf"[\s\[*_]*((?:{EMOJI}\s*)+)")


def features_of(
    tree: Tree, source: str, line_of: Callable[[int], int], item: re.Pattern[str]
) -> tuple[Feature, ...]:
    """Every feature, sorted by where it stands. Numbers of items are those that `item` matches, too."""
    found: list[tuple[int, Feature]] = []

    def note(kind: FeatureKind, value: str, offset: int, span: Span | None = None) -> None:
        found.append((offset, Feature(kind, value, line_of(offset), span)))

    opaque = [block.span for block in tree.blocks if block.kind in _BLOCKS]
    for block in tree.blocks:
        if block.kind in _BLOCKS:
            note(_BLOCKS[block.kind], block.raw.strip("\n"), block.span.start)
        if block.level:
            note(FeatureKind.HEADING, _heading(block, source), block.span.start)
        for node in with_children(block.nodes):
            if node.kind in _NODES:
                value = _value(node, source)
                note(_NODES[node.kind], value, node.span.start, node.address or _bare(node, value, source))
    for table in tree.tables:
        note(FeatureKind.TABLE, table.shape, table.span.start)
    for offset, number in _item_numbers(source, item):
        if not _lies_in(opaque, offset):
            note(FeatureKind.ITEM, number, offset)
    return tuple(feature for _, feature in sorted(found, key=lambda entry: entry[0]))


def _item_numbers(source: str, item: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Where each number of an item stands, and the number."""
    for start in _LINE_START.finditer(source):
        line, _, _ = source[start.end() : start.end() + _LONGEST_NUMBER].partition("\n")
        match = ITEM_NUMBER.match(line) or item.match(line)
        if match and match.lastindex:
            yield start.end() + match.start(match.lastindex), bare_number(match[match.lastindex])


def _lies_in(spans: Sequence[Span], offset: int) -> bool:
    """Whether an offset is in one of the spans, which are sorted."""
    before = bisect_right(spans, offset, key=lambda span: span.start)
    return before > 0 and offset < spans[before - 1].end


def _value(node: Node, source: str) -> str:
    if node.kind in ("link", "image", "address"):
        return source[slice(*node.address)] if node.address else node.url
    return source[slice(*node.span)]


def _bare(node: Node, address: str, source: str) -> Span | None:
    """Where an address is written that stands in the text as it is."""
    start = source.find(address, *node.span) if node.kind == "address" else -1
    return Span(start, start + len(address)) if start >= 0 else None


def _heading(block: Block, source: str) -> str:
    """Level and emoji: `## 🦄`. An emoji counts where it leads the text, inside a link or not."""
    emoji = _HEADING_EMOJI.match(source[slice(*block.span)])
    return f"{'#' * block.level} {emoji[1].strip() if emoji else ''}".strip()
