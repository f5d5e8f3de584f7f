"""What an edition says. Frozen values; none does anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from weekly_translate.model import Document, Feature, Finding, Span, Term
    from weekly_translate.text.marks import MarkPatterns


class Selector(NamedTuple):
    """Lines of a text: of a section, those that match, all before a match, or all from it on."""

    kind: str
    pattern: re.Pattern[str]
    lines: tuple[int, int] = (0, 0)
    entry: str = ""
    """Where it stands in its file: `allow.yaml:3`."""


class Rewrite(NamedTuple):
    """An address of the source and what stands for it in the target."""

    pattern: re.Pattern[str]
    replacement: str
    entry: str = ""
    """Where it stands in its file: `allow.yaml:3`."""
    name: str = ""
    """The prefix or the pattern, as the rule has it."""
    line: int = 0


class NotePolicy(StrEnum):
    """Whether `(英)` becomes `(EN)`, vanishes, or vanishes and the Chinese ones are marked instead."""

    KEEP = "keep"
    DROP = "drop"
    INVERT = "invert"


class RuleKind(StrEnum):
    """What a rule is about, in a person's words."""

    TITLE = "title"
    FRONT_MATTER = "front matter"
    HEADER = "header"
    FOOTER = "footer"
    HEADING = "heading"
    ITEM = "item number"
    NOTE = "language note"
    STARS = "star count"
    DROPPED = "dropped"
    REPLACED = "replaced"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Lines of the source for which `text`, a template, stands; an empty one drops them."""

    name: str
    where: Selector
    text: str = ""
    since: str = ""
    """Issues of an earlier date (ISO 8601) have the lines dropped: what the text announces did not exist."""
    line: int = 0
    """Where the rule stands in the file of the edition."""

    @property
    def kind(self) -> RuleKind:
        """Whether anything takes the place of the lines."""
        return RuleKind.REPLACED if self.text else RuleKind.DROPPED


@dataclass(frozen=True, slots=True)
class Heading:
    r"""A heading whose words match `pattern` as a whole reads `text`, in which `\1` is a group."""

    pattern: re.Pattern[str]
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """What is different for one issue: values for the templates, and rules that do not apply."""

    values: Mapping[str, str]
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edition:
    """The house rules of one kind of document, as its file in `editions/` says them."""

    name: str
    file: str
    marks: MarkPatterns
    """How the source marks item numbers, language notes and star counts."""
    written: MarkPatterns
    """How the English does, by `items`, `notes` and `stars`."""
    items: str = "{number}. "
    stars: str = "({count} stars)"
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """`英` -> `EN`."""
    note_policy: NotePolicy = NotePolicy.KEEP
    usual: str = "EN"
    """The note that goes without saying with the policy `invert` ..."""
    unmarked: str = "Chinese"
    """... and the note of an item that has none."""
    shape: tuple[re.Pattern[str], ...] = ()
    """A document is of this kind if each of these is found in one of its lines; without any, none is."""
    lacks: tuple[re.Pattern[str], ...] = ()
    """... and if none of these is."""
    issue: re.Pattern[str] | None = None
    """Finds `number` and `title` in the title of the source."""
    title: str = ""
    """A template for the first line, in place of the title of the source; empty where that is translated."""
    keeps_front_matter: bool = True
    header: str = ""
    """A template that stands below the title."""
    footer: str = ""
    """A template that stands at the end."""
    headings: tuple[Heading, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    urls: tuple[Rewrite, ...] = ()
    terms: tuple[Term, ...] = ()
    """Phrases of the newsletter that have one rendering: `附：` is `See also:`."""
    kept: frozenset[str] = frozenset()
    """Names that stay Chinese."""
    overrides: Mapping[str, Override] = field(default_factory=lambda: MappingProxyType({}))
    """By number (`7`) or date (`2023-06-17`) of the issue."""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further variables of the templates; in them, `{number}` and `{date}` are filled."""
    places: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The line of each key of the file."""


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
