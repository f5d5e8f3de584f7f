"""Several processes on one season: they divide the work by claims, whoever is killed, on either database."""

from __future__ import annotations

import json
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from postgres import running_server
from program import run, start
from seasons import no_claim_is_left
from server import MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.translation_memory import open_memory

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from forking import Forked
    from postgres import Server
    from server.wire import HttpRequest

ISSUES, LINES = 30, 19
"""With the title, 600 segments."""
JOBS = 2
_FIRST, _SECOND = "协垃装类测数异性内网", "程圾饰型试据步能存络"


def words(number: int) -> str:
    """A word that no other number has: what differs in digits only would be one question."""
    tens, ones = divmod(number, 10)
    return _FIRST[ones] + _SECOND[tens % 10] + _FIRST[tens // 10]


def written(folder: Path, issues: int = ISSUES) -> None:
    """The sources of a season."""
    (folder / "zh").mkdir()
    for issue in range(issues):
        lines = [f"介绍{words(issue * (LINES + 1) + line)}的文章讲解了它。" for line in range(LINES)]
        title = f"# 周刊{words(issue * (LINES + 1) + LINES)}"
        (folder / f"zh/{issue:02}.md").write_text("\n\n".join([title, *lines]) + "\n", "utf-8")


def arguments(place: Path | MemoryServer, model: MisbehavingServer, out: str = "en") -> list[str]:
    memory = place.url if isinstance(place, MemoryServer) else str(place)
    options = f"--edition none --model fake --no-proofread --jobs {JOBS} --base-url {model.url}".split()
    return ["season", "zh", "-o", out, "--memory", memory, *options]


def outputs(folder: Path, name: str = "en") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / name).glob("*.md"))}


class KillingServer(MisbehavingServer):
    """Kills one of the processes at each of some requests, which then waits for its answer in vain."""

    def __init__(self, at: tuple[int, ...]) -> None:
        super().__init__()
        self.victims: list[Forked] = []
        self._at = at
        self._come = 0

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        if self._come in self._at:
            self.victims.pop().kill()
        await super()._answer(request, writer)


@pytest.mark.slow
def test_four_processes_share_a_season_and_two_of_them_are_killed(
    place: Path | MemoryServer, tmp_path: Path
) -> None:
    written(tmp_path)
    open_memory(place, now=str).close()
    with KillingServer(at=(6, 14)) as model:
        processes = [
            start(tmp_path, *arguments(place, model), "--report", f"report{number}.json")
            for number in range(4)
        ]
        model.victims += processes[:2]
        errors = [process.communicate()[1].decode() for process in processes]
        asked = Counter(model.asked)
    assert [process.returncode for process in processes] == [-9, -9, 0, 0], errors
    assert len(asked) == ISSUES * (LINES + 1)
    again = [text for text, times in asked.items() if times > 1]
    assert max(asked.values()) <= 3
    assert len(again) <= 2 * JOBS * (LINES + 1), "at most what was in flight when a process was killed"
    with MisbehavingServer() as alone:
        ended = run(tmp_path, *arguments(tmp_path / "alone.db", alone, "alone"))
    assert ended.code == 0, ended.err
    assert outputs(tmp_path) == outputs(tmp_path, "alone")
    reports = [json.loads((tmp_path / f"report{number}.json").read_text("utf-8")) for number in (2, 3)]
    assert all(len(report["issues"]) == ISSUES for report in reports)
    assert all(one["result"] == "written" for report in reports for one in report["issues"])
    assert reports[0]["usage"] == reports[1]["usage"], "each report is about what all four have done"
    assert reports[0]["usage"]["requests"] >= len(model.requests) - 2 * JOBS
    assert no_claim_is_left(place)


class StoppingServer(MisbehavingServer):
    """Stops the database as the first request comes in."""

    def __init__(self, database: Server) -> None:
        super().__init__()
        self._stops = [database.stop]

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        if self._stops:
            self._stops.pop()()
        await super()._answer(request, writer)


class CrashingServer(MisbehavingServer):
    """Stops the database as a request comes in, and starts it again five seconds later."""

    def __init__(self, database: Server, at: int) -> None:
        super().__init__()
        self._database = database
        self._at = at
        self._come = 0
        self.started = threading.Event()

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        if self._come == self._at:
            self._database.stop()
            threading.Timer(5, self._start).start()
        await super()._answer(request, writer)

    def _start(self) -> None:
        self._database.start()
        self.started.set()


@pytest.mark.slow
def test_nobody_has_to_wait_for_a_database_that_does_not_come_back(tmp_path: Path) -> None:
    written(tmp_path, 2)
    with running_server() as database, StoppingServer(database) as model:
        process = start(tmp_path, *arguments(database.place(tmp_path), model))
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        while "does not answer" not in said:
            said = process.stderr.readline().decode()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate()
        database.start()
    assert process.returncode == ExitCode.INTERRUPTED, rest.decode()
    assert b"Traceback" not in rest


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 4])
def test_a_database_that_is_away_for_five_seconds_costs_no_answer(tmp_path: Path, at: int) -> None:
    written(tmp_path, 6)
    with running_server() as database, CrashingServer(database, at) as model:
        place = database.place(tmp_path)
        ended = run(tmp_path, *arguments(place, model))
        assert model.started.is_set()
        assert ended.code == 0, ended.err
        assert "the memory postgresql://" in ended.err
        assert "does not answer" in ended.err
        assert max(Counter(model.asked).values()) == 1
        asked = len(model.asked)
        again = run(tmp_path, *arguments(place, model))
        assert (again.code, len(model.asked)) == (0, asked)
    assert len(outputs(tmp_path)) == 6
