"""Requests that are answered later, by a Batch API, another service or a person, and their answers."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, ParameterRefusedError
from weekly_translate.llm.batch import line_of
from weekly_translate.llm.openai import REFUSED, TAKEN, TEMPERATURE, WITHOUT
from weekly_translate.llm.replies import ParsedReply, read_reply
from weekly_translate.llm.requests import chunks_of, digest
from weekly_translate.memory.runs import Asked, Member
from weekly_translate.model import Format, Kind, Pair, Reply, Segment, Span, Status, Usage
from weekly_translate.quality.reading import SecondReader
from weekly_translate.quality.verdicts import ReadPair, chunks_to_read, shown_entries
from weekly_translate.run.attempts import (
    BATCH,
    Dependents,
    Question,
    QuestionId,
    SegmentProgress,
    Step,
    doubts_about,
    request_for,
    review_status_of,
    to_read,
)
from weekly_translate.run.plan import chunks_of_doubts, keys_of
from weekly_translate.run.project import FormatLadder, learn_facts, learned_facts, reader_of
from weekly_translate.run.run_state import IssueState, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.llm.engine import EngineInfo
    from weekly_translate.model import Request
    from weekly_translate.quality.reading import Reader
    from weekly_translate.run.attempts import Ask
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData


class BatchPart(NamedTuple):
    """One request of a batch, to the translator or to a second reader."""

    asked: Asked
    request: Request
    members: tuple[SegmentProgress, ...] = ()
    """What the translator is asked about."""
    pairs: tuple[ReadPair, ...] = ()
    """What the reader is to see."""


def parts_of(
    plans: Mapping[Path, Plan],
    data: ProjectData,
    pending: Container[str] = frozenset(),
    *,
    by_hand: bool = False,
) -> list[BatchPart]:
    """What a live run would begin with, in its largest chunks, but for segments whose keys are `pending`.

    A segment that an earlier one's answer may serve waits for it, as in a live run. Of each issue, answers
    that the checks doubt come last. What is answered `by_hand` is asked one by one, and is never a question
    for the tags only.
    """
    form = Format.SINGLE if by_hand else FormatLadder(data).rung
    dependents = Dependents([plan.asks for plan in plans.values()])
    parts: list[BatchPart] = []
    doubts: set[str] = set()
    for number, (source, plan) in enumerate(plans.items()):
        free = (ask for ask in plan.asks if not any(key in pending for key in ask.keys))
        asks = [ask for ask in free if not dependents.waits(QuestionId(number, ask.key))]
        free = (ask for ask in plan.doubted if not any(key in pending for key in ask.keys))
        doubted = [ask for ask in free if ask.key not in doubts]
        doubts.update(ask.key for ask in doubted)
        for question in (*_questions(asks, plan.data, form), *_questions_of_doubts(doubted, plan, form)):
            if by_hand and question.step is Step.INSERT:
                question = question._replace(step=Step.REPAIR)  # noqa: PLW2901 - the same, asked otherwise
            outline = plan.outline_of(progress.ask.segment for progress in question.members)
            request = request_for(question, form, plan.data, outline)
            parts.append(BatchPart(_asked(source, question, form), request, question.members))
    return parts


def lines_of(
    parts: Iterable[BatchPart],
    model: str,
    data: ProjectData,
    *,
    takes_temperature: bool = False,
) -> Iterator[bytes]:
    """The requests as the lines of a file for a Batch API.

    A live run finds out whether the model takes a temperature. Where nobody knows there is none: what a batch
    gets wrong is known a day later. For a server that `takes_temperature` there is one in any case.
    """
    facts = learned_facts(data)
    without = set(facts.get(WITHOUT, "").split())
    if not takes_temperature and facts.get(TEMPERATURE) != TAKEN:
        without.add(TEMPERATURE)
    return (line_of(part.asked.id, part.request, model, data.provider, without) for part in parts)


def sheet_line(part: BatchPart) -> bytes:
    """A request for one segment as a line of JSON for a person, in which `answer` is still empty."""
    (progress,) = part.members
    segment, best = progress.ask.segment, progress.best
    line: dict[str, object] = {"custom_id": part.asked.id, "kind": segment.kind.value, "zh": segment.text}
    if segment.hint:
        line["hint"] = segment.hint
    if progress.ask.terms:
        line["terms"] = [f"{term.source}: {term.target}" for term in progress.ask.terms]
    if best is not None:
        line["en"] = best.target
        line["complaints"] = [finding.message for finding in (*best.errors, *doubts_about(best))]
    return json.dumps({**line, "answer": ""}, ensure_ascii=False).encode() + b"\n"


def _questions(asks: Sequence[Ask], data: ProjectData, form: Format) -> Iterator[Question]:
    """Chunks of what is asked for the first time, and one by one what has to be asked again."""
    progress = {ask.segment.id: review_status_of(ask, data) for ask in asks}
    fresh = [ask.segment for ask in asks if progress[ask.segment.id].best is None]
    cap = 1 if form is Format.SINGLE else data.size.cap
    for chunk in chunks_of(fresh, budget=data.size.budget, cap=cap, count_tokens=data.count_tokens):
        yield Question(tuple(progress[segment.id] for segment in chunk), Step.TRANSLATE)
    for one in progress.values():
        if one.best is not None:
            yield Question((one,), one.next_step or Step.REPAIR)


def _questions_of_doubts(asks: Iterable[Ask], plan: Plan, form: Format) -> Iterator[Question]:
    """What today's checks still doubt, together; families of models know no such question."""
    if plan.data.prompts.family:
        return
    progress = {ask.key: _doubted(ask, plan) for ask in asks}
    reader = plan.data.reader  # what it finds is asked about together with what the checks doubt
    read = (one for one in progress.values() if reader is None or one.to_read(reader) is None)
    open_ = [one.ask for one in read if one.best and doubts_about(one.best) and not one.best.errors]
    for chunk in chunks_of_doubts(open_, plan.data.size, plan.data, single=form is Format.SINGLE):
        yield Question(tuple(progress[ask.key] for ask in chunk), Step.DOUBTS)


