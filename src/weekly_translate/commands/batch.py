"""`season --batch …`: what is open goes to a Batch API, and is taken in when it has come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from weekly_translate.commands.batch_issues import assignments_of, issue_at_in
from weekly_translate.commands.season_desk import decision_in, season_desk
from weekly_translate.commands.season_end import show_failures
from weekly_translate.console.batch_rows import fetched_rows, mail_rows, state_in_words
from weekly_translate.engines.endpoint import Endpoint
from weekly_translate.engines.openai_batch import OpenAIBatch
from weekly_translate.engines.remote_batch import UNKNOWN
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.issue import engine_for
from weekly_translate.reports.season import Ending
from weekly_translate.season.batches import PostOffice
from weekly_translate.season.log import tokens_as_data
from weekly_translate.settings import settings_from
from weekly_translate.store.clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from weekly_translate.commands.given import Given
    from weekly_translate.commands.season_desk import Desk
    from weekly_translate.pipeline.assignments import Assignment


def run_season_batch(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`season … --batch submit`, `status`, `fetch` or `forget`."""
    if given["batch"] not in _STEPS:
        raise UsageError(f"--batch {given['batch']}: choose {', '.join(_STEPS)}.")
    if given["plan"] and given["batch"] != "submit":
        raise UsageError(f"--plan counts what would be sent: leave it out with --batch {given['batch']}.")
    if given["report"] is not None:
        raise UsageError("--report is written by the run that writes the files: leave it out with --batch.")
    settings = settings_from(given, environment)
    if settings.engine == "draft":
        raise UsageError("A draft is made at once: --batch needs the engine openai.")
    endpoint = Endpoint(settings.base_url, settings.model, settings.key)
    with season_desk(given, settings, engine_for, given["log"], decision_in(given)) as desk:
        for note in desk.notes:
            desk.terminal.say(note, "yellow")
        api = OpenAIBatch(endpoint)
        office = PostOffice(desk.job, endpoint, api, now)

        async def run() -> ExitCode:
            try:
                return await _STEPS[given["batch"]](office, desk, given)
            finally:
                await api.close()
                await desk.job.engine.close()
                for url in office.elsewhere():
                    desk.terminal.say(
                        f"Other batches of this memory are on their way at {url}: see --base-url."
                    )

        return asyncio.run(run())


async def _submit(office: PostOffice, desk: Desk, given: Given) -> ExitCode:
    orders, accounts = desk.publisher.sorted_out(desk.orders, only_changed=given["changed"], dry=True)
    show_failures(accounts, desk.terminal)
    refused = [one.why for one in accounts if one.ending is Ending.REFUSED]
    terminal, told = desk.terminal, len(refused)

    def planned() -> dict[Path, Assignment]:
        return assignments_of(orders, office.job, refused.append)

    mail = office.mail(planned()) if given["plan"] else await office.submit(planned)
    for reason in refused[told:]:
        terminal.complain(reason)
    terminal.show_rows(mail_rows(mail, office.job.price))
    facts = tokens_as_data(mail.expected)
    desk.log.tell("sent", batches=mail.batches, found=mail.found, segments=mail.segments, **facts)
    if mail.batches:
        terminal.say("To go on: the same command with --batch status, and with --batch fetch within a day.")
    return ExitCode.PARTIAL if refused else ExitCode.DONE


async def _status(office: PostOffice, desk: Desk, _given: Given) -> ExitCode:
    states = await office.states()
    for batch, state in states:
        desk.terminal.result(f"{state.job}  {batch.created}  {state_in_words(state)}\n")
        desk.log.tell("batch", job=state.job, status=state.status, done=state.done, failed=state.failed)
    if not states:
        desk.terminal.say("No batch of this memory is on its way.")
    return ExitCode.DONE


async def _fetch(office: PostOffice, desk: Desk, given: Given) -> ExitCode:
    sources = [order.source for order in desk.orders]
    fetched = await office.fetch(issue_at_in(given, office.job, desk.terminal.complain), sources)
    desk.terminal.show_rows(fetched_rows(fetched, office.job.price))
    tally = fetched.tally._replace(answered=fetched.tally.answered + fetched.placed)
    desk.log.tell("fetched", batches=fetched.ended, **tally._asdict(), **tokens_as_data(fetched.usage))
    if fetched.failure is not None:
        raise fetched.failure
    if fetched.ended or fetched.placed:
        desk.terminal.say(
            "To go on: the same command without --batch writes the files and asks for what is left."
        )
    return ExitCode.PARTIAL if fetched.waiting else ExitCode.DONE


async def _forget(office: PostOffice, desk: Desk, _given: Given) -> ExitCode:
    found = await office.forget()
    for batch, state in found:
        name, gone = state.job or "unconfirmed", state.status == UNKNOWN
        end = "forgotten" if gone else f"kept, because it is known: {state_in_words(state)}"
        desk.terminal.result(f"{name}  {batch.created}  {end}\n")
        desk.log.tell("forgotten" if gone else "kept", job=batch.job, status=state.status)
    if not found:
        desk.terminal.say("No batch of this memory is on its way.")
    elif any(state.status == UNKNOWN for _, state in found):
        desk.terminal.say("To go on: the next run or batch asks again for what was forgotten.")
    return ExitCode.DONE


_STEPS = {"submit": _submit, "status": _status, "fetch": _fetch, "forget": _forget}
