"""Numbers survive by value and unit: 7.4 万 is 74,000, or 74k. So do times, and which way something goes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.checks.quantities import (
    CHINESE,
    EACH,
    ENGLISH,
    MONEY,
    ONE,
    amount_contradicted,
    amounts,
    chinese_magnitudes,
    differences,
    english_magnitudes,
    same,
    stems_from,
    unmet_magnitudes,
    without_partner,
)
from weekly_translate.checks.registry import ERROR, INFO, WARNING, Stage, check, doubt
from weekly_translate.text.characters import in_half_width, lazy_pattern, prose_of, shortened, without_tags
from weekly_translate.text.chinese_numbers import chinese_quantities, in_english
from weekly_translate.text.dictionary import data_lines
from weekly_translate.text.numbers import LEFT, Quantity, QuantityKind, english_quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.checks.quantities import Amount
    from weekly_translate.model import Pair

_WITH_A_NUMBER = ("title.", "seg.too-long", "llm.addition")
"""A name in front of a title may hold the number; and a number makes a text look longer, or strange."""


@check("num.currency", ERROR, Stage.FIGURES, in_titles=WARNING)
def currencies_are_equal(pair: Pair) -> Iterator[str]:
    """Money keeps its currency: 1 亿美元 is $100 million and not ¥100 million."""
    yield from _other_units(pair, money=True)


@check("num.unit", ERROR, Stage.FIGURES, in_titles=WARNING)
def units_are_equal(pair: Pair) -> Iterator[str]:
    """A figure counts what it counts in the source: 5 斤 is not 5 kg, 几个月 is not "several weeks"."""
    yield from _other_units(pair, money=False)


_BITS = ("兆", "M", "G")
"""Before a line's speed they are bits, and bytes otherwise."""


def _other_units(pair: Pair, *, money: bool) -> Iterator[str]:
    """Amounts that have another unit. One with another figure may be converted: 5 斤 are 2.5 kg."""
    here, there = amounts(pair.segment.text, CHINESE), amounts(pair.target, ENGLISH)
    mine, yours = (Counter(one._replace(text="") for one in side) for side in (here, there))
    lost, new = mine - yours, yours - mine
    for one in dict.fromkeys(here):
        if (one.unit.dimension == MONEY) is money and one._replace(text="") in lost:
            others = (other for other in there if other._replace(text="") in new and _exchanged(one, other))
            if other := next(others, None):
                yield f"{one.text} became “{other.text}”"


def _exchanged(one: Amount, other: Amount) -> bool:
    """Whether one counts as many of something else that is measured in the same way.

    Every two years is not twice a year.
    """
    bits = one.text.endswith(_BITS) and one.unit.factor == 8 * other.unit.factor
    same = other.value == one.value not in (EACH, ONE) and other.unit.dimension == one.unit.dimension
    shared = tuple(set(one.unit.signs).intersection(other.unit.signs))
    if one.is_rate or other.is_rate:
        return same and not one.is_rate and float(one.value) > 1
    return same and not (bits or other.text.startswith(shared))


# --------------------------------------------------------------------------- values

_WRITTEN = {QuantityKind.VERSION: "version", QuantityKind.DATE: "date"}
"""What is compared as it is written, and told apart from other numbers."""


