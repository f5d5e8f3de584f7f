"""Good pairs of documents, faults that are injected into them one at a time, and what is said then."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import islice, pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.align import paired
from weekly_translate.compare.document_lines import LineShape, lines_of
from weekly_translate.compare.judge import compared
from weekly_translate.edition.values import selected
from weekly_translate.markdown.segments import parse
from weekly_translate.model import ComplaintKind, Kind, Severity, Span, TagKind
from weekly_translate.text.characters import han_count, line_starts, shortened, with_replaced
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Pairing
    from weekly_translate.compare.judge import SegmentCheck
    from weekly_translate.compare.style import Rules
    from weekly_translate.model import Document, Finding, Pair, Segment


class Site(NamedTuple):
    """A line of the translation, the line that it translates, and its bytes in the document."""

    source: DocumentLine
    target: DocumentLine
    span: Span
    """From the first to the last character of the line, without what ends it."""


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
    checked: SegmentCheck

    def raw(self, site: Site) -> str:
        """The line as it stands in the file."""
        return self.text(site.span)

    def text(self, span: Span) -> str:
        """A stretch of the translation."""
        return self.target.text[slice(*span)]


def injectable_pair(source: str, target: str, rules: Rules) -> InjectablePair:
    """Compare two texts once; what is found then is taken for granted. Raises `InputRefusedError`."""
    here, there = (parse(text, every_line=True) for text in (source, target))
    rules = replace(rules, allowed=replace(rules.allowed, frame=True))  # as `check --edition none`
    checked = _cached(rules.checked)
    findings = tuple(compared(here, there, rules, checked))
    lines = lines_of(there, english_quantities)
    pairing = paired(lines_of(here, chinese_quantities), lines)
    dropped, inserted = selected(source, rules.allowed.dropped), selected(target, rules.allowed.inserted)
    sites = (
        site
        for site in _sites(pairing, there.text, findings)
        if site.source.number not in dropped and site.target.number not in inserted
    )
    return InjectablePair(here, there, rules, findings, tuple(sites), tuple(lines), checked)


def _cached(check: SegmentCheck) -> SegmentCheck:
    """The same check, cached: a fault changes one line, and the findings of the others stay."""
    known = cache(check)

    def checked(pair: Pair) -> list[Finding]:
        found = known(pair._replace(target_line=None))
        return [finding._replace(target_line=pair.target_line) for finding in found]

    return checked


def _sites(pairing: Pairing, text: str, findings: tuple[Finding, ...]) -> Iterator[Site]:
    suspected = [{getattr(finding, side) for finding in findings} for side in ("source_line", "target_line")]
    before_a_loss = {  # what is invented there would stand for what is lost
        match.source.number
        for match, after in pairwise(pairing.matches)
        for line in pairing.lost
        if match.source.number < line.number < after.source.number
    }
    starts = [*line_starts(text), len(text)]
    for match in pairing.matches:
        here, there = match[:2]
        if match.is_joined or match.moved or here.shape is LineShape.META or here.number in before_a_loss:
            continue
        reached = [set(range(line.number, line.end + 1)) for line in (here, there)]
        if not (reached[0] & suspected[0] or reached[1] & suspected[1]):
            start = starts[there.number - 1]
            yield Site(here, there, Span(start, start + len(text[start : starts[there.end]].rstrip("\r\n"))))


# --------------------------------------------------------------------------- faults of one shape

Injector = Callable[[InjectablePair, Random], Iterator[InjectedFault]]
Places = Callable[[InjectablePair], Iterable[tuple[Site, Span]]]
"""Stretches of good lines, as offsets of the document."""
Texts = Callable[[InjectablePair], Iterable[tuple[Site, str, int]]]
"""Texts of good lines, and where each begins in the document."""
Other = str | tuple[str, ...] | Mapping[str, str] | Callable[[str, Random], str | None]
"""What stands there instead: a text, one of several, the one beside it in a table, or one made of it."""


def injected(pair: InjectablePair, site: Site, span: Span, text: str, what: str = "") -> InjectedFault:
    """One edit in one place."""
    before, after = (shortened(" ".join(words.split()), 50) for words in (pair.text(span), text))
    return InjectedFault(what or f"{before} -> {after}", (Edit(span, text),), (site.source.number,))


def exchanged(pair: InjectablePair, one: Span, two: Span, sites: Iterable[Site], what: str) -> InjectedFault:
    """Two stretches of the translation that have changed places; `sites` are all the lines of both."""
    edits = Edit(one, pair.text(two)), Edit(two, pair.text(one))
    return InjectedFault(what, edits, tuple(site.source.number for site in sites))


def each(places: Places, other: Other, what: str = "") -> Injector:
    """One for each place: its text becomes another one."""

    def inject(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
        for site, span in places(pair):
            if (text := _other(other, pair.text(span), random)) is not None:
                yield injected(pair, site, span, text, what)

    return inject


def _other(other: Other, text: str, random: Random) -> str | None:
    match other:
        case str():
            return other
        case tuple():
            return random.choice(other)
        case Mapping():
            return other[text]
    return other(text, random)


def found(texts: Texts, pattern: str, group: int = 0, most: int | None = None) -> Places:
    """Where texts fit a pattern: what a group has matched, at most so often in a text."""

    def places(pair: InjectablePair) -> Iterator[tuple[Site, Span]]:
        for site, text, start in texts(pair):
            for match in islice(re.finditer(pattern, text), most):
                yield site, shifted(match, start, group)

    return places


def behind(places: Places) -> Places:
    """Where these places end."""
    return lambda pair: ((site, Span(span.end, span.end)) for site, span in places(pair))


def shifted(found: re.Match[str] | Span, start: int, group: int = 0) -> Span:
    """Where something stands in the file that was found in a text which begins at `start`."""
    first, end = found if isinstance(found, Span) else found.span(group)
    return Span(start + first, start + end)


def segments_of(pair: InjectablePair) -> Iterator[tuple[Site, Segment]]:
    """The segments of the good lines of the translation."""
    return ((site, segment) for site in pair.sites for segment in site.target.segments)


def words_of(pair: InjectablePair) -> Iterator[tuple[Site, str, int]]:
    """The words of each segment, without markup and code."""
    return ((site, plain(segment, pair.target), segment.span.start) for site, segment in segments_of(pair))


def bodies(pair: InjectablePair) -> Iterator[tuple[Site, Segment, str]]:
    """Lines that are one running text in both languages, each with its words, in which code is `x`."""
    for site in pair.sites:
        if len(site.target.segments) == len(site.source.segments) == 1:
            segment = site.target.segments[0]
            if segment.kind is Kind.TEXT and han_count(site.source.words) >= 20:
                yield site, segment, plain(segment, pair.target, code="x")


def plain(segment: Segment, document: Document, *, code: str = " ") -> str:
    """The words of a segment where they stand in the file; markup is blank, and code is the given sign."""
    start = segment.span.start
    signs = list(document.text[slice(*segment.span)])
    for tag in segment.tags:
        whole, is_code = Span(tag.opening.start, (tag.closing or tag.opening).end), tag.kind is TagKind.CODE
        for first, end in (whole,) if is_code else filter(None, (tag.opening, tag.closing)):
            signs[first - start : end - start] = (code if is_code else " ") * (end - first)
    return "".join(signs)


def is_bare(span: Span, segment: Segment) -> bool:
    """Whether a stretch of the document holds words only, no tag of the segment."""
    return all(
        (tag.closing or tag.opening).end <= span.start or span.end <= tag.opening.start
        for tag in segment.tags
    )


# --------------------------------------------------------------------------- trials


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
    """A kind of fault: its name, its goal, how it is injected, the ids that fit.

    More than one fits where a fault shows in several ways and each of them names it: a lost sentence by the
    number or the name that went with it, a strayed one by the number that it brings, a preface on a line of
    its own as a paragraph that the source lacks. Mistakes of meaning may have any.
    """

    name: str
    goal: Goal
    inject: Injector
    ids: tuple[str, ...] = ()


Key = tuple[str, int | None, int | None]
"""The id and the lines of a finding; what it says may change with the numbers of lines."""


class Detection(NamedTuple):
    """What became of one fault."""

    injected: InjectedFault
    found: tuple[Finding, ...]
    """The findings that the pair did not have before."""
    right: bool
    """Whether one of them stands where the fault is, under an id that fits."""

    def is_good(self, fault: FaultKind) -> bool:
        """Whether a fault is reported once and rightly; whether nothing is said about a harmless change.

        A doubt hides no error: the numbers of a sentence that may be invented are told as well. And a text
        that has become something else, as code in a fence, is told as lost there and as added here.
        """
        if fault.goal is Goal.SILENT:
            return not self.found
        if fault.goal is Goal.MEANING:
            return self.right
        fits = all(one.check in fault.ids for one in self.found)
        doubts = [one for one in self.found if one.kind is ComplaintKind.DOUBTFUL]
        sides = [(one.source_line is None, one.target_line is None) for one in self.found]
        lost_and_added = sorted(sides) == [(False, True), (True, False)]
        return self.right and (len(self.found) == 1 or (fits and (len(doubts) == 1 or lost_and_added)))


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcomes of one kind of fault, over all pairs."""

    fault: FaultKind
    detections: tuple[Detection, ...]

    @property
    def good(self) -> int:
        """How many outcomes are as they should be."""
        return sum(detection.is_good(self.fault) for detection in self.detections)


