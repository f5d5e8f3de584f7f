from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.rows import Row
from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = ("-m", "weekly_translate")
_YARDSTICK = ("-c", "import typer")
"""What a program with such a command line takes at least, on the machine that measures."""
_LIBRARIES_ALONE = """
import asyncio, gc
gc.set_threshold(300_000, 50, 100)
import typer

def main(base_url: str) -> None:
    import httpx2, openai, ssl
    async def ask() -> None:
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        http = openai.DefaultAsyncHttpx2Client(verify=verify, trust_env=False)
        client = openai.AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0, http_client=http)
        await client.post("/chat/completions", body={}, cast_to=httpx2.Response)
    asyncio.run(ask())

app = typer.Typer(rich_markup_mode=None)
app.command()(main)
app()
"""
"""A program that does nothing but ask: with the same command line and the same client as ours."""
_ROUNDS = 5
_LONGEST_WAIT = 60.0
"""Seconds after which a request that has not arrived never will."""
_SOURCE = "# 周刊\n\n本周的新闻，详见[这里](https://example.com/a)。\n"
_TARGET = "# Weekly\n\nThe news of this week, [here](https://example.com/a).\n"


class _Start(NamedTuple):
    """A command that is measured, and how many times the yardstick it may take."""

    what: str
    arguments: tuple[str, ...]
    goal: int
    until_request: bool = False
    """Whether it is stopped when its first request arrives."""


_SAMPLE = str(ROOT / "samples/full/source.md")
_ENGINE = ("--engine=openai", "--model=any")
_STARTS = (
    _Start("--help", ("--help",), 2),
    _Start("check of three lines", ("check", "zh.md", "en.md"), 6),
    _Start("--plan of the sample", (_SAMPLE, "--plan", *_ENGINE), 8),
    _Start("translation to its first request", (_SAMPLE, "-oout.md", *_ENGINE), 10, until_request=True),
)


def starting() -> Iterator[Row]:
    """The CPU seconds of short commands, compared with `import typer`: without a cache, and with a full one.

    Seconds of the CPU, unlike those of the clock, hardly depend on what else the machine does.
    """
    yield Row("python -c 'import typer'", f"{median(_yardsticks()):.3f} s CPU (median of {_ROUNDS})")
    for start in _STARTS:
        for cache in ("cold", "warm"):
            yield _row(start, cache)
    yield _libraries_row()


def _row(start: _Start, cache: str) -> Row:
    """Each run is compared with a yardstick of its own: a busy machine slows both."""
    ratios, taken = [], []
    with tempfile.TemporaryDirectory() as shared:
        if cache == "warm":
            _measured(start, shared)
        for _ in range(_ROUNDS):
            (yardstick,) = _yardsticks(1)
            with tempfile.TemporaryDirectory() as empty:
                taken.append(_measured(start, empty if cache == "cold" else shared))
            ratios.append(taken[-1] / yardstick)
    ratio = median(ratios)
    seconds = f"{median(taken):.3f} s CPU, {ratio:.1f} x import typer"
    return Row(f"{start.what}, {cache} cache", seconds, f"<= {start.goal} x", ratio <= start.goal)


def _libraries_row() -> Row:
    """What nothing of ours can change."""
    ratios, taken = [], []
    for _ in range(_ROUNDS):
        (yardstick,) = _yardsticks(1)
        with (
            tempfile.TemporaryDirectory() as folder,
            socket.create_server(("127.0.0.1", 0)) as server,
        ):
            url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
            process = _begin(("-c", _LIBRARIES_ALONE, url), folder, folder)
            _wait_for_request(server)
            process.kill()
            taken.append(_seconds_of(process, stopped=True))
        ratios.append(taken[-1] / yardstick)
    seconds = f"{median(taken):.3f} s CPU, {median(ratios):.1f} x import typer"
    return Row("of it typer, openai and its request alone", seconds)


def _yardsticks(rounds: int = _ROUNDS) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        return [_seconds_of(_begin(_YARDSTICK, folder, folder)) for _ in range(rounds)]


def _measured(start: _Start, cache: str) -> float:
    """The CPU seconds of one run in a folder of its own, which knows no memory."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        Path(folder, "zh.md").write_text(_SOURCE, encoding="utf-8")
        Path(folder, "en.md").write_text(_TARGET, encoding="utf-8")
        process = _begin((*_PROGRAM, *start.arguments), folder, cache, server.getsockname()[1])
        if start.until_request:
            _wait_for_request(server)
            process.kill()
        return _seconds_of(process, stopped=start.until_request)


def _begin(arguments: tuple[str, ...], folder: str, cache: str, port: int = 0) -> subprocess.Popen[bytes]:
    """Nothing of the person who measures is seen: no key, no settings, no cache but the one given."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    ours = {"HOME": folder, "XDG_CACHE_HOME": cache, "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1"}
    return subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, **ours},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for_request(server: socket.socket) -> None:
    """Returns as soon as a request for a completion begins to arrive. Raises `TimeoutError`."""
    server.settimeout(_LONGEST_WAIT)
    arrived = b""
    while not arrived.startswith(b"POST"):
        connection, _ = server.accept()
        with connection:
            arrived = connection.recv(1000)


def _seconds_of(process: subprocess.Popen[bytes], *, stopped: bool = False) -> float:
    """The seconds of user and system that a process has taken in all when it has ended."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if not stopped and process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return used.ru_utime + used.ru_stime
