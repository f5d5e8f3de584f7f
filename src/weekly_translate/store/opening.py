"""Opening the memory's file: created with narrow rights; set aside and recovered from when damaged."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import StorageError
from weekly_translate.store.database import DamagedError, Database, connected, told
from weekly_translate.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = b"SQLite format 3\0"
_TORN = object()
"""A text of which a part is damaged."""
_COMPANIONS = ("-journal", "-wal", "-shm")


class Opened(NamedTuple):
    """An open database, and what a person should know about how it was opened."""

    database: Database
    notes: tuple[str, ...] = ()


def open_database(path: Path | None, *, timeout: float) -> Opened:
    """Open the file, creating it (0600, new folders 0700), or a database that is never saved.

    `timeout` is how many seconds to wait for another process. A damaged file is set aside, and what can be
    read of it is taken over. Raises `StorageError`.
    """
    if path is None or path.name == ":memory:":
        return Opened(connected(":memory:", timeout=timeout))
    with told(path), _disk_told(path):
        _create(path)
        inode = path.stat().st_ino
        try:
            return Opened(connected(path, timeout=timeout))
        except DamagedError:
            return _opened_afresh(path, inode, timeout)


@contextmanager
def _disk_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"the memory {path} cannot be opened: {error.strerror}") from error


def _create(path: Path) -> None:
    if path.is_dir():
        raise StorageError(f"the memory {path} is a folder: name a file in it with --memory")
    for folder in reversed([folder for folder in path.parents if not folder.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with path.open("rb") as file:
        start = file.read(len(_HEADER))
    if start.strip(b"\0") and start != _HEADER:
        raise StorageError(
            f"{path} is not a translation memory: name another file with --memory, or move this one away"
        )


def _opened_afresh(path: Path, inode: int, timeout: float) -> Opened:
    """A new database in the place of a damaged one; another process may have been faster to replace it."""
    if path.stat().st_ino != inode:
        return Opened(connected(path, timeout=timeout))
    aside = _set_aside(path)
    _create(path)
    database = connected(path, timeout=timeout)
    rows = _recover(aside, database)
    note = f"the memory {path} was damaged: it is kept as {aside.name}, and {rows} rows of it could be read"
    return Opened(database, (note,))


def _set_aside(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    for companion in _COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside


def _recover(aside: Path, database: Database) -> int:
    """Copy the readable rows, from both ends of each table, and count them.

    `writable_schema` is what makes SQLite read a file that was cut off as far as it goes.
    """
    before = database.total_changes
    uri = aside.resolve().as_uri() + "?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as damaged, database:
        damaged.execute("PRAGMA writable_schema = ON")
        damaged.text_factory = _whole_text
        database.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            for columns, row in _readable_rows(damaged, table):
                places = ", ".join("?" * len(row))
                database.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})", row)  # noqa: S608 - our names
        rows = database.total_changes - before
        database.execute("UPDATE entries SET template = template_of(source) WHERE template = ''")
    return rows


def _readable_rows(damaged: Database, table: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The names of the columns, which an older version had fewer of, and the values."""
    for direction in ("ASC", "DESC"):
        with suppress(sqlite3.DatabaseError):
            found = damaged.execute(f"SELECT * FROM {table} ORDER BY rowid {direction}")  # noqa: S608 - our names
            columns = ", ".join(column[0] for column in found.description)
            yield from ((columns, row) for row in found if _TORN not in row)


def _whole_text(stored: bytes) -> str | object:
    """What the memory writes holds no NUL: they stand for what was on a page that is gone."""
    with suppress(UnicodeDecodeError):
        if b"\0" not in stored:
            return stored.decode()
    return _TORN
