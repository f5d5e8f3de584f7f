"""What the issues of a run share: budget, claims, what waits for whom, what is known of the endpoint."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import chain, product, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.replies import ProblemKind
from weekly_translate.llm.tokens import Budget
from weekly_translate.model import Format
from weekly_translate.quality.reading import USELESS_IN_A_ROW
from weekly_translate.run.project import (
    budget_for,
    experience_of,
    learn_facts,
    learned_facts,
)
from weekly_translate.text.characters import same_work
from weekly_translate.text.chinese_numbers import template_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.replies import ParsedReply
    from weekly_translate.model import Entry
    from weekly_translate.run.attempts import Ask, SegmentProgress
    from weekly_translate.run.project import ProjectData

# Asked side by side, each would get an answer of its own, and which of them the others then took over would
# depend on which came first. So the order of the issues decides, and the same sources give the same bytes.


class QuestionId(NamedTuple):
    """A segment that is to be asked in a run: the number of its issue, and its key."""

    issue: int
    key: str


class Dependents:
    """Who waits for whom. Nobody waits for a later one, so that there is no circle."""

    def __init__(
        self,
        issues: Sequence[Iterable[Ask]] = (),
        answered: Sequence[Iterable[Ask]] = (),
        *,
        drafts: bool = False,
    ) -> None:
        """`issues` are the segments without an answer of each, `answered` those whose answer is asked about.

        These wait for nobody but the very same question, and a draft serves nobody else.
        """
        self._leaders: dict[QuestionId, set[QuestionId]] = {}
        self._dependents: dict[QuestionId, list[QuestionId]] = defaultdict(list)
        earlier = _Earlier()
        for number, (asks, others) in enumerate(zip_longest(issues, answered, fillvalue=())):
            for ask, is_same_only in chain(product(asks, [drafts]), product(others, [True])):
                question = QuestionId(number, ask.key)
                if leaders := set(earlier.like(ask, same_only=is_same_only)):
                    self._leaders[question] = leaders
                    for leader in leaders:
                        self._dependents[leader].append(question)
                earlier.add(question, ask)

    def waits(self, question: QuestionId) -> bool:
        """Whether it is not to be asked yet."""
        return question in self._leaders

    def released_by(self, question: QuestionId) -> Iterator[QuestionId]:
        """Those that waited for this answer as the last one."""
        for dependent in self._dependents.pop(question, ()):
            leaders = self._leaders[dependent]
            leaders.discard(question)
            if not leaders:
                del self._leaders[dependent]
                yield dependent


class _Earlier:
    """The questions so far: the last one of each key and pattern, all titles of each address."""

    def __init__(self) -> None:
        self._keys: dict[str, QuestionId] = {}
        self._templates: dict[str, QuestionId] = {}
        self._titles: dict[str, list[tuple[str, QuestionId]]] = defaultdict(list)

    def like(self, ask: Ask, *, same_only: bool) -> Iterator[QuestionId]:
        """Those that may serve this one: the same question alone, else its pattern and its work."""
        if ask.key in self._keys:
            yield self._keys[ask.key]
        elif not same_only:
            segment = ask.segment
            if (template := template_of(segment.text)) in self._templates:
                yield self._templates[template]
            for text, question in reversed(self._titles.get(segment.title_link, ())):
                if same_work(text, segment.text):
                    yield question
                    break

    def add(self, question: QuestionId, ask: Ask) -> None:
        """The next one looks back at this one."""
        self._keys[ask.key] = question
        if template := template_of(ask.segment.text):
            self._templates[template] = question
        if link := ask.segment.title_link:
            self._titles[link].append((ask.segment.text, question))


PAUSE = 0.2
"""Seconds after which a run that has nothing else to do looks for the answers of the other one."""
_LADDER = tuple(Format)
_HOPELESS = 3
"""So many unreadable replies, and no readable one, give a format up."""


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
            used = self.reading
            self.budget.beside = lambda: used.committed() if used.usage.requests else Decimal()
        self._useless_readings = 0
        """Replies in a row that held no verdict."""
        self._said = said
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


class FormatLadder:
    """In which format the endpoint is asked: the strictest that it takes, found out once and remembered (D3).

    The current rung is that of all workers of a run. It only goes down.
    """

    def __init__(self, data: ProjectData) -> None:
        """Begin where the memory says that this engine was left."""
        self._data = data
        self.rung = Format(learned_facts(data).get("format", data.provider.first_format))
        self._unreadable: Counter[Format] = Counter()
        self._readable: set[Format] = set()

    @property
    def single(self) -> bool:
        """Whether a request has room for one segment only."""
        return self.rung is Format.SINGLE

    def is_bad_luck(self, reading: ParsedReply, asked: Format) -> bool:
        """Whether nothing could be read in an answer, though the endpoint keeps to the format `asked`."""
        return reading.lost and asked in self._readable

    def learn(self, reading: ParsedReply, asked: Format) -> None:
        """Draw the consequence from a reply to a request in the format `asked`."""
        if any(problem.kind is ProblemKind.UNREADABLE for problem in reading.problems):
            self._unreadable[asked] += 1
            if self._unreadable[asked] >= _HOPELESS and asked not in self._readable:
                self.step_down(asked)
        elif reading.targets:
            self._readable.add(asked)

    def step_down(self, refused: Format) -> None:
        """One rung down from `refused`, unless another worker was quicker; remembered for the next run."""
        if self.rung is refused and refused is not _LADDER[-1]:
            self.rung = _LADDER[_LADDER.index(refused) + 1]
            learn_facts({"format": self.rung}, self._data)


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
        keys = [progress.ask.key for progress in members]
        granted = self._data.memory.claims.claim(keys) if keys else set()
        self._held |= granted
        claimed = Claimed([], [], [])
        for progress in members:
            if progress.ask.key not in granted:
                claimed.elsewhere.append(progress)
            elif (entry := answer_of(progress)) is not None:
                claimed.answered.append((progress, entry))
            else:
                claimed.ours.append(progress)
        self.give_back(progress for progress, _ in claimed.answered)
        return claimed

    def claim_to_read(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys of verdicts that no other run asks for: they are ours until `let_read`."""
        wanted = set(keys)
        if new := wanted - self._held:
            self._held |= self._data.memory.claims.claim(new)
        return wanted & self._held

    def let_read(self, keys: Iterable[str]) -> None:
        """The verdicts are in the memory by now, or are not asked for any more."""
        self._release(self._held.intersection(keys))

    def tell_wait(self, number: int) -> None:
        """Say once that nothing is left to do but to wait for another run."""
        if not self._has_told:
            self._has_told = True
            what = "a segment" if number == 1 else f"{number:,} segments"
            self._said(
                f"another run on this memory is asking for {what}: waiting for its answers; "
                "what it leaves open is asked here"
            )

    def give_back(self, members: Iterable[SegmentProgress]) -> None:
        """These are settled, and free for others with the next `let_go`."""
        self._settled |= self._held.intersection(progress.ask.key for progress in members)

    def let_go(self) -> None:
        """Give back in one go what is settled: for the memory, each time is a transaction."""
        self._release(self._settled)
        self._settled = set()

    def end(self) -> None:
        """Nothing more is asked: what was claimed is free for others."""
        self._release(set(self._held))

    def _release(self, keys: set[str]) -> None:
        if keys:
            self._data.memory.claims.release(keys)
            self._held -= keys
