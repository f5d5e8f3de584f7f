"""Many issues in one run: all are planned, asked side by side, and rendered one by one as they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import read_text
from weekly_translate.model import Severity, Usage
from weekly_translate.run.forecast import forecasts_of
from weekly_translate.run.plan import assignment_of
from weekly_translate.run.render import translation_of
from weekly_translate.run.scheduler import Scheduler, Settled, run_until_stopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.files import TextFile
    from weekly_translate.model import Finding
    from weekly_translate.run.forecast import Forecast
    from weekly_translate.run.issue import Order
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Assignment
    from weekly_translate.run.render import Translation
    from weekly_translate.run.scheduler import Run


class Result(NamedTuple):
    """What has become of an issue. A `failure` is its own, such as a file that was refused, or the run's."""

    order: Order
    source: TextFile | None
    """Nothing where the file could not be read."""
    translation: Translation | None
    failure: WeeklyTranslateError | None
    seconds: float = 0.0
    """How long it took to look it up, and from its first request to its last answer."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the checks say about it."""
        return () if self.translation is None else self.translation.rendering.findings

    @property
    def code(self) -> ExitCode:
        """What the shell would be told if this were the only issue."""
        if self.failure is not None:
            return self.failure.exit_code
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return ExitCode.FINDINGS if errors else ExitCode.DONE


class Planned(NamedTuple):
    """What an issue would take, or why it is refused."""

    order: Order
    forecast: Forecast | None
    failure: WeeklyTranslateError | None


IssueTold = Callable[[str, int, int, Usage], None]
"""Is told the file of an issue that is asked for, how many of how many segments are settled, its usage."""


class SeasonListeners(NamedTuple):
    """Who is told of single issues, of a stop (how many requests are in flight), and of what is expected."""

    issue_told: IssueTold = lambda _name, _settled, _all, _usage: None
    stopping: Callable[[int], None] = lambda _in_flight: None
    planned: Callable[[Usage], None] | None = None
    """Is told before the first request what the run may take, unless its answers are drafts."""


@dataclass(slots=True)
class _Taken:
    """A file that was read and planned, and when its first request went out."""

    order: Order
    source: TextFile
    assignment: Assignment
    seconds: float
    begun: float | None = None


class _Intake:
    """Reads and plans the files of a season, and keeps what is known of each until it has ended."""

    def __init__(self, job: Job, told: IssueTold) -> None:
        self._job = job
        self._told = told
        self.taken: dict[int, _Taken] = {}
        """By the number that each was given."""

    @property
    def assignments(self) -> list[Assignment]:
        """Of the files that have not ended."""
        return [one.assignment for one in self.taken.values()]

    def take(self, order: Order) -> Result | None:
        """The result of a file that is refused; nothing for all others."""
        start, source = time.monotonic(), None
        try:
            source = read_text(order.source, encoding_hint=order.encoding, fix_mojibake=order.fix_mojibake)
            told = partial(self._begun, len(self.taken))
            assignment = assignment_of(source.text, self._job, order.source.name, told)
        except UsageError as error:
            return Result(order, source, None, error)
        self.taken[len(self.taken)] = _Taken(order, source, assignment, time.monotonic() - start)
        return None

    def result_of(self, settled: Settled) -> Result:
        """The issue rendered."""
        numbers = [n for n, one in self.taken.items() if one.assignment is settled.assignment]
        one = self.taken.pop(*numbers)
        waited = 0.0 if one.begun is None else time.monotonic() - one.begun
        seconds = one.seconds + waited
        return Result(one.order, one.source, translation_of(settled), settled.failure, seconds)

    def _begun(self, number: int, settled: int, all_: int, usage: Usage) -> None:
        if one := self.taken.get(number):  # else its result is out already
            one.begun = one.begun or time.monotonic()
            self._told(str(one.order.source), settled, all_, usage)


def run_season(
    orders: Iterable[Order],
    job: Job,
    on_result: Callable[[Result], None],
    listeners: SeasonListeners = SeasonListeners(),  # noqa: B008 - a frozen value
) -> Run:
    """Translate many files with one engine, memory and budget. The engine is closed at the end.

    Each result is handed to `on_result` as soon as it is there: refused files first, what a failure left open
    at the end, with the failure. A `WeeklyTranslateError` that `on_result` raises stops the run. Raises
    `KeyboardInterrupt` at the second signal.
    """
    intake = _Intake(job, listeners.issue_told)
    for order in orders:
        if refused := intake.take(order):
            on_result(refused)
    try:
        return asyncio.run(_run(intake, job, on_result, listeners))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def recalled(orders: Iterable[Order], job: Job) -> Iterator[Result]:
    """Issues as the memory has them, without a request; those that it does not have in full are left out."""
    for order in orders:
        intake = _Intake(job, SeasonListeners().issue_told)
        if intake.take(order) is None:
            (one,) = intake.taken.values()
            if not one.assignment.plan.asks:
                yield intake.result_of(Settled(one.assignment, {}, Usage()))


def plan_season(orders: Sequence[Order], job: Job) -> list[Planned]:
    """What each file would take in one run with the others; nothing is asked."""
    intake = _Intake(job, SeasonListeners().issue_told)
    refused = {order: result.failure for order in orders if (result := intake.take(order))}
    forecasts = iter(forecasts_of(intake.assignments, job))
    return [
        Planned(order, None, refused[order]) if order in refused else Planned(order, next(forecasts), None)
        for order in orders
    ]


async def _run(
    intake: _Intake, job: Job, on_result: Callable[[Result], None], listeners: SeasonListeners
) -> Run:
    if listeners.planned is not None and not job.drafts:
        listeners.planned(sum((one.usage for one in forecasts_of(intake.assignments, job)), Usage()))
    scheduler = Scheduler(intake.assignments, job, lambda settled: on_result(intake.result_of(settled)))
    try:
        return await run_until_stopped(scheduler, listeners.stopping)
    finally:
        await job.engine.close()
