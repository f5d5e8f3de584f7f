"""Faults of meaning that can be planted in a good translation: a rule or a reader may miss them."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.quality.sites import (
    Edit,
    Goal,
    InjectablePair,
    InjectedFault,
    fault,
    injected,
    plain,
    segments_of,
    shifted,
    words_replaced,
)
from weekly_translate.text import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from weekly_translate.quality.sites import Injector


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

_NAME = re.compile(r"\b(?=[A-Za-z]*[A-Z])[A-Za-z]{4,}\b")
_VERSION = re.compile(r"\b\d+\.\d+(?:\.\d+)?\b")
_CLAUSE = re.compile(r",(?: (?:and|but|or|which|while|so))? [^,.;:!?()<>]{20,120}(?=[,.])")
_HEDGES = {
    "more than": "less than",
    "less than": "more than",
    "over": "under",
    "nearly": "more than",
    "almost": "more than",
    "at least": "at most",
    "at most": "at least",
}
_MAGNITUDES = {"dozens": "hundreds", "hundreds": "thousands", "thousands": "millions", "millions": "billions"}


def _turned(words: Mapping[str, str], behind: str = "") -> Injector:
    """Each of these words becomes the one beside it."""
    return words_replaced(rf"\b(?:{'|'.join(words)})\b{behind}", lambda match, _: words[match[0]])


@fault("letters of a name exchanged", Goal.MEANING)
def _letters_exchanged(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Two letters of a name that the source has, too, have changed places."""
    for site, segment in segments_of(pair):
        source = " ".join(prose_of(one.text) for one in site.source.segments)
        for match in _NAME.finditer(plain(segment, pair.target)):
            name = match[0]
            spots = [spot for spot in range(1, len(name) - 1) if name[spot] != name[spot + 1]]
            if name in source and spots:
                spot = random.choice(spots)
                other = name[:spot] + name[spot + 1] + name[spot] + name[spot + 2 :]
                yield injected(pair, site, shifted(match, segment.span.start), other)


@fault("versions exchanged", Goal.MEANING)
def _versions_exchanged(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, segment in segments_of(pair):
        found = list(_VERSION.finditer(plain(segment, pair.target)))
        for one, two in combinations(found, 2):
            if one[0] != two[0]:
                edits = (
                    Edit(shifted(one, segment.span.start), two[0]),
                    Edit(shifted(two, segment.span.start), one[0]),
                )
                yield InjectedFault(f"{one[0]} <-> {two[0]}", edits, (site.source.number,))


@fault("clause dropped", Goal.MEANING)
def _clause_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, segment in segments_of(pair):
        for match in _CLAUSE.finditer(plain(segment, pair.target)):
            yield injected(pair, site, shifted(match, segment.span.start), "")


fault("hedge dropped", Goal.MEANING)(
    words_replaced(
        r"\b(?:about|around|nearly|almost|over|more than|less than|up to) (?=\$?\d)", lambda *_: ""
    )
)
fault("hedge turned", Goal.MEANING)(_turned(_HEDGES, r"(?= \$?\d)"))
fault("vague magnitude altered", Goal.MEANING)(_turned(_MAGNITUDES))
fault("word turned into its opposite", Goal.MEANING)(_turned(OPPOSITES))
fault("negation dropped", Goal.MEANING)(words_replaced(r"\b(?:not|never|no longer) ", lambda *_: ""))
fault("negation added", Goal.MEANING)(
    words_replaced(r"\b(?:is|are|was|can|will|does|should)(?= (?!not\b))", lambda match, _: f"{match[0]} not")
)
