"""How bars look on a terminal: one for an issue, or one for a season and a line for each active issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task

_ROOM_FOR_A_BAR = 60
"""Columns: on a narrower terminal the name of an issue says more than its bar."""


def issue_bar(console: Console) -> Progress:
    """How many segments of an issue are settled, and the time that it has taken."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True)


def season_bars(console: Console) -> Progress:
    """A bar for a task whose field `whole` is true, and a line for each of the others."""
    name = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    wide = (BarColumn(bar_width=20),) if console.width >= _ROOM_FOR_A_BAR else ()
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        *wide,
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        _TimeLeft(compact=True),
    )
    return Progress(*columns, console=console, transient=True, expand=True)


class _TimeLeft(TimeRemainingColumn):
    """Of the season alone: an issue waits for its turn, so that its own speed says nothing."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.fields["whole"] else Text("")
