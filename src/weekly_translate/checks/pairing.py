"""Which line of a document is the translation of which line of another, without ids to lean on.

Anchors first: lines that share what occurs once on both sides, in the same order. Between two anchors a small
dynamic programme (Gale and Church's, with evidence) finds one-to-one, lost, added and merged lines. What is
left over and fits elsewhere was moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.anchoring import CERTAIN, REACH, anchors, likely
from weekly_translate.checks.likeness import Likeness, likeness
from weekly_translate.checks.lines import Shape
from weekly_translate.checks.merging import merged
from weekly_translate.model import FeatureKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.checks.lines import Line

_GAP = -0.3
"""A lost or an added line: two lines that gain less than -0.6 are rather lost and added."""
_ALONE = -3.0
"""The same for two lines that stand alone between anchors: nothing else can have become of them."""
_MERGE = -1.5
_WIDEST = 150
"""Gaps with more lines are searched near their diagonal only, so that all of it stays linear."""
_MOVED = 5.0


class Match(NamedTuple):
    """Lines that stand for one another; one side is a merged line where two became one."""

    source: tuple[Line, ...]
    target: tuple[Line, ...]
    gain: float = 0.0
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the lines of two documents belong together, each line in one place."""

    matches: tuple[Match, ...]
    """In the order of the source."""
    lost: tuple[Line, ...]
    added: tuple[Line, ...]


def paired(source: Sequence[Line], target: Sequence[Line], measure: Likeness | None = None) -> Pairing:
    """Match two documents line by line, in linear time; `measure` is `likeness` of the two."""
    measure = measure or likeness(source, target)
    matches: list[Match] = []
    lost: list[Line] = []
    added: list[Line] = []
    before = (0, 0)
    for here, there in [*anchors(source, target, measure), (len(source), len(target))]:
        found = _gap_paired(source[before[0] : here], target[before[1] : there], measure)
        matches += found.matches
        lost += found.lost
        added += found.added
        if here < len(source):
            matches.append(Match((source[here],), (target[there],), measure(source[here], target[there])))
        before = (here + 1, there + 1)
    matches = _uncrossed(matches, measure)
    moved = _moved(lost, added, measure)
    gone = {id(line) for match in moved for line in (*match.source, *match.target)}
    matches = sorted([*matches, *moved], key=lambda match: match.source[0].number)
    return Pairing(
        tuple(matches),
        tuple(line for line in lost if id(line) not in gone),
        tuple(line for line in added if id(line) not in gone),
    )


# --------------------------------------------------------------------------- between two anchors


def _gap_paired(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> Pairing:
    """The best path through the matrix of two short stretches of lines."""
    if not source or not target:
        return Pairing((), tuple(source), tuple(target))
    if len(source) == len(target) == 1:
        gain = measure(source[0], target[0])
        if gain >= _ALONE or _became_words(source[0], target[0]):
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
        yield 1, 1, measure(source[-1], target[-1])
        if len(source) == 2 and (one := merged(*source)) and len(target[-1].words) > len(one.words):
            yield 2, 1, measure(one, target[-1]) + _MERGE
        if len(target) == 2 and (two := merged(*target)):
            yield 1, 2, measure(source[-1], two) + _MERGE


# --------------------------------------------------------------------------- out of order


def _moved(lost: list[Line], added: list[Line], measure: Likeness) -> list[Match]:
    """Lost lines that were found again elsewhere, by something that both hold once."""
    return [
        Match((lost[one],), (added[two],), measure(lost[one], added[two]), moved=True)
        for one, two in likely(lost, added, measure)
        if measure(lost[one], added[two]) >= _MOVED
    ]


def _uncrossed(matches: list[Match], measure: Likeness) -> list[Match]:
    """Two lines that changed places look like two bad pairs: exchange them where that fits much better."""
    matches = list(matches)
    doubtful = [
        index
        for index, match in enumerate(matches)
        if match.gain < CERTAIN and len(match.source) == len(match.target) == 1
    ]
    for place, one in enumerate(doubtful):
        for two in doubtful[place + 1 : place + 1 + REACH]:
            first, second = matches[one], matches[two]
            if two - one > REACH or first.moved or second.moved:
                continue
            gains = (
                measure(first.source[0], second.target[0]),
                measure(second.source[0], first.target[0]),
            )
            if min(gains) > 1.0 and sum(gains) > first.gain + second.gain + CERTAIN:
                matches[one] = Match(first.source, second.target, gains[0], moved=True)
                matches[two] = Match(second.source, first.target, gains[1], moved=True)
    return matches
