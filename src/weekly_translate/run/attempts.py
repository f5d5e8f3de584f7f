"""One segment on its way through the repair ladder, and what is asked on each rung (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.repair import better, repaired
from weekly_translate.checks.tag_placing import appended, inserted, placed
from weekly_translate.checks.terms import unmet_terms
from weekly_translate.llm.prompts import Correction, insert_request, repair_request, translate_request
from weekly_translate.model import APPENDED, PLACED, Finding, Pair, Severity
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Entry, Format, Memory, Request, Status, Term
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Ask

MAX_REQUESTS = 3
REJECTED = "review.rejected"
BATCH = " batch"
"""How the names of engines end that answer later, and with them the origin of what they answered."""
_UNUSABLE = ("seg.empty", "seg.untranslated", "seg.too-", "llm.", "url.", "sec.", "char.", REJECTED)
"""After these a text is no translation, or not safe: the segment stays in Chinese, and says so."""


_UNMET = ("term.missing", "term.forbidden")
_DOUBTED = ("seg.too-short", "llm.addition")


class Step(StrEnum):
    """What is asked next for a segment."""

    TRANSLATE = "translate"
    REPAIR = "repair"
    INSERT = "insert"
    TERMS = "terms"
    """Good translations that lack glossary terms, together and once: nothing depends on the answer."""


class Attempt(NamedTuple):
    """A translation, and the errors and warnings that the checks find in it."""

    target: str
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """What is said about glossary terms that were not kept."""
        return tuple(finding for finding in self.warnings if finding.check in _UNMET)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """What is said about sentences that may be missing or made up."""
        return tuple(finding for finding in self.warnings if finding.check in _DOUBTED)


class Answer(NamedTuple):
    """What comes out of the ladder. Without `target` the segment stays in Chinese, because of `reason`."""

    target: str | None
    status: Status
    origin: str
    remark: str = ""
    reason: str = ""

    @classmethod
    def remembered(cls, entry: Entry) -> Answer:
        """What the memory has."""
        return cls(entry.target, entry.status, entry.origin, entry.remark)


@dataclass(slots=True)
class Progress:
    """What has happened to a segment so far. The best attempt counts, not the last."""

    ask: Ask
    requests: int = 0
    best: Attempt | None = None
    failure: str = "no answer"
    slipped: bool = False
    """An answer of its batch stood under the wrong id: it is asked alone from now on, where none can."""

    def offer(self, answer: str, step: Step, job: Job) -> Attempt:
        """Take an answer in, repaired as far as that is certain, and keep the better of two."""
        segment = self.ask.segment
        if step is Step.INSERT and self.best is not None:
            answer = inserted(without_tags(self.best.target), answer, segment) or self.best.target
        attempt = self.judged(repaired(Pair(segment, answer, self.ask.terms)), job)
        if self.best is None or _improves(attempt, self.best, step):
            self.best = attempt
        return attempt

    def judged(self, target: str, job: Job) -> Attempt:
        """A target with what the checks say."""
        if self.best is not None and target == self.best.target:
            return self.best
        pair = Pair(self.ask.segment, target, self.ask.terms)
        findings = job.findings_of(pair)
        return Attempt(
            target,
            tuple(finding for finding in findings if finding.severity is Severity.ERROR),
            tuple(finding for finding in findings if finding.severity is Severity.WARNING),
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to ask: a doubt is worth one more request, whatever comes of it."""
        if self.best is None or self.best.errors:
            return False
        return not self.best.doubts or self.requests > 1

    @property
    def next_step(self) -> Step | None:
        """The next rung, or None when the last request has been made."""
        if self.requests >= MAX_REQUESTS:
            return None
        if self.best is None:
            return Step.TRANSLATE
        if self.requests == MAX_REQUESTS - 1 and _only_tags(self.best):
            return Step.INSERT
        return Step.REPAIR

    def outcome(self, job: Job) -> Answer:
        """The end of the ladder: the answer if it is good, its tags placed if they are not, or nothing."""
        if self.best is None:
            return Answer(None, job.engine.worth, job.engine.name, reason=self.failure)
        attempt, remark = self.best, ""
        if any(error.check.startswith("tag.") for error in attempt.errors):
            attempt, remark = self._with_tags(attempt, job)
        unusable = [error.message for error in attempt.errors if error.check.startswith(_UNUSABLE)]
        if unusable:
            return Answer(None, job.engine.worth, job.engine.name, reason="; ".join(unusable))
        return Answer(attempt.target, job.engine.worth, job.engine.name, remark)

    def _with_tags(self, attempt: Attempt, job: Job) -> tuple[Attempt, str]:
        """Rungs four and five: the second of them cannot fail."""
        segment = self.ask.segment
        target = placed(segment, attempt.target, self.ask.terms)
        if target is not None:
            candidate = self.judged(target, job)
            if not any(error.check.startswith("tag.") for error in candidate.errors):
                return candidate, PLACED
        return self.judged(appended(segment, attempt.target), job), APPENDED


