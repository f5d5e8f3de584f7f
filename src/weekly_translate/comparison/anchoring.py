"""Lines that hold two documents together: they share what occurs once on both sides, in the same order."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.comparison.likeness import Likeness
    from weekly_translate.comparison.lines import Line

CERTAIN = 4.0
"""The least gain of two lines that hold each other in place."""
REACH = 10
"""How many lines apart two are looked for that have changed places."""


def anchors(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> list[tuple[int, int]]:
    """Pairs of line indexes that rise on both sides and that no other likely pair contradicts nearby."""
    found = _partners(source, target, measure)
    kept = _rising([pair for pair in found if measure(source[pair[0]], target[pair[1]]) >= CERTAIN])
    there = [pair[1] for pair in kept]
    here = [pair[0] for pair in kept]
    doubtful: set[tuple[int, int]] = set()
    for one, two in set(found) - set(kept):
        low, high = sorted((bisect_left(here, one), bisect_left(there, two)))
        if high - low <= REACH:
            doubtful.update(kept[low:high])
    return [pair for pair in kept if pair not in doubtful]


def likely(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> list[tuple[int, int]]:
    """Pairs of lines that share something unique and fit one another."""
    pairs = _partners(source, target, measure)
    return [pair for pair in pairs if measure(source[pair[0]], target[pair[1]]) >= CERTAIN]


def _partners(source: Sequence[Line], target: Sequence[Line], measure: Likeness) -> list[tuple[int, int]]:
    """Pairs of lines that share something unique and are each other's best partner in it, sorted."""
    here, there = _unique(source), _unique(target)
    votes: Counter[tuple[int, int]] = Counter()
    for token in here.keys() & there.keys():
        votes[here[token], there[token]] += int(10 * measure.rarity[token])
    best_here: dict[int, tuple[int, int]] = {}
    best_there: dict[int, tuple[int, int]] = {}
    for (one, two), count in sorted(votes.items()):
        best_here[one] = max(best_here.get(one, (0, 0)), (count, -two))
        best_there[two] = max(best_there.get(two, (0, 0)), (count, -one))
    return sorted(
        (one, -partner) for one, (_, partner) in best_here.items() if best_there[-partner][1] == -one
    )


def _unique(lines: Sequence[Line]) -> dict[str, int]:
    """The index of the only line that holds a piece of evidence."""
    counts = Counter(token for line in lines for token in line.evidence)
    return {token: index for index, line in enumerate(lines) for token in line.evidence if counts[token] == 1}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence in which the second index rises too (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    previous: list[int] = []
    for index, (_, two) in enumerate(pairs):
        pile = bisect_left(tops, two)
        tops[pile : pile + 1] = [two]
        piles[pile : pile + 1] = [index]
        previous.append(piles[pile - 1] if pile else -1)
    kept = []
    index = piles[-1] if piles else -1
    while index >= 0:
        kept.append(pairs[index])
        index = previous[index]
    return kept[::-1]
