"""The end of a run and the plan of one, as rows of a name and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.model import Severity
from weekly_translate.pipeline import drafts_in
from weekly_translate.reports.shares import share_of, shares_of_sections
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.exchange import Usage
    from weekly_translate.issue import Outcome
    from weekly_translate.pipeline import Forecast, Job

Row = tuple[str, str]


def summary_rows(outcome: Outcome) -> Iterator[Row]:
    """Where the segments come from, what it took, what is left to look at, and where the result is."""
    yield "segments", _segments(outcome)
    yield "requests", _requests(outcome)
    yield "findings", _findings(outcome)
    yield "made by", outcome.signature
    for note in outcome.notes:
        yield "memory", note
    yield "result", _result(outcome)


def section_rows(outcome: Outcome) -> Iterator[Row]:
    """What the memory has served of each section, where a document has several."""
    plan = outcome.translation.plan
    for heading, share in shares_of_sections(plan.document, plan.known.keys()):
        yield "memory", f"{share:.0%} of {heading}"


def plan_rows(forecast: Forecast, job: Job) -> Iterator[Row]:
    """What a run would take."""
    segments, known = len(forecast.plan.document.segments), len(forecast.plan.known)
    yield "segments", _parts(segments, {"from memory": known, "to translate": segments - known})
    if job.drafts:
        yield "requests", "none: the draft engine is part of the program"
    elif not forecast.chunks:
        yield "requests", "none: everything is in the memory"
    else:
        spent = cost(forecast.usage, job.price)
        yield "requests", f"about {forecast.chunks:,}, {_tokens(forecast.usage)}"
        yield (
            "cost",
            f"the price of {job.engine.name} is not known" if spent is None else f"about ${spent:.4f}",
        )
    yield "made by", job.signature


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 request`, `1,200 requests`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _segments(outcome: Outcome) -> str:
    segments = outcome.translation.rendering.segments
    known = len(outcome.translation.plan.known)
    left = sum(one.target is None for one in segments)
    drafts = drafts_in(outcome.translation)
    share = share_of((one.segment for one in segments), outcome.translation.plan.known.keys())
    memory = "from memory" if known == len(segments) else f"from memory ({share:.0%} of the characters)"
    made = len(segments) - known - left - drafts
    draft = "draft" if drafts == 1 else "drafts"
    parts = {memory: known, "translated": made, draft: drafts, "left in Chinese": left}
    return _parts(len(segments), parts)


def _parts(whole: int, parts: dict[str, int]) -> str:
    shown = [f"{number:,} {name}" for name, number in parts.items() if number]
    return f"{whole:,}: {', '.join(shown)}" if shown else f"{whole:,}"


def _requests(outcome: Outcome) -> str:
    usage = outcome.translation.usage
    if not usage.requests:
        return "none"
    spent = cost(usage, outcome.price)
    paid = "price not known" if spent is None else f"${spent:.4f}"
    return f"{usage.requests:,}, {_tokens(usage)}, {paid}"


def _tokens(usage: Usage) -> str:
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{usage.prompt:,} tokens in{cached}, {usage.completion:,} out"


def _findings(outcome: Outcome) -> str:
    """Drafts are counted with the segments: here they would hide the rest."""
    found = [finding.severity for finding in outcome.findings if finding.check != "seg.draft"]
    errors, warnings = found.count(Severity.ERROR), found.count(Severity.WARNING)
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if errors or warnings else "none"


def _result(outcome: Outcome) -> str:
    order, failed = outcome.order, outcome.translation.failure is not None
    if order.dry_run:
        return "nothing written (dry run); the answers are in the memory"
    if outcome.written:
        place = str(order.out) if order.out else "standard output"
        return place if outcome.code == 0 else f"{place}, incomplete: see the errors above"
    if failed:
        return "nothing written; the answers so far are in the memory"
    return "nothing written: see the errors above (--allow-partial writes it all the same)"
