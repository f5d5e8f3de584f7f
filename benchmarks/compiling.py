from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import openai  # noqa: F401 - half a second that is not the pipeline's

from benchmarks.rows import Row
from benchmarks.runs import job_at, run_of
from benchmarks.serving import local_server
from benchmarks.texts import compilation
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.run.issue import result_of
from weekly_translate.run.plan import plan_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")


def compiling() -> Iterator[Row]:
    """How long the steps take on the longest text, and all of them with a server that answers at once."""
    text = compilation()
    with local_server() as url:
        run = run_of(text.content, url)
        with job_at(url) as (data, _):
            manuscript, parsed = _timed(lambda: manuscript_of(text.content, "", data.editions))
            plan, planned = _timed(lambda: plan_for(manuscript, data.under(manuscript.choice)))
            _, rendered = _timed(lambda: result_of(plan, run.result.answers))
    lines, segments = text.content.count("\n"), len(plan.document.segments)
    yield Row(f"{text.name}, {lines:,} lines, {segments:,} segments: parse, edit", f"{parsed:.2f} s")
    yield Row("  plan: terms, keys, memory", f"{planned:.2f} s")
    yield Row("  render: assemble, check segments and document", f"{rendered:.2f} s")
    measured = f"{run.seconds:.1f} s, {len(run.exchanges)} requests"
    yield Row("  translate, if the server answers at once", measured)


def _timed(step: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    return step(), time.perf_counter() - start
