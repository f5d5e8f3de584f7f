"""Numbers survive by value: 7.4 万 is 74,000, or 74k, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.numerals import (
    Quantity,
    QuantityKind,
    chinese_quantities,
    english_quantities,
    in_english,
)
from weekly_translate.numerals.quantity import date_parts
from weekly_translate.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.model import Pair

_COUNTS = (QuantityKind.NUMBER, QuantityKind.MULTIPLE, QuantityKind.ORDINAL)
_WRITTEN = (QuantityKind.VERSION, QuantityKind.DATE)
_SHARES = (QuantityKind.PERCENT, QuantityKind.DISCOUNT)
_SCALES = frozenset(Decimal(10) ** power for power in range(-9, 10) if power)


class Comparison(NamedTuple):
    """What of the numbers does not fit, each number in one place only."""

    changed: tuple[tuple[Quantity, Quantity], ...]
    """A number of the source, and the one of the translation that stands in its place."""
    missing: tuple[Quantity, ...]
    added: tuple[Quantity, ...]


def numbers_are_equal(pair: Pair) -> Iterator[str]:
    """A number has the value that it has in the source; a factor of ten is the usual mistake."""
    for source, target in _comparison(pair).changed:
        if source.kind not in _WRITTEN:
            yield f"the number {_both(source)} became {target.text}"


def versions_are_equal(pair: Pair) -> Iterator[str]:
    """Versions are equal as they are written: 3.10 is not 3.1."""
    yield from _lost_or_changed(pair, QuantityKind.VERSION, "the version")


def dates_are_equal(pair: Pair) -> Iterator[str]:
    """Dates are the same day, month and year, however they are written."""
    yield from _lost_or_changed(pair, QuantityKind.DATE, "the date")


def _lost_or_changed(pair: Pair, kind: QuantityKind, name: str) -> Iterator[str]:
    comparison = _comparison(pair)
    for source, target in comparison.changed:
        if source.kind is kind:
            yield f"{name} {_both(source)} became {target.text}"
    for source in comparison.missing:
        if source.kind is kind:
            yield f"{name} {_both(source)} is missing"


def numbers_survive(pair: Pair) -> Iterator[str]:
    """Each number above ten, percentage and multiple of the source is in the translation."""
    for source in _comparison(pair).missing:
        if source.kind not in _WRITTEN and not _is_small(source):
            yield f"the number {_both(source)} is missing"


def small_numbers_survive(pair: Pair) -> Iterator[str]:
    """Numbers up to ten may be put in other words (`these versions`), so that they are looked at apart."""
    for source in _comparison(pair).missing:
        if source.kind not in _WRITTEN and _is_small(source):
            yield f"the number {_both(source)} is missing"


def no_number_is_invented(pair: Pair) -> Iterator[str]:
    """Each figure above ten of the translation comes from the source."""
    for target in _comparison(pair).added:
        if not _is_small(target):
            yield f"the number {target.text} is not in the source"


def no_small_number_is_invented(pair: Pair) -> Iterator[str]:
    """Figures up to ten are looked at apart, for the same reason as missing ones."""
    for target in _comparison(pair).added:
        if _is_small(target):
            yield f"the number {target.text} is not in the source"


def _is_small(quantity: Quantity) -> bool:
    plain = quantity.kind in (QuantityKind.NUMBER, QuantityKind.ORDINAL)
    return plain and isinstance(quantity.value, Decimal) and quantity.value <= 10


def _both(quantity: Quantity) -> str:
    """`74,000 (7.4 万)`, or the text alone where English writes it the same way."""
    english = in_english(quantity)
    return english if english == quantity.text else f"{english} ({quantity.text})"


@lru_cache(maxsize=16)
def _comparison(pair: Pair) -> Comparison:
    """Demanded numbers of both sides that nothing on the other side explains."""
    # Five checks ask for the same comparison one after the other, hence the small cache.
    source = chinese_quantities(prose_of(pair.segment.text))
    target = english_quantities(prose_of(pair.target))
    explaining = chinese_quantities(without_tags(pair.segment.text))
    return _paired(
        _without_partner(source, target, same),
        _without_partner(target, explaining, lambda quantity, other: same(other, quantity)),
    )


def _without_partner(
    quantities: list[Quantity], others: list[Quantity], fit: Callable[[Quantity, Quantity], bool]
) -> list[Quantity]:
    """The demanded quantities that fit none of the others; equal ones are found without a search."""
    equal = {(other.kind, other.value) for other in others}
    return [
        quantity
        for quantity in quantities
        if quantity.demanded
        and (quantity.kind, quantity.value) not in equal
        and not any(fit(quantity, other) for other in others)
    ]


def _paired(missing: list[Quantity], added: list[Quantity]) -> Comparison:
    """A missing number and an added one are one change: first by a factor of ten, then of one kind."""
    changed = []
    for likely in (_differ_by_scale, _are_of_one_kind):
        for quantity in list(missing):
            other = next((candidate for candidate in added if likely(quantity, candidate)), None)
            if other is not None:
                changed.append((quantity, other))
                missing.remove(quantity)
                added.remove(other)
    return Comparison(tuple(changed), tuple(missing), tuple(added))


def _differ_by_scale(source: Quantity, target: Quantity) -> bool:
    if not (isinstance(source.value, Decimal) and isinstance(target.value, Decimal)):
        return False
    return bool(source.value) and target.value / source.value in _SCALES


def _are_of_one_kind(source: Quantity, target: Quantity) -> bool:
    if source.kind is QuantityKind.VERSION or target.kind is QuantityKind.VERSION:
        return "." in source.text and "." in target.text
    return source.value == target.value or any(
        source.kind in kinds and target.kind in kinds for kinds in (_COUNTS, _SHARES, (QuantityKind.DATE,))
    )


def same(source: Quantity, target: Quantity) -> bool:
    """Whether a number of the translation says what one of the source says."""
    if QuantityKind.DATE in (source.kind, target.kind):
        return _same_date(source, target)
    if isinstance(source.value, str) or isinstance(target.value, str):
        return _as_written(source) == _as_written(target)
    if source.kind in _COUNTS and target.kind in _COUNTS:
        return _near(source.value, target.value, about=bool(source.about or target.about))
    if source.kind is QuantityKind.DISCOUNT:
        return target.kind is QuantityKind.PERCENT and target.value in (source.value, 100 - source.value)
    if target.kind is not source.kind:
        return (
            source.kind is QuantityKind.PERCENT and not target.demanded and target.value * 100 == source.value
        )
    return _near(source.value, target.value, about=bool(source.about or target.about))


def _near(source: Decimal, target: Decimal, *, about: bool) -> bool:
    """Equal, or within 2 % where one of them says that it is not exact."""
    return abs(source - target) <= (source * Decimal("0.02") if about else 0)


def _as_written(quantity: Quantity) -> str:
    """A version without its `v`, a number by its digits."""
    value = quantity.value
    return value.lower() if isinstance(value, str) else quantity.text.strip("+").lower()


def _same_date(source: Quantity, target: Quantity) -> bool:
    """Dates agree in every part that both state; a number may repeat a part, or two: `the 5th`, `5.21`."""
    if source.kind is not QuantityKind.DATE or target.kind is not QuantityKind.DATE:
        date, other = (source, target) if source.kind is QuantityKind.DATE else (target, source)
        parts = date_parts(str(date.value))
        return isinstance(other.value, Decimal) and (
            other.value in parts or other.text == f"{parts[1]}.{parts[2]}"
        )
    stated = [
        (one, two)
        for one, two in zip(date_parts(str(source.value)), date_parts(str(target.value)), strict=True)
        if one and two
    ]
    return bool(stated) and all(one == two for one, two in stated)
