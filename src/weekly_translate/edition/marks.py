"""The marks around a text, rendered by rule: item numbers, language notes, star counts (D6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.errors import UsageError
from weekly_translate.model import MarkKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.model import Document, Mark, Span

_KEYS = {"items": "{number}", "stars": "{count}", "notes": ""}
_INDENTED_BELOW = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*(?: {3}|\t)")


@dataclass(frozen=True, slots=True)
class Edition:
    """How marks are written: `items` and `stars` are templates, `notes` maps `英` to `EN`."""

    name: str
    items: str
    stars: str
    notes: Mapping[str, str]


def parse_edition(data: object, name: str) -> Edition:
    """An edition from what its YAML file holds. Raises `UsageError` that names the key."""
    if not isinstance(data, dict) or data.keys() != _KEYS.keys():
        message = f"{name}: an edition has exactly the keys {', '.join(sorted(_KEYS))}."
        raise UsageError(message)
    for key, placeholder in _KEYS.items():
        if placeholder and (not isinstance(data[key], str) or placeholder not in data[key]):
            message = f"{name}: '{key}' is a text that holds {placeholder}."
            raise UsageError(message)
    notes = data["notes"]
    if not isinstance(notes, dict) or not all(isinstance(v, str) for pair in notes.items() for v in pair):
        message = f"{name}: 'notes' maps a Chinese note to an English one, for instance 英: EN."
        raise UsageError(message)
    return Edition(name, data["items"], data["stars"], MappingProxyType(notes))


def fixed_texts(document: Document, edition: Edition) -> dict[Span, str]:
    """What stands in the English in place of each mark that the edition knows."""
    texts = ((mark.span, _rendered(mark, document.text, edition)) for mark in document.marks)
    return {span: text for span, text in texts if text is not None}


def _rendered(mark: Mark, source: str, edition: Edition) -> str | None:
    if mark.kind is MarkKind.ITEM:
        return _item(mark, source, edition)
    if mark.kind is MarkKind.STARS:
        return " " + edition.stars.replace("{count}", mark.value.removesuffix(" "))
    note = edition.notes.get(mark.value)
    return f" ({note})" if note else None


def _item(mark: Mark, source: str, edition: Edition) -> str:
    """`1. ` begins a list, to which an indented block below would belong: there it is `(1) `."""
    number = mark.value.strip("（）()")
    if number != mark.value or _INDENTED_BELOW.match(source, mark.span.end):
        return f"({number}) "
    return edition.items.replace("{number}", number)
