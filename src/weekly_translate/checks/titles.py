"""Titles of the form `name：说明`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Kind
from weekly_translate.text.tags import without_tags
from weekly_translate.text.titles import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair


def the_name_leads_the_title(pair: Pair) -> Iterator[str]:
    """The name before the colon of a title is kept byte for byte: codegate is not Code Gate."""
    name, written = _names(pair)
    if name and not written:
        yield f"the title does not hold the name {name}"


def the_name_keeps_its_case(pair: Pair) -> Iterator[str]:
    """A name that got capitals may be what its project is called: cudf is cuDF."""
    name, written = _names(pair)
    if written and written != name:
        yield f"the title writes the name {name} as {written}"


def _names(pair: Pair) -> tuple[str, str]:
    """The name of a title and how the translation writes it; nothing for what is not there.

    Capitals may be more, but not fewer: GitHub is not Github.
    """
    name = name_of(pair.segment.text) if pair.segment.kind is Kind.TITLE else ""
    target = without_tags(pair.target)
    if not name or name in target:
        return name, name
    match = re.search(re.escape(name), target, re.IGNORECASE)
    return name, match[0] if match and _capitals(match[0]) > _capitals(name) else ""


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))
