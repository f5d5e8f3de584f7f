"""`review --apply` stores the decisions of a saved page; `review --status` says what is left to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.commands.review_session import job_to_look, session_of
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.reports.review_status import progress_of, status_table
from weekly_translate.review.applying import LIMIT, applied, read_decisions
from weekly_translate.review.gathering import gathered
from weekly_translate.store.files import read_bytes, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weekly_translate.console import Terminal
    from weekly_translate.pipeline.job import Job
    from weekly_translate.reports.review_status import Progress


def run_apply(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review SOURCE [TARGET] --apply FILE`: 1 if one of the decisions could not be stored."""
    terminal = terminal_for(given)
    file: Path = given["apply"]
    decisions = read_decisions(read_bytes(file, limit=LIMIT), str(file))
    with session_of(given, environment) as session:
        faults = list(applied(decisions, session))
    for fault in faults:
        terminal.complain(f"{given['source']}: {fault}.")
    terminal.say(f"{file}: {counted(len(decisions) - len(faults), 'decision')} stored")
    return ExitCode.FINDINGS if faults else ExitCode.DONE


def run_status(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review --status FOLDER`: the table to stdout. Raises `UsageError` where there is no issue."""
    terminal = terminal_for(given)
    folder: Path = given["status"]
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds the issues.")
    settings = settings_for(given, environment)
    with job_to_look(settings) as job:
        issues = list(_issues(sorted(folder.glob("*.md")), job, terminal))
    if not issues:
        raise UsageError(f"{folder} holds no Chinese Markdown file (*.md): name the folder with the issues.")
    terminal.result(status_table(issues))
    return ExitCode.DONE


def _issues(files: list[Path], job: Job, terminal: Terminal) -> Iterator[Progress]:
    """Those of the files that have something to translate; what cannot be read is said."""
    for file in files:
        try:
            review = gathered(read_text(file).text, file.name, job)
        except InputRefusedError as error:
            terminal.complain(str(error))
            continue
        if review.segments:
            yield progress_of(review)
