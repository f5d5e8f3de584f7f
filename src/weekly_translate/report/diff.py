"""What differs between two texts: lines as a unified diff, words, and what lies outside the segments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, product, takewhile
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.report.review_values import readable
from weekly_translate.text.characters import TAG, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.report.review_values import Reviewed

    Words = tuple[str, ...]
    Numbered = tuple[int, str]
    Opcode = tuple[str, int, int, int, int]

# Tags are words: none is ever cut in two.
_WORDS = lazy_pattern(rf"(?:{TAG.pattern})|\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL)
_MOST_PAIRS = 4_000_000
"""Words of one text times words of the other: beyond it, a comparison takes seconds."""
_ADDRESS = lazy_pattern(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_FIXED = lazy_pattern(rf"{_ADDRESS.pattern}|https?://[^\s()<>]+|`[^`]+`|^ {{0,3}}#{{1,6}}(?= )")
"""What no word diff shows: addresses, code, the level of a heading."""
_WORD = lazy_pattern(r"[^\W_]+")
_FIRST = 3
"""A text is looked for by so many of its first words."""


class ChangeKind(StrEnum):
    """Whether both texts have the words, or one of them."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Change(NamedTuple):
    """Words that follow one another and have changed in the same way."""

    kind: ChangeKind
    text: str


class LinesOutside(NamedTuple):
    """Lines that only the old file has, and lines that only the new text has."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


def diff_of(old: str, new: str, *, old_name: str, new_name: str) -> str:
    """A unified diff, empty where nothing changes."""
    lines = unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    return "".join(f"{line}\n" for line in lines)


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
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


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


class LineChange(NamedTuple):
    """Lines that follow one another and would be replaced; of `gone` and `new` one may be empty."""

    line: int
    """The number of the first of them in the file."""
    gone: tuple[str, ...]
    new: tuple[str, ...]
    is_outside: bool
    """Whether some of it belongs to no segment: a header, notes, a paragraph that is dropped."""
    before: tuple[str, ...] = ()
    """A few lines in front that stay, ..."""
    after: tuple[str, ...] = ()
    """... and behind."""
    words: tuple[Change, ...] = ()
    """Word by word, where it is one line that was changed."""


def line_changes(old: str, new: str, segments: Iterable[Reviewed]) -> list[LineChange]:
    """All that is replaced when `new` is written over `old`, in its order."""
    others = other_lines(old, new, segments)
    outside = {*others.gone, *others.new}
    here, there = tuple(old.splitlines()), tuple(new.splitlines())
    opcodes = _line_opcodes(old, new)
    stays = [here[start:stop] if fate == "equal" else () for fate, start, stop, _, _ in opcodes]
    changes = []
    for at, (fate, start, stop, new_start, new_stop) in enumerate(opcodes):
        if fate != "equal":
            gone, come = here[start:stop], there[new_start:new_stop]
            is_outside = any(line in outside for line in (*gone, *come))
            around = (
                stays[at - 1][-_AROUND:] if at else (),
                stays[at + 1][:_AROUND] if stays[at + 1 :] else (),
            )
            is_alike = len(gone) == len(come) == 1 and _likeness(*gone, *come) > _ALIKE
            words = word_diff(*gone, *come) if is_alike else ()
            changes.append(LineChange(start + 1, gone, come, is_outside, *around, words))
    return changes


def text_keeping(old: str, new: str, kept: Collection[int]) -> str:
    """`new`, except for the changes of these numbers, where `old` stays; they count from 0."""
    here, there = old.splitlines(keepends=True), new.splitlines(keepends=True)
    text, number = "", 0
    for fate, start, stop, new_start, new_stop in _line_opcodes(old, new):
        stays = fate != "equal" and number in kept
        text += "".join(here[start:stop] if stays else there[new_start:new_stop])
        number += fate != "equal"
    return text


_AROUND = 2
"""So many lines that stay are shown on each side of a change."""
_ALIKE = 0.4
"""What has more in common word by word is the same line, changed."""
_MOST_LINES = 900
"""Lines of one text times lines of the other: in longer passages no line is looked for."""


def _line_opcodes(old: str, new: str) -> list[Opcode]:
    """As difflib gives them; but a line that was changed stands alone, and what was added beside it too."""
    here, there = old.splitlines(keepends=True), new.splitlines(keepends=True)
    codes = SequenceMatcher(None, here, there).get_opcodes()
    return [part for code in codes for part in _apart(code, here, there)]


def _apart(code: Opcode, here: Sequence[str], there: Sequence[str]) -> Iterator[Opcode]:
    """What is most alike stands alone, and so on before and behind it."""
    fate, start, stop, new_start, new_stop = code
    if here[start:stop] == there[new_start:new_stop]:  # difflib looks for no line that occurs often
        yield from [("equal", *code[1:])] if start < stop else []
        return
    is_small = fate == "replace" and 1 < (stop - start) * (new_stop - new_start) <= _MOST_LINES
    pairs = product(range(start, stop), range(new_start, new_stop)) if is_small else ()
    likeness = ((_likeness(here[one], there[other]), one, other) for one, other in pairs)
    ratio, at, new_at = max(likeness, default=(0.0, 0, 0))
    if ratio <= _ALIKE:
        yield code
        return
    for part in (
        (fate, start, at, new_start, new_at),
        (fate, at, at + 1, new_at, new_at + 1),
        (fate, at + 1, stop, new_at + 1, new_stop),
    ):
        yield from _apart(part, here, there)


@lru_cache(maxsize=2 * _MOST_LINES)
def _likeness(one: str, other: str) -> float:
    """From 0 to 1, by the words that both lines have in the same order; a space is none."""
    words, others = ([word for word in words_of(line) if not word.isspace()] for line in (one, other))
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    return matcher.ratio() if words and matcher.quick_ratio() > _ALIKE else 0.0


def other_lines(old: str, new: str, segments: Iterable[Reviewed]) -> LinesOutside:
    """The lines of each text that the other one lacks, without those that the segments show.

    A line that has only moved does not differ.

    A line in which a changed segment stands is left out, unless an address or code in it differs as well.
    """
    changed = [one for one in segments if one.is_changed or one.previous is None or one.target is None]
    here, there = old.splitlines(), new.splitlines()
    gone, added = list(_lacking(here, there)), list(_lacking(there, here))
    lost, come = _fixed_in(gone), _fixed_in(added)
    before, after = _OldLines(changed), _Texts(changed)
    return LinesOutside(
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


class _OldLines:
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
