"""What a response means: a reply, a reason to ask again or differently, or an error to stop with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError
from weekly_translate.model import Finish, Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Collection

    from weekly_translate.llm.endpoint import Endpoint

# Bodies are read as plain JSON: the library builds its objects without checking them, and the Batch API
# delivers the same bodies in a file.


class InvalidBody(StrEnum):
    """Why an answer with status 200 cannot be used. The gateway is at fault: asking again may help."""

    NOTHING = "an empty body"
    NOT_JSON = "something else than JSON, such as a web page"
    CUT = "JSON that breaks off"
    NOT_AN_OBJECT = "JSON of another shape"
    ERROR = "an error with status 200"
    NO_CHOICES = "no choices"
    NO_MESSAGE = "a choice without a message"
    NOT_TEXT = "a content that is not text"
    NO_FINISH = "no finish reason, so the answer may be cut"
    TOO_LARGE = "a body over the limit of 4 MB"
    COMPRESSED = "a compressed body, though none was asked for"


@dataclass(frozen=True, slots=True)
class TransientFailure:
    """A request that brought no answer, but may bring one when it is sent again."""

    reason: str
    """What happened, in a few words without secrets: `HTTP 503 (Service Unavailable)`."""
    after: float | None = None
    """Seconds that the server asks to stay away."""
    shared: bool = False
    """Whether all workers should pause, not only this one."""
    too_many: bool = False
    """Whether the server has said that there were too many requests."""
    unreachable: bool = False
    """Whether there is no such host, or nothing listens there."""
    usage: Usage = field(default_factory=Usage)


class RefusedParameter(NamedTuple):
    """The model does not take this parameter: ask again without it."""

    name: str


RequestOutcome = Reply | TransientFailure | RefusedParameter | EngineError
"""What came of one request."""

_FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "eos_token": Finish.STOP,
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.FILTER,
    "sensitive": Finish.FILTER,
    "refusal": Finish.REFUSAL,
}
"""The words of OpenAI and of other servers that speak its protocol."""


def reply_in(body: bytes) -> Reply | TransientFailure:
    """The reply that a response body with status 200 holds."""
    if not body.strip():
        return TransientFailure(InvalidBody.NOTHING)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        begins = body.lstrip().startswith(b"{")
        return TransientFailure(InvalidBody.CUT if begins else InvalidBody.NOT_JSON)
    if not isinstance(answer, dict):
        return TransientFailure(InvalidBody.NOT_AN_OBJECT)
    usage = _usage_in(answer)
    if answer.get("error"):
        return TransientFailure(InvalidBody.ERROR, usage=usage)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        return TransientFailure(InvalidBody.NO_CHOICES, usage=usage)
    return _reply_of(object_in(choices[0]), usage)


def _usage_in(answer: dict[str, object]) -> Usage:
    """The tokens of one answer; a number that is missing or odd counts as 0.

    Cached tokens stand in `prompt_tokens_details.cached_tokens`, with DeepSeek in `prompt_cache_hit_tokens`.
    """
    usage = object_in(answer.get("usage"))
    details = object_in(usage.get("prompt_tokens_details"))
    return Usage(
        prompt=_count(usage.get("prompt_tokens")),
        cached=_count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens")),
        completion=_count(usage.get("completion_tokens")),
    )


def _reply_of(choice: dict[str, object], usage: Usage) -> Reply | TransientFailure:
    message = choice.get("message")
    if not isinstance(message, dict):
        return TransientFailure(InvalidBody.NO_MESSAGE, usage=usage)
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return Reply(encodable(refusal), Finish.REFUSAL, usage)
    reason = choice.get("finish_reason")
    finish = _FINISHES.get(reason) if isinstance(reason, str) else None
    if finish is None:
        return TransientFailure(InvalidBody.NO_FINISH, usage=usage)
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        return TransientFailure(InvalidBody.NOT_TEXT, usage=usage)
    return Reply(encodable(content or ""), finish, usage)


def object_in(value: object) -> dict[str, object]:
    """A JSON object; an empty one where the value is something else."""
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def encodable(text: str) -> str:
    """Half an emoji (a lone surrogate, valid in JSON) becomes U+FFFD: no file and no request takes it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class ErrorResponse(NamedTuple):
    """A response with a status that is not 200. `code` and `message` are the server's own words."""

    status: int
    code: str = ""
    message: str = ""
    after: float | None = None
    """Seconds that the server asks to stay away."""
    final: bool = False
    """The server says itself that another attempt is no use (`x-should-retry: false`)."""

    @classmethod
    def of(
        cls, status: int, error: object, text: str = "", *, after: float | None = None, final: bool = False
    ) -> ErrorResponse:
        """From the `error` object of a body; `text` is the message where that has none."""
        fields = object_in(error)
        code = " ".join(str(fields[key]) for key in ("code", "type", "param") if fields.get(key))
        message = str(fields.get("message") or fields.get("detail") or text)
        return cls(status, code, message, after, final)


