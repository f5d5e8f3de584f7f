"""Who asks what when: the only place where requests run side by side.

Segments without an answer are asked in chunks, several at a time. Every verified answer is in the memory
before it is used, so that a kill at any moment loses at most the requests in flight.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import FormatRefusedError, StorageError, TooLongError, WeeklyTranslateError
from weekly_translate.exchange import UNMET, Entry, Format, Usage
from weekly_translate.pipeline.attempts import MAX_REQUESTS, Answer, Progress, Step, progress_of
from weekly_translate.pipeline.claiming import PAUSE, Claiming
from weekly_translate.pipeline.formats import FormatLadder
from weekly_translate.pipeline.hits import title_link
from weekly_translate.pipeline.questions import Question, asked_again, request_for
from weekly_translate.pipeline.unmet import Unmet
from weekly_translate.translation.chunks import chunks_of, even_budget
from weekly_translate.translation.cost import forecast
from weekly_translate.translation.reply import Outcome, read_reply

if TYPE_CHECKING:
    from weekly_translate.pipeline.attempts import Attempt
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan
    from weekly_translate.translation.reply import Reading

_FINAL = frozenset({Outcome.REFUSED, Outcome.FILTERED})
"""Asking a third time does not change these."""


class Run(NamedTuple):
    """What came out: answers by segment id, what was used, and what stopped the run, if anything did."""

    answers: dict[str, Answer]
    usage: Usage
    failure: WeeklyTranslateError | None


class Scheduler:
    """Runs the open questions of a plan against the engine."""

    def __init__(self, plan: Plan, job: Job, outline: str = "") -> None:
        """Nothing is asked before `run`."""
        self._job = job
        self._outline = outline
        self._fresh = deque(map(progress_of, plan.asks))
        self._again: deque[Question] = deque()
        self._claiming = Claiming(job)
        self._unmet = Unmet(plan, job, self._claiming)
        self._elsewhere: list[Progress] = []
        self._size = job.size
        segments = [ask.segment for ask in plan.asks]
        self._share = even_budget(segments, job.size, workers=job.jobs, count_tokens=job.count_tokens)
        self._formats = FormatLadder(job)
        self._answers: dict[str, Answer] = {}
        self._settled = len(plan.known)
        self._all = len(plan.document.segments)
        self._usage = Usage()
        self._pending = Usage()
        self._failure: WeeklyTranslateError | None = None

    async def run(self) -> Run:
        """Ask until everything is settled or the engine fails; what is in flight then is awaited."""
        self._tell()
        running: set[asyncio.Task[None]] = set()
        while True:
            while len(running) < self._job.jobs and (question := self._next(idle=not running)) is not None:
                running.add(asyncio.create_task(self._ask(question)))
            if not running and self._elsewhere and self._failure is None:
                await asyncio.sleep(PAUSE)
                self._fresh.extend(self._elsewhere)
                self._elsewhere = []
                continue
            if not running:
                self._claiming.end()
                return Run(self._answers, self._usage, self._failure)
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    # ------------------------------------------------------------------ which question is next

    def _next(self, *, idle: bool) -> Question | None:
        """What to ask now. Terms come last, when nothing is in flight: then the fewest requests do."""
        if self._failure is not None:
            return None
        while not self._again and self._fresh:
            if question := self._claimed():
                return question
        if idle and not self._again and not self._elsewhere:
            self._again.extend(self._unmet.questions(self._size, single=self._formats.single))
        return self._narrowed(self._again.popleft()) if self._again else None

    def _claimed(self) -> Question | None:
        """The next chunk, without what another run is asking for or has answered by now."""
        chunk = next(
            chunks_of(
                (progress.ask.segment for progress in self._fresh),
                budget=min(self._size.budget, self._share),
                cap=1 if self._formats.single else self._size.cap,
                count_tokens=self._job.count_tokens,
            )
        )
        shares = self._claiming.shares([self._fresh.popleft() for _ in chunk])
        self._elsewhere += shares.elsewhere
        for progress, entry in shares.answered:
            self._answer(progress, Answer(entry.target, entry.status, entry.origin, entry.remark))
        rejected = [progress for progress in shares.ours if progress.best is not None]
        self._again.extend(Question((progress,), Step.REPAIR) for progress in rejected)
        ours = tuple(progress for progress in shares.ours if progress.best is None)
        return Question(ours, Step.TRANSLATE) if ours else None

    def _narrowed(self, question: Question) -> Question:
        """One segment, if the format has no room for more by now; the others wait for their turn."""
        if not self._formats.single:
            return question
        first, *others = question.parts(1)
        self._again.extendleft(reversed(others))
        return first

    # ------------------------------------------------------------------ asking

    async def _ask(self, question: Question) -> None:
        """What fails for good ends the run, be it the engine or the disk; the others in flight are used."""
        try:
            await self._exchange(question)
        except WeeklyTranslateError as error:
            if question.step is Step.TERMS and not isinstance(error, StorageError):
                self._again.clear()  # what is left is asked by the next run; the translations are there
            else:
                self._failure = self._failure or error
        self._tell()

    async def _exchange(self, question: Question) -> None:
        form = self._formats.rung
        request = request_for(question, form, self._job, self._outline)
        expected = forecast([request], count_tokens=self._job.count_tokens)
        self._pending += expected
        try:
            self._job.refuse_beyond_budget(self._usage + self._pending)
            reply = await self._job.engine.answer(request)
        except FormatRefusedError:
            self._formats.step_down(form)
            self._again.appendleft(question)
        except TooLongError as error:
            self._split(question, error)
        else:
            self._usage += reply.usage
            self._take(question, read_reply(reply, request), form)
        finally:
            self._pending -= expected

    def _split(self, question: Question, error: TooLongError) -> None:
        """Two halves for a request that was too long; a segment that is too long alone stays."""
        self._size = self._size.halved()
        if len(question.members) > 1:
            halves = list(question.parts(-(-len(question.members) // 2)))
            self._again.extendleft(reversed(halves))
            return
        (progress,) = question.members
        progress.failure = str(error)
        progress.requests = MAX_REQUESTS
        self._settle(progress, again=question.step is Step.TERMS)

    # ------------------------------------------------------------------ what an answer leads to

    def _take(self, question: Question, reading: Reading, form: Format) -> None:
        """Use every answer that is good, and ask again for the rest, with the reasons."""
        self._formats.learn(reading, form)
        if question.step is Step.TERMS:
            self._take_terms(question, reading)
            return
        if len(question.members) > 1 or not reading.clean:
            self._size = self._size.after(clean=reading.clean)
        unanswered = []
        for progress in question.members:
            progress.requests += 1
            answer = reading.targets.get(progress.ask.segment.id)
            if answer is not None:
                self._judge(progress, answer, question.step)
            else:
                _note_reason(progress, reading, alone=len(question.members) == 1)
                unanswered.append(progress)
        for progress in unanswered:
            if progress.next_step is None:
                self._settle(progress)
        waiting = [progress for progress in unanswered if progress.next_step is not None]
        self._again.extend(asked_again(waiting, single=self._formats.single))

    def _take_terms(self, question: Question, reading: Reading) -> None:
        """Whatever comes, it was the only time: a miss that is left is a warning."""
        for progress in question.members:
            progress.requests += 1
            answer = reading.targets.get(progress.ask.segment.id)
            if answer is not None:
                self._offer(progress, answer, Step.TERMS)
            self._settle(progress, again=True)

    def _offer(self, progress: Progress, answer: str, step: Step) -> Attempt:
        """Judge an answer; one that did not pass was paid, and is kept as well."""
        attempt = progress.offer(answer, step, self._job)
        if attempt.errors and not self._job.drafts:
            ask, origin = progress.ask, self._job.engine.name
            self._job.memory.store_attempt(
                ask.key, ask.segment.text, attempt.target, findings=attempt.errors, origin=origin
            )
        return attempt

    def _judge(self, progress: Progress, answer: str, step: Step) -> None:
        attempt = self._offer(progress, answer, step)
        next_step = progress.next_step
        if not attempt.errors or self._job.drafts or next_step is None:
            self._settle(progress)
        else:
            self._again.append(Question((progress,), next_step))

    def _settle(self, progress: Progress, *, again: bool = False) -> None:
        """Store what is verified before anything is done with it; `again` after a question for its terms."""
        answer = progress.outcome(self._job)
        if not again and self._unmet.take(progress, answer):
            answer = answer._replace(remark=UNMET)
        ask = progress.ask
        if answer.target is not None and not self._job.drafts:
            verified = not progress.judged(answer.target, self._job).errors
            if verified:
                said = (answer.origin, answer.remark, ask.context, title_link(ask.segment))
                entry = Entry(ask.segment.text, answer.target, answer.status, *said)
                self._job.memory.store(ask.key, entry, ask.segment.kind)
        self._claiming.give_back(progress)
        self._answer(progress, answer, again=again)

    def _answer(self, progress: Progress, answer: Answer, *, again: bool = False) -> None:
        ask = progress.ask
        for segment in (ask.segment.id, *ask.twins):
            self._answers[segment] = answer
        self._settled += 0 if again else 1 + len(ask.twins)

    def _tell(self) -> None:
        self._job.told(self._settled, self._all, self._usage)


def _note_reason(progress: Progress, reading: Reading, *, alone: bool) -> None:
    """Why a segment has no answer, for the person who will have to look at it."""
    for problem in reading.problems:
        if progress.ask.segment.id in problem.segments:
            progress.failure = problem.message
            progress.slipped |= problem.outcome is Outcome.SLIPPED
            if problem.outcome in _FINAL and alone:
                progress.requests = max(progress.requests, MAX_REQUESTS - 1)
