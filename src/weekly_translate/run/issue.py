"""One issue of a run: what was asked for, how it was planned, and its document put together again (D5)."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.characters import leftover_findings, leftovers_in
from weekly_translate.checks.document import document_findings
from weekly_translate.checks.registry import text_findings
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.edition.rewriting import with_house_marks
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, read_text
from weekly_translate.markdown.anchors import Pages, followed, headings_of, kept_ids, links_to_headings
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import (
    APPENDED,
    PLACED,
    Counts,
    Ending,
    Entry,
    Finding,
    Kind,
    Pair,
    Severity,
    Status,
    Usage,
)
from weekly_translate.report.text import Side, side_of
from weekly_translate.run.attempts import Untranslated
from weekly_translate.run.plan import EDITION, MAP, plan_for, title_findings
from weekly_translate.text.alike import TitleOrigin, origin_of
from weekly_translate.text.characters import has_han, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from weekly_translate.checks.characters import Leftover
    from weekly_translate.edition.applying import Manuscript
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.model import Document, Segment
    from weekly_translate.run.attempts import Answer
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

_REMARKS = {
    PLACED: (Severity.WARNING, "tags that the model lost were put where their words stand: look at it"),
    APPENDED: (
        Severity.ERROR,
        "links that the model lost stand behind the sentence: put them in their place",
    ),
}
_NOT_ASKED = Untranslated("not asked yet")
_TOGETHER = 50
"""So many files are read before the memory is asked about them."""


def result_of(
    plan: Plan, answers: Mapping[str, Answer], page_of: Callable[[str], Pages | None] = lambda _: None
) -> Result:
    """The text and all that is said of it: the same answers, by segment id, give the same bytes.

    `page_of` knows the headings of the pages that links name.
    """
    document = plan.document
    choice, _, edited = plan.manuscript
    chosen, of_segments = judged_segments(plan, answers)
    # In the memory the translations stay as they were written.
    targets = {
        segment.id: with_house_marks(target, segment.text, choice.edition)
        for segment in plan.segments
        if (target := chosen[segment.id].target) is not None
    }
    fixed, expected = edited.fixed, edited.expected
    if choice.dialect.keeps_ids:
        ids, added = kept_ids(document)
        fixed = {**fixed, **ids}
        expected = tuple(sorted((*expected, *added), key=lambda one: one.line))
    text = assemble(document, targets, fixed)
    findings = [*document.findings]
    read_again = parse(text, marks=choice.edition.written, dialect=choice.dialect)
    if any(links_to_headings(document)):
        own = Pages(headings_of(document), headings_of(read_again))
        links = followed(document, expected, lambda name: page_of(name) if name else own)
        expected = links.expected
        findings += links.findings
        text = assemble(document, targets, {**fixed, **links.fixed})
        read_again = parse(text, marks=choice.edition.written, dialect=choice.dialect)
    findings += document_findings(document, read_again, expected=expected)
    about_text = text_findings(document, read_again)  # of the rest, cutting and splicing takes care
    findings += [finding for finding in about_text if finding.check.startswith("char.")]
    left = tuple(_left_in(read_again, plan))
    findings += leftover_findings(left, sentence=Severity.WARNING)
    findings = _with_ignored(findings, plan, side_of("", document), side_of("", read_again))
    return Result(plan, chosen, text, (*of_segments, *findings), left)


def judged_segments(
    plan: Plan, answers: Mapping[str, Answer]
) -> tuple[dict[str, Answer], tuple[Finding, ...]]:
    """What becomes of each segment that a plan is about, by its id, and what is said of it by itself."""
    found = {**plan.known, **plan.failed, **answers}
    chosen = {segment.id: found.get(segment.id, _NOT_ASKED) for segment in plan.segments}
    each = [(segment, chosen[segment.id]) for segment in plan.segments]
    findings = [one for segment, answer in each for one in _segment_findings(segment, answer, plan)]
    titles = (
        (segment, answer.target)
        for segment, answer in each
        if segment.title_link and isinstance(answer, Entry) and answer.status is Status.MACHINE
    )
    findings += title_findings(titles, plan.titles)
    source = Side("", "", tuple(lines_of(plan.document.text)))
    return chosen, tuple(_with_ignored(findings, plan, source, Side("", "", ())))


def _with_ignored(findings: list[Finding], plan: Plan, source: Side, target: Side) -> list[Finding]:
    """What a person wants silent is an information, with the reason."""
    if not plan.data.ignores:
        return findings
    from weekly_translate.compare.ignores import as_informations, sifted  # noqa: PLC0415 - as in `project`

    return [*as_informations(sifted(findings, plan.data.ignores, source, target))]


def title_origin(segment: Segment, answer: Answer, plan: Plan) -> TitleOrigin | None:
    """Where the English of a title comes from; None for what is no title, or is settled by the edition."""
    if segment.kind is not Kind.TITLE or answer.target is None or answer.origin == EDITION:
        return None
    if answer.origin.startswith(MAP):
        return TitleOrigin.MAP
    by_person = segment.id in plan.known and answer.status >= Status.EDITED
    return TitleOrigin.MEMORY if by_person else origin_of(segment, answer.target)


def _segment_findings(segment: Segment, answer: Answer, plan: Plan) -> Iterator[Finding]:
    def finding(check: str, severity: Severity, message: str) -> Finding:
        return Finding(check, severity, message, segment.id, segment.line)

    if not isinstance(answer, Entry):
        yield finding("seg.missing", Severity.ERROR, f"stays in Chinese: {answer.reason}")
    elif answer.status is Status.DRAFT:
        yield finding("seg.draft", Severity.WARNING, "a draft, not a translation")
    elif answer.origin != EDITION:
        if answer.remark in _REMARKS:
            yield finding(answer.remark, *_REMARKS[answer.remark])
        yield from plan.data.findings_of(Pair(segment, answer.target, plan.terms[segment.id]))


def _left_in(result: Document, plan: Plan) -> Iterator[Leftover]:
    """The Chinese in a result, without the names that may stay and the edition's own texts."""
    own = {line.strip() for use in plan.manuscript.edited.uses for line in use.text.splitlines()}
    lines = result.text.split("\n")

    def names_in(text: str) -> set[str]:
        terms = plan.data.matcher.terms_in(text)
        return {*plan.data.allowed_chinese, *(term.target for term in terms if has_han(term.target))}

    for one in leftovers_in(result, names_in):
        if lines[one.line - 1].strip() not in own:
            yield one


