"""Files that are kept because making them takes long. They may be deleted at any time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def cached_text(path: Path | None, stamp: str, make: Callable[[], str]) -> str:
    """What `make` returns, taken from the file at `path` if that was written for the same `stamp`.

    The stamp names the versions of all that the text is made from. A file that has it at both ends is whole.
    Where the file cannot be written, or `path` is None, the text is made each time.
    """
    if path is None:
        return make()
    begin, end = f"{stamp}\n", f"\n{stamp}"
    with suppress(OSError, UnicodeDecodeError):
        kept = path.read_bytes().decode()
        if kept.startswith(begin) and kept.endswith(end):
            return kept[len(begin) : -len(end)]
    text = make()
    with suppress(OSError):
        write_whole(path, f"{begin}{text}{end}".encode())
    return text


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the cache so that no other run ever sees half of it. Raises `OSError`."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - the file is there already, as a rule

    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder, path.name)
        unfinished.write_bytes(data)
        unfinished.replace(path)
