"""Has texts read: what the memory does not know yet is asked, several requests at a time, within a budget."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError, WeeklyTranslateError
from weekly_translate.llm.tokens import Budget, Experience, Price
from weekly_translate.model import Format, Proofreading, Reply, Request, Usage
from weekly_translate.quality.verdicts import (
    ReadPair,
    chunks_to_read,
    expected_usage,
    proofread_request,
    read_verdicts,
    verdict_key,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.requests import ChunkSize, Prompts
    from weekly_translate.memory.translation_memory import TranslationMemory


MOST_REQUESTS = 2
"""For a text: a reader that does not answer twice does not answer."""
USELESS_IN_A_ROW = 3
"""After so many replies without one verdict, nothing more is sent."""
_FORMAT = "proofread_format"
"""Where it is remembered among the facts about a model how it is asked."""
PAUSE = 0.2
"""Seconds after which texts that another run has read by now are looked for."""


Said = TypeVar("Said")
"""What is said of one text."""


@dataclass(frozen=True, slots=True)
class Reader(ABC, Generic[Said]):
    """Who reads, and with what; what is said and where it is kept is for the kinds of readers."""

    usage_fact: ClassVar[str] = "proofread_usage"
    """Where it is remembered among the facts about a model what its verdicts take."""
    name: str
    """Engine and model; verdicts are remembered under it."""
    endpoint: str
    memory: TranslationMemory
    prompts: Prompts
    size: ChunkSize
    count_tokens: Callable[[str], int]
    price: Price | None = None
    jobs: int = 8
    engine: Engine | None = None
    """Who is asked in a run; `read_all` is told."""
    model: str = ""
    """By the name that it has at its endpoint."""
    first_format: Format = Format.SCHEMA
    """In which it is asked before anything was learned."""
    reserve: float = 0.0
    """Tokens that it thinks for each that it writes, as long as no answer tells."""

    @abstractmethod
    def key(self, one: ReadPair) -> str:
        """What a verdict is found by."""

    @abstractmethod
    def find(self, key: str, source: str) -> Said | None:
        """A verdict that is in the memory."""

    @abstractmethod
    def store(self, verdicts: Mapping[str, tuple[ReadPair, Said]]) -> None:
        """Keep what was paid, by key."""

    @abstractmethod
    def request(self, pairs: Sequence[ReadPair], form: Format) -> Request:
        """The question."""

    @abstractmethod
    def read(self, reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, Said]:
        """The verdicts of a reply that count, by id."""

    def known(self, pairs: Iterable[ReadPair]) -> dict[str, Said]:
        """The verdicts that are in the memory, by id."""
        found = ((one.id, self.find(self.key(one), one.pair.segment.text)) for one in pairs)
        return {id_: said for id_, said in found if said is not None}

    @property
    def format(self) -> Format:
        """In which format this model is asked, as far as was learned."""
        return self.memory.learned(self.endpoint, self.name, _FORMAT, Format, self.first_format)

    def step_down(self, refused: Format) -> None:
        """Remember that the endpoint does not know a format. Raises `EngineError` below the last one."""
        lower = {Format.SCHEMA: Format.OBJECT, Format.OBJECT: Format.TAGGED}
        if refused not in lower:
            raise EngineError(f"{self.name} takes no request of a second reader: name another --proofreader.")
        if self.format is refused:
            self.memory.learn_capability(self.endpoint, self.name, {_FORMAT: lower[refused]})

    @property
    def experience(self) -> Experience:
        """How much the model takes for its verdicts, as far as was learned."""
        facts = self.memory.capability(self.endpoint, self.name)
        return Experience.of(facts.get(self.usage_fact, ""), self.reserve)

    def learn(self, experience: Experience) -> None:
        """Keep it for the next run."""
        if experience.answers:
            self.memory.learn_capability(self.endpoint, self.name, {self.usage_fact: experience.stored()})

    def forecast(self, pairs: Sequence[ReadPair]) -> Usage:
        """What it will take to have these read, thoughts included."""
        return self.experience.scaled(self.expected(pairs))

    def expected(self, pairs: Sequence[ReadPair]) -> Usage:
        """What the texts alone let expect."""
        chunks = chunks_to_read(pairs, self.size, self.count_tokens)
        return expected_usage((self.request(chunk, Format.SCHEMA) for chunk in chunks), self.count_tokens)


class SecondReader(Reader[Proofreading]):
    """Names the mistakes in each translation."""

    def key(self, one: ReadPair) -> str:
        """What a verdict is found by."""
        return verdict_key(one.pair, self.name, self.prompts)

    def find(self, key: str, source: str) -> Proofreading | None:
        """A verdict that is in the memory, without what a person has dismissed."""
        return self.memory.proofreadings.find(key, source)

    def store(self, verdicts: Mapping[str, tuple[ReadPair, Proofreading]]) -> None:
        """Keep what was paid."""
        rows = {key: (one.pair, said) for key, (one, said) in verdicts.items()}
        self.memory.proofreadings.store(rows, self.name)

    def request(self, pairs: Sequence[ReadPair], form: Format) -> Request:
        """Ask for mistakes."""
        return proofread_request(pairs, form, self.prompts)

    def read(self, reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, Proofreading]:
        """The verdicts whose words stand in the texts."""
        return read_verdicts(reply, request, pairs)


@dataclass(slots=True)
class Readings(Generic[Said]):
    """What has become of the texts."""

    verdicts: dict[str, Said] = field(default_factory=dict)
    """By id."""
    remembered: int = 0
    unread: int = 0
    """Texts for which no verdict came."""
    usage: Usage = field(default_factory=Usage)
    failure: WeeklyTranslateError | None = None
    """What ended the run before every text was asked for."""


class _Asked(NamedTuple):
    pairs: list[ReadPair]
    attempt: int


def unknown_to(reader: Reader[Any], pairs: Sequence[ReadPair]) -> list[ReadPair]:
    """The texts without a verdict, each once, however many ids it has."""
    keys = {reader.key(one): one for one in reversed(pairs)}
    return [one for key, one in reversed(keys.items()) if reader.find(key, one.pair.segment.text) is None]


async def read_all(
    pairs: Sequence[ReadPair],
    reader: Reader[Said],
    engine: Engine,
    budget: Budget,
    on_progress: Callable[[int, int, Usage], None] = lambda _read, _all, _usage: None,
) -> Readings[Said]:
    """Have texts read, whose ids differ; what the engine or the budget ends is told in the result.

    The same text under two ids is read once, and so is one that another run on this memory has read.
    """
    keys = {one.id: reader.key(one) for one in pairs}
    first = {keys[one.id]: one for one in reversed(pairs)}
    distinct = [one for one in pairs if first[keys[one.id]] is one]
    budget.experience = reader.experience
    run = _ReadingRun(distinct, reader, engine, budget, on_progress)
    try:
        readings = await run.run()
    finally:
        reader.memory.claims.release(run.claimed)
        reader.learn(budget.experience)
    said = readings.verdicts
    readings.verdicts = {id_: said[first[key].id] for id_, key in keys.items() if first[key].id in said}
    return readings


class _ReadingRun(Generic[Said]):
    def __init__(
        self,
        pairs: Sequence[ReadPair],
        reader: Reader[Said],
        engine: Engine,
        budget: Budget,
        on_progress: Callable[[int, int, Usage], None],
    ) -> None:
        self._reader, self._engine, self._budget = reader, engine, budget
        self._on_progress = on_progress
        self.claimed: set[str] = set()
        self._elsewhere: list[_Asked] = []
        """What another run is asking for."""
        known = reader.known(pairs)
        self._result: Readings[Said] = Readings(known, remembered=len(known))
        open_ = [one for one in pairs if one.id not in known]
        chunks = chunks_to_read(open_, reader.size, reader.count_tokens)
        self._queue = deque(_Asked(chunk, 1) for chunk in chunks)
        self._all = len(pairs)
        self._useless = 0

    async def run(self) -> Readings[Said]:
        import asyncio  # noqa: PLC0415 - a plan counts what would be read, and runs nothing

        result = self._result
        running: set[asyncio.Task[None]] = set()
        self._tell()
        try:
            while self._queue or running or self._elsewhere:
                while self._may_send(len(running)):
                    if asked := self._ours(self._queue.popleft()):
                        expected = self._reader.expected(asked.pairs)
                        self._budget.reserve(expected)
                        running.add(asyncio.create_task(self._ask(asked, expected)))
                if not running and (result.failure or not self._elsewhere):
                    break
                if not running:
                    await asyncio.sleep(PAUSE)
                    self._queue.extend(self._elsewhere)
                    self._elsewhere.clear()
                    continue
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in running:
                task.cancel()
        result.unread = self._all - len(result.verdicts)
        return result

    def _may_send(self, in_flight: int) -> bool:
        if not self._queue or self._result.failure or in_flight >= self._reader.jobs:
            return False
        if self._useless >= USELESS_IN_A_ROW:
            self._result.failure = EngineError(
                f"{self._reader.name} gives no verdict that can be read: reading ends here. "
                "Name another model."
            )
            return False
        try:
            return self._budget.has_room(self._reader.expected(self._queue[0].pairs))
        except WeeklyTranslateError as error:
            self._result.failure = error
            return False

    def _ours(self, asked: _Asked) -> _Asked | None:
        """What is left to ask when another run on this memory has had its share."""
        reader, keys = self._reader, {one.id: self._reader.key(one) for one in asked.pairs}
        self.claimed |= reader.memory.claims.claim(set(keys.values()) - self.claimed)
        known = reader.known(asked.pairs)
        self._result.verdicts |= known
        self._result.remembered += len(known)
        open_ = [one for one in asked.pairs if one.id not in known]
        ours = [one for one in open_ if keys[one.id] in self.claimed]
        others = [one for one in open_ if keys[one.id] not in self.claimed]
        if others:
            self._elsewhere.append(asked._replace(pairs=others))
        return asked._replace(pairs=ours) if ours else None

    async def _ask(self, asked: _Asked, expected: Usage) -> None:
        """What fails for good ends the run; what is in flight then is used."""
        try:
            await self._exchange(asked, expected)
        except WeeklyTranslateError as error:
            self._result.failure = self._result.failure or error
        finally:
            self._budget.release(expected)
        self._tell()

    async def _exchange(self, asked: _Asked, expected: Usage) -> None:
        reader = self._reader
        form = reader.format
        request = reader.request(asked.pairs, form)
        try:
            reply = await self._engine.answer(request)
        except FormatRefusedError:
            reader.step_down(form)
            self._queue.appendleft(asked)
            return
        except TooLongError:
            self._halve(asked.pairs, asked.attempt if len(asked.pairs) > 1 else MOST_REQUESTS + 1)
            return
        self._budget.spend(expected, reply.usage)
        self._result.usage += reply.usage
        verdicts = reader.read(reply, request, asked.pairs)
        if verdicts:
            read = (one for one in asked.pairs if one.id in verdicts)
            reader.store({reader.key(one): (one, verdicts[one.id]) for one in read})
        self._result.verdicts |= verdicts
        self._useless = 0 if verdicts else self._useless + 1
        self._halve([one for one in asked.pairs if one.id not in verdicts], asked.attempt + 1)

    def _halve(self, pairs: list[ReadPair], attempt: int) -> None:
        """Ask again for those without a verdict, half as many at a time."""
        half = (len(pairs) + 1) // 2
        for part in (pairs[:half], pairs[half:]) if attempt <= MOST_REQUESTS else ():
            if part:
                self._queue.append(_Asked(part, attempt))

    def _tell(self) -> None:
        self._on_progress(len(self._result.verdicts), self._all, self._result.usage)
