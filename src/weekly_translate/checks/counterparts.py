"""Whether every sentence has a counterpart: by the words that a dictionary knows, and by length.

A word and its counterpart stand at about the same place: what is said in the first sentence is seldom said in
the last. So a word that occurs everywhere, such as `data`, does not speak for every sentence. The suspect is
the part without which the two texts would match best: its words have no counterpart near its place in the
other text, and its side is longer than usual by about the length of the part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from functools import lru_cache
from math import log
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import bounds
from weekly_translate.checks.quantities import differences
from weekly_translate.model import Kind
from weekly_translate.text.characters import HAN, han_count, in_half_width, lazy_pattern, without_tags
from weekly_translate.text.dictionary import function_words

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from weekly_translate.model import Pair
    from weekly_translate.text.dictionary import AllSenses

_LEAST, _MOST = -3.0, 5.0
"""The words of a run say no more than this: a free translation shares few words with its source."""
_SPREAD, _PADDING = 0.087, 30
"""The standard deviation of the logarithm of the lengths' ratio, both with so many characters more."""
_LENGTH_MOST, _FREE_MOST = 10.0, 10


class Doubt(NamedTuple):
    """A part that seems to have no counterpart on the other side."""

    part: str
    odds: float
    """The logarithm of the odds that it has none."""
    asked: int
    """Its words that need a counterpart."""


def doubted(pair: Pair, senses: AllSenses | None, *, made_up: bool) -> Doubt | None:
    """The part of the source of which the translation probably says nothing, or the other way round.

    None where nobody can tell: without a dictionary, and in a text that is too short or has one part only.
    """
    length = han_count(pair.segment.text)
    shortest = bounds.SHORTEST_ADDED_TO if made_up else bounds.SHORTEST_JUDGED
    if senses is None or pair.segment.kind is not Kind.TEXT or length < shortest:
        return None
    text, end = (pair.target, _SENTENCE_END) if made_up else (pair.segment.text, _CLAUSE_END)
    if not end.search(without_tags(text)):
        return None
    sides = _sides_of(pair.segment.text, pair.target, senses)
    if not sides:
        return None
    found, side = differences(pair), int(made_up)
    unmet, weights = (found.added, bounds.MADE_UP) if made_up else (found.missing, bounds.OMITTED)
    own, other = sides[side], sides[1 - side]
    doubt = max(
        _doubts(own, other, [one.text for one in unmet], weights), key=attrgetter("odds"), default=None
    )
    long = length >= bounds.SHORTEST_JUDGED
    least, fewest = (weights.least, 0) if long else (bounds.SURELY_ADDED, bounds.FEWEST_ADDED)
    return doubt if doubt and doubt.odds > least and doubt.asked >= fewest else None


def _doubts(own: _Side, other: _Side, numbers: Sequence[str], weights: bounds.PartWeights) -> Iterator[Doubt]:
    """Parts that stand side by side, neither too few for a sentence nor all of them, each with its odds."""
    length, other_length = (sum(part.size for part in side.parts) for side in (own, other))
    uneven = _unevenness(length, other_length)
    base = weights.base + weights.sentences * max(-1, min(1, own.sentences - other.sentences))
    base += weights.free * min(_FREE_MOST, sum(part.unmet for part in other.parts))
    for start in range(len(own.parts)):
        for end in range(start + 1, min(start + bounds.LONGEST_PART, len(own.parts)) + 1):
            run = own.parts[start:end]
            size = sum(part.size for part in run)
            unmet, asked = sum(part.unmet for part in run), sum(part.asked for part in run)
            text = "".join(part.text for part in run).strip()
            mere_question = asked < bounds.FEWEST_ASKED and text.endswith(("?", "？"))
            if size < bounds.SHORTEST_PART or len(run) == len(own.parts) or mere_question:
                continue
            longer = uneven - _unevenness(length - size, other_length)
            whole = (not start or own.parts[start - 1].ends) and (run[-1].ends or end == len(own.parts))
            odds = base + weights.words * max(_LEAST, min(_MOST, unmet * _NOT_MET + (asked - unmet) * _MET))
            odds += weights.length * max(-_LENGTH_MOST, min(_LENGTH_MOST, longer))
            odds += weights.unmet * unmet / max(1, asked)
            odds += weights.whole * whole + weights.number * any(number in text for number in numbers)
            yield Doubt(text, odds, asked)


