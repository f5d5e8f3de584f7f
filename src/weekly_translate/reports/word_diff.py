"""Which words of a text have changed. Tags are words: none is ever cut in two."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORDS = re.compile(rf"(?:{TAG.pattern})|\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL)
_MOST_PAIRS = 4_000_000
"""Words of one text times words of the other: beyond it, a comparison takes seconds."""


class ChangeKind(StrEnum):
    """Whether both texts have the words, or one of them."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Change(NamedTuple):
    """Words that follow one another and share a fate."""

    kind: ChangeKind
    text: str


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """What became of the words of `old`: without the new ones it reads `old`, without the gone ones `new`.

    What both begin and end with is not compared; in texts that are too long for it, all between has changed.
    """
    before, after = words_of(old), words_of(new)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    middle = _changes(before[start : len(before) - end], after[start : len(after) - end])
    changes = [
        Change(ChangeKind.SAME, "".join(before[:start])),
        *middle,
        Change(ChangeKind.SAME, "".join(before[len(before) - end :])),
    ]
    return tuple(_merged(change for change in changes if change.text))


def words_of(text: str) -> list[str]:
    """Words, spaces, signs and tags; joined they give the text."""
    return [match[0] for match in _WORDS.finditer(text)]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    count = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        count += 1
    return count


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    if len(before) * len(after) > _MOST_PAIRS:
        yield from (Change(ChangeKind.GONE, "".join(before)), Change(ChangeKind.NEW, "".join(after)))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for fate, start, stop, new_start, new_stop in matcher.get_opcodes():
        gone, new = "".join(before[start:stop]), "".join(after[new_start:new_stop])
        if fate == "equal" and gone.strip():
            yield Change(ChangeKind.SAME, gone)
        else:  # a space between two changed words has changed with them
            yield Change(ChangeKind.GONE, gone)
            yield Change(ChangeKind.NEW, new)


def _merged(changes: Iterable[Change]) -> Iterator[Change]:
    """Between two passages that stay, first all that is gone and then all that is new."""
    for stays, run in groupby(changes, key=lambda change: change.kind is ChangeKind.SAME):
        kinds = (ChangeKind.SAME,) if stays else (ChangeKind.GONE, ChangeKind.NEW)
        pieces = list(run)
        for kind in kinds:
            text = "".join(piece.text for piece in pieces if piece.kind is kind)
            if text:
                yield Change(kind, text)
