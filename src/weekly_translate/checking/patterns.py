"""Which translation belongs to which source: `docs/{name}.md=en/{name}.md`."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)


class Couple(NamedTuple):
    """A source and its translation."""

    source: Path
    target: Path


class Pattern(NamedTuple):
    """How the paths of sources and of their translations look; each `{name}` is the same in both."""

    source: str
    target: str


def parse_pattern(text: str) -> Pattern:
    """A pattern as it is given with `--pair`. Raises `UsageError`."""
    source, equals, target = text.partition("=")
    names = sorted(_PLACEHOLDER.findall(source))
    doubled = len(set(names)) < len(names)
    if not (equals and names) or doubled or names != sorted(_PLACEHOLDER.findall(target)) or "=" in target:
        raise UsageError(
            f"--pair {text!r} is no pattern: write both paths with the same names in braces, each once, "
            "such as 'docs/{name}.md=en/{name}.md'."
        )
    return Pattern(source, target)


def couples_of(files: Iterable[Path], patterns: Iterable[Pattern]) -> list[Couple]:
    """The pairs that these files belong to, each once; a file may be either side. Others belong to none."""
    found = (_couple(file, pattern) for file in files for pattern in patterns)
    return list(dict.fromkeys(couple for couple in found if couple is not None))


def all_couples(patterns: Iterable[Pattern], folder: Path) -> list[Couple]:
    """Every pair below `folder` of which the source exists, in the order of the names."""
    return list(dict.fromkeys(couple for pattern in patterns for couple in _existing(pattern, folder)))


def _existing(pattern: Pattern, folder: Path) -> Iterator[Couple]:
    glob = _PLACEHOLDER.sub("*", re.sub(r"[*?\[]", "[\\g<0>]", pattern.source))
    if PurePath(glob).is_absolute():
        raise UsageError(f"--pair {pattern.source}: paths are relative to the current folder.")
    files = [path.relative_to(folder) for path in sorted(folder.glob(glob)) if path.is_file()]
    yield from couples_of(files, [pattern])


def _couple(file: Path, pattern: Pattern) -> Couple | None:
    """`1.en.md` fits both sides of `{n}.md={n}.en.md`: the side that says more about it counts."""
    path = file.as_posix()
    readings: list[tuple[int, Couple]] = []
    if values := _values(pattern.source, path):
        readings.append((_said(pattern.source), Couple(file, Path(_filled(pattern.target, values)))))
    if values := _values(pattern.target, path):
        readings.append((_said(pattern.target), Couple(Path(_filled(pattern.source, values)), file)))
    return max(readings, key=lambda reading: reading[0])[1] if readings else None


def _said(template: str) -> int:
    return len(_PLACEHOLDER.sub("", template))


def _values(template: str, path: str) -> dict[str, str] | None:
    """What the names in braces stand for; none of them reaches over a slash."""
    literals = _PLACEHOLDER.split(PurePath(template).as_posix())
    parts = [f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(literals)]
    match = re.fullmatch("".join(parts), path)
    return match.groupdict() if match else None


def _filled(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], PurePath(template).as_posix())
