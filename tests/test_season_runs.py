"""Whole seasons against a server that misbehaves, stopped by signals, and two at once on one memory."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from documents import CORPUS, NO_CORPUS
from fake_time import FakeTime
from program import in_a_file
from sampling import few_at_once
from seasons import FaithfulEngine, Job, issue_text, orders_for, season_job, season_of, texts_of
from server import Fault, MisbehavingServer
from weekly_translate.errors import EngineError, ExitCode, StoppedError
from weekly_translate.llm.engine import EngineContext, RetryingEngine
from weekly_translate.llm.openai import OpenAIChat
from weekly_translate.llm.providers import Endpoint
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.run.plan import Order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weekly_translate.model import Request

pytestmark = pytest.mark.usefixtures("either_database")

SEASON_1 = [path for path in CORPUS if path.match("2023-*-weekly.md")]
GREETING = "\n本期一共分享了 12 篇文章，参见[协程的垃圾回收](https://example.org/gc)的介绍。\n"
TEN = tuple(issue_text(number, more=GREETING) for number in range(10))
OF_THE_LINE = ("http_429", "http_500", "http_503", "reset", "close", "ok_html", "ok_cut", "no_finish")
OF_THE_MODEL = (
    "cut_json",
    "missing_id",
    "swapped_ids",
    "drop_tag",
    "null_content",
    "prose",
    "length",
    "empty",
)


def faults(of_the_model: float) -> list[Fault]:
    """Three requests of ten have one; this share of all is the model's."""
    return [
        *(Fault(name, share=(0.3 - of_the_model) / len(OF_THE_LINE)) for name in OF_THE_LINE),
        *(Fault(name, share=of_the_model / len(OF_THE_MODEL)) for name in OF_THE_MODEL),
    ]


@contextmanager
def job_on(server: MisbehavingServer, folder: Path, **changes: object) -> Iterator[Job]:
    folder.mkdir(exist_ok=True)
    pace = FakeTime().pace(lambda: 0.5)
    backend = OpenAIChat(Endpoint(server.url, "fake"))
    with season_job(folder, RetryingEngine(backend, EngineContext(pace=pace)), **changes) as job:
        yield job


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    """What a faultless server makes of ten issues, and in how many requests."""
    folder = tmp_path_factory.mktemp("clean")
    with MisbehavingServer() as server, job_on(server, folder) as job:
        results, run = season_of(orders_for(folder / "zh", *TEN), job)
    assert (run.failure, {result.code for result in results.values()}) == (None, {ExitCode.DONE})
    return texts_of(results), len(server.requests)


@pytest.mark.parametrize("of_the_model", [0.06, 0.15])
@pytest.mark.parametrize("seed", few_at_once(range(3, 6), 1))
def test_a_third_of_bad_luck_changes_no_byte_of_a_season(
    seed: int, of_the_model: float, clean: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    with MisbehavingServer(*faults(of_the_model), seed=seed) as server, job_on(server, tmp_path) as job:
        results, _ = season_of(orders_for(tmp_path / "zh", *TEN), job)
    assert texts_of(results) == clean[0]
    assert server.fired.total() > 2  # what is drawn depends on the prompts, and so changes with them
    assert len(server.requests) <= 2 * clean[1]


@in_a_file
@pytest.mark.slow
@pytest.mark.skipif(not SEASON_1, reason=NO_CORPUS)
def test_a_third_of_bad_luck_changes_no_byte_of_thirty_issues(tmp_path: Path) -> None:
    runs = []
    for name, bad_luck in (("clean", []), ("flaky", faults(0.06))):
        with MisbehavingServer(*bad_luck) as server, job_on(server, tmp_path / name) as job:
            results, _ = season_of([Order(path) for path in SEASON_1], job)
            runs.append((texts_of(results), len(server.requests)))
    (clean, needed), (flaky, sent) = runs
    assert (len(clean), flaky) == (30, clean)
    assert 1.2 * needed < sent <= 2 * needed


@pytest.mark.parametrize("fault", ["length", "http_400_context"])
def test_a_few_answers_that_are_too_long_do_not_make_all_chunks_small(
    fault: str, clean: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault, times=6)) as server, job_on(server, tmp_path, jobs=8) as job:
        season_of(orders_for(tmp_path / "zh", *TEN), job)
    assert len(server.requests) <= 2 * clean[1]


