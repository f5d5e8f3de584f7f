"""Whether every sentence has a counterpart: by the words that a dictionary knows, and by length.

A good sentence shares three of four words with its translation, a strange one every tenth. The weights below
were fitted (logistic regression) to 313 published segments, and to the same with a sentence more or less.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, NamedTuple, Protocol

from weekly_translate.checks.numbers import same
from weekly_translate.chinese import HAN, han_count, in_half_width
from weekly_translate.model import Kind
from weekly_translate.numerals import chinese_quantities, english_quantities
from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import Pair
    from weekly_translate.numerals import Quantity

_CHINESE_SENTENCE = re.compile(r"[^。！？；!?;]+[。！？；!?;]*")
_ENGLISH_SENTENCE = re.compile(r"(?:[^.!?]|[.!?](?![\"'”’)]*(?:\s|\Z)))+[.!?]*[\"'”’)]*")
_HAN = re.compile(f"[{HAN}]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'+#]*")
_SAY_NOTHING = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "of",
            "to",
            "in",
            "on",
            "for",
            "with",
            "and",
            "or",
            "as",
            "at",
            "by",
            "from",
            "is",
        ),
        *(
            "are",
            "be",
            "it",
            "its",
            "that",
            "this",
            "not",
            "no",
            "up",
            "out",
            "into",
            "about",
            "such",
            "very",
        ),
        *("sb", "sth", "one's", "etc", "see", "also"),
    )
)
_ENDINGS = (
    *(("iness", "y"), ("ations", "at"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ates", "at")),
    *(("ies", "y"), ("ied", "y"), ("ing", ""), ("edly", ""), ("ed", ""), ("ers", ""), ("er", "")),
    *(
        ("ors", ""),
        ("or", ""),
        ("ly", ""),
        ("ments", ""),
        ("ment", ""),
        ("ions", ""),
        ("ion", ""),
        ("es", ""),
        ("s", ""),
    ),
)
_MET = log(0.78 / 0.15)
_NOT_MET = log(0.22 / 0.85)
"""What a word says that has a counterpart, or none: 78 % of the words have one, 15 % by chance."""
_FEWEST_WORDS = 3
_SHORTEST = 25
_CHARACTERS_FOR_ONE = 2.35
"""English characters for a Chinese one, with Latin words aside, which are as long in both languages."""


class Senses(Protocol):
    """A dictionary, as far as it is asked here."""

    def __hash__(self) -> int:
        """One dictionary is one key: what was looked up in it is remembered."""

    def words_in(self, text: str) -> Iterable[str]:
        """A run of Chinese, cut into words."""

    def english_of(self, word: str) -> frozenset[str]:
        """All English words in all senses of a Chinese word, in small letters; none where it is unknown."""


class Doubt(NamedTuple):
    """The sentence that has the least counterpart on the other side, and how sure it is that it has none."""

    sentence: str
    score: float
    """0 is even, 3 is all but certain."""
    number: bool
    """Whether a number of the sentence is not on the other side either."""

    def is_sure(self, likely: float) -> bool:
        """Whether it is certain, or likely and a number speaks for it, too."""
        return self.score > _SURE or (self.score > likely and self.number)


_SURE = 3.0
_LIKELY_OMITTED, _LIKELY_MADE_UP = 1.0, 1.5
"""Above them 1 of 100 good segments is doubted, and 9 of 10 omissions and 19 of 20 additions are."""


def nothing_is_omitted(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """No sentence of the source is left out, as far as a dictionary and the length can tell for sure."""
    doubt = omitted(pair, senses) if senses else None
    if doubt and doubt.is_sure(_LIKELY_OMITTED):
        yield f"nothing is said of “{_shown(doubt.sentence)}”"


def little_is_omitted(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """The same where it is likely: look at it."""
    doubt = omitted(pair, senses) if senses else None
    if doubt and doubt.score > _LIKELY_OMITTED:
        yield f"a part may be missing, perhaps of “{_shown(doubt.sentence)}”"


def nothing_is_made_up(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """No sentence of the translation is invented, as far as a dictionary and the length can tell for sure."""
    doubt = made_up(pair, senses) if senses else None
    if doubt and doubt.is_sure(_LIKELY_MADE_UP):
        yield f"nothing in the source says “{_shown(doubt.sentence)}”"


def little_is_made_up(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """The same where it is likely: look at it."""
    doubt = made_up(pair, senses) if senses else None
    if doubt and doubt.score > _LIKELY_MADE_UP:
        yield f"something may have been added, perhaps “{_shown(doubt.sentence)}”"


@lru_cache(maxsize=16)
def omitted(pair: Pair, senses: Senses) -> Doubt | None:
    """The sentence of the source of which the translation says least; None for a text too short to tell."""
    source, target = _texts(pair)
    if not _is_measurable(pair, source):
        return None
    found = frozenset(map(stem, _LATIN.findall(target)))
    sentences = _CHINESE_SENTENCE.findall(source)
    evidence, sentence = min((_evidence(_met_by(found, one, senses)), one) for one in sentences)
    more = _more(sentences, _ENGLISH_SENTENCE.findall(target))
    lost = _lost_numbers(chinese_quantities(sentence), english_quantities(target))
    score = 3.2 - 0.28 * evidence - 15.6 * _length(source, target) - 0.4 * more
    return Doubt(sentence, score, lost)


@lru_cache(maxsize=16)
def made_up(pair: Pair, senses: Senses) -> Doubt | None:
    """The sentence of the translation of which the source says least; None for a text too short to tell."""
    source, target = _texts(pair)
    sentences = _ENGLISH_SENTENCE.findall(target)
    if not sentences or not _is_measurable(pair, source):
        return None
    known = _said(source, senses)
    met = [_met_in(known, one) for one in sentences]
    evidence, sentence = min((_evidence(words), one) for words, one in zip(met, sentences, strict=True))
    more = _more(_CHINESE_SENTENCE.findall(source), sentences)
    strange = _lost_numbers(english_quantities(sentence), chinese_quantities(source))
    share = sum(map(sum, met)) / max(1, sum(map(len, met)))
    longer = _length(source, target)
    score = -17.5 - 0.64 * evidence + 18.8 * longer + 1.4 * more + 9.2 * share
    return Doubt(sentence.strip(), score, strange)


def _lost_numbers(quantities: list[Quantity], others: list[Quantity]) -> bool:
    """Whether a number of one side is not on the other."""
    return any(
        quantity.demanded and not any(same(quantity, other) or same(other, quantity) for other in others)
        for quantity in quantities
    )


def _texts(pair: Pair) -> tuple[str, str]:
    return in_half_width(without_tags(pair.segment.text)), without_tags(pair.target)


def _is_measurable(pair: Pair, source: str) -> bool:
    return pair.segment.kind is Kind.TEXT and han_count(source) >= _SHORTEST


def _evidence(met: list[bool]) -> float:
    """The likelihood ratio of `has a counterpart`, as a logarithm; of a few words nothing is said."""
    if len(met) < _FEWEST_WORDS:
        return 6.0
    return max(-6.0, min(6.0, sum(_MET if one else _NOT_MET for one in met)))


def _met_by(found: frozenset[str], sentence: str, senses: Senses) -> list[bool]:
    """For each word of a Chinese sentence whether an English one for it was found."""
    words = dict.fromkeys(word for run in _HAN.findall(sentence) for word in senses.words_in(run))
    english = [stems for word in words if len(word) > 1 and (stems := _stems(senses.english_of(word)))]
    latin = dict.fromkeys(map(stem, _LATIN.findall(sentence)))
    return [not found.isdisjoint(stems) for stems in english] + [word in found for word in latin]


def _met_in(known: frozenset[str], sentence: str) -> list[bool]:
    """For each long word of an English sentence whether a Chinese one for it is known."""
    words = (word for word in dict.fromkeys(_LATIN.findall(sentence)) if len(word) > 3)
    return [stem(word) in known for word in words if word.lower() not in _SAY_NOTHING]


def _said(source: str, senses: Senses) -> frozenset[str]:
    """The stems of all English words that the words of a Chinese text can mean, however it is cut."""
    known = set(map(stem, _LATIN.findall(source)))
    for run in _HAN.findall(source):
        pieces = {run[start : start + size] for start in range(len(run)) for size in (2, 3)}
        for word in {*pieces, *senses.words_in(run)}:
            known |= _stems(senses.english_of(word))
    return frozenset(known)


@lru_cache(maxsize=4096)
def _stems(words: frozenset[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words if word not in _SAY_NOTHING)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What the forms of an English word have in common: `install` of `installation` and `installed`."""
    word = word.lower().removesuffix("'s")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _more(source: list[str], target: list[str]) -> int:
    """How many sentences more the translation has, at most two."""
    return max(-1, min(1, len(target) - len(source)))


def _length(source: str, target: str) -> float:
    """The logarithm of the length that a translation has to the length that it usually has."""
    han = han_count(source)
    usual = han * _CHARACTERS_FOR_ONE + len(source) - han
    return log((len(target) + 30) / (usual + 30))


def _shown(sentence: str) -> str:
    return sentence if len(sentence) <= 60 else sentence[:59] + "…"
