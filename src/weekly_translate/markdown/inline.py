"""mistune's inline parser, made to say where in its text each token came from.

Texts are exact slices in order, so a running position is enough for them. A link is only known at its closing
bracket, when mistune removes the tokens since the opening one; emphasis only after everything, in
`finalize_tokens`, whose output is walked against its input. Tokens get `_span`, containers also `_label` (the
text between their delimiters). Positions are in the text that was handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistune.core import InlineState
from mistune.inline_parser import InlineParser
from mistune.plugins.url import parse_url_link

from weekly_translate.chinese import HAN

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from re import Match, Pattern

Token = dict[str, Any]
_ADDRESS = (
    rf"https?://(?:[!#-;=?-Z\\_a-z~%&\[\]@|{{}}^]|(?<=[/=?#.{HAN}])[{HAN}])*"
    rf"(?:[A-Za-z0-9/_~#&=%+\-$@*]|(?<=[/=?#.{HAN}])[{HAN}])"
)
"""ASCII, and Chinese words that a path or query goes on with. mistune's own rule swallows the stop behind."""


class _Literal(str):
    """The text of an automatic link, which becomes plain text again inside a link: keeps its position."""

    __slots__ = ("position",)
    position: int


class TrackedInlineState(InlineState):
    """An inline state with a running position and the start of each of its tokens."""

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
    """An inline parser whose tokens carry `_span` and `_label`."""

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
        """Where the next token may begin; mistune sorts the characters again for every look."""
        return self._fast_trigger_re or super()._get_fast_trigger_re(chars)

    def finalize_tokens(self, tokens: list[Token], depth: int) -> list[Token]:
        """Find the positions of the emphasis that mistune resolves here."""
        stream = _stream(tokens)
        final = super().finalize_tokens(tokens, depth)
        _Walk(stream).place(final)
        return final


def _stream(tokens: list[Token]) -> list[tuple[str, int | None, int]]:
    """The texts of `tokens` with their position and how many source characters one of theirs stands for."""
    stream: list[tuple[str, int | None, int]] = []
    position: int | None = None
    for token in tokens:
        if token["type"] != "text":
            position = token["_span"][1] if "_span" in token else None
            continue
        raw, step = token["raw"], token.pop("_step", 1)
        if "_start" in token:
            position = token.pop("_start")
        elif isinstance(raw, _Literal):
            position = raw.position
        stream.append((str(raw), position, step))
        position = None if position is None else position + len(raw) * step
    return stream


class _Walk:
    """Consumes the stream of texts while it goes through the finished tokens."""

    def __init__(self, stream: list[tuple[str, int | None, int]]) -> None:
        self._stream = stream
        self._index = 0
        self._taken = 0

    def place(self, tokens: list[Token]) -> None:
        for token in tokens:
            if token["type"] == "text":
                token.pop("_step", None)
                token.pop("_start", None)
                start, end = self._take(len(token["raw"]))
                if start is not None:
                    token["_span"] = (start, end)
            elif token["type"] in ("emphasis", "strong") and "_span" not in token:
                width = 2 if token["type"] == "strong" else 1
                start, label_start = self._take(width)
                self.place(token["children"])
                label_end, end = self._take(width)
                token["_span"], token["_label"] = (start, end), (label_start, label_end)

    def _take(self, count: int) -> tuple[int | None, int | None]:
        first = last = None
        while count:
            raw, position, step = self._stream[self._index]
            left = len(raw) - self._taken
            if not left:
                self._index += 1
                self._taken = 0
                continue
            taken = min(count, left)
            if position is not None:
                first = position + self._taken * step if first is None else first
                last = position + (self._taken + taken) * step
            self._taken += taken
            count -= taken
        return first, last


def _shift(tokens: list[Token], distance: int) -> None:
    for token in tokens:
        for key in ("_span", "_label"):
            if key in token:
                token[key] = (token[key][0] + distance, token[key][1] + distance)
        _shift(token.get("children", []), distance)


def add_addresses(inline: InlineParser) -> None:
    """Recognize bare addresses in running text."""
    inline.register("url_link", _ADDRESS, parse_url_link)
