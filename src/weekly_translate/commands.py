"""What each command does: make the settings, call one function, show the outcome, return the code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weekly_translate.console import Terminal
from weekly_translate.errors import ExitCode
from weekly_translate.issue import Listeners, Order, Outcome, plan_issue, translate_issue
from weekly_translate.reports.diff import diff_of
from weekly_translate.reports.report import report_of, usage_as_data
from weekly_translate.settings import settings_from
from weekly_translate.store.files import TextFile, check_writable, read_bytes, read_text, write_text
from weekly_translate.store.memory import open_memory
from weekly_translate.store.tmx import SIZE_LIMIT, read_tmx
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from pathlib import Path

Options = Mapping[str, Any]


def run_translation(
    order_options: Options, options: Options, environment: Mapping[str, str], *, report: Path | None, quiet: bool, verbose: bool
) -> ExitCode:
    """`translate`: the result to its place, findings and a summary to the person."""
    terminal = Terminal(quiet=quiet, verbose=verbose)
    settings = settings_from(options, environment)
    order = Order(**order_options)
    if report is not None:
        check_writable(report, source=order.source)
    if settings.engine == "draft":
        terminal.say("No key: the embedded draft engine stands in for a model." if not options["engine"] else "")
    try:
        with terminal.progress(order.source.name) as told:
            outcome = translate_issue(order, settings, Listeners(told, _waiting(terminal)))
    except KeyboardInterrupt:
        terminal.complain("Interrupted. The answers so far are kept: run the same command again to go on.")
        return ExitCode.INTERRUPTED
    terminal.show_findings(str(order.source), outcome.findings)
    if outcome.translation.failure is not None:
        terminal.complain(str(outcome.translation.failure))
    _show_result(outcome, terminal)
    terminal.show_summary(outcome)
    if report is not None:
        write_text(report, TextFile(_report(outcome)))
    return outcome.code


def run_plan(
    order_options: Options, options: Options, environment: Mapping[str, str], *, quiet: bool, verbose: bool
) -> ExitCode:
    """`--plan`: what a run would take; nothing is sent."""
    terminal = Terminal(quiet=quiet, verbose=verbose)
    settings = settings_from(options, environment)
    order = Order(**order_options)
    forecast, job = plan_issue(order, settings, Listeners(lambda *_: None, _waiting(terminal)))
    terminal.show_plan(forecast, job)
    return ExitCode.DONE


def run_import(file: Path, options: Options, environment: Mapping[str, str]) -> ExitCode:
    """`memory import`: a TMX file into the memory."""
    terminal = Terminal()
    settings = settings_from(options, environment)
    entries = read_tmx(read_bytes(file, limit=SIZE_LIMIT), str(file))
    with open_memory(settings.memory, now=lambda: datetime.now(UTC).isoformat(timespec="seconds")) as memory:
        counts = memory.import_entries(entries)
        for note in memory.notes:
            terminal.say(note)
    terminal.say(f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept as they were")
    return ExitCode.DONE


def _waiting(terminal: Terminal) -> Any:  # noqa: ANN401
    return lambda reason, seconds: terminal.say(f"waiting {seconds:.0f} s: {reason}") if seconds >= 1 else None


def _show_result(outcome: Outcome, terminal: Terminal) -> None:
    """The text goes to stdout where no file is named; a dry run shows the difference instead."""
    text, order = outcome.translation.rendering.text, outcome.order
    if order.dry_run:
        name = str(order.out or order.source)
        old = read_text(order.out).text if order.out and order.out.exists() else outcome.source.text
        terminal.result(diff_of(old, text, old_name=name, new_name=f"{name} (translated)"))
    elif order.out is None and outcome.written:
        terminal.result(text)


def _report(outcome: Outcome) -> str:
    translation = outcome.translation
    facts = {
        "source": str(outcome.order.source),
        "target": str(outcome.order.out) if outcome.order.out else None,
        "written": outcome.written,
        "exit_code": int(outcome.code),
        "signature": outcome.signature,
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
        }
        for one in translation.rendering.segments
    )
    return report_of(facts, outcome.findings, segments)
