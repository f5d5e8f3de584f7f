"""A translation as pieces, as far as the tags of its segment go: words, code with its tags, other tags.

Everything that only looks like a tag of the segment is words here. One pass over the text.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import TagKind
from weekly_translate.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.model import Segment
    from weekly_translate.tags import Token


HIDDEN = "\ue000"
"""A private-use character: no newsletter holds one."""


class PieceKind(StrEnum):
    """What a piece is; CODE is `<c1>…</c1>` as a whole, MALFORMED a tag such as `</m1/>`."""

    WORDS = "words"
    CODE = "code"
    OPENING = "opening"
    CLOSING = "closing"
    ALONE = "alone"
    MALFORMED = "malformed"


class Piece(NamedTuple):
    """A stretch of a translation; `name` is that of its tag."""

    kind: PieceKind
    text: str
    name: str = ""


def pieces_of(text: str, segment: Segment) -> list[Piece]:
    """The pieces of a text; joining their texts gives it back."""
    kinds = {tag.name: tag.kind for tag in segment.tags}
    tokens = tokens_of(text)
    ahead = Counter(token.name for token in tokens if token.closes and not token.alone)
    pieces: list[Piece] = []
    code: list[Token] = []
    for token in tokens:
        closes = token.closes and not token.alone
        ahead[token.name] -= closes
        if code:
            code.append(token)
            if closes and token.name == code[0].name:
                pieces.append(Piece(PieceKind.CODE, text_of(code), token.name))
                code = []
        elif kinds.get(token.name) is TagKind.CODE and token.text == f"<{token.name}>" and ahead[token.name]:
            code = [token]
        else:
            pieces.append(_piece(token, known=token.name in kinds))
    return pieces


def text_of(pieces: Iterable[Piece | Token]) -> str:
    """The text again."""
    return "".join(piece.text for piece in pieces)


def edited(text: str, segment: Segment, edit: Callable[[str], str]) -> str:
    """The text with everything but its code edited; `edit` sees each code as one `HIDDEN` character."""
    pieces = pieces_of(text, segment)
    codes = iter([piece.text for piece in pieces if piece.kind is PieceKind.CODE])
    if HIDDEN in text:
        return text
    shown = edit("".join(HIDDEN if piece.kind is PieceKind.CODE else piece.text for piece in pieces))
    head, *rest = shown.split(HIDDEN)
    return head + "".join(code + words for code, words in zip(codes, rest, strict=True))


def _piece(token: Token, *, known: bool) -> Piece:
    if not known:
        return Piece(PieceKind.WORDS, token.text)
    shape = {
        f"<{token.name}>": PieceKind.OPENING,
        f"</{token.name}>": PieceKind.CLOSING,
        f"<{token.name}/>": PieceKind.ALONE,
    }
    return Piece(shape.get(token.text, PieceKind.MALFORMED), token.text, token.name)
