"""The memory in an SQLite file: its schema, how it is opened and recovered, claims, errors as sentences.

A claim is a row whose owner holds a kernel lock on a file of its own. The lock ends with the process, however
that ends: no claim has to expire or be removed by hand.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from weekly_translate.errors import StorageError
from weekly_translate.memory.database import TABLES, Database, MemoryFailedError, as_value, migrations_in
from weekly_translate.text.chinese_numbers import template_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from weekly_translate.memory.database import Row, Value


Connection = sqlite3.Connection
_Result = TypeVar("_Result")

APPLICATION_ID = 0x77746D31  # "wtm1"

MIGRATIONS = migrations_in(Path(__file__).with_suffix(".sql"))

_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
"""Before, two processes that write can corrupt a database in WAL mode: there the rollback journal is used."""
_VERSION = "PRAGMA user_version"
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_HEADER = b"SQLite format 3\0"
_COMPANIONS = ("-journal", "-wal", "-shm")
_TORN = object()
"""Stands for a text of which a part is damaged."""


class DamagedError(Exception):
    """The file is a database that cannot be trusted any more."""


class SQLite(Database):
    """A memory in a file, or one that is never saved: `path` is None then."""

    def __init__(self, connection: Connection, path: Path | None, notes: tuple[str, ...] = ()) -> None:
        self.connection = connection
        self.path = path
        self._place = path and path.absolute()
        self.folder = path and path.parent
        self.name = str(path)
        self.client = ("sqlite3", self.name)
        self.notes = notes
        self.claims = FileClaims(self, path)
        self._data_version = 0

    def rows(self, query: str, *values: Value) -> list[Row]:
        """What a query finds."""
        with _errors_told(self.path):
            return self.connection.execute(query, [as_value(one) for one in values]).fetchall()

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Lock the file once: for each query alone SQLite locks it, and looks whether a run was killed."""
        if self.connection.in_transaction:
            yield
            return
        self.rows("BEGIN")
        try:
            yield
        finally:
            self.connection.rollback()  # nothing was written

    def execute(self, statement: str, *values: Value) -> int:
        """Change rows, and say how many."""
        assert self.connection.in_transaction, "what writes is done in a transaction"
        return self.connection.execute(statement, [as_value(one) for one in values]).rowcount

    def execute_all(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """The same once for each row of values."""
        self.connection.executemany(statement, ([as_value(one) for one in row] for row in rows))

    def transaction(self, change: Callable[[], _Result]) -> _Result:
        """Wait for our turn at the beginning: later SQLite would not wait."""
        if self.connection.in_transaction:
            return change()
        if self._place and not self._place.exists():  # in WAL mode SQLite goes on with a file that is gone
            raise MemoryFailedError(
                f"the memory {self.path} cannot be used: it was deleted or moved during the run"
            )
        with _errors_told(self.path), self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            return change()

    def changed_elsewhere(self) -> bool:
        """Whether another connection has written since this was last asked."""
        before = self._data_version
        ((self._data_version,),) = self.rows("PRAGMA data_version")
        return before != self._data_version

    def close(self) -> None:
        """Give the file back."""
        self.claims.close()
        self.connection.close()


def open_file(path: Path | None, *, timeout: float) -> SQLite:
    """Open the file, creating it (0600, new folders 0700), or a database that is never saved.

    `timeout` is how many seconds to wait for another process. A damaged file is set aside, and what can be
    read of it is taken over. Raises `StorageError`.
    """
    if path is None or path.name == ":memory:":
        return SQLite(connected(":memory:", timeout=timeout), None)
    with _errors_told(path):
        _create(path)
        inode = path.stat().st_ino
        try:
            return SQLite(connected(path, timeout=timeout), path)
        except DamagedError:
            return _opened_afresh(path, inode, timeout)


def _create(path: Path) -> None:
    if path.is_dir():
        raise StorageError(f"the memory {path} is a folder: name a file in it with --memory")
    if path.exists() and not path.is_file():
        raise StorageError(f"the memory {path} is a pipe or a device: name a file with --memory")
    for folder in reversed([folder for folder in path.parents if not folder.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with path.open("rb") as file:
        start = file.read(len(_HEADER))
    if start.strip(b"\0") and start != _HEADER:
        raise StorageError(
            f"{path} is not a translation memory: name another file with --memory, or move this one away"
        )


def _opened_afresh(path: Path, inode: int, timeout: float) -> SQLite:
    """A new database in the place of a damaged one; another process may have been faster to replace it."""
    if path.stat().st_ino != inode:
        return SQLite(connected(path, timeout=timeout), path)
    aside = _set_aside(path)
    _create(path)
    database = connected(path, timeout=timeout)
    rows = _recover(aside, database)
    note = f"the memory {path} was damaged: it is kept as {aside.name}, and {rows} rows of it could be read"
    return SQLite(database, path, (note,))


def _set_aside(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    for companion in _COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside


def _recover(aside: Path, database: Connection) -> int:
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


def _readable_rows(damaged: Connection, table: str) -> Iterator[tuple[str, tuple[object, ...]]]:
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


def connected(
    path: Path | str, *, timeout: float, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> Connection:
    """A connection to an existing file or to `:memory:`, with the newest schema.

    Waits `timeout` seconds for other processes. Raises `DamagedError`, `StorageError` for a file of another
    program or of a newer version, `sqlite3.Error` for the rest.
    """
    database = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        _set_up(database, str(path))
        _migrate(database, migrations)
    except (sqlite3.Error, StorageError, DamagedError) as error:
        database.close()
        if _code(error) in _DAMAGE:
            raise DamagedError from error
        raise
    return database


def _set_up(database: Connection, name: str) -> None:
    database.row_factory = sqlite3.Row
    database.create_function("template_of", 1, template_of, deterministic=True)
    for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")
    _refuse_foreign(database, name)
    database.execute(f"PRAGMA journal_mode = {'WAL' if _WAL_IS_SAFE else 'DELETE'}")
    database.execute("PRAGMA synchronous = EXTRA")  # FULL may lose the last commit in a power cut
    if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise DamagedError


def _refuse_foreign(database: Connection, name: str) -> None:
    is_empty = not _number(database, "SELECT count(*) FROM sqlite_master")
    if _number(database, "PRAGMA application_id") != APPLICATION_ID and not is_empty:
        raise StorageError(f"{name} is the database of another program: name another file with --memory")
    if (version := _number(database, _VERSION)) > len(MIGRATIONS):
        raise StorageError(
            f"{name} was written by a newer weekly-translate (schema {version}; this one knows "
            f"{len(MIGRATIONS)}): update the program, or name another file with --memory"
        )


def _migrate(database: Connection, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Bring the schema up to date, all at once; that also proves that the file can be written."""
    with database:
        database.execute("BEGIN IMMEDIATE")
        if missing := migrations[_number(database, _VERSION) :]:
            for statement in chain.from_iterable(missing):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {len(migrations)}")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _number(database: Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])


@contextmanager
def _errors_told(path: Path | None) -> Iterator[None]:
    """Say a failure of SQLite or of the disk as one sentence."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of the program, not of the disk
    except sqlite3.Error as error:
        raise MemoryFailedError(_sentence(str(path), error)) from error
    except OSError as error:
        advice = "--memory names another file"
        raise MemoryFailedError(f"the memory {path} cannot be opened: {error.strerror}; {advice}") from error


def _sentence(name: str, error: sqlite3.Error) -> str:
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the memory {name} is locked by another run: wait for it to end, then run again"
    if code == sqlite3.SQLITE_FULL:
        return f"no space left on the device for the memory {name}; all answers stored so far are kept"
    if code in _DAMAGE:
        return f"the memory {name} is damaged: run again, and it is set aside and read as far as possible"
    return f"the memory {name} cannot be used: {error}; all answers stored so far are kept"


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 for what does not come from SQLite."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


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
            rows = [(key, self._owner) for key in keys]
            self._database.transaction(lambda: self._database.execute_all(_RELEASE, rows))

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
