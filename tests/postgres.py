"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, gone with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.translation_memory import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
_PATH = os.pathsep.join([*map(str, reversed(_DEBIAN)), os.environ["PATH"]])
_OPTIONS = "-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
_NUMBERS = count(1)
_TEMPLATE = "empty_memory"
_TRIES = 40


class Server:
    """A running server, with a database for each memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self._data = folder / "data"
        self._has_template = False
        self.is_running = False
        self._run("initdb", "--no-sync", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        """After a crash, the sessions of before may hold its memory for a moment."""
        options = _OPTIONS.format(folder=self.folder)
        for _ in range(_TRIES):
            try:
                self._run(
                    "pg_ctl", "start", "--wait", "--silent", "--log", str(self.log), "--options", options
                )
            except AssertionError as error:
                failure = error
            else:
                self.is_running = True
                return
        raise failure

    def stop(self) -> None:
        """Like a crash: nothing is written to the end, and no session is asked."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate")
        self.is_running = False

    def url(self, database: str = "postgres", *, more: str = "") -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder))}{more}"

    def place(self, folder: Path) -> MemoryServer:
        """An empty memory for the project in a folder: a copy of one, for its tables take longer to make."""
        if not self._has_template:
            self._has_template = True
            self.psql(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
            open_memory(MemoryServer(self.url(_TEMPLATE), folder), now=str).close()
        name = f"memory_{next(_NUMBERS)}"
        self.psql(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return MemoryServer(self.url(name), folder)

    def new_place(self, folder: Path) -> MemoryServer:
        """Where there are no tables yet: a schema in the one database."""
        schema = f"memory_{next(_NUMBERS)}"
        self.psql(f"CREATE SCHEMA {schema}")
        return MemoryServer(self.url(more=f"&options=-csearch_path%3D{schema}"), folder)

    def psql(self, query: str) -> str:
        ended = subprocess.run(
            [*_as_somebody(), _program("psql"), "-XAtq", self.url(), "-c", query],
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    def _run(self, name: str, *arguments: str) -> None:
        command = [*_as_somebody(), _program(name), *arguments, "-D", str(self._data)]
        ended = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        assert not ended.returncode, ended.stderr.decode()


@contextmanager
def running_server() -> Iterator[Server]:
    """A server while the block lasts; skips the test that wants one where PostgreSQL is not installed."""
    if _program("initdb") is None or _program("psql") is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    # A socket has at most 107 characters: pytest's folders are too deep.
    with tempfile.TemporaryDirectory(prefix="wt-pg-") as name:
        folder = Path(name)
        if _as_somebody():
            shutil.chown(folder, "postgres")
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()


needs_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root may stop the processes of another user"
)


@contextmanager
def frozen(place: MemoryServer, *, postmaster: bool = False) -> Iterator[None]:
    """The sessions of a memory are stopped while the block lasts, and perhaps the server as well."""
    import psycopg  # noqa: PLC0415 - the extra `postgres`

    with psycopg.connect(place.url) as other:
        found = other.execute(
            "SELECT pid, current_setting('data_directory') FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    first = [Path(folder, "postmaster.pid").read_text().split()[0] for _, folder in found[:1] if postmaster]
    stopped = [int(pid) for pid in (*first, *(pid for pid, _ in found))]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _program(name: str) -> str:
    return shutil.which(name, path=_PATH)  # type: ignore[return-value]  # `running_server` has looked


def _as_somebody() -> list[str]:
    """PostgreSQL does not run as root: Debian's package has made a user for it."""
    return ["runuser", "-u", "postgres", "--"] if os.name == "posix" and os.geteuid() == 0 else []


if __name__ == "__main__":  # for the benchmarks: the address, until the standard input ends
    with running_server() as one:
        sys.stdout.write(f"{one.url()}\n")
        sys.stdout.flush()
        sys.stdin.read()