def trials(
    pairs: list[InjectablePair], faults: Iterable[FaultKind], *, seed: int, count: int
) -> Iterator[Trial]:
    """Each kind of fault at most `count` times in each pair; the same seed sows the same faults."""
    for fault in faults:
        detections: list[Detection] = []
        for number, pair in enumerate(pairs):
            random = Random(f"{seed} {number} {fault.name}")  # noqa: S311 - chooses faults, keeps no secret
            possible = list(fault.inject(pair, random))
            chosen = random.sample(possible, min(count, len(possible)))
            detections += [detection(pair, injected, fault) for injected in chosen]
        yield Trial(fault, tuple(detections))


def detection(pair: InjectablePair, injected: InjectedFault, fault: FaultKind) -> Detection:
    """Compare the source with a translation that has one fault more."""
    target = parse(mutated(pair, injected), every_line=True)
    known = Counter(_moved(_key(finding), pair, injected) for finding in pair.findings)
    new = []
    for finding in compared(pair.source, target, pair.rules, pair.checked):
        if known[_key(finding)]:
            known[_key(finding)] -= 1
        else:
            new.append(finding)
    lines = set(_edited_lines(pair, injected))
    right = any(
        (finding.check in fault.ids or (fault.goal is Goal.MEANING and finding.severity is not Severity.INFO))
        and (finding.source_line in injected.source_lines or finding.target_line in lines)
        for finding in new
    )
    return Detection(injected, tuple(new), right)


