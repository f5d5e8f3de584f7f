"""`batch export` and `batch import`: the same as a Batch API by file, for whoever answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.commands.batch_issues import assignments_of, issue_at_in, order_for
from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.console.batch_rows import tally_rows
from weekly_translate.console.summary import counted, tokens_in_words
from weekly_translate.engines.batch_lines import MOST_BYTES
from weekly_translate.engines.endpoint import Endpoint
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.issue import Listeners, job_for
from weekly_translate.pipeline.batching import parts_of
from weekly_translate.pipeline.late_answers import Intake
from weekly_translate.season.batches import lines_of, take_all
from weekly_translate.season.selection import chosen_in
from weekly_translate.settings import settings_from
from weekly_translate.store.batches import Batches
from weekly_translate.store.clock import now
from weekly_translate.store.files import TextFile, check_writable, read_bytes, write_text
from weekly_translate.store.memory import open_memory
from weekly_translate.translation.cost import forecast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.console import Terminal
    from weekly_translate.pipeline import Job
    from weekly_translate.settings import Settings


def run_batch_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`batch export`: what is open in these issues as the lines of a Batch API."""
    terminal, file = terminal_for(given), given["file"]
    settings = _settings(given, environment)
    chosen = chosen_in(given["issues"], file)
    check_writable(file, source=settings.memory)
    if any(one.source.resolve() == file.resolve() for one in chosen):
        raise UsageError(f"{file} is an issue: name another file for the requests.")
    with _job(settings, terminal) as job:
        refused: list[str] = []
        orders = [order_for(one.source, given) for one in chosen]
        assignments = assignments_of(orders, job, refused.append)
        parts = parts_of(assignments, job)
        Batches(job.memory.transactions).remember(part.asked for part in parts)
        write_text(file, TextFile(b"".join(lines_of(parts, settings.model)).decode()))
        expected = forecast((part.request for part in parts), count_tokens=job.count_tokens)
        segments = sum(len(part.asked.members) for part in parts)
        what = f"{counted(len(parts), 'request')} for {counted(segments, 'segment')}"
        terminal.show_rows([("file", f"{file}: {what}"), ("tokens", f"about {tokens_in_words(expected)}")])
    for reason in refused:
        terminal.complain(reason)
    return ExitCode.PARTIAL if refused else ExitCode.DONE


def run_batch_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`batch import`: the answers to exported requests, judged like live ones, into the memory."""
    terminal, file = terminal_for(given), given["file"]
    settings = _settings(given, environment)
    data = read_bytes(file, limit=2 * MOST_BYTES)
    endpoint = Endpoint(settings.base_url, settings.model, settings.key)
    with _job(settings, terminal) as job:
        intake = Intake(issue_at_in(given, job), job, given["origin"])
        take_all(intake, data, Batches(job.memory.transactions), endpoint)
        terminal.show_rows(tally_rows(intake.tally))
        for reason, number in intake.reasons.most_common(3):
            terminal.say(f"{counted(number, 'request')} without an answer: {reason}")
    if not any((intake.tally.answered, intake.tally.again, intake.tally.known)):
        terminal.complain(
            f"{file} answers nothing that is open: is it the file of answers, and this the memory?"
        )
        return ExitCode.FINDINGS
    return ExitCode.DONE


def _settings(given: Given, environment: Mapping[str, str]) -> Settings:
    """Those of an engine that answers later: it needs no key here."""
    return replace(settings_from({**given, "engine": "draft"}, environment), engine="openai", budget=None)


@contextmanager
def _job(settings: Settings, terminal: Terminal) -> Iterator[Job]:
    with open_memory(settings.memory, now=now) as memory:
        for note in memory.notes:
            terminal.say(note)
        yield job_for(settings, memory, Listeners(lambda *_: None, lambda *_: None))
