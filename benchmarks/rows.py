"""The lines of the table that the benchmarks print."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One measurement. `goal` is empty where there is none, `reached` None where nothing is compared."""

    what: str
    measured: str
    goal: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        """The row as a line of the table."""
        sign = {True: "reached", False: "MISSED", None: ""}[self.reached]
        return f"{self.what:56}  {self.measured:44}  {self.goal:10}  {sign}".rstrip()


HEAD = Row("what", "measured", "goal")
