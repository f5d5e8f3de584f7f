"""What each command does: make the settings, call one function, show the outcome, return the code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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

Given = Mapping[str, Any]
"""The arguments and options of a command, by name; what was not given is None."""


def run_translation(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`translate`: the result to its place, findings and a summary to the person."""
    terminal = _terminal(given)
    settings = settings_from(given, environment)
    order = _order(given)
    if given["report"] is not None:
        check_writable(given["report"], source=order.source)
    if settings.engine == "draft":
        terminal.say("The embedded draft engine stands in for a model.")
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
    if given["report"] is not None:
        write_text(given["report"], TextFile(_report(outcome)))
    return outcome.code


def run_plan(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`--plan`: what a run would take; nothing is sent."""
    terminal = _terminal(given)
    settings = settings_from(given, environment)
    forecast, job = plan_issue(_order(given), settings, Listeners(lambda *_: None, _waiting(terminal)))
    terminal.show_plan(forecast, job)
    return ExitCode.DONE


def run_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory import`: a TMX file into the memory."""
    terminal = _terminal(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file = given["file"]
    entries = read_tmx(read_bytes(file, limit=SIZE_LIMIT), str(file))
    with open_memory(settings.memory, now=lambda: datetime.now(UTC).isoformat(timespec="seconds")) as memory:
        counts = memory.import_entries(entries)
        for note in memory.notes:
            terminal.say(note)
    terminal.say(f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept")
    return ExitCode.DONE


def _terminal(given: Given) -> Terminal:
    return Terminal(quiet=bool(given.get("quiet")), verbose=bool(given.get("verbose")))


def _order(given: Given) -> Order:
    return Order(
        given["issue"],
        given["out"],
        given["encoding"],
        given["fix_mojibake"],
        given["allow_partial"],
        given["dry_run"],
    )


def _waiting(terminal: Terminal) -> Any:  # noqa: ANN401
    return lambda reason, seconds: (
        terminal.say(f"waiting {seconds:.0f} s: {reason}") if seconds >= 1 else None
    )


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
