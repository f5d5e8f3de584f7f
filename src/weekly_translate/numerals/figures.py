"""What digits look like in both languages: figures, versions, names that hold digits, ranges."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from weekly_translate.model import Span
from weekly_translate.numerals.quantity import Quantity, QuantityKind, date_value

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
