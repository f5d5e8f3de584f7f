"""Text -> the blocks and inline nodes that mistune sees, each with its exact span in the source.

mistune keeps no positions, so its parsers are subclassed: every override calls the original and writes down
where it stands; the grammar stays mistune's. This is the only module that imports mistune or relies on how it
works inside. `_prove` parses a small document first and refuses a mistune that would give wrong positions.

Tokens get private keys:

- `_span`: start and end of a token in the text of its state (blocks) or in the text handed in (inline);
- `_pieces`: for a block with text, the stretches of its state's text that, joined, end with that text;
- `_label`: the stretch between the delimiters of emphasis, a link or an image.

Front matter is not Markdown and is cut off before: `base` says where the Markdown begins.
"""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import mistune

from weekly_translate.errors import UsageError
from weekly_translate.markdown.hidden import (
    CONTAINER,
    DEFINITION,
    ENCODED_FILLER,
    FILLER,
    body_below,
    masked,
    title_of,
)
from weekly_translate.markdown.tree import (
    MAX_NESTING,
    Block,
    LineMap,
    Node,
    PieceMap,
    Table,
    Tree,
    child_map,
    normalized,
    piece_map,
    too_dense,
    with_children,
)
from weekly_translate.model import Span
from weekly_translate.text.characters import HAN, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping, Sequence
    from re import Match, Pattern

    from weekly_translate.markdown.hidden import Body, Hidden

WORKS_WITH = "mistune>=3.4,<3.5"
"""The versions that give the positions needed here, as pip takes them."""


def _unsuitable(reason: object) -> UsageError:
    return UsageError(
        f"The Markdown parser mistune {mistune.__version__} does not give the positions of what it reads "
        f"({reason}). Install a version that does: pip install '{WORKS_WITH}'"
    )


try:
    from mistune.block_parser import BlockParser
    from mistune.core import BlockState, InlineState
    from mistune.helpers import parse_link_href, parse_link_title
    from mistune.inline_parser import InlineParser
    from mistune.plugins import import_plugin
    from mistune.plugins.table import table_in_list, table_in_quote
    from mistune.plugins.url import parse_url_link
except ImportError as error:
    raise _unsuitable(error) from error

Token = dict[str, Any]
_PLUGINS = ("strikethrough", "table", "task_lists", "footnotes")
_BLANK = " \r\n\t\f"


# --------------------------------------------------------------------------- parsing, and its proof


@cache
def _markdown() -> mistune.Markdown:
    markdown = mistune.Markdown(renderer=None, block=TrackedBlocks(), inline=TrackedInline())
    for name in _PLUGINS:
        import_plugin(name)(markdown)
    table_in_list(markdown)
    table_in_quote(markdown)
    markdown.inline.register("url_link", _ADDRESS, parse_url_link)
    markdown.inline.register("auto_link", _BRACKETED_ADDRESS, InlineParser.parse_auto_link)
    parser = markdown.block
    for name, pattern, parse in (
        ("container", CONTAINER, _parse_container),
        ("definition_text", DEFINITION, _parse_definition),
    ):
        parser.register(name, pattern, parse, before="fenced_code")
        for rules in (parser.block_quote_rules, parser.list_rules):
            parser.insert_rule(rules, name, before="fenced_code")
    return markdown


def tree_of(text: str, base: int = 0, hidden: Sequence[Hidden] = ()) -> Tree:
    """Parse `text[base:]`, but for what is hidden; every span is an offset into `text`.

    Raises `UsageError` where the installed mistune is not one that the positions can be had from.
    """
    _prove()
    if not hidden:
        return _tree(text, base)
    tree = _tree(masked(text, hidden), base)
    return tree._replace(blocks=tuple(_shown(block, text) for block in tree.blocks), hidden=tuple(hidden))


def _shown(block: Block, text: str) -> Block:
    """The block with what the source has in place of the filler."""
    raw = text[slice(*block.span)] if FILLER in block.raw or ENCODED_FILLER in block.raw else block.raw
    return block._replace(raw=raw)


