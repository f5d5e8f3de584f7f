"""The servers of the tests, in processes of their own: they must not take our time or memory."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def local_server(latency: float = 0.0, per_token: float = 0.0, *, caches: bool = False) -> Iterator[str]:
    """The URL of a server that answers after `latency` and `per_token` seconds for each token it writes.

    One that `caches` charges the instructions, which all requests begin with, as a provider does.
    """
    command = [sys.executable, "-m", "tests.server", f"--latency={latency}", f"--per-token={per_token}"]
    command += ["--caches"] if caches else []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@contextmanager
def limited_server(per_minute: float, latency: float) -> Iterator[tuple[str, Callable[[], list[float]]]]:
    """The URL of a server that refuses more than so many requests in a minute, and what ends it.

    That gives how many requests have passed, in how many seconds, and how many were refused.
    """
    command = [sys.executable, "-m", "tests.server", f"--per-minute={per_minute}", f"--latency={latency}"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as server:  # type: ignore[call-overload]  # noqa: S603 - our own
        yield (
            server.stdout.readline().strip(),
            lambda: [float(number) for number in server.communicate()[0].split()],
        )


@contextmanager
def database_server() -> Iterator[str]:
    """The address of an empty database; empty where PostgreSQL is not installed."""
    command = [sys.executable, str(ROOT / "tests/postgres.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(  # noqa: S603 - our own
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
