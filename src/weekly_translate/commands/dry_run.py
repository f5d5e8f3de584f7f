"""`--dry-run`: what would be written, before anything is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.console import clean
from weekly_translate.errors import UsageError
from weekly_translate.issue import Listeners, job_for
from weekly_translate.model import Severity
from weekly_translate.reports.dry_run import dry_run_lines
from weekly_translate.reports.dry_run_json import dry_run_json
from weekly_translate.reports.findings_text import Look
from weekly_translate.reports.review_page import review_page
from weekly_translate.review.gathering import previous_in, review_of
from weekly_translate.review.page_files import page_files
from weekly_translate.store.clock import now
from weekly_translate.store.files import read_text
from weekly_translate.store.memory import open_memory

if TYPE_CHECKING:
    from weekly_translate.commands.given import Given
    from weekly_translate.console import Terminal
    from weekly_translate.issue import Outcome
    from weekly_translate.reports.reviewed import Review
    from weekly_translate.settings import Settings

FORMATS = ("text", "json", "html")


def format_of(given: Given) -> str:
    """The format that is asked for. Raises `UsageError`."""
    wanted: str | None = given["format"]
    if wanted is not None and not given["dry_run"]:
        raise UsageError("--format says how --dry-run shows its result: give --dry-run as well.")
    if wanted is not None and wanted not in FORMATS:
        raise UsageError(f"There is no format {wanted!r}. Choose {', '.join(FORMATS)}.")
    return wanted or "text"


def show_dry_run(outcome: Outcome, given: Given, settings: Settings, terminal: Terminal) -> None:
    """The result to stdout; a person at a terminal reads a long one with a pager."""
    old = _old(outcome)
    review = _review(outcome, settings, old)
    match format_of(given):
        case "json":
            terminal.result(dry_run_json(review, _facts(outcome)))
        case "html":
            terminal.result(review_page(review, page_files()))
        case _:
            least = Severity.INFO if given["verbose"] else Severity.WARNING
            look = Look(terminal.result_width, terminal.result_has_colors, clean, least)
            terminal.show_lines(dry_run_lines(review, look, old or ""), paged=True)


def _facts(outcome: Outcome) -> dict[str, str | int | None]:
    out = outcome.order.out
    return {
        "source": str(outcome.order.source),
        "target": str(out) if out else None,
        "exit_code": int(outcome.code),
        "signature": outcome.signature,
    }


def _old(outcome: Outcome) -> str | None:
    """The text of the file that would be replaced."""
    out = outcome.order.out
    if out is None or not out.exists() or not out.stat().st_size:
        return None
    return read_text(out, encoding_hint=outcome.source.encoding).text


def _review(outcome: Outcome, settings: Settings, old: str | None) -> Review:
    """The outcome segment by segment. The draft engine stands in for the one that has been closed."""
    translation, name = outcome.translation, outcome.order.source.name
    with open_memory(settings.memory, now=now) as memory:
        job = job_for(replace(settings, engine="draft"), memory, Listeners())
        previous = None
        if old is not None:
            english = (old, str(outcome.order.out))
            previous = previous_in(outcome.source.text, name, english, job.editions)
        review = review_of(translation.plan, translation.rendering, job, name=name, previous=previous)
    return replace(review, signature=outcome.signature)
