"""The grammar of the tags: `<a1>label</a1>` around a label, `<m2/>` for what stands alone.

The id stands in the closing tag too, so that a swapped label is as visible as a lost one. Where a source
text already holds a look-alike, its segment uses names with a prefix (`<xa1>`): see `free_prefix`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text import lazy_pattern

if TYPE_CHECKING:
    from weekly_translate.model import Tag

_KIND_AND_NUMBER = r"[abidcm]\d{1,7}"
"""A line of the greatest length that is read has a million tags at most."""
NAME = rf"[xyz]{{0,3}}{_KIND_AND_NUMBER}"
TAG = lazy_pattern(rf"<(?P<close>/?)(?P<name>{NAME})(?P<alone>/?)>")
_PREFIXES = ("", "x", "y", "z", "xy", "xz", "yz", "xyz")
_TEXTS_AT_HAND = 16
"""All checks ask the same questions about the two texts of a pair, one after the other."""


class Token(NamedTuple):
    """A piece of tagged text: `text` when `name` is empty, else a tag."""

    text: str
    name: str = ""
    closes: bool = False
    alone: bool = False


@lru_cache(_TEXTS_AT_HAND)
def tokens_of(text: str) -> tuple[Token, ...]:
    """The text and the tags of a tagged text, in order; joining their texts gives it back."""
    if "<" not in text:
        return (Token(text),) if text else ()
    tokens: list[Token] = []
    position = 0
    for match in TAG.finditer(text):
        if match.start() > position:
            tokens.append(Token(text[position : match.start()]))
        tokens.append(Token(match[0], match["name"], bool(match["close"]), bool(match["alone"])))
        position = match.end()
    if position < len(text):
        tokens.append(Token(text[position:]))
    return tuple(tokens)


def names_in(text: str) -> list[str]:
    """The tags as they are written (`a1`, `/a1`, `m2/`), in order."""
    return [match[0][1:-1] for match in TAG.finditer(text)]


@lru_cache(_TEXTS_AT_HAND)
def without_tags(text: str) -> str:
    """The words alone; the content of a code tag counts as words."""
    return TAG.sub("", text)


@lru_cache(_TEXTS_AT_HAND)
def prose_of(text: str) -> str:
    """The words that are translated: tags are gone, and the content of code tags with them."""
    if "<" not in text:
        return text
    words: list[str] = []
    code = ""
    for token in tokens_of(text):
        if not token.name:
            words.append("" if code else token.text)
        elif "c" in token.name and not token.alone:
            code = "" if token.closes and token.name == code else code or token.name
            words.append(" ")
    return "".join(words)


def well_nested(text: str) -> bool:
    """Whether each opening tag is closed once, by its own name, in the right order."""
    open_names: list[str] = []
    for token in tokens_of(text):
        if not token.name or token.alone:
            continue
        if not token.closes:
            open_names.append(token.name)
        elif not open_names or open_names.pop() != token.name:
            return False
    return not open_names


def opening_of(tag: Tag) -> str:
    """The tag as it stands in a text, opening or alone."""
    return f"<{tag.name}>" if tag.closing else f"<{tag.name}/>"


def closing_of(tag: Tag) -> str:
    """The closing tag, or nothing for a tag that stands alone."""
    return f"</{tag.name}>" if tag.closing else ""


def free_prefix(text: str) -> str:
    """The first prefix of which `text` holds no look-alike."""
    if "<" not in text:
        return ""
    free = (one for one in _PREFIXES if not re.search(rf"</?{one}{_KIND_AND_NUMBER}/?>", text))
    return next(free, _PREFIXES[-1])
