"""Which files a season is made of, and where the English of each goes."""

from __future__ import annotations

import re
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WILD = re.compile(r"[*?\[]")


class Chosen(NamedTuple):
    """A source, the file its English goes to, and its name: the path below the folder that was given."""

    name: str
    source: Path
    out: Path


def chosen_in(given: Sequence[str], out: Path) -> list[Chosen]:
    """The Markdown files of folders, the files, and what matches a pattern such as `docs/**/*.md`.

    What lies in the folder of the outputs is no source, unless the folder that was given lies there itself.
    Raises `UsageError` where there is nothing, where two sources would go to the same file, and where one
    would replace another.
    """
    outputs = Path(realpath(out))
    found: dict[Path, Chosen] = {}
    for text in given:
        here = list(_named(text, out, outputs))
        if not here:
            below = f"; '{text}/**/*.md' also takes the folders below" if Path(text).is_dir() else ""
            raise UsageError(
                f"There is no Markdown file in {text}: name a folder of issues, files or a pattern{below}."
            )
        for one in here:
            found.setdefault(Path(realpath(one.source)), one)
    chosen = sorted(found.values(), key=lambda one: one.name)
    _refuse_one_file_for_two(chosen)
    _refuse_to_replace_another(chosen)
    return chosen


def _named(text: str, out: Path, outputs: Path) -> Iterator[Chosen]:
    """The sources that one argument names. That one is its own output is refused later, with its name."""
    path = Path(text)
    if path.is_dir():
        files, base = sorted(path.glob("*.md")), path
    elif _WILD.search(text) and not path.exists():
        base = _fixed_part(path)
        files = sorted(base.glob(str(path.relative_to(base))))
    else:
        files, base = [path], path.parent
    base_is_inside = Path(realpath(base)).is_relative_to(outputs)
    for file in files:
        below = file.relative_to(base)
        wanted = file == path or (file.is_file() and not any(part.startswith(".") for part in below.parts))
        if wanted and (base_is_inside or not Path(realpath(file)).is_relative_to(outputs)):
            yield Chosen(below.as_posix(), file, _target(below, out, outputs))


def _fixed_part(pattern: Path) -> Path:
    """The folder above the first part with a wildcard."""
    fixed = Path(pattern.anchor)
    for part in pattern.parts[len(fixed.parts) : -1]:
        if _WILD.search(part):
            break
        fixed /= part
    return fixed


def _target(below: Path, out: Path, outputs: Path) -> Path:
    """Where an output goes: nowhere but below the folder, whatever links lie there (SEC-10)."""
    target = out / below
    if not Path(realpath(target.parent)).is_relative_to(outputs):
        raise UsageError(f"{target} lies outside of {out}, because of a link or `..`: name another folder.")
    return target


def _refuse_one_file_for_two(chosen: Iterable[Chosen]) -> None:
    """Some disks take names for one that differ only in case."""
    taken: dict[str, Chosen] = {}
    for one in chosen:
        other = taken.setdefault(normalize("NFC", str(one.out)).casefold(), one)
        if other is not one:
            raise UsageError(
                f"{other.source} and {one.source} would both become {one.out}: translate them one after the "
                "other, into folders of their own."
            )


def _refuse_to_replace_another(chosen: Iterable[Chosen]) -> None:
    """That a source is its own output is told later: it is one bad issue among good ones."""
    sources = {_one_name(one.source): one for one in chosen}
    for one in chosen:
        other = sources.get(_one_name(one.out), one)
        if other is not one:
            raise UsageError(
                f"{one.source} would become {one.out}, which is a source itself: name another folder."
            )


def _one_name(path: Path) -> str:
    """A name for all the names of a file that does not have to exist."""
    return normalize("NFC", realpath(path)).casefold()
