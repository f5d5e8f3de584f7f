"""`weekly-translate season`: many issues in one run, resumable."""

from __future__ import annotations

import os
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate import __version__
from weekly_translate.cli.options import (
    BaseUrlOption,
    BudgetOption,
    EditionOption,
    EncodingOption,
    EngineOption,
    GlossaryOption,
    JobsOption,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    QuietOption,
    ReportOption,
    VerboseOption,
    end_with,
)
from weekly_translate.cli.progress import season_progress
from weekly_translate.cli.season_end import End, finish, show_account, show_failures
from weekly_translate.cli.season_setup import decision_in, season_desk
from weekly_translate.cli.summary import counted, season_plan_rows
from weekly_translate.errors import ExitCode
from weekly_translate.files import check_writable
from weekly_translate.memory.batches import Batches
from weekly_translate.model import Usage
from weekly_translate.report.json import account_as_data
from weekly_translate.report.season_table import Account, Ending
from weekly_translate.run.accounts import Impressions, paid
from weekly_translate.run.issue import engine_for
from weekly_translate.run.outputs import Decision
from weekly_translate.run.season import SeasonListeners, plan_season, recalled, run_season
from weekly_translate.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.cli.options import Given
    from weekly_translate.cli.season_setup import Desk
    from weekly_translate.run.issue import EngineMaker, Order
    from weekly_translate.run.season import Result


def run_season_command(
    given: Given, environment: Mapping[str, str], make_engine: EngineMaker = engine_for
) -> ExitCode:
    """`season`: translate what is not up to date; show and report what has become of each issue."""
    begun = time.monotonic()
    settings = settings_from(given, environment)
    if given["report"] is not None:
        check_writable(given["report"])
    with season_desk(given, settings, make_engine, given["log"], decision_in(given)) as desk:
        wanted, accounts = desk.publisher.sorted_out(desk.orders, only_changed=given["changed"])
        if wanted and (waiting := len(Batches(desk.job.memory.transactions).pending())):
            hint = "--batch fetch takes in what has come back; what is asked here is paid twice"
            desk.terminal.say(f"{counted(waiting, 'segment')} are on their way in batches: {hint}", "yellow")
        desk.log.tell("begin", version=__version__, signature=desk.job.signature, issues=len(wanted))
        for account in accounts:
            show_account(account, desk.terminal)
        looks_back = given["report"] is not None or given["verbose"]
        impressions = Impressions(counting=looks_back)
        try:
            end = _translated(wanted, desk, impressions, every_one=given["verbose"])
        except KeyboardInterrupt:
            desk.log.tell("end", exit_code=int(ExitCode.INTERRUPTED))
            desk.terminal.say(f"To go on: {given['command']}")
            return ExitCode.INTERRUPTED
        if looks_back:
            _look_back(end.impressions, desk)
        end = end._replace(
            is_whole=end.failure is None and (looks_back or not desk.publisher.current),
            accounts=sorted([*accounts, *end.accounts], key=lambda one: one.name),
            seconds=time.monotonic() - begun,
            notes=desk.notes,
        )
        return finish(end, given, desk.terminal, desk.log)


def _look_back(impressions: Impressions, desk: Desk) -> None:
    """What is up to date belongs to the season: its wording is compared, and its rules count as used."""
    for result in recalled(desk.publisher.current, desk.job):
        if result.translation is not None:
            impressions.note(desk.publisher.name_of(result.order), result.translation)


