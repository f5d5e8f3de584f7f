"""Whatever ends a run, and whenever: nothing that was answered is asked again, and the bytes are the same."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from program import environment, memory_place, run, start, start_by
from sampling import few_at_once
from seasons import no_claim_is_left
from server import MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.run.plan import Order, keys_of
from weekly_translate.run.project import read_project
from weekly_translate.run.runner import Listeners, translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path

    from forking import Forked
    from server import Recorded
    from server.wire import HttpRequest

pytestmark = pytest.mark.usefixtures("either_database")

SEGMENTS = 36
ISSUE = "\n\n".join(
    f"{number}、[第 {number} 篇](https://example.org/{number})介绍**垃圾回收**的函数 `gc.freeze({number})`"
    for number in range(1, SEGMENTS + 1)
)
MODEL = "qwen3:4b"
"""A small model is asked for few segments at a time, so that the issue takes several requests."""
REQUESTS = 6
"""So many it takes one after the other; side by side, more."""


@dataclass(frozen=True)
class Blow:
    """A signal at the moment when the n-th request has come, or when its answer has gone out."""

    signal: signal.Signals
    number: int
    answered: bool = False
    again: bool = False
    """Whether the signal comes once more, as soon as the process has said that it is stopping."""

    def __str__(self) -> str:
        return f"{self.signal.name} at {'answer' if self.answered else 'request'} {self.number}"


class StrikingServer(MisbehavingServer):
    """Sends the signal of a blow to the process that asks, which may wait for its answer then."""

    def __init__(self, blow: Blow) -> None:
        super().__init__()
        self.victim: Future[subprocess.Popen[bytes] | Forked] = Future()
        self._blow = blow
        self._come = 0

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        due = self._come == self._blow.number
        if due and not self._blow.answered:
            self._strike()
            if self._blow.signal is signal.SIGKILL or self._blow.again:
                await self._closing.wait()
        await super()._answer(request, writer)
        if due and self._blow.answered:
            self._strike()

    def _strike(self) -> None:
        self.victim.result().send_signal(self._blow.signal)


class PairingServer(MisbehavingServer):
    """Answers nobody before two clients, with different keys, have asked."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()
        self._both = asyncio.Event()

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._keys.add(request.headers["authorization"])
        if len(self._keys) == 2:
            self._both.set()
        await self._both.wait()
        await super()._answer(request, writer)


class BreakingServer(MisbehavingServer):
    """Takes the memory its table away when four requests are in flight, after the one that goes ahead."""

    def __init__(self, place: Path | MemoryServer) -> None:
        super().__init__()
        self._place = place
        self._broken = asyncio.Event()
        self._come = 0

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        if self._come == 5:
            with open_memory(self._place, now=str) as memory:
                database = memory.database
                database.transaction(lambda: database.execute("DROP TABLE entries"))
            self._broken.set()
        if self._come > 1:
            await self._broken.wait()
        await super()._answer(request, writer)


@dataclass(frozen=True)
class Struck:
    """How a run ended that was hit, and what it had asked until then."""

    code: int
    err: str
    requests: list[Recorded]


def arguments(server: MisbehavingServer, *more: str) -> list[str]:
    return [
        "issue.md",
        "-o",
        "out.md",
        "--base-url",
        server.url,
        "--model",
        MODEL,
        *more,
    ]


def struck(folder: Path, blow: Blow, jobs: int, before: tuple[str, ...] = ()) -> Struck:
    (folder / "issue.md").write_text(ISSUE, "utf-8")
    with StrikingServer(blow) as server:
        words = arguments(server, "--jobs", str(jobs))
        process = start_by(before, folder, *words) if before else start(folder, *words)
        server.victim.set_result(process)
        said = b""
        if blow.again:
            assert process.stderr is not None
            said = process.stderr.readline()
            process.send_signal(blow.signal)
        _, err = process.communicate()
        return Struck(process.wait(), (said + err).decode(), server.requests)


def resumed(folder: Path) -> list[Recorded]:
    """Run once more to the end, here, because that is quicker: what was asked."""
    with MisbehavingServer() as server:
        options = SettingsOptions(
            project=folder, memory=str(memory_place(folder)), base_url=server.url, model=MODEL
        )
        outcome = translate_issue(
            Order(folder / "issue.md", folder / "out.md"),
            settings_from(options, environment(folder)),
        )
        assert outcome.code is ExitCode.DONE
        return server.requests


def repeated(before: Iterable[Recorded], after: Iterable[Recorded]) -> list[Recorded]:
    """The requests that have at least one segment in common with a later one."""
    again = {text for request in after for text in request.texts}
    return [request for request in before if again & set(request.texts)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a run writes that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "issue.md").write_text(ISSUE, "utf-8")
    assert len(resumed(folder)) >= REQUESTS
    return (folder / "out.md").read_bytes()


BLOWS = [
    (jobs, Blow(signal.SIGKILL, number, answered))
    for jobs, answered in ((1, False), (1, True), (4, True))
    for number in range(1, REQUESTS + 1)
]


@pytest.mark.parametrize(("jobs", "blow"), few_at_once(BLOWS, 3), ids=str)
def test_a_killed_run_loses_no_more_than_what_was_in_flight(
    tmp_path: Path, undisturbed: bytes, jobs: int, blow: Blow
) -> None:
    killed = struck(tmp_path, blow, jobs)
    assert (killed.code, killed.err.count("Traceback")) == (-signal.SIGKILL, 0), killed.err
    assert not (tmp_path / "out.md").exists()
    assert len(repeated(killed.requests, resumed(tmp_path))) <= jobs
    assert (tmp_path / "out.md").read_bytes() == undisturbed
    assert resumed(tmp_path) == []
    assert (tmp_path / "out.md").read_bytes() == undisturbed


