"""`batch export` and `batch import`: the same as a Batch API by file, for whoever answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.commands.batch_issues import assignments_of, issue_at_in, order_for
from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.console.batch_rows import exported_rows, tally_rows, unpassed_lines
from weekly_translate.console.summary import counted
from weekly_translate.engines.batch_lines import MOST_BYTES, holds_requests_only
from weekly_translate.engines.endpoint import Endpoint
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.exchange import Status
from weekly_translate.issue import Listeners, job_for
from weekly_translate.pipeline.batching import parts_of
from weekly_translate.pipeline.late_answers import Intake
from weekly_translate.pipeline.late_engine import LateEngine
from weekly_translate.pipeline.sheet import sheet_line
from weekly_translate.season.batches import lines_of
from weekly_translate.season.delivery import take_all
from weekly_translate.season.selection import chosen_in
from weekly_translate.store.batches import Batches
from weekly_translate.store.clock import now
from weekly_translate.store.files import TextFile, check_writable, read_bytes, write_text
from weekly_translate.store.memory import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.console import Terminal
    from weekly_translate.pipeline import Job
    from weekly_translate.settings import Settings

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
