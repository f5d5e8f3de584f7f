"""Batches that have come back, taken in: every answer goes to the issue that has its segments today."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.batch_lines import answers_in
from weekly_translate.engines.openai_batch import NotThereError
from weekly_translate.errors import EngineError
from weekly_translate.exchange import Usage
from weekly_translate.pipeline.late_answers import Intake
from weekly_translate.pipeline.plan import keys_of
from weekly_translate.pipeline.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from weekly_translate.engines.endpoint import Endpoint
    from weekly_translate.engines.openai_batch import OpenAIBatch
    from weekly_translate.engines.remote_batch import RemoteBatch
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.assignments import Assignment
    from weekly_translate.store.batches import Asked, Batch, Batches

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
