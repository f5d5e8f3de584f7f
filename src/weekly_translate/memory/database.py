"""What the memory asks of its database, whichever that is, and entries as rows of its tables.

All statements of this package are written once: a `?` stands for a value, and SQLite and PostgreSQL have the
same tables and columns. What differs between the two is in `sqlite` and in `postgres`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zlib
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar
from unicodedata import normalize
from urllib.parse import unquote

from weekly_translate.errors import StorageError
from weekly_translate.files import to_paste
from weekly_translate.model import ComplaintKind, Entry, Finding, Kind, Severity, Status
from weekly_translate.text.chinese_numbers import template_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    Value = str | int | bytes | None
    Arrays = list[int] | list[str]

_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")


TABLES = {
    "entries": "revision",
    "attempts": "id",
    "capabilities": "model",
    "rejections": "id",
    "decisions": "id",
    "outputs": "name",
    "batch_requests": "id",
    "batches": "rowid",
    "batch_parts": "nonce",
    "proofreadings": "rowid",
    "dismissals": "id",
    "preferences": "key",
    "settlements": "rowid",
    "spending": "day",
    "doubts": "rowid",
    "past_outputs": "name",
}
"""All tables but those of the runs that go on, and the column that says in which order their rows came."""


class MemoryFailedError(StorageError):
    """The memory did not do what was asked: its file, or the server."""


class Row(Protocol):
    """A row of a result: its values in their order, by their index or by the name of their column."""

    def __getitem__(self, key: int | str, /) -> Any: ...  # noqa: ANN401 - whatever the column holds

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]:
        """The names of the columns."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryServer:
    """Where a memory is that is no file: a PostgreSQL database."""

    url: str = field(repr=False)
    """As libpq reads it, perhaps with a password: shown is `str(server)`."""
    folder: Path
    """Where the names of files begin: the folder of the project."""
    unsent: Path | None = None
    """Where this person's answers lie that the server could not be told; None is beside the usual memory."""
    patience: float = 300.0
    """Seconds for which a server that has gone is waited for."""

    def __str__(self) -> str:
        return _without_password(self.url)

    def exists(self) -> bool:
        """As a file would be asked; a server says so itself."""
        return True


