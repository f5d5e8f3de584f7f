"""Glossaries of the tests, from their entries to their terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.glossary.entries import parse_entries, terms_of

if TYPE_CHECKING:
    from weekly_translate.model import Term


def parse_glossary(data: object, name: str = "g") -> tuple[Term, ...]:
    """The terms of a glossary that extends no other one. Raises `UsageError`."""
    return terms_of(parse_entries(data, name), name)
