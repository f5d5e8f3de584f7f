"""Which line of a document is the translation of which line of another, without ids to go by.

Anchors come first: lines that share something unique, in the same order on both sides. Between two anchors,
dynamic programming (Gale and Church's, with evidence) finds the lines that are translated, lost and added.
What fits elsewhere was moved, and what two lines say may stand in one. All of it takes linear time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import inf, log
from typing import TYPE_CHECKING

from weekly_translate.checks.bounds import (
    ALIGNED,
    BETTER_ELSEWHERE,
    BETTER_FOR_BOTH,
    CERTAIN,
    EVIDENCE,
    FOLLOWS,
    GAP,
    GAP_ALONE,
    REACH,
    RELATED,
    SHAPES,
    UNPAIRED,
    USUAL_EVIDENCE,
)
from weekly_translate.compare.document_lines import (
    PROSE,
    DocumentLine,
    LineShape,
    Match,
    Pairing,
    as_meant,
    gaps_between,
    is_wrapped,
    joined,
    lines_of,
    paragraphs_of,
    parts_of,
)
from weekly_translate.compare.languages import WITH_ADDRESSES, at_own_pages, without_switchers
from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.edition.values import selected
from weekly_translate.model import FeatureKind
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import LinePlace
    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.model import Document, Feature


def aligned(source: Document, target: Document, allowed: Allowances, *, by_paragraph: bool = True) -> Pairing:
    """Align two documents, without the lines that the allowances exclude.

    Unless `by_paragraph` is false, a paragraph that both sides wrap in their own places is one line, and what
    is meant as a heading is one.
    """
    without_title = allowed.front_matter and allowed.style is None
    source = source._replace(features=tuple(_moved_addresses(source.features, allowed)))
    dropped = selected(source.text, allowed.dropped)
    inserted = selected(target.text, allowed.inserted)
    here = [
        line
        for line in lines_of(source, chinese_quantities)
        if line.number not in dropped and not (without_title and line.shape is LineShape.META)
    ]
    there = [line for line in lines_of(target, english_quantities) if line.number not in inserted]
    if by_paragraph:
        here, there = [*map(as_meant, here)], [*map(as_meant, there)]
    here, there = without_switchers(here, there, allowed.own_pages)
    pairing = paired(here, there)
    wrapped = _wrapped_elsewhere(pairing) if by_paragraph else [set[int](), set[int]()]
    if any(wrapped):
        here, there = ([*_by_paragraph(*side)] for side in zip((here, there), wrapped, strict=True))
        return paired(here, there)
    return pairing


def _by_paragraph(lines: Sequence[DocumentLine], wrapped: set[int]) -> Iterator[DocumentLine]:
    for paragraph in paragraphs_of(lines):
        if paragraph[0].number in wrapped:
            yield joined(paragraph)
        else:
            yield from paragraph


def _wrapped_elsewhere(pairing: Pairing) -> list[set[int]]:
    """On each side the first lines of the paragraphs to join: the wrapped ones and their partners.

    None, if each of their lines has a partner.
    """
    sides = [[*paragraphs_of(side)] for side in (pairing.source, pairing.target)]
    first = [{line.number: lines[0].number for lines in side for line in lines} for side in sides]
    partners: defaultdict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    apart = {(0, first[0][line.number]) for line in pairing.lost}
    apart |= {(1, first[1][line.number]) for line in pairing.added}
    for match in pairing.matches:
        one, two = (
            {(side, first[side][number]) for number in line.numbers} for side, line in enumerate(match[:2])
        )
        for place in one | two:
            partners[place] |= one | two
        apart |= one | two if match.is_joined else set()
    wrapped = {(side, lines[0].number) for side in (0, 1) for lines in sides[side] if is_wrapped(lines)}
    groups: list[set[tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    for place in wrapped:
        group, left = {place}, [place]
        while left and place not in seen:
            new = partners[left.pop()] - group
            group |= new
            left += new
        seen |= group
        groups.append(group)
    # Where one is broken elsewhere, those with as many lines on both sides may be so, too.
    is_meant = any(not apart.isdisjoint(group) for group in groups)
    together = {one for group in groups for one in group} if is_meant else set[tuple[int, int]]()
    return [{number for at, number in together if at == side} for side in (0, 1)]


def _moved_addresses(features: Iterable[Feature], allowed: Allowances) -> Iterator[Feature]:
    """The features with each address where the translation is expected to have it."""
    for one in features:
        if one.kind in ADDRESSED:
            yield replace(one, value=allowed.address(one.value))
        elif one.kind in WITH_ADDRESSES:
            yield replace(one, value=at_own_pages(one.value, allowed.own_pages))
        else:
            yield one


# --------------------------------------------------------------------------- how likely two lines are one

_LEVELS = (LineShape.META, LineShape.HEADING)


@dataclass(slots=True)
class LineLikeness:
    """Weighs what two lines share by how rare it is in their documents."""

    rarity: dict[str, float]
    cost: dict[str, float]
    """The same for what only one of them holds."""
    _costs: dict[frozenset[str], float] = field(default_factory=dict, init=False)

    def __call__(self, source: DocumentLine, target: DocumentLine) -> float:
        """From about -12, impossible, to about 15, certain."""
        if (
            target.words.startswith("[")
            and source.shape is LineShape.BARE
            and source.values(FeatureKind.IMAGE)
        ):
            return 0.0  # `[image of a cat]` may stand for the image
        shared = source.evidence & target.evidence
        found = sum(map(self.rarity.__getitem__, shared))
        both = self._whole_cost(shared)
        lost, added = self._whole_cost(source.evidence) - both, self._whole_cost(target.evidence) - both
        apart = ALIGNED.lost * lost + ALIGNED.added * added
        alike = _shapes(source.shape, target.shape) + self.lengths(source, target)
        same = ALIGNED.same_item if source.item == target.item != "" else 0.0
        return alike + found + same - min(apart, ALIGNED.most_lost)

    def _whole_cost(self, evidence: frozenset[str]) -> float:
        """Remembered, because each line is compared with many others."""
        if evidence not in self._costs:
            self._costs[evidence] = sum(map(self.cost.__getitem__, evidence))
        return self._costs[evidence]

    @staticmethod
    def lengths(source: DocumentLine, target: DocumentLine, for_one: float = ALIGNED.for_one) -> float:
        """The part of the gain that the lengths have a say in: 1 for the usual ones."""
        if not (source.words and target.words):
            return -1.0 if source.words or target.words else 0.0
        return 1.0 - ALIGNED.length * abs(
            log((len(target.words) + 10) / (_expected(source.words, for_one) + 10))
        )


def likeness(source: Sequence[DocumentLine], target: Sequence[DocumentLine]) -> LineLikeness:
    """The measure for two documents: what stands in every line says nothing.

    A line of code that is not in both may have been changed, and an English word may translate anything.
    """
    counts = [Counter(token for line in side for token in line.evidence) for side in (source, target)]
    size = log(max(2, len(source), len(target)))
    rarity = {
        token: EVIDENCE.get(token.partition(":")[0], USUAL_EVIDENCE) * max(0.1, 1 - log(often) / size)
        for token, often in (counts[0] | counts[1]).items()
    }
    free = (
        token
        for token in rarity
        if token.startswith("line:") or (token.startswith("word:") and token not in counts[0])
    )
    return LineLikeness(rarity, rarity | dict.fromkeys(free, 0.0))


@cache
def _shapes(source: LineShape, target: LineShape) -> float:
    if source is target:
        return SHAPES.same
    if source in _LEVELS and target in _LEVELS:
        return SHAPES.levels
    apart = {LineShape.CELL, LineShape.BARE, *_LEVELS}
    return SHAPES.apart if source in apart or target in apart else SHAPES.other


@lru_cache(1000)
def _expected(words: str, for_one: float) -> float:
    """The usual length of a translation; Latin words are as long in both languages."""
    return len(words) + (for_one - 1.0) * sum(character > "\u2e7f" for character in words)


# --------------------------------------------------------------------------- the steps

_Measure = Callable[[DocumentLine, DocumentLine], float]
_STARTS = (LineShape.TITLE, LineShape.HEADING)
_JOINED = (LineShape.TEXT, LineShape.BARE)
"""What may have become one with the line beside it."""


def paired(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness | None = None
) -> Pairing:
    """Match two documents line by line, in linear time; `measure` is `likeness` of the two."""
    measure = measure or likeness(source, target)
    first = _path(source, target, measure, lambda _one, _two: 0.0)
    moved = _moved(first, source, target, measure)
    gone = {line for match in moved for line in match[:2]}
    known = [*moved, *(match for match in first if gone.isdisjoint(match[:2]))]
    apart = _apart(known, parts_of(source), parts_of(target), measure)
    here, there = ([line for line in side if line not in gone] for side in (source, target))
    matches = [*_path(here, there, measure, apart), *moved]
    matches = list(_stayed(sorted(matches, key=lambda match: match.source.number)))
    matches = _with_neighbors(matches, source, 0, measure)
    matches = _with_neighbors(matches, target, 1, measure)
    matches += _in_place(Pairing.of(matches, source, target), measure, apart)
    matches.sort(key=lambda match: match.source.number)
    return Pairing.of(matches, source, target)


def _in_place(pairing: Pairing, measure: _Measure, cost: _Measure) -> Iterator[Match]:
    """The texts left over between the same matches, line by line, where as many are left on both sides.

    One with other code or names may have been written freely; one that leads elsewhere is another text.
    """
    of_source, of_target = gaps_between(pairing.matches)
    gaps: defaultdict[int, tuple[list[DocumentLine], list[DocumentLine]]] = defaultdict(lambda: ([], []))
    for line in pairing.lost:
        gaps[of_source(line.number)][0].append(line)
    for line in pairing.added:
        gaps[of_target(line.number)][1].append(line)
    for here, there in gaps.values():
        for one, two in zip(here, there, strict=True) if len(here) == len(there) else ():
            gain = measure(one, two) - cost(one, two)
            leads = any(line.values(FeatureKind.LINK) for line in (one, two))
            is_alike = one.shape is two.shape and one.shape in PROSE and one.item == two.item
            if is_alike and not leads and gain > 2 * GAP_ALONE:
                yield Match(one, two, gain)


# --------------------------------------------------------------------------- out of order


def _moved(
    matches: Sequence[Match],
    source: Sequence[DocumentLine],
    target: Sequence[DocumentLine],
    measure: LineLikeness,
) -> list[Match]:
    """Lines that fit much better elsewhere than in these matches, and what stands around them there.

    The lines share something that both hold once. What stands around them is taken along as far as the item
    or section goes. Two titles with the same number stay together: if anything, their links were exchanged.
    """
    gains = {line: match.gain for match in matches for line in match[:2]}
    fixed = {
        line
        for match in matches
        for line in match[:2]
        if match.gain >= CERTAIN or match.source.item == match.target.item != ""
    }
    here, there = ([line for line in side if line not in fixed] for side in (source, target))
    moved: dict[DocumentLine, Match] = {}

    def fits(line: DocumentLine, other: DocumentLine, least: float) -> bool:
        if line in moved or other in moved:
            return line in moved and moved[line].target is other
        now = (gains.get(line, UNPAIRED) + gains.get(other, UNPAIRED)) / 2
        gain = measure(line, other)
        if gain >= least + now:
            moved[line] = moved[other] = Match(line, other, gain, moved=True)
        return line in moved

    for one, two in _partners(here, there, measure):
        if fits(here[one], there[two], BETTER_ELSEWHERE) and not here[one].values(FeatureKind.IMAGE):
            for line, other in zip(here[one + 1 :], there[two + 1 :], strict=False):
                if line.shape in _STARTS or not fits(line, other, FOLLOWS):
                    break
            for line, other in zip(reversed(here[:one]), reversed(there[:two]), strict=False):
                if not fits(line, other, FOLLOWS) or line.shape in _STARTS:
                    break
    return list(dict.fromkeys(moved.values()))


def _stayed(matches: Sequence[Match]) -> Iterator[Match]:
    """A match that stands behind all matches before it and before all matches after it has not moved."""
    places = [match.target.number for match in matches]
    before = accumulate(places, max)
    behind = reversed(list(accumulate(reversed(places), min)))
    for match, place, last, first in zip(matches, places, before, behind, strict=True):
        yield match._replace(moved=False) if place == last == first else match


# --------------------------------------------------------------------------- anchors


def _anchors(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: LineLikeness
) -> list[tuple[int, int]]:
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

_WIDEST = 150
"""Longer gaps are searched near their diagonal only, which keeps the time linear."""


def _path(
    source: Sequence[DocumentLine],
    target: Sequence[DocumentLine],
    measure: LineLikeness,
    cost: _Measure,
) -> list[Match]:
    """The matches of the anchors, and the best ones between them; `cost` is what speaks against a match."""
    matches: list[Match] = []
    before = (0, 0)
    for here, there in [*_anchors(source, target, measure), (len(source), len(target))]:
        between = source[before[0] : here], target[before[1] : there]
        matches += _best_path(*between, lambda one, two: measure(one, two) - cost(one, two))
        if here < len(source):
            matches.append(Match(source[here], target[there], measure(source[here], target[there])))
        before = (here + 1, there + 1)
    return matches


def _best_path(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], measure: _Measure
) -> list[Match]:
    """The pairs on the best path through the matrix of two short stretches of lines."""
    gap = GAP_ALONE if len(source) == len(target) == 1 else GAP
    totals: dict[tuple[int, int], float] = {(0, 0): 0.0}
    gains: dict[tuple[int, int], float] = {}
    for here, there in _cells(len(source), len(target)):
        lost = totals.get((here - 1, there), -inf) + gap
        added = totals.get((here, there - 1), -inf) + gap
        totals[here, there] = max(lost, added)
        if (here - 1, there - 1) in totals:
            gain = measure(source[here - 1], target[there - 1])
            if totals[here - 1, there - 1] + gain >= max(lost, added):
                totals[here, there] = totals[here - 1, there - 1] + gain
                gains[here, there] = gain
    matches: list[Match] = []
    here, there = len(source), len(target)
    while here and there:
        if (here, there) in gains:
            here, there = here - 1, there - 1
            matches.append(Match(source[here], target[there], gains[here + 1, there + 1]))
        elif totals[here, there] == totals.get((here - 1, there), -inf) + gap:
            here -= 1
        else:
            there -= 1
    return matches[::-1]


def _cells(height: int, width: int) -> Iterable[tuple[int, int]]:
    """The cells but the first, row by row; of a large matrix those near the diagonal."""
    narrow = max(height, width) > _WIDEST
    for here in range(height + 1):
        middle = here * width // height if height else 0
        low = max(0, middle - _WIDEST // 4 - width // height) if narrow else 0
        high = min(width, middle + _WIDEST // 4 + width // height) if narrow else width
        for there in range(low, high + 1):
            if here or there:
                yield here, there


# --------------------------------------------------------------------------- under which item and heading


def _apart(
    first: Sequence[Match],
    here: Mapping[int, LinePlace],
    there: Mapping[int, LinePlace],
    measure: LineLikeness,
) -> _Measure:
    """What it costs two lines that one of them stands under a lost or added item, by the `first` matches.

    `here` and `there` tell where the lines stand. Lines below a lost and an added item were only left over
    where they share nothing.
    """
    strange = _strange_headings(first, here, there, measure)
    partner = {match.source.number: match.target.number for match in first if match not in strange}
    partner[0] = 0  # what stands above the first item
    found = set(partner.values())
    headings = {match[:2] for match in strange}

    def cost(one: DocumentLine, two: DocumentLine) -> float:
        item, other = here[one.number].item, there[two.number].item
        if one.number == item or two.number == other:
            return inf if (one, two) in headings else 0.0
        if item in partner and other in found:
            return 0.0
        are_lost = item not in partner and other not in found
        return inf if are_lost and _differ(one, two) else RELATED - 2 * GAP

    return cost


def _strange_headings(
    matches: Sequence[Match],
    here: Mapping[int, LinePlace],
    there: Mapping[int, LinePlace],
    measure: LineLikeness,
) -> set[Match]:
    """Headings that say different things and have different things below them."""
    alike = [match for match in matches if not _differ(match.source, match.target)]
    shared = {(here[one.number].section, there[two.number].section) for one, two, *_ in alike}
    filled = [
        {part.section for number, part in parts.items() if part.section != number} for parts in (here, there)
    ]
    return {
        match
        for match in {*matches}.difference(alike)
        for one, two in [match[:2]]
        if one.shape is LineShape.HEADING and _shown(one) and any(map(measure.cost.get, _shown(two)))
        if one.number in filled[0] and two.number in filled[1] and (one.number, two.number) not in shared
    }


def _differ(one: DocumentLine, two: DocumentLine) -> bool:
    return _shown(one).isdisjoint(_shown(two))


def _shown(line: DocumentLine) -> set[str]:
    """The evidence of a line but for its form."""
    return {token for token in line.evidence if not token.startswith("form:")}


# --------------------------------------------------------------------------- two lines that became one


def _with_neighbors(
    matches: Sequence[Match], lines: Sequence[DocumentLine], side: int, measure: LineLikeness
) -> list[Match]:
    """The matches with each line without a partner joined to a neighbor whose partner fits both better.

    `side` is that of the lines in a match: 0 for the source.
    """

    def gain(match: Match) -> float:
        here, there = match[:2]
        usual = measure.lengths(here, there, ALIGNED.usual) - measure.lengths(here, there)
        return measure(here, there) + usual

    found = {match[:2][side].number: match for match in matches}
    joins: set[int] = set()
    for one, two in pairwise(lines):
        kept, left = (one, two) if one.number in found else (two, one)
        match = found.get(kept.number)
        if match is None or left.number in found or match.moved or left.shape not in _JOINED:
            continue
        if kept.number not in joins:
            whole = joined(sorted((kept, left), key=lambda line: line.number))
            better = match._replace(target=whole) if side else match._replace(source=whole)
            # A sentence that leads in what follows ends with a colon on both sides.
            leads_in = [line.words.rstrip()[-1:] in (":", "：") for line in (one, two, match[:2][1 - side])]
            least = 0.0 if left is two and leads_in == [False, True, True] else BETTER_FOR_BOTH
            if gain(better) > gain(match) + least:
                found[kept.number] = better
                joins.add(kept.number)
    return list(found.values())
