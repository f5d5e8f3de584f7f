"""The values that travel: documents, segments, findings, terms, requests, replies, memory entries.

All of them are frozen, and none of them does anything. Offsets are indexes into the source `str` (code
points); lines count from 1.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from enum import IntEnum, StrEnum
from operator import add, sub
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Span(NamedTuple):
    """A half-open stretch of the source text."""

    start: int
    end: int


# --------------------------------------------------------------------------- what a document holds


class Kind(StrEnum):
    """What a segment is. The model is told, because a title reads differently from a sentence."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    CELL = "cell"
    ALT = "alt"
    META = "meta"


class TagKind(StrEnum):
    """The letter that a tag carries: `<a1>label</a1>`, `<m2/>`."""

    LINK = "a"
    STRONG = "b"
    EMPHASIS = "i"
    STRIKE = "d"
    CODE = "c"
    MARK = "m"


class Tag(NamedTuple):
    """An inline construct taken out of a segment: its bytes come back from the source, never from a model."""

    name: str
    kind: TagKind
    opening: Span
    closing: Span | None = None
    """None where it stands alone: an image, emoji, footnote mark, HTML, a bare address."""
    page: str = ""
    """Written after `opening`: `[[page]]` becomes `[[page|words]]` once its words are translated."""
    completion: str = ""
    """Written after `closing`: `[foo]` once a shortcut reference `[foo]` has got a translated label."""


class Segment(NamedTuple):
    """The unit of translation: a line, a title, a heading, a cell, an alt text."""

    id: str
    kind: Kind
    span: Span
    line: int
    text: str
    """What an engine sees: tagged text, in which no address and no markup is left."""
    tags: tuple[Tag, ...] = ()
    hint: str = ""
    """Words of the link's slug, often the original English title."""
    group: int = 0
    """Segments of one group (a title and its body) are translated together."""
    quotes: str = ""
    """The quote character of a front-matter value or link title: it is escaped in the translation."""
    link: str = ""
    """The address that the whole segment links to. Nothing that a model is shown depends on it."""

    @property
    def title_link(self) -> str:
        """The address by which a title is known; nothing for what is no title."""
        return self.link if self.kind is Kind.TITLE else ""


class Dialect(NamedTuple):
    """How Markdown is read where a document does not show it."""

    comments: bool = False
    """Whether comments in fenced code are translated."""
    site: str = ""
    """The generator of the site, which decides about ids of headings and about components."""
    keeps_ids: bool = False
    """Whether a heading keeps the id that it had in Chinese."""

    def __str__(self) -> str:
        """For what a result depends on; empty where nothing is set."""
        named = {"comments": self.comments, self.site: self.site, "ids": self.keeps_ids}
        return " ".join(name for name, is_set in named.items() if is_set)


USUAL = Dialect()


class PassageKind(StrEnum):
    """Why a stretch of the source is kept as it is."""

    SKELETON = "skeleton"
    """Markers, blank lines, the brackets of a link: layout, no words."""
    ADDRESS = "address"
    CODE = "code"
    HTML = "html"
    FRONT_MATTER = "front matter"
    DEFINITION = "definition"
    NO_CHINESE = "no Chinese"
    MARK = "mark"
    EDITION = "edition"
    """Dropped or replaced by the edition: it is not in the English."""
    UNREADABLE = "unreadable"
    """Markdown that the parser is known to put in a wrong order: kept verbatim, with a warning."""


class Passage(NamedTuple):
    """A stretch of the source that is kept byte for byte, and why."""

    span: Span
    kind: PassageKind


class MarkKind(StrEnum):
    """House marks around a text, which an edition renders without a model."""

    ITEM = "item"
    NOTE = "note"
    STARS = "stars"


class Mark(NamedTuple):
    """A house mark: `1、`, ` (英)`, `（star 2.6K）`. `value` is `1`, `英`, `2.6K`."""

    kind: MarkKind
    span: Span
    value: str
    line: int


