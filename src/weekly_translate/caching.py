"""Files that are kept because making them takes long. They may be deleted at any time."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_TEXTS = 60


def cached_bytes(path: Path | None, stamp: str, make: Callable[[], bytes]) -> bytes:
    """What `make` returns, taken from the file at `path` if that was written for the same `stamp`.

    The stamp, one line, names the versions of all that it is made from; a checksum tells if a file is whole.
    Where the file cannot be written, or `path` is None, it is made each time.
    """
    if path is None:
        return make()
    with suppress(OSError):
        head, _, kept = (path.read_bytes() if path.is_file() else b"").partition(b"\n")
        if head == _head(stamp, kept):
            return kept
    made = make()
    with suppress(OSError):
        write_whole(path, _head(stamp, made) + b"\n" + made)
    return made


def cached_by_content(folder: Path | None, text: str, stamp: str, make: Callable[[], bytes]) -> bytes:
    """What `make` returns of a text, kept in `folder` under the hash of the text, for the last texts read."""
    if folder is None:
        return make()

    def made() -> bytes:
        with suppress(OSError):
            kept = [path for path in folder.iterdir() if path.is_file()]
            for path in sorted(kept, key=lambda path: path.stat().st_mtime)[:-_MOST_TEXTS]:
                path.unlink()
        return make()

    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return cached_bytes(folder / digest, stamp, made)


def _head(stamp: str, data: bytes) -> bytes:
    return f"{stamp} {crc32(data):08x}".encode()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the cache so that no other run ever sees half of it, nor anybody else the file.

    Raises `OSError`.
    """
    from tempfile import mkstemp  # noqa: PLC0415 - the file is there already, as a rule

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
