"""Texts that stand for each other: alike but for numbers, which are written anew, or titles of one work."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.text.characters import lazy_pattern, tokens_of, with_replaced, without_tags
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.dictionary import function_words
from weekly_translate.text.numbers import (
    FIGURE_ALONE,
    MONTHS,
    QuantityKind,
    date_parts,
    english_quantities,
    figure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.model import Segment
    from weekly_translate.text.numbers import Quantity

_REPLACED = {QuantityKind.NUMBER, QuantityKind.ORDINAL, QuantityKind.PERCENT, QuantityKind.MULTIPLE}
"""A date or a version is part of what a text says: another one makes another text."""
_ENDING = lazy_pattern(r"(?<=[0-9])(?:st|nd|rd|th)\b")
_HOLE = "\x01"
_LARGE = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))


@lru_cache(maxsize=10_000)
def template_of(source: str) -> str:
    """The Chinese text with a hole for each number; nothing where it states none.

    Two texts of one template differ in the values of their numbers only.
    """
    numbers = _numbers_in(source, chinese_quantities)
    holes = [(*number.span, f"{_HOLE}{number.kind} {number.about}{_HOLE}") for number in numbers]
    return with_replaced(source, holes) if holes else ""


def refilled(source: str, target: str, wanted: str) -> str | None:
    """The target of `source` with the numbers of `wanted`, a text of the same template.

    None where a number cannot be carried over without doubt: it stands in words, with a magnitude or more
    than once with different new values, or one of something becomes many.
    """
    before, after = (_numbers_in(text, chinese_quantities) for text in (source, wanted))
    if len(before) != len(after):
        return None
    changes: dict[Decimal | str, Quantity] = {}
    for old, new in zip(before, after, strict=True):
        if changes.setdefault(old.value, new).value != new.value:
            return None
    there = _numbers_in(target, english_quantities)
    if Counter(one.value for one in there) != Counter(one.value for one in before):
        return None
    written = ((old.span, _written(old, changes[old.value])) for old in there)
    texts = [(*span, text) for span, text in written if text is not None]
    return with_replaced(target, texts) if len(texts) == len(there) else None


def _written(old: Quantity, new: Quantity) -> str | None:
    """A number in the place and style of another: `#12` → `#13`, `12th` → `21st`, `30%` → `7.5%`."""
    if old.value == new.value:
        return old.text
    figures = FIGURE_ALONE.findall(old.text)
    if len(figures) != 1 or figure(figures[0]) != old.value:
        return None
    if old.kind is QuantityKind.NUMBER and (1 in (old.value, new.value)):
        return None  # 1 article, 2 articles
    bare = in_english(new._replace(kind=old.kind, about="", text=""))
    (wanted,) = FIGURE_ALONE.findall(bare) or ("",)
    if not wanted or figure(wanted) != new.value:
        return None  # 3 million, where figures stood
    if "," not in figures[0] and figure(figures[0]) >= 1_000:
        wanted = wanted.replace(",", "")
    text = old.text.replace(figures[0], wanted)
    return _ENDING.sub(bare.removeprefix(wanted), text) if _ENDING.search(text) else text


def in_english(quantity: Quantity) -> str:
    """The quantity as English writes it: `74,000`, `over 1.7 billion`, `30%`, `3x`, `August 5, 2024`."""
    if quantity.kind is QuantityKind.DATE:
        iso = quantity.text.isascii() and "-" in quantity.text
        return quantity.text if iso else _date(str(quantity.value))
    if quantity.kind is QuantityKind.TIME:
        return str(quantity.value)
    if not isinstance(quantity.value, Decimal):
        return quantity.text
    return f"{quantity.about.removeprefix('more by')} {_signed(quantity)}".lstrip()


def _signed(quantity: Quantity) -> str:
    """The bare value with its sign: `30%`, `3x`, `7th`, `15% off`, `1990s`."""
    value = Decimal(quantity.value)
    if quantity.kind is QuantityKind.ORDINAL:
        ending = {1: "st", 2: "nd", 3: "rd"}.get(int(value) % 10, "th")
        return f"{plain(value)}{'th' if int(value) % 100 in (11, 12, 13) else ending}"
    if quantity.kind in _SIGNS:
        return _SIGNS[quantity.kind](value)
    if FIGURE_ALONE.fullmatch(quantity.text) and figure(quantity.text) == value:
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


_SIGNS: dict[QuantityKind, Callable[[Decimal], str]] = {
    QuantityKind.PERCENT: lambda value: f"{plain(value)}%",
    QuantityKind.DISCOUNT: lambda value: f"{plain(100 - value)}% off",
    QuantityKind.MULTIPLE: lambda value: f"{_number(value)}x",
    QuantityKind.DECADE: lambda value: f"{value}s",
}


def _date(value: str) -> str:
    """`August 5, 2024`, `August 2024`, `August 5`, `August`, `2024`."""
    year, month, day = date_parts(value)
    words = [MONTHS[month - 1]] if month else []
    if day:
        words.append(f"{day}," if year else str(day))
    return " ".join([*words, str(year)] if year else words)


def _numbers_in(text: str, quantities: Callable[[str], tuple[Quantity, ...]]) -> list[Quantity]:
    """The numbers that have to be in a translation, but for those in tags and in code."""
    taken = list(_tags_and_code(text))
    return [
        quantity
        for quantity in quantities(text)
        if quantity.demanded
        and quantity.kind in _REPLACED
        and not any(start < quantity.span.end and quantity.span.start < end for start, end in taken)
    ]


def _tags_and_code(text: str) -> Iterable[tuple[int, int]]:
    position, code, begun = 0, "", 0
    for token in tokens_of(text):
        end = position + len(token.text)
        if token.name and not code:
            yield position, end
        if "c" in token.name and not token.alone:
            if token.closes and token.name == code:
                yield begun, end
                code = ""
            elif not code:
                code, begun = token.name, position
        position = end


# --------------------------------------------------------------------------- titles

_NAME = lazy_pattern(r"([!-;=-~][ -;=-~]{0,60}?) ?：(?=.*[㐀-鿿])")
"""Latin before a full-width colon, and no tag: those begin with `<`."""
_COLON = lazy_pattern(r" ?(?::|：| [–—-](?= )) ?")
_WORD = lazy_pattern(r"[a-z0-9]+")
_SIMILAR = 0.5
"""From here on two Chinese titles of one address name one work: those of a site's pages do not."""
_REUSED = 0.8
"""So many of the slug's content words has a title that comes from it."""


