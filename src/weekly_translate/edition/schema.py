"""What the YAML file of an edition may say, and what its rules make of it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from weekly_translate.data_files import (
    DataModel,
    DataText,
    Steps,
    exactly_one,
    fault,
    fault_of_value,
    meant,
    not_known,
    refuse,
    validated,
)
from weekly_translate.edition.values import (
    IDENTITY,
    REST,
    SELECTORS,
    TITLE,
    Address,
    Heading,
    Lines,
    NotePolicy,
    Pattern,
    Plain,
    Replacement,
    Rewrite,
    is_left_open,
    pattern_of,
    replacement_fault,
    spaced_variables_in,
    variables_in,
)
from weekly_translate.model import Term
from weekly_translate.text.characters import MarkPatterns, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

_DATE = lazy_pattern(r"\d{4}-\d{2}-\d{2}")
_ISSUE = lazy_pattern(rf"\d+|{_DATE.pattern}")
_CHANGEABLE = IDENTITY[:2]
_NO_FILE = (
    "there is no file '{}' beside the edition. Write it, or write the text itself here: one with a blank or "
    "a line break in it is no name of a file."
)
_LEFT_OPEN = "leaves a code block or a comment open, which would hold all below it. Close it."
_TITLE_NEEDED = "the title of the source is dropped with its front matter: give 'title', such as '# {title}'."


def _with_a_group(pattern: re.Pattern[str]) -> re.Pattern[str]:
    if not pattern.groups:
        raise fault(r"the marker has no group for its value: put it in parentheses, (\d+).")
    return pattern


def _date(value: object) -> str:
    with suppress(ValueError):
        if date.fromisoformat(str(value)).isoformat() == value:
            return value
    raise fault_of_value(f"is a date such as 2023-09-01, not {value!r}.")


def _listed(value: object) -> object:
    """One item may stand without a list around it."""
    return value if isinstance(value, list) else [value]


def _template(value: str, info: ValidationInfo) -> str:
    """A text with a blank or a line break, or that of the file it names; each variable in it is known."""
    parts = _parts(info)
    text = value if not value or any(map(str.isspace, value)) else parts.template(value)
    if text is None:
        raise fault(_NO_FILE.format(value))
    key = str(info.field_name).rstrip("_")
    named = f"the text of '{key}'" if text is value else value
    lines = info.data.get("text")
    more = {TITLE} if key == TITLE else set(lines.groupindex) if isinstance(lines, re.Pattern) else set()
    faults = list(_unfilled(text, parts.variables | more, named))
    if is_left_open(text):
        faults.append(f"{named} {_LEFT_OPEN}")
    refuse(((), message) for message in faults)
    return "\n".join(text.splitlines()).strip("\n")


def _unfilled(text: str, known: AbstractSet[str], named: str) -> Iterator[str]:
    """A sentence for each variable of a text, which messages call `named`, that nothing will fill."""
    for name in variables_in(text):
        if name in known:
            continue
        if name == TITLE:
            why = "which is Chinese until it is translated: only 'title' may name it."
        else:
            near = meant(name, known, "{{{}}}".format)
            why = f"which nothing fills. {near} Else give it a value under 'values'."
        yield f"{named} names {{{name}}}, {why}"
    for name in spaced_variables_in(text):
        if name in known:
            yield f"{named} has a blank in the braces: write {{{name}}}."


Marker = Annotated[Pattern, AfterValidator(_with_a_group)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Template = Annotated[str, AfterValidator(_template)]


# --------------------------------------------------------------------------- the parts of an edition


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the parts of an edition have to know of one another."""

    text: DataText = DataText("", {})  # noqa: RUF009 - a tuple
    template: Callable[[str], str | None] = lambda _name: None
    variables: frozenset[str] = frozenset()
    rules: set[str] = field(default_factory=set)
    """The names of the rules that have been read so far."""


def _parts(info: ValidationInfo) -> _Parts:
    return info.context or _Parts()


class Shape(DataModel):
    """What a document has in its lines, and what it has not."""

    has: Patterns = ()
    """Patterns that are found in some line, each of them."""
    lacks: Patterns = ()
    """Patterns that are found in no line."""


class MarkFields(DataModel):
    """A mark of the newsletter, and what the English has for it."""

    variable: ClassVar[str]
    key: ClassVar[str]

    marker: Marker | None = None
    """A pattern for the mark in the source; its group is the value."""
    with_: str = Field(alias="with")
    """What the English has: a text with the value in braces."""

    @field_validator("with_", mode="before")
    @classmethod
    def _holds_the_value(cls, value: object) -> object:
        if not isinstance(value, str) or cls.variable not in value or "\n" in value:
            raise fault(f"'{cls.key}' is a text of one line that holds {cls.variable}.")
        return value


