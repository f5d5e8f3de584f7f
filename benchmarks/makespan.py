from __future__ import annotations

from typing import TYPE_CHECKING

import openai  # noqa: F401 - half a second that is not the scheduler's

from benchmarks.rows import Row
from benchmarks.runs import run_of
from benchmarks.serving import local_server
from benchmarks.texts import issues
from weekly_translate.llm.requests import ChunkSize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.runs import Run

LATENCY, PER_TOKEN, JOBS = 0.3, 0.008, 8
"""Seconds before an answer and for each of its tokens; requests at a time."""
GOAL, RUNS = 1.3, 3
_SIZES = ((5, 200), (10, 500), (16, 800), (24, 1200))
"""Segments and source tokens that a request may have: the classes of models."""


def makespan() -> Iterator[Row]:
    """How long an issue takes, compared with what its tokens would take if all workers wrote all the time.

    The best of some runs counts, and the waiting for the model stands beside it: on a busy machine the rest
    says more about the machine. Then what other sizes of chunks would make of it: fewer requests are fewer
    tokens, but longer answers.
    """
    with local_server(LATENCY, PER_TOKEN) as url:
        for issue in issues():
            run = min((run_of(issue.content, url) for _ in range(RUNS)), key=lambda run: run.seconds)
            bound = _bound(run)
            ratio = run.seconds / bound
            measured = f"{run.seconds:.2f} s, {ratio:.2f} x the bound of {bound:.2f} s"
            yield Row(f"makespan of {issue.name}", measured, f"<= {GOAL} x", ratio <= GOAL)
            waited = _waited(run)
            yield Row("  waiting for the model", f"{waited:.2f} s, {waited / bound:.2f} x the bound")
            for cap, budget in _SIZES:
                yield _trade_off(run_of(issue.content, url, size=ChunkSize(cap, budget)), cap, budget)


def _bound(run: Run) -> float:
    """All tokens, shared out evenly, and one wait before them."""
    return LATENCY + PER_TOKEN * run.usage.completion / JOBS


def _waited(run: Run) -> float:
    """The first request, which goes alone, and the longest of the others; or all of them in turn."""
    first, *others = [LATENCY + PER_TOKEN * reply.usage.completion for _, reply in run.exchanges]
    return first + max(sum(others) / JOBS, max(others, default=0))


def _trade_off(run: Run, cap: int, budget: int) -> Row:
    requests = [request for request, _ in run.exchanges]
    segments = sum(len(request.segments) for request in requests) / len(requests)
    usage = run.usage
    tokens = usage.prompt + usage.completion
    measured = f"{run.seconds:.2f} s, {tokens:,} tokens, {len(requests)} requests of {segments:.1f}"
    return Row(f"  with at most {cap} segments and {budget} tokens", measured)
