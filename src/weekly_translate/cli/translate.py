"""`weekly-translate translate`, whose name may be left out: one issue, its plan or its translation."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weekly_translate.cli.options import RunOptions, command, one_of, refuse_one_file_for_two, review_command
from weekly_translate.cli.run_messages import (
    asked_about_budget,
    edition_rows,
    issue_progress,
    plan_rows,
    section_rows,
    show_decisions,
    show_edits,
    show_failure,
    show_how_to_go_on,
    show_retry,
    stopping_told,
    summary_rows,
    title_rows,
    verdict_on,
)
from weekly_translate.cli.terminal import Terminal, waits_told
from weekly_translate.edition.values import HOLE
from weekly_translate.errors import ExitCode, NoEngineError, UsageError
from weekly_translate.files import (
    STANDARD_INPUT,
    TextFile,
    check_writable,
    now,
    read_text,
    to_paste,
    write_text,
)
from weekly_translate.llm.tokens import cost
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Severity
from weekly_translate.run.issue import EditedOutputError, Result
from weekly_translate.run.plan import Order, title_origin
from weekly_translate.settings import Settings, settings_from

if TYPE_CHECKING:
    from weekly_translate.edition.applying import Manuscript

_MARKDOWN = frozenset((".md", ".markdown", ".mdown", ".mdx", ".mkd", ".qmd", ".rmd", ".txt"))
_FORMATS = ("text", "json", "html")


@dataclass(frozen=True, kw_only=True)
class TranslateOptions(RunOptions):
    """Translate one issue. The word `translate` may be left out."""

    issue: Annotated[Path, typer.Argument(help="The Chinese Markdown file, or - for the standard input.")]
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the English goes; default stdout.")
    ] = None
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: segments, memory, requests, tokens, cost.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Translate and show what would change, write nothing.")
    ] = False
    format: Annotated[
        str | None, typer.Option(help="Of --dry-run: text, json or html.", **one_of("format", _FORMATS))
    ] = None

    @property
    def order(self) -> Order:
        """What is to be translated, and where it goes."""
        out = None if str(self.out) == STANDARD_INPUT else self.out
        return self.order_of(self.issue, out, dry_run=self.dry_run)


def translate(options: TranslateOptions) -> ExitCode:
    """The result to its place, findings and a summary to the person; with `--plan` what it would take."""
    settings = settings_from(options, os.environ)
    _say_what_it_is_read_as(options)
    if options.plan:
        return _plan(options, settings)
    files = {"-o": options.out, "--report": options.report, "the memory": settings.memory_file}
    refuse_one_file_for_two(files)
    if options.format is not None and not options.dry_run:
        raise UsageError("--format says how --dry-run shows its result: give --dry-run as well.")
    if options.report is not None:
        from weekly_translate.report.data import is_report  # noqa: PLC0415 - only --report

        check_writable(options.report, source=options.issue, may_replace=is_report)
    result = _run(options, settings)
    if isinstance(result, ExitCode):
        return result
    _show(result, options, settings)
    if options.report is not None:
        write_text(options.report, TextFile(_report(result)))
    return result.code


def _say_what_it_is_read_as(options: TranslateOptions) -> None:
    """A program or a table is not read as what it is. Raises `UsageError` for a folder."""
    issue = options.issue
    if issue.is_dir():
        season = to_paste(["weekly-translate", "season", str(issue), "-o", "en"])
        raise UsageError(f"{issue} is a folder: name a file in it, or translate all of them with `{season}`")
    if issue.suffix and issue.suffix.lower() not in _MARKDOWN:
        options.terminal.say(f"{issue} is read as Markdown, whatever its name says", "yellow")


def _run(options: TranslateOptions, settings: Settings) -> Result | ExitCode:
    """The result, or how the run has ended without one."""
    from weekly_translate.run.runner import Listeners, translate_issue  # noqa: PLC0415 - a plan runs nothing

    terminal = options.terminal
    with issue_progress(terminal, options.issue.name) as progress:
        listeners = Listeners(
            progress=progress,
            said=terminal.say,
            on_wait=waits_told(terminal),
            stopping=stopping_told(terminal),
            goes_on_within=asked_about_budget(terminal),
        )
        try:
            return translate_issue(options.order, settings, listeners, policy=options.policy)
        except KeyboardInterrupt:
            return ExitCode.INTERRUPTED
        except EditedOutputError as error:
            if error.is_decided:
                terminal.say(
                    f"{options.out} stays as it is until {options.issue} changes; --replace-edits replaces it"
                )
                return ExitCode.DONE
            show_edits(error.diff, terminal, every_line=options.verbose)
            terminal.complain(str(error))
            show_decisions([(str(options.issue), str(options.out))], options, terminal)
            return error.exit_code


def _show(result: Result, options: TranslateOptions, settings: Settings) -> None:
    """The verdict, what the checks say in the order of its weight, what it took, and what to do now."""
    terminal = options.terminal
    is_shown = options.dry_run and result.failure is None
    has_begun = result.begun or result.written
    if has_begun:
        terminal.say(verdict_on(result), "green" if result.code is ExitCode.DONE else "bold yellow")
    if not is_shown or options.format not in (None, "text"):  # which shows the findings beside their segments
        _show_findings(result, terminal, every_one=options.verbose)
    if is_shown:
        _show_dry_run(result, options, settings)
    elif result.order.out is None and result.written:
        terminal.result(result.text)
    if has_begun and not isinstance(result.failure, NoEngineError):  # which has said it all, and the ways on
        _show_summary(result, terminal, verbose=options.verbose)
        if not options.dry_run and result.order.out and result.code is not ExitCode.INTERRUPTED:
            _show_next(result, result.order.out, options)


def _plan(options: TranslateOptions, settings: Settings) -> ExitCode:
    """`--plan`: what a run would take; nothing is sent, and no memory is created."""
    from weekly_translate.run.runner import forecast_of  # noqa: PLC0415 - only --plan

    terminal = options.terminal
    forecast = forecast_of(options.order, settings)
    plan = forecast.plan
    texts = {segment.id: segment.text for segment in plan.document.segments}
    terminal.show_findings(str(options.issue), plan.document.findings, texts)
    if options.verbose:
        terminal.show_rows(edition_rows(plan))
    terminal.show_rows(plan_rows(forecast))
    if options.verbose:
        terminal.show_rows([("made with", plan.data.signature)])
    return ExitCode.DONE


def _show_findings(result: Result, terminal: Terminal, *, every_one: bool) -> None:
    """What stopped a run is one sentence: the segments that were not asked any more are not listed."""
    findings = () if isinstance(result.failure, NoEngineError) else result.findings
    if result.failure is not None and not every_one:
        findings = tuple(finding for finding in findings if finding.segment not in result.not_asked)
    terminal.show_findings(str(result.order.source), findings, result.texts)
    if result.failure is not None and result.code is not ExitCode.INTERRUPTED:
        show_failure(result.failure, terminal)
    if result.why:
        show_edits(result.diff, terminal, every_line=every_one)
        if terminal.quiet:  # else the verdict has said it
            terminal.complain(f"{result.order.out}: {result.why}")


def _show_summary(result: Result, terminal: Terminal, *, verbose: bool) -> None:
    if verbose:
        terminal.show_rows(edition_rows(result.plan))
        if result.plan.remembered:
            terminal.show_rows(section_rows(result.plan))
        terminal.show_rows(title_rows(result))
    if result.failure is None or result.usage.requests or verbose:
        terminal.show_rows(summary_rows(result, verbose=verbose))
    if result.drafts:
        terminal.say(
            "Drafts are made word by word, without a model: they show the layout. For a translation run the "
            "command without --engine draft.",
            "yellow",
        )


def _show_next(result: Result, out: Path, options: TranslateOptions) -> None:
    """What is to be done now, as a command to paste."""
    is_clean = all(finding.severity is Severity.INFO for finding in result.findings)
    if result.failure is not None:
        show_how_to_go_on(options.terminal, result.failure)
    elif not (is_clean or result.drafts or result.why):
        look = "To look at it, mend and accept:" if result.written else "To mend it:"
        options.terminal.way_on(look, review_command(str(options.issue), str(out), options))
        show_retry(result.counts.left, options, options.terminal)


def _show_dry_run(result: Result, options: TranslateOptions, settings: Settings) -> None:
    """The result beside the file that it would replace; at a terminal a pager shows a long one."""
    from weekly_translate.report.data import dry_run_json  # noqa: PLC0415 - as above
    from weekly_translate.report.review import dry_run_lines, review_page  # noqa: PLC0415 - only --dry-run
    from weekly_translate.review.gather import page_files, previous_in, review_of  # noqa: PLC0415 - as above

    terminal, out, name = options.terminal, result.order.out, result.order.source.name
    old, previous = None, None
    if out is not None and out.exists() and out.stat().st_size:
        old = read_text(out, encoding_hint=result.source.encoding).text
        previous = previous_in(result.source.text, name, (old, str(out)), result.plan.data.editions)
    with open_memory(settings.memory, now=now, on_wait=waits_told(terminal)) as memory:
        review = review_of(result, memory, name=name, previous=previous)
    match options.format:
        case "json":
            facts = {
                "source": str(result.order.source),
                "target": str(out) if out else None,
                "exit_code": int(result.code),
                "signature": result.signature,
            }
            terminal.result(dry_run_json(review, facts))
        case "html":
            terminal.result(review_page(review, page_files()))
        case _:
            look = terminal.look(Severity.INFO if options.verbose else Severity.WARNING)
            terminal.show_lines(dry_run_lines(review, look, old or ""), paged=True)


def _report(result: Result) -> str:
    from weekly_translate.report.data import left_as_data, report_of, usage_as_data  # noqa: PLC0415 - only --report

    facts: dict[str, object] = {
        "source": str(result.order.source),
        "target": str(result.order.out) if result.order.out else None,
        "written": result.written,
        "exit_code": int(result.code),
        "signature": result.signature,
        "edition": _edition_as_data(result.plan.manuscript),
        "chinese": left_as_data(result.left),
        "usage": usage_as_data(result.usage, cost(result.usage, result.plan.data.price)),
        "doubts_dropped": result.dropped_doubts,
    }
    if reader := result.plan.data.reader:
        spent = usage_as_data(result.reading, cost(result.reading, reader.price))
        facts["proofreading"] = {"reader": reader.name, **spent, "errors_dropped": result.dropped_errors}
    segments = (
        {
            "id": segment.id,
            "line": segment.line,
            "kind": segment.kind.value,
            "source": segment.text,
            "target": answer.target,
            "status": answer.status.name.lower(),
            "origin": answer.origin,
            "title_from": title_origin(segment, answer, result.plan),
        }
        for segment, answer in result.segments
    )
    return report_of(facts, result.findings, segments)


def _edition_as_data(manuscript: Manuscript) -> dict[str, Any]:
    """Which edition, why, whose issue it took the document for, and each rule that fired."""
    choice, issue, edited = manuscript
    rules = [
        {
            "kind": use.kind.value,
            "rule": use.rule,
            "lines": list(use.lines),
            "text": use.text.replace(HOLE, "{title}") or None,
        }
        for use in edited.uses
    ]
    return {
        "name": choice.edition.name,
        "why": choice.why,
        "number": issue.number or None,
        "date": issue.date or None,
        "title": issue.title or None,
        "rules": rules,
    }


COMMANDS = {"translate": command(TranslateOptions, translate)}
