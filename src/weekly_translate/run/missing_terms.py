"""Translations that are good but for the glossary: asked again all together, once, when all else is done.

One request for a whole issue costs less than one for each segment, and nothing waits for its answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.llm.chunks import chunks_of
from weekly_translate.llm.prompts import Correction, repair_request
from weekly_translate.model import UNMET, Format
from weekly_translate.run.attempts import MAX_REQUESTS, Progress, Question, Step
from weekly_translate.run.dependents import Claiming, Shares

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from weekly_translate.llm.chunks import ChunkSize
    from weekly_translate.model import Request, Segment
    from weekly_translate.run.attempts import Answer
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Ask, Plan

_LARGER = 2
"""So many times the usual chunk: most of a correction is copied, which models do well."""


class Unmet:
    """The segments of a run that lack terms, those that an interrupted run has left among them."""

    def __init__(
        self, plan: Plan, job: Job, claiming: Claiming, waiting: Container[str] = frozenset()
    ) -> None:
        """Those whose keys are `waiting` are left out: another issue asks for them."""
        self._job = job
        self._claiming = claiming
        self._waiting: list[Progress] = []
        for ask in () if job.drafts else plan.unmet:
            if ask.key in waiting:
                continue
            progress = Progress(ask, requests=1)
            progress.best = progress.judged(plan.known[ask.segment.id].target, job)
            if progress.best.unmet:
                self._waiting.append(progress)

    @property
    def keys(self) -> set[str]:
        """The keys of those that wait to be asked."""
        return {progress.ask.key for progress in self._waiting}

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

    def shares(self) -> Shares:
        """All that wait, in order: to be asked here, or asked by another run, which nobody waits for."""
        shares = Shares([], [], [])
        granted = self._claiming.granted(progress.ask.key for progress in self._waiting)
        for progress in sorted(self._waiting, key=lambda progress: progress.ask.segment.span):
            ask = progress.ask
            entry = self._job.memory.find(ask.key, ask.segment.text)
            if ask.key not in granted or entry is None:
                shares.elsewhere.append(progress)
            elif entry.remark == UNMET:
                shares.ours.append(progress)
            else:
                shares.answered.append((progress, entry))
        self._waiting = []
        self._claiming.give_back(*(progress for progress, _ in shares.answered))
        return shares


def questions_for(waiting: Sequence[Progress], size: ChunkSize, job: Job, *, single: bool) -> list[Question]:
    """Questions for the terms of these segments, as few as may be."""
    rest = iter(waiting)
    chunks = _chunks([progress.ask.segment for progress in waiting], size, job, single=single)
    return [Question(tuple(next(rest) for _ in chunk), Step.TERMS) for chunk in chunks]


def requests_for_terms(plan: Plan, job: Job) -> list[Request]:
    """What a run asks for its terms at most: where every answer lacks all of them."""
    asks = sorted((*(ask for ask in plan.asks if ask.terms), *plan.unmet), key=lambda ask: ask.segment.span)
    rest = iter(asks)
    return [
        _request([next(rest) for _ in chunk], job)
        for chunk in _chunks([ask.segment for ask in asks], job.size, job)
    ]


def _request(asks: Sequence[Ask], job: Job) -> Request:
    """The source stands in for the attempt that would be shown: it has about as many tokens."""
    corrections = [
        Correction(ask.segment, ask.segment.text, tuple(term.target for term in ask.terms)) for ask in asks
    ]
    terms = tuple(dict.fromkeys(term for ask in asks for term in ask.terms))
    return repair_request(corrections, terms, Format.SCHEMA, job.prompts)


def _chunks(
    segments: Sequence[Segment], size: ChunkSize, job: Job, *, single: bool = False
) -> list[tuple[Segment, ...]]:
    cap = 1 if single else size.cap * _LARGER
    return list(chunks_of(segments, budget=size.budget * _LARGER, cap=cap, count_tokens=job.count_tokens))
