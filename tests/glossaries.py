"""Glossaries of the tests, from their entries to their terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.data_files import DataText
from weekly_translate.glossary import entries
from weekly_translate.glossary.entries import terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.model import GlossaryEntry, Term


def entries_of(data: object, name: str = "g", lines: Sequence[int] = ()) -> tuple[GlossaryEntry, ...]:
    """The entries of a glossary, which begin on these lines. Raises `UsageError`."""
    line: dict[str | int, int] = dict(enumerate(lines))
    return entries.parse_glossary(DataText(name, data, lambda steps: line.get(steps[0], 0) if steps else 0))[
        0
    ]


def parse_glossary(data: object, name: str = "g") -> tuple[Term, ...]:
    """The terms of a glossary that extends no other one. Raises `UsageError`."""
    return terms_of(entries_of(data, name), name)
