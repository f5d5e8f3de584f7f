"""What is there already and what has to be asked: the first of the three phases (design, D5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.checks import findings_of
from weekly_translate.exchange import APPENDED, Status
from weekly_translate.model import Pair, Severity
from weekly_translate.translation.prompt import memory_key

if TYPE_CHECKING:
    from weekly_translate.exchange import Entry
    from weekly_translate.model import Document, Segment, Term
    from weekly_translate.pipeline.job import Job


@dataclass(frozen=True, slots=True)
class Ask:
    """A segment without a stored translation, and the ids of the segments that would be asked the same."""

    segment: Segment
    key: str
    terms: tuple[Term, ...]
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`known` maps the ids of settled segments to what the memory holds, `asks` are the others."""

    document: Document
    known: dict[str, Entry]
    asks: tuple[Ask, ...]
    terms: dict[str, tuple[Term, ...]]


def plan_for(document: Document, job: Job) -> Plan:
    """Look every segment up. A stored answer of a machine that today's checks refuse is asked again."""
    known: dict[str, Entry] = {}
    asks: dict[str, Ask] = {}
    terms = {segment.id: job.matcher.terms_in(segment.text) for segment in document.segments}
    for segment in document.segments:
        key = memory_key(segment, terms[segment.id], job.prompts.version)
        if key in asks:
            first = asks[key]
            asks[key] = Ask(first.segment, key, first.terms, (*first.twins, segment.id))
            continue
        entry = job.memory.find(key, segment.text)
        if entry is not None and _still_good(entry, segment, terms[segment.id], job):
            known[segment.id] = entry
        else:
            asks[key] = Ask(segment, key, terms[segment.id])
    return Plan(document, known, tuple(asks.values()), terms)


def _still_good(entry: Entry, segment: Segment, terms: tuple[Term, ...], job: Job) -> bool:
    """What a person vouches for is; a sentence with its links behind it is asked again."""
    if entry.status >= Status.EDITED:
        return True
    if entry.remark == APPENDED:
        return False
    pair = Pair(segment, entry.target, terms)
    findings = findings_of(pair, kept=job.allowed_chinese, prompt_grams=job.prompt_grams)
    return not any(finding.severity is Severity.ERROR for finding in findings)
