"""Numbers in English text: figures, number words with magnitudes, percentages, multiples, dates."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.text.chinese import in_half_width
from weekly_translate.text.numbers import (
    DAY,
    FIGURE,
    ISO_DATE,
    MONTHS,
    NAME,
    VERSION,
    Quantity,
    QuantityKind,
    date_value,
    digits_in_name,
    figure,
    iso_date,
    version,
    with_shared_units,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGNITUDES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12, "bn": 10**9, "mn": 10**6}
_BELOW_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_WORDS = (
    {word: value for value, word in enumerate(_BELOW_TWENTY)}
    | {word: 20 + 10 * value for value, word in enumerate(_TENS)}
    | _MAGNITUDES
)
"""What number phrases (`thirty million`) are made of."""

_NUMBERS_IN_WORDS = {
    "1": "once single a an another",
    "2": "twice double doubled doubles doubling both dual pair couple twofold",
    "3": "triple tripled triples threefold trio thrice",
    "4": "quadruple quadrupled fourfold",
    "10": "tenfold decade",
    "12": "dozen",
    "0.5": "half halved halves",
    "0.25": "quarter",
}
_SOFT = {word: Decimal(value) for value, words in _NUMBERS_IN_WORDS.items() for word in words.split()} | {
    word: Decimal(value) for value, word in enumerate(_ORDINALS, start=1)
}
"""Words that may stand for a number of the source and are never taken for an invented one."""

_ABOUT = {
    "nearly": "nearly",
    "almost": "nearly",
    "close to": "nearly",
    "over": "over",
    "more than": "over",
    "at least": "over",
    "about": "about",
    "around": "about",
    "approximately": "about",
    "roughly": "about",
    "some": "about",
}
"""Approximators before a number, and which of the three kinds they are."""

_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH = rf"(?:{'|'.join(MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_WORD = "|".join(_WORDS)
_MAGNITUDE = "|".join(_MAGNITUDES)
_APPROXIMATORS = "|".join(map(re.escape, _ABOUT))
_QUANTITY = re.compile(
    rf"""
      (?P<version>{VERSION})
    | (?P<iso>{ISO_DATE})
    | (?P<date>\b(?P<month>{_MONTH})(?:\ (?P<day>{DAY})(?:st|nd|rd|th)?(?![0-9.]))?
        (?:,?\ (?P<year>(?:19|20)[0-9]{{2}})(?![0-9]))?
      | \b(?P<day_first>{DAY})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month_second>{_MONTH})
        (?:,?\ (?P<year_last>(?:19|20)[0-9]{{2}})(?![0-9]))?)
    | (?P<amount>(?P<before>(?:\b(?i:{_APPROXIMATORS})\ |~))?
        (?:[$€£¥#]?(?P<figure>{FIGURE})(?![0-9\uFE0F\u20E3])
            (?:(?P<plus>\+)?[\ -]?(?P<scale>(?i:{_MAGNITUDE})\b|(?:bn|mn|[kKMBT])(?![A-Za-z0-9])))?
            (?P<nth>(?:st|nd|rd|th)\b)?
          |(?P<words>\b(?i:(?:half\ an?|an?|{_WORD})[\ -](?={_MAGNITUDE}\b))?(?i:{_WORD})\b
            (?:(?:\ and\ |\ |-)(?i:{_WORD})\b){{0,9}}))
        (?P<half>\ and\ a\ half\b)?
        (?P<after>\+)?
        (?:\ ?(?P<percent>%|[- ]?per\ ?cent\b|[- ]?percentage\ points?)
            |(?P<multiple>\ ?[x×](?![A-Za-z0-9])|X(?![A-Za-z0-9])|[\ -]times\b|-?fold\b))?)
    | (?P<name>{NAME})
    | (?P<circled>[①-⑳])
    """,
    re.VERBOSE,
)


def english_quantities(text: str) -> list[Quantity]:
    """The numbers of an English text in order, number words and digits of names among them.

    Figures and magnitudes are `demanded`: the source has to explain them. Small number words are not.
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
        yield from _name(match)
    elif match["circled"]:
        yield _soft(match, Decimal(ord(match[0]) - ord("①") + 1))
    elif match["iso"]:
        yield iso_date(match)
    else:
        yield _date(match) if match["date"] else _amount(match)


def _name(match: re.Match[str]) -> Iterator[Quantity]:
    """A word: `twice` and `half` are soft numbers, and so are the digits of `GPT-4`."""
    value = _SOFT.get(match[0].rstrip(".'/+-").lower())
    if value is not None:
        yield _soft(match, value)
    else:
        yield from digits_in_name(match)


def _soft(match: re.Match[str], value: Decimal) -> Quantity:
    return Quantity(Span(*match.span()), match[0], QuantityKind.NUMBER, value, demanded=False)


def _date(match: re.Match[str]) -> Quantity:
    """`August 5, 2024`, `5 August`, `August 2024`; a month alone is soft, for `May` and `March` are words."""
    month = _MONTH_NUMBERS[(match["month"] or match["month_second"])[:3].lower()]
    day = int(match["day"] or match["day_first"] or 0)
    year = int(match["year"] or match["year_last"] or 0)
    value = date_value(year, month, day)
    return Quantity(Span(*match.span()), match[0], QuantityKind.DATE, value, demanded=bool(day or year))


def _amount(match: re.Match[str]) -> Quantity:
    """Figures or number words with their magnitude and unit."""
    if match["figure"] and _looks_like_version(match):
        span = Span(*match.span("figure"))
        return Quantity(span, match["figure"], QuantityKind.VERSION, match["figure"])
    value = _figure_value(match) if match["figure"] else _words_value(match["words"].lower())
    if match["half"]:
        value += Decimal("0.5")
    kind = QuantityKind.NUMBER
    if match["percent"]:
        kind = QuantityKind.PERCENT
    elif match["multiple"]:
        kind = QuantityKind.MULTIPLE
    elif match["nth"]:
        kind = QuantityKind.ORDINAL
    start = match.start() + len(match["before"] or "")
    demanded = bool(match["figure"]) or _has_magnitude(match["words"])
    return Quantity(
        Span(start, match.end()), match.string[start : match.end()], kind, value, _about(match), demanded
    )


def _figure_value(match: re.Match[str]) -> Decimal:
    scale = (match["scale"] or "").lower()
    return figure(match["figure"]) * (_MAGNITUDES.get(scale) or _SUFFIXES.get(scale) or 1)


def _words_value(words: str) -> Decimal:
    """`thirty million`, `a hundred and five`, `half a million`."""
    total, section = Decimal(0), Decimal(0)
    if words.startswith("half a"):
        section = Decimal("0.5")
    for word in re.split("[ -]", words):
        magnitude = _MAGNITUDES.get(word)
        if magnitude is None:
            section += _WORDS.get(word, 0)
        elif magnitude == 100:
            section = (section or Decimal(1)) * 100
        else:
            total, section = total + (section or Decimal(1)) * magnitude, Decimal(0)
    return total + section


def _has_magnitude(words: str) -> bool:
    """Whether a word for a hundred or more is there: an invented `two` is harmless, a `million` is not."""
    return any(word in _MAGNITUDES for word in re.split("[ -]", words.lower()))


def _looks_like_version(match: re.Match[str]) -> bool:
    """`Python 3.1` and every figure such as 3.10, unless a unit makes it an amount."""
    if "." not in match["figure"] or match["scale"] or match["percent"] or match["multiple"] or match["nth"]:
        return False
    return match["figure"].endswith("0")


def _about(match: re.Match[str]) -> str:
    if match["plus"] or match["after"]:
        return "over"
    before = (match["before"] or "").strip().lower()
    return _ABOUT.get(before, "about" if before else "")
