"""Every test runs without a key and without a network; Hypothesis repeats itself in CI."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from postgres import running_server
from program import memory_place
from reviewing import filled
from server import MisbehavingServer
from weekly_translate.memory.database import is_server
from weekly_translate.memory.exchange import copy
from weekly_translate.memory.translation_memory import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres import Server
    from weekly_translate.memory.database import MemoryServer

SETTINGS_OF_A_USER = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "WEEKLY_TRANSLATE_MODEL",
    "WEEKLY_TRANSLATE_MEMORY",
)
LOOPBACK = ("127.", "localhost", "::1")

# SQLite waits for the disk at each answer that it stores. The tests need not: their folders lie in memory.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has it
if (
    IN_MEMORY.is_dir()
    and not os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC
    and shutil.disk_usage(IN_MEMORY).free > 2**30
):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

# As the program does: it takes long to look through all objects over and over.
gc.set_threshold(100_000, 50, 100)

# A job that a shell puts into the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

for name in SETTINGS_OF_A_USER:
    os.environ.pop(name, None)

# How long an example takes says something about the machine, not about the code.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _stay_on_this_machine(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        raise AssertionError(f"a test wants to connect to {address[0]}: tests stay on this machine")


sys.addaudithook(_stay_on_this_machine)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Chromium takes a fifth of the time of all tests."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as faultless:
        yield faultless


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | MemoryServer:
    """Where a new memory may be, in each kind of database."""
    if request.param == "sqlite":
        return tmp_path / ".weekly-translate/memory.db"
    server: Server = request.getfixturevalue("postgres")
    return server.place(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def either_database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What a test of the program remembers is once in a file and once on a server: see `memory_place`."""
    name = "memory.db"
    if request.param == "postgresql":
        started: Server = request.getfixturevalue("postgres")
        name = started.place(tmp_path).url
    monkeypatch.setenv("WEEKLY_TRANSLATE_MEMORY", name)
    monkeypatch.chdir(tmp_path)  # a name in the environment is that of a file in the current folder
    yield
    assert not is_server(name) or not (tmp_path / ".weekly-translate/memory.db").exists()


@pytest.fixture(scope="session")
def translated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("translated"))


@pytest.fixture
def translated_issue(translated_folder: Path, tmp_path: Path) -> Path:
    """A folder with an issue and its memory, before anybody has decided anything."""
    shutil.copy(translated_folder / "issue.md", tmp_path)
    made, place = translated_folder / "memory.db", memory_place(tmp_path)
    if isinstance(place, Path):
        shutil.copy(made, place)
        return tmp_path
    with open_memory(made, now=str) as one, open_memory(place, now=str) as other:
        copy(one.database, other.database)
    return tmp_path
