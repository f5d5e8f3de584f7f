"""Playing a scene: every command is a process, and all that it does becomes one text."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from server import MisbehavingServer

from .browsing import browsed
from .scenes import ROOT, Do, Place, Run, put_into
from .state import File, settled, shown, snapshot

if TYPE_CHECKING:
    from server import Recorded

    from .scenes import Scene

FRESH = {
    "help",
    "init",
    "check/fix",
    "review/small",
    "translate/settings",
    "translate/dry-run",
    "season/budget",
}
"""The scenes whose commands all start from nothing, as a person starts them."""
LONGEST = 240.0
"""Seconds for one command."""
_SOURCES = ROOT / "src"
_MODULE = (
    "weekly_translate" if (_SOURCES / "weekly_translate" / "__main__.py").exists() else "weekly_translate.cli"
)


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: bytes


@dataclass
class Played:
    """What came of a scene so far."""

    text: bytes = b""
    prompts: dict[str, str] = field(default_factory=dict)
    """The system messages that it sent, by their digests."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What changed files held when they were shown last."""


def played(scene: Scene) -> Played:
    """Play a scene in a folder of its own."""
    so_far = Played()
    with (
        tempfile.TemporaryDirectory(prefix="record-") as place_of_all,
        MisbehavingServer(*scene.faults) as server,
    ):
        folder = Path(place_of_all).resolve() / "work"
        folder.mkdir()
        place = Place(folder, server)
        for name, content in scene.files.items():
            put_into(folder, name, content)
        for step in scene.steps:
            so_far.text += _step(step, place, so_far, scene)
        so_far.text = settled(so_far.text, folder)
    return so_far


def _step(step: str | Run | Do, place: Place, so_far: Played, scene: Scene) -> bytes:
    if isinstance(step, Do):
        step.do(place)
        return f"=== {step.said}\n\n".encode()
    run = Run(step) if isinstance(step, str) else step
    before, asked = snapshot(place.folder), len(place.server.requests)
    uploaded = len(place.server.batches.names)
    ended, ordered = _ended(run, place, fresh=scene.name in FRESH), not scene.together
    parts = [f"=== {run.line}\nexit {ended.code}\n".encode()]
    parts += [_section(name, content) for name, content in (("stdout", ended.out), ("stderr", ended.err))]
    parts += _changes(before, place.folder, so_far.files, ordered=ordered)
    sent = [_sent(one, so_far.prompts) for one in place.server.requests[asked:]]
    parts += [_section("request", one) for one in (sent if ordered else sorted(sent))]
    stored = place.server.batches
    parts += [
        _section(f"upload {stored.names[one]}", stored.files[one]) for one in list(stored.names)[uploaded:]
    ]
    return b"".join([*parts, b"\n"])


def _section(name: str, content: bytes) -> bytes:
    if not content:
        return b""
    end = b"" if content.endswith(b"\n") else b"\n(no line break)\n"
    return f"--- {name}\n".encode() + content + end


def _changes(before: dict[str, File], folder: Path, known: dict[str, bytes], *, ordered: bool) -> list[bytes]:
    after = snapshot(folder)
    parts = [f"--- gone: {name}\n".encode() for name in sorted(before.keys() - after.keys())]
    for name, file in after.items():
        if before.get(name) != file:
            content = shown(folder / name, file.content, ordered=ordered)
            if content != file.content and content == known.get(name):
                continue  # a memory that holds what it held
            known[name] = content
            parts.append(_section(f"file {name} ({file.mode})", content or b"(empty)"))
    return parts


def _sent(request: Recorded, prompts: dict[str, str]) -> bytes:
    """A request line by line; its system message is kept once for all scenes."""
    lines = []
    for message in request.body["messages"]:
        content = message["content"]
        if message["role"] == "system":
            digest = sha256(content.encode()).hexdigest()[:16]
            prompts[digest] = content
            content = f"prompts/{digest}.txt"
        lines.append(f"[{message['role']}] {content}")
    rest = {name: value for name, value in request.body.items() if name != "messages"}
    key = request.headers.get("authorization", "no key")
    return "\n".join([key, json.dumps(rest, ensure_ascii=False), *lines, ""]).encode("utf-8", "replace")


# --------------------------------------------------------------------------- processes


def _ended(run: Run, place: Place, *, fresh: bool) -> Ended:
    words = shlex.split(run.line.replace("{url}", place.server.url))
    variables = 0
    while words[variables : variables + 1] and words[variables].partition("=")[0].isupper():
        variables += 1
    extra = dict(word.split("=", 1) for word in words[:variables])
    environment = {**_environment(place.folder), **extra}
    if not (fresh or run.tty or run.interrupted or run.serves):
        return _from_loaded(run, words[variables:], environment, place.folder)
    command = [sys.executable, "-m", _MODULE, *words[variables:]]
    if run.tty:
        return _on_terminal(command, environment, place.folder)
    return _from_nothing(command, environment, run, place)


def _from_loaded(run: Run, arguments: list[str], environment: dict[str, str], folder: Path) -> Ended:
    """Run in a copy of a process that has loaded the program."""
    beside = folder.parent
    names = {name: str(beside / name) for name in ("stdin", "stdout", "stderr")}
    put_into(beside, "stdin", run.typed)
    for name in ("stdout", "stderr"):
        put_into(beside, name, "")
    order = {"arguments": arguments, "environment": environment, "folder": str(folder), "module": _MODULE}
    code = _loaded().run({**order, **names})
    return Ended(code, *((beside / name).read_bytes() for name in ("stdout", "stderr")))


class _Loaded:
    """The process of `starter`; each thread has its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("starter.py")],
            env=_environment(ROOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, order: dict[str, object]) -> int:
        """The exit code of a command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


_of_thread = threading.local()


def _loaded() -> _Loaded:
    if not hasattr(_of_thread, "loaded"):
        _of_thread.loaded = _Loaded()
    loaded: _Loaded = _of_thread.loaded
    return loaded


def _from_nothing(command: list[str], environment: dict[str, str], run: Run, place: Place) -> Ended:
    """Run as a person starts it."""
    process = subprocess.Popen(
        command,
        cwd=place.folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    seen = b""
    if run.interrupted:
        _wait_for_request(place, process)
        process.send_signal(signal.SIGINT)
    if run.serves:
        seen = browsed(process)
        process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(run.typed.encode(), timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += b"(killed: it took too long)\n"
    return Ended(process.returncode, seen + out, err)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the person who records; no vocabulary is unpacked, so token counts are estimates."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LOGNAME": "ada",
        "LC_ALL": "C.UTF-8",
        "XDG_CACHE_HOME": os.devnull,
        "PYTHONPATH": str(_SOURCES),
    }


def _wait_for_request(place: Place, process: subprocess.Popen[bytes]) -> None:
    asked = len(place.server.requests)
    while len(place.server.requests) == asked and process.poll() is None:
        time.sleep(0.02)


def _on_terminal(command: list[str], environment: dict[str, str], folder: Path) -> Ended:
    """Run with a terminal of 80 columns for its outputs."""
    ours, theirs = pty.openpty()
    terminal = {"TERM": "xterm-256color", "PAGER": "cat", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, **terminal},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # nobody holds the other side any more
                break
            if not part:
                break
            said += part
        os.close(ours)
    return Ended(process.returncode, said, b"")
