"""`translate`: one issue, its plan or its translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weekly_translate.commands.dry_run import format_of, show_dry_run
from weekly_translate.commands.given import Given, refuse_one_file_for_two, terminal_for
from weekly_translate.commands.waits import waits_told
from weekly_translate.console import Terminal, edition_rows, plan_rows, section_rows, summary_rows, title_rows
from weekly_translate.edition.seams import HOLE
from weekly_translate.errors import ExitCode
from weekly_translate.issue import Listeners, Order, Outcome, plan_issue, translate_issue
from weekly_translate.pipeline import drafts_in
from weekly_translate.reports.report import report_of, usage_as_data
from weekly_translate.settings import settings_from
from weekly_translate.store.files import TextFile, check_writable, write_text
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.pipeline.manuscript import Manuscript


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
