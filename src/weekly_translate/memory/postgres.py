"""The memory in a PostgreSQL database that a team shares: schema, lost connections, claims, errors.

A session of the server stands for a run. Claims are its advisory locks, which end with it; who writes holds
the lock on the one row of `memory_state`, so that transactions follow one another as they do in a file.

What the server holds about the texts of a run is read ahead into a memory in this process, in which the same
statements look things up. What this run writes is written there as well; what other runs write is taken over
whenever this one claims something.

Where the server goes away, what was paid is in a memory file at once, and on the server as soon as that is
back: in this run, or in the next one of the same person.
"""

from __future__ import annotations

import re
import secrets
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from weekly_translate.errors import StoppedError, StorageError, WeeklyTranslateError
from weekly_translate.files import to_paste
from weekly_translate.interrupts import interrupts_heard_at_once, interrupts_noted
from weekly_translate.memory.database import (
    TABLES,
    Database,
    MemoryFailedError,
    as_stored,
    as_value,
    holds_password,
    insertion_into,
    is_secret,
    migrations_in,
)
from weekly_translate.memory.exchange import columns_of, take_over
from weekly_translate.memory.sqlite import open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from psycopg.abc import PQGen

    from weekly_translate.memory.database import Arrays, MemoryServer, Row, Value
    from weekly_translate.memory.sqlite import SQLite


_Result = TypeVar("_Result")

MIGRATIONS = migrations_in(Path(__file__).with_suffix(".sql"))
_TEXT = 'TEXT COLLATE "C"'
"""Compared and sorted by its bytes, as SQLite does it."""
_ONE_ROW = "memory_state"
"""The table of which a query finds its one row, unless somebody has taken that away."""
_VERSION = "SELECT version FROM memory_state"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_TURN = "UPDATE memory_state SET writes = writes + 1 RETURNING writes"
_CLAIM = "SELECT number, pg_try_advisory_lock(number) FROM unnest(?::bigint[]) AS number"
_RELEASE = "SELECT pg_advisory_unlock(number) FROM unnest(?::bigint[]) AS number"
_IS_THERE = "SELECT 1 FROM pg_stat_activity WHERE pid = ?"
_LIMITS = """SELECT set_config('lock_timeout', ?, false), set_config('statement_timeout', ?, false),
    set_config('idle_in_transaction_session_timeout', '60s', false),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)"""
"""A machine that has lost its power holds neither its turn nor its claims for more than a minute."""
_USUAL = {
    "application_name": "weekly-translate",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",
}
"""What a connection is given where its address does not say otherwise."""
_PAUSE = 0.2
_HURRY = 2
"""Seconds that a server is given while somebody waits for the end of the run, or holds what was paid."""
_TRIES = 5
"""So often is begun again what breaks its connection."""
_UNSENT = "unsent-{}-{}.db"
"""The files in which the answers for a memory are kept: with its id and a number."""
_SOON = 60
"""Seconds after which an empty file is no file that a run is just making."""
_WHICH = ("host", "hostaddr", "port", "dbname", "service", "options")
"""What of an address says which database it is; the rest says who comes, and how."""
_IN_USE = {"unsent"}
"""What a run claims in the file in which it keeps what the server is to be told."""


