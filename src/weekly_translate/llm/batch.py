"""OpenAI's Batch API: requests go out as a file, and their answers come back as files within a day.

Many services read and write the same lines. Anthropic's results are read as well, and so is what a person
or a script writes: `{"custom_id": …, "answer": …}`.
"""

from __future__ import annotations

import codecs
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.errors import EngineError, ParameterRefusedError
from weekly_translate.llm.engine import RefusedParameter, TransientFailure, retried
from weekly_translate.llm.openai import (
    ErrorResponse,
    error_of,
    meaning_of,
    object_in,
    parameters_of,
    reply_in,
)
from weekly_translate.llm.providers import Endpoint, Timeouts
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.llm.requests import encodable
from weekly_translate.model import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator

    from openai import AsyncOpenAI

    from weekly_translate.llm.engine import RequestOutcome
    from weekly_translate.llm.providers import Provider
    from weekly_translate.model import Request

    ApiCall = Callable[[AsyncOpenAI], Awaitable[Any]]

URL = "/v1/chat/completions"
MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""The limits of one file: https://platform.openai.com/docs/guides/batch."""
NONCE = "weekly_translate"
"""The name under which our nonce travels with a batch."""
UNKNOWN = "unknown"
"""The status of a batch that the provider does not know, or not with this key."""
_OVER = frozenset({"completed", "expired", "failed", "cancelled"})
_ATTEMPTS = 5
_PAGES = 20
"""So many pages of 100 batches, or files, are looked through for a nonce."""


class BatchLine(NamedTuple):
    """The id of a request, and the answer or the reason why there is none. A broken line has no id."""

    id: str
    outcome: Reply | EngineError | str


def line_of(id_: str, request: Request, model: str, provider: Provider, without: Collection[str]) -> bytes:
    """A request as a line, with the body that it has when it is asked at once, `without` some parameters."""
    body = parameters_of(request, model, provider, without)
    line = {"custom_id": id_, "method": "POST", "url": URL, "body": body}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def files_of(
    lines: Iterable[bytes], *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
) -> Iterator[list[bytes]]:
    """The lines in as many files as the limits ask for."""
    file: list[bytes] = []
    size = 0
    for line in lines:
        if file and (len(file) == most_lines or size + len(line) > most_bytes):
            yield file
            file, size = [], 0
        file.append(line)
        size += len(line)
    if file:
        yield file


