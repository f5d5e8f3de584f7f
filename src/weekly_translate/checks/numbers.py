"""Numbers survive by value, and with their unit: 7.4 万 is 74,000, or 74k, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.quantities import differences
from weekly_translate.checks.registry import ERROR, WARNING, Stage, check, doubt
from weekly_translate.text.characters import in_half_width
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import Quantity, QuantityKind, english_quantities, in_english
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_WITH_A_NUMBER = ("title.", "seg.too-long", "llm.addition")
"""A name in front of a title may hold the number; and a number makes a text look longer, or strange."""
_NUMBER = r"[0-9一二三四五六七八九十百千万亿两半多余] ?"
_FIGURE = r"(?<![0-9.,])[0-9][0-9.,]*"
_GROWTH = lazy_pattern(
    rf"(?:提高|提升|提速|增长|增加|上升|快|多)了? ?(?:近|约|超过)? ?"
    rf"(?:{_FIGURE}|[二三四五六七八九十两]) ?(?:多 ?)?倍"
)
_AS_MANY = lazy_pattern(
    rf"(?<![A-Za-z])(?:{_FIGURE}(?:x| times)|twice|(?:three|four|five|six|eight|ten) times) (?:as|the)\b"
)


class _Unit(NamedTuple):
    """A unit as Chinese and as English write it behind a number, both as patterns."""

    chinese: str
    english: str


_DIMENSIONS = (
    (
        _Unit("纳秒|ns", "ns|nanoseconds?"),
        _Unit("微秒|[uµμ]s", "[uµμ]s|microseconds?"),
        _Unit("毫秒|ms", "ms|milliseconds?"),
        _Unit("秒", "(?<= )s|secs?|seconds?"),
        _Unit("分钟", "mins?|minutes?"),
        _Unit("个?(?:小时|钟头)", "(?<= )h|hrs?|hours?"),
        _Unit("天|日", "days?"),
        _Unit("周(?!年)|个?星期", "weeks?"),
        _Unit("个月", "months?"),
        _Unit("年(?![代级])", "years?|yrs?"),
    ),
    (
        _Unit("[kK]i?B", "[kK]i?B|kilobytes?"),
        _Unit("Mi?B|兆(?!比特)", "Mi?B|megabytes?"),
        _Unit("Gi?B|G(?![A-Za-z])", "Gi?B|G|gigabytes?"),
        _Unit("Ti?B", "Ti?B|terabytes?"),
        _Unit("Kb|kb", "Kb|kb|kbits?|kilobits?"),
        _Unit("Mb|兆比特", "Mb|Mbits?|megabits?"),
        _Unit("Gb", "Gb|Gbits?|gigabits?"),
    ),
    (
        _Unit("毫米|mm", "mm|millimet(?:er|re)s?"),
        _Unit("厘米|cm", "cm|centimet(?:er|re)s?"),
        _Unit("米", "(?<= )m|met(?:er|re)s?"),
        _Unit("公里|千米|km", "km|kilomet(?:er|re)s?"),
        _Unit("英里", "miles?"),
        _Unit("里", "li"),
        _Unit("英尺", "ft|feet"),
        _Unit("英寸|寸", "inch(?:es)?"),
    ),
    (
        _Unit("克", "(?<= )g|grams?"),
        _Unit("斤", "jin|catt(?:y|ies)"),
        _Unit("公斤|千克|kg", "kg|kilos?|kilograms?"),
        _Unit("吨", "tons?|tonnes?"),
        _Unit("磅", "lbs?|pounds?"),
    ),
    (
        _Unit("亩", "mu"),
        _Unit("英亩", "acres?"),
        _Unit("公顷", "hectares?|ha"),
        _Unit("平方米|平米", "square met(?:er|re)s?"),
        _Unit("平方公里", "square kilomet(?:er|re)s?"),
    ),
)
_CURRENCIES = (
    _Unit("元(?![组素宇数音件])|块钱|人民币", r"¥|\b(?:CN¥|RMB|CNY|yuan)"),
    _Unit("美元|美金|美刀", r"(?<![A-Z])(?:US)?\$(?=[0-9])|\b(?:USD|dollars?|bucks)"),
    _Unit("港元|港币", r"HK\$|\bHKD|Hong Kong dollars?"),
    _Unit("欧元", r"€|\b(?:EUR|euros?)"),
    _Unit("英镑", r"£|\b(?:GBP|pounds?)"),
    _Unit("日元", r"¥|\b(?:JPY|yen)"),
)


class _Amount(NamedTuple):
    """A figure and what it counts."""

    value: Decimal | str
    dimension: int
    unit: _Unit


_UNITS = tuple((number, unit) for number, units in enumerate(_DIMENSIONS) for unit in units)
_CHINESE, _ENGLISH = (
    re.compile(
        f"{gap}(?:{'|'.join(f'(?P<u{index}>{word})' for index, word in enumerate(words))})(?![A-Za-z])"
    )
    for gap, words in ((" ?", [u.chinese for _, u in _UNITS]), ("[ -]?", [u.english for _, u in _UNITS]))
)


def _amounts(unit: re.Pattern[str], text: str, quantities: tuple[Quantity, ...]) -> list[tuple[_Amount, str]]:
    """Numbers with a unit behind them, and how they are written; the `one` of `one day` counts nothing."""
    amounts = []
    for quantity in quantities:
        match = unit.match(text, quantity.span.end)
        if match and (quantity.value != 1 or quantity.text.isdecimal()):
            dimension, known = _UNITS[int(str(match.lastgroup)[1:])]
            amounts.append(
                (_Amount(quantity.value, dimension, known), text[quantity.span.start : match.end()])
            )
    return amounts


@check("num.currency", ERROR, Stage.FIGURES, in_titles=WARNING)
def currencies_are_equal(pair: Pair) -> Iterator[str]:
    """Money keeps its currency: 1 亿美元 is $100 million and not ¥100 million."""
    source, target = in_half_width(prose_of(pair.segment.text)), prose_of(pair.target)
    if not _MONEY.search(source):
        return
    named = [money for money in _CURRENCIES if re.search(_counted(money.chinese), source)]
    lost = [money for money in named if not re.search(_whole(money.english), target)]
    explained = re.compile(_whole("|".join(money.english for money in named)))
    others = [re.search(_whole(money.english), target) for money in _CURRENCIES if money not in named]
    foreign = [match for match in others if match and not explained.search(match[0])]
    if lost and foreign:
        name = re.split(r"[|(]", lost[0].chinese)[0]
        yield f"{name} became “{foreign[0][0]}”"


@check("num.unit", ERROR, Stage.FIGURES, in_titles=WARNING)
def units_are_equal(pair: Pair) -> Iterator[str]:
    """A figure counts what it counts in the source: 5 斤 is not 5 kg, 3 毫秒 is not 3 s."""
    # A unit with another figure is not looked at: it may be converted, as 5 斤 are 2.5 kg.
    source, target = in_half_width(prose_of(pair.segment.text)), in_half_width(prose_of(pair.target))
    here = _amounts(_CHINESE, source, chinese_quantities(source))
    if not here:
        return
    there = _amounts(_ENGLISH, target, english_quantities(target))
    foreign = Counter(amount for amount, _ in there) - Counter(amount for amount, _ in here)
    instead = {(amount.value, amount.dimension): text for amount, text in there if amount in foreign}
    lost = Counter(amount for amount, _ in here) - Counter(amount for amount, _ in there)
    for amount, text in dict(here).items():
        other = instead.get((amount.value, amount.dimension))
        if amount in lost and other:
            yield f"{text} became “{other}”"


def _counted(money: str) -> str:
    return rf"{_NUMBER}(?:{money})(?![A-Za-z])"


_MONEY = lazy_pattern(_counted("|".join(money.chinese for money in _CURRENCIES)))


def _whole(words: str) -> str:
    return rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])"


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


@doubt("num.missing", WARNING, Stage.FIGURES)
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


@doubt("num.added", WARNING, Stage.FIGURES)
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


@doubt("num.fold", WARNING, Stage.FIGURES)
def growth_is_clear(pair: Pair) -> Iterator[str]:
    """提高 3 倍 may mean three times as much or three times more: the original has to be looked at."""
    growth = _GROWTH.search(prose_of(pair.segment.text))
    if growth and (said := _AS_MANY.search(prose_of(pair.target))):
        yield f"“{said[0]}” for {growth[0]}: it may mean one more; look at the original"