class ItemMark(MarkFields):
    """How items are numbered."""

    variable, key = "{number}", "items"


class StarsMark(MarkFields):
    """How star counts are written."""

    variable, key = "{count}", "stars"


class Notes(DataModel):
    """The notes behind links that say in which language the page is."""

    marker: Marker | None = None
    """A pattern for the note in the source; its group is the name."""
    policy: NotePolicy = NotePolicy.KEEP
    """keep: each is written in English; drop: without any; invert: the Chinese ones are marked instead."""
    sections: dict[str, NotePolicy] = Field({})
    """Patterns for headings, and the policy below each: 'invert' for articles, and 'keep' elsewhere."""
    usual: Plain = "EN"
    """With invert: the note that goes without saying."""
    unmarked: Plain = "Chinese"
    """With invert: the note of an item that has none."""
    names: dict[str, Plain] = Field({})
    """Each note in Chinese, and what it is in English."""

    @field_validator("sections")
    @classmethod
    def _are_patterns(cls, sections: dict[str, NotePolicy]) -> dict[str, NotePolicy]:
        faults: list[tuple[Steps, str]] = []
        for words in sections:
            try:
                pattern_of(words)
            except ValueError as error:
                faults.append(((words,), f"'sections' {error}"))
        refuse(faults)
        return sections

    @model_validator(mode="after")
    def _usual_is_a_note(self) -> Self:
        if (
            NotePolicy.INVERT in (self.policy, *self.sections.values())
            and self.usual not in self.names.values()
        ):
            known = ", ".join(dict.fromkeys(self.names.values()))
            raise fault(
                f"'usual' is {self.usual}, which is no note here: give the one that vanishes, {known}."
            )
        return self


class Dropped(Lines):
    """Lines that have no place in the English edition."""

    name: Plain = ""
    """What messages and `overrides` call the rule."""
    items: Annotated[bool, Strict()] = False
    """Whether numbered items in these lines go with them: jobs, sponsors. Else that is refused."""

    @field_validator("name")
    @classmethod
    def _is_its_own(cls, name: str, info: ValidationInfo) -> str:
        if name in _parts(info).rules:
            raise fault(f"two rules are called '{name}': give each a name of its own.")
        _parts(info).rules.add(name)
        return name

    @field_validator("from_", mode="before")
    @classmethod
    def _is_no_date(cls, value: object) -> object:
        if _DATE.fullmatch(str(value)):
            raise fault_of_value("is a pattern, of the first of the lines; the date of an issue is 'since'.")
        return value


class Replaced(Dropped):
    """Lines for which another text stands."""

    model_config = ConfigDict(json_schema_extra={**exactly_one(SELECTORS), "required": ["with"]})

    with_: Template = Field("", alias="with", validate_default=True)
    """The text, or the name of a file with it beside the edition."""
    since: Annotated[str, BeforeValidator(_date)] = ""
    """A date such as 2023-12-11: in earlier issues the lines are dropped."""

    @field_validator("with_")
    @classmethod
    def _is_a_text(cls, text: str, info: ValidationInfo) -> str:
        if not text:
            name = info.data.get("name", "")
            raise fault(f"the rule '{name}' has no text: give 'with', or move it to 'dropped'.")
        return text