def _doubted(ask: Ask, plan: Plan) -> SegmentProgress:
    """A segment with its answer, and with what today's checks say about it."""
    progress = SegmentProgress(ask, requests=1)
    progress.judged_anew(plan.known[ask.segment.id].target, plan.data)
    return progress


def _asked(source: Path, question: Question, form: Format) -> Asked:
    asks = [progress.ask for progress in question.members]
    members = tuple(Member(ask.segment.id, ask.key, ask.segment.text) for ask in asks)
    attempts = [progress.best.target if progress.best else "" for progress in question.members]
    id_ = f"wt-{digest([question.step, form, members, attempts], size=16)}"
    return Asked(id_, source, question.step, form, members)


class Unpassed(NamedTuple):
    """A segment whose answer is not used."""

    source: Path
    line: int
    why: str


class Tally(NamedTuple):
    """What has become of the answers: the first numbers count segments, the last ones requests."""

    answered: int = 0
    """Stored: the next run finds them in the memory."""
    again: int = 0
    """The answer did not pass, or there was none: the next run or batch asks again."""
    known: int = 0
    """Answered by now in another way."""
    outdated: int = 0
    """No longer in the source, or asked for in other words: terms, prompts or the edition have changed."""
    twice: int = 0
    """Requests with more than one answer."""
    unknown: int = 0
    """Lines that answer no request which this memory or this version knows, broken ones among them."""
    failed: int = 0
    """Requests without an answer."""

    @property
    def is_of_use(self) -> bool:
        """Whether one of them answers what is asked here, or was."""
        return any((self.answered, self.again, self.known))

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        """All of both."""
        return Tally(*(one + another for one, another in zip(self, other, strict=True)))


