"""The end of a season: what a person sees of each issue and of all, the report, and the exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.cli.summary import counted, receipt_rows
from weekly_translate.errors import ExitCode
from weekly_translate.files import TextFile, write_text
from weekly_translate.model import Severity, Usage
from weekly_translate.report.json import Season, season_report, usage_as_data
from weekly_translate.report.season_table import Ending, inventory_text, season_text, varieties_text
from weekly_translate.run.accounts import code_of, paid, varieties_in
from weekly_translate.run.log import failure_as_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.cli.options import Given
    from weekly_translate.cli.summary import Row
    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.report.json import Idle
    from weekly_translate.report.season_table import Account
    from weekly_translate.run.accounts import Impressions
    from weekly_translate.run.job import Job
    from weekly_translate.run.log import Log

_SHOWN_EDITS = 40
"""Lines of what a person has changed in one file, without -v."""
_SHOWN_PLACES = 3
_HELD = (Ending.HELD, Ending.FOREIGN)
_HOW_TO_DECIDE = (
    "--take-theirs keeps such files as they are until their sources change, --keep-ours replaces them"
)
_WITH_A_REASON = (Ending.REFUSED, Ending.UNSAVED, *_HELD)


class End(NamedTuple):
    """All that is known when a season has ended, `failure` being what stopped it."""

    accounts: Sequence[Account]
    impressions: Impressions
    job: Job
    failure: WeeklyTranslateError | None = None
    is_whole: bool = True
    """Whether the impressions are of the whole season: else rules that are idle may have work elsewhere."""
    forecast: Usage = Usage()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


def show_account(account: Account, terminal: Terminal, *, every_one: bool = False) -> None:
    """What is wrong with an issue, as soon as that is known; with `every_one` warnings as well."""
    least = (Severity.ERROR, Severity.WARNING, Severity.INFO) if every_one else (Severity.ERROR,)
    terminal.show_findings(account.source, (one for one in account.findings if one.severity in least))


def show_failures(accounts: Sequence[Account], terminal: Terminal, *, every_line: bool = False) -> None:
    """A sentence for each issue that was not written, and what a person has changed in its output."""
    for one in accounts:
        if one.diff and not terminal.is_quiet:
            lines = one.diff.splitlines()
            shown = lines if every_line else lines[:_SHOWN_EDITS]
            more = (
                [f"… and {len(lines) - len(shown)} more lines (-v shows all)"]
                if len(shown) < len(lines)
                else []
            )
            terminal.result("".join(f"{line}\n" for line in [*shown, *more]))
    for one in accounts:
        if one.ending in _WITH_A_REASON:
            named = one.why.startswith((one.source, one.target))
            terminal.complain(one.why if named else f"{_file_of(one)}: {one.why}")
    if any(one.ending in _HELD for one in accounts):
        terminal.say(_HOW_TO_DECIDE)


def _file_of(one: Account) -> str:
    return one.target if one.ending in _HELD else one.source


def finish(end: End, given: Given, terminal: Terminal, log: Log) -> ExitCode:
    """Show the table, what reads in several ways, the receipt; write the report; say how to go on."""
    code = code_of(end.accounts, end.failure) if log.failure is None else log.failure.exit_code
    noted = end.impressions
    season = Season(end.accounts, varieties_in(noted.said), noted.idle, noted.inventories)
    width = terminal.stderr.width if terminal.stderr.is_terminal else None
    terminal.say_lines(season_text(end.accounts, every_one=given["verbose"], width=width))
    if given["verbose"]:
        terminal.say_lines(inventory_text(season.inventories) if season.inventories else "")
        terminal.say_lines(varieties_text(season.varieties, places=_SHOWN_PLACES))
    show_failures(end.accounts, terminal, every_line=given["verbose"])
    terminal.show_rows(_rows(end, season, verbose=given["verbose"]))
    if given["report"] is not None:
        write_text(given["report"], TextFile(_report(end, season, code)))
    usage = sum((one.usage for one in end.accounts), Usage())
    failure = {} if end.failure is None else failure_as_data(end.failure, texts=log.texts)
    cost = paid(usage, end.job.price)
    log.tell(
        "end", exit_code=int(code), seconds=round(end.seconds, 3), **failure, **usage_as_data(usage, cost)
    )
    if end.failure is not None:
        if code is not ExitCode.INTERRUPTED:
            terminal.complain(str(end.failure))
        terminal.say(f"To go on: {given['command']}")
    return code


def _rows(end: End, season: Season, *, verbose: bool) -> Iterator[Row]:
    endings = Counter(one.ending for one in end.accounts)
    parts = [f"{endings[ending]:,} {ending}" for ending in Ending if endings[ending]]
    yield "issues", f"{len(end.accounts):,}: {', '.join(parts)}" if parts else "none to translate"
    yield from receipt_rows(end.accounts, end.forecast, end.job.price)
    if season.varieties:
        kinds = Counter(one.kind for one in season.varieties)
        named = ", ".join(counted(number, kind) for kind, number in kinds.items())
        yield "wording", f"in several ways: {named} (-v and --report show where)"
    if end.is_whole:
        yield from _idle_rows(season.idle, every_one=verbose)
    for note in end.notes:
        yield "memory", note
    yield "made by", end.job.signature


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


def _report(end: End, season: Season, code: ExitCode) -> str:
    expected = end.forecast if end.forecast.requests else None
    facts = {
        "exit_code": int(code),
        "failure": None if end.failure is None else str(end.failure),
        "signature": end.job.signature,
        "seconds": round(end.seconds, 3),
        "forecast": expected and usage_as_data(expected, paid(expected, end.job.price)),
    }
    return season_report(season, facts)
