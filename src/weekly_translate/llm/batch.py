"""OpenAI's Batch API: requests go out as a file, and their answers come back as files within a day.

Reading and uploading is tried again. A batch is created once: where the answer is lost nobody knows whether
it was, and the next run asks for it by the nonce that it carries.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from weekly_translate.errors import EngineError
from weekly_translate.llm.batch_files import MOST_BYTES
from weekly_translate.llm.connection import Connection
from weekly_translate.llm.endpoint import Endpoint, Timeouts
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.llm.responses import TransientFailure, meaning_of, object_in
from weekly_translate.llm.retrying import retried

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from openai import AsyncOpenAI

    ApiCall = Callable[[AsyncOpenAI], Awaitable[Any]]

NONCE = "weekly_translate"
"""The name under which our nonce travels with a batch."""
UNKNOWN = "unknown"
"""The status of a batch that the provider does not know, or not with this key."""
_OVER = frozenset({"completed", "expired", "failed", "cancelled"})
_ATTEMPTS = 5
_PAGES = 20
"""So many pages of 100 batches, or files, are looked through for a nonce."""


class BatchRefusedError(EngineError):
    """The provider has understood, and does not do it."""


class NotThereError(BatchRefusedError):
    """No batches at this address, or not this one."""


class NotSentError(EngineError):
    """No batch was created, for certain."""


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """What the provider says about a batch. Compatible servers leave out what they like, but for its id."""

    job: str
    nonce: str
    status: str
    done: int
    failed: int
    all: int
    files: tuple[str, ...] = ()
    """Of the answers and of the errors, as far as they are there."""
    reason: str = ""
    """Why it failed as a whole."""
    input_file: str = ""
    """Of the requests."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.status in _OVER


class OpenAIBatch:
    """The batches of one endpoint."""

    def __init__(
        self, endpoint: Endpoint, *, timeouts: Timeouts | None = None, pace: Pace | None = None
    ) -> None:
        self._endpoint = endpoint
        self._pace = pace or Pace()
        self._connection = Connection(
            endpoint, timeouts=timeouts or Timeouts(), largest=2 * MOST_BYTES, now=self._pace.now
        )

    async def submit(self, nonce: str, lines: bytes) -> str:
        """Upload the requests and create a batch of them: the provider's name for it.

        Raises `NotSentError` where there is no batch, and another `EngineError` where there may be one.
        """
        name = _file_name(nonce)
        try:
            uploaded = await self._read(
                lambda client: client.files.with_raw_response.create(file=(name, lines), purpose="batch")
            )
            file = _text_in(_json_object(uploaded), "id")
        except EngineError as error:
            raise NotSentError(str(error)) from error
        return await self._created(file, nonce)

    async def _created(self, file: str, nonce: str) -> str:
        try:
            found = await self._once(
                lambda client: client.batches.with_raw_response.create(
                    input_file_id=file,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={NONCE: nonce},
                )
            )
        except BatchRefusedError as error:
            raise NotSentError(str(error)) from error
        if isinstance(found, TransientFailure):
            failed = self._failed(found)
            raise NotSentError(str(failed)) if found.too_many else failed
        return _text_in(_json_object(found), "id")

    async def find(self, nonce: str) -> str:
        """The provider's name for the batch with this nonce; nothing where it has none.

        Compatible servers may not keep the nonce, but they know of which file they have made a batch.
        """
        batches = [_batch_in(one) async for one in self._listed("batches")]
        for batch in batches:
            if batch.nonce == nonce:
                return batch.job
        if not batches or all(batch.nonce for batch in batches):
            return ""
        with suppress(NotThereError):  # no files are listed here
            files = {
                _text_in(one, "id")
                async for one in self._listed("files")
                if one.get("filename") == _file_name(nonce)
            }
            return next((batch.job for batch in batches if batch.input_file in files), "")
        return ""

    async def _listed(self, what: str) -> AsyncIterator[dict[str, object]]:
        """All batches or files, the newest first."""
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = _json_object(await self._read(partial(_page, what=what, after=after)))
            data = page.get("data")
            listed = [one for one in data if object_in(one)] if isinstance(data, list) else []
            for one in listed:
                yield one
            if not listed or not page.get("has_more"):
                return
            after = {"after": _text_in(listed[-1], "id")}

    async def state(self, job: str) -> RemoteBatch:
        """How far a batch is."""
        try:
            body = await self._read(lambda client: client.batches.with_raw_response.retrieve(job))
        except NotThereError:
            host = self._endpoint.host
            why = f"{host} does not know it: check the key and --base-url, or give it up with --batch forget"
            return RemoteBatch(job, "", UNKNOWN, 0, 0, 0, reason=why)
        batch = _batch_in(_json_object(body))
        masked = self._endpoint.masked
        return replace(batch, status=masked(batch.status), reason=masked(batch.reason))

    async def content(self, file: str) -> bytes:
        """The lines of a file. Raises `NotThereError` where the provider keeps it no longer."""
        return await self._read(lambda client: client.files.with_raw_response.content(file))

    async def close(self) -> None:
        """Give back connections."""
        await self._connection.close()

    async def _read(self, call: ApiCall) -> bytes:
        """The body of an answer; what may pass is tried again."""
        found = await retried(lambda _: self._once(call), self._wait, _ATTEMPTS)
        if isinstance(found, TransientFailure):
            raise self._failed(found)
        return found

    async def _wait(self, failure: TransientFailure, attempt: int) -> None:
        seconds = self._pace.delay(attempt, failure.after, too_many=failure.too_many)
        await self._pace.rest(min(seconds, self._pace.longest))

    async def _once(self, call: ApiCall) -> bytes | TransientFailure:
        found, _ = await self._connection.send(call)
        if isinstance(found, bytes | TransientFailure):
            return found
        if found.status in {404, 405}:
            raise NotThereError(
                f"{self._endpoint.host} offers no batches at {self._endpoint.url}: check --base-url, use "
                "`batch export` for a file that another service answers, or translate without --batch."
            )
        meaning = meaning_of(found, self._endpoint, ())
        if isinstance(meaning, EngineError):
            raise BatchRefusedError(str(meaning)) if found.status < 500 else meaning
        if isinstance(meaning, TransientFailure):
            return meaning
        return TransientFailure(self._endpoint.masked(found.message))

    def _failed(self, last: TransientFailure) -> EngineError:
        return EngineError(
            f"{self._endpoint.host} did not do it: {last.reason}. "
            "Run the same command again: what has arrived is found again and not sent twice."
        )


