"""How a newsletter marks its texts: item numbers before them, language notes and star counts behind them.

What each of them looks like is said here and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIGURES = r"\d{1,3}"
CIRCLED = "①-⑳㉑-㉟㊱-㊿❶-❿"
"""Numbers in circles, for use inside a character class. They read the same in English."""
ITEM = rf"{_FIGURES}、"
"""The usual number of an item, which an edition writes as English does."""
ITEM_NUMBER = re.compile(rf"({_FIGURES})(?:、|[.)](?=[ \t]))|[（(]({_FIGURES})[)）]")
"""The number of an item in Chinese or English, where its line begins: `1、`, `1. `, `(1)`."""
CIRCLED_NUMBER = re.compile(rf"\s*([{CIRCLED}])")
KEPT_NUMBER = rf"\s*(?:[{CIRCLED}]\s*|{_FIGURES}[.)]\s+)"
"""Numbers that English writes alike: they stay byte for byte."""


@dataclass(frozen=True, slots=True)
class MarkPatterns:
    """How a newsletter writes its marks. One group of each, the first that took part, is the mark's value.

    `item` is matched where a line begins; `note` and `stars` are searched for at its end.
    """

    item: re.Pattern[str] = re.compile(rf"\s*(?:({_FIGURES})、|([（(]{_FIGURES}[)）]))\s*")
    note: re.Pattern[str] = re.compile(r"\s*[（(](英文?|中文?|中译|英译|中英|英中|日文?)[)）]\s*\Z")
    stars: re.Pattern[str] = re.compile(
        r"\s*[（(]\s*stars?\s*[:：]?\s*(\d[\d.,]*\s?[kKwW万]?\+?)\s*[)）]\s*\Z", re.IGNORECASE
    )


def value_of(match: re.Match[str]) -> str:
    """What a mark says: the first group that took part."""
    return match[match.lastindex or 0]


def bare_number(value: str) -> str:
    """The number of an item without the parentheses that it may be written in."""
    return value.strip("（()）")
