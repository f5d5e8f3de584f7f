"""Units and currencies behind a number, as Chinese and as English write them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.characters import in_half_width
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import QuantityKind, english_quantities
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.text.numbers import Quantity

MONEY = "money"


class Unit(NamedTuple):
    """A unit: patterns of both languages, and how many of a common unit it is; 0 for no fixed number."""

    dimension: str
    chinese: str
    english: str
    factor: float = 0


class Amount(NamedTuple):
    """A number and what it counts."""

    value: Decimal | str
    """`few` where the text says 几, `several` or the like."""
    unit: Unit
    text: str

    @property
    def size(self) -> float:
        """In a unit that the dimension has in common; 0 where that cannot be told."""
        return self.unit.factor * float(self.value) if isinstance(self.value, Decimal) else 0


def _units() -> Iterable[Unit]:
    """Lines of a dimension and its units: Chinese, English and factor."""
    for line in _TABLE.strip().split("\n"):
        dimension, *rest = line.split()
        chinese, english, factor = rest[0], rest[1].replace("_", " "), rest[2] if len(rest) > 2 else "0"
        yield Unit(dimension, chinese, english, float(factor))


_TABLE = r"""
time 纳秒|ns ns|nanoseconds? 1e-9
time 微秒|[uµμ]s [uµμ]s|microseconds? 1e-6
time 毫秒|ms ms|milliseconds?|msecs? 1e-3
time 秒钟?(?!杀) (?<=[\s\d-])s|secs?|seconds? 1
time 分钟 mins?|minutes? 60
time 个?(?:小时|钟头) (?<=[\s\d-])h|hrs?|hours? 3600
time 天|日(?![元韩本活]) days? 86400
time 周(?![年刊])|个?星期|个?礼拜 weeks? 604800
time 个月 months? 2629800
time 年(?![代级]) years?|yrs? 31557600
time 个?世纪 centur(?:y|ies) 3155760000
data [kK]i?B [kK]i?B|kilobytes? 1e3
data Mi?B|M(?![A-Za-z])|兆(?!比特|吨|瓦|赫) Mi?B|megabytes? 1e6
data Gi?B|G(?![A-Za-z]) Gi?B|G|gigs?|gigabytes? 1e9
data Ti?B Ti?B|terabytes? 1e12
data Pi?B Pi?B|petabytes? 1e15
data Kb|kb|Kbps Kb|kb|kbits?|kilobits?|Kbps 125
data Mb|兆比特|Mbps Mb|Mbits?|megabits?|Mbps 125e3
data Gb|Gbps Gb|Gbits?|gigabits?|Gbps 125e6
length 纳米|nm nm|nanomet(?:er|re)s? 1e-9
length 微米 microns?|micromet(?:er|re)s? 1e-6
length 毫米|mm mm|millimet(?:er|re)s? 1e-3
length 厘米|cm cm|centimet(?:er|re)s? 1e-2
length 米 (?<=[\s\d-])m|met(?:er|re)s? 1
length 公里|千米|km km|kilomet(?:er|re)s? 1000
length 英里 miles? 1609.34
length 海里 nautical_miles? 1852
length 里 li 500
length 英尺 ft|feet|foot 0.3048
length 英寸|寸 inch(?:es)?|in\. 0.0254
length 光年 light[_-]years? 9.46e15
weight 毫克|mg mg|milligrams? 1e-3
weight 克(?![服拉隆]) (?<=[\s\d-])g|grams? 1
weight 斤 jin|catt(?:y|ies) 500
weight 公斤|千克|kg kg|kilos?|kilograms? 1000
weight 吨 tons?|tonnes?|metric_tons? 1e6
weight 兆吨 megatons?|megatonnes? 1e12
weight 磅 lbs?|pounds? 453.6
weight 盎司 ounces?|oz 28.35
area 平方米|平米 square_met(?:er|re)s?|sq_m|m² 1
area 亩 mu 666.7
area 英亩 acres? 4046.9
area 公顷 hectares?|ha 1e4
area 平方公里 square_kilomet(?:er|re)s?|sq_km|km² 1e6
volume 毫升|ml ml|millilit(?:er|re)s? 1e-3
volume 升(?![级降温到至]) lit(?:er|re)s?|L 1
volume 加仑 gallons? 3.785
volume 桶 barrels? 159
power 瓦(?![特斯]) W|watts? 1
power 千瓦(?!时)|kW kW|kilowatts? 1e3
power 兆瓦|MW MW|megawatts? 1e6
power 吉瓦|GW GW|gigawatts? 1e9
power 马力 horsepower|hp 735.5
energy 千瓦时|度电|kWh kWh|kilowatt[_-]hours? 1
frequency 赫兹?|Hz Hz|hertz 1
frequency 千赫兹?|kHz kHz|kilohertz 1e3
frequency 兆赫兹?|MHz MHz|megahertz 1e6
frequency GHz GHz|gigahertz 1e9
degree 摄氏度|℃|°C °_?C|degrees_Celsius|℃
degree 华氏度|℉|°F °_?F|degrees_Fahrenheit|℉
text 字(?![节符段]) characters?|words?|Chinese_characters?
text 字符 characters?|chars?
text 字节 bytes?
text 比特 bits?
text 行 lines?
text 页 pages?
money 人民币|元人民币|元(?![组素宇数音件旦老])|块钱?(?![链级状]) yuan|RMB|CNY|renminbi
money 美元|美金|美刀|刀(?![片具]) US_dollars?|dollars?|USD|bucks
money 美分 cents?
money 港元|港币 HKD|Hong_Kong_dollars?|HK_dollars?
money 新?台币 NTD|TWD|New_Taiwan_dollars?|Taiwan_dollars?
money 欧元 euros?|EUR
money 英镑 pounds?|GBP|pounds_sterling
money 日元|日圆 yen|JPY
money 韩元|韩币 won|KRW
money 卢布 rubles?|roubles?|RUB
money 卢比 rupees?|INR
money 瑞士法郎 Swiss_francs?|CHF
money 法郎 francs?
money 加元 Canadian_dollars?|CAD
money 澳元 Australian_dollars?|AUD
money 新加坡元|新币 Singapore_dollars?|SGD
money 比特币 bitcoins?|BTC
"""
_UNITS = tuple(_units())
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "₩": "KRW", "₹": "INR"}
_FOREIGN_DOLLARS = {"HK": "HKD", "NT": "NTD", "C": "CAD", "CA": "CAD", "A": "AUD", "AU": "AUD", "S": "SGD"}
_BEFORE_DOLLAR = lazy_pattern(r"(?<![A-Za-z])(HK|NT|CA?|AU?|S)\Z")
_OF_CODE = {code: unit for unit in _UNITS if unit.dimension == MONEY for code in unit.english.split("|")}


_FEW_CHINESE = lazy_pattern(r"(?:(?<![十百千万])好?几|(?<![函参整系倍指岁点次人多少])数|若干)")
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25"), "three quarters": Decimal("0.75")}
_PART_ENGLISH = lazy_pattern(
    r"\b(?P<part>half|quarter|three[ -]quarters)(?: of)?(?: an?)?(?=[ -](?:cent|year|month|day|hour|min))",
    re.IGNORECASE,
)
"""`half a year` and `a quarter of an hour` are amounts, too."""
_FEW_ENGLISH = lazy_pattern(r"\b(?:several|a few|few|a couple of|a number of)(?= )", re.IGNORECASE)


@lru_cache(1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    chinese, english = (
        "|".join(f"(?P<u{index}>{word})" for index, word in enumerate(words))
        for words in ([unit.chinese for unit in _UNITS], [unit.english for unit in _UNITS])
    )
    return re.compile(f" ?(?:{chinese})(?![A-Za-z])"), re.compile(f"[ -]?(?:{english})(?![A-Za-z])")


@lru_cache(16)
def chinese_amounts(text: str) -> tuple[Amount, ...]:
    """The numbers of a tagged Chinese text that have a unit."""
    prose = in_half_width(prose_of(text))
    return _amounts(_patterns()[0], prose, chinese_quantities(prose), _FEW_CHINESE)


@lru_cache(16)
def english_amounts(text: str) -> tuple[Amount, ...]:
    """The numbers of a tagged English text that have a unit."""
    prose = in_half_width(prose_of(text))
    parts = (_part_of_time(match, prose) for match in _PART_ENGLISH.finditer(prose))
    whole = _amounts(_patterns()[1], prose, english_quantities(prose), _FEW_ENGLISH)
    return *whole, *(part for part in parts if part)


def _part_of_time(match: re.Match[str], text: str) -> Amount | None:
    unit = _patterns()[1].match(text, match.end())
    if not unit:
        return None
    known = _UNITS[int(str(unit.lastgroup)[1:])]
    value = _PARTS[match["part"].lower().replace("-", " ")]
    return Amount(value, known, text[match.start() : unit.end()])


def _amounts(
    unit: re.Pattern[str], text: str, quantities: Iterable[Quantity], few: re.Pattern[str]
) -> tuple[Amount, ...]:
    """The `one` of `one day` counts nothing, nor does the `quarter` of `a quarter century` as 25 percent."""
    found = []
    for quantity in quantities:
        one = quantity.value == 1 and not quantity.text.strip("$€£¥").isdecimal()
        if one or (quantity.kind is QuantityKind.PERCENT and not any(map(str.isdecimal, quantity.text))):
            continue
        if sign := _sign(text, quantity):
            found.append(Amount(quantity.value, sign, quantity.text))
        elif match := unit.match(text, quantity.span.end):
            known = _UNITS[int(str(match.lastgroup)[1:])]
            found.append(Amount(quantity.value, known, text[quantity.span.start : match.end()]))
    for match in few.finditer(text):
        if behind := unit.match(text, match.end()):
            known = _UNITS[int(str(behind.lastgroup)[1:])]
            found.append(Amount("few", known, text[match.start() : behind.end()]))
    return tuple(found)


def _sign(text: str, quantity: Quantity) -> Unit | None:
    """The currency of a sign before the figures; `HK$` is none of the United States."""
    code = _SIGNS.get(quantity.text[:1]) or _SIGNS.get(text[quantity.span.start - 1 : quantity.span.start])
    if code == "USD":
        before = _BEFORE_DOLLAR.search(text[: quantity.span.start].removesuffix("$"))
        code = _FOREIGN_DOLLARS[before[1]] if before else code
    return _OF_CODE[code] if code else None
