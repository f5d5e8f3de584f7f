"""The state of a run: what its issues share, and of each what is to be asked, what waits, what is settled."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.replies import ProblemKind
from weekly_translate.llm.requests import chunks_of, tokens_of
from weekly_translate.llm.tokens import Budget
from weekly_translate.memory.database import Stored
from weekly_translate.model import APPENDED, UNASKED, Entry, Status, Usage
from weekly_translate.quality.reading import USELESS_IN_A_ROW
from weekly_translate.quality.verdicts import chunks_to_read
from weekly_translate.run.attempts import (
    MAX_REQUESTS,
    Dependents,
    Question,
    QuestionId,
    SegmentProgress,
    Step,
    asked_again,
    doubts_about,
    review_status_of,
)
from weekly_translate.run.plan import chunks_of_doubts, hit_for
from weekly_translate.run.project import FormatLadder, budget_for, experience_of
from weekly_translate.text.characters import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.errors import TooLongError, WeeklyTranslateError
    from weekly_translate.llm.replies import ParsedReply
    from weekly_translate.llm.requests import Chunk
    from weekly_translate.memory.database import FailedAnswer
    from weekly_translate.model import Format, Proofreading, Segment
    from weekly_translate.run.attempts import Answer, Ask
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

_FINAL = frozenset({ProblemKind.REFUSED, ProblemKind.FILTERED})
"""Asking a third time does not change these."""


class RunState:
    """The state of a run beside that of its issues."""

    def __init__(self, data: ProjectData, said: Callable[[str], None] = lambda _sentence: None) -> None:
        """`said` is told why nothing moves."""
        self.budget = budget_for(data, experience_of(data))
        self.reader = reader = data.reader
        """Who reads a second time; None once that has come to an end."""
        self.reading = Budget(None)
        """What that costs, which has its own price: each of the two has what the other leaves."""
        if reader is not None:
            self.reading = budget_for(data._replace(price=reader.price), reader.experience)
            self.reading.beside = self.budget.committed
            self.budget.beside = self.reading.committed
        self._useless_readings = 0
        """Replies in a row that held no verdict."""
        self._said = said
        self._doubts_are_left = False
        self.claims = RunClaims(data, said)
        self.formats = FormatLadder(data)
        self.size = data.size
        """How large a chunk is now."""

    def note_reading(self, *, is_useful: bool) -> None:
        """The second reader has replied, with a verdict or without."""
        self._useless_readings = 0 if is_useful else self._useless_readings + 1
        if self._useless_readings >= USELESS_IN_A_ROW:
            self.end_reading("Three replies in a row held no verdict: name another --proofreader.")

    def end_reading(self, why: str) -> None:
        """Nothing more is read in this run; the next one goes on."""
        if self.reader is not None:
            self.reader = None
            self._said(f"Not everything is proofread. {why}")

    def leave_doubts(self, why: str) -> None:
        """Some stay as they are in this run: the next one asks about them."""
        if not self._doubts_are_left:
            self._doubts_are_left = True
            self._said(f"Not every doubt was asked about. {why}")


class Claimed(NamedTuple):
    """Segments that were open when the run was planned."""

    ours: list[SegmentProgress]
    answered: list[tuple[SegmentProgress, Entry]]
    elsewhere: list[SegmentProgress]


class RunClaims:
    """What this run has claimed and not given back: two runs on one memory ask nothing twice."""

    def __init__(self, data: ProjectData, said: Callable[[str], None]) -> None:
        self._data = data
        self._said = said
        self._held: set[str] = set()
        self._settled: set[str] = set()
        """Those of them that are to be given back, together."""
        self._has_told = False

    def claimed(
        self,
        members: Sequence[SegmentProgress],
        answer_of: Callable[[SegmentProgress], Entry | None],
    ) -> Claimed:
        """Claim what nobody asks for; `answer_of` finds what another run has answered in the meantime.

        Drafts cost nothing and are not stored: no claims.
        """
        if self._data.drafts:
            return Claimed(list(members), [], [])
        self.let_go()
        granted = self.claim(progress.ask.key for progress in members)
        claimed = Claimed([], [], [])
        for progress in members:
            if progress.ask.key not in granted:
                claimed.elsewhere.append(progress)
            elif (entry := answer_of(progress)) is not None:
                claimed.answered.append((progress, entry))
            else:
                claimed.ours.append(progress)
        self.give_back(progress.ask.key for progress, _ in claimed.answered)
        return claimed

    def claim(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys, be it of questions or of verdicts, that no other run asks for."""
        wanted = set(keys)
        if new := wanted - self._held:
            self._held |= self._data.memory.claims.claim(new)
        return wanted & self._held

    def tell_wait(self, number: int) -> None:
        """Say once that nothing is left to do but to wait for another run."""
        if not self._has_told:
            self._has_told = True
            self._said(
                f"another run on this memory is asking for {counted(number, 'segment')}: waiting for its "
                "answers; what it leaves open is asked here"
            )

    def give_back(self, keys: Iterable[str]) -> None:
        """These are settled, and free for others with the next `let_go`."""
        self._settled |= self._held.intersection(keys)

    def let_go(self) -> None:
        """Give back in one go what is settled: for the memory, each time is a transaction."""
        if self._settled:
            self._data.memory.claims.release(self._settled)
            self._held -= self._settled
            self._settled = set()

    def end(self) -> None:
        """Nothing more is asked: what was claimed is free for others."""
        self._settled = set(self._held)
        self.let_go()