class OverrideEntry(BaseModel):
    """What is different for one issue: other values, by their names, and rules that do not apply."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)
    __pydantic_extra__: dict[str, Plain]

    without: Annotated[
        tuple[Plain, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])
    ] = ()
    """The names of rules that do not apply."""


def _mark(value: object) -> object:
    return value if isinstance(value, dict) else {"with": value}


def _notes(value: object) -> object:
    return value if not isinstance(value, dict) or value.keys() & Notes.model_fields else {"names": value}


class Edition(DataModel):
    """The house rules of one kind of document. docs/editions.md explains every key."""

    model_config = ConfigDict(title="EditionFile")

    # Templates are read in the order of the fields, and hashed in that order: a season that version 0.1 has
    # written stays up to date.
    shape: Shape = Field(default_factory=Shape)
    """Which documents take this edition, unless one is named."""
    about: str = ""
    """What is translated and for whom, such as 'a weekly newsletter about Python'; the model is told."""
    issue: Pattern | None = None
    """A pattern for the title of the source, with groups called `number` and `title`."""
    dropped: tuple[Dropped, ...] = ()
    """Lines that have no place in the English. A line belongs to the first rule that selects it."""
    replaced: tuple[Replaced, ...] = ()
    """Lines for which another text stands."""
    title: Template = ""
    """The first line of the English, such as '# Weekly #{number}'; without it the title is translated."""
    front_matter: Literal["keep", "drop"] = "keep"
    """Whether the English has a front matter."""
    header: Template = ""
    """What stands below the title: a text, or the name of a file with it."""
    footer: Template = ""
    """What stands at the end: a text, or the name of a file with it."""
    headings: dict[str, Plain] = Field({})
    """The words of headings, as patterns, and what they are in English."""
    items: Annotated[ItemMark, BeforeValidator(_mark, json_schema_input_type=str | ItemMark)]
    """The numbers of items, such as '{number}. '."""
    stars: Annotated[StarsMark, BeforeValidator(_mark, json_schema_input_type=str | StarsMark)]
    """Star counts, such as '({count} stars)'."""
    notes: Annotated[Notes, BeforeValidator(_notes, json_schema_input_type=dict[str, str] | Notes)]
    """Language notes: each in Chinese and in English, or more about them."""
    urls: tuple[Address, ...] = ()
    """Pages that have a counterpart in English."""
    phrases: dict[str, Plain] = Field({})
    """Expressions that read the same in every issue, or in one of several ways: 'Also: | Note:'."""
    keep: tuple[str, ...] = ()
    """Names that stay Chinese."""
    values: dict[str, Plain] = Field({})
    """Variables of the texts, besides {number} and {date}."""
    overrides: dict[str, OverrideEntry] = Field({})
    """What is different for single issues, by number or date: other values, or rules that do not apply."""

    @field_validator("title")
    @classmethod
    def _is_a_heading(cls, title: str) -> str:
        if title and ("\n" in title or not title.startswith("# ")):
            raise fault("the title is a heading: let it begin with '# '.")
        return title

    @field_validator("headings")
    @classmethod
    def _are_patterns(cls, headings: dict[str, str]) -> dict[str, str]:
        faults: list[tuple[Steps, str]] = []
        for words, text in headings.items():
            try:
                message = replacement_fault(pattern_of(words.replace(REST, "(?P<rest>.+)")), text)
                if (REST in words) != (REST in text):
                    message = f"{text!r} needs {REST} in its pattern, and a pattern with {REST} in its text."
            except ValueError as error:
                message = str(error)
            faults += [((words,), f"'headings' {message}")] if message else []
        refuse(faults)
        return headings

    @field_validator("dropped", "replaced", mode="before")
    @classmethod
    def _have_names(cls, rules: object, info: ValidationInfo) -> object:
        """A rule without a name has that of its list and its number."""
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            return rules
        return [
            rule if rule.get("name") else {**rule, "name": f"{info.field_name} {number}"}
            for number, rule in enumerate(rules, 1)
        ]

    @field_validator("phrases")
    @classmethod
    def _have_words(cls, phrases: dict[str, str]) -> dict[str, str]:
        refuse(
            ((source,), f"the phrase '{source}' needs an English text: write it, or remove the line.")
            for source, target in phrases.items()
            if not source.strip() or not target.strip()
        )
        return phrases

    @field_validator("values")
    @classmethod
    def _are_new(cls, values: dict[str, str]) -> dict[str, str]:
        faults: list[tuple[Steps, str]] = []
        for name, text in values.items():
            if name in IDENTITY:
                faults.append(((name,), f"'{name}' is said by the document itself: choose another name."))
            unfilled = _unfilled(text, frozenset(_CHANGEABLE), f"the value '{name}'")
            faults += [((name,), message) for message in unfilled]
        refuse(faults)
        return values

    @field_validator("overrides")
    @classmethod
    def _exist(cls, overrides: dict[str, OverrideEntry], info: ValidationInfo) -> dict[str, OverrideEntry]:
        refuse(_override_faults(overrides, _parts(info)))
        return overrides

    @model_validator(mode="after")
    def _has_a_title(self) -> Self:
        if not self.keeps_front_matter and not self.title:
            refuse([(("front_matter",), _TITLE_NEEDED)])
        return self

    _text: DataText = PrivateAttr()

    def model_post_init(self, context: _Parts | None, /) -> None:
        """Keep the file, which knows its lines."""
        self._text = (context or _Parts()).text

    @property
    def file(self) -> str:
        """What messages call it."""
        return self._text.name

    @property
    def name(self) -> str:
        """The name by which `--edition` knows it."""
        return self.file.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml")

    def line_of(self, *steps: str | int) -> int:
        """Where the file says what these keys and indexes lead to."""
        return self._text.line(steps)

    @property
    def keeps_front_matter(self) -> bool:
        """Whether the English has the front matter of the source."""
        return self.front_matter == "keep"

    @cached_property
    def marks(self) -> MarkPatterns:
        """How the source marks item numbers, language notes and star counts."""
        usual = MarkPatterns()
        return MarkPatterns(
            _wrapped(self.items.marker, usual.item, "{}\\s*"),
            _wrapped(self.notes.marker, _noted(self.notes.names), "{}\\s*\\Z"),
            _wrapped(self.stars.marker, usual.stars, "{}\\s*\\Z"),
        )

    @cached_property
    def written(self) -> MarkPatterns:
        """How the English does, by `items`, `notes` and `stars`."""
        notes = _noted([*self.notes.names.values(), self.notes.unmarked])
        return MarkPatterns(_written(self.items.with_), notes, _written(self.stars.with_, at_end=True))

    @cached_property
    def settled(self) -> tuple[Heading, ...]:
        """The rules for headings."""
        return tuple(
            Heading(re.compile(words.replace(REST, "(?P<rest>.+)")), english, self.line_of("headings", words))
            for words, english in self.headings.items()
        )

    @cached_property
    def blocks(self) -> tuple[Replacement, ...]:
        """Lines that are dropped, then those that are replaced: a line belongs to the first that means it."""
        dropped = (
            Replacement(rule.name, rule.selector(), "", rule.items, "", self.line_of("dropped", at))
            for at, rule in enumerate(self.dropped)
        )
        replaced = (
            Replacement(
                rule.name, rule.selector(), rule.with_, rule.items, rule.since, self.line_of("replaced", at)
            )
            for at, rule in enumerate(self.replaced)
        )
        return (*dropped, *replaced)

    @cached_property
    def rewrites(self) -> tuple[Rewrite, ...]:
        """The rules for addresses."""
        return tuple(one.rewrite(line=self.line_of("urls", at)) for at, one in enumerate(self.urls))

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Phrases of the newsletter that have one rendering, or a few: `附：` is `See also:` or `Note:`."""
        ways = {source: [one.strip() for one in text.split(" | ")] for source, text in self.phrases.items()}
        return tuple(Term(source, target, tuple(allowed)) for source, (target, *allowed) in ways.items())


