"""The program as a person starts it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import weekly_translate

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "sk-test-0123456"
"""Long enough to be masked, too short to be taken for a real one."""


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
    base["XDG_CACHE_HOME"] = os.devnull  # no vocabulary is unpacked: token counts are estimates
    return {name: value for name, value in {**base, **(more or {})}.items() if value is not None}


def run(folder: Path, *arguments: str | Path, **more: str | None) -> Ended:
    """Run to the end in `folder`; keywords are environment variables."""
    ended = subprocess.run(
        command(*arguments), cwd=folder, env=environment(folder, more), capture_output=True, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "replace"))


def start(
    folder: Path, *arguments: str | Path, before: tuple[str, ...] = (), **more: str | None
) -> subprocess.Popen[bytes]:
    """Start in `folder`, by the command `before` it, and go on; what it writes is in its pipes."""
    return subprocess.Popen(
        [*before, *command(*arguments)],
        cwd=folder,
        env=environment(folder, more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
