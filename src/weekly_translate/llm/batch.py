"""OpenAI's Batch API: requests go out as a file, and their answers come back as files within a day."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from weekly_translate.errors import EngineError
from weekly_translate.llm.batch_files import MOST_BYTES
from weekly_translate.llm.endpoint import Endpoint, Timeouts
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.llm.responses import Setback, verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from openai import AsyncOpenAI

# Compatible servers leave out or shape anew what they like, but for its id.


NONCE = "weekly_translate"
"""The name under which our nonce travels with a batch."""
_OVER = frozenset({"completed", "expired", "failed", "cancelled"})
UNKNOWN = "unknown"
"""The status of a batch that the provider does not know, or not with this key."""


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """What the provider says about a batch."""

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


def batch_in(value: dict[str, Any]) -> RemoteBatch:
    """A batch as it is listed or retrieved. Raises `EngineError` where it has no id."""
    counts, metadata = fields_in(value.get("request_counts")), fields_in(value.get("metadata"))
    files = (value.get(name) for name in ("output_file_id", "error_file_id"))
    completed, failed, total = (counts.get(name) for name in ("completed", "failed", "total"))
    return RemoteBatch(
        text_in(value, "id"),
        str(metadata.get(NONCE, "")),
        str(value.get("status") or "of no status").lower(),
        _number(completed),
        _number(failed),
        _number(total),
        tuple(file for file in files if isinstance(file, str) and file),
        "; ".join(dict.fromkeys(_problems_in(value.get("errors")))),
        str(value.get("input_file_id", "")),
    )


def _problems_in(errors: object) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    listed = fields_in(errors).get("data")
    for one in listed if isinstance(listed, list) else ():
        line = fields_in(one).get("line")
        where = f"line {line}: " if isinstance(line, int) else ""
        yield f"{where}{fields_in(one).get('message') or fields_in(one).get('code') or 'no reason given'}"


def fields_in(value: object) -> dict[str, Any]:
    """The object that a value should be; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def text_in(value: dict[str, Any], key: str) -> str:
    """A text that must be there. Raises `EngineError`."""
    if isinstance(text := value.get(key), str) and text:
        return text
    raise EngineError(f"The Batch API answered without {key}: check --base-url.")


# ---------------------------------------------------------------------------
# OpenAI's Batch API: requests go out as a file, and their answers come back as files within a day.

# Reading and uploading is tried again. A batch is created once: where the answer is lost nobody knows whether
# it was, and the next run asks for it by the nonce that it carries.


_ATTEMPTS = 5
_PAGES = 20
"""So many pages of 100 batches, or files, are looked through for a nonce."""


class RefusedError(EngineError):
    """The provider has understood, and does not do it."""


class NotThereError(RefusedError):
    """No batches at this address, or not this one."""


class NotSentError(EngineError):
    """No batch was created, for certain."""


