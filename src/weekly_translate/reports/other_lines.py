"""What differs between two files outside their segments: a header, an address, a rule. Moved lines do not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.reports.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from weekly_translate.reports.reviewed import Reviewed

    Words = tuple[str, ...]
    Numbered = tuple[int, str]

_ADDRESS = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_FIXED = re.compile(rf"{_ADDRESS.pattern}|https?://[^\s()<>]+|`[^`]+`|^ {{0,3}}#{{1,6}}(?= )")
"""What no word diff shows: addresses, code, the level of a heading."""
_WORD = re.compile(r"[^\W_]+")
_FIRST = 3
"""A text is looked for by so many of its first words."""


class OtherLines(NamedTuple):
    """Lines that only the old file has, and lines that only the new text has."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


def other_lines(old: str, new: str, segments: Iterable[Reviewed]) -> OtherLines:
    """The lines of each text that the other one lacks, without those of which the segments tell.

    A line in which a changed segment stands is left out, unless an address or code in it differs as well.
    """
    changed = [one for one in segments if one.is_changed or one.previous is None or one.target is None]
    here, there = old.splitlines(), new.splitlines()
    gone, added = list(_lacking(here, there)), list(_lacking(there, here))
    lost, come = _fixed_in(gone), _fixed_in(added)
    before, after = _Places(changed), _Texts(changed)
    return OtherLines(
        tuple(line for at, line in gone if _differs(line, lost - come) or not before.holds(at, line)),
        tuple(line for _, line in added if _differs(line, come - lost) or not after.stand_in(line)),
    )


def _lacking(lines: list[str], others: list[str]) -> Iterator[Numbered]:
    """The lines, with their numbers, that `others` has not or not so often. An indent can be a change."""
    left = Counter(line.rstrip() for line in others)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if left[line.rstrip()]:
            left[line.rstrip()] -= 1
        else:
            yield number, line


def _fixed_in(lines: Iterable[Numbered]) -> Counter[str]:
    return Counter(fixed for _, line in lines for fixed in _FIXED.findall(line))


def _differs(line: str, others_lack: Mapping[str, int]) -> bool:
    return any(fixed in others_lack for fixed in _FIXED.findall(line))


class _Places:
    """Where changed segments stand in the old file. A paragraph may go on below its first line."""

    def __init__(self, changed: Iterable[Reviewed]) -> None:
        self._texts: defaultdict[int, str] = defaultdict(str)
        for one in changed:
            if one.previous is not None and one.target_line is not None:
                self._texts[one.target_line] += f" {' '.join(_words(readable(one.previous, one.tags)))} "
        self._lines = sorted(self._texts)

    def holds(self, number: int, line: str) -> bool:
        """Whether the line belongs to one of them."""
        place = bisect_right(self._lines, number) - 1
        if place < 0 or self._lines[place] == number:
            return place >= 0
        words = _words(line)
        return bool(words) and f" {' '.join(words)} " in self._texts[self._lines[place]]


class _Texts:
    """The new texts of changed segments, found in a line by their first words and their length."""

    def __init__(self, changed: Iterable[Reviewed]) -> None:
        self._texts = {_words(readable(one.target or one.source, one.tags)) for one in changed}
        self._lengths: defaultdict[Words, set[int]] = defaultdict(set)
        for words in filter(None, self._texts):
            self._lengths[words[:_FIRST]].add(len(words))

    def stand_in(self, line: str) -> bool:
        """Whether the line holds one of them."""
        words = _words(line)
        return any(
            words[place : place + length] in self._texts
            for place in range(len(words))
            for size in range(1, _FIRST + 1)
            for length in self._lengths.get(words[place : place + size], ())
        )


def _words(text: str) -> Words:
    """Words and figures alone: the marks of Markdown stand around them in a line, and addresses between."""
    return tuple(_WORD.findall(_ADDRESS.sub(" ", text)))
