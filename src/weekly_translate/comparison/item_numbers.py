"""The numbers of items: a changed one is told once, and a lost item does not change all that follow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from weekly_translate.comparison.items import item_distance
from weekly_translate.comparison.lines import Shape
from weekly_translate.comparison.naming import segment_of
from weekly_translate.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.comparison.matches import Pairing


def number_findings(pairing: Pairing) -> Iterator[Finding]:
    """Item numbers that differ; a shift that a lost or added item explains is no finding of its own."""
    shift = 0
    merged = [line for match in pairing.matches for line in match.source[1:]]
    lost = sorted(line.number for line in (*pairing.lost, *merged) if line.item)
    added = sorted(line.number for line in pairing.added if line.item)
    crossing = _Crossing(pairing)
    before = (0, 0)
    for match in pairing.matches:
        here, there = match.source[0], match.target[0]
        if here.shape is Shape.HEADING:
            shift = 0
        if match.moved or not (here.item or there.item):
            continue
        explained = -_between(lost, before[0], here.number) + _between(added, before[1], there.number)
        before = here.number, there.number
        distance = item_distance(here.item, there.item)
        if distance is None:
            message = (
                f"item {here.item or 'without a number'} became {there.item or 'a line without a number'}"
            )
        elif distance in (0, shift, shift + explained):
            shift = distance
            continue
        elif distance == shift + crossing.over(here.number, there.number):
            continue
        else:
            message = f"item {here.item} became {there.item}"
        yield Finding("md.item-number", Severity.ERROR, message, segment_of(here), here.number, there.number)


class _Crossing:
    """How many moved items a line was behind and is before now, and the other way round."""

    def __init__(self, pairing: Pairing) -> None:
        moved = [match for match in pairing.matches if match.moved and match.source[0].item]
        self._left = sorted(match.source[0].number for match in moved)
        self._reached = sorted(match.target[0].number for match in moved)

    def over(self, source: int, target: int) -> int:
        """By how much the moved items change the number of an item that stayed."""
        return bisect_left(self._reached, target) - bisect_left(self._left, source)


def _between(numbers: list[int], low: int, high: int) -> int:
    """How many of the sorted numbers lie between two others."""
    return max(0, bisect_left(numbers, high) - bisect_right(numbers, low))
