"""Which words of a text have a counterpart in its translation, as far as a dictionary knows.

A word and its counterpart stand at about the same place: what is said in the first sentence is seldom said in
the last. So a word that occurs everywhere, such as `data`, does not speak for every sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict, deque
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, NamedTuple, Protocol

from weekly_translate.checks.stems import LATIN, has_meaning, stem
from weekly_translate.text.chinese import HAN, han_count, in_half_width
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CHINESE_SENTENCE = re.compile(r"[^。！？；!?;]{4,}")
_CLAUSE_END = re.compile(r"[。！？；!?;，,：:、]+")
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]+[\"'”’)]*(?=\s+[^\sa-z])")
_WORDS = re.compile(f"{LATIN.pattern}|[{HAN}]+")
_LONGEST_PIECE = 4
_SHARE_NEARBY, _LEAST_NEARBY = 0.2, 60
"""How far a counterpart may stand away: a share of the text, but at least so many characters."""
_ENGLISH_FOR_CHINESE = 3.7
"""English characters for a Chinese one, with Latin words aside, which are as long in both languages."""
_MET, _NOT_MET = log(0.06 / 0.75), log(0.94 / 0.25)
"""What a word says that has a counterpart, or none: 75 % have one in a good translation, 6 % by chance."""

_FEWEST_MET = 0.25
"""Of the translation's words, names aside: where fewer have a counterpart, the dictionary cannot judge."""


class Senses(Protocol):
    """A dictionary, as far as it is asked here."""

    def __hash__(self) -> int:
        """One dictionary is one key: what was looked up in it is remembered."""

    def words_in(self, text: str) -> Iterable[str]:
        """A run of Chinese, cut into words."""

    def english_of(self, word: str) -> frozenset[str]:
        """All English words in all senses of a Chinese word, in small letters; none where it is unknown."""


class Part(NamedTuple):
    """A clause of the source, or a sentence of the translation."""

    text: str
    size: float
    """In English characters; for Chinese, as many as it usually takes to say it."""
    strangeness: float
    """What its words say against its being translated: the logarithm of a likelihood ratio."""


class Side(NamedTuple):
    """The source or the translation."""

    parts: tuple[Part, ...]
    sentences: int


class _Word(NamedTuple):
    start: int
    stems: frozenset[str]
    """Of the word itself, or of all that it can mean and the other side says."""
    asked: bool
    """Whether it needs a counterpart, or can only be one."""


class _Known(NamedTuple):
    """A Chinese word that the dictionary knows."""

    start: int
    meanings: tuple[tuple[str, ...], ...]
    """The stems of all that it can mean, and of what its pieces can."""
    asked: bool


def sides_of(text: str, translation: str, senses: Senses) -> tuple[Side, Side] | None:
    """A text and its translation, both tagged, and what the words of each part say. Linear in both.

    None where hardly a word of the translation is one that the dictionary gives for the source.
    """
    written, target = without_tags(text), without_tags(translation)
    source = in_half_width(written)
    there = list(_english_words(target))
    said = frozenset(one for word in there for one in word.stems)
    here = list(_chinese_words(source, senses, said))
    backward = _found(there, here, len(source) / max(1, len(target)), len(source))
    names = {one for word in here if source[word.start].isascii() for one in word.stems}
    translated = [backward[word.start] for word in there if word.asked and names.isdisjoint(word.stems)]
    if sum(translated) <= _FEWEST_MET * len(translated):
        return None
    forward = _found(here, there, len(target) / max(1, len(source)), len(target))
    clauses, sentences = _weighed(written, _CLAUSE_END, forward), _weighed(target, _SENTENCE_END, backward)
    return (
        Side(clauses, len(_CHINESE_SENTENCE.findall(written))),
        Side(sentences, sum(len(part.text.strip()) >= 4 for part in sentences)),
    )


def _weighed(text: str, end: re.Pattern[str], found: dict[int, bool]) -> tuple[Part, ...]:
    """The parts of a text, each with the sum of what its words say; `found` is in ascending order."""
    words, parts, start = deque(found.items()), [], 0
    for border in (*(match.end() for match in end.finditer(text)), len(text)):
        strangeness = 0.0
        while words and words[0][0] < border:
            strangeness += _MET if words.popleft()[1] else _NOT_MET
        part, start = text[start:border], border
        parts.append(Part(part, _size(part), strangeness))
    return tuple(parts)


def _size(text: str) -> float:
    chinese = han_count(text)
    return chinese * _ENGLISH_FOR_CHINESE + len(text) - chinese


def _found(words: list[_Word], others: list[_Word], scale: float, length: int) -> dict[int, bool]:
    """For the start of each word whether one of the others, in a text of `length`, means the same nearby."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for other in others:
        for one in other.stems:
            places[one].append(other.start)
    reach = max(_SHARE_NEARBY * length, _LEAST_NEARBY)

    def has_counterpart(word: _Word) -> bool:
        place = word.start * scale
        return any(_is_near(place, places[one], reach) for one in word.stems if one in places)

    return {word.start: has_counterpart(word) for word in words if word.asked}


def _is_near(place: float, places: Sequence[int], reach: float) -> bool:
    """Whether one of the places, in ascending order, is within reach."""
    first = bisect_left(places, place - reach)
    return first < len(places) and places[first] <= place + reach


def _english_words(text: str) -> Iterator[_Word]:
    for match in LATIN.finditer(text):
        yield _Word(match.start(), *_reading(match[0]))


@lru_cache(maxsize=8192)
def _reading(word: str) -> tuple[frozenset[str], bool]:
    """The stem of an English word, and whether it needs a counterpart."""
    return frozenset((stem(word),)), (len(word) > 2 or word[0].isdigit()) and has_meaning(word)


def _chinese_words(text: str, senses: Senses, said: frozenset[str]) -> Iterator[_Word]:
    """Chinese words with all that they can mean, and Latin words, which mean themselves.

    Of their stems, those that the translation says: no others can be met.
    """
    for run in _WORDS.finditer(text):
        if run[0].isascii():
            yield _Word(run.start(), said & {stem(run[0])}, len(run[0]) > 1 or run[0].isdigit())
        else:
            for word in _words_of(run[0], senses):
                stems = frozenset(one for meaning in word.meanings for one in meaning if one in said)
                yield _Word(run.start() + word.start, stems, word.asked)


@lru_cache(maxsize=1024)
def _words_of(run: str, senses: Senses) -> tuple[_Known, ...]:
    """The words of a run of Chinese with what they and their pieces can mean, if that is known."""
    words, start = [], 0
    for word in senses.words_in(run):
        end = start + len(word)
        pieces = (word, *_pieces(run, start, end))
        if meanings := tuple(filter(None, (_meaning(piece, senses) for piece in pieces))):
            words.append(_Known(start, meanings, len(word) > 1))
        start = end
    return tuple(words)


def _pieces(run: str, start: int, end: int) -> Iterator[str]:
    """The two characters and more that overlap a word: nobody knows where Chinese words end."""
    for first in range(max(0, start - 1), end):
        least = max(first + 2, start + 1)
        for last in range(least, min(first + _LONGEST_PIECE, len(run)) + 1):
            yield run[first:last]


@lru_cache(maxsize=16_384)
def _meaning(word: str, senses: Senses) -> tuple[str, ...]:
    """The stems of all that a Chinese word can mean; none where it is unknown.

    Not as a set, which takes ten times the memory: thousands of them are remembered.
    """
    return tuple({stem(one) for one in senses.english_of(word) if has_meaning(one)})
