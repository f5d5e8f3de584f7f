"""What a run has spent, and what the requests in flight may cost: the budget is never exceeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.errors import BudgetSpentError
from weekly_translate.model import Usage

if TYPE_CHECKING:
    from weekly_translate.run.job import Job


class Purse:
    """One budget for all issues of a run."""

    def __init__(self, job: Job) -> None:
        """The job knows the budget, and refuses what is beyond it."""
        self._job = job
        self._aside = Usage()
        self._in_flight = 0
        self.usage = Usage()

    def has_room(self, expected: Usage) -> bool:
        """Whether a request may be sent; not yet, where those in flight have to tell first what they cost.

        What is forecast may cost more in the end: beside others, all of them count twice. Alone it may exceed
        the budget by less than it costs itself. Raises `BudgetSpentError` where even that is too much.
        """
        if not self._in_flight:
            self._job.refuse_beyond_budget(self.usage + expected)
            return True
        together = self._aside + expected
        try:
            self._job.refuse_beyond_budget(self.usage + together + together)
        except BudgetSpentError:
            return False
        return True

    def set_aside(self, expected: Usage) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._aside += expected

    def put_back(self, expected: Usage) -> None:
        """Its answer is there, or it failed."""
        self._in_flight -= 1
        self._aside -= expected

    def pay(self, usage: Usage) -> None:
        """What an answer has cost."""
        self.usage += usage
