"""Reads a reply: which answers can be used, and what was wrong with the others (D3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from weekly_translate.exchange import Finish, Format
from weekly_translate.translation.formats import Answer, Unreadable, answers_in_blocks, answers_in_json
from weekly_translate.translation.slips import slipped
from weekly_translate.translation.wrapping import Wrapping, unclosed_thought, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.exchange import Reply, Request
    from weekly_translate.model import Segment

_SENTENCE = 25
"""Characters: two short texts may well be the same in English."""
LIMIT = 4_000_000
"""Characters. No chunk has an answer as long as this."""


class Outcome(StrEnum):
    """What can be wrong with a reply. The first three are removed without loss and only noted."""

    THINK = "think"
    FENCE = "fence"
    PREAMBLE = "preamble"
    EMPTY = "empty"
    MISSING = "missing"
    EXTRA = "extra"
    DUPLICATE = "duplicate"
    SAME = "same"
    SLIPPED = "slipped"
    SURROGATE = "surrogate"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


NOTED_ONLY = frozenset({Outcome.THINK, Outcome.FENCE, Outcome.PREAMBLE})
_NOTHING = frozenset({Outcome.EMPTY, Outcome.UNREADABLE})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a reply, and the segments that have no usable answer because of it."""

    outcome: Outcome
    segments: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The usable answers by segment id, and what was wrong. A segment without an answer is asked again."""

    targets: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether every segment has got its answer in order."""
        return all(problem.outcome in NOTED_ONLY for problem in self.problems)

    @property
    def lost(self) -> bool:
        """Whether it says nothing of any segment, as if it had been lost on its way."""
        return any(problem.outcome in _NOTHING for problem in self.problems)


_FAILED = {
    Finish.FILTER: (Outcome.FILTERED, "the provider's content filter stopped the answer"),
    Finish.REFUSAL: (Outcome.REFUSED, "the model refused to answer"),
}
_NOTES = {
    Wrapping.THINK: (Outcome.THINK, "the model's thoughts were removed"),
    Wrapping.FENCE: (Outcome.FENCE, "a code fence around the answer was removed"),
    Wrapping.PREAMBLE: (Outcome.PREAMBLE, "words around the answer were removed"),
}
_REFUSAL = re.compile(
    r"(?:(?:i['’]?m |i am )?(?:very |so )?sorry|i apologi[sz]e|unfortunately)?[,.;\s]{0,3}(?:but )?"
    r"(?:i|we) (?:can(?:['’]?t|not)|(?:am|['’]m|are) (?:not able|unable)|won['’]t|must decline)"
    r"|as an ai (?:language )?(?:model|assistant), i\b|(?:非常|很)?抱歉|对不起|我(?:无法|不能)",
    re.IGNORECASE,
)
_SAYS_NO = re.compile(r"抱歉|对不起|遗憾|不能|无法|没法|不会|拒绝|sorry", re.IGNORECASE)
"""A source that says so itself is not refused by a translation that does."""


def read_reply(reply: Reply, request: Request) -> Reading:
    """The answers of a reply that belong to the segments asked for. No text makes it raise."""
    asked = tuple(segment.id for segment in request.segments)
    if reply.finish in _FAILED:
        outcome, message = _FAILED[reply.finish]
        return Reading(problems=(Problem(outcome, asked, message),))
    if len(reply.text) > LIMIT:
        return Reading(
            problems=(Problem(Outcome.UNREADABLE, asked, f"it is longer than {LIMIT:,} characters"),)
        )
    if not reply.text.strip() and reply.finish is Finish.STOP:
        return Reading(problems=(Problem(Outcome.EMPTY, asked, "the answer is empty"),))
    sources = "\n".join(segment.text for segment in request.segments)
    text, wrappings = unwrapped(_without_prompt(reply.text, request), sources)
    cut = reply.finish is Finish.LENGTH
    try:
        answers, more = _answers(text, request, cut=cut)
    except Unreadable as error:
        return Reading(problems=(*_noted(wrappings), _failure(str(error), text, asked, cut=cut)))
    reading = _matched(answers, request.segments, cut=cut or Wrapping.CUT in more)
    return Reading(reading.targets, (*_noted((*wrappings, *more)), *reading.problems))


def _without_prompt(text: str, request: Request) -> str:
    """Some servers hand the prompt back before the answer, and its examples read like answers."""
    for message in request.messages:
        text = text.strip().removeprefix(message.content)
    return text


