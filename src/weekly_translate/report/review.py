"""A translation as a person looks at it, segment by segment: the values, and as a terminal shows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Severity, Status, Verdict
from weekly_translate.report.columns import Line, Piece, aligned, table_of, wrapped
from weekly_translate.text.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Decision, Finding, Kind, Span
    from weekly_translate.report.findings import Look
    from weekly_translate.text.alike import TitleOrigin


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


class UsedRule(NamedTuple):
    """A rule of the edition that fired: its kind, its name, the lines of the source, what stands for them."""

    kind: str
    rule: str
    lines: tuple[int, ...]
    text: str = ""


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
    revision: str = ""
    """What a decision on it names, so that nobody decides on what he did not see; a server fills it."""
    undoable: bool = False
    """Whether a decision on it can be taken back; a server knows."""

    @property
    def is_changed(self) -> bool:
        """Whether the English differs from that of the file; what is new is no change."""
        return self.previous is not None and self.target is not None and self.previous != self.target

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
    rules: tuple[UsedRule, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str = field(default="", repr=False)
    """The English document as it would be written."""

    def count(self, severity: Severity) -> int:
        """All findings of a severity."""
        inner = (finding for segment in self.segments for finding in segment.findings)
        return sum(finding.severity is severity for finding in (*self.findings, *inner))


# ---------------------------------------------------------------------------
# A tagged text as a person reads it: its tags as the Markdown that they stand for, without the addresses.


_SIGNS = {"link": "[]", "bold": ("**", "**"), "italics": "**", "strike": ("~~", "~~"), "code": "``"}


def readable(text: str, tags: Iterable[ShownTag]) -> str:
    """`<a1>docs</a1> of <c2>gc</c2>` is ``[docs] of `gc` ``; what stands alone is its own bytes."""
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


# ---------------------------------------------------------------------------
# Who still has to look at what: a table of issues, and how far people have come with each.


COLUMNS = ("segments", "approved", "edited", "machine", "rejected", "missing", "findings")
"""`missing` has no English yet; `findings` has errors or warnings, and nobody has vouched for it."""


class Progress(NamedTuple):
    """An issue by name, and how many of its segments are what."""

    name: str
    counts: Counter[str]


def progress_of(review: Review) -> Progress:
    """How far people have come; what the edition says in every issue is not counted."""
    segments = [one for one in review.segments if one.origin is not Origin.EDITION]
    counts = Counter(map(_state_of, segments))
    counts["segments"] = len(segments)
    counts["findings"] = sum(map(_needs_a_look, segments))
    return Progress(review.name, counts)


def status_table(issues: Sequence[Progress]) -> str:
    """One line for each issue, and one for all of them where there are several."""
    rows = [["issue", *COLUMNS], *map(_row, issues)]
    if len(issues) > 1:
        total: Counter[str] = sum((issue.counts for issue in issues), Counter())
        rows.append(_row(Progress("all", total)))
    return table_of(aligned(rows, right=range(1, len(COLUMNS) + 1)))


def _state_of(one: Reviewed) -> str:
    if one.decision is not None and one.decision.verdict is Verdict.REJECTED:
        return "rejected"
    if one.target is None:
        return "missing"
    return {Status.APPROVED: "approved", Status.EDITED: "edited"}.get(one.status, "machine")


def _needs_a_look(one: Reviewed) -> bool:
    if one.target is None or one.is_settled:
        return False
    return any(finding.severity is not Severity.INFO for finding in one.findings)


def _row(issue: Progress) -> list[str]:
    return [issue.name, *(f"{issue.counts[column]:,}" for column in COLUMNS)]


# ---------------------------------------------------------------------------
# A segment under review on a terminal: both texts, what the checks say, what its tags stand for.


_INDENT = "    "


def card_of(one: Reviewed, look: Look, *, place: str) -> Iterator[Line]:
    """The lines of a segment; `place` says where it stands: `3 of 12, issue.md:45`."""
    section = f", {one.section}" if one.section else ""
    yield ()
    yield (Piece(look.clean(f"{place}{section}"), "place"),)
    yield from _paragraph(one.source, look)
    yield from _paragraph("(not translated yet)" if one.target is None else one.target, look)
    for finding in one.findings:
        first, *more = wrapped(f"{finding.check}: {look.clean(finding.message)}", (), width=look.width - 10)
        yield Piece(f"  {finding.severity.value:<8}", finding.severity.value), *first
        for line in more:
            yield Piece(" " * 10), *line
    for tag in one.tags:
        yield (Piece(look.clean(f"  <{tag.name}> {_meaning(tag)}"), "dim"),)
    for term in one.terms:
        yield (Piece(look.clean(f"  {term.source} → {term.target}"), "dim"),)
    if one.decision is not None:
        reason = f": {one.decision.reason}" if one.decision.reason else ""
        who = f" by {one.decision.who}" if one.decision.who else ""
        yield (Piece(look.clean(f"  {one.decision.verdict}{who}{reason}"), "dim"),)


def _paragraph(text: str, look: Look) -> Iterator[Line]:
    for part in look.clean(text).splitlines() or [""]:
        for line in wrapped(part, (), width=look.width - len(_INDENT)):
            yield Piece(_INDENT), *line
    yield ()


def _meaning(tag: ShownTag) -> str:
    return " ".join(filter(None, (tag.kind, tag.address or tag.text)))