def _tree(text: str, base: int = 0) -> Tree:
    markdown = _markdown()
    state = TrackedState()
    src, state.lines = normalized(text[base:], base)
    state.process(src)
    markdown.block.parse(state)
    for hook in markdown.before_render_hooks:
        hook(markdown, state)
    reader = _Reader()
    reader.read(state.tokens, state)
    blocks = sorted(reader.blocks, key=lambda block: block.span)
    return Tree(tuple(blocks), tuple(reader.tables), tuple(reader.footnotes), base=base)


_SPECIMEN = """\
# 题 `码` ~~删~~
段*落* <b>

[名](u '题')
\\*

- > 引**粗**
- [x] ![图](<i>)

| 表 | `格` |
|---|---|
| https://a.b | [注][r] |

[r]: /u

[^1]: 脚
  [^1]
"""
_POSITIONS = r"""
heading '题 `码` ~~删~~', text '题 ', codespan '`码`', text ' ', strikethrough '~~删~~' '删', text '删'
paragraph '段*落* <b>', text '段', emphasis '*落*' '落', text '落', text ' ', inline_html '<b>'
paragraph "[名](u '题')\n\\*", link "[名](u '题')" '名' 'u' "'题'", text '名', softbreak '\n', text '\\*'
paragraph '引**粗**', text '引', strong '**粗**' '粗', text '粗'
block_text '![图](<i>)', image '![图](<i>)' '图' 'i', text '图'
table_cell '表', text '表'
table_cell '`格`', codespan '`格`'
table_cell 'https://a.b', address 'https://a.b'
table_cell '[注][r]', link '[注][r]' '注', text '注'
definition '[r]: /u\n'
paragraph '脚\n  [^1]', text '脚', softbreak '\n  ', footnote_ref '[^1]'
"""
"""Its blocks, each with its nodes; of each the text at its span, label, address and title."""


@cache
def _prove() -> None:
    """Parse a small document that holds one of everything. Raises `UsageError` where a position is wrong."""
    try:
        found = list(_described(_tree(_SPECIMEN)))
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _unsuitable(f"{type(error).__name__}: {error}") from error
    for line, expected in itertools.zip_longest(found, _POSITIONS.strip().splitlines()):
        if line != expected:
            raise _unsuitable(f"{line} instead of {expected}")


def _described(tree: Tree) -> Iterator[str]:
    for block in tree.blocks:
        line = f"{block.kind} {_SPECIMEN[slice(*block.span)]!r}"
        for kind, *spans, _, _, _ in with_children(block.nodes):
            line += f", {kind} " + " ".join(repr(_SPECIMEN[slice(*part)]) for part in spans if part)
        yield line


# --------------------------------------------------------------------------- tokens to blocks and nodes


@dataclass(slots=True)
class _Reader:
    blocks: list[Block] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    footnotes: list[Span] = field(default_factory=list)

    def read(self, tokens: list[Token], state: TrackedState) -> None:
        """Collect the blocks of a state and, deeper, of its children."""
        for token in tokens:
            if "text" in token:
                self.blocks.append(_text_block(token, state))
            elif "children" in token:
                if token["type"] == "table":
                    head, body = token["children"]
                    shape = f"{len(body['children']) + 1}x{len(head['children'])}"
                    self.tables.append(Table(state.lines.span(*token["_span"]), shape))
                elif token["type"] == "footnote_definition":
                    self.footnotes.append(state.lines.span(*token["_span"]))
                children = token["children"]
                self.read(children, state.env.get("_states", {}).get(id(children), state))
            elif "_span" in token and token["type"] != "blank_line":
                span = state.lines.span(*token["_span"])
                self.blocks.append(Block(token["type"], span, raw=token.get("raw", "")))


