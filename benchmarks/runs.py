"""Runs of the whole pipeline against the local server, as if it were a hosted model."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.texts import ROOT
from weekly_translate.llm.engine import EngineContext, RetryingEngine
from weekly_translate.llm.openai import OpenAIChat
from weekly_translate.llm.providers import OPENAI, Endpoint
from weekly_translate.llm.tokens import tokens_for
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.run.issue import result_of
from weekly_translate.run.plan import plan_of
from weekly_translate.run.project import ProjectData, read_project, with_engine
from weekly_translate.run.scheduler import Events, Scheduler
from weekly_translate.settings import MODEL, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.llm.engine import Engine, EngineContext
    from weekly_translate.llm.requests import ChunkSize
    from weekly_translate.model import Reply, Request, Status, Usage
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.run_state import IssueState


class Exchange(NamedTuple):
    """A request and its reply."""

    request: Request
    reply: Reply


class Run(NamedTuple):
    """A translation, what was said for it, and how many seconds it took from parsing to checking."""

    plan: Plan
    result: Result
    usage: Usage
    exchanges: list[Exchange]
    seconds: float


def run_of(text: str, url: str, *, size: ChunkSize | None = None) -> Run:
    """Translate a text with nothing in the memory. `size` stands in for that of a hosted model."""
    said: list[Exchange] = []
    with job_at(url, said) as (usual, engine):
        data = usual._replace(size=size or usual.size)
        start = time.perf_counter()
        plan = plan_of(text, data)
        states: list[IssueState] = []
        asyncio.run(_run(Scheduler([plan], data, engine, Events(settled=states.append)), engine))
        (state,) = states
        result = result_of(plan, state.answers)
        return Run(plan, result, state.usage, said, time.perf_counter() - start)


@contextmanager
def job_at(
    url: str, said: list[Exchange] | None = None, *, jobs: int = 8, memory_file: Path | None = None
) -> Iterator[tuple[ProjectData, Engine]]:
    """The program's defaults with an empty memory, or a file's, and an engine that asks the server at `url`.

    The settings name the hosted endpoint, which decides the size of the chunks.
    """

    def make_engine(settings: Settings, context: EngineContext) -> Engine:
        endpoint = Endpoint(url, settings.model, settings.key)
        engine = RetryingEngine(OpenAIChat(endpoint, context, jobs=settings.jobs), context)
        return _Recorder(engine, [] if said is None else said)

    settings = replace(_SETTINGS, jobs=jobs)
    with open_memory(memory_file, now=str) as memory:
        yield with_engine(settings, read_project(settings, memory), make_engine=make_engine)


@contextmanager
def exact_tokens() -> Iterator[Callable[[str], int]]:
    """Counts tokens as the hosted model does, or estimates them where its vocabulary is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        count = tokens_for(MODEL, own_cache=Path(folder), environment={})
        yield lambda text: count(text).n


_SETTINGS = Settings(
    budget_total=None,
    cache=Path(tempfile.gettempdir()) / "weekly-translate",
    project=ROOT,
    engine="openai",
    model=MODEL,
    base_url=OPENAI,
    ignores=None,
    edition="none",
    about="",
    glossary=None,
    memory=ROOT,
    jobs=8,
    budget=None,
    prices={},
    allowed_chinese=frozenset(),
    key="none",
)


@dataclass(slots=True)
class _Recorder:
    """An engine that passes everything on and keeps it."""

    engine: Engine
    said: list[Exchange] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def worth(self) -> Status:
        return self.engine.worth

    @property
    def endpoint(self) -> str:
        return self.engine.endpoint

    async def answer(self, request: Request) -> Reply:
        reply = await self.engine.answer(request)
        self.said.append(Exchange(request, reply))
        return reply

    def stop(self) -> None:
        self.engine.stop()

    async def close(self) -> None:
        await self.engine.close()


async def _run(scheduler: Scheduler, engine: Engine) -> None:
    try:
        await scheduler.run()
    finally:
        await engine.close()
