"""The numbers of a segment and of its translation, by value, and the units and currencies behind them."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from math import isclose, log10
from typing import TYPE_CHECKING, Literal, NamedTuple

from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import in_half_width
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import Quantity, QuantityKind, date_parts, english_quantities
from weekly_translate.text.tags import prose_of, without_tags
from weekly_translate.text.vague import chinese_magnitudes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weekly_translate.model import Pair


_COUNTS = (QuantityKind.NUMBER, QuantityKind.MULTIPLE, QuantityKind.ORDINAL)
_SHARES = (QuantityKind.PERCENT, QuantityKind.DISCOUNT)
_EXACT, _ROUNDED, _CLOSE = 1e-9, 0.025, 0.1
_YEAR = lazy_pattern(r"[0-9]{4}")
_MONTH_AND_DAY = lazy_pattern(r"([0-9]{1,2})\.([0-9]{1,2})")
_REACH = 100
"""So many numbers before and behind are looked at: a line of a thousand numbers takes no hour."""
_NOON, _HUNDRED = 12, 100
_OTHER = lazy_pattern(r"\b(?:others?|more|rest)\b", re.IGNORECASE)
_IN_WORDS = lazy_pattern(r"[a-z]+(?: times)?|[a-z ]+ and a half")
_VAGUE = ("both", "dual", "pair", "couple", "twice", "double", "doubling", "decade", "dozen")
_LETTERED = lazy_pattern(r"([0-9]+(?:\.[0-9]+)?) ?[kKMGBTW]\+?")
_REPEATING = lazy_pattern(r"\.(?!9)[0-9]{4}")
"""A third, in percent."""
_NAME_WITH_DIGIT = lazy_pattern(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z0-9_.+-]*[0-9])[A-Za-z][A-Za-z0-9_]*(?:[.+-][A-Za-z0-9_]+)*"
)
_PRE_RELEASE = lazy_pattern(
    r"(?P<release>[0-9]{1,9}(?:\.[0-9]{1,9}){1,5}) ?(?:的 ?)?(?P<stage>alpha|beta|rc) ?(?P<number>[0-9]{1,4})"
    r"(?![0-9])",
    re.IGNORECASE | re.ASCII,
)


class Differences(NamedTuple):
    """The numbers that do not match, each listed once."""

    changed: tuple[tuple[Quantity, Quantity], ...]
    """A number of the source, and the one of the translation that stands in its place."""
    missing: tuple[Quantity, ...]
    added: tuple[Quantity, ...]
    exchanged: tuple[tuple[Quantity, Quantity], ...] = ()
    """A small number in words, and the one that the translation has instead of it."""


def differences(pair: Pair) -> Differences:
    """Demanded numbers of both sides that nothing on the other side explains."""
    return _differences(pair.segment.text, pair.target, pair.segment.hint)


@lru_cache(maxsize=16)
def _differences(text: str, translation: str, hint: str) -> Differences:
    """Remembered, because many checks ask one after the other."""
    here, there = prose_of(text), prose_of(translation)
    source = chinese_quantities(_without(_names_with_digits(there), _as_written_in(there, here)))
    target = english_quantities(_without(_names_with_digits(here), _as_written_in(here, there)))
    whole = _as_written_in(there, without_tags(text))
    # A number of a headline may come from the address, and the source may write English numbers itself.
    explaining = *chinese_quantities(whole), *english_quantities(whole), *english_quantities(hint)
    here_, there_ = _amounts_and_ones(text, translation)
    lost, added = (
        [one for one in ones if not _is_converted(one, *amounts)]
        for ones, amounts in (
            (_without_partner(source, target, _is_said_by), (here_, there_)),
            (_without_partner(target, explaining, lambda one, other: same(other, one)), (there_, here_)),
        )
    )
    if added:
        reckoned = _reckoned(here, source)
        added = [one for one in added if one.value not in reckoned]
    found = _paired(*([one for one in ones if one.demanded] for ones in (lost, added)))
    more = Counter(one.value for one in source) - Counter(one.value for one in target)
    fewer = [one for one in source if more[one.value]]  # of 三 and 三, one is three
    mine, yours = ([one for one in ones if _is_in_words(one)][:1] for ones in ([*lost, *fewer], added))
    pairs = zip(mine, yours, strict=False)
    return found._replace(exchanged=tuple(pair for pair in pairs if not _is_rest(*pair, there)))


def _reckoned(text: str, quantities: tuple[Quantity, ...]) -> set[Decimal]:
    """What each number and each share give together, as 300 for half of 600, and the least of 十几万."""
    counts, shares = (
        [Decimal(one.value) for one in quantities if one.kind in kinds][:_REACH]
        for kinds in (_COUNTS, _SHARES)
    )
    parts = {count * share / _HUNDRED for count in counts for share in shares}
    return parts.union(Decimal(10) ** one.least for one in chinese_magnitudes(text))


def _is_rest(source: Quantity, target: Quantity, translation: str) -> bool:
    """Whether one of several is said apart: of three ways, one and two others."""
    one_less = Decimal(source.value) - Decimal(target.value) == 1
    return one_less and _OTHER.search(translation) is not None


def _is_in_words(quantity: Quantity) -> bool:
    """More than one, below a hundred; no digit of a name, nor what is vague in English: `a couple`."""
    small = isinstance(quantity.value, Decimal) and 1 < quantity.value < _HUNDRED
    text = quantity.text.lower()
    plain = not text.isascii() or (_IN_WORDS.fullmatch(text) and not text.startswith(_VAGUE))
    return small and quantity.kind in _COUNTS and not quantity.demanded and bool(plain)


def _is_converted(quantity: Quantity, own: tuple[Amount, ...], others: tuple[Amount, ...]) -> bool:
    """Whether the other side has the same in another unit: 180 分钟 are three hours, 5 公斤 are 11 pounds.

    Where the units are not of the metric system one says it less exactly: 两个半月 are ten weeks.
    """
    return any(
        isclose(size, other, rel_tol=_tolerance(unit, another) if len(values) == len(more) else _EXACT)
        for values, size, unit in _sizes(own)
        if quantity.value in values
        for more, other, another in _sizes(others)
        if unit.dimension == another.dimension
        and (unit != another or values == more or len(values) != len(more))
    )


def _tolerance(unit: Unit, other: Unit) -> float:
    return _ROUNDED if unit.is_metric and other.is_metric else _CLOSE


def _sizes(amounts: tuple[Amount, ...]) -> Iterator[tuple[tuple[Decimal | str, ...], float, Unit]]:
    """The size of each amount, and of one with a smaller unit behind it: an hour and 47 minutes."""
    for one in amounts:
        if one.size:
            yield (one.value,), one.size, one.unit
    for one, rest in pairwise(amounts):
        if (
            one.unit.dimension == rest.unit.dimension
            and one.unit.factor > rest.unit.factor
            and one.size > rest.size > 0
        ):
            yield (one.value, rest.value), one.size + rest.size, rest.unit


def _names_with_digits(text: str) -> frozenset[str]:
    """`PyO3` and `GPT-4`, in small letters: such a digit is no number."""
    return frozenset(match[0].lower() for match in _NAME_WITH_DIGIT.finditer(text))


def _without(names: frozenset[str], text: str) -> str:
    """The text without the names that both texts have: their digits explain nothing else."""
    return _NAME_WITH_DIGIT.sub(
        lambda match: " " * len(match[0]) if match[0].lower() in names else match[0], text
    )


def _as_written_in(other: str, text: str) -> str:
    """The text with `3.12 beta 1` as `3.12.0b1`, where the other text has it so (PEP 440)."""

    def short(match: re.Match[str]) -> str:
        sign, number = match["stage"].lower().removesuffix("eta").removesuffix("lpha"), match["number"]
        forms = (f"{match['release']}{zero}{sign}{number}" for zero in ("", ".0"))
        return next((form for form in forms if form in other), match[0])

    return _PRE_RELEASE.sub(short, text)


def _without_partner(
    quantities: tuple[Quantity, ...], others: tuple[Quantity, ...], fit: Callable[[Quantity, Quantity], bool]
) -> list[Quantity]:
    """The quantities that fit none of the others; equal ones are found without a search."""
    equal = {(other.kind, other.value) for other in others}
    alone = [
        quantity
        for index, quantity in enumerate(quantities)
        if (quantity.kind, quantity.value) not in equal
        and not any(fit(quantity, other) for other in _around(index / len(quantities), others))
    ]
    # Of `99 out of 100` the share may be what the other text says.
    said = {one.span for one in set(quantities).difference(alone) if one.kind is QuantityKind.PERCENT}
    return [quantity for quantity in alone if quantity.span not in said]


def _around(share: float, others: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """Those that stand about as far in their text; in any text of a reasonable length all of them."""
    middle = int(share * len(others))
    return others[max(0, middle - _REACH) : middle + _REACH]


def _paired(missing: list[Quantity], added: list[Quantity]) -> Differences:
    """A missing number and an added one are one change: by a factor of ten, of one kind, or of one date."""
    changed = []
    for likely in (_differ_by_scale, _are_of_one_kind, _are_one_date):
        for quantity in list(missing):
            other = next((candidate for candidate in added[:_REACH] if likely(quantity, candidate)), None)
            if other is not None:
                changed.append((quantity, other))
                missing.remove(quantity)
                added.remove(other)
    return Differences(tuple(changed), tuple(missing), tuple(added))


def _differ_by_scale(source: Quantity, target: Quantity) -> bool:
    """Whether one is the other with a number of zeros more, or as percent."""
    if isinstance(source.value, str) or isinstance(target.value, str) or not source.value:
        return False
    return (target.value / source.value).normalize().as_tuple().digits == (1,)


def _are_of_one_kind(source: Quantity, target: Quantity) -> bool:
    if source.kind is QuantityKind.VERSION or target.kind is QuantityKind.VERSION:
        return "." in source.text and "." in target.text
    return source.value == target.value or any(
        source.kind in kinds and target.kind in kinds
        for kinds in (_COUNTS, _SHARES, (QuantityKind.DATE,), (QuantityKind.TIME,))
    )


def _are_one_date(source: Quantity, target: Quantity) -> bool:
    """Whether one is a date and the other a number in its place: a year, or `5.21` in the same month."""
    if (source.kind is QuantityKind.DATE) is (target.kind is QuantityKind.DATE):
        return False
    date, number = (source, target) if source.kind is QuantityKind.DATE else (target, source)
    _, month, day = date_parts(str(date.value))
    if not month:
        return _YEAR.fullmatch(number.text) is not None
    match = _MONTH_AND_DAY.fullmatch(number.text)
    return match is not None and (int(match[1]) == month or int(match[2]) == day)


def _is_said_by(source: Quantity, target: Quantity) -> bool:
    """Whether the translation says a number of the source; a `three` is no third of March."""
    if source.kind is QuantityKind.DATE and target.kind is not QuantityKind.DATE:
        return target.text[:1].isdigit() and _names_date(target, source)
    return same(source, target)


def same(source: Quantity, target: Quantity) -> bool:
    """Whether a number of the translation says what one of the source says."""
    kinds = source.kind, target.kind
    if QuantityKind.DATE in kinds:
        return _same_date(source, target)
    if QuantityKind.TIME in kinds:
        return _same_time(source, target)
    if isinstance(source.value, str) or isinstance(target.value, str):
        return _as_written(source) == _as_written(target)
    if QuantityKind.DECADE in kinds:
        return source.value % 100 == target.value % 100
    if source.kind is QuantityKind.MULTIPLE and target.kind is QuantityKind.PERCENT:
        return target.demanded and target.value in (source.value * 100, source.value * 100 - 100)
    return _same_count(source, target) if source.kind in _COUNTS else _same_share(source, target)


def _same_count(source: Quantity, target: Quantity) -> bool:
    fits = _near(source, target) or _bare(source) == target.value or _is_next_whole(source, target)
    return target.kind in _COUNTS and fits


def _is_next_whole(source: Quantity, target: Quantity) -> bool:
    """Whether the other end of a range is said: more than 15 people are 16 or more; 增加四倍 is fivefold."""
    step = {"over": 1, "under": -1, "more by": 1}.get(source.about, 0)
    said = step and source.about in (target.about, "more by")
    return bool(said) and Decimal(target.value) - Decimal(source.value) == step


def _same_share(source: Quantity, target: Quantity) -> bool:
    """Percentages and discounts. `half` says 50 %, and `double` 200 %; but not every article says 100 %."""
    value = Decimal(source.value)
    if target.kind is QuantityKind.DISCOUNT:
        saved_or_paid = (value,) if source.kind is QuantityKind.DISCOUNT else (100 - value, value)
        return source.kind in _SHARES and target.value in saved_or_paid
    if source.kind is QuantityKind.DISCOUNT:
        part = Decimal(target.value) * (1 if target.kind is QuantityKind.PERCENT else 100)
        return part in (value, 100 - value)
    if target.kind is source.kind or (target.kind in _COUNTS and source.text.endswith("点")):
        return _near(source, target)  # five points
    times = Decimal(target.value) * _HUNDRED
    is_said = times == value or isclose(times, value + _HUNDRED, rel_tol=_CLOSE)  # up 90%: nearly doubled
    return not target.demanded and target.value != 1 and is_said


def _same_time(source: Quantity, target: Quantity) -> bool:
    """Whether two times of day are the same, or may be: a 7:20 of which nobody says the half is 19:20."""
    if source.kind is not target.kind:
        number, time = (source, target) if target.kind is QuantityKind.TIME else (target, source)
        return number.kind is QuantityKind.NUMBER and str(number.value) in _hours(time)
    (hour, minute), (other, others) = (str(one.value).split(":") for one in (source, target))
    halves = {
        one.about or ("pm" if int(hours) > _NOON else "") for one, hours in ((source, hour), (target, other))
    }
    return minute == others and int(hour) % _NOON == int(other) % _NOON and not halves >= {"am", "pm"}


def _hours(time: Quantity) -> tuple[str, str]:
    """What a number may say of a time of day, as in `8-10 p.m.`."""
    hour = str(time.value).split(":")[0]
    return hour, str(int(hour) % _NOON or _NOON)


def _bare(quantity: Quantity) -> Decimal | None:
    """The figure before a Latin letter, which is a magnitude or a unit: 450M are 450 million, or 450 MB."""
    match = _LETTERED.fullmatch(quantity.text)
    return Decimal(match[1]) if match else None


def _near(source: Quantity, target: Quantity) -> bool:
    """Equal, or within 2 % where one of them says that it is not exact or is a fraction."""
    one, other = Decimal(source.value), Decimal(target.value)
    rounded = source.about or target.about or _REPEATING.search(f"{one} {other}")
    return abs(one - other) <= (one * Decimal("0.02") if rounded else 0)


def _as_written(quantity: Quantity) -> str:
    """A version without its `v`, a number by its digits."""
    value = quantity.value
    return value.lower() if isinstance(value, str) else quantity.text.strip("+").lower()


def _same_date(source: Quantity, target: Quantity) -> bool:
    """Dates agree in every part that both state; a number may repeat a part of a date of the source."""
    if source.kind is not QuantityKind.DATE:
        return _names_date(source, target)
    if target.kind is not QuantityKind.DATE:
        return target.value in date_parts(str(source.value)) or _names_date(target, source)
    stated = [
        (one, two)
        for one, two in zip(date_parts(str(source.value)), date_parts(str(target.value)), strict=True)
        if one and two
    ]
    return bool(stated) and all(one == two for one, two in stated)


def _names_date(number: Quantity, date: Quantity) -> bool:
    """Whether a number is the day of a date, or month and day (`5.21`); where no day is stated, what is."""
    year, month, day = date_parts(str(date.value))
    written = (f"{month}.{day}", f"{year}.{month}", f"{year}.{month:02}")
    return number.value == (day or month or year) or number.text in written


MONEY = "money"


class Unit(NamedTuple):
    """A unit: patterns of both languages, and how many of a common unit it is; 0 for no fixed number."""

    dimension: str
    chinese: str
    english: str
    factor: float

    @property
    def is_metric(self) -> bool:
        """Whether it is a power of ten."""
        return log10(self.factor).is_integer()


class Amount(NamedTuple):
    """A number and what it counts."""

    value: Decimal | str
    """`few` where the text says 几, `several` or the like; `each` for 每 and `per`."""
    unit: Unit
    text: str
    is_rate: bool = False
    """Whether the unit holds so many: `three times an hour` is every 20 minutes."""

    @property
    def size(self) -> float:
        """In a unit that the dimension has in common; 0 where that cannot be told."""
        if self.is_rate:
            return self.unit.factor / float(self.value)
        count = 1 if self.value == "each" else self.value
        return self.unit.factor * float(count) if self.is_exact or count == 1 else 0

    @property
    def is_exact(self) -> bool:
        """Whether it counts in numbers."""
        return isinstance(self.value, Decimal)


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
time 刻钟 quarter-hours? 900
time 个?(?:小时|钟头) (?<=[\s\d-])h|hrs?|hours?|hourly 3600
time 天|日(?![元韩本活]) days?|daily 86400
time (?!) fortnights? 1209600
time 周(?![年刊])|个?星期|个?礼拜 weeks?|weekly 604800
time 个半?月|(?<=每)月 months?|monthly 2629800
time 年(?![代级]) years?|yrs?|yearly|annual(?:ly)? 31557600
time 十年 decades? 315576000
time 个?世纪 centur(?:y|ies) 3155760000
factor 个?数量级 orders?_of_magnitude
data 比特 bits? 0.125
data 字节 bytes? 1
data [kK]i?B [kK]i?B|kilobytes? 1e3
data Mi?B|M(?![A-Za-z])|兆(?!比特|吨|瓦|赫) Mi?B|megabytes? 1e6
data Gi?B|G(?![A-Za-z]) Gi?B|G|gigs?|gigabytes? 1e9
data Ti?B Ti?B|terabytes? 1e12
data Pi?B Pi?B|petabytes? 1e15
data Kb|kb|Kbps Kb|kb|kbits?|kilobits?|Kbps 125
data Mb|兆比特|Mbps Mb|Mbits?|megabits?|Mbps 125e3
data Gb|Gbps Gb|Gbits?|gigabits?|Gbps 125e6
data Tb|Tbps Tb|Tbits?|terabits?|Tbps 125e9
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
area 平方英尺 square_f(?:ee|oo)t|sq_ft|ft² 0.0929
area 平方英里 square_miles?|sq_mi 2.59e6
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
energy 千瓦时|度(?![数假过])|kWh kWh|kilowatt[_-]hours? 1
energy 兆瓦时|MWh MWh|megawatt[_-]hours? 1e3
energy 吉瓦时|GWh GWh|gigawatt[_-]hours? 1e6
energy 太瓦时|TWh TWh|terawatt[_-]hours? 1e9
frequency 赫兹?|Hz Hz|hertz 1
frequency 千赫兹?|kHz kHz|kilohertz 1e3
frequency 兆赫兹?|MHz MHz|megahertz 1e6
frequency GHz GHz|gigahertz 1e9
degree 摄氏度|℃|°C °_?C|degrees_Celsius|℃
degree 华氏度|℉|°F °_?F|degrees_Fahrenheit|℉
text 字符?(?![节段]) characters?|chars?|words?|Chinese_characters?
pixel 像素 pixels?|px 1
pixel (?!) MP|megapixels? 1e6
text 行 lines?
text 页 pages?
money 人民币|元人民币|元(?![组素宇数音件旦老])|块钱?(?![链级状]) yuan|RMB|CNY|renminbi
money 美元|美金|美刀|刀(?![片具]) US_dollars?|dollars?|USD|bucks 1
money 美分 cents? 0.01
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
_BEFORE_DOLLAR = lazy_pattern(r"(?<![A-Za-z])(?:HK|NT|CA?|AU?|S)\Z")
_OF_CODE = {code: unit for unit in _UNITS if unit.dimension == MONEY for code in unit.english.split("|")}


_SOME: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "few",
        lazy_pattern(
            r"(?:好?几|数)(?=十年)|(?:(?<![十百千万])好?几|(?<![函参整系倍指岁点次人多少])数|若干|十[几多来余])"
            r"[十百千万亿]{0,3}"
        ),
        lazy_pattern(
            r"\b(?:several|a few|few|a couple of|a number of|a dozen or so"
            r"|(?:dozen|ten|hundred|thousand|million)s of)(?= )"
            r"|\b(?:for|in|over|within|takes?|took|lasted)(?= [a-z]+s\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "each",
        lazy_pattern("每一?"),
        lazy_pattern(
            r"\b(?:per|every|each)(?= )|(?:times|once|twice|yuan|dollars|[0-9][\w.,]*(?: [a-z]+)?) an?(?= )"
            r"|\b(?=(?:hour|dai|week|month|year)ly\b|annual)",
            re.IGNORECASE,
        ),
    ),
)
"""What stands before a unit instead of a number, in both languages: `for weeks`, `60 times a minute`."""
_HALF = lazy_pattern(r"(?<![上下前后个一二两三四五六七八九十大\d])半(?=个?多?(?:小时|钟头|月|世纪)|[天年])")
_ONE = lazy_pattern(r"一|\b(?:an?|one)(?: whole| full| entire)?(?= )", re.IGNORECASE)
_PER = lazy_pattern(r" (?:an?|per|each|every)(?= )")
_PARTS = {"half": "0.5", "quarter": "0.25", "three quarters": "0.75", "tenth": "0.1"}
_PART_ENGLISH = lazy_pattern(
    r"\b(?P<part>half|quarter|three[ -]quarters|tenth)(?: of)?(?: an?)?(?=[ -](?!\w+ly\b))"
    r"|\ban?(?= [a-z]+ and a half\b)",
    re.IGNORECASE,
)
"""`half a year` and `a quarter of an hour` are amounts, too."""


@lru_cache(1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    chinese, english = (
        "|".join(f"(?P<u{index}>{word})" for index, word in enumerate(words))
        for words in ([unit.chinese for unit in _UNITS], [unit.english for unit in _UNITS])
    )
    return re.compile(f" ?(?:个[半多]?)?(?:{chinese})(?![A-Za-z])"), re.compile(
        f"[ -]?(?:{english})(?![A-Za-z])"
    )


def is_unit(word: str) -> bool:
    """Whether a word of Latin letters is a unit, which may be written out: Mbps."""
    return _patterns()[1].fullmatch(word) is not None


@lru_cache(16)
def chinese_amounts(text: str) -> tuple[Amount, ...]:
    """The numbers of a tagged Chinese text that have a unit."""
    prose = in_half_width(prose_of(text))
    found = _amounts(_patterns()[0], prose, chinese_quantities(prose), 1)
    return *found, *_counted(_HALF, Decimal("0.5"), _patterns()[0], prose)


@lru_cache(16)
def english_amounts(text: str) -> tuple[Amount, ...]:
    """The numbers of a tagged English text that have a unit."""
    prose = in_half_width(prose_of(text))
    parts = (_part_of_time(match, prose) for match in _PART_ENGLISH.finditer(prose))
    whole = _amounts(_patterns()[1], prose, english_quantities(prose), 2)
    return *whole, *(part for part in parts if part)


def _part_of_time(match: re.Match[str], text: str) -> Amount | None:
    unit = _patterns()[1].match(text, match.end())
    if not unit:
        return None
    known = _UNITS[int(str(unit.lastgroup)[1:])]
    value = _PARTS[match["part"].lower().replace("-", " ")] if match["part"] else "1.5"
    return Amount(Decimal(value), known, text[match.start() : unit.end()])


def _amounts(
    unit: re.Pattern[str], text: str, quantities: Iterable[Quantity], language: Literal[1, 2]
) -> tuple[Amount, ...]:
    """The `one` of `one day` counts nothing, nor does the `quarter` of `a quarter century` as 25 percent."""
    found = []
    for quantity in quantities:
        one = quantity.value == 1 and not quantity.text.strip("$€£¥").isdecimal()
        if one or (quantity.kind is QuantityKind.PERCENT and not any(map(str.isdecimal, quantity.text))):
            continue
        if sign := _sign(text, quantity):
            found.append(Amount(quantity.value, sign, quantity.text))
        elif match := unit.match(text, quantity.span.end) or (
            "米" in quantity.text and unit.search(text, *quantity.span)
        ):
            known = _UNITS[int(str(match.lastgroup)[1:])]
            found.append(Amount(quantity.value, known, text[quantity.span.start : match.end()]))
    for some in _SOME:
        found += _counted(some[language], some[0], unit, text)
    return tuple(found)


def _counted(
    count: re.Pattern[str], value: Decimal | str, unit: re.Pattern[str], text: str
) -> Iterator[Amount]:
    """The amounts that a pattern counts: `半年`, `each month`, `an hour`."""
    for match in count.finditer(text):
        if behind := unit.match(text, match.end()):
            known = _UNITS[int(str(behind.lastgroup)[1:])]
            yield Amount(value, known, text[match.start() : behind.end()])


def amount_contradicted(text: str, translation: str) -> tuple[Amount, Amount] | None:
    """What became of half of a unit, a few or each: 半小时 and "an hour", 每月 and "a year"."""
    here, there = _amounts_and_ones(text, translation)
    lost = [one for one in here if ("半" in one.text or not one.is_exact) and not _met(one, there)]
    new = [one for one in there if not _met(one, here)]
    pairs = ((one, other) for one in lost for other in new if _replaces(one, other))
    return next(pairs, None)


def _amounts_and_ones(text: str, translation: str) -> tuple[tuple[Amount, ...], tuple[Amount, ...]]:
    """The amounts of both sides, `an hour` and 一天 among them."""
    plain = (in_half_width(prose_of(side)) for side in (text, translation))
    ones = [
        tuple(_counted(_ONE, Decimal(1), unit, side)) for unit, side in zip(_patterns(), plain, strict=True)
    ]
    return chinese_amounts(text) + ones[0], (*english_amounts(translation), *ones[1], *_rates(translation))


def _rates(translation: str) -> Iterator[Amount]:
    """How often in a unit: `twice a day`."""
    prose = in_half_width(prose_of(translation))
    for quantity in english_quantities(prose):
        per = _PER.match(prose, quantity.span.end)
        unit = per and _patterns()[1].match(prose, per.end())
        if unit and quantity.kind in _COUNTS and quantity.value:
            known = _UNITS[int(str(unit.lastgroup)[1:])]
            yield Amount(quantity.value, known, prose[quantity.span.start : unit.end()], is_rate=True)


def _met(one: Amount, others: Iterable[Amount]) -> bool:
    """Whether the other side says as much, in any unit, or as vaguely in the same one."""
    return any(
        one.unit.dimension == other.unit.dimension and abs(one.size - other.size) <= _CLOSE * one.size
        if one.is_exact and other.is_exact
        else (one.value, one.unit) == (other.value, other.unit)
        for other in others
    )


def _replaces(one: Amount, other: Amount) -> bool:
    """A few of a unit and exactly one of it; half or each of something and another of its dimension."""
    if one.value == "few":
        return other.value == 1 and other.unit == one.unit
    is_like = other.value == "each" if one.value == "each" else other.is_exact and other.size
    return bool(is_like) and other.unit.dimension == one.unit.dimension


def _sign(text: str, quantity: Quantity) -> Unit | None:
    """The currency of a sign before the figures; `HK$` is none of the United States."""
    code = _SIGNS.get(quantity.text[:1]) or _SIGNS.get(text[quantity.span.start - 1 : quantity.span.start])
    if code == "USD":
        before = _BEFORE_DOLLAR.search(text[: quantity.span.start].removesuffix("$"))
        code = _FOREIGN_DOLLARS[before[0]] if before else code
    return _OF_CODE[code] if code else None
