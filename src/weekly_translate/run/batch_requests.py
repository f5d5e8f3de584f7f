"""Requests that are answered later: by a Batch API, another service or a person.

They are what a live run would begin with, in its largest chunks; `batch_answers` takes in what comes back.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.batch_files import line_of
from weekly_translate.llm.chunks import chunks_of
from weekly_translate.llm.engine import TAKEN
from weekly_translate.memory.batches import Asked, Member
from weekly_translate.model import Format
from weekly_translate.run.attempts import Question, Step, progress_of, request_for
from weekly_translate.run.dependents import Dependents, QuestionId
from weekly_translate.run.project import learned_temperature
from weekly_translate.run.run_state import FormatLadder

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Request
    from weekly_translate.run.lookup import Ask
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData


class Part(NamedTuple):
    """One request of a batch."""

    asked: Asked
    request: Request
    question: Question


def parts_of(
    plans: Mapping[Path, Plan],
    data: ProjectData,
    pending: Container[str] = frozenset(),
    *,
    by_hand: bool = False,
) -> list[Part]:
    """The requests for all open segments of these issues but those whose keys are `pending`.

    A segment that an earlier one's answer may serve waits for it, as in a live run. What is answered
    `by_hand` is asked one by one, and is never a question for the tags only.
    """
    form = Format.SINGLE if by_hand else FormatLadder(data).rung
    dependents = Dependents([plan.asks for plan in plans.values()])
    parts: list[Part] = []
    for number, (source, plan) in enumerate(plans.items()):
        asks = [
            ask
            for ask in plan.asks
            if ask.key not in pending and not dependents.waits(QuestionId(number, ask.key))
        ]
        outline = plan.outline
        for question in _questions(asks, plan.data, form):
            if by_hand and question.step is Step.INSERT:
                question = question._replace(step=Step.REPAIR)  # noqa: PLW2901 - the same, asked otherwise
            request = request_for(question, form, plan.data, outline)
            parts.append(Part(_asked(source, question, form), request, question))
    return parts


def lines_of(parts: Iterable[Part], model: str, data: ProjectData) -> Iterator[bytes]:
    """The requests as the lines of a file for a Batch API."""
    takes = learned_temperature(data) == TAKEN
    return (line_of(part.asked.id, part.request, model, takes_temperature=takes) for part in parts)


def sheet_line(part: Part) -> bytes:
    """A request for one segment as a line of JSON for a person, in which `answer` is still empty.

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


def _questions(asks: Sequence[Ask], data: ProjectData, form: Format) -> Iterator[Question]:
    """Chunks of what is asked for the first time, and one by one what has to be asked again."""
    progress = {ask.segment.id: progress_of(ask, data) for ask in asks}
    fresh = [ask.segment for ask in asks if progress[ask.segment.id].best is None]
    cap = 1 if form is Format.SINGLE else data.size.cap
    for chunk in chunks_of(fresh, budget=data.size.budget, cap=cap, count_tokens=data.count_tokens):
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
