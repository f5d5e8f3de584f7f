"""What numbers count: units and currencies keep their meaning."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.chinese import in_half_width
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.english_numbers import english_quantities
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from weekly_translate.model import Pair
    from weekly_translate.text.numbers import Quantity

_NUMBER = r"[0-9一二三四五六七八九十百千万亿两半多余] ?"
_FIGURE = r"(?<![0-9.,])[0-9][0-9.,]*"
_GROWTH = re.compile(
    rf"(?:提高|提升|提速|增长|增加|上升|快|多)了? ?(?:近|约|超过)? ?"
    rf"(?:{_FIGURE}|[二三四五六七八九十两]) ?(?:多 ?)?倍"
)
_AS_MANY = re.compile(
    rf"(?<![A-Za-z])(?:{_FIGURE}(?:x| times)|twice|(?:three|four|five|six|eight|ten) times) (?:as|the)\b"
)


class Unit(NamedTuple):
    """A unit as Chinese and as English write it behind a number, both as patterns."""

    chinese: str
    english: str


_DIMENSIONS = (
    (
        Unit("纳秒|ns", "ns|nanoseconds?"),
        Unit("微秒|[uµμ]s", "[uµμ]s|microseconds?"),
        Unit("毫秒|ms", "ms|milliseconds?"),
        Unit("秒", "(?<= )s|secs?|seconds?"),
        Unit("分钟", "mins?|minutes?"),
        Unit("个?(?:小时|钟头)", "(?<= )h|hrs?|hours?"),
        Unit("天|日", "days?"),
        Unit("周(?!年)|个?星期", "weeks?"),
        Unit("个月", "months?"),
        Unit("年(?![代级])", "years?|yrs?"),
    ),
    (
        Unit("[kK]i?B", "[kK]i?B|kilobytes?"),
        Unit("Mi?B|兆(?!比特)", "Mi?B|megabytes?"),
        Unit("Gi?B|G(?![A-Za-z])", "Gi?B|G|gigabytes?"),
        Unit("Ti?B", "Ti?B|terabytes?"),
        Unit("Kb|kb", "Kb|kb|kbits?|kilobits?"),
        Unit("Mb|兆比特", "Mb|Mbits?|megabits?"),
        Unit("Gb", "Gb|Gbits?|gigabits?"),
    ),
    (
        Unit("毫米|mm", "mm|millimet(?:er|re)s?"),
        Unit("厘米|cm", "cm|centimet(?:er|re)s?"),
        Unit("米", "(?<= )m|met(?:er|re)s?"),
        Unit("公里|千米|km", "km|kilomet(?:er|re)s?"),
        Unit("英里", "miles?"),
        Unit("里", "li"),
        Unit("英尺", "ft|feet"),
        Unit("英寸|寸", "inch(?:es)?"),
    ),
    (
        Unit("克", "(?<= )g|grams?"),
        Unit("斤", "jin|catt(?:y|ies)"),
        Unit("公斤|千克|kg", "kg|kilos?|kilograms?"),
        Unit("吨", "tons?|tonnes?"),
        Unit("磅", "lbs?|pounds?"),
    ),
    (
        Unit("亩", "mu"),
        Unit("英亩", "acres?"),
        Unit("公顷", "hectares?|ha"),
        Unit("平方米|平米", "square met(?:er|re)s?"),
        Unit("平方公里", "square kilomet(?:er|re)s?"),
    ),
)
_CURRENCIES = (
    Unit("元(?![组素宇数音件])|块钱|人民币", r"¥|\b(?:CN¥|RMB|CNY|yuan)"),
    Unit("美元|美金|美刀", r"(?<![A-Z])(?:US)?\$(?=[0-9])|\b(?:USD|dollars?|bucks)"),
    Unit("港元|港币", r"HK\$|\bHKD|Hong Kong dollars?"),
    Unit("欧元", r"€|\b(?:EUR|euros?)"),
    Unit("英镑", r"£|\b(?:GBP|pounds?)"),
    Unit("日元", r"¥|\b(?:JPY|yen)"),
)


class Amount(NamedTuple):
    """A figure and what it counts."""

    value: Decimal | str
    dimension: int
    unit: Unit


_UNITS = tuple((number, unit) for number, units in enumerate(_DIMENSIONS) for unit in units)
_CHINESE, _ENGLISH = (
    re.compile(
        f"{gap}(?:{'|'.join(f'(?P<u{index}>{word})' for index, word in enumerate(words))})(?![A-Za-z])"
    )
    for gap, words in ((" ?", [u.chinese for _, u in _UNITS]), ("[ -]?", [u.english for _, u in _UNITS]))
)


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


def _amounts(unit: re.Pattern[str], text: str, quantities: list[Quantity]) -> list[tuple[Amount, str]]:
    """Numbers with a unit behind them, and how they are written; the `one` of `one day` counts nothing."""
    amounts = []
    for quantity in quantities:
        match = unit.match(text, quantity.span.end)
        if match and (quantity.value != 1 or quantity.text.isdecimal()):
            dimension, known = _UNITS[int(str(match.lastgroup)[1:])]
            amounts.append(
                (Amount(quantity.value, dimension, known), text[quantity.span.start : match.end()])
            )
    return amounts


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


def _counted(money: str) -> str:
    return rf"{_NUMBER}(?:{money})(?![A-Za-z])"


_MONEY = re.compile(_counted("|".join(money.chinese for money in _CURRENCIES)))


def _whole(words: str) -> str:
    return rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])"


def growth_is_clear(pair: Pair) -> Iterator[str]:
    """提高 3 倍 may mean three times as much or three times more: the original has to be looked at."""
    growth = _GROWTH.search(prose_of(pair.segment.text))
    if growth and (said := _AS_MANY.search(prose_of(pair.target))):
        yield f"“{said[0]}” for {growth[0]}: it may mean one more; look at the original"
