"""Whose turn it is: repairs first, issues in their order, none of them with all the places, an even end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.translation.chunks import even_shares, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.pipeline.desk import Desk
    from weekly_translate.pipeline.job import Job
    from weekly_translate.pipeline.questions import Question
    from weekly_translate.translation.chunks import Chunk

WARM_UP = 60
"""Source tokens of a first request that is there to fill the provider's cache."""


class Turns:
    """The order of the questions of a run."""

    def __init__(self, desks: Iterable[Desk], job: Job) -> None:
        """Chunks are cut so that all places are taken until the end."""
        self._jobs = job.jobs
        self._count = job.count_tokens
        groups = {desk: [ask.segment for ask in desk.assignment.plan.asks] for desk in desks}
        shares = even_shares(list(groups.values()), job.size, workers=job.jobs, count_tokens=job.count_tokens)
        # By number: desks that are done are not kept here.
        self._budgets = {desk.number: share.budget for desk, share in zip(groups, shares, strict=True)}
        longest = max(self._budgets.values(), default=0)
        self._tail = 0 if job.budget is not None else job.jobs * longest
        """Source tokens of the last turn of all places, in which the longest chunks go first.

        Where a budget may end the run, issues that are finished are worth more than an even end.
        """
        self.warm = not job.warm_up or sum(share.chunks for share in shares) <= job.jobs
        """Whether a request has been answered, or need not be: until then one is sent at a time."""

    @property
    def places(self) -> int:
        """How many requests may be in flight."""
        return self._jobs if self.warm else 1

    def next(self, desks: Iterable[Desk]) -> tuple[Desk, Question] | None:
        """What to ask now. An issue has at most half of the places while others have something to ask."""
        open_ = list(desks)
        share = -(-self._jobs // 2)
        modest = [desk for desk in open_ if desk.running < share]
        for candidates in (modest, open_):
            for desk in candidates:
                if question := desk.follow_up():
                    return desk, question
            if found := self._fresh(candidates, open_):
                return found
        return None

    def _fresh(self, candidates: Sequence[Desk], open_: Sequence[Desk]) -> tuple[Desk, Question] | None:
        """The next chunk of which anything is left once other runs on this memory have had their share."""
        while desks := [desk for desk in candidates if desk.fresh_tokens]:
            is_tail = sum(desk.fresh_tokens for desk in open_) <= self._tail
            desk = max(desks, key=self._length) if is_tail else desks[0]
            question = desk.question(self._chunk(desk)) or desk.follow_up()
            if question:
                return desk, question
        return None

    def _chunk(self, desk: Desk) -> Chunk:
        return desk.fresh_chunk(self._budgets[desk.number] if self.warm else WARM_UP)

    def _length(self, desk: Desk) -> int:
        return sum(tokens_of(segment, self._count) for segment in self._chunk(desk))
