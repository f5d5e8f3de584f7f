"""The lines between two anchors: the path through their matrix that explains them best."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape
from weekly_translate.comparison.matches import Match, Pairing
from weekly_translate.comparison.merging import merged
from weekly_translate.model import FeatureKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.comparison.likeness import Likeness
    from weekly_translate.comparison.lines import Line

_GAP = -0.3
"""A lost or an added line: two lines that gain less than -0.6 are rather lost and added."""
_ALONE = -3.0
"""The same for two lines that stand alone between anchors: nothing else can have become of them."""
_MERGE = -1.5
_WIDEST = 150
"""Gaps with more lines are searched near their diagonal only, so that all of it stays linear."""


_Step = tuple[float, int, int, float]
"""The last step to a cell of the matrix: the gain of the path, so many lines down and right, its own gain."""
_NOWHERE: _Step = (-inf, 0, 0, 0.0)


def best_path(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> Pairing:
    """The best path through the matrix of two short stretches of lines."""
    if not source or not target:
        return Pairing((), tuple(source), tuple(target))
    if len(source) == len(target) == 1:
        gain = measure(source[0], target[0])
        if gain >= _ALONE:
            return Pairing((Match((source[0],), (target[0],), gain),), (), ())
    steps = _steps(source, target, measure)
    matches: list[Match] = []
    lost: list[Line] = []
    added: list[Line] = []
    here, there = len(source), len(target)
    while here or there:
        _, down, right, gain = steps[here, there]
        one, two = tuple(source[here - down : here]), tuple(target[there - right : there])
        if down and right:
            matches.append(Match(one, two, gain))
        lost += one if not right else ()
        added += two if not down else ()
        here, there = here - down, there - right
    return Pairing(tuple(matches[::-1]), tuple(lost[::-1]), tuple(added[::-1]))


def _became_words(source: Line, target: Line) -> bool:
    """Whether an image was replaced by a line such as `[image of a cat]`."""
    return (
        source.shape is Shape.BARE and bool(source.values(FeatureKind.IMAGE)) and target.words.startswith("[")
    )


def _steps(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> dict[tuple[int, int], _Step]:
    """For each cell of the matrix the last step of the best path to it."""
    ones, twos = _joined(source), _joined(target)
    most = [measure.most(line) + _MERGE for line in source]
    most_of_two = [measure.most(line) + _MERGE if line else 0.0 for line in ones]
    steps: dict[tuple[int, int], _Step] = {(0, 0): (0.0, 0, 0, 0.0)}
    for here, there in _cells(len(source), len(target)):
        best = _NOWHERE
        if before := steps.get((here, there - 1)):
            best = max(best, (before[0] + _GAP, 0, 1, _GAP))
        if before := steps.get((here - 1, there)):
            best = max(best, (before[0] + _GAP, 1, 0, _GAP))
        if before := steps.get((here - 1, there - 1)):
            one, two = source[here - 1], target[there - 1]
            gain = 0.0 if _became_words(one, two) else measure(one, two)
            best = max(best, (before[0] + gain, 1, 1, gain))
        before = steps.get((here - 1, there - 2))
        if before and before[0] + most[here - 1] >= best[0] and (both := twos[there - 2]):
            gain = measure(source[here - 1], both) + _MERGE * (2 if both.item else 1)
            best = max(best, (before[0] + gain, 1, 2, gain))
        before = steps.get((here - 2, there - 1))
        both = ones[here - 2] if before and before[0] + most_of_two[here - 2] >= best[0] else None
        if before and both and len(target[there - 1].words) > len(both.words):
            gain = measure(both, target[there - 1]) + _MERGE * (2 if both.item else 1)
            best = max(best, (before[0] + gain, 2, 1, gain))
        if best is not _NOWHERE:
            steps[here, there] = best
    return steps


def _joined(lines: Sequence[Line]) -> list[Line | None]:
    """Each line with the one that follows it, where a translator may join them."""
    return [merged(one, two) for one, two in pairwise(lines)]


def _cells(height: int, width: int) -> Iterable[tuple[int, int]]:
    """The cells but the first, row by row; of a large matrix those near the diagonal."""
    narrow = max(height, width) > _WIDEST
    for here in range(height + 1):
        middle = here * width // height
        low = max(0, middle - _WIDEST // 4 - width // height) if narrow else 0
        high = min(width, middle + _WIDEST // 4 + width // height) if narrow else width
        for there in range(low, high + 1):
            if here or there:
                yield here, there
