from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

GOALS = {("--version",): 50, ("--help",): 150, ("translate", "--help"): 300}
"""Milliseconds that a person may wait for an answer that needs no work."""
_TIMES = 11


def starting() -> Iterator[Row]:
    """How long the program takes to say something that needs no work, and that it loads no client for it."""
    yield Row("python, doing nothing", f"{_milliseconds(['-c', '']):.0f} ms")
    for arguments, goal in GOALS.items():
        command = ["-m", "weekly_translate.cli", *arguments]
        taken = _milliseconds(command)
        what = f"weekly-translate {' '.join(arguments)}"
        yield Row(what, f"{taken:.0f} ms (median of {_TIMES})", f"<= {goal} ms", taken <= goal)
        loaded = "openai" in _imported(command)
        yield Row("  loads openai", "yes" if loaded else "no", "no", not loaded)


def _milliseconds(arguments: list[str]) -> float:
    times = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)  # noqa: S603 - our own
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def _imported(arguments: list[str]) -> set[str]:
    """The names of all modules that a command imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    return {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
