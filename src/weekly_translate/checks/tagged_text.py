"""A translation as pieces: words, code with its tags, other tags; and as a reader meets it."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import TagKind
from weekly_translate.text.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from weekly_translate.model import Segment
    from weekly_translate.text.tags import Token

THING = "\ufffc"
"""Stands for an image, an emoji, an address or a piece of code: it is neither a word nor a space."""


@lru_cache(16)
def as_read(text: str) -> str:
    """The text without its tags, with one `THING` for each piece of code and each tag that stands alone.

    Where tags have a prefix (`<xb1>`), those without one are text: see `tags.free_prefix`.
    """
    if "<" not in text:
        return text
    parts: list[str] = []
    tokens = tokens_of(text)
    prefixed = any(token.name[:1] in ("x", "y", "z") for token in tokens)
    code = ""
    for token in tokens:
        look_alike = prefixed and token.name[:1] not in ("x", "y", "z")
        if code:
            code = "" if token.closes and token.name == code else code
        elif token.alone or (token.name and look_alike):
            parts.append(THING)
        elif not token.name:
            parts.append(token.text)
        elif "c" in token.name and not token.closes:
            code = token.name
            parts.append(THING)
    return "".join(parts)


# --------------------------------------------------------------------------- pieces

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


class TaggedPiece(NamedTuple):
    """A stretch of a translation; `name` is that of its tag."""

    kind: PieceKind
    text: str
    name: str = ""


def pieces_of(text: str, segment: Segment) -> list[TaggedPiece]:
    """The pieces of a text; joining their texts gives it back. What only looks like a tag is words."""
    kinds = {tag.name: tag.kind for tag in segment.tags}
    tokens = tokens_of(text)
    ahead = Counter(token.name for token in tokens if token.closes and not token.alone)
    pieces: list[TaggedPiece] = []
    code: list[Token] = []
    for token in tokens:
        closes = token.closes and not token.alone
        ahead[token.name] -= closes
        if code:
            code.append(token)
            if closes and token.name == code[0].name:
                pieces.append(TaggedPiece(PieceKind.CODE, text_of(code), token.name))
                code = []
        elif kinds.get(token.name) is TagKind.CODE and token.text == f"<{token.name}>" and ahead[token.name]:
            code = [token]
        else:
            pieces.append(_piece(token, known=token.name in kinds))
    return pieces


def text_of(pieces: Iterable[TaggedPiece | Token]) -> str:
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


def _piece(token: Token, *, known: bool) -> TaggedPiece:
    if not known:
        return TaggedPiece(PieceKind.WORDS, token.text)
    shape = {
        f"<{token.name}>": PieceKind.OPENING,
        f"</{token.name}>": PieceKind.CLOSING,
        f"<{token.name}/>": PieceKind.ALONE,
    }
    return TaggedPiece(shape.get(token.text, PieceKind.MALFORMED), token.text, token.name)


# --------------------------------------------------------------------------- sound tags


class Spot(NamedTuple):
    """Where a tag stands: inside which others, and what is inside it (`words`: inside it alone)."""

    path: tuple[str, ...]
    label: str
    words: str


def spots_of(text: str, segment: Segment) -> dict[str, Spot]:
    """Where each tag of the segment stands in a text; tags that are not sound have no place."""
    spots: dict[str, Spot] = {}
    labels: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    path: tuple[str, ...] = ()
    for piece in pieces_of(text, segment):
        if piece.kind is PieceKind.CLOSING and path[-1:] == (piece.name,):
            path = path[:-1]
            spots[piece.name] = Spot(path, "".join(labels[piece.name]), " ".join(words[piece.name]))
        for name in path:
            labels[name].append(piece.text)
        if piece.kind is PieceKind.OPENING and piece.name not in path:
            path = (*path, piece.name)
            labels[piece.name], words[piece.name] = [], []
        elif piece.kind is PieceKind.WORDS and path:
            words[path[-1]].append(piece.text)
        elif piece.kind in (PieceKind.CODE, PieceKind.ALONE):
            spots[piece.name] = Spot(path, code_in(piece), "")
    return spots


def sound(text: str, segment: Segment) -> str:
    """The text without those of the segment's tags that cannot stay.

    What stays stands once, is well nested, encloses something, and is no link inside a link.
    """
    pieces = pieces_of(text, segment)
    shown = list(accumulate((_shows(piece) for piece in pieces), initial=0))
    pairs = _tag_pairs(pieces, shown, segment)
    paired = {*pairs, *pairs.values()}
    alone = {tag.name for tag in segment.tags if tag.closing is None}
    seen: set[str] = set()
    kept: list[str] = []
    for index, piece in enumerate(pieces):
        first = piece.name not in seen
        stands_alone = piece.kind is PieceKind.ALONE and piece.name in alone
        if piece.kind is PieceKind.WORDS or index in paired or (first and stands_alone):
            kept.append(piece.text)
        elif piece.kind is PieceKind.CODE:
            kept.append(piece.text if first else code_in(piece))
        seen.add(piece.name)
    return "".join(kept)


def complete(text: str, segment: Segment) -> bool:
    """Whether the text has exactly the tags of the segment, all of them sound, and the code of the source."""
    if sound(text, segment) != text:
        return False
    expected, found = spots_of(segment.text, segment), spots_of(text, segment)
    codes = [tag.name for tag in segment.tags if tag.kind is TagKind.CODE]
    return found.keys() == expected.keys() and all(
        found[name].label == expected[name].label for name in codes
    )


def bare(text: str, segment: Segment) -> str:
    """The text without the tags of the segment; its code is words."""
    return text_of(
        TaggedPiece(PieceKind.WORDS, code_in(piece)) if piece.kind is PieceKind.CODE else piece
        for piece in pieces_of(text, segment)
        if piece.kind in (PieceKind.WORDS, PieceKind.CODE)
    )


def code_in(piece: TaggedPiece) -> str:
    """What a code piece encloses; nothing for a tag that stands alone."""
    return piece.text[len(piece.name) + 2 : -len(piece.name) - 3] if piece.kind is PieceKind.CODE else ""


def _tag_pairs(pieces: Sequence[TaggedPiece], shown: Sequence[int], segment: Segment) -> dict[int, int]:
    """The openings and closings that belong together, by index. Each tag is open once at most."""
    kinds = {tag.name: tag.kind for tag in segment.tags if tag.closing and tag.kind is not TagKind.CODE}
    pairs: dict[int, int] = {}
    free = set(kinds)
    stack: list[int] = []
    for index, piece in enumerate(pieces):
        names = [pieces[opening].name for opening in stack]
        if piece.kind is PieceKind.OPENING and piece.name in free.difference(names):
            within_link = any(kinds[name] is TagKind.LINK for name in names)
            if not (within_link and kinds[piece.name] is TagKind.LINK):
                stack.append(index)
        elif piece.kind is PieceKind.CLOSING and piece.name in names:
            opening = stack[names.index(piece.name)]
            del stack[names.index(piece.name) :]
            if shown[index] > shown[opening]:
                pairs[opening] = index
                free.discard(piece.name)
    return pairs


def _shows(piece: TaggedPiece) -> bool:
    return piece.kind in (PieceKind.CODE, PieceKind.ALONE) or (
        piece.kind is PieceKind.WORDS and bool(piece.text.strip())
    )
