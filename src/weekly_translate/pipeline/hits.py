"""What the memory has for a segment: the same text, the title of the same work, the same but for numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.checks.terms import unmet_terms
from weekly_translate.exchange import APPENDED, Status
from weekly_translate.model import Pair, Severity
from weekly_translate.pipeline.works import WORK, first_titles, settled_titles
from weekly_translate.templates import refilled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.exchange import Entry
    from weekly_translate.model import Segment, Term
    from weekly_translate.pipeline.job import Job

NUMBERS = "numbers: "
"""How the origin begins of a text with other numbers."""


def hit_for(segment: Segment, key: str, terms: tuple[Term, ...], job: Job) -> Entry | None:
    """The best that the memory has, or None where the segment has to be asked for.

    A person's translation of this very text comes first, then the title of the work, then the machine's
    answer to this very question, then its first title of the work, then the translation of a text that
    differs in numbers only. What no person has approved for this text has to pass today's checks.
    """
    known = job.memory.find(key, segment.text)
    if known is not None and known.status >= Status.EDITED:
        return known
    candidates = [
        *settled_titles(segment, job),
        *([known] if known else ()),
        *first_titles(segment, terms, job),
        *_with_other_numbers(segment, terms, job),
    ]
    unwanted = {one.target for one in job.memory.rejections(segment.text)} if candidates else ()
    return next(
        (
            entry
            for entry in candidates
            if entry.target not in unwanted and _is_good(entry, segment, terms, job)
        ),
        None,
    )


def _with_other_numbers(segment: Segment, terms: tuple[Term, ...], job: Job) -> Iterator[Entry]:
    """A machine's work, even where the pattern is a person's: nobody has seen it with these numbers.

    The pattern may be older than the glossary: it has to keep today's terms. A machine's answer for this very
    text, given when its terms or the prompts were others, is no pattern: that is what to ask anew.
    """
    for entry in job.memory.like_but_for_numbers(segment.text):
        target = refilled(entry.source, entry.target, segment.text)
        if target is None or entry.remark or entry.source == segment.text:
            continue
        if not unmet_terms(Pair(segment, target, terms)):
            status = min(entry.status, Status.MACHINE)
            origin = NUMBERS + entry.origin
            yield replace(entry, source=segment.text, target=target, status=status, origin=origin)


def _is_good(entry: Entry, segment: Segment, terms: tuple[Term, ...], job: Job) -> bool:
    """Today's checks have no error; a sentence with its links behind it is asked again.

    A machine's title that was found for other Chinese words has no warning either: a number may be missing.
    """
    if entry.remark == APPENDED:
        return False
    pair = Pair(segment, entry.target, terms)
    findings = job.findings_of(pair)
    wrong = {Severity.ERROR, Severity.WARNING} if entry.origin.startswith(WORK) else {Severity.ERROR}
    return not any(finding.severity in wrong for finding in findings)
