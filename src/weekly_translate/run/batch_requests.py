"""Requests that are answered later: by a Batch API, another service or a person."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.chunks import chunks_of
from weekly_translate.llm.openai import TAKEN
from weekly_translate.memory.batches import Asked, Member
from weekly_translate.model import Format
from weekly_translate.run.attempts import Question, Step, request_for, review_status_of
from weekly_translate.run.dependents import Followers, Place
from weekly_translate.run.format_ladder import FormatLadder

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Engine, Request
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Ask, Assignment

# They are what a live run would begin with, in its largest chunks; `late_answers` takes in what comes back.


_TEMPERATURE = "temperature"


class Part(NamedTuple):
    """One request of a batch."""

    asked: Asked
    request: Request
    question: Question


def parts_of(
    assignments: Mapping[Path, Assignment],
    job: Job,
    pending: Container[str] = frozenset(),
    *,
    by_hand: bool = False,
) -> list[Part]:
    """The requests for all open segments of these issues but those whose keys are `pending`.

    A segment that an earlier one's answer may serve waits for it, as in a live run. What is answered
    `by_hand` is asked one by one, and is never a question for the tags only.
    """
    form = Format.SINGLE if by_hand else FormatLadder(job).rung
    followers = Followers([one.plan.asks for one in assignments.values()])
    parts: list[Part] = []
    for number, (source, assignment) in enumerate(assignments.items()):
        asks = [
            ask
            for ask in assignment.plan.asks
            if ask.key not in pending and not followers.waits(Place(number, ask.key))
        ]
        outline = assignment.outline
        for question in _questions(asks, assignment.job, form):
            if by_hand and question.step is Step.INSERT:
                question = question._replace(step=Step.REPAIR)  # noqa: PLW2901 - the same, asked otherwise
            request = request_for(question, form, assignment.job, outline)
            parts.append(Part(_asked(source, question, form), request, question))
    return parts


def takes_temperature(job: Job) -> bool:
    """Whether a live run has seen that this model takes a temperature."""
    facts = job.memory.capability(job.engine.endpoint, job.engine.name)
    return facts.get(_TEMPERATURE) == TAKEN


def learn_temperature(fate: str, memory: TranslationMemory, engine: Engine) -> None:
    """Remember whether a model has taken or refused a temperature."""
    if memory.capability(engine.endpoint, engine.name).get(_TEMPERATURE) != fate:
        memory.learn_capability(engine.endpoint, engine.name, {_TEMPERATURE: fate})


def _questions(asks: Sequence[Ask], job: Job, form: Format) -> Iterator[Question]:
    """Chunks of what is asked for the first time, and one by one what has to be asked again."""
    progress = {ask.segment.id: review_status_of(ask, job) for ask in asks}
    fresh = [ask.segment for ask in asks if progress[ask.segment.id].best is None]
    cap = 1 if form is Format.SINGLE else job.size.cap
    for chunk in chunks_of(fresh, budget=job.size.budget, cap=cap, count_tokens=job.count_tokens):
        yield Question(tuple(progress[segment.id] for segment in chunk), Step.TRANSLATE)
    for one in progress.values():
        if one.best is not None:
            yield Question((one,), one.next_step or Step.REPAIR)


def _asked(source: Path, question: Question, form: Format) -> Asked:
    asks = [progress.ask for progress in question.members]
    members = tuple(Member(ask.segment.id, ask.key, ask.segment.text) for ask in asks)
    attempts = [progress.best.target if progress.best else "" for progress in question.members]
    content = json.dumps([question.step, form, members, attempts])
    id_ = f"wt-{blake2b(content.encode(), digest_size=16).hexdigest()}"
    return Asked(id_, source, question.step, form, members)


# ---------------------------------------------------------------------------
# Requests as a person answers them in an editor: a line for each segment, with a place for the English.


def sheet_line(part: Part) -> bytes:
    """A request for one segment as a line of JSON, in which `answer` is still empty.

    One that did not pass also holds the English that it got, and the complaints.
    """
    (progress,) = part.question.members
    segment, best = progress.ask.segment, progress.best
    line: dict[str, object] = {"custom_id": part.asked.id, "kind": segment.kind.value, "zh": segment.text}
    if segment.hint:
        line["hint"] = segment.hint
    if progress.ask.terms:
        line["terms"] = [f"{term.source}: {term.target}" for term in progress.ask.terms]
    if best is not None:
        line["en"] = best.target
        line["complaints"] = [finding.message for finding in (*best.errors, *best.doubts)]
    return json.dumps({**line, "answer": ""}, ensure_ascii=False).encode() + b"\n"
