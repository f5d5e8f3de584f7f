"""Processes of the program that need not load it first: each is forked from one that has.

`python tests/forking.py` is that one. It is told what to start by a socket, its standard input, and takes the
streams of the new process from there. A keeper between the two waits for the end of the process and tells it.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self, TextIO

from weekly_translate.cli import main
from weekly_translate.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LOADED = (
    "openai",
    *(f"weekly_translate.{name}" for name in ("run.runner", "markdown.positions", "yaml_text")),
)
"""What the program loads only where it needs it."""
_MOST = 1 << 20
"""Bytes of a line that says what is to be started."""


class Forked:
    """A running process, as `subprocess.Popen` has it."""

    def __init__(self, told: IO[bytes], stdout: IO[bytes] | None, stderr: IO[bytes] | None) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.returncode: int | None = None
        self._told = told
        self.pid = int(told.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()

    def send_signal(self, number: int) -> None:
        """Only to a process that is still there."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        """The exit code; negative is the number of the signal that ended it."""
        if self.returncode is None:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def communicate(self) -> tuple[bytes, bytes]:
        """All that it writes until it ends."""
        with ThreadPoolExecutor(1) as beside:
            err = beside.submit(_rest_of, self.stderr)
            out = _rest_of(self.stdout)
            self.wait()
            return out, err.result()


def _rest_of(stream: IO[bytes] | None) -> bytes:
    if stream is None or stream.closed:
        return b""
    with stream:
        return stream.read()


class Streams(NamedTuple):
    """Descriptors for a new process. What is not given is a pipe that is read here; as input, nothing."""

    stdin: int | None = None
    stdout: int | None = None
    stderr: int | None = None


def on_terminal(descriptor: int) -> Streams:
    """All of them are one terminal."""
    return Streams(descriptor, descriptor, descriptor)


def forked(
    folder: Path, arguments: Sequence[str | Path], variables: Mapping[str, str], streams: Streams
) -> Forked:
    """Start the program in `folder`."""
    words = [str(one) for one in arguments]
    order = json.dumps({"folder": str(folder), "arguments": words, "variables": dict(variables)})
    out, theirs_out = _pipe_or(streams.stdout)
    err, theirs_err = _pipe_or(streams.stderr)
    told, telling = os.pipe()
    with ExitStack() as closing, open(os.devnull, "rb") as nowhere:  # noqa: PTH123 - a device
        for given, made in ((streams.stdout, theirs_out), (streams.stderr, theirs_err), (None, telling)):
            if given is None:
                closing.callback(os.close, made)
        stdin = nowhere.fileno() if streams.stdin is None else streams.stdin
        given_away = [stdin, theirs_out, theirs_err, telling]
        socket.send_fds(_parent(), [order.encode() + b"\n"], given_away)
    return Forked(os.fdopen(told, "rb"), out, err)


def _pipe_or(given: int | None) -> tuple[IO[bytes] | None, int]:
    """The end that is read here, if any, and what the process gets."""
    if given is not None:
        return None, given
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), writing


@cache
def _parent() -> socket.socket:
    """A way to the process that has loaded the program; it ends when this one does."""
    ours, theirs = socket.socketpair()
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with theirs:
        process = subprocess.Popen([sys.executable, __file__], stdin=theirs.fileno(), env=variables)
    atexit.register(process.wait)
    atexit.register(ours.close)  # before that
    return ours


# --------------------------------------------------------------------------- where the program is loaded


def _serve() -> None:
    """Fork whatever is asked for, until nobody can ask any more."""
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=0) as orders:
        while True:
            line, streams, *_ = socket.recv_fds(orders, _MOST, 4)
            while line and not line.endswith(b"\n"):
                line += orders.recv(_MOST)
            if not line:
                break
            if not os.fork():
                os._exit(_kept(json.loads(line), streams))
            for stream in streams:
                os.close(stream)
    with suppress(ChildProcessError):  # no keeper is left
        while True:
            os.wait()


def _kept(order: dict[str, Any], descriptors: list[int]) -> int:
    """Start what is asked for, say its number, and when it has ended, how."""
    *streams, told = descriptors
    child = os.fork()
    if not child:
        os.close(told)
        os._exit(_ended(order, streams))
    for stream in streams:
        os.close(stream)
    os.write(told, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    return 0


def _ended(order: dict[str, Any], streams: list[int]) -> int:
    """The exit code of the program in this process, which looks as if it had just been started."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if os.isatty(0):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # Ctrl-C on this terminal is for this process
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["variables"])
    sys.argv = ["weekly-translate", *order["arguments"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - descriptors, until the end
    sys.stdout = _stream(1, "surrogateescape", at_once=os.isatty(1))
    sys.stderr = _stream(2, "backslashreplace", at_once=True)
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown as Python does
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _stream(number: int, errors: str, *, at_once: bool) -> TextIO:
    return open(number, "w", encoding="utf-8", errors=errors, buffering=1 if at_once else -1, closefd=False)


if __name__ == "__main__":
    for name in _LOADED:
        import_module(name)
    program("translate", "season", "review", "check", "proofread")
    _serve()