class NamedRow:
    """The values of a row, by index or by name."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: Sequence[Any]) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, key: int | str, /) -> Any:  # noqa: ANN401 - whatever the column holds
        return self._values[self._names[key] if isinstance(key, str) else key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def keys(self) -> Iterable[str]:
        """The names of the columns."""
        return self._names


def _named_rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], NamedRow]:
    names = {column.name: index for index, column in enumerate(cursor.description or ())}
    return lambda values: NamedRow(names, values)


class Session(psycopg.Connection[NamedRow]):
    """A connection that is given up where the server says nothing: one that is frozen does not end it."""

    patience = float("inf")
    """Seconds of silence that count as the end of the connection."""
    given_up = 0
    """The process of the server that did not answer; it may hold claims."""
    is_interrupted = False
    """Whether somebody wanted the run to end meanwhile."""

    def wait(self, gen: PQGen[_Result], *args: Any, **more: Any) -> _Result:  # noqa: ANN401 - as it is there
        """Wait for what the server says."""
        with interrupts_noted() as heard:
            return super().wait(self._watched(gen, heard), *args, **more)

    def _watched(self, gen: PQGen[_Result], heard: list[int]) -> PQGen[_Result]:
        since = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                silent = time.monotonic() - since
                if ready:
                    since += silent
                elif silent > (min(_HURRY, self.patience) if heard else self.patience):
                    self.is_interrupted, self.given_up = bool(heard), self.info.backend_pid
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"it has said nothing for {silent:.0f} seconds")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # as the types of psycopg have it


class PostgreSQL(Database):
    """A memory on a server. A connection that is lost is made again, and what it was doing is done again."""

    def __init__(
        self, server: MemoryServer, *, timeout: float, on_wait: Callable[[str, float], None]
    ) -> None:
        """Connect, bring the schema up to date, and store what earlier runs could not.

        `timeout` is how many seconds to wait for other runs.
        """
        self.folder = server.folder
        self.name = str(server)
        self.client = ("psql", _without_password(server), "-c")
        self._server = server
        self._timeout = timeout
        self._on_wait = on_wait
        self._is_given_up = False
        self._is_hurried = False
        self._is_writing = False
        self._unsent: list[SQLite] = []
        """What the server could not be told: files, and perhaps what this process holds."""
        self._file: SQLite | None = None
        """The same while it is written to."""
        self._ahead: ReadAhead | None = None
        self._done: list[tuple[str, Sequence[Value]]] = []
        """The statements of the transaction that is open, where something is read ahead."""
        self._writes = 0
        self._has_changed = True
        with self._errors_told(), ExitStack() as undone:
            self._connection = undone.enter_context(closing(self._connected()))
            (schema,) = self._sent("SELECT current_schema()")[0]
            self.claims = self._claims = AdvisoryClaims(self, str(schema))
            self._migrate()
            (self._id,) = self._sent("SELECT id FROM memory_state")[0]
            self._send_what_was_left()
            undone.pop_all()

    def rows(self, query: str, *values: Value | Arrays) -> list[Row]:
        """What a query finds."""
        if self._file is not None:
            return self._file.rows(query, *values)  # type: ignore[arg-type]  # arrays are for locks
        if self._is_writing:
            return self._sent(query, *values)
        return self._whatever_is_lost(lambda: self._sent(query, *values))

    def read_ahead(self, subjects: Iterable[str]) -> None:
        """Have at hand what is known about these texts, addresses and patterns."""
        self._ahead = self._ahead or ReadAhead(self.rows)
        self._ahead.read(set(subjects))

    @property
    def news(self) -> int | None:  # type: ignore[override]  # who reads nothing ahead keeps no count
        """Another number whenever there are entries that were not there."""
        return self._ahead.news if self._ahead else None

    def looked_up(self, subject: str | frozenset[str], /, query: str, *values: Value) -> list[Row]:
        """What a query about a subject finds, here or on the server."""
        if self._ahead and self._ahead.knows(subject) and not self._is_writing:
            return self._ahead.copy.rows(query, *values)
        return self.rows(query, *values)

    def follow(self) -> None:
        """Take over what other runs have written about what was read ahead."""
        if self._ahead:
            self._ahead.follow()

    def execute(self, statement: str, *values: Value) -> int:
        """Change rows, and say how many."""
        assert self._is_writing, "what writes is done in a transaction"
        if self._ahead:
            self._done.append((statement, values))
        if self._file is not None:
            return self._file.execute(statement, *values)
        return self._connection.execute(_of_psycopg(statement), [as_value(one) for one in values]).rowcount

    def execute_all(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """The same once for each row of values."""
        given = list(rows)
        if self._ahead:
            self._done += [(statement, row) for row in given]
        if self._file is not None:
            self._file.execute_all(statement, given)
            return
        with self._connection.cursor() as cursor:
            cursor.executemany(_of_psycopg(statement), [[as_value(one) for one in row] for row in given])

    def transaction(self, change: Callable[[], _Result]) -> _Result:
        """Wait for our turn at the beginning; where the connection is lost, begin again."""
        if self._is_writing:
            return change()
        return self._whatever_is_lost(lambda: self._committed(change))

    def keep(self, change: Callable[[], _Result]) -> _Result:
        """On the server if it stores it, else in a file: nobody waits with what was paid in the hand.

        A session that is refused is ended like a lost one: the next may find a server that may be written to.
        """
        if self._is_writing:
            return change()
        with self._errors_told():
            if not self._unsent:
                with suppress(psycopg.Error):
                    return self._committed(change)
                if self._connection.closed and not self._connection.is_interrupted:
                    with suppress(psycopg.Error):
                        self._connect_again(_HURRY)
                        return self._committed(change)
                self._connection.close()
            return self._put_aside(change)

    @property
    def is_away(self) -> bool:  # type: ignore[override]  # a file never is
        """Whether the connection is known to be lost: the system is asked, and not the server."""
        with suppress(psycopg.OperationalError):
            for _ in range(2):  # its last words, and then its end
                self._connection.pgconn.consume_input()
        return self._connection.closed

    def hurry(self) -> None:
        """A server that says nothing is not waited for any more."""
        self._is_hurried, self._connection.patience = True, _HURRY

    def changed_elsewhere(self) -> bool:
        """Whether another connection has written since this was last asked."""
        (writes,) = self.rows("SELECT writes FROM memory_state")[0]
        changed, self._has_changed = self._has_changed or writes != self._writes, False
        self._writes = writes
        return changed

    def close(self) -> None:
        """End the session, and with it its claims: at once, where the server is there to hear of it.

        Where it still has to be told something, that is tried once more, unless it has been in vain.
        """
        try:
            if self._unsent and not self._is_given_up:
                with self._errors_told(), interrupts_heard_at_once():
                    self._connect_again(_HURRY)
            self._save_what_is_held()
            if not self._is_found_again:
                raise self._failure(f"the memory {self._server} does not answer{self._kept()}")
        finally:
            for one in (*self._unsent, *([self._ahead.copy] if self._ahead else [])):
                one.close()
            with suppress(psycopg.Error):
                self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()

    def _committed(self, change: Callable[[], _Result]) -> _Result:
        self._is_writing, self._done = True, []
        try:
            with self._connection.transaction():
                (writes,) = self._sent(_TURN)[0]
                result = change()
        finally:
            self._is_writing = False
        self._has_changed |= writes != self._writes + 1
        self._writes = writes
        self._note_written(writes)
        return result

    def _note_written(self, writes: int | None = None) -> None:
        """What this run has stored is known here as well."""
        if self._ahead:
            self._ahead.written(self._done, writes)

    def _put_aside(self, change: Callable[[], _Result]) -> _Result:
        """Write down what the server is to be told, or hold it in this process until that can be done."""
        try:
            if self._unsent:
                with suppress(StorageError):
                    return self._written_to(self._unsent[-1], change)
            self._unsent.append(open_file(None, timeout=self._timeout))
            return self._written_to(self._unsent[-1], change)
        finally:
            self._save_what_is_held()

    def _written_to(self, unsent: SQLite, change: Callable[[], _Result]) -> _Result:
        self._is_writing, self._done, self._file = True, [], unsent
        try:
            result = unsent.transaction(change)
        finally:
            self._is_writing, self._file = False, None
        self._note_written()
        return result

    @property
    def _folder(self) -> Path:
        """Where this person's answers are kept, and looked for by the next run."""
        return self._server.unsent or self._server.folder / ".weekly-translate"

    def _save_what_is_held(self) -> None:
        """Bring what only this process has into a file that only its owner can read, where there is room."""
        others = self._server.folder / ".weekly-translate", Path(tempfile.gettempdir())
        for folder in (self._folder, *others) if self._is_held else ():
            path = folder / _UNSENT.format(self._id, secrets.token_hex(8))
            with suppress(StorageError, OSError), ExitStack() as undone:
                undone.callback(path.unlink, missing_ok=True)
                file = undone.enter_context(closing(open_file(path, timeout=self._timeout)))
                file.claims.claim(_IN_USE)
                take_over(self._unsent[-1], file)
                undone.pop_all()
                self._unsent[-1].close()
                self._unsent[-1] = file
                return

    @property
    def _is_held(self) -> bool:
        """Whether something that was paid would be lost with this process."""
        return bool(self._unsent) and self._unsent[-1].path is None

    def _send(self, unsent: SQLite) -> None:
        """Tell the server, and then remove the file."""
        self._committed(lambda: take_over(unsent, self))
        unsent.close()
        if unsent.path is not None:
            unsent.path.unlink(missing_ok=True)

    def _send_what_was_left(self) -> None:
        """By runs that have ended, however that was. What cannot be taken in is told, and left alone.

        Version 0.2 named the files by what the address says, as the person has spelled it.
        """
        said = conninfo_to_dict(self._server.url)
        which = repr([said.get(name) for name in _WHICH]).encode()
        names = (self._id, blake2b(which, digest_size=4).hexdigest())
        for path in sorted(path for name in names for path in self._folder.glob(_UNSENT.format(name, "*"))):
            try:
                self._send_file(path)
            except (StorageError, ValueError, psycopg.Error) as error:
                if self._connection.closed:
                    raise
                why = self._trouble(error)[0] if isinstance(error, psycopg.Error) else error
                self.notes += (f"{path} cannot be taken into the memory, and is left alone: {why}",)

    def _send_file(self, path: Path) -> None:
        """Unless the run goes on whose file it is: that has claimed it, or is about to."""
        if path.is_symlink() or not path.is_file():
            raise StorageError("it is no file of a run")
        about = path.stat()
        if not about.st_size:
            if time.time() - about.st_mtime > _SOON:
                path.unlink(missing_ok=True)
            return
        with closing(open_file(path, timeout=self._timeout)) as unsent:
            if unsent.claims.claim(_IN_USE):
                self._send(unsent)
                told = f"what {path} has kept while the memory was away is in the memory now"
                self.notes += (*unsent.notes, told)

    def _sent(self, query: str, *values: Value | Arrays) -> list[Row]:
        cursor = self._connection.execute(_of_psycopg(query), [as_value(one) for one in values])
        rows: list[Row] = list(cursor.fetchall())
        if _ONE_ROW in query and len(rows) != 1:
            found = f"the table {_ONE_ROW} has {len(rows)} rows instead of one"
            raise errors.CardinalityViolation(f"{found}: restore the database from a backup")
        return rows

    def _whatever_is_lost(self, work: Callable[[], _Result]) -> _Result:
        """Do it, and after each lost connection do it again, on a new one."""
        with self._errors_told():
            for _ in range(_TRIES):
                try:
                    return work()
                except psycopg.OperationalError:
                    if not self._connection.closed or (self._is_hurried and self._is_given_up):
                        raise
                    self._wait_for_the_server()
            return work()

    def _wait_for_the_server(self) -> None:
        """Connect again. Raises `OperationalError` where that does not succeed for long.

        Then the run ends, as it does when somebody interrupts this, and what it still wants is tried once.
        """
        is_given_up, self._is_given_up = self._is_given_up or self._is_hurried, True
        if self._connection.is_interrupted:
            raise StoppedError(f"Stopped while the memory {self._server} was silent{self._kept()}")
        try:
            with interrupts_heard_at_once():
                self._connect_as_soon_as_possible(is_given_up=is_given_up)
        except KeyboardInterrupt:
            self.hurry()
            raise

    def _connect_as_soon_as_possible(self, *, is_given_up: bool) -> None:
        until = None
        while True:
            try:
                self._connect_again()
            except psycopg.OperationalError as error:
                self._save_what_is_held()
                if is_given_up:
                    raise
                if until is None:
                    until = time.monotonic() + self._server.patience
                    self._tell_wait(error)
                elif time.monotonic() > until and not self._is_held:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def _tell_wait(self, error: psycopg.OperationalError) -> None:
        kept = ""
        if self._is_held:
            kept = "; what has come since is in this process only, because no file can be written"
        elif self._unsent:
            kept = f" (what has come since is in {self._files})"
        does = "stores nothing" if error.sqlstate else "does not answer"
        ways = "as soon as it does, the run goes on, and Ctrl-C ends it"
        why = f"the memory {self._server} {does}; {ways}{kept}"
        self._on_wait(why, self._server.patience)

    def _connect_again(self, seconds: int | None = None) -> None:
        """A new session, with the claims of the lost one; the server is told what it has missed."""
        lost = self._connection
        with ExitStack() as undone:
            self._connection = undone.enter_context(closing(self._connected(seconds)))
            if lost.given_up:
                self._end(lost.given_up)
            self._claims.renewed(self._sent)
            while self._unsent:
                self._send(self._unsent[0])
                del self._unsent[0]
            undone.pop_all()
        self._is_given_up = False

    def _end(self, process: int) -> None:
        """Have the server end a session that it has not missed yet, and with it its claims.

        As who we have come, and not in the role that owns the tables: that may not.
        """
        with suppress(psycopg.Error):
            self._connection.execute("SET ROLE NONE")
            self._connection.execute("SELECT pg_terminate_backend(%s)", [process])
        self._connection.execute("RESET ROLE")
        until = time.monotonic() + (0 if self._is_hurried else _HURRY)
        while time.monotonic() < until and self._sent(_IS_THERE, process):
            time.sleep(_PAUSE)

    def _connected(self, seconds: int | None = None) -> Session:
        """`seconds` is how long to try, if not as long as the address says."""
        address = completed(self._server.url, _HURRY if self._is_hurried else seconds)
        connection = Session.connect(address, autocommit=True, row_factory=_named_rows)
        packets = connection.info.get_parameters().get("tcp_user_timeout")
        patience = self._timeout + int(packets or _USUAL["tcp_user_timeout"]) / 1000
        connection.patience = _HURRY if self._is_hurried else patience
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            connection.close()
            raise StorageError(f"the memory {self._server} is in {encoding}: create a database in UTF8")
        limits = (self._timeout, patience + _HURRY)  # by then, nobody waits for it any more
        connection.execute(_of_psycopg(_LIMITS), [f"{round(1000 * seconds)}ms" for seconds in limits])
        return connection

    def _migrate(self) -> None:
        """Bring the schema up to date; of several runs that begin at once, one does it."""
        if self._version() == len(MIGRATIONS):
            return
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [_number("migration")])
            for version in range(self._version(), len(MIGRATIONS)):
                for statement in MIGRATIONS[version]:
                    self._connection.execute(statement.replace("TEXT", _TEXT))
                self._connection.execute("UPDATE memory_state SET version = %s", [version + 1])

    def _version(self) -> int:
        """That of the schema, 0 where there is none. Raises `StorageError` for what is not ours."""
        tables = {name for (name,) in self._sent(_TABLES)}
        ours = _ONE_ROW in tables
        if not ours and "entries" in tables:
            raise StorageError(f"{self._server} holds tables of another program: name another database")
        version = int(self._sent(_VERSION)[0][0]) if ours else 0
        if version > len(MIGRATIONS):
            raise StorageError(
                f"{self._server} was written by a newer weekly-translate (schema {version}; this one knows "
                f"{len(MIGRATIONS)}): update the program, or name another memory with --memory"
            )
        return version

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        """Say what the server or the network has against it as one sentence."""
        try:
            yield
        except psycopg.Error as error:
            trouble, advice = self._trouble(error)
            raise self._failure(trouble + (self._kept() or advice)) from error

    @property
    def _failure(self) -> type[WeeklyTranslateError]:
        """What a person has ended has not failed."""
        return StoppedError if self._is_hurried else MemoryFailedError

    def _kept(self) -> str:
        """Where that is which the server could not be told, and how it gets there."""
        self._save_what_is_held()
        if not self._unsent:
            return ""
        if self._is_held:
            return ". What was paid since could be written nowhere"
        url = self._server.url
        by_name = [] if holds_password(url) else ["--memory", url]
        commands = [
            to_paste(["weekly-translate", "memory", "import", str(one.path), *by_name])
            for one in self._unsent
        ]
        by_itself = "your next run on this memory puts it there, and so does"
        who = by_itself if self._is_found_again else "put it there with"
        return f". What was paid since is in {self._files}: {who} `{' && '.join(commands)}`"

    @property
    def _is_found_again(self) -> bool:
        """Whether the next run takes in what the server could not be told."""
        return all(one.path and one.path.parent == self._folder for one in self._unsent)

    @property
    def _files(self) -> str:
        return " and ".join(str(one.path) for one in self._unsent)

    def _trouble(self, error: psycopg.Error) -> tuple[str, str]:
        """What is the matter, and what to do where everything paid is stored."""
        said = error.diag.message_primary or str(error)
        name, why = self._server, " ".join(said.split())
        if isinstance(error, psycopg.ProgrammingError) and not error.sqlstate and holds_password(name.url):
            why = "libpq does not understand the address"  # it quotes the part in question
        if isinstance(error, errors.LockNotAvailable):
            return f"the memory {name} is locked by another run", ": wait for it to end, then run again"
        kept = "; all answers stored so far are kept"
        if isinstance(error, errors.DiskFull):
            return f"no space left on the server of the memory {name}", kept
        if isinstance(error, psycopg.OperationalError):
            advice = ". Is the address right, and the password in PGPASSWORD or ~/.pgpass"
            return (
                f"the memory {name} cannot be reached: {why}",
                f"{advice}? All answers stored so far are kept",
            )
        if isinstance(error, errors.InsufficientPrivilege):
            why += (
                ". Everybody works in the role that owns the tables: ALTER ROLE … SET role, in docs/team.md"
            )
        if isinstance(error, errors.InvalidSchemaName):
            why += ". CREATE SCHEMA makes the one that the address names"
        return f"the memory {name} cannot be used: {why}", kept


