"""Answers that come later than they were asked for: in any order, some twice, some never, some outdated."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import FormatRefusedError, ParameterRefusedError
from weekly_translate.llm.openai import REFUSED
from weekly_translate.llm.replies import Reading, read_reply
from weekly_translate.model import Format, Reply, Status, Usage
from weekly_translate.run.attempts import BATCH, Question, Step, request_for, review_status_of
from weekly_translate.run.batch_requests import learn_temperature
from weekly_translate.run.dependents import Claiming
from weekly_translate.run.format_ladder import FormatLadder
from weekly_translate.run.issue_state import Common, Outcomes
from weekly_translate.run.missing_terms import Unmet
from weekly_translate.run.plan import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from weekly_translate.errors import EngineError
    from weekly_translate.memory.batches import Asked
    from weekly_translate.model import Request
    from weekly_translate.run.attempts import Progress
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Ask, Assignment


class LateEngine:
    """Stands for whoever answered later; it is never asked."""

    def __init__(self, name: str, endpoint: str, worth: Status = Status.MACHINE) -> None:
        """The answers are of the origin `name`, with ` batch` behind it; `worth` says who vouches."""
        self.name = name + BATCH
        self.endpoint = endpoint
        self.worth = worth

    async def answer(self, request: Request) -> Reply:
        """Nobody is there to answer now."""
        raise NotImplementedError

    def stop(self) -> None:
        """It never waits."""

    async def close(self) -> None:
        """Nothing is open."""


# ---------------------------------------------------------------------------
# What has become of answers that came later than they were asked for.


class Unpassed(NamedTuple):
    """A segment whose answer is not used."""

    source: Path
    line: int
    why: str


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


def fault_of(progress: Progress, reading: Reading) -> str:
    """What is wrong with the answer for a segment; where there is none, why."""
    for problem in reading.problems:
        if progress.ask.segment.id in problem.segments:
            return problem.message
    if progress.best is None:
        return progress.failure
    return "; ".join(finding.message for finding in (*progress.best.errors, *progress.best.doubts))


# ---------------------------------------------------------------------------
# Answers that come later than they were asked for: in any order, some twice, some never, some outdated.

# Each is read, judged and stored by itself, like a live answer. What fails goes on to the repair ladder in
# the next run or batch.


class Intake:
    """Takes answers in, one by one, as a live run would; what passes is in the memory at once."""

    def __init__(
        self,
        issue_at: Callable[[Path], Assignment | None],
        job: Job,
        answered_by: str,
        worth: Status = Status.MACHINE,
    ) -> None:
        """`issue_at` plans the issue of a request, if its file can still be read.

        `job` knows the endpoint, whose reply formats are learned; `answered_by` is the origin of the answers,
        and `worth` what they are stored as.
        """
        self._common = Common(Claiming(job), FormatLadder(job), job.size)
        self._job = job
        self._engine = LateEngine(answered_by, job.engine.endpoint, worth)
        self._issue_at = cache(lambda source: self._opened(issue_at(source)))
        self._issues: list[_Issue] = []
        self.broken: list[str] = []
        """What is wrong with lines that no request can be found for."""
        self._done: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._failed: dict[str, str] = {}
        self.usage = Usage()

    @property
    def tally(self) -> Tally:
        """What has become of the answers so far."""
        failed = len(self._failed.keys() - self._done)
        return Tally(**self._counts, again=len(self.unpassed), failed=failed)

    @property
    def unpassed(self) -> list[Unpassed]:
        """The segments whose answers did not pass, in the order of their issues."""
        return sorted(one for issue in self._issues for one in issue.unpassed.values())

    @property
    def reasons(self) -> Counter[str]:
        """Why requests were not answered, and how many of them."""
        return Counter(reason for id_, reason in self._failed.items() if id_ not in self._done)

    def take(self, asked: Asked | None, outcome: Reply | EngineError | str) -> None:
        """An answer to a request, if that is known; or why there is none."""
        if asked is None:
            self._counts["unknown"] += 1
        elif isinstance(outcome, Reply):
            self._take_reply(asked, outcome)
        elif asked.id in self._done:
            self._counts["twice"] += 1
        else:
            if isinstance(outcome, FormatRefusedError):
                self._common.formats.step_down(Format(asked.form))
            if isinstance(outcome, ParameterRefusedError) and outcome.parameter == "temperature":
                learn_temperature(REFUSED, self._job.memory, self._job.engine)
            self._failed[asked.id] = str(outcome)

    def missing(self, ids: Iterable[str], why: str = "") -> None:
        """Of these requests, those that nothing was said about have no answer."""
        for id_ in ids:
            self._failed.setdefault(id_, why or "there is no answer")

    def _take_reply(self, asked: Asked, reply: Reply) -> None:
        """A second answer is used where the first one was not good."""
        issue = self._issue_at(asked.source)
        counts = issue.take(asked, reply) if issue else Counter(outdated=len(asked.members))
        if asked.id in self._done:
            counts = Counter(answered=counts["answered"], twice=1)
        else:
            self._done.add(asked.id)
            self.usage += replace(reply.usage, requests=1)
        self._counts.update(counts)

    def _opened(self, assignment: Assignment | None) -> _Issue | None:
        if assignment is None:
            return None
        job = replace(assignment.job, engine=self._engine)
        self._issues.append(_Issue(assignment._replace(job=job), self._common))
        return self._issues[-1]


class _Issue:
    """The open segments of an issue, by their keys."""

    def __init__(self, assignment: Assignment, common: Common) -> None:
        self._assignment = assignment
        plan, job = assignment.plan, assignment.job
        unmet = Unmet(plan, job, common.claiming)
        self._outcomes = Outcomes(assignment, common, unmet, settled=len(plan.known))
        self._open = {ask.key: ask for ask in plan.asks}
        self._keys = keys_of(plan.document, job)
        self.unpassed: dict[str, Unpassed] = {}
        """By key."""

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
        members = {id_: review_status_of(ask, job) for id_, ask in here.items()}
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
                self.unpassed.pop(ask.key, None)
                yield "answered"
            else:
                self._keep(progress)
                why = fault_of(progress, reading)
                self.unpassed[ask.key] = Unpassed(asked.source, ask.segment.line, why)

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
            job.memory.store_failed_answer(
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
