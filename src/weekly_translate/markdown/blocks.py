"""mistune's block parser, made to say where in its text each token came from.

Nothing of the grammar is changed: each override calls its original and writes down the cursor. Tokens get
`_span` (start, end) or, where they hold inline text, `_pieces`: the stretches whose concatenation ends with
that text. Positions are in the state's own `src`; `state.lines` maps them to the source.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from mistune.block_parser import BlockParser
from mistune.core import BlockState
from mistune.helpers import parse_link_href

from weekly_translate.markdown.lines import LineMap, child_map
from weekly_translate.markdown.tables import mark_cells

if TYPE_CHECKING:
    from re import Match, Pattern

MAX_NESTING = 100
_MARKER = re.compile(r"[ \t]*(?:[*+-]|\d{1,9}[.)])")


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
        """Allow as much nesting as `guards` lets through."""
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
                    mark_cells(token, state.src, start)
        if m.lastgroup == "ref_link" and not _continues_paragraph(last, end):
            state.append_token(_definition(state.src, m, end, self.max_nested_level))
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
        text = m["atx_2"]
        start = m.start("atx_2") + len(text) - len(text.lstrip(string.whitespace))
        token = state.tokens[-1]
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
        start, before = state.cursor, len(state.tokens)
        end: int | None = super()._parse_indent_code_fast(state)
        for token in state.tokens[before:]:
            token.setdefault("_span", (start, end))
        return end


def _continues_paragraph(last: dict[str, Any] | None, end: int) -> bool:
    return bool(last and last["type"] == "paragraph" and last["_pieces"][-1][1] == end)


def _definition(src: str, m: Match[str], end: int, max_nesting: int) -> dict[str, Any]:
    href, href_end = parse_link_href(src, m.end(), block=True, max_nested_level=max_nesting)
    assert href is not None
    assert href_end is not None
    label = m["reflink_1"]
    return {"type": "definition", "raw": f"[{label}]: {href}", "_label": label, "_span": (m.start(), end)}
