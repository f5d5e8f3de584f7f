"""`review`: what a person looks at before a translation is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.commands.review_progress import run_apply, run_status
from weekly_translate.commands.review_serving import run_serve
from weekly_translate.commands.review_session import job_to_look
from weekly_translate.commands.review_walking import run_tty
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.reports.review_page import review_page
from weekly_translate.review.gathering import gathered
from weekly_translate.review.page_files import page_files
from weekly_translate.store.files import TextFile, check_writable, read_text, write_text
from weekly_translate.store.targets import same_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from weekly_translate.reports.reviewed import Review
    from weekly_translate.settings import Settings


def run_review(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """One of the ways to look at a translation. Raises `UsageError` unless exactly one is named."""
    ways = [way for way in _WAYS if given[way]]
    if len(ways) != 1:
        raise UsageError("Say how you want to look at it: one of -o, --serve, --tty, --apply and --status.")
    if given["source"] is None and ways != ["status"]:
        raise UsageError("Name the Chinese file that is to be reviewed.")
    return _WAYS[ways[0]](given, environment)


def run_page(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review SOURCE [TARGET] -o PAGE.html`: the page is written, whatever the findings are."""
    terminal = terminal_for(given)
    out: Path = given["out"]
    check_writable(out, source=given["source"])
    settings = settings_for(given, environment)
    _refuse_what_is_read(out, given["target"], settings)
    review = review_from(given, settings)
    write_text(out, TextFile(review_page(review, page_files())))
    settled = sum(segment.is_settled for segment in review.segments)
    segments = counted(len(review.segments), "segment")
    terminal.say(f"{out}: {segments}, {settled:,} approved. Open it in a browser.")
    return ExitCode.DONE


def _refuse_what_is_read(out: Path, target: Path | None, settings: Settings) -> None:
    """The page would take the place of somebody's work."""
    read = {"the English file": target, "the memory": settings.memory, "the glossary": settings.glossary}
    for what, path in read.items():
        if path is not None and same_file(out, path):
            raise UsageError(f"{out} is {what}: name another file for the page.")


def review_from(given: Given, settings: Settings) -> Review:
    """The source, with what the memory, the edition and the English file have for it; nothing is asked."""
    source = read_text(given["source"], encoding_hint=given["encoding"])
    target: Path | None = given["target"]
    english = None
    if target is not None:
        english = (read_text(target, encoding_hint=given["encoding"]).text, str(target))
    with job_to_look(settings) as job:
        return gathered(source.text, given["source"].name, job, english)


_WAYS = {"out": run_page, "serve": run_serve, "tty": run_tty, "apply": run_apply, "status": run_status}
