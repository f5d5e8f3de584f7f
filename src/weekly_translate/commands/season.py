"""`season`: many issues in one run, resumable; each is written as soon as it is settled."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate import __version__
from weekly_translate.commands.season_desk import decision_in, season_desk
from weekly_translate.commands.season_end import End, finish, show_account, show_failures
from weekly_translate.console.season_progress import season_progress
from weekly_translate.console.season_rows import plan_rows
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode
from weekly_translate.exchange import Usage
from weekly_translate.issue import engine_for
from weekly_translate.reports.season import Account, Ending
from weekly_translate.reports.season_json import account_as_data
from weekly_translate.season.accounts import Impressions, paid
from weekly_translate.season.publishing import Decision
from weekly_translate.season.running import SeasonListeners, plan_season, recalled, run_season
from weekly_translate.settings import settings_from
from weekly_translate.store.batches import Batches
from weekly_translate.store.files import check_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.commands.given import Given
    from weekly_translate.commands.season_desk import Desk
    from weekly_translate.issue import EngineMaker, Order
    from weekly_translate.season.running import Result


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
        desk.terminal.show_rows(plan_rows(forecasts, len(accounts), desk.job, every_one=given["verbose"]))
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
