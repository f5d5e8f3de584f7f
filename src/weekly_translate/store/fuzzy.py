"""Remembered pairs whose source resembles a text: the fuzzy matches of a translation memory."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.exchange import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 1_000
"""Characters of the longest text that is compared: comparing costs their square, and a prompt has no room."""
_BITS = 1021
"""A prime: characters that stand side by side in Unicode get bits of their own."""


def lengths_near(source: str) -> tuple[int, int]:
    """The lengths, in characters, that are worth comparing: 40 % less or more."""
    return len(source) * 6 // 10, min(len(source) * 14 // 10, LONGEST)


def resembling(
    source: str, pairs: Iterable[tuple[str, str]], *, limit: int, threshold: float
) -> list[Memory]:
    """The best `limit` pairs of (source, target) whose score is `threshold` or more, best first.

    The score is difflib's ratio, from 0 to 1. Of several pairs with the same source the first one counts.
    """
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(source)
    found: dict[str, Memory] = {}
    for candidate, target in pairs:
        if candidate not in found and _may_reach(threshold, source, candidate):
            score = _score(matcher, candidate, threshold)
            if score >= threshold:
                found[candidate] = Memory(candidate, target, score)
    return sorted(found.values(), key=lambda memory: (-memory.score, memory.source))[:limit]


def _score(matcher: SequenceMatcher[str], candidate: str, threshold: float) -> float:
    matcher.set_seq1(candidate)
    return matcher.ratio() if matcher.quick_ratio() >= threshold else 0.0


def _may_reach(threshold: float, source: str, candidate: str) -> bool:
    """An upper bound that costs little: a character that the other side lacks has no match."""
    ours, theirs = _characters(source), _characters(candidate)
    lacking, surplus = (ours & ~theirs).bit_count(), (theirs & ~ours).bit_count()
    matches = min(len(source) - lacking, len(candidate) - surplus)
    return 2 * matches >= threshold * (len(source) + len(candidate))


@lru_cache(maxsize=100_000)
def _characters(text: str) -> int:
    """A bit for each character, remembered: a run compares the same pairs again and again.

    Two characters may share a bit, which only makes the bound looser.
    """
    bits = 0
    for character in set(text):
        bits |= 1 << ord(character) % _BITS
    return bits
