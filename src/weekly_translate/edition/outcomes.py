"""Which issue a document is, and what an edition makes of it. Frozen values; none does anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.edition.values import RuleKind
    from weekly_translate.model import Document, Feature, Finding, Span


class Title(NamedTuple):
    """A title of the document: its line, the whole of it, and the part that is its words."""

    line: int
    whole: Span
    words: Span
    quotes: str = ""
    """Those around a value of the front matter."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Which issue a document is: what the title, the front matter and the name of the file say."""

    number: str = ""
    date: str = ""
    """ISO 8601."""
    title: str = ""
    titles: tuple[Title, ...] = ()
    """Where the title stands, the front matter's first."""
    findings: tuple[Finding, ...] = ()
    """Where what they say does not agree."""


class Rule(NamedTuple):
    """A rule that can fire: what it is about, its name, and the line of it in the edition's file."""

    kind: RuleKind
    name: str
    line: int


class Use(NamedTuple):
    """A rule that fired: the lines of the source, one for each time, and what stands there now."""

    kind: RuleKind
    rule: str
    lines: tuple[int, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edition makes of a document: what is left to translate, and every difference it declares."""

    document: Document
    """Without the segments and marks of the lines that are dropped or replaced."""
    fixed: Mapping[Span, str]
    """What stands in the English in place of a stretch of the source."""
    settled: Mapping[str, str]
    """Segments that the edition has translated: id -> English."""
    expected: tuple[Feature, ...]
    """What the English has to hold: the features of the source but for the declared differences."""
    uses: tuple[Use, ...] = ()
    covered: frozenset[int] = frozenset()
    """The lines of the source that are dropped or replaced."""
    inserted: tuple[str, ...] = ()
    """The texts that the edition has written, as they stand in the English."""
