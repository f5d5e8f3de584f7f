from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import openai  # noqa: F401 - half a second that is not the scheduler's

from benchmarks.rows import Row
from benchmarks.runs import exact_tokens, job_at
from benchmarks.serving import local_server
from benchmarks.texts import ROOT
from benchmarks.texts import season as sources
from weekly_translate.edition.applying import AUTO, read_editions
from weekly_translate.llm.requests import ChunkSize
from weekly_translate.run.issue import Result
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import run_issues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.runs import Exchange
    from weekly_translate.run.plan import RefusedIssue
    from weekly_translate.run.scheduler import RunEnd

LATENCY, PER_TOKEN, JOBS = 0.3, 0.008, 16
"""Seconds before an answer and for each of its tokens; requests at a time."""
_SIZE = ChunkSize(24, 1200)
"""Segments and source tokens that a request to a hosted model may have."""
_OTHERS = (ChunkSize(8, 400), ChunkSize(16, 800), ChunkSize(32, 1600), ChunkSize(48, 2400))
_MOST_REQUESTS, _LONGEST, _MOST_TOKENS = 90, 1.15, Decimal("1.6")
_CACHED = Decimal("0.1")
"""What a cached token costs, compared with a fresh one."""
_ADDRESS = re.compile(r"https?://[!-~]*")


class _Measured(NamedTuple):
    """A season that was translated, and what came of it."""

    seconds: float
    said: list[Exchange]
    run: RunEnd
    least: int
    """The tokens of all sources and results, without their addresses."""

    @property
    def bound(self) -> float:
        """No schedule is shorter than the longest request, nor than all of them, shared out evenly."""
        work = [LATENCY + PER_TOKEN * reply.usage.completion for _, reply in self.said]
        return max(sum(work) / JOBS, *work)

    @property
    def stretch(self) -> float:
        """How much longer it took."""
        return self.seconds / self.bound


def season() -> Iterator[Row]:
    """How long a season takes, compared with the least that so many workers need; its requests and tokens.

    Then what other sizes of chunks would make of it: fewer requests are fewer tokens, but longer answers.
    The server's English is made of rare tokens; they are counted as the model would count them.
    """
    with exact_tokens() as count:
        measured = _measured(_SIZE, count)
        in_time = f"{measured.seconds:.1f} s, {measured.stretch:.2f} x the bound of {measured.bound:.1f} s"
        yield Row("makespan of a season", in_time, f"<= {_LONGEST} x", measured.stretch <= _LONGEST)
        number = len(measured.said)
        yield Row("  requests", f"{number}", f"<= {_MOST_REQUESTS}", number <= _MOST_REQUESTS)
        tokens = _tokens(measured, count)
        ratio = tokens / measured.least
        yield Row(
            "  tokens for each of its texts'", f"{ratio:.2f}", f"<= {_MOST_TOKENS}", ratio <= _MOST_TOKENS
        )
        for size in (_OTHERS[0], _OTHERS[1], _SIZE, *_OTHERS[2:]):
            yield _trade_off(size, measured if size is _SIZE else _measured(size, count), count)
        yield _trade_off(_SIZE, _measured(_SIZE, count, warm_up=False), count, ", no request ahead")


def _measured(size: ChunkSize, count: Callable[[str], int], *, warm_up: bool = True) -> _Measured:
    said: list[Exchange] = []
    texts: list[str] = []

    def on_result(result: Result | RefusedIssue) -> None:
        assert isinstance(result, Result)
        texts.extend((result.source.text, result.text))

    with (
        local_server(LATENCY, PER_TOKEN, caches=True) as url,
        job_at(url, said, jobs=JOBS) as (usual, engine),
    ):
        editions = read_editions(AUTO, ROOT)
        data = usual._replace(size=size, editions=editions, warm_up=warm_up)
        start = time.perf_counter()
        run = run_issues([Order(path) for path in sources()], data, engine, on_result)
        seconds = time.perf_counter() - start
    return _Measured(seconds, said, run, sum(count(_ADDRESS.sub("", text)) for text in texts))


def _tokens(measured: _Measured, count: Callable[[str], int]) -> Decimal:
    """The tokens that are paid: the server says which requests began with what it had cached."""
    paid = Decimal(0)
    for request, reply in measured.said:
        instructions, *others = (count(message.content) for message in request.messages)
        paid += sum(others) + (_CACHED if reply.usage.cached else 1) * instructions + count(reply.text)
    return paid


def _trade_off(size: ChunkSize, measured: _Measured, count: Callable[[str], int], how: str = "") -> Row:
    segments = sum(len(request.segments) for request, _ in measured.said) / len(measured.said)
    ratio = _tokens(measured, count) / measured.least
    parts = (
        f"{segments:4.1f} each, {ratio:.2f} tokens, {measured.seconds:5.1f} s, {len(measured.said)} requests"
    )
    return Row(f"  with at most {size.cap} segments and {size.budget} tokens{how}", parts)