class AnswerIntake:
    """Takes answers in, one by one, as a live run would; what passes is in the memory at once.

    They come in any order, some twice, some never. What fails goes on to the repair ladder in the next run
    or batch.
    """

    def __init__(
        self,
        plan_at: Callable[[Path], Plan | None],
        data: ProjectData,
        answered_by: EngineInfo,
        sources: Sequence[Path] = (),
    ) -> None:
        """`plan_at` plans an issue by its file, if that can be read; an issue may also be one of `sources`.

        `data` knows the endpoint, whose reply formats are learned; the name of `answered_by`, with ` batch`
        behind it, is the origin of the answers, and its worth what they are stored as.
        """
        self._run = RunState(data)
        self._data = data
        self._engine = answered_by._replace(name=answered_by.name + BATCH)
        self._sources = sources
        self._issue_at = cache(lambda source: self._opened(plan_at(source)))
        self._issues: list[_Issue] = []
        self.broken: list[str] = []
        """What is wrong with lines that no request can be found for."""
        self._done: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._failed: dict[str, str] = {}
        self._unread: set[str] = set()
        """The keys of translations that a second reader has left out."""
        self.usage = Usage()
        self.reading = Usage()
        """What second readers have used."""

    @property
    def tally(self) -> Tally:
        """What has become of the answers so far."""
        failed = len(self._failed.keys() - self._done)
        return Tally(**self._counts, again=len(self.unpassed) + len(self._unread), failed=failed)

    @property
    def unpassed(self) -> list[Unpassed]:
        """The segments whose answers did not pass, in the order of their issues."""
        return sorted(one for issue in self._issues for one in issue.unpassed.values())

    @property
    def reasons(self) -> Counter[str]:
        """Why requests were not answered, and how many of them."""
        return Counter(reason for id_, reason in self._failed.items() if id_ not in self._done)

    def take(self, asked: Asked | None, outcome: Reply | EngineError | str) -> None:
        """An answer to a request, if that is known; or why there is none."""
        if asked is None or asked.step not in list(Step) or asked.form not in list(Format):
            self._counts["unknown"] += 1
        elif isinstance(outcome, Reply) and asked.step in (Step.READ, Step.PREFER):
            self._take_verdicts(asked, outcome)
        elif isinstance(outcome, Reply):
            self._take_reply(asked, outcome)
        elif asked.id in self._done:
            self._counts["twice"] += 1
        else:
            if isinstance(outcome, FormatRefusedError):
                self._step_down(asked)
            if isinstance(outcome, ParameterRefusedError) and outcome.parameter:
                self._learn_refusal(outcome.parameter)
            self._failed[asked.id] = str(outcome)

    def take_all(
        self,
        answers: Iterable[tuple[str, Reply | EngineError | str]],
        asked_as: Callable[[str], Asked | None],
    ) -> None:
        """The answers of a file, with the ids of their requests, which `asked_as` knows."""
        for id_, outcome in answers:
            self.take(asked_as(id_) if id_ else None, outcome)
            if not id_:
                self.broken.append(str(outcome))

    def _step_down(self, asked: Asked) -> None:
        """The endpoint does not know this format; the next batch asks in another one."""
        if asked.step not in (Step.READ, Step.PREFER):
            self._run.formats.step_down(Format(asked.form))
        elif self._data.reader is not None:
            with suppress(EngineError):  # there is none below it
                self._data.reader.step_down(Format(asked.form))

    def _take_verdicts(self, asked: Asked, reply: Reply) -> None:
        """A second answer is used for what the first one has left out."""
        verdicts = take_verdicts(asked, reply, self._engine.name, self._data)
        self._unread = (self._unread | verdicts.lacking) - verdicts.new - verdicts.known
        counts = Counter(answered=len(verdicts.new), known=len(verdicts.known))
        self.reading += self._counted(asked, counts, reply.usage)

    def _counted(self, asked: Asked, counts: Counter[str], used: Usage) -> Usage:
        """What an answer has used; a second one to the same request counts only for what it has brought."""
        if asked.id in self._done:
            self._counts.update(answered=counts["answered"], twice=1)
            return Usage()
        self._done.add(asked.id)
        self._counts.update(counts)
        return replace(used, requests=1)

    def _learn_refusal(self, parameter: str) -> None:
        known = learned_facts(self._data).get(WITHOUT, "").split()
        facts = {WITHOUT: " ".join(sorted({*known, parameter}))}
        learn_facts(facts | ({TEMPERATURE: REFUSED} if parameter == TEMPERATURE else {}), self._data)

    def missing(self, ids: Iterable[str], why: str = "") -> None:
        """Of these requests, those that nothing was said about have no answer."""
        for id_ in ids:
            self._failed.setdefault(id_, why or "there is no answer")

    def _take_reply(self, asked: Asked, reply: Reply) -> None:
        """A second answer is used where the first one was not good."""
        asked = self._placed(asked)
        issue = self._issue_at(asked.source)
        counts = issue.take(asked, reply) if issue else Counter(outdated=len(asked.members))
        self.usage += self._counted(asked, counts, reply.usage)

    def _placed(self, asked: Asked) -> Asked:
        """The request with the file that has its segments, or most of them; its own first.

        An issue may have got another name since, or the memory another folder.
        """
        keys = {member.key for member in asked.members}

        def found_in(source: Path) -> int:
            issue = self._issue_at(source)
            return len(keys & issue.keys) if issue else 0

        if found_in(asked.source) == len(keys):
            return asked
        return asked._replace(source=max([asked.source, *self._sources], key=found_in))

    def _opened(self, plan: Plan | None) -> _Issue | None:
        if plan is None:
            return None
        plan = plan._replace(data=plan.data._replace(engine=self._engine))
        self._issues.append(_Issue(plan, self._run))
        return self._issues[-1]


