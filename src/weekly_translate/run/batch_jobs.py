"""Batches on their way: sent, looked after, taken in, given up."""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.errors import EngineError, UsageError
from weekly_translate.llm.batch import UNKNOWN, NotSentError, NotThereError, RemoteBatch, answers_in, files_of
from weekly_translate.llm.engine import EngineInfo
from weekly_translate.llm.tokens import cost, forecast, refuse_beyond
from weekly_translate.model import Usage
from weekly_translate.quality.verdicts import expected_usage
from weekly_translate.run.batch_requests import (
    AnswerIntake,
    Tally,
    lines_of,
    parts_of,
    readings_of,
)
from weekly_translate.run.project import cost_of, experience_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.llm.batch import OpenAIBatch
    from weekly_translate.llm.providers import Endpoint
    from weekly_translate.memory.runs import Batch
    from weekly_translate.quality.reading import SecondReader
    from weekly_translate.run.batch_requests import BatchPart
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

    PlanAt: TypeAlias = Callable[[Path], Plan | None]
    """The plan of an issue by its path; None where it cannot be planned any more."""


class BatchSubmission(NamedTuple):
    """What goes out."""

    parts: Sequence[BatchPart]
    expected: Usage
    waiting: int
    """Segments that earlier batches ask for."""
    readings: Sequence[BatchPart] = ()
    """What goes to the second reader."""
    reading: Usage = Usage()
    """What the second reading is expected to use."""
    batches: int = 0
    """How many were created."""
    found: int = 0
    """Batches of a run that was killed, which had arrived."""

    @property
    def segments(self) -> int:
        """How many translations are asked for."""
        return sum(len(part.asked.members) for part in self.parts)

    @property
    def texts(self) -> int:
        """How many translations are to be read."""
        return sum(len(part.asked.members) for part in self.readings)


