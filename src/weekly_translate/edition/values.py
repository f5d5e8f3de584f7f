"""What an edition says, and the lines, blocks and addresses of a document that its rules mean."""

from __future__ import annotations

import re
import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from weekly_translate.data_files import DataModel, exactly_one, fault, fault_of_value
from weekly_translate.model import FeatureKind, MarkKind, PassageKind, RuleKind, Span, Use
from weekly_translate.text.characters import lazy_pattern, line_starts, lines_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from weekly_translate.model import Document, Feature, Finding


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


def variables_needed(template: str) -> list[str]:
    """Those of them that have to have a value: the others stand in optional parts only."""
    return variables_in(_OPTIONAL.sub("", template))


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


TITLE = "title"
IDENTITY = ("number", "date", TITLE)
"""What every template may name; the title, which is Chinese, only the template of the title."""

# --------------------------------------------------------------------------- what files name

SELECTORS = ("heading", "text", "lines", "before", "from")
_RANGE = lazy_pattern(r"(\d+)(?:\s*-\s*(\d+))?")


def _as_written(value: object) -> str:
    """A text that needs no quotes: what YAML takes for a number or a date is one as well."""
    if value is None or isinstance(value, (list, dict)):
        raise fault_of_value(f"is {value!r}, but must be a text.")
    return str(value)


def pattern_of(value: object) -> re.Pattern[str]:
    """A regular expression, but none that Python will read otherwise some day."""
    if isinstance(value, (list, dict)):
        raise fault_of_value("is a text: put quotes around it.")
    try:
        with warnings.catch_warnings(action="error", category=FutureWarning):
            return re.compile(str(value))
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise fault_of_value(f"{_shown(value)} is no regular expression: {error}.") from error


def _line_range(value: object) -> tuple[int, int]:
    match = _RANGE.fullmatch(str(value))
    if match is None:
        raise fault_of_value(f"is a number or a range such as 3-9, not {value!r}.")
    return int(match[1]), int(match[2] or match[1])


def replacement_fault(pattern: re.Pattern[str], replacement: str) -> str:
    r"""What is wrong with a replacement that names a group, such as `\3`, that the pattern has not."""
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        return f"{_shown(replacement)} cannot be used: {error}."
    return ""


def _shown(value: object) -> str:
    """In quotes, with backslashes as they are in the file."""
    return repr(value).replace("\\\\", "\\")


Plain = Annotated[str, BeforeValidator(_as_written, json_schema_input_type=str | float)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(pattern_of)]


class Lines(DataModel):
    """Which lines of a text are meant, by exactly one of these keys."""

    model_config = ConfigDict(json_schema_extra=exactly_one(SELECTORS))

    heading: Pattern | None = None
    """A pattern for headings: each of them, and all below it up to the next one of its level or above."""
    text: Pattern | None = None
    """A pattern for lines: each that has it."""
    lines: (
        Annotated[tuple[int, int], BeforeValidator(_line_range, json_schema_input_type=int | str)] | None
    ) = None
    """The number of a line, or a range such as 3-9."""
    before: Pattern | None = None
    """A pattern for a line: all before the first that has it."""
    from_: Pattern | None = Field(None, alias="from")
    """A pattern for a line: the first that has it, and all behind it."""

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if len(self.model_fields_set & Lines.model_fields.keys()) != 1:
            raise fault(f"an entry has exactly one of the keys {', '.join(SELECTORS)}.")
        return self

    def selector(self, entry: str = "") -> Selector:
        """The same for the rules. `entry` is where it stands: `allow.yaml:3`."""
        (name,) = self.model_fields_set & Lines.model_fields.keys()
        if self.lines is not None:
            return Selector(name, re.compile(""), self.lines, entry)
        return Selector(name.rstrip("_"), getattr(self, name), entry=entry)