IN_THE_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
INTERRUPTS = [
    pytest.param(Blow(signal.SIGINT, 5), 1, (), marks=pytest.mark.slow),
    (Blow(signal.SIGINT, 1), 4, ()),
    pytest.param(Blow(signal.SIGTERM, 5), 1, (), marks=pytest.mark.slow),
    pytest.param(Blow(signal.SIGTERM, 1), 4, (), marks=pytest.mark.slow),
    (Blow(signal.SIGTERM, 1), 4, IN_THE_BACKGROUND),
]


INTERRUPTED = "Interrupted. The answers so far are kept. To go on:\n  weekly-translate issue.md "


@pytest.mark.parametrize(("blow", "jobs", "before"), INTERRUPTS)
def test_an_interrupted_run_waits_for_what_is_in_flight_and_says_how_to_go_on(
    tmp_path: Path, undisturbed: bytes, blow: Blow, jobs: int, before: tuple[str, ...]
) -> None:
    ended = struck(tmp_path, blow, jobs, before)
    assert ended.code == ExitCode.INTERRUPTED
    assert "in flight; press Ctrl-C again to stop at once" in ended.err
    assert ended.err.count("To go on") == 1
    assert "\n".join(ended.err.splitlines()[-2:]).startswith(INTERRUPTED)
    assert "Traceback" not in ended.err
    assert {path.name for path in tmp_path.iterdir()} - {"memory.db"} == {"issue.md"}
    with MisbehavingServer() as server:
        again = run(tmp_path, *arguments(server))
        assert again.code == ExitCode.DONE
        assert repeated(ended.requests, server.requests) == []
    assert (tmp_path / "out.md").read_bytes() == undisturbed


@pytest.mark.parametrize(
    "signal_",
    [signal.SIGINT, signal.SIGTERM],
)
def test_a_second_signal_stops_a_run_at_once(
    tmp_path: Path, undisturbed: bytes, signal_: signal.Signals
) -> None:
    ended = struck(tmp_path, Blow(signal_, 1, again=True), jobs=4)
    assert ended.code == ExitCode.INTERRUPTED
    assert ended.err.count("To go on") == 1
    assert "\n".join(ended.err.splitlines()[-2:]).startswith(INTERRUPTED)
    assert "Traceback" not in ended.err
    assert "never retrieved" not in ended.err
    assert len(repeated(ended.requests, resumed(tmp_path))) <= 4
    assert (tmp_path / "out.md").read_bytes() == undisturbed


def test_a_memory_that_breaks_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    place = memory_place(tmp_path)
    with BreakingServer(place) as server:
        ended = run(tmp_path, *arguments(server, "--jobs", "4", "-q"))
    assert (ended.code, len(ended.err.splitlines())) == (ExitCode.STORAGE, 1), ended.err
    name = place if isinstance(place, MemoryServer) else place.name
    assert f"the memory {name} cannot be used: " in ended.err
    assert "entries" in ended.err
    assert not (tmp_path / "out.md").exists()


def test_two_runs_and_an_import_share_a_memory_and_nothing_is_asked_twice(
    tmp_path: Path, undisturbed: bytes
) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    lines = (f'{{"source": "另一句 {number}", "target": "Another {number}"}}\n' for number in range(300))
    (tmp_path / "more.jsonl").write_text("".join(lines), "utf-8")
    with PairingServer() as server:
        both = [
            start(
                tmp_path,
                *arguments(server, "--jobs", "1"),
                "-o",
                f"{name}.md",
                OPENAI_API_KEY=f"key-of-{name}",
            )
            for name in ("one", "two")
        ]
        imported = run(tmp_path, "memory", "import", "more.jsonl")
        told = [process.communicate()[1].decode() for process in both]
        assert [process.returncode for process in both] == [ExitCode.DONE, ExitCode.DONE], told
        assert sorted(server.asked) == sorted(set(server.asked))
    assert "300 added" in imported.err
    waits = "another run on this memory is asking for"
    assert all(said.count(waits) <= 1 for said in told)
    assert (tmp_path / "one.md").read_bytes() == undisturbed
    assert (tmp_path / "two.md").read_bytes() == undisturbed
    assert resumed(tmp_path) == []
    assert run(tmp_path, "memory", "import", "more.jsonl").err.count("300 kept") == 1
    assert no_claim_is_left(memory_place(tmp_path))


def test_a_run_that_waits_for_another_one_says_so_once(tmp_path: Path) -> None:
    """The other one claims everything as the run begins, and gives it back when it hears of the wait."""
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    place, told = memory_place(tmp_path), list[str]()
    with MisbehavingServer() as server, open_memory(place, now=str) as other:
        options = SettingsOptions(project=tmp_path, memory=str(place), base_url=server.url, model=MODEL)
        settings = settings_from(options, environment(tmp_path))
        keys = keys_of(parse(ISSUE), read_project(settings, other))

        def progress(*_: object) -> None:
            if not told and not server.requests:
                other.claims.claim(keys)

        def said(sentence: str) -> None:
            told.append(sentence)
            other.claims.close()

        order = Order(tmp_path / "issue.md", tmp_path / "out.md")
        outcome = translate_issue(order, settings, Listeners(progress=progress, said=said))
    assert outcome.code == ExitCode.DONE
    (sentence,) = told
    assert sentence.startswith(f"another run on this memory is asking for {SEGMENTS} segments: waiting")


def test_what_a_killed_run_was_asking_for_is_asked_by_the_next_one_at_once(tmp_path: Path) -> None:
    struck(tmp_path, Blow(signal.SIGKILL, 1), jobs=1)
    assert sum(len(request.texts) for request in resumed(tmp_path)) == SEGMENTS
    assert no_claim_is_left(memory_place(tmp_path))
