"""A translation under review, segment by segment: the values that the page, the terminal and JSON show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Severity, Status, Use
from weekly_translate.text.characters import tokens_of
from weekly_translate.text.xml import STATES, XliffUnit, xliff_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Decision, Finding, Kind, Span, TitleOrigin

_SIGNS = {"link": "[]", "bold": ("**", "**"), "italics": "**", "strike": ("~~", "~~"), "code": "``"}


class Origin(StrEnum):
    """Who or what an English text comes from."""

    HUMAN = "human"
    """A person has written or approved it."""
    MEMORY = "memory"
    """A machine's answer of an earlier run."""
    MODEL = "model"
    """A machine's answer of this run."""
    EDITION = "edition"
    FILE = "file"
    """It stands in the English file, and nobody knows who wrote it."""
    DRAFT = "draft"
    NONE = "none"
    """There is no English yet."""


class ShownTag(NamedTuple):
    """What a tag stands for. `kind` is `link`, `bold`, `italics`, `strike`, `code` or `mark`."""

    name: str
    kind: str
    address: str = ""
    """Where a link leads, as the source has it: it may be anything, a script too."""
    text: str = ""
    """The bytes of a tag that stands alone: an emoji, HTML, an image, a footnote mark."""


class ShownImage(NamedTuple):
    """An image that stands in a segment, or between it and the next one."""

    address: str
    line: int


class ShownTerm(NamedTuple):
    """A glossary term and where it stands in the tagged source."""

    source: str
    target: str
    spans: tuple[Span, ...]
    allowed: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    note: str = ""


class RefusedAnswer(NamedTuple):
    """An answer that is not used, because of an error or because a person has rejected it."""

    target: str
    made_by: str
    """Engine and model; empty for what a person has rejected."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A segment under review. Texts are tagged; `target` is None where it is still Chinese."""

    id: str
    kind: Kind
    section: str
    """The words of the heading that it stands under; empty above the first."""
    line: int
    source: str
    target: str | None
    previous: str | None = None
    """What the English file has, in the source's tags; None where there is none."""
    target_line: int | None = None
    """Where that stands in the English file."""
    status: Status = Status.MACHINE
    origin: Origin = Origin.NONE
    made_by: str = ""
    """Engine and model, the file or the person."""
    title: TitleOrigin | None = None
    remark: str = ""
    findings: tuple[Finding, ...] = ()
    terms: tuple[ShownTerm, ...] = ()
    tags: tuple[ShownTag, ...] = ()
    images: tuple[ShownImage, ...] = ()
    link: str = ""
    """The address that the whole segment links to."""
    decision: Decision | None = None
    refused: RefusedAnswer | None = None
    """What a person can mend where there is no English."""
    must_be_mended: bool = False
    """Whether no reason makes up for its errors: a link, a mark or code is not that of the source."""
    revision: str = ""
    """What a decision on it names, so that nobody decides on what he did not see; a server fills it."""
    undoable: bool = False
    """Whether a decision on it can be taken back; a server knows."""
    corrected: str = ""
    """The English with the corrections of a second reader; empty where it offers none."""

    @property
    def is_changed(self) -> bool:
        """Whether the English differs from that of the file; what is new is no change."""
        return self.previous is not None and self.target is not None and self.previous != self.target

    @property
    def is_doubted(self) -> bool:
        """Whether the checks have an error or a warning for it."""
        return any(finding.severity is not Severity.INFO for finding in self.findings)

    @property
    def weight(self) -> int:
        """How urgently it needs a look: 2 for an error or no English, 1 for a warning, 0 for neither."""
        severities = {finding.severity for finding in self.findings}
        if self.target is None or Severity.ERROR in severities:
            return 2
        return int(Severity.WARNING in severities)

    @property
    def is_open(self) -> bool:
        """Whether a person has to see to it: a warning until one vouches for it, an error whoever does."""
        return self.origin is not Origin.EDITION and self.weight > int(self.is_settled)

    @property
    def needs_a_look(self) -> bool:
        """Whether it is open and nobody has decided on it, or an error is left in a decision."""
        return self.is_open and (self.is_settled or self.decision is None)

    @property
    def is_settled(self) -> bool:
        """Whether a person vouches for it: what the edition says was written by one."""
        return self.target is not None and self.status >= Status.EDITED


@dataclass(frozen=True, slots=True)
class Review:
    """A document under review; `findings` are those that belong to no segment."""

    name: str
    signature: str
    segments: tuple[Reviewed, ...]
    target_name: str = ""
    """The English file that it is compared with."""
    edition: str = ""
    rules: tuple[Use, ...] = ()
    findings: tuple[Finding, ...] = ()
    of_file: tuple[Finding, ...] = ()
    """What `check` says of the English file as it is, and nothing here says."""
    text: str = field(default="", repr=False)
    """The English document as it would be written."""

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """What is said about the text that is shown."""
        return (*self.findings, *(finding for segment in self.segments for finding in segment.findings))

    def count(self, severity: Severity) -> int:
        """All findings of a severity about the text that is shown."""
        return sum(finding.severity is severity for finding in self.all_findings)

    def beside_file(self, said: Sequence[Finding]) -> Review:
        """The same, with what is `said` of the English file, unless the shown text has it as well."""
        if not (said or self.of_file):  # as after most decisions
            return self
        shown = set(map(_told_as, self.all_findings))
        only = (one for one in said if _told_as(one) not in shown)
        return replace(self, of_file=tuple(only))


def _told_as(finding: Finding) -> tuple[str, str, int | None]:
    """What makes two findings one for a reader, whether or not one of them is settled.

    That a text stays in Chinese is said in several words.
    """
    if finding.check in ("seg.missing", "seg.untranslated"):
        return "", "", finding.source_line
    why = f" ({finding.settled.why})" if finding.settled else ""
    return finding.check, finding.message.removesuffix(why), finding.source_line


def readable(text: str, tags: Iterable[ShownTag]) -> str:
    """A tagged text with its tags as the Markdown that they stand for, without the addresses.

    `<a1>docs</a1> of <c2>gc</c2>` is ``[docs] of `gc` ``; a tag that stands alone is its own text.
    """
    known = {tag.name: tag for tag in tags}
    written = []
    for token in tokens_of(text):
        tag = known.get(token.name)
        if tag is None:
            written.append(token.text)
        elif token.alone:
            written.append(tag.text)
        else:
            opening, closing = _SIGNS.get(tag.kind, ("", ""))
            written.append(closing if token.closes else opening)
    return "".join(written)


SEEN, STATE = "seen", "state"
"""The notes that hold the English and how far it was when it was written out: what differs, a person did."""


def review_xliff(review: Review) -> str:
    """The texts under review for another translation tool; what the edition says is left out."""
    return xliff_of((_unit(one) for one in review.segments if one.origin is not Origin.EDITION), review.name)


def state_of(one: Reviewed) -> str:
    """How far it is, in the words of XLIFF."""
    return STATES[list(Status).index(one.status)] if one.target else STATES[0]


def _unit(one: Reviewed) -> XliffUnit:
    target = one.target or ""
    state = state_of(one)
    facts = {"line": str(one.line), "section": one.section, "link": one.link, SEEN: target, STATE: state}
    notes = [(name, text) for name, text in facts.items() if text]
    notes += [(finding.check, finding.message) for finding in one.findings]
    return XliffUnit(one.id, one.source, target, state, tuple(notes))
