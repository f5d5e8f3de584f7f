"""One scheduler for many issues: what is asked, in which order, and when an issue is handed over."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from seasons import FaithfulEngine, Job, issue_text, orders_for, season_job, season_of, texts_of
from virtual_time import run_virtually
from weekly_translate.errors import BudgetSpentError, ExitCode, StorageError
from weekly_translate.llm.requests import ChunkSize
from weekly_translate.llm.tokens import Price, cost
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Usage
from weekly_translate.quality.reading import SecondReader
from weekly_translate.run.attempts import MAX_REQUESTS, Question, SegmentProgress, Step
from weekly_translate.run.issue import EditPolicy, Publisher, Result
from weekly_translate.run.plan import PlannedIssue, all_planned, forecasts_of, plan_of
from weekly_translate.run.project import reader_of
from weekly_translate.run.run_state import IssueState, RunState
from weekly_translate.run.runner import Listeners, run_issues
from weekly_translate.run.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weekly_translate.model import Reply, Request
    from weekly_translate.run.plan import RefusedIssue
    from weekly_translate.run.project import ProjectData

FIVE = tuple(issue_text(number) for number in range(5))
PRICE = Price(Decimal(10), Decimal(1), Decimal(30))


@pytest.mark.usefixtures("either_database")
def test_what_stands_in_several_issues_is_asked_once(tmp_path: Path) -> None:
    engine = FaithfulEngine()
    with season_job(tmp_path, engine) as job:
        results, run = season_of(orders_for(tmp_path, *FIVE), job)
    assert (run.failure, {result.code for result in results.values()}) == (None, {ExitCode.DONE})
    assert engine.asked.count("欢迎阅读本周的内容。") == 1
    assert max(Counter(engine.asked).values()) == 1
    greetings = {text.split("\n\n")[1] for text in texts_of(results).values()}
    assert len(greetings) == 1


@pytest.mark.usefixtures("either_database")
def test_a_text_with_other_numbers_takes_over_the_first_answer_whoever_is_quicker(tmp_path: Path) -> None:
    engine = FaithfulEngine()
    texts = [issue_text(number, more=f"\n本期一共分享了 {12 + number} 篇文章。\n") for number in range(3)]
    with season_job(tmp_path, engine) as job:
        results, _ = season_of(orders_for(tmp_path, *texts), job)
    assert [text for text in engine.asked if "一共" in text] == ["本期一共分享了 12 篇文章。"]
    last = [text.splitlines()[-1] for text in texts_of(results).values()]
    assert [line.replace(str(12 + number), "12") for number, line in enumerate(last)] == [last[0]] * 3


@pytest.mark.usefixtures("either_database")
def test_a_work_has_one_title_in_all_issues(tmp_path: Path) -> None:
    titles = ("异步编程的内幕和陷阱", "异步编程的内幕与陷阱", "异步编程的内幕和陷阱")
    more = (f"\n[{title}](https://example.org/async)\n" for title in titles)
    engine = FaithfulEngine()
    texts = [issue_text(number, more=line) for number, line in enumerate(more)]
    with season_job(tmp_path, engine) as job:
        results, _ = season_of(orders_for(tmp_path, *texts), job)
    assert [text for text in engine.asked if "内幕" in text] == [titles[0]]
    assert len({text.splitlines()[-1] for text in texts_of(results).values()}) == 1


def test_an_issue_is_handed_over_before_the_next_one_is_asked_for(tmp_path: Path) -> None:
    engine = FaithfulEngine()
    requests_before: list[int] = []
    with season_job(tmp_path, engine, jobs=1) as job:
        season_of(
            orders_for(tmp_path, *FIVE), job, lambda _result: requests_before.append(len(engine.requests))
        )
    assert requests_before == sorted(set(requests_before))
    assert requests_before[0] < len(engine.requests) // 2


def test_a_long_issue_leaves_places_for_the_others(tmp_path: Path) -> None:
    long, short = issue_text(0, lines=30), issue_text(1)
    shares: list[Counter[bool]] = []

    def look(_request: Request) -> None:
        shares.append(Counter(request.segments[0].text in long for request in engine.in_flight))

    engine = FaithfulEngine(look)
    with season_job(tmp_path, engine, jobs=4) as job:
        results, _ = season_of(orders_for(tmp_path, long * 3, short), job)
    while_both = shares[: next(n for n, share in enumerate(shares) if share[False]) + 1]
    assert max(share[True] for share in while_both) <= 2
    assert next(iter(results)) == "2026-01-02-weekly.md"


def test_one_small_request_goes_ahead_where_many_follow(tmp_path: Path) -> None:
    together: list[int] = []
    engine = FaithfulEngine(lambda _request: together.append(len(engine.in_flight)))
    with season_job(tmp_path, engine, warm_up=True) as job:
        season_of(orders_for(tmp_path, *FIVE), job)
    first, *others = (len(request.segments) for request in engine.requests)
    assert first < max(others)
    assert together[:2] == [1, 1]
    assert max(together) == 4


def test_the_forecast_counts_what_is_asked(tmp_path: Path) -> None:
    engine = FaithfulEngine()
    with season_job(tmp_path, engine) as job:
        orders = orders_for(tmp_path, *FIVE, " \n")
        planned = list(all_planned(orders, job.data))
        plans = [one.plan for one in planned if isinstance(one, PlannedIssue)]
        forecasts = forecasts_of(plans, job.data)
        assert engine.requests == []
        season_of(orders, job)
    assert [one.order for one in planned] == orders
    assert [isinstance(one, PlannedIssue) for one in planned] == [True] * 5 + [False]
    assert sum(one.chunks for one in forecasts) == len(engine.requests)


def test_one_bad_file_is_a_result_and_not_the_end(tmp_path: Path) -> None:
    with season_job(tmp_path, FaithfulEngine()) as job:
        results, run = season_of(orders_for(tmp_path, FIVE[0], "\x00", FIVE[1]), job)
    assert run.failure is None
    assert [result.code for _, result in sorted(results.items())] == [
        ExitCode.DONE,
        ExitCode.USAGE,
        ExitCode.DONE,
    ]


def test_a_result_that_cannot_be_kept_ends_the_run(tmp_path: Path) -> None:
    def full(_result: object) -> None:
        raise StorageError("no space left")

    engine = FaithfulEngine()
    with season_job(tmp_path, engine, jobs=1) as job:
        results, run = season_of(orders_for(tmp_path, *FIVE), job, full)
    assert isinstance(run.failure, StorageError)
    assert len(results) == 5
    assert [result.failure is None for result in results.values()] == [True] + [False] * 4


# --------------------------------------------------------------------------- the time that it takes


def test_doubts_that_cannot_be_asked_about_end_no_other_question(tmp_path: Path) -> None:
    with season_job(tmp_path, FaithfulEngine()) as job:
        plan = plan_of(FIVE[0], job.data)
        state = IssueState(0, plan, RunState(job.data))
        answered, open_ = (SegmentProgress(ask) for ask in plan.asks[:2])
        state.ask_again(Question((open_,), Step.TRANSLATE))
        state.ask_again(Question((answered,), Step.DOUBTS))
        assert state.give_up(Question((answered,), Step.DOUBTS), "the account is empty")
        assert state.follow_up() == Question((open_,), Step.TRANSLATE)


class SilentEngine(FaithfulEngine):
    """Answers in the bare text of one segment, and one of them never."""

    async def answer(self, request: Request) -> Reply:
        reply = await super().answer(request)
        assert len(self.requests) < 50, "it is asked for ever"
        (text,) = json.loads(reply.text).values()
        return reply._replace(text="" if "欢迎" in request.segments[0].text else text)


def test_a_text_that_is_never_answered_is_not_asked_for_ever_where_each_is_asked_alone(
    tmp_path: Path,
) -> None:
    engine = SilentEngine()
    with season_job(tmp_path, engine) as job:
        job.data.memory.learn_capability(engine.endpoint, engine.name, {"format": "single"})
        results, run = season_of(orders_for(tmp_path, FIVE[0]), job)
    assert (run.failure, [result.code for result in results.values()]) == (None, [ExitCode.FINDINGS])
    assert engine.asked.count("欢迎阅读本周的内容。") == 2 * MAX_REQUESTS, (
        "each time once more, as if it were lost"
    )


class TimedEngine(FaithfulEngine):
    """Takes a third of a second, and 8 ms for every four characters that it writes."""

    async def answer(self, request: Request) -> Reply:
        reply = await super().answer(request)
        self.seconds.append(0.3 + 0.008 * len(reply.text) / 4)
        await asyncio.sleep(self.seconds[-1])
        return reply


@pytest.mark.parametrize("issues", [10, pytest.param(30, marks=pytest.mark.slow)])
def test_a_season_takes_little_longer_than_the_shortest_schedule(tmp_path: Path, issues: int) -> None:
    engine = TimedEngine()
    with season_job(tmp_path, engine, size=ChunkSize(24, 1200), warm_up=True) as job:
        texts = [issue_text(number, lines=12 + 13 * number % 41) for number in range(issues)]
        plans = [plan_of(text, job.data) for text in texts]

        async def seconds(clock: Callable[[], float]) -> float:
            start = clock()
            await Scheduler(plans, job.data, job.engine).run()
            return clock() - start

        taken = run_virtually(seconds)
    assert taken <= 1.15 * max(sum(engine.seconds) / job.data.jobs, *engine.seconds)


# --------------------------------------------------------------------------- the budget


@pytest.mark.parametrize("budgets", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_a_budget_is_never_exceeded_by_more_than_one_request(tmp_path: Path, budgets: int) -> None:
    draw = random.Random(6)  # noqa: S311  repeatable
    orders = orders_for(tmp_path, *FIVE[:3])
    stopped = 0
    with season_job(tmp_path, FaithfulEngine()) as usual:
        for _ in range(budgets):
            engine = FaithfulEngine(wordy=draw.uniform(0.3, 2.5))
            budget = Decimal(draw.randint(0, 900)) / 1000
            with open_memory(None, now=str) as memory:
                jobs = draw.randint(1, 8)
                data = usual.data._replace(memory=memory, budget=budget, price=PRICE, jobs=jobs)
                _, run = season_of(orders, Job(data, engine))
            dearest = max((_dollars(usage) for usage in engine.usages), default=Decimal())
            assert _dollars(run.usage) == _dollars(sum(engine.usages, Usage())) <= budget + dearest
            stopped += isinstance(run.failure, BudgetSpentError)
    assert budgets / 5 < stopped < budgets


@pytest.mark.usefixtures("either_database")
def test_what_a_budget_has_left_open_the_next_run_asks_for_and_nothing_else(tmp_path: Path) -> None:
    orders, first, second = orders_for(tmp_path, *FIVE), FaithfulEngine(), FaithfulEngine()
    with season_job(tmp_path, first, budget=Decimal("0.7"), price=PRICE) as job:
        results, run = season_of(orders, job)
    assert isinstance(run.failure, BudgetSpentError)
    codes = Counter(result.code for result in results.values())
    assert codes.keys() == {ExitCode.DONE, ExitCode.PARTIAL}
    with season_job(tmp_path, second) as job:
        results, _ = season_of(orders, job)
    assert {result.code for result in results.values()} == {ExitCode.DONE}
    assert not set(first.asked) & set(second.asked)


class ForgetfulEngine(FaithfulEngine):
    """Uses no term, in answers that are dearer than anybody expects."""

    async def answer(self, request: Request) -> Reply:
        return await super().answer(request._replace(terms=()))


def test_a_budget_that_ends_at_a_doubt_leaves_the_doubt_and_the_run_whole(tmp_path: Path) -> None:
    orders = orders_for(tmp_path, "协程与 LibA 的文章讲解了它。\n")
    engine, said = ForgetfulEngine(wordy=8), list[str]()
    with season_job(tmp_path, engine, price=PRICE) as job:
        for budget, told in ((Decimal("0.1"), ["Not every doubt was asked about."]), (None, [])):
            said.clear()
            results: list[Result | RefusedIssue] = []
            data = job.data._replace(budget=budget)
            run = run_issues(orders, data, engine, results.append, listeners=Listeners(said=said.append))
            assert (run.failure, [one.code for one in results if isinstance(one, Result)]) == (
                None,
                [ExitCode.DONE],
            )
            assert [sentence[:32] for sentence in said] == told
            assert len(engine.requests) == (1 if told else 2)


def test_a_season_asks_about_the_doubts_that_a_budget_has_left(tmp_path: Path) -> None:
    """Also an issue that has its translation from another one of the season goes on, and only once."""
    folder, text = tmp_path / "en", "协程与 LibA 的文章讲解了它。\n"
    orders = [one._replace(out=folder / one.source.name) for one in orders_for(tmp_path, text, text)]
    engine = ForgetfulEngine(wordy=8)
    with season_job(tmp_path, engine, price=PRICE) as job:
        for budget, still_wanted in ((Decimal("0.1"), 2), (None, 0)):
            data = job.data._replace(budget=budget)
            publisher = Publisher(data.memory.outputs, EditPolicy.HOLD, data, folder)
            wanted, _ = publisher.sorted_out(orders)
            assert len(wanted) == 2
            run_issues(wanted, data, engine, lambda _result: None, publisher=publisher)
            publisher = Publisher(data.memory.outputs, EditPolicy.HOLD, data, folder)
            assert len(publisher.sorted_out(orders)[0]) == still_wanted
    assert len(engine.requests) == 2


class ContentReader(FaithfulEngine):
    """Finds no mistake."""

    async def answer(self, request: Request) -> Reply:
        reply = await super().answer(request)
        return reply._replace(text=json.dumps({one.id: [] for one in request.segments}))


def reading(data: ProjectData) -> ProjectData:
    """The same with a second reader."""
    reader = replace(reader_of(data, SecondReader), engine=ContentReader(), name="reader")
    return data._replace(reader=reader)


def test_a_reader_waits_for_what_the_translator_really_costs(tmp_path: Path) -> None:
    """In flight, a request counts as the longest so far twice; this model has thought at first only."""
    thoughts, said = iter((60, *[0] * 9)), list[str]()
    engine = FaithfulEngine(thinks=lambda: next(thoughts))
    with season_job(tmp_path, engine, price=PRICE, budget=Decimal("0.5")) as job:
        orders = orders_for(tmp_path, "协程与 LibA 的文章讲解了它。\n", "# 周刊\n\n欢迎阅读本周的内容。\n")
        data = reading(job.data)
        results: list[Result | RefusedIssue] = []
        run = run_issues(orders, data, engine, results.append, listeners=Listeners(said=said.append))
        assert (run.failure, said) == (None, [])
        assert [one.is_final for one in results if isinstance(one, Result)] == [True, True]


def test_what_a_reader_is_asked_first_counts_while_it_is_in_flight(tmp_path: Path) -> None:
    with season_job(tmp_path, FaithfulEngine(), price=PRICE, budget=Decimal(1)) as job:
        run = RunState(reading(job.data))
        run.reading.reserve(Usage(1, 1_000, completion=100))
        assert run.budget.beside() > 0


def _dollars(usage: Usage) -> Decimal:
    spent = cost(usage, PRICE)
    assert spent is not None
    return spent
