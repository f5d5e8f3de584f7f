"""What thinking costs: it is counted beforehand, learned, and exceeds a budget by one request at most."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest

from sampling import few_at_once
from seasons import FaithfulEngine, Job, issue_text, orders_for, season_job, season_of
from weekly_translate.cli.run_messages import plan_rows
from weekly_translate.errors import BudgetSpentError
from weekly_translate.llm.tokens import Budget, Experience, Price, cost
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Usage
from weekly_translate.run.plan import forecasts_of, plan_of
from weekly_translate.run.project import experience_of
from weekly_translate.run.scheduler import Scheduler

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.run.scheduler import RunEnd

THREE = tuple(issue_text(number) for number in range(3))
PRICE = Price(Decimal(10), Decimal(1), Decimal(80))


def drawn(draw: random.Random, ratio: float, spread: float) -> float:
    """A ratio near another one."""
    return ratio * draw.uniform(1 - spread, 1 + spread)


def dollars(usage: Usage) -> Decimal:
    spent = cost(usage, PRICE)
    assert spent is not None
    return spent


@pytest.mark.parametrize("budgets", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_no_budget_is_exceeded_by_more_than_a_request_however_much_a_model_thinks(
    tmp_path: Path, budgets: int
) -> None:
    draw = random.Random(16)  # noqa: S311  repeatable
    orders = orders_for(tmp_path, *THREE)
    ended_early = 0
    with season_job(tmp_path, FaithfulEngine()) as usual:
        for _ in range(budgets):
            ratio, spread = draw.uniform(0, 20), draw.choice([0.0, 0.5])
            engine = FaithfulEngine(thinks=partial(drawn, draw, ratio, spread), caches=draw.random() < 0.5)
            budget = Decimal(draw.randint(0, 4000)) / 1000
            with open_memory(None, now=str) as memory:
                jobs = draw.randint(1, 8)
                data = usual.data._replace(memory=memory, budget=budget, price=PRICE, jobs=jobs)
                _, run = season_of(orders, Job(data, engine))
            dearest = max((dollars(usage) for usage in engine.usages), default=Decimal())
            assert dollars(sum(engine.usages, Usage())) <= budget + dearest
            ended_early += run.failure is not None
    assert 0 < ended_early < budgets


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("own", ["", "budget = 0.9\n"])
def test_runs_at_the_same_time_share_a_total(tmp_path: Path, jobs: int, own: str) -> None:
    """What one has spent the other must not, on a memory that each of them has opened for itself."""
    total, engines = Decimal(1), [FaithfulEngine(thinks=lambda: 1.0) for _ in range(2)]
    prices = '[prices."gpt-5-mini"]\ninput = 10.0\ncached = 1.0\noutput = 80.0\n'
    (tmp_path / "weekly-translate.toml").write_text(f"{own}budget_total = {total}\n{prices}", "utf-8")

    async def both(*runs: Scheduler) -> list[RunEnd]:
        return await asyncio.gather(*(run.run() for run in runs))

    with (
        season_job(tmp_path, engines[0], jobs=jobs) as one,
        season_job(tmp_path, engines[1], jobs=jobs) as other,
    ):
        runs = []
        for number, (data, engine) in enumerate((one, other)):
            texts = [issue_text(issue) for issue in range(10 * number, 10 * number + 10)]
            runs.append(Scheduler([plan_of(text, data) for text in texts], data, engine))
        ends = asyncio.run(both(*runs))
        recorded = one.data.memory.spending.total()
    usages = [usage for engine in engines for usage in engine.usages]
    spent, dearest = dollars(sum(usages, Usage())), max(map(dollars, usages))
    assert total - 2 * dearest < spent <= total + 2 * jobs * dearest
    assert [str(end.failure)[:42] for end in ends] == ["The next request would exceed budget_total"] * 2
    assert float(recorded) == pytest.approx(float(spent))


def test_what_is_told_of_a_budget_that_two_share_is_what_the_person_has_set() -> None:
    budget = Budget(Decimal("0.5"), PRICE)
    budget.beside = lambda: Decimal("0.4999")
    told = r"exceed the budget of \$0\.5\. The answers so far are kept: run the same command again"
    with pytest.raises(BudgetSpentError, match=told) as raised:
        budget.has_room(Usage(1, 100, 0, 100))
    assert raised.value.again


def test_the_first_contact_with_a_model_that_thinks_is_one_request(tmp_path: Path) -> None:
    """Ten times what it writes, a budget that the forecast fits three times: one answer tells better."""
    together: list[int] = []
    engine = FaithfulEngine(lambda _request: together.append(len(engine.in_flight)), thinks=lambda: 10.0)
    with season_job(tmp_path, engine, jobs=8, price=PRICE) as job:
        orders = orders_for(tmp_path, *THREE)
        plans = [plan_of(text, job.data) for text in THREE]
        expected = sum((one.usage for one in forecasts_of(plans, job.data)), Usage())
        season_of(orders, job._replace(data=job.data._replace(budget=3 * dollars(expected))))
    assert together[0] == 1
    assert together[1] == 1 or max(together) > 1


@pytest.mark.parametrize(
    ("ratio", "caches"), few_at_once(list(product([0, 0.4, 3, 10, 20], [False, True])), 4)
)
def test_the_second_forecast_is_right(tmp_path: Path, ratio: float, caches: bool) -> None:  # noqa: FBT001
    draw = random.Random(5)  # noqa: S311  repeatable

    def thinks() -> float:
        return drawn(draw, ratio, 0.2)

    def engine() -> FaithfulEngine:
        return FaithfulEngine(thinks=thinks, wordy=0.8, caches=caches)

    with season_job(tmp_path, engine()) as job:
        season_of(orders_for(tmp_path / "first", *THREE), job)
    second = engine()
    texts = [issue_text(number) for number in range(3, 6)]
    with season_job(tmp_path, second) as job:
        forecasts = forecasts_of([plan_of(text, job.data) for text in texts], job.data)
        expected = dollars(sum((one.usage for one in forecasts), Usage()))
        season_of(orders_for(tmp_path / "second", *texts), job)
    assert float(expected / dollars(sum(second.usages, Usage()))) == pytest.approx(1, abs=0.15)


def test_before_the_first_answer_the_table_says_what_to_reserve(tmp_path: Path) -> None:
    with season_job(tmp_path, FaithfulEngine()) as job:
        reserve = experience_of(job.data).reserve
        usage = forecasts_of([plan_of(THREE[0], job.data)], job.data)[0].usage
        data = job.data._replace(provider=job.data.provider._replace(reserve=0.0))
        written = forecasts_of([plan_of(THREE[0], data)], data)[0].usage
    assert reserve > 0
    assert usage.completion == round(written.completion * (1 + reserve))
    assert usage.reasoning == usage.completion - written.completion


def test_a_plan_says_what_is_kept_for_thinking(tmp_path: Path) -> None:
    with season_job(tmp_path, FaithfulEngine()) as job:
        orders = orders_for(tmp_path, THREE[0])
        rows = dict(plan_rows(forecasts_of([plan_of(THREE[0], job.data)], job.data)[0]))
        season_of(orders, job)
        later = dict(plan_rows(forecasts_of([plan_of(THREE[1], job.data)], job.data)[0]))
    assert rows["reserve"].endswith("of the tokens out, for what the model may think: no answer has told yet")
    assert "reserve" not in later


def test_a_server_that_does_not_count_teaches_nothing() -> None:
    expected, known = Usage(1, 100, 0, 50), Experience(1.0)
    assert known.with_answer(expected, Usage(1)) == known
    assert known.with_answer(expected, Usage(2, 200, 0, 100)) == known


def test_what_was_long_ago_counts_for_less() -> None:
    known, expected = Experience(0.0), Usage(1, 100, 0, 100)
    for _ in range(300):
        known = known.with_answer(expected, Usage(1, 100, 0, 100))
    for _ in range(300):
        known = known.with_answer(expected, Usage(1, 100, 0, 300, 200))
    assert known.scaled(expected).completion > 250


def test_a_forecast_counts_by_the_ranks_until_answers_have_taught_better(tmp_path: Path) -> None:
    def prompt(job: Job) -> int:
        (forecast,) = forecasts_of([plan_of(issue_text(9), job.data)], job.data)
        return forecast.usage.prompt

    def by_ranks(text: str) -> int:
        return 2 * len(text)

    with season_job(tmp_path, FaithfulEngine(), forecast_tokens=by_ranks) as job:
        estimate = prompt(job._replace(data=job.data._replace(forecast_tokens=job.data.count_tokens)))
        assert prompt(job) == 2 * estimate
        season_of(orders_for(tmp_path, *THREE), job)
    with season_job(tmp_path, FaithfulEngine(), forecast_tokens=by_ranks) as later:
        assert prompt(later) == prompt(later._replace(data=later.data._replace(forecast_tokens=len)))
