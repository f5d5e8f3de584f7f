"""Several processes on one season: they divide the work by claims, whoever is killed, on either database."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postgres import frozen, needs_root, running_server
from program import environment, run, start
from seasons import no_claim_is_left
from server import MisbehavingServer
from weekly_translate.errors import ExitCode, StorageError
from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import run_issues, run_setup
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
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
    """Stops the database as a request comes in, and answers the one before it after that."""

    def __init__(self, database: Server, at: int) -> None:
        super().__init__()
        self._database = database
        self._at = at
        self._come = 0
        self._is_stopped = asyncio.Event()

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        if self._come == self._at:
            self._database.stop()
            self._is_stopped.set()
        if self._come == self._at - 1:
            await self._is_stopped.wait()
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
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGTERM, ExitCode.INTERRUPTED),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
@pytest.mark.parametrize("at", [1, 3])
def test_who_ends_a_run_that_waits_for_a_database_loses_nothing(
    tmp_path: Path, number: signal.Signals, code: int, at: int
) -> None:
    """By Ctrl-C, kill or kill -9: what was in flight when the database went has come in and is in a file."""
    written(tmp_path, 6)
    with running_server() as database, StoppingServer(database, at) as model:
        place = database.place(tmp_path)
        process = start(tmp_path, *arguments(place, model))
        assert process.stderr is not None
        lines = iter(process.stderr.readline, b"")
        assert any(b"does not answer" in line and b"what has come since is in" in line for line in lines)
        process.send_signal(number)
        _, rest = process.communicate()
        assert (process.returncode, b"Traceback" in rest) == (code, False), rest.decode()
        database.start()
        again = run(tmp_path, *arguments(place, model))
        assert again.code == 0, again.err
        assert "has kept while the memory was away is in the memory now" in again.err
        assert Counter(model.asked).most_common(1)[0][1] == 1
        assert len(model.asked) == 6 * (LINES + 1)
    assert list((tmp_path / ".local/share/weekly-translate").iterdir()) == []
    assert len(outputs(tmp_path)) == 6


class FreezingServer(MisbehavingServer):
    """Freezes the database as a request comes in, and says so."""

    def __init__(self, place: MemoryServer, at: int, *, postmaster: bool) -> None:
        super().__init__()
        self.thaw = ExitStack()
        self.is_frozen = threading.Event()
        self._frozen = frozen(place, postmaster=postmaster)
        self._at = at
        self._come = 0

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self._come += 1
        if self._come == self._at:
            self.thaw.enter_context(self._frozen)
            self.is_frozen.set()
        await super()._answer(request, writer)


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("postmaster", [True, False])
@pytest.mark.parametrize("at", [1, 3])
def test_ctrl_c_ends_a_run_whose_database_is_frozen(tmp_path: Path, at: int, *, postmaster: bool) -> None:
    """With nothing paid lost. Without the database's own limit of a minute, which nobody waits for here."""
    written(tmp_path, 6)
    with running_server() as database:
        place = database.place(tmp_path)
        with FreezingServer(place, at, postmaster=postmaster) as model, model.thaw:
            process = start(tmp_path, *arguments(place, model))
            model.is_frozen.wait()
            process.send_signal(signal.SIGINT)
            said = process.communicate()[1].decode()
            assert (process.returncode, "Traceback" in said) == (ExitCode.INTERRUPTED, False), said
            asked = len(model.asked)
        with MisbehavingServer() as rest:
            again = run(tmp_path, *arguments(place, rest))
        assert again.code == 0, again.err
        assert asked + len(rest.asked) == 6 * (LINES + 1)
    assert len(outputs(tmp_path)) == 6


@pytest.mark.slow
def test_a_season_whose_database_stays_away_ends_as_with_a_lost_memory(tmp_path: Path) -> None:
    """It says where the answers are; the next season asks for the others only."""
    written(tmp_path, 6)
    with running_server() as database, StoppingServer(database, 3) as model:
        place = replace(database.place(tmp_path), unsent=tmp_path / "own", patience=0)
        options = SettingsOptions(
            base_url=model.url, model="fake", edition="none", jobs=JOBS, proofread=False
        )
        settings = replace(settings_from(options, environment(tmp_path)), memory=place)
        orders = [Order(path, tmp_path / path.name) for path in sorted((tmp_path / "zh").iterdir())]
        with run_setup(settings) as setup:
            end = run_issues(orders, setup.data, setup.engine, lambda _: None, publisher=setup.publisher)
        assert isinstance(end.failure, StorageError)
        assert f"was paid since is in {tmp_path / 'own'}/unsent-" in str(end.failure)
        database.start()
        with run_setup(settings) as setup:
            end = run_issues(orders, setup.data, setup.engine, lambda _: None, publisher=setup.publisher)
        assert end.failure is None
        assert Counter(model.asked).most_common(1)[0][1] == 1
    assert list((tmp_path / "own").iterdir()) == []
    assert len(outputs(tmp_path, ".")) == 6


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
