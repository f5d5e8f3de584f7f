"""`python -m tests.record FOLDER [--against OTHER]`."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from . import checking, corpus, refusals, seasons, translating, upkeep
from .running import played
from .scenes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_MOST = 60
"""So many lines of a difference are shown."""


def main() -> int:
    """Record, and compare; 1 if something differs."""
    # A job in the background ignores Ctrl-C, and so would the programs that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = argparse.ArgumentParser(prog="python -m tests.record")
    options.add_argument("folder", type=Path, help="where the record goes; one that is there is replaced")
    options.add_argument("--against", type=Path, metavar="OTHER", help="a record to compare with")
    options.add_argument("--only", default="", help="scenes whose name contains this")
    options.add_argument("--jobs", type=int, default=2, help="scenes at a time (2)")
    options.add_argument("--missing", action="store_true", help="only scenes that the record lacks")
    options.add_argument("--no-run", action="store_true", help="compare two records that are there")
    options.add_argument(
        "--corpus",
        type=Path,
        default=Path(os.environ.get("RECORD_CORPUS", ROOT.parent / "shared" / "corpus")),
        help="real issues (RECORD_CORPUS, or ../shared/corpus)",
    )
    chosen = options.parse_args()
    if not chosen.no_run:
        scenes = _scenes(chosen.corpus, chosen.only)
        if chosen.missing:
            scenes = [one for one in scenes if not (chosen.folder / f"{one.name}.txt").exists()]
        _record(chosen.folder, scenes, chosen.jobs)
    if chosen.against is None:
        return 0
    names = sorted(_names(chosen.folder, chosen.only) | _names(chosen.against, chosen.only))
    different = sum(_differ(chosen.against / name, chosen.folder / name, name) for name in names)
    sys.stdout.write(f"{len(names)} files of the record, {different} different\n")
    return int(different > 0)


def _scenes(folder: Path, only: str) -> list[Scene]:
    """Those of the corpus first: they take longest."""
    parts = (
        corpus.scenes(folder),
        *(one.scenes() for one in (seasons, checking, upkeep, refusals, translating)),
    )
    return [scene for part in parts for scene in part if only in scene.name]


def _record(folder: Path, scenes: list[Scene], jobs: int) -> None:
    begun = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")  # real issues belong to others
    with ThreadPoolExecutor(jobs) as workers:
        futures = [workers.submit(_kept, folder, scene) for scene in scenes]
        for number, (scene, future) in enumerate(zip(scenes, futures, strict=True), start=1):
            failed = future.exception()
            said = f"{scene.name} failed: {failed!r}\n" if failed else future.result()
            sys.stderr.write(f"\r{number}/{len(scenes)} {said:<60}")
    sys.stderr.write(f"\r{len(scenes)} scenes in {time.monotonic() - begun:.0f} seconds{'':<60}\n")


def _kept(folder: Path, scene: Scene) -> str:
    """The name of a scene whose record has been written."""
    begun = time.monotonic()
    result = played(scene)
    for name, content in {
        f"{scene.name}.txt": result.text,
        **{f"prompts/{digest}.txt": prompt.encode() for digest, prompt in result.prompts.items()},
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return f"{scene.name} ({time.monotonic() - begun:.1f} s)"


def _names(folder: Path, only: str) -> set[str]:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
    return {name for name in names if only in name and not (only and name.startswith("prompts/"))}


def _differ(before: Path, after: Path, name: str) -> bool:
    """Show how a file of two records differs, if it does."""
    texts = [_text(path) for path in (before, after)]
    if texts[0] == texts[1]:
        return False
    sys.stdout.writelines(_shown([text.split("\n") for text in texts], name))
    return True


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "backslashreplace") if path.exists() else ""


def _shown(texts: list[list[str]], name: str) -> Iterator[str]:
    """The beginning of a diff, below each hunk the command that it belongs to."""
    before, after = texts
    lines = list(difflib.unified_diff(before, after, f"before/{name}", f"after/{name}", lineterm=""))
    for line in lines[:_MOST]:
        command = _command_above(after, line) if line.startswith("@@") else ""
        yield f"{line}{command}\n".encode("utf-8", "backslashreplace").decode()
    if len(lines) > _MOST:
        yield f"... and {len(lines) - _MOST} more lines\n"


def _command_above(lines: list[str], hunk: str) -> str:
    place = int(hunk.partition("+")[2].partition(",")[0].partition(" ")[0])
    return next((f" {line}" for line in reversed(lines[: place + 3]) if line.startswith("=== ")), "")


if __name__ == "__main__":
    sys.exit(main())
