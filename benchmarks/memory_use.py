from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.serving import local_server
from benchmarks.texts import ROOT, compilation, sample, season

if TYPE_CHECKING:
    from collections.abc import Iterator

_JOBS, _MOST = 16, 200
"""Requests at a time of a season, and the megabytes that it may take."""
_LAUNCHER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A small process in between: a child is charged with the memory of the one that starts it."""


def memory_use() -> Iterator[Row]:
    """How much memory a run of the program takes at its peak."""
    with local_server() as url:
        engines = {"draft": ["--engine=draft"], "openai": ["--engine=openai", f"--base-url={url}"]}
        for text in (sample(), compilation()):
            for engine, options in engines.items():
                megabytes = _peak([text.content], options)
                yield Row(f"peak memory of {text.name}, {engine}", f"{megabytes:.0f} MB")
        texts = [path.read_text("utf-8") for path in season()]
        megabytes = _peak(texts, [*engines["openai"], f"--jobs={_JOBS}"])
        yield Row("peak memory of a season", f"{megabytes:.0f} MB", f"< {_MOST} MB", megabytes < _MOST)


def _peak(texts: list[str], options: list[str]) -> float:
    """In megabytes, of one text, or of many as a season."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            Path(folder, f"issue-{number}.md").write_text(text, encoding="utf-8", newline="")
        command = ["season", folder] if len(texts) > 1 else [f"{folder}/issue-0.md"]
        output = f"{folder}/en" if len(texts) > 1 else f"{folder}/out.md"
        files = [*command, f"--output={output}", f"--memory={folder}/memory.db"]
        program = ["-m", "weekly_translate", *files, *options, "--allow-partial", "--quiet"]
        launcher = [sys.executable, "-c", _LAUNCHER, sys.executable, *program]
        told = subprocess.run(launcher, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    unit = 1 if sys.platform == "darwin" else 1024
    return int(told.stdout) * unit / 1e6
