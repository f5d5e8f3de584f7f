"""Two lines read as one, where a translation joined them or cut one in two."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape
from weekly_translate.comparison.matches import Match, Pairing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.comparison.likeness import Likeness
    from weekly_translate.comparison.lines import Line

_CAN_MERGE = (Shape.TEXT, Shape.TITLE)


def merged(first: Line, second: Line) -> Line | None:
    """What both lines hold, as one line; None where no translator would join them."""
    if first.shape not in _CAN_MERGE or first.shape is not second.shape:
        return None
    return replace(
        first,
        end=second.end,
        words=f"{first.words} {second.words}",
        segments=first.segments + second.segments,
        inner=first.inner + second.inner,
        features=first.features + second.features,
        marks=first.marks + second.marks,
        evidence=first.evidence | second.evidence,
    )


_BETTER, _SURELY_BETTER = 0.4, 0.0
"""How much better a translation has to fit two lines than it fits the one: it is a third longer.

Where it holds all that the lost line would show, any better is enough.
"""


def absorbed(pairing: Pairing, source: Sequence[Line], measure: Likeness) -> Pairing:
    """Where a line is lost and its neighbor's translation is long enough for both, it holds both.

    An anchor binds the translation to one of the two, so that no path could find this.
    """
    lost = {line.number for line in pairing.lost if line.shape is Shape.TEXT}
    matches = {match.source[0].number: match for match in pairing.matches}
    for one, two in pairwise(source):
        absent, there = (one, two) if one.number in lost else (two, one)
        match, whole = matches.get(there.number), merged(one, two)
        if absent.number not in lost or match is None or whole is None or two.item:
            continue
        alone = len(match.source) == len(match.target) == 1 and not match.moved
        if alone and _holds(match, absent, whole, measure):
            matches[there.number] = Match((one, two), match.target, match.gain)
            lost.remove(absent.number)
    merged_matches = (matches[match.source[0].number] for match in pairing.matches)
    left = (line for line in pairing.lost if line.shape is not Shape.TEXT or line.number in lost)
    return Pairing(
        tuple(sorted(merged_matches, key=lambda match: match.source[0].number)), tuple(left), pairing.added
    )


def _holds(match: Match, absent: Line, whole: Line, measure: Likeness) -> bool:
    """Whether a translation has the length of both lines, and something of what the lost one would show."""
    target = match.target[0]
    shows = {token for token in absent.evidence if not token.startswith("form:")}
    if shows and shows.isdisjoint(target.evidence):
        return False
    least = _SURELY_BETTER if shows <= target.evidence else _BETTER
    return measure.lengths(whole, target) > measure.lengths(match.source[0], target) + least
