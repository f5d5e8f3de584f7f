"""What runs leave for others: batches on their way, files written, shares of a season, dollars spent."""

from __future__ import annotations

import json
import secrets
import time
import zlib
from dataclasses import astuple
from decimal import ROUND_CEILING, Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.memory.database import MemoryPart, in_one_transaction, never_lost
from weekly_translate.model import Status, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from weekly_translate.memory.database import Database, Row

_REMEMBER = """INSERT INTO batch_requests (id, source, step, form, members) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET source = excluded.source"""
_INTEND = """INSERT INTO batches (nonce, endpoint, model, created) VALUES (?, ?, ?, ?)
    ON CONFLICT DO NOTHING"""
_HAVE_PART = "INSERT INTO batch_parts (nonce, request) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ON_ITS_WAY, _ENDED, _HOMELESS = range(3)
"""The values of `ended`; the last one: all is taken in that has a place in the issues, and some has not."""
_IN_STATE = "SELECT * FROM batches WHERE endpoint = ? AND ended = ? ORDER BY rowid"
_ELSEWHERE = "SELECT DISTINCT endpoint FROM batches WHERE endpoint <> ? AND ended = 0 ORDER BY endpoint"
_PENDING = """SELECT DISTINCT members FROM batch_requests JOIN batch_parts ON request = id
    JOIN batches USING (nonce) WHERE ended = 0"""


class Member(NamedTuple):
    """A segment of a request: its id there, the key of its question, and its text."""

    id: str
    key: str
    text: str
    target: str = ""
    """The translation that a second reader is asked about."""


class Asked(NamedTuple):
    """A request as it was sent or exported. The id says the same of it as its content."""

    id: str
    source: Path
    step: str
    form: str
    members: tuple[Member, ...]


class Batch(NamedTuple):
    """A batch that is on its way. Without a `job`, the provider's name for it, it may not have arrived."""

    nonce: str
    model: str
    job: str
    created: str


class Batches(MemoryPart):
    """Batch requests: what each of them asks for, and which batches the provider is working on.

    A batch is recorded before it is sent, by a nonce that travels with it: a run that is killed in between
    finds it again at the provider, and nothing is sent twice.
    """

    def remember(self, asked: Iterable[Asked]) -> None:
        """These are about to be exported."""
        name_of = self.database.name_of
        rows = [(one.id, name_of(one.source), one.step, one.form, json.dumps(one.members)) for one in asked]
        self.database.transaction(lambda: self.database.execute_all(_REMEMBER, rows))

    @in_one_transaction
    def intend(self, nonce: str, endpoint: str, model: str, asked: Sequence[Asked]) -> None:
        """These are about to be sent as one batch."""
        self.remember(asked)
        self.database.execute(_INTEND, nonce, endpoint, model, self._now())
        parts = [(nonce, one.id) for one in asked]
        self.database.execute_all(_HAVE_PART, parts)

    def requests_of(self, nonce: str) -> frozenset[str]:
        """The ids of the requests of a batch."""
        rows = self.database.rows("SELECT request FROM batch_parts WHERE nonce = ?", nonce)
        return frozenset(row["request"] for row in rows)

    @in_one_transaction
    def sent(self, nonce: str, job: str) -> None:
        """The provider has it, under this name."""
        self.database.execute("UPDATE batches SET job = ? WHERE nonce = ?", job, nonce)

    @in_one_transaction
    def forget(self, nonce: str) -> None:
        """It never arrived, or is given up. Its requests stay known: an answer can still be imported."""
        self.database.execute("DELETE FROM batch_parts WHERE nonce = ?", nonce)
        self.database.execute("DELETE FROM batches WHERE nonce = ?", nonce)

    @in_one_transaction
    def end(self, nonce: str, *, homeless: bool = False) -> None:
        """All that came back is in the memory, but for answers whose segments no issue has."""
        state = _HOMELESS if homeless else _ENDED
        self.database.execute("UPDATE batches SET ended = ? WHERE nonce = ?", state, nonce)

    def open_at(self, endpoint: str, *, homeless: bool = False) -> list[Batch]:
        """Those that have not ended, or have ended with answers that found no place, the oldest first."""
        rows = self.database.rows(_IN_STATE, endpoint, _HOMELESS if homeless else _ON_ITS_WAY)
        return [Batch(row["nonce"], row["model"], row["job"], row["created"]) for row in rows]

    def elsewhere(self, endpoint: str) -> list[str]:
        """Other endpoints with batches on their way."""
        return [row["endpoint"] for row in self.database.rows(_ELSEWHERE, endpoint)]

    def pending(self) -> frozenset[str]:
        """The keys that batches on their way ask for."""
        rows = self.database.rows(_PENDING)
        return frozenset(member.key for row in rows for member in _members(row["members"]))

    def asked(self, id_: str) -> Asked | None:
        """The request that was sent or exported under an id."""
        for row in self.database.rows("SELECT * FROM batch_requests WHERE id = ?", id_):
            if members := _members(row["members"]):
                source = self.database.path_of(row["source"])
                return Asked(row["id"], source, row["step"], row["form"], members)
        return None


