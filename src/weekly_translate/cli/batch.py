"""`weekly-translate batch …` and `season --batch`: what is asked now and answered later."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    EncodingOption,
    GlossaryOption,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    command,
)
from weekly_translate.cli.progress import show_failures
from weekly_translate.cli.season_setup import season_setup
from weekly_translate.cli.summary import (
    exported_rows,
    fetched_rows,
    state_in_words,
    submission_rows,
    tally_rows,
    unpassed_lines,
)
from weekly_translate.cli.terminal import Terminal, counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_bytes, write_text
from weekly_translate.llm.batch import MOST_BYTES, UNKNOWN, OpenAIBatch, answers_in, holds_requests_only
from weekly_translate.llm.endpoint import Endpoint
from weekly_translate.llm.engine import EngineInfo
from weekly_translate.llm.registry import makes_drafts
from weekly_translate.memory.batches import Batches
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Status
from weekly_translate.report.season_table import Ending
from weekly_translate.run.attempts import BATCH
from weekly_translate.run.batch_jobs import BatchJobs
from weekly_translate.run.batch_requests import AnswerIntake, lines_of, parts_of, sheet_line
from weekly_translate.run.issue import Order, PlannedIssue, all_planned
from weekly_translate.run.log import tokens_as_data
from weekly_translate.run.project import read_project
from weekly_translate.run.selection import chosen_in
from weekly_translate.settings import SettingsOptions, project_settings, settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from weekly_translate.cli.season_setup import SeasonOptions, SeasonSetup
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData
    from weekly_translate.settings import Settings


def _plans_of(orders: Iterable[Order], data: ProjectData, refused: Callable[[str], None]) -> dict[Path, Plan]:
    """The issues that can be planned; `refused` is told why another one cannot, and the others go on."""
    plans = {}
    for one in all_planned(orders, data):
        if isinstance(one, PlannedIssue):
            plans[one.order.source] = one.plan
        else:
            refused(str(one.failure))
    return plans


def _plan_at(
    order_at: Callable[[Path], Order], data: ProjectData, refused: Callable[[str], None]
) -> Callable[[Path], Plan | None]:
    """Plans an issue by its path; gives nothing, and `refused` is told why, where that cannot be done."""
    return lambda path: _plans_of([order_at(path)], data, refused).get(path)


# --------------------------------------------------------------------------- `season --batch …`


def season_batch(options: SeasonOptions, environment: Mapping[str, str]) -> ExitCode:
    """What is open goes to a Batch API, is looked after, taken in when it has come back, or given up."""
    if options.batch not in _STEPS:
        raise UsageError(f"--batch {options.batch}: choose {', '.join(_STEPS)}.")
    if options.plan and options.batch != "submit":
        raise UsageError(f"--plan counts what would be sent: leave it out with --batch {options.batch}.")
    if options.report is not None:
        raise UsageError("--report is written by the run that writes the files: leave it out with --batch.")
    settings = settings_from(options, environment)
    if makes_drafts(settings.engine):
        raise UsageError("A draft is made at once: --batch needs the engine openai.")
    endpoint = Endpoint(settings.base_url, settings.model, settings.key)
    step = _STEPS[options.batch]
    with season_setup(options, settings) as setup:
        for note in setup.data.memory.notes:
            setup.terminal.say(note, "yellow")
        jobs = BatchJobs(setup.data, endpoint, OpenAIBatch(endpoint), now)

        async def run() -> ExitCode:
            try:
                return await step(jobs, setup, options)
            finally:
                await jobs.api.close()
                for url in jobs.elsewhere():
                    setup.terminal.say(
                        f"Other batches of this memory are on their way at {url}: see --base-url."
                    )

        return asyncio.run(run())


async def _submit(jobs: BatchJobs, setup: SeasonSetup, options: SeasonOptions) -> ExitCode:
    orders, accounts = setup.publisher.sorted_out(setup.orders, only_changed=options.changed, dry=True)
    terminal, refused = setup.terminal, list[str]()
    show_failures(accounts, terminal)

    def planned() -> dict[Path, Plan]:
        return _plans_of(orders, jobs.data, refused.append)

    sent = jobs.submission(planned()) if options.plan else await jobs.submit(planned)
    for reason in refused:
        terminal.complain(reason)
    terminal.show_rows(submission_rows(sent, jobs.data.price))
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
    fetched = await jobs.fetch(_plan_at(options.order_of, jobs.data, terminal.complain), sources)
    terminal.show_rows(fetched_rows(fetched, jobs.data.price))
    tally = fetched.tally._replace(answered=fetched.tally.answered + fetched.placed)
    setup.log.tell("fetched", batches=fetched.ended, **tally._asdict(), **tokens_as_data(fetched.usage))
    if fetched.failure is not None:
        raise fetched.failure
    if fetched.ended or fetched.placed:
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


_STEPS = {"submit": _submit, "status": _status, "fetch": _fetch, "forget": _forget}


# ---------------------------------------------------------------------------
# `batch export` and `batch import`: the same as a Batch API by file, for whoever answers.


_STATUSES = {"machine": Status.MACHINE, "edited": Status.EDITED, "approved": Status.APPROVED}
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class _FileOptions(SettingsOptions):
    model: ModelOption = None
    edition: EditionOption = None
    glossary: GlossaryOption = None
    memory: MemoryOption = None
    project: ProjectOption = None
    encoding: EncodingOption = None
    fix_mojibake: MojibakeOption = False

    def order_of(self, source: Path) -> Order:
        """A source to be read as the options say."""
        return Order(source, None, self.encoding, self.fix_mojibake)


@dataclass(frozen=True, kw_only=True)
class ExportOptions(_FileOptions):
    """Write what is to be translated as requests, one JSON object in a line, as Batch APIs read them."""

    file: Annotated[Path, typer.Argument(help="The file for the requests, such as requests.jsonl.")]
    issues: Annotated[list[str], typer.Argument(help="Folders, files, or patterns in quotes.")]
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a person: a line for each segment, with an empty answer.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ImportOptions(_FileOptions):
    """Check the answers like those of a live run, and store the good ones; the next run writes the files."""

    file: Annotated[Path, typer.Argument(help="The file of answers.")]
    origin: Annotated[str, typer.Option(help="Who answered; it is stored with each translation.")] = "file"
    status: Annotated[
        str, typer.Option(help="machine, or what a person has written: edited or approved.")
    ] = "machine"


def batch_export(options: ExportOptions) -> ExitCode:
    """What is open in these issues as the lines of a Batch API, or for a person."""
    terminal, file, settings = Terminal(), options.file, _settings(options)
    chosen = chosen_in(options.issues, file)
    check_writable(file, others={"the memory": settings.memory})
    _refuse_to_replace(file)
    with _project(settings, terminal) as data:
        refused: list[str] = []
        orders = [options.order_of(one.source) for one in chosen]
        parts = parts_of(_plans_of(orders, data, refused.append), data, by_hand=options.by_hand)
        batches = Batches(data.memory.transactions)
        batches.remember(part.asked for part in parts)
        lines = map(sheet_line, parts) if options.by_hand else lines_of(parts, settings.model, data)
        write_text(file, TextFile(b"".join(lines).decode()))
        terminal.show_rows(exported_rows(str(file), parts, data, batches.pending()))
    for reason in refused:
        terminal.complain(reason)
    return ExitCode.PARTIAL if refused else ExitCode.DONE


def batch_import(options: ImportOptions) -> ExitCode:
    """The answers to exported requests, judged like live ones, into the memory."""
    terminal, file = Terminal(), options.file
    if options.status not in _STATUSES:
        raise UsageError(f"--status {options.status}: choose {', '.join(_STATUSES)}.")
    settings = _settings(options)
    content = read_bytes(file, limit=2 * MOST_BYTES)
    endpoint = Endpoint(settings.base_url, settings.model, settings.key)
    with _project(settings, terminal) as data:
        answered_by = EngineInfo(options.origin, data.engine.endpoint, _STATUSES[options.status])
        intake = AnswerIntake(_plan_at(options.order_of, data, terminal.complain), data, answered_by)
        intake.take_all(answers_in(content, endpoint), Batches(data.memory.transactions).asked)
    return _told(intake, file, terminal)


def _told(intake: AnswerIntake, file: Path, terminal: Terminal) -> ExitCode:
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


def _settings(options: SettingsOptions) -> Settings:
    """Those of an engine that answers later: it needs no key here."""
    return replace(project_settings(options, os.environ), named_engine="openai", budget=None)


@contextmanager
def _project(settings: Settings, terminal: Terminal) -> Iterator[ProjectData]:
    with open_memory(settings.memory, now=now) as memory:
        for note in memory.notes:
            terminal.say(note)
        # What is learned from files about reply formats says nothing of the endpoint of live runs.
        yield replace(read_project(settings, memory), engine=EngineInfo(f"file{BATCH}", "file"))


COMMANDS = {"export": command(ExportOptions, batch_export), "import": command(ImportOptions, batch_import)}