def _answers(text: str, request: Request, *, cut: bool) -> tuple[list[Answer], tuple[Wrapping, ...]]:
    sources = "\n".join(segment.text for segment in request.segments)
    if unclosed_thought(text, sources):
        raise Unreadable("it is a thought without an end")
    if request.format in (Format.SCHEMA, Format.OBJECT):
        return answers_in_json(text, cut=cut)
    if len(request.segments) > 1:
        return answers_in_blocks(text, cut=cut)
    return _single(text, request, cut=cut)


def _single(text: str, request: Request, *, cut: bool) -> tuple[list[Answer], tuple[Wrapping, ...]]:
    """The whole text is the translation, unless it holds one in another form."""
    segment = request.segments[0]
    for read in (answers_in_blocks, answers_in_json):
        try:
            answers, around = read(text, cut=cut)
        except Unreadable:
            continue
        named = [Answer(segment.id if id_ == "en" else id_, answer) for id_, answer in answers]
        if any(answer.id == segment.id for answer in named) or text.startswith("[["):
            return named, around
    if cut or not text or (_REFUSAL.match(text) and not _SAYS_NO.search(segment.text)):
        raise Unreadable("there is no translation in it")
    return [Answer(segment.id, text)], ()


def _failure(message: str, text: str, asked: tuple[str, ...], *, cut: bool) -> Problem:
    """Why nothing could be read: the model stopped early, would not, or did not keep to the form."""
    if cut:
        return Problem(Outcome.TRUNCATED, asked, "the answer was cut off at the length limit")
    if _REFUSAL.match(text.strip()):
        return Problem(Outcome.REFUSED, asked, "the model refused to answer")
    return Problem(Outcome.UNREADABLE, asked, f"the reply cannot be read: {message}")


def _noted(wrappings: Iterable[Wrapping]) -> Iterator[Problem]:
    for wrapping in dict.fromkeys(wrappings):
        if wrapping in _NOTES:
            outcome, message = _NOTES[wrapping]
            yield Problem(outcome, (), message)


def _matched(answers: list[Answer], segments: tuple[Segment, ...], *, cut: bool) -> Reading:
    """The answers that can be used: one for an id that was asked, with words, in its own place."""
    asked = [segment.id for segment in segments]
    given = [answer.id for answer in answers]
    extra = tuple(dict.fromkeys(id_ for id_ in given if id_ not in asked))
    twice = tuple(id_ for id_ in asked if given.count(id_) > 1)
    targets = {
        answer.id: answer.text.strip() for answer in answers if answer.id in asked and answer.id not in twice
    }
    same = _said_of_all(targets, segments)
    targets = {id_: text for id_, text in targets.items() if id_ not in same}
    broken = tuple(id_ for id_, text in targets.items() if not _encodable(text))
    moved = slipped(segments, {id_: text for id_, text in targets.items() if id_ not in broken})
    usable = {id_: text for id_, text in targets.items() if text and id_ not in {*broken, *moved}}
    absent = tuple(id_ for id_ in asked if id_ not in usable and id_ not in {*broken, *moved, *twice, *same})
    found = (
        (Outcome.TRUNCATED, absent if cut else (), "the answer was cut off before"),
        (Outcome.MISSING, () if cut else absent, "no answer for"),
        (Outcome.EXTRA, extra, "answers that nobody asked for:"),
        (Outcome.DUPLICATE, twice, "more than one answer for"),
        (Outcome.SAME, same, "the same answer for different texts:"),
        (Outcome.SLIPPED, moved, "the answers fit other segments than"),
        (Outcome.SURROGATE, broken, "half a character in the answer for"),
    )
    return Reading(usable, tuple(_problem(*entry) for entry in found if entry[1]))


def _said_of_all(targets: dict[str, str], segments: tuple[Segment, ...]) -> tuple[str, ...]:
    """The ids under which a model says one and the same sentence of different texts."""
    sources = {segment.id: segment.text for segment in segments}
    texts: dict[str, set[str]] = {}
    for id_, text in targets.items():
        if len(text) >= _SENTENCE:
            texts.setdefault(text, set()).add(sources[id_])
    return tuple(id_ for id_, text in targets.items() if len(texts.get(text, ())) > 1)


def _problem(outcome: Outcome, ids: tuple[str, ...], words: str) -> Problem:
    """An id that was never asked for is told, but is no segment."""
    shown = ", ".join(id_[:20] for id_ in ids[:8]) + (" …" if len(ids) > 8 else "")
    return Problem(outcome, () if outcome is Outcome.EXTRA else ids, f"{words} {shown}")


def _encodable(text: str) -> bool:
    """Whether no half of a surrogate pair is in the text: neither UTF-8 nor SQLite takes one."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
