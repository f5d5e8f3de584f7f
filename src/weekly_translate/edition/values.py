"""What an edition says, and its templates. Frozen values; none does anything."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text import lazy_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Document, Feature, Finding, Span, Term
    from weekly_translate.text.characters import MarkPatterns


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


class Replacement(NamedTuple):
    """Lines of the source for which `text`, a template, stands; an empty one drops them."""

    name: str
    where: Selector
    text: str = ""
    takes_items: bool = False
    """Whether numbered items go with the lines; else that is refused."""
    since: str = ""
    """Issues of an earlier date (ISO 8601) have the lines dropped: what the text announces did not exist."""
    line: int = 0
    """Where the rule stands in the file of the edition."""

    @property
    def kind(self) -> RuleKind:
        """Whether anything takes the place of the lines."""
        return RuleKind.REPLACED if self.text else RuleKind.DROPPED


REST = "{rest}"
"""In the pattern and the English of a heading: the words that are left to translate."""


class Heading(NamedTuple):
    r"""A heading whose words match `pattern` as a whole reads `text`, in which `\1` is a group.

    What stands for `{rest}` in both is translated.
    """

    pattern: re.Pattern[str]
    text: str
    line: int = 0


class IssueOverride(NamedTuple):
    """What is different for one issue: values for the templates, and rules that do not apply."""

    values: Mapping[str, str]
    without: frozenset[str] = frozenset()


class Edition(NamedTuple):
    """The house rules of one kind of document, as its file in `editions/` says them."""

    name: str
    file: str
    marks: MarkPatterns
    """How the source marks item numbers, language notes and star counts."""
    written: MarkPatterns
    """How the English does, by `items`, `notes` and `stars`."""
    items: str = "{number}. "
    stars: str = "({count} stars)"
    notes: Mapping[str, str] = MappingProxyType({})
    """`英` -> `EN`."""
    note_policy: NotePolicy = NotePolicy.KEEP
    note_sections: tuple[tuple[re.Pattern[str], NotePolicy], ...] = ()
    """Patterns for headings below which another policy applies; the first one that fits counts."""
    usual: str = "EN"
    """The note that goes without saying with the policy `invert` ..."""
    unmarked: str = "Chinese"
    """... and the note of an item that has none."""
    shape: tuple[re.Pattern[str], ...] = ()
    """A document is of this kind if each of these is found in one of its lines; without any, none is."""
    lacks: tuple[re.Pattern[str], ...] = ()
    """... and if none of these is."""
    about: str = ""
    """What is translated and for whom, for the prompt."""
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
    """Phrases of the newsletter that have one rendering, or a few: `附：` is `See also:` or `Note:`."""
    kept: frozenset[str] = frozenset()
    """Names that stay Chinese."""
    overrides: Mapping[str, IssueOverride] = MappingProxyType({})
    """By number (`7`) or date (`2023-06-17`) of the issue."""
    values: Mapping[str, str] = MappingProxyType({})
    """Further variables of the templates; in them, `{number}` and `{date}` are filled."""
    places: Mapping[str, int] = MappingProxyType({})
    """The line of each key of the file."""


class Title(NamedTuple):
    """A title of the document: its line, the whole of it, and the part that is its words."""

    line: int
    whole: Span
    words: Span
    quotes: str = ""
    """Those around a value of the front matter."""


class Issue(NamedTuple):
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


class Edited(NamedTuple):
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


# --------------------------------------------------------------------------- templates

_FENCE = lazy_pattern(r" {0,3}(`{3,}|~{3,})(.*)")
_VARIABLE = lazy_pattern(r"(?<!\{)\{([A-Za-z_]\w*)\}(?!\})")
"""`{{number}}` is left alone: so a text can show braces."""
_OPTIONAL = lazy_pattern(r"\{\?(.*?)\?\}")
"""`# Weekly #{number}{?: {title}?}`: what stands there only if there is a title."""
_SPACED = lazy_pattern(r"(?<!\{)\{(?:[ \t]+([A-Za-z_]\w*)[ \t]*|([A-Za-z_]\w*)[ \t]+)\}(?!\})")
_SHOWN = lazy_pattern(r"\{(\{[A-Za-z_]\w*\})\}")


def variables_in(template: str) -> list[str]:
    """The names that a template has to be given, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(template)))


def spaced_variables_in(template: str) -> list[str]:
    """The names in braces with a blank, `{ number }`: they would not be filled."""
    return list(dict.fromkeys(front or behind for front, behind in _SPACED.findall(template)))


def is_left_open(template: str) -> bool:
    """Whether a code block or an HTML comment does not end: it would hold all that stands below the text."""
    fence = ""
    for line in template.splitlines():
        match = _FENCE.match(line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not match[2].strip():
            fence = ""
    return bool(fence) or template.rfind("<!--") > template.rfind("-->")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The text with every variable in place, and without optional parts of which one is empty.

    Raises `KeyError` for a variable that has no value.
    """
    template = _OPTIONAL.sub(
        lambda part: part[1] if all(map(values.get, variables_in(part[1]))) else "", template
    )
    return _SHOWN.sub(r"\1", _VARIABLE.sub(lambda match: values[match[1]], template))


# --------------------------------------------------------------------------- templates for one issue

TITLE = "title"
IDENTITY = ("number", "date", TITLE)
"""What every template may name; the title, which is Chinese, only the template of the title."""


def values_for(edition: Edition, issue: Issue, override: IssueOverride) -> dict[str, str]:
    """`{number}`, `{date}` and the edition's own, which an override may change; all are filled."""
    known = {"number": issue.number, "date": issue.date}
    own = {**edition.values, **{key: text for key, text in override.values.items() if key not in IDENTITY}}
    return {**{name: filled(text, known) for name, text in own.items()}, **known}


def missing_for(edition: Edition, issue: Issue, override: IssueOverride) -> Iterator[str]:
    """A sentence for each of number, date and title that a template of the edition needs and nobody knows."""
    found = {"number": issue.number, "date": issue.date, TITLE: issue.title}
    blocks = " ".join(rule.text for rule in edition.replaced if rule.name not in override.without)
    own = " ".join({**edition.values, **override.values}.values())
    texts = {"title": edition.title, "header": edition.header, "footer": edition.footer}
    for key, text in (texts | {"replaced": blocks, "values": own}).items():
        for name in variables_in(_OPTIONAL.sub("", text)):
            if found.get(name) == "":
                place = f"{edition.file}:{edition.places.get(key, 1)}"
                yield f"{place}: '{key}' needs {{{name}}}, and {_REASONS[name]}"


_REASONS: Mapping[str, str] = {
    "number": "'issue' finds no number in the title of this document. Correct the title or the pattern, or "
    "give the number under 'overrides', by the date of the issue.",
    "date": "neither the front matter (pubDate) nor the name of the file has one. Name the file by its date, "
    "such as 2023-07-08-weekly.md, or give the date under 'overrides', by the number of the issue.",
    TITLE: "'issue' finds no title in this document. Correct the title or the pattern.",
}
