"""The last phase: the document is put together, read again, and compared with its source (D5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.checks import document_findings
from weekly_translate.chinese import has_han
from weekly_translate.edition.marks import with_house_marks
from weekly_translate.exchange import APPENDED, PLACED, Status
from weekly_translate.markdown import assemble, parse
from weekly_translate.model import Finding, Kind, Pair, PassageKind, Severity
from weekly_translate.pipeline.attempts import Answer
from weekly_translate.pipeline.plan import EDITION
from weekly_translate.pipeline.works import MAP, title_findings, title_link
from weekly_translate.titles import TitleOrigin, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.edition import Edited, Edition
    from weekly_translate.model import Document, Segment
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan

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