def _without_password(server: MemoryServer) -> str:
    """The address for a command to paste: a password is asked for there, and not shown."""
    if not holds_password(server.url):
        return server.url
    with suppress(psycopg.ProgrammingError):  # the connection says it in words
        said = conninfo_to_dict(server.url)
        return make_conninfo("", **{name: value for name, value in said.items() if not is_secret(name)})
    return str(server)


def completed(url: str, seconds: int | None = None) -> str:
    """What libpq is given for an address: with what is usual here where that says nothing else."""
    said = conninfo_to_dict(url)
    usual = {name: value for name, value in _USUAL.items() if name not in said}
    if seconds is not None:
        usual["connect_timeout"] = str(seconds)
    return make_conninfo(url, client_encoding="UTF8", **usual)


class AdvisoryClaims:
    """The claims of one session; see `Claims`. A lock is a number: the hash of schema and key."""

    def __init__(self, database: PostgreSQL, schema: str) -> None:
        self._database = database
        self._schema = schema
        self._held: dict[str, int] = {}

    def claim(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that nobody had claimed."""
        wanted = {_number(f"{self._schema}\n{key}"): key for key in keys if key not in self._held}
        granted = _granted(self._database.rows(_CLAIM, list(wanted))) if wanted else []
        self._held |= {wanted[number]: number for number in granted}
        self._database.follow()  # what the others have answered before they gave it back
        return {wanted[number] for number in granted}

    def release(self, keys: Collection[str]) -> None:
        """Let others ask."""
        numbers = [self._held.pop(key) for key in keys if key in self._held]
        if numbers and not self._database.is_away:  # else they have ended with the session
            self._database.rows(_RELEASE, numbers)

    def renewed(self, send: Callable[[str, list[int]], list[Row]]) -> None:
        """Claim on a new connection what was claimed on the lost one; what others have by now is theirs."""
        if self._held:
            granted = set(_granted(send(_CLAIM, list(self._held.values()))))
            self._held = {key: number for key, number in self._held.items() if number in granted}

    def close(self) -> None:
        """Give up what is still claimed."""
        self.release(list(self._held))


def _granted(rows: Iterable[Row]) -> list[int]:
    return [number for number, is_granted in rows if is_granted]


def _number(name: str) -> int:
    """That of a lock."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


@lru_cache
def _of_psycopg(statement: str) -> bytes:
    """A statement with the placeholders of psycopg."""
    return statement.replace("%", "%%").replace("?", "%s").encode()


_ABOUT = {
    "entries": ("source", "link", "template"),
    **dict.fromkeys(("attempts", "dismissals", "doubts", "proofreadings"), ("source",)),
    **dict.fromkeys(("rejections", "settlements"), ("source",)),
}
"""The tables that are copied, and the columns that say what their rows are about."""
_FOLLOWED = ("entries", "proofreadings", "settlements", "doubts")
"""Those of which new rows of other runs are taken over: without them, a text would be asked or read twice."""
_NEWEST = ", ".join(
    f"(SELECT coalesce(max({TABLES[name]}), 0) FROM {name})"  # noqa: S608 - our names
    for name in _FOLLOWED
)
_STATE = f"SELECT writes, {_NEWEST} FROM memory_state"  # noqa: S608 - our names
_WRITTEN = re.compile(r"(?:INSERT INTO|DELETE FROM|UPDATE) (\w+)")


class ReadAhead:
    """The copy of one connection."""

    def __init__(self, send: Callable[..., list[Row]]) -> None:
        """`send` asks the server: a query, and values for its places."""
        self._send = send
        self.copy = open_file(None, timeout=1)
        """In which queries about what it knows find the same as on the server."""
        self._subjects: set[str] = set()
        self.news = 0
        ((self._writes, *newest),) = send(_STATE)
        self._newest = dict(zip(_FOLLOWED, newest, strict=True))

    def knows(self, subject: str | frozenset[str]) -> bool:
        """Whether all about a text or an address, or about several, is here."""
        return self._subjects.issuperset((subject,) if isinstance(subject, str) else subject)

    def read(self, subjects: Collection[str]) -> None:
        """Read what the server holds about more texts, addresses and patterns."""
        new = sorted(set(subjects) - self._subjects - {""})
        if not new:
            return
        for table, columns in _ABOUT.items():
            wanted = " OR ".join(f"{column} = ANY(?)" for column in columns)
            query = f"SELECT * FROM {table} WHERE {wanted} ORDER BY {TABLES[table]}"  # noqa: S608 - our names
            self._take(table, self._send(query, *[list(map(as_stored, new))] * len(columns)))
        self._subjects.update(new)

    def follow(self) -> None:
        """Take over what other runs have written since."""
        ((writes,),) = self._send("SELECT writes FROM memory_state")
        if writes != self._writes:
            for table, newest in self._newest.items():
                order = TABLES[table]
                query = f"SELECT * FROM {table} WHERE {order} > ? ORDER BY {order}"  # noqa: S608 - our names
                if rows := self._send(query, newest):
                    self._take(table, rows)
                    self._newest[table] = rows[-1][order]
            self._writes = writes
            self.news += 1

    def written(self, statements: Sequence[tuple[str, Sequence[Value]]], writes: int | None = None) -> None:
        """This run has stored these, and `writes` counts the transactions of all runs on the server."""
        if writes == self._writes + 1:
            self._writes = writes
        ours = [(statement, values) for statement, values in statements if _is_copied(statement)]
        self.news += any(statement.startswith("INSERT INTO entries") for statement, _ in ours)

        def change() -> None:
            for statement, values in ours:
                self.copy.execute(statement, *values)

        if ours:
            self.copy.transaction(change)

    def _take(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        columns = columns_of(rows[0], table)
        statement = insertion_into(table, columns, "INSERT OR REPLACE")
        values = [[row[name] for name in columns] for row in rows]
        self.copy.transaction(lambda: self.copy.execute_all(statement, values))


def _is_copied(statement: str) -> bool:
    found = _WRITTEN.match(statement)
    return found is not None and found[1] in _ABOUT