class _Issue:
    """The open segments of an issue, by their keys."""

    def __init__(self, plan: Plan, run: RunState) -> None:
        self._plan = plan
        self._state = IssueState(0, plan, run)
        self._open = {key: ask for ask in plan.asks for key in ask.keys}
        self._doubted = {key: ask for ask in plan.doubted for key in ask.keys}
        """What only an answer to a question about doubts is for."""
        self.keys = keys_of(plan.document, plan.data)
        self.unpassed: dict[str, Unpassed] = {}
        """By key."""

    def take(self, asked: Asked, reply: Reply) -> Counter[str]:
        """What becomes of the segments of a request."""
        open_ = self._doubted if asked.step == Step.DOUBTS else self._open
        here = {member.id: open_[member.key] for member in asked.members if member.key in open_}
        others = [member for member in asked.members if member.id not in here]
        counts = Counter("known" if member.key in self.keys else "outdated" for member in others)
        if here:
            counts.update(self._judged(asked, here, reply))
        return counts

    def _judged(self, asked: Asked, here: Mapping[str, Ask], reply: Reply) -> Iterator[str]:
        data, form = self._plan.data, Format(asked.form)
        is_doubt = asked.step == Step.DOUBTS
        members = {
            id_: _doubted(ask, self._plan) if is_doubt else review_status_of(ask, data)
            for id_, ask in here.items()
        }
        may_repair = all(progress.best is not None for progress in members.values())
        step = Step(asked.step) if may_repair else Step.TRANSLATE
        question = Question(tuple(members.values()), step)
        # The request had the segments and ids of then, even where the source has changed since.
        request = request_for(
            question, form, data, self._plan.outline_of(ask.segment for ask in here.values())
        )
        segments = tuple(request.segments[0]._replace(id=one.id, text=one.text) for one in asked.members)
        names = {id_: ask.segment.id for id_, ask in here.items()}
        reading = read_reply(reply, request._replace(segments=segments)).under(names)
        self._state.take(question, reading, form)
        self._state.drop_follow_ups()
        for progress in members.values():
            ask = progress.ask
            if ask.segment.id in self._state.answers and data.memory.find(ask.key, ask.segment.text):
                (self._doubted if is_doubt else self._open).pop(ask.key)
                self.unpassed.pop(ask.key, None)
                yield "answered"
            else:
                why = _fault_of(progress, reading)
                self.unpassed[ask.key] = Unpassed(asked.source, ask.segment.line, why)


def _fault_of(progress: SegmentProgress, reading: ParsedReply) -> str:
    """What is wrong with the answer for a segment; where there is none, why."""
    for problem in reading.of(progress.ask.segment.id):
        return problem.message
    if progress.best is None:
        return progress.failure
    return "; ".join(f"{finding.check}: {finding.message}" for finding in progress.best.errors)


NOTHING_WRONG = "none"
"""What a person answers about a text without an error."""


def readings_of(
    plans: Mapping[Path, Plan], reader: SecondReader, pending: Container[str] = frozenset()
) -> list[BatchPart]:
    """All translations of machines that the reader has not seen, but for those whose keys are `pending`."""
    taken: set[str] = set()
    parts: list[BatchPart] = []
    for source, plan in plans.items():
        unread = {reader.key(one): one for one in _unread(plan, reader)}
        new = {key: one for key, one in unread.items() if key not in taken and key not in pending}
        taken |= new.keys()
        parts += parts_to_read(source, list(new.values()), reader)
    return parts


