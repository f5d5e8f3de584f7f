"""What is settled about texts: doubts that a model stood by its text in, and what people accept anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.memory.database import as_stored
from weekly_translate.model import Settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.memory.database import Database, Row, Transactions

_OF_TEXT = "SELECT * FROM settlements WHERE source = ? AND target = ? ORDER BY who DESC, created DESC"
_ALL = "SELECT * FROM settlements ORDER BY who, created"
_SETTLE = """INSERT INTO settlements (source, target, who, checks, reason, created) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, target, who) DO UPDATE SET
        checks = excluded.checks, reason = excluded.reason, created = excluded.created"""
_FORGET = "DELETE FROM settlements WHERE source = ? AND target = ? AND who = ?"


class Settlements:
    """The settlements of a memory. A text is its source and its target, whatever asks for it."""

    def __init__(self, transactions: Transactions, now: Callable[[], str]) -> None:
        self._transactions = transactions
        self._now = now

    def of(self, source: str, target: str) -> Settlement | None:
        """What is settled about a text; a person's word counts before the model's."""
        rows = self._transactions.rows(_OF_TEXT, as_stored(source), as_stored(target))
        return _settlement_in(rows[0]) if rows else None

    def all(self) -> dict[tuple[str, str], Settlement]:
        """All of them, by source and target."""
        rows = self._transactions.rows(_ALL)
        return {(row["source"], row["target"]): _settlement_in(row) for row in rows}

    def stand_by(self, source: str, target: str, checks: Iterable[str]) -> None:
        """The model was asked about these doubts, and stands by its text."""
        with self._transactions.writing() as database:
            self._settle(database, source, target, ("", " ".join(sorted(set(checks))), ""))

    def accept(self, source: str, target: str, *, who: str, reason: str) -> None:
        """A person accepts the text, whatever the checks say."""
        with self._transactions.writing() as database:
            self.accept_in(database, source, target, who=who, reason=reason)

    def accept_in(self, database: Database, source: str, target: str, *, who: str, reason: str) -> None:
        """The same in a transaction that is open."""
        self._settle(database, source, target, (who, "", reason))

    def settle_in(self, database: Database, source: str, target: str, settlement: Settlement) -> None:
        """What another memory knows, in a transaction that is open."""
        checks, who, reason = " ".join(sorted(settlement.checks)), settlement.who, settlement.reason
        self._settle(database, source, target, (who, checks, reason))

    @staticmethod
    def forget(database: Database, source: str, target: str, who: str) -> None:
        """What a person has accepted is undone, in a transaction that is open; nothing else is."""
        database.execute(_FORGET, tuple(map(as_stored, (source, target, who))))

    def _settle(self, database: Database, source: str, target: str, said: tuple[str, str, str]) -> None:
        texts = (source, target, *said, self._now())
        database.execute(_SETTLE, tuple(map(as_stored, texts)))


def _settlement_in(row: Row) -> Settlement:
    return Settlement(frozenset(row["checks"].split()), row["who"], row["reason"])
