"""The numbers of a segment and of its translation, by value, and the units and currencies behind them."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from math import isclose, log10
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.characters import in_half_width, lazy_pattern, prose_of, without_tags
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.dictionary import data_lines
from weekly_translate.text.numbers import (
    LEFT,
    MAGNITUDES,
    RANGE_SIGN,
    Quantity,
    QuantityKind,
    date_parts,
    english_quantities,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.model import Pair


_COUNTS = (QuantityKind.NUMBER, QuantityKind.MULTIPLE, QuantityKind.ORDINAL)
_SHARES = (QuantityKind.PERCENT, QuantityKind.DISCOUNT)
_EXACT, _ROUNDED, _CLOSE = 1e-9, 0.025, 0.1
_LIKE_A_DATE = lazy_pattern(r"[0-9]{4}|[0-9]{1,2}\.[0-9]{1,2}")
_REACH = 100
"""So many numbers before and behind are looked at: a line of a thousand numbers takes no hour."""
_NOON, _HUNDRED = 12, 100
_IN_WORDS = lazy_pattern(r"[a-z]+(?: times)?|[a-z ]+ and a half")
_VAGUE = ("both", "dual", "pair", "couple", "twice", "double", "doubling", "decade", "dozen")
_LETTERED = lazy_pattern(r"(?<![0-9.,])([0-9]+(?:\.[0-9]+)?) ?[kKMGBTW](?![A-Za-z])")
"""A figure before a Latin letter, which is a magnitude or a unit: 450M are 450 million, or 450 MB."""
_REPEATING = lazy_pattern(r"\.(?!9)[0-9]{4}")
"""A third, in percent."""
_LATIN_NAME = lazy_pattern(r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_]*(?:[.+-][A-Za-z0-9_]+)*")
_PRE_RELEASE = lazy_pattern(
    r"([0-9]{1,9}(?:\.[0-9]{1,9}){1,5}) ?(?:的 ?)?(?:(a)lpha|(b)eta|(rc)) ?([0-9]{1,4})(?![0-9])",
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


@lru_cache(maxsize=16)
def differences(pair: Pair) -> Differences:
    """Demanded numbers of both sides that nothing on the other side explains: many checks ask."""
    text, translation = pair.segment.text, pair.target
    here, there = _with_short_versions(prose_of(text)), _with_short_versions(prose_of(translation))
    source = chinese_quantities(_without_names_of(there, here))
    target = english_quantities(_without_names_of(here, there))
    whole = _with_short_versions(without_tags(text))
    # A number of a headline may come from the address, and the source may write English numbers itself.
    explaining = (
        *chinese_quantities(whole),
        *english_quantities(whole),
        *english_quantities(pair.segment.hint),
    )
    mine, yours = list(_sizes(amounts(text, CHINESE))), list(_sizes(amounts(translation, ENGLISH)))
    lost = without_partner(source, target, same)
    lost = [one for one in lost if not _is_converted(one, mine, yours)]
    least = {Decimal(10) ** one.least for one in chinese_magnitudes(here)}  # over 100,000 for 十几万
    added = without_partner(target, explaining, stems_from)
    known = least | _parts(source)
    added = [one for one in added if one.value not in known and not _is_converted(one, yours, mine)]
    found = _paired(*([one for one in ones if one.demanded] for ones in (lost, added)))
    more = Counter(one.value for one in source) - Counter(one.value for one in target)
    fewer = [one for one in source if more[one.value]]  # of 三 and 三, one is three
    new = [one for one in added if not there.startswith(" other", one.span.end)]  # of three, one is named
    in_words = ([one for one in ones if _is_in_words(one)][:1] for ones in ([*lost, *fewer], new))
    exchanged = zip(*in_words, strict=False)
    return found._replace(exchanged=tuple(exchanged))


def _parts(quantities: tuple[Quantity, ...]) -> set[Decimal]:
    """What each share of each number is: half of 600 people are 300."""
    counts, shares = (
        [Decimal(one.value) for one in quantities if one.kind in kinds][:_REACH]
        for kinds in (_COUNTS, _SHARES)
    )
    return {count * share / _HUNDRED for count in counts for share in shares}


def _is_in_words(quantity: Quantity) -> bool:
    """A time, first, or from two to a hundred; no digit of a name, nor what is vague: `a couple`."""
    if quantity.demanded or quantity.kind is QuantityKind.TIME:
        return not quantity.demanded
    least = 1 if quantity.kind is QuantityKind.ORDINAL else 2
    small = isinstance(quantity.value, Decimal) and least <= quantity.value < _HUNDRED
    text = quantity.text.lower().rstrip(".")
    plain = not text.isascii() or (_IN_WORDS.fullmatch(text) and not text.startswith(_VAGUE))
    return small and quantity.kind in _COUNTS and bool(plain)


_Size = tuple[tuple["Decimal | str", ...], float, "Unit"]
"""The numbers of an amount, and how large they are together in which unit."""


def _is_converted(quantity: Quantity, own: Sequence[_Size], others: Sequence[_Size]) -> bool:
    """Whether the other side has the same in another unit: 180 分钟 are three hours, 5 公斤 are 11 pounds.

    Where the units are not of the metric system one says it less exactly: 两个半月 are ten weeks.
    """
    return any(
        isclose(size, other, rel_tol=_tolerance(unit, another) if len(values) == len(more) else _EXACT)
        for values, size, unit in own
        if quantity.value in values
        for more, other, another in others
        if unit.dimension == another.dimension
    )


def _tolerance(one: Unit, other: Unit) -> float:
    is_metric = log10(one.factor).is_integer() and log10(other.factor).is_integer()
    return _EXACT if one == other else _ROUNDED if is_metric else _CLOSE


def _sizes(amounts: tuple[Amount, ...]) -> Iterator[_Size]:
    """The size of each amount, and of one with a smaller unit behind it: an hour and 47 minutes."""
    for one in amounts:
        if one.size:
            yield (one.value,), one.size, one.unit
    for one, rest in pairwise(amounts):
        if one.unit.dimension == rest.unit.dimension and one.unit.factor > rest.unit.factor and rest.size:
            yield (one.value, rest.value), one.size + rest.size, rest.unit


def _with_short_versions(text: str) -> str:
    """The text with `3.12 beta 1` as `3.12b1` (PEP 440)."""
    return _PRE_RELEASE.sub(lambda match: "".join(filter(None, match.groups())).lower(), text)


def _without_names_of(other: str, text: str) -> str:
    """The text without the names (`PyO3`) that both texts have: their digits are no numbers."""
    names = {name.lower() for name in _LATIN_NAME.findall(other) if any(map(str.isdecimal, name))}
    return _LATIN_NAME.sub(lambda match: " " * len(match[0]) if match[0].lower() in names else match[0], text)


def without_partner(
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
    """A missing number and an added one are one change: by a factor of ten, or of one kind."""
    changed = []
    for likely in (_differ_by_scale, _are_of_one_kind):
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
    """Whether one may stand for the other; 2024 and 5.21 may be dates."""
    if QuantityKind.VERSION in (source.kind, target.kind):
        return "." in target.text
    return any(
        all(one.kind in kinds or _LIKE_A_DATE.fullmatch(one.text) for one in (source, target))
        for kinds in (_COUNTS, _SHARES, (QuantityKind.DATE,), (QuantityKind.TIME,))
    )


def same(source: Quantity, target: Quantity) -> bool:
    """Whether a number of the translation says what one of the source says."""
    kinds = source.kind, target.kind
    if QuantityKind.DATE in kinds:
        return _same_date(source, target)
    if QuantityKind.TIME in kinds:
        return _same_time(source, target)
    if isinstance(source.value, str) or isinstance(target.value, str):
        written = _as_written(target)  # 两块八 is 2.80
        return written == _as_written(source) or (source.text.isalpha() and written == f"{source.value}0")
    if QuantityKind.DECADE in kinds:
        return source.value % 100 == target.value % 100
    if source.kind is QuantityKind.MULTIPLE and target.kind is QuantityKind.PERCENT:
        return target.demanded and target.value in (source.value * 100, source.value * 100 - 100)
    return _same_count(source, target) if source.kind in _COUNTS else _same_share(source, target)


def stems_from(target: Quantity, source: Quantity) -> bool:
    """The same, asked of a number of the translation."""
    return same(source, target)


def _same_count(source: Quantity, target: Quantity) -> bool:
    """Equal, or nearly, or the other end of a range: more than 15 are 16 or more; 增加四倍 is fivefold."""
    if target.kind is QuantityKind.PERCENT:  # 0.1 is a tenth
        return not target.demanded and target.value == Decimal(source.value) * _HUNDRED < _HUNDRED
    step = {"over": 1, "under": -1, "more by": 1}.get(source.about, 0)
    said = source.about in (target.about, "more by") and Decimal(target.value) - Decimal(source.value) == step
    bare = _LETTERED.search(source.text)
    is_bare = bare is not None and Decimal(bare[1]) == target.value
    return target.kind in _COUNTS and (_near(source, target) or is_bare or bool(step and said))


def _same_share(source: Quantity, target: Quantity) -> bool:
    """Percentages and discounts. `half` says 50 %, and `double` 200 %; but not every article says 100 %."""
    value = Decimal(source.value)
    if QuantityKind.DISCOUNT in (source.kind, target.kind):
        part = Decimal(target.value) * (_HUNDRED if target.kind in _COUNTS else 1)
        return part == value or (source.kind is not target.kind and part == 100 - value)
    if target.kind is source.kind or (target.kind in _COUNTS and source.text.endswith("点")):
        return _near(source, target)  # five points
    times = Decimal(target.value) * _HUNDRED
    is_said = times == value or isclose(times, value + _HUNDRED, rel_tol=_CLOSE)  # up 90%: nearly doubled
    return not target.demanded and target.value != 1 and is_said


def _same_time(source: Quantity, target: Quantity) -> bool:
    """Whether two times of day are the same, or may be: a 7:20 of which nobody says the half is 19:20.

    A number is the hour of a time (8-10 p.m.); one of the source may be its minute: 9:58 for 9 分 58 秒.
    """
    if source.kind is not target.kind:
        number, time = (source, target) if target.kind is QuantityKind.TIME else (target, source)
        hour, minute, _ = _clock(time)
        parts = {hour, hour % _NOON or _NOON} | ({minute} if number is source else set())
        return number.kind is QuantityKind.NUMBER and number.value in parts
    (hour, minute, half), (other, others, other_half) = _clock(source), _clock(target)
    return minute == others and hour % _NOON == other % _NOON and {half, other_half} != {"am", "pm"}


def _clock(time: Quantity) -> tuple[int, int, str]:
    """Hour, minute, and the half of the day where it is said or the hour tells it."""
    hour, minute = map(int, str(time.value).split(":"))
    return hour, minute, time.about or ("pm" if hour > _NOON else "")


def _near(source: Quantity, target: Quantity) -> bool:
    """Equal, or within 2 % where one of them says that it is not exact or is a fraction."""
    one, other = Decimal(source.value), Decimal(target.value)
    rounded = {source.about, target.about}.difference(("", LEFT)) or _REPEATING.search(f"{one} {other}")
    return abs(one - other) <= (one * Decimal("0.02") if rounded else 0)


def _as_written(quantity: Quantity) -> str:
    """A version without its `v` and the zero of `3.12.0b1`, a number by its digits: `3.10 or later`."""
    value = quantity.value
    if isinstance(value, str):
        return re.sub("[.]0(?=[abr])", "", value.lower())
    return re.split(" or | and ", quantity.text)[0].strip("+").lower()


def _same_date(source: Quantity, target: Quantity) -> bool:
    """Dates agree in every part that both state; a number is the day, or both parts (`5.21`, `618`).

    But three versions are not the third of March.
    """
    if source.kind is target.kind:
        parts = zip(date_parts(str(source.value)), date_parts(str(target.value)), strict=True)
        return all(one == two for one, two in parts if one and two)
    number, date = (source, target) if target.kind is QuantityKind.DATE else (target, source)
    if number is target and not number.text[:1].isdigit():
        return False
    year, month, day = date_parts(str(date.value))
    written = (f"{month}.{day}", f"{month}{day:02}", f"{year}.{month}", f"{year}.{month:02}")
    return number.value == (day or month or year) or number.text in written


MONEY, FEW, EACH, ONE = "money", "few", "each", "one"
CHINESE, ENGLISH = 0, 1


class Unit(NamedTuple):
    """A unit of `units.txt`."""

    dimension: str
    names: tuple[str, str]
    """Patterns, by language."""
    factor: float
    """How many of a common unit it is; 0 for no fixed number."""
    signs: tuple[str, ...]
    """What stands before figures: `US$`, `USD`."""


class Amount(NamedTuple):
    """A number and what it counts."""

    value: Decimal | str
    """`few` for 几, `several` and the like, `each` for 每 and `per`, `one` for 一 and `an`."""
    unit: Unit
    text: str
    is_rate: bool = False
    """Whether the unit holds so many: `three times an hour` is every 20 minutes."""

    @property
    def size(self) -> float:
        """In a unit that the dimension has in common; 0 where that cannot be told."""
        count = float(0 if self.value == FEW else 1 if isinstance(self.value, str) else self.value)
        return self.unit.factor * (1 / count if self.is_rate else count)


@cache
def _units() -> tuple[tuple[Unit, ...], tuple[tuple[Decimal | str, tuple[str, str]], ...]]:
    """The units of `units.txt`, and its counts with their words."""
    units, counts = [], []
    for line in data_lines(__file__, "units.txt"):
        dimension, chinese, english, size, signs, *_ = [*line.split(), "0", ""]
        names = chinese, english.replace("_", " ")
        if dimension == "count":
            counts.append((size if size.isalpha() else Decimal(size), names))
        else:
            before = tuple(filter(None, (*signs.split("|"), *_CODE.findall(names[1]))))
            units.append(Unit(dimension, names, float(size), before))
    return tuple(units), tuple(counts)


_CODE = lazy_pattern(r"\b[A-Z]{3}\b")


_IN_TITLES = lazy_pattern(r"(?<![A-Za-z\\])[a-z](?=[a-z]{3})(?![a-z]*ly)")
"""The first letter of a word: no abbreviation is as long, and a newsletter may be called Weekly."""


def _both_cases(letter: re.Match[str]) -> str:
    return f"[{letter[0]}{letter[0].upper()}]"


@cache
def _patterns(language: int) -> tuple[re.Pattern[str], tuple[tuple[Decimal | str, re.Pattern[str]], ...]]:
    """A group for each unit, in their order; what stands before one instead of a number: `for`, `half`."""
    units, words = _units()
    names = "|".join(f"({_IN_TITLES.sub(_both_cases, unit.names[language])})" for unit in units)
    before = (
        r" ?(?:个[半多]?)?" if language == CHINESE else "[ -]?(?:(?:full|whole|long|straight|entire)[ -])?"
    )
    counts = tuple((value, re.compile(word[language], re.IGNORECASE)) for value, word in words)
    return re.compile(f"{before}(?:{names})(?![A-Za-z])"), counts


def is_unit(word: str) -> bool:
    """Whether a word of Latin letters is a unit, which may be written out: Mbps."""
    return _patterns(ENGLISH)[0].fullmatch(word) is not None


@lru_cache(32)
def amounts(text: str, language: int) -> tuple[Amount, ...]:
    """What a tagged text counts in units: numbers, then what is said in words, then rates."""
    prose = in_half_width(prose_of(text))
    unit, counts = _patterns(language)
    quantities = (chinese_quantities, english_quantities)[language](prose)
    found: list[tuple[int, Amount]] = []
    before: tuple[Quantity, Amount] | None = None
    for one in quantities:
        amount = _measured(one, prose, unit)
        if not amount and before and RANGE_SIGN.fullmatch(prose, before[0].span.end, one.span.start):
            amount = before[1]._replace(value=one.value, text=one.text)  # `$200-500`
        before = (one, amount) if amount else None
        found += [(one.span.start, amount)] if amount else []
    for value, count in counts:
        for match in count.finditer(prose):
            if behind := unit.match(prose, match.end()):
                each = Amount(value, _unit_of(behind), prose[match.start() : behind.end()])
                rates = _rates(each, quantities, prose, (match.start(), behind.end()))
                found += [(match.start(), amount) for amount in (each, *rates)]
    return tuple(amount for _, amount in sorted(found, key=lambda one: one[0]))


_BETWEEN = lazy_pattern(r"[^，。；、,.;!?]{0,8}")


def _rates(
    each: Amount, quantities: Iterable[Quantity], text: str, place: tuple[int, int]
) -> Iterator[Amount]:
    """How often in a unit, by the numbers beside it: `twice a day`, 每天浇水 96 次."""
    start, end = place
    for one in quantities if each.value == EACH else ():
        before, behind = sorted(((start, end), one.span))
        beside = behind[0] <= before[1] or _BETWEEN.fullmatch(text, before[1], behind[0])
        if beside and one.value and one.kind in _COUNTS:
            yield each._replace(value=one.value, is_rate=True)


def _measured(quantity: Quantity, text: str, unit: re.Pattern[str]) -> Amount | None:
    """A number with its unit or currency.

    The `one` of `one day` counts nothing, nor does the `quarter` of `a quarter century` as 25 percent.
    """
    is_word = not any(map(str.isdecimal, quantity.text))
    if is_word and (quantity.value == 1 or quantity.kind is QuantityKind.PERCENT):
        return None
    if currency := _currency(text, quantity):
        return Amount(quantity.value, currency, quantity.text)
    match = unit.match(text, quantity.span.end)
    match = match or (None if quantity.text.isascii() else unit.search(text, *quantity.span))  # 90 分钟左右
    return match and Amount(quantity.value, _unit_of(match), text[quantity.span.start : match.end()])


def _unit_of(match: re.Match[str]) -> Unit:
    return _units()[0][int(match.lastindex or 0) - 1]


def _currency(text: str, quantity: Quantity) -> Unit | None:
    """The currency of a sign before the figures: `HK$` is none of the United States."""
    before = text[max(0, quantity.span.start - 4) : quantity.span.start]
    before += quantity.text[: -len(quantity.text.lstrip("$€£¥ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
    match = _signs()[0].search(before)
    return _signs()[1][match[1]] if match else None


@cache
def _signs() -> tuple[re.Pattern[str], dict[str, Unit]]:
    of_sign = {sign: unit for unit in reversed(_units()[0]) for sign in unit.signs}
    return re.compile(rf"(?<![A-Za-z])({'|'.join(map(re.escape, of_sign))}) ?\Z"), of_sign


def amount_contradicted(text: str, translation: str) -> tuple[Amount, Amount] | None:
    """What became of half of a unit, a few or each: 半小时 and "an hour", 每月 and "a year"."""
    here, there = amounts(text, CHINESE), amounts(translation, ENGLISH)
    lost = [one for one in here if ("半" in one.text or one.value in (FEW, EACH)) and not _met(one, there)]
    new = [one for one in there if not _met(one, here)]
    pairs = ((one, other) for one in lost for other in new if _replaces(one, other))
    return next(pairs, None)


def _met(one: Amount, others: Iterable[Amount]) -> bool:
    """Whether the other side says as much, in any unit, or as vaguely in the same one."""
    return any(
        one.unit.dimension == other.unit.dimension and isclose(one.size, other.size, rel_tol=_CLOSE)
        if one.size and other.size
        else (one.value, one.unit) == (other.value, other.unit)
        for other in others
    )


def _replaces(one: Amount, other: Amount) -> bool:
    """Each of something and each of another of its dimension, or so much of both; a few, of the same unit."""
    if one.value == FEW:  # "in recent years" says it, too
        return other.unit == one.unit and other.value != EACH and not other.is_rate
    return (one.value == EACH) is (other.value == EACH) and one.unit.dimension == other.unit.dimension


# --------------------------------------------------------------------------- what is said of a size

# 数亿, "hundreds of millions". A translation contradicts its source where it has what the source lacks and
# lacks what the source has: one of both alone may be another way to say it. The same goes for times and
# directions (`checks/numbers.py`).


class Magnitude(NamedTuple):
    """A number of which only the size is said."""

    text: str
    least: int
    """As a power of ten."""
    most: int


_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_CHINESE = lazy_pattern(
    r"(?P<open>(?<![函参整系倍指岁点次人个常复变分奇偶少多])数以?|好?几|成|上(?!百度|千问))\ ?"
    r"(?P<unit>[十百千万亿]{1,3})"
    r"|(?P<tens>(?<![一二三四五六七八九几])十)几(?P<times>[百千万亿]{0,2})",
    re.VERBOSE,
)
_NAMES = {"ten": 1, "dozen": 1, "score": 1} | {name: round(log10(size)) for name, size in MAGNITUDES.items()}
_NAME = "|".join(_NAMES)
_ENGLISH = lazy_pattern(
    rf"\b(?P<few>several|a few|a couple(?: of)?|many|some)\ (?P<of_few>(?:{_NAME})(?:\ (?:{_NAME}))?)\b"
    rf"|\b(?P<plural>(?:(?:{_NAME})s\ (?:of|upon)\ )*(?:a\ )?(?:{_NAME})s)\b(?!\ of\ (?:mega|giga|tera))",
    re.IGNORECASE,
)


def chinese_magnitudes(text: str) -> Iterator[Magnitude]:
    """`几十` is tens, `数亿` hundreds of millions, `上万` ten thousand and more, `十几` over ten."""
    for match in _CHINESE.finditer(text):
        power = sum(_POWERS[sign] for sign in match["unit"] or match["tens"] + match["times"])
        grows = (match["open"] or "").startswith(("上", "成", "数以"))
        yield Magnitude(match[0], power, power + grows)


def english_magnitudes(text: str) -> Iterator[Magnitude]:
    """`several hundred`, `dozens`, `hundreds of millions`; `millions` alone may be a hundred of them."""
    for match in _ENGLISH.finditer(text):
        words = re.findall(_NAME, match[0].lower())
        power = sum(_NAMES[word] for word in words)
        alone = match["plural"] and len(words) == 1 and power >= 3
        yield Magnitude(match[0], power, power + 2 if alone else power)


def unmet_magnitudes(
    ones: Iterable[Magnitude], others: Sequence[Magnitude], numbers: Sequence[float]
) -> list[str]:
    """Those that no magnitude and no number of the other text meets."""
    return [
        one.text
        for one in ones
        if not any(one.least <= other.most and other.least <= one.most for other in others)
        and not any(10.0**one.least <= number < 10.0 ** (one.most + 1) for number in numbers)
    ]