class FeatureKind(StrEnum):
    """What must be in the output because it was in the source."""

    LINK = "link"
    IMAGE = "image"
    CODE = "code"
    HTML = "html"
    HEADING = "heading"
    ITEM = "item"
    TABLE = "table"
    DEFINITION = "definition"
    FOOTNOTE = "footnote"
    FORMULA = "formula"
    SYNTAX = "syntax"
    """A template tag, a directive, an attribute list, a component: what a site generator reads."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One link, image, code span, heading …: `value` is a destination, the code, `## 🦄`, `12`."""

    kind: FeatureKind
    value: str
    line: int
    span: Span | None = field(default=None, compare=False)
    """Where the destination of a link or image is written, if it is written beside it; where HTML, a
    definition or syntax stands."""


class Document(NamedTuple):
    """The untouched source, what of it is translated, and why the rest is not.

    Segments outside other segments and passages together tile `text`.
    """

    text: str
    segments: tuple[Segment, ...]
    passages: tuple[Passage, ...]
    marks: tuple[Mark, ...]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...] = ()
    dialect: Dialect = USUAL

    @property
    def front_matter_end(self) -> int:
        """Where the front matter ends; 0 where there is none."""
        kept = (passage.span.end for passage in self.passages if passage.kind is PassageKind.FRONT_MATTER)
        return max(kept, default=0)


# --------------------------------------------------------------------------- what is said about it


class Severity(StrEnum):
    """An error blocks, a warning is counted, an information is only in the report."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for an error, and more for what is less severe."""
        return list(Severity).index(self)


class ComplaintKind(StrEnum):
    """How sure a complaint is. It decides what may follow from it."""

    CERTAIN = "certain"
    """Read from bytes and structure. Only such a complaint may be an error."""
    DOUBTFUL = "doubtful"
    """From a threshold or a list of words: no error; the model may stand by its text."""
    MEANING = "meaning"
    """What only a reader can judge."""


class Settled(NamedTuple):
    """Why a finding blocks nothing any more."""

    by: str
    """`model`, where it stands by its text, `ignores`, or a person's name."""
    reason: str

    @property
    def why(self) -> str:
        """What stands behind the message of the finding, in parentheses."""
        if self == STANDS_BY:
            return "the model was asked and stands by its text"
        return f"ignored: {self.reason}" if self.by == IGNORES else f"accepted by {self.by}: {self.reason}"


IGNORES = "ignores"
"""Who has settled what an entry of the file silences."""
STANDS_BY = Settled("model", "stands by its text")


class Finding(NamedTuple):
    """One thing that a check found. `check` is the id users see, such as `num.value`."""

    check: str
    severity: Severity
    message: str
    segment: str | None = None
    source_line: int | None = None
    target_line: int | None = None
    kind: ComplaintKind = ComplaintKind.CERTAIN
    settled: Settled | None = None
    """Who has made it an information, and why."""
    meaning: MeaningError | None = None
    """What a second reader has named, where that is what it says."""

    @property
    def is_of_draft(self) -> bool:
        """Whether it says that a text is a draft: of a whole one that is told once, not line by line."""
        return self.check == "seg.draft"


class TermKind(StrEnum):
    """What a glossary entry names. `keep` stays as it is in Chinese."""

    TERM = "term"
    BRAND = "brand"
    NAME = "name"
    KEEP = "keep"


class Term(NamedTuple):
    """A glossary entry: `target` or one of `allowed` has to stand for `source`, never one of `avoid`."""

    source: str
    target: str
    allowed: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    note: str = ""
    kind: TermKind = TermKind.TERM
    exact: bool = False
    """Whether Latin letters of `source` count only as they are written: `Go`, not `go`."""
    near: tuple[str, ...] = ()
    """The sense guard: the entry counts only where one of these words stands in the same text or section."""

    @property
    def renderings(self) -> tuple[str, ...]:
        """Everything that may stand for `source`, the preferred one first."""
        return (self.target, *self.allowed)


