"""Batch requests: what each of them asks for, and which batches the provider is working on.

A batch is recorded before it is sent, by a nonce that travels with it: a run that is killed in between finds
it again at the provider, and nothing is sent twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.memory.database import as_stored

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from weekly_translate.memory.database import Database, Transactions

_REMEMBER = """INSERT INTO batch_requests (id, source, step, form, members) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET source = excluded.source"""
_INTEND = "INSERT INTO batches (nonce, endpoint, model, created) VALUES (?, ?, ?, ?)"
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


class Batches:
    """The batches that one open memory knows. Whatever writes has committed when it returns."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def remember(self, asked: Iterable[Asked]) -> None:
        """These are about to be exported."""
        with self._transactions.writing() as database:
            self._remember(database, asked)

    def intend(self, nonce: str, endpoint: str, model: str, asked: Iterable[Asked], *, now: str) -> None:
        """These are about to be sent as one batch."""
        requests = list(asked)
        with self._transactions.writing() as database:
            self._remember(database, requests)
            database.execute(_INTEND, (nonce, endpoint, model, now))
            parts = [(nonce, one.id) for one in requests]
            database.executemany("INSERT INTO batch_parts (nonce, request) VALUES (?, ?)", parts)

    def requests_of(self, nonce: str) -> frozenset[str]:
        """The ids of the requests of a batch."""
        rows = self._transactions.rows("SELECT request FROM batch_parts WHERE nonce = ?", nonce)
        return frozenset(row["request"] for row in rows)

    def sent(self, nonce: str, job: str) -> None:
        """The provider has it, under this name."""
        with self._transactions.writing() as database:
            database.execute("UPDATE batches SET job = ? WHERE nonce = ?", (as_stored(job), nonce))

    def forget(self, nonce: str) -> None:
        """It never arrived, or is given up. Its requests stay known: an answer can still be imported."""
        with self._transactions.writing() as database:
            database.execute("DELETE FROM batch_parts WHERE nonce = ?", (nonce,))
            database.execute("DELETE FROM batches WHERE nonce = ?", (nonce,))

    def end(self, nonce: str, *, homeless: bool = False) -> None:
        """All that came back is in the memory, but for answers whose segments no issue has."""
        with self._transactions.writing() as database:
            state = _HOMELESS if homeless else _ENDED
            database.execute("UPDATE batches SET ended = ? WHERE nonce = ?", (state, nonce))

    def open_at(self, endpoint: str) -> list[Batch]:
        """Those that have not ended, the oldest first."""
        return self._in_state(endpoint, _ON_ITS_WAY)

    def homeless_at(self, endpoint: str) -> list[Batch]:
        """Those that have ended with answers that found no place, the oldest first."""
        return self._in_state(endpoint, _HOMELESS)

    def elsewhere(self, endpoint: str) -> list[str]:
        """Other endpoints with batches on their way."""
        return [row["endpoint"] for row in self._transactions.rows(_ELSEWHERE, endpoint)]

    def pending(self) -> frozenset[str]:
        """The keys that batches on their way ask for."""
        rows = self._transactions.rows(_PENDING)
        return frozenset(member.key for row in rows for member in _members(row["members"]))

    def asked(self, id_: str) -> Asked | None:
        """The request that was sent or exported under an id."""
        for row in self._transactions.rows("SELECT * FROM batch_requests WHERE id = ?", as_stored(id_)):
            if members := _members(row["members"]):
                source = self._transactions.path_of(row["source"])
                return Asked(row["id"], source, row["step"], row["form"], members)
        return None

    def _in_state(self, endpoint: str, state: int) -> list[Batch]:
        rows = self._transactions.rows(_IN_STATE, endpoint, state)
        return [Batch(row["nonce"], row["model"], row["job"], row["created"]) for row in rows]

    def _remember(self, database: Database, asked: Iterable[Asked]) -> None:
        for one in asked:
            name = self._transactions.name_of(one.source)
            database.execute(_REMEMBER, (one.id, name, one.step, one.form, json.dumps(one.members)))


def _members(text: str) -> tuple[Member, ...]:
    """None where a disk has lost a part of them: SQLite does not look into its texts."""
    try:
        return tuple(Member(*fields) for fields in json.loads(text))
    except ValueError:
        return ()
