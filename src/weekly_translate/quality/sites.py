"""Where in a pair of documents faults can be injected: on the lines that have no finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.align import paired
from weekly_translate.compare.document_lines import LineShape, lines_of
from weekly_translate.compare.judge import compared, segment_check
from weekly_translate.edition.blocks import selected
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Span, TagKind
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import han_count, line_starts, shortened
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from weekly_translate.compare.document_lines import DocumentLine, Pairing
    from weekly_translate.compare.style import Rules
    from weekly_translate.model import Document, Finding, Pair, Segment


class Site(NamedTuple):
    """A line of the translation, the line that it translates, and its bytes in the document."""

    source: DocumentLine
    target: DocumentLine
    span: Span
    """From the first to the last character of the line, without what ends it."""


class Place(NamedTuple):
    """A stretch of a line, as offsets of the document."""

    site: Site
    span: Span


class Edit(NamedTuple):
    """A stretch of the translation and what stands there afterwards."""

    span: Span
    text: str


class InjectedFault(NamedTuple):
    """A fault in one or more places of a translation."""

    what: str
    """For people: `1,200 -> 7,200`."""
    edits: tuple[Edit, ...]
    source_lines: tuple[int, ...]
    """Where it belongs in the source: the finding names one of these lines, or one that was edited."""


class CachedCheck:
    """The checks of a segment, cached: a fault changes one line, and the findings of the others stay."""

    def __init__(self, check: Callable[[Pair], list[Finding]]) -> None:
        self._check = check
        self._known: dict[Pair, list[Finding]] = {}

    def __call__(self, pair: Pair) -> list[Finding]:
        """The findings, on whichever line the translation stands now."""
        key = replace(pair, target_line=None)
        if key not in self._known:
            self._known[key] = self._check(key)
        return [replace(finding, target_line=pair.target_line) for finding in self._known[key]]


@dataclass(frozen=True, slots=True)
class InjectablePair:
    """A pair, its rules, what is wrong with it anyway, and the lines that are good."""

    source: Document
    target: Document
    rules: Rules
    findings: tuple[Finding, ...]
    sites: tuple[Site, ...]
    lines: tuple[DocumentLine, ...]
    """All lines of the translation, the good ones and the others."""
    checked: CachedCheck

    def raw(self, site: Site) -> str:
        """The line as it stands in the file."""
        return self.text(site.span)

    def text(self, span: Span) -> str:
        """A stretch of the translation."""
        return self.target.text[slice(*span)]


def injectable_pair(source: str, target: str, rules: Rules) -> InjectablePair:
    """Compare two texts once; what is found then is taken for granted. Raises `InputRefusedError`."""
    here, there = (parse(text, every_line=True) for text in (source, target))
    checked = CachedCheck(segment_check(rules))
    findings = tuple(compared(here, there, rules, checked))
    lines = lines_of(there, english_quantities)
    pairing = paired(lines_of(here, chinese_quantities), lines)
    sites = [
        site
        for site in _sites(pairing, there.text, findings)
        if site.source.number not in selected(source, rules.allowed.dropped)
        and site.target.number not in selected(target, rules.allowed.inserted)
    ]
    return InjectablePair(here, there, rules, findings, tuple(sites), tuple(lines), checked)


def _sites(pairing: Pairing, text: str, findings: tuple[Finding, ...]) -> Iterator[Site]:
    suspected = [{getattr(finding, side) for finding in findings} for side in ("source_line", "target_line")]
    before_a_loss = {  # what is invented there would stand for what is lost
        match.source[0].number
        for match, after in pairwise(pairing.matches)
        for line in pairing.lost
        if match.source[0].number < line.number < after.source[0].number
    }
    starts = line_starts(text)
    for match in pairing.matches:
        here, there = match.source[0], match.target[0]
        single = len(match.source) == len(match.target) == 1 and not match.moved
        if not single or here.shape is LineShape.META or here.number in before_a_loss:
            continue
        reached = [set(range(line.number, line.end + 1)) for line in (here, there)]
        if not (reached[0] & suspected[0] or reached[1] & suspected[1]):
            end = starts[there.end] if there.end < len(starts) else len(text)
            start = starts[there.number - 1]
            yield Site(here, there, Span(start, start + len(text[start:end].rstrip("\r\n"))))


def plain(segment: Segment, document: Document, *, code: str = " ") -> str:
    """The words of a segment where they stand in the file; markup is blank, and code is the given sign."""
    start = segment.span.start
    signs = list(document.text[slice(*segment.span)])
    for tag in segment.tags:
        if tag.kind is TagKind.CODE and tag.closing:
            signs[tag.opening.start - start : tag.closing.end - start] = code * (
                tag.closing.end - tag.opening.start
            )
        for span in (tag.opening, tag.closing):
            if span and not (code != " " and tag.kind is TagKind.CODE):
                signs[span.start - start : span.end - start] = " " * (span.end - span.start)
    return "".join(signs)


def is_bare(span: Span, segment: Segment) -> bool:
    """Whether a stretch of the document holds words only, no tag of the segment."""
    return all(
        (tag.closing or tag.opening).end <= span.start or span.end <= tag.opening.start
        for tag in segment.tags
    )


def shifted(found: re.Match[str] | Span, start: int, group: int = 0) -> Span:
    """Where something stands in the file that was found in a text which begins at `start`."""
    first, end = found if isinstance(found, Span) else found.span(group)
    return Span(start + first, start + end)


def injected(pair: InjectablePair, site: Site, span: Span, text: str, what: str = "") -> InjectedFault:
    """One edit in one place."""
    before, after = (shortened(" ".join(words.split()), 50) for words in (pair.text(span), text))
    return InjectedFault(what or f"{before} -> {after}", (Edit(span, text),), (site.source.number,))


def inserted(pair: InjectablePair, site: Site, at: int, text: str, what: str = "") -> InjectedFault:
    """A text that is put in at an offset of the translation."""
    return injected(pair, site, Span(at, at), text, what)


def exchanged(pair: InjectablePair, one: Span, two: Span, sites: Iterable[Site], what: str) -> InjectedFault:
    """Two stretches of the translation that have changed places; `sites` are all the lines of both."""
    edits = Edit(one, pair.text(two)), Edit(two, pair.text(one))
    return InjectedFault(what, edits, tuple(site.source.number for site in sites))


# --------------------------------------------------------------------------- running texts

_END = lazy_pattern(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
SHORTEST = 30
"""The fewest characters of a sentence that could be missed."""


def segments_of(pair: InjectablePair) -> Iterator[tuple[Site, Segment]]:
    """The segments of the good lines of the translation."""
    return ((site, segment) for site in pair.sites for segment in site.target.segments)


def bodies(pair: InjectablePair) -> Iterator[tuple[Site, Segment, str]]:
    """Lines that are one running text in both languages, each with its words, in which code is `x`."""
    for site in pair.sites:
        if len(site.target.segments) == len(site.source.segments) == 1:
            segment = site.target.segments[0]
            if segment.kind == "text" and han_count(site.source.words) >= 20:
                yield site, segment, plain(segment, pair.target, code="x")


def sentences(segment: Segment, words: str) -> list[Span]:
    """The sentences of a segment in the file, each with the space behind it; `words` as in `bodies`."""
    borders = [0, *(match.end() for match in _END.finditer(words)), len(words)]
    return [shifted(Span(one, two), segment.span.start) for one, two in pairwise(borders)]


def whole_sentences(spans: list[Span], segment: Segment, pair: InjectablePair) -> list[Span]:
    """Sentences of some length that hold no tag, nothing that looks like one, and no half of a bracket."""
    return [
        span
        for span in spans
        if span.end - span.start >= SHORTEST
        and is_bare(span, segment)
        and "<" not in (text := pair.text(span))
        and text.count("(") == text.count(")")
    ]


def followed(spans: list[Span], segment: Segment) -> list[Span]:
    """The sentences behind which another one does not stand inside a tag; the last one always."""
    return [span for span in spans[:-1] if is_bare(Span(span.end, span.end), segment)] + spans[-1:]


# --------------------------------------------------------------------------- kinds of faults

Injector = Callable[[InjectablePair, Random], Iterator[InjectedFault]]


class Goal(StrEnum):
    """A group of faults; `SHARES` says how many have to be found, each once and under the right id.

    Of mistakes of meaning none has to be: the table says how many are.
    """

    CERTAIN = "structure and numbers"
    LIKELY = "sentences and leftovers"
    MEANING = "meaning"
    SILENT = "harmless changes"


SHARES = {Goal.CERTAIN: 0.99, Goal.LIKELY: 0.85}


class FaultKind(NamedTuple):
    """A kind of fault: its name, its goal, the ids that fit.

    More than one fits where a fault shows in several ways and each of them names it: a lost sentence by the
    number or the name that went with it, a strayed one by the number that it brings, a preface on a line of
    its own as a paragraph that the source lacks. Mistakes of meaning may have any.
    """

    name: str
    goal: Goal
    ids: tuple[str, ...]


FAULTS: dict[Injector, FaultKind] = {}
"""All kinds, in the order of the table that `selftest` prints; importing `faults` fills it."""


def fault(name: str, goal: Goal, *ids: str) -> Callable[[Injector], Injector]:
    """Register a kind of fault: its name, its goal, and the ids under which it may be reported."""

    def register(function: Injector) -> Injector:
        FAULTS[function] = FaultKind(name, goal, ids)
        return function

    return register


# --------------------------------------------------------------------------- faults of one shape


def each(
    places: Callable[[InjectablePair], Iterator[Place]], other: Callable[[str, Random], str]
) -> Injector:
    """One for each place: its text becomes another one."""

    def inject(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
        for site, span in places(pair):
            yield injected(pair, site, span, other(pair.text(span), random))

    return inject


_Other = Callable[[re.Match[str], Random], str]


def words_replaced(pattern: str, other: _Other, group: int = 0) -> Injector:
    """One for each place where the words of a segment fit a pattern: its group becomes another text."""

    def inject(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
        for site, segment in segments_of(pair):
            for match in re.finditer(pattern, plain(segment, pair.target)):
                span = shifted(match, segment.span.start, group)
                yield injected(pair, site, span, other(match, random))

    return inject


def marks_replaced(pattern: str, other: _Other) -> Injector:
    """One for each line with house marks that fits a pattern."""

    def inject(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
        for site in pair.sites:
            match = re.search(pattern, pair.raw(site))
            if match and site.source.marks:
                yield injected(pair, site, shifted(match, site.span.start), other(match, random))

    return inject