class BatchJobs:
    """The batches of one memory at one endpoint."""

    def __init__(self, data: ProjectData, endpoint: Endpoint, api: OpenAIBatch) -> None:
        """`data` has the prices of answers at once: batches take half."""
        reader = data.reader
        if reader is not None and reader.price is not None:
            reader = replace(reader, price=reader.price.in_batches)
        self.data = data._replace(price=data.price and data.price.in_batches, reader=reader)
        self.batches = data.memory.batches
        self.endpoint = endpoint
        self.api = api

    async def submit(self, plan: Callable[[], Mapping[Path, Plan]]) -> BatchSubmission:
        """Send what is open and not on its way. Raises `BudgetSpentError` before anything is sent.

        The issues are planned when nobody else can send or take in: else their answers might be there by now.
        """
        with self._alone():
            found = await self._settle_intents()
            submission = self.submission(plan())
            self._refuse_beyond_budget(submission)
            batches = await self._send_all(submission.parts, self.endpoint.model, self.data)
            if (reader := self.data.reader) is not None:
                of_reader = self.data._replace(engine=EngineInfo(reader.name, reader.endpoint))
                batches += await self._send_all(submission.readings, reader.model, of_reader)
        return submission._replace(found=found, batches=batches)

    def _refuse_beyond_budget(self, submission: BatchSubmission) -> None:
        """Other runs, and batches on their way, may have taken a part of it since this run began."""
        data = self.data
        if data.budget is not None:
            expected = cost_of(submission.expected, submission.reading, data)
            assert expected is not None, "a budget without a price is refused when the settings are read"
            shared = data.shared_budget
            taken = shared.taken() if shared else Decimal()
            is_rest = shared is not None and (shared.is_rest or taken > 0)
            refuse_beyond(expected, data.budget - taken, is_rest=is_rest)

    async def _send_all(self, parts: Sequence[BatchPart], model: str, data: ProjectData) -> int:
        """Send these in as many batches as it takes, which are of one model each; gives how many."""
        batches = sent = 0
        for batches, lines in enumerate(files_of(lines_of(parts, model, data)), 1):  # noqa: B007
            await self._send(parts[sent : sent + len(lines)], model, b"".join(lines))
            sent += len(lines)
        return batches

    def submission(self, plans: Mapping[Path, Plan]) -> BatchSubmission:
        """What would be sent."""
        pending = self.batches.pending()
        parts = parts_of(plans, self.data, pending)
        readings = readings_of(plans, self.data.reader, pending) if self.data.reader else ()
        expected, reading = self._expected(parts), self._expected(readings)
        return BatchSubmission(parts, expected, len(pending), readings, reading)

    def _expected(self, parts: Sequence[BatchPart]) -> Usage:
        """What the answers are expected to use, of the translator or of the second reader."""
        requests = [part.request for part in parts]
        if (reader := self._reader_of(parts)) is not None:
            return reader.experience.scaled(expected_usage(requests, reader.count_tokens))
        return experience_of(self.data).scaled(forecast(requests, count_tokens=self.data.count_tokens))

    def _reader_of(self, parts: Sequence[BatchPart]) -> SecondReader | None:
        return self.data.reader if parts and parts[0].pairs else None

    async def states(self) -> list[tuple[Batch, RemoteBatch]]:
        """How far each open batch is."""
        with self._alone():
            await self._settle_intents()
        return [(batch, await self.api.state(batch.job)) for batch in self.open]

    async def fetch(self, plan_at: PlanAt, sources: Sequence[Path] = ()) -> Fetched:
        """Take in what has come back; an issue that is no longer there may be one of the `sources` by now."""

        def intake_for(batch: Batch) -> AnswerIntake:
            answered_by = EngineInfo(f"openai {batch.model}", self.endpoint.url)
            return AnswerIntake(plan_at, self.data, answered_by, sources)

        fetched = Fetched()
        with self._alone():
            await self._settle_intents()
            for batch in self.open:
                intake = intake_for(batch)
                try:
                    state = await self._taken(batch, intake)
                except EngineError as error:
                    return fetched.with_intake(intake)._replace(failure=error)
                if state.is_over:
                    fetched = fetched.with_intake(intake)._replace(ended=fetched.ended + 1)
                else:
                    fetched = fetched._replace(waiting=(*fetched.waiting, state))
            return fetched._replace(placed=await self._placed_by_now(intake_for))

    async def _taken(self, batch: Batch, intake: AnswerIntake) -> RemoteBatch:
        state = await self.api.state(batch.job)
        if state.is_over:
            gone = await self._read(state, intake)
            why = f"the batch ended as {state.status}: {state.reason}" if state.reason else gone
            intake.missing(self.batches.requests_of(batch.nonce), why)
            self._end(batch.nonce, state, intake)
        return state

    def _end(self, nonce: str, state: RemoteBatch, intake: AnswerIntake) -> None:
        """All is in the memory; only now it counts as spent, as what a kill interrupts is read once more."""
        spent = (self.data.shared_budget and cost_of(intake.usage, intake.reading, self.data)) or Decimal()
        if answers := (intake.usage + intake.reading).requests:  # what a provider has left out was paid, too
            spent *= Decimal(max(answers, state.done)) / answers

        def change() -> None:
            self.batches.end(nonce, homeless=_has_more(state, intake))
            if answers or not state.done:  # else nobody knows: it stays what it was expected to cost
                self.data.memory.spending.settle(nonce, spent, is_spent=True)

        self.data.memory.database.transaction(change)

    async def _placed_by_now(self, intake_for: Callable[[Batch], AnswerIntake]) -> int:
        """Answers that found no place when they came: the glossary or the edition may be right by now."""
        placed = 0
        for batch in self.batches.open_at(self.endpoint.url, homeless=True):
            intake = intake_for(batch)
            with suppress(EngineError):  # they are extra; nobody waits for them
                state = await self.api.state(batch.job)
                gone = await self._read(state, intake)
                if gone or not _has_more(state, intake):
                    self.batches.end(batch.nonce)
            placed += intake.tally.answered
        return placed

    async def _read(self, state: RemoteBatch, intake: AnswerIntake) -> str:
        """Take in the files of a batch; gives why there is nothing more to come, if there is a reason."""
        for file in state.files:
            try:
                data = await self.api.content(file)
            except NotThereError:
                return f"{self.endpoint.host} keeps the answers of {state.job} no longer"
            intake.take_all(answers_in(data, self.endpoint), self.batches.asked)
        return "" if state.files else f"the batch ended as {state.status} without a file of answers"

    async def forget(self) -> list[tuple[Batch, RemoteBatch]]:
        """Give up the batches that the provider does not know; gives every batch with what it says."""
        found = []
        with self._alone():
            for batch in self.open:
                job = batch.job
                if not job:  # its creation was not confirmed
                    with suppress(NotThereError):  # no batches are listed here
                        job = await self.api.find(batch.nonce)
                nowhere = RemoteBatch("", batch.nonce, UNKNOWN, 0, 0, 0)
                state = await self.api.state(job) if job else nowhere
                if state.status == UNKNOWN:
                    self._forget(batch.nonce)
                found.append((batch, state))
        return found

    def elsewhere(self) -> list[str]:
        """Other endpoints that batches of this memory are on their way at."""
        return self.batches.elsewhere(self.endpoint.url)

    async def _send(self, parts: Sequence[BatchPart], model: str, lines: bytes) -> None:
        nonce = secrets.token_hex(8)
        self.batches.intend(nonce, self.endpoint.url, model, [part.asked for part in parts])
        if self.data.shared_budget:
            reader = self._reader_of(parts)
            expected = cost(self._expected(parts), reader.price if reader else self.data.price)
            self.data.memory.spending.settle(nonce, expected or Decimal(), is_spent=False)
        try:
            job = await self.api.submit(nonce, lines)
        except NotSentError:
            self._forget(nonce)
            raise
        self.batches.sent(nonce, job)

    def _forget(self, nonce: str) -> None:
        self.data.memory.spending.settle(nonce, Decimal(), is_spent=True)
        self.batches.forget(nonce)

    async def _settle_intents(self) -> int:
        """What a killed run was about to send has arrived, or it is asked for anew."""
        found = 0
        for batch in [batch for batch in self.open if not batch.job]:
            try:
                job = await self.api.find(batch.nonce)
            except NotThereError as error:
                raise EngineError(
                    f"A run of {batch.created} was interrupted while it sent a batch; nobody can tell "
                    f"whether it arrived: {self.endpoint.host} lists no batches. --batch forget gives it up."
                ) from error
            if job:
                self.batches.sent(batch.nonce, job)
                found += 1
            else:
                self._forget(batch.nonce)
        return found

    @property
    def open(self) -> list[Batch]:
        """Those that are on their way here."""
        return self.batches.open_at(self.endpoint.url)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Another run may be about to send the very same; it is known by its lock, and not by a clock."""
        claims, key = self.data.memory.claims, {"batches"}
        if not claims.claim(key):
            raise UsageError(
                "Another run on this memory is busy with its batches: run this when it has ended."
            )
        try:
            yield
        finally:
            claims.release(key)


class Fetched(NamedTuple):
    """What came back."""

    tally: Tally = Tally()
    usage: Usage = Usage()
    reading: Usage = Usage()
    """What the second reader has used."""
    reasons: Counter[str] = Counter()  # noqa: RUF012  a NamedTuple's default, never changed
    ended: int = 0
    placed: int = 0
    """Segments whose answers came with an earlier batch, and have found their place only now."""
    waiting: tuple[RemoteBatch, ...] = ()
    """Batches that are not over."""
    failure: EngineError | None = None
    """What kept the rest from being fetched."""

    def with_intake(self, intake: AnswerIntake) -> Fetched:
        """And what an intake has taken."""
        return self._replace(
            tally=self.tally + intake.tally,
            usage=self.usage + intake.usage,
            reading=self.reading + intake.reading,
            reasons=self.reasons + intake.reasons,
        )


def _has_more(state: RemoteBatch, intake: AnswerIntake) -> bool:
    """Whether another fetch may find a place for more: not all that was answered is in the issues."""
    return intake.tally.outdated > 0 or (intake.usage + intake.reading).requests < state.done
