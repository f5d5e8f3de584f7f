"""What the memory has for a segment: the same text, the title of the same work, the same but for numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.checks.terms import unmet_terms
from weekly_translate.llm.prompts import memory_key
from weekly_translate.model import APPENDED, Finding, Kind, Pair, Severity, Status
from weekly_translate.text.number_templates import refilled
from weekly_translate.text.titles import same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.memory.rows import Stored
    from weekly_translate.model import Document, Entry, Segment, Term
    from weekly_translate.run.job import Job

MAP, WORK = "map: ", "work: "
"""How the origins begin of a title that a person has settled for its address, and of a machine's."""

Works = dict[str, tuple["Entry", ...]]
"""The titles that the memory holds today, by address."""


def title_link(segment: Segment) -> str:
    """The address by which a title is known; nothing for what is no title."""
    return segment.link if segment.kind is Kind.TITLE else ""


def settled_titles(segment: Segment, job: Job) -> Iterator[Entry]:
    """The title that a person has settled for the address, whatever the Chinese one is this time.

    Where people gave one address several English titles, it is that of a site: similar Chinese has to decide.
    """
    settled = [one.entry for one in _titles_at(segment, job) if one.entry.status >= Status.EDITED]
    if len({entry.target for entry in settled}) > 1:
        settled = [entry for entry in settled if same_work(entry.source, segment.text)]
    for entry in sorted(settled, key=lambda entry: entry.status, reverse=True)[:1]:
        yield replace(entry, source=segment.text, origin=MAP + entry.origin)


def first_titles(segment: Segment, terms: tuple[Term, ...], job: Job) -> Iterator[Entry]:
    """The first title that a machine has found for the work, where the Chinese one is similar.

    It has to be what a machine would be asked for today, and to keep the terms of this Chinese title.
    """
    for stored in _titles_at(segment, job):
        entry = stored.entry
        if (
            _is_of_today(stored, segment, job)
            and not entry.remark
            and same_work(entry.source, segment.text)
            and not unmet_terms(Pair(segment, entry.target, terms))
        ):
            yield replace(entry, source=segment.text, origin=WORK + entry.origin.removeprefix(WORK))
            return


def works_in(document: Document, job: Job) -> Works:
    """The titles that count today, by the addresses of a document."""
    titles = {title_link(segment): segment for segment in document.segments if title_link(segment)}
    return {
        link: tuple(
            one.entry
            for one in _titles_at(segment, job)
            if one.entry.status >= Status.EDITED or _is_of_today(one, segment, job)
        )
        for link, segment in titles.items()
    }


def title_findings(targets: Iterable[tuple[Segment, str]], works: Works) -> Iterator[Finding]:
    """A warning where a machine gave one work two English titles; `targets` are what it wrote."""
    before: dict[str, list[tuple[Segment, str]]] = {}
    for segment, target in targets:
        others = [
            (f"in line {other.line}", other.text, title)
            for other, title in before.setdefault(segment.link, [])
        ]
        others += [
            (f"in the memory since {entry.created[:10]}", entry.source, entry.target)
            for entry in works.get(segment.link, ())
        ]
        before[segment.link].append((segment, target))
        for place, source, title in others:
            if title != target and same_work(source, segment.text):
                message = f"the same address has another English title {place}: “{title}” for “{source}”"
                yield Finding("title.differs", Severity.WARNING, message, segment.id, segment.line)
                break


def _titles_at(segment: Segment, job: Job) -> list[Stored]:
    link = title_link(segment)
    return job.memory.titles_at(link) if link else []


def _is_of_today(stored: Stored, segment: Segment, job: Job) -> bool:
    """Whether a machine's title stands under the key that today's prompts and terms give it."""
    entry = stored.entry
    terms = job.matcher.terms_in(entry.source, entry.context)
    asked = replace(segment, text=entry.source)  # the same address gives the same hint
    return stored.key == memory_key(asked, terms, job.prompts.version)


# ---------------------------------------------------------------------------
# What the memory has for a segment: the same text, the title of the same work, the same but for numbers.


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
