"""`weekly-translate season`: many issues in one run, resumable."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from weekly_translate.cli.batch import fetched_rows, plan_at, plans_of, state_in_words, submission_rows
from weekly_translate.cli.options import RunOptions, command, one_of, refuse_one_file_for_two, review_command
from weekly_translate.cli.program import BATCH_STEPS
from weekly_translate.cli.run_messages import (
    asked_about_budget,
    dropped_rows,
    receipt_rows,
    season_plan_rows,
    season_progress,
    show_account,
    show_failure,
    show_failures,
    show_how_to_go_on,
    show_retry,
    stopping_told,
)
from weekly_translate.cli.terminal import waits_told
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.errors import ExitCode, NoEngineError, UsageError, in_one_line
from weekly_translate.files import TextFile, check_writable, same_file, write_text
from weekly_translate.llm.batch import UNKNOWN, OpenAIBatch
from weekly_translate.llm.engine import engine_for, makes_drafts, refuse_absent
from weekly_translate.model import Ending, Severity, Usage
from weekly_translate.report.data import (
    Season,
    account_as_data,
    is_report,
    season_report,
    tokens_as_data,
    usage_as_data,
)
from weekly_translate.report.season_table import (
    inventory_text,
    season_legend,
    season_text,
    season_verdict,
    total_cost,
    varieties_text,
)
from weekly_translate.run.batch_jobs import BatchJobs
from weekly_translate.run.issue import EditPolicy
from weekly_translate.run.plan import RefusedIssue, all_planned, forecasts_of
from weekly_translate.run.project import paid
from weekly_translate.run.runner import Listeners, recalled, run_issues, run_setup
from weekly_translate.run.seasons import (
    LoggedEngine,
    SeasonNotes,
    account_of,
    bound_of,
    chosen_in,
    code_of,
    failure_as_data,
    left_out_of,
    open_log,
    range_of,
    translatable,
    varieties_in,
)
from weekly_translate.settings import settings_from
from weekly_translate.text.characters import counted
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.cli.terminal import Row, Terminal
    from weekly_translate.edition.applying import Editions
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.llm.engine import Engine
    from weekly_translate.report.data import Idle
    from weekly_translate.report.season_table import Account
    from weekly_translate.run.issue import Publisher, Result
    from weekly_translate.run.plan import Order, PlannedIssue
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.run.seasons import ChosenSource, Log, Range
    from weekly_translate.settings import Settings

_SHOWN_PLACES = 3
_TO_MEND = (Ending.WRITTEN, Ending.SAME, Ending.INCOMPLETE, Ending.ERRORS)


@dataclass(frozen=True, kw_only=True)
class SeasonOptions(RunOptions):
    """Translate many issues; what is up to date is skipped, and what people have edited is kept."""

    sources: Annotated[
        list[str], typer.Argument(help="Folders, files, or patterns in quotes: 'docs/**/*.md'.")
    ]
    out: Annotated[Path, typer.Option("-o", "--output", help="The folder that the English goes to.")]
    first: Annotated[
        str | None, typer.Option("--from", help="The first issue, by date (2023-07-08, 2023-07) or number.")
    ] = None
    last: Annotated[str | None, typer.Option("--to", help="The last issue, in the same way.")] = None
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Only issues whose output is there, from a season, and out of date."),
    ] = False
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: issues, segments, requests, tokens, cost.")
    ] = False
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="[STEP]",
            help="Half the price, a day later: submit (default), status, fetch, forget.",
            **one_of("step", BATCH_STEPS),
        ),
    ] = None
    log: Annotated[
        Path | None, typer.Option(help="Add a JSON line for each request and issue to this file.")
    ] = None
    log_texts: Annotated[
        bool, typer.Option("--log-texts", help="Let the log hold what is sent and answered.")
    ] = False

    @property
    def range(self) -> Range:
        """From which issue to which. Raises `UsageError`."""
        return range_of(bound_of("--from", self.first), bound_of("--to", self.last))


def season(options: SeasonOptions) -> ExitCode:
    """A run, what it would take, or its batches."""
    if options.batch is not None:
        return _batch(options, options.batch)
    return _plan(options) if options.plan else season_run(options, os.environ)


class SeasonSetup(NamedTuple):
    """All that a season needs."""

    terminal: Terminal
    log: Log
    data: ProjectData
    engine: Engine
    publisher: Publisher
    orders: Sequence[Order]


@contextmanager
def season_setup(
    options: SeasonOptions, settings: Settings, make_engine: EngineMaker = engine_for
) -> Iterator[SeasonSetup]:
    """All that a season needs. At the end, raises the `StorageError` of a log that is not whole."""
    terminal, wanted, policy = options.terminal, options.range, options.policy
    if options.plan and policy is EditPolicy.KEEP:
        policy = EditPolicy.HOLD  # a plan notes nothing
    chosen = chosen_in(options.sources, options.out)
    if options.out.exists() and not options.out.is_dir():  # one sentence, and not the same for each issue
        raise UsageError(f"{options.out} is a file: name a folder for the English with -o.")
    if all(same_file(one.out, one.source) for one in chosen):
        raise UsageError(
            f"The English would replace its own sources in {options.out}: name another folder with -o."
        )
    chosen, others = translatable(chosen, settings.project, options.order_of)
    for left_out in others:
        terminal.say(left_out)
    if left_out := left_out_of(options.sources, options.out):
        terminal.say(f"left out, because it is no Markdown: {left_out}; copy what the pages need")
    _refuse_issues_as_files(options, settings, chosen)
    log_file = None if options.plan and options.batch is None else options.log
    with closing(open_log(log_file, texts=options.log_texts)) as log:
        made = run_setup(
            settings,
            counts_only=options.plan,
            policy=policy,
            folder=options.out,
            on_wait=waits_told(terminal, log),
            make_engine=lambda settings, context: LoggedEngine(make_engine(settings, context), log),
        )
        with made as (data, engine, publisher):
            orders = _orders(options, chosen, data.editions)
            if not orders:
                terminal.say(f"the range {wanted} holds none of these issues", "yellow")
            yield SeasonSetup(terminal, log, data, engine, publisher, orders)
    if log.failure is not None:
        raise log.failure


def _refuse_issues_as_files(
    options: SeasonOptions, settings: Settings, chosen: Sequence[ChosenSource]
) -> None:
    """The last one written would be all that is left."""
    files = {"--report": options.report, "--log": options.log, "the memory": settings.memory_file}
    refuse_one_file_for_two(files)
    for (name, path), one in product(files.items(), chosen):
        if path is not None and (same_file(path, one.out) or same_file(path, one.source)):
            raise UsageError(f"{path} is an issue, and named for {name}: give each its own file.")


def _orders(options: SeasonOptions, chosen: Sequence[ChosenSource], editions: Editions) -> list[Order]:
    """An order for each issue of the range; what has no date or number is left out, and told.

    One that cannot be read stays: it is to fail in the summary, not to vanish.
    """
    orders = [options.order_of(one.source, one.out) for one in chosen]
    return [one for one in orders if _is_wanted(one, options, editions)] if options.range else orders


def _is_wanted(order: Order, options: SeasonOptions, editions: Editions) -> bool:
    try:
        issue = manuscript_of(order.read().text, order.source.name, editions).issue
    except UsageError:
        return True
    if lacks := options.range.lacking(issue):
        options.terminal.say(f"{order.source}: left out, because nothing says its {lacks}", "yellow")
    return not lacks and options.range.holds(issue)


# --------------------------------------------------------------------------- a run


class SeasonEnd(NamedTuple):
    """All that is known when a season has ended, `failure` being what stopped it."""

    accounts: Sequence[Account]
    notes: SeasonNotes
    data: ProjectData
    failure: WeeklyTranslateError | None
    is_whole: bool
    """Whether the notes are of the whole season: else rules that are idle may have work elsewhere."""
    forecast: Usage
    seconds: float


def season_run(
    options: SeasonOptions, environment: Mapping[str, str], make_engine: EngineMaker = engine_for
) -> ExitCode:
    """Translate what is not up to date; show and report what has become of each issue."""
    begun = time.monotonic()
    settings = settings_from(options, environment)
    if options.report is not None:
        check_writable(options.report, may_replace=is_report)
    with season_setup(options, settings, make_engine) as setup:
        terminal, log, data, publisher = setup.terminal, setup.log, setup.data, setup.publisher
        wanted, accounts = publisher.sorted_out(setup.orders, only_changed=options.changed)
        if wanted and (waiting := len(data.memory.batches.pending())):
            hint = "--batch fetch takes in what has come back; what is asked here is paid twice"
            terminal.say(f"on the way in batches: {counted(waiting, 'segment')}; {hint}", "yellow")
        publisher.join()
        log.tell("begin", version=VERSION, signature=data.signature, issues=len(wanted))
        for account in accounts:
            show_account(account, terminal, {})
        looks_back = options.report is not None or options.verbose
        notes = SeasonNotes(counting=looks_back)
        try:
            ended, failure, forecast = _translated(wanted, setup, notes, every_one=options.verbose)
        except KeyboardInterrupt:
            log.tell("end", exit_code=int(ExitCode.INTERRUPTED))
            return ExitCode.INTERRUPTED
        if looks_back:  # what is up to date belongs to the season: its wording and its rules count as well
            for result in recalled(publisher.current, data):
                notes.note(publisher.name_of(result.order), result)
        every_one = publisher.of_all_runs(sorted([*accounts, *ended], key=lambda one: one.name))
        is_whole = failure is None and (looks_back or not publisher.current)
        seconds = time.monotonic() - begun
        return _finish(
            SeasonEnd(every_one, notes, data, failure, is_whole, forecast, seconds), options, setup
        )


def _translated(
    wanted: Sequence[Order], setup: SeasonSetup, notes: SeasonNotes, *, every_one: bool
) -> tuple[list[Account], WeeklyTranslateError | None, Usage]:
    """Run and tell: the accounts, what stopped it, what it was to take. Raises `KeyboardInterrupt`."""
    data, terminal, publisher = setup.data, setup.terminal, setup.publisher
    accounts: list[Account] = []
    if not wanted:
        return accounts, None, Usage()
    with season_progress(terminal, len(wanted), lambda usage: paid(usage, data.price)) as progress:

        def on_result(result: Result | RefusedIssue) -> None:
            name = publisher.name_of(result.order)
            if isinstance(result, RefusedIssue):
                account = publisher.account(result.order, Ending.REFUSED, in_one_line(result.failure))
            else:
                account = account_of(result, name)
                if result.failure is None:
                    notes.note(name, result)
            accounts.append(account)
            texts = {} if isinstance(result, RefusedIssue) else result.texts
            show_account(account, terminal, texts, every_one=every_one)
            progress.ended(account)
            setup.log.tell("issue", **account_as_data(account))

        expected: list[Usage] = []
        listeners = Listeners(
            looked_up=progress.looked_up,
            progress=progress.told,
            issue_progress=progress.issue_told,
            said=terminal.say,
            stopping=stopping_told(terminal, setup.log),
            goes_on_within=asked_about_budget(terminal),
            expected=expected.append,
        )
        run = run_issues(wanted, data, setup.engine, on_result, publisher=publisher, listeners=listeners)
    return accounts, run.failure, sum(expected, Usage())


def _finish(end: SeasonEnd, options: SeasonOptions, setup: SeasonSetup) -> ExitCode:
    """Show the table, what reads in several ways, the receipt; write the report; say how to go on."""
    terminal, log, notes = setup.terminal, setup.log, end.notes
    code = code_of(end.accounts, end.failure) if log.failure is None else log.failure.exit_code
    season = Season(end.accounts, varieties_in(notes.said), notes.idle, notes.inventories)
    width = terminal.stderr.width if terminal.stderr.is_terminal else None
    is_good = code is ExitCode.DONE
    terminal.say(season_verdict(end.accounts), "green" if is_good else "bold yellow")
    terminal.say_lines(season_text(end.accounts, every_one=options.verbose, width=width))
    terminal.say_lines(season_legend(end.accounts))
    if options.verbose:
        terminal.say_lines(inventory_text(season.inventories) if season.inventories else "")
        terminal.say_lines(varieties_text(season.varieties, places=_SHOWN_PLACES))
    show_failures(end.accounts, options, terminal, every_line=options.verbose)
    terminal.show_rows(_rows(end, season, verbose=options.verbose))
    if options.report is not None:
        write_text(options.report, TextFile(_report(end, season, code)))
    usage = usage_as_data(sum((one.usage for one in end.accounts), Usage()), total_cost(end.accounts))
    failure = {} if end.failure is None else failure_as_data(end.failure, texts=log.texts)
    log.tell("end", exit_code=int(code), seconds=round(end.seconds, 3), **failure, **usage)
    if end.failure is not None and code is not ExitCode.INTERRUPTED:
        show_failure(end.failure, terminal)
        if not isinstance(end.failure, NoEngineError):
            show_how_to_go_on(terminal, end.failure)
    elif end.failure is None:
        _show_next(end.accounts, options)
        show_retry(sum(one.counts.left for one in end.accounts), options, terminal)
    return code


def _show_next(accounts: Sequence[Account], options: SeasonOptions) -> None:
    """The worst issue to look at, as a command to paste."""
    to_mend = [one for one in accounts if one.ending in _TO_MEND and one.findings]
    weights = [[one.number_of(kind) for kind in (Severity.ERROR, Severity.WARNING)] for one in to_mend]
    if any(map(any, weights)):
        worst = to_mend[weights.index(max(weights))]
        others = f", the worst of {counted(len(to_mend), 'issue')}" if len(to_mend) > 1 else ""
        look = f"To look at {worst.name}{others}, mend and accept:"
        options.terminal.way_on(look, review_command(worst.source, worst.target, options))


def _rows(end: SeasonEnd, season: Season, *, verbose: bool) -> Iterator[Row]:
    yield from receipt_rows(end.accounts, end.forecast, end.data)
    yield from dropped_rows(sum(one.dropped_errors for one in end.accounts))
    if season.varieties:
        kinds = Counter(one.kind for one in season.varieties)
        named = ", ".join(counted(number, kind) for kind, number in kinds.items())
        yield "wording", f"in several ways: {named} (-v and --report show where)"
    if end.is_whole:
        yield from _idle_rows(season.idle, every_one=verbose)
    for note in end.data.memory.notes:
        yield "memory", note
    if verbose:
        yield "made with", end.data.signature


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


def _plan(options: SeasonOptions) -> ExitCode:
    """`season … --plan`: what a run would take; nothing is sent, and nothing written."""
    with season_setup(options, settings_from(options, os.environ)) as setup:
        data, publisher = setup.data, setup.publisher
        wanted, accounts = publisher.sorted_out(setup.orders, only_changed=options.changed, dry=True)
        issues: list[PlannedIssue] = []
        for one in all_planned(wanted, data):
            if isinstance(one, RefusedIssue):
                accounts.append(publisher.account(one.order, Ending.REFUSED, str(one.failure)))
            else:
                issues.append(one)
        show_failures(accounts, options, setup.terminal)
        names = [publisher.name_of(one.order) for one in issues]
        forecasts = forecasts_of([one.plan for one in issues], data)
        planned = dict(zip(names, forecasts, strict=True))
        setup.terminal.show_rows(season_plan_rows(planned, len(accounts), data, every_one=options.verbose))
        failed = any(one.ending is Ending.REFUSED for one in accounts)
        return ExitCode.PARTIAL if failed else ExitCode.DONE


# --------------------------------------------------------------------------- `--batch`


def _batch(options: SeasonOptions, step: str) -> ExitCode:
    """What is open goes to a Batch API, is looked after, taken in when it has come back, or given up."""
    if options.plan and step != "submit":
        raise UsageError(f"--plan counts what would be sent: leave it out with --batch {step}.")
    if options.report is not None:
        raise UsageError("--report is written by the run that writes the files: leave it out with --batch.")
    settings = settings_from(options, os.environ)
    if makes_drafts(settings.engine):
        raise UsageError("A draft is made at once: --batch needs the engine openai.")
    refuse_absent(settings)
    if settings.provider.batches is False:
        raise UsageError(
            f"There is no Batch API at {settings.base_url}: leave out --batch, or write the requests to a "
            "file that another service answers: weekly-translate batch export."
        )
    with season_setup(options, settings) as setup:
        say = setup.terminal.say
        if setup.data.reader is not None and settings.of_proofreader.base_url != settings.base_url:
            raise UsageError(
                "The second reader is at another endpoint, which has no part in --batch: give "
                "--no-proofread, and `batch export --proofread` to have it read from a file."
            )
        for note in setup.data.memory.notes:
            say(note, "yellow")
        jobs = BatchJobs(setup.data, settings.endpoint, OpenAIBatch(settings.endpoint))

        async def run() -> ExitCode:
            try:
                return await _STEPS[step](jobs, setup, options)
            finally:
                await jobs.api.close()
                for url in jobs.elsewhere():
                    say(f"Other batches of this memory are on their way at {url}: see --base-url.")

        return asyncio.run(run())


async def _submit(jobs: BatchJobs, setup: SeasonSetup, options: SeasonOptions) -> ExitCode:
    orders, accounts = setup.publisher.sorted_out(setup.orders, only_changed=options.changed, dry=True)
    terminal, refused = setup.terminal, list[str]()
    show_failures(accounts, options, terminal)

    planned = partial(plans_of, orders, jobs.data, refused.append)
    sent = jobs.submission(planned()) if options.plan else await jobs.submit(planned)
    for reason in refused:
        terminal.complain(reason)
    terminal.show_rows(submission_rows(sent, jobs.data))
    facts = tokens_as_data(sent.expected)
    setup.log.tell("sent", batches=sent.batches, found=sent.found, segments=sent.segments, **facts)
    if sent.batches:
        terminal.say("To go on: the same command with --batch status, and with --batch fetch within a day.")
    failed = refused or any(one.ending is Ending.REFUSED for one in accounts)
    return ExitCode.PARTIAL if failed else ExitCode.DONE


async def _status(jobs: BatchJobs, setup: SeasonSetup, _options: SeasonOptions) -> ExitCode:
    states = await jobs.states()
    for batch, state in states:
        setup.terminal.result(f"{state.job}  {batch.created}  {state_in_words(state)}\n")
        setup.log.tell("batch", job=state.job, status=state.status, done=state.done, failed=state.failed)
    if not states:
        setup.terminal.say("No batch of this memory is on its way.")
    return ExitCode.DONE


async def _fetch(jobs: BatchJobs, setup: SeasonSetup, options: SeasonOptions) -> ExitCode:
    terminal, sources = setup.terminal, [order.source for order in setup.orders]
    fetched = await jobs.fetch(plan_at(options.order_of, jobs.data, terminal.complain), sources)
    terminal.show_rows(fetched_rows(fetched, jobs.data))
    tally = fetched.tally._replace(answered=fetched.tally.answered + fetched.placed)
    setup.log.tell("fetched", batches=fetched.ended, **tally._asdict(), **tokens_as_data(fetched.usage))
    if fetched.failure is not None:
        raise fetched.failure
    if fetched.ended or fetched.placed:
        if jobs.data.reader is not None and fetched.usage.requests:
            terminal.say(
                "To go on: --batch submit has the answers read by the second reader, at half the price."
            )
        terminal.say("To go on: the same command without --batch writes the files and asks for what is left.")
    return ExitCode.PARTIAL if fetched.waiting else ExitCode.DONE


async def _forget(jobs: BatchJobs, setup: SeasonSetup, _options: SeasonOptions) -> ExitCode:
    found = await jobs.forget()
    for batch, state in found:
        name, gone = state.job or "unconfirmed", state.status == UNKNOWN
        end = "forgotten" if gone else f"kept, because it is known: {state_in_words(state)}"
        setup.terminal.result(f"{name}  {batch.created}  {end}\n")
        setup.log.tell("forgotten" if gone else "kept", job=batch.job, status=state.status)
    if not found:
        setup.terminal.say("No batch of this memory is on its way.")
    elif any(state.status == UNKNOWN for _, state in found):
        setup.terminal.say("To go on: the next run or batch asks again for what was forgotten.")
    return ExitCode.DONE


_STEPS = dict(zip(BATCH_STEPS, (_submit, _status, _fetch, _forget), strict=True))


COMMANDS = {"season": command(SeasonOptions, season)}
