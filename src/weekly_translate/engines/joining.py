"""Pieces of a draft put into one text: where English wants spaces and capitals."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Lean(Enum):
    """On which side a piece stands without a space."""

    NEITHER = auto()
    LEFT = auto()
    """A comma, a closing bracket."""
    RIGHT = auto()
    """An opening bracket."""
    BOTH = auto()
    """A slash, a dash: spaces only where the source has them."""


class Piece(NamedTuple):
    """A stretch of a draft. A piece without text is a space, or a word that English does without."""

    text: str
    translated: bool = False
    """Stood there in Chinese, which writes without spaces: it is parted from its neighbors."""
    lean: Lean = Lean.NEITHER
    tag: str = ""
    """The tag itself, `<a1>` or `</a1>`, if the piece is half of a pair; `text` is empty then."""


def joined(pieces: Iterable[Piece]) -> str:
    """The pieces as one text: spaces between words and outside the tags, capitals where sentences start."""
    written: list[str] = []
    tags: list[str] = []
    left, spaced, sentence = None, False, True
    for piece in pieces:
        if piece.tag:
            tags.append(piece.tag)
        elif not piece.text:
            spaced = True
        elif left is None or tags or not _repeats(left, piece):
            gap = " " if left and _parted(left, piece, spaced=spaced) else ""
            sentence = _begins_sentence(left, gap, before=sentence)
            written += _with_gap(tags, gap)
            written.append(_capitalized(piece.text) if sentence and piece.translated else piece.text)
            left, spaced, tags = piece, False, []
    return "".join([*written, *tags])


def _parted(left: Piece, right: Piece, *, spaced: bool) -> bool:
    if left.lean is Lean.RIGHT or right.lean is Lean.LEFT:
        return False
    if Lean.BOTH in (left.lean, right.lean):
        return spaced
    return spaced or left.translated or right.translated


def _begins_sentence(left: Piece | None, gap: str, *, before: bool) -> bool:
    """Whether the next word opens a sentence; an opening quote passes on what `before` says of itself."""
    if left is None or left.lean is Lean.RIGHT:
        return before
    return left.lean is Lean.LEFT and bool(gap) and left.text[-1] in ".!?"


def _repeats(left: Piece, right: Piece) -> bool:
    """看看 would give `see see`."""
    return left.translated and right.translated and left.text == right.text and left.text.isalpha()


def _with_gap(tags: list[str], gap: str) -> list[str]:
    """The gap stands after what closes and before what opens: `the <b1>x</b1> of`."""
    closing = 0
    while closing < len(tags) and tags[closing].startswith("</"):
        closing += 1
    return [*tags[:closing], gap, *tags[closing:]]


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
