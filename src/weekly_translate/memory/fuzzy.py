"""Remembered sources that resemble a text: the fuzzy matches of a translation memory.

All sources are kept as bit sets of their characters, grouped by length: 100,000 of them are filtered in
milliseconds, and only the few that are left are compared. The filters are upper bounds: no match is lost.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 1_000
"""Characters of the longest text that is compared: comparing costs their square, and a prompt has no room."""
_BITS = 509
"""A prime: characters that stand side by side in Unicode get bits of their own."""
_SLACK = 1e-9
"""A score is a quotient: what reaches a threshold exactly has to stay."""


class FuzzyMatch(NamedTuple):
    """A source and its score, difflib's ratio, from 0 to 1."""

    score: float
    source: str


class SourceIndex:
    """The sources of a memory, each once. Those that are longer than `LONGEST` are left out."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lengths: dict[int, tuple[list[int], list[str]]] = {}

    def add(self, source: str) -> None:
        """Add a source."""
        if source not in self._known and len(source) <= LONGEST:
            self._known.add(source)
            bits, sources = self._lengths.setdefault(len(source), ([], []))
            bits.append(_characters(source))
            sources.append(source)

    def resembling(self, source: str, *, threshold: float) -> list[FuzzyMatch]:
        """The sources whose score is `threshold` or more, best first; 40 % longer or shorter at most."""
        if len(source) > LONGEST:
            return []
        matcher = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(source)
        found = []
        for candidate in self._candidates(source, threshold):
            matcher.set_seq1(candidate)
            if matcher.quick_ratio() >= threshold and (score := matcher.ratio()) >= threshold:
                found.append(FuzzyMatch(score, candidate))
        return sorted(found, key=lambda one: (-one.score, one.source))

    def _candidates(self, source: str, threshold: float) -> Iterator[str]:
        """Those that may reach the threshold: a character that the other side lacks has no match.

        Two characters may share a bit, which only makes the bound looser.
        """
        ours, length = _characters(source), len(source)
        for other in range(length * 6 // 10, length * 14 // 10 + 1):
            bits, sources = self._lengths.get(other, ((), ()))
            matches = ceil(threshold * (length + other) / 2 - _SLACK)
            least = ours.bit_count() - length + matches
            for index, theirs in enumerate(bits):
                common = (ours & theirs).bit_count()
                if common >= least and common >= theirs.bit_count() - other + matches:
                    yield sources[index]


def _characters(text: str) -> int:
    """A bit for each character."""
    bits = 0
    for character in set(text):
        bits |= 1 << ord(character) % _BITS
    return bits
