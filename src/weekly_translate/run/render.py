"""The document is put together, read again, and compared with its source (D5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.checks.document import document_findings
from weekly_translate.edition.blocks import HOLE
from weekly_translate.edition.marks import with_house_marks
from weekly_translate.edition.values import RuleKind
from weekly_translate.markdown.assemble import assemble
from weekly_translate.markdown.parse import parse
from weekly_translate.model import APPENDED, PLACED, Finding, Kind, Pair, PassageKind, Severity, Status
from weekly_translate.report.season_table import Inventory, counts_of
from weekly_translate.run.attempts import Answer
from weekly_translate.run.lookup import MAP, title_findings, title_link
from weekly_translate.run.plan import EDITION, assignment_of
from weekly_translate.run.scheduler import Scheduler, Settled
from weekly_translate.text.chinese import has_han
from weekly_translate.text.tags import prose_of
from weekly_translate.text.titles import TitleOrigin, origin_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from weekly_translate.edition.values import Edited, Edition
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.model import Document, Segment, Usage
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Plan

_REMARKS = {
    PLACED: (Severity.WARNING, "tags that the model lost were put where their words stand: look at it"),
    APPENDED: (
        Severity.ERROR,
        "links that the model lost stand behind the sentence: put them in their place",
    ),
}
_CHINESE_IS_KEPT_IN = (
    PassageKind.CODE,
    PassageKind.HTML,
    PassageKind.DEFINITION,
    PassageKind.ADDRESS,
    PassageKind.FRONT_MATTER,
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A segment in the output; `target` is None where it stays in Chinese."""

    segment: Segment
    target: str | None
    status: Status
    origin: str
    title: TitleOrigin | None = None
    """Where the English of a title comes from."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The text, each segment of it, and everything the checks say."""

    text: str
    segments: tuple[Rendered, ...]
    findings: tuple[Finding, ...]


def rendering_of(plan: Plan, answers: dict[str, Answer], job: Job) -> Rendering:
    """Deterministic: the same answers give the same bytes and the same findings."""
    document = plan.document
    found = {id_: Answer(e.target, e.status, e.origin, e.remark) for id_, e in plan.known.items()} | answers
    missing = Answer(None, Status.MACHINE, "", reason="not asked yet")
    chosen = {segment.id: found.get(segment.id, missing) for segment in document.segments}
    targets = {id_: answer.target for id_, answer in chosen.items() if answer.target is not None}
    choice, _, edited = plan.manuscript
    text = assemble(document, _with_house_marks(document, targets, choice.edition), edited.fixed)
    findings = [*document.findings]
    for segment in document.segments:
        findings += _segment_findings(segment, chosen[segment.id], plan, job)
    findings += title_findings(_machine_titles(document, chosen), plan.works)
    read_again = parse(text, marks=choice.edition.written)
    findings += document_findings(document, read_again, expected=edited.expected)
    findings += _kept_chinese(edited)
    rendered = tuple(
        _rendered(segment, chosen[segment.id], is_known=segment.id in plan.known)
        for segment in document.segments
    )
    return Rendering(text, rendered, tuple(findings))


def _with_house_marks(document: Document, targets: Mapping[str, str], edition: Edition) -> dict[str, str]:
    """The translations as the edition wants them; in the memory they stay as they were written."""
    return {
        segment.id: with_house_marks(targets[segment.id], segment.text, edition)
        for segment in document.segments
        if segment.id in targets
    }


def _rendered(segment: Segment, answer: Answer, *, is_known: bool) -> Rendered:
    title: TitleOrigin | None = None
    if segment.kind is Kind.TITLE and answer.target is not None and answer.origin != EDITION:
        if answer.origin.startswith(MAP):
            title = TitleOrigin.MAP
        else:
            by_person = is_known and answer.status >= Status.EDITED
            title = TitleOrigin.MEMORY if by_person else origin_of(segment, answer.target)
    return Rendered(segment, answer.target, answer.status, answer.origin, title)


def _machine_titles(document: Document, chosen: dict[str, Answer]) -> Iterator[tuple[Segment, str]]:
    for segment in document.segments:
        answer = chosen[segment.id]
        if title_link(segment) and answer.target is not None and answer.status is Status.MACHINE:
            yield segment, answer.target