def _text_block(token: Token, state: TrackedState) -> Block:
    pieces, raw = token["_pieces"], token["text"]
    length = sum(end - start for start, end in pieces)
    body = raw.strip(_BLANK)
    # A task list has dropped its box from the front: the text is the end of the pieces.
    lead = length - len(raw.lstrip(_BLANK) if body else raw)
    where = piece_map(pieces, lead, state.lines)
    span, dense = where.span(0, len(body)), too_dense(body)
    nodes: tuple[Node, ...] = (Node("text", span),) if body and not dense else ()
    if nodes and _TRIGGER.search(body):
        nodes = _nodes(_markdown().inline(body, state.env), body, where)
    in_order = len(pieces) == 1 or all(a[1] == b[0] for a, b in itertools.pairwise(pieces))
    level = (token.get("attrs") or {}).get("level", 0)
    return Block(token["type"], span, level, nodes=nodes, in_order=in_order, too_dense=dense)


def _nodes(tokens: list[Token], src: str, where: PieceMap) -> tuple[Node, ...]:
    return tuple(_node(token, src, where) for token in tokens if "_span" in token)


def _node(token: Token, src: str, where: PieceMap) -> Node:
    kind, (start, end) = token["type"], token["_span"]
    span = where.span(start, end)
    if kind in ("softbreak", "linebreak"):  # to where the next line begins
        return Node(kind, Span(span.start, max(where.at(end), span.start)))
    if kind in ("link", "image") and "_label" not in token:
        return Node("address", span, url=token["attrs"]["url"])
    label = where.span(*token["_label"]) if "_label" in token else None
    children = _nodes(token.get("children", []), src, where)
    if kind not in ("link", "image"):
        return Node(kind, span, label, children=children)
    url = token["attrs"]["url"]
    if "ref" in token:
        return Node(kind, span, label, url=url, reference=token["label"], children=children)
    address, title = _destination(src, Span(token["_label"][1] + 2, end - 1), url, where)
    return Node(kind, span, label, address, title, url, children=children)


def _destination(src: str, inside: Span, url: str, where: PieceMap) -> tuple[Span, Span | None]:
    """The spans of the destination and, with its quotes, of the title that stand in the parentheses."""
    if url and src[slice(*inside)] == url:  # as nearly always: nothing to be read a second time
        return where.span(*inside), None
    href, end = parse_link_href(src, inside.start)
    assert href is not None
    assert end is not None
    last = end - 1 if src[inside.start : end].lstrip().startswith("<") else end
    address = where.span(last - len(href), last)
    _, title_end = parse_link_title(src, end, len(src))
    if not title_end:
        return address, None
    return address, where.span(title_end - len(src[end:title_end].lstrip(_BLANK)), title_end)


# --------------------------------------------------------------------------- mistune's block parser

_MARKER = lazy_pattern(r"[ \t]*(?:[*+-]|\d{1,9}[.)])")


class TrackedState(BlockState):
    """A block state that knows where its text comes from."""

    lines: LineMap
    child_start: int | None = None
    """Where in `src` the first line of the next child stands (quotes, footnotes)."""
    item_start: int = 0
    """The marker line of the list item that is being collected."""

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> BlockState:
        """Map the child's lines to this state's lines."""
        child = super().child_state(src, lazy_line_starts)
        assert isinstance(child, TrackedState)
        start, self.child_start = self.child_start, None
        if start is None:
            start = self._item_text_start()
        child.lines = child_map(src, self.src, start, self.lines)
        self.env.setdefault("_states", {})[id(child.tokens)] = child
        return child

    def _item_text_start(self) -> int:
        start = self.item_start
        line_end = self.src.find("\n", start)
        marker = _MARKER.match(self.src, start)
        if marker is None or not self.src[marker.end() : line_end].strip():
            start = line_end + 1  # a marker alone on its line: the text begins on the next
        self.item_start = self.src.rfind("\n", 0, max(self.cursor - 1, 0)) + 1
        return start

    def add_paragraph(self, text: str) -> None:
        """Remember where the new line of a paragraph stands."""
        piece = (self.cursor, self.cursor + len(text))
        super().add_paragraph(text)
        self.tokens[-1].setdefault("_pieces", []).append(piece)

    def append_paragraph(self) -> int | None:
        """Remember where a continuation line stands."""
        start = self.cursor
        end = super().append_paragraph()
        if end is not None:
            self.tokens[-1].setdefault("_pieces", []).append((start, end))
        return end


