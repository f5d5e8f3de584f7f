"""The bounds of `compare` by fold: how often lines are paired rightly in changed translations.

A changed text is made of one that people have published: lines are lost, added, exchanged, merged and cut in
two, whole items and sections as well. It is paired rightly where every other line keeps the partner that it
has in the unchanged pair under the bounds of today, which speaks for these.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock
from zlib import crc32

from benchmarks.precision import FOLDS
from benchmarks.published import CORPUS, pairs
from benchmarks.rows import Row
from weekly_translate.checks import bounds
from weekly_translate.compare import align
from weekly_translate.compare.align import paired
from weekly_translate.compare.document_lines import DocumentLine, LineShape, lines_of
from weekly_translate.markdown.segments import parse
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_STEP = 1.5
"""Each bound is tried with so much more and so much less."""
_EVERY = 2
"""One issue of so many: those of all take a minute for each value of a bound."""
_STARTS = (LineShape.TITLE, LineShape.HEADING)
_BOUNDS = (
    "CERTAIN",
    "RELATED",
    "GAP",
    "GAP_ALONE",
    "BETTER_ELSEWHERE",
    "UNPAIRED",
    "FOLLOWS",
    "BETTER_FOR_BOTH",
    "REACH",
)
Lines = list[DocumentLine]
Partners = set[tuple[DocumentLine, DocumentLine]]
Setting = Callable[[float], AbstractContextManager[object]]
"""Gives a bound another value."""


class Changed(NamedTuple):
    """A pair, of which one side was changed, and the lines that belong together."""

    fold: int
    """A fifth of the issues."""
    change: str
    source: Lines
    target: Lines
    right: Partners


def alignment_rows() -> Iterator[Row]:
    """How much is right by kind of change; for each bound what four folds choose, and what the fifth says."""
    today = _right()
    for change in dict.fromkeys(one.change for one in _changed_pairs()):
        shares = "  ".join(_share(today, fold, change) for fold in range(FOLDS))
        yield Row(f"  aligned, by fold: {change}", shares)
    for name in _BOUNDS:
        yield _chosen(name, getattr(bounds, name), partial(mock.patch.object, align, name), today)
    for weights in (bounds.ALIGNED, bounds.SHAPES):
        for name, weight in weights._asdict().items():
            yield _chosen(name, weight, partial(_weight, weights, name), today)
    for name, weight in bounds.EVIDENCE.items():
        yield _chosen(f"evidence, {name}", weight, partial(_evidence, name), today)


def _weight(
    weights: bounds.AlignmentWeights | bounds.ShapeWeights, name: str, value: float
) -> AbstractContextManager[object]:
    other = weights._replace(**{name: value})
    return mock.patch.object(align, "ALIGNED" if weights is bounds.ALIGNED else "SHAPES", other)


def _evidence(name: str, value: float) -> AbstractContextManager[object]:
    return mock.patch.dict(bounds.EVIDENCE, {name: value})


def _chosen(name: str, value: float, setting: Setting, today: Sequence[bool]) -> Row:
    """As for the bounds of the checks: of values that are worth the same, that of today."""
    right = {value: today}
    for other in (value / _STEP, value * _STEP):
        with setting(other):
            right[other] = _right()
    chosen = [
        max(right, key=lambda one: (_count(right[one], lambda at: at != fold), one == value))  # noqa: B023
        for fold in range(FOLDS)
    ]
    given = sum(_count(right[one], partial(int.__eq__, fold)) for fold, one in enumerate(chosen))
    others = "  ".join(f"{other:.2g}: {sum(right[other])}" for other in right)
    return Row(f"  {name}", f"{' '.join(f'{one:.2g}' for one in chosen)}: {given} right;  {others}")


def _count(right: Sequence[bool], is_in: Callable[[int], bool]) -> int:
    return sum(good for good, one in zip(right, _changed_pairs(), strict=True) if is_in(one.fold))


def _share(right: Sequence[bool], fold: int, change: str) -> str:
    places = [at for at, one in enumerate(_changed_pairs()) if (one.fold, one.change) == (fold, change)]
    return f"{sum(right[at] for at in places)} of {len(places)}"


def _right() -> list[bool]:
    """Whether the lines of each changed pair are paired as they belong together."""
    return [_partners(one.source, one.target) == one.right for one in _changed_pairs()]


def _partners(source: Lines, target: Lines) -> Partners:
    matches = paired(source, target).matches
    sides = ([line.parts or (line,) for line in match[:2]] for match in matches)
    return {(one, two) for source, target in sides for one in source for two in target}


# --------------------------------------------------------------------------- what is changed


@cache
def _changed_pairs() -> list[Changed]:
    """Each change once in each issue."""
    sides = []
    for path in pairs(_EVERY):
        here, there = ((CORPUS / side / path.name).read_text("utf-8") for side in ("zh", "en"))
        source = lines_of(parse(here, every_line=True), chinese_quantities)
        target = lines_of(parse(there, every_line=True), english_quantities)
        sides.append((path.name, source, target))
    strange = [line for line in sides[0][2] if line.shape is LineShape.TEXT]
    return [
        _renumbered(crc32(name.encode()) % FOLDS, *change)
        for name, source, target in sides[1:]
        for change in _changes(source, target, strange, Random(name))  # noqa: S311 - makes changes, keeps no secret
    ]


def _renumbered(fold: int, change: str, source: Lines, target: Lines, right: Partners) -> Changed:
    """The lines numbered as they stand; what is not there belongs to nothing."""
    here, there = (
        {line: replace(line, number=number, end=number) for number, line in enumerate(side, 1)}
        for side in (source, target)
    )
    known = {(here[one], there[two]) for one, two in right if one in here and two in there}
    return Changed(fold, change, [*here.values()], [*there.values()], known)


def _changes(
    source: Lines, target: Lines, strange: Lines, random: Random
) -> Iterator[tuple[str, Lines, Lines, Partners]]:
    right = _partners(source, target)
    of_source, of_target = dict(right), {two: one for one, two in right}
    texts = [line for line in target if line in of_target and line.shape is LineShape.TEXT and line.words]
    lost, place = random.choice(texts), random.randrange(len(target))
    yield "a line lost", source, [line for line in target if line is not lost], right
    yield "a line added", source, [*target[:place], random.choice(strange), *target[place:]], right
    blocks = list(_blocks(target))
    one = random.randrange(1, len(blocks) - 1)
    yield "an item lost", source, _joined(blocks[:one] + blocks[one + 1 :]), right
    exchanged = [*blocks[:one], blocks[one + 1], blocks[one], *blocks[one + 2 :]]
    yield "two items exchanged", source, _joined(exchanged), right
    heading = next(line for line in target if line.shape is LineShape.HEADING)
    section = [replace(heading, words="Sponsors", evidence=frozenset({"word:sponsors"})), *strange[:3]]
    yield "a section added", source, _joined([*blocks[:one], section, *blocks[one:]]), right
    two = [(a, b) for a, b in pairwise(target) if a in texts and b in texts]
    if two:
        first, second = random.choice(two)
        whole = _merged(first, second)
        merged = [whole if line is first else line for line in target if line is not second]
        both = {(of_target[line], whole) for line in (first, second)}
        yield "two lines merged", source, merged, right | both
    pair = [(a, b) for a, b in pairwise(source) if of_source.get(a) in texts and of_source.get(b) in texts]
    if pair:
        first, second = random.choice(pair)
        whole = _merged(first, second)
        uncut = [whole if line is first else line for line in source if line is not second]
        yield "a line cut in two", uncut, target, right | {(whole, of_source[at]) for at in (first, second)}


def _blocks(lines: Iterable[DocumentLine]) -> Iterator[Lines]:
    """What stands before the first item, and each item with what follows it."""
    block: Lines = []
    for line in lines:
        if line.item or line.shape in _STARTS:
            yield block
            block = []
        block.append(line)
    yield block


def _joined(blocks: Iterable[Lines]) -> Lines:
    return [line for block in blocks for line in block]


def _merged(one: DocumentLine, two: DocumentLine) -> DocumentLine:
    return replace(one, words=f"{one.words} {two.words}", evidence=one.evidence | two.evidence)