def parts_to_read(
    source: Path, pairs: Sequence[ReadPair], reader: Reader[Any], *, by_hand: bool = False
) -> list[BatchPart]:
    """The questions about these texts; `by_hand` one for each, whose answer is the bare verdict."""
    form = Format.SINGLE if by_hand else reader.format
    chunks = [[one] for one in pairs] if by_hand else chunks_to_read(pairs, reader.size, reader.count_tokens)
    return [_part(source, chunk, reader, form) for chunk in chunks]


def _unread(plan: Plan, reader: SecondReader) -> Iterator[ReadPair]:
    for ask in sorted(plan.doubted, key=lambda ask: ask.segment.span):
        entry = plan.known[ask.segment.id]
        if entry.status is Status.MACHINE and (one := to_read(ask, entry.target, reader)):
            yield one


def _part(source: Path, pairs: Sequence[ReadPair], reader: Reader[Any], form: Format) -> BatchPart:
    step = Step.READ if isinstance(reader, SecondReader) else Step.PREFER
    members = tuple(Member(one.id, reader.key(one), one.pair.segment.text, one.pair.target) for one in pairs)
    id_ = f"wt-{digest([step, form, members], size=16)}"
    return BatchPart(Asked(id_, source, step, form, members), reader.request(pairs, form), pairs=tuple(pairs))


def sheet_to_read(parts: Iterable[BatchPart]) -> Iterator[bytes]:
    """Questions for a person, a text in a line of JSON, in which `answer` is still empty."""
    for part in parts:
        (entry,) = shown_entries(part.pairs)
        shown = {name: text for name, text in entry.items() if name != "id"}
        line = {"custom_id": part.asked.id, **shown, "answer": ""}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def found_by_text(sheet: bytes, parts: Iterable[BatchPart]) -> bytes:
    """A sheet with the ids that its texts have today, even if prompts or terms have changed in between."""
    ids = {_texts_of(line): line["custom_id"] for line in map(json.loads, sheet_to_read(parts))}
    lines = []
    for text in sheet.splitlines():
        with suppress(ValueError, RecursionError):
            line = json.loads(text.decode("utf-8-sig"))
            if isinstance(line, dict) and (id_ := ids.get(_texts_of(line))) is not None:
                text = json.dumps(line | {"custom_id": id_}).encode()  # noqa: PLW2901 - the same, found
        lines.append(text)
    return b"\n".join(lines)


def _texts_of(line: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(line.get(name, "")) for name in ("zh", "en", "A", "B"))


class Verdicts(NamedTuple):
    """What has become of a reply: the keys of the verdicts that it holds."""

    new: frozenset[str]
    known: frozenset[str]
    lacking: frozenset[str]


def take_verdicts(asked: Asked, reply: Reply, reader: str, data: ProjectData) -> Verdicts:
    """Store the verdicts of a reply of a second reader, each under the key that it was asked for.

    `reader` is the origin of the answers. Nothing is paid in vain where the issue has changed: the verdict is
    of these texts.
    """
    from weekly_translate.quality.evaluation import Judge  # noqa: PLC0415 - no plan and no run needs it

    kind: type[Reader[Any]] = SecondReader if asked.step == Step.READ else Judge
    by = replace(reader_of(data, kind), name=reader)
    pairs = {member.key: _read_pair(member) for member in asked.members}
    request = by.request(list(pairs.values()), Format(asked.form))
    if asked.form == Format.SINGLE:
        reply = reply._replace(text=_as_object(reply.text, request.segments[0].id))
    said = by.read(reply, request, list(pairs.values()))
    given = {key: (one, said[one.id]) for key, one in pairs.items() if one.id in said}
    known = frozenset(key for key, (one, _) in given.items() if by.find(key, one.pair.segment.text))
    if new := {key: told for key, told in given.items() if key not in known}:
        by.store(new)
    return Verdicts(frozenset(new), known, frozenset(pairs.keys() - given.keys()))


def _as_object(answer: str, id_: str) -> str:
    """A person's verdict as a model writes it: `A`, `none`, or a list of errors."""
    answer = answer.strip()
    if answer.lower() == NOTHING_WRONG:
        return json.dumps({id_: []})
    return f'{{"{id_}": {answer}}}' if answer.startswith("[") else json.dumps({id_: answer})


def _read_pair(member: Member) -> ReadPair:
    """The texts of then. No verdict depends on where they stood."""
    segment = Segment(member.id, Kind.TEXT, Span(0, len(member.text)), 1, member.text)
    return ReadPair(Pair(segment, member.target))
