"""The state of one issue in a run: what is still to be asked, what waits, what is settled."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weekly_translate.llm.chunks import Chunk, chunks_of, tokens_of
from weekly_translate.llm.replies import Outcome
from weekly_translate.model import UNMET, Entry, Usage
from weekly_translate.run.attempts import (
    MAX_REQUESTS,
    Answer,
    Progress,
    Question,
    Step,
    asked_again,
    corrections,
    review_status_of,
)
from weekly_translate.run.dependents import Place
from weekly_translate.run.lookup import hit_for, title_link
from weekly_translate.run.missing_terms import Unmet, questions_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.errors import TooLongError
    from weekly_translate.llm.chunks import ChunkSize
    from weekly_translate.llm.replies import Reading
    from weekly_translate.model import Format
    from weekly_translate.run.attempts import Attempt
    from weekly_translate.run.dependents import Claiming, Followers
    from weekly_translate.run.format_ladder import FormatLadder
    from weekly_translate.run.plan import Assignment

_FINAL = frozenset({Outcome.REFUSED, Outcome.FILTERED})
"""Asking a third time does not change these."""


@dataclass(slots=True)
class Common:
    """What the issues of a run share: their claims, and what has been learned about the endpoint."""

    claiming: Claiming
    formats: FormatLadder
    size: ChunkSize


@dataclass(slots=True)
class Outcomes:
    """The answers for one issue so far, and the questions that they lead to."""

    assignment: Assignment
    common: Common
    unmet: Unmet
    settled: int
    """How many segments have their answer."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """By segment id."""
    again: deque[Question] = field(default_factory=deque)
    done: deque[Progress] = field(default_factory=deque)
    """Segments that nothing more is asked for: those that wait for their answers can go on."""

    def take(self, question: Question, reading: Reading, form: Format) -> None:
        """Use every answer that is good, and ask again for the rest, with the reasons."""
        self.common.formats.learn(reading, form)
        if self.common.formats.is_bad_luck(reading, form) and not question.repeated:
            self.again.appendleft(question._replace(repeated=True))
            return
        if question.step is Step.TERMS:
            self._take_terms(question, reading)
            return
        if len(question.members) > 1 or (question.is_first and reading.clean):
            self.common.size = self.common.size.after(clean=reading.clean)
        unanswered, unsettled = [], []
        for progress in question.members:
            progress.requests += 1
            answer = reading.targets.get(progress.ask.segment.id)
            if answer is not None:
                self._offer(progress, answer, question.step)
                unsettled.append(progress)
            else:
                _note_reason(progress, reading, alone=len(question.members) == 1)
                unanswered.append(progress)
        single = self.common.formats.single
        self.again.extend(corrections(self._open(unsettled), question, single=single))
        self.again.extend(asked_again(self._open(unanswered), single=single))

    def split(self, question: Question, error: TooLongError) -> None:
        """Two halves for a request that was too long; a segment that is too long alone stays.

        Those that were sent together with it are no reason to make the next ones smaller still.
        """
        count = self.assignment.job.count_tokens
        tokens = sum(tokens_of(progress.ask.segment, count) for progress in question.members)
        if self.common.size.has_room(len(question.members), tokens):
            self.common.size = self.common.size.halved()
        if len(question.members) > 1:
            self.again.extendleft(reversed(list(question.halves())))
            return
        (progress,) = question.members
        progress.failure = str(error)
        progress.requests = MAX_REQUESTS
        self._settle(progress, again=question.step is Step.TERMS)

    def answer(self, progress: Progress, answer: Answer, *, counted: bool = False, last: bool = True) -> None:
        """The answer for a segment and those that say the same. One that lacks terms may not be the `last`.

        `counted` are segments that had an answer before.
        """
        ask = progress.ask
        for segment in (ask.segment.id, *ask.twins):
            self.answers[segment] = answer
        self.settled += 0 if counted else 1 + len(ask.twins)
        if last:
            self.done.append(progress)

    def give_up(self, members: Iterable[Progress]) -> None:
        """These keep the terms that they have: nobody asks for them now."""
        given_up = tuple(members)
        self.common.claiming.give_back(*given_up)
        self.done.extend(given_up)

    def _take_terms(self, question: Question, reading: Reading) -> None:
        """Whatever comes, it was the only time: a miss that is left is a warning."""
        for progress in question.members:
            progress.requests += 1
            answer = reading.targets.get(progress.ask.segment.id)
            if answer is not None:
                self._offer(progress, answer, Step.TERMS)
            self._settle(progress, again=True)

    def _offer(self, progress: Progress, answer: str, step: Step) -> Attempt:
        """Judge an answer; one that did not pass was paid, and is kept as well."""
        job = self.assignment.job
        attempt = progress.offer(answer, step, job)
        if attempt.errors and not job.drafts:
            ask, origin = progress.ask, job.engine.name
            job.memory.store_failed_answer(
                ask.key, ask.segment.text, attempt.target, findings=attempt.errors, origin=origin
            )
        return attempt

    def _open(self, members: Iterable[Progress]) -> list[Progress]:
        """Those that are asked again; the others are settled."""
        open_ = []
        for progress in members:
            if progress.is_settled or progress.next_step is None or self._is_draft(progress):
                self._settle(progress)
            else:
                open_.append(progress)
        return open_

    def _is_draft(self, progress: Progress) -> bool:
        return self.assignment.job.drafts and progress.best is not None

    def _settle(self, progress: Progress, *, again: bool = False) -> None:
        """Store what is verified before anything is done with it; `again` after a question for its terms."""
        job = self.assignment.job
        answer = progress.outcome(job)
        lacks_terms = not again and self.unmet.take(progress, answer)
        if lacks_terms:
            answer = answer._replace(remark=UNMET)
        ask = progress.ask
        if answer.target is not None and not job.drafts:
            verified = not progress.judged(answer.target, job).errors
            if verified:
                said = (answer.origin, answer.remark, ask.context, title_link(ask.segment))
                entry = Entry(ask.segment.text, answer.target, answer.status, *said)
                job.memory.store(ask.key, entry, ask.segment.kind)
        self.common.claiming.give_back(progress)
        self.answer(progress, answer, counted=again, last=not lacks_terms)


def _note_reason(progress: Progress, reading: Reading, *, alone: bool) -> None:
    """Why a segment has no answer, for the person who will have to look at it."""
    for problem in reading.problems:
        if progress.ask.segment.id in problem.segments:
            progress.failure = problem.message
            progress.slipped |= problem.outcome is Outcome.SLIPPED
            if problem.outcome in _FINAL and alone:
                progress.requests = max(progress.requests, MAX_REQUESTS - 1)


# ---------------------------------------------------------------------------
# The desk of one issue: what of it is still to be asked, and what waits for an answer to something else.


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
        open_ = [review_status_of(ask, job) for ask in plan.asks]
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
