"""What a person is told while a run lasts: how far it is, and why it waits."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.cli.terminal import clean_line, counted
from weekly_translate.errors import NoEngineError
from weekly_translate.llm.providers import local_server
from weekly_translate.model import Severity
from weekly_translate.report.season_table import Ending, dollars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from rich.console import Console
    from rich.progress import Progress, Task, TaskID

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.model import Usage
    from weekly_translate.report.season_table import Account
    from weekly_translate.run.seasons import Log

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_MOST_LINES = 8
"""Issues that are shown at a time."""
_ROOM_FOR_A_BAR = 60
"""Columns: on a narrower terminal the name of an issue says more than its bar."""
_LONG_WAIT = 10
"""Seconds: a wait like this is told each time, a shorter one once for each reason."""
_LOOKED_UP = 25
"""Issues, which take some seconds."""
_SHOWN_EDITS = 40
"""Lines of what a person has changed in one file, without -v."""
_HELD = (Ending.HELD, Ending.FOREIGN)
_WITH_A_REASON = (Ending.REFUSED, Ending.UNSAVED, *_HELD)


@contextmanager
def issue_progress(terminal: Terminal, name: str) -> Iterator[Callable[[int, int, Usage], None]]:
    """Shows how far a run of one issue is: a bar on a terminal, a line at each fifth elsewhere."""
    if terminal.quiet or not terminal.is_interactive:
        yield _milestones(terminal, name)
        return
    from rich.progress import (  # noqa: PLC0415 - slow to load, and for terminals only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.stderr, transient=True) as bar:
        terminal.bars = bar
        task = bar.add_task(clean_line(name), total=None)
        yield lambda settled, all_, _usage: bar.update(task, completed=settled, total=all_)


def _milestones(terminal: Terminal, name: str) -> Callable[[int, int, Usage], None]:
    last = -1

    def told(settled: int, all_: int, usage: Usage) -> None:
        nonlocal last
        fifth = 5 * settled // max(all_, 1)
        if fifth > last and usage.requests:
            last = fifth
            done = f"{settled:,} of {counted(all_, 'segment')}"
            terminal.say(f"{name}: {done}, {counted(usage.requests, 'request')}")

    return told


class SeasonProgress:
    """Shows a line for each issue that has come to its end."""

    def __init__(self, terminal: Terminal, issues: int) -> None:
        self._terminal = terminal
        self._issues = issues
        self._ended = 0

    def looked_up(self, issues: int) -> None:
        """How many issues have been looked up in the memory."""
        if issues % _LOOKED_UP == 0:
            self._terminal.say(f"looked up {issues:,} of {counted(self._issues, 'issue')}")

    def told(self, settled: int, all_: int, usage: Usage) -> None:
        """How many segments of the season are settled."""

    def issue_told(self, name: str, settled: int, all_: int, usage: Usage) -> None:
        """The same of one issue."""

    def ended(self, account: Account) -> None:
        """An issue has come to its end."""
        self._ended += 1
        parts = [counted(account.counts.all, "segment"), counted(account.usage.requests, "request")]
        if account.cost is not None:
            parts.append(dollars(account.cost))
        took = f" ({', '.join(parts)})" if account.usage.requests else ""
        what = f"{self._ended}/{self._issues} {account.name}: {account.ending}{took}"
        self._terminal.say(what, "" if account.ending.is_good else "yellow")


class SeasonBars(SeasonProgress):
    """The same on a terminal, with a bar for the season and a line for each issue that has begun."""

    def __init__(
        self, terminal: Terminal, issues: int, bars: Progress, price_of: Callable[[Usage], Decimal | None]
    ) -> None:
        super().__init__(terminal, issues)
        self._bars = bars
        self._price_of = price_of
        what = f"looking up {counted(issues, 'issue')}"
        self._whole = bars.add_task(what, total=issues, whole=True)
        self._lines: dict[str, TaskID] = {}

    def looked_up(self, issues: int) -> None:
        """The bar, before anything is asked."""
        self._bars.update(self._whole, completed=issues, total=self._issues)

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
            self._lines[name] = self._bars.add_task(f"  {clean_line(name)}", total=all_, whole=False)
        self._bars.update(self._lines[name], completed=settled, total=all_)

    def ended(self, account: Account) -> None:
        """The line of an issue gives way to what has become of it."""
        super().ended(account)
        self._drop(account.source)

    def _drop(self, name: str) -> None:
        if name in self._lines:
            self._bars.remove_task(self._lines.pop(name))


@contextmanager
def season_progress(
    terminal: Terminal, issues: int, price_of: Callable[[Usage], Decimal | None]
) -> Iterator[SeasonProgress]:
    """Shows how far a season of so many issues is while the block lasts. `price_of` gives dollars."""
    if terminal.quiet or not terminal.is_interactive:
        yield SeasonProgress(terminal, issues)
    else:
        with _season_bars(terminal.stderr) as bars:
            terminal.bars = bars
            yield SeasonBars(terminal, issues, bars, price_of)


def _season_bars(console: Console) -> Progress:
    """A bar for the task whose field `whole` is true, and a line for each of the others."""
    from rich.progress import (  # noqa: PLC0415 - slow to load, and for terminals only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    class TimeLeft(TimeRemainingColumn):
        """Of the season alone: an issue waits for its turn, so that its own speed says nothing."""

        def render(self, task: Task) -> Text:
            return super().render(task) if task.fields["whole"] else Text("")

    name = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        *([BarColumn(bar_width=20)] if console.width >= _ROOM_FOR_A_BAR else ()),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TimeLeft(compact=True),
    )
    return Progress(*columns, console=console, transient=True, expand=True)


def waits_told(terminal: Terminal, log: Log | None = None) -> Callable[[str, float], None]:
    """Says why nothing moves, without saying the same for each of the workers."""
    said: set[str] = set()

    def told(reason: str, seconds: float) -> None:
        if log is not None:
            log.tell("wait", seconds=round(seconds, 3), **({"reason": reason} if log.texts else {}))
        if seconds >= _LONG_WAIT or (seconds >= 1 and reason not in said):
            said.add(reason)
            terminal.say(f"waiting {seconds:.0f} s: {reason}")

    return told


def stopping_told(terminal: Terminal, log: Log | None = None) -> Callable[[int], None]:
    """Says what the first Ctrl-C does, and what a second one would do."""

    def told(in_flight: int) -> None:
        if log is not None:
            log.tell("stopping", in_flight=in_flight)
        answers = counted(in_flight, "answer")
        terminal.say(f"stopping: {answers} in flight; press Ctrl-C again to stop at once", "yellow")

    return told


def asked_about_budget(terminal: Terminal) -> Callable[[Decimal, Decimal], bool]:
    """Asks a person at a terminal whether to begin with a budget below the forecast; tells all others."""

    def goes_on(forecast: Decimal, budget: Decimal) -> bool:
        what = f"The forecast is {dollars(forecast)}, and the budget ${budget.normalize():f}"
        answer = terminal.ask(f"{what}. Translate as much as it allows?")
        if answer is None:
            terminal.say(f"{what}: the run may end before everything is translated", "yellow")
        return answer is not False

    return goes_on


def show_failure(failure: WeeklyTranslateError, terminal: Terminal, *, drafts: bool = True) -> None:
    """What stopped a run; where nobody could be asked, the ways on as commands to paste.

    `drafts` is whether the command can make one.
    """
    terminal.complain(str(failure))
    if isinstance(failure, NoEngineError):
        server, again = local_server(os.environ), ["weekly-translate", *sys.argv[1:]]
        ways = {
            "With a key:": [["export", "OPENAI_API_KEY=..."], again],
            "With a model of yours:": [[*again, "--base-url", server.base_url, "--model", server.model]],
        }
        if drafts:
            ways["To see the layout only:"] = [[*again, "--engine", "draft"]]
        for way, commands in ways.items():
            terminal.complain(way)
            for words in commands:
                terminal.command(words, even_if_quiet=True)


def show_how_to_go_on(terminal: Terminal) -> None:
    """The same command again, to paste."""
    terminal.say("To go on:")
    terminal.command(["weekly-translate", *sys.argv[1:]])


def show_account(
    account: Account, terminal: Terminal, texts: Mapping[str, str] = _NO_TEXTS, *, every_one: bool = False
) -> None:
    """What is wrong with an issue, as soon as that is known; with `every_one` warnings as well.

    `texts` are the sources of its segments by their ids.
    """
    errors = (one for one in account.findings if one.severity is Severity.ERROR)
    terminal.show_findings(account.source, account.findings if every_one else errors, texts)


def show_failures(accounts: Sequence[Account], terminal: Terminal, *, every_line: bool = False) -> None:
    """A sentence for each issue that was not written, and what a person has changed in its output."""
    for one in accounts:
        show_edits(one.diff, terminal, every_line=every_line)
    for one in accounts:
        if one.ending in _WITH_A_REASON:
            named = one.why.startswith((one.source, one.target))
            file = one.target if one.ending in _HELD else one.source
            terminal.complain(one.why if named else f"{file}: {one.why}")
    held = [one for one in accounts if one.ending in _HELD]
    if held:
        show_decisions(held[0].source, held[0].target, terminal, others=len(held) - 1)


def show_decisions(source: str, target: str, terminal: Terminal, *, others: int = 0) -> None:
    """What to do about an output that a person has edited, and `others` like it, as commands to paste."""
    again = ["weekly-translate", *sys.argv[1:]]
    terminal.say("To keep what a person has written until the source changes:")
    terminal.command([*again, "--keep-edits"])
    terminal.say(
        "To take the wording into the memory first"
        + (f", here of one file of {others + 1}:" if others else ":")
    )
    terminal.command(["weekly-translate", "memory", "learn", source, target, "--status", "edited"])
    terminal.say("To replace it:")
    terminal.command([*again, "--replace-edits"])


def show_edits(diff: str, terminal: Terminal, *, every_line: bool = False) -> None:
    """What a person has changed in an output since a run wrote it."""
    if diff and not terminal.quiet:
        lines = diff.splitlines()
        shown = lines if every_line else lines[:_SHOWN_EDITS]
        if more := len(lines) - len(shown):
            shown = [*shown, f"… and {more} more lines (-v shows all)"]
        terminal.result("".join(f"{line}\n" for line in shown))
