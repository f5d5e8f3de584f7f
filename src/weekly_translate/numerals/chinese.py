"""Numbers in Chinese text: figures with 万 and 亿, numerals, percentages, multiples, dates."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.chinese import in_half_width
from weekly_translate.model import Span
from weekly_translate.numerals.figures import (
    DAY,
    FIGURE,
    ISO_DATE,
    MONTH,
    NAME,
    VERSION,
    digits_in_name,
    figure,
    iso_date,
    version,
    with_shared_units,
)
from weekly_translate.numerals.glyphs import DIGITS, digit_string_value, numeral_value, scale_value
from weekly_translate.numerals.quantity import Quantity, QuantityKind, date_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNTED = frozenset("一二三四五六七八九两十")
_SCALE = r"[十百千]?万亿|[十百千万]亿|[十百千]万|[亿万千百]|[kKwWMB](?![A-Za-z0-9])"
_MEASURE = r"(?P<measure>[个种款条项位年天周次行篇章节类组名本台岁步层秒]|小时|分钟|期)"
_QUANTITY = re.compile(
    rf"""
      (?P<version>{VERSION})
    | (?P<iso>{ISO_DATE})
    | (?P<date>(?<![0-9.])(?:(?P<year>(?:19|20)[0-9]{{2}})\ ?年\ ?度?
        (?:(?P<month>{MONTH})\ ?月(?:份|\ ?(?P<day>{DAY})\ ?[日号])?)?
      | (?P<month_only>{MONTH})\ ?月(?:份|\ ?(?P<day_only>{DAY})\ ?[日号])?))
    | (?P<name>{NAME})
    | (?P<circled>[①-⑳])
    | (?P<amount>
        (?P<before>(?:大约|将近|接近|超过|近|约|超|逾)\ ?)?(?P<nth>第\ ?)?(?P<share>百分之\ ?)?
        (?:(?P<figure>{FIGURE})(?![0-9\uFE0F\u20E3])
            (?:\ ?(?P<odd>[多余])?\ ?(?P<scale>{_SCALE})(?P<rest>(?:\ ?{FIGURE}\ ?[万千百])*))?
          |(?P<numeral>[零〇一二三四五六七八九十百千万亿两]{{1,24}}(?:点[零一二三四五六七八九]{{1,9}}[万亿]{{0,2}})?
            (?:[多余](?=[万亿])[万亿]{{1,3}})?))
        (?P<after>\+|\ ?[多余](?![久少么种语地数])|\ ?来(?=[个万人年岁]))?
        (?:\ ?(?P<percent>%|个百分点)|\ ?(?P<multiple>倍|[xX×](?![A-Za-z0-9]))
            |(?P<tenths>成半?(?![不为本功员立果熟长型就分绩语品都对])|折(?![叠中腾射]))|\ ?{_MEASURE})?
        (?P<or_so>\ ?(?:以上|左右|上下))?
      )
    """,
    re.VERBOSE,
)
_OVER = ("超过", "超", "逾")
_NEARLY = ("将近", "接近", "近")


def chinese_quantities(text: str) -> list[Quantity]:
    """The numbers of a Chinese text in order, names with digits and lone numerals among them.

    Whether a number has to be in the translation is its `demanded`. Spans are those of `text`.
    """
    return list(_quantities(text))


@lru_cache(maxsize=4_096)
def _quantities(text: str) -> tuple[Quantity, ...]:
    """Remembered: the alignment and several checks ask for the numbers of one text."""
    readable = in_half_width(text)
    found = [quantity for match in _QUANTITY.finditer(readable) for quantity in _reading(match)]
    return tuple(with_shared_units(found, readable))


def _reading(match: re.Match[str]) -> Iterator[Quantity]:
    """What one match states; nothing if it only looks like a number."""
    if match["version"]:
        yield version(match)
    elif match["name"]:
        yield from digits_in_name(match)
    elif match["circled"]:
        value = Decimal(ord(match[0]) - ord("①") + 1)
        yield Quantity(Span(*match.span()), match[0], QuantityKind.NUMBER, value, demanded=False)
    else:
        quantity = iso_date(match) if match["iso"] else _date(match) if match["date"] else _amount(match)
        if quantity:
            yield quantity


def _date(match: re.Match[str]) -> Quantity:
    """`2024 年 8 月 5 日`, `2024 年`, `8 月 5 日`, `8 月`."""
    year = int(match["year"] or 0)
    month = int(match["month"] or match["month_only"] or 0)
    day = int(match["day"] or match["day_only"] or 0)
    text = match[0].rstrip()
    span = Span(match.start(), match.start() + len(text))
    return Quantity(span, text, QuantityKind.DATE, date_value(year, month, day))


def _amount(match: re.Match[str]) -> Quantity | None:
    """Figures or numerals with their scale and unit."""
    value = _figure_value(match) if match["figure"] else _count(match)
    if value is None:
        return None
    kind = _kind(match)
    if match["tenths"] and value <= 10:
        value = value * 10 + (5 if match["tenths"] == "成半" else 0)
    if kind is QuantityKind.NUMBER and _looks_like_version(match):
        return _version_figure(match)
    end = match.start("measure") if match["measure"] and not match["or_so"] else match.end()
    text = match.string[match.start() : end].strip()
    start = (
        match.start()
        + len(match.string[match.start() : end])
        - len(match.string[match.start() : end].lstrip())
    )
    return Quantity(Span(start, start + len(text)), text, kind, value, _about(match), _demanded(match, kind))


def _figure_value(match: re.Match[str]) -> Decimal:
    """`7.4 万`, `1 亿 2000 万`, `70 多万`, `26k`."""
    value = figure(match["figure"]) * scale_value(match["scale"] or "")
    for part in re.finditer(rf"({FIGURE}) ?([万千百])", match["rest"] or ""):
        value += figure(part[1]) * scale_value(part[2])
    return value


def _count(match: re.Match[str]) -> Decimal | None:
    """The value of the numerals; `八五折` is a row of digits."""
    row = digit_string_value(match["numeral"]) if match["tenths"] else None
    return numeral_value(match["numeral"]) if row is None else row


def _kind(match: re.Match[str]) -> QuantityKind:
    if match["share"] or match["percent"]:
        return QuantityKind.PERCENT
    if match["tenths"]:
        return QuantityKind.PERCENT if match["tenths"][0] == "成" else QuantityKind.DISCOUNT
    if match["multiple"]:
        return QuantityKind.MULTIPLE
    return QuantityKind.ORDINAL if match["nth"] else QuantityKind.NUMBER


def _looks_like_version(match: re.Match[str]) -> bool:
    """A figure such as 3.10, or one behind a name: `Python 3.1`."""
    number = match["figure"] or ""
    if "." not in number or match["scale"] or match["measure"]:
        return False
    before = match.string[match.start() - 2 : match.start()]
    return number.endswith("0") or re.fullmatch("[A-Za-z] ", before) is not None


def _version_figure(match: re.Match[str]) -> Quantity:
    span = Span(*match.span("figure"))
    return Quantity(span, match["figure"], QuantityKind.VERSION, match["figure"])


def _about(match: re.Match[str]) -> str:
    """`over`, `nearly` or `about`, whatever side of the number says so."""
    before = (match["before"] or "").strip()
    if before in _NEARLY:
        return "nearly"
    odd = match["odd"] or match["after"] or any(glyph in (match["numeral"] or "") for glyph in "多余")
    if before in _OVER or odd or (match["or_so"] or "").strip() == "以上":
        return "over"
    return "about" if before or match["or_so"] else ""


def _demanded(match: re.Match[str], kind: QuantityKind) -> bool:
    """Figures always; numerals with both a digit and a scale (`三千万`), or with a unit that counts."""
    if match["figure"]:
        return True
    numeral = match["numeral"]
    if numeral == "十" and (match["after"] or match.string.endswith(("几", "数"), 0, match.start())):
        return False  # 十多个, 几十个: a dozen, dozens
    compound = numeral[0] in _COUNTED and any(glyph in DIGITS for glyph in numeral) and len(numeral) > 1
    if compound or kind in (QuantityKind.PERCENT, QuantityKind.MULTIPLE, QuantityKind.DISCOUNT):
        return numeral != "一"
    return bool(match["measure"]) and kind is QuantityKind.NUMBER and numeral == "十"