class GlossaryEntry(NamedTuple):
    """An entry as it stands in a file: a term, and the other Chinese `forms` that mean the same."""

    term: Term
    forms: tuple[str, ...] = ()
    line: int = 0
    """Where it begins in its file; 0 where that is not known."""
    off: bool = False
    """Whether it only switches off what a glossary below has for its source."""


class Pair(NamedTuple):
    """A segment and a translation of it, as the checks see them."""

    segment: Segment
    target: str
    terms: tuple[Term, ...] = ()
    target_line: int | None = None


# --------------------------------------------------------------------------- what an engine is asked


class Format(StrEnum):
    """How a reply is asked for, from the strictest to the plainest; an endpoint's rung is remembered."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TAGGED = "tagged"
    SINGLE = "single"


class Message(NamedTuple):
    """One message of a chat."""

    role: str
    content: str


class Memory(NamedTuple):
    """A remembered pair that resembles a segment; `score` is 1.0 for the same text."""

    source: str
    target: str
    score: float


class Request(NamedTuple):
    """All that an engine needs for one question. Hosted models read `messages`; the draft reads the rest."""

    messages: tuple[Message, ...]
    format: Format
    segments: tuple[Segment, ...]
    terms: tuple[Term, ...] = ()
    memories: tuple[Memory, ...] = ()
    max_tokens: int | None = None
    answer_schema: Mapping[str, object] | None = None
    """The JSON Schema of the answer for one segment; without it that is a string, the translation."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What has been used.

    `cached` is the part of `prompt` that the provider had cached, `reasoning` the part of `completion` that
    was thought and not written.
    """

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Usage is summed over requests."""
        return Usage(*map(add, astuple(self), astuple(other)))

    def __sub__(self, other: Usage) -> Usage:
        """What is left of an expectation once it has been met."""
        return Usage(*map(sub, astuple(self), astuple(other)))


class Finish(StrEnum):
    """Why an engine stopped writing."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "content_filter"
    REFUSAL = "refusal"
    UNKNOWN = "unknown"


class Reply(NamedTuple):
    """What an engine answered."""

    text: str
    finish: Finish = Finish.STOP
    usage: Usage = Usage()
    said: str = ""
    """Why there is no whole answer, in the provider's own words."""


SOURCE_DOUBT = "source.doubt"
"""The id of what follows from a `SourceDoubt`."""


class SourceDoubt(NamedTuple):
    """What a translator takes for a slip of the source: the words as they stand there, and why."""

    words: str
    why: str


# --------------------------------------------------------------------------- what a second reader says


class ErrorCategory(StrEnum):
    """What a mistake of meaning is, by the Multidimensional Quality Metrics (MQM)."""

    MISTRANSLATION = "mistranslation"
    OMISSION = "omission"
    ADDITION = "addition"
    NUMBER = "number"
    NAME = "name"
    TERM = "term"
    GRAMMAR = "grammar"
    STYLE = "style"


