"""Any endpoint that speaks OpenAI's `chat.completions`: what it is sent, and what its responses mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, RefusedError, TooLongError
from weekly_translate.llm.engine import EngineContext, InvalidBody, RefusedParameter, TransientFailure
from weekly_translate.llm.providers import OPENAI, OURS, SYSTEM_ROLE, Endpoint, FinishMeaning, Meaning
from weekly_translate.llm.rate_limit import retry_after
from weekly_translate.llm.requests import DOUBTS, DOUBTS_SCHEMA, encodable
from weekly_translate.model import Finish, Format, Message, Reply, Status, Usage

if TYPE_CHECKING:
    from collections.abc import Collection

    from weekly_translate.llm.connection import Connection, Response
    from weekly_translate.llm.engine import EngineSettings, OnHeaders, RequestOutcome
    from weekly_translate.llm.providers import ErrorRow, Provider
    from weekly_translate.model import Request


TEMPERATURE = "temperature"
TAKEN, REFUSED = "taken", "refused"
"""What is learned about a model's temperature."""
WITHOUT, INSTEAD = "without", "instead"
"""Where it is remembered which parameters a model refuses, and which it has asked for in its errors."""


class OpenAIChat:
    """A `Backend` for a hosted or local model, with at most `jobs` connections."""

    worth = Status.MACHINE

    def __init__(self, endpoint: Endpoint, context: EngineContext | None = None, *, jobs: int = 4) -> None:
        """It begins with what runs have learned about the model, and goes on learning."""
        self.name = f"openai {endpoint.model}"
        self.endpoint = endpoint.url
        self._endpoint, self._jobs = endpoint, jobs
        self._connection: Connection | None = None
        self._context = context or EngineContext()
        facts = self._context.facts_about(self.endpoint, self.name)
        self._refused = set(facts.get(WITHOUT, "").split())
        """The parameters that the model does not take."""
        self._instead = _fields_in(facts.get(INSTEAD, ""))
        """Fields that the model has asked for in its errors."""

    @classmethod
    def from_settings(cls, settings: EngineSettings, context: EngineContext) -> OpenAIChat:
        """For the endpoint of the settings. Raises `UsageError` where that must not get the key."""
        return cls(settings.endpoint, context, jobs=settings.jobs)

    @staticmethod
    def lacks(base_url: str, key: str) -> str:
        """What is missing for it to be asked; nothing where all is there."""
        if key or base_url != OPENAI:
            return ""
        return "There is no model to ask: OPENAI_API_KEY is not set, and --base-url names no server."

    async def attempt(self, request: Request, on_headers: OnHeaders) -> RequestOutcome:
        """Send the request once. What the model refuses is left out of the next one, and in the next run."""
        endpoint = self._endpoint
        usual = parameters_of(request, endpoint.model, endpoint.provider, self._refused)
        parameters: dict[str, Any] = {**usual, **self._instead}
        response = await (await self._connected()).post("/chat/completions", parameters)
        on_headers(response.headers)
        if isinstance(response.content, TransientFailure):
            return response.content
        if response.status == HTTPStatus.OK:
            outcome = reply_in(response.content, endpoint, parameters)
        else:
            outcome = meaning_of(error_of(response, self._context.pace.now()), endpoint, parameters)
        if isinstance(outcome, RefusedParameter):
            self._learn(outcome)
        if not isinstance(outcome, Reply):
            return outcome
        if TEMPERATURE in parameters:
            self._context.on_learned({TEMPERATURE: TAKEN})
        return outcome._replace(text=endpoint.without_key(outcome.text))

    def _learn(self, refused: RefusedParameter) -> None:
        self._refused |= {refused.name} if refused.name else set()
        self._instead.update(refused.instead)
        self._instead.pop(refused.name, None)
        facts = {WITHOUT: " ".join(sorted(self._refused)), INSTEAD: json.dumps(self._instead)}
        self._context.on_learned(facts | ({TEMPERATURE: REFUSED} if refused.name == TEMPERATURE else {}))

    async def _connected(self) -> Connection:
        import asyncio  # noqa: PLC0415 - a plan waits for nobody

        if self._connection is None:
            made = await asyncio.to_thread(_connection_class)
            timeouts = self._context.timeouts or self._endpoint.timeouts
            # Another request may have been quicker.
            self._connection = self._connection or made(self._endpoint, jobs=self._jobs, timeouts=timeouts)
        return self._connection

    async def close(self) -> None:
        """Give back connections."""
        if self._connection is not None:
            await self._connection.close()