def _unevenness(length: float, other: float) -> float:
    """How unusual these lengths are for a text and its translation: minus the logarithm of a density."""
    return (log((length + _PADDING) / (other + _PADDING)) / _SPREAD) ** 2 / 2


_BRACKET = lazy_pattern(r"[（(]([^（）()]{1,200})[)）]")
_APART = lazy_pattern(r"[(\[,;:—–]| - ")


def unsaid_brackets(pair: Pair, senses: AllSenses | None) -> Iterator[str]:
    """The brackets of which a translation says no word and has no room for: it sets nothing apart."""
    source, target = without_tags(pair.segment.text), without_tags(pair.target)
    if senses is None or _APART.search(target):
        return
    said = {stem(word) for word in _LATIN.findall(target)}
    for match in _BRACKET.finditer(source):
        words = [word for run in _WORDS.findall(match[1]) for word in words_of(run, senses)]
        room = english_size(source) - bounds.MISSING_OF_BRACKET * english_size(match[0])
        unmet = said.isdisjoint(one for word in words for meaning in word.meanings for one in meaning)
        known = han_count(match[1]) >= bounds.SHORTEST_BRACKET and any(word.asked for word in words)
        if known and unmet and len(target) < room:
            yield match[1]


def english_size(text: str) -> float:
    """How many English characters it takes to say it."""
    return len(text) + (_ENGLISH_FOR_CHINESE - 1) * han_count(text)


# --------------------------------------------------------------------------- stems

