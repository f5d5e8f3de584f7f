"""The bounds of `checks/bounds.py` by fold: how near good texts come, and which ones folds would choose."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock
from zlib import crc32

from benchmarks.precision import FOLDS
from benchmarks.rows import Row
from weekly_translate.checks import bounds, completeness, terms
from weekly_translate.checks.registry import Known
from weekly_translate.model import Kind
from weekly_translate.text.characters import han_count, prose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.checks.registry import Check
    from weekly_translate.model import Pair
    from weekly_translate.text.dictionary import AllSenses

_DEAR = 5
"""So many mistakes have to be found for each good text that is complained of."""
_OF_PARTS = {
    "SHORTEST_JUDGED": (10, 20, 30),
    "SHORTEST_PART": (15, 25, 35),
    "LONGEST_PART": (4, 6, 8),
    "FEWEST_ASKED": (2, 3, 4),
}


class Sample(NamedTuple):
    """A pair of the corpus, and whether it holds a mistake."""

    pair: Pair
    mistaken: bool = False

    @property
    def fold(self) -> int:
        """A fifth of the texts."""
        return crc32(self.pair.segment.text.encode()) % FOLDS


def margin_rows(samples: Sequence[Sample], senses: AllSenses) -> Iterator[Row]:
    """A row for each bound."""
    good = [one for one in samples if not one.mistaken]
    least, most = bounds.LEAST_SAID, bounds.MOST_SAID
    yield _nearest(f"least said for a Chinese character, bound {least}", good, _said, min, least)
    yield _nearest(f"characters for each of the source, bound {most}", good, _ratio, max, most)
    known = Known(senses=senses)
    names, sounds = terms.no_other_name_is_named, terms.no_word_is_spelled_out
    yield _chosen("NAME_AKIN", (2, 3, 4, 5, 6), names, samples=samples, known=known)
    yield _chosen("LONGEST_SOUNDED", (2, 3, 4), sounds, samples=samples, known=known)
    long = [one for one in samples if one.pair.segment.kind is Kind.TEXT]
    for bound, values in _OF_PARTS.items():
        yield _chosen(bound, values, _parts_have_counterparts, samples=long, known=known)


def _nearest(
    name: str,
    good: Sequence[Sample],
    measure: Callable[[Pair], float | None],
    nearest: Callable[[Sequence[float]], float],
    bound: float,
) -> Row:
    """What the good text of each fold measures that is nearest to the bound."""
    values = [
        nearest([value for one in good if one.fold == fold and (value := measure(one.pair)) is not None])
        for fold in range(FOLDS)
    ]
    shown = "  ".join(f"{value:.1f}" for value in values)
    return Row(f"  {name}", shown, "", bound not in values and nearest((*values, bound)) == bound)


def _said(pair: Pair) -> float | None:
    chinese = han_count(prose_of(pair.segment.text))
    is_measurable = pair.segment.kind is Kind.TEXT and chinese >= bounds.LEAST_OF
    return len(prose_of(pair.target).strip()) / chinese if is_measurable else None


def _ratio(pair: Pair) -> float | None:
    source, target = (len(prose_of(text).strip()) for text in (pair.segment.text, pair.target))
    return target / source if source >= bounds.MOST_OF and han_count(pair.segment.text) else None


def _parts_have_counterparts(pair: Pair, known: Known) -> Iterator[str]:
    yield from completeness.nothing_is_omitted(pair, known)
    yield from completeness.nothing_is_made_up(pair, known)


def _chosen(
    bound: str,
    values: Sequence[int],
    check: Check,
    *,
    samples: Sequence[Sample],
    known: Known,
) -> Row:
    """The value that the other folds choose for each, and what it gives on all that it was not chosen on."""
    today, told = getattr(bounds, bound), dict[int, list[Sample]]()

    def worth(value: int, but: int) -> tuple[int, bool]:
        """Of two that are worth the same, the bound of today."""
        wrong = Counter(not one.mistaken for one in told[value] if one.fold != but)
        return wrong[False] - _DEAR * wrong[True], value == today

    for value in values:
        with mock.patch.object(bounds, bound, value):
            told[value] = [one for one in samples if any(check(one.pair, known))]
    chosen, given = [], list[Sample]()
    for fold in range(FOLDS):
        best = max(values, key=partial(worth, but=fold))
        chosen.append(str(best))
        given += [one for one in told[best] if one.fold == fold]
    wrong = sum(not one.mistaken for one in given)
    measured = f"{' '.join(chosen)}: {wrong} good texts, {len(given) - wrong} mistakes"
    return Row(f"  {bound}, bound {today}", measured)
