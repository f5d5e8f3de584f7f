"""Batches on their way: submitted, looked after, fetched, forgotten."""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import EngineError, UsageError
from weekly_translate.files import read_text
from weekly_translate.llm.batch import UNKNOWN, NotSentError, NotThereError, RemoteBatch
from weekly_translate.llm.batch_files import answers_in, files_of, line_of
from weekly_translate.llm.cost import forecast
from weekly_translate.memory.batches import Batches
from weekly_translate.model import Usage
from weekly_translate.run.batch_answers import Intake, Tally
from weekly_translate.run.batch_requests import parts_of, takes_temperature
from weekly_translate.run.plan import assignment_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.llm.batch import OpenAIBatch
    from weekly_translate.llm.endpoint import Endpoint
    from weekly_translate.memory.batches import Asked, Batch
    from weekly_translate.run.batch_requests import Part
    from weekly_translate.run.issue import Order
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Assignment

if TYPE_CHECKING:
    IssueAt = Callable[[Path], Assignment | None]


class Fetched(NamedTuple):
    """What came back."""

    tally: Tally = Tally()
    usage: Usage = Usage()
    reasons: Counter[str] = Counter()  # noqa: RUF012  a NamedTuple's default, never changed
    ended: int = 0
    placed: int = 0
    """Segments whose answers came with an earlier batch, and have found their place only now."""
    waiting: tuple[RemoteBatch, ...] = ()
    """Batches that are not over."""
    failure: EngineError | None = None
    """What kept the rest from being fetched."""

    def with_intake(self, intake: Intake) -> Fetched:
        """And what an intake has taken."""
        return self._replace(
            tally=self.tally + intake.tally,
            usage=self.usage + intake.usage,
            reasons=self.reasons + intake.reasons,
        )


class Places:
    """Where segments stand today: an issue may have got another name, or the memory another folder."""

    def __init__(self, issue_at: IssueAt, sources: Sequence[Path]) -> None:
        """`sources` are the issues that a person has named."""
        self.issue_at = cache(issue_at)
        self._sources = sources
        self._keys_at = cache(self._read_keys)

    def placed(self, asked: Asked) -> Asked:
        """The request with the file that has its segments, or most of them; its own first."""
        keys = {member.key for member in asked.members}
        if keys <= self._keys_at(asked.source):
            return asked
        best = max([asked.source, *self._sources], key=lambda source: len(keys & self._keys_at(source)))
        return asked._replace(source=best)

    def _read_keys(self, source: Path) -> set[str]:
        assignment = self.issue_at(source)
        return keys_of(assignment.plan.document, assignment.job) if assignment else set()


class Delivery:
    """The batches of one memory at one endpoint, taken in."""

    def __init__(  # noqa: PLR0913  what comes from outside is handed in, each by its name
        self,
        job: Job,
        endpoint: Endpoint,
        *,
        api: OpenAIBatch,
        batches: Batches,
        issue_at: IssueAt,
        sources: Sequence[Path],
    ) -> None:
        self._job = job
        self._endpoint = endpoint
        self._api = api
        self._batches = batches
        self._issue_at = issue_at
        self._sources = sources

    async def fetched(self) -> Fetched:
        """Take in all that has come back; what cannot be fetched now leaves the rest as it is."""
        fetched = Fetched()
        for batch in self._batches.open_at(self._endpoint.url):
            intake, places = self._begun(batch)
            try:
                state = await self._taken(batch, intake, places)
            except EngineError as error:
                return fetched.with_intake(intake)._replace(failure=error)
            if state.is_over:
                fetched = fetched.with_intake(intake)._replace(ended=fetched.ended + 1)
            else:
                fetched = fetched._replace(waiting=(*fetched.waiting, state))
        return fetched._replace(placed=await self._placed_by_now())

    async def _taken(self, batch: Batch, intake: Intake, places: Places) -> RemoteBatch:
        state = await self._api.state(batch.job)
        if state.is_over:
            gone = await self._read(state, intake, places)
            why = f"the batch ended as {state.status}: {state.reason}" if state.reason else gone
            intake.missing(self._batches.requests_of(batch.nonce), why)
            self._batches.end(batch.nonce, homeless=_has_more(state, intake))
        return state

    async def _placed_by_now(self) -> int:
        """Answers that found no place when they came: the glossary or the edition may be right by now."""
        placed = 0
        for batch in self._batches.homeless_at(self._endpoint.url):
            intake, places = self._begun(batch)
            with suppress(EngineError):  # they are extra; nobody waits for them
                state = await self._api.state(batch.job)
                gone = await self._read(state, intake, places)
                if gone or not _has_more(state, intake):
                    self._batches.end(batch.nonce)
            placed += intake.tally.answered
        return placed

    def _begun(self, batch: Batch) -> tuple[Intake, Places]:
        places = Places(self._issue_at, self._sources)
        return Intake(places.issue_at, self._job, f"openai {batch.model}"), places

    async def _read(self, state: RemoteBatch, intake: Intake, places: Places) -> str:
        """Take in the files of a batch; gives why there is nothing more to come, if there is a reason."""
        for file in state.files:
            try:
                data = await self._api.content(file)
            except NotThereError:
                return f"{self._endpoint.host} keeps the answers of {state.job} no longer"
            take_all(intake, data, self._batches, self._endpoint, places)
        return "" if state.files else f"the batch ended as {state.status} without a file of answers"


def _has_more(state: RemoteBatch, intake: Intake) -> bool:
    """Whether another fetch may find a place for more: not all that was answered is in the issues."""
    return intake.tally.outdated > 0 or intake.usage.requests < state.done


def take_all(
    intake: Intake, data: bytes, batches: Batches, endpoint: Endpoint, places: Places | None = None
) -> None:
    """Take in the answers of a file."""
    for id_, outcome in answers_in(data, endpoint):
        asked = batches.asked(id_) if id_ else None
        intake.take(places.placed(asked) if asked and places else asked, outcome)
        if not id_:
            intake.broken.append(str(outcome))


# ---------------------------------------------------------------------------
# A season whose first answers come tomorrow: batches are sent, looked after, and given up or taken in.


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
