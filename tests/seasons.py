"""Small seasons, and an engine in this process that translates them like the faithful server."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from program import environment, memory_place
from server import translated
from weekly_translate.llm.requests import ChunkSize
from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Reply, Status, Usage
from weekly_translate.run.issue import Result
from weekly_translate.run.plan import Order
from weekly_translate.run.project import read_project, with_engine
from weekly_translate.run.runner import run_issues
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weekly_translate.errors import ExitCode, WeeklyTranslateError
    from weekly_translate.llm.engine import Engine
    from weekly_translate.model import Request
    from weekly_translate.run.plan import RefusedIssue
    from weekly_translate.run.project import ProjectData
    from weekly_translate.run.scheduler import RunEnd

_WORDS = "协程垃圾回收装饰器类型注解测试框架数据分析异步编程性能优化内存泄漏网络爬虫"


def issue_text(number: int, *, lines: int = 12, more: str = "") -> str:
    """An issue whose lines name what no other does, but for its greeting and what is `more`."""
    body = "\n\n".join(
        f"{_WORDS[(7 * number + line) % 30 :][:6]}与 Lib{chr(65 + number)}{chr(97 + line)} 的文章讲解了它。"
        for line in range(lines)
    )
    return f"# 周刊之{_WORDS[number]}\n\n欢迎阅读本周的内容。\n\n{body}\n{more}"


@dataclass
class FaithfulEngine:
    """Translates at once, or whenever `pause` says so; counts a character as a token."""

    pause: Callable[[Request], object] = lambda _request: None
    requests: list[Request] = field(default_factory=list)
    in_flight: list[Request] = field(default_factory=list)
    name: str = "fake"
    worth: Status = Status.MACHINE
    endpoint: str = "nowhere"
    wordy: float = 1.0
    """By how much more is charged than was written."""
    thinks: Callable[[], float] = lambda: 0.0
    """Reasoning tokens for each token that is written, asked for each request."""
    caches: bool = False
    """Whether it caches the instructions, once they have been sent."""
    usages: list[Usage] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        return [segment.text for request in self.requests for segment in request.segments]

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        self.in_flight.append(request)
        self.pause(request)
        for _ in range(len(request.segments)):
            await asyncio.sleep(0)
        self.in_flight.remove(request)
        terms = {term.source: term.target for term in request.terms}
        text = json.dumps({one.id: translated(one.text, terms) for one in request.segments})
        prompt = sum(len(message.content) for message in request.messages)
        reasoning = round(self.thinks() * len(text))
        cached = len(request.messages[0].content) if self.caches and self.usages else 0
        self.usages.append(Usage(1, prompt, cached, round(self.wordy * len(text)) + reasoning, reasoning))
        return Reply(text, usage=self.usages[-1])

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Job(NamedTuple):
    """What a season is run with."""

    data: ProjectData
    engine: Engine


class Ended(NamedTuple):
    """What came of a file; no text where it was refused."""

    code: ExitCode
    failure: WeeklyTranslateError | None
    text: str = ""


@contextmanager
def season_job(folder: Path, engine: Engine, **changes: object) -> Iterator[Job]:
    """A job whose memory lies in `folder`; `changes` are those of the fields of its data."""
    memory_name = str(memory_place(folder))
    options = SettingsOptions(project=folder, memory=memory_name, edition="none", engine="openai")
    settings = settings_from(options, environment(folder, {"OPENAI_API_KEY": "none"}))
    with open_memory(settings.memory, now=lambda: "2026-01-01") as memory:
        data, _ = with_engine(settings, read_project(settings, memory), make_engine=lambda *_: engine)
        usual: dict[str, object] = {
            "size": ChunkSize(6, 300),
            "count_tokens": len,
            "forecast_tokens": len,
            "jobs": 4,
        }
        yield Job(data._replace(**{**usual, "warm_up": False, **changes}), engine)  # type: ignore[arg-type]  # a test names what it needs


def orders_for(folder: Path, *texts: str) -> list[Order]:
    """Files with these texts."""
    folder.mkdir(exist_ok=True)
    orders = []
    for number, text in enumerate(texts, start=1):
        path = folder / f"2026-01-{number:02}-weekly.md"
        path.write_text(text, encoding="utf-8")
        orders.append(Order(path))
    return orders


def season_of(
    orders: list[Order], job: Job, on_result: Callable[[Result | RefusedIssue], None] = lambda _result: None
) -> tuple[dict[str, Ended], RunEnd]:
    """What came of each file, by its name, in the order in which they ended."""
    results: dict[str, Ended] = {}

    def take(result: Result | RefusedIssue) -> None:
        name = result.order.source.name
        assert name not in results, "one result for each file"
        if isinstance(result, Result):
            results[name] = Ended(result.code, result.failure, result.text)
        else:
            results[name] = Ended(result.failure.exit_code, result.failure)
        on_result(result)

    return results, run_issues(orders, job.data, job.engine, take)


def texts_of(results: dict[str, Ended]) -> dict[str, str]:
    """The rendered texts."""
    return {name: result.text for name, result in sorted(results.items()) if result.text}


def no_claim_is_left(place: Path | MemoryServer) -> bool:
    """Whether all that was claimed in a memory has been given back."""
    with open_memory(place, now=str) as memory:
        if isinstance(place, MemoryServer):
            query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            return not memory.database.rows(query)
        memory.claims.claim(["whatever"])  # this looks for the dead
        return [row[0] for row in memory.database.rows("SELECT key FROM claims")] == ["whatever"]
