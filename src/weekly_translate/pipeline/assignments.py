"""The issues of a run before anything is asked: under their editions, looked up, each with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Kind
from weekly_translate.pipeline.manuscript import manuscript_of
from weekly_translate.pipeline.plan import plan_for
from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from weekly_translate.exchange import Usage
    from weekly_translate.model import Document
    from weekly_translate.pipeline.job import Job, Told
    from weekly_translate.pipeline.plan import Plan


def _nobody(_settled: int, _all: int, _usage: Usage) -> None:
    """The default of `told`."""


class Assignment(NamedTuple):
    """One issue to translate."""

    name: str
    """What a person calls it, such as the name of its file."""
    plan: Plan
    job: Job
    """That of the run, with the terms and names of the issue's edition."""
    told: Told = _nobody
    """Is told how far this issue is, as `job.told` is of the whole run."""

    @property
    def outline(self) -> str:
        """The headings and titles: what a chunk is told of the rest."""
        return outline_of(self.plan.document)


def assignment_of(text: str, job: Job, name: str = "", told: Told = _nobody) -> Assignment:
    """Edit an issue and look it up. Raises `InputRefusedError`, or `UsageError` for its edition."""
    manuscript = manuscript_of(text, name, job.editions)
    job = job.under(manuscript.choice)
    return Assignment(name, plan_for(manuscript, job), job, told)


def outline_of(document: Document) -> str:
    """The headings and titles of a document, without their tags."""
    titles = (s for s in document.segments if s.kind in (Kind.META, Kind.HEADING, Kind.TITLE))
    return " · ".join(without_tags(segment.text) for segment in titles)
