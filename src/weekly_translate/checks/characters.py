"""Characters: nothing invisible, nothing broken, no Chinese punctuation, the same emoji."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.text.chinese import CHINESE_PUNCTUATION, HAN
from weekly_translate.text.emoji import emoji_in
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_MARKS = "".join(mark for mark in CHINESE_PUNCTUATION if mark not in "…～")
_PUNCTUATION = re.compile(f"(?<![{HAN}])[{_MARKS}](?![{HAN}])|……")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN = re.compile("[\U000e0000-\U000e007f\U000e0100-\U000e01ef\ufe00-\ufe0d\u3164\uffa0\u115f\u1160]")
_PICTURE = "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff"
_ZERO_WIDTH = re.compile(f"[\u200b\u200c\u2060-\u2064\ufeff\u00ad]|(?<![{_PICTURE}\ufe0f])\u200d")
_REPLACEMENT = re.compile("\ufffd")
_SURROGATE = re.compile("[\ud800-\udfff]")


def no_control_character(pair: Pair) -> Iterator[str]:
    """No C0 or C1 control but tab and line feed: an escape could steer a terminal."""
    yield from _unexpected(_CONTROL, pair, "control character")


def no_direction_mark(pair: Pair) -> Iterator[str]:
    """No mark that turns the order in which text is shown."""
    yield from _unexpected(_BIDI, pair, "direction mark")


def no_hidden_text(pair: Pair) -> Iterator[str]:
    """No tag characters or rare variation selectors, which can carry text that nobody sees."""
    yield from _unexpected(_HIDDEN, pair, "hidden character")


def no_zero_width(pair: Pair) -> Iterator[str]:
    """No zero-width space, soft hyphen or byte order mark; a joiner only inside an emoji."""
    yield from _unexpected(_ZERO_WIDTH, pair, "zero-width character")


def no_replacement_character(pair: Pair) -> Iterator[str]:
    """No sign of a character that was lost in decoding."""
    yield from _unexpected(_REPLACEMENT, pair, "damaged character")


def no_surrogate(pair: Pair) -> Iterator[str]:
    """No half of an emoji: it cannot be written to a file."""
    yield from _unexpected(_SURROGATE, pair, "half of a character")


def _unexpected(pattern: re.Pattern[str], pair: Pair, name: str) -> Iterator[str]:
    """One sentence for all characters of a kind that the source lacks, by their code points."""
    found = sorted({sign for sign in pattern.findall(pair.target) if sign not in pair.segment.text})
    if found:
        yield f"{name} that the source lacks: {', '.join(map(_code_point, found[:5]))}"


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def punctuation_is_english(pair: Pair) -> Iterator[str]:
    """No full-width mark, except beside Chinese characters, where the Chinese is the fault."""
    found = dict.fromkeys(_PUNCTUATION.findall(prose_of(pair.target)))
    if found:
        yield f"Chinese punctuation is left: {' '.join(found)}"


def emoji_survive(pair: Pair) -> Iterator[str]:
    """The emoji of the source, as often and no others."""
    here, there = (
        [sign for _, sign in emoji_in(prose_of(text))] for text in (pair.segment.text, pair.target)
    )
    if here == there:
        return
    expected, found = Counter(here), Counter(there)
    if lost := expected - found:
        yield f"emoji lost: {' '.join(lost.elements())}"
    if added := found - expected:
        yield f"emoji added: {' '.join(added.elements())}"
