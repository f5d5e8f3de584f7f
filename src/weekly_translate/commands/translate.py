"""`translate`: one issue, its plan or its translation."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.console import Terminal, plan_rows, section_rows, summary_rows
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.issue import Listeners, Order, Outcome, plan_issue, translate_issue
from weekly_translate.pipeline import drafts_in
from weekly_translate.reports.diff import diff_of
from weekly_translate.reports.report import report_of, usage_as_data
from weekly_translate.settings import settings_from
from weekly_translate.store.files import TextFile, check_writable, read_text, write_text
from weekly_translate.store.targets import same_file
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from weekly_translate.settings import Settings

_LONG_WAIT = 10
"""Seconds: a wait like this is told each time, a shorter one once for each reason."""


def run_translation(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`translate`: the result to its place, findings and a summary to the person."""
    terminal = terminal_for(given)
    settings = settings_from(given, environment)
    order = _order(given)
    _refuse_one_file_for_two(given, settings)
    if given["report"] is not None:
        check_writable(given["report"], source=order.source)
    with terminal.progress(order.source.name) as told:
        outcome = translate_issue(order, settings, Listeners(told, _waiting(terminal)))
    _show_findings(outcome, terminal, every_one=given["verbose"])
    _show_result(outcome, terminal)
    _show_summary(outcome, terminal, verbose=given["verbose"])
    if given["report"] is not None:
        write_text(given["report"], TextFile(_report(outcome)))
    return outcome.code


def run_plan(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`--plan`: what a run would take; nothing is sent."""
    terminal = terminal_for(given)
    settings = settings_from(given, environment)
    order = _order(given)
    forecast, job = plan_issue(order, settings, Listeners(lambda *_: None, _waiting(terminal)))
    terminal.show_findings(str(order.source), forecast.plan.document.findings)
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


def _refuse_one_file_for_two(given: Given, settings: Settings) -> None:
    """The last one written would be all that is left."""
    files = {"-o": given["out"], "--report": given["report"], "the memory": settings.memory}
    named = [(name, path) for name, path in files.items() if path is not None]
    for (name, path), (other, other_path) in combinations(named, 2):
        if same_file(path, other_path):
            raise UsageError(f"{path} is named twice, for {name} and for {other}: give each its own file.")


def _waiting(terminal: Terminal) -> Callable[[str, float], None]:
    """Says why nothing moves, without saying the same for each of the workers."""
    said: set[str] = set()

    def told(reason: str, seconds: float) -> None:
        if seconds >= _LONG_WAIT or (seconds >= 1 and reason not in said):
            said.add(reason)
            terminal.say(f"waiting {seconds:.0f} s: {reason}")

    return told


def _show_findings(outcome: Outcome, terminal: Terminal, *, every_one: bool) -> None:
    """What stopped a run is one sentence: the segments that were not asked any more are not listed."""
    failure = outcome.translation.failure
    findings = outcome.findings
    if failure is not None and not every_one:
        findings = tuple(finding for finding in findings if finding.segment not in outcome.not_asked)
    terminal.show_findings(str(outcome.order.source), findings)
    if failure is not None:
        terminal.complain(str(failure))


def _show_result(outcome: Outcome, terminal: Terminal) -> None:
    """The text goes to stdout where no file is named; a dry run shows the difference instead."""
    text, order = outcome.translation.rendering.text, outcome.order
    if order.dry_run and outcome.translation.failure is None:
        name = str(order.out or order.source)
        terminal.result(diff_of(_previous(outcome), text, old_name=name, new_name=f"{name} (translated)"))
    elif order.out is None and outcome.written:
        terminal.result(text)


def _previous(outcome: Outcome) -> str:
    """What a dry run compares with: the file that would be replaced, else the source."""
    out = outcome.order.out
    if out is None or not out.exists():
        return outcome.source.text
    if not out.stat().st_size:
        return ""
    return read_text(out, encoding_hint=outcome.source.encoding).text


def _show_summary(outcome: Outcome, terminal: Terminal, *, verbose: bool) -> None:
    if not outcome.begun and not outcome.written:
        return  # the sentence about the failure has said it all
    if outcome.translation.plan.known and verbose:
        terminal.show_rows(section_rows(outcome))
    terminal.show_rows(summary_rows(outcome))
    if drafts_in(outcome.translation):
        terminal.say(
            "Drafts are made word by word, without a model. For a translation set OPENAI_API_KEY, "
            "or name a server with --base-url, and run the command again.",
            "yellow",
        )


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
            "title_from": one.title.value if one.title else None,
        }
        for one in translation.rendering.segments
    )
    return report_of(facts, outcome.findings, segments)
