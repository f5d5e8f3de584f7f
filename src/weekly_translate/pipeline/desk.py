"""The desk of one issue: what of it is still to be asked, and what waits for an answer to something else."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from weekly_translate.exchange import Usage
from weekly_translate.pipeline.attempts import Answer, Progress, Step, progress_of
from weekly_translate.pipeline.followers import Place
from weekly_translate.pipeline.hits import hit_for
from weekly_translate.pipeline.outcomes import Common, Outcomes
from weekly_translate.pipeline.questions import Question
from weekly_translate.pipeline.unmet import Unmet, questions_for
from weekly_translate.translation.chunks import Chunk, chunks_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.pipeline.followers import Followers


class Desk:
    """An issue that is being translated."""

    def __init__(self, number: int, assignment: Assignment, common: Common, followers: Followers) -> None:
        """`number` is the place of the issue in the run."""
        self.number = number
        self.assignment = assignment
        self.usage = Usage()
        self.running = 0
        """How many requests of this issue are in flight."""
        self._common = common
        plan, job = assignment.plan, assignment.job
        open_ = [progress_of(ask, job) for ask in plan.asks]
        unmet = [] if job.drafts else [Progress(ask, requests=1) for ask in plan.unmet]
        self._waiting = {
            progress.ask.key: progress
            for progress in (*open_, *unmet)
            if followers.waits(Place(number, progress.ask.key))
        }
        self._fresh: deque[Progress] = deque()
        self.fresh_tokens = 0
        """How many source tokens are still to be asked for the first time."""
        for progress in open_:
            if progress.ask.key not in self._waiting:
                self._put(progress)
        self._elsewhere: list[Progress] = []
        self._unmet = Unmet(plan, job, common.claiming, waiting=self._waiting)
        self._open = {progress.ask.key for progress in open_} | self._waiting.keys() | self._unmet.keys
        self.outcomes = Outcomes(assignment, common, self._unmet, settled=len(plan.known))

    @property
    def kept(self) -> frozenset[str]:
        """What may stay Chinese in this issue."""
        return self.assignment.job.allowed_chinese

    @property
    def is_settled(self) -> bool:
        """Whether every segment has its last answer."""
        return not self._open

    @property
    def elsewhere(self) -> int:
        """How many segments another run is asking for."""
        return len(self._elsewhere)

    # ------------------------------------------------------------------ which question is next

    def fresh_chunk(self, budget: int) -> Chunk:
        """What would be asked next for the first time; nothing where nothing is left."""
        size = self._common.size
        chunks = chunks_of(
            (progress.ask.segment for progress in self._fresh),
            budget=min(size.budget, budget),
            cap=1 if self._common.formats.single else size.cap,
            count_tokens=self.assignment.job.count_tokens,
        )
        return next(chunks, ())

    def follow_up(self) -> Question | None:
        """What an answer has led to; for terms at last, when nothing else is open: then few requests do."""
        again = self.outcomes.again
        if not again and not (self.running or self._fresh or self._elsewhere):
            again.extend(self._questions_for_terms())
        return self._narrowed(again.popleft()) if again else None

    def question(self, chunk: Chunk) -> Question | None:
        """A chunk without what another run is asking for or has answered by now."""
        members = [self._fresh.popleft() for _ in chunk]
        self.fresh_tokens -= sum(map(self._tokens, members))
        shares = self._common.claiming.shares(members, self.assignment.job)
        self._elsewhere += shares.elsewhere
        for progress, entry in shares.answered:
            self.outcomes.answer(progress, Answer.remembered(entry))
        rejected = [progress for progress in shares.ours if progress.best is not None]
        self.outcomes.again.extend(Question((progress,), Step.REPAIR) for progress in rejected)
        ours = tuple(progress for progress in shares.ours if progress.best is None)
        return Question(ours, Step.TRANSLATE) if ours else None

    def ask_again(self, question: Question) -> None:
        """The same once more, before anything else."""
        self.outcomes.again.appendleft(question)

    def look_elsewhere(self) -> None:
        """Perhaps another run has answered by now what it was asking for."""
        while self._elsewhere:
            self._put(self._elsewhere.pop(0))

    def give_up_terms(self, question: Question) -> None:
        """What is left is asked by the next run: the translations are there."""
        self.outcomes.give_up(question.members)
        for other in self.outcomes.again:
            self.outcomes.give_up(other.members)
        self.outcomes.again.clear()

    def _put(self, progress: Progress) -> None:
        self._fresh.append(progress)
        self.fresh_tokens += self._tokens(progress)

    def _tokens(self, progress: Progress) -> int:
        return tokens_of(progress.ask.segment, self.assignment.job.count_tokens)

    def _narrowed(self, question: Question) -> Question:
        """One segment, if the format has no room for more by now; the others wait for their turn."""
        if not self._common.formats.single:
            return question
        first, *others = question.parts(1)
        self.outcomes.again.extendleft(reversed(others))
        return first

    def _questions_for_terms(self) -> list[Question]:
        shares = self._unmet.shares()
        for progress, entry in shares.answered:
            answer = Answer.remembered(entry)
            self.outcomes.answer(progress, answer, counted=True)
        self.outcomes.give_up(shares.elsewhere)
        single = self._common.formats.single
        return questions_for(shares.ours, self._common.size, self.assignment.job, single=single)

    # ------------------------------------------------------------------ what waits

    def newly_done(self) -> Iterator[tuple[str, Answer | None]]:
        """The keys of segments that are done now, and their answers if they were asked for."""
        while self.outcomes.done:
            ask = self.outcomes.done.popleft().ask
            self._open.discard(ask.key)
            yield ask.key, self.outcomes.answers.get(ask.segment.id)

    def release(self, key: str, twin: Answer | None) -> None:
        """What a segment waited for is there: a hit in the memory by now, or to be asked after all.

        `twin` is the answer to the same question in another issue: it stays the same when asked again.
        """
        progress = self._waiting.pop(key)
        ask, job = progress.ask, self.assignment.job
        entry = None if job.drafts else hit_for(ask.segment, key, ask.terms, job)
        is_known = ask.segment.id in self.assignment.plan.known
        if entry is not None:
            twin = Answer.remembered(entry)
        if twin is not None:
            self.outcomes.answer(progress, twin, counted=is_known)
        elif is_known:
            self.outcomes.done.append(progress)
        else:
            self._put(progress)