def test_an_engine_that_fails_for_good_leaves_finished_issues_finished(
    clean: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    orders = orders_for(tmp_path / "zh", *TEN)
    with MisbehavingServer(Fault("http_401", where=TEN[5].splitlines()[4])) as server:
        with job_on(server, tmp_path) as job:
            results, run = season_of(orders, job)
        assert isinstance(run.failure, EngineError)
        codes = Counter(result.code for result in results.values())
        assert codes[ExitCode.DONE] >= 3
        assert codes[ExitCode.DONE] + codes[ExitCode.ENGINE] == len(TEN)
        done = {text for request in server.requests if not request.fault for text in request.texts}
    with MisbehavingServer() as server, job_on(server, tmp_path) as job:
        again, _ = season_of(orders, job)
    assert texts_of(again) == clean[0]
    assert not done & set(server.asked)


def test_two_seasons_on_one_memory_make_the_same_and_ask_nothing_twice(
    clean: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    orders, texts = orders_for(tmp_path / "zh", *TEN), []

    def translate(server: MisbehavingServer) -> None:
        with job_on(server, tmp_path) as job:
            texts.append(texts_of(season_of(orders, job)[0]))

    with MisbehavingServer(latency=0.01) as server:
        seasons = [threading.Thread(target=translate, args=(server,)) for _ in range(2)]
        for one in seasons:
            one.start()
        for one in seasons:
            one.join()
    assert texts == [clean[0], clean[0]]
    assert max(Counter(server.asked).values()) == 1


# --------------------------------------------------------------------------- stopping


def stopping(signals: int, after: int = 3) -> FaithfulEngine:
    """An engine during whose requests the process gets signals, from a certain request on."""

    def raise_signal(_request: Request) -> None:
        if after <= len(engine.requests) < after + signals:
            signal.raise_signal(signal.SIGTERM)

    engine = FaithfulEngine(raise_signal)
    return engine


def test_the_first_signal_lets_finish_what_is_in_flight(tmp_path: Path) -> None:
    orders, engine = orders_for(tmp_path / "zh", *TEN), stopping(1)
    before = signal.getsignal(signal.SIGTERM)
    with season_job(tmp_path, engine) as job:
        results, run = season_of(orders, job)
    assert isinstance(run.failure, StoppedError)
    assert run.failure.exit_code is ExitCode.INTERRUPTED
    assert signal.getsignal(signal.SIGTERM) is before
    assert len(results) == len(TEN)
    assert len(engine.usages) == len(engine.requests) < 10
    with season_job(tmp_path, rest := FaithfulEngine()) as job:
        season_of(orders, job)
    assert not set(engine.asked) & set(rest.asked)


def test_the_first_signal_ends_what_only_waits(tmp_path: Path) -> None:
    async def forever(_seconds: float) -> None:
        await asyncio.Event().wait()

    def stop(_reason: str, _seconds: float) -> None:
        signal.raise_signal(signal.SIGTERM)

    with MisbehavingServer(Fault("http_429_seconds", times=1)) as server:
        context = EngineContext(pace=Pace(sleep=forever), on_wait=stop)
        engine = RetryingEngine(OpenAIChat(Endpoint(server.url, "fake")), context)
        with season_job(tmp_path, engine) as job:
            results, run = season_of(orders_for(tmp_path / "zh", *TEN), job)
        assert len(server.requests) <= job.data.jobs
    assert isinstance(run.failure, StoppedError)
    assert len(results) == len(TEN)


def test_the_second_signal_does_not_wait(tmp_path: Path) -> None:
    orders, engine = orders_for(tmp_path / "zh", *TEN), stopping(2)
    with season_job(tmp_path, engine) as job, pytest.raises(KeyboardInterrupt):
        season_of(orders, job)
    assert len(engine.usages) < len(engine.requests)