def holds_requests_only(data: bytes) -> bool:
    """Whether a file is an export that nobody has answered in: it can be replaced without a loss."""
    try:
        lines = [json.loads(line) for line in data.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return False
    return all(
        isinstance(line, dict) and ("body" in line or "zh" in line) and not line.get("answer")
        for line in lines
    )


def answers_in(data: bytes, endpoint: Endpoint) -> Iterator[BatchLine]:
    """The answers in a file, in its order. No bytes make it raise: one that was cut ends in a broken line.

    Windows saves as UTF-16 what is redirected; all else is UTF-8.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    for number, text in enumerate(data.split(b"\n"), 1):
        if text.strip():
            yield _line_in(text, number, endpoint)


def _line_in(text: bytes, number: int, endpoint: Endpoint) -> BatchLine:
    try:
        line = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BatchLine("", f"line {number} is not in UTF-8")
    except (ValueError, RecursionError) as error:
        where = f" from character {error.pos + 1} on" if isinstance(error, json.JSONDecodeError) else ""
        return BatchLine(
            "", f"line {number} is no JSON{where}: is it cut, or a quotation mark without backslash?"
        )
    if not isinstance(line, dict) or not isinstance(line.get("custom_id"), str) or not line["custom_id"]:
        return BatchLine("", f"line {number} is no answer: it has no custom_id")
    try:
        outcome = _outcome_in(line, endpoint)
    except RecursionError:
        outcome = "the answer is nested too deeply"
    if isinstance(outcome, Reply):
        outcome = Reply(endpoint.without_key(outcome.text), outcome.finish, outcome.usage)
    return BatchLine(line["custom_id"], outcome)


def _outcome_in(line: dict[str, object], endpoint: Endpoint) -> Reply | EngineError | str:
    if "answer" in line:  # written by a person or a script; an empty place nobody has come to yet
        answer = line["answer"]
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        return Reply(encodable(text)) if answer or answer == [] else "the answer is empty"
    if isinstance(result := line.get("result"), dict):
        return _anthropic(result, endpoint)
    if not isinstance(response := line.get("response"), dict):
        error = line.get("error")
        words = error.get("message") or error.get("code") if isinstance(error, dict) else error
        return endpoint.masked(str(words or 'the line has neither "answer" nor "response"'))
    body, status = response.get("body"), response.get("status_code", 200)
    if status == 200:
        return _reply_in(body, endpoint)
    error = ErrorResponse.of(status if isinstance(status, int) else 0, body)
    return _reply_or_reason(meaning_of(error, endpoint, _sent(endpoint)), endpoint)


def _sent(endpoint: Endpoint) -> set[str]:
    """What may have been sent with a batch: nobody knows any more."""
    return {"response_format", "temperature", "max_tokens", *endpoint.provider.fields}


def _reply_or_reason(found: RequestOutcome, endpoint: Endpoint) -> Reply | EngineError | str:
    if isinstance(found, TransientFailure):
        return endpoint.masked(found.reason)
    return ParameterRefusedError(found.name) if isinstance(found, RefusedParameter) else found


def _reply_in(body: object, endpoint: Endpoint) -> Reply | EngineError | str:
    return _reply_or_reason(reply_in(json.dumps(body).encode(), endpoint, _sent(endpoint)), endpoint)


def _anthropic(result: dict[str, object], endpoint: Endpoint) -> Reply | EngineError | str:
    """A result of Anthropic's Message Batches: https://platform.claude.com/docs/en/api/messages/batches."""
    message = result.get("message")
    if not isinstance(message, dict):
        return endpoint.masked(f"{result.get('type')} {json.dumps(result.get('error', ''))}".rstrip(' "'))
    blocks = message["content"] if isinstance(message.get("content"), list) else []
    text = "".join(str(block["text"]) for block in map(object_in, blocks) if "text" in block)
    usage = object_in(message.get("usage"))
    tokens = {"prompt_tokens": usage.get("input_tokens"), "completion_tokens": usage.get("output_tokens")}
    choice = {"message": {"content": text}, "finish_reason": message.get("stop_reason")}
    return _reply_in({"choices": [choice], "usage": tokens}, endpoint)


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
    """The batches of one endpoint.

    Reading and uploading is tried again. A batch is created once: where the answer is lost nobody knows
    whether it was, and the next run asks for it by the nonce that it carries.
    """

    def __init__(
        self, endpoint: Endpoint, *, timeouts: Timeouts | None = None, pace: Pace | None = None
    ) -> None:
        from weekly_translate.llm.connection import Connection  # noqa: PLC0415 - half a second to load

        self._endpoint = endpoint
        self._pace = pace or Pace()
        self._connection = Connection(endpoint, timeouts=timeouts or Timeouts(), largest=2 * MOST_BYTES)

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
        """The provider's name for the batch with this nonce; nothing where it has none."""
        batches = [_batch_in(one) async for one in self._listed("batches")]
        found = next((batch.job for batch in batches if batch.nonce == nonce), "")
        if found or all(batch.nonce for batch in batches):
            return found
        # Compatible servers may not keep the nonce, but they know of which file they have made a batch.
        with suppress(NotThereError):  # no files are listed here
            files = {
                _text_in(one, "id")
                async for one in self._listed("files")
                if one.get("filename") == _file_name(nonce)
            }
            found = next((batch.job for batch in batches if batch.input_file in files), "")
        return found

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
        response = await self._connection.send(call)
        if response.status == HTTPStatus.OK:
            return response.content
        found = error_of(response, self._pace.now())
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
