"""What a run has spent and may yet spend, in dollars, whoever is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.errors import BudgetSpentError
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Usage

if TYPE_CHECKING:
    from weekly_translate.llm.tokens import Price


class Budget:
    """What a run has spent, and what the requests in flight may cost: the limit is never exceeded."""

    def __init__(self, limit: Decimal | None) -> None:
        """Without a limit, nothing needs a price."""
        self.limit = limit
        self.usage = Usage()
        """All that was used."""
        self._spent = Decimal(0)
        self._expected = Decimal(0)
        self._in_flight = 0

    def has_room(self, expected: Usage, price: Price | None) -> bool:
        """Whether a request may be sent; not yet, where those in flight have to tell first what they cost.

        What is forecast may cost more in the end: beside others, all of them count twice. Alone it may exceed
        the budget by less than it costs itself. Raises `BudgetSpentError` where even that is too much.
        """
        if self.limit is None:
            return True
        amount = _cost(expected, price)
        if not self._in_flight:
            refuse_beyond(self._spent + amount, self.limit)
            return True
        return self._spent + 2 * (self._expected + amount) <= self.limit

    def reserve(self, expected: Usage, price: Price | None) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._expected += self._counted(expected, price)

    def release(self, expected: Usage, price: Price | None) -> None:
        """The answer to a request is there, or it failed."""
        self._in_flight -= 1
        self._expected -= self._counted(expected, price)

    def spend(self, usage: Usage, price: Price | None) -> None:
        """A request has used this."""
        self.usage += usage
        self._spent += self._counted(usage, price)

    def _counted(self, usage: Usage, price: Price | None) -> Decimal:
        return Decimal(0) if self.limit is None else _cost(usage, price)


def refuse_beyond(amount: Decimal, limit: Decimal | None) -> None:
    """Raise `BudgetSpentError` where what has been spent and what may yet be exceeds the limit."""
    if limit is not None and amount > limit:
        raise BudgetSpentError(
            f"The next request would exceed the budget of ${limit}. "
            "The answers so far are kept: run the same command again to go on, "
            "with a larger --budget if this run has sent nothing."
        )


def _cost(usage: Usage, price: Price | None) -> Decimal:
    spent = cost(usage, price)
    assert spent is not None, "a budget without a price is refused when the settings are read"
    return spent
