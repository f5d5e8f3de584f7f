"""What is asked for a segment, and what counts in the end: the repair ladder (D4), and who waits for whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, product, zip_longest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.checks.repair import better, repaired
from weekly_translate.checks.tagged_text import appended, inserted, placed
from weekly_translate.checks.terms import unmet_terms
from weekly_translate.llm.requests import (
    Correction,
    family_request,
    insert_request,
    repair_request,
    translate_request,
)
from weekly_translate.memory.database import FailedAnswer
from weekly_translate.model import APPENDED, PLACED, ComplaintKind, Entry, Finding, Pair, Severity, Status
from weekly_translate.quality.verdicts import ReadPair
from weekly_translate.text.characters import has_han, same_work, without_tags
from weekly_translate.text.chinese_numbers import template_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Format, Memory, Rejection, Request, Segment, Term
    from weekly_translate.quality.reading import SecondReader
    from weekly_translate.run.project import ProjectData

MAX_REQUESTS = 3
REJECTED = "review.rejected"
BATCH = " batch"
"""How the names of engines end that answer later, and with them the origin of what they answered."""
_OMITTED = "seg.too-short"
_UNUSABLE = ("seg.empty", "seg.untranslated", "seg.too-", "llm.", "url.", "sec.", "char.", REJECTED)
"""After these a text is no translation, or not safe: the segment stays in Chinese, and says so."""


class Step(StrEnum):
    """What is asked next for a segment."""

    TRANSLATE = "translate"
    REPAIR = "repair"
    INSERT = "insert"
    READ = "read"
    """Good translations, by a second reader."""
    PREFER = "prefer"
    """Which of two translations is better; no run asks that."""
    DOUBTS = "doubts"
    """Translations that may be good, together and once: nothing depends on the answer."""


class Ask(NamedTuple):
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


class Untranslated(NamedTuple):
    """Why a segment stays in Chinese, and who was asked for it."""

    reason: str
    status: Status = Status.MACHINE
    origin: str = ""

    @property
    def target(self) -> None:
        """There is no English."""


Answer: TypeAlias = Entry | Untranslated
"""What comes out of the ladder."""


def warnings_about(answer: Entry) -> tuple[Finding, ...]:
    """Those of the findings that do not block it."""
    return tuple(finding for finding in answer.findings if finding.severity is Severity.WARNING)


def doubts_about(answer: Entry) -> tuple[Finding, ...]:
    """The warnings that the model is asked about once: mistaken perhaps, or another answer is whole."""
    warnings, certain = warnings_about(answer), ComplaintKind.CERTAIN
    return tuple(one for one in warnings if one.kind is not certain or one.check == _OMITTED)


def _lacks_tags(answer: Entry) -> bool:
    """Whether a tag is lost, added or in a wrong place."""
    return any(error.check.startswith("tag.") for error in answer.errors)


def to_read(ask: Ask, target: str, reader: SecondReader) -> ReadPair | None:
    """What a second reader is to see of a translation; nothing where that has been read."""
    one = ReadPair(Pair(ask.segment, target, ask.terms), ask.context)
    is_open = has_han(ask.segment.text) and reader.find(reader.key(one), ask.segment.text) is None
    return one if is_open else None


@dataclass(slots=True)
class SegmentProgress:
    """What has happened to a segment so far. The best attempt counts, not the last."""

    ask: Ask
    requests: int = 0
    best: Entry | None = None
    failure: str = "no answer"
    asked_about: frozenset[str] = frozenset()
    """The ids of the doubts that the model has been asked about."""
    readings: int = 0
    """How often a second reader has been asked about it."""
    slipped: bool = False
    """An answer of its batch stood under the wrong id: it is asked alone from now on, where none can."""

    def offer(self, answer: str, step: Step, data: ProjectData) -> Entry:
        """Take an answer in, repaired as far as that is certain, and keep the better of two."""
        segment = self.ask.segment
        if step in (Step.REPAIR, Step.DOUBTS) and self.best is not None:
            self.asked_about |= {finding.check for finding in doubts_about(self.best)}
        if step is Step.INSERT and self.best is not None:
            answer = inserted(without_tags(self.best.target), answer, segment) or self.best.target
        attempt = self.judged(repaired(Pair(segment, answer, self.ask.terms)), data)
        self._keep_better(attempt)
        return attempt

    def judged(self, target: str, data: ProjectData) -> Entry:
        """A target as the memory is to keep it, with what the checks say."""
        if self.best is not None and target == self.best.target:
            return self.best
        ask, (name, _, worth) = self.ask, data.engine
        findings = tuple(data.findings_of(Pair(ask.segment, target, ask.terms)))
        said = (name, "", ask.context, ask.segment.title_link)
        return Entry(ask.segment.text, target, worth, *said, findings=findings)

    def judged_anew(self, target: str, data: ProjectData) -> None:
        """The best answer is this, with what is said about it by now."""
        self.best = None
        self.best = self.judged(target, data)

    def to_read(self, reader: SecondReader) -> ReadPair | None:
        """What a second reader is to see of it; nothing where that has been read."""
        return None if self.best is None or self.best.errors else to_read(self.ask, self.best.target, reader)

    @property
    def is_settled(self) -> bool:
        """Whether there is a translation without an error."""
        return self.best is not None and not self.best.errors

    @property
    def stands_by(self) -> frozenset[str]:
        """The ids of the doubts about the best answer that the model was asked about."""
        doubts = doubts_about(self.best) if self.best is not None and not self.best.errors else ()
        rules = (one for one in doubts if one.kind is ComplaintKind.DOUBTFUL)  # a reader's word stands
        return self.asked_about.intersection(finding.check for finding in rules)

    @property
    def next_step(self) -> Step | None:
        """The next rung, or None when the last request has been made."""
        if self.requests >= MAX_REQUESTS:
            return None
        if self.best is None:
            return Step.TRANSLATE
        only_tags = all(error.check.startswith("tag.") for error in self.best.errors)
        return Step.INSERT if self.requests == MAX_REQUESTS - 1 and only_tags else Step.REPAIR

    def outcome(self, data: ProjectData) -> Answer:
        """The end of the ladder: the answer if it is good, its tags placed if they are not, or nothing."""
        name, _, worth = data.engine
        if self.best is None:
            return Untranslated(self.failure, worth, name)
        answer = self._with_tags(self.best, data) if _lacks_tags(self.best) else self.best
        unusable = [error.message for error in answer.errors if error.check.startswith(_UNUSABLE)]
        return Untranslated("; ".join(unusable), worth, name) if unusable else answer

    def as_failed(self, answer: Answer, data: ProjectData) -> FailedAnswer:
        """What the memory is to keep of a ladder that ended without a good answer."""
        reason = answer.reason if isinstance(answer, Untranslated) else answer.remark
        found = Finding("seg.missing", Severity.ERROR, reason, self.ask.segment.id)
        best = self.best.target if self.best is not None else ""
        return FailedAnswer(self.ask.segment.text, best, (found,), data.engine.name.removesuffix(BATCH))

    def _with_tags(self, attempt: Entry, data: ProjectData) -> Entry:
        """Rungs four and five: the second of them cannot fail."""
        target = placed(self.ask.segment, attempt.target, self.ask.terms)
        if target is not None and not _lacks_tags(candidate := self.judged(target, data)):
            return replace(candidate, remark=PLACED)
        return replace(self.judged(appended(self.ask.segment, attempt.target), data), remark=APPENDED)

    def _keep_better(self, attempt: Entry) -> None:
        """One that was asked for because of doubts may spoil nothing else."""
        best = self.best
        if best is None:
            improves = True
        elif not best.errors:
            improves = not attempt.errors and better(warnings_about(best), warnings_about(attempt))
        else:
            improves = not attempt.errors or better(best.errors, attempt.errors)
        self.best = attempt if improves else best


def failure_of(ask: Ask, data: ProjectData) -> Answer | None:
    """What has come of a segment that was asked for in vain; None where it is to be asked.

    Another model is asked, and so is this one where a person wants that. A text that today's checks accept is
    a translation.
    """
    failed = None if data.drafts or data.retries else data.memory.failure(ask.key, ask.segment.text)
    if failed is None or failed.origin != data.engine.name.removesuffix(BATCH):
        return None
    if failed.target and failed.target not in {one.target for one in ask.rejected}:
        progress = SegmentProgress(ask, MAX_REQUESTS)
        progress.judged_anew(repaired(Pair(ask.segment, failed.target, ask.terms)), data)
        return progress.outcome(data)
    return Untranslated(failed.findings[0].message, data.engine.worth, failed.origin)


def review_status_of(ask: Ask, data: ProjectData) -> SegmentProgress:
    """The start of a segment: what people have rejected is where its repair begins, with their reason.

    Else it goes on from the answers of batches that did not pass: those were all that could be asked at once.
    Where the last rung was reached without an answer, it begins anew.
    """
    if ask.rejected:
        last = ask.rejected[-1]
        reasons = tuple(
            Finding(REJECTED, Severity.ERROR, f"a person rejected this: {one.reason}", ask.segment.id)
            for one in ask.rejected
            if one.target == last.target
        )
        best = Entry(ask.segment.text, last.target, Status.MACHINE, findings=reasons)
        return SegmentProgress(ask, requests=1, best=best)
    attempts = () if data.drafts else data.memory.failed_answers(ask.key, ask.segment.text)
    targets = list(dict.fromkeys(one.target for one in attempts if one.origin.endswith(BATCH)))
    progress = SegmentProgress(ask)
    for target in targets[len(targets) - len(targets) % MAX_REQUESTS :]:
        progress.requests += 1
        progress._keep_better(progress.judged(target, data))  # noqa: SLF001 - it is being made
    return progress


class Question(NamedTuple):
    """A request to make: for these segments, one step of the ladder."""

    members: tuple[SegmentProgress, ...]
    step: Step
    repeated: bool = False
    """Whether its first answer was lost: the same once more costs none of its segments a request."""

    @property
    def is_first(self) -> bool:
        """Whether none of its segments has been asked for before."""
        return self.step is Step.TRANSLATE and not any(progress.requests for progress in self.members)

    def halves(self) -> Iterator[Question]:
        """The same in two questions."""
        return self.parts((len(self.members) + 1) // 2)

    def parts(self, width: int) -> Iterator[Question]:
        """The same in smaller questions of up to `width` segments."""
        for start in range(0, len(self.members), width):
            yield self._replace(members=self.members[start : start + width])


def request_for(question: Question, form: Format, data: ProjectData, outline: str) -> Request:
    """The question in the words of the prompts."""
    asks = [progress.ask for progress in question.members]
    if data.prompts.family or question.step is Step.TRANSLATE:
        return first_request(asks, _memories(asks, data), form, data, outline)
    if question.step is Step.INSERT:
        (progress,) = question.members
        assert progress.best is not None
        return insert_request(asks[0].segment, without_tags(progress.best.target), form, data.prompts)
    corrections, named = [], []
    for ask, best in ((progress.ask, progress.best) for progress in question.members):
        assert best is not None
        errors, doubts = (tuple(one.message for one in said) for said in (best.errors, doubts_about(best)))
        corrections.append(Correction(ask.segment, best.target, errors, doubts))
        # A segment with errors is written anew, with all of its terms; else only those that are not met.
        unmet = ask.terms if best.errors else unmet_terms(Pair(ask.segment, best.target, ask.terms))
        named.append(unmet)
    return repair_request(corrections, _united(named), form, data.prompts)


def first_request(
    asks: Sequence[Ask], memories: Sequence[Memory], form: Format, data: ProjectData, outline: str
) -> Request:
    """Ask for fresh translations. A family of models knows no other question, and of one text at a time."""
    if data.prompts.family:
        return family_request(asks[0].segment, asks[0].terms, memories, data.prompts.family)
    segments, terms = [ask.segment for ask in asks], _united(ask.terms for ask in asks)
    return translate_request(segments, terms, memories, form, data.prompts, outline)


def asked_again(unanswered: Iterable[SegmentProgress], *, single: bool) -> Iterator[Question]:
    """Segments without an answer: half as many at a time, then one by one."""
    together: list[SegmentProgress] = []
    for progress in unanswered:
        if progress.slipped or progress.requests > 1 or progress.best is not None:
            yield Question((progress,), progress.next_step or Step.TRANSLATE)
        else:
            together.append(progress)
    if together:
        rest = Question(tuple(together), Step.TRANSLATE)
        yield from rest.parts(1) if single else rest.halves()


def _memories(asks: Iterable[Ask], data: ProjectData) -> list[Memory]:
    """What was translated before and resembles these segments, the most alike first."""
    found = data.memory.most_similar(ask.segment.text for ask in asks)
    return sorted(found, key=lambda memory: -memory.score)


def _united(groups: Iterable[Iterable[Term]]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for terms in groups for term in terms))


# Asked side by side, each would get an answer of its own, and which of them the others then took over would
# depend on which came first. So the order of the issues decides, and the same sources give the same bytes.


class QuestionId(NamedTuple):
    """A segment that is to be asked in a run: the number of its issue, and its key."""

    issue: int
    key: str


class Dependents:
    """Who waits for whom. Nobody waits for a later one, so that there is no circle."""

    def __init__(
        self,
        issues: Sequence[Iterable[Ask]] = (),
        answered: Sequence[Iterable[Ask]] = (),
        *,
        drafts: bool = False,
    ) -> None:
        """`issues` are the segments without an answer of each, `answered` those whose answer is asked about.

        These wait for nobody but the very same question, and a draft serves nobody else.
        """
        self._leaders: dict[QuestionId, set[QuestionId]] = {}
        self._dependents: dict[QuestionId, list[QuestionId]] = defaultdict(list)
        earlier = _Earlier()
        for number, (asks, others) in enumerate(zip_longest(issues, answered, fillvalue=())):
            for ask, is_same_only in chain(product(asks, [drafts]), product(others, [True])):
                question = QuestionId(number, ask.key)
                if leaders := set(earlier.like(ask, same_only=is_same_only)):
                    self._leaders[question] = leaders
                    for leader in leaders:
                        self._dependents[leader].append(question)
                earlier.add(question, ask)

    def waits(self, question: QuestionId) -> bool:
        """Whether it is not to be asked yet."""
        return question in self._leaders

    def released_by(self, question: QuestionId) -> Iterator[QuestionId]:
        """Those that waited for this answer as the last one."""
        for dependent in self._dependents.pop(question, ()):
            leaders = self._leaders[dependent]
            leaders.discard(question)
            if not leaders:
                del self._leaders[dependent]
                yield dependent


class _Earlier:
    """The questions so far: the last one of each key and pattern, all titles of each address."""

    def __init__(self) -> None:
        self._keys: dict[str, QuestionId] = {}
        self._templates: dict[str, QuestionId] = {}
        self._titles: dict[str, list[tuple[str, QuestionId]]] = defaultdict(list)

    def like(self, ask: Ask, *, same_only: bool) -> Iterator[QuestionId]:
        """Those that may serve this one: the same question alone, else its pattern and its work."""
        if ask.key in self._keys:
            yield self._keys[ask.key]
        elif not same_only:
            segment = ask.segment
            if (template := template_of(segment.text)) in self._templates:
                yield self._templates[template]
            for text, question in reversed(self._titles.get(segment.title_link, ())):
                if same_work(text, segment.text):
                    yield question
                    break

    def add(self, question: QuestionId, ask: Ask) -> None:
        """The next one looks back at this one."""
        self._keys[ask.key] = question
        if template := template_of(ask.segment.text):
            self._templates[template] = question
        if link := ask.segment.title_link:
            self._titles[link].append((ask.segment.text, question))
