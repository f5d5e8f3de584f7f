"""The files of OpenAI's Batch API: a line of JSON for each request, and one for each answer.

Other services read and write the same lines. A person may answer with `{"custom_id": …, "answer": …}`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.failures import Refusal, Unwelcome, verdict
from weekly_translate.engines.questions import parameters_of
from weekly_translate.engines.replies import Setback, encodable, reply_in
from weekly_translate.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.engines.endpoint import Endpoint
    from weekly_translate.errors import EngineError
    from weekly_translate.exchange import Request

URL = "/v1/chat/completions"
MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""The limits of one file: https://platform.openai.com/docs/guides/batch."""


class Line(NamedTuple):
    """The id of a request, and the answer or the reason why there is none. A broken line has no id."""

    id: str
    outcome: Reply | EngineError | str


def line_of(id_: str, request: Request, model: str) -> bytes:
    """A request as a line.

    Without a temperature: reasoning models refuse it, and what a batch gets wrong is known a day later.
    """
    body = parameters_of(request, model, temperature=None, unwelcome=())
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


def answers_in(data: bytes, endpoint: Endpoint) -> Iterator[Line]:
    """The answers in a file, in its order. No bytes make it raise: one that was cut ends in a broken line."""
    for number, text in enumerate(data.split(b"\n"), 1):
        if text.strip():
            yield _line_in(text, number, endpoint)


def _line_in(text: bytes, number: int, endpoint: Endpoint) -> Line:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return Line("", f"line {number} is not JSON, or is cut")
    if not isinstance(line, dict) or not isinstance(line.get("custom_id"), str):
        return Line("", f"line {number} has no custom_id")
    outcome = _outcome_in(line, endpoint)
    if isinstance(outcome, Reply):
        outcome = Reply(endpoint.without_key(outcome.text), outcome.finish, outcome.usage)
    return Line(line["custom_id"], outcome)


def _outcome_in(line: dict[str, object], endpoint: Endpoint) -> Reply | EngineError | str:
    if "answer" in line:
        given = line["answer"]
        return Reply(encodable(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)))
    response = line.get("response")
    if not isinstance(response, dict):
        error = line.get("error")
        words = error.get("message") or error.get("code") if isinstance(error, dict) else error
        return endpoint.masked(str(words or "a line without a response"))
    body = response.get("body")
    status = response.get("status_code", 200)
    if status == 200:
        found = reply_in(json.dumps(body).encode())
        return found if isinstance(found, Reply) else endpoint.masked(str(found.reason))
    return _refused(status, body, endpoint)


def _refused(status: object, body: object, endpoint: Endpoint) -> Reply | EngineError | str:
    """What an answer with another status means; a filter's objection is an answer."""
    said = body.get("error") if isinstance(body, dict) else None
    error = said if isinstance(said, dict) else {}
    code = " ".join(str(error[key]) for key in ("code", "type", "param") if error.get(key))
    refusal = Refusal(status if isinstance(status, int) else 0, code, str(error.get("message") or ""))
    found = verdict(refusal, endpoint, ("response_format", "max_tokens"))
    if isinstance(found, Setback):
        return endpoint.masked(found.reason)
    return f"the model does not take {found.parameter}" if isinstance(found, Unwelcome) else found
