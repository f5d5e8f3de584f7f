"""What is recorded: scenes, each a folder with some files in which commands are run one after the other."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server import Fault, MisbehavingServer

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
CASES = ROOT / "tests" / "cases"
FAKE = "--base-url {url} --model fake-70b --jobs 1"
"""One request at a time, so that their order says something."""

Content = Path | str | bytes


class Place(NamedTuple):
    """Where a scene is played."""

    folder: Path
    server: MisbehavingServer


@dataclass(frozen=True)
class Run:
    """A command as it is typed behind `weekly-translate`, with `NAME=value` for the environment before it."""

    line: str
    typed: str = ""
    tty: bool = False
    """Its outputs are a terminal."""
    interrupted: bool = False
    """Ctrl-C as soon as the server has been asked."""
    serves: bool = False
    """It serves a review until Ctrl-C, and a browser looks at it."""


@dataclass(frozen=True)
class Do:
    """What happens between two commands."""

    said: str
    do: Callable[[Place], object]


@dataclass(frozen=True)
class Scene:
    """`files` are put into the folder first: copies of files or folders, or texts."""

    name: str
    steps: tuple[str | Run | Do, ...]
    files: Mapping[str, Content] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    together: bool = False
    """Several requests at a time: nothing is told about their order."""


def scene(
    name: str,
    files: Mapping[str, Content],
    *steps: str | Run | Do,
    faults: tuple[Fault, ...] = (),
    together: bool = False,
) -> Scene:
    """A scene, written with its steps last."""
    return Scene(name, steps, files, faults, together)


def put(name: str, content: Content) -> Do:
    """A file or folder appears, or becomes another."""
    return Do(f"put {name}", lambda place: put_into(place.folder, name, content))


def replaced(name: str, old: str, new: str) -> Do:
    """Somebody edits a file."""

    def do(place: Place) -> None:
        path = place.folder / name
        before = path.read_bytes()
        assert old.encode() in before, f"{name} lacks {old}"
        path.write_bytes(before.replace(old.encode(), new.encode(), 1))

    return Do(f"in {name}: {old!r} becomes {new!r}", do)


def put_into(folder: Path, name: str, content: Content) -> None:
    """A copy or a text in a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path) and content.is_dir():
        shutil.copytree(content, path, dirs_exist_ok=True)
    else:
        data = content.read_bytes() if isinstance(content, Path) else content
        path.write_bytes(data.encode() if isinstance(data, str) else data)
