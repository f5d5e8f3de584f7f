"""A `Review` from what is known of a document: its memory, its edition, an English file. Nothing is asked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.allowances import Allowances
from weekly_translate.comparison.learning import lessons_in
from weekly_translate.edition.seams import HOLE
from weekly_translate.exchange import Decision, Status, Verdict
from weekly_translate.markdown.sections import sections_of
from weekly_translate.pipeline.attempts import Answer
from weekly_translate.pipeline.manuscript import manuscript_of
from weekly_translate.pipeline.plan import EDITION, plan_for
from weekly_translate.pipeline.rendering import rendering_of
from weekly_translate.pipeline.side_by_side import side_by_side
from weekly_translate.reports.reviewed import Origin, Review, Reviewed, UsedRule
from weekly_translate.review.shown import images_by_segment, shown_terms, tags_by_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.exchange import Entry
    from weekly_translate.model import Finding, Segment, Span
    from weekly_translate.pipeline.editions import Editions
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan
    from weekly_translate.pipeline.rendering import Rendered, Rendering
    from weekly_translate.store.memory import TranslationMemory


class InFile(NamedTuple):
    """What an English file has for a segment, in the tags of the source."""

    source: str
    target: str
    line: int | None


class Previous(NamedTuple):
    """An English file, segment by segment."""

    name: str
    found: Mapping[Span, InFile]
    """By where the segment stands in the source."""

    def of(self, segment: Segment) -> InFile | None:
        """What the file has for a segment."""
        found = self.found.get(segment.span)
        return found if found is not None and found.source == segment.text else None


def gathered(text: str, name: str, job: Job, english: tuple[str, str] | None = None) -> Review:
    """What the edition and the memory have for a document; for the rest, what stands in the English file.

    `english` is the text of that file and its name. Raises `InputRefusedError` and `UsageError`.
    """
    manuscript = manuscript_of(text, name, job.editions)
    job = job.under(manuscript.choice)
    plan = plan_for(manuscript, job)
    previous = None
    if english is not None:
        previous = previous_in(text, name, english, job.editions)
    return review_of_plan(plan, job, name=name, previous=previous)


def review_of_plan(plan: Plan, job: Job, *, name: str, previous: Previous | None) -> Review:
    """The same, where the English file has been read before."""
    rendering = rendering_of(plan, dict(_answers(plan, previous)), job)
    return review_of(plan, rendering, job, name=name, previous=previous)


def previous_in(text: str, name: str, english: tuple[str, str], editions: Editions) -> Previous:
    """The text of an English file and its name, beside all lines of the source."""
    target, target_name = english
    pair = side_by_side(manuscript_of(text, name, editions, every_line=True), target, Allowances())
    lessons = lessons_in(pair.source, pair.target, pair.allowed)
    found = {
        lesson.segment.span: InFile(lesson.segment.text, lesson.target, lesson.line)
        for lesson in lessons
        if lesson.target
    }
    return Previous(target_name, found)


def review_of(
    plan: Plan, rendering: Rendering, job: Job, *, name: str, previous: Previous | None = None
) -> Review:
    """What became of a document as a person looks at it: after a run, or from what is known."""
    choice, _, edited = plan.manuscript
    by_segment: dict[str | None, list[Finding]] = defaultdict(list)
    ids = {one.segment.id for one in rendering.segments}
    for finding in rendering.findings:
        by_segment[finding.segment if finding.segment in ids else None].append(finding)
    rules = (
        UsedRule(use.kind.value, use.rule, use.lines, use.text.replace(HOLE, "…")) for use in edited.uses
    )
    return Review(
        name=name,
        signature=job.signature,
        segments=tuple(_reviewed(plan, rendering, job, by_segment, previous)),
        target_name=previous.name if previous else "",
        edition=choice.edition.name,
        rules=tuple(rules),
        findings=tuple(by_segment[None]),
        text=rendering.text,
    )


# --------------------------------------------------------------------------- what the memory lacks


def _answers(plan: Plan, previous: Previous | None) -> Iterator[tuple[str, Answer]]:
    """The texts of the file for the segments that the memory does not know."""
    asked = {id_: ask.rejected for ask in plan.asks for id_ in (ask.segment.id, *ask.twins)}
    why = f"{previous.name} has no English of its own for it" if previous else "it is not translated yet"
    for segment in plan.document.segments:
        if segment.id not in asked:
            continue
        found = previous.of(segment) if previous else None
        rejected = {one.target: one.reason for one in asked[segment.id]}
        if previous is not None and found is not None and found.target not in (segment.text, *rejected):
            yield segment.id, Answer(found.target, Status.MACHINE, previous.name)
        else:
            reason = f"rejected: {asked[segment.id][-1].reason}" if rejected else why
            yield segment.id, Answer(None, Status.MACHINE, "", reason=reason)


# --------------------------------------------------------------------------- segment by segment


def _reviewed(
    plan: Plan,
    rendering: Rendering,
    job: Job,
    findings: Mapping[str | None, list[Finding]],
    previous: Previous | None,
) -> Iterator[Reviewed]:
    document = plan.document
    sections = sections_of(document)
    images, tags = images_by_segment(document), tags_by_segment(document)
    for one in rendering.segments:
        segment = one.segment
        found = previous.of(segment) if previous else None
        known = plan.known.get(segment.id)
        yield Reviewed(
            id=segment.id,
            kind=segment.kind,
            section=sections[segment.id],
            line=segment.line,
            source=segment.text,
            target=one.target,
            previous=found.target if found else None,
            target_line=found.line if found else None,
            status=one.status,
            origin=_origin(one, plan, previous),
            made_by="" if one.origin == EDITION else one.origin,
            title=one.title,
            remark=known.remark if known else "",
            findings=tuple(findings.get(segment.id, ())),
            terms=shown_terms(segment, plan.terms.get(segment.id, ())),
            tags=tags.get(segment.id, ()),
            images=images.get(segment.id, ()),
            link=segment.link,
            decision=_decision(segment, known, job.memory),
        )


def _origin(one: Rendered, plan: Plan, previous: Previous | None) -> Origin:
    if one.target is None:
        return Origin.NONE
    if one.origin == EDITION:
        return Origin.EDITION
    if one.status is Status.DRAFT:
        return Origin.DRAFT
    if one.status >= Status.EDITED:
        return Origin.HUMAN
    if one.segment.id in plan.known:
        return Origin.MEMORY
    return Origin.FILE if previous and one.origin == previous.name else Origin.MODEL


def _decision(segment: Segment, known: Entry | None, memory: TranslationMemory) -> Decision | None:
    """What a person has said last; what the edition says needs nobody's consent."""
    if known is None:
        last = memory.decisions.last(segment.text)
        return last if last is not None and last.verdict is Verdict.REJECTED else None
    if known.status < Status.EDITED or known.origin == EDITION:
        return None
    verdict = Verdict.ACCEPTED if known.status is Status.APPROVED else Verdict.EDITED
    return Decision(verdict, known.origin, known.created)
