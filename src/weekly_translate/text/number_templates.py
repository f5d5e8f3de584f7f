"""Texts that differ only in their numbers: `本期分享了 12 篇文章` every week, with another count."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.english_numbers import english_quantities
from weekly_translate.text.numbers import QuantityKind, in_english
from weekly_translate.text.tags import TAG, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.text.numbers import Quantity

_REPLACED = {QuantityKind.NUMBER, QuantityKind.ORDINAL, QuantityKind.PERCENT, QuantityKind.MULTIPLE}
"""A date or a version is part of what a text says: another one makes another text."""
_FIGURE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_ENDING = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b")
_HOLE = "\x01"


def template_of(source: str) -> str:
    """The Chinese text with a hole for each number; nothing where it states none.

    Two texts of one template differ in the values of their numbers only.
    """
    numbers = _numbers_in(source, chinese_quantities)
    holes = [(number, f"{_HOLE}{number.kind} {number.about}{_HOLE}") for number in numbers]
    return _replaced(source, holes) if holes else ""


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
    written = [(old, _written(old, changes[old.value])) for old in there]
    texts = [(old, text) for old, text in written if text is not None]
    return _replaced(target, texts) if len(texts) == len(written) else None


def _written(old: Quantity, new: Quantity) -> str | None:
    """A number in the place and style of another: `#12` → `#13`, `12th` → `21st`, `30%` → `7.5%`."""
    if old.value == new.value:
        return old.text
    figures = _FIGURE.findall(old.text)
    if len(figures) != 1 or Decimal(figures[0].replace(",", "")) != old.value:
        return None
    if old.kind is QuantityKind.NUMBER and (1 in (old.value, new.value)):
        return None  # 1 article, 2 articles
    bare = new._replace(kind=old.kind, about="", text="")
    (figure,) = _FIGURE.findall(in_english(bare)) or ("",)
    if not figure or Decimal(figure.replace(",", "")) != new.value:
        return None  # 3 million, where figures stood
    if "," not in figures[0] and old.value >= 1_000:  # type: ignore[operator]  # a figure's value is a number
        figure = figure.replace(",", "")
    text = old.text.replace(figures[0], figure)
    return _ENDING.sub(in_english(bare).removeprefix(figure), text) if _ENDING.search(text) else text


def _numbers_in(text: str, quantities: Callable[[str], list[Quantity]]) -> list[Quantity]:
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
    if not TAG.search(text):
        return
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


def _replaced(text: str, places: Iterable[tuple[Quantity, str]]) -> str:
    pieces, position = [], 0
    for quantity, written in places:
        pieces += [text[position : quantity.span.start], written]
        position = quantity.span.end
    return "".join([*pieces, text[position:]])
