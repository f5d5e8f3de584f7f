"""What is said of numbers and times without a figure: 数亿, "hundreds of millions"; 年底, "late in"; 去年.

Each is read in both languages as something that can be compared. A translation contradicts its
source where it has what the source lacks and lacks what the source has: one of both alone may be
another way to say it.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.characters import lazy_pattern
from weekly_translate.text.numbers import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Magnitude(NamedTuple):
    """A number of which only the size is said."""

    text: str
    least: int
    """As a power of ten."""
    most: int


_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_CHINESE = lazy_pattern(
    r"(?P<open>(?<![函参整系倍指岁点次人个常复变分奇偶少多])数以?|好?几|成|上(?!百度|千问))\ ?"
    r"(?P<unit>[十百千万亿]{1,3})(?P<also>上[百千万亿]{1,2})?"
    r"|(?P<tens>(?<![一二三四五六七八九几])十)几(?P<times>[百千万亿]{0,2})",
    re.VERBOSE,
)
_NAMES = {
    "ten": 1,
    "dozen": 1,
    "score": 1,
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
}
_NAME = "|".join(_NAMES)
_ENGLISH = lazy_pattern(
    rf"\b(?P<few>several|a few|a couple(?: of)?|many|some)\ (?P<of_few>(?:{_NAME})(?:\ (?:{_NAME}))?)\b"
    rf"|\b(?P<plural>(?:(?:{_NAME})s\ (?:of|upon)\ )*(?:a\ )?(?:{_NAME})s)\b(?!\ of\ (?:mega|giga|tera))"
    rf"|\b(?P<teens>a\ dozen|a\ score)\ (?:or\ so|odd)",
    re.IGNORECASE,
)


def chinese_magnitudes(text: str) -> list[Magnitude]:
    """`几十` is tens, `数亿` hundreds of millions, `上万` ten thousand and more, `十几` over ten."""
    return [_chinese(match) for match in _CHINESE.finditer(text)]


def _chinese(match: re.Match[str]) -> Magnitude:
    power = sum(_POWERS[sign] for sign in match["unit"] or match["tens"] + match["times"])
    also = max((_POWERS[sign] for sign in match["also"] or "" if sign != "上"), default=0)
    grows = (match["open"] or "").startswith(("上", "成", "数以"))
    return Magnitude(match[0], power, max(power + grows, also))


def english_magnitudes(text: str) -> list[Magnitude]:
    """`several hundred`, `dozens`, `hundreds of millions`; `millions` alone may be a hundred of them."""
    return [_english(match) for match in _ENGLISH.finditer(text)]


def _english(match: re.Match[str]) -> Magnitude:
    words = re.findall(_NAME, match[0].lower())
    power = sum(_NAMES[word] for word in words)
    alone = match["plural"] and len(words) == 1 and power >= 3
    return Magnitude(match[0], power, power + 2 if alone else power)


def contradicted(
    here: Iterable[Magnitude], there: Iterable[Magnitude], numbers: Iterable[float], figures: Iterable[float]
) -> tuple[Magnitude, Magnitude] | None:
    """A magnitude of the source that the translation lacks, and one that it has instead.

    `numbers` are those of the source in figures, `figures` those of the translation.
    """
    here, there, numbers, figures = list(here), list(there), list(numbers), list(figures)
    lost = (
        one for one in here if not _meets(one, there) and not any(_holds(one, value) for value in figures)
    )
    new = (one for one in there if not _meets(one, here) and not any(_holds(one, value) for value in numbers))
    pair = next(lost, None), next(new, None)
    return (pair[0], pair[1]) if pair[0] and pair[1] else None


def _meets(one: Magnitude, others: Iterable[Magnitude]) -> bool:
    return any(one.least <= other.most and other.least <= one.most for other in others)


def _holds(one: Magnitude, value: float) -> bool:
    return 10.0**one.least <= value < 10.0 ** (one.most + 1)


# --------------------------------------------------------------------------- when

_WHEN = (
    (r"(?:年|月|周|期|世纪|年代)初|初期|早期|上旬", r"\b(?:early|start|beginning|outset|turn)\b"),
    (r"中旬|年中(?![国文])|中期", r"\b(?:mid|middle|halfway)\b"),
    (r"(?:年|月|周|期|世纪)[底末]|末期|晚期|下旬", r"\b(?:late|end|ends|ended|ending|close|eve)\b"),
)
"""In both languages: the beginning of a time, its middle and its end."""
_WHICH = {
    "last": ("去|昨|上(?:个|一)?", "yesterday"),
    "this": ("今|本|这(?:个|一)?", "today|tonight"),
    "next": ("明|次|下(?:个|一)?", "tomorrow"),
}
"""In Chinese, and in English of days."""
_SPANS = {
    "year": ("年", f"year|{'|'.join(MONTHS)}"),
    "quarter": ("季度?", "quarter"),
    "month": ("个?月", "month"),
    "week": ("周|个?星期|个?礼拜", "week"),
    "century": ("个?世纪", "century"),
    "day": ("[天日晚]", "day|night"),
}
_WHICH_CHINESE, _WHICH_ENGLISH, _SPAN_CHINESE, _SPAN_ENGLISH = (
    "|".join(f"(?P<{name}>{words[side]})" for name, words in rows.items())
    for rows in (_WHICH, _SPANS)
    for side in (0, 1)
)
_CHINESE_SPAN = lazy_pattern(f"(?:{_WHICH_CHINESE})(?:{_SPAN_CHINESE})")
_ENGLISH_SPAN = lazy_pattern(
    rf"\b(?:(?P<which>{'|'.join(_WHICH)}) (?:{_SPAN_ENGLISH})|{_WHICH_ENGLISH})\b", re.IGNORECASE
)
_JUST_PAST = lazy_pattern("[最过近前]")
"""最近一年 is the last year, too."""


def times_contradicted(source: str, target: str) -> Iterator[tuple[str, str]]:
    """What a source says of when, and what the translation says instead: the end of 2023, its beginning."""
    here, there = (
        [re.search(patterns[side], text, re.IGNORECASE) for patterns in _WHEN]
        for side, text in enumerate((source, target))
    )
    lost = [said for said, instead in zip(here, there, strict=True) if said and not instead]
    new = [instead for said, instead in zip(here, there, strict=True) if instead and not said]
    if lost and new:
        yield lost[0][0], new[0][0]
    lost, new = _spans_contradicted(source, target)
    if lost and new:
        yield lost[0][0], new[0][0]


def _spans_contradicted(source: str, target: str) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
    """What only one of both says of the last month, this year or tomorrow."""
    here, there = _spans_in(_CHINESE_SPAN, source), _spans_in(_ENGLISH_SPAN, target)
    lost, new = [], []
    for said in product(_WHICH, _SPANS):
        if said in here and said not in there:
            lost.append(here[said])
        elif said in there and said not in here and not (said[0] == "last" and _JUST_PAST.search(source)):
            new.append(there[said])
    return lost, new


def _spans_in(pattern: re.Pattern[str], text: str) -> dict[tuple[str, str], re.Match[str]]:
    """Which spans a text names, such as ("last", "month"), and where it first does."""
    found: dict[tuple[str, str], re.Match[str]] = {}
    for match in pattern.finditer(text):
        named = match.groupdict()
        which = next((name for name in _WHICH if named[name]), None) or named["which"].lower()
        span = next((name for name in _SPANS if named[name]), "day")
        found.setdefault((which, span), match)
    return found


# --------------------------------------------------------------------------- which way

_WAYS = (
    ("快", "慢", "faster|quicker", "slower"),
    ("高", "低", "higher|taller", "lower"),
    ("大", "小", "larger|bigger", "smaller"),
    ("多", "少", "more|greater", "less|fewer"),
    ("重", "轻", "heavier", "lighter"),
    ("长", "短", "longer", "shorter"),
    ("贵", "便宜", "dearer|pricier|costlier", "cheaper"),
    ("早", "晚", "earlier|sooner", "later"),
    ("[好强优]", "[差弱]", "better|stronger|more powerful", "worse|weaker"),
)
_BY = r"(?:了|上|出)? ?[\d.~-]+ ?(?:%|倍|[A-Za-z]+|毫?秒|分钟|个?小时|天|[年元克米度])"
_BY_ENGLISH = r"[\d.–-]+ ?(?:%|[A-Za-z]+) (?:as )?"
_SHARES = lazy_pattern(_BY), lazy_pattern(_BY_ENGLISH, re.IGNORECASE)

_THING = r"(?:\.?[A-Za-z][\w.+#-]*(?: [0-9][\w.]*)?|v?[0-9]+(?:\.[0-9]+)+)"
_COMPARED = lazy_pattern(rf"({_THING}) ?(?:要|会|则)?比 ?({_THING})([^，。；,;]{{0,10}})", re.ASCII)
_AMOUNT = r"[0-9][0-9.,]*(?: ?(?:%|[kMGT]?i?B|倍|[万亿]))?"
_FROM_TO = lazy_pattern(
    rf"从 ?({_THING}|{_AMOUNT})[^，。；,;]{{0,8}}?[到至为成] ?({_THING}|{_AMOUNT})", re.ASCII
)
_RENAMED = lazy_pattern(
    rf"(?<![\w从])(?<!从 )({_THING})[^，。；,;A-Za-z]{{0,6}}(?:[改更命]名|改写|替换|复制|改|换)[为到成] ?"
    rf"({_THING})",
    re.ASCII,
)
_INSTEAD = lazy_pattern(
    rf"({_THING}|{_AMOUNT}) ?(?:而不是|而非|代替|替代|取代) ?({_THING}|{_AMOUNT})", re.ASCII
)
_SECOND = (
    (_RENAMED, "(?:renamed (?:to |as )?|to |with |into |becomes? |now )"),
    (_INSTEAD, "(?:rather than|instead of|replaces|not) "),
)
"""Where one thing is put for another, and what English says before the one that Chinese names second."""
_CHANGE = lazy_pattern(
    r"[降减跌缩升涨增提](?:低|少|小|至|高|加|长)?(?P<to>[到至])?了?(?:原来的|原价的)? ?(?P<share>[0-9.]+) ?%"
)
_SENTENCE = lazy_pattern(r"[.;!?](?:\s|\Z)")


def ways_contradicted(source: str, target: str) -> Iterator[tuple[str, str]]:
    """By how much something is faster in one language and slower in the other, which is compared with it."""
    if not all(pattern.search(text) for pattern, text in zip(_SHARES, (source, target), strict=True)):
        return
    turned = any(_are_exchanged(match[1], match[2], target) for match in _COMPARED.finditer(source))
    for ways in () if turned else _WAYS:
        up, down = (re.search(f"(?:{way}){_BY}", source) for way in ways[:2])
        more, less = (re.search(rf"{_BY_ENGLISH}(?:{way})\b", target, re.IGNORECASE) for way in ways[2:])
        if up and less and not (down or more):
            yield up[0], less[0]
        elif down and more and not (up or less):
            yield down[0], more[0]


def places_exchanged(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Two names of which the wrong one is faster or comes first: A 比 B 快, 从 A 到 B, A 而非 B."""
    for match in _COMPARED.finditer(source):
        words = _are_exchanged(match[1], match[2], target)
        alike = (
            re.search(ways[side], match[3]) and re.search(rf"\b(?:{ways[side + 2]})\b", words, re.IGNORECASE)
            for ways in _WAYS
            for side in (0, 1)
        )
        if words and any(alike):
            yield match[0], words
    for match in _FROM_TO.finditer(source):
        one, other = (_place(name, target, "from ") for name in match.groups())
        if other and not one and _place(match[1], target, "to "):
            yield match[0], other[0]
    for pattern, before in _SECOND:
        for match in pattern.finditer(source):
            one, other = (_place(name, target, before) for name in match.groups())
            if one and not other:
                yield match[0], one[0]


