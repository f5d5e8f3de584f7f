"""`weekly-translate season`: many issues in one run, resumable."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from weekly_translate import __version__
from weekly_translate.cli.batch import season_batch
from weekly_translate.cli.options import command
from weekly_translate.cli.progress import season_progress, show_account, show_failures, stopping_told
from weekly_translate.cli.season_setup import SeasonOptions, season_setup
from weekly_translate.cli.summary import receipt_rows, season_plan_rows
from weekly_translate.cli.terminal import counted
from weekly_translate.errors import ExitCode
from weekly_translate.files import TextFile, check_writable, write_text
from weekly_translate.llm.registry import engine_for
from weekly_translate.memory.batches import Batches
from weekly_translate.model import Usage
from weekly_translate.report.json import Season, account_as_data, season_report, usage_as_data
from weekly_translate.report.season_table import Ending, inventory_text, season_text, varieties_text
from weekly_translate.run.issue import PlannedIssue, RefusedIssue, all_planned
from weekly_translate.run.log import failure_as_data
from weekly_translate.run.plan import forecasts_of
from weekly_translate.run.runner import Listeners, recalled, run_issues
from weekly_translate.run.season_notes import SeasonNotes, account_of, code_of, paid, varieties_in
from weekly_translate.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.cli.season_setup import SeasonSetup
    from weekly_translate.cli.terminal import Row, Terminal
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.report.json import Idle
    from weekly_translate.report.season_table import Account
    from weekly_translate.run.issue import Order, Result
    from weekly_translate.run.log import Log
    from weekly_translate.run.project import EngineMaker, ProjectData

_SHOWN_PLACES = 3


@dataclass(frozen=True, slots=True)
class SeasonEnd:
    """All that is known when a season has ended, `failure` being what stopped it."""

    accounts: Sequence[Account]
    notes: SeasonNotes
    data: ProjectData
    failure: WeeklyTranslateError | None = None
    is_whole: bool = True
    """Whether the notes are of the whole season: else rules that are idle may have work elsewhere."""
    forecast: Usage = field(default_factory=Usage)
    seconds: float = 0.0


def season(options: SeasonOptions) -> ExitCode:
    """A run, what it would take, or its batches."""
    if options.batch is not None:
        return season_batch(options, os.environ)
    return season_plan(options, os.environ) if options.plan else season_run(options, os.environ)


def season_run(
    options: SeasonOptions, environment: Mapping[str, str], make_engine: EngineMaker = engine_for
) -> ExitCode:
    """Translate what is not up to date; show and report what has become of each issue."""
    begun = time.monotonic()
    settings = settings_from(options, environment)
    if options.report is not None:
        check_writable(options.report)
    with season_setup(options, settings, make_engine) as setup:
        terminal, log, data, publisher = setup.terminal, setup.log, setup.data, setup.publisher
        wanted, accounts = publisher.sorted_out(setup.orders, only_changed=options.changed)
        if wanted and (waiting := len(Batches(data.memory.transactions).pending())):
            hint = "--batch fetch takes in what has come back; what is asked here is paid twice"
            terminal.say(f"{counted(waiting, 'segment')} are on their way in batches: {hint}", "yellow")
        log.tell("begin", version=__version__, signature=data.signature, issues=len(wanted))
        for account in accounts:
            show_account(account, terminal)
        looks_back = options.report is not None or options.verbose
        notes = SeasonNotes(counting=looks_back)
        try:
            end = _translated(wanted, setup, notes, every_one=options.verbose)
        except KeyboardInterrupt:
            log.tell("end", exit_code=int(ExitCode.INTERRUPTED))
            terminal.say(f"To go on: {_command_line()}")
            return ExitCode.INTERRUPTED
        if looks_back:  # what is up to date belongs to the season: its wording and its rules count as well
            for result in recalled(publisher.current, data):
                notes.note(publisher.name_of(result.order), result)
        end = replace(
            end,
            is_whole=end.failure is None and (looks_back or not publisher.current),
            accounts=sorted([*accounts, *end.accounts], key=lambda one: one.name),
            seconds=time.monotonic() - begun,
        )
        return _finish(end, options, terminal, log)


def season_plan(options: SeasonOptions, environment: Mapping[str, str]) -> ExitCode:
    """`season … --plan`: what a run would take; nothing is sent, and nothing written."""
    with season_setup(options, settings_from(options, environment)) as setup:
        data, publisher = setup.data, setup.publisher
        wanted, accounts = publisher.sorted_out(setup.orders, only_changed=options.changed, dry=True)
        issues: list[PlannedIssue] = []
        for one in all_planned(wanted, data):
            if isinstance(one, RefusedIssue):
                accounts.append(publisher.account(one.order, Ending.REFUSED, str(one.failure)))
            else:
                issues.append(one)
        show_failures(accounts, setup.terminal)
        names = [publisher.name_of(one.order) for one in issues]
        forecasts = forecasts_of([one.plan for one in issues], data)
        planned = dict(zip(names, forecasts, strict=True))
        setup.terminal.show_rows(season_plan_rows(planned, len(accounts), data, every_one=options.verbose))
        failed = any(one.ending is Ending.REFUSED for one in accounts)
        return ExitCode.PARTIAL if failed else ExitCode.DONE


def _translated(
    wanted: Sequence[Order], setup: SeasonSetup, notes: SeasonNotes, *, every_one: bool
) -> SeasonEnd:
    """Run and tell. Raises `KeyboardInterrupt` when it is stopped at once."""
    data, terminal, publisher = setup.data, setup.terminal, setup.publisher
    accounts: list[Account] = []
    if not wanted:
        return SeasonEnd(accounts, notes, data)
    with season_progress(terminal, len(wanted), lambda usage: paid(usage, data.price)) as progress:

        def on_result(result: Result | RefusedIssue) -> None:
            name = publisher.name_of(result.order)
            if isinstance(result, RefusedIssue):
                account = publisher.account(result.order, Ending.REFUSED, str(result.failure))
            else:
                account = account_of(result, name)
                if result.failure is None:
                    notes.note(name, result)
            accounts.append(account)
            show_account(account, terminal, every_one=every_one)
            progress.ended(account)
            setup.log.tell("issue", **account_as_data(account))

        expected: list[Usage] = []
        listeners = Listeners(
            progress=progress.told,
            issue_progress=progress.issue_told,
            said=terminal.say,
            stopping=stopping_told(terminal, setup.log),
            expected=expected.append,
        )
        run = run_issues(wanted, data, setup.engine, on_result, publisher=publisher, listeners=listeners)
    return SeasonEnd(accounts, notes, data, run.failure, forecast=sum(expected, Usage()))


# --------------------------------------------------------------------------- the end of a season


def _command_line() -> str:
    """How a person goes on: the same command again."""
    return shlex.join(["weekly-translate", *sys.argv[1:]])


def _finish(end: SeasonEnd, options: SeasonOptions, terminal: Terminal, log: Log) -> ExitCode:
    """Show the table, what reads in several ways, the receipt; write the report; say how to go on."""
    code = code_of(end.accounts, end.failure) if log.failure is None else log.failure.exit_code
    notes = end.notes
    season = Season(end.accounts, varieties_in(notes.said), notes.idle, notes.inventories)
    width = terminal.stderr.width if terminal.stderr.is_terminal else None
    terminal.say_lines(season_text(end.accounts, every_one=options.verbose, width=width))
    if options.verbose:
        terminal.say_lines(inventory_text(season.inventories) if season.inventories else "")
        terminal.say_lines(varieties_text(season.varieties, places=_SHOWN_PLACES))
    show_failures(end.accounts, terminal, every_line=options.verbose)
    terminal.show_rows(_rows(end, season, verbose=options.verbose))
    if options.report is not None:
        write_text(options.report, TextFile(_report(end, season, code)))
    usage = sum((one.usage for one in end.accounts), Usage())
    failure = {} if end.failure is None else failure_as_data(end.failure, texts=log.texts)
    cost = paid(usage, end.data.price)
    log.tell(
        "end", exit_code=int(code), seconds=round(end.seconds, 3), **failure, **usage_as_data(usage, cost)
    )
    if end.failure is not None:
        if code is not ExitCode.INTERRUPTED:
            terminal.complain(str(end.failure))
        terminal.say(f"To go on: {_command_line()}")
    return code


def _rows(end: SeasonEnd, season: Season, *, verbose: bool) -> Iterator[Row]:
    endings = Counter(one.ending for one in end.accounts)
    parts = [f"{endings[ending]:,} {ending}" for ending in Ending if endings[ending]]
    yield "issues", f"{len(end.accounts):,}: {', '.join(parts)}" if parts else "none to translate"
    yield from receipt_rows(end.accounts, end.forecast, end.data.price)
    if season.varieties:
        kinds = Counter(one.kind for one in season.varieties)
        named = ", ".join(counted(number, kind) for kind, number in kinds.items())
        yield "wording", f"in several ways: {named} (-v and --report show where)"
    if end.is_whole:
        yield from _idle_rows(season.idle, every_one=verbose)
    for note in end.data.memory.notes:
        yield "memory", note
    yield "made by", end.data.signature


def _idle_rows(idle: Sequence[Idle], *, every_one: bool) -> Iterator[Row]:
    """Rules that look for what none of the issues has: in a whole season, they have rotted."""
    if every_one:
        for one in idle:
            what = f"{one.kind} '{one.name}' fires on none of these {one.issues} issues"
            yield "edition", f"{one.file}:{one.line}: {what}"
        return
    for (file, issues), number in Counter((one.file, one.issues) for one in idle).items():
        idle_rules = f"{counted(number, 'rule')} without anything to do in these {issues} issues"
        yield "edition", f"{file}: {idle_rules} (-v shows them)"


def _report(end: SeasonEnd, season: Season, code: ExitCode) -> str:
    expected = end.forecast if end.forecast.requests else None
    facts = {
        "exit_code": int(code),
        "failure": None if end.failure is None else str(end.failure),
        "signature": end.data.signature,
        "seconds": round(end.seconds, 3),
        "forecast": expected and usage_as_data(expected, paid(expected, end.data.price)),
    }
    return season_report(season, facts)


COMMANDS = {"season": command(SeasonOptions, season)}