def _fields_in(stored: str) -> dict[str, object]:
    """The fields that an earlier run has stored; what cannot be read is nothing."""
    with suppress(ValueError):
        if isinstance(fields := json.loads(stored), dict):
            return fields
    return {}


def _connection_class() -> type[Connection]:
    """Half a second to load, in a thread of its own: Ctrl-C is heard meanwhile.

    It is a tenth faster than below the many calls of a run, for which Python 3.11 asks the system for a new
    piece of its stack at every import.
    """
    from weekly_translate.llm.connection import Connection  # noqa: PLC0415 - with the first request

    return Connection


def parameters_of(
    request: Request, model: str, provider: Provider, without: Collection[str] = ()
) -> dict[str, object]:
    """What is sent, at once or in a batch, without what this model has turned out not to take."""
    left_out = provider.without.union(without)
    messages = request.messages
    if SYSTEM_ROLE in left_out:  # some models have no other role than a person's
        messages = (Message("user", "\n\n".join(message.content for message in messages)),)
    parameters: dict[str, object] = {
        "model": model,
        "messages": [{"role": message.role, "content": encodable(message.content)} for message in messages],
    }
    if (format_ := _response_format(request)) is not None:
        parameters["response_format"] = format_
    parameters |= {name: value for name, value in provider.fields.items() if name not in left_out}
    if (field := provider.translation_options) and field not in left_out:
        parameters[field] = _with_terms(parameters.get(field), request)
    if TEMPERATURE not in left_out:
        parameters.setdefault(TEMPERATURE, provider.temperature)
    limit = request.max_tokens or (_limit(request, provider) if provider.states_limit else None)
    names = [name for name in ("max_tokens", "max_completion_tokens") if name not in left_out]
    if limit is not None and names and not parameters.keys() & names:
        parameters[names[0]] = limit
    return parameters


def _with_terms(options: object, request: Request) -> dict[str, object]:
    """Terms and remembered pairs in the form of Qwen-MT."""
    filled = dict(object_in(options))
    if request.terms:
        filled["terms"] = [{"source": term.source, "target": term.target} for term in request.terms]
    if request.memories:
        filled["tm_list"] = [{"source": one.source, "target": one.target} for one in request.memories]
    return filled


def _limit(request: Request, provider: Provider) -> int:
    """Tokens that no good answer needs all of, however much the model thinks before it writes."""
    written = 1_000 + 4 * sum(len(segment.text) for segment in request.segments)
    return round(written * (1 + provider.reserve))


def _response_format(request: Request) -> dict[str, object] | None:
    """For a schema, an object with exactly the ids of the segments, and doubts: `strict` promises that."""
    if request.format is Format.OBJECT:
        return {"type": "json_object"}
    if request.format is not Format.SCHEMA:
        return None
    ids = [segment.id for segment in request.segments]
    properties: dict[str, object] = dict.fromkeys(ids, request.answer_schema or {"type": "string"})
    if request.answer_schema is None:
        properties[DOUBTS] = DOUBTS_SCHEMA
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    name = "verdicts" if request.answer_schema else "translations"
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


# Bodies are read as plain JSON: the library builds its objects without checking them, and the Batch API
# delivers the same bodies in a file.


def reply_in(body: bytes, endpoint: Endpoint, sent: Collection[str] = ()) -> RequestOutcome:
    """What a response body with status 200 holds: a reply, or an error that came after the status."""
    answer = _object_in(body)
    if answer is InvalidBody.NOT_JSON:
        words = endpoint.masked(body.decode(errors="replace"))
        return TransientFailure(f"{answer}: “{words}”", not_json=True)
    if isinstance(answer, InvalidBody):
        return TransientFailure(answer)
    usage = _usage_in(answer, apart=endpoint.provider.thinking_apart)
    choices = answer.get("choices")
    says_why = any(isinstance(_error_in(answer).get(key), str) for key in _MESSAGES)
    if answer.get("error") or (not choices and says_why):
        return _late_error(answer, usage, endpoint, sent)
    if not isinstance(choices, list) or not choices:
        return TransientFailure(InvalidBody.NO_CHOICES, usage=usage)
    choice = object_in(choices[0])
    if choice.get("error"):
        return _late_error(choice, usage, endpoint, sent)
    return _reply_of(choice, usage, endpoint)