def _override_faults(overrides: dict[str, OverrideEntry], parts: _Parts) -> Iterator[tuple[Steps, str]]:
    for issue, entry in overrides.items():
        if not _ISSUE.fullmatch(issue):
            yield (issue,), f"an issue is a number or a date such as 2023-05-31, not {issue!r}."
        for name in entry.without:
            if name not in parts.rules:
                yield (issue, "without"), not_known("rule", name, parts.rules)
        for name in entry.__pydantic_extra__.keys() - parts.variables:
            yield (issue, name), not_known("value", name, {*parts.variables, "without"})


def parse_edition(text: DataText, template: Callable[[str], str | None] = lambda _name: None) -> Edition:
    """The edition that a YAML file describes.

    `template` gives the text of a file beside it, and None where there is none. Raises `UsageError` with all
    that is wrong, each with its line.
    """
    values = text.data.get("values") if isinstance(text.data, dict) else None
    names = values.keys() if isinstance(values, dict) else ()
    parts = _Parts(text, template, frozenset({*_CHANGEABLE, *names}))
    return validated(Edition, text, parts)


# --------------------------------------------------------------------------- the patterns of its marks

_NEVER = lazy_pattern(r"(?!)")
_FLAGS = lazy_pattern(r"\A\(\?[aimsux]+\)")
"""Flags stand at the beginning of a pattern, and nowhere else."""


def _wrapped(marker: re.Pattern[str] | None, usual: re.Pattern[str], around: str) -> re.Pattern[str]:
    """The marker and the blanks around it."""
    if marker is None:
        return usual
    said = _FLAGS.sub("", marker.pattern) + ("\n" if marker.flags & re.VERBOSE else "")
    return re.compile(around.format(rf"\s*(?:{said})"), marker.flags & ~re.UNICODE)


def _noted(names: Iterable[str]) -> re.Pattern[str]:
    """One of these names in parentheses at the end; longer ones are tried first."""
    said = sorted({re.escape(name) for name in names if name}, key=len, reverse=True)
    return re.compile(rf"\s*[（(]({'|'.join(said)})[)）]\s*\Z") if said else _NEVER


def _written(template: str, *, at_end: bool = False) -> re.Pattern[str]:
    """What a template makes of any number: `{number}. ` is `1. `, but not the beginning of `3.12`."""
    before, _, after = template.replace("{count}", "{number}").partition("{number}")
    number = r"(\d[\d.,]*\s?[kKwW万]?\+?)" if at_end else r"(\d{1,4})"
    behind = r"\s*\Z" if at_end else r"(?=\s|\Z)\s*" if after.endswith(" ") else r"\s*"
    front = rf"\s*{re.escape(before.strip())}\s*" if before.strip() else r"\s*"
    return re.compile(rf"{front}{number}{re.escape(after.rstrip())}{behind}")
