"""What the runs on a memory have spent together, where they share a budget."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.memory.database import Transactions

_NANODOLLARS = 10**9
"""SQLite adds integers exactly; a token of the cheapest model costs some dozen of these."""
_ADD = """INSERT INTO spending (day, nanodollars) VALUES (?, ?)
    ON CONFLICT (day) DO UPDATE SET nanodollars = nanodollars + excluded.nanodollars"""


class Spending:
    """A sum for each day, so that a person can see where it came from."""

    def __init__(self, transactions: Transactions, now: Callable[[], str]) -> None:
        self._transactions = transactions
        self._now = now

    def add(self, amount: Decimal) -> None:
        """Dollars that an answer has cost; rounded up. Raises `StorageError`."""
        nanodollars = int((amount * _NANODOLLARS).to_integral_value(ROUND_CEILING))
        with self._transactions.writing() as database:
            database.execute(_ADD, (self._now()[:10], nanodollars))

    def total(self) -> Decimal:
        """Dollars, of all days."""
        (row,) = self._transactions.rows("SELECT COALESCE(SUM(nanodollars), 0) AS all_days FROM spending")
        return Decimal(row["all_days"]) / _NANODOLLARS
