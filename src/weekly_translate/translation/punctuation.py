"""Full-width signs in an English text -> ASCII, spaced as English spaces them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.chinese import HAN, IN_ASCII, in_half_width
from weekly_translate.translation.pieces import edited

if TYPE_CHECKING:
    from weekly_translate.model import Segment

_OPENING, _CLOSING, _STOPS = "（【〔《〈「『", "）】〕》〉」』", "，。；：！？、"
_RUN = re.compile(rf"[ \t\u3000]{{0,4}}([{_OPENING}{_CLOSING}{_STOPS}]+)[ \t\u3000]{{0,4}}")
_OTHER_SIGNS = re.compile("[＃-＆＊＋－-９＝＠-Ｚ＾＿ａ-ｚ～]+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "＂": '"', "＇": "'"})
_OPENING_TAG = re.compile(r"<[a-z]{1,4}\d{1,4}>\Z")
_HAN = re.compile(f"[{HAN}]")


def in_english_punctuation(text: str, segment: Segment) -> str:
    """The text with ASCII signs and single spaces outside code; signs beside Chinese stay with it."""
    return edited(text, segment, _in_ascii)


def _in_ascii(text: str) -> str:
    text = _OTHER_SIGNS.sub(lambda match: in_half_width(match[0]), _RUN.sub(_run_in_ascii, text))
    text = re.sub("…+", "...", text.translate(_QUOTES))
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)


def _run_in_ascii(match: re.Match[str]) -> str:
    before = match.string[max(match.start() - 12, 0) : match.start()]
    after = match.string[match.end() : match.end() + 2]
    if _HAN.match(before[-1:]) or _HAN.match(after):
        return match[0]
    signs = re.sub(rf"(?<=[{_STOPS}{_CLOSING}])(?=[{_OPENING}])", " ", match[1])
    number = signs in ("，", "：") and match[0] == signs and before[-1:].isdigit() and after[:1].isdigit()
    tail = "" if number else _space_after(signs[-1], after)
    return _space_before(signs[0], before) + signs.translate(IN_ASCII) + tail


def _space_before(sign: str, before: str) -> str:
    """Only what opens has a space before it, unless something else has just been opened."""
    opened = not before or before[-1] in " ([\"'\n" or _OPENING_TAG.search(before)
    return " " if sign in _OPENING and not opened else ""


def _space_after(sign: str, after: str) -> str:
    """What closes or stops has a space behind it, unless something else closes or stops there."""
    closed = not after or after[0] in f" ,.;:!?)]\"'%\n”’…{_STOPS}{_CLOSING}" or after.startswith("</")
    return "" if sign in _OPENING or closed else " "
