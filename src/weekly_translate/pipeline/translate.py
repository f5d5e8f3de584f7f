"""The order of the steps, and nothing but the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.exchange import Format, Status, Usage
from weekly_translate.markdown import parse
from weekly_translate.model import Kind
from weekly_translate.pipeline.plan import Plan, plan_for
from weekly_translate.pipeline.rendering import Rendering, rendering_of
from weekly_translate.pipeline.schedule import Scheduler
from weekly_translate.tags import without_tags
from weekly_translate.translation.chunks import chunks_of, even_budget
from weekly_translate.translation.cost import forecast
from weekly_translate.translation.prompt import translate_request

if TYPE_CHECKING:
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.model import Document
    from weekly_translate.pipeline.job import Job


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of an issue. `failure` is what stopped it before its end, if anything did."""

    plan: Plan
    rendering: Rendering
    usage: Usage
    failure: WeeklyTranslateError | None


class Forecast(NamedTuple):
    """What translating an issue would take."""

    plan: Plan
    chunks: int
    usage: Usage


async def translate(text: str, job: Job) -> Translation:
    """Translate one issue: plan, run, render. Raises `InputRefusedError` and `StorageError`."""
    plan = plan_for(parse(text), job)
    run = await Scheduler(plan, job, outline_of(plan.document)).run()
    return Translation(plan, rendering_of(plan, run.answers, job), run.usage, run.failure)


def forecast_of(text: str, job: Job) -> Forecast:
    """Look up what is known and count what is not; nothing is asked."""
    plan = plan_for(parse(text), job)
    segments = [ask.segment for ask in plan.asks]
    terms = {ask.segment.id: ask.terms for ask in plan.asks}
    size = job.size
    budget = even_budget(segments, size, workers=job.jobs, count_tokens=job.count_tokens)
    chunks = list(chunks_of(segments, budget=budget, cap=size.cap, count_tokens=job.count_tokens))
    outline = outline_of(plan.document)
    requests = [
        translate_request(
            chunk,
            tuple(dict.fromkeys(term for segment in chunk for term in terms[segment.id])),
            (),
            Format.SCHEMA,
            job.prompts,
            outline,
        )
        for chunk in chunks
    ]
    return Forecast(plan, len(chunks), forecast(requests, count_tokens=job.count_tokens))


def outline_of(document: Document) -> str:
    """The headings and titles of an issue: what a chunk is told of the rest."""
    titles = (s for s in document.segments if s.kind in (Kind.META, Kind.HEADING, Kind.TITLE))
    return " · ".join(without_tags(segment.text) for segment in titles)


def drafts_in(translation: Translation) -> int:
    """How many segments of the output are drafts."""
    return sum(
        1 for one in translation.rendering.segments if one.status is Status.DRAFT and one.target is not None
    )
