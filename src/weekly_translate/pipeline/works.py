"""One work, one English title: what the memory holds for the address that a title links to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.checks.terms import unmet_terms
from weekly_translate.exchange import Status
from weekly_translate.model import Finding, Kind, Pair, Severity
from weekly_translate.titles import same_work
from weekly_translate.translation.prompt import memory_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.exchange import Entry
    from weekly_translate.model import Document, Segment, Term
    from weekly_translate.pipeline.job import Job
    from weekly_translate.store.rows import Stored

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