def run_season_plan(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`season … --plan`: what a run would take; nothing is sent, and nothing written."""
    settings = settings_from(given, environment)
    decision = decision_in(given)
    kept = decision if decision is Decision.OURS else Decision.HOLD
    with season_desk(given, settings, engine_for, None, kept) as desk:
        wanted, accounts = desk.publisher.sorted_out(desk.orders, only_changed=given["changed"], dry=True)
        planned = plan_season(wanted, desk.job)
        names = {order: desk.publisher.name_of(order) for order in wanted}
        accounts += [
            Account(
                names[one.order], str(one.order.source), str(one.order.out), Ending.REFUSED, str(one.failure)
            )
            for one in planned
            if one.failure is not None
        ]
        show_failures(accounts, desk.terminal)
        forecasts = {names[one.order]: one.forecast for one in planned if one.forecast is not None}
        desk.terminal.show_rows(
            season_plan_rows(forecasts, len(accounts), desk.job, every_one=given["verbose"])
        )
        failed = any(one.ending is Ending.REFUSED for one in accounts)
        return ExitCode.PARTIAL if failed else ExitCode.DONE


def _translated(wanted: Sequence[Order], desk: Desk, impressions: Impressions, *, every_one: bool) -> End:
    """Run, publish and tell. Raises `KeyboardInterrupt` when it is stopped at once."""
    job, accounts = desk.job, list[Account]()
    with season_progress(desk.terminal, len(wanted), lambda usage: paid(usage, job.price)) as progress:

        def on_result(result: Result) -> None:
            account = desk.publisher.published(result, job.price)
            accounts.append(account)
            if result.translation is not None and result.failure is None:
                impressions.note(account.name, result.translation)
            show_account(account, desk.terminal, every_one=every_one)
            progress.ended(account)
            desk.log.tell("issue", **account_as_data(account))

        def stopping(in_flight: int) -> None:
            desk.log.tell("stopping", in_flight=in_flight)
            desk.terminal.say(
                f"stopping: {in_flight} in flight; press Ctrl-C again to stop at once", "yellow"
            )

        if not wanted:
            return End(accounts, impressions, job)
        expected: list[Usage] = []
        listeners = SeasonListeners(progress.issue_told, stopping, expected.append)
        run = run_season(wanted, replace(job, told=progress.told), on_result, listeners)
    return End(accounts, impressions, job, run.failure, forecast=sum(expected, Usage()))


# ---------------------------------------------------------------------------
# `weekly-translate season`.


_FromOption = Annotated[
    str | None, typer.Option("--from", help="The first issue, by date (2023-07-08, 2023-07) or number.")
]
_ToOption = Annotated[str | None, typer.Option("--to", help="The last issue, in the same way.")]
_ChangedOption = Annotated[
    bool, typer.Option("--changed", help="Only issues whose output is there, from a season, and out of date.")
]
_TheirsOption = Annotated[
    bool, typer.Option("--take-theirs", help="Keep outputs as people have edited them.")
]
_OursOption = Annotated[bool, typer.Option("--keep-ours", help="Replace outputs that people have edited.")]
_PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only count: issues, segments, requests, tokens, cost.")
]
_BatchOption = Annotated[
    str | None,
    typer.Option(
        metavar="[STEP]", help="Half the price, a day later: submit (default), status, fetch, forget."
    ),
]
_LogOption = Annotated[
    Path | None, typer.Option(help="Add a JSON line for each request and issue to this file.")
]
_LogTextsOption = Annotated[
    bool, typer.Option("--log-texts", help="Let the log hold what is sent and answered.")
]


def season(  # noqa: PLR0913 - these are the options of the contract
    sources: Annotated[
        list[str], typer.Argument(help="Folders, files, or patterns in quotes: 'docs/**/*.md'.")
    ],
    *,
    out: Annotated[Path, typer.Option("-o", "--output", help="The folder that the English goes to.")],
    first: _FromOption = None,
    last: _ToOption = None,
    changed: _ChangedOption = False,
    take_theirs: _TheirsOption = False,
    keep_ours: _OursOption = False,
    plan: _PlanOption = False,
    batch: _BatchOption = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: JobsOption = None,
    budget: BudgetOption = None,
    report: ReportOption = None,
    log: _LogOption = None,
    log_texts: _LogTextsOption = False,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write results in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Translate many issues; what is up to date is skipped, and what people have edited is kept."""
    given = {**locals(), "command": shlex.join(["weekly-translate", *sys.argv[1:]])}

    if batch is not None:
        from weekly_translate.cli.batch import (  # noqa: PLC0415 - as above
            run_season_batch,
        )

        end_with(run_season_batch(given, os.environ))
    end_with(run_season_plan(given, os.environ) if plan else run_season_command(given, os.environ))
