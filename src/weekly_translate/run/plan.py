"""What is there already and what has to be asked (D5), and how much that would take.

The memory has the same text, the title of the same work, or the same but for numbers.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.checks.repair import repaired
from weekly_translate.checks.terms import unmet_terms
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.errors import UsageError
from weekly_translate.files import TextFile, check_writable, read_text, why_not_written
from weekly_translate.llm.requests import (
    Correction,
    chunks_of,
    even_shares,
    memory_key,
    repair_request,
)
from weekly_translate.llm.tokens import forecast
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import (
    APPENDED,
    UNASKED,
    ComplaintKind,
    Entry,
    Finding,
    Format,
    Kind,
    Pair,
    Severity,
    Status,
    TitleOrigin,
    Usage,
)
from weekly_translate.quality.verdicts import ReadPair
from weekly_translate.run.attempts import Ask, failure_of, first_request, to_read
from weekly_translate.run.project import experience_of
from weekly_translate.text.characters import has_han, lazy_pattern, name_of, same_work, without_tags
from weekly_translate.text.chinese_numbers import refilled
from weekly_translate.text.dictionary import function_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.edition.applying import Manuscript
    from weekly_translate.glossary.entries import Matcher
    from weekly_translate.llm.requests import ChunkSize
    from weekly_translate.memory.database import Stored
    from weekly_translate.model import Document, Request, Segment, Term
    from weekly_translate.run.attempts import Answer
    from weekly_translate.run.project import ProjectData


_TOGETHER = 50
"""So many files are read before the memory is asked about them."""
EDITION = "edition"
"""The origin of a text that the edition settles: it is neither asked for, nor checked, nor stored."""
_LARGER = 2
"""So many times the usual chunk is asked about doubts: most of an answer is copied, which models do well."""


class Plan(NamedTuple):
    """An issue under its edition, looked up."""

    data: ProjectData
    """That of the run, with the terms and names of the edition."""
    manuscript: Manuscript
    known: dict[str, Entry]
    """By segment id: from the memory; and the texts that the edition settles, of the origin `EDITION`."""
    asks: tuple[Ask, ...]
    """The other segments."""
    terms: dict[str, tuple[Term, ...]]
    """Of each segment that the plan is about."""
    failed: Mapping[str, Answer] = MappingProxyType({})
    """By segment id: what has come of segments that were asked for in vain, and are not asked again."""
    doubted: tuple[Ask, ...] = ()
    """Known segments that the checks doubt, and that no model was asked about."""
    titles: TitleMemory = MappingProxyType({})
    sections: Mapping[str, str] = MappingProxyType({})
    """The heading that each segment stands under, by its id."""
    outlines: Mapping[str, list[str]] = MappingProxyType({})
    """The titles under each heading, for the prompts."""

    @property
    def document(self) -> Document:
        """What is to be translated."""
        return self.manuscript.edited.document

    @property
    def segments(self) -> list[Segment]:
        """What the plan is about: all segments of the document, or those that were looked up alone."""
        return [segment for segment in self.document.segments if segment.id in self.terms]

    @property
    def to_ask(self) -> int:
        """How many segments have no answer, twins counted."""
        return len(self.document.segments) - len(self.known) - len(self.failed)

    @property
    def is_known(self) -> bool:
        """Whether there is nothing to ask, and nothing that is known to be wrong."""
        return not (self.to_ask or self.failed or self.doubted)

    @property
    def remembered(self) -> frozenset[str]:
        """The ids of the segments that the memory has answered."""
        return frozenset(id_ for id_, entry in self.known.items() if entry.origin != EDITION)

    def outline_of(self, segments: Iterable[Segment]) -> str:
        """The other headings and titles of the sections that these stand in, without their tags."""
        asked = list(segments)
        own = {without_tags(segment.text) for segment in asked}
        here = dict.fromkeys(self.sections.get(segment.id, "") for segment in asked)
        titles = (title for section in here for title in self.outlines.get(section, ()))
        return " · ".join(title for title in titles if title not in own)


class Order(NamedTuple):
    """What a person asked for."""

    source: Path
    out: Path | None = None
    encoding: str | None = None
    fix_mojibake: bool = False
    allow_partial: bool = False
    dry_run: bool = False

    def read(self) -> TextFile:
        """The source. Raises `UsageError`, and `InputRefusedError` for what is no text."""
        return read_text(self.source, encoding_hint=self.encoding, fix_mojibake=self.fix_mojibake)

    def refuse_bad_target(self) -> None:
        """Raise what would keep us from writing, before anything is paid.

        A dry run needs no permission to write, but is refused like the real run where that has a bad name.
        """
        if self.out is not None and not self.dry_run:
            check_writable(self.out, source=self.source, may_replace=None)
        elif self.out is not None and (reason := why_not_written(self.out, self.source)):
            raise UsageError(reason)


class PlannedIssue(NamedTuple):
    """A file that was read and looked up, and how long that took."""

    order: Order
    source: TextFile
    plan: Plan
    seconds: float


class RefusedIssue(NamedTuple):
    """A file that is not translated, and why."""

    order: Order
    failure: UsageError


def planned(order: Order, data: ProjectData) -> PlannedIssue:
    """Read a file and look it up. Raises `UsageError`."""
    (one,) = all_planned([order], data)
    if isinstance(one, RefusedIssue):
        raise one.failure
    return one


def all_planned(orders: Iterable[Order], data: ProjectData) -> Iterator[PlannedIssue | RefusedIssue]:
    """The same of many files, in their order. What the memory has for some of them is read at once."""
    rest = iter(orders)
    while group := list(islice(rest, _TOGETHER)):
        opened = [_opened(order, data) for order in group]
        read = [one for one in opened if isinstance(one, _OpenedIssue)]
        data.memory.read_ahead(one for issue in read for one in issue.manuscript.edited.document.segments)
        for one in opened:
            yield one if isinstance(one, RefusedIssue) else _looked_up(one, data)


class _OpenedIssue(NamedTuple):
    """A source that has been read and edited, and the seconds that this took."""

    order: Order
    source: TextFile
    manuscript: Manuscript
    seconds: float


def _opened(order: Order, data: ProjectData) -> _OpenedIssue | RefusedIssue:
    begun = time.monotonic()
    try:
        source = order.read()
        manuscript = manuscript_of(source.text, order.source.name, data.editions)
    except UsageError as error:
        return RefusedIssue(order, error)
    return _OpenedIssue(order, source, manuscript, time.monotonic() - begun)


def _looked_up(one: _OpenedIssue, data: ProjectData) -> PlannedIssue | RefusedIssue:
    begun = time.monotonic()
    try:
        with data.memory.database.at_one_moment():
            plan = plan_for(one.manuscript, data.under(one.manuscript.choice))
    except UsageError as error:
        return RefusedIssue(one.order, error)
    return PlannedIssue(one.order, one.source, plan, one.seconds + time.monotonic() - begun)


def plan_of(text: str, data: ProjectData, name: str = "") -> Plan:
    """Edit an issue, whose file is called `name`, and look it up. Raises `UsageError`."""
    manuscript = manuscript_of(text, name, data.editions)
    return plan_for(manuscript, data.under(manuscript.choice))


def plan_for(manuscript: Manuscript, data: ProjectData, only: Collection[str] | None = None) -> Plan:
    """Look every segment up, or `only` those of these ids: then the plan is about nothing else.

    A stored answer of a machine that today's checks refuse is asked again.
    """
    document = manuscript.edited.document
    segments = [one for one in document.segments if only is None or one.id in only]
    # What the edition says counts before the memory: a person has written it for every issue.
    settled = manuscript.edited.settled
    known = {
        segment.id: Entry(segment.text, settled[segment.id], Status.APPROVED, EDITION)
        for segment in segments
        if segment.id in settled
    }
    asks: dict[str, Ask] = {}
    failed: dict[str, Answer] = {}
    doubted: dict[str, Ask] = {}
    sections = sections_of(document)
    terms = {one.id: data.matcher.terms_in(one.text, sections[one.id]) for one in segments}
    for segment in segments:
        if segment.id in known:
            continue
        keys = keys_for(segment, terms[segment.id], data)
        key = keys[0]
        ask = Ask(segment, key, terms[segment.id], context=sections[segment.id], earlier=keys[1:])
        if key in asks:
            _add(asks, ask)
        elif (entry := hit_for(ask, data)) is None:
            ask = ask._replace(rejected=tuple(data.memory.rejections(segment.text)))
            if answer := failure_of(ask, data):
                failed[segment.id] = answer
            else:
                _add(asks, ask)
        else:
            known[segment.id] = entry
            is_unread = data.reader is not None and to_read(ask, entry.target, data.reader) is not None
            if (is_unread or entry.remark == UNASKED) and entry.status is Status.MACHINE:
                _add(doubted, ask)
    # A question has one answer: where it is to be asked, nothing is asked about one that came by an address.
    open_, unasked = tuple(asks.values()), tuple(one for key, one in doubted.items() if key not in asks)
    outlines = _outlines(document, sections)
    titles = titles_in(segments, data)
    return Plan(data, manuscript, known, open_, terms, failed, unasked, titles, sections, outlines)


def _outlines(document: Document, sections: Mapping[str, str]) -> dict[str, list[str]]:
    titles: dict[str, list[str]] = {}
    for segment in document.segments:
        if segment.kind in (Kind.META, Kind.HEADING, Kind.TITLE):
            titles.setdefault(sections[segment.id], []).append(without_tags(segment.text))
    return titles


def _add(asks: dict[str, Ask], ask: Ask) -> None:
    """The first segment of a question is asked, the others are its twins."""
    first = asks.setdefault(ask.key, ask)
    if first is not ask:
        asks[ask.key] = first._replace(twins=(*first.twins, ask.segment.id))


def terms_of(document: Document, matcher: Matcher) -> dict[str, tuple[Term, ...]]:
    """The glossary terms of each segment, in the sense that they have in its section."""
    sections = sections_of(document)
    return {segment.id: matcher.terms_in(segment.text, sections[segment.id]) for segment in document.segments}


def keys_of(document: Document, data: ProjectData) -> set[str]:
    """The keys under which the memory is asked for this document today."""
    terms = terms_of(document, data.matcher)
    return {key for segment in document.segments for key in keys_for(segment, terms[segment.id], data)}


class Forecast(NamedTuple):
    """What translating an issue would take."""

    plan: Plan
    chunks: int
    usage: Usage
    terms: Usage
    """What questions about terms that answers lack may take on top, at most."""
    reading: Usage = Usage()
    """What the second reading takes; it has a price of its own."""


def forecasts_of(plans: Sequence[Plan], data: ProjectData) -> list[Forecast]:
    """For each issue of a run; what several of them ask for is counted with the first."""
    size, count, experience = data.size, data.count_tokens, experience_of(data)
    # What answers have taught is a correction of the estimates.
    counted = count if experience.answers else data.forecast_tokens
    seen: set[str] = set()
    texts: list[list[Segment]] = []
    for plan in plans:
        new = [ask for ask in plan.asks if ask.key not in seen]
        seen.update(ask.key for ask in new)
        texts.append([ask.segment for ask in new])
    forecasts = []
    shares = even_shares(texts, size, workers=data.jobs, count_tokens=count)
    for plan, segments, share in zip(plans, texts, shares, strict=True):
        chunks = list(chunks_of(share.order, budget=share.budget, cap=size.cap, count_tokens=count))
        asks = {ask.segment.id: ask for ask in plan.asks}
        requests = (
            first_request([asks[one.id] for one in chunk], (), Format.SCHEMA, data, plan.outline_of(chunk))
            for chunk in chunks
        )
        usage = experience.scaled(forecast(requests, count_tokens=counted))
        terms = experience.scaled(forecast(_requests_for_terms(plan), count_tokens=counted))
        forecasts.append(Forecast(plan, len(chunks), usage, terms, _reading_of(plan, segments)))
    return forecasts


def _reading_of(plan: Plan, segments: Sequence[Segment]) -> Usage:
    """What a second reader takes. A source stands in for its translation, which has about as many tokens."""
    reader = plan.data.reader
    if reader is None:
        return Usage()
    known = [(ask.segment, plan.known[ask.segment.id].target) for ask in plan.doubted]
    texts = [*((segment, segment.text) for segment in segments if has_han(segment.text)), *known]
    return reader.forecast([ReadPair(Pair(one, text, plan.terms[one.id])) for one, text in texts])


def _requests_for_terms(plan: Plan) -> Iterator[Request]:
    """What a run asks for its terms at most: where every answer lacks all of them.

    The source stands in for the attempt that would be shown: it has about as many tokens.
    """
    if plan.data.prompts.family:  # these models are not asked for corrections
        return
    asks = (*(ask for ask in plan.asks if ask.terms), *plan.doubted)
    for chunk in chunks_of_doubts(asks, plan.data.size, plan.data):
        corrections = [
            Correction(ask.segment, ask.segment.text, tuple(term.target for term in ask.terms))
            for ask in chunk
        ]
        terms = tuple(dict.fromkeys(term for ask in chunk for term in ask.terms))
        yield repair_request(corrections, terms, Format.SCHEMA, plan.data.prompts)


def chunks_of_doubts(
    asks: Iterable[Ask], size: ChunkSize, data: ProjectData, *, single: bool = False
) -> Iterator[list[Ask]]:
    """What is asked again because of doubts, in the order of the document, in as few requests as may be."""
    ordered = sorted(asks, key=lambda ask: ask.segment.span)
    cap = 1 if single else size.cap * _LARGER
    segments = [ask.segment for ask in ordered]
    rest = iter(ordered)
    for chunk in chunks_of(segments, budget=size.budget * _LARGER, cap=cap, count_tokens=data.count_tokens):
        yield [next(rest) for _ in chunk]


MAP, WORK, NUMBERS = "map: ", "work: ", "numbers: "
"""How origins begin: of a title that a person has settled for its address, of a machine's title of the same
work, of a text with other numbers."""

TitleMemory: TypeAlias = "Mapping[str, tuple[Entry, ...]]"
"""The titles that count today, by address."""


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


def titles_in(segments: Iterable[Segment], data: ProjectData) -> TitleMemory:
    """The titles that the memory holds for the addresses of segments."""
    titles = {segment.title_link: segment for segment in segments if segment.title_link}
    return {
        link: tuple(
            one.entry
            for one in _titles_at(segment, data)
            if one.entry.status >= Status.EDITED or _is_of_today(one, segment, data)
        )
        for link, segment in titles.items()
    }


def title_origin(segment: Segment, answer: Answer, plan: Plan) -> TitleOrigin | None:
    """Where the English of a title comes from; None for what is no title, or is settled by the edition."""
    if segment.kind is not Kind.TITLE or answer.target is None or answer.origin == EDITION:
        return None
    if answer.origin.startswith(MAP):
        return TitleOrigin.MAP
    by_person = segment.id in plan.known and answer.status >= Status.EDITED
    return TitleOrigin.MEMORY if by_person else origin_of(segment, answer.target)


_SLUG_WORD = lazy_pattern(r"[a-z0-9]+")
_REUSED = 0.8
"""So many of the slug's content words has a title that comes from it."""


def origin_of(segment: Segment, target: str) -> TitleOrigin:
    """Where a title comes from that a model has written."""
    name = name_of(segment.text)
    if name and target.startswith(name):
        return TitleOrigin.NAME
    expected = [word for word in _SLUG_WORD.findall(segment.hint.lower()) if word not in function_words()]
    written = set(_SLUG_WORD.findall(without_tags(target).lower()))
    if expected and sum(word in written for word in expected) >= _REUSED * len(expected):
        return TitleOrigin.SLUG
    return TitleOrigin.TRANSLATED


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
                yield here._replace(kind=ComplaintKind.DOUBTFUL)
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
    link = segment.title_link
    return data.memory.titles_at(link) if link else []


def _is_of_today(stored: Stored, segment: Segment, data: ProjectData) -> bool:
    """Whether a machine's title stands under the key that today's prompts and terms give it."""
    entry = stored.entry
    terms = data.matcher.terms_in(entry.source, entry.context)
    asked = segment._replace(text=entry.source)  # the same address gives the same hint
    return stored.key in keys_for(asked, terms, data)
