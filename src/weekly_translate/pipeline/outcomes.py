"""What the answers for an issue lead to: they are stored and settle a segment, or it is asked again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weekly_translate.exchange import UNMET, Entry
from weekly_translate.pipeline.attempts import MAX_REQUESTS, Answer, Step
from weekly_translate.pipeline.questions import Question, asked_again, corrections
from weekly_translate.pipeline.works import title_link
from weekly_translate.translation.chunks import tokens_of
from weekly_translate.translation.reply import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.errors import TooLongError
    from weekly_translate.exchange import Format
    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.pipeline.attempts import Attempt, Progress
    from weekly_translate.pipeline.claiming import Claiming
    from weekly_translate.pipeline.formats import FormatLadder
    from weekly_translate.pipeline.unmet import Unmet
    from weekly_translate.translation.reply import Reading
    from weekly_translate.translation.sizes import ChunkSize

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
            job.memory.store_attempt(
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