class TitleOrigin(StrEnum):
    """Where the English of a title comes from, the surest first: NAME is that in `name：说明`."""

    MAP = "map"
    MEMORY = "memory"
    NAME = "name"
    SLUG = "slug"
    TRANSLATED = "translated"


def name_of(title: str) -> str:
    """The `codegate` of `codegate：AI 编程助手的隐私与安全`; nothing where no name stands in front.

    Several blanks in it are one: no reader sees more.
    """
    match = _NAME.match(title)
    return " ".join(match[1].split()) if match else ""


def with_name(target: str, title: str) -> str:
    """The translation with the name as the source writes it, where it only was re-cased or respaced."""
    name, colon = name_of(title), _COLON.search(target)
    if not name or not colon or target.startswith(f"{name}: "):
        return target
    written, rest = target[: colon.start()], target[colon.end() :]
    return f"{name}: {rest}" if rest and _letters(written) == _letters(name) else target


def origin_of(segment: Segment, target: str) -> TitleOrigin:
    """Where a title comes from that a model has written."""
    name = name_of(segment.text)
    if name and target.startswith(name):
        return TitleOrigin.NAME
    expected = [word for word in _WORD.findall(segment.hint.lower()) if word not in function_words()]
    written = set(_WORD.findall(without_tags(target).lower()))
    if expected and sum(word in written for word in expected) >= _REUSED * len(expected):
        return TitleOrigin.SLUG
    return TitleOrigin.TRANSLATED


def same_work(one: str, other: str) -> bool:
    """Whether two Chinese titles that link to one address name the same work: a name, or half of the text."""
    if (name := name_of(one)) and name == name_of(other):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SIMILAR


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