class ErrorSeverity(StrEnum):
    """How much a mistake matters: a minor one misleads nobody."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class MeaningError(NamedTuple):
    """A mistake that a second reader names. `source` and `target` stand in the texts, or are empty."""

    source: str
    target: str
    category: ErrorCategory
    severity: ErrorSeverity
    correction: str | None = None
    """What belongs in the place of `target`; None where the reader offers nothing that could stand there."""

    @property
    def is_serious(self) -> bool:
        """Whether the translator is to be asked about it."""
        return self.severity is not ErrorSeverity.MINOR


class Proofreading(NamedTuple):
    """What a second reader says of one translation."""

    errors: tuple[MeaningError, ...] = ()
    dropped: int = 0
    """Errors that were named about words which stand in neither text, or in no form that can be read."""


# --------------------------------------------------------------------------- what is remembered


class Status(IntEnum):
    """Who vouches for a stored translation. A higher one is never overwritten by a lower one."""

    DRAFT = 0
    MACHINE = 1
    EDITED = 2
    APPROVED = 3


class Settlement(NamedTuple):
    """What is settled about a text: its findings are informations from then on."""

    checks: frozenset[str] = frozenset()
    """The ids of doubtful complaints that the model was asked about; it stands by its text."""
    who: str = ""
    """The person who has accepted the text whatever the checks say; nobody where that is empty."""
    reason: str = ""


PLACED, APPENDED = "tag.placed", "tag.appended"
"""Remarks on an entry: lost tags were put where their words stand, or behind the sentence."""
UNASKED = "term.unmet"
"""Remark on an entry: the checks doubt it, and no model has been asked about that yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored translation of a segment's tagged text."""

    source: str
    target: str
    status: Status
    origin: str = ""
    """Engine and model, a file it was learned from, or a person."""
    remark: str = ""
    """The id of the finding that a last-rung repair leaves behind: it is said again at every rendering."""
    context: str = ""
    """The heading under which the source stood."""
    link: str = ""
    """The address of the work that a title names; only titles have one."""
    created: str = field(default="", compare=False)
    """When it was stored, ISO 8601 in UTC; the memory knows."""
    kind: Kind | None = field(default=None, compare=False)
    """What was translated, for other memories; None where only `link` tells."""
    settlement: Settlement | None = field(default=None, compare=False)
    """What is settled about the text, for other memories."""
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    """What the checks have said of a new answer. It is not stored: checks change."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those of the findings that block it."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


class Rejection(NamedTuple):
    """A translation that a person did not want, and why: the next question for its source says so."""

    target: str
    reason: str


# --------------------------------------------------------------------------- what people decide


class Verdict(StrEnum):
    """What a person has decided about a translation."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


class Decision(NamedTuple):
    """A person's verdict. `when` is ISO 8601 in UTC.

    A rejection has a reason, and so has a translation that is accepted in spite of its findings.
    """

    verdict: Verdict
    who: str = ""
    when: str = ""
    reason: str = ""


class TitleOrigin(StrEnum):
    """Where the English of a title comes from, the surest first: NAME is that in `name：说明`."""

    MAP = "map"
    MEMORY = "memory"
    NAME = "name"
    SLUG = "slug"
    TRANSLATED = "translated"


class Ending(StrEnum):
    """What became of an issue, in the words of the table."""

    WRITTEN = "written"
    SAME = "written before, the same again"
    INCOMPLETE = "written, incomplete"
    CURRENT = "up to date"
    TAKEN = "kept as it is"
    HELD = "not written: edited by hand"
    FOREIGN = "not written: another file is there"
    ERRORS = "not written: errors"
    REFUSED = "not translated"
    UNSAVED = "not written: the disk"
    UNKNOWN = "not written: the memory"
    OPEN = "not finished"

    @property
    def is_good(self) -> bool:
        """Whether the file of the issue is as it should be."""
        return self in (Ending.WRITTEN, Ending.SAME, Ending.CURRENT, Ending.TAKEN)

    @property
    def is_written(self) -> bool:
        """Whether the file is what this run has made of the issue."""
        return self in (Ending.WRITTEN, Ending.SAME, Ending.INCOMPLETE)


class Counts(NamedTuple):
    """Where the segments of an issue come from."""

    all: int = 0
    memory: int = 0
    edition: int = 0
    translated: int = 0
    drafts: int = 0
    left: int = 0
    """Those that stay in Chinese."""


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


class Use(NamedTuple):
    """A rule that fired: the lines of the source, one for each time, and what stands there now."""

    kind: RuleKind
    rule: str
    lines: tuple[int, ...]
    text: str = ""

    @property
    def whole_lines(self) -> Iterable[int]:
        """Its lines; of a block with the blank ones in between."""
        is_block = self.kind in (RuleKind.DROPPED, RuleKind.REPLACED) and self.lines
        return range(min(self.lines), max(self.lines) + 1) if is_block else self.lines
