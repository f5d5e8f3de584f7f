"""Full-width signs in words that nobody translates, because they are not Chinese: `Ask HN：Books?`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.chinese import IN_ASCII
from weekly_translate.model import PassageKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Document, Passage, Span

_OPENING, _OTHERS = "（【〔《〈「『", "，。；：！？、）】〕》〉」』"
_BLANKS = re.compile(rf"(?<=[{_OPENING}])[ \t\u3000]+|[ \t\u3000]+(?=[{_OTHERS}])")
_BEFORE = re.compile(rf"(?<=\w)(?=[{_OPENING}])")
_BEHIND = re.compile(rf"(?<=[{_OTHERS}])(?=\w)(?!(?<=\d[，：])\d)")
"""Where English has a space; `10：30` is a time."""
_MARKUP = re.compile(r"[`<\[\]|$\\]|://")


def ascii_signs(document: Document) -> dict[Span, str]:
    """Plain words that stay as they are, with English signs. What holds markup is left alone."""
    words = {passage.span: document.text[slice(*passage.span)] for passage in _plain(document)}
    english = {span: _in_ascii(text) for span, text in words.items() if not _MARKUP.search(text)}
    return {span: text for span, text in english.items() if text != words[span]}


def _plain(document: Document) -> Iterator[Passage]:
    """A value of the front matter is left out: it might need quotes around an ASCII colon."""
    before = None
    for passage in document.passages:
        if passage.kind is PassageKind.NO_CHINESE and before is not PassageKind.FRONT_MATTER:
            yield passage
        before = passage.kind


def _in_ascii(text: str) -> str:
    return _BEHIND.sub(" ", _BEFORE.sub(" ", _BLANKS.sub("", text))).translate(IN_ASCII)
