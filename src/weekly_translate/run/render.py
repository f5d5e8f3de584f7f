"""The document is put together, read again, and compared with its source (D5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.checks.document import document_findings
from weekly_translate.edition.blocks import HOLE
from weekly_translate.edition.marks import with_house_marks
from weekly_translate.edition.values import RuleKind
from weekly_translate.markdown.assemble import assemble
from weekly_translate.markdown.segments import parse
from weekly_translate.model import APPENDED, PLACED, Entry, Finding, Kind, Pair, PassageKind, Severity, Status
from weekly_translate.report.season import Inventory, counts_of
from weekly_translate.run.attempts import Untranslated
from weekly_translate.run.lookup import MAP, title_findings, title_link
from weekly_translate.run.plan import EDITION
from weekly_translate.text.chinese import has_han
from weekly_translate.text.tags import prose_of
from weekly_translate.text.titles import TitleOrigin, origin_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from weekly_translate.edition.values import Edited, Edition
    from weekly_translate.model import Document, Segment
    from weekly_translate.run.attempts import Answer
    from weekly_translate.run.plan import Plan

_REMARKS = {
    PLACED: (Severity.WARNING, "tags that the model lost were put where their words stand: look at it"),
    APPENDED: (
        Severity.ERROR,
        "links that the model lost stand behind the sentence: put them in their place",
    ),
}
_NOT_ASKED = Untranslated("not asked yet")
_TEXTS = (RuleKind.TITLE, RuleKind.HEADER, RuleKind.FOOTER)
_CHINESE_IS_KEPT_IN = (
    PassageKind.CODE,
    PassageKind.HTML,
    PassageKind.DEFINITION,
    PassageKind.ADDRESS,
    PassageKind.FRONT_MATTER,
)


@dataclass(frozen=True, slots=True)
class RenderedSegment:
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
    segments: tuple[RenderedSegment, ...]
    findings: tuple[Finding, ...]


def rendering_of(plan: Plan, answers: Mapping[str, Answer]) -> Rendering:
    """Deterministic: the same answers, by segment id, give the same bytes and the same findings."""
    document = plan.document
    found = {**plan.known, **answers}
    chosen = {segment.id: found.get(segment.id, _NOT_ASKED) for segment in document.segments}
    targets = {id_: answer.target for id_, answer in chosen.items() if isinstance(answer, Entry)}
    choice, _, edited = plan.manuscript
    text = assemble(document, _with_house_marks(document, targets, choice.edition), edited.fixed)
    findings = [*document.findings]
    for segment in document.segments:
        findings += _segment_findings(segment, chosen[segment.id], plan)
    findings += title_findings(_machine_titles(document, chosen), plan.titles)
    read_again = parse(text, marks=choice.edition.written)
    findings += document_findings(document, read_again, expected=edited.expected)
    findings += _kept_chinese(edited)
    rendered = tuple(_rendered(segment, chosen[segment.id], plan) for segment in document.segments)
    return Rendering(text, rendered, tuple(findings))


def _with_house_marks(document: Document, targets: Mapping[str, str], edition: Edition) -> dict[str, str]:
    """The translations as the edition wants them; in the memory they stay as they were written."""
    return {
        segment.id: with_house_marks(targets[segment.id], segment.text, edition)
        for segment in document.segments
        if segment.id in targets
    }


def _rendered(segment: Segment, answer: Answer, plan: Plan) -> RenderedSegment:
    if not isinstance(answer, Entry):
        return RenderedSegment(segment, None, answer.status, answer.origin)
    title: TitleOrigin | None = None
    if segment.kind is Kind.TITLE and answer.origin != EDITION:
        if answer.origin.startswith(MAP):
            title = TitleOrigin.MAP
        else:
            by_person = segment.id in plan.known and answer.status >= Status.EDITED
            title = TitleOrigin.MEMORY if by_person else origin_of(segment, answer.target)
    return RenderedSegment(segment, answer.target, answer.status, answer.origin, title)


def _machine_titles(document: Document, chosen: Mapping[str, Answer]) -> Iterator[tuple[Segment, str]]:
    for segment in document.segments:
        answer = chosen[segment.id]
        if title_link(segment) and isinstance(answer, Entry) and answer.status is Status.MACHINE:
            yield segment, answer.target


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


# --------------------------------------------------------------------------- what of an issue came through


def inventory_of(name: str, plan: Plan, rendering: Rendering) -> Inventory:
    """Count the result of an issue. Names of its edition and of the glossary may stay Chinese."""
    choice, _, edited = plan.manuscript
    terms = (term.target for found in plan.terms.values() for term in found)
    names = {*choice.edition.kept, *filter(has_han, terms)}
    result = parse(rendering.text, marks=choice.edition.written)
    severities = [finding.severity for finding in rendering.findings]
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
