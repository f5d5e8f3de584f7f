"""`weekly-translate translate`, whose name may be left out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weekly_translate.cli.options import (
    BaseUrlOption,
    BudgetOption,
    EditionOption,
    EncodingOption,
    EngineOption,
    Given,
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
    refuse_one_file_for_two,
    terminal_for,
    waits_told,
)
from weekly_translate.cli.summary import edition_rows, plan_rows, section_rows, summary_rows, title_rows
from weekly_translate.cli.terminal import Terminal, clean
from weekly_translate.edition.blocks import HOLE
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_text, write_text
from weekly_translate.llm.cost import cost
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Severity
from weekly_translate.report.findings import Look
from weekly_translate.report.json import dry_run_json, report_of, usage_as_data
from weekly_translate.report.review_page import review_page
from weekly_translate.report.review_text import dry_run_lines
from weekly_translate.review.gather import previous_in, review_of
from weekly_translate.review.page_files import page_files
from weekly_translate.run.issue import Listeners, Order, Outcome, job_for, plan_issue, translate_issue
from weekly_translate.run.render import drafts_in
from weekly_translate.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.edition.prepared import Manuscript
    from weekly_translate.report.review_values import Review
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


# ---------------------------------------------------------------------------
# `translate`: one issue, its plan or its translation.


def run_translation(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`translate`: the result to its place, findings and a summary to the person."""
    terminal = terminal_for(given)
    settings = settings_from(given, environment)
    order = _order(given)
    refuse_one_file_for_two({"-o": given["out"], "--report": given["report"], "the memory": settings.memory})
    form = format_of(given)
    if given["report"] is not None:
        check_writable(given["report"], source=order.source)
    with terminal.progress(order.source.name) as told:
        outcome = translate_issue(order, settings, Listeners(told, waits_told(terminal), terminal.say))
    is_shown = order.dry_run and outcome.translation.failure is None
    if not (is_shown and form == "text"):  # which shows the findings beside their segments
        _show_findings(outcome, terminal, every_one=given["verbose"])
    if is_shown:
        show_dry_run(outcome, given, settings, terminal)
    elif outcome.order.out is None and outcome.written:
        terminal.result(outcome.translation.rendering.text)
    _show_summary(outcome, terminal, verbose=given["verbose"])
    if given["report"] is not None:
        write_text(given["report"], TextFile(_report(outcome)))
    return outcome.code


def run_plan(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`--plan`: what a run would take; nothing is sent."""
    terminal = terminal_for(given)
    settings = settings_from(given, environment)
    order = _order(given)
    forecast, job = plan_issue(order, settings, Listeners(on_wait=waits_told(terminal)))
    terminal.show_findings(str(order.source), forecast.plan.document.findings)
    if given["verbose"]:
        terminal.show_rows(edition_rows(forecast.plan))
    terminal.show_rows(plan_rows(forecast, job))
    return ExitCode.DONE


def _order(given: Given) -> Order:
    return Order(
        given["issue"],
        given["out"],
        given["encoding"],
        given["fix_mojibake"],
        given["allow_partial"],
        given["dry_run"],
    )


def _show_findings(outcome: Outcome, terminal: Terminal, *, every_one: bool) -> None:
    """What stopped a run is one sentence: the segments that were not asked any more are not listed."""
    failure = outcome.translation.failure
    findings = outcome.findings
    if failure is not None and not every_one:
        findings = tuple(finding for finding in findings if finding.segment not in outcome.not_asked)
    terminal.show_findings(str(outcome.order.source), findings)
    if failure is not None:
        terminal.complain(str(failure))


def _show_summary(outcome: Outcome, terminal: Terminal, *, verbose: bool) -> None:
    if not outcome.begun and not outcome.written:
        return  # the sentence about the failure has said it all
    if verbose:
        _show_details(outcome, terminal)
    terminal.show_rows(summary_rows(outcome))
    if drafts_in(outcome.translation):
        terminal.say(
            "Drafts are made word by word, without a model. For a translation set OPENAI_API_KEY, "
            "or name a server with --base-url, and run the command again.",
            "yellow",
        )


def _show_details(outcome: Outcome, terminal: Terminal) -> None:
    plan = outcome.translation.plan
    terminal.show_rows(edition_rows(plan))
    if plan.remembered:
        terminal.show_rows(section_rows(outcome))
    terminal.show_rows(title_rows(outcome))


def _report(outcome: Outcome) -> str:
    translation = outcome.translation
    facts = {
        "source": str(outcome.order.source),
        "target": str(outcome.order.out) if outcome.order.out else None,
        "written": outcome.written,
        "exit_code": int(outcome.code),
        "signature": outcome.signature,
        "edition": _edition_as_data(translation.plan.manuscript),
        "usage": usage_as_data(translation.usage, cost(translation.usage, outcome.price)),
    }
    segments = (
        {
            "id": one.segment.id,
            "line": one.segment.line,
            "kind": one.segment.kind.value,
            "source": one.segment.text,
            "target": one.target,
            "status": one.status.name.lower(),
            "origin": one.origin,
            "title_from": one.title.value if one.title else None,
        }
        for one in translation.rendering.segments
    )
    return report_of(facts, outcome.findings, segments)


def _edition_as_data(manuscript: Manuscript) -> dict[str, Any]:
    """Which edition, why, whose issue it took the document for, and each rule that fired."""
    choice, issue, edited = manuscript
    rules = (
        {
            "kind": use.kind.value,
            "rule": use.rule,
            "lines": list(use.lines),
            "text": use.text.replace(HOLE, "{title}") or None,
        }
        for use in edited.uses
    )
    return {
        "name": choice.edition.name,
        "why": choice.why,
        "number": issue.number or None,
        "date": issue.date or None,
        "title": issue.title or None,
        "rules": list(rules),
    }


# ---------------------------------------------------------------------------
# `weekly-translate translate`, whose name may be left out.


def translate(  # noqa: PLR0913 - these are the options of the contract
    issue: Annotated[Path, typer.Argument(help="The Chinese Markdown file.")],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the English goes; default stdout.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: segments, memory, requests, tokens, cost.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Translate and show what would change, write nothing.")
    ] = False,
    format: Annotated[  # noqa: A002 - the option's name
        str | None, typer.Option(help="Of --dry-run: text, json or html.")
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: JobsOption = None,
    budget: BudgetOption = None,
    report: ReportOption = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Translate one issue. The word `translate` may be left out."""
    given = locals()

    end_with(run_plan(given, os.environ) if plan else run_translation(given, os.environ))
