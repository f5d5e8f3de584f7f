"""What is asked: some segments, and which step of the repair ladder they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.terms import unmet_terms
from weekly_translate.model import Pair
from weekly_translate.pipeline.attempts import Progress, Step
from weekly_translate.tags import without_tags
from weekly_translate.translation.prompt import (
    Correction,
    insert_request,
    repair_request,
    translate_request,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.exchange import Format, Memory, Request
    from weekly_translate.model import Term
    from weekly_translate.pipeline.job import Job

_FEW = 3
"""As many segments need no request in common."""


class Question(NamedTuple):
    """A request to make: for these segments, one step of the ladder.

    Tags are asked for one segment at a time, and most repairs; translations and terms for many.
    """

    members: tuple[Progress, ...]
    step: Step
    repeated: bool = False
    """Whether its first answer was lost: the same once more costs none of its segments a request."""

    @property
    def is_first(self) -> bool:
        """Whether none of its segments has been asked for before."""
        return self.step is Step.TRANSLATE and not any(progress.requests for progress in self.members)

    def halves(self) -> Iterator[Question]:
        """The same in two questions."""
        return self.parts((len(self.members) + 1) // 2)

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
    if question.step is Step.INSERT:
        (progress,) = question.members
        assert progress.best is not None
        return insert_request(asks[0].segment, without_tags(progress.best.target), form, job.prompts)
    terms = _united(map(_terms_to_name, question.members))
    return repair_request([_correction(progress) for progress in question.members], terms, form, job.prompts)


def asked_again(unanswered: Iterable[Progress], *, single: bool) -> Iterator[Question]:
    """Segments without an answer: half as many at a time, then one by one."""
    together: list[Progress] = []
    for progress in unanswered:
        if progress.slipped or progress.requests > 1 or progress.best is not None:
            yield Question((progress,), progress.next_step or Step.TRANSLATE)
        else:
            together.append(progress)
    if together:
        rest = Question(tuple(together), Step.TRANSLATE)
        yield from rest.parts(1) if single else rest.halves()


def corrections(bad: Sequence[Progress], question: Question, *, single: bool) -> Iterator[Question]:
    """Each alone with its complaints; half of them at a time where most of an answer is bad.

    Then it is the answer that failed, and not the model at these sentences.
    """
    together = not single and question.step is Step.TRANSLATE and 2 * len(bad) > len(question.members)
    if together and len(bad) > _FEW:
        yield from Question(tuple(bad), Step.REPAIR).halves()
        return
    for progress in bad:
        yield Question((progress,), progress.next_step or Step.REPAIR)


def _correction(progress: Progress) -> Correction:
    assert progress.best is not None
    best = progress.best
    complaints = tuple(finding.message for finding in (*best.errors, *best.doubts, *best.unmet))
    return Correction(progress.ask.segment, best.target, complaints)


def _terms_to_name(progress: Progress) -> tuple[Term, ...]:
    """All terms of a segment with errors, which is written anew; else only those that are not met."""
    assert progress.best is not None
    if progress.best.errors:
        return progress.ask.terms
    return tuple(unmet_terms(Pair(progress.ask.segment, progress.best.target, progress.ask.terms)))


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