@check("num.value", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def numbers_are_equal(pair: Pair) -> Iterator[str]:
    """A number has the value that it has in the source; a factor of ten is the usual mistake."""
    yield from _changed(pair, "number")


@check("num.version", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def versions_are_equal(pair: Pair) -> Iterator[str]:
    """Versions are equal as they are written: 3.10 is not 3.1."""
    yield from (*_changed(pair, "version"), *_missing(pair, "version"))


@check("num.date", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def dates_are_equal(pair: Pair) -> Iterator[str]:
    """Dates are the same day, month and year, however they are written."""
    yield from (*_changed(pair, "date"), *_missing(pair, "date"))


@check("num.missing", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def numbers_survive(pair: Pair) -> Iterator[str]:
    """Each number above ten, percentage and multiple of the source is in the translation."""
    yield from _missing(pair, "number")


@doubt("num.missing", WARNING, Stage.FIGURES)
def small_numbers_survive(pair: Pair) -> Iterator[str]:
    """Numbers up to ten may be put in other words (`these versions`), and 三十六计 counts nothing."""
    yield from _missing(pair, "number", small=True)


@check("num.added", ERROR, Stage.FIGURES, in_titles=WARNING, explains=_WITH_A_NUMBER)
def no_number_is_invented(pair: Pair) -> Iterator[str]:
    """Each figure above ten of the translation comes from the source."""
    yield from _invented(pair, small=False)


@doubt("num.added", WARNING, Stage.FIGURES)
def no_small_number_is_invented(pair: Pair) -> Iterator[str]:
    """Figures up to ten are looked at apart, for the same reason as missing ones."""
    yield from _invented(pair, small=True)


def _changed(pair: Pair, name: str) -> Iterator[str]:
    """It is called what the source calls it; `5.21` is a date where the translation takes it for one."""
    for source, target in differences(pair).changed:
        kind = target.kind if target.kind is QuantityKind.DATE else source.kind
        if _WRITTEN.get(kind, "number") == name:
            yield f"the {name} {_both(source)} became {target.text}"


def _missing(pair: Pair, name: str, *, small: bool = False) -> Iterator[str]:
    for source in differences(pair).missing:
        if _WRITTEN.get(source.kind, "number") == name and _is_small(source) is small:
            yield f"the {name} {_both(source)} is missing"


def _invented(pair: Pair, *, small: bool) -> Iterator[str]:
    for target in differences(pair).added:
        if _is_small(target) is small:
            yield f"the number {target.text} is not in the source"


_LARGEST_SMALL, _LARGEST_FIGURATIVE = 10, 999
"""In figures, and in words: 三十六计 are none that anybody counts."""


def _is_small(quantity: Quantity) -> bool:
    plain = quantity.kind in (QuantityKind.NUMBER, QuantityKind.ORDINAL)
    most = _LARGEST_SMALL if any(map(str.isdecimal, quantity.text)) else _LARGEST_FIGURATIVE
    return plain and isinstance(quantity.value, Decimal) and quantity.value <= most


def _both(quantity: Quantity) -> str:
    """`74,000 (7.4 万)`, or the text alone where English writes it the same way."""
    english = in_english(quantity)
    return english if english == quantity.text else f"{english} ({quantity.text})"


# --------------------------------------------------------------------------- what is said around a number


@doubt("num.value", WARNING, Stage.FIGURES, explains=("num.date",))
def small_numbers_are_equal(pair: Pair) -> Iterator[str]:
    """三年 are not four years: a small number in words is missing, and another stands there."""
    for source, target in differences(pair).exchanged:
        yield f"the number {_both(source)} became {target.text}"
    if found := amount_contradicted(pair.segment.text, pair.target):
        yield f"{found[0].text} became “{found[1].text}”"


_SIDES = {"over": 1, "nearly": -1, "under": -1}
_STOP = lazy_pattern(r"[.;:!?](?=\s|\Z)")
_DENIED = lazy_pattern(
    r"(?:\b(?!not? (?:\w+ than|over|above|under|below) \Z)(?:no|not|never|nobody|none|nothing|neither|nor"
    r"|cannot|without|hardly)\b|n['’]t\b)[^.;:!?]*\Z",
    re.IGNORECASE,
)
"""Before "more than 30" in its sentence: what that is a bound of, a rule cannot say."""
_HEDGE = lazy_pattern(
    r"\b(?:over|more|above|beyond|least|most|up|exceed|surpass|pass|top|cross|break|nearly|almost|close|short"
    r"|shy|under|less|fewer|below|within|sub|limit|cap(?:s|ped)?\b|max|minimum|[a-z]+er than"
    r"|before|until|till|unless|yet\b|prior|pre\b|about|around|approximately|roughly|some|several|odd|plus|so\b|past|last)"
    r"|[~+<>≈≥≤]",
    re.IGNORECASE,
)


@check("num.hedge", ERROR, Stage.FIGURES, in_titles=WARNING)
def hedges_keep_their_side(pair: Pair) -> Iterator[str]:
    """近 and 不到 are not "over", 多 and 超过 not "under"."""
    text = prose_of(pair.target)
    for source, targets in _hedged(pair):
        side = _SIDES.get(source.about, 0)
        denied = (_DENIED.search(text[: target.span.start]) for target in targets)
        if side and all(_SIDES.get(target.about, 0) == -side for target in targets) and not any(denied):
            yield f"{_both(source)} became “{targets[0].about} {targets[0].text}”"


@doubt("num.hedge", WARNING, Stage.FIGURES, in_titles=INFO)
def hedges_are_kept(pair: Pair) -> Iterator[str]:
    """A number that is not exact does not become exact."""
    for source, targets in _hedged(pair):
        lost = source.about in _SIDES and source.demanded and not any(target.about for target in targets)
        if lost and not any(
            _HEDGE.search(_sentence_around(target, prose_of(pair.target))) for target in targets
        ):
            yield f"{_both(source)} became exactly {targets[0].text}"


def _sentence_around(one: Quantity, text: str) -> str:
    before, behind = _STOP.split(text[: one.span.start])[-1], _STOP.split(text[one.span.end :])[0]
    return before + one.text + behind


def _hedged(pair: Pair) -> Iterator[tuple[Quantity, list[Quantity]]]:
    """The inexact numbers of the source, and the same numbers in the translation."""
    there: dict[Decimal | str, list[Quantity]] = defaultdict(list)
    for one in english_quantities(prose_of(pair.target)):
        if one.kind is not QuantityKind.DECADE:
            there[one.value].append(one)
    for source in chinese_quantities(in_half_width(prose_of(pair.segment.text))):
        if source.about and source.value in there:
            yield source, there[source.value]


_RATIOS = (QuantityKind.PERCENT, QuantityKind.MULTIPLE)


@doubt("num.value", WARNING, Stage.FIGURES, explains=_WITH_A_NUMBER)
def magnitudes_are_equal(pair: Pair) -> Iterator[str]:
    """数亿 are hundreds of millions, not billions; 一半 is not a quarter."""
    source, target = in_half_width(prose_of(pair.segment.text)), prose_of(pair.target)
    here, there = chinese_quantities(source), english_quantities(target)
    sizes, others = list(chinese_magnitudes(source)), list(english_magnitudes(target))
    yield from _became(
        unmet_magnitudes(sizes, others, _values(*there)),
        unmet_magnitudes(others, sizes, _values(*here, *english_quantities(source))),
    )
    yield from _opposites_in(pair, "most")
    yield from _changes_turned(source, target)
    yield from _ways_contradicted(source, target)
    yield from _ends_exchanged(source, target)
    lost, new = (
        [one for one in ones if one.kind in _RATIOS and one.value != 100 and not one.demanded]
        for ones in (without_partner(here, there, same), without_partner(there, here, stems_from))
    )
    if len(lost) >= len(new):
        yield from _became([one.text for one in lost], [one.text for one in new])


def _became(lost: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """One of both alone may be another way to say it."""
    if lost and new:
        yield f"{lost[0]} became “{new[0]}”"


def _values(*quantities: Quantity) -> list[float]:
    """Of those that say a number: no digit of a name, no word such as `one`."""
    return [
        float(one.value)
        for one in quantities
        if isinstance(one.value, Decimal) and (one.demanded or one.text.isalpha())
        if one.kind is not QuantityKind.PERCENT
    ]


# --------------------------------------------------------------------------- when


@doubt("num.date", WARNING, Stage.FIGURES)
def times_are_equal(pair: Pair) -> Iterator[str]:
    """年底 is not "early in", 去年 not "this year", 第三季度 not "the second quarter"."""
    yield from _opposites_in(pair, "when", "which", "quarter", "half")


def _opposites_in(pair: Pair, *groups: str) -> Iterator[str]:
    """What is said otherwise, by the groups of `opposites.txt`."""
    for group in groups:
        yield from _contradicted(_opposites()[group], prose_of(pair.segment.text), prose_of(pair.target))


@cache
def _opposites() -> dict[str, list[tuple[str, str]]]:
    groups = defaultdict(list)
    for line in data_lines(__file__, "opposites.txt"):
        group, chinese, english = line.split()
        groups[group].append((chinese.replace("_", " "), english.replace("_", " ")))
    return groups


def _contradicted(rows: Iterable[tuple[str, str]], source: str, target: str) -> Iterator[str]:
    """Of patterns for the same in both languages: what only the source says, and only the translation."""
    said = [(re.search(one, source), re.search(other, target, re.IGNORECASE)) for one, other in rows]
    yield from _became(
        [one[0] for one, other in said if one and not other],
        [other[0] for one, other in said if other and not one],
    )


# --------------------------------------------------------------------------- which way

_BY = r"(?:了|上|出)? ?[\d.~-]+ ?(?:%|倍|[A-Za-z]+|毫?秒|分钟|个?小时|天|[年元克米度])"
_BY_ENGLISH = r"[\d.–-]+ ?(?:%|[A-Za-z]+) (?:as )?"
_THING = r"((?<![\w.+#-])(?:\.?[A-Za-z][\w.+#-]*(?: [0-9][\w.]*)?|v?[0-9]+(?:\.[0-9]+)+))"
_ENDS = lazy_pattern(
    r"\b(?:(?P<to>to)|by|down|cut|f[ae]ll|falls|drop(?:s|ped)?|sav(?:es?|ed|ing)) (?:(?!to )[a-z]+ ){0,2}\Z"
)
_FALL = lazy_pattern(r" (?:reduction|decrease|drop|decline|fall|cut|savings?)\b")
_BEFORE_A_NUMBER = 40
_COMPARED = lazy_pattern(rf"{_THING} ?(?:要|会|则)?比 ?{_THING}([^，。；,;]{{0,10}})", re.ASCII)
_FROM, _TO = (
    lazy_pattern(r"[从由][^，。；,;\d]{0,10}\Z"),
    lazy_pattern(r"[^，。；,;\d]{0,12}?[到至为成][^，。；,;\d]{0,4}"),
)
_FROM_ENGLISH = lazy_pattern(r"\bfrom (?:[a-z]+ ){0,2}\Z")
_TO_ENGLISH = lazy_pattern(r"[^.,;\d]{0,30}? to (?:[a-z]+ ){0,2}")
_FROM_TO = lazy_pattern(rf"[从由] ?{_THING}[^，。；,;]{{0,8}}?[到至为成] ?{_THING}", re.ASCII)


@cache
def _ways() -> list[list[tuple[str, str]]]:
    """Twos of `opposites.txt` such as faster and slower, with their Chinese."""
    return [rows for group, rows in _opposites().items() if group.startswith("way.")]


def _ways_contradicted(source: str, target: str) -> Iterator[str]:
    """By how much something is faster in one language and slower in the other, which is compared with it."""
    turned = any(_turned(match, "than", target) for match in _COMPARED.finditer(source))
    for ways in () if turned else _ways():
        rows = [(f"(?:{one}){_BY}", rf"{_BY_ENGLISH}(?:{other})\b") for one, other in ways]
        yield from _contradicted(rows, source, target)


@doubt("seg.swapped", WARNING, Stage.FIGURES, in_titles=INFO)
def compared_names_keep_their_places(pair: Pair) -> Iterator[str]:
    """Where A 比 B 快, B is not faster than A; 从 A 到 B is not from B to A."""
    source, target = without_tags(pair.segment.text), without_tags(pair.target)
    for match in _COMPARED.finditer(source):
        words = _turned(match, "than", target)
        if any(
            re.search(one, match[3]) and re.search(rf"\b(?:{other})\b", words, re.IGNORECASE)
            for ways in _ways()
            for one, other in ways
        ):
            yield f"“{match[0]}” became “{shortened(words)}”"
    for match in _FROM_TO.finditer(source):
        if words := _turned(match, "to", target):
            yield f"“{match[0]}” became “{shortened(words)}”"
    here = _from_to(chinese_quantities(source), source, _FROM, _TO)
    there = _from_to(english_quantities(target), target, _FROM_ENGLISH, _TO_ENGLISH)
    for (one, two), words in there.items():
        if (two, one) in here and (one, two) not in here:
            yield f"“{here[two, one]}” became “{words}”"


def _from_to(
    quantities: Iterable[Quantity], text: str, begins: re.Pattern[str], goes_on: re.Pattern[str]
) -> dict[tuple[Decimal | str, Decimal | str], str]:
    """The two values of each `from 18 to 32`, with the words."""
    return {
        (one.value, two.value): text[one.span.start : two.span.end]
        for one, two in pairwise(quantities)
        if begins.search(text, max(0, one.span.start - _BEFORE_A_NUMBER), one.span.start)
        and goes_on.fullmatch(text, one.span.end, two.span.start)
    }


def _turned(match: re.Match[str], between: str, target: str) -> str:
    """The words from the second of two names to the first, if a sentence has them in this order."""
    # Of `Python 3.12` the version is enough.
    one, other = (
        rf"(?<![\w.]){re.escape(name.rpartition(' ')[2])}(?!\w|\.\w)" for name in match.groups()[:2]
    )
    behind = rf"\b{between} (?:\w+ )?"
    turned = re.search(rf"{other}(?:(?![.;!?]\s).)*?{behind}{one}", target, re.IGNORECASE)
    return turned[0] if turned and not re.search(behind + other, target, re.IGNORECASE) else ""


def _changes_turned(source: str, target: str) -> Iterator[str]:
    """What grows in one language and falls in the other, from a value or by a share."""
    rows = _opposites()["change"]
    moves = [
        (rf"[从由][^，。；]{{1,12}}?{one}[^，。；]{{0,5}}[到至为]", rf"\b{other} (?:\w+ ){{0,2}}?from\b")
        for one, other in rows
    ]
    yield from _contradicted(moves, source, target)
    said: defaultdict[Decimal | str, dict[int, str]] = defaultdict(dict)
    for share, before in _shares(chinese_quantities(source), source):
        for way, (verbs, _) in enumerate(rows):
            if change := re.search(rf"{verbs}[^，。；\d]{{0,4}}\Z", before):
                said[share.value][way] = f"{change[0]}{share.text}"
    for share, before in _shares(english_quantities(target), target):
        for way, (_, verbs) in enumerate(rows):
            change = re.search(rf"\b{verbs} (?:by )?\Z", before, re.IGNORECASE)
            if change and way not in said[share.value]:
                yield from _became([*said[share.value].values()], [f"{change[0]}{share.text}"])


@cache
def _change() -> re.Pattern[str]:
    """What changes, before the share: 降低了, 增长到."""
    verbs = "|".join(verbs for verbs, _ in _opposites()["change"])
    return re.compile(rf"(?:{verbs})[低少小高升加长短轻]?(?P<to>[到至])?了?(?:[^，。；\d]{{1,6}}的)? ?\Z")


def _ends_exchanged(source: str, target: str) -> Iterator[str]:
    """Where something falls to a share in one language and by it in the other: 降到 70%, 降了三成."""
    said: dict[Decimal | str, dict[str, str]] = defaultdict(dict)
    for share, before in _shares(chinese_quantities(source), source):
        if change := _change().search(before):
            end = "to" if change["to"] or share.about == LEFT else "by"
            said[share.value][end] = f"{change[0]}{share.text}"
    for share, before in _shares(english_quantities(target), target):
        words, behind = _ENDS.search(before), _FALL.match(target, share.span.end)
        if (words or behind) and ("to" if words and words["to"] else "by") not in said[share.value]:
            text = f"{words[0] if words else ''}{share.text}{behind[0] if behind else ''}"
            yield from _became([*said[share.value].values()], [text])


def _shares(quantities: Iterable[Quantity], text: str) -> Iterator[tuple[Quantity, str]]:
    """The percentages, each with what stands before it."""
    for one in quantities:
        if one.kind is QuantityKind.PERCENT and not one.text.endswith("fold"):
            yield one, text[max(0, one.span.start - _BEFORE_A_NUMBER) : one.span.start]
