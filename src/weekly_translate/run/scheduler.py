"""The only place where requests run side by side, for one issue or for many: which goes out next, and when.

Segments without an answer are asked in chunks, several at a time. Every verified answer is in the memory
before it is used, so that a kill at any moment loses at most the requests in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import (
    BudgetSpentError,
    FormatRefusedError,
    StoppedError,
    StorageError,
    TooLongError,
    WeeklyTranslateError,
)
from weekly_translate.interrupts import interrupts_told
from weekly_translate.llm.replies import read_reply
from weekly_translate.llm.requests import even_shares, tokens_of
from weekly_translate.llm.tokens import forecast
from weekly_translate.memory.runs import Share
from weekly_translate.model import Usage
from weekly_translate.quality.reading import PAUSE
from weekly_translate.quality.verdicts import expected_usage, fits_one_request
from weekly_translate.run.attempts import Dependents, Question, QuestionId, Step, request_for
from weekly_translate.run.project import remember
from weekly_translate.run.run_state import IssueState, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.requests import Chunk
    from weekly_translate.llm.tokens import Budget
    from weekly_translate.model import Reply, Request
    from weekly_translate.quality.reading import SecondReader
    from weekly_translate.quality.verdicts import ReadPair
    from weekly_translate.run.attempts import SegmentProgress
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

WARM_UP = 1
"""Source tokens of a first request, which is the shortest segment: the provider caches what all others begin
with, and what it has against them (a field, the format, the key) costs one small request and not eight.
"""
_FULL = 2
"""Where so many requests to the second reader wait, the first of them has no room for more."""
_ENOUGH = 4
"""About so many answers the translator is asked at once, even while more may come."""
_FEW = 2
"""So many requests, all in all, need none ahead."""


class RunEnd(NamedTuple):
    """What was used for all issues, and what stopped the run, if anything did."""

    usage: Usage
    failure: WeeklyTranslateError | None


class Events(NamedTuple):
    """Who is told what happens in a run."""

    settled: Callable[[IssueState], None] = lambda _state: None
    """Once for each issue, when it is done or the run has ended."""
    asked: Callable[[IssueState], None] = lambda _state: None
    """When a question of the issue goes out, and when it has been answered."""
    spent: Callable[[IssueState, Share], None] = lambda _state, _share: None
    """When an answer for the issue has come, before it is stored."""
    progress: Callable[[int, int, Usage], None] = lambda _settled, _all, _usage: None
    """How many of how many segments of the run are settled, and what has been used."""
    said: Callable[[str], None] = lambda _sentence: None
    """Why nothing moves."""


class DispatchOrder:
    """Which question of a run is next."""

    def __init__(self, issues: Iterable[IssueState], data: ProjectData) -> None:
        """Chunks are cut so that all places are taken until the end."""
        self._jobs = data.jobs
        self._count = data.count_tokens
        texts = {state: [ask.segment for ask in state.plan.asks] for state in issues}
        shares = even_shares(list(texts.values()), data.size, workers=data.jobs, count_tokens=self._count)
        # By number: issues that are done are not kept here.
        self._budgets = {state.number: share.budget for state, share in zip(texts, shares, strict=True)}
        for state, share in zip(texts, shares, strict=True):
            state.put_in_order(share.order)
        longest = max(self._budgets.values(), default=0)
        self._tail = 0 if data.budget is not None else data.jobs * longest
        """Source tokens of the last turn of all places, in which the longest chunks go first.

        Where a budget may end the run, issues that are finished are worth more than an even end.
        """
        self.warm = not data.warm_up or sum(share.chunks for share in shares) <= _FEW
        """Whether a request has been answered, or need not be: until then one is sent at a time."""

    @property
    def places(self) -> int:
        """How many requests may be in flight."""
        return self._jobs if self.warm else 1

    def next(self, issues: Iterable[IssueState]) -> tuple[IssueState, Question] | None:
        """What to ask now. An issue has at most half of the places while others have something to ask."""
        open_ = list(issues)
        share = -(-self._jobs // 2)
        modest = [state for state in open_ if state.running < share]
        for candidates in (modest, open_):
            for state in candidates:
                if question := state.follow_up():
                    return state, question
            if found := self._fresh(candidates, open_):
                return found
        return None

    def _fresh(
        self, candidates: Sequence[IssueState], open_: Sequence[IssueState]
    ) -> tuple[IssueState, Question] | None:
        """The next chunk of which anything is left once other runs on this memory have had their share."""
        while with_more := [state for state in candidates if state.fresh_tokens]:
            is_tail = sum(state.fresh_tokens for state in open_) <= self._tail
            state = max(with_more, key=self._length) if is_tail else with_more[0]
            if not self.warm:
                state.begin_with_shortest()
            question = state.question(self._chunk(state)) or state.follow_up()
            if question:
                return state, question
        return None

    def _chunk(self, state: IssueState) -> Chunk:
        return state.fresh_chunk(self._budgets[state.number] if self.warm else WARM_UP)

    def _length(self, state: IssueState) -> int:
        return sum(tokens_of(segment, self._count) for segment in self._chunk(state))


class _IssuePart(NamedTuple):
    """What a request asks about one issue."""

    state: IssueState
    question: Question
    pairs: tuple[ReadPair, ...] = ()
    """What a second reader is to see, one for each segment of the question."""


class _Dispatch(NamedTuple):
    """A question about an issue, or about several, ready to be sent."""

    parts: list[_IssuePart]
    request: Request
    expected: Usage
    budget: Budget
    ids: list[dict[str, str]]
    """For each part, the ids of its segments by those that they have beside the other parts."""
    reader: SecondReader | None = None
    """Who is asked in place of the translator."""
    pairs: Sequence[ReadPair] = ()

    def shares(self, used: Usage) -> Iterator[Usage]:
        """What of it each issue has used."""
        return divided(used, [len(part.question.members) for part in self.parts])


class Scheduler:
    """Runs the open questions of several issues against one engine: one queue, one budget, one failure."""

    def __init__(
        self,
        plans: Sequence[Plan],
        data: ProjectData,
        engine: Engine,
        events: Events = Events(),  # noqa: B008 - a frozen value
    ) -> None:
        """Nothing is asked before `run`."""
        self._engine = engine
        self._data = data
        self._events = events
        self._run = RunState(data, events.said)
        answered = () if data.drafts else [plan.doubted for plan in plans]
        self._dependents = Dependents([plan.asks for plan in plans], answered, drafts=data.drafts)
        self._issues = {
            number: IssueState(number, plan, self._run, self._dependents) for number, plan in enumerate(plans)
        }
        """By their numbers. What has been handed over is forgotten: a season is long."""
        self._order = DispatchOrder(self._issues.values(), data)
        self._all = sum(state.segments for state in self._issues.values())
        self._handed_over = 0
        """How many segments are settled in issues that are done."""
        self._held: _IssuePart | None = None
        self._doubts: list[_IssuePart] = []
        """What the translator is to be asked about answers that are there, until that fills a request."""
        self._to_read: deque[list[_IssuePart]] = deque()
        """Requests to the second reader that wait, for more to read or until nothing else is to be asked."""
        self._joins = True
        """Whether a request may be about several issues: one that was too long was not to be."""
        self._running: set[asyncio.Task[None]] = set()
        self._failure: WeeklyTranslateError | None = None
        self._is_stopping = False

    async def run(self) -> RunEnd:
        """Ask until everything is settled or the engine fails; what is in flight then is awaited."""
        self._close_settled()
        self._tell()
        try:
            while await self._goes_on():
                done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                self._running -= done
                for task in done:
                    task.result()
        finally:
            for task in self._running:
                task.cancel()
        remember(self._run.budget.experience, self._run.size, self._data)
        if self._data.reader is not None:
            self._data.reader.learn(self._run.reading.experience)
        self._run.claims.end()
        for state in self._issues.values():
            state.failure = None if state.is_settled else self._failure
            self._hand_over(state)
        return RunEnd(self._run.budget.usage, self._failure)

    async def run_until_stopped(self, stopping: Callable[[int], None]) -> RunEnd:
        """The same, or to the first signal: nothing more is asked then, and what is in flight is used.

        `stopping` is told how many requests that are. Raises `CancelledError` at the second signal.
        """
        task = asyncio.current_task()
        assert task is not None

        def stop() -> None:
            if self._is_stopping:
                task.cancel()
                return
            self._is_stopping = True
            self._fail(
                StoppedError("Stopped. The answers so far are kept: run the same command again to go on.")
            )
            self._data.memory.database.hurry()
            self._engine.stop()
            if self._run.reader is not None and self._run.reader.engine is not None:
                self._run.reader.engine.stop()
            stopping(len(self._running))

        with interrupts_told(stop):
            return await self.run()

    async def _goes_on(self) -> bool:
        """Whether anything is in flight: as much as may be is sent, and another run is waited for."""
        while True:
            try:
                places = 0 if self._holds_still else self._order.places
                while self._failure is None and len(self._running) < places and self._send_next():
                    pass
            except WeeklyTranslateError as error:
                self._fail(error)
            if self._running:
                return True
            elsewhere = sum(state.elsewhere for state in self._issues.values())
            if self._failure is not None or not elsewhere:
                return False
            self._run.claims.tell_wait(elsewhere)
            await asyncio.sleep(PAUSE)
            for state in self._issues.values():
                state.look_elsewhere()

    @property
    def _holds_still(self) -> bool:
        """Whether what is in flight comes in first: who waits for the memory's server hears nothing else."""
        return bool(self._running) and self._data.memory.database.is_away

    def _send_next(self) -> bool:
        """Whether there was something to send, and the budget has room for it whatever the others cost."""
        self._held = self._held or self._next_for_translator()
        self._close_settled()
        if self._held is None:
            return self._send_doubts() or self._send_to_reader()
        if is_sent := self._sent([self._held]):
            self._held = None
        return is_sent

    def _sent(self, parts: list[_IssuePart]) -> bool:
        """Whether these questions are in flight, or given up because the budget has no room for them.

        Whatever is in flight may cost less than it might: until it is back, they wait.
        """
        dispatch = self._dispatch(parts)
        try:
            if not dispatch.budget.has_room(dispatch.expected):
                return False
        except BudgetSpentError as error:
            if self._running:
                return False
            self._give_up(parts, error)
            for state, *_ in parts:
                state.running -= 1
            return True
        for state, *_ in parts:
            state.begun = state.begun or time.monotonic()
        dispatch.budget.reserve(dispatch.expected)
        self._running.add(asyncio.create_task(self._ask(dispatch)))
        self._tell(*(state for state, *_ in parts))
        return True

    def _dispatch(self, parts: list[_IssuePart]) -> _Dispatch:
        """The request for these questions, which are of one step."""
        (state, question, _), run = parts[0], self._run
        ids = [{one.ask.segment.id: one.ask.segment.id for one in question.members}]
        if len(parts) > 1:
            question, ids = joined([part.question for part in parts])
        if question.step is Step.READ:
            reader = run.reader
            assert reader is not None
            pairs = [
                one._replace(pair=one.pair._replace(segment=one.pair.segment._replace(id=id_)))
                for part, names in zip(parts, ids, strict=True)
                for id_, one in zip(names, part.pairs, strict=True)
            ]
            request = reader.request(pairs, reader.format)
            expected = expected_usage([request], reader.count_tokens)
            return _Dispatch(parts, request, expected, run.reading, ids, reader, pairs)
        outline = state.plan.outline_of(progress.ask.segment for progress in question.members)
        request = request_for(question, run.formats.rung, state.plan.data, outline)
        expected = forecast([request], count_tokens=state.plan.data.count_tokens)
        return _Dispatch(parts, request, expected, run.budget, ids)

    def _send_doubts(self) -> bool:
        """Ask about answers of several issues together, when no more are to come or there are enough."""
        is_early = not self._has_enough_doubts and (self._running or self._to_read)
        if not self._doubts or is_early or not self._sent(self._doubts):
            return False
        self._doubts = []
        return True

    def _next_for_translator(self) -> _IssuePart | None:
        """What comes next, unless what waits is enough for a request to the reader, or about doubts.

        Each request repeats the instructions, which are half as long as an issue.
        """
        while len(self._to_read) < _FULL and not self._has_enough_doubts:
            found = self._order.next(self._issues.values())
            if found is None:
                return None
            state, question = found
            state.running += 1
            if question.step is Step.READ:
                self._put_to_reading(state, question)
            elif question.step is Step.DOUBTS and self._may_wait(state, question):
                self._doubts.append(_IssuePart(state, question))
            else:
                return _IssuePart(state, question)
        return None

    @property
    def _has_enough_doubts(self) -> bool:
        return sum(len(part.question.members) for part in self._doubts) >= _ENOUGH

    def _may_wait(self, state: IssueState, question: Question) -> bool:
        """Whether a few doubts about this issue may go with those about others, with the same prompts."""
        prompts = state.plan.data.prompts
        is_same = all(other.state.plan.data.prompts == prompts for other in self._doubts)
        can_join = self._joins and not (prompts.family or self._run.formats.single)
        return can_join and is_same and len(question.members) < _ENOUGH

    def _put_to_reading(self, state: IssueState, question: Question) -> None:
        """Join it to what waits, if one request has room for both."""
        reader = self._run.reader
        shown = [(one, one.to_read(reader) if reader else None) for one in question.members]
        members = tuple(one for one, pair in shown if pair)
        state.close_readings(one for one, pair in shown if not pair)
        if reader is None or not members:
            state.running -= 1
            return
        part = _IssuePart(state, question._replace(members=members), tuple(pair for _, pair in shown if pair))
        both = [*self._to_read[-1], part] if self._to_read else []
        pairs = [one for other in both for one in other.pairs]
        # What was left out of a reply is asked for in a smaller request.
        may_join = self._joins and not any(other.question.repeated for other in both)
        if both and may_join and fits_one_request(pairs, reader.size, reader.count_tokens):
            self._to_read[-1].append(part)
        else:
            self._to_read.append([part])

    def _send_to_reader(self) -> bool:
        """Send what has waited longest. A failure of the second reader never holds a translation back."""
        if not self._to_read:
            return False
        if self._run.reader is None:
            for state, question, _ in self._to_read.popleft():
                state.running -= 1
                state.close_readings(question.members)
            return True
        if is_sent := self._sent(self._to_read[0]):
            self._to_read.popleft()
        return is_sent

    async def _ask(self, dispatch: _Dispatch) -> None:
        """What fails for good ends the run, be it the engine or the disk; the others in flight are used.

        Where the translations are there it ends no more than their questions.
        """
        try:
            await self._exchange(dispatch)
        except WeeklyTranslateError as error:
            self._give_up(dispatch.parts, error)
        finally:
            dispatch.budget.release(dispatch.expected)
            for state, *_ in dispatch.parts:
                state.running -= 1
        self._close_settled()
        self._tell(*(state for state, *_ in dispatch.parts))

    def _give_up(self, parts: Iterable[_IssuePart], error: WeeklyTranslateError) -> None:
        for state, question, _ in parts:
            if isinstance(error, StorageError) or not state.give_up(question, str(error)):
                self._fail(error)

    async def _exchange(self, dispatch: _Dispatch) -> None:
        parts, reader = dispatch.parts, dispatch.reader
        engine, formats = (reader.engine, reader) if reader else (self._engine, self._run.formats)
        assert engine is not None
        try:
            reply = await engine.answer(dispatch.request)
        except FormatRefusedError:
            formats.step_down(dispatch.request.format)
            for state, question, _ in parts:
                state.ask_again(question)
        except TooLongError as error:
            is_shared = len(parts) > 1
            self._joins = self._joins and not (is_shared or reader)
            for state, question, _ in parts:
                if is_shared:  # each issue for itself from now on
                    state.ask_again(question)
                else:
                    state.split(question, error)
        else:
            dispatch.budget.spend(dispatch.expected, reply.usage)
            for (state, *_), used in zip(parts, dispatch.shares(reply.usage), strict=True):
                share = Share(reading=used) if reader else Share(used)
                state.usage += share.usage
                state.reading += share.reading
                self._events.spent(state, share)
            (self._take_verdicts if reader else self._take_answers)(dispatch, reply)

    def _take_answers(self, dispatch: _Dispatch, reply: Reply) -> None:
        self._order.warm = True
        parsed = read_reply(reply, dispatch.request)
        for (state, question, _), names in zip(dispatch.parts, dispatch.ids, strict=True):
            is_first = names is dispatch.ids[0]
            state.take(question, parsed.under(names), dispatch.request.format, learns=is_first)
            parsed = replace(parsed, dropped=0)  # told once

    def _take_verdicts(self, dispatch: _Dispatch, reply: Reply) -> None:
        reader = dispatch.reader
        assert reader is not None
        verdicts = reader.read(reply, dispatch.request, dispatch.pairs)
        read = {reader.key(one): (one, verdicts[one.id]) for one in dispatch.pairs if one.id in verdicts}
        if read:
            reader.store(read)
        self._run.note_reading(is_useful=bool(read))
        for (state, question, _), names in zip(dispatch.parts, dispatch.ids, strict=True):
            state.take_reading(
                question, {name: verdicts[id_] for id_, name in names.items() if id_ in verdicts}
            )

    def _close_settled(self) -> None:
        """Release what waited for the answers so far, and hand over each issue that is done by that."""
        try:
            self._run.claims.let_go()
            done = deque(self._issues)
            while done:
                done += self._released_by(self._issues[done.popleft()])
        except WeeklyTranslateError as error:
            self._fail(error)
        if self._holds_still:
            return
        for number in [number for number, state in self._issues.items() if state.is_settled]:
            state = self._issues.pop(number)
            self._handed_over += state.settled
            self._hand_over(state)

    def _released_by(self, state: IssueState) -> list[int]:
        """The numbers of the issues in which something goes on, now that segments of this one are done."""
        released = []
        for key, answer in state.newly_done():
            for question in self._dependents.released_by(QuestionId(state.number, key)):
                other = self._issues[question.issue]
                same_names = other.plan.data.allowed_chinese == state.plan.data.allowed_chinese
                other.release(question.key, answer if question.key == key and same_names else None)
                released.append(question.issue)
        return released

    def _hand_over(self, state: IssueState) -> None:
        try:
            self._events.settled(state)
        except WeeklyTranslateError as error:
            self._fail(error)

    def _fail(self, error: WeeklyTranslateError) -> None:
        """The first failure is what the run ends with."""
        self._failure = self._failure or error

    def _tell(self, *issues: IssueState) -> None:
        for state in issues:
            self._events.asked(state)
        settled = self._handed_over + sum(state.settled for state in self._issues.values())
        self._events.progress(settled, self._all, self._run.budget.usage)


def joined(questions: Sequence[Question]) -> tuple[Question, list[dict[str, str]]]:
    """Several questions as one, whose segments have other ids, and for each question its own ids by these."""
    numbers = count(1)
    members: list[SegmentProgress] = []
    ids: list[dict[str, str]] = []
    for question in questions:
        names = {f"s{next(numbers):03}": progress for progress in question.members}
        ids.append({id_: progress.ask.segment.id for id_, progress in names.items()})
        for id_, progress in names.items():
            ask = progress.ask._replace(segment=progress.ask.segment._replace(id=id_))
            members.append(replace(progress, ask=ask))
    return Question(tuple(members), questions[0].step), ids


def divided(usage: Usage, weights: Sequence[int]) -> Iterator[Usage]:
    """Shares of a usage by weight, which add up to it; the request counts with the first."""
    left, rest = usage, sum(weights)
    for weight in weights:
        tokens = (left.prompt, left.cached, left.completion, left.reasoning)
        share = Usage(left.requests, *(number * weight // rest for number in tokens))
        yield share
        left, rest = left - share, rest - weight
