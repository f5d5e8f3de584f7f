"""The order of the steps, and nothing but the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.exchange import Status
from weekly_translate.pipeline.assignments import assignment_of
from weekly_translate.pipeline.rendering import rendering_of
from weekly_translate.pipeline.schedule import Scheduler, Settled

if TYPE_CHECKING:
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.exchange import Usage
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan
    from weekly_translate.pipeline.rendering import Rendering


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of an issue. `failure` is what stopped it before its end, if anything did."""

    plan: Plan
    rendering: Rendering
    usage: Usage
    signature: str
    """How it was made: engine | prompts | glossary | edition."""
    failure: WeeklyTranslateError | None


async def translate(text: str, job: Job, name: str = "") -> Translation:
    """Translate one issue, whose file is called `name`: edit, plan, run, render.

    Raises `InputRefusedError`, `UsageError` for an edition that does not fit, and `StorageError`.
    """
    settled: list[Settled] = []
    await Scheduler([assignment_of(text, job, name)], job, settled.append).run()
    return translation_of(*settled)


def translation_of(settled: Settled) -> Translation:
    """An issue rendered, as far as it was answered."""
    assignment, answers, usage, failure = settled
    rendering = rendering_of(assignment.plan, answers, assignment.job)
    return Translation(assignment.plan, rendering, usage, assignment.job.signature, failure)


def drafts_in(translation: Translation) -> int:
    """How many segments of the output are drafts."""
    return sum(
        1 for one in translation.rendering.segments if one.status is Status.DRAFT and one.target is not None
    )
