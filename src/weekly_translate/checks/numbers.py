"""Numbers survive by value, and with their unit: 7.4 万 is 74,000, or 74k, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.checks.quantities import differences
from weekly_translate.checks.registry import ERROR, WARNING, Stage, check
from weekly_translate.checks.units import MONEY, chinese_amounts, english_amounts
from weekly_translate.text.numbers import Quantity, QuantityKind, in_english
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_WITH_A_NUMBER = ("title.", "seg.too-long", "llm.addition")
"""A name in front of a title may hold the number; and a number makes a text look longer, or strange."""
_FIGURE = r"(?<![0-9.,])[0-9][0-9.,]*"
_GROWTH = lazy_pattern(
    rf"(?:提高|提升|提速|增长|增加|上升|快|多)了? ?(?:近|约|超过)? ?"
    rf"(?:{_FIGURE}|[二三四五六七八九十两]) ?(?:多 ?)?倍"
)
_AS_MANY = lazy_pattern(
    rf"(?<![A-Za-z])(?:{_FIGURE}(?:x| times)|twice|(?:three|four|five|six|eight|ten) times) (?:as|the)\b"
)


@check("num.currency", ERROR, Stage.FIGURES, in_titles=WARNING)
def currencies_are_equal(pair: Pair) -> Iterator[str]:
    """Money keeps its currency: 1 亿美元 is $100 million and not ¥100 million."""
    yield from _other_units(pair, money=True)


@check("num.unit", ERROR, Stage.FIGURES, in_titles=WARNING)
def units_are_equal(pair: Pair) -> Iterator[str]:
    """A figure counts what it counts in the source: 5 斤 is not 5 kg, 几个月 is not "several weeks"."""
    yield from _other_units(pair, money=False)


def _other_units(pair: Pair, *, money: bool) -> Iterator[str]:
    """Amounts with the unit of none in the source. One with another figure may be converted: 5 斤 are 2.5 kg."""
    here, there = chinese_amounts(pair.segment.text), english_amounts(pair.target)
    kept = {(one.value, one.unit) for one in here} & {(one.value, one.unit) for one in there}
    for one in here:
        if (one.unit.dimension == MONEY) is money and (one.value, one.unit) not in kept:
            others = (
                other
                for other in there
                if other.value == one.value
                and other.unit.dimension == one.unit.dimension
                and (other.value, other.unit) not in kept
            )
            if other := next(others, None):
                yield f"{one.text} became “{other.text}”"


# --------------------------------------------------------------------------- values

_WRITTEN = (QuantityKind.VERSION, QuantityKind.DATE)


@check("num.value", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def numbers_are_equal(pair: Pair) -> Iterator[str]:
    """A number has the value that it has in the source; a factor of ten is the usual mistake."""
    for source, target in differences(pair).changed:
        if _kind_of_change(source, target) not in _WRITTEN:
            yield f"the number {_both(source)} became {target.text}"


@check("num.version", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def versions_are_equal(pair: Pair) -> Iterator[str]:
    """Versions are equal as they are written: 3.10 is not 3.1."""
    yield from _lost_or_changed(pair, QuantityKind.VERSION, "the version")


@check("num.date", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
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


@check("num.missing", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def numbers_survive(pair: Pair) -> Iterator[str]:
    """Each number above ten, percentage and multiple of the source is in the translation."""
    yield from _missing(pair, small=False)


@check("num.missing", WARNING, Stage.FIGURES)
def small_numbers_survive(pair: Pair) -> Iterator[str]:
    """Numbers up to ten may be put in other words (`these versions`), so that they are looked at apart."""
    yield from _missing(pair, small=True)


def _missing(pair: Pair, *, small: bool) -> Iterator[str]:
    for source in differences(pair).missing:
        if source.kind not in _WRITTEN and _is_small(source) is small:
            yield f"the number {_both(source)} is missing"


@check("num.added", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def no_number_is_invented(pair: Pair) -> Iterator[str]:
    """Each figure above ten of the translation comes from the source."""
    yield from _invented(pair, small=False)


@check("num.added", WARNING, Stage.FIGURES)
def no_small_number_is_invented(pair: Pair) -> Iterator[str]:
    """Figures up to ten are looked at apart, for the same reason as missing ones."""
    yield from _invented(pair, small=True)


def _invented(pair: Pair, *, small: bool) -> Iterator[str]:
    for target in differences(pair).added:
        if _is_small(target) is small:
            yield f"the number {target.text} is not in the source"


def _is_small(quantity: Quantity) -> bool:
    plain = quantity.kind in (QuantityKind.NUMBER, QuantityKind.ORDINAL)
    return plain and isinstance(quantity.value, Decimal) and quantity.value <= 10


def _both(quantity: Quantity) -> str:
    """`74,000 (7.4 万)`, or the text alone where English writes it the same way."""
    english = in_english(quantity)
    return english if english == quantity.text else f"{english} ({quantity.text})"


@check("num.fold", WARNING, Stage.FIGURES)
def growth_is_clear(pair: Pair) -> Iterator[str]:
    """提高 3 倍 may mean three times as much or three times more: the original has to be looked at."""
    growth = _GROWTH.search(prose_of(pair.segment.text))
    if growth and (said := _AS_MANY.search(prose_of(pair.target))):
        yield f"“{said[0]}” for {growth[0]}: it may mean one more; look at the original"
