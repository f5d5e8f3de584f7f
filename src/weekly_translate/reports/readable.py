"""A tagged text as a person reads it: its tags as the Markdown that they stand for, without the addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.reports.reviewed import ShownTag

_SIGNS = {"link": "[]", "bold": ("**", "**"), "italics": "**", "strike": ("~~", "~~"), "code": "``"}


def readable(text: str, tags: Iterable[ShownTag]) -> str:
    """`<a1>docs</a1> of <c2>gc</c2>` is ``[docs] of `gc` ``; what stands alone is its own bytes."""
    known = {tag.name: tag for tag in tags}
    written = []
    for token in tokens_of(text):
        tag = known.get(token.name)
        if tag is None:
            written.append(token.text)
        elif token.alone:
            written.append(tag.text)
        else:
            opening, closing = _SIGNS.get(tag.kind, ("", ""))
            written.append(closing if token.closes else opening)
    return "".join(written)
