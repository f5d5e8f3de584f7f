"""The value of Chinese numerals: 三千万, 一百二十三, 八五 before 折."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {glyph: value for value, glyph in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"亿": 10**8, "万": 10**4}
_LATIN = {"k": 10**3, "w": 10**4, "m": 10**6, "b": 10**9}
_TOKEN = re.compile("(.?)([十百千])|(.)")


def scale_value(scale: str) -> int:
    """The factor that 万, 千万, 万亿, k or the w of `2200w` stands for."""
    factor = 1
    for glyph in scale:
        factor *= _TENS.get(glyph) or _MYRIADS.get(glyph) or _LATIN[glyph.lower()]
    return factor


def numeral_value(numeral: str) -> Decimal | None:
    """The value of numerals, or nothing for a guess (`三四百`) and for what is no number (`一二`)."""
    whole, _, fraction = re.sub("[多余]", "", numeral).partition("点")
    if len(whole) == 4 and whole.startswith(("一九", "二〇", "二零")):
        return digit_string_value(whole)
    value = _whole_value(whole)
    if value is None or not fraction:
        return None if value is None else Decimal(value)
    digits = fraction.rstrip("万亿")
    tail = "".join(str(DIGITS[glyph]) for glyph in digits)
    return Decimal(f"{value}.{tail}") * scale_value(fraction[len(digits) :])


def digit_string_value(digits: str) -> Decimal | None:
    """`二〇二四` is 2024; nothing if it is no plain row of digits."""
    if not all(glyph in DIGITS for glyph in digits):
        return None
    return Decimal("".join(str(DIGITS[glyph]) for glyph in digits))


def _whole_value(numeral: str) -> int | None:
    """What stands before 亿 and before 万 is counted by the unit, the rest by tens."""
    for unit, value in _MYRIADS.items():
        before, sign, after = numeral.rpartition(unit)
        if sign:
            count, rest = (_whole_value(before) if before else 1), _rest_value(after, value)
            return None if count is None or rest is None else count * value + rest
    return _below_myriad(numeral)


def _rest_value(rest: str, unit: int) -> int | None:
    """What follows 亿 or 万; a lone digit is a tenth of the unit: `一万五` is 15,000."""
    if not rest:
        return 0
    return DIGITS[rest] * unit // 10 if rest in DIGITS else _whole_value(rest)


def _below_myriad(numeral: str) -> int | None:
    """`一百二十三`, `十二`, `三百六` (360), `三百零六`."""
    total, unit, zero = 0, 10, False
    for token in _TOKEN.finditer(numeral.replace("〇", "零")):
        digit, tens, alone = token.groups()
        if tens:
            unit = _TENS[tens]
            total += DIGITS.get(digit, 1) * unit if digit != "零" else unit
        elif alone == "零":
            zero = True
        elif token.end() < len(numeral):
            return None
        else:
            total += DIGITS[alone] * (1 if zero else unit // 10)
    return total
