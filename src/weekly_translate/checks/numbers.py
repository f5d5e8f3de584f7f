"""Numbers survive by value: 7.4 万 is 74,000, or 74k, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.checks.quantities import differences
from weekly_translate.text.numbers import Quantity, QuantityKind, in_english

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_WRITTEN = (QuantityKind.VERSION, QuantityKind.DATE)


def numbers_are_equal(pair: Pair) -> Iterator[str]:
    """A number has the value that it has in the source; a factor of ten is the usual mistake."""
    for source, target in differences(pair).changed:
        if _kind_of_change(source, target) not in _WRITTEN:
            yield f"the number {_both(source)} became {target.text}"


def versions_are_equal(pair: Pair) -> Iterator[str]:
    """Versions are equal as they are written: 3.10 is not 3.1."""
    yield from _lost_or_changed(pair, QuantityKind.VERSION, "the version")


def dates_are_equal(pair: Pair) -> Iterator[str]:
    """Dates are the same day, month and year, however they are written."""
    yield from _lost_or_changed(pair, QuantityKind.DATE, "the date")


def _lost_or_changed(pair: Pair, kind: QuantityKind, name: str) -> Iterator[str]:
    found = differences(pair)
    for source, target in found.changed:
        if _kind_of_change(source, target) is kind:
            yield f"{name} {_both(source)} became {target.text}"
    for source in found.missing:
        if source.kind is kind:
            yield f"{name} {_both(source)} is missing"


def _kind_of_change(source: Quantity, target: Quantity) -> QuantityKind:
    """What the source calls it; `5.21` is a date where the translation takes it for one."""
    return QuantityKind.DATE if target.kind is QuantityKind.DATE else source.kind


def numbers_survive(pair: Pair) -> Iterator[str]:
    """Each number above ten, percentage and multiple of the source is in the translation."""
    for source in differences(pair).missing:
        if source.kind not in _WRITTEN and not _is_small(source):
            yield f"the number {_both(source)} is missing"


def small_numbers_survive(pair: Pair) -> Iterator[str]:
    """Numbers up to ten may be put in other words (`these versions`), so that they are looked at apart."""
    for source in differences(pair).missing:
        if source.kind not in _WRITTEN and _is_small(source):
            yield f"the number {_both(source)} is missing"


def no_number_is_invented(pair: Pair) -> Iterator[str]:
    """Each figure above ten of the translation comes from the source."""
    for target in differences(pair).added:
        if not _is_small(target):
            yield f"the number {target.text} is not in the source"


def no_small_number_is_invented(pair: Pair) -> Iterator[str]:
    """Figures up to ten are looked at apart, for the same reason as missing ones."""
    for target in differences(pair).added:
        if _is_small(target):
            yield f"the number {target.text} is not in the source"


def _is_small(quantity: Quantity) -> bool:
    plain = quantity.kind in (QuantityKind.NUMBER, QuantityKind.ORDINAL)
    return plain and isinstance(quantity.value, Decimal) and quantity.value <= 10


def _both(quantity: Quantity) -> str:
    """`74,000 (7.4 万)`, or the text alone where English writes it the same way."""
    english = in_english(quantity)
    return english if english == quantity.text else f"{english} ({quantity.text})"