_NAMED_BY = ("id", "key", "name", "source", "model", "run")
"""By which of its columns a row is named to a person: the first that it has."""
_NOT_UNDERSTOOD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error)
_PARAMETER = re.compile(r"(?=[?&]([^=&?]*)=([^&]*(?:&[^=&]*(?![^&]))*))")
"""Its name and its value. A `&` without a `=` behind it belongs to the value: somebody forgot to quote it."""
_SCHEME = re.compile(r"\w+:/+")
_ADDRESS = re.compile(r"\bpostgres(?:ql)?:/+\S+", re.IGNORECASE)
_NO_PORT = re.compile(r"\w+:/+[^@/?#:\[]*:(?!\d+(?:[/?#]|$))([^@/?#,]+)(?=[/?#]|$)(?!.*@)")
"""What stands behind a host and is no number: a password whose host was forgotten."""
_SECRET_KEYS = ("pass", "secret", "scram_")
_MISTYPED = re.compile(
    r"""
    [\s"'“”‘’]* (?:
        postgres(?:ql)? \s* (?: : | // | /.*@ )   # postgres/memory.db is a path
        | [a-z][a-z0-9+.-]+ :/   # another scheme; one letter is a drive of Windows
        | (?= \w+ \s* = ) (?: .* \s )?
          (?: host | hostaddr | port | user | dbname | password | service | sslmode ) \s* =
    )
    | .* ://
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def is_server(place: str) -> bool:
    """Whether a memory is named by an address and not by a path."""
    return place.startswith(("postgresql://", "postgres://"))


def is_mistyped_server(place: str) -> bool:
    """Whether a memory is named by what is neither a path nor an address that the program can use."""
    return not is_server(place) and _MISTYPED.match(place) is not None


def holds_password(url: str) -> bool:
    """Whether an address has a password in it, as libpq reads it or as a person may have meant it."""
    return bool(_secret_spans(url))


def has_unclear_password(url: str) -> bool:
    """Whether `@` or `/` stand in the user or the password: libpq reads the rest as host, port and name."""
    _, _, userinfo = url[: max(url.rfind("@"), 0)].partition("//")
    return ":" in userinfo and re.search("[@/]", userinfo) is not None


def is_secret(key: str) -> bool:
    """Whether what an address says under this key is shown to nobody."""
    return key != "passfile" and any(word in key for word in _SECRET_KEYS)


def without_passwords(text: str) -> str:
    """A text with such addresses in it, also where one was taken for a file and has lost a slash."""
    return _ADDRESS.sub(lambda address: _without_password(address[0]), text)


def _without_password(url: str) -> str:
    shown, done = "", 0
    for start, end in sorted(_secret_spans(url)):
        if start >= done:
            shown += f"{url[done:start]}***"
        done = max(done, end)
    return shown + url[done:]


def _secret_spans(url: str) -> list[tuple[int, int]]:
    """Where passwords are, generously: a password may hold the characters that end other parts of a URL."""
    scheme = _SCHEME.match(url)
    colon = url.find(":", scheme.end() if scheme else 0)
    spans = [(colon + 1, url.rfind("@"))] if colon >= 0 else []
    if no_port := _NO_PORT.match(url):
        spans.append(no_port.span(1))
    found = _PARAMETER.finditer(url)
    spans += [one.span(2) for one in found if is_secret(unquote(one[1]).casefold())]
    return [(start, end) for start, end in spans if start < end]


class Claims(Protocol):
    """Which run is asking for which segment, so that two runs on one memory do not pay for it twice.

    What a run has claimed is free again when its process ends, however that ends: no claim has to expire.
    """

    def claim(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that nobody had claimed, ourselves included: they are ours now."""
        ...

    def release(self, keys: Collection[str]) -> None:
        """Let others ask, if there is still something to ask: an answer is in the memory by now, or never."""
        ...

    def close(self) -> None:
        """Give up what is still claimed."""
        ...


class Database(ABC):
    """An open database. Every method may raise `StorageError`."""

    claims: Claims
    name: str = ""
    """The memory as a person is told of it."""
    client: tuple[str, ...] = ()
    """The command that a person can give to change something in it by hand."""
    folder: Path | None = None
    """Where the names of files begin; None where whole paths are their names."""
    notes: tuple[str, ...] = ()
    """What a person should know about how it was opened."""
    is_away = False
    """Whether a server has gone: who asks it now waits for it, and `keep` has another place until then."""
    news: int | None = None
    """Another number whenever there are entries that were not there; None where nobody keeps count."""

    @abstractmethod
    def rows(self, query: str, *values: Value) -> list[Row]:
        """What a query finds."""

    def read_ahead(self, subjects: Iterable[str]) -> None:  # noqa: B027 - a file is at hand
        """Have at hand what is known about these texts, addresses and patterns."""

    def looked_up(self, _subject: str | frozenset[str], /, query: str, *values: Value) -> list[Row]:
        """What a query finds that is about a subject, or several: perhaps it has been read ahead."""
        return self.rows(query, *values)

    def at_one_moment(self) -> AbstractContextManager[object]:
        """For many queries in a row, which change nothing."""
        return nullcontext()

    def read(self, table: str, read: Callable[[Row], _Result], query: str, *values: Value) -> list[_Result]:
        """What the rows of a table say that a query finds; see `understood`."""
        return self.understood(table, self.rows(query, *values), read)

    def understood(self, table: str, rows: Iterable[Row], read: Callable[[Row], _Result]) -> list[_Result]:
        """What rows of a table say. Others can write there as well: the one that makes no sense is named."""
        said = []
        for row in rows:
            try:
                said.append(read(row))
            except _NOT_UNDERSTOOD as error:
                name = next(name for name in _NAMED_BY if name in list(row.keys()))
                value = str(row[name]).replace("'", "''")
                remove = f"DELETE FROM {table} WHERE {name} = '{value}'"  # noqa: S608 - for a person
                raise MemoryFailedError(
                    f"the memory {self.name} has a row in {table} that this version does not understand "
                    f"({name} {row[name]!r}: {error}). If a newer version has written it, update this one; "
                    f"else remove the row: `{to_paste([*self.client, remove])}`"
                ) from error
        return said

    @abstractmethod
    def execute(self, statement: str, *values: Value) -> int:
        """Change rows in a transaction that is open, and say how many."""

    @abstractmethod
    def execute_all(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """The same once for each row of values."""

    @abstractmethod
    def transaction(self, change: Callable[[], _Result]) -> _Result:
        """Do what `change` does, all or nothing, while nobody else writes; committed when this returns.

        Within an open transaction it is a part of that. Where the connection is lost, `change` is done again
        from its beginning, perhaps after all had been committed: it must not use up what it was given, and
        must do no harm when it is done twice.
        """

    def keep(self, change: Callable[[], _Result]) -> _Result:
        """The same for what was paid: what a server cannot be told now is kept until it can."""
        return self.transaction(change)

    def hurry(self) -> None:  # noqa: B027 - a file needs none
        """Somebody wants the run to end."""

    @abstractmethod
    def changed_elsewhere(self) -> bool:
        """Whether another connection has written since this was last asked."""

    @abstractmethod
    def close(self) -> None:
        """Give the database back; all that was stored is in it already."""

    def name_of(self, path: Path) -> str:
        """A path from the memory's folder on, with slashes: a project that moves still knows its files."""
        whole = os.path.realpath(path)
        try:
            name = os.path.relpath(whole, os.path.realpath(self.folder)) if self.folder else whole
        except ValueError:  # another drive
            name = whole
        return as_stored(portable_name(name))

    def path_of(self, name: str) -> Path:
        """The file that `name_of` gave this name."""
        return Path(os.path.normpath(Path(os.path.realpath(self.folder) if self.folder else "", name)))


def portable_name(name: str, *, system: str = sys.platform) -> str:
    """With slashes, and composed as elsewhere: memories travel, and the disks of macOS take either form."""
    if system == "darwin":
        return normalize("NFC", name)
    return name.replace("\\", "/") if system == "win32" else name


class MemoryPart:
    """What an open memory holds on one subject. Whatever writes has committed when it returns."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        """`now` gives the time as text, ISO 8601 in UTC."""
        self.database = database
        self._now = now


_Part = TypeVar("_Part", bound=MemoryPart)


def in_one_transaction(
    method: Callable[Concatenate[_Part, _Given], _Result], *, paid: bool = False
) -> Callable[Concatenate[_Part, _Given], _Result]:
    """What a method of a `MemoryPart` reads and writes, in one transaction: see `Database.transaction`."""

    @wraps(method)
    def committed(part: _Part, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        commit = part.database.keep if paid else part.database.transaction
        return commit(lambda: method(part, *args, **kwargs))

    return committed


def never_lost(
    method: Callable[Concatenate[_Part, _Given], _Result],
) -> Callable[Concatenate[_Part, _Given], _Result]:
    """The same for a method that stores what was paid: see `Database.keep`."""
    return in_one_transaction(method, paid=True)


def migrations_in(file: Path) -> tuple[tuple[str, ...], ...]:
    """The statements that make each version of a schema, one transaction each: a kill leaves the old one."""
    _, *versions = file.read_text(encoding="utf-8").split("-- version ")
    return tuple(tuple(version.partition("\n")[2].rstrip().rstrip(";").split(";\n")) for version in versions)


def insertion_into(table: str, columns: Collection[str], verb: str = "INSERT") -> str:
    """The statement that adds a row of these columns to one of `TABLES`."""
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def as_value(value: Value | Arrays) -> Value | Arrays:
    """What a database is given: no member of an enumeration, and no text that it does not hold."""
    if isinstance(value, str):
        return as_stored(str(value))
    return int(value) if isinstance(value, int) else value


def as_stored(text: str) -> str:
    """The text with U+FFFD for what no database holds: a NUL, or half an emoji (a lone surrogate of JSON).

    All that goes to a database goes through this. It is about characters only: whether a translation is good
    enough to be kept is for the checks to say.
    """
    if text.isprintable():
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


# --------------------------------------------------------------------------- rows


BY_SOURCE = """SELECT * FROM entries WHERE source = ? AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
ENTRY = "key, source, target, status, origin, remark, kind, created, context, link, template"
"""The columns of an entry, in the order in which `UPSERT` takes them."""
UPSERT = f"""INSERT INTO entries ({ENTRY}, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM entries))
    ON CONFLICT (key) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in ENTRY.split(", "))},
        revision = excluded.revision
    WHERE excluded.status >= entries.status"""  # noqa: S608 - our names
FAILURE = " failed"
"""How the origin of the last answer ends after which nothing more was asked."""
FORGET_FAILURES = "DELETE FROM attempts WHERE origin LIKE '%' || ? AND"


class FailedAnswer(NamedTuple):
    """An answer that was paid and did not pass the checks."""

    source: str
    target: str
    findings: tuple[Finding, ...]
    origin: str


class Stored(NamedTuple):
    """An entry as it lies in the memory."""

    key: str
    kind: Kind
    entry: Entry


def entry_of(row: Row) -> Entry:
    """The entry in a row of `entries`."""
    texts = (row["origin"], row["remark"], row["context"], row["link"], row["created"])
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("what should be a text is none")
    return Entry(row["source"], row["target"], Status(row["status"]), *texts, kind=Kind(row["kind"]))


def stored_of(row: Row) -> Stored:
    """A row of `entries` with its key and kind."""
    return Stored(row["key"], Kind(row["kind"]), entry_of(row))


def values_of(key: str, entry: Entry, kind: Kind, *, now: str) -> tuple[str | int, ...]:
    """What `UPSERT` stores for an entry; `now` counts where the entry has no date of its own."""
    said = (entry.origin, entry.remark, kind, entry.created or now, entry.context, entry.link)
    return (key, entry.source, entry.target, entry.status, *said, template_of(as_stored(entry.source)))


def failed_answer_of(row: Row) -> FailedAnswer:
    """The answer in a row of `attempts`."""
    findings = tuple(_finding_in(said) for said in json.loads(row["findings"]))
    return FailedAnswer(row["source"], row["target"], findings, row["origin"])


def _finding_in(said: dict[str, Any]) -> Finding:
    """A stored finding. Version 0.1 knew no kinds: what it stored were errors, and counts as certain."""
    kind = ComplaintKind(said.get("kind", ComplaintKind.CERTAIN))
    return Finding(**{**said, "severity": Severity(said["severity"]), "kind": kind, "settled": None})


_LEARN = """INSERT INTO capabilities (endpoint, model, facts) VALUES (?, ?, ?)
    ON CONFLICT (endpoint, model) DO UPDATE SET facts = excluded.facts"""


def facts_about(endpoint: str, model: str, database: Database) -> dict[str, str]:
    """What was learned about a model at an endpoint."""
    query = "SELECT * FROM capabilities WHERE endpoint = ? AND model = ?"
    return next(iter(database.read("capabilities", facts_in, query, endpoint, model)), {})


def facts_in(row: Row) -> dict[str, str]:
    """The facts in a row of `capabilities`."""
    return dict(json.loads(row["facts"]))


def learn_facts(endpoint: str, model: str, facts: Mapping[str, str], database: Database) -> dict[str, str]:
    """Add facts to those that are known, or replace them, in a transaction that is open; gives all."""
    learned = {**facts_about(endpoint, model, database), **facts}
    database.execute(_LEARN, endpoint, model, json.dumps(learned, sort_keys=True))
    return learned


def key_of_source(source: str, link: str = "") -> str:
    """The key of an imported entry, which comes without one; the keys of answers have no prefix."""
    text = as_stored(f"{source}\n{link}" if link else source)
    return "source-" + blake2b(text.encode(), digest_size=16).hexdigest()
