"""Text -> the blocks and inline nodes that mistune sees, each with its exact span in the source.

mistune is the only parser (D1). Front matter is not Markdown to it and is cut off before: `base` is
where the Markdown begins.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import mistune
from mistune.helpers import parse_link_href, parse_link_title
from mistune.plugins import import_plugin
from mistune.plugins.table import table_in_list, table_in_quote

from weekly_translate.markdown.blocks import TrackedBlocks, TrackedState
from weekly_translate.markdown.guards import too_dense
from weekly_translate.markdown.inline import TrackedInline, add_addresses
from weekly_translate.markdown.lines import PieceMap, normalized, piece_map
from weekly_translate.model import Span

_PLUGINS = ("strikethrough", "table", "task_lists", "footnotes")
_BLANK = " \r\n\t\f"


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


@dataclass(frozen=True, slots=True)
class Tree:
    """The blocks in source order, the defined labels, the tables, and footnote texts with their marks."""

    blocks: tuple[Block, ...]
    labels: frozenset[str]
    tables: tuple[Table, ...]
    footnotes: tuple[Span, ...]


@cache
def _markdown() -> mistune.Markdown:
    markdown = mistune.Markdown(renderer=None, block=TrackedBlocks(), inline=TrackedInline())
    for name in _PLUGINS:
        import_plugin(name)(markdown)
    table_in_list(markdown)
    table_in_quote(markdown)
    add_addresses(markdown.inline)
    return markdown


def tree_of(text: str, base: int = 0) -> Tree:
    """Parse `text[base:]`; every span is an offset into `text`."""
    markdown = _markdown()
    state = TrackedState()
    src, state.lines = normalized(text[base:], base)
    state.process(src)
    markdown.block.parse(state)
    for hook in markdown.before_render_hooks:
        hook(markdown, state)
    reader = _Reader(markdown)
    reader.read(state.tokens, state)
    blocks = sorted(reader.blocks, key=lambda block: block.span)
    labels = frozenset(state.env["ref_links"])
    return Tree(tuple(blocks), labels, tuple(reader.tables), tuple(reader.footnotes))


@dataclass(slots=True)
class _Reader:
    markdown: mistune.Markdown
    blocks: list[Block] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    footnotes: list[Span] = field(default_factory=list)

    def read(self, tokens: list[dict[str, Any]], state: TrackedState) -> None:
        """Collect the blocks of a state and, deeper, of its children."""
        for token in tokens:
            if "text" in token:
                self.blocks.append(self._text_block(token, state))
            elif "children" in token:
                if token["type"] == "table":
                    self.tables.append(Table(_mapped(token["_span"], state), _shape(token)))
                elif token["type"] == "footnote_definition":
                    self.footnotes.append(_mapped(token["_span"], state))
                children = token["children"]
                self.read(children, state.env.get("_states", {}).get(id(children), state))
            elif "_span" in token and token["type"] != "blank_line":
                span = _mapped(token["_span"], state)
                self.blocks.append(Block(token["type"], span, raw=token.get("raw", "")))

    def _text_block(self, token: dict[str, Any], state: TrackedState) -> Block:
        pieces, raw = token["_pieces"], token["text"]
        length = sum(end - start for start, end in pieces)
        body = raw.strip(_BLANK)
        # A task list has dropped its box from the front: the text is the end of the pieces.
        lead = length - len(raw) + (len(raw) - len(raw.lstrip(_BLANK)) if body else 0)
        where = piece_map(pieces, lead, state.lines)
        start = where.at(0)
        span = Span(start, where.after(len(body)) if body else start)
        dense = too_dense(body)
        nodes = () if dense else _nodes(self.markdown.inline(body, state.env), body, where)
        in_order = all(before[1] == after[0] for before, after in itertools.pairwise(pieces))
        level = (token.get("attrs") or {}).get("level", 0)
        return Block(token["type"], span, level, nodes=nodes, in_order=in_order, too_dense=dense)


def _shape(table: dict[str, Any]) -> str:
    head, body = table["children"]
    return f"{len(body['children']) + 1}x{len(head['children'])}"


def _mapped(span: tuple[int, int], state: TrackedState) -> Span:
    return Span(state.lines(span[0]), state.lines(span[1]))


def _nodes(tokens: list[dict[str, Any]], src: str, where: PieceMap) -> tuple[Node, ...]:
    return tuple(_node(token, src, where) for token in tokens if "_span" in token)


def _node(token: dict[str, Any], src: str, where: PieceMap) -> Node:
    start, end = token["_span"]
    kind = token["type"]
    after = where.at(end) if kind in ("softbreak", "linebreak") else where.after(end)
    span = Span(where.at(start), max(after, where.at(start)))
    if kind in ("link", "image") and "_label" not in token:
        return Node("address", span, url=token["attrs"]["url"])
    label = _label(token, where)
    children = _nodes(token.get("children", []), src, where)
    if kind not in ("link", "image"):
        return Node(kind, span, label, children=children)
    url = token["attrs"]["url"]
    if "ref" in token:
        return Node(kind, span, label, url=url, reference=token["label"], children=children)
    address, title = _destination(src, Span(token["_label"][1] + 2, end - 1), url, where)
    return Node(kind, span, label, address, title, url, children=children)


def _label(token: dict[str, Any], where: PieceMap) -> Span | None:
    if "_label" not in token:
        return None
    start, end = token["_label"]
    return Span(where.at(start), where.after(end) if end > start else where.at(start))


def _destination(src: str, inside: Span, url: str, where: PieceMap) -> tuple[Span, Span | None]:
    """The spans of the destination and, with its quotes, of the title that stand in the parentheses."""
    start = inside.start
    if url and src[start : inside.end] == url:  # as nearly always: nothing to be read a second time
        return Span(where.at(start), where.after(inside.end)), None
    href, end = parse_link_href(src, start)
    assert href is not None
    assert end is not None
    _, title_end = parse_link_title(src, end, len(src))
    last = end - 1 if src[start:end].lstrip().startswith("<") else end
    first = last - len(href)
    address = Span(where.at(first), where.after(last) if href else where.at(first))
    if not title_end:
        return address, None
    title_start = end + len(src[end:title_end]) - len(src[end:title_end].lstrip(_BLANK))
    return address, Span(where.at(title_start), where.after(title_end))
