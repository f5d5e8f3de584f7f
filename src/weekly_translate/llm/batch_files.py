"""The files of OpenAI's Batch API: a line of JSON for each request, and one for each answer.

Many services read and write the same lines. Anthropic's results are read as well, and so is what a person
or a script writes: `{"custom_id": …, "answer": …}`.
"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import EngineError, ParameterRefusedError
from weekly_translate.llm.engine import TEMPERATURE
from weekly_translate.llm.openai import parameters_of
from weekly_translate.llm.responses import (
    ErrorResponse,
    RefusedParameter,
    TransientFailure,
    encodable,
    meaning_of,
    object_in,
    reply_in,
)
from weekly_translate.model import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.llm.endpoint import Endpoint
    from weekly_translate.model import Request

URL = "/v1/chat/completions"
_SENT = ("response_format", "temperature", "max_tokens")
MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""The limits of one file: https://platform.openai.com/docs/guides/batch."""


class BatchLine(NamedTuple):
    """The id of a request, and the answer or the reason why there is none. A broken line has no id."""

    id: str
    outcome: Reply | EngineError | str


def line_of(id_: str, request: Request, model: str, *, takes_temperature: bool) -> bytes:
    """A request as a line, with the body that it has when it is asked at once.

    A live run finds out whether the model takes a temperature. Where nobody knows there is none: what a batch
    gets wrong is known a day later.
    """
    body = parameters_of(request, model, () if takes_temperature else (TEMPERATURE,))
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
    if "answer" in line:
        return _given(line["answer"])
    if isinstance(result := line.get("result"), dict):
        return _anthropic(result, endpoint)
    if not isinstance(response := line.get("response"), dict):
        error = line.get("error")
        words = error.get("message") or error.get("code") if isinstance(error, dict) else error
        return endpoint.masked(str(words or 'the line has neither "answer" nor "response"'))
    body, status = response.get("body"), response.get("status_code", 200)
    return _reply_or_reason(body, endpoint) if status == 200 else _refused(status, body, endpoint)


def _reply_or_reason(body: object, endpoint: Endpoint) -> Reply | str:
    found = reply_in(json.dumps(body).encode())
    return found if isinstance(found, Reply) else endpoint.masked(found.reason)


def _anthropic(result: dict[str, object], endpoint: Endpoint) -> Reply | str:
    """A result of Anthropic's Message Batches: https://platform.claude.com/docs/en/api/messages/batches."""
    message = result.get("message")
    if not isinstance(message, dict):
        return endpoint.masked(f"{result.get('type')} {json.dumps(result.get('error', ''))}".rstrip(' "'))
    blocks = message["content"] if isinstance(message.get("content"), list) else []
    text = "".join(str(block["text"]) for block in map(object_in, blocks) if "text" in block)
    usage = object_in(message.get("usage"))
    tokens = {"prompt_tokens": usage.get("input_tokens"), "completion_tokens": usage.get("output_tokens")}
    choice = {"message": {"content": text}, "finish_reason": message.get("stop_reason")}
    return _reply_or_reason({"choices": [choice], "usage": tokens}, endpoint)


def _given(answer: object) -> Reply | str:
    """What a person or a script has written; an empty place is one that nobody has come to yet."""
    if not answer:
        return "the answer is empty"
    return Reply(encodable(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)))


def _refused(status: object, body: object, endpoint: Endpoint) -> Reply | EngineError | str:
    """What an answer with another status means; a filter's objection is an answer."""
    error = ErrorResponse.of(status if isinstance(status, int) else 0, object_in(body).get("error"))
    found = meaning_of(error, endpoint, _SENT)
    if isinstance(found, TransientFailure):
        return endpoint.masked(found.reason)
    return ParameterRefusedError(found.name) if isinstance(found, RefusedParameter) else found