class _ErrorRule(NamedTuple):
    """An error with one of these statuses and words (any, where there are none), and what is said then."""

    statuses: Collection[int]
    words: tuple[str, ...]
    error: type[EngineError]
    message: str

    def fits(self, status: int, said: str, sent: Collection[str]) -> bool:
        """Only a format that was asked for can be refused."""
        asked = self.error is not FormatRefusedError or "response_format" in sent
        return status in self.statuses and asked and (not self.words or _says(said, self.words))


_TOO_LONG = (
    *("context_length", "context length", "context window", "context size", "maximum context"),
    *("prompt is too long", "input is too long", "reduce the length"),
)
_NO_MONEY = ("insufficient_quota", "exceeded your current quota", "insufficient balance", "billing")
_FILTERED = (
    *("content_filter", "content management policy", "content_policy"),
    *("data_inspection_failed", "inappropriate content", "content exists risk", "敏感内容"),
)
"""The words of Azure and OpenAI; of DashScope, DeepSeek and Zhipu."""
_FORMAT = ("response_format", "json_schema", "json_object", "structured output", "guided_json", "grammar")
_OPTIONAL = ("temperature", "max_tokens", "max_completion_tokens")
_NO_CREDIT = (
    "The account behind the key from {key_origin} has no credit left at {host}. "
    "Top it up and run the same command again: the answers so far are kept."
)
_NO_KEY = "{host} asks for a key. Put one into {key_origin}."
_KEY_REFUSED = (
    "{host} does not accept the key from {key_origin} ({status}: {said})",
    "{host} allows no access with the key from {key_origin} ({status}: {said})",
)
_DOES_NOT_FIT = "A request does not fit the context of {model} at {host}."
_ERROR_RULES = (
    _ErrorRule({402}, (), EngineError, _NO_CREDIT),
    # A 429 without money behind it does not go away by waiting.
    _ErrorRule({403, 429}, _NO_MONEY, EngineError, _NO_CREDIT),
    _ErrorRule({401}, (), EngineError, _KEY_REFUSED[0]),
    _ErrorRule({403}, (), EngineError, _KEY_REFUSED[1]),
    # Fewer segments may fit. Asked before the parameters: such a message often names `max_tokens`, too.
    _ErrorRule({413}, (), TooLongError, _DOES_NOT_FIT),
    _ErrorRule({400, 422, 500}, _TOO_LONG, TooLongError, _DOES_NOT_FIT),
    _ErrorRule(
        {400, 422, 501},
        _FORMAT,
        FormatRefusedError,
        "{host} does not offer this reply format with {model}: {said}",
    ),
    _ErrorRule(
        {404},
        (),
        EngineError,
        "{host} knows no model {model}, or its base URL is another one. "
        "Check --model and --base-url ({said})",
    ),
    _ErrorRule(
        {405, *range(300, 400)},
        (),
        EngineError,
        "{url} is not where this service answers ({status}). Check --base-url: "
        "a redirect is not followed, so that the key goes nowhere else.",
    ),
)
"""The first rule that fits decides."""


def meaning_of(error: ErrorResponse, endpoint: Endpoint, sent: Collection[str]) -> RequestOutcome:
    """What an error means; `sent` are the parameters of the request.

    A filter that objects to a text gives an answer about that text, and no reason to stop the run.
    """
    words = f"{error.code} {error.message}".lower()
    status, said = _status(error), endpoint.masked(error.message or error.code) or "no reason given"
    if error.status in {400, 422} and _says(words, _FILTERED):
        return Reply("", Finish.FILTER)
    rule = next((rule for rule in _ERROR_RULES if rule.fits(error.status, words, sent)), None)
    if rule is not None:
        names = {"host": endpoint.host, "url": endpoint.url, "model": endpoint.model, "said": said}
        message = rule.message if endpoint.key or rule.message not in _KEY_REFUSED else _NO_KEY
        return rule.error(message.format(**names, status=status, key_origin=endpoint.key_origin))
    refused = [name for name in _OPTIONAL if name in sent and name in words]
    if error.status in {400, 422} and refused:
        return RefusedParameter(refused[0])
    if error.final or not (error.status in {408, 409, 425, 429} or error.status >= 500):
        return EngineError(f"{endpoint.host} refused the request with {status}: {said}")
    too_many = error.status == 429
    return TransientFailure(
        f"{status}: {said}" if error.message else status,
        error.after,
        shared=too_many or error.after is not None,
        too_many=too_many,
    )


def _says(words: str, signs: tuple[str, ...]) -> bool:
    return any(sign in words for sign in signs)


def _status(error: ErrorResponse) -> str:
    try:
        return f"HTTP {error.status} ({HTTPStatus(error.status).phrase})"
    except ValueError:
        return f"HTTP {error.status}"
