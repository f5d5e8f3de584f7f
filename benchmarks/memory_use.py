from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.serving import local_server
from benchmarks.texts import ROOT, compilation, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.texts import Text

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
                megabytes = _peak(text, options)
                yield Row(f"peak memory of {text.name}, {engine}", f"{megabytes:.0f} MB")


def _peak(text: Text, options: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "issue.md")
        source.write_text(text.content, encoding="utf-8", newline="")
        files = [str(source), f"--output={folder}/out.md", f"--memory={folder}/memory.db"]
        program = ["-m", "weekly_translate.cli", *files, *options, "--allow-partial", "--quiet"]
        launcher = [sys.executable, "-c", _LAUNCHER, sys.executable, *program]
        told = subprocess.run(launcher, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    unit = 1 if sys.platform == "darwin" else 1024
    return int(told.stdout) * unit / 1e6
