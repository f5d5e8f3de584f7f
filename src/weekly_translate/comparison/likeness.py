"""How likely one line is the translation of another: a gain, positive for likely."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from math import log
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.comparison.lines import Line

_CHARACTERS_FOR_ONE = {Shape.TITLE: 2.1, Shape.HEADING: 2.5}
_USUAL = 2.7
"""English characters for a Chinese one, measured on the published pairs; titles are tighter."""
_KIND_WEIGHTS = {
    "url": 3.0,
    "site": 1.0,
    "form": 1.0,
    "code": 2.5,
    "html": 2.5,
    "definition": 4.0,
    "footnote": 3.0,
    "emoji": 2.0,
    "number": 1.2,
    "word": 1.6,
}
_LEVELS = (Shape.META, Shape.HEADING)


@dataclass(slots=True)
class Likeness:
    """Weighs what two lines share by how rare it is in their documents."""

    rarity: dict[str, float]
    numbered: bool = True
    """Whether item numbers count."""
    counts: Counter[str] = field(default_factory=Counter)
    """`calls`: how often two lines were compared, which a test of linearity counts."""

    def __call__(self, source: Line, target: Line) -> float:
        """From about -12, impossible, to about 15, certain."""
        self.counts["calls"] += 1
        return (
            _shapes(source.shape, target.shape)
            + self._shared(source, target)
            + (_items(source.item, target.item) if self.numbered else 0.0)
            + _lengths(source, target)
        )

    def without_numbers(self) -> Likeness:
        """The measure that does not look at item numbers."""
        return replace(self, numbered=False)

    def without_addresses(self) -> Likeness:
        """The measure that does not look at addresses."""
        rarity = {
            token: 0.0 if token.startswith(("url:", "site:")) else weight
            for token, weight in self.rarity.items()
        }
        return replace(self, rarity=rarity)

    def missing(self, source: Line, target: Line) -> float:
        """About how many faults there are in a pair of lines: one for an address, less for a word."""
        lost = sum(self.rarity[token] for token in source.evidence - target.evidence)
        added = sum(self.rarity[token] for token in target.evidence - source.evidence if token[:4] == "url:")
        return (lost + added) / 6

    def _shared(self, source: Line, target: Line) -> float:
        rarity = self.rarity
        shared = source.evidence & target.evidence
        found = sum(rarity[token] for token in shared)
        lost = sum(rarity[token] for token in source.evidence) - found
        added = sum(rarity[token] for token in target.evidence - shared if not token.startswith("word:"))
        return min(found, 9.0) - min(0.4 * lost + 0.2 * added, 4.0)


def likeness(source: Sequence[Line], target: Sequence[Line]) -> Likeness:
    """The measure for two documents: a word that stands in every line says nothing."""
    counts = [Counter(token for line in side for token in line.evidence) for side in (source, target)]
    size = max(2, len(source), len(target))
    rarity = {}
    for token in counts[0].keys() | counts[1].keys():
        often = max(counts[0][token], counts[1][token])
        weight = _KIND_WEIGHTS[token.partition(":")[0]]
        rarity[token] = weight * max(0.1, 1 - log(often) / log(size))
    return Likeness(rarity)


def _shapes(source: Shape, target: Shape) -> float:
    if source is target:
        return 1.5 if source is Shape.BARE else 1.0
    if source in _LEVELS and target in _LEVELS:
        return 0.5
    if Shape.CELL in (source, target):
        return -4.0
    if Shape.BARE in (source, target):
        return -2.0
    return -2.5 if source in _LEVELS or target in _LEVELS else -1.0


def _items(source: str, target: str) -> float:
    if source == target:
        return 2.5 if source else 0.0
    return -1.5 if source and target else -2.5


def _lengths(source: Line, target: Line) -> float:
    """1 for the usual length, less the further away; Latin words are as long in both languages."""
    if not source.words or not target.words:
        return 0.0 if source.words == target.words else -1.0
    ratio = _CHARACTERS_FOR_ONE.get(source.shape, _USUAL)
    expected = sum(ratio if character > "\u2e7f" else 1.0 for character in source.words)
    return max(-3.0, 1.0 - 1.5 * abs(log((len(target.words) + 10) / (expected + 10))))
