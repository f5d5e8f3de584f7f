"""Titles: the name that must not change, and where the English of a title comes from.

The ladder: a title that is already settled for the address, the name in `name：说明`, the slug of the
address, a translation.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from weekly_translate.model import Segment

_NAME = re.compile(r"([!-;=-~][ -;=-~]{0,60}?) ?：(?=.*[㐀-鿿])")
"""Latin before a full-width colon, and no tag: those begin with `<`."""
_COLON = re.compile(r" ?(?::|：| [–—-](?= )) ?")
_WORD = re.compile(r"[a-z0-9]+")
_SMALL = frozenset({"a", "an", "and", "are", "as", "at", "by", "for", "from", "how", "in", "is", "it", "its"})
_SMALL |= {"of", "on", "or", "the", "to", "what", "why", "with", "your"}
_SIMILAR = 0.5
"""From here on two Chinese titles of one address name one work: those of a site's pages do not."""
_REUSED = 0.8
"""So many of the slug's content words has a title that comes from it."""


class TitleOrigin(StrEnum):
    """Where the English of a title comes from, the surest first."""

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
    expected = [word for word in _WORD.findall(segment.hint.lower()) if word not in _SMALL]
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