def _object_in(body: bytes) -> dict[str, object] | InvalidBody:
    """The JSON object of a body, or why there is none."""
    body = body.strip()
    if not body:
        return InvalidBody.NOTHING
    if body.startswith((b"data:", b"event:", b": ")):
        return _streamed(body)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return InvalidBody.CUT if body.startswith(b"{") else InvalidBody.NOT_JSON
    return answer if isinstance(answer, dict) else InvalidBody.NOT_AN_OBJECT


def _streamed(body: bytes) -> dict[str, object] | InvalidBody:
    """What a stream of events adds up to: some proxies stream, though nobody asked them to."""
    text, whole, choice = "", dict[str, object](), dict[str, object]()
    for line in body.splitlines():
        said = line.removeprefix(b"data:").strip()
        if not line.startswith(b"data:") or said == b"[DONE]":
            continue
        try:
            event = object_in(json.loads(said))
        except (ValueError, RecursionError):
            return InvalidBody.CUT
        whole |= {name: value for name, value in event.items() if value}
        choices = whole.pop("choices", None)
        if isinstance(choices, list) and choices:
            first = object_in(choices[0])
            choice |= {name: value for name, value in first.items() if value is not None}
            text += text_of(object_in(first.get("delta")).get("content")) or ""
    return whole | {"choices": [choice | {"message": {"content": text}}] if choice else []}


def text_of(content: object) -> str | None:
    """The text of a message, which may stand in parts, thoughts among them; None where it is no text.

    The parts of `content` are those of OpenAI's `chat.completions`; Mistral's thinking models answer in them.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return None
    return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")


def _late_error(
    answer: dict[str, object], usage: Usage, endpoint: Endpoint, sent: Collection[str]
) -> RequestOutcome:
    """An error with status 200: its own code may be a status, else only its words count."""
    code = _error_in(answer).get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else HTTPStatus.OK
    found = meaning_of(ErrorResponse.of(status, answer), endpoint, sent)
    return found._replace(usage=usage) if isinstance(found, Reply | TransientFailure) else found


def _usage_in(answer: dict[str, object], *, apart: bool) -> Usage:
    """The tokens of one answer; a number that is missing or odd counts as 0.

    Cached tokens stand in `prompt_tokens_details.cached_tokens`, with DeepSeek in `prompt_cache_hit_tokens`.
    Reasoning is a part of the completion, but for providers that keep it `apart`. What only the total has is
    reasoning, too: gateways hand on Gemini's numbers.
    """
    usage = object_in(answer.get("usage"))
    details = object_in(usage.get("prompt_tokens_details"))
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    reasoning = _count(object_in(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    beyond = max(0, _count(usage.get("total_tokens")) - prompt - completion)
    completion += max(reasoning, beyond) if apart else beyond
    reasoning = max(reasoning, beyond)
    return Usage(
        prompt=prompt,
        cached=_count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens")),
        completion=completion,
        reasoning=min(reasoning, completion),
    )


def _reply_of(choice: dict[str, object], usage: Usage, endpoint: Endpoint) -> Reply | TransientFailure:
    """A filter may leave out the message. What an unknown reason has left may be cut, and says so."""
    finish_reason = choice.get("finish_reason")
    said = endpoint.masked(finish_reason) if isinstance(finish_reason, str) else ""
    ending = endpoint.provider.ending(said) if said else None
    if ending is FinishMeaning.FILTERED:
        return Reply("", Finish.FILTER, usage, said)
    if ending is FinishMeaning.BUSY:
        return TransientFailure(f"the finish reason {said}", usage=usage)
    message = object_in(choice.get("message"))
    refusal, content = message.get("refusal"), message.get("content")
    if isinstance(refusal, str) and refusal:
        return Reply(encodable(refusal), Finish.REFUSAL, usage)
    text = text_of(content)
    if usage == Usage():
        usage = _thoughts(message)
    if reason := _fault_of(choice, text, said):
        return TransientFailure(reason, usage=usage)
    finish = _FINISHES[ending] if ending else Finish.LENGTH if text else Finish.UNKNOWN
    return Reply(encodable(text or ""), finish, usage, "" if ending else said)


def _thoughts(message: dict[str, object]) -> Usage:
    """About what a model has thought, by its words, where the endpoint does not count tokens."""
    words = message.get("reasoning_content") or message.get("reasoning")
    tokens = len(words.encode()) // _BYTES_A_TOKEN if isinstance(words, str) else 0
    return Usage(completion=tokens, reasoning=tokens)


_BYTES_A_TOKEN = 4


def _fault_of(choice: dict[str, object], text: str | None, finish: str) -> InvalidBody | None:
    """What a choice lacks to be an answer."""
    if not isinstance(choice.get("message"), dict):
        return InvalidBody.NO_MESSAGE
    if not finish:
        return InvalidBody.NO_FINISH
    return InvalidBody.NOT_TEXT if text is None else None


_FINISHES = {
    FinishMeaning.COMPLETE: Finish.STOP,
    FinishMeaning.CUT: Finish.LENGTH,
    FinishMeaning.REFUSED: Finish.REFUSAL,
}


def object_in(value: object) -> dict[str, object]:
    """A JSON object; an empty one where the value is something else."""
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


class ErrorResponse(NamedTuple):
    """A response with a status that is not 200. `code` and `message` are the server's own words."""

    status: int
    code: str = ""
    message: str = ""
    after: float | None = None
    """Seconds that the server asks to stay away."""
    final: bool = False
    """The server says itself that another attempt is no use (`x-should-retry: false`)."""
    details: str = ""
    """What else the body says about it."""

    @classmethod
    def of(
        cls, status: int, body: object, text: str = "", *, after: float | None = None, final: bool = False
    ) -> ErrorResponse:
        """From what a body says, in whichever shape; `text` is the message where it has none."""
        fields = _error_in(body)
        code = " ".join(str(fields[key]) for key in _CODES if fields.get(key))
        message = str(next((fields[key] for key in _MESSAGES if fields.get(key)), text))
        metadata = object_in(fields.get("metadata"))
        details = json.dumps([fields.get("details"), metadata.get("reasons"), metadata.get("raw")])
        return cls(status, code, message, after, final, details[:_MOST_DETAILS])


