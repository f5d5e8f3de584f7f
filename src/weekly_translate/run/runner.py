"""From files to written files, for one issue or for many: planned, asked side by side, rendered, written."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.errors import BudgetSpentError, StorageError
from weekly_translate.llm.engine import engine_for
from weekly_translate.llm.tokens import cost
from weekly_translate.markdown.anchors import links_to_headings
from weekly_translate.model import Usage
from weekly_translate.report.season_table import Ending
from weekly_translate.run.issue import (
    PlannedIssue,
    RefusedIssue,
    Result,
    all_planned,
    planned,
)
from weekly_translate.run.outputs import EditPolicy, Publisher, refuse_bad_target
from weekly_translate.run.plan import forecasts_of
from weekly_translate.run.scheduler import Events, Scheduler
from weekly_translate.run.selection import pages_of
from weekly_translate.run.setup import run_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.engine import Engine
    from weekly_translate.memory.runs import Share
    from weekly_translate.run.issue import Order
    from weekly_translate.run.issue_state import IssueState
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.run.scheduler import RunEnd
    from weekly_translate.run.selection import PagesOfRun
    from weekly_translate.settings import Settings


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told of progress, of what is expected, and of what keeps the run waiting."""

    looked_up: Callable[[int], None] = lambda _issues: None
    """How many issues have been read and looked up in the memory, before the first request."""
    progress: Callable[[int, int, Usage], None] = lambda _settled, _all, _usage: None
    """How many of how many segments are settled, and what has been used."""
    issue_progress: Callable[[str, int, int, Usage], None] = lambda _file, _settled, _all, _usage: None
    """The same of an issue that is asked for, by its file."""
    said: Callable[[str], None] = lambda _sentence: None
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None
    """The reason and the seconds of a pause of the engine."""
    stopping: Callable[[int], None] = lambda _in_flight: None
    expected: Callable[[Usage], None] | None = None
    """What the run may take, before its first request; drafts take nothing."""
    goes_on_within: Callable[[Decimal, Decimal], bool] = lambda _forecast, _budget: True
    """Whether to begin although the budget is below the forecast; both in dollars."""


def translate_issue(
    order: Order,
    settings: Settings,
    listeners: Listeners = Listeners(),
    make_engine: EngineMaker = engine_for,
    *,
    policy: EditPolicy = EditPolicy.HOLD,
) -> Result:
    """A run of one issue. It is written when nothing is left to complain about, or with `allow_partial`.

    Raises `EditedOutputError` where a person has edited the output and `policy` does not say to replace it,
    `WeeklyTranslateError` for what else is foreseen before the first request, and where the result cannot be
    written; what stops the run in between is in the result, with all that was reached until then.
    """
    source = order.read()  # what is refused here has not created a memory
    refuse_bad_target(order)
    made = run_setup(settings, policy=policy, on_wait=listeners.on_wait, make_engine=make_engine)
    with made as (data, engine, publisher):
        held = publisher.why_held(order, source)
        # What the memory knows whole costs nothing to compare: a person may have let it learn the edits.
        if held and not planned(order, data).plan.is_known:
            raise held
        results: list[Result | RefusedIssue] = []
        run_issues([order], data, engine, results.append, publisher=publisher, listeners=listeners)
    (result,) = results
    if isinstance(result, RefusedIssue):
        raise result.failure
    if held and result.ending not in (Ending.SAME, Ending.WRITTEN):
        raise held
    if result.ending is Ending.UNSAVED:
        raise StorageError(result.why)
    return result


def keeps_edited(order: Order, settings: Settings) -> bool:
    """Whether a person has made or edited the output of an issue, which then stays until its source changes.

    Raises `WeeklyTranslateError`.
    """
    source = order.read()
    with run_setup(settings) as setup:
        return setup.publisher.keep_edited(order, source)


