"""Lines that stand in another place, told passage by passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Line, Shape
from weekly_translate.comparison.naming import named, segment_of
from weekly_translate.model import FeatureKind, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.comparison.matches import Match

_NEAR = 2
"""Lines that are at most so far apart belong to one passage that was moved."""


class _Places:
    """Which lines of the two documents follow one another."""

    def __init__(self, source: Sequence[Line], target: Sequence[Line]) -> None:
        self._source = {line.number: place for place, line in enumerate(source)}
        self._target = {line.number: place for place, line in enumerate(target)}

    def follow(self, one: Match, two: Match) -> bool:
        """Whether two matches are neighbors on both sides, but for a line between them."""
        here = self._source[two.source[0].number] - self._source[one.source[-1].number]
        there = self._target[two.target[0].number] - self._target[one.target[-1].number]
        return 0 < here <= _NEAR and 0 < there <= _NEAR


def move_findings(
    source: Sequence[Line], target: Sequence[Line], matches: Sequence[Match]
) -> Iterator[Finding]:
    """Lines that stand elsewhere; neighbors that moved together are told once, and so is an exchange."""
    places = _Places(source, target)
    moved = [match for match in matches if match.moved]
    homes = _homes(matches)
    place = 0
    told: set[int] = set()
    while place < len(moved):
        run = [moved[place]]
        while place + len(run) < len(moved) and places.follow(run[-1], moved[place + len(run)]):
            run.append(moved[place + len(run)])
        place += len(run)
        first = run[0]
        if homes[first.target[0].number] in told:
            continue
        told |= {match.source[0].number for match in run}
        lines = [match.source[0] for match in run]
        message = f"{named(lines)} stands in another place: line {first.target[0].number}"
        images = all(line.shape is Shape.BARE and line.values(FeatureKind.IMAGE) for line in lines)
        yield Finding(
            "img.order" if images else "seg.swapped",
            Severity.ERROR,
            message,
            segment_of(lines[0]),
            lines[0].number,
            first.target[0].number,
        )


def _homes(matches: Sequence[Match]) -> dict[int, int]:
    """For each line of the target the line of the source that would stand there if none had moved."""
    source = (match.source[0].number for match in matches)
    return dict(zip(sorted(match.target[0].number for match in matches), source, strict=True))
