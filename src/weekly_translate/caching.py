"""Files that are kept because making them takes long. They may be deleted at any time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def cached_bytes(path: Path | None, stamp: str, make: Callable[[], bytes]) -> bytes:
    """What `make` returns, taken from the file at `path` if that was written for the same `stamp`.

    The stamp names the versions of all that it is made from. A file that has it at both ends is whole.
    Where the file cannot be written, or `path` is None, it is made each time.
    """
    if path is None:
        return make()
    begin, end = f"{stamp}\n".encode(), f"\n{stamp}".encode()
    with suppress(OSError):
        kept = path.read_bytes()
        if kept.startswith(begin) and kept.endswith(end):
            return kept[len(begin) : -len(end)]
    made = make()
    with suppress(OSError):
        write_whole(path, begin + made + end)
    return made


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the cache so that no other run ever sees half of it. Raises `OSError`."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - the file is there already, as a rule

    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder, path.name)
        unfinished.write_bytes(data)
        unfinished.replace(path)
