"""Who asks what when: the only place where requests run side by side.

Segments without an answer are asked in chunks, several at a time. Every verified answer is in the memory
before it is used, so that a kill at any moment loses at most the requests in flight.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError, WeeklyTranslateError
from weekly_translate.exchange import Entry, Format, Usage
from weekly_translate.pipeline.attempts import MAX_REQUESTS, Answer, Progress, Step
from weekly_translate.tags import without_tags
from weekly_translate.translation.chunks import chunks_of
from weekly_translate.translation.cost import forecast
from weekly_translate.translation.prompt import insert_request, repair_request, translate_request
from weekly_translate.translation.reply import Outcome, Reading, read_reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.exchange import Memory, Request
    from weekly_translate.model import Term
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan

_LADDER = tuple(Format)
_HOPELESS = 2
"""Unreadable replies in a row after which a format is given up."""
_FINAL = frozenset({Outcome.REFUSED, Outcome.FILTERED})
"""Asking a third time does not change these."""
_SMALLEST_CHUNK = 150
"""Source tokens: smaller chunks would send more instructions than text."""


class Question(NamedTuple):
    """A request to make: for these segments, one step of the ladder."""

    members: tuple[Progress, ...]
    step: Step


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
        self._fresh = deque(Progress(ask) for ask in plan.asks)
        self._again: deque[Question] = deque()
        self._size = job.size
        self._share = self._balanced_share()
        self._format = self._remembered_format()
        self._unreadable: Counter[Format] = Counter()
        self._readable: set[Format] = set()
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
            while len(running) < self._job.jobs and (question := self._next()) is not None:
                running.add(asyncio.create_task(self._ask(question)))
            if not running:
                return Run(self._answers, self._usage, self._failure)
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    # ------------------------------------------------------------------ which question is next

    def _balanced_share(self) -> int:
        """Source tokens for each chunk if all workers are to finish at the same time."""
        total = sum(self._job.count_tokens(progress.ask.segment.text) for progress in self._fresh)
        rounds = max(1, -(-total // (self._job.jobs * self._size.budget)))
        return max(_SMALLEST_CHUNK, -(-total // (self._job.jobs * rounds)))

    def _next(self) -> Question | None:
        if self._failure is not None:
            return None
        if self._again:
            return self._again.popleft()
        if not self._fresh:
            return None
        cap = 1 if self._format is Format.SINGLE else self._size.cap
        waiting = [progress.ask.segment for progress in self._fresh]
        chunk = next(
            chunks_of(
                waiting,
                budget=min(self._size.budget, self._share),
                cap=cap,
                count_tokens=self._job.count_tokens,
            )
        )
        return Question(tuple(self._fresh.popleft() for _ in chunk), Step.TRANSLATE)

    # ------------------------------------------------------------------ asking

    async def _ask(self, question: Question) -> None:
        asked_format = self._format
        request = self._request(question, asked_format)
        expected = forecast([request], count_tokens=self._job.count_tokens)
        self._pending += expected
        try:
            self._job.refuse_beyond_budget(self._usage + self._pending)
            reply = await self._job.engine.answer(request)
        except FormatRefusedError:
            self._step_down(asked_format)
            self._again.appendleft(question)
        except TooLongError as error:
            self._split_too_long(question, error)
        except WeeklyTranslateError as error:
            self._failure = self._failure or error
        else:
            self._usage += reply.usage
            self._take(question, read_reply(reply, request), asked_format)
        finally:
            self._pending -= expected
        self._tell()

    def _request(self, question: Question, asked_format: Format) -> Request:
        prompts, asks = self._job.prompts, [progress.ask for progress in question.members]
        if question.step is Step.TRANSLATE:
            segments = [ask.segment for ask in asks]
            terms = _united(ask.terms for ask in asks)
            return translate_request(
                segments, terms, self._memories(question), asked_format, prompts, self._outline
            )
        (progress,) = question.members
        assert progress.best is not None
        segment, best = progress.ask.segment, progress.best
        if question.step is Step.INSERT:
            return insert_request(segment, without_tags(best.target), asked_format, prompts)
        complaints = [error.message for error in best.errors]
        return repair_request(segment, best.target, complaints, progress.ask.terms, asked_format, prompts)

    def _memories(self, question: Question) -> list[Memory]:
        """What was translated before and resembles these segments, the most alike first."""
        found = [
            memory
            for progress in question.members
            for memory in self._job.memory.similar(progress.ask.segment.text, limit=1)
        ]
        return sorted(found, key=lambda memory: -memory.score)

    def _split_too_long(self, question: Question, error: EngineError) -> None:
        self._size = self._size.halved()
        if len(question.members) == 1:
            (progress,) = question.members
            progress.failure = str(error)
            progress.requests = MAX_REQUESTS
            self._settle(progress)
            return
        half = len(question.members) // 2
        for part in (question.members[half:], question.members[:half]):
            self._again.appendleft(Question(part, question.step))

    # ------------------------------------------------------------------ what an answer leads to

    def _take(self, question: Question, reading: Reading, asked_format: Format) -> None:
        """Use every answer that is good, and ask again for the rest, with the reasons."""
        self._learn(reading, asked_format, len(question.members))
        reasons = {segment: problem for problem in reading.problems for segment in problem.segments}
        unanswered = []
        for progress in question.members:
            progress.requests += 1
            segment = progress.ask.segment
            if segment.id in reading.targets:
                self._judge(progress, reading.targets[segment.id], question.step)
                continue
            if segment.id in reasons:
                progress.failure = reasons[segment.id].message
                if reasons[segment.id].outcome in _FINAL and len(question.members) == 1:
                    progress.requests = max(progress.requests, MAX_REQUESTS - 1)
            unanswered.append(progress)
        self._ask_again(unanswered)

    def _judge(self, progress: Progress, answer: str, step: Step) -> None:
        attempt = progress.offer(answer, step, self._job)
        if attempt.errors and not self._job.drafts:
            ask = progress.ask
            self._job.memory.store_attempt(
                ask.key,
                ask.segment.text,
                attempt.target,
                findings=attempt.errors,
                origin=self._job.engine.name,
            )
        next_step = progress.next_step
        if not attempt.errors or self._job.drafts or next_step is None:
            self._settle(progress)
        else:
            self._again.append(Question((progress,), next_step))

    def _ask_again(self, unanswered: list[Progress]) -> None:
        """Without an answer: half as many at a time, then one by one, then not any more."""
        for progress in [one for one in unanswered if one.next_step is None]:
            self._settle(progress)
        waiting = [one for one in unanswered if one.next_step is not None]
        alone = [one for one in waiting if one.requests > 1 or one.best is not None]
        for progress in alone:
            self._again.append(Question((progress,), progress.next_step or Step.TRANSLATE))
        together = [one for one in waiting if one not in alone]
        width = 1 if self._format is Format.SINGLE else max(1, (len(together) + 1) // 2)
        for start in range(0, len(together), width):
            self._again.append(Question(tuple(together[start : start + width]), Step.TRANSLATE))

    def _settle(self, progress: Progress) -> None:
        """Store what is verified before anything is done with it."""
        answer = progress.outcome(self._job)
        ask = progress.ask
        if answer.target is not None and not self._job.drafts:
            verified = not progress.judged(answer.target, self._job).errors
            if verified:
                entry = Entry(ask.segment.text, answer.target, answer.status, answer.origin, answer.remark)
                self._job.memory.store(ask.key, entry, ask.segment.kind)
        for segment in (ask.segment.id, *ask.twins):
            self._answers[segment] = answer
        self._settled += 1 + len(ask.twins)

    # ------------------------------------------------------------------ what is learnt about the endpoint

    def _remembered_format(self) -> Format:
        facts = self._job.memory.capability(self._job.engine.endpoint, self._job.engine.name)
        return Format(facts.get("format", Format.SCHEMA))

    def _learn(self, reading: Reading, asked_format: Format, asked: int) -> None:
        outcomes = {problem.outcome for problem in reading.problems}
        if Outcome.UNREADABLE in outcomes:
            self._unreadable[asked_format] += 1
            if self._unreadable[asked_format] >= _HOPELESS and asked_format not in self._readable:
                self._step_down(asked_format)
        elif reading.targets:
            self._readable.add(asked_format)
        if asked > 1 or not reading.clean:
            self._size = self._size.after(clean=reading.clean)

    def _step_down(self, refused: Format) -> None:
        """One rung down, once for all workers, and remembered for the next run."""
        if self._format is refused and refused is not _LADDER[-1]:
            self._format = _LADDER[_LADDER.index(refused) + 1]
            engine = self._job.engine
            self._job.memory.learn_capability(engine.endpoint, engine.name, {"format": self._format})

    def _tell(self) -> None:
        self._job.told(self._settled, self._all, self._usage)


def _united(groups: Iterable[tuple[Term, ...]]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for terms in groups for term in terms))
