"""A season whose first answers come tomorrow: batches are sent, looked after, and given up or taken in."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.batch_lines import files_of, line_of
from weekly_translate.engines.openai_batch import NotSentError, NotThereError
from weekly_translate.engines.remote_batch import UNKNOWN, RemoteBatch
from weekly_translate.errors import EngineError, UsageError
from weekly_translate.pipeline.assignments import assignment_of
from weekly_translate.pipeline.batching import parts_of, takes_temperature
from weekly_translate.season.delivery import Delivery
from weekly_translate.store.batches import Batches
from weekly_translate.store.files import read_text
from weekly_translate.translation.cost import forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.engines.endpoint import Endpoint
    from weekly_translate.engines.openai_batch import OpenAIBatch
    from weekly_translate.exchange import Usage
    from weekly_translate.issue import Order
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.pipeline.batching import Part
    from weekly_translate.season.delivery import Fetched, IssueAt
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
            for count, lines in enumerate(files_of(lines_of(mail.parts, self._endpoint.model, self.job)), 1):
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

    async def fetch(self, issue_at: IssueAt, sources: Sequence[Path] = ()) -> Fetched:
        """Take in what has come back; an issue that is no longer there may be one of the `sources` by now."""
        with self._alone():
            await self._settle_intents()
            shelf, api = self.batches, self._api
            delivery = Delivery(
                self.job, self._endpoint, api=api, batches=shelf, issue_at=issue_at, sources=sources
            )
            return await delivery.fetched()

    async def forget(self) -> list[tuple[Batch, RemoteBatch]]:
        """Give up the batches that the provider does not know, so that they can be asked for anew.

        Gives every batch with what the provider says: those that it knows are kept.
        """
        found = []
        with self._alone():
            for batch in self._open():
                state = await self._looked_up(batch)
                if state.status == UNKNOWN:
                    self.batches.forget(batch.nonce)
                found.append((batch, state))
        return found

    async def _looked_up(self, batch: Batch) -> RemoteBatch:
        """A batch by its name, or by its nonce where its creation was not confirmed."""
        job = batch.job
        if not job:
            with suppress(NotThereError):  # no batches are listed here
                job = await self._api.find(batch.nonce)
        return await self._api.state(job) if job else RemoteBatch("", batch.nonce, UNKNOWN, 0, 0, 0)

    def elsewhere(self) -> list[str]:
        """Other endpoints that batches of this memory are on their way at."""
        return self.batches.elsewhere(self._endpoint.url)

    async def _send(self, parts: Sequence[Part], lines: bytes) -> None:
        nonce = secrets.token_hex(8)
        asked = [part.asked for part in parts]
        self.batches.intend(nonce, self._endpoint.url, self._endpoint.model, asked, now=self._now())
        try:
            job = await self._api.submit(nonce, lines)
        except NotSentError:
            self.batches.forget(nonce)
            raise
        self.batches.sent(nonce, job)

    async def _settle_intents(self) -> int:
        """What a killed run was about to send has arrived, or it is asked for anew."""
        found = 0
        for batch in self.batches.open_at(self._endpoint.url):
            if batch.job:
                continue
            if job := await self._found(batch):
                self.batches.sent(batch.nonce, job)
                found += 1
            else:
                self.batches.forget(batch.nonce)
        return found

    async def _found(self, batch: Batch) -> str:
        try:
            return await self._api.find(batch.nonce)
        except NotThereError as error:
            raise EngineError(
                f"A run of {batch.created} was interrupted while it sent a batch; nobody can tell whether "
                f"it arrived: {self._endpoint.host} lists no batches. --batch forget gives it up."
            ) from error

    def _open(self) -> list[Batch]:
        return self.batches.open_at(self._endpoint.url)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Another run may be about to send the very same; it is known by its lock, and not by a clock."""
        claims, key = self.job.memory.claims, {"batches"}
        if not claims.claim(key):
            raise UsageError(
                "Another run on this memory is busy with its batches: run this when it has ended."
            )
        try:
            yield
        finally:
            claims.release(key)


def lines_of(parts: Iterable[Part], model: str, job: Job) -> Iterator[bytes]:
    """The requests as the lines of a file."""
    takes = takes_temperature(job)
    return (line_of(part.asked.id, part.request, model, takes_temperature=takes) for part in parts)


def assigned(order: Order, job: Job) -> Assignment:
    """An issue read and planned. Raises `UsageError`."""
    source = read_text(order.source, encoding_hint=order.encoding, fix_mojibake=order.fix_mojibake)
    return assignment_of(source.text, job, order.source.name)