def error_of(response: Response, now: float) -> ErrorResponse:
    """What a response says with a status that is not 200; `now` is the time in seconds since 1970."""
    assert isinstance(response.content, bytes)
    text, body = response.content.decode("utf-8", "replace"), None
    with suppress(ValueError, RecursionError):  # the library would only look for `error` in an object
        body = json.loads(text)
    after, final = retry_after(response.headers, now), response.headers.get("x-should-retry") == "false"
    return ErrorResponse.of(response.status, body, text, after=after, final=final)


_MOST_DETAILS = 4_000
_CODES = ("code", "status_code", "type", "status", "param")
_MESSAGES = ("message", "msg", "status_msg", "detail")


def _error_in(body: object) -> dict[str, object]:
    """The object that says what went wrong: under a name of its own, in a list, or the body itself."""
    if isinstance(body, list):
        return _error_in(body[0]) if body and not isinstance(body[0], list) else {}
    found = object_in(body)
    for inner in (found.get("error"), found.get("errors"), found.get("base_resp")):
        if isinstance(inner, str):
            return {"code": found.get("code"), "message": inner}
        if isinstance(inner, dict | list) and inner:
            return _error_in(inner) if isinstance(inner, list) else inner
    return found


_NO_KEY = "{host} asks for a key. Put one into {key_origin}."
_SENTENCES = {
    Meaning.NO_CREDIT: "The account behind the key from {key_origin} has no credit left at {host} ({said}). "
    "Top it up and run the same command again: the answers so far are kept.",
    Meaning.DAY_USED: "{host} has answered as much as it allows in a day ({said}). The answers so far are "
    "kept: run the same command again tomorrow, or with another --model.",
    Meaning.KEY_REFUSED: "{host} does not accept the key from {key_origin} ({status}: {said})",
    Meaning.NO_ACCESS: "{host} allows no access with the key from {key_origin} ({status}: {said})",
    Meaning.CONTEXT_FULL: "A request does not fit the context of {model} at {host}.",
    Meaning.FORMAT_REFUSED: "{host} does not offer this reply format with {model}: {said}",
    Meaning.MODEL_UNKNOWN: "{host} knows no model {model}, or its base URL is not {url}: most end in /v1. "
    "Check --model and --base-url ({said})",
    Meaning.ELSEWHERE: "{url} is not where this service answers ({status}). Check --base-url: "
    "a redirect is not followed, so that the key goes nowhere else.",
}
"""What a person is told of a meaning that ends a request for good, with an `EngineError` or one of these."""
_ERRORS = {Meaning.CONTEXT_FULL: TooLongError, Meaning.FORMAT_REFUSED: FormatRefusedError}
_UNKNOWN = "{host} refused the request with {status}: {said}"
_FIXED = OURS | {"translation_options"}
"""Fields without which there is no request."""


