from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES, GOAL = 4_000, 3.0
"""Lines of a pair, and seconds of the processor for the whole command."""


def checking() -> Iterator[Row]:
    """How long `check` takes for a season in one file: samples in a row, each with addresses of its own.

    Then the same without anything that a line is recognized by, which leaves its length.
    """
    chinese, english = (_in_a_row(name) for name in ("source.md", "en.md"))
    yield _row("with addresses and numbers", chinese, english)
    bare = re.sub(r"[^\u3400-\u9fff。，\n]", "", chinese), re.sub(r"[^A-Za-z., \n]", "", english)
    yield _row("words only", *bare)


def _in_a_row(name: str) -> str:
    sample = (ROOT / "samples/full" / name).read_text("utf-8")
    copies = LINES // sample.count("\n") + 1
    return "\n\n".join(sample.replace("://", f"://{copy}.") for copy in range(copies))


def _row(what: str, source: str, target: str) -> Row:
    lines = min(source.count("\n"), target.count("\n"))
    seconds = _seconds(source, target)
    return Row(f"check {lines:,} lines, {what}", f"{seconds:.2f} s", f"<= {GOAL:g} s", seconds <= GOAL)


def _seconds(source: str, target: str) -> float:
    """Of the processor, and so not of what else the machine does."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("zh.md", "en.md")]
        for file, text in zip(files, (source, target), strict=True):
            Path(file).write_text(text, "utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "weekly_translate", "check", *files, f"--project={ROOT}"]
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode in (0, 1)  # with or without findings
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
