"""Claims on a memory in a file: rows, whose owner holds a kernel lock on a file of its own.

The lock ends with the process, however that ends: no claim has to expire or be removed by hand.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from weekly_translate.memory.database import Database

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        """Raises `BlockingIOError` if another process holds it."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(file: int) -> None:
        """Raises `BlockingIOError` if another process holds it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_RELEASE = "DELETE FROM claims WHERE key = ? AND owner = ?"
_ONE = "INSERT INTO claims (key, owner) VALUES (?, ?) ON CONFLICT DO NOTHING"


class FileClaims:
    """The claims of one open file; see `Claims`. Where there are no kernel locks, everything is granted."""

    def __init__(self, database: Database, path: Path | None) -> None:
        """`path` is the file of the database; what is never saved has none, and no other run."""
        self._database = database
        self._path = path
        self._owner = secrets.token_hex(8)
        self._file: int | None = None

    def claim(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that nobody had claimed, ourselves included: they are ours now."""
        if not self._locked():
            return set(keys)
        return self._database.transaction(lambda: self._claimed(keys))

    def _claimed(self, keys: Collection[str]) -> set[str]:
        for (owner,) in self._database.rows("SELECT DISTINCT owner FROM claims"):
            if owner != self._owner and not self._is_alive(owner):
                self._database.execute("DELETE FROM claims WHERE owner = ?", owner)
        return {key for key in keys if self._database.execute(_ONE, key, self._owner)}

    def release(self, keys: Collection[str]) -> None:
        """Let others ask, if there is still something to ask: an answer is in the memory by now, or never."""
        if self._file is not None:
            gone, rows = (
                "DELETE FROM claims WHERE key = ? AND owner = ?",
                [(key, self._owner) for key in keys],
            )
            self._database.transaction(lambda: self._database.execute_all(gone, rows))

    def close(self) -> None:
        """Give up what is still claimed: without its lock, others take it over."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            _remove(self._lock_file(self._owner))

    def _locked(self) -> bool:
        """Whether our own lock is held; it is taken at the first claim."""
        if self._file is None and self._path is not None:
            with suppress(OSError):  # no room for one more file, or a file system without locks
                self._file = self._new_lock()
        return self._file is not None

    def _new_lock(self) -> int:
        path = self._lock_file(self._owner)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            path.unlink(missing_ok=True)
            raise
        return file

    def _is_alive(self, owner: str) -> bool:
        """Whether somebody holds the owner's lock; the file of a dead one is removed."""
        path = self._lock_file(owner)
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            _lock(file)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        _remove(path)
        return False

    def _lock_file(self, owner: str) -> Path:
        assert self._path is not None
        return self._path.with_name(f"{self._path.name}.run-{owner}")


def _remove(path: Path) -> None:
    """Remove a file, unless another process has done so or, on Windows, is looking at it."""
    with suppress(FileNotFoundError, PermissionError):
        path.unlink()
