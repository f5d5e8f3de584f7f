"""Which line of a document is the translation of which line of another, without ids to go by.

Anchors come first: lines that share something unique, in the same order on both sides. Between two anchors,
dynamic programming (Gale and Church's, with evidence) finds one-to-one, lost, added and merged lines. What is
left over and fits elsewhere was moved. All of it takes linear time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from itertools import accumulate, pairwise
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.document_lines import (
    DocumentLine,
    LineShape,
    Match,
    Pairing,
    lines_of,
    merged,
    parts_of,
)
from weekly_translate.compare.likeness import likeness
from weekly_translate.edition.blocks import selected
from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.model import Feature, FeatureKind
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import LinePlace
    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.compare.likeness import LineLikeness
    from weekly_translate.model import Document


class AlignedLines(NamedTuple):
    """The lines of both documents that are compared, and their pairing."""

    source: list[DocumentLine]
    target: list[DocumentLine]
    pairing: Pairing


def aligned(source: Document, target: Document, allowed: Allowances) -> AlignedLines:
    """Align two documents, without the lines that the allowances exclude."""
    without_title = allowed.front_matter and allowed.style is None
    dropped = selected(source.text, allowed.dropped)
    inserted = selected(target.text, allowed.inserted)
    here = [
        _moved_addresses(line, allowed)
        for line in lines_of(source, chinese_quantities)
        if line.number not in dropped and not (without_title and line.shape is LineShape.META)
    ]
    there = [line for line in lines_of(target, english_quantities) if line.number not in inserted]
    return AlignedLines(here, there, paired(here, there))


def _moved_addresses(line: DocumentLine, allowed: Allowances) -> DocumentLine:
    """The line with each address where its translation is expected to have it."""
    if not allowed.urls:
        return line
    features = tuple(
        Feature(feature.kind, allowed.address(feature.value), feature.line)
        if feature.kind in ADDRESSED
        else feature
        for feature in line.features
    )
    evidence = frozenset(
        f"{kind}:{allowed.address(value)}" if kind == "url" else f"{kind}:{value}"
        for kind, _, value in (token.partition(":") for token in line.evidence)
    )
    return replace(line, features=features, evidence=evidence)


# --------------------------------------------------------------------------- the steps

_CERTAIN = 4.0
"""The least gain of two lines that hold each other in place."""
_REACH = 10
"""How many lines apart two are looked for that have changed places."""
_STARTS = (LineShape.TITLE, LineShape.HEADING)


def paired(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness | None = None
) -> Pairing:
    """Match two documents line by line, in linear time; `measure` is `likeness` of the two."""
    measure = measure or likeness(source, target)
    measures = (measure, measure.without_numbers(), measure.without_addresses())
    matches: list[Match] = []
    lost: list[DocumentLine] = []
    added: list[DocumentLine] = []
    before = (0, 0)
    for here, there in [*_anchors(source, target, measure), (len(source), len(target))]:
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
    return _absorbed(_related(pairing, source, target), source, measure)


def _explained(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measures: tuple[LineLikeness, ...]
) -> Pairing:
    """Of the paths through a gap the one with the fewest faults.

    Links may have changed places, and the items after a lost one may have been numbered anew: the others are
    looked for only if the first has any faults.
    """
    best = _best_path(source, target, measures[0])
    if not source or not target or not _faults(best, measures[0]):
        return best
    paths = [best, *(_best_path(source, target, measure) for measure in measures[1:])]
    return min(paths, key=lambda path: _faults(path, measures[0]))


def _faults(pairing: Pairing, measure: LineLikeness) -> float:
    """About how many faults a translator must have made if the lines belong together like this."""
    gone = (*pairing.lost, *pairing.added)
    renumbered = 0.2 if any(line.item for line in gone) else 1.0
    faults = float(len(gone))
    for match in pairing.matches:
        here, there = match.source[0], match.target[0]
        faults += len(match.source) + len(match.target) - 2
        faults += measure.missing(here, there) + renumbered * (here.item != there.item)
    return faults


# --------------------------------------------------------------------------- out of order


def _stayed(matches: Sequence[Match]) -> Iterator[Match]:
    """A match that stands behind all matches before it and before all matches after it has not moved."""
    places = [match.target[0].number for match in matches]
    before = accumulate(places, max)
    behind = reversed(list(accumulate(reversed(places), min)))
    for match, place, last, first in zip(matches, places, before, behind, strict=True):
        yield match._replace(moved=False) if place == last == first else match


def _moved(lost: list[DocumentLine], added: list[DocumentLine], measure: LineLikeness) -> list[Match]:
    """Lost lines that were found again elsewhere, by something that both hold once, and what follows them.

    The number of an item is that of its new place: `measure` does not look at it.
    """
    moved: list[Match] = []
    reached = (-1, -1)
    for one, two in _partners(lost, added, measure):
        here, there = one, two
        gain = measure(lost[one], added[two])
        while gain >= (_CERTAIN if here == one else 0) and not (here <= reached[0] or there == reached[1]):
            moved.append(Match((lost[here],), (added[there],), gain, moved=True))
            reached = here, there
            here, there = here + 1, there + 1
            if here >= len(lost) or there >= len(added) or lost[here].shape in _STARTS:
                break
            gain = measure(lost[here], added[there])
    return moved


def _uncrossed(matches: list[Match], measure: LineLikeness) -> list[Match]:
    """Two lines that changed places look like two bad pairs: exchange them where that fits much better."""
    matches = list(matches)
    doubtful = [
        index
        for index, match in enumerate(matches)
        if match.gain < _CERTAIN
        and len(match.source) == len(match.target) == 1
        # The same number says that the lines belong together: if anything, their links were exchanged.
        and (not match.source[0].item or match.source[0].item != match.target[0].item)
    ]
    near = ((one, two) for at, one in enumerate(doubtful) for two in doubtful[at + 1 : at + 1 + _REACH])
    for one, two in near:
        first, second = matches[one], matches[two]
        if two - one <= _REACH and not (first.moved or second.moved):
            crossed = [
                Match(here.source, there.target, measure(here.source[0], there.target[0]), moved=True)
                for here, there in ((first, second), (second, first))
            ]
            gains = [match.gain for match in crossed]
            if min(gains) > 1.0 and sum(gains) > first.gain + second.gain + _CERTAIN:
                matches[one], matches[two] = crossed
    return matches


# --------------------------------------------------------------------------- anchors


def _anchors(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness
) -> list[tuple[int, int]]:
    """Pairs of line indexes that rise on both sides and that no other likely pair contradicts nearby."""
    found = _partners(source, target, measure)
    kept = _rising([pair for pair in found if measure(source[pair[0]], target[pair[1]]) >= _CERTAIN])
    there = [pair[1] for pair in kept]
    here = [pair[0] for pair in kept]
    doubtful: set[tuple[int, int]] = set()
    for one, two in set(found) - set(kept):
        low, high = sorted((bisect_left(here, one), bisect_left(there, two)))
        if high - low <= _REACH:
            doubtful.update(kept[low:high])
    return [pair for pair in kept if pair not in doubtful]


def _partners(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness
) -> list[tuple[int, int]]:
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


def _unique(lines: Sequence[DocumentLine]) -> dict[str, int]:
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


# --------------------------------------------------------------------------- between two anchors

_GAP = -0.3
"""The gain of a lost or an added line: two lines that gain less than -0.6 count as lost and added instead."""
_ALONE = -3.0
"""The least gain of two lines that stand alone between anchors, where no other partner is possible."""
_MERGE = -1.5
_WIDEST = 150
"""Longer gaps are searched near their diagonal only, which keeps the time linear."""
_Step = tuple[float, int, int, float]
"""The last step to a cell of the matrix: the gain of the path, so many lines down and right, its own gain."""
_NOWHERE: _Step = (-inf, 0, 0, 0.0)


def _best_path(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness
) -> Pairing:
    """The best path through the matrix of two short stretches of lines."""
    if not source or not target:
        return Pairing((), tuple(source), tuple(target))
    if len(source) == len(target) == 1:
        gain = measure(source[0], target[0])
        if gain >= _ALONE:
            return Pairing((Match((source[0],), (target[0],), gain),), (), ())
    steps = _steps(source, target, measure)
    matches: list[Match] = []
    lost: list[DocumentLine] = []
    added: list[DocumentLine] = []
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


def _steps(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness
) -> dict[tuple[int, int], _Step]:
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
            image = one.shape is LineShape.BARE and one.values(FeatureKind.IMAGE)
            # An image may have been replaced by a line such as `[image of a cat]`.
            gain = 0.0 if image and two.words.startswith("[") else measure(one, two)
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


def _joined(lines: Sequence[DocumentLine]) -> list[DocumentLine | None]:
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


# --------------------------------------------------------------------------- under which item and heading

_RELATED = 1.0
"""The least gain of two texts that stand under different items."""


def _related(pairing: Pairing, source: Sequence[DocumentLine], target: Sequence[DocumentLine]) -> Pairing:
    """The pairing without what was only matched because it was left over.

    That are headings of sections that have nothing in common, and texts of a lost item that resemble nothing.
    """
    parts = parts_of(source), parts_of(target)
    kept = _of_one_section(pairing.matches, *parts)
    partner = {match.source[0].number: match.target[0].number for match in kept}
    partner[0] = 0  # what stands above the first item
    found = set(partner.values())

    def is_left_over(match: Match) -> bool:
        one, two = match.source[0], match.target[0]
        here, there = parts[0][one.number].item, parts[1][two.number].item
        if one.number == here or two.number == there or (here in partner and there in found):
            return False
        strange = here not in partner and there not in found
        return match.gain < _RELATED or (_differ(one, two) and (strange or one.shape is LineShape.BARE))

    return pairing.with_only([match for match in kept if not is_left_over(match)])


def _of_one_section(
    matches: Sequence[Match], here: Mapping[int, LinePlace], there: Mapping[int, LinePlace]
) -> list[Match]:
    """The matches but for headings that say different things and have different things below them."""
    shared = {
        (here[match.source[0].number].section, there[match.target[0].number].section)
        for match in matches
        if match.source[0].shape is not LineShape.HEADING and not _differ(match.source[0], match.target[0])
    }
    filled = [
        {part.section for number, part in parts.items() if part.section != number} for parts in (here, there)
    ]

    def is_one(match: Match) -> bool:
        one, two = match.source[0], match.target[0]
        alike = one.shape is not LineShape.HEADING or not (_shown(one) and _shown(two) and _differ(one, two))
        empty = one.number not in filled[0] or two.number not in filled[1]
        return alike or empty or (one.number, two.number) in shared

    return [match for match in matches if is_one(match)]


def _differ(one: DocumentLine, two: DocumentLine) -> bool:
    return _shown(one).isdisjoint(_shown(two))


def _shown(line: DocumentLine) -> set[str]:
    """The evidence of a line but for its form."""
    return {token for token in line.evidence if not token.startswith("form:")}


# --------------------------------------------------------------------------- two lines that became one

_BETTER, _SURELY_BETTER = 0.4, 0.0
"""How much better a translation has to fit two lines than one: as if it were a third longer.