def review_status_of(ask: Ask, job: Job) -> Progress:
    """The start of a segment: what people have rejected is where its repair begins, with their reason.

    Else it goes on from the answers of batches that did not pass: those were all that could be asked at once.
    """
    if not ask.rejected:
        return _after_batches(ask, job)
    last = ask.rejected[-1]
    reasons = tuple(
        Finding(REJECTED, Severity.ERROR, f"a person rejected this: {one.reason}", ask.segment.id)
        for one in ask.rejected
        if one.target == last.target
    )
    return Progress(ask, requests=1, best=Attempt(last.target, reasons))


def _after_batches(ask: Ask, job: Job) -> Progress:
    """Where the last rung was reached without an answer, it begins anew."""
    attempts = () if job.drafts else job.memory.failed_answers(ask.key)
    targets = list(dict.fromkeys(one.target for one in attempts if one.origin.endswith(BATCH)))
    progress = Progress(ask)
    for target in targets[len(targets) - len(targets) % MAX_REQUESTS :]:
        progress.requests += 1
        attempt = progress.judged(target, job)
        if progress.best is None or _improves(attempt, progress.best, Step.REPAIR):
            progress.best = attempt
    return progress


def _improves(attempt: Attempt, best: Attempt, step: Step) -> bool:
    """Whether an attempt is better than the best; one that was asked for terms may spoil nothing else."""
    if step is Step.TERMS:
        return not attempt.errors and better(best.warnings, attempt.warnings)
    if not best.errors:
        return not attempt.errors and better(best.doubts, attempt.doubts)
    return not attempt.errors or better(best.errors, attempt.errors)


def _only_tags(attempt: Attempt) -> bool:
    return all(error.check.startswith("tag.") for error in attempt.errors)


# ---------------------------------------------------------------------------
# What is asked: some segments, and which step of the repair ladder they are on.


_FEW = 3
"""As many segments need no request in common."""


class Question(NamedTuple):
    """A request to make: for these segments, one step of the ladder.

    Tags are asked for one segment at a time, and most repairs; translations and terms for many.
    """

    members: tuple[Progress, ...]
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
            yield Question(self.members[start : start + width], self.step)


def request_for(question: Question, form: Format, job: Job, outline: str) -> Request:
    """The question in the words of the prompts."""
    asks = [progress.ask for progress in question.members]
    if question.step is Step.TRANSLATE:
        segments = [ask.segment for ask in asks]
        terms = _united(ask.terms for ask in asks)
        return translate_request(segments, terms, _memories(question, job), form, job.prompts, outline)
    if question.step is Step.INSERT:
        (progress,) = question.members
        assert progress.best is not None
        return insert_request(asks[0].segment, without_tags(progress.best.target), form, job.prompts)
    terms = _united(map(_terms_to_name, question.members))
    return repair_request([_correction(progress) for progress in question.members], terms, form, job.prompts)


def asked_again(unanswered: Iterable[Progress], *, single: bool) -> Iterator[Question]:
    """Segments without an answer: half as many at a time, then one by one."""
    together: list[Progress] = []
    for progress in unanswered:
        if progress.slipped or progress.requests > 1 or progress.best is not None:
            yield Question((progress,), progress.next_step or Step.TRANSLATE)
        else:
            together.append(progress)
    if together:
        rest = Question(tuple(together), Step.TRANSLATE)
        yield from rest.parts(1) if single else rest.halves()


def corrections(bad: Sequence[Progress], question: Question, *, single: bool) -> Iterator[Question]:
    """Each alone with its complaints; half of them at a time where most of an answer is bad.

    Then it is the answer that failed, and not the model at these sentences.
    """
    together = not single and question.step is Step.TRANSLATE and 2 * len(bad) > len(question.members)
    if together and len(bad) > _FEW:
        yield from Question(tuple(bad), Step.REPAIR).halves()
        return
    for progress in bad:
        yield Question((progress,), progress.next_step or Step.REPAIR)


def _correction(progress: Progress) -> Correction:
    assert progress.best is not None
    best = progress.best
    complaints = tuple(finding.message for finding in (*best.errors, *best.doubts, *best.unmet))
    return Correction(progress.ask.segment, best.target, complaints)


def _terms_to_name(progress: Progress) -> tuple[Term, ...]:
    """All terms of a segment with errors, which is written anew; else only those that are not met."""
    assert progress.best is not None
    if progress.best.errors:
        return progress.ask.terms
    return tuple(unmet_terms(Pair(progress.ask.segment, progress.best.target, progress.ask.terms)))


def _memories(question: Question, job: Job) -> list[Memory]:
    """What was translated before and resembles these segments, the most alike first."""
    found = [
        memory
        for progress in question.members
        for memory in job.memory.similar(progress.ask.segment.text, limit=1)
    ]
    return sorted(found, key=lambda memory: -memory.score)


def _united(groups: Iterable[tuple[Term, ...]]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for terms in groups for term in terms))