class Address(DataModel):
    """Addresses that have another one in English: those with a prefix, or with a pattern."""

    model_config = ConfigDict(json_schema_extra=exactly_one(["prefix", "pattern"]))

    prefix: Plain | None = None
    """How the addresses begin."""
    pattern: Pattern | None = None
    """A pattern that is found in the addresses."""
    with_: str = Field(alias="with")
    r"""What stands for it in English. `\1` is the first group of the pattern."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.prefix is None) == (self.pattern is None):
            raise fault("an entry of 'urls' has the keys prefix and with, or pattern and with.")
        if self.pattern is not None and (message := replacement_fault(self.pattern, self.with_)):
            raise fault(f"'with' {message}")
        return self

    def rewrite(self, entry: str = "", line: int = 0) -> Rewrite:
        """The same for the rules; a prefix is taken literally."""
        if self.pattern is not None:
            return Rewrite(self.pattern, self.with_, entry, self.pattern.pattern, line)
        prefix = str(self.prefix)
        literal = self.with_.replace("\\", r"\\")
        return Rewrite(re.compile("^" + re.escape(prefix)), literal, entry, prefix, line)


# --------------------------------------------------------------------------- selecting lines

_HEADING = lazy_pattern(r" {0,3}(#{1,6})(?=\s)")


def selected(
    text: str, selectors: tuple[Selector, ...], opaque: frozenset[int] = frozenset()
) -> frozenset[int]:
    """The numbers of the lines that the selectors mean. Lines in `opaque`, such as code, match nothing."""
    lines = ["" if number in opaque else line for number, line in enumerate(lines_of(text), 1)]
    return frozenset(number for selector in selectors for number in _selected(lines, selector))


def _selected(lines: list[str], selector: Selector) -> Iterator[int]:
    kind, pattern, (first, last), _ = selector
    found = [number for number, line in enumerate(lines, 1) if kind != "lines" and pattern.search(line)]
    match kind:
        case "lines":
            yield from range(first, min(last, len(lines)) + 1)
        case "text":
            yield from found
        case "before":
            yield from range(1, found[0] if found else 1)
        case "from":
            yield from range(found[0], len(lines) + 1) if found else ()
        case "heading":
            for number in found:
                yield from section(lines, number)
        case _:
            raise ValueError(f"there is no selector {kind!r}: {', '.join(SELECTORS)}")


def section(lines: list[str], number: int) -> Iterator[int]:
    """A heading and all lines up to the next one of its level or above; nothing if the line is no heading."""
    heading = _HEADING.match(lines[number - 1])
    if heading is None:
        return
    yield number
    for following in range(number + 1, len(lines) + 1):
        other = _HEADING.match(lines[following - 1])
        if other and len(other[1]) <= len(heading[1]):
            return
        yield following


# --------------------------------------------------------------------------- stretches that change

HOLE = "\x00"
"""Stands in a text where the words of the title go, which are still to be translated."""


class Inserted(NamedTuple):
    """A text that stands before a line; one more than there are is the end of the document."""

    line: int
    text: str


class Seam(NamedTuple):
    """A stretch of whole lines between two that stay, `after` the line of that number, and its new text."""

    span: Span
    after: int
    text: str


def seams_of(text: str, covered: Collection[int], inserted: Iterable[Inserted]) -> Iterator[Seam]:
    """Every stretch in which a line goes or a text comes, with the blank lines around it."""
    starts = [*line_starts(text), len(text)]
    lines = lines_of(text)
    kept = [number for number, line in enumerate(lines, 1) if line.strip() and number not in covered]
    waiting = sorted(inserted, key=lambda one: one.line)
    for before, after in zip([0, *kept], [*kept, len(lines) + 1], strict=True):
        texts = [one.text for one in waiting if before < one.line <= after]
        if not texts and not any(number in covered for number in range(before + 1, after)):
            continue
        span = Span(starts[before], starts[after - 1])
        ends = (before == 0, after > len(lines))
        tight = after - before > 1 and all(lines[number - 1].strip() for number in range(before + 1, after))
        seam = _between(texts, *ends, is_tight=tight and not any(ends))
        # A last line without an end gets one, before something follows it.
        newline = "\n" if seam and span.start and text[span.start - 1] not in "\r\n" else ""
        yield Seam(span, before, newline + seam)


def seam_texts(
    seams: Iterable[Seam], text: str, fixed: Mapping[Span, str], hole: Span | None
) -> dict[Span, str]:
    """The new text of each stretch, in the line ends of the source; around `hole` it comes in two parts."""
    newline = "\r\n" if "\r\n" in text else "\n"
    texts: dict[Span, str] = {}
    for seam in seams:
        parts = seam.text.replace("\n", newline).split(HOLE, 1)
        if hole is not None and len(parts) > 1:
            texts[Span(seam.span.start, hole.start)] = parts[0]
            texts[Span(hole.end, seam.span.end)] = parts[1]
        else:
            texts[seam.span] = fixed.get(seam.span, "") + parts[0]
    return texts


def _between(texts: list[str], is_first: bool, is_last: bool, *, is_tight: bool) -> str:  # noqa: FBT001 - two ends, in order
    """The new lines. Where there was no blank line around the old ones, there is none around these."""
    body = "\n\n".join(text.strip("\n") for text in texts)
    if not body:
        return "" if is_first or is_last or is_tight else "\n"
    blank = "" if is_tight else "\n"
    return f"{'' if is_first else blank}{body}\n{'' if is_last else blank}"


# --------------------------------------------------------------------------- blocks that go


class EditedBlock(NamedTuple):
    """Lines that one rule takes away, and the text that stands where the first of them stood."""

    rule: Replacement
    lines: tuple[int, ...]
    text: str

    @property
    def use(self) -> Use:
        """The block as a rule that fired."""
        kind = RuleKind.REPLACED if self.text else RuleKind.DROPPED
        return Use(kind, self.rule.name, self.lines, self.text)


def blocks_of(
    document: Document,
    rules: Iterable[Replacement],
    values: Mapping[str, str],
    without: frozenset[str],
    reserved: frozenset[int],
) -> tuple[EditedBlock, ...]:
    """What the rules take away, but of `reserved` lines. A line belongs to the first rule that means it."""
    opaque = code_lines(document)
    lines = lines_of(document.text)
    taken = set(reserved)
    blocks: list[EditedBlock] = []
    for rule in rules:
        if rule.name in without:
            continue
        meant = _whole(selected(document.text, (rule.where,), opaque), document) - taken
        found = [number for number in sorted(meant) if lines[number - 1].strip()]
        taken.update(found)
        runs = _runs(found, lines) if rule.where.kind == "text" else [found] if found else []
        blocks += [EditedBlock(rule, tuple(run), _text(rule, lines[run[0] - 1], values)) for run in runs]
    return tuple(blocks)


def faults_of(blocks: Iterable[EditedBlock], document: Document, file: str) -> Iterator[str]:
    """Items that would be lost, and section headings whose items would stand below another one.

    `file` is that of the edition.
    """
    items = {mark.line: mark.value for mark in document.marks if mark.kind is MarkKind.ITEM}
    headings = {feature.line for feature in document.features if feature.kind is FeatureKind.HEADING}
    blocks = tuple(blocks)
    covered = {line for block in blocks for line in block.lines}
    lines = lines_of(document.text)
    for block in blocks:
        place = f"{file}:{block.rule.line}: the rule '{block.rule.name}'"
        remedy = f"Narrow it, or leave it out for this issue: 'overrides: … without: [{block.rule.name}]'."
        for line in block.lines:
            if line in items and not block.rule.takes_items:
                yield f"{place} would drop item {items[line]} of line {line}. {remedy}"
            elif line in headings:
                below = [one for one in section(lines, line) if one in items and one not in covered]
                if below:
                    yield f"{place} would take the heading of line {line} from the items below it. {remedy}"


def _whole(numbers: frozenset[int], document: Document) -> frozenset[int]:
    """The lines, and those on which a segment goes on that has begun in them: a link over two lines."""
    more = set(numbers)
    for segment in document.segments:
        length = len(lines_of(document.text[slice(*segment.span)]))
        if length > 1 and not more.isdisjoint(lines := range(segment.line, segment.line + length)):
            more.update(lines)
    return frozenset(more)


def _runs(numbers: list[int], lines: list[str]) -> Iterator[list[int]]:
    """Lines that follow one another, blank ones between them left aside."""
    run: list[int] = []
    for number in numbers:
        if run and any(lines[between - 1].strip() for between in range(run[-1] + 1, number)):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _text(rule: Replacement, line: str, values: Mapping[str, str]) -> str:
    """The text of a rule, in which the named groups of its pattern are variables too."""
    if not rule.text or (rule.since and values.get("date") and values["date"] < rule.since):
        return ""
    match = rule.where.pattern.search(line)
    groups = {name: value or "" for name, value in match.groupdict().items()} if match else {}
    return filled(rule.text, {**values, **groups})


def code_lines(document: Document) -> frozenset[int]:
    """Lines of code and of formulas: what looks like a heading there is none."""
    numbers: set[int] = set()
    for passage in document.passages:
        code = document.text[slice(*passage.span)]
        if passage.kind is PassageKind.CODE and len(lines_of(code)) > 1:
            start = len(lines_of(document.text[: passage.span.start]))
            numbers.update(range(start, start + len(lines_of(code.rstrip("\r\n")))))
    return frozenset(numbers)
