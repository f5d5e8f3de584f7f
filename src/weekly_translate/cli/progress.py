"""How far a season is: a bar for all of it, a line for each active issue; without a terminal plain lines."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from weekly_translate.cli.summary import counted
from weekly_translate.cli.terminal import clean_line
from weekly_translate.report.season_table import dollars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from rich.progress import Task

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.model import Usage
    from weekly_translate.report.season_table import Account

_ROOM_FOR_A_BAR = 60
"""Columns: on a narrower terminal the name of an issue says more than its bar."""
_MOST_LINES = 8
"""Issues that are shown at a time."""
_STYLES = {True: "", False: "yellow"}


class SeasonProgress:
    """Is told what happens, and shows it. This one shows a line for each issue that has come to its end."""

    def __init__(self, terminal: Terminal, issues: int) -> None:
        self._terminal = terminal
        self._issues = issues
        self._ended = 0

    def told(self, settled: int, all_: int, usage: Usage) -> None:
        """How many segments of the season are settled."""

    def issue_told(self, name: str, settled: int, all_: int, usage: Usage) -> None:
        """The same of one issue."""

    def ended(self, account: Account) -> None:
        """An issue has come to its end."""
        self._ended += 1
        what = f"{self._ended}/{self._issues} {account.name}: {account.ending}{_took(account)}"
        self._terminal.say(what, _STYLES[account.ending.is_good])


class SeasonBars(SeasonProgress):
    """The same on a terminal, with a bar for the season and a line for each issue that has begun."""

    def __init__(
        self, terminal: Terminal, issues: int, bars: Progress, price_of: Callable[[Usage], Decimal | None]
    ) -> None:
        super().__init__(terminal, issues)
        self._bars = bars
        self._price_of = price_of
        self._whole = bars.add_task(counted(issues, "issue"), total=None, whole=True)
        self._lines: dict[str, TaskID] = {}

    def told(self, settled: int, all_: int, usage: Usage) -> None:
        """The bar, with the requests and the cost so far."""
        spent = self._price_of(usage)
        note = counted(usage.requests, "request") + ("" if spent is None else f", {dollars(spent)}")
        self._bars.update(self._whole, completed=settled, total=all_, description=note)

    def issue_told(self, name: str, settled: int, all_: int, usage: Usage) -> None:
        """A line from the first request of an issue to its end, as long as there is room."""
        if settled == all_ or not usage.requests:
            self._drop(name)
            return
        if name not in self._lines:
            if len(self._lines) >= _MOST_LINES:
                return
            line = self._bars.add_task(f"  {clean_line(name)}", total=all_, whole=False)
            self._lines[name] = line
        self._bars.update(self._lines[name], completed=settled, total=all_)

    def ended(self, account: Account) -> None:
        """The line of an issue gives way to what has become of it."""
        super().ended(account)
        self._drop(account.source)

    def _drop(self, name: str) -> None:
        if name in self._lines:
            self._bars.remove_task(self._lines.pop(name))


class _TimeLeft(TimeRemainingColumn):
    """Of the season alone: an issue waits for its turn, so that its own speed says nothing."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.fields["whole"] else Text("")


@contextmanager
def season_progress(
    terminal: Terminal, issues: int, price_of: Callable[[Usage], Decimal | None]
) -> Iterator[SeasonProgress]:
    """Shows how far a season of so many issues is while the block lasts. `price_of` gives dollars."""
    if terminal.is_quiet or not terminal.stderr.is_terminal:
        yield SeasonProgress(terminal, issues)
        return
    with _bars(terminal) as bars:
        yield SeasonBars(terminal, issues, bars, price_of)


def _bars(terminal: Terminal) -> Progress:
    name = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    wide = (BarColumn(bar_width=20),) if terminal.stderr.width >= _ROOM_FOR_A_BAR else ()
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        *wide,
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        _TimeLeft(compact=True),
    )
    return Progress(*columns, console=terminal.stderr, transient=True, expand=True)


def _took(account: Account) -> str:
    if not account.usage.requests:
        return ""
    parts = [counted(account.counts.all, "segment"), counted(account.usage.requests, "request")]
    if account.cost is not None:
        parts.append(dollars(account.cost))
    return f" ({', '.join(parts)})"