class Order(NamedTuple):
    """What a person asked for."""

    source: Path
    out: Path | None = None
    encoding: str | None = None
    fix_mojibake: bool = False
    allow_partial: bool = False
    dry_run: bool = False

    def read(self) -> TextFile:
        """The source. Raises `UsageError`, and `InputRefusedError` for what is no text."""
        return read_text(self.source, encoding_hint=self.encoding, fix_mojibake=self.fix_mojibake)


_NO_ORDER, _NO_TEXT = Order(Path()), TextFile("")
"""Of what is only looked at."""


class PlannedIssue(NamedTuple):
    """A file that was read and looked up, and how long that took."""

    order: Order
    source: TextFile
    plan: Plan
    seconds: float

    def result(
        self, answers: Mapping[str, Answer], page_of: Callable[[str], Pages | None] = lambda _: None
    ) -> Result:
        """What becomes of it with these answers; see `result_of`."""
        found = result_of(self.plan, answers, page_of)
        return found._replace(order=self.order, source=self.source, seconds=self.seconds)


class RefusedIssue(NamedTuple):
    """A file that is not translated, and why."""

    order: Order
    failure: UsageError


def planned(order: Order, data: ProjectData) -> PlannedIssue:
    """Read a file and look it up. Raises `UsageError`."""
    (one,) = all_planned([order], data)
    if isinstance(one, RefusedIssue):
        raise one.failure
    return one


def all_planned(orders: Iterable[Order], data: ProjectData) -> Iterator[PlannedIssue | RefusedIssue]:
    """The same of many files, in their order. What the memory has for some of them is read at once."""
    rest = iter(orders)
    while group := list(islice(rest, _TOGETHER)):
        opened = [_opened(order, data) for order in group]
        read = [one for one in opened if isinstance(one, _OpenedIssue)]
        data.memory.read_ahead(one for issue in read for one in issue.manuscript.edited.document.segments)
        for one in opened:
            yield one if isinstance(one, RefusedIssue) else _looked_up(one, data)


