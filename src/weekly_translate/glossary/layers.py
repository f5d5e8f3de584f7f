"""A project's glossary over the program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.glossary.entries import spelled, terms_of
from weekly_translate.glossary.matcher import folded
from weekly_translate.text.chinese import in_half_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.model import GlossaryEntry, Term


class Override(NamedTuple):
    """An entry of the project that stands in place of one of the program's."""

    ours: Term
    theirs: Term
    line: int

    @property
    def is_conflict(self) -> bool:
        """Whether the two want different English."""
        return self.ours.target not in self.theirs.renderings


def layered(
    ours: Iterable[GlossaryEntry], theirs: Iterable[GlossaryEntry], name: str
) -> tuple[tuple[Term, ...], tuple[Override, ...]]:
    """All terms of both; a source that both have is ours, whatever its senses, and what is off is out.

    Raises `UsageError` for a source that stands twice in one of them.
    """
    ours = tuple(ours)
    lines = {_key(term): entry.line for entry in ours if not entry.off for term in spelled(entry)}
    own = terms_of(ours, name)
    off = [term for entry in ours if entry.off for term in spelled(entry)]
    others = [
        term
        for term in terms_of(theirs, "the program's glossary")
        if not any(_switches_off(one, term) for one in off)
    ]
    by_key = {_key(term): term for term in reversed(own)}
    overrides = (
        Override(by_key[_key(term)], term, lines[_key(term)]) for term in others if _key(term) in by_key
    )
    return (*own, *(term for term in others if _key(term) not in by_key)), tuple(overrides)


def idle_in(ours: Iterable[GlossaryEntry], theirs: Iterable[GlossaryEntry]) -> tuple[GlossaryEntry, ...]:
    """The entries that switch off what is not there."""
    others = [term for entry in theirs for term in spelled(entry)]
    return tuple(
        entry
        for entry in ours
        if entry.off and not any(_switches_off(one, term) for one in spelled(entry) for term in others)
    )


def _switches_off(off: Term, term: Term) -> bool:
    """All senses of a source, or with `near` the one that stands near the same words."""
    return _key(off) == _key(term) and (not off.near or set(off.near) == set(term.near))


def _key(term: Term) -> str:
    return folded(in_half_width(term.source))
