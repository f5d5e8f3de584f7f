"""What numbers count: units and currencies keep their meaning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import in_half_width
from weekly_translate.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.model import Pair

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
        Unit("周|个?星期", "weeks?"),
        Unit("个月", "months?"),
        Unit("年", "years?|yrs?"),
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


def units_are_equal(pair: Pair) -> Iterator[str]:
    """A number counts what it counts in the source: 5 斤 is not 5 kg, 3 毫秒 is not 3 s."""
    target = prose_of(pair.target)
    for units in _DIMENSIONS:
        yield from _exchanged(pair, units, rf"{_FIGURE}[ -]?(?:{{}})(?![A-Za-z])", target)


def currencies_are_equal(pair: Pair) -> Iterator[str]:
    """Money keeps its currency: 1 亿美元 is $100 million and not ¥100 million."""
    yield from _exchanged(pair, _CURRENCIES, "(?:{})(?![A-Za-z])", prose_of(pair.target))


def _exchanged(pair: Pair, units: Sequence[Unit], written: str, target: str) -> Iterator[str]:
    """The units of the target that the source lacks, where one of the source is not in the target."""
    source = in_half_width(prose_of(pair.segment.text))
    named = [unit for unit in units if re.search(rf"{_NUMBER}(?:{unit.chinese})(?![A-Za-z])", source)]
    lost = [unit for unit in named if not re.search(rf"(?<![A-Za-z])(?:{unit.english})(?![A-Za-z])", target)]
    explained = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(unit.english for unit in named)})(?![A-Za-z])")
    others = [re.search(written.format(unit.english), target) for unit in units if unit not in named]
    foreign = [match for match in others if match and not explained.search(match[0])]
    if lost and foreign:
        name = re.split(r"[|(]", lost[0].chinese.removeprefix("个?"))[0]
        yield f"{name} became “{foreign[0][0]}”"


def growth_is_clear(pair: Pair) -> Iterator[str]:
    """提高 3 倍 may mean three times as much or three times more: the original has to be looked at."""
    growth, said = _GROWTH.search(prose_of(pair.segment.text)), _AS_MANY.search(prose_of(pair.target))
    if growth and said:
        yield f"“{said[0]}” for {growth[0]}: it may mean one more; look at the original"