class TrackedBlocks(BlockParser):
    """A block parser whose tokens carry `_span` or `_pieces`."""

    state_cls = TrackedState

    def __init__(self) -> None:
        """Allow as much nesting as `limits` lets through."""
        super().__init__(max_nested_level=MAX_NESTING + 1)

    def parse_method(self, m: Match[str], state: BlockState) -> int | None:
        """Give every token that a rule adds the span that the rule consumed."""
        assert isinstance(state, TrackedState)
        start, before = m.start(), len(state.tokens)
        last = state.last_token()
        end = super().parse_method(m, state)
        if not end:
            return end
        # A quote or list that another block ended has that block parsed inside its own call.
        inner = [t["_span"][0] for t in state.tokens[before:] if "_span" in t and t["_span"][0] > start]
        for token in state.tokens[max(before - 1, 0) :]:
            if token is not last and "_span" not in token:
                token["_span"] = (start, min(inner, default=end))
                if token["type"] == "table":
                    _mark_cells(token, state.src, start)
        continues = last and last["type"] == "paragraph" and last["_pieces"][-1][1] == end
        if m.lastgroup == "ref_link" and not continues:
            href, _ = parse_link_href(state.src, m.end(), block=True, max_nested_level=self.max_nested_level)
            raw = f"[{m['reflink_1']}]: {href}"
            state.append_token({"type": "definition", "raw": raw, "_span": (m.start(), end)})
        elif m.lastgroup == "ref_footnote":
            self._add_footnote(m, state, end)
        return end

    def _add_footnote(self, m: Match[str], state: TrackedState, end: int) -> None:
        """Mistune throws footnote texts away until it renders: parse them here, in their place."""
        first, *others = m["footnote_text"].split("\n")
        body = [first.lstrip(" \t"), *(line.lstrip(" ") if line.strip() else "" for line in others)]
        state.child_start = m.start("footnote_text")
        child = state.child_state("\n".join(body))
        self.parse(child, self.list_rules)
        token = {"type": "footnote_definition", "children": child.tokens, "_span": (m.start(), end)}
        state.append_token(token)

    def parse_atx_heading(self, m: Match[str], state: BlockState) -> int:
        """Remember where the heading's text stands."""
        end = super().parse_atx_heading(m, state)
        token = state.tokens[-1]
        start = m.end("atx_2") - len(m["atx_2"].lstrip(string.whitespace))
        token["_pieces"] = [(start, start + len(token["text"]))]
        return end

    def parse_list(self, m: Match[str], state: BlockState) -> int:
        """Remember the marker line of the first item."""
        assert isinstance(state, TrackedState)
        outer, state.item_start = state.item_start, m.start()
        try:
            return super().parse_list(m, state)
        finally:
            state.item_start = outer

    def extract_block_quote(self, m: Match[str], state: BlockState) -> tuple[str, int | None, set[int]]:
        """Remember the first line of the quote."""
        assert isinstance(state, TrackedState)
        start = state.cursor
        if (last := state.last_token()) and last["type"] == "paragraph":
            # What ends the quote is parsed in there, and must not become part of the paragraph above.
            state.append_token({"type": "blank_line"})
        extracted = super().extract_block_quote(m, state)
        state.child_start = start
        return extracted

    def _parse_plain_paragraph(self, state: BlockState, sc: Pattern[str]) -> bool:
        """Take lines up to the next block: every rule matches at a line start, so only those are tried.

        mistune does so for lines that begin with a letter, and searches character by character for `1、`.
        """
        end = state.find_line_end()
        while end < state.cursor_max and not sc.match(state.src, end):
            end = state.find_line_end_at(end)
        state.add_paragraph(state.get_text(end))
        state.cursor = end
        return True

    def _parse_indent_code_fast(self, state: BlockState) -> int | None:
        if state.src[state.cursor] not in " \t":
            return None
        start, before = state.cursor, len(state.tokens)
        end: int | None = super()._parse_indent_code_fast(state)
        for token in state.tokens[before:]:
            token.setdefault("_span", (start, end))
        return end