If it holds everything that the lost line would show, fitting better at all is enough.
"""


def _absorbed(pairing: Pairing, source: Sequence[DocumentLine], measure: LineLikeness) -> Pairing:
    """Merge a lost line into its neighbor where the neighbor's translation is long enough for both.

    An anchor binds the translation to one of the two, so that no path could find this.
    """
    lost = {line.number for line in pairing.lost if line.shape is LineShape.TEXT}
    matches = {match.source[0].number: match for match in pairing.matches}
    for one, two in pairwise(source):
        absent, there = (one, two) if one.number in lost else (two, one)
        match, whole = matches.get(there.number), merged(one, two)
        if absent.number not in lost or match is None or whole is None or two.item:
            continue
        alone = len(match.source) == len(match.target) == 1 and not match.moved
        if alone and _holds_both(measure, match, absent, whole):
            matches[there.number] = Match((one, two), match.target, match.gain)
            lost.remove(absent.number)
    left = tuple(line for line in pairing.lost if line.shape is not LineShape.TEXT or line.number in lost)
    return Pairing(tuple(matches.values()), left, pairing.added)


def _holds_both(measure: LineLikeness, match: Match, absent: DocumentLine, whole: DocumentLine) -> bool:
    """Whether a translation has the length of both lines, and something of what the lost one would show."""
    target = match.target[0]
    shows = _shown(absent)
    if shows and shows.isdisjoint(target.evidence):
        return False
    least = _SURELY_BETTER if shows <= target.evidence else _BETTER
    return measure.lengths(whole, target) > measure.lengths(match.source[0], target) + least