def _members(text: str) -> tuple[Member, ...]:
    """None where a disk has lost a part of them: a database does not look into its texts."""
    try:
        return tuple(Member(*fields) for fields in json.loads(text))
    except ValueError:
        return ()


# --------------------------------------------------------------------------- files


_FIND = "SELECT * FROM outputs WHERE name IN "
_PAST = "SELECT name, written FROM past_outputs WHERE name IN "
_AT_ONCE = 500
"""So many files are asked about in one request."""
_KEEP_PAST = """INSERT INTO past_outputs (name, written)
    SELECT name, written FROM outputs WHERE name = ? AND written NOT IN ('', ?)
    AND written NOT IN (SELECT written FROM past_outputs WHERE past_outputs.name = outputs.name)"""
_BEGIN = """INSERT INTO outputs (name, begun) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET begun = excluded.begun"""
_FINISH = """UPDATE outputs SET source = ?, made = ?, written = ?, content = ?, begun = '', taken = ''
    WHERE name = ?"""
_TAKE = """INSERT INTO outputs (name, source, taken) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET source = excluded.source, taken = excluded.taken"""
_VOUCHED = "SELECT count(*), max(revision) FROM entries WHERE status >= ?"
_REJECTED = "SELECT count(*), max(id) FROM rejections"


class Written(NamedTuple):
    """What is known about an output. All but `content` are digests (32 hex digits), empty where unknown."""

    source: str
    """Of the source that the file was made from."""
    made: str
    """Of how it was made: engine, data files, what people say about translations."""
    written: str
    """Of the file as it was written ..."""
    content: bytes
    """... and its bytes."""
    begun: str
    """Of what was about to be written when the run ended."""
    taken: str
    """Of a file that a person made or edited, and that is to stay."""
    past: frozenset[str] = frozenset()
    """Of what was written before: another one of the team may have it still."""


class Outputs(MemoryPart):
    """Which files a season has written and from what, so that a file that a person has edited is recognized.

    A file is recorded in two steps: `begin` before it is written, `finish` when it is there. A run that is
    killed in between leaves the old or the new text, and both are known as its own.
    """

    def of(self, path: Path) -> Written | None:
        """What is known about a file."""
        return self.of_all([path]).get(path)

    def of_all(self, paths: Iterable[Path]) -> dict[Path, Written]:
        """What is known about some files, in few requests."""
        known: dict[Path, Written] = {}
        named = [(self.database.name_of(path), path) for path in paths]
        for start in range(0, len(named), _AT_ONCE):
            names = dict(named[start : start + _AT_ONCE])
            places = f"({', '.join('?' * len(names))})"
            past: dict[str, set[str]] = {}
            for row in self.database.rows(_PAST + places, *names):
                past.setdefault(row["name"], set()).add(row["written"])
            for name, written in self.database.read("outputs", _written_in, _FIND + places, *names):
                known[names[name]] = written._replace(past=frozenset(past.get(name, ())))
        return known

    @in_one_transaction
    def begin(self, path: Path, content: bytes) -> None:
        """These bytes are about to be written."""
        name, new = self.database.name_of(path), digest(content)
        self.database.execute(_KEEP_PAST, name, new)
        self.database.execute(_BEGIN, name, new)

    @in_one_transaction
    def finish(self, path: Path, content: bytes, *, source: str, made: str) -> None:
        """They have been written. With an empty `source` the file counts as ours, and as out of date."""
        values = (source, made, digest(content), zlib.compress(content))
        self.database.execute(_FINISH, *values, self.database.name_of(path))

    @in_one_transaction
    def take(self, path: Path, content: bytes, *, source: str) -> None:
        """A person has made these bytes from this source, and they are to stay."""
        self.database.execute(_TAKE, self.database.name_of(path), source, digest(content))

    def decisions_revision(self) -> str:
        """A mark of what people say about translations: each edit, approval and rejection changes it."""
        (vouched,) = self.database.rows(_VOUCHED, Status.EDITED)
        (rejected,) = self.database.rows(_REJECTED)
        return " ".join(str(number or 0) for number in (*vouched, *rejected))


def _written_in(row: Row) -> tuple[str, Written]:
    content = zlib.decompress(row["content"]) if row["content"] else b""
    return row["name"], Written(
        row["source"], row["made"], row["written"], content, row["begun"], row["taken"]
    )


def digest(content: bytes) -> str:
    """32 hex digits."""
    return blake2b(content, digest_size=16).hexdigest()


# --------------------------------------------------------------------------- a season that several runs share


