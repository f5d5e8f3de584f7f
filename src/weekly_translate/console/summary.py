"""The end of a run and the plan of one, as rows of a name and a value."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.console.house_rules import use_in_words, uses_in_words
from weekly_translate.model import Severity
from weekly_translate.pipeline import drafts_in
from weekly_translate.reports.shares import share_of, shares_of_sections
from weekly_translate.titles import TitleOrigin
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.exchange import Usage
    from weekly_translate.issue import Outcome
    from weekly_translate.pipeline import Forecast, Job
    from weekly_translate.pipeline.plan import Plan

Row = tuple[str, str]
_TITLES = {
    TitleOrigin.MAP: "settled for their address",
    TitleOrigin.MEMORY: "by a person",
    TitleOrigin.NAME: "with their name in front",
    TitleOrigin.SLUG: "by the words of their address",
    TitleOrigin.TRANSLATED: "translated",
}


def summary_rows(outcome: Outcome) -> Iterator[Row]:
    """Where the segments come from, what it took, what is left to look at, and where the result is."""
    yield "edition", _edition(outcome.translation.plan)
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
    for heading, share in shares_of_sections(plan.document, plan.remembered):
        yield "memory", f"{share:.0%} of {heading}"


def title_rows(outcome: Outcome) -> Iterator[Row]:
    """Where the English of the titles comes from."""
    origins = Counter(one.title for one in outcome.translation.rendering.segments if one.title)
    if origins:
        yield "titles", _parts(origins.total(), {_TITLES[one]: origins[one] for one in TitleOrigin})


def edition_rows(plan: Plan) -> Iterator[Row]:
    """Each rule of the edition that fired, with its lines."""
    for use in plan.manuscript.edited.uses:
        yield "edition", use_in_words(use)


def plan_rows(forecast: Forecast, job: Job) -> Iterator[Row]:
    """What a run would take."""
    yield "edition", _edition(forecast.plan)
    segments, known = len(forecast.plan.document.segments), len(forecast.plan.known)
    memory = len(forecast.plan.remembered)
    parts = {"from memory": memory, "by the edition": known - memory, "to translate": segments - known}
    yield "segments", _parts(segments, parts)
    if job.drafts:
        yield "requests", "none: the draft engine is part of the program"
    elif not forecast.chunks and not forecast.terms.requests:
        yield "requests", "none: everything is in the memory"
    else:
        yield from _request_rows(forecast, job)
    yield "made by", forecast.signature


def _request_rows(forecast: Forecast, job: Job) -> Iterator[Row]:
    """What is asked in any case, and what comes on top if answers lack glossary terms."""
    terms, spent = forecast.terms, cost(forecast.usage, job.price)
    yield "requests", f"about {forecast.chunks:,}, {tokens_in_words(forecast.usage)}"
    if terms.requests:
        more = counted(terms.requests, "request")
        yield "terms", f"up to {more} more where they are missed, {tokens_in_words(terms)}"
    if spent is None:
        yield "cost", f"the price of {job.engine.name} is not known"
    else:
        most = cost(forecast.usage + terms, job.price)
        yield "cost", f"about ${spent:.4f}" + (f", up to ${most:.4f} with the terms" if most != spent else "")


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 request`, `1,200 requests`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun.removesuffix('y')}ies" if noun.endswith("ry") else f"{number:,} {noun}s"


def _edition(plan: Plan) -> str:
    choice, _, edited = plan.manuscript
    return f"{choice.edition.name} ({choice.why}): {uses_in_words(edited.uses)}"


def _segments(outcome: Outcome) -> str:
    segments, plan = outcome.translation.rendering.segments, outcome.translation.plan
    known, settled = len(plan.remembered), len(plan.known) - len(plan.remembered)
    left = sum(one.target is None for one in segments)
    drafts = drafts_in(outcome.translation)
    share = share_of((one.segment for one in segments), plan.remembered)
    memory = "from memory" if known == len(segments) else f"from memory ({share:.0%} of the characters)"
    made = len(segments) - known - settled - left - drafts
    draft = "draft" if drafts == 1 else "drafts"
    parts = {
        memory: known,
        "by the edition": settled,
        "translated": made,
        draft: drafts,
        "left in Chinese": left,
    }
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
    return f"{usage.requests:,}, {tokens_in_words(usage)}, {paid}"


def tokens_in_words(usage: Usage) -> str:
    """`12,000 tokens in (8,000 cached), 900 out`."""
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{usage.prompt:,} tokens in{cached}, {usage.completion:,} out"


def _findings(outcome: Outcome) -> str:
    """Drafts are counted with the segments: here they would hide the rest."""
    found = [finding.severity for finding in outcome.findings if not finding.is_of_draft]
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
