"""Faults of meaning that can be planted in a good translation: a reader who misses them is no judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator
    from random import Random

_NEGATED = lazy_pattern(
    r"\b(is|are|was|were|can|could|should|must|do|does|did|will|would|has|have)(?:n't| not)\b|\bcan't\b"
)
_AFFIRMED = lazy_pattern(r"\b(is|are|was|were|can|could|should|must|will|would) (?!not\b|n't)(?=[a-z])")
_NUMBER = lazy_pattern(r"(?<![\w.,/-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/-]|\.\d)")
_OPPOSITES = (
    *(("more", "less"), ("before", "after"), ("first", "last"), ("always", "never"), ("all", "some")),
    *(("faster", "slower"), ("larger", "smaller"), ("higher", "lower"), ("increase", "decrease")),
    *(("allows", "prevents"), ("supports", "lacks"), ("with", "without"), ("easy", "hard"), ("new", "old")),
)
OPPOSITES = {word: other for pair in _OPPOSITES for word, other in (pair, pair[::-1])}
_WORD = lazy_pattern(rf"\b(?:{'|'.join(OPPOSITES)})\b")
_SENTENCE = lazy_pattern(r"(?<=[.!?]) (?=[A-Z\"<])")


class Planted(NamedTuple):
    """A translation that means something else now."""

    kind: str
    text: str


def planted(text: str, random: Random) -> Planted | None:
    """One fault in a translation; None where no rule knows how to spoil it."""
    ways = list(_WAYS.items())
    random.shuffle(ways)
    for kind, way in ways:
        if found := list(way(text)):
            return Planted(kind, random.choice(found))
    return None


def _replaced(text: str, match: re.Match[str], words: str) -> str:
    return text[: match.start()] + words + text[match.end() :]


def _negations(text: str) -> Iterator[str]:
    """Lost, or where there is none, made up."""
    for match in _NEGATED.finditer(text):
        yield _replaced(text, match, match[1] or "can")
    for match in () if _NEGATED.search(text) else _AFFIRMED.finditer(text):
        yield _replaced(text, match, f"{match[1]} not ")


def _numbers(text: str) -> Iterator[str]:
    """Another first figure."""
    for match in _NUMBER.finditer(text):
        first = int(match[0][0])
        yield _replaced(text, match, f"{first % 9 + 1}{match[0][1:]}")


def _opposites(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        yield _replaced(text, match, OPPOSITES[match[0]])


def _omissions(text: str) -> Iterator[str]:
    """Without one of several sentences; tags stay with a person who looks, so one with tags stays."""
    sentences = _SENTENCE.split(text)
    for number, sentence in enumerate(sentences):
        if len(sentences) > 1 and "<" not in sentence and len(sentence.split()) > 3:
            yield " ".join(sentences[:number] + sentences[number + 1 :])


_WAYS: dict[str, Callable[[str], Iterator[str]]] = {
    "negation": _negations,
    "number": _numbers,
    "opposite": _opposites,
    "omission": _omissions,
}