_LATIN = lazy_pattern(r"[A-Za-z][A-Za-z'+#]*|[0-9](?:[0-9.,]*[0-9])?")
"""English words, and figures, which are written alike in both languages."""
_ENDINGS = (
    *(("iness", "i"), ("ations", "at"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ates", "at")),
    *(("ies", "i"), ("ied", "i"), ("ing", ""), ("edly", ""), ("ed", ""), ("ers", ""), ("er", "")),
    *(("ors", ""), ("or", ""), ("ly", ""), ("ments", ""), ("ment", ""), ("ions", ""), ("ion", "")),
    *(("es", ""), ("s", "")),
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The letters that the forms of a word share: `instal` of `installed` and `installs`, `us` of `using`."""
    word = word.lower().removesuffix("'s")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    if len(word) > 2 and word.endswith("y"):
        return word[:-1] + "i"
    return word[:-1] if len(word) > 2 and word.endswith("e") else word


# --------------------------------------------------------------------------- words and their counterparts

_CHINESE_SENTENCE = lazy_pattern(r"(?:(?<![^。！？；!?;])[“「][^”」]*[。！？][”」](?!\Z))?[^。！？!?]{4,}")
"""A quote in front goes on with who said it; a semicolon is a comma in English."""
_CLAUSE_END = lazy_pattern(r"[。！？；!?;，,：:、]+")
_SENTENCE_END = lazy_pattern(r"(?<![.!?])[.!?]+[\"'”’)]*(?=\s+[^\sa-z])")
_STOP = lazy_pattern(r"[。！？；!?;.][\"'”’)）]*\s*\Z")
_GLOSS = lazy_pattern(rf"(?<=[{HAN}”》」])（[A-Za-z][ -~]*）|(?<=[{HAN}])\([A-Za-z][ -~]*\)")
"""The same once more in English: a translation says it once."""
_WORDS = lazy_pattern(f"{_LATIN.pattern}|[{HAN}]+")
_LONGEST_PIECE = 4
_SHARE_NEARBY, _LEAST_NEARBY = 0.2, 90
"""How far a counterpart may stand away: a share of the text, but at least so many characters."""
_ENGLISH_FOR_CHINESE = 3.7
"""English characters for a Chinese one, with Latin words aside, which are as long in both languages."""
_MET, _NOT_MET = log(0.06 / 0.75), log(0.94 / 0.25)
"""What a word says that has a counterpart, or none: 75 % have one in a good translation, 6 % by chance."""
_FEWEST_MET = 0.25
"""Of the translation's words, names aside: where fewer have a counterpart, the dictionary cannot judge."""


class _Part(NamedTuple):
    """A clause of the source, or a sentence of the translation."""

    text: str
    size: float
    """In English characters; for Chinese, as many as it usually takes to say it."""
    asked: int
    """Words that need a counterpart."""
    unmet: int
    """Those that have none."""
    ends: bool
    """Whether a sentence ends with it."""


class _Side(NamedTuple):
    """The source or the translation."""

    parts: tuple[_Part, ...]
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


@lru_cache(maxsize=16)
def _sides_of(text: str, translation: str, senses: AllSenses) -> tuple[_Side, _Side] | None:
    """A text and its translation, both tagged, and what the words of each part say. Linear in both.

    None where hardly a word of the translation is one that the dictionary gives for the source.
    """
    written, target = without_tags(text), without_tags(translation)
    source = in_half_width(written)
    there = [_Word(match.start(), *_reading(match[0])) for match in _LATIN.finditer(target)]
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
        _Side(clauses, len(_CHINESE_SENTENCE.findall(written))),
        _Side(sentences, sum(len(part.text.strip()) >= 4 for part in sentences)),
    )


def _weighed(text: str, end: re.Pattern[str], found: dict[int, bool]) -> tuple[_Part, ...]:
    """The parts of a text, each with the sum of what its words say; `found` is in ascending order."""
    words, parts, start = deque(found.items()), [], 0
    for border in (*(match.end() for match in end.finditer(text)), len(text)):
        met = []
        while words and words[0][0] < border:
            met.append(words.popleft()[1])
        part, start = text[start:border], border
        size = english_size(part) - sum(map(len, _GLOSS.findall(part)))
        parts.append(_Part(part, size, len(met), met.count(False), _STOP.search(part) is not None))
    return tuple(parts)


def _found(words: list[_Word], others: list[_Word], scale: float, length: int) -> dict[int, bool]:
    """For the start of each word whether one of the others, in a text of `length`, means the same nearby."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for other in others:
        for one in other.stems:
            places[one].append(other.start)
    reach = max(_SHARE_NEARBY * length, _LEAST_NEARBY)

    def has_counterpart(word: _Word) -> bool:
        place = word.start * scale
        for near in (places[one] for one in word.stems if one in places):
            first = bisect_left(near, place - reach)  # they are in ascending order
            if first < len(near) and near[first] <= place + reach:
                return True
        return False

    return {word.start: has_counterpart(word) for word in words if word.asked}


@lru_cache(maxsize=8192)
def _reading(word: str) -> tuple[frozenset[str], bool]:
    """The stem of an English word, and whether it needs a counterpart."""
    return frozenset((stem(word),)), (
        len(word) > 2 or word[0].isdigit()
    ) and word.lower() not in function_words()


def _chinese_words(text: str, senses: AllSenses, said: frozenset[str]) -> Iterator[_Word]:
    """Chinese words with all that they can mean, and Latin words, which mean themselves.

    Of their stems, those that the translation says: no others can be met.
    """
    for run in _WORDS.finditer(text):
        if run[0].isascii():
            yield _Word(run.start(), said & {stem(run[0])}, len(run[0]) > 1 or run[0].isdigit())
        else:
            for word in words_of(run[0], senses):
                stems = frozenset(one for meaning in word.meanings for one in meaning if one in said)
                yield _Word(run.start() + word.start, stems, word.asked)


@lru_cache(maxsize=1024)
def words_of(run: str, senses: AllSenses) -> tuple[_Known, ...]:
    """The words of a run of Chinese with what they and their pieces can mean, if that is known."""
    words, start = [], 0
    for word in senses.words_in(run):
        end = start + len(word)
        pieces = (word, *_pieces(run, start, end))
        if meanings := tuple(filter(None, (meanings_of(piece, senses) for piece in pieces))):
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
def meanings_of(word: str, senses: AllSenses) -> tuple[str, ...]:
    """The stems of all that a Chinese word can mean; none where it is unknown.

    Not as a set, which takes ten times the memory: thousands of them are remembered.
    """
    return tuple({stem(one) for one in senses.english_of(word) if one.lower() not in function_words()})
