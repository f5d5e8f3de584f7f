"""`weekly-translate batch …` and `season --batch`."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    EncodingOption,
    Given,
    GlossaryOption,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    end_with,
    settings_for,
    terminal_for,
)
from weekly_translate.cli.season_end import show_failures
from weekly_translate.cli.season_setup import decision_in, season_desk
from weekly_translate.cli.summary import (
    counted,
    exported_rows,
    fetched_rows,
    mail_rows,
    state_in_words,
    tally_rows,
    unpassed_lines,
)
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_bytes, write_text
from weekly_translate.llm.batch import UNKNOWN, OpenAIBatch
from weekly_translate.llm.batch_files import MOST_BYTES, holds_requests_only
from weekly_translate.llm.endpoint import Endpoint
from weekly_translate.memory.batches import Batches
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Status
from weekly_translate.report.season_table import Ending
from weekly_translate.run.batch_answers import Intake, LateEngine
from weekly_translate.run.batch_jobs import PostOffice, assigned, lines_of, take_all
from weekly_translate.run.batch_requests import parts_of, sheet_line
from weekly_translate.run.issue import Listeners, Order, engine_for, job_for
from weekly_translate.run.log import tokens_as_data
from weekly_translate.run.selection import chosen_in
from weekly_translate.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.cli.season_setup import Desk
    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Assignment
    from weekly_translate.settings import Settings


def assignments_of(
    orders: Iterable[Order], job: Job, refused: Callable[[str], None]
) -> dict[Path, Assignment]:
    """The issues that can be planned; `refused` is told why another one cannot, and the others go on."""
    assignments = {}
    for order in orders:
        try:
            assignments[order.source] = assigned(order, job)
        except UsageError as error:
            refused(str(error))
    return assignments


def issue_at_in(
    given: Given, job: Job, refused: Callable[[str], None]
) -> Callable[[Path], Assignment | None]:
    """An issue by its path; nothing, and `refused` is told why, where it cannot be planned any more."""

    def issue_at(path: Path) -> Assignment | None:
        try:
            return assigned(order_for(path, given), job)
        except UsageError as error:
            refused(str(error))
            return None

    return issue_at


def order_for(path: Path, given: Given) -> Order:
    """A source to be read as the options say."""
    return Order(path, encoding=given["encoding"], fix_mojibake=given["fix_mojibake"])


# ---------------------------------------------------------------------------
# `season --batch …`: what is open goes to a Batch API, and is taken in when it has come back.


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


# ---------------------------------------------------------------------------
# `batch export` and `batch import`: the same as a Batch API by file, for whoever answers.


_STATUSES = {"machine": Status.MACHINE, "edited": Status.EDITED, "approved": Status.APPROVED}
_SHOWN = 10


def run_batch_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`batch export`: what is open in these issues as the lines of a Batch API, or for a person."""
    terminal, file = terminal_for(given), given["file"]
    settings = _settings(given, environment)
    chosen = chosen_in(given["issues"], file)
    check_writable(file, source=settings.memory)
    _refuse_to_replace(file)
    with _job(settings, terminal) as job:
        refused: list[str] = []
        orders = [order_for(one.source, given) for one in chosen]
        parts = parts_of(assignments_of(orders, job, refused.append), job, by_hand=given["by_hand"])
        batches = Batches(job.memory.transactions)
        batches.remember(part.asked for part in parts)
        lines = map(sheet_line, parts) if given["by_hand"] else lines_of(parts, settings.model, job)
        write_text(file, TextFile(b"".join(lines).decode()))
        terminal.show_rows(exported_rows(str(file), parts, job, batches.pending()))
    for reason in refused:
        terminal.complain(reason)
    return ExitCode.PARTIAL if refused else ExitCode.DONE


