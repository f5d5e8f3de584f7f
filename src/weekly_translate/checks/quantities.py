"""The numbers of a segment and of its translation, compared by value."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.units import chinese_amounts, english_amounts
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import Quantity, QuantityKind, date_parts, english_quantities
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.checks.units import Amount
    from weekly_translate.model import Pair

_COUNTS = (QuantityKind.NUMBER, QuantityKind.MULTIPLE, QuantityKind.ORDINAL)
_SHARES = (QuantityKind.PERCENT, QuantityKind.DISCOUNT)
_ROUNDED = 0.03
_YEAR = lazy_pattern(r"[0-9]{4}")
_MONTH_AND_DAY = lazy_pattern(r"([0-9]{1,2})\.([0-9]{1,2})")
_REACH = 100
"""So many numbers before and behind are looked at: a line of a thousand numbers takes no hour."""
_NOON = _DOZEN = 12
_IN_WORDS = lazy_pattern(r"[a-z]+(?: times)?|[a-z ]+ and a half")
_VAGUE = ("both", "dual", "pair", "couple", "twice", "double", "doubling", "decade", "dozen")
_LETTERED = lazy_pattern(r"([0-9]+(?:\.[0-9]+)?) ?[kKMGBTW]\+?")
_REPEATING = lazy_pattern(r"\.[0-9]{4}")
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
    here_, there_ = chinese_amounts(text), english_amounts(translation)
    lost, added = (
        [one for one in ones if not _is_converted(one, *amounts)]
        for ones, amounts in (
            (_without_partner(source, target, _is_said_by), (here_, there_)),
            (_without_partner(target, explaining, lambda one, other: same(other, one)), (there_, here_)),
        )
    )
    found = _paired(*([one for one in ones if one.demanded] for ones in (lost, added)))
    soft_lost, soft_new = (
        [one for one in lost if _is_in_words(one)],
        [one for one in added if _is_in_words(one)],
    )
    return found._replace(exchanged=tuple(zip(soft_lost[:1], soft_new[:1], strict=False)))


def _is_in_words(quantity: Quantity) -> bool:
    """More than one, up to a dozen; no digit of a name, nor what is vague in English: `a couple`."""
    small = isinstance(quantity.value, Decimal) and 1 < quantity.value <= _DOZEN
    text = quantity.text.lower()
    plain = not text.isascii() or (_IN_WORDS.fullmatch(text) and not text.startswith(_VAGUE))
    return small and quantity.kind in _COUNTS and not quantity.demanded and bool(plain)


def _is_converted(quantity: Quantity, own: tuple[Amount, ...], others: tuple[Amount, ...]) -> bool:
    """Whether the other side has the same in another unit: 180 分钟 are three hours, 5 公斤 are 11 pounds."""
    return any(
        one.unit.dimension == other.unit.dimension and abs(one.size - other.size) < _ROUNDED * one.size
        for one in own
        if one.value == quantity.value and one.size
        for other in others
    )


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
    return [
        quantity
        for index, quantity in enumerate(quantities)
        if (quantity.kind, quantity.value) not in equal
        and not any(fit(quantity, other) for other in _around(index / len(quantities), others))
    ]


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
    if source.kind is QuantityKind.DISCOUNT:
        part = Decimal(target.value) * (1 if target.kind is QuantityKind.PERCENT else 100)
        return part in (value, 100 - value)
    if target.kind is not source.kind:
        return not target.demanded and target.value != 1 and Decimal(target.value) * 100 == value
    return _near(source, target)


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
    rounded = source.about or target.about or _REPEATING.search(f"{one}{other}")
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