def _parse_container(parser: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """An admonition or a tab: its title is a line of its own, its body is Markdown."""
    assert isinstance(state, TrackedState)
    if state.depth() >= parser.max_nested_level - 1:
        return None
    title = title_of(m)
    start = m.start() + len(m[0]) - len(m[0].lstrip(" "))
    end = title.start if title else m.end()
    state.append_token({"type": "container", "raw": state.src[start:end], "_span": (start, end)})
    if title:
        text = state.src[slice(*title)]
        state.append_token({"type": "container_title", "text": text, "_pieces": [tuple(title)]})
    below = min(m.end() + 1, len(state.src))
    return _add_body(parser, state, body_below(state.src, below, start - m.start()), below)


def _parse_definition(parser: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """A definition below its term."""
    assert isinstance(state, TrackedState)
    above = (token["type"] for token in reversed(state.tokens) if token["type"] != "blank_line")
    is_below_term = next(above, "") in ("paragraph", "container_body")
    if not is_below_term or state.depth() >= parser.max_nested_level - 1:
        return None
    line_end = state.find_line_end_at(m.end())
    below = body_below(state.src, line_end)
    body = below._replace(text=state.src[m.end() : line_end] + below.text)
    return _add_body(parser, state, body, m.end())


def _add_body(parser: BlockParser, state: TrackedState, body: Body, start: int) -> int:
    state.child_start = start
    child = state.child_state(body.text)
    parser.parse(child)
    token = {"type": "container_body", "children": child.tokens, "_span": (start, body.span.end)}
    state.append_token(token)
    return body.span.end


def _mark_cells(table: Token, src: str, start: int) -> None:
    """Give each cell of the table at `start` its `_pieces`: between them are blanks and pipes."""
    head, body = table["children"]
    rows = [head["children"], [], *(row["children"] for row in body["children"])]  # [] is the delimiter row
    for row in rows:
        end = start
        for cell in row:
            first = src.index(cell["text"], end)
            end = first + len(cell["text"])
            cell["_pieces"] = [(first, end)]
        start = src.find("\n", start) + 1


# --------------------------------------------------------------------------- mistune's inline parser

_ADDRESS = rf"https?://(?:[!#-;=?-Z\\_a-z~%&\[\]@|{{}}^]|(?<=[/=?#.])[{HAN}]+)+(?<![]!'(),.:;?\\[|{{}}^])"
"""ASCII, and Chinese words that a path or query goes on with. mistune's own rule swallows the stop behind."""
_BEGINNINGS = frozenset("\\`*_![]<~\nh")
_TRIGGER = lazy_pattern(r"[\\`*_\[\]<\n]|!(?=\[)|~(?=~)|h(?=ttps?://)")
_BRACKETED_ADDRESS = r"<[A-Za-z][A-Za-z0-9.+-]{1,31}:[^<>\x00-\x20，。．；！？]*>"
"""Without the marks that end a Chinese sentence: what follows is no address, whatever CommonMark says."""


class _Literal(str):
    """The text of an automatic link, which becomes plain text again inside a link: keeps its position."""

    __slots__ = ("position",)
    position: int


class TrackedInlineState(InlineState):
    """An inline state that follows the position in its text.

    Texts are exact slices, in order. A link is only known at its closing bracket, when mistune removes the
    tokens since the opening one, so the start of every token is kept.
    """

    def __init__(self, env: MutableMapping[str, Any]) -> None:
        """Start at the beginning."""
        super().__init__(env)
        self.position = 0
        self.starts: list[int] = []
        self.in_escape = False
        self.substate: TrackedInlineState | None = None

    def append_token(self, token: Token) -> None:
        """Note where the token starts; a link starts where its opening bracket did."""
        index, start = len(self.tokens), self.position
        if token["type"] in ("link", "image") and "_autolink" not in token and index < len(self.starts):
            start = self.starts[index]
            opening = 2 if token["type"] == "image" else 1
            token["_span"] = (start, self.position + 1)
            token["_label"] = (start + opening, self.position)
            self.position += 1
        elif token["type"] == "text":
            token["_step"] = 2 if self.in_escape else 1
            token["_start"] = start
            self.position += len(token["raw"]) * token["_step"]
        else:
            token["_span"] = (start, start)
            if "_autolink" in token:
                token["_autolink"] = literal = _Literal(token["_autolink"])
                literal.position = start
        del self.starts[index:]
        self.starts.append(start)
        super().append_token(token)

    def copy(self) -> InlineState:
        """Remember the state of a rule that parses its content by itself (strikethrough)."""
        substate = super().copy()
        assert isinstance(substate, TrackedInlineState)
        self.substate = substate
        return substate


class TrackedInline(InlineParser):
    """An inline parser whose tokens carry `_span` and `_label`.

    Emphasis is resolved last, in `finalize_tokens`: what comes out is placed by what went in.
    """

    state_cls = TrackedInlineState

    def parse_method(self, m: Match[str], state: InlineState) -> int | None:
        """Give the token that a rule adds the end that the rule says."""
        assert isinstance(state, TrackedInlineState)
        start, before = m.start(), len(state.tokens)
        state.position, state.in_escape, state.substate = start, m.lastgroup == "escape", None
        end = super().parse_method(m, state)
        state.in_escape = False
        if not end:
            state.position = start
            return end
        token = state.tokens[-1] if state.tokens else {}
        if "_span" in token:
            token["_span"] = (token["_span"][0], end)
        if state.substate is not None and len(state.tokens) > before and "children" in token:
            token["_label"] = (m.end(), m.end() + len(state.substate.src))
            _shift(token["children"], m.end())
        state.position = end
        return end

    def _get_fast_trigger_re(self, chars: set[str]) -> Pattern[str]:
        """Where the next token may begin; mistune stops at every `h`, too, and at every `!`."""
        assert chars == _BEGINNINGS
        return _TRIGGER

    def finalize_tokens(self, tokens: list[Token], depth: int) -> list[Token]:
        """Find the positions of the emphasis that mistune resolves here."""
        places = list(_places(tokens))
        final = super().finalize_tokens(tokens, depth)
        _place(final, iter(places))
        return final


def _places(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Where each character of the texts begins and ends in the source; an escape is two characters there."""
    for token in tokens:
        if token["type"] == "text":
            raw, step = token["raw"], token.pop("_step", 1)
            start = token.pop("_start") if "_start" in token else raw.position
            ends = range(start, start + len(raw) * step + 1, step)
            yield from itertools.pairwise(ends)


def _place(tokens: list[Token], places: Iterator[tuple[int, int]]) -> None:
    """Give finished tokens their positions; the marks of emphasis take their places, too."""
    for token in tokens:
        if token["type"] == "text":
            if known := list(itertools.islice(places, len(token["raw"]))):
                token["_span"] = (known[0][0], known[-1][1])
        elif token["type"] in ("emphasis", "strong") and "_span" not in token:
            width = 2 if token["type"] == "strong" else 1
            opening = list(itertools.islice(places, width))
            _place(token["children"], places)
            closing = list(itertools.islice(places, width))
            token["_span"] = (opening[0][0], closing[-1][1])
            token["_label"] = (opening[-1][1], closing[0][0])


def _shift(tokens: list[Token], distance: int) -> None:
    for token in tokens:
        for key in ("_span", "_label"):
            if key in token:
                token[key] = (token[key][0] + distance, token[key][1] + distance)
        _shift(token.get("children", []), distance)
