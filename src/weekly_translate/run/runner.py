"""From files to written files, for one issue or for many: planned, asked side by side, rendered, written.

A plan needs it as well, and loads nothing that only a run does.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from os.path import realpath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import BudgetSpentError, StorageError
from weekly_translate.files import now
from weekly_translate.llm.engine import engine_for
from weekly_translate.markdown.segments import parse
from weekly_translate.markdown.site import Pages, files_named, headings_of, links_to_headings
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Ending, Usage
from weekly_translate.run.issue import EditPolicy, Publisher, Result, rendered
from weekly_translate.run.plan import PlannedIssue, RefusedIssue, all_planned, forecasts_of, planned
from weekly_translate.run.project import cost_of, read_project, with_engine, with_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from weekly_translate.llm.engine import Engine
    from weekly_translate.memory.runs import Share
    from weekly_translate.model import Document
    from weekly_translate.run.plan import Forecast, Order, Plan
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.run.run_state import IssueState
    from weekly_translate.run.scheduler import RunEnd
    from weekly_translate.settings import Settings


class Listeners(NamedTuple):
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
    listeners: Listeners = Listeners(),  # noqa: B008 - a frozen value
    make_engine: EngineMaker = engine_for,
    *,
    policy: EditPolicy = EditPolicy.HOLD,
) -> Result:
    """A run of one issue. It is written when nothing is left to complain about, or with `allow_partial`.

    Raises `EditedOutputError` where a person has edited the output and `policy` does not say to replace it
    (with `EditPolicy.KEEP` it is noted that the file is to stay as it is until its source changes),
    `WeeklyTranslateError` for what else is foreseen before the first request, and where the result cannot be
    written; what stops the run in between is in the result, with all that was reached until then.
    """
    source = order.read()  # what is refused here has not created a memory
    order.refuse_bad_target()
    made = run_setup(settings, policy=policy, on_wait=listeners.on_wait, make_engine=make_engine)
    with made as (data, engine, publisher):
        held = publisher.why_held(order, source)
        # What the memory knows whole costs nothing to compare: a person may have let it learn the edits.
        if held and (held.is_decided or not planned(order, data).plan.is_known):
            raise held
        results: list[Result | RefusedIssue] = []
        end = run_issues([order], data, engine, results.append, publisher=publisher, listeners=listeners)
    if end.failure is not None and not results:  # the memory broke while the result was looked up in it
        raise end.failure
    (result,) = results
    if isinstance(result, RefusedIssue):
        raise result.failure
    if held and result.ending not in (Ending.SAME, Ending.WRITTEN):
        held.diff = result.diff or held.diff
        raise held
    if result.ending in (Ending.UNSAVED, Ending.UNKNOWN):
        raise StorageError(result.why)
    if isinstance(end.failure, StorageError) and result.failure is None:
        return result._replace(failure=end.failure)  # it has its English, and the memory lacks some of it
    return result


def run_issues(  # noqa: PLR0913  what a run is made of, each by its name
    orders: Iterable[Order],
    data: ProjectData,
    engine: Engine,
    on_result: Callable[[Result | RefusedIssue], None],
    *,
    publisher: Publisher | None = None,
    listeners: Listeners = Listeners(),  # noqa: B008 - a frozen value
) -> RunEnd:
    """Translate files with one engine, memory and budget. The engine is closed at the end.

    Each result is written, where there is a `publisher`, and handed to `on_result` as soon as it is there:
    refused files first, what a failure left open at the end, with the failure. A `WeeklyTranslateError` that
    `on_result` raises stops the run. Raises `KeyboardInterrupt` at the second signal, and `BudgetSpentError`
    where a listener does not want to begin with so small a budget.
    """
    import asyncio  # noqa: PLC0415 - a plan waits for nobody

    from weekly_translate.run.scheduler import Events, Scheduler  # noqa: PLC0415 - as above

    issues = _looked_up(orders, data, on_result, listeners)
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
        if publisher is not None and (one := issues.get(state.number)):
            publisher.spent(one.order, share)

    _tell_expected([one.plan for one in issues.values()], data, listeners)
    events = Events(settled, asked, spent, listeners.progress, listeners.said)
    scheduler = Scheduler([one.plan for one in issues.values()], data, engine, events)

    async def run() -> RunEnd:
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


def _looked_up(
    orders: Iterable[Order],
    data: ProjectData,
    on_refused: Callable[[RefusedIssue], None],
    listeners: Listeners,
) -> dict[int, PlannedIssue]:
    """What is to be translated, by number; an issue that is handed over is forgotten: a season is long."""
    issues: dict[int, PlannedIssue] = {}
    for number, one in enumerate(all_planned(orders, data), 1):
        listeners.looked_up(number)
        if isinstance(one, RefusedIssue):
            on_refused(one)
        else:
            issues[len(issues)] = one
    return issues


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
    least = cost_of(expected, reading, data) or Decimal()
    if least > data.budget and not listeners.goes_on_within(least, data.budget):
        raise BudgetSpentError("Nothing was sent. --plan shows the forecast, --budget sets another limit.")


@dataclass(frozen=True, slots=True)
class _Finisher:
    """Renders and writes what is settled; pages that link to headings of others come last."""

    pages: PagesOfRun
    on_result: Callable[[Result | RefusedIssue], None]
    publisher: Publisher | None
    waiting: list[tuple[PlannedIssue, IssueState]] = field(default_factory=list)

    def finish(self, one: PlannedIssue, state: IssueState) -> None:
        result = rendered(one, state.answers)
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
        self._write(rendered(one, state.answers, page_of), state)

    def _write(self, result: Result, state: IssueState) -> None:
        result = result._replace(
            usage=state.usage,
            reading=state.reading,
            failure=state.failure,
            dropped_doubts=state.dropped_doubts,
            dropped_errors=state.dropped_errors,
            is_final=not (state.unread or state.has_unasked),
        )
        self.on_result(self.publisher.published(result) if self.publisher else result)


def recalled(orders: Iterable[Order], data: ProjectData) -> Iterator[Result]:
    """Issues as the memory has them, without a request; those that it does not have in full are left out."""
    for one in all_planned(orders, data):
        if isinstance(one, PlannedIssue) and not one.plan.asks:
            yield rendered(one, {})


@dataclass(frozen=True, slots=True)
class PagesOfRun:
    """The sources of a run, those that others link to, and the headings of these once they are rendered."""

    sources: frozenset[str]
    """Real paths."""
    linked: set[str] = field(default_factory=set)
    rendered: dict[str, Pages] = field(default_factory=dict)

    def add(self, source: Path, document: Document, english: str) -> None:
        """Remember the headings of a page, if another page links to them."""
        if realpath(source) in self.linked:
            target = headings_of(parse(english))
            self.rendered[realpath(source)] = Pages(headings_of(document), target, source.name)

    def named_by(self, source: Path, document: Document) -> set[str]:
        """The other pages to whose headings a document links: they have to be rendered before."""
        named = {self._file(source, page) for _, page, _ in links_to_headings(document) if page}
        return {file for file in named if file is not None}

    def page_of(self, source: Path, out: Path | None) -> Callable[[str], Pages | None]:
        """What a link in a source names: a page of the run, or one that lies beside it in both languages."""

        def page(name: str) -> Pages | None:
            if (file := self._file(source, name)) and file in self.rendered:
                return self.rendered[file]
            if out is None:
                return None
            # Nearly all links lead to a page of the run.
            from weekly_translate.compare.pair_files import FilePair, page_beside  # noqa: PLC0415

            return page_beside(FilePair(source, out), name)

        return page

    def _file(self, source: Path, name: str) -> str | None:
        """The source that a relative link names, or one from the root of the site or of the tree."""
        bases = list(source.absolute().parents) if name.startswith("/") else [source.parent]
        candidates = (realpath(base / file) for base in bases for file in files_named(name))
        return next((one for one in candidates if one in self.sources), None)


def pages_of(run: Iterable[tuple[Path, Document]]) -> PagesOfRun:
    """The pages of a run, none of which is rendered yet."""
    sources = list(run)
    pages = PagesOfRun(frozenset(realpath(path) for path, _ in sources))
    for path, document in sources:
        pages.linked.update(pages.named_by(path, document))
    return pages


class RunSetup(NamedTuple):
    """What translates the issues of a run, and what has the last word on each of their files."""

    data: ProjectData
    engine: Engine
    publisher: Publisher


@contextmanager
def run_setup(  # noqa: PLR0913  what a run is made of, each by its name
    settings: Settings,
    *,
    counts_only: bool = False,
    policy: EditPolicy = EditPolicy.HOLD,
    folder: Path | None = None,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
) -> Iterator[RunSetup]:
    """The project and its memory while the block lasts. No memory is created where a run `counts_only`."""
    place = None if counts_only and not settings.memory.exists() else settings.memory
    with open_memory(place, now=now, on_wait=on_wait) as memory:
        data, engine = with_engine(settings, read_project(settings, memory), on_wait, make_engine)
        data = with_reader(settings, data, on_wait, make_engine, counts_only=counts_only)
        yield RunSetup(data, engine, Publisher(memory.outputs, policy, data, folder))


def forecast_of(order: Order, settings: Settings) -> Forecast:
    """What a run of one issue would take. Raises `WeeklyTranslateError`."""
    order.read()  # what is refused here has opened no memory
    with run_setup(settings, counts_only=True) as setup:
        (forecast,) = forecasts_of([planned(order, setup.data).plan], setup.data)
    return forecast