class IssueState:
    """An issue that is being translated.

    A segment is `fresh` until it is asked for the first time. Then it is in a question that is in flight or
    to be asked `again`, or another run is asking for it. Its answer may be doubted.
    """

    def __init__(
        self,
        number: int,
        plan: Plan,
        run: RunState,
        dependents: Dependents = Dependents(),  # noqa: B008 - nobody waits
    ) -> None:
        """`number` is the place of the issue in the run."""
        self.number = number
        self.plan = plan
        self.usage = self.reading = Usage()
        """What the translator and the second reader have used."""
        self.unread: set[str] = set()
        """The ids of segments that a second reader was to see and has given no verdict on."""
        self.has_unasked = False
        """Whether an answer stays as it is although it is doubted: the next run asks about it."""
        self.dropped_errors = self.dropped_doubts = 0
        """Errors that the second reader has named about words that stand in neither text, and doubts of the
        translator that nobody can be shown."""
        self.running = 0
        """How many requests of this issue are in flight, or wait for what another issue has to be read."""
        self.failure: WeeklyTranslateError | None = None
        """What stopped the run before all of the issue was answered."""
        self.begun: float | None = None
        """When its first request went out."""
        self.settled = len(plan.known) + len(plan.failed)
        """How many segments have their answer."""
        self.answers: dict[str, Answer] = {}
        """By segment id: what this run has found out."""
        self.fresh_tokens = 0
        """How many source tokens are still to be asked for the first time."""
        self._run = run
        self._fresh: deque[SegmentProgress] = deque()
        self._again: deque[Question] = deque()
        self._elsewhere: list[SegmentProgress] = []
        self._repairs: list[SegmentProgress] = []
        """Segments whose first answer is wrong: asked for together, when no first answer is to come."""
        self._good: list[Stored] = []
        """What a reply has brought, to be stored together."""
        self._failed: dict[str, FailedAnswer] = {}
        """What was asked in vain, by its key: stored after the answers, whose storing takes it back."""
        self._doubted: list[SegmentProgress] = []
        """Segments with an answer that may be wrong: asked about together, once, at the end."""
        self._unread: list[SegmentProgress] = []
        """Segments with an answer that a second reader is to see, when no other answer is to come."""
        self._read_elsewhere: list[SegmentProgress] = []
        """Those of them that another run is having read."""
        self._verdict_keys: dict[str, str] = {}
        """By segment id: what the second reader is being asked about."""
        self._waiting: dict[str, SegmentProgress] = {}
        """By key: segments that another one's answer may serve."""
        self._done: deque[Ask] = deque()
        """Segments that nothing more is asked for: those that wait for their answers can go on."""
        for ask in plan.asks:
            self._begin(review_status_of(ask, plan.data), dependents)
        for ask in () if plan.data.drafts else plan.doubted:
            self._begin(SegmentProgress(ask, requests=1), dependents)
        keys = (progress.ask.key for progress in (*self._fresh, *self._doubted, *self._unread))
        self._open = {*keys, *self._waiting}
        """The keys of segments that are not done."""

    def _begin(self, progress: SegmentProgress, dependents: Dependents) -> None:
        """Ask for it, or wait; about a known one it is asked if today's checks doubt it."""
        known = self.plan.known.get(progress.ask.segment.id)
        if dependents.waits(QuestionId(self.number, progress.ask.key)):
            self._waiting[progress.ask.key] = progress
        elif known is None:
            self._put(progress)
        else:
            progress.best = progress.judged(known.target, self.plan.data)
            if not self._put_to_reading(progress, known) and doubts_about(progress.best):
                self._doubted.append(progress)

    @property
    def segments(self) -> int:
        """How many segments it has."""
        return len(self.plan.document.segments)

    @property
    def is_settled(self) -> bool:
        """Whether every segment has its last answer."""
        return not self._open

    @property
    def elsewhere(self) -> int:
        """How many segments another run is asking for."""
        return len(self._elsewhere) + len(self._read_elsewhere)

    def fresh_chunk(self, budget: int) -> Chunk:
        """What would be asked next for the first time; nothing where nothing is left."""
        return next(self._chunks(self._fresh, budget), ())

    def _chunks(self, members: Iterable[SegmentProgress], budget: int) -> Iterator[Chunk]:
        size = self._run.size
        return chunks_of(
            (progress.ask.segment for progress in members),
            budget=min(size.budget, budget),
            cap=1 if self._run.formats.single else size.cap,
            count_tokens=self.plan.data.count_tokens,
        )

    def put_in_order(self, order: Iterable[Segment]) -> None:
        """What is fresh is asked in this order."""
        places = {segment.id: place for place, segment in enumerate(order)}
        self._fresh = deque(sorted(self._fresh, key=lambda progress: places[progress.ask.segment.id]))

    def begin_with_shortest(self) -> None:
        """The next chunk begins with it."""
        count = self.plan.data.count_tokens
        shortest = min(self._fresh, key=lambda progress: tokens_of(progress.ask.segment, count))
        self._fresh.remove(shortest)
        self._fresh.appendleft(shortest)

    def question(self, chunk: Chunk) -> Question | None:
        """A chunk without what another run is asking for or has answered by now."""
        data = self.plan.data
        members = [self._fresh.popleft() for _ in chunk]
        self.fresh_tokens -= self._tokens(members)
        claimed = self._run.claims.claimed(members, lambda progress: hit_for(progress.ask, data))
        self._elsewhere += claimed.elsewhere
        for progress, entry in claimed.answered:
            self._take_over(progress, entry)
        rejected = [progress for progress in claimed.ours if progress.best is not None]
        self._again.extend(Question((progress,), Step.REPAIR) for progress in rejected)
        ours = tuple(progress for progress in claimed.ours if progress.best is None)
        return Question(ours, Step.TRANSLATE) if ours else None

    def follow_up(self) -> Question | None:
        """What answers have led to, in as few requests as may be.

        Repairs wait for the last first answer, and doubts until nothing else is open. Where the format has no
        room for more than one segment by now, the others wait for their turn.
        """
        if not self._again and not (self.running or self._fresh):
            self._again.extend(self._shared_repairs())
            if not self._again and not self._elsewhere:
                self._again.extend(self._questions_to_read())
                if not self._again and not self._read_elsewhere:
                    self._again.extend(self._questions_of_doubts())
        if not self._again:
            return None
        question = self._again.popleft()
        if self._run.formats.single and question.step is not Step.READ:
            question, *others = question.parts(1)
            self._again.extendleft(reversed(others))
        return question

    def ask_again(self, question: Question) -> None:
        """The same once more, before anything else."""
        self._again.appendleft(question)

    def look_elsewhere(self) -> None:
        """Perhaps another run has answered by now what it was asking for."""
        while self._elsewhere:
            self._put(self._elsewhere.pop(0))
        self._unread += self._read_elsewhere
        self._read_elsewhere.clear()

    def give_up(self, question: Question, why: str) -> bool:
        """Whether its translations are there, and stay as they are: the next run asks what is left."""
        if question.step not in (Step.DOUBTS, Step.READ):
            return False
        given_up = [question, *(other for other in self._again if other.step is question.step)]
        self._again = deque(other for other in self._again if other.step is not question.step)
        is_reading = question.step is Step.READ
        (self._run.end_reading if is_reading else self._run.leave_doubts)(why)
        keep = self.close_readings if is_reading else self._keep_as_they_are
        for one in given_up:
            keep(one.members)
        return True

    def _put(self, progress: SegmentProgress) -> None:
        self._fresh.append(progress)
        self.fresh_tokens += self._tokens([progress])

    def _tokens(self, members: Iterable[SegmentProgress]) -> int:
        count = self.plan.data.count_tokens
        return sum(tokens_of(progress.ask.segment, count) for progress in members)

    def _shared_repairs(self) -> Iterator[Question]:
        """The wrong first answers of the issue, in chunks of the size that the answers so far allow."""
        members, self._repairs = self._repairs, []
        rest = iter(members)
        for chunk in self._chunks(members, self._run.size.budget):
            yield Question(tuple(next(rest) for _ in chunk), Step.REPAIR)

    def _questions_of_doubts(self) -> Iterator[Question]:
        """Another run may have asked, or a person decided: what is asked elsewhere, nobody waits for."""
        lacking, self._doubted = {progress.ask.key: progress for progress in self._doubted}, []
        gone = []

        def answer_of(progress: SegmentProgress) -> Entry | None:
            entry = self.plan.data.memory.find(progress.ask.key, progress.ask.segment.text)
            if entry is None:
                gone.append(lacking.pop(progress.ask.key))
            return None if entry is None or entry.remark == UNASKED else entry

        claimed = self._run.claims.claimed(list(lacking.values()), answer_of)
        for progress, entry in claimed.answered:
            self._answer(progress.ask, entry)
        self._keep_as_they_are((*claimed.elsewhere, *gone))
        asks = [progress.ask for progress in claimed.ours if progress.ask.key in lacking]
        single = self._run.formats.single
        for chunk in chunks_of_doubts(asks, self._run.size, self.plan.data, single=single):
            yield Question(tuple(lacking[ask.key] for ask in chunk), Step.DOUBTS)

    def _put_to_reading(self, progress: SegmentProgress, answer: Answer | None) -> bool:
        """Whether a second reader is to see this answer of a machine; then that comes before its end."""
        reader, data = self._run.reader, self.plan.data
        if reader is None or not isinstance(answer, Entry) or answer.status is not Status.MACHINE:
            return False
        progress.judged_anew(answer.target, data)
        if progress.to_read(reader) is None:
            return False
        self._unread.append(progress)
        return True

    def _questions_to_read(self) -> Iterator[Question]:
        """All answers of the issue that are new to the second reader."""
        members, self._unread = {one.ask.segment.id: one for one in self._unread}, []
        reader = self._run.reader
        if reader is None:
            self.close_readings(members.values())
            return
        keys = {pair.id: reader.key(pair) for one in members.values() if (pair := one.to_read(reader))}
        ours = self._run.claims.claim(keys.values())
        self._read_elsewhere += [members[id_] for id_, key in keys.items() if key not in ours]
        granted = {id_: key for id_, key in keys.items() if key in ours}
        self._verdict_keys |= granted
        pairs = [pair for id_ in granted if (pair := members[id_].to_read(reader))]
        open_ = {pair.id for pair in pairs} | {one.ask.segment.id for one in self._read_elsewhere}
        self.close_readings(one for id_, one in members.items() if id_ not in open_)
        pairs.sort(key=lambda pair: pair.pair.segment.span)
        for chunk in chunks_to_read(pairs, reader.size, reader.count_tokens):
            yield Question(tuple(members[pair.id] for pair in chunk), Step.READ)

    def take_reading(self, question: Question, verdicts: Mapping[str, Proofreading]) -> None:
        """Keep what the second reader says; those that it has left out are asked for once more."""
        self.dropped_errors += sum(verdict.dropped for verdict in verdicts.values())
        left = tuple(one for one in question.members if one.ask.segment.id not in verdicts)
        if left and not question.repeated and self._run.reader is not None:
            self._again.extend(half._replace(repeated=True) for half in Question(left, Step.READ).halves())
            left = ()
        self.close_readings((*(one for one in question.members if one.ask.segment.id in verdicts), *left))

    def close_readings(self, members: Iterable[SegmentProgress]) -> None:
        """What was found is asked about once, with what the checks doubt; else the segment is done."""
        data, closed = self.plan.data, list(members)
        self._run.claims.give_back(self._verdict_keys.pop(one.ask.segment.id, "") for one in closed)
        for progress in closed:
            ask = progress.ask
            answer = self.answers.get(ask.segment.id) or self.plan.known.get(ask.segment.id)
            progress.readings += 1
            is_unread = data.reader is not None and progress.to_read(data.reader) is not None
            (self.unread.add if is_unread else self.unread.discard)(ask.segment.id)
            if isinstance(answer, Entry) and progress.readings == 1:
                progress.judged_anew(answer.target, data)
                if _is_doubted(progress, answer):
                    data.memory.store(ask.key, replace(answer, remark=UNASKED), ask.segment.kind)
                    self._doubted.append(progress)
                    continue
            self._done.append(ask)

    def _keep_as_they_are(self, members: Iterable[SegmentProgress]) -> None:
        """These stay as they are: nobody asks about them now."""
        given_up = tuple(members)
        self.has_unasked |= bool(given_up)
        self._run.claims.give_back(progress.ask.key for progress in given_up)
        self._done.extend(progress.ask for progress in given_up)

    def take(self, question: Question, reading: ParsedReply, form: Format, *, learns: bool = True) -> None:
        """Use every answer that is good, and ask again for the rest, with the reasons.

        Of a reply about several issues, one `learns` how the endpoint keeps to the format.
        """
        run, members = self._run, question.members
        self._keep_doubts(members, reading)
        if learns:
            run.formats.learn(reading, form)
        if run.formats.is_bad_luck(reading, form) and not question.repeated:
            self.ask_again(question._replace(repeated=True))
            return
        if question.step is not Step.DOUBTS and (len(members) > 1 or (question.is_first and reading.clean)):
            run.size = run.size.after(clean=reading.clean)
        try:
            self._take_answers(question, reading)
        finally:
            self._store()

    def _store(self) -> None:
        """Before anything is done with them."""
        good, failed = self._good, self._failed
        self._good, self._failed = [], {}
        if good:
            self.plan.data.memory.store_all(good)
        for key, answer in failed.items():
            self.plan.data.memory.store_failure(key, answer)

    def _take_answers(self, question: Question, reading: ParsedReply) -> None:
        members, is_doubt = question.members, question.step is Step.DOUBTS
        unanswered, unsettled = [], []
        for progress in members:
            progress.requests += 1
            answer = reading.targets.get(progress.ask.segment.id)
            if answer is not None:
                self._offer(progress, answer, question.step)
            if is_doubt:  # whatever comes, it was the only time: what is still doubted is no reason to ask
                self._settle(progress, again=True)
            elif answer is not None:
                unsettled.append(progress)
            else:
                for problem in reading.of(progress.ask.segment.id):
                    progress.failure = problem.message
                    progress.slipped |= problem.kind is ProblemKind.SLIPPED
                    if problem.kind in _FINAL and len(members) == 1:
                        progress.requests = max(progress.requests, MAX_REQUESTS - 1)
                unanswered.append(progress)
        single = self._run.formats.single
        self._repair(self._not_settled(unsettled))
        self._again.extend(asked_again(self._not_settled(unanswered), single=single))

    def _keep_doubts(self, members: Iterable[SegmentProgress], reading: ParsedReply) -> None:
        """What the translator takes for slips of the source goes to the memory, and into no text."""
        data = self.plan.data
        self.dropped_doubts += reading.dropped
        for progress in members if not data.drafts else ():
            if doubts := reading.doubts.get(progress.ask.segment.id):
                data.memory.proofreadings.doubt(progress.ask.segment.text, doubts, data.engine.name)

    def _repair(self, bad: Iterable[SegmentProgress]) -> None:
        """Wrong answers: the first of a segment with others, the second alone."""
        for progress in bad:
            if progress.requests == 1:
                self._repairs.append(progress)
            else:
                self._again.append(Question((progress,), progress.next_step or Step.REPAIR))

    def split(self, question: Question, error: TooLongError) -> None:
        """Two halves for a request that was too long; a segment that is too long alone stays.

        Those that were sent together with it are no reason to make the next ones smaller still. Raises the
        error where a second reader has no room for one text.
        """
        is_reading = question.step is Step.READ
        if not is_reading and self._run.size.has_room(len(question.members), self._tokens(question.members)):
            self._run.size = self._run.size.halved()
        if is_reading and len(question.members) == 1:
            raise error
        if len(question.members) > 1:
            self._again.extendleft(reversed(list(question.halves())))
            return
        (progress,) = question.members
        progress.failure = str(error)
        progress.requests = MAX_REQUESTS
        self._settle(progress, again=question.step is Step.DOUBTS, is_last=False)
        self._store()

    def drop_follow_ups(self) -> None:
        """Nobody is there to be asked again."""
        self._again.clear()
        self._repairs.clear()
        self._unread.clear()

    def _offer(self, progress: SegmentProgress, answer: str, step: Step) -> None:
        """Judge an answer; one that did not pass is kept as well."""
        data = self.plan.data
        attempt = progress.offer(answer, step, data)
        if attempt.errors and not data.drafts:
            data.store_failed_answer(
                progress.ask.key, progress.ask.segment.text, attempt.target, attempt.errors
            )

    def _not_settled(self, members: Iterable[SegmentProgress]) -> list[SegmentProgress]:
        """Those that are asked again; the others are settled."""
        open_ = []
        for progress in members:
            is_draft = self.plan.data.drafts and progress.best is not None
            if progress.is_settled or progress.next_step is None or is_draft:
                self._settle(progress)
            else:
                open_.append(progress)
        return open_

    def _settle(self, progress: SegmentProgress, *, again: bool = False, is_last: bool = True) -> None:
        """Put what is verified to what `_store` stores; `again` after a question about doubts.

        That nothing is good is stored as well, where the same question is not asked in the next run.
        """
        data, ask = self.plan.data, progress.ask
        answer = progress.outcome(data)
        is_doubted = is_good = False
        if isinstance(answer, Entry) and not data.drafts:
            is_doubted = not (again or data.prompts.family) and _is_doubted(progress, answer)
            answer = replace(answer, remark=UNASKED) if is_doubted else answer
            if progress.stands_by:
                data.memory.settlements.stand_by(answer.source, answer.target, progress.stands_by)
            if data.accepted is not None:
                said = {"who": data.accepted.who, "reason": data.accepted.reason}
                data.memory.settlements.accept(answer.source, answer.target, **said)
            if not answer.errors:
                self._good.append(Stored(ask.key, ask.segment.kind, answer))
                is_good = answer.remark != APPENDED
        if is_last and not (data.drafts or again or is_good):
            self._failed[ask.key] = progress.as_failed(answer, data)
        is_unread = not data.drafts and self._put_to_reading(progress, answer)
        if is_doubted and not is_unread:
            self._doubted.append(progress)
        self._run.claims.give_back([ask.key])
        self._answer(ask, answer, last=not (is_doubted or is_unread))

    def _take_over(self, progress: SegmentProgress, answer: Answer) -> None:
        """An answer that comes from elsewhere; perhaps nobody has read it."""
        is_unread = not self.plan.data.drafts and self._put_to_reading(progress, answer)
        self.has_unasked |= isinstance(answer, Entry) and answer.remark == UNASKED
        self._answer(progress.ask, answer, last=not is_unread)

    def _answer(self, ask: Ask, answer: Answer, *, last: bool = True) -> None:
        """The answer for a segment and those that say the same. One that is doubted may not be the `last`."""
        ids = (ask.segment.id, *ask.twins)
        self.settled += sum(id_ not in self.answers and id_ not in self.plan.known for id_ in ids)
        self.answers.update(dict.fromkeys(ids, answer))
        if last:
            self._done.append(ask)

    def newly_done(self) -> Iterator[tuple[str, Answer | None]]:
        """The keys of segments that are done now, and their answers if they were asked for."""
        while self._done:
            ask = self._done.popleft()
            self._open.discard(ask.key)
            yield ask.key, self.answers.get(ask.segment.id)

    def release(self, key: str, twin: Answer | None) -> None:
        """What a segment waited for is there: a hit in the memory by now, or to be asked after all.

        `twin` is the answer to the same question in another issue: it stays the same when asked again.
        """
        progress, data = self._waiting.pop(key), self.plan.data
        answer = (None if data.drafts else hit_for(progress.ask, data)) or twin
        if answer is not None:
            self._take_over(progress, answer)
        elif progress.ask.segment.id in self.plan.known:
            self._done.append(progress.ask)
        else:
            self._put(progress)


def _is_doubted(progress: SegmentProgress, answer: Entry) -> bool:
    """Whether the model is to be asked about an answer that may be good."""
    best = progress.best
    return (
        best is not None
        and not best.errors
        and any(finding.check not in progress.asked_about for finding in doubts_about(best))
        and answer.target == best.target
        and answer.remark in ("", UNASKED)
        and progress.requests < MAX_REQUESTS
    )
