"""What the memory has for a segment: the same text, the title of the same work, the same but for numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.checks.repair import repaired
from weekly_translate.checks.terms import unmet_terms
from weekly_translate.llm.requests import memory_key
from weekly_translate.model import APPENDED, ComplaintKind, Finding, Kind, Pair, Severity, Status
from weekly_translate.text.alike import refilled, same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.memory.database import Stored
    from weekly_translate.model import Entry, Rejection, Segment, Term
    from weekly_translate.run.project import ProjectData

MAP, WORK, NUMBERS = "map: ", "work: ", "numbers: "
"""How origins begin: of a title that a person has settled for its address, of a machine's title of the same
work, of a text with other numbers."""

TitleMemory = dict[str, tuple["Entry", ...]]
"""The titles that count today, by address."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A segment as the memory is asked for it, and a model where the memory has nothing."""

    segment: Segment
    key: str
    terms: tuple[Term, ...]
    twins: tuple[str, ...] = ()
    """The ids of the segments that would be asked the same."""
    context: str = ""
    """The heading that it stands under."""
    rejected: tuple[Rejection, ...] = ()
    """What people did not want as its translation."""
    earlier: tuple[str, ...] = ()
    """The keys under which earlier releases would have stored an answer that still counts."""

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys under which its answer may stand, today's first."""
        return (self.key, *self.earlier)


def keys_for(segment: Segment, terms: Iterable[Term], data: ProjectData) -> tuple[str, ...]:
    """The keys of a segment by the prompts of today, and by those whose answers count as theirs."""
    found = tuple(terms)
    return tuple(memory_key(segment, found, version) for version in data.prompt_versions)


def hit_for(ask: Ask, data: ProjectData) -> Entry | None:
    """The best that the memory has, or None where the segment has to be asked for.

    A person's translation of this very text comes first, then the title of the work, then the machine's
    answer to this very question, then its first title of the work, then the translation of a text that
    differs in numbers only. What no person has approved for this text has to pass today's checks.
    """
    answers = (data.memory.find(key, ask.segment.text) for key in ask.keys)
    known = next((one for one in answers if one is not None and not data.is_outdated(one)), None)
    if known is not None and known.status >= Status.EDITED:
        return known
    candidates = [
        *_titles_by_people(ask.segment, data),
        *([_mended(known, ask)] if known else ()),
        *_titles_by_machines(ask, data),
        *_with_other_numbers(ask, data),
    ]
    unwanted = {one.target for one in data.memory.rejections(ask.segment.text)} if candidates else ()
    wanted = (one for one in candidates if one.target not in unwanted and not data.is_outdated(one))
    return next((one for one in wanted if _is_good(one, ask, data)), None)


def _mended(entry: Entry, ask: Ask) -> Entry:
    """What a rule mends today needs no model, though it was stored before the rule was written."""
    return replace(entry, target=repaired(Pair(ask.segment, entry.target, ask.terms)))


def _with_other_numbers(ask: Ask, data: ProjectData) -> Iterator[Entry]:
    """A machine's work, even where the pattern is a person's: nobody has seen it with these numbers.

    It has to keep today's terms. An old answer for this very text is no pattern: that is what to ask anew.
    """
    segment = ask.segment
    for entry in data.memory.like_but_for_numbers(segment.text):
        target = refilled(entry.source, entry.target, segment.text)
        if target is None or entry.remark or entry.source == segment.text or data.is_outdated(entry):
            continue
        if not unmet_terms(Pair(segment, target, ask.terms)):
            status = min(entry.status, Status.MACHINE)
            origin = NUMBERS + entry.origin
            yield replace(entry, source=segment.text, target=target, status=status, origin=origin)


def _is_good(entry: Entry, ask: Ask, data: ProjectData) -> bool:
    """Today's checks have no error; a sentence with its links behind it is asked again.

    A machine's title that was found for other Chinese words has no warning either: a number may be missing.
    """
    if entry.remark == APPENDED:
        return False
    findings = data.findings_of(Pair(ask.segment, entry.target, ask.terms))
    wrong = {Severity.ERROR, Severity.WARNING} if entry.origin.startswith(WORK) else {Severity.ERROR}
    return not any(finding.severity in wrong for finding in findings)


def title_link(segment: Segment) -> str:
    """The address by which a title is known; nothing for what is no title."""
    return segment.link if segment.kind is Kind.TITLE else ""


def titles_in(segments: Iterable[Segment], data: ProjectData) -> TitleMemory:
    """The titles that the memory holds for the addresses of segments."""
    titles = {title_link(segment): segment for segment in segments if title_link(segment)}
    return {
        link: tuple(
            one.entry
            for one in _titles_at(segment, data)
            if one.entry.status >= Status.EDITED or _is_of_today(one, segment, data)
        )
        for link, segment in titles.items()
    }


def title_findings(targets: Iterable[tuple[Segment, str]], titles: TitleMemory) -> Iterator[Finding]:
    """A warning where a machine gave one work two English titles; `targets` are what it wrote."""
    before: dict[str, list[tuple[Segment, str]]] = {}
    for segment, target in targets:
        others = [
            (f"in line {other.line}", other.text, title)
            for other, title in before.setdefault(segment.link, [])
        ]
        others += [
            (f"in the memory since {entry.created[:10]}", entry.source, entry.target)
            for entry in titles.get(segment.link, ())
        ]
        before[segment.link].append((segment, target))
        for place, source, title in others:
            if title != target and same_work(source, segment.text):
                message = f"the same address has another English title {place}: “{title}” for “{source}”"
                here = Finding("title.differs", Severity.WARNING, message, segment.id, segment.line)
                yield replace(here, kind=ComplaintKind.DOUBTFUL)
                break


def _titles_by_people(segment: Segment, data: ProjectData) -> Iterator[Entry]:
    """The title that a person has settled for the address, whatever the Chinese one is this time.

    Where people gave one address several English titles, it is that of a site: similar Chinese has to decide.
    """
    settled = [one.entry for one in _titles_at(segment, data) if one.entry.status >= Status.EDITED]
    if len({entry.target for entry in settled}) > 1:
        settled = [entry for entry in settled if same_work(entry.source, segment.text)]
    for entry in sorted(settled, key=lambda entry: entry.status, reverse=True)[:1]:
        yield replace(entry, source=segment.text, origin=MAP + entry.origin)


def _titles_by_machines(ask: Ask, data: ProjectData) -> Iterator[Entry]:
    """The first title that a machine has found for the work, where the Chinese one is similar.

    It has to be what a machine would be asked for today, and to keep the terms of this Chinese title.
    """
    for stored in _titles_at(ask.segment, data):
        entry = stored.entry
        if (
            _is_of_today(stored, ask.segment, data)
            and not entry.remark
            and same_work(entry.source, ask.segment.text)
            and not unmet_terms(Pair(ask.segment, entry.target, ask.terms))
        ):
            yield replace(entry, source=ask.segment.text, origin=WORK + entry.origin.removeprefix(WORK))
            return


def _titles_at(segment: Segment, data: ProjectData) -> list[Stored]:
    link = title_link(segment)
    return data.memory.titles_at(link) if link else []


def _is_of_today(stored: Stored, segment: Segment, data: ProjectData) -> bool:
    """Whether a machine's title stands under the key that today's prompts and terms give it."""
    entry = stored.entry
    terms = data.matcher.terms_in(entry.source, entry.context)
    asked = replace(segment, text=entry.source)  # the same address gives the same hint
    return stored.key in keys_for(asked, terms, data)
