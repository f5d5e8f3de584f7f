"""The glossary of a run: a file, and the program's own below it if the file says so."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from weekly_translate.data_files import data_file, default_file, read_data, yaml_in
from weekly_translate.glossary.entries import parse_glossary, terms_of
from weekly_translate.glossary.layers import Override, idle_in, layered
from weekly_translate.glossary.matcher import Matcher, matcher

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.model import GlossaryEntry, Term

NAME = "glossary.yaml"


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
        return matcher(self.terms)


def glossary_file(given: Path | None, project: Path) -> Path:
    """The file that is given, else the project's own, else the program's. Raises `UsageError`."""
    return given or data_file(NAME, project)


def read_glossary(given: Path | None, project: Path) -> Glossary:
    """Read the glossary of a run. Raises `UsageError` with the file and the line."""
    path = glossary_file(given, project)
    text = read_data(path)
    entries, extends = entries_in(text, str(path))
    if not extends:
        return Glossary(path, entries, terms_of(entries, str(path)), (), idle_in(entries, ()), _digest(text))
    below = read_data(default_file(NAME))
    theirs, _ = entries_in(below, NAME)
    terms, overrides = layered(entries, theirs, str(path))
    return Glossary(path, entries, terms, overrides, idle_in(entries, theirs), _digest(text + below))


def entries_in(text: str, name: str) -> tuple[tuple[GlossaryEntry, ...], bool]:
    """The entries of a glossary's text, and whether it extends the program's own. Raises `UsageError`."""
    return parse_glossary(yaml_in(text, name))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()