class _OpenedIssue(NamedTuple):
    """A source that has been read and edited, and the seconds that this took."""

    order: Order
    source: TextFile
    manuscript: Manuscript
    seconds: float


def _opened(order: Order, data: ProjectData) -> _OpenedIssue | RefusedIssue:
    begun = time.monotonic()
    try:
        source = order.read()
        manuscript = manuscript_of(source.text, order.source.name, data.editions)
    except UsageError as error:
        return RefusedIssue(order, error)
    return _OpenedIssue(order, source, manuscript, time.monotonic() - begun)


def _looked_up(one: _OpenedIssue, data: ProjectData) -> PlannedIssue | RefusedIssue:
    begun = time.monotonic()
    try:
        plan = plan_for(one.manuscript, data.under(one.manuscript.choice))
    except UsageError as error:
        return RefusedIssue(one.order, error)
    return PlannedIssue(one.order, one.source, plan, one.seconds + time.monotonic() - begun)


class Result(NamedTuple):
    """What has become of an issue, whose text may be written or not."""

    plan: Plan
    answers: Mapping[str, Answer]
    """What has become of each segment that the plan is about, by its id."""
    text: str
    """The English, with what could not be translated still in Chinese."""
    findings: tuple[Finding, ...]
    """Everything the checks say about it."""
    left: tuple[Leftover, ...]
    """The Chinese that is left in it."""
    order: Order = _NO_ORDER
    source: TextFile = _NO_TEXT
    usage: Usage = Usage()
    reading: Usage = Usage()
    """What the second reader has used."""
    failure: WeeklyTranslateError | None = None
    """What stopped the run before the end of this issue."""
    seconds: float = 0.0
    """How long it took to look it up, and from its first request to its last answer."""
    ending: Ending | None = None
    """What happened to the file; None where nothing was to be written."""
    why: str = ""
    """A sentence, where the name of the ending does not say it all."""
    diff: str = ""
    """What a person has changed in the file that it was to replace."""
    dropped_doubts: int = 0
    """Doubts of the translator that nobody can be shown."""
    dropped_errors: int = 0
    """The same of the second reader."""
    is_read: bool = True
    """Whether a second reader, where there is one, has seen all that it was to see."""

    @property
    def segments(self) -> list[tuple[Segment, Answer]]:
        """The segments that the plan is about, each with what has become of it."""
        return [(segment, self.answers[segment.id]) for segment in self.plan.segments]

    @property
    def texts(self) -> dict[str, str]:
        """The sources of its segments by their ids, for findings to quote."""
        return {segment.id: segment.text for segment in self.plan.segments}

    @property
    def counts(self) -> Counts:
        """Where its segments come from."""
        answers, plan = self.answers.values(), self.plan
        memory, edition = len(plan.remembered), len(plan.known) - len(plan.remembered)
        left = sum(one.target is None for one in answers)
        made = len(answers) - memory - edition - left - self.drafts
        return Counts(len(answers), memory, edition, made, self.drafts, left)

    @property
    def code(self) -> ExitCode:
        """What the shell is told, if this is the only issue."""
        if self.failure is not None:
            return self.failure.exit_code
        if self.ending in (Ending.HELD, Ending.FOREIGN):
            return ExitCode.PARTIAL
        unfinished = self.drafts or any(one.is_sentence and one.is_seen for one in self.left)
        return ExitCode.FINDINGS if self.has_errors or unfinished else ExitCode.DONE

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong that a draft does not say of itself."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def signature(self) -> str:
        """How it was made: engine | prompts | glossary | edition."""
        return self.plan.data.signature

    @property
    def written(self) -> bool:
        """Whether the text has gone to its file, or to whoever asked for it."""
        return self.ending is not None and self.ending.is_written

    @property
    def drafts(self) -> int:
        """How many segments of the text are drafts."""
        return sum(one.status is Status.DRAFT and one.target is not None for one in self.answers.values())

    @property
    def not_asked(self) -> frozenset[str]:
        """The ids of the segments that the run did not come to."""
        unknown = (id_ for id_, one in self.answers.items() if one.target is None and not one.origin)
        return frozenset(unknown)

    @property
    def begun(self) -> bool:
        """Whether anything was known or answered before a failure ended the run."""
        return self.failure is None or len(self.not_asked) < len(self.answers)
