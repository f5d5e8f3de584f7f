"""One segment on its way through the repair ladder (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.exchange import APPENDED, PLACED
from weekly_translate.model import Finding, Pair, Severity
from weekly_translate.tags import without_tags
from weekly_translate.translation.placing import appended, inserted, placed
from weekly_translate.translation.repair import better, repaired

if TYPE_CHECKING:
    from weekly_translate.exchange import Entry, Status
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Ask

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


def progress_of(ask: Ask, job: Job) -> Progress:
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
    attempts = () if job.drafts else job.memory.attempts(ask.key)
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