def meaning_of(error: ErrorResponse, endpoint: Endpoint, sent: Collection[str]) -> RequestOutcome:
    """What an error means; `sent` are the parameters of the request, by name or with their values.

    A filter that objects to a text gives an answer about that text, and no reason to stop the run.
    """
    words = f"{error.code} {error.message} {error.details}".lower()
    status, said = _status(error), endpoint.masked(error.message or error.code) or "no reason given"
    rows = endpoint.provider.errors_like(error.status, error.code, words)
    row = next((row for row in rows if _may_be(row, sent)), None)
    meaning = row.means if row else None
    if meaning is Meaning.FILTERED:
        return Reply("", Finish.FILTER, said=said)
    if row is not None and meaning in {Meaning.CHANGE, Meaning.ROLE_REFUSED}:
        dropped = (SYSTEM_ROLE,) if meaning is Meaning.ROLE_REFUSED else row.drop
        return RefusedParameter(dropped[0] if dropped else "", row.send)
    if meaning in _SENTENCES:
        message = _NO_KEY if meaning in _ABOUT_KEYS and not endpoint.key else _SENTENCES[meaning]
        names = {"host": endpoint.host, "url": endpoint.url, "model": endpoint.model, "said": said}
        message = message.format(**names, status=status, key_origin=endpoint.key_origin)
        no_access = meaning is Meaning.NO_ACCESS  # some say so of a text
        return (
            RefusedError(message, f"{status}: {said}")
            if no_access
            else _ERRORS.get(meaning, EngineError)(message)
        )
    refused = [name for name in sent if name not in _FIXED and name in words]
    if error.status in {400, 422} and refused:
        return RefusedParameter(refused[0])
    if error.final or not (meaning or error.status >= 500 or error.status == HTTPStatus.OK):
        unknown = _UNKNOWN.format(host=endpoint.host, status=status, said=said)
        about_text = error.status in _ABOUT_TEXTS
        return RefusedError(unknown, f"{status}: {said}") if about_text else EngineError(unknown)
    return _to_be_repeated(error, endpoint, f"{status}: {said}" if error.message else status, meaning)


def _to_be_repeated(
    error: ErrorResponse, endpoint: Endpoint, reason: str, meaning: Meaning | None
) -> TransientFailure:
    """A failure that passes. The wait stands in a header, or in the text."""
    too_many = meaning is Meaning.SLOW_DOWN
    after = error.after
    if after is None:
        after = endpoint.provider.wait_in(f"{error.message} {error.details}")
    return TransientFailure(reason, after, shared=too_many or after is not None, too_many=too_many)


_ABOUT_TEXTS = {HTTPStatus.BAD_REQUEST, 422, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}
"""Statuses with which filters refuse a text."""
_ABOUT_KEYS = {Meaning.KEY_REFUSED, Meaning.NO_ACCESS}


def _may_be(row: ErrorRow, sent: Collection[str]) -> bool:
    """Only a format or a role that was sent can be refused, and a change has to change something."""
    if row.means is Meaning.FORMAT_REFUSED:
        return "response_format" in sent
    values = sent if isinstance(sent, Mapping) else {}
    if row.means is Meaning.ROLE_REFUSED:
        return any(message["role"] == "system" for message in values.get("messages", ()))
    if row.means is not Meaning.CHANGE:
        return True
    changed = any(name not in sent or values.get(name, value) != value for name, value in row.send.items())
    return changed or any(name in sent for name in row.drop)


def _status(error: ErrorResponse) -> str:
    if error.status == HTTPStatus.OK:
        return InvalidBody.ERROR
    try:
        return f"HTTP {error.status} ({HTTPStatus(error.status).phrase})"
    except ValueError:
        return f"HTTP {error.status}"
