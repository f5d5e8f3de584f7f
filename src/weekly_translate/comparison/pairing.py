"""Which line of a document is the translation of which line of another, without ids to lean on.

Anchors first: lines that share what occurs once on both sides, in the same order. Between two anchors a small
dynamic programme (Gale and Church's, with evidence) finds one-to-one, lost, added and merged lines. What is
left over and fits elsewhere was moved.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from weekly_translate.comparison.anchoring import CERTAIN, REACH, anchors, likely
from weekly_translate.comparison.gaps import best_path
from weekly_translate.comparison.items import item_distance
from weekly_translate.comparison.likeness import likeness
from weekly_translate.comparison.lines import Shape
from weekly_translate.comparison.matches import Match, Pairing
from weekly_translate.comparison.merging import absorbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.comparison.likeness import Likeness
    from weekly_translate.comparison.lines import Line

_MOVED = 4.0

_STARTS = (Shape.TITLE, Shape.HEADING)


def paired(source: Sequence[Line], target: Sequence[Line], measure: Likeness | None = None) -> Pairing:
    """Match two documents line by line, in linear time; `measure` is `likeness` of the two."""
    measure = measure or likeness(source, target)
    measures = (measure, measure.without_numbers(), measure.without_addresses())
    matches: list[Match] = []
    lost: list[Line] = []
    added: list[Line] = []
    before = (0, 0)
    for here, there in [*anchors(source, target, measure), (len(source), len(target))]:
        found = _explained(source[before[0] : here], target[before[1] : there], measures)
        matches += found.matches
        lost += found.lost
        added += found.added
        if here < len(source):
            matches.append(Match((source[here],), (target[there],), measure(source[here], target[there])))
        before = (here + 1, there + 1)
    matches = _uncrossed(matches, measure)
    moved = _moved(lost, added, measures[1])
    gone = {id(line) for match in moved for line in (*match.source, *match.target)}
    matches = sorted([*matches, *moved], key=lambda match: match.source[0].number)
    pairing = Pairing(
        tuple(_stayed(matches)),
        tuple(line for line in lost if id(line) not in gone),
        tuple(line for line in added if id(line) not in gone),
    )
    return absorbed(pairing, source, measure)


def _explained(source: Sequence[Line], target: Sequence[Line], measures: tuple[Likeness, ...]) -> Pairing:
    """Of the paths through a gap the one with the fewest faults.

    The others are looked for only if the first has any: links may have changed places, and the items after a
    lost one may have been numbered anew.
    """
    best = best_path(source, target, measures[0])
    if not source or not target:
        return best
    fewest = _faults(best, measures[0])
    for measure in _other_measures(source, target, measures) if fewest else ():
        path = best_path(source, target, measure)
        faults = _faults(path, measures[0])
        if faults < fewest:
            best, fewest = path, faults
    return best


def _other_measures(
    source: Sequence[Line], target: Sequence[Line], measures: tuple[Likeness, ...]
) -> Iterator[Likeness]:
    """Those measures by which these lines could look different."""
    _, without_numbers, without_addresses = measures
    if any(line.item for line in (*source, *target)):
        yield without_numbers
    if any(token.startswith(("url:", "site:")) for line in source for token in line.evidence):
        yield without_addresses


def _faults(pairing: Pairing, measure: Likeness) -> float:
    """About how many faults a translator must have made if the lines belong together like this."""
    moved = _moved(list(pairing.lost), list(pairing.added), measure.without_numbers())
    faults = len(pairing.lost) + len(pairing.added) - 1.5 * len(moved)
    faults += sum(0.5 for match in moved if match.source[0].item != match.target[0].item)
    renumbered = any(line.item for line in (*pairing.lost, *pairing.added))
    shift: int | None = 0
    for match in pairing.matches:
        faults += len(match.source) + len(match.target) - 2
        faults += measure.missing(match.source[0], match.target[0])
        distance = item_distance(match.source[0].item, match.target[0].item)
        if distance not in (0, shift):
            faults += 0.2 if renumbered else 1.0
        shift = distance
    return faults - _exchanged(pairing, measure)


def _exchanged(pairing: Pairing, measure: Likeness) -> float:
    """Addresses that one line lost and another one gained: to exchange two links is one fault, not two."""
    lost: set[str] = set()
    gained: set[str] = set()
    for match in pairing.matches:
        lost |= match.source[0].evidence - match.target[0].evidence
        gained |= match.target[0].evidence - match.source[0].evidence
    return sum(measure.rarity[token] for token in lost & gained if token.startswith("url:")) / 6


# --------------------------------------------------------------------------- out of order


def _stayed(matches: Sequence[Match]) -> Iterator[Match]:
    """What was found again where it belongs, after all that is before it and before all the rest, stayed."""
    places = [match.target[0].number for match in matches]
    before = accumulate(places, max)
    behind = reversed(list(accumulate(reversed(places), min)))
    for match, place, last, first in zip(matches, places, before, behind, strict=True):
        yield match._replace(moved=False) if place == last == first else match


def _moved(lost: list[Line], added: list[Line], measure: Likeness) -> list[Match]:
    """Lost lines that were found again elsewhere, by something that both hold once, and what follows them.

    The number of an item is that of its new place: `measure` does not look at it.
    """
    moved: list[Match] = []
    reached = (-1, -1)
    for one, two in likely(lost, added, measure):
        here, there = one, two
        gain = measure(lost[one], added[two])
        while gain >= (_MOVED if here == one else 0) and not (here <= reached[0] or there == reached[1]):
            moved.append(Match((lost[here],), (added[there],), gain, moved=True))
            reached = here, there
            here, there = here + 1, there + 1
            if here >= len(lost) or there >= len(added) or lost[here].shape in _STARTS:
                break
            gain = measure(lost[here], added[there])
    return moved


def _same_item(match: Match) -> bool:
    """Whether the number says that the lines belong together: if anything, their links were exchanged."""
    return bool(match.source[0].item) and match.source[0].item == match.target[0].item


def _uncrossed(matches: list[Match], measure: Likeness) -> list[Match]:
    """Two lines that changed places look like two bad pairs: exchange them where that fits much better.

    It has to fit without their addresses, too: else it is only the links that changed places.
    """
    matches = list(matches)
    words = measure.without_addresses()
    doubtful = [
        index
        for index, match in enumerate(matches)
        if match.gain < CERTAIN and len(match.source) == len(match.target) == 1 and not _same_item(match)
    ]
    for place, one in enumerate(doubtful):
        for two in doubtful[place + 1 : place + 1 + REACH]:
            first, second = matches[one], matches[two]
            if two - one > REACH or first.moved or second.moved:
                continue
            crossed = (first.source[0], second.target[0]), (second.source[0], first.target[0])
            straight = (first.source[0], first.target[0]), (second.source[0], second.target[0])
            gains = [measure(*lines) for lines in crossed]
            fits = sum(words(*lines) for lines in crossed) > sum(words(*lines) for lines in straight)
            if fits and min(gains) > 1.0 and sum(gains) > first.gain + second.gain + CERTAIN:
                matches[one] = Match(first.source, second.target, gains[0], moved=True)
                matches[two] = Match(second.source, first.target, gains[1], moved=True)
    return matches
