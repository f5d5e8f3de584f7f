"""The lines between two anchors: the path through their matrix that explains them best."""

from __future__ import annotations

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
        down, right, gain = steps[here, there]
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


def _steps(
    source: Sequence[Line], target: Sequence[Line], measure: Likeness
) -> dict[tuple[int, int], tuple[int, int, float]]:
    """For each cell of the matrix the last step of the best path to it: lines down, lines right, gain."""
    best: dict[tuple[int, int], float] = {(0, 0): 0.0}
    steps: dict[tuple[int, int], tuple[int, int, float]] = {}
    for here, there in _cells(len(source), len(target)):
        options = []
        for down, right, gain in _last_steps(source[:here][-2:], target[:there][-2:], measure):
            total = best.get((here - down, there - right))
            if total is not None:
                options.append((total + gain, (down, right, gain)))
        if options:
            best[here, there], steps[here, there] = max(options)
    return steps


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


def _last_steps(
    source: Sequence[Line], target: Sequence[Line], measure: Likeness
) -> Iterable[tuple[int, int, float]]:
    if source:
        yield 1, 0, _GAP
    if target:
        yield 0, 1, _GAP
    if source and target:
        became_words = _became_words(source[-1], target[-1])
        yield 1, 1, 0.0 if became_words else measure(source[-1], target[-1])
        if len(source) == 2 and (one := merged(*source)) and len(target[-1].words) > len(one.words):
            yield 2, 1, measure(one, target[-1]) + _MERGE * (2 if one.item else 1)
        if len(target) == 2 and (two := merged(*target)):
            yield 1, 2, measure(source[-1], two) + _MERGE * (2 if two.item else 1)
