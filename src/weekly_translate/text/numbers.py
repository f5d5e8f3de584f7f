"""Numbers by value: `7.4 万` and `74,000` are one quantity, written in two ways.

What the readers of Chinese and of English share: the quantity, what digits look like, and how a quantity is
written in English.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from weekly_translate.model import Span

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
FIGURE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})(?:\.[0-9]{1,20})?"
VERSION = (
    r"(?<![A-Za-z0-9_.])(?:[vV][0-9]{1,9}(?:\.[0-9]{1,9}){0,5}"
    r"|[0-9]{1,9}(?:\.[0-9]{1,9}){2,5}|[0-9]{1,9}\.[0-9]{1,9}(?=(?:a|b|rc|dev|post)[0-9]))"
    r"(?:\.?(?:a|b|rc|dev|post)[0-9]{1,4})?(?![A-Za-z0-9])"
)
NAME = r"[A-Za-z_][A-Za-z0-9_.+#/'-]*|0[xX][0-9A-Fa-f]+"
"""A word of Latin letters; digits in it (`GPT-4`, `UTF-8`) belong to a name."""
MONTH, DAY = "(?:1[0-2]|0?[1-9])", "(?:[12][0-9]|3[01]|0?[1-9])"
ISO_DATE = (
    r"(?<![0-9.])(?P<iso_year>(?:19|20)[0-9]{2})(?P<iso_sign>[-/.])"
    rf"(?P<iso_month>{MONTH})(?P=iso_sign)(?P<iso_day>{DAY})(?![0-9.])"
)
_DIGITS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})*")
_RANGE_SIGN = re.compile(r" ?(?:[-~–—]|到|至|to) ?")
_LEADING = re.compile(FIGURE)
_LARGE = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))
_DIGITS_ALONE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


class QuantityKind(StrEnum):
    """What the value of a quantity means."""

    NUMBER = "number"
    PERCENT = "percent"
    """`30%`, `百分之三十`, `三成`: the value is 30."""
    DISCOUNT = "discount"
    """`八五折`: the value is 85, what is left to pay in percent."""
    MULTIPLE = "multiple"
    """`3 倍`, `3x`, `threefold`."""
    ORDINAL = "ordinal"
    VERSION = "version"
    """The value is the text without a leading `v`: 3.10 is not 3.1."""
    DATE = "date"
    """The value is `2024-08-05`, `2024-08`, `2024`, `--08-05` or `--08`."""


class Quantity(NamedTuple):
    """A number that a text states, with the words of approximation around it."""

    span: Span
    text: str
    kind: QuantityKind
    value: Decimal | str
    about: str = ""
    """The English approximator, `nearly`, `about` or `over`; empty for an exact number."""
    demanded: bool = True
    """False for what may vanish in a translation: `一个`, `first`, the 4 of `GPT-4`."""


def figure(text: str) -> Decimal:
    """The value of digits with separators."""
    return Decimal(text.replace(",", ""))


def version(match: re.Match[str]) -> Quantity:
    """A version, compared as it is written but for a leading `v`."""
    text = match["version"]
    return Quantity(Span(*match.span()), text, QuantityKind.VERSION, text.lstrip("vV"))


def iso_date(match: re.Match[str]) -> Quantity:
    """A date in figures with the year first."""
    year, month, day = (int(match[name]) for name in ("iso_year", "iso_month", "iso_day"))
    return Quantity(Span(*match.span()), match[0], QuantityKind.DATE, date_value(year, month, day))


def digits_in_name(match: re.Match[str]) -> list[Quantity]:
    """The digits of a name: they may explain a number of the other text and are never demanded."""
    found = []
    for digits in _DIGITS.finditer(match[0]):
        span = Span(match.start() + digits.start(), match.start() + digits.end())
        if "." in digits[0]:
            found.append(Quantity(span, digits[0], QuantityKind.VERSION, digits[0], demanded=False))
        else:
            found.append(Quantity(span, digits[0], QuantityKind.NUMBER, Decimal(digits[0]), demanded=False))
    return found


def with_shared_units(quantities: list[Quantity], text: str) -> list[Quantity]:
    """In a range the first number takes the unit of the second: `3-5 万`, `10~20%`."""
    shared = list(quantities)
    for index, (left, right) in enumerate(pairwise(quantities)):
        if _RANGE_SIGN.fullmatch(text, left.span.end, right.span.start):
            shared[index] = _in_units_of(right, left)
    return shared


def _in_units_of(right: Quantity, left: Quantity) -> Quantity:
    """`left` with the scale and the kind of `right`, if it is a bare figure below that of `right`."""
    bare = _LEADING.match(right.text)
    if not bare or not _LEADING.fullmatch(left.text) or not isinstance(right.value, Decimal):
        return left
    if left.kind is not QuantityKind.NUMBER or figure(left.text) >= figure(bare[0]):
        return left
    scale = right.value / figure(bare[0])
    return left._replace(value=figure(left.text) * scale, kind=right.kind)


def in_english(quantity: Quantity) -> str:
    """The quantity as English writes it: `74,000`, `over 1.7 billion`, `30%`, `3x`, `August 5, 2024`."""
    if quantity.kind is QuantityKind.DATE:
        iso = quantity.text.isascii() and "-" in quantity.text
        return quantity.text if iso else _date(str(quantity.value))
    if not isinstance(quantity.value, Decimal):
        return quantity.text
    figure = _figure(quantity)
    return f"{quantity.about} {figure}" if quantity.about else figure


def _figure(quantity: Quantity) -> str:
    """The bare value with its sign: `30%`, `3x`, `7th`, `15% off`."""
    value = Decimal(quantity.value)
    match quantity.kind:
        case QuantityKind.PERCENT:
            return f"{plain(value)}%"
        case QuantityKind.DISCOUNT:
            return f"{plain(100 - value)}% off"
        case QuantityKind.MULTIPLE:
            return f"{_number(value)}x"
        case QuantityKind.ORDINAL:
            return _ordinal(value)
    if _DIGITS_ALONE.fullmatch(quantity.text) and Decimal(quantity.text.replace(",", "")) == value:
        return quantity.text
    return _number(value)


def _number(value: Decimal) -> str:
    """`74,000`, `1.7 billion`: a large value in words when that takes at most three digits."""
    for unit, name in _LARGE:
        if value >= unit:
            share = value / unit
            if len(share.normalize().as_tuple().digits) <= 3:
                return f"{plain(share)} {name}"
    return plain(value)


def plain(value: Decimal) -> str:
    """The value with thousands separators and without trailing zeros."""
    return f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"


def _ordinal(value: Decimal) -> str:
    last_two = int(value) % 100
    ending = "th" if last_two in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(last_two % 10, "th")
    return f"{plain(value)}{ending}"


def _date(value: str) -> str:
    """`August 5, 2024`, `August 2024`, `August 5`, `August`, `2024`."""
    year, month, day = date_parts(value)
    words = [MONTHS[month - 1]] if month else []
    if day:
        words.append(f"{day}," if year else str(day))
    return " ".join([*words, str(year)] if year else words)


def date_value(year: int, month: int, day: int) -> str:
    """The value of a date; a part that is not stated is 0."""
    head = f"{year:04d}" if year else "-"
    return "-".join([head, *(f"{part:02d}" for part in (month, day) if part)])


def date_parts(value: str) -> tuple[int, int, int]:
    """Year, month and day of the value of a date; a part that is not stated is 0."""
    year, *rest = ["0", *value[2:].split("-")] if value.startswith("--") else value.split("-")
    month, day, *_ = [*rest, "0", "0"]
    return int(year), int(month), int(day)
