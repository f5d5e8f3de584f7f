"""A block's inline nodes -> its lines, and each line without the marks around its text (D2).

Item numbers, language notes, star counts and leading emoji are no words: no model has to see them. Three
quarters of all links of the newsletter are the whole segment, `1、[title](url) (英)`. What is taken off comes
back byte for byte, or as the edition writes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.markdown.tree import Node
from weekly_translate.model import MarkKind, Span
from weekly_translate.text.emoji import EMOJI
from weekly_translate.text.marks import ITEM, KEPT_NUMBER, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.text.marks import MarkPatterns

_ADMONITION = r"\s*:{3,}[ \t]*[A-Za-z-]*[ \t]*"
_KEPT = re.compile(rf"{_ADMONITION}|{KEPT_NUMBER}")
"""What stands before a title and stays byte for byte."""
_LEADING_EMOJI = re.compile(rf"\s*(?:{EMOJI}\s*)+")
_LONGEST_MARK = 200
"""No mark at the end of a line is longer. Its pattern, slow on much white space, sees only so much."""
_ITEM_BELOW = re.compile(rf"[\r\n][ \t>]*{ITEM}")
_CONTAINERS = ("strong", "emphasis", "strikethrough", "link")


class Peeled(NamedTuple):
    """What is left of a line: its nodes, the marks that were around them, and the link they were in."""

    nodes: tuple[Node, ...]
    marks: tuple[tuple[MarkKind, Span, str], ...] = ()
    images: tuple[Node, ...] = ()
    """Images that stood alone or glued to an item number: only their alt texts are translated."""
    link: Node | None = None
    is_title: bool = False


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


def peeled(nodes: tuple[Node, ...], source: str, marks: MarkPatterns) -> Peeled:
    """Take the marks off a line, outermost first."""
    line = _without_glued_image(Peeled(_trimmed(nodes, source)), source, marks.item)
    line = _without_item(line, source, marks.item)
    line = _without_trailing(line, source, marks.note, MarkKind.NOTE)
    line = _without_trailing(line, source, marks.stars, MarkKind.STARS)
    line = _without_trailing(line, source, marks.note, MarkKind.NOTE)
    while True:
        line = _without_emoji(line, source)
        if len(line.nodes) != 1:
            return line
        (node,) = line.nodes
        if node.kind == "image":
            return line._replace(nodes=(), images=(*line.images, node))
        if node.kind not in _CONTAINERS or node.label is None or (node.kind == "link" and not node.address):
            return line
        link = node if node.kind == "link" else line.link
        line = line._replace(
            nodes=_trimmed(node.children, source), link=link, is_title=line.is_title or link is not None
        )


def clipped(nodes: tuple[Node, ...], start: int, end: int) -> tuple[Node, ...]:
    """The nodes between two offsets; texts at the edges are cut."""
    kept = []
    for node in nodes:
        span = Span(max(node.span.start, start), min(node.span.end, end))
        if span.start < span.end:
            kept.append(node._replace(span=span) if node.kind == "text" and span != node.span else node)
    return tuple(kept)


def _trimmed(nodes: tuple[Node, ...], source: str) -> tuple[Node, ...]:
    if not nodes:
        return nodes
    start, end = nodes[0].span.start, nodes[-1].span.end
    text = source[start:end]
    if nodes[0].kind == "text":
        start += len(text) - len(text.lstrip())
    if nodes[-1].kind == "text":
        end -= len(text) - len(text.rstrip())
    return nodes if end - start == len(text) else clipped(nodes, start, end)


def _leading_text(nodes: tuple[Node, ...], source: str) -> str:
    return source[slice(*nodes[0].span)] if nodes and nodes[0].kind == "text" else ""


def _without_front(line: Peeled, length: int, source: str) -> Peeled:
    start = line.nodes[0].span.start + length
    return line._replace(nodes=_trimmed(clipped(line.nodes, start, line.nodes[-1].span.end), source))


def _without_glued_image(line: Peeled, source: str, item: re.Pattern[str]) -> Peeled:
    if (
        len(line.nodes) > 1
        and line.nodes[0].kind == "image"
        and item.match(_leading_text(line.nodes[1:], source))
    ):
        return line._replace(nodes=line.nodes[1:], images=(line.nodes[0],))
    return line


def _without_item(line: Peeled, source: str, item: re.Pattern[str]) -> Peeled:
    text = _leading_text(line.nodes, source)
    if match := item.match(text):
        start = line.nodes[0].span.start
        mark = (MarkKind.ITEM, Span(start + match.start(), start + match.end()), value_of(match))
        return _without_front(line, match.end(), source)._replace(marks=(mark,), is_title=True)
    if match := _KEPT.match(text):
        return _without_front(line, match.end(), source)._replace(is_title=True)
    return line


def _without_trailing(line: Peeled, source: str, pattern: re.Pattern[str], kind: MarkKind) -> Peeled:
    if not line.nodes or line.nodes[-1].kind != "text":
        return line
    start, end = line.nodes[-1].span
    start = max(start, end - _LONGEST_MARK)
    match = pattern.search(source[start:end])
    if match is None:
        return line
    cut = start + match.start()
    mark = (kind, Span(cut, start + match.end()), value_of(match))
    nodes = clipped(line.nodes, line.nodes[0].span.start, cut)
    return line._replace(nodes=_trimmed(nodes, source), marks=(*line.marks, mark))


def _without_emoji(line: Peeled, source: str) -> Peeled:
    match = _LEADING_EMOJI.match(_leading_text(line.nodes, source))
    return _without_front(line, match.end(), source) if match else line