_PLACES = 32
"""So many runs can tell whether they are alone."""
_PAUSE = 0.05
_FORGET_SHARES = "DELETE FROM shares WHERE season = ?"
_FORGET_SHARE = "DELETE FROM shares WHERE season = ? AND run = ? AND name = ?"
_SHARE = "INSERT INTO shares (season, run, name, used, written) VALUES (?, ?, ?, ?, ?)"
_SHARES = "SELECT * FROM shares WHERE season = ? ORDER BY name, run"


class Share(NamedTuple):
    """What runs have used for an issue, and whether one of them has written its file."""

    usage: Usage = Usage()
    reading: Usage = Usage()
    written: bool = False


class Shares(MemoryPart):
    """What each of the runs that share a season does for it, so that each can report on the whole.

    A season begins with the run that begins it alone; it is named by the folder of its outputs.
    """

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        super().__init__(database, now)
        self._run = secrets.token_hex(8)
        self._ours: dict[str, Share] = {}

    def begin(self, folder: Path) -> None:
        """Join those that are at it, or forget an earlier season. Claims of this run say that it is at it."""
        claims, season = self.database.claims, self.database.name_of(folder)
        gate = {f"season {season}"}
        while not claims.claim(gate):  # another run is just beginning
            time.sleep(_PAUSE)
        places = [f"season {season} {place}" for place in range(_PLACES)]
        free = claims.claim(places)
        if len(free) == _PLACES:
            self.database.transaction(lambda: self.database.execute(_FORGET_SHARES, season))
        claims.release(free - {min(free, default="")})
        claims.release(gate)

    def add(self, folder: Path, name: str, share: Share) -> None:
        """This run has used and done this more for an issue."""
        ours = self._ours[name] = _together(self._ours.get(name, Share()), share)
        season, used = self.database.name_of(folder), json.dumps([astuple(ours.usage), astuple(ours.reading)])

        def change() -> None:
            self.database.execute(_FORGET_SHARE, season, self._run, name)
            self.database.execute(_SHARE, season, self._run, name, used, int(ours.written))

        self.database.keep(change)

    def of(self, folder: Path) -> dict[str, Share]:
        """What all runs together have done for the issues of a season, by their names."""
        found: dict[str, Share] = {}
        season = self.database.name_of(folder)
        for name, share in self.database.read("shares", _share_in, _SHARES, season):
            found[name] = _together(found.get(name, Share()), share)
        return found


def _share_in(row: Row) -> tuple[str, Share]:
    usage, reading = (Usage(*numbers) for numbers in json.loads(row["used"]))
    return row["name"], Share(usage, reading, bool(row["written"]))


def _together(one: Share, other: Share) -> Share:
    return Share(one.usage + other.usage, one.reading + other.reading, one.written or other.written)


# --------------------------------------------------------------------------- spending


_NANODOLLARS = 10**9
"""Integers are added exactly; a token of the cheapest model costs some dozen of these."""
_ADD = """INSERT INTO spending (day, nanodollars) VALUES (?, ?)
    ON CONFLICT (day) DO UPDATE SET nanodollars = spending.nanodollars + excluded.nanodollars"""
_RESERVED = "batch "
"""In place of a day, before the nonce of a batch: what it may cost."""


def _nanodollars(amount: Decimal) -> int:
    """Rounded up."""
    return int((amount * _NANODOLLARS).to_integral_value(ROUND_CEILING))


class Spending(MemoryPart):
    """What the runs on a memory have spent together, where they share a budget: a sum for each day."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        super().__init__(database, now)
        self._ours = 0

    def add(self, amount: Decimal) -> None:
        """Dollars that an answer has cost. Raises `StorageError`."""
        nanodollars = _nanodollars(amount)
        self._ours += nanodollars
        self.add_exactly(self._now()[:10], nanodollars)

    @never_lost
    def add_exactly(self, day: str, nanodollars: int) -> None:
        """What was spent on a day."""
        self.database.execute(_ADD, day, nanodollars)

    @in_one_transaction
    def settle(self, nonce: str, amount: Decimal, *, is_spent: bool) -> None:
        """Dollars that a batch has cost, or may yet cost: until it `is_spent`, they count as if it were."""
        self.database.execute("DELETE FROM spending WHERE day = ?", _RESERVED + nonce)
        if amount:
            day = self._now()[:10] if is_spent else _RESERVED + nonce
            self.database.execute(_ADD, day, _nanodollars(amount))

    def total(self) -> Decimal:
        """Dollars, of all days and batches on their way."""
        (row,) = self.database.rows("SELECT COALESCE(SUM(nanodollars), 0) AS all_days FROM spending")
        return Decimal(row["all_days"]) / _NANODOLLARS

    def by_others(self) -> Decimal:
        """Dollars, of all days, but for what was added here since the memory was opened."""
        return self.total() - Decimal(self._ours) / _NANODOLLARS
