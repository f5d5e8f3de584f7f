"""The numbers of items: a changed one is told once, and a lost item does not change all that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.checks.lines import Shape
from weekly_translate.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.checks.pairing import Pairing


def number_findings(pairing: Pairing) -> Iterator[Finding]:
    """Item numbers that differ; a shift that a lost or added item explains is no finding of its own."""
    shift = 0
    lost = [line.number for line in pairing.lost if line.item]
    added = [line.number for line in pairing.added if line.item]
    before = (0, 0)
    for match in pairing.matches:
        here, there = match.source[0], match.target[0]
        if here.shape is Shape.HEADING:
            shift = 0
        if match.moved or not (here.item or there.item):
            continue
        explained = -_between(lost, before[0], here.number) + _between(added, before[1], there.number)
        before = here.number, there.number
        distance = _distance(here.item, there.item)
        if distance is None:
            message = (
                f"item {here.item or 'without a number'} became {there.item or 'a line without a number'}"
            )
        elif distance in (0, shift, shift + explained):
            shift = distance
            continue
        else:
            message = f"item {here.item} became {there.item}"
        yield Finding(
            "md.item-number",
            Severity.ERROR,
            message,
            here.segments[0].id if here.segments else None,
            here.number,
            there.number,
        )


def _between(numbers: list[int], low: int, high: int) -> int:
    return sum(low < number < high for number in numbers)


def _distance(source: str, target: str) -> int | None:
    """How far a number is off; None where one side has none, or another sort of number."""
    if source == target:
        return 0
    if source.isdecimal() and target.isdecimal():
        return int(target) - int(source)
    if len(source) == len(target) == 1:
        return ord(target) - ord(source)
    return None
