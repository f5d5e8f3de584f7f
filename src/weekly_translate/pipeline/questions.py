"""What is asked: some segments, and which step of the repair ladder they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.pipeline.attempts import Progress, Step
from weekly_translate.tags import without_tags
from weekly_translate.translation.prompt import insert_request, repair_request, translate_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.exchange import Format, Memory, Request
    from weekly_translate.model import Term
    from weekly_translate.pipeline.job import Job


class Question(NamedTuple):
    """A request to make: for these segments, one step of the ladder. Only translations go in chunks."""

    members: tuple[Progress, ...]
    step: Step

    def parts(self, width: int) -> Iterator[Question]:
        """The same in smaller questions of up to `width` segments."""
        for start in range(0, len(self.members), width):
            yield Question(self.members[start : start + width], self.step)


def request_for(question: Question, form: Format, job: Job, outline: str) -> Request:
    """The question in the words of the prompts."""
    asks = [progress.ask for progress in question.members]
    if question.step is Step.TRANSLATE:
        segments = [ask.segment for ask in asks]
        terms = _united(ask.terms for ask in asks)
        return translate_request(segments, terms, _memories(question, job), form, job.prompts, outline)
    (progress,) = question.members
    assert progress.best is not None
    segment, best = progress.ask.segment, progress.best
    if question.step is Step.INSERT:
        return insert_request(segment, without_tags(best.target), form, job.prompts)
    complaints = [error.message for error in best.errors]
    return repair_request(segment, best.target, complaints, progress.ask.terms, form, job.prompts)


def asked_again(unanswered: Iterable[Progress], *, single: bool) -> Iterator[Question]:
    """Segments without an answer: half as many at a time, then one by one."""
    together: list[Progress] = []
    for progress in unanswered:
        if progress.slipped or progress.requests > 1 or progress.best is not None:
            yield Question((progress,), progress.next_step or Step.TRANSLATE)
        else:
            together.append(progress)
    width = 1 if single else max(1, (len(together) + 1) // 2)
    yield from Question(tuple(together), Step.TRANSLATE).parts(width)


def _memories(question: Question, job: Job) -> list[Memory]:
    """What was translated before and resembles these segments, the most alike first."""
    found = [
        memory
        for progress in question.members
        for memory in job.memory.similar(progress.ask.segment.text, limit=1)
    ]
    return sorted(found, key=lambda memory: -memory.score)


def _united(groups: Iterable[tuple[Term, ...]]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for terms in groups for term in terms))