def run_issues(  # noqa: PLR0913  what a run is made of, each by its name
    orders: Iterable[Order],
    data: ProjectData,
    engine: Engine,
    on_result: Callable[[Result | RefusedIssue], None],
    *,
    publisher: Publisher | None = None,
    listeners: Listeners = Listeners(),
) -> RunEnd:
    """Translate files with one engine, memory and budget. The engine is closed at the end.

    Each result is written, where there is a `publisher`, and handed to `on_result` as soon as it is there:
    refused files first, what a failure left open at the end, with the failure. A `WeeklyTranslateError` that
    `on_result` raises stops the run. Raises `KeyboardInterrupt` at the second signal, and `BudgetSpentError`
    where a listener does not want to begin with so small a budget.
    """
    issues: dict[int, PlannedIssue] = {}
    for number, one in enumerate(all_planned(orders, data), 1):
        listeners.looked_up(number)
        if isinstance(one, RefusedIssue):
            on_result(one)
        else:
            issues[len(issues)] = one

    finisher = _Finisher(
        pages_of((one.order.source, one.plan.document) for one in issues.values()), on_result, publisher
    )

    def settled(state: IssueState) -> None:
        one = issues.pop(state.number)
        seconds = 0 if state.begun is None else time.monotonic() - state.begun
        finisher.finish(one._replace(seconds=one.seconds + seconds), state)

    def asked(state: IssueState) -> None:
        if one := issues.get(state.number):  # else its result is out already
            listeners.issue_progress(str(one.order.source), state.settled, state.segments, state.usage)

    def spent(state: IssueState, share: Share) -> None:
        finisher.spent(issues.get(state.number), share)

    _tell_expected([one.plan for one in issues.values()], data, listeners)

    async def run() -> RunEnd:
        plans = [one.plan for one in issues.values()]
        events = Events(settled, asked, spent, listeners.progress, listeners.said)
        scheduler = Scheduler(plans, data, engine, events)
        del plans  # an issue that is handed over is forgotten: a season is long
        try:
            end = await scheduler.run_until_stopped(listeners.stopping)
            finisher.finish_waiting()
            return end
        finally:
            await engine.close()
            if data.reader is not None and data.reader.engine is not None:
                await data.reader.engine.close()

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _tell_expected(plans: Sequence[Plan], data: ProjectData, listeners: Listeners) -> None:
    """Before the first request; a forecast takes time, and is made for those only who want it."""
    if data.drafts or (listeners.expected is None and data.budget is None):
        return
    forecasts = forecasts_of(plans, data)
    expected = sum((one.usage for one in forecasts), Usage())
    if listeners.expected is not None:
        listeners.expected(expected)
    if data.budget is None:
        return
    reading = sum((one.reading for one in forecasts), Usage())
    parts = [cost(expected, data.price), cost(reading, data.reader.price) if data.reader else None]
    least = sum((part for part in parts if part is not None), Decimal())
    if least > data.budget and not listeners.goes_on_within(least, data.budget):
        raise BudgetSpentError("Nothing was sent. --plan shows the forecast, --budget sets another limit.")


@dataclass(frozen=True, slots=True)
class _Finisher:
    """Renders and writes what is settled; pages that link to headings of others come last."""

    pages: PagesOfRun
    on_result: Callable[[Result | RefusedIssue], None]
    publisher: Publisher | None
    waiting: list[tuple[PlannedIssue, IssueState]] = field(default_factory=list)

    def spent(self, one: PlannedIssue | None, share: Share) -> None:
        if self.publisher is not None and one is not None:
            self.publisher.spent(one.order, share)

    def finish(self, one: PlannedIssue, state: IssueState) -> None:
        result = one.result(state.answers)
        self.pages.add(one.order.source, one.plan.document, result.text)
        order = one.order
        if self.pages.named_by(order.source, one.plan.document):
            self.waiting.append((one, state))
        elif any(page for _, page, _ in links_to_headings(one.plan.document)):
            self._write_linked(one, state)
        else:
            self._write(result, state)

    def finish_waiting(self) -> None:
        for one, state in self.waiting:
            self._write_linked(one, state)

    def _write_linked(self, one: PlannedIssue, state: IssueState) -> None:
        """With the headings that its links name."""
        page_of = self.pages.page_of(one.order.source, one.order.out)
        self._write(one.result(state.answers, page_of), state)

    def _write(self, result: Result, state: IssueState) -> None:
        result = replace(
            result,
            usage=state.usage,
            reading=state.reading,
            failure=state.failure,
            dropped_doubts=state.dropped_doubts,
            dropped_errors=state.dropped_errors,
            is_read=not state.unread,
        )
        self.on_result(self.publisher.published(result) if self.publisher else result)


def recalled(orders: Iterable[Order], data: ProjectData) -> Iterator[Result]:
    """Issues as the memory has them, without a request; those that it does not have in full are left out."""
    for one in all_planned(orders, data):
        if isinstance(one, PlannedIssue) and not one.plan.asks:
            yield one.result({})
