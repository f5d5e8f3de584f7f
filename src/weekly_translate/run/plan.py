"""What is there already and what has to be asked (D5), for one issue and for a season."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.prepared import manuscript_of
from weekly_translate.llm.prompts import memory_key
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import UNMET, Entry, Kind, Status
from weekly_translate.run.lookup import hit_for, works_in
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.edition.prepared import Manuscript
    from weekly_translate.edition.values import Edited
    from weekly_translate.glossary.matcher import Matcher
    from weekly_translate.model import Document, Rejection, Segment, Term, Usage
    from weekly_translate.run.job import Job, Told
    from weekly_translate.run.lookup import Works

EDITION = "edition"
"""The origin of a text that the edition settles: it is neither asked for, nor checked, nor stored."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A segment without a stored translation, and the ids of the segments that would be asked the same."""

    segment: Segment
    key: str
    terms: tuple[Term, ...]
    twins: tuple[str, ...] = ()
    context: str = ""
    """The heading that it stands under."""
    rejected: tuple[Rejection, ...] = ()
    """What people did not want as its translation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`known` maps the ids of settled segments to what stands for them, `asks` are the others."""

    manuscript: Manuscript
    known: dict[str, Entry]
    """From the memory; and the texts that the edition settles, of the origin `EDITION`."""
    asks: tuple[Ask, ...]
    terms: dict[str, tuple[Term, ...]]
    unmet: tuple[Ask, ...] = ()
    """Known segments that are to be asked again, because they lack glossary terms."""
    works: Works = field(default_factory=dict)
    """The English titles of the works that the document names."""

    @property
    def document(self) -> Document:
        """What is to be translated."""
        return self.manuscript.edited.document

    @property
    def remembered(self) -> frozenset[str]:
        """The ids of the segments that the memory has answered."""
        return frozenset(id_ for id_, entry in self.known.items() if entry.origin != EDITION)


def plan_for(manuscript: Manuscript, job: Job) -> Plan:
    """Look every segment up. A stored answer of a machine that today's checks refuse is asked again."""
    document = manuscript.edited.document
    known = dict(_settled(manuscript.edited))
    asks: dict[str, Ask] = {}
    unmet: dict[str, Ask] = {}
    sections = sections_of(document)
    terms = terms_of(document, job.matcher)
    for segment in document.segments:
        if segment.id in known:
            continue
        key = memory_key(segment, terms[segment.id], job.prompts.version)
        if key in asks:
            first = asks[key]
            asks[key] = replace(first, twins=(*first.twins, segment.id))
            continue
        entry = hit_for(segment, key, terms[segment.id], job)
        if entry is not None:
            known[segment.id] = entry
            if entry.remark == UNMET and entry.status is Status.MACHINE:
                first = unmet.setdefault(key, Ask(segment, key, terms[segment.id]))
                if first.segment is not segment:
                    unmet[key] = replace(first, twins=(*first.twins, segment.id))
        else:
            rejected = tuple(job.memory.rejections(segment.text))
            asks[key] = Ask(segment, key, terms[segment.id], context=sections[segment.id], rejected=rejected)
    works = works_in(document, job)
    return Plan(manuscript, known, tuple(asks.values()), terms, tuple(unmet.values()), works)


def _settled(edited: Edited) -> Iterator[tuple[str, Entry]]:
    """What the edition says counts before the memory: a person has written it for every issue."""
    for segment in edited.document.segments:
        if segment.id in edited.settled:
            target = edited.settled[segment.id]
            yield segment.id, Entry(segment.text, target, Status.APPROVED, EDITION)


def terms_of(document: Document, matcher: Matcher) -> dict[str, tuple[Term, ...]]:
    """The glossary terms of each segment, in the sense that they have in its section."""
    sections = sections_of(document)
    return {segment.id: matcher.terms_in(segment.text, sections[segment.id]) for segment in document.segments}


def keys_of(document: Document, job: Job) -> set[str]:
    """The keys under which the memory would be asked for this document today."""
    terms = terms_of(document, job.matcher)
    return {memory_key(segment, terms[segment.id], job.prompts.version) for segment in document.segments}


# ---------------------------------------------------------------------------
# The issues of a run before anything is asked: under their editions, looked up, each with a name.


def _nobody(_settled: int, _all: int, _usage: Usage) -> None:
    """The default of `told`."""


class Assignment(NamedTuple):
    """One issue to translate."""

    name: str
    """What a person calls it, such as the name of its file."""
    plan: Plan
    job: Job
    """That of the run, with the terms and names of the issue's edition."""
    told: Told = _nobody
    """Is told how far this issue is, as `job.told` is of the whole run."""

    @property
    def outline(self) -> str:
        """The headings and titles: what a chunk is told of the rest."""
        return outline_of(self.plan.document)


def assignment_of(text: str, job: Job, name: str = "", told: Told = _nobody) -> Assignment:
    """Edit an issue and look it up. Raises `InputRefusedError`, or `UsageError` for its edition."""
    manuscript = manuscript_of(text, name, job.editions)
    job = job.under(manuscript.choice)
    return Assignment(name, plan_for(manuscript, job), job, told)


def outline_of(document: Document) -> str:
    """The headings and titles of a document, without their tags."""
    titles = (s for s in document.segments if s.kind in (Kind.META, Kind.HEADING, Kind.TITLE))
    return " · ".join(without_tags(segment.text) for segment in titles)
