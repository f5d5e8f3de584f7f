"""What is there already and what has to be asked: the first of the three phases (D5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.exchange import UNMET, Status
from weekly_translate.model import Kind
from weekly_translate.pipeline.hits import hit_for
from weekly_translate.tags import without_tags
from weekly_translate.translation.prompt import memory_key

if TYPE_CHECKING:
    from weekly_translate.exchange import Entry, Rejection
    from weekly_translate.model import Document, Segment, Term
    from weekly_translate.pipeline.job import Job
    from weekly_translate.translation.matcher import Matcher


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
    """`known` maps the ids of settled segments to what the memory holds, `asks` are the others."""

    document: Document
    known: dict[str, Entry]
    asks: tuple[Ask, ...]
    terms: dict[str, tuple[Term, ...]]
    unmet: tuple[Ask, ...] = ()
    """Known segments that are to be asked again, because they lack glossary terms."""


def plan_for(document: Document, job: Job) -> Plan:
    """Look every segment up. A stored answer of a machine that today's checks refuse is asked again."""
    known: dict[str, Entry] = {}
    asks: dict[str, Ask] = {}
    unmet: dict[str, Ask] = {}
    sections = sections_of(document)
    terms = terms_of(document, job.matcher)
    for segment in document.segments:
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
    return Plan(document, known, tuple(asks.values()), terms, tuple(unmet.values()))


def terms_of(document: Document, matcher: Matcher) -> dict[str, tuple[Term, ...]]:
    """The glossary terms of each segment, in the sense that they have in its section."""
    sections = sections_of(document)
    return {segment.id: matcher.terms_in(segment.text, sections[segment.id]) for segment in document.segments}


def keys_of(document: Document, job: Job) -> set[str]:
    """The keys under which the memory would be asked for this document today."""
    terms = terms_of(document, job.matcher)
    return {memory_key(segment, terms[segment.id], job.prompts.version) for segment in document.segments}


def sections_of(document: Document) -> dict[str, str]:
    """The words of the heading that each segment stands under; a heading stands under itself."""
    sections = {}
    section = ""
    for segment in document.segments:
        if segment.kind is Kind.HEADING:
            section = without_tags(segment.text)
        sections[segment.id] = section
    return sections