def run_batch_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`batch import`: the answers to exported requests, judged like live ones, into the memory."""
    terminal, file = terminal_for(given), given["file"]
    if given["status"] not in _STATUSES:
        raise UsageError(f"--status {given['status']}: choose {', '.join(_STATUSES)}.")
    settings = _settings(given, environment)
    data = read_bytes(file, limit=2 * MOST_BYTES)
    endpoint = Endpoint(settings.base_url, settings.model, settings.key)
    with _job(settings, terminal) as job:
        issue_at = issue_at_in(given, job, terminal.complain)
        intake = Intake(issue_at, job, given["origin"], _STATUSES[given["status"]])
        take_all(intake, data, Batches(job.memory.transactions), endpoint)
    return _told(intake, file, terminal)


def _told(intake: Intake, file: Path, terminal: Terminal) -> ExitCode:
    """Every answer that is not used is said, with its place and the reason."""
    tally = intake.tally
    terminal.show_rows(tally_rows(tally))
    for line in unpassed_lines(one._replace(source=_from_here(one.source)) for one in intake.unpassed):
        terminal.say(line)
    for reason, number in intake.reasons.most_common(_SHOWN):
        terminal.say(f"{counted(number, 'request')} without an answer: {reason}")
    for reason in intake.broken[:_SHOWN]:
        terminal.say(f"{file}: {reason}")
    if not any((tally.answered, tally.again, tally.known)):
        terminal.complain(
            f"{file} answers nothing that is open: is it the file of answers, and this the memory?"
        )
        return ExitCode.FINDINGS
    return ExitCode.FINDINGS if tally.again or tally.failed or tally.unknown else ExitCode.DONE


def _refuse_to_replace(file: Path) -> None:
    """A pattern without quotes may have made an issue the file; and answers are work."""
    if file.exists() and not holds_requests_only(read_bytes(file, limit=2 * MOST_BYTES)):
        raise UsageError(
            f"{file} is not replaced, because it holds something else than exported requests: "
            "name a new file before the issues."
        )


def _from_here(path: Path) -> Path:
    """As a person would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _settings(given: Given, environment: Mapping[str, str]) -> Settings:
    """Those of an engine that answers later: it needs no key here."""
    return replace(settings_for(given, environment), engine="openai", budget=None)


@contextmanager
def _job(settings: Settings, terminal: Terminal) -> Iterator[Job]:
    with open_memory(settings.memory, now=now) as memory:
        for note in memory.notes:
            terminal.say(note)
        job = job_for(settings, memory, Listeners())
        # What is learned from files about reply formats says nothing of the endpoint of live runs.
        yield replace(job, engine=LateEngine("file", "file"))


# ---------------------------------------------------------------------------
# `weekly-translate batch …`, and the words behind `season --batch`.


STEPS = ("submit", "status", "fetch", "forget")
batch_app = typer.Typer(help="Requests as a file, for whoever answers later.", rich_markup_mode=None)


def with_step(arguments: Sequence[str]) -> list[str]:
    """The arguments of a command line in which `--batch` alone means `--batch submit`."""
    if not arguments or arguments[0] != "season":
        return list(arguments)
    full: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        full.append(argument)
        if argument == "--batch" and following not in STEPS:
            full.append("submit")
    return full


@batch_app.command("export")
def batch_export(  # noqa: PLR0913 - these are the options of the contract
    file: Annotated[Path, typer.Argument(help="The file for the requests, such as requests.jsonl.")],
    issues: Annotated[list[str], typer.Argument(help="Folders, files, or patterns in quotes.")],
    *,
    model: ModelOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a person: a line for each segment, with an empty answer.")
    ] = False,
) -> None:
    """Write what is to be translated as requests, one JSON object in a line, as Batch APIs read them."""
    given = locals()

    end_with(run_batch_export(given, os.environ))


@batch_app.command("import")
def batch_import(  # noqa: PLR0913 - as above
    file: Annotated[Path, typer.Argument(help="The file of answers.")],
    *,
    origin: Annotated[str, typer.Option(help="Who answered; it is stored with each translation.")] = "file",
    status: Annotated[
        str, typer.Option(help="machine, or what a person has written: edited or approved.")
    ] = "machine",
    model: ModelOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
) -> None:
    """Check the answers like those of a live run, and store the good ones; the next run writes the files."""
    given = locals()

    end_with(run_batch_import(given, os.environ))
