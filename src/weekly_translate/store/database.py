"""A connection to the memory's file: safe settings, journal, newest schema, and errors in plain sentences.

SQLite before 3.51.3 can corrupt a database in WAL mode when two processes write: there the rollback journal
is used.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weekly_translate.errors import StorageError
from weekly_translate.store.schema import APPLICATION_ID, MIGRATIONS
from weekly_translate.templates import template_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Database = sqlite3.Connection
Row = sqlite3.Row

_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class DamagedError(Exception):
    """The file is a database that cannot be trusted any more."""


@contextmanager
def told(path: Path | None) -> Iterator[None]:
    """Say a failure of SQLite as one sentence."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a mistake of the program, not of the disk
    except sqlite3.Error as error:
        raise StorageError(_sentence(str(path), error)) from error


def _sentence(name: str, error: sqlite3.Error) -> str:
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the memory {name} is locked by another run: wait for it to end, then run again"
    if code == sqlite3.SQLITE_FULL:
        return f"no space left on the device for the memory {name}; all answers stored so far are kept"
    if code in _DAMAGE:
        return f"the memory {name} is damaged: run again, and it is set aside and read as far as possible"
    return f"the memory {name} cannot be used: {error}; all answers stored so far are kept"


def _code(error: sqlite3.Error) -> int:
    """The primary result code; errors of the Python module itself have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def connected(
    path: Path | str, *, timeout: float, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> Database:
    """A connection to an existing file or to `:memory:`, with the newest schema.

    Waits `timeout` seconds for other processes. Raises `DamagedError`, `StorageError` for a file of another
    program or of a newer version, `sqlite3.Error` for the rest.
    """
    database = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        _set_up(database, str(path))
        _migrate(database, migrations)
    except sqlite3.Error as error:
        database.close()
        if _code(error) in _DAMAGE:
            raise DamagedError from error
        raise
    except (StorageError, DamagedError):
        database.close()
        raise
    return database


def _set_up(database: Database, name: str) -> None:
    database.row_factory = sqlite3.Row
    database.create_function("template_of", 1, template_of, deterministic=True)
    for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")
    _refuse_foreign(database, name)
    database.execute(f"PRAGMA journal_mode = {'WAL' if _WAL_IS_SAFE else 'DELETE'}")
    database.execute("PRAGMA synchronous = EXTRA")  # FULL may lose the last commit in a power cut
    if _value(database, "PRAGMA quick_check(1)") != "ok":
        raise DamagedError


def _refuse_foreign(database: Database, name: str) -> None:
    version = _version(database)
    is_empty = not _value(database, "SELECT count(*) FROM sqlite_master")
    if _value(database, "PRAGMA application_id") != APPLICATION_ID and not is_empty:
        raise StorageError(f"{name} is the database of another program: name another file with --memory")
    if version > len(MIGRATIONS):
        raise StorageError(
            f"{name} was written by a newer weekly-translate (schema {version}; this one knows "
            f"{len(MIGRATIONS)}): update the program, or name another file with --memory"
        )


def _migrate(database: Database, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Bring the schema up to date; the last transaction also proves that the file can be written."""
    for version, statements in enumerate(migrations, 1):
        with database:
            database.execute("BEGIN IMMEDIATE")
            if _version(database) < version:
                for statement in statements:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {version}")
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _version(database: Database) -> int:
    return int(_value(database, "PRAGMA user_version"))


def _value(database: Database, query: str) -> int | str:
    value: int | str = database.execute(query).fetchone()[0]
    return value
