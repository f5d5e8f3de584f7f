"""Numbers by their value: quantities, and the figures and words for them in English."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text.characters import in_half_width, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
FIGURE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})(?:\.[0-9]{1,20})?"
FIGURE_ENDS = r"(?![0-9\uFE0F\u20E3]|\.[A-Za-z]{2,4}\b)"
"""No more digits, no key of a keyboard, no domain."""
VERSION = (
    r"(?<![A-Za-z0-9_.])(?:[vV][0-9]{1,9}(?:\.[0-9]{1,9}){0,5}"
    r"|[0-9]{1,9}(?:\.[0-9]{1,9}){2,5}|[0-9]{1,9}\.[0-9]{1,9}(?=(?:a|b|rc|dev|post)[0-9]))"
    r"(?:\.?(?:a|b|rc|dev|post)[0-9]{1,4})?(?![A-Za-z0-9])"
)
NAME = r"[A-Za-z_][A-Za-z0-9_.+#/'-]*|0[xX][0-9A-Fa-f]+"
"""A word of Latin letters; digits in it (`GPT-4`, `UTF-8`) belong to a name."""
PIECE = r"(?<![A-Za-z0-9_./])(?P<upper>[1-9])/(?P<lower>[2-9]|[1-9]0{1,3})(?![A-Za-z0-9_./])"
"""A share, or a date, or a page."""
MONTH, DAY = "(?:1[0-2]|0?[1-9])", "(?:[12][0-9]|3[01]|0?[1-9])"
ISO_DATE = (
    r"(?<![0-9.])(?P<iso_year>(?:19|20)[0-9]{2})(?P<iso_sign>[-/.])"
    rf"(?P<iso_month>{MONTH})(?P=iso_sign)(?P<iso_day>{DAY})(?!\.?[0-9])"
)
_DIGITS = lazy_pattern(r"[0-9]{1,20}(?:\.[0-9]{1,20})*")
RANGE_SIGN = lazy_pattern(r" ?(?:[-~–—]|到|至|或|to|or) ?")
_CURRENCY = "RMB|CNY|USD|EUR|GBP|JPY|KRW|INR|HKD|TWD|SGD|AUD|CAD|CHF"
_MONEY = lazy_pattern(rf"[$€£¥元块镑]|{_CURRENCY}| yu")
_HALF_DAY = 12
LEFT = "left"
_LEADING = lazy_pattern(FIGURE)
FIGURE_ALONE = lazy_pattern(r"[0-9][0-9,]*(?:\.[0-9]+)?")
"""The digits of a number, whatever their separators."""


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
    DECADE = "decade"
    """`90 年代`, `the 1990s`, `the '90s`: the value is the first year, with or without its century."""
    TIME = "time"
    """`19:20`, `7:20 p.m.`: the value is `19:20`, or `7:20` where nobody says which half of the day."""


class Quantity(NamedTuple):
    """A number that a text states, with the words of approximation around it."""

    span: Span
    text: str
    kind: QuantityKind
    value: Decimal | str
    about: str = ""
    """The English approximator, `nearly`, `under`, `about` or `over`; empty for an exact number.

    Of a time it is the half of the day, of what is left of a fall it is `LEFT`.
    """
    demanded: bool = True
    """False for what may vanish in a translation: `一个`, `first`, the 4 of `GPT-4`."""


def figure(text: str) -> Decimal:
    """The value of digits with separators."""
    return Decimal(text.replace(",", ""))


def share(match: re.Match[str], part: Decimal, whole: Decimal, *, demanded: bool) -> Quantity:
    """`三分之一`, `a third`, `one in three`: in percent, with four places in both languages."""
    value = (100 * part / whole).quantize(Decimal("0.0001")).normalize()
    return Quantity(Span(*match.span()), match[0], QuantityKind.PERCENT, value, demanded=demanded)


def percent(match: re.Match[str], value: Decimal) -> Decimal:
    """The value in percent, of `3‰` and `3 ppm` as well."""
    return value / {"‰": 10, "ppm": 10**4}.get(match["percent"], 1)


def nines(match: re.Match[str], count: Decimal) -> Iterator[Quantity]:
    """`five nines`, `5 个 9`: 99.999 %, or a count of figures."""
    yield share(match, 10**count - 1, 10**count, demanded="个" in match[0])
    yield from (soft(match, part) for part in (count, Decimal(9)))


def shares(match: re.Match[str], part: Decimal, whole: Decimal) -> Iterator[Quantity]:
    """`nine in ten`, `十个里有九个`: of both numbers those in figures are demanded."""
    written = match[0].replace(",", "")
    yield soft(match, part)._replace(demanded=str(part) in written)
    if part < whole:
        yield share(match, part, whole, demanded=False)
    yield soft(match, whole)._replace(demanded=str(whole) in written)


def piece(match: re.Match[str]) -> Iterator[Quantity]:
    """`1/3`, which may be a date or a page: nothing of it is demanded."""
    for one in shares(match, Decimal(match["upper"]), Decimal(match["lower"])):
        yield one._replace(demanded=False)


def is_price(match: re.Match[str]) -> bool:
    """Whether money is counted: 9.90 is no version then."""
    start, end = match.span("figure")
    return _MONEY.search(match.string[max(0, start - 4) : start] + match.string[end : end + 3]) is not None


def clock(match: re.Match[str], hour: int, minute: int, half: str) -> Quantity:
    """A time of day; the half is `am`, `pm`, `night`, which is both, or empty where nothing says it."""
    if half and hour <= _HALF_DAY:
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" or (half == "night" and hour < _HALF_DAY) else 0)
    half = half and ("am" if hour < _HALF_DAY else "pm")
    value, demanded = f"{hour % (2 * _HALF_DAY)}:{minute:02}", any(map(str.isdecimal, match[0]))
    return Quantity(Span(*match.span()), match[0], QuantityKind.TIME, value, half, demanded)


def decade(match: re.Match[str], first: Decimal) -> Quantity:
    """The ten years that begin with `first`, with or without the century."""
    return Quantity(Span(*match.span()), match[0], QuantityKind.DECADE, first)


def version(match: re.Match[str]) -> Quantity:
    """A version, compared as it is written but for a leading `v`."""
    text = match["version"]
    return Quantity(Span(*match.span()), text, QuantityKind.VERSION, text.lstrip("vV"))


def iso_date(match: re.Match[str]) -> Quantity:
    """A date in figures with the year first."""
    year, month, day = (int(match[name]) for name in ("iso_year", "iso_month", "iso_day"))
    return Quantity(Span(*match.span()), match[0], QuantityKind.DATE, date_value(year, month, day))


def soft(match: re.Match[str], value: Decimal) -> Quantity:
    """A number that may vanish."""
    return Quantity(Span(*match.span()), match[0], QuantityKind.NUMBER, value, demanded=False)


def digits_in_name(match: re.Match[str]) -> list[Quantity]:
    """The digits of a name: they may explain a number of the other text and are never demanded."""
    found = []
    for digits in _DIGITS.finditer(match.string, *match.span()):
        is_version = "." in digits[0]
        kind = QuantityKind.VERSION if is_version else QuantityKind.NUMBER
        value = digits[0] if is_version else Decimal(digits[0])
        found.append(Quantity(Span(*digits.span()), digits[0], kind, value, demanded=False))
    return found


def numbers_in(
    text: str, pattern: re.Pattern[str], reading: Callable[[re.Match[str]], Iterator[Quantity]]
) -> tuple[Quantity, ...]:
    """The numbers of a text; in a range the first takes the unit of the second: `3-5 万`, `10~20%`."""
    readable = in_half_width(text)
    found = [quantity for match in pattern.finditer(readable) for quantity in reading(match)]
    shared = list(found)
    for index, (left, right) in enumerate(pairwise(found)):
        between = readable.endswith(("between ", "Between "), 0, left.span.start) and " and "
        sign = readable[left.span.end : right.span.start]
        if RANGE_SIGN.fullmatch(sign) or sign == between:
            shared[index] = _in_units_of(right, left)
    return tuple(shared)


def _in_units_of(right: Quantity, left: Quantity) -> Quantity:
    """`left` with the scale and the kind of `right`, if it is a bare figure below that of `right`."""
    bare = _LEADING.match(right.text)
    if not bare or not _LEADING.fullmatch(left.text) or not isinstance(right.value, Decimal):
        return left
    if left.kind is not QuantityKind.NUMBER or figure(left.text) >= figure(bare[0]):
        return left
    scale = right.value / figure(bare[0])
    return left._replace(value=figure(left.text) * scale, kind=right.kind)


def date_value(year: int, month: int, day: int) -> str:
    """The value of a date; a part that is not stated is 0."""
    head = f"{year:04d}" if year else "-"
    return "-".join([head, *(f"{part:02d}" for part in (month, day) if part)])


def date_parts(value: str) -> tuple[int, int, int]:
    """Year, month and day of the value of a date; a part that is not stated is 0."""
    year, *rest = ["0", *value[2:].split("-")] if value.startswith("--") else value.split("-")
    month, day, *_ = [*rest, "0", "0"]
    return int(year), int(month), int(day)


# --------------------------------------------------------------------------- reading English

MAGNITUDES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
MAGNITUDES |= {"quadrillion": 10**15, "quintillion": 10**18}
_SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12, "bn": 10**9, "mn": 10**6}
_BELOW_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", *(f"{word}th" for word in _BELOW_TWENTY[13:]),
)  # fmt: skip
_WORDS = (
    {word: value for value, word in enumerate(_BELOW_TWENTY)}
    | {word: 20 + 10 * value for value, word in enumerate(_TENS)}
    | MAGNITUDES
)
"""What number phrases (`thirty million`) are made of."""

_NUMBERS_IN_WORDS = {
    "1": "once single a an another",
    "2": "twice double doubled doubles doubling both dual pair couple",
    "3": "triple tripled triples trio thrice",
    "4": "quadruple quadrupled quadruples quad",
    "10": "decade",
    "12": "dozen",
    "0.5": "half halved halves",
    "0.25": "quarter",
}
_SOFT = {word: Decimal(value) for value, words in _NUMBERS_IN_WORDS.items() for word in words.split()} | {
    word: Decimal(value) for value, word in enumerate(_ORDINALS, start=1)
}
_SOFT |= {f"{word.replace('ty', 'tie')}th": Decimal(value) for word, value in _WORDS.items() if value >= 20}
_SOFT |= {f"{word}fold": Decimal(value) for word, value in _WORDS.items()}
"""Words that may stand for a number of the source and are never taken for an invented one."""

_WHOLLY = (
    *("all", "every", "always", "full", "fully", "complete", "completely", "entire", "entirely"),
    *("total", "totally", "wholly", "pure", "purely"),
)
"""What may stand for 100 %."""
_MORE = (
    *("more than", "longer than", "larger than", "greater than", "bigger than", "higher than"),
    *("over", "above", "exceeding", "at least", "upwards of"),
)
_LESS = (
    *("less than", "fewer than", "shorter than", "smaller than", "lower than"),
    *("under", "below", "up to", "at most"),
)
_ABOUT = (
    {f"{no} {word}": "under" for no in ("no", "not") for word in _MORE}
    | {f"{no} {word}": "over" for no in ("no", "not") for word in _LESS}
    | dict.fromkeys(("nearly", "almost", "close to"), "nearly")
    | dict.fromkeys(("not even", *_LESS), "under")
    | dict.fromkeys(_MORE, "over")
    | dict.fromkeys(("about", "around", "approximately", "roughly", "some"), "about")
)
"""Approximators before a number, and which of the four kinds they are; a longer one before its part."""
_BEHIND = lazy_pattern(r"(?: [a-z]+){0,2},? (at (?:most|least))\b(?! \w)", re.IGNORECASE)
_OR = (
    dict.fromkeys(("more", "later", "newer", "higher", "above", "up", "better", "greater"), "over")
    | dict.fromkeys(("fewer", "less", "earlier", "younger", "lower", "below", "under"), "under")
    | {"so": "about", "older": "about"}
)
"""The same behind a number: `13 or later`. Older are versions below it and people above it."""
_PARTS = (
    {"halves": 2, "half": 2, "quarter": 4}
    | {word: value for value, word in enumerate(_ORDINALS[2:], start=3)}
    | {f"{word.replace('ty', 'tie')}th": value for word, value in _WORDS.items() if value >= 20}
)
_SPANS_OF_TIME = {"dozen": 12, "decade": 10, "centur": 100, "millenni": 1000}
"""What is counted in more than ones, without its ending."""

_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH = rf"(?:{'|'.join(MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_WORD = "|".join(_WORDS)
_MAGNITUDE = "|".join(MAGNITUDES)
_APPROXIMATORS = "|".join(map(re.escape, _ABOUT))
_HOUR = rf"(?:1[0-2]|[1-9]|{'|'.join(_BELOW_TWENTY[1:13])})"
_CLOCK = rf"(?:[1-5]?[0-9]|{'|'.join(_BELOW_TWENTY[1:])}|twenty(?:[ -]five)?)"
_IN_THE = r"\ (?i:in\ the\ (?:early\ )?(?:morning|afternoon|evening)|at\ night)\b"
_OF_TIME = "(?:centur|decade|year|month|week|day|hour|minute|second)"
_ALL = 100
_NEARBY = 20
_LONG_AGO = 50
"""'98 was in another century than '24."""
_OFF = "off|discount|cheaper|less|lower|smaller|lighter|shorter|fewer"
_FALLS = lazy_pattern(rf"\b(?:(?:{_OFF})\b|reduc|decreas|drop|f[ae]ll|cut|shr[aiu]nk|slash)")
_FROM_ZERO = lazy_pattern(r"0%?(?: [a-z]+)?(?: to |[-–][0-9])")
"""A car goes from 0 to 100 km/h; the source may name the end only."""
_SMALL = (
    rf"(?:1(?:0{{0,2}},?000){{1,2}}|[0-9]{{1,3}}|(?:ten\ |(?:a\ )?hundred\ )?thousand"
    rf"|{'|'.join(_BELOW_TWENTY + _TENS)}|an?|hundred|million)"
)
_LARGE_WORD = "(?:(?<=red)|(?<=sand)|(?<=ion))"
_NO_REST = rf"(?<=sand\ and\ )[a-z-]+\ (?:{_MAGNITUDE})\b|(?<=red\ and\ )[a-z-]+\ hundred\b"
"""Behind `and` in `one thousand and five hundred`: a number of its own, for a rest is below a hundred."""
_QUANTITY = lazy_pattern(
    rf"""
      (?P<iso>{ISO_DATE})
    | (?P<version>{VERSION})
    | (?P<decade>(?<![\w.,])(?:(?:19|20)?[1-9]0['’]?s
        |(?i:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies)\b)
    | (?P<time>(?<![\w.:])(?:(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![0-9:])
          (?:\ ?(?P<half_of_day>[aApP])\.?[mM]\b\.?)?
        |(?i:(?P<minutes>half|(?:a\ )?quarter|{_CLOCK}(?:\ minutes)?)\ (?P<way>past|(?<=quarter\ )to)\ )?
          (?P<oclock>(?i:{_HOUR}))(?![0-9]|[.,:][0-9]|\ ?%|\ (?:{_MAGNITUDE}))\ ?
          (?:(?P<half_day>[aApP])\.?[mM]\b\.?|(?i:o['’]clock)|(?(way)|(?={_IN_THE})))
          (?:(?:\ (?i:o['’]clock))?(?P<said>{_IN_THE}))?)
        |\b(?P<middle>(?i:noon|midnight))\b)
    | (?P<years>(?<![\w/])(?P<from>(?:19|20)[0-9]{{2}})[/–-](?P<to>[0-9]{{2}})(?![\w/-]))
    | (?P<short_year>(?:\bFY|(?<!\w)['’])(?P<two>[0-9]{{2}})(?!\w))
    | (?P<hundreds>(?<![\w.,])(?P<century>1[0-9]|20)00s\b)
    | (?P<piece>{PIECE})
    | (?P<split>(?<![\w/])(?P<one_part>[1-9]0)/(?P<other_part>[1-9]0)(?![\w/]))
    | (?P<nines>\b(?i:(?P<count>[2-6]|two|three|four|five|six)[\ -](?:nines\b|9['’]?s\b)))
    | (?P<phrase>\b(?:[aA]n?\ [a-z]+\ and\ a\ half|[hH]alf\ again|order\ of\ magnitude|24/7
        |[rR]?ound[\ -]the[\ -]clock
        |(?:half|(?:a\ )?quarter)(?:\ of)?(?:\ a)?[\ -](?:per\ ?cent|(?:percentage\ )?point))\b)
    | (?:\b(?i:{_APPROXIMATORS})\ )?(?:(?P<ratio>\b(?i:(?P<some>{_SMALL})
        \ (?:(?!{_MAGNITUDE})[A-Za-z'-]+\ ){{0,3}}?(?:in|out\ of|of\ the|per)\ (?:every\ |an?\ )?
        (?P<all>(?!an?\b){_SMALL}))\b(?![%.,:]?[0-9-]|\ (?:{_OF_TIME}|{_MAGNITUDE})))
      | (?P<fraction>\b(?!(?i:[a-z]+ty-(?:third|[a-z]+th)\b))
          (?i:(?P<above>{_SMALL})[\ -](?P<below>halves|{"|".join(_PARTS)})s?)\b(?!-)))
    | (?P<date>\b(?:(?i:mid|early|late)-)?(?P<month>{_MONTH})(?:\ (?P<day>{DAY})(?:st|nd|rd|th)?(?!\.?[0-9]))?
        (?:,?\ (?P<year>(?:19|20)[0-9]{{2}})(?![0-9]))?
      | \b(?P<day_first>{DAY})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month_second>{_MONTH})
        (?:,?\ (?P<year_last>(?:19|20)[0-9]{{2}})(?![0-9]))?)
    | (?P<amount>(?P<before>(?:\b(?i:{_APPROXIMATORS})\ |(?<![0-9])~))?
        (?:(?:(?P<money>[$€£¥]|\b(?:{_CURRENCY})(?=[0-9])|(?<=\b(?:{_CURRENCY})\ ))|\#)?
            (?P<figure>{FIGURE}){FIGURE_ENDS}
            (?:(?P<plus>\+)?[\ -]?
                (?P<scale>(?i:{_MAGNITUDE})\b|(?:bn|mn|[kKMBT]|(?(money)[mb]|(?!)))(?![A-Za-z0-9])))?
            (?P<nth>(?:st|nd|rd|th)\b)?
          |(?P<words>(?P<between>(?<=[bB]etween\ ))?
            \b(?i:(?:half\ an?|an?|{_WORD})[\ -](?={_MAGNITUDE}\b))?(?i:{_WORD})\b
            (?:(?:(?(between)(?!)|{_LARGE_WORD})\ and\ (?!{_NO_REST})|\ |-)(?i:{_WORD})\b){{0,9}})
            (?:(?:(?<=ty)-|{_LARGE_WORD}[\ -]and[\ -])
               (?P<last>(?i:{"|".join(_ORDINALS)}))\b)?)
        (?P<half>\ and\ a\ half\b)?
        (?P<after>\+|\ (?:or|and)\ (?:{"|".join(_OR)})\b)?
        (?:[\ -](?P<times>{"|".join(_SPANS_OF_TIME)})(?:s|y|ies|um|a)?\b)?
        (?:\ ?(?P<percent>[%‰]|ppm\b|[- ]?per\ ?cent\b|[- ]?percentage\ points?)(?P<off>\ (?:{_OFF})\b)?
            |(?P<multiple>\ ?[x×](?![A-Za-z0-9])|X(?![A-Za-z0-9])|[\ -]times\b|-?fold\b))?)
    | (?P<name>{NAME})
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=4_096)
def english_quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of an English text in order, number words and digits of names among them.

    Figures and magnitudes are `demanded`: the source has to explain them. Small number words are not.
    """
    return numbers_in(text, _QUANTITY, _readings)


def _readings(match: re.Match[str]) -> Iterator[Quantity]:
    """What one match states, and the share that it may leave: a twentieth of `20 times less`."""
    for one in _reading(match):
        yield one
        times = one.kind is QuantityKind.MULTIPLE or one.text.endswith("fold")
        if (
            times
            and one.value
            and _FALLS.search(match.string, max(0, match.start() - _NEARBY), match.end() + _NEARBY)
        ):
            yield share(match, Decimal(1), Decimal(one.value), demanded=False)._replace(span=one.span)


def _reading(match: re.Match[str]) -> Iterator[Quantity]:
    """What one match states; nothing if it only looks like a number."""
    if match["version"]:
        yield version(match)
    elif match["name"]:
        yield from _name(match)
    elif match["iso"]:
        yield iso_date(match)
    elif match["years"] or match["decade"] or match["time"] or match["hundreds"] or match["short_year"]:
        yield from _when(match)
    elif match["phrase"]:
        yield from _phrase(match)
    elif match["piece"]:
        yield from piece(match)
    elif match["ratio"] or match["fraction"] or match["split"] or match["nines"]:
        yield from _parts(match)
    elif match["date"]:
        yield _english_date(match)
    else:
        yield from _amounts(match)


def _amounts(match: re.Match[str]) -> Iterator[Quantity]:
    """An amount, and what else it may say: `three decades` are 30 years, `version three` is 3.0."""
    amount = _amount(match)
    yield amount
    if match["times"] and isinstance(amount.value, Decimal):
        yield amount._replace(value=amount.value * _SPANS_OF_TIME[match["times"]], demanded=False)
    if match.string.endswith(("version ", "Version "), 0, match.start()):
        for value in (str(amount.value), f"{amount.value}.0"):
            yield amount._replace(kind=QuantityKind.VERSION, value=value, demanded=False)


def _phrase(match: re.Match[str]) -> Iterator[Quantity]:
    """`an hour and a half`, `half again`, `half a percent`, `an order of magnitude`, `24/7`."""
    said = match[0].lower()
    if said.endswith(("cent", "point")):
        part = Decimal("0.25" if "quarter" in said else "0.5")
        yield soft(match, part)._replace(kind=QuantityKind.PERCENT)
        return
    values = "1.5" if said.endswith(("half", "again")) else "10" if "magn" in said else "24 7"
    yield from (soft(match, Decimal(value)) for value in values.split())


def _when(match: re.Match[str]) -> Iterator[Quantity]:
    """`the 1990s`, `7:20 p.m.`, `FY24`, `'24`, and both years of `2023/24`."""
    if match["decade"]:
        said = decade(match, _decade_value(match["decade"].lower()))
        yield said._replace(demanded=match[0][:1].isdecimal())
    elif match["hundreds"]:  # a century, or its first decade
        century = Decimal(match["century"])
        yield from (decade(match, 100 * century)._replace(demanded=False), soft(match, century + 1))
    elif match["short_year"]:
        year = f"{20 if int(match['two']) < _LONG_AGO else 19}{match['two']}"
        yield Quantity(Span(*match.span()), match[0], QuantityKind.DATE, year, demanded=False)
        if match[0][0] != "F":  # or a quote before a number
            yield soft(match, Decimal(match["two"]))
    elif match["middle"]:
        yield clock(match, 12, 0, "pm" if match["middle"].lower() == "noon" else "am")
    elif match["time"]:
        yield from _times(match)
    else:
        first, second = match["from"], match["from"][:2] + match["to"]
        if "/" in match[0] or int(second) - int(first) == 1:
            for year in (first, second):
                yield Quantity(Span(*match.span()), match[0], QuantityKind.DATE, year)
            yield soft(match, Decimal(match["to"]))
        else:  # 2023-21 is a title
            for part in ("from", "to"):
                yield Quantity(
                    Span(*match.span(part)), match[part], QuantityKind.NUMBER, Decimal(match[part])
                )


def _decade_value(text: str) -> Decimal:
    names = {f"{word[:-1]}ies": 20 + 10 * tens for tens, word in enumerate(_TENS)}
    return Decimal(names.get(text) or re.sub("[^0-9]", "", text))


def _times(match: re.Match[str]) -> Iterator[Quantity]:
    """A time of day; `up a quarter to nine` is none."""
    is_before = (match["way"] or "").lower() == "to"
    said = _time(match)
    yield said._replace(demanded=said.demanded and not is_before)
    if is_before:
        yield soft(match, Decimal("0.25"))
        yield soft(match, _small(match["oclock"]))._replace(kind=QuantityKind.ORDINAL)  # no hour


def _time(match: re.Match[str]) -> Quantity:
    """`7:20 p.m.`, `8 a.m.`, `20 past seven`, `a quarter to eight`, `two in the morning`."""
    half = (match["half_of_day"] or match["half_day"] or "").lower()
    said = (match["said"] or "").lower()
    half = f"{half}m" if half else "am" if "morn" in said else "night" if "night" in said else said and "pm"
    if match["hour"]:
        return clock(match, int(match["hour"]), int(match["minute"]), half)
    hour, way = int(_small(match["oclock"])), match["way"]
    past = {"half": 30, "quarter": 15}
    word = (match["minutes"] or "zero").lower().removeprefix("a ").removesuffix(" minutes")
    minute = past.get(word) or int(_small(word))
    if way and way.lower() == "to":
        hour, minute = hour - 1 or _HALF_DAY, 60 - minute
    return clock(match, hour, minute, half)


def _parts(match: re.Match[str]) -> Iterator[Quantity]:
    """`two thirds`, `nine in ten`, `80/20`: the words have other senses."""
    if match["split"]:
        parts = figure(match["one_part"]), figure(match["other_part"])
        yield from (soft(match, part)._replace(demanded=sum(parts) != _ALL) for part in parts)
        return
    if match["nines"]:
        yield from nines(match, _small(match["count"]))
        return
    part = _small(match["some"] or match["above"])
    whole = _small(match["all"]) if match["all"] else Decimal(_PARTS[match["below"].lower()])
    if match["below"] and whole >= _ALL:  # the two-hundredth
        yield soft(match, part * whole)
    for one in shares(match, part, whole):
        is_unit = one.value == whole and " per " in match[0]
        yield one._replace(demanded=one.demanded or is_unit)


def _small(word: str) -> Decimal:
    if word[0].isdecimal():
        return figure(word)
    return Decimal(1) if word.lower() in ("a", "an") else _words_value(word)


def _name(match: re.Match[str]) -> Iterator[Quantity]:
    """A word: `twice` and `half` are soft numbers, and so are the digits of `GPT-4`."""
    word = match[0].rstrip(".'/+-").lower()
    value = _SOFT.get(word, _SOFT.get(word.partition("-")[0]))
    if value is not None:
        is_multiple = word.startswith(("twice", "doubl", "triple", "quadruple", "half", "halve"))
        number = soft(match, value)
        yield number._replace(kind=QuantityKind.MULTIPLE) if is_multiple else number
    elif word in _WHOLLY:
        yield share(match, Decimal(1), Decimal(1), demanded=False)
    else:
        yield from digits_in_name(match)


def _english_date(match: re.Match[str]) -> Quantity:
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
    value = _figure_value(match) if match["figure"] else _words_value(match["words"])
    if match["half"]:
        value += Decimal("0.5")
    if match["last"]:
        value += _ORDINALS.index(match["last"].lower()) + 1
    kind = QuantityKind.NUMBER
    if match["off"]:
        kind, value = QuantityKind.DISCOUNT, 100 - value
    elif match["percent"]:
        kind, value = QuantityKind.PERCENT, percent(match, value)
    elif match["multiple"]:
        kind = QuantityKind.MULTIPLE
    elif match["nth"]:
        kind = QuantityKind.ORDINAL
    start = match.start() + len(match["before"] or "")
    # An invented `two` is harmless, a `million` is not.
    demanded = bool(match["figure"]) or any(word in MAGNITUDES for word in _words_in(match["words"]))
    demanded = demanded and not _FROM_ZERO.match(match.string, start)
    return Quantity(
        Span(start, match.end()), match.string[start : match.end()], kind, value, _about(match), demanded
    )


def _figure_value(match: re.Match[str]) -> Decimal:
    scale = (match["scale"] or "").lower()
    return figure(match["figure"]) * (MAGNITUDES.get(scale) or _SUFFIXES.get(scale) or 1)


def _words_value(words: str) -> Decimal:
    """`thirty million`, `a hundred and five`, `half a million`."""
    total, section = Decimal(0), Decimal(0)
    if words.lower().startswith("half a"):
        section = Decimal("0.5")
    for word in _words_in(words):
        magnitude = MAGNITUDES.get(word)
        if magnitude is None:
            section += _WORDS.get(word, 0)
        elif magnitude == 100:
            section = (section or Decimal(1)) * 100
        else:
            total, section = total + (section or Decimal(1)) * magnitude, Decimal(0)
    return total + section


def _words_in(phrase: str) -> list[str]:
    return re.split("[ -]", phrase.lower())


def _looks_like_version(match: re.Match[str]) -> bool:
    """`Python 3.1` and every figure such as 3.10, unless a unit makes it an amount."""
    if "." not in match["figure"] or match["scale"] or match["percent"] or match["multiple"] or match["nth"]:
        return False
    return match["figure"].endswith("0") and not is_price(match)


def _about(match: re.Match[str]) -> str:
    if match["plus"] or match["after"]:
        return _OR.get((match["after"] or "").split(" ")[-1], "over")
    before = (match["before"] or "").strip().lower()
    if not before and (behind := _BEHIND.match(match.string, match.end())):
        before = behind[1].lower()
    return _ABOUT.get(before, "about" if before else "")
