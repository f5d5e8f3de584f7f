"""A quantity, and how it is written in English."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
