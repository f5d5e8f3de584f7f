"""How likely one line is the translation of another: a gain, positive for likely."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from math import log
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.document_lines import LineShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.compare.document_lines import DocumentLine

_CHARACTERS_FOR_ONE = {LineShape.TITLE: 2.1, LineShape.HEADING: 2.5}
_USUAL = 2.7
"""English characters for a Chinese one by which published pairs align best: less than the median of good
texts, 3.6, for a line that is lost costs more than one that is short."""
_KIND_WEIGHTS = {
    "url": 3.0,
    "site": 1.0,
    "form": 1.0,
    "code": 2.5,
    "html": 2.5,
    "definition": 4.0,
    "footnote": 3.0,
    "note": 3.0,
    "emoji": 2.0,
    "number": 1.2,
    "word": 1.6,
}
_MOST_FOUND = 9.0
_LOST, _ADDED, _MOST_LOST = 0.4, 0.2, 4.0
"""What evidence counts that only one side holds."""
_LEVELS = (LineShape.META, LineShape.HEADING)


class _Weight(NamedTuple):
    """What is asked about a line again and again, worked out once."""

    size: float
    """The logarithm of the characters that it has, or that its translation is expected to have."""
    all: float
    """The weights of its evidence, summed up."""
    words: float
    """Those of the words among it."""
    lost: float
    """What it costs a line of the source that nothing of its evidence is found."""
    added: float
    """What it costs a line of the target that nothing of its evidence is expected."""


@dataclass(slots=True)
class LineLikeness:
    """Weighs what two lines share by how rare it is in their documents."""

    rarity: dict[str, float]
    numbered: bool = True
    """Whether item numbers count."""
    counts: Counter[str] = field(default_factory=Counter)
    """`calls`: how often two lines were compared, which a test of linearity counts."""
    _sources: dict[DocumentLine, _Weight] = field(default_factory=dict)
    _targets: dict[DocumentLine, _Weight] = field(default_factory=dict)

    def __call__(self, source: DocumentLine, target: DocumentLine) -> float:
        """From about -12, impossible, to about 15, certain."""
        self.counts["calls"] += 1
        here = self._sources.get(source) or self._weigh(source, self._sources, _expected(source))
        there = self._targets.get(target) or self._weigh(target, self._targets, len(target.words))
        if source.words and target.words:
            lengths = _likely_as_long(there.size - here.size)
        else:
            lengths = -1.0 if source.words or target.words else 0.0
        if source.evidence.isdisjoint(target.evidence):  # as nearly always
            shared = -min(here.lost + there.added, _MOST_LOST)
        else:
            shared = self._shared(source.evidence & target.evidence, here, there)
        gain = _SHAPES[source.shape, target.shape] + shared + lengths
        return gain + _items(source.item, target.item) if self.numbered else gain

    def _weigh(self, line: DocumentLine, known: dict[DocumentLine, _Weight], characters: float) -> _Weight:
        words = sum(self.rarity[token] for token in line.evidence if token.startswith("word:"))
        every = sum(self.rarity[token] for token in line.evidence)
        size = log(characters + 10)
        known[line] = weight = _Weight(size, every, words, _LOST * every, _ADDED * (every - words))
        return weight

    def most(self, source: DocumentLine) -> float:
        """More than this no line of the target gains."""
        here = self._sources.get(source) or self._weigh(source, self._sources, _expected(source))
        return 1.5 + min(here.all, _MOST_FOUND) + 1.0 + (2.5 if source.item else 0.0)

    def lengths(self, source: DocumentLine, target: DocumentLine) -> float:
        """The part of the gain that only the lengths of two lines of words have a say in."""
        return _likely_as_long(log(len(target.words) + 10) - log(_expected(source) + 10))

    def without_numbers(self) -> LineLikeness:
        """The measure that does not look at item numbers."""
        return replace(self, numbered=False)  # the weights of lines are the same

    def without_addresses(self) -> LineLikeness:
        """The measure that does not look at addresses."""
        rarity = {
            token: 0.0 if token.startswith(("url:", "site:")) else weight
            for token, weight in self.rarity.items()
        }
        return LineLikeness(rarity, self.numbered, self.counts)

    def missing(self, source: DocumentLine, target: DocumentLine) -> float:
        """About how many faults there are in a pair of lines: one for two addresses, less for a word."""
        return sum(self.rarity[token] for token in source.evidence - target.evidence) / 6

    def _shared(self, both: frozenset[str], here: _Weight, there: _Weight) -> float:
        """What both hold, less what only one of them does; words that only English needs are no loss."""
        found = words = 0.0
        for token in both:
            found += self.rarity[token]
            words += self.rarity[token] if token.startswith("word:") else 0.0
        added = there.all - there.words - (found - words)
        return min(found, _MOST_FOUND) - min(_LOST * (here.all - found) + _ADDED * added, _MOST_LOST)


def likeness(source: Sequence[DocumentLine], target: Sequence[DocumentLine]) -> LineLikeness:
    """The measure for two documents: a word that stands in every line says nothing."""
    counts = [Counter(token for line in side for token in line.evidence) for side in (source, target)]
    size = max(2, len(source), len(target))
    rarity = {}
    for token in counts[0].keys() | counts[1].keys():
        often = max(counts[0][token], counts[1][token])
        weight = _KIND_WEIGHTS[token.partition(":")[0]]
        rarity[token] = weight * max(0.1, 1 - log(often) / log(size))
    return LineLikeness(rarity)


def _shapes(source: LineShape, target: LineShape) -> float:
    if source is target:
        return 1.5 if source is LineShape.BARE else 1.0
    if source in _LEVELS and target in _LEVELS:
        return 0.5
    if LineShape.CELL in (source, target):
        return -4.0
    if LineShape.BARE in (source, target):
        return -2.0
    return -2.5 if source in _LEVELS or target in _LEVELS else -1.0


_SHAPES = {(one, two): _shapes(one, two) for one in LineShape for two in LineShape}


def _items(source: str, target: str) -> float:
    if source == target:
        return 2.5 if source else 0.0
    return -1.5 if source and target else -2.5


def _likely_as_long(distance: float) -> float:
    """1 for the usual length, less the further away, by the difference of the logarithms."""
    likely = 1.0 - 1.5 * abs(distance)
    return likely if likely > -3.0 else -3.0  # noqa: FURB136 - asked half a million times


def _expected(source: DocumentLine) -> float:
    """The usual length of a translation; Latin words are as long in both languages."""
    ratio = _CHARACTERS_FOR_ONE.get(source.shape, _USUAL)
    chinese = sum(character > "\u2e7f" for character in source.words)
    return len(source.words) + (ratio - 1.0) * chinese
