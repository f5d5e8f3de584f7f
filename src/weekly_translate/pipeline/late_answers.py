"""Answers that come later than they were asked for: in any order, some twice, some never, some outdated.

Each goes the way of a live answer: it is read, judged and stored by itself. What fails goes on to the repair
ladder in the next run or batch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import FormatRefusedError
from weekly_translate.exchange import Format, Reply, Status, Usage
from weekly_translate.pipeline.attempts import BATCH, Step, progress_of
from weekly_translate.pipeline.claiming import Claiming
from weekly_translate.pipeline.formats import FormatLadder
from weekly_translate.pipeline.outcomes import Common, Outcomes
from weekly_translate.pipeline.plan import keys_of
from weekly_translate.pipeline.questions import Question, request_for
from weekly_translate.pipeline.unmet import Unmet
from weekly_translate.translation.reply import Reading, read_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from weekly_translate.errors import EngineError
    from weekly_translate.exchange import Request
    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.pipeline.attempts import Progress
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Ask
    from weekly_translate.store.batches import Asked


class Tally(NamedTuple):
    """What has become of the answers: the first numbers count segments, the last ones requests."""

    answered: int = 0
    """Stored: the next run finds them in the memory."""
    again: int = 0
    """The answer did not pass, or there was none: the next run or batch asks again."""
    known: int = 0
    """Answered by now in another way."""
    outdated: int = 0
    """No longer in the source, or asked for in other words: terms, prompts or the edition have changed."""
    twice: int = 0
    """Requests with more than one answer."""
    unknown: int = 0
    """Lines that answer no request which this memory knows, broken ones among them."""
    failed: int = 0
    """Requests without an answer."""

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        """All of both."""
        return Tally(*(one + another for one, another in zip(self, other, strict=True)))


class LateEngine:
    """Stands for whoever answered later; it is never asked."""

    worth = Status.MACHINE

    def __init__(self, name: str, endpoint: str) -> None:
        """The answers are of the origin `name`, with ` batch` behind it."""
        self.name = name + BATCH
        self.endpoint = endpoint

    async def answer(self, request: Request) -> Reply:
        """Nobody is there to answer now."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""


class Intake:
    """Takes answers in, one by one, as a live run would; what passes is in the memory at once."""

    def __init__(self, issue_at: Callable[[Path], Assignment | None], job: Job, answered_by: str) -> None:
        """`issue_at` plans the issue of a request, if its file can still be read.

        `job` knows the endpoint, whose reply formats are learned; `answered_by` is the origin of the answers.
        """
        self._common = Common(Claiming(job), FormatLadder(job), job.size)
        self._engine = LateEngine(answered_by, job.engine.endpoint)
        self._issue_at = cache(lambda source: self._opened(issue_at(source)))
        self._done: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._failed: dict[str, str] = {}
        self.usage = Usage()

    @property
    def tally(self) -> Tally:
        """What has become of the answers so far."""
        return Tally(**self._counts, failed=len(self._failed.keys() - self._done))

    @property
    def reasons(self) -> Counter[str]:
        """Why requests were not answered, and how many of them."""
        return Counter(reason for id_, reason in self._failed.items() if id_ not in self._done)

    def take(self, asked: Asked | None, outcome: Reply | EngineError | str) -> None:
        """An answer to a request, if that is known; or why there is none."""
        if asked is None:
            self._counts["unknown"] += 1
        elif asked.id in self._done:
            self._counts["twice"] += 1
        elif isinstance(outcome, Reply):
            self._done.add(asked.id)
            self.usage += replace(outcome.usage, requests=1)
            issue = self._issue_at(asked.source)
            self._counts.update(issue.take(asked, outcome) if issue else ["outdated"] * len(asked.members))
        else:
            if isinstance(outcome, FormatRefusedError):
                self._common.formats.step_down(Format(asked.form))
            self._failed[asked.id] = str(outcome)

    def missing(self, ids: Iterable[str]) -> None:
        """Of these requests, those that nothing was said about have no answer."""
        for id_ in ids:
            self._failed.setdefault(id_, "there is no answer")

    def _opened(self, assignment: Assignment | None) -> _Issue | None:
        if assignment is None:
            return None
        job = replace(assignment.job, engine=self._engine)
        return _Issue(assignment._replace(job=job), self._common)


class _Issue:
    """The open segments of an issue, by their keys."""

    def __init__(self, assignment: Assignment, common: Common) -> None:
        self._assignment = assignment
        plan, job = assignment.plan, assignment.job
        unmet = Unmet(plan, job, common.claiming)
        self._outcomes = Outcomes(assignment, common, unmet, settled=len(plan.known))
        self._open = {ask.key: ask for ask in plan.asks}
        self._keys = keys_of(plan.document, job)

    def take(self, asked: Asked, reply: Reply) -> Counter[str]:
        """What becomes of the segments of a request."""
        here = {member.id: self._open[member.key] for member in asked.members if member.key in self._open}
        others = [member for member in asked.members if member.id not in here]
        counts = Counter("known" if member.key in self._keys else "outdated" for member in others)
        if here:
            counts.update(self._judged(asked, here, reply))
        return counts

    def _judged(self, asked: Asked, here: Mapping[str, Ask], reply: Reply) -> Iterator[str]:
        job, form = self._assignment.job, Format(asked.form)
        members = {id_: progress_of(ask, job) for id_, ask in here.items()}
        may_repair = all(progress.best is not None for progress in members.values())
        step = Step(asked.step) if may_repair else Step.TRANSLATE
        question = Question(tuple(members.values()), step)
        reading = _renamed(read_reply(reply, self._as_asked(asked, question, form)), here)
        self._outcomes.take(question, reading, form)
        self._outcomes.again.clear()
        for progress in members.values():
            ask = progress.ask
            if ask.segment.id in self._outcomes.answers and job.memory.find(ask.key, ask.segment.text):
                del self._open[ask.key]
                yield "answered"
            else:
                self._keep(progress)
                yield "again"

    def _as_asked(self, asked: Asked, question: Question, form: Format) -> Request:
        """The request with the segments and ids that it had, even where the source has changed since."""
        request = request_for(question, form, self._assignment.job, self._assignment.outline)
        (some, *_) = request.segments
        segments = tuple(replace(some, id=one.id, text=one.text) for one in asked.members)
        return replace(request, segments=segments)

    def _keep(self, progress: Progress) -> None:
        """A doubt is worth one more request, which starts from this answer: it is not lost until then."""
        best, job = progress.best, self._assignment.job
        if best is not None and not best.errors and best.doubts:
            ask, origin = progress.ask, job.engine.name
            job.memory.store_attempt(
                ask.key, ask.segment.text, best.target, findings=best.doubts, origin=origin
            )


def _renamed(reading: Reading, here: Mapping[str, Ask]) -> Reading:
    """The reading under the ids that the segments have today."""
    names = {id_: ask.segment.id for id_, ask in here.items()}
    targets = {names[id_]: target for id_, target in reading.targets.items() if id_ in names}
    problems = tuple(
        replace(one, segments=tuple(names[id_] for id_ in one.segments if id_ in names))
        for one in reading.problems
    )
    return Reading(targets, problems)