def ends_exchanged(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Where something falls to a share in one language and by it in the other: 降到 70%, 降了 30%."""
    for match in _CHANGE.finditer(source):
        right, wrong = ("to", "by") if match["to"] else ("by", "to")
        right, wrong = (
            rf"\b{word} (?:[a-z]+ ){{0,2}}{re.escape(match['share'])} ?(?:%|per)" for word in (right, wrong)
        )
        said = re.search(wrong, target)
        if said and not re.search(right, target):
            yield match[0], said[0]


def _are_exchanged(one: str, other: str, target: str) -> str:
    """The sentence that compares the second of two names with the first; nothing where there is none."""
    for sentence in _SENTENCE.split(target):
        before, _, after = sentence.partition(" than ")
        places = [_place(name, side) is not None for name in (one, other) for side in (before, after)]
        if places == [False, True, True, False]:
            return sentence.strip()
    return ""


def _place(name: str, text: str, before: str = "") -> re.Match[str] | None:
    """Where a name stands, behind a word; of `Python 3.12` the version is enough."""
    short = re.escape(name.rpartition(" ")[2])
    behind = rf"\b{before}(?:\w+ )?" if before else ""
    return re.search(rf"{behind}(?<![\w.]){short}(?!\w|\.\w)", text, re.IGNORECASE)
