"""Translations that are good but for the glossary: asked again all together, once, when all else is done.

One request for a whole issue costs less than one for each segment, and nothing waits for its answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.exchange import UNMET
from weekly_translate.pipeline.attempts import MAX_REQUESTS, Progress, Step
from weekly_translate.pipeline.questions import Question
from weekly_translate.translation.chunks import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.pipeline.attempts import Answer
    from weekly_translate.pipeline.claiming import Claiming
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.plan import Plan
    from weekly_translate.translation.sizes import ChunkSize

_LARGER = 2
"""So many times the usual chunk: most of a correction is copied, which models do well."""


class Unmet:
    """The segments of a run that lack terms, those that an interrupted run has left among them."""

    def __init__(self, plan: Plan, job: Job, claiming: Claiming) -> None:
        self._job = job
        self._claiming = claiming
        self._waiting: list[Progress] = []
        for ask in () if job.drafts else plan.unmet:
            progress = Progress(ask, requests=1)
            progress.best = progress.judged(plan.known[ask.segment.id].target, job)
            if progress.best.unmet:
                self._waiting.append(progress)

    def take(self, progress: Progress, answer: Answer) -> bool:
        """Whether a settled segment is to be asked again."""
        best = progress.best
        wanted = (
            best is not None
            and answer == (best.target, answer.status, answer.origin, "", "")
            and bool(best.unmet)
            and not best.errors
            and progress.requests < MAX_REQUESTS
            and not self._job.drafts
        )
        if wanted:
            self._waiting.append(progress)
        return wanted

    def _claimed(self) -> list[Progress]:
        """Those that no other run on this memory is asking for, or has asked for by now."""
        granted = self._claiming.granted(progress.ask.key for progress in self._waiting)
        ours = [progress for progress in self._waiting if progress.ask.key in granted]
        known = ((one, self._job.memory.find(one.ask.key, one.ask.segment.text)) for one in ours)
        return [one for one, entry in known if entry is not None and entry.remark == UNMET]

    def questions(self, size: ChunkSize, *, single: bool) -> Iterator[Question]:
        """All that wait, in as few questions as may be."""
        waiting = sorted(self._claimed(), key=lambda progress: progress.ask.segment.span)
        self._waiting = []
        chunks = chunks_of(
            [progress.ask.segment for progress in waiting],
            budget=size.budget * _LARGER,
            cap=1 if single else size.cap * _LARGER,
            count_tokens=self._job.count_tokens,
        )
        rest = iter(waiting)
        for chunk in list(chunks):
            yield Question(tuple(next(rest) for _ in chunk), Step.TERMS)
