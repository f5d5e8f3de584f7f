"""A `Review` of what is known of a document: its memory, its edition, an English file. No model is asked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.markup import why_not_stored
from weekly_translate.compare.ignores import Allowances, as_informations, why_ignored
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.pair_files import FilePair, Judging, verdict_on
from weekly_translate.compare.style import Rules, pair_to_learn_from
from weekly_translate.edition.values import HOLE
from weekly_translate.glossary.entries import folded, places_of
from weekly_translate.model import (
    Decision,
    Entry,
    FeatureKind,
    Finding,
    Pair,
    Severity,
    Span,
    Status,
    TagKind,
    Verdict,
)
from weekly_translate.quality.verdicts import corrected
from weekly_translate.report.review import PageFiles
from weekly_translate.report.review_values import (
    Origin,
    RefusedAnswer,
    Review,
    Reviewed,
    ShownImage,
    ShownTag,
    ShownTerm,
)
from weekly_translate.run.attempts import REJECTED, Untranslated
from weekly_translate.run.issue import judged_segments, result_of
from weekly_translate.run.plan import EDITION, title_origin
from weekly_translate.text.characters import in_half_width, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.edition.applying import Editions
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Document, Segment, Term
    from weekly_translate.run.attempts import Answer, Ask
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

_KINDS = {
    TagKind.LINK: "link",
    TagKind.STRONG: "bold",
    TagKind.EMPHASIS: "italics",
    TagKind.STRIKE: "strike",
    TagKind.CODE: "code",
    TagKind.MARK: "mark",
}


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


def review_of_plan(plan: Plan, *, name: str, previous: Previous | None) -> Review:
    """What the edition and the memory have for a document; for the rest, what stands in the English file."""
    result = result_of(plan, dict(_answers(plan, previous)))
    return review_of(result, plan.data.memory, name=name, previous=previous)


def reviewed_alone(plan: Plan, previous: Previous | None) -> dict[str, Reviewed]:
    """The segments that a plan is about, by id, without a look at the document as a whole."""
    answers, findings = judged_segments(plan, dict(_answers(plan, previous)))
    by_segment: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_segment[finding.segment].append(finding)
    return {one.id: one for one in _reviewed(plan, answers, plan.data.memory, by_segment, previous)}


def previous_in(text: str, name: str, english: tuple[str, str], editions: Editions) -> Previous:
    """The text of an English file and its name, beside all lines of the source."""
    target, target_name = english
    pair = pair_to_learn_from(text, name, target, editions)
    found = {
        one.segment.span: InFile(one.segment.text, one.target, one.line)
        for one in lessons_in(pair, judged=False)
        if one.target
    }
    return Previous(target_name, found)


def judging_of(data: ProjectData, encoding: str | None) -> Judging:
    """The rules by which `check` compares two files. Reads the memory."""
    settlements = data.memory.settlements.all()
    rules = Rules(data.matcher, data.allowed_chinese, Allowances(), data.senses, settlements)
    return Judging(rules, data.editions, ignores=data.ignores, encoding=encoding)


def said_of_files(files: FilePair, judging: Judging) -> tuple[Finding, ...]:
    """What `check` tells of two files, and what an ignore silences, as an information with its reason.

    Touches no memory, so that any thread can wait for it. Raises `InputRefusedError` and `UsageError`.
    """
    said = as_informations(verdict_on(files, judging).judged)
    told = (one for one in said if one.severity is not Severity.INFO or why_ignored(one))
    return tuple(sorted(told, key=lambda one: one.source_line or one.target_line or 0))


def review_of(
    result: Result, memory: TranslationMemory, *, name: str, previous: Previous | None = None
) -> Review:
    """What became of a document as a person looks at it: after a run, or from what is known.

    The `memory` is open, and knows what people have decided.
    """
    plan, (choice, _, edited) = result.plan, result.plan.manuscript
    by_segment: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        by_segment[finding.segment if finding.segment in result.answers else None].append(finding)
    rules = (use._replace(text=use.text.replace(HOLE, "…")) for use in edited.uses)
    return Review(
        name=name,
        signature=plan.data.signature,
        segments=tuple(_reviewed(plan, result.answers, memory, by_segment, previous)),
        target_name=previous.name if previous else "",
        edition=choice.edition.name,
        rules=tuple(rules),
        findings=tuple(by_segment[None]),
        text=result.text,
    )


def _answers(plan: Plan, previous: Previous | None) -> Iterator[tuple[str, Answer]]:
    """The texts of the file for the segments that the memory does not know."""
    asked = _asks_by_segment(plan)
    why = f"{previous.name} has no English of its own for it" if previous else "it is not translated yet"
    for segment in plan.document.segments:
        if segment.id not in asked:
            continue
        found = previous.of(segment) if previous else None
        rejected = {one.target: one.reason for one in asked[segment.id].rejected}
        if previous is not None and found is not None and found.target not in (segment.text, *rejected):
            yield segment.id, Entry(segment.text, found.target, Status.MACHINE, previous.name)
        elif rejected:
            yield segment.id, Untranslated(f"rejected: {asked[segment.id].rejected[-1].reason}")
        else:
            refused = _refused_answer(asked[segment.id], plan.data)
            yield segment.id, Untranslated("the answer did not pass the checks" if refused else why)


def _asks_by_segment(plan: Plan) -> dict[str, Ask]:
    return {id_: ask for ask in plan.asks for id_ in (ask.segment.id, *ask.twins)}


def _refused_answer(ask: Ask, data: ProjectData) -> RefusedAnswer | None:
    """What a person has rejected last, else the answer with the fewest errors, the newer of two."""
    if ask.rejected:
        last = ask.rejected[-1]
        said = Finding(REJECTED, Severity.ERROR, f"rejected: {last.reason}", ask.segment.id)
        return RefusedAnswer(last.target, "", (said,)) if last.target else None
    judged = [
        RefusedAnswer(one.target, one.origin, tuple(found))
        for key in ask.keys
        for one in reversed(data.memory.failed_answers(key, ask.segment.text))
        if (found := data.findings_of(Pair(ask.segment, one.target, ask.terms)) or one.findings)
    ]
    return min(
        judged, key=lambda one: [said.severity for said in one.findings].count(Severity.ERROR), default=None
    )


def _reviewed(
    plan: Plan,
    answers: Mapping[str, Answer],
    memory: TranslationMemory,
    findings: Mapping[str | None, list[Finding]],
    previous: Previous | None,
) -> Iterator[Reviewed]:
    document = plan.document
    images, tags = images_by_segment(document), tags_of(document, plan.segments)
    asked, data = _asks_by_segment(plan), plan.data._replace(memory=memory)
    for segment in plan.segments:
        one = answers[segment.id]
        found = previous.of(segment) if previous else None
        known = plan.known.get(segment.id)
        has_none = one.target is None and segment.id in asked
        refused = _refused_answer(asked[segment.id], data) if has_none else None
        said = refused.findings if refused else findings.get(segment.id, ())
        shown = refused.target if refused else one.target
        is_wrong = any(finding.severity is Severity.ERROR for finding in said)
        yield Reviewed(
            id=segment.id,
            kind=segment.kind,
            section=plan.sections[segment.id],
            line=segment.line,
            source=segment.text,
            target=one.target,
            previous=found.target if found else None,
            target_line=found.line if found else None,
            status=one.status,
            origin=_origin(segment, one, plan, previous),
            made_by="" if one.origin == EDITION else one.origin,
            title=title_origin(segment, one, plan),
            remark=known.remark if known else "",
            findings=tuple(sorted(findings.get(segment.id, ()), key=lambda one: one.severity.rank)),
            terms=annotated_terms(segment, plan.terms.get(segment.id, ())),
            tags=tags.get(segment.id, ()),
            images=images.get(segment.id, ()),
            link=segment.link,
            decision=_decision(segment, known, memory),
            refused=refused,
            must_be_mended=bool(is_wrong and shown and why_not_stored(Pair(segment, shown))),
            corrected=_corrected(one.target or "", findings.get(segment.id, ())),
        )


def _corrected(target: str, findings: Sequence[Finding]) -> str:
    text = corrected(target, (finding.meaning for finding in findings if finding.meaning))
    return text if text != target else ""


def _origin(segment: Segment, one: Answer, plan: Plan, previous: Previous | None) -> Origin:
    if one.target is None:
        return Origin.NONE
    if one.origin == EDITION:
        return Origin.EDITION
    if one.status is Status.DRAFT:
        return Origin.DRAFT
    if one.status >= Status.EDITED:
        return Origin.HUMAN
    if segment.id in plan.known:
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


def tags_of(document: Document, segments: Iterable[Segment]) -> dict[str, tuple[ShownTag, ...]]:
    """What each tag stands for, in the order of the source, by segment; only segments that have tags."""
    links = [feature for feature in document.features if feature.kind is FeatureKind.LINK]
    written = sorted((link.span, link.value) for link in links if link.span)
    referred: defaultdict[int, list[str]] = defaultdict(list)
    for link in links:
        if link.span is None:  # it stands in a definition
            referred[link.line].append(link.value)
    return {
        one.id: tuple(_annotated_tags(one, document, written, iter(referred[one.line])))
        for one in segments
        if one.tags
    }


def _annotated_tags(
    segment: Segment,
    document: Document,
    written: Sequence[tuple[Span, str]],
    referred: Iterator[str],
) -> Iterator[ShownTag]:
    for tag in segment.tags:
        kind = _KINDS[tag.kind]
        if tag.closing is None:
            text = document.text[slice(*tag.opening)]
            yield ShownTag(tag.name, kind, _address_in(tag.opening, written), text)
        elif tag.kind is not TagKind.LINK:
            yield ShownTag(tag.name, kind)
        else:
            whole = Span(tag.opening.start, tag.closing.end)
            yield ShownTag(tag.name, kind, _address_in(whole, written) or next(referred, ""))


def _address_in(span: Span, written: Sequence[tuple[Span, str]]) -> str:
    """The first address that is written inside a stretch of the source."""
    place = bisect_left(written, span.start, key=lambda one: one[0].start)
    return written[place][1] if place < len(written) and written[place][0].start < span.end else ""


def images_by_segment(document: Document) -> dict[str, tuple[ShownImage, ...]]:
    """The images of a document, each with the segment that it stands in or behind: its alt text, if any."""
    starts = [segment.span.start for segment in document.segments]
    lines = [segment.line for segment in document.segments]
    found: defaultdict[str, list[ShownImage]] = defaultdict(list)
    for feature in document.features:
        if feature.kind is FeatureKind.IMAGE:
            span = feature.span
            place = bisect_right(starts, span.start) if span else bisect_right(lines, feature.line)
            if place:
                found[document.segments[place - 1].id].append(ShownImage(feature.value, feature.line))
    return {id_: tuple(images) for id_, images in found.items()}


def annotated_terms(segment: Segment, terms: Sequence[Term]) -> tuple[ShownTerm, ...]:
    """The terms of a segment and where they stand in its tagged text; a longer one hides those inside it."""
    prose = folded(in_half_width(prose_of(segment.text, in_place=True)))
    taken: list[Span] = []
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for term in sorted(terms, key=lambda term: -len(term.source)):
        for span in places_of(term.source, prose):
            if all(span.end <= one.start or one.end <= span.start for one in taken):
                taken.append(span)
                spans[term.source].append(span)
    return tuple(
        ShownTerm(term.source, term.target, tuple(spans[term.source]), term.allowed, term.avoid, term.note)
        for term in terms
    )


# --------------------------------------------------------------------------- the files of the page

_SCRIPTS = ("text.js", "segments.js", "decisions.js", "filters.js", "acting.js", "look.js", "page.js")
"""In this order; they share one scope, and the last of them starts the page."""


def page_files(*, server: bool = False) -> PageFiles:
    """Frame, style and scripts of the page; with `server`, it sends its decisions to where it came from."""
    scripts = ("server.js", *_SCRIPTS) if server else _SCRIPTS
    return PageFiles(_read("page.html"), _read("page.css"), "".join(map(_read, scripts)), server)


def _read(name: str) -> str:
    return files("weekly_translate.review").joinpath("page", name).read_text("utf-8")
