"""The road of docs/ray_batch.py, where Ray is installed: python -m pytest -m slow tests/test_ray.py."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from program import environment, run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.memory.translation_memory import open_memory

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SCRIPT = Path(__file__).parents[1] / "docs" / "ray_batch.py"
_SIGNS = "山水风云花鸟鱼虫木石雨雪江河湖海树叶草竹松梅兰菊"
ISSUES = int(os.environ.get("RAY_TEST_REQUESTS", "3000"))
"""Each is one request."""


def workers_below(process: int) -> list[int]:
    """The processes below this one in which Ray runs a worker of the script."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(folder.name)] = (folder / "cmdline").read_text()
        except (OSError, ValueError):  # it has ended
            continue

    def is_below(one: int) -> bool:
        while one and one != process:
            one = parents.get(one, 0)
        return bool(one)

    return [one for one, name in names.items() if name.startswith("ray::MapWorker") and is_below(one)]


def test_a_batch_that_loses_a_worker_gives_the_memory_of_a_live_run(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    for number in range(ISSUES):
        # No text resembles another one: nothing waits, and nothing is looked for in what is remembered.
        words = ["".join(random.Random(f"{number} {side}").choices(_SIGNS, k=12)) for side in "ab"]  # noqa: S311
        text = "\n\n".join(f"{word}。\n" for word in words)
        (tmp_path / "zh" / f"{number}.md").write_text(text, "utf-8")
    with MisbehavingServer() as server:
        model = ("--model", "fake-7b")
        wanted = ("batch", "export", "requests.jsonl", "zh", "--for", "ray", *model, "--memory", "batch.db")
        assert run(tmp_path, *wanted).code == ExitCode.DONE
        asked = len((tmp_path / "requests.jsonl").read_text("utf-8").splitlines())
        killed = _answered_with_a_kill(tmp_path, server)
        assert killed, "no worker was there to be killed"
        assert ISSUES <= asked <= len(server.requests) <= asked + 64
        taken = ("batch", "import", "answers.jsonl", *model, "--memory", "batch.db", "--origin", "fake-7b")
        assert run(tmp_path, *taken).code == ExitCode.DONE
        live = ("season", "zh", "-o", "en", *model, "--base-url", server.url, "--memory", "live.db")
        assert run(tmp_path, *live, "--no-proofread").code == ExitCode.DONE
    kept = []
    for name in ("batch.db", "live.db"):
        with open_memory(tmp_path / name, now=str) as memory:
            kept.append({(entry.source, entry.target, entry.status) for entry in memory.entries()})
    assert kept[0] == kept[1]
    assert len(kept[0]) >= ISSUES


def _answered_with_a_kill(folder: Path, server: MisbehavingServer) -> bool:
    """Run the script, and kill one of its workers when a third of the requests have come."""
    command = [sys.executable, str(SCRIPT), "requests.jsonl", "answers.jsonl", "--url", server.url]
    killed = False
    with subprocess.Popen(command, cwd=folder, env=environment(folder)) as process:
        while process.poll() is None:
            if not killed and len(server.requests) > ISSUES // 3 and (workers := workers_below(process.pid)):
                os.kill(workers[0], signal.SIGKILL)
                killed = True
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    assert process.returncode == 0
    return killed