def _segment_findings(segment: Segment, answer: Answer, plan: Plan, job: Job) -> Iterator[Finding]:
    def finding(check: str, severity: Severity, message: str) -> Finding:
        return Finding(check, severity, message, segment.id, segment.line)

    if answer.target is None:
        yield finding("seg.missing", Severity.ERROR, f"stays in Chinese: {answer.reason}")
        return
    if answer.origin == EDITION:
        return
    if answer.status is Status.DRAFT:
        yield finding("seg.draft", Severity.WARNING, "a draft, not a translation")
        return
    if answer.remark in _REMARKS:
        yield finding(answer.remark, *_REMARKS[answer.remark])
    pair = Pair(segment, answer.target, plan.terms[segment.id])
    yield from job.findings_of(pair)


def _kept_chinese(edited: Edited) -> Iterator[Finding]:
    """Where Chinese stays on purpose: a reader of the report should not have to look for it."""
    document = edited.document
    for passage in document.passages:
        if passage.kind in _CHINESE_IS_KEPT_IN and has_han(document.text[slice(*passage.span)]):
            line = document.text.count("\n", 0, passage.span.start) + 1
            if line in edited.covered:
                continue
            message = f"Chinese is kept in {passage.kind}"
            yield Finding("doc.kept-chinese", Severity.INFO, message, source_line=line)


# ---------------------------------------------------------------------------
# The order of the steps, and nothing but the order.


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of an issue. `failure` is what stopped it before its end, if anything did."""

    plan: Plan
    rendering: Rendering
    usage: Usage
    signature: str
    """How it was made: engine | prompts | glossary | edition."""
    failure: WeeklyTranslateError | None


async def translate(text: str, job: Job, name: str = "") -> Translation:
    """Translate one issue, whose file is called `name`: edit, plan, run, render.

    Raises `InputRefusedError`, `UsageError` for an edition that does not fit, and `StorageError`.
    """
    settled: list[Settled] = []
    await Scheduler([assignment_of(text, job, name)], job, settled.append).run()
    return translation_of(*settled)


def translation_of(settled: Settled) -> Translation:
    """An issue rendered, as far as it was answered."""
    assignment, answers, usage, failure = settled
    rendering = rendering_of(assignment.plan, answers, assignment.job)
    return Translation(assignment.plan, rendering, usage, assignment.job.signature, failure)


def drafts_in(translation: Translation) -> int:
    """How many segments of the output are drafts."""
    return sum(
        1 for one in translation.rendering.segments if one.status is Status.DRAFT and one.target is not None
    )


# ---------------------------------------------------------------------------
# What of an issue came through: its translation, counted for the table of a season.


_TEXTS = (RuleKind.TITLE, RuleKind.HEADER, RuleKind.FOOTER)


def inventory_of(name: str, translation: Translation) -> Inventory:
    """Count the result of an issue. Names of its edition and of the glossary may stay Chinese."""
    choice, _, edited = translation.plan.manuscript
    terms = (term.target for found in translation.plan.terms.values() for term in found)
    names = {*choice.edition.kept, *filter(has_han, terms)}
    result = parse(translation.rendering.text, marks=choice.edition.written)
    severities = [finding.severity for finding in translation.rendering.findings]
    return Inventory(
        name,
        choice.edition.name,
        counts_of(edited.expected, result.features),
        len(set(_chinese_lines(result, names))),
        {use.kind.value: _stands_in(use.text, result.text) for use in edited.uses if use.kind in _TEXTS},
        severities.count(Severity.ERROR),
        severities.count(Severity.WARNING),
    )


def _stands_in(text: str, result: str) -> bool:
    """Whether a text of the edition is there; the title may have a place for its words."""
    return all(part.strip() in result for part in text.split(HOLE))


def _chinese_lines(result: Document, kept: Collection[str]) -> Iterator[int]:
    for segment in result.segments:
        words = prose_of(segment.text)
        for name in sorted(kept, key=len, reverse=True):
            words = words.replace(name, "")
        if has_han(words):
            yield segment.line
