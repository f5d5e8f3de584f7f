"""Has texts read: what the memory does not know yet is asked, several requests at a time, within a budget."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError, WeeklyTranslateError
from weekly_translate.model import Format, Proofreading, Usage
from weekly_translate.proofread.replies import read_verdicts
from weekly_translate.proofread.requests import (
    chunks_to_read,
    expected_usage,
    proofread_request,
    verdict_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from weekly_translate.llm.budget import Budget
    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.requests import ChunkSize, Prompts
    from weekly_translate.llm.tokens import Price
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.proofread.requests import ReadPair

MOST_REQUESTS = 2
"""For a text: a reader that does not answer twice does not answer."""
USELESS_IN_A_ROW = 3
"""After so many replies without one verdict, nothing more is sent."""
_FORMAT = "proofread_format"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and with what."""

    name: str
    """Engine and model; verdicts are remembered under it."""
    endpoint: str
    memory: TranslationMemory
    prompts: Prompts
    size: ChunkSize
    count_tokens: Callable[[str], int]
    price: Price | None = None
    jobs: int = 8

    def known(self, pairs: Iterable[ReadPair]) -> dict[str, Proofreading]:
        """The verdicts that are in the memory, by id."""
        find = self.memory.proofreadings.find
        found = ((one.id, find(verdict_key(one.pair, self.name, self.prompts))) for one in pairs)
        return {id_: said for id_, said in found if said is not None}

    def store(self, verdicts: Iterable[tuple[ReadPair, Proofreading]]) -> None:
        """Keep what was paid."""
        rows = {verdict_key(one.pair, self.name, self.prompts): (one.pair, said) for one, said in verdicts}
        if rows:
            self.memory.proofreadings.store(rows, self.name)

    @property
    def format(self) -> Format:
        """In which format this model is asked, as far as was learned."""
        facts = self.memory.capability(self.endpoint, self.name)
        return Format(facts.get(_FORMAT, Format.SCHEMA))

    def step_down(self, refused: Format) -> None:
        """Remember that the endpoint does not know a format. Raises `EngineError` below the last one."""
        lower = {Format.SCHEMA: Format.OBJECT, Format.OBJECT: Format.TAGGED}
        if refused not in lower:
            raise EngineError(f"{self.name} takes no request of a second reader: name another --proofreader.")
        if self.format is refused:
            self.memory.learn_capability(self.endpoint, self.name, {_FORMAT: lower[refused]})

    def expected(self, pairs: Sequence[ReadPair]) -> Usage:
        """What it would take to have these read, each in a verdict of its own."""
        chunks = chunks_to_read(pairs, self.size, self.count_tokens)
        requests = (proofread_request(chunk, Format.SCHEMA, self.prompts) for chunk in chunks)
        return expected_usage(requests, self.count_tokens)


@dataclass(slots=True)
class Readings:
    """What has become of the texts."""

    verdicts: dict[str, Proofreading] = field(default_factory=dict)
    """By id."""
    remembered: int = 0
    unread: int = 0
    """Texts for which no verdict came."""
    usage: Usage = field(default_factory=Usage)
    failure: WeeklyTranslateError | None = None
    """What ended the run before every text was asked for."""

    @property
    def dropped(self) -> int:
        """Errors that were named about words which stand in no text."""
        return sum(said.dropped for said in self.verdicts.values())


class _Asked(NamedTuple):
    pairs: list[ReadPair]
    attempt: int
    expected: Usage


async def read_all(
    pairs: Sequence[ReadPair],
    reader: Reader,
    engine: Engine,
    budget: Budget,
    on_progress: Callable[[int, int, Usage], None] = lambda _read, _all, _usage: None,
) -> Readings:
    """Have texts read, whose ids differ; what the engine or the budget ends is told in the result.

    The same text under two ids is read once.
    """
    keys = {one.id: verdict_key(one.pair, reader.name, reader.prompts) for one in pairs}
    first = {keys[one.id]: one for one in reversed(pairs)}
    distinct = [one for one in pairs if first[keys[one.id]] is one]
    readings = await _Run(distinct, reader, engine, budget, on_progress).run()
    said = readings.verdicts
    readings.verdicts = {id_: said[first[key].id] for id_, key in keys.items() if first[key].id in said}
    return readings


class _Run:
    def __init__(
        self,
        pairs: Sequence[ReadPair],
        reader: Reader,
        engine: Engine,
        budget: Budget,
        on_progress: Callable[[int, int, Usage], None],
    ) -> None:
        self._reader, self._engine, self._budget = reader, engine, budget
        self._on_progress = on_progress
        known = reader.known(pairs)
        self._result = Readings(known, remembered=len(known))
        open_ = [one for one in pairs if one.id not in known]
        chunks = chunks_to_read(open_, reader.size, reader.count_tokens)
        self._queue: deque[_Asked] = deque()
        for chunk in chunks:
            self._queue_up(chunk, 1)
        self._all = len(pairs)
        self._useless = 0

    async def run(self) -> Readings:
        result = self._result
        running: set[asyncio.Task[None]] = set()
        self._tell()
        try:
            while self._queue or running:
                while self._may_send(len(running)):
                    asked = self._queue.popleft()
                    self._budget.reserve(asked.expected, self._reader.price)
                    running.add(asyncio.create_task(self._ask(asked)))
                if not running:
                    break
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
                "Name another model with --proofreader."
            )
            return False
        try:
            return self._budget.has_room(self._queue[0].expected, self._reader.price)
        except WeeklyTranslateError as error:
            self._result.failure = error
            return False

    async def _ask(self, asked: _Asked) -> None:
        """What fails for good ends the run; what is in flight then is used."""
        try:
            await self._exchange(asked)
        except WeeklyTranslateError as error:
            self._result.failure = self._result.failure or error
        finally:
            self._budget.release(asked.expected, self._reader.price)
        self._tell()

    async def _exchange(self, asked: _Asked) -> None:
        reader = self._reader
        form = reader.format
        request = proofread_request(asked.pairs, form, reader.prompts)
        try:
            reply = await self._engine.answer(request)
        except FormatRefusedError:
            reader.step_down(form)
            self._queue.appendleft(asked)
            return
        except TooLongError:
            self._halve(asked.pairs, asked.attempt if len(asked.pairs) > 1 else MOST_REQUESTS + 1)
            return
        self._budget.spend(reply.usage, reader.price)
        self._result.usage += reply.usage
        verdicts = read_verdicts(reply, request, asked.pairs)
        reader.store((one, verdicts[one.id]) for one in asked.pairs if one.id in verdicts)
        self._result.verdicts |= verdicts
        self._useless = 0 if verdicts else self._useless + 1
        self._halve([one for one in asked.pairs if one.id not in verdicts], asked.attempt + 1)

    def _halve(self, pairs: list[ReadPair], attempt: int) -> None:
        """Ask again for those without a verdict, half as many at a time."""
        half = (len(pairs) + 1) // 2
        for part in (pairs[:half], pairs[half:]) if attempt <= MOST_REQUESTS else ():
            if part:
                self._queue_up(part, attempt)

    def _queue_up(self, pairs: list[ReadPair], attempt: int) -> None:
        self._queue.append(_Asked(pairs, attempt, self._reader.expected(pairs)))

    def _tell(self) -> None:
        self._on_progress(len(self._result.verdicts), self._all, self._result.usage)
