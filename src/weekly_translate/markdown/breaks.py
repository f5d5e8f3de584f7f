"""A block's inline nodes -> its lines: a paragraph is translated line by line (D1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.markdown.tree import Node
from weekly_translate.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_ITEM_BELOW = re.compile(r"[\r\n][ \t>]*\d{1,3}、")


def lines_of(nodes: tuple[Node, ...], source: str) -> Iterator[tuple[Node, ...]]:
    """A paragraph is translated line by line: one compilation has a single paragraph of 384 items."""
    line: list[Node] = []
    for node in _without_stray_emphasis(nodes, source):
        if node.kind in ("softbreak", "linebreak"):
            if line:
                yield tuple(line)
            line = []
        else:
            line.append(node)
    if line:
        yield tuple(line)


def _without_stray_emphasis(nodes: tuple[Node, ...], source: str) -> Iterator[Node]:
    """Emphasis that reaches from one item into the next is two stray stars: taken as text."""
    for node in nodes:
        if node.kind in ("strong", "emphasis") and node.label and _ITEM_BELOW.search(source, *node.span):
            yield Node("text", Span(node.span.start, node.label.start))
            yield from _without_stray_emphasis(node.children, source)
            yield Node("text", Span(node.label.end, node.span.end))
        else:
            yield node