def _file_name(nonce: str) -> str:
    return f"weekly-translate-{nonce}.jsonl"


def _page(client: AsyncOpenAI, *, what: str, after: dict[str, str]) -> Awaitable[Any]:
    listing: Any = getattr(client, what).with_raw_response
    page: Awaitable[Any] = listing.list(limit=100, **after)
    return page


def _json_object(body: bytes) -> dict[str, object]:
    """Raises `EngineError` for everything else."""
    with suppress(ValueError, RecursionError):
        value = json.loads(body)
        if isinstance(value, dict):
            return value
    raise EngineError("The Batch API answered with something else than JSON: check --base-url.")


def _text_in(value: dict[str, object], key: str) -> str:
    """A text that must be there. Raises `EngineError`."""
    if isinstance(text := value.get(key), str) and text:
        return text
    raise EngineError(f"The Batch API answered without {key}: check --base-url.")


def _batch_in(value: dict[str, object]) -> RemoteBatch:
    """A batch as it is listed or retrieved. Raises `EngineError` where it has no id."""
    counts = object_in(value.get("request_counts"))
    done, failed, total = (
        count if isinstance(count := counts.get(name), int) else 0
        for name in ("completed", "failed", "total")
    )
    files = (value.get(name) for name in ("output_file_id", "error_file_id"))
    return RemoteBatch(
        job=_text_in(value, "id"),
        nonce=str(object_in(value.get("metadata")).get(NONCE, "")),
        status=str(value.get("status") or "of no status").lower(),
        done=done,
        failed=failed,
        all=total,
        files=tuple(file for file in files if isinstance(file, str) and file),
        reason="; ".join(dict.fromkeys(_problems_in(value.get("errors")))),
        input_file=str(value.get("input_file_id", "")),
    )


def _problems_in(errors: object) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    listed = object_in(errors).get("data")
    for error in map(object_in, listed if isinstance(listed, list) else ()):
        where = f"line {error['line']}: " if isinstance(error.get("line"), int) else ""
        yield f"{where}{error.get('message') or error.get('code') or 'no reason given'}"
