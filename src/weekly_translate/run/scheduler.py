"""The only place where requests run side by side: which goes out next, and how a run is stopped."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import (
    FormatRefusedError,
    StoppedError,
    StorageError,
    TooLongError,
    WeeklyTranslateError,
)
from weekly_translate.llm.chunks import even_shares, tokens_of
from weekly_translate.llm.cost import forecast
from weekly_translate.llm.replies import read_reply
from weekly_translate.run.attempts import Step, request_for
from weekly_translate.run.budget import Purse
from weekly_translate.run.dependents import PAUSE, Claiming, Followers, Place
from weekly_translate.run.format_ladder import FormatLadder
from weekly_translate.run.issue_state import Common, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.chunks import Chunk
    from weekly_translate.model import Format, Request, Usage
    from weekly_translate.run.attempts import Answer, Question
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Assignment

WARM_UP = 60
"""Source tokens of a first request that is there to fill the provider's cache."""


class Turns:
    """The order of the questions of a run."""

    def __init__(self, desks: Iterable[Desk], job: Job) -> None:
        """Chunks are cut so that all places are taken until the end."""
        self._jobs = job.jobs
        self._count = job.count_tokens
        groups = {desk: [ask.segment for ask in desk.assignment.plan.asks] for desk in desks}
        shares = even_shares(list(groups.values()), job.size, workers=job.jobs, count_tokens=job.count_tokens)
        # By number: desks that are done are not kept here.
        self._budgets = {desk.number: share.budget for desk, share in zip(groups, shares, strict=True)}
        longest = max(self._budgets.values(), default=0)
        self._tail = 0 if job.budget is not None else job.jobs * longest
        """Source tokens of the last turn of all places, in which the longest chunks go first.

        Where a budget may end the run, issues that are finished are worth more than an even end.
        """
        self.warm = not job.warm_up or sum(share.chunks for share in shares) <= job.jobs
        """Whether a request has been answered, or need not be: until then one is sent at a time."""

    @property
    def places(self) -> int:
        """How many requests may be in flight."""
        return self._jobs if self.warm else 1

    def next(self, desks: Iterable[Desk]) -> tuple[Desk, Question] | None:
        """What to ask now. An issue has at most half of the places while others have something to ask."""
        open_ = list(desks)
        share = -(-self._jobs // 2)
        modest = [desk for desk in open_ if desk.running < share]
        for candidates in (modest, open_):
            for desk in candidates:
                if question := desk.follow_up():
                    return desk, question
            if found := self._fresh(candidates, open_):
                return found
        return None

    def _fresh(self, candidates: Sequence[Desk], open_: Sequence[Desk]) -> tuple[Desk, Question] | None:
        """The next chunk of which anything is left once other runs on this memory have had their share."""
        while desks := [desk for desk in candidates if desk.fresh_tokens]:
            is_tail = sum(desk.fresh_tokens for desk in open_) <= self._tail
            desk = max(desks, key=self._length) if is_tail else desks[0]
            question = desk.question(self._chunk(desk)) or desk.follow_up()
            if question:
                return desk, question
        return None

    def _chunk(self, desk: Desk) -> Chunk:
        return desk.fresh_chunk(self._budgets[desk.number] if self.warm else WARM_UP)

    def _length(self, desk: Desk) -> int:
        return sum(tokens_of(segment, self._count) for segment in self._chunk(desk))


# ---------------------------------------------------------------------------
# Who asks what when: the only place where requests run side by side, for one issue or for many.

# Segments without an answer are asked in chunks, several at a time. Every verified answer is in the memory
# before it is used, so that a kill at any moment loses at most the requests in flight.


class Settled(NamedTuple):
    """What came out for an issue. A `failure` stopped the run before all of it was answered."""

    assignment: Assignment
    answers: dict[str, Answer]
    """By segment id."""
    usage: Usage
    failure: WeeklyTranslateError | None = None


class Run(NamedTuple):
    """What was used for all issues, and what stopped the run, if anything did."""

    usage: Usage
    failure: WeeklyTranslateError | None


class _Errand(NamedTuple):
    """A question of an issue, ready to be sent."""

    desk: Desk
    question: Question
    form: Format
    request: Request
    expected: Usage


class Scheduler:
    """Runs the open questions of several issues against one engine: one queue, one budget, one failure."""

    def __init__(
        self,
        assignments: Sequence[Assignment],
        job: Job,
        on_settled: Callable[[Settled], None] = lambda _settled: None,
    ) -> None:
        """Nothing is asked before `run`. `on_settled` is called once for each issue, when it is done."""
        self._job = job
        self._on_settled = on_settled
        self._common = Common(Claiming(job), FormatLadder(job), job.size)
        open_ = [
            [*assignment.plan.asks, *(() if job.drafts else assignment.plan.unmet)]
            for assignment in assignments
        ]
        self._followers = Followers(open_, drafts=job.drafts)
        self._open = {
            number: Desk(number, assignment, self._common, self._followers)
            for number, assignment in enumerate(assignments)
        }
        """By their numbers. What has been handed over is forgotten: a season is long."""
        self._turns = Turns(self._open.values(), job)
        self._all = sum(len(assignment.plan.document.segments) for assignment in assignments)
        self._handed_over = 0
        """How many segments are settled in issues that are done."""
        self._purse = Purse(job)
        self._held: tuple[Desk, Question] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._failure: WeeklyTranslateError | None = None

    async def run(self) -> Run:
        """Ask until everything is settled or the engine fails; what is in flight then is awaited.

        Raises whatever else ends it, a bug or being canceled, without waiting for anything.
        """
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
        self._common.claiming.end()
        for desk in self._open.values():
            self._hand_over(desk, None if desk.is_settled else self._failure)
        return Run(self._purse.usage, self._failure)

    @property
    def in_flight(self) -> int:
        """How many answers are waited for."""
        return len(self._running)

    @property
    def stopping(self) -> bool:
        """Whether nothing more is asked."""
        return self._failure is not None

    def stop(self, reason: WeeklyTranslateError) -> None:
        """Ask nothing more; what is on its way is used. `reason` is the failure that the run ends with."""
        self._failure = self._failure or reason
        self._job.engine.stop()

    # ------------------------------------------------------------------ which question is next

    async def _goes_on(self) -> bool:
        """Whether anything is in flight: as much as may be is sent, and another run is waited for."""
        while True:
            self._send_all()
            if self._running:
                return True
            elsewhere = sum(desk.elsewhere for desk in self._open.values())
            if self._failure is not None or not elsewhere:
                return False
            self._common.claiming.tell_wait(elsewhere)
            await asyncio.sleep(PAUSE)
            for desk in self._open.values():
                desk.look_elsewhere()

    def _send_all(self) -> None:
        """Fill all places."""
        try:
            while self._failure is None and len(self._running) < self._turns.places and self._send_next():
                pass
        except WeeklyTranslateError as error:
            self._failure = self._failure or error

    def _send_next(self) -> bool:
        """Whether there was something to send, and the budget has room for it whatever the others cost."""
        found = self._held or self._turns.next(self._open.values())
        self._close_settled()
        if found is None:
            return False
        errand = self._errand(*found)
        self._held = None if self._purse.has_room(errand.expected) else found
        if self._held is None:
            self._send(errand)
        return self._held is None

    def _errand(self, desk: Desk, question: Question) -> _Errand:
        form = self._common.formats.rung
        job = desk.assignment.job
        request = request_for(question, form, job, desk.assignment.outline)
        return _Errand(desk, question, form, request, forecast([request], count_tokens=job.count_tokens))

    # ------------------------------------------------------------------ asking

    def _send(self, errand: _Errand) -> None:
        errand.desk.running += 1
        self._purse.set_aside(errand.expected)
        self._running.add(asyncio.create_task(self._ask(errand)))
        self._tell(errand.desk)

    async def _ask(self, errand: _Errand) -> None:
        """What fails for good ends the run, be it the engine or the disk; the others in flight are used."""
        try:
            await self._exchange(errand)
        except WeeklyTranslateError as error:
            if errand.question.step is Step.TERMS and not isinstance(error, StorageError):
                errand.desk.give_up_terms(errand.question)
            else:
                self._failure = self._failure or error
        finally:
            errand.desk.running -= 1
            self._purse.put_back(errand.expected)
        self._close_settled()
        self._tell(errand.desk)

    async def _exchange(self, errand: _Errand) -> None:
        desk, question, form, request, _ = errand
        try:
            reply = await self._job.engine.answer(request)
        except FormatRefusedError:
            self._common.formats.step_down(form)
            desk.ask_again(question)
        except TooLongError as error:
            desk.outcomes.split(question, error)
        else:
            self._turns.warm = True
            self._purse.pay(reply.usage)
            desk.usage += reply.usage
            desk.outcomes.take(question, read_reply(reply, request), form)

    # ------------------------------------------------------------------ what is done

    def _close_settled(self) -> None:
        """Release what waited for the answers so far, and hand over each issue that is done by that."""
        try:
            done = deque(self._open)
            while done:
                done += self._released_by(done.popleft())
        except WeeklyTranslateError as error:
            self._failure = self._failure or error
        for number in [number for number, desk in self._open.items() if desk.is_settled]:
            desk = self._open.pop(number)
            self._handed_over += desk.outcomes.settled
            self._hand_over(desk, None)

    def _released_by(self, number: int) -> list[int]:
        """The numbers of the issues in which something goes on, now that segments of this one are done."""
        desk = self._open[number]
        released = []
        for key, answer in desk.newly_done():
            for place in self._followers.released_by(Place(number, key)):
                other = self._open[place.issue]
                is_twin = place.key == key and other.kept == desk.kept
                other.release(place.key, answer if is_twin else None)
                released.append(place.issue)
        return released

    def _hand_over(self, desk: Desk, failure: WeeklyTranslateError | None) -> None:
        settled = Settled(desk.assignment, desk.outcomes.answers, desk.usage, failure)
        try:
            self._on_settled(settled)
        except WeeklyTranslateError as error:
            self._failure = self._failure or error

    def _tell(self, *desks: Desk) -> None:
        for desk in desks:
            all_ = len(desk.assignment.plan.document.segments)
            desk.assignment.told(desk.outcomes.settled, all_, desk.usage)
        settled = self._handed_over + sum(desk.outcomes.settled for desk in self._open.values())
        self._job.told(settled, self._all, self._purse.usage)


# ---------------------------------------------------------------------------
# Stopping a run in order: the first signal lets what is in flight finish, the second does not wait.


_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


async def run_until_stopped(scheduler: Scheduler, told: Callable[[int], None]) -> Run:
    """Run to the end, or to the first signal, of which `told` learns how many requests are in flight.

    Raises `CancelledError` at the second signal.
    """
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if scheduler.stopping:
            task.cancel()
            return
        scheduler.stop(
            StoppedError("Stopped. The answers so far are kept: run the same command again to go on.")
        )
        told(scheduler.in_flight)

    with _told_of_signals(stop):
        return await scheduler.run()


@contextmanager
def _told_of_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Signals that would end the process call `stop` instead, where the system allows it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    taken = []
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            try:
                loop.add_signal_handler(number, stop)
            except NotImplementedError:  # Windows: Ctrl-C ends the run at once, as it always does
                break
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