class OpenAIBatch:
    """The batches of one endpoint."""

    def __init__(
        self, endpoint: Endpoint, *, timeouts: Timeouts | None = None, pace: Pace | None = None
    ) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts or Timeouts()
        self._pace = pace or Pace()
        self._client: AsyncOpenAI | None = None

    async def submit(self, nonce: str, lines: bytes) -> str:
        """Upload the requests and create a batch of them: the provider's name for it.

        Raises `NotSentError` where there is no batch, and another `EngineError` where there may be one.
        """
        name = _name_of(nonce)
        try:
            uploaded = await self._read(
                lambda client: client.files.with_raw_response.create(file=(name, lines), purpose="batch")
            )
            file = text_in(_object(uploaded), "id")
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
        except RefusedError as error:
            raise NotSentError(str(error)) from error
        if isinstance(found, Setback):
            failed = self._failed(found)
            raise NotSentError(str(failed)) if found.too_many else failed
        return text_in(_object(found), "id")

    async def find(self, nonce: str) -> str:
        """The provider's name for the batch with this nonce; nothing where it has none.

        Compatible servers may not keep the nonce, but they know of which file they have made a batch.
        """
        batches = [batch_in(one) async for one in self._listed("batches")]
        for batch in batches:
            if batch.nonce == nonce:
                return batch.job
        if not batches or all(batch.nonce for batch in batches):
            return ""
        with suppress(NotThereError):  # no files are listed here
            files = {
                text_in(one, "id")
                async for one in self._listed("files")
                if one.get("filename") == _name_of(nonce)
            }
            return next((batch.job for batch in batches if batch.input_file in files), "")
        return ""

    async def _listed(self, what: str) -> AsyncIterator[dict[str, Any]]:
        """All batches or files, the newest first."""
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = _object(await self._read(partial(_page, what=what, after=after)))
            data = page.get("data")
            listed = [one for one in data if fields_in(one)] if isinstance(data, list) else []
            for one in listed:
                yield one
            if not listed or not page.get("has_more"):
                return
            after = {"after": text_in(listed[-1], "id")}

    async def state(self, job: str) -> RemoteBatch:
        """How far a batch is."""
        try:
            body = await self._read(lambda client: client.batches.with_raw_response.retrieve(job))
        except NotThereError:
            host = self._endpoint.host
            why = f"{host} does not know it: check the key and --base-url, or give it up with --batch forget"
            return RemoteBatch(job, "", UNKNOWN, 0, 0, 0, reason=why)
        batch = batch_in(_object(body))
        masked = self._endpoint.masked
        return replace(batch, status=masked(batch.status), reason=masked(batch.reason))

    async def content(self, file: str) -> bytes:
        """The lines of a file. Raises `NotThereError` where the provider keeps it no longer."""
        return await self._read(lambda client: client.files.with_raw_response.content(file))

    async def close(self) -> None:
        """Give back connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _read(self, call: Callable[[AsyncOpenAI], Awaitable[Any]]) -> bytes:
        """The body of an answer; what may pass is tried again."""
        last = Setback("")
        for attempt in range(1, _ATTEMPTS + 1):
            found = await self._once(call)
            if isinstance(found, bytes):
                return found
            last = found
            if attempt < _ATTEMPTS:
                await self._pace.sleep(min(last.after or self._pace.backoff(attempt), self._pace.longest))
        raise self._failed(last)

    async def _once(self, call: Callable[[AsyncOpenAI], Awaitable[Any]]) -> bytes | Setback:
        from weekly_translate.llm.connection import (  # noqa: PLC0415  as in openai_chat
            connected,
            outcome_of,
        )

        if self._client is None:
            self._client = connected(self._endpoint, jobs=1, timeouts=self._timeouts, largest=2 * MOST_BYTES)
        found = await outcome_of(call(self._client), self._pace, total=self._timeouts.total)
        if isinstance(found, bytes | Setback):
            return found
        if found.status in {404, 405}:
            raise NotThereError(
                f"{self._endpoint.host} offers no batches at {self._endpoint.url}: check --base-url, use "
                "`batch export` for a file that another service answers, or translate without --batch."
            )
        meaning = verdict(found, self._endpoint, ())
        if isinstance(meaning, EngineError):
            raise RefusedError(str(meaning)) if found.status < 500 else meaning
        return meaning if isinstance(meaning, Setback) else Setback(self._endpoint.masked(found.message))

    def _failed(self, last: Setback) -> EngineError:
        return EngineError(
            f"{self._endpoint.host} did not do it: {self._endpoint.masked(last.reason)}. "
            "Run the same command again: what has arrived is found again and not sent twice."
        )


def _name_of(nonce: str) -> str:
    """Of the file of a batch."""
    return f"weekly-translate-{nonce}.jsonl"


def _page(client: AsyncOpenAI, *, what: str, after: dict[str, str]) -> Awaitable[Any]:
    listing: Any = getattr(client, what).with_raw_response
    return cast("Awaitable[Any]", listing.list(limit=100, **after))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise EngineError("The Batch API answered with something else than JSON: check --base-url.")
    return value
