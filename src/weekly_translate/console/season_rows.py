"""The end of a season and the plan of one, as rows of a name and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.console.summary import counted, tokens_in_words
from weekly_translate.exchange import Usage
from weekly_translate.reports.season import dollars, total_cost
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.console.summary import Row
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.forecasts import Forecast
    from weekly_translate.reports.season import Account
    from weekly_translate.translation.cost import Price


def receipt_rows(accounts: Sequence[Account], expected: Usage, price: Price | None) -> Iterator[Row]:
    """What a season has taken, and beside it what had been expected."""
    usage = sum((one.usage for one in accounts), Usage())
    if not usage.requests:
        yield "requests", "none"
        return
    spent = total_cost(accounts)
    paid = "price not known" if spent is None else dollars(spent)
    yield "requests", f"{usage.requests:,}, {tokens_in_words(usage)}, {paid}"
    if expected.requests:
        before = cost(expected, price)
        about = "" if before is None else f", {dollars(before)}"
        yield "forecast", f"{expected.requests:,}, {tokens_in_words(expected)}{about}"


def plan_rows(
    planned: Mapping[str, Forecast], others: int, job: Job, *, every_one: bool = False
) -> Iterator[Row]:
    """What a season would take, by the names of its issues; `others` are those that need nothing."""
    forecasts = planned.values()
    number = len(planned) + others
    yield "issues", f"{number:,}: {len(planned):,} to translate, {others:,} not" if number else "none"
    for name, one in planned.items() if every_one else ():
        yield (
            "issue",
            f"{name}: {_open(one):,} segments to translate, {counted(one.usage.requests, 'request')}",
        )
    if not planned:
        yield "requests", "none"
        return
    segments, asked = sum(len(one.plan.document.segments) for one in forecasts), sum(map(_open, forecasts))
    yield "segments", f"{segments:,}: {segments - asked:,} known, {asked:,} to translate"
    usage = sum((one.usage for one in forecasts), Usage())
    terms = sum((one.terms for one in forecasts), Usage())
    if job.drafts:
        yield "requests", "none: the draft engine is part of the program"
    elif not usage.requests and not terms.requests:
        yield "requests", "none: everything is in the memory"
    else:
        yield from _request_rows(usage, terms, job)
    yield "made by", job.signature


def _open(forecast: Forecast) -> int:
    """Segments without a translation, those among them that are asked for with another issue."""
    return len(forecast.plan.document.segments) - len(forecast.plan.known)


def _request_rows(usage: Usage, terms: Usage, job: Job) -> Iterator[Row]:
    yield "requests", f"about {usage.requests:,}, {tokens_in_words(usage)}"
    if terms.requests:
        more = counted(terms.requests, "request")
        yield "terms", f"up to {more} more where they are missed, {tokens_in_words(terms)}"
    yield "cost", _cost(usage, terms, job)


def _cost(usage: Usage, terms: Usage, job: Job) -> str:
    least, most = cost(usage, job.price), cost(usage + terms, job.price)
    if least is None or most is None:
        return f"the price of {job.engine.name} is not known"
    return f"about {dollars(least)}" + (f", up to {dollars(most)} with the terms" if most != least else "")
