"""The program as a person starts it, in a folder of its own.

`run` calls it within this process, which saves the second that Python takes to load it. Where a test needs a
process, for signals or a terminal, `start` forks one that has loaded it. Where a test is about the process
itself (its environment, its limits, its very end), `run_process` and `start_by` have Python make it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple, TextIO

import pytest

import weekly_translate
from forking import Forked, Streams, forked
from weekly_translate.cli import main
from weekly_translate.llm.tokens import VOCABULARIES
from weekly_translate.memory.database import MemoryServer, is_server
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "sk-test-0123456"
"""Long enough to be masked, too short to be taken for a real one."""


in_a_file = pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
"""For a test that is about the file of a memory: where it lies, what a disk does to it."""


class Ended(NamedTuple):
    """How a run ended, and what it wrote where."""

    code: int
    out: bytes
    err: str


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "weekly_translate", *map(str, arguments)]


def environment(home: Path, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Nothing of the person who runs the tests; `more` adds to it, None takes away."""
    package = Path(weekly_translate.__file__).parents[1]
    base = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(package)}
    base["WEEKLY_TRANSLATE_LOCAL_PORTS"] = ""  # whatever runs on this machine is no part of a test
    base["XDG_CACHE_HOME"] = cache_folder().name
    if memory := os.environ.get("WEEKLY_TRANSLATE_MEMORY"):
        base["WEEKLY_TRANSLATE_MEMORY"] = memory
    return {name: value for name, value in {**base, **(more or {})}.items() if value is not None}


def memory_place(folder: Path) -> Path | MemoryServer:
    """Where the program keeps its memory that runs in a folder, for tests with `either_database`."""
    name = os.environ.get("WEEKLY_TRANSLATE_MEMORY", "memory.db")
    return MemoryServer(name, folder) if is_server(name) else folder / name


@cache
def cache_folder() -> TemporaryDirectory[str]:
    """Holds the dictionary, and no vocabulary can be unpacked into it: token counts are estimates."""
    folder = TemporaryDirectory()
    for ranks in VOCABULARIES.values():
        Path(folder.name, "weekly-translate", ranks.file).mkdir(parents=True, exist_ok=True)
    AllSenses(Path(folder.name, "weekly-translate")).english_of("")
    return folder


def run(folder: Path, *arguments: str | Path, typed: str | None = None, **more: str | None) -> Ended:
    """Run to the end in `folder`; `typed` is the standard input, other keywords are environment variables.

    Within this process, unless they are meant for Python itself.
    """
    if any(name.startswith("PYTHON") for name in more):
        return run_process(folder, *arguments, **more)
    with TemporaryFile() as out, TemporaryFile() as err, ExitStack() as around:
        around.enter_context(chdir(folder))
        around.enter_context(_environment_of(environment(folder, more)))
        around.enter_context(_signals_as_before())
        around.enter_context(_arguments(*map(str, arguments)))
        around.enter_context(_input(typed))
        with (
            _stream(out, "surrogateescape") as stdout,
            _stream(err, "backslashreplace") as stderr,
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            code = _exit_code()
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read().decode("utf-8", "replace"))


def run_process(folder: Path, *arguments: str | Path, **more: str | None) -> Ended:
    """The same in a process of its own."""
    ended = subprocess.run(
        command(*arguments), cwd=folder, env=environment(folder, more), capture_output=True, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "replace"))


def start(folder: Path, *arguments: str | Path, **more: str | None) -> Forked:
    """Start in `folder`, and go on; what it writes is in its pipes."""
    return forked(folder, arguments, environment(folder, more), Streams())


def start_by(
    before: tuple[str, ...], folder: Path, *arguments: str | Path, **more: str | None
) -> subprocess.Popen[bytes]:
    """The same by Python itself, which the command `before` it may start."""
    return subprocess.Popen(
        [*before, *command(*arguments)],
        cwd=folder,
        env=environment(folder, more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


# --------------------------------------------------------------------------- what a process has to itself


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _stream(file: IO[bytes], errors: str) -> TextIO:
    """Writes to the file as a standard stream does where no locale is set, with a descriptor of its own."""
    return open(os.dup(file.fileno()), "w", encoding="utf-8", errors=errors)  # noqa: PTH123 - a descriptor


@contextmanager
def _arguments(*arguments: str) -> Iterator[None]:
    before, sys.argv = sys.argv, ["weekly-translate", *arguments]
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def _input(typed: str | None) -> Iterator[None]:
    before = sys.stdin
    if typed is not None:
        sys.stdin = TextIOWrapper(BytesIO(typed.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before


@contextmanager
def _environment_of(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _signals_as_before() -> Iterator[None]:
    """The program takes SIGTERM for Ctrl-C."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