def mutated(pair: InjectablePair, injected: InjectedFault) -> str:
    """The translation with the fault in it."""
    return with_replaced(pair.target.text, ((*span, text) for span, text in sorted(injected.edits)))


def _key(finding: Finding) -> Key:
    return finding.check, finding.source_line, finding.target_line


def _changed_lines(pair: InjectablePair, injected: InjectedFault) -> Iterator[tuple[int, int, int]]:
    """Of each edit, its first line in the translation as it was, and how many more it ends and adds."""
    for span, text in sorted(injected.edits):
        more, before = text.count("\n"), pair.target.text.count
        yield before("\n", 0, span.start) + 1, more, more - before("\n", *span)


def _moved(key: Key, pair: InjectablePair, injected: InjectedFault) -> Key:
    """Where a finding stands after the edits before it have added or removed lines."""
    check, source, target = key
    if target is None:
        return key
    added = (added for line, _, added in _changed_lines(pair, injected) if line < target)
    return check, source, target + sum(added)


def _edited_lines(pair: InjectablePair, injected: InjectedFault) -> Iterator[int]:
    """The lines of the new text in which the edits stand."""
    shift = 0
    for line, more, added in _changed_lines(pair, injected):
        yield from range(line + shift, line + shift + more + 1)
        shift += added


# --------------------------------------------------------------------------- as lines of text

HEADER = f"{'':27} {'sown':>5} {'found':>6} {'right id':>9} {'once':>5} {'good':>6}"
_MISSES_SHOWN = 5


def row_of(trial: Trial) -> str:
    """`URL altered    60     60        60    60   100%`."""
    detections = trial.detections
    injected, found = len(detections), sum(bool(detection.found) for detection in detections)
    right: int | str = sum(detection.right for detection in detections)
    once: int | str = sum(len(detection.found) == 1 for detection in detections)
    if trial.fault.goal is Goal.SILENT:
        right = once = ""
    share = f"{trial.good / injected:.0%}" if injected else "-"
    return f"{trial.fault.name:27} {injected:5} {found:6} {right:>9} {once:>5} {share:>6}"


def misses_of(trial: Trial) -> Iterator[str]:
    """What was not found, or not once, or under another id; of harmless changes what was said about them."""
    missed = [detection for detection in trial.detections if not detection.is_good(trial.fault)]
    for detection in missed[:_MISSES_SHOWN]:
        said = "; ".join(f"{finding.check}: {finding.message}" for finding in detection.found)
        line, what = detection.injected.source_lines[0], detection.injected.what
        yield f"    line {line}: {what}: {said or 'nothing is found'}"
    if len(missed) > _MISSES_SHOWN:
        yield f"    and {len(missed) - _MISSES_SHOWN} more"


def totals_of(trials: Iterable[Trial]) -> dict[Goal, tuple[int, int]]:
    """For each goal how many faults are good of how many that were sown."""
    totals = dict.fromkeys(Goal, (0, 0))
    for trial in trials:
        good, injected = totals[trial.fault.goal]
        totals[trial.fault.goal] = good + trial.good, injected + len(trial.detections)
    return totals


def summary_of(trials: Sequence[Trial]) -> Iterator[str]:
    """`structure and numbers: 99.4 % of 1,210, wanted 99 %`."""
    for goal, (good, injected) in totals_of(trials).items():
        if goal is Goal.SILENT:
            yield f"{goal}: {injected - good} false alarms about {injected:,}"
        elif goal is Goal.MEANING and injected:
            yield f"{goal}: {good / injected:.1%} of {injected:,} reported; the others take a reader"
        elif injected:
            share = f"{good / injected:.1%} of {injected:,} reported once and rightly"
            yield f"{goal}: {share}, wanted {SHARES[goal]:.0%}"


def reached(trials: Sequence[Trial]) -> bool:
    """Whether each goal is reached; what could not be sown fails none."""
    totals = totals_of(trials)
    return all(totals[goal][0] >= share * totals[goal][1] for goal, share in SHARES.items())
