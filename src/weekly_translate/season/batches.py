"""A season whose first answers come tomorrow: batches are sent, looked after, and taken in."""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.batch_lines import answers_in, files_of, line_of
from weekly_translate.errors import UsageError
from weekly_translate.exchange import Usage
from weekly_translate.pipeline.assignments import assignment_of
from weekly_translate.pipeline.batching import parts_of
from weekly_translate.pipeline.late_answers import Intake, Tally
from weekly_translate.store.batches import Batches
from weekly_translate.store.files import read_text
from weekly_translate.translation.cost import forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.engines.endpoint import Endpoint
    from weekly_translate.engines.openai_batch import OpenAIBatch, RemoteBatch
    from weekly_translate.issue import Order
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.pipeline.batching import Part
    from weekly_translate.store.batches import Batch


class Mail(NamedTuple):
    """What goes out."""

    parts: Sequence[Part]
    expected: Usage
    waiting: int
    """Segments that earlier batches ask for."""
    batches: int = 0
    """How many were created."""
    found: int = 0
    """Batches of a run that was killed, which had arrived."""

    @property
    def segments(self) -> int:
        """How many are asked for."""
        return sum(len(part.asked.members) for part in self.parts)


class Fetched(NamedTuple):
    """What came back."""

    tally: Tally
    usage: Usage
    reasons: Counter[str]
    ended: int
    waiting: Sequence[RemoteBatch]
    """Batches that are not over."""


class PostOffice:
    """The batches of one memory at one endpoint."""

    def __init__(self, job: Job, endpoint: Endpoint, api: OpenAIBatch, now: Callable[[], str]) -> None:
        """`job` has the price of answers at once: batches take half."""
        price = job.price and job.price.in_batches
        self.job = replace(job, price=price)
        self.batches = Batches(job.memory.transactions)
        self._endpoint = endpoint
        self._api = api
        self._now = now

    async def submit(self, plan: Callable[[], Mapping[Path, Assignment]]) -> Mail:
        """Send what is open and not on its way. Raises `BudgetSpentError` before anything is sent.

        The issues are planned when nobody else can send or take in: else their answers might be there by now.
        """
        with self._alone():
            found = await self._settle_intents()
            mail = self.mail(plan())
            self.job.refuse_beyond_budget(mail.expected)
            rest = iter(mail.parts)
            for count, lines in enumerate(files_of(lines_of(mail.parts, self._endpoint.model)), 1):
                await self._send([next(rest) for _ in lines], b"".join(lines))
                mail = mail._replace(batches=count)
        return mail._replace(found=found)

    def mail(self, assignments: Mapping[Path, Assignment]) -> Mail:
        """What would be sent."""
        pending = self.batches.pending()
        parts = parts_of(assignments, self.job, pending)
        expected = forecast((part.request for part in parts), count_tokens=self.job.count_tokens)
        return Mail(parts, expected, len(pending))

    async def states(self) -> list[tuple[Batch, RemoteBatch]]:
        """How far each open batch is."""
        with self._alone():
            await self._settle_intents()
        return [(batch, await self._api.state(batch.job)) for batch in self._open()]

    async def fetch(self, issue_at: Callable[[Path], Assignment | None]) -> Fetched:
        """Take in what has come back; a batch that is not over is left as it is."""
        tally, usage, reasons, waiting, ended = Tally(), Usage(), Counter[str](), [], 0
        with self._alone():
            await self._settle_intents()
            for batch in self._open():
                state = await self._api.state(batch.job)
                if not state.is_over:
                    waiting.append(state)
                    continue
                intake = await self._taken_in(batch, state, issue_at)
                tally, usage, ended = tally + intake.tally, usage + intake.usage, ended + 1
                reasons += intake.reasons
        return Fetched(tally, usage, reasons, ended, waiting)

    async def _send(self, parts: Sequence[Part], lines: bytes) -> None:
        nonce = secrets.token_hex(8)
        asked = [part.asked for part in parts]
        self.batches.intend(nonce, self._endpoint.url, self._endpoint.model, asked, now=self._now())
        self.batches.sent(nonce, await self._api.submit(nonce, lines))

    async def _settle_intents(self) -> int:
        """What a killed run was about to send has arrived, or it is asked for anew."""
        found = 0
        for batch in self.batches.open_at(self._endpoint.url):
            if batch.job:
                continue
            if job := await self._api.find(batch.nonce):
                self.batches.sent(batch.nonce, job)
                found += 1
            else:
                self.batches.forget(batch.nonce)
        return found

    async def _taken_in(
        self, batch: Batch, state: RemoteBatch, issue_at: Callable[[Path], Assignment | None]
    ) -> Intake:
        intake = Intake(issue_at, self.job, f"openai {batch.model}")
        for file in state.files:
            take_all(intake, await self._api.content(file), self.batches, self._endpoint)
        intake.missing(self.batches.requests_of(batch.nonce))
        self.batches.end(batch.nonce)
        return intake

    def _open(self) -> list[Batch]:
        return self.batches.open_at(self._endpoint.url)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Another run may be about to send the very same; it is known by its lock, and not by a clock."""
        claims, key = self.job.memory.claims, {f"batches at {self._endpoint.url}"}
        if not claims.claim(key):
            raise UsageError(
                "Another run on this memory is busy with its batches: run this when it has ended."
            )
        try:
            yield
        finally:
            claims.release(key)


def lines_of(parts: Iterable[Part], model: str) -> Iterator[bytes]:
    """The requests as the lines of a file."""
    return (line_of(part.asked.id, part.request, model) for part in parts)


def take_all(intake: Intake, data: bytes, batches: Batches, endpoint: Endpoint) -> None:
    """Take in the answers of a file."""
    for id_, outcome in answers_in(data, endpoint):
        intake.take(batches.asked(id_), outcome)


def assigned(order: Order, job: Job) -> Assignment:
    """An issue read and planned. Raises `UsageError`."""
    source = read_text(order.source, encoding_hint=order.encoding, fix_mojibake=order.fix_mojibake)
    return assignment_of(source.text, job, order.source.name)
