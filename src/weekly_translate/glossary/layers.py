"""The glossary of a run: a project's entries over the program's own, if its file says so."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.data_files import data_file, default_file, read_data, yaml_in
from weekly_translate.glossary.entries import Matcher, folded, parse_glossary, spelled, terms_of
from weekly_translate.text.characters import in_half_width

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


# --------------------------------------------------------------------------- the glossary of a run

NAME = "glossary.yaml"
NO_GLOSSARY = "none"
"""Stands for a file without entries."""


@dataclass(frozen=True, slots=True)
class Glossary:
    """The entries of a file and of those below it, and the terms that count."""

    path: Path
    entries: tuple[GlossaryEntry, ...]
    """Those of the file itself."""
    terms: tuple[Term, ...]
    overrides: tuple[Override, ...]
    idle: tuple[GlossaryEntry, ...]
    """Those that switch off something that is not there."""
    digest: str
    """Twelve hex digits of the texts."""

    @property
    def matcher(self) -> Matcher:
        """A new matcher for the terms."""
        return Matcher(self.terms)


def glossary_file(given: Path | None, project: Path) -> Path:
    """The file that is given, else the project's own, else the program's. Raises `UsageError`."""
    return given or data_file(NAME, project)


def read_glossary(given: Path | None, project: Path) -> Glossary:
    """Read the glossary of a run; `none` has no terms. Raises `UsageError` with the file and the line."""
    if given is not None and given.name == NO_GLOSSARY and not given.exists():
        return Glossary(given, (), (), (), (), NO_GLOSSARY)
    path = glossary_file(given, project)
    text = read_data(path)
    entries, extends = entries_in(text, str(path))
    below = read_data(default_file(NAME)) if extends else ""
    theirs, _ = entries_in(below, NAME)
    terms, overrides = layered(entries, theirs, str(path))
    digest = blake2b((text + below).encode(), digest_size=6).hexdigest()
    return Glossary(path, entries, terms, overrides, idle_in(entries, theirs), digest)


def entries_in(text: str, name: str) -> tuple[tuple[GlossaryEntry, ...], bool]:
    """The entries of a glossary's text, and whether it extends the program's own. Raises `UsageError`."""
    return parse_glossary(yaml_in(text, name))
