"""Whether every sentence has a counterpart: by the words that a dictionary knows, and by length.

The part is doubted without which the two texts would be most alike: its words have no counterpart near its
place in the other text, and the whole is longer than usual by about as much as the part is long.

The constants were counted in the published issues of odd days and in the samples; what the checks find is
measured in the issues of even days (`docs/checks-on-published.md`, `python tests/published.py --sown`).
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.counterparts import sides_of
from weekly_translate.checks.quantities import differences
from weekly_translate.model import Kind
from weekly_translate.text.chinese import han_count
from weekly_translate.text.lines import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.checks.counterparts import Part, Senses, Side
    from weekly_translate.model import Pair

_SHORTEST = 20
"""Chinese characters; about fewer nothing can be told."""
_LONGEST_RUN = 6
_SMALLEST_RUN = 25
"""In English characters: transitions and exclamations come and go in a good translation."""
_LEAST, _MOST = -3.0, 5.0
"""The words of a run say no more than this: a free translation shares few words with its source."""
_SPREAD, _PADDING = 0.087, 30
"""The standard deviation of the logarithm of the lengths' ratio, both with so many characters more."""
_LENGTH_MOST = 10.0
_A_SENTENCE = 2.0
_OTHER_SIDE = 0.4
"""Words without a counterpart on both sides are a free translation."""
_LIKELY_OMITTED, _LIKELY_MADE_UP = 3.5, 1.5
_SURE, _SURE_BY_WORDS = 5.0, 3.0
"""An error wants more than an unusual length: three words that nothing stands for."""


class Doubt(NamedTuple):
    """The part that has the least counterpart on the other side, and how sure it is that it has none."""

    part: str
    score: float
    """A logarithm of odds: 0 is even."""
    words: float
    """How much of it is said by words."""
    number: bool = False
    """Whether a number of the part is not on the other side either."""

    def is_sure(self, likely: float) -> bool:
        """Whether words and lengths agree on it, or it is likely and a number speaks for it, too."""
        return (self.score > _SURE and self.words > _SURE_BY_WORDS) or (self.score > likely and self.number)


class _Doubts(NamedTuple):
    """Of the parts of both texts."""

    of_source: Doubt
    of_target: Doubt


class _Run(NamedTuple):
    """Parts that stand side by side."""

    start: int
    end: int
    size: float
    words: float
    """What they say against its being translated, within bounds."""

    def text(self, parts: Sequence[Part]) -> str:
        """The parts in one."""
        return "".join(part.text for part in parts[self.start : self.end]).strip()


def nothing_is_omitted(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """No sentence of the source is left out, as far as a dictionary and the length can tell for sure."""
    doubt = omitted(pair, senses) if senses else None
    if doubt and doubt.is_sure(_LIKELY_OMITTED):
        yield f"nothing is said of “{shortened(doubt.part)}”"


def little_is_omitted(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """The same where it is likely: look at it."""
    doubt = omitted(pair, senses) if senses else None
    if doubt and doubt.score > _LIKELY_OMITTED:
        yield f"a part may be missing, perhaps of “{shortened(doubt.part)}”"


def nothing_is_made_up(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """No sentence of the translation is invented, as far as a dictionary and the length can tell for sure."""
    doubt = made_up(pair, senses) if senses else None
    if doubt and doubt.is_sure(_LIKELY_MADE_UP):
        yield f"nothing in the source says “{shortened(doubt.part)}”"


def little_is_made_up(pair: Pair, senses: Senses | None = None) -> Iterator[str]:
    """The same where it is likely: look at it."""
    doubt = made_up(pair, senses) if senses else None
    if doubt and doubt.score > _LIKELY_MADE_UP:
        yield f"something may have been added, perhaps “{shortened(doubt.part)}”"


def omitted(pair: Pair, senses: Senses) -> Doubt | None:
    """The part of the source of which the translation says least; None for a text too short to tell."""
    if not (doubts := _doubts(pair, senses)):
        return None
    doubt = doubts.of_source
    return doubt._replace(number=any(number.text in doubt.part for number in differences(pair).missing))


def made_up(pair: Pair, senses: Senses) -> Doubt | None:
    """The part of the translation of which the source says least; None for a text too short to tell."""
    if not (doubts := _doubts(pair, senses)):
        return None
    doubt = doubts.of_target
    return doubt._replace(number=any(number.text in doubt.part for number in differences(pair).added))


def _doubts(pair: Pair, senses: Senses) -> _Doubts | None:
    if pair.segment.kind is not Kind.TEXT or han_count(pair.segment.text) < _SHORTEST:
        return None
    return _doubts_between(pair.segment.text, pair.target, senses)


@lru_cache(maxsize=16)
def _doubts_between(source: str, target: str, senses: Senses) -> _Doubts | None:
    """Remembered, because five checks ask."""
    if not (sides := sides_of(source, target, senses)):
        return None
    here, there = (list(_runs(side.parts)) for side in sides)
    return _Doubts(_doubted(sides, here, there), _doubted(sides[::-1], there, here))


def _doubted(sides: tuple[Side, Side], runs: Sequence[_Run], others: Sequence[_Run]) -> Doubt:
    """The run of parts without which the two sides would be most alike."""
    own, other = sides
    length, other_length = (sum(part.size for part in side.parts) for side in sides)
    uneven = _unevenness(length, other_length)

    def score(run: _Run) -> float:
        longer = uneven - _unevenness(length - run.size, other_length)
        return run.words + max(-_LENGTH_MOST, min(_LENGTH_MOST, longer))

    most = max(runs, key=score, default=None)
    free = max((run.words for run in others), default=0.0)
    more = max(-1, min(1, own.sentences - other.sentences))
    odds = (score(most) if most else -_LENGTH_MOST) + _A_SENTENCE * more - _OTHER_SIDE * max(0.0, free)
    return Doubt(most.text(own.parts), odds, most.words) if most else Doubt("", odds, 0.0)


def _runs(parts: Sequence[Part]) -> Iterator[_Run]:
    """Parts that stand side by side, neither too few for a sentence nor all of them."""
    for start in range(len(parts)):
        size = strangeness = 0.0
        for end, part in enumerate(parts[start : start + _LONGEST_RUN], start + 1):
            size, strangeness = size + part.size, strangeness + part.strangeness
            if size >= _SMALLEST_RUN and end - start < len(parts):
                yield _Run(start, end, size, max(_LEAST, min(_MOST, strangeness)))


def _unevenness(length: float, other: float) -> float:
    """How unusual these lengths are for a text and its translation: minus the logarithm of a density."""
    return (log((length + _PADDING) / (other + _PADDING)) / _SPREAD) ** 2 / 2
