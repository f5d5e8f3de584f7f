"""Whatever ends a season, at any event: nothing paid is lost, no file is torn, the bytes are the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import struck_seasons
from program import environment
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a run is forked from the test")
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has it: nobody waits for a disk


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as place:
        yield Path(place)


def struck(folder: Path, how: str, step: int, *more: str) -> list[dict[str, Any]]:
    script = Path(struck_seasons.__file__)
    path = os.pathsep.join([environment(folder)["PYTHONPATH"], str(script.parent)])
    ended = subprocess.run(
        [sys.executable, str(script), str(folder), how, str(step), *more],
        env=environment(folder, {"PYTHONPATH": path}),
        capture_output=True,
        check=False,
    )
    assert not ended.returncode, ended.stderr.decode()
    return [json.loads(line) for line in ended.stdout.splitlines()]


ON_A_SERVER = (struck_seasons.ON_A_SERVER,)


@pytest.mark.parametrize(
    ("how", "step", "where"),
    [
        *(("kill", 37, ()), ("full", 23, ()), ("read", 61, ())),
        *(pytest.param(how, 1, (), marks=pytest.mark.slow) for how in ("kill", "full", "memory", "read")),
        *(pytest.param(how, 29, ON_A_SERVER, marks=pytest.mark.slow) for how in ("kill", "read")),
    ],
)
def test_a_season_that_ends_at_any_event_is_resumed_to_the_same_bytes(
    folder: Path, how: str, step: int, where: tuple[str, ...]
) -> None:
    """Of a server, what is sent to it is an event; a disk that is full is that of a file."""
    runs = struck(folder, how, step, *where)
    assert len(runs) > 2
    assert [run for run in runs if run["torn"]] == []
    assert [run for run in runs if run["again"] != ExitCode.DONE or not run["same"]] == []
    assert [run for run in runs if run["repeated"] > struck_seasons.JOBS] == []
    assert [run for run in runs if run["third"]] == []
    codes = {run["code"] for run in runs}
    if how in ("kill", "read"):
        assert codes == {-signal.SIGKILL}
    else:
        assert codes <= {ExitCode.DONE, ExitCode.PARTIAL, ExitCode.STORAGE}
        assert ExitCode.STORAGE in codes
        told = [run["err"] for run in runs if run["code"] == ExitCode.STORAGE]
        assert [err for err in told if "no space left" not in err.lower()] == []
