"""Where the tags of a segment stand in a text, and which of them stand there soundly."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import TagKind
from weekly_translate.translation.pieces import Piece, PieceKind, pieces_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.model import Segment


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
    pairs = _pairs(pieces, shown, segment)
    paired = {*pairs, *pairs.values()}
    alone = {tag.name for tag in segment.tags if tag.closing is None}
    seen: set[str] = set()
    kept: list[str] = []
    for index, piece in enumerate(pieces):
        first = piece.name not in seen
        if piece.kind is PieceKind.WORDS or index in paired or (first and _stands_alone(piece, alone)):
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
        Piece(PieceKind.WORDS, code_in(piece)) if piece.kind is PieceKind.CODE else piece
        for piece in pieces_of(text, segment)
        if piece.kind in (PieceKind.WORDS, PieceKind.CODE)
    )


def code_in(piece: Piece) -> str:
    """What a code piece encloses; nothing for a tag that stands alone."""
    return piece.text[len(piece.name) + 2 : -len(piece.name) - 3] if piece.kind is PieceKind.CODE else ""


def _pairs(pieces: Sequence[Piece], shown: Sequence[int], segment: Segment) -> dict[int, int]:
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


def _shows(piece: Piece) -> bool:
    return piece.kind in (PieceKind.CODE, PieceKind.ALONE) or (
        piece.kind is PieceKind.WORDS and bool(piece.text.strip())
    )


def _stands_alone(piece: Piece, alone: set[str]) -> bool:
    return piece.kind is PieceKind.ALONE and piece.name in alone
