"""What translating issues would take: what is known is looked up, the rest is counted, nothing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.chunks import chunks_of, even_shares
from weekly_translate.llm.cost import forecast
from weekly_translate.llm.prompts import translate_request
from weekly_translate.model import Format
from weekly_translate.run.missing_terms import requests_for_terms
from weekly_translate.run.plan import assignment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.model import Request, Segment, Usage
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Assignment, Plan


class Forecast(NamedTuple):
    """What translating an issue would take."""

    plan: Plan
    chunks: int
    usage: Usage
    terms: Usage
    """What questions for terms that answers lack may take on top, at most."""
    signature: str


def forecast_of(text: str, job: Job, name: str = "") -> Forecast:
    """The forecast for one issue. Raises `InputRefusedError` and `UsageError`."""
    (only,) = forecasts_of([assignment_of(text, job, name)], job)
    return only


def forecasts_of(assignments: Sequence[Assignment], job: Job) -> list[Forecast]:
    """For each issue of a run; what several of them ask for is counted with the first."""
    texts = list(_new_segments(assignments))
    shares = even_shares(texts, job.size, workers=job.jobs, count_tokens=job.count_tokens)
    return [
        _forecast(assignment, segments, share.budget)
        for assignment, segments, share in zip(assignments, texts, shares, strict=True)
    ]


def _new_segments(assignments: Sequence[Assignment]) -> Iterator[list[Segment]]:
    seen: set[str] = set()
    for assignment in assignments:
        asks = [ask for ask in assignment.plan.asks if ask.key not in seen]
        seen.update(ask.key for ask in asks)
        yield [ask.segment for ask in asks]


def _forecast(assignment: Assignment, segments: Sequence[Segment], budget: int) -> Forecast:
    plan, job = assignment.plan, assignment.job
    chunks = list(chunks_of(segments, budget=budget, cap=job.size.cap, count_tokens=job.count_tokens))
    usage = forecast((_request(chunk, assignment) for chunk in chunks), count_tokens=job.count_tokens)
    terms = forecast(requests_for_terms(plan, job), count_tokens=job.count_tokens)
    return Forecast(plan, len(chunks), usage, terms, job.signature)


def _request(chunk: Sequence[Segment], assignment: Assignment) -> Request:
    plan = assignment.plan
    terms = tuple(dict.fromkeys(term for segment in chunk for term in plan.terms[segment.id]))
    return translate_request(chunk, terms, (), Format.SCHEMA, assignment.job.prompts, assignment.outline)
