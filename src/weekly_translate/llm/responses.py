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
    from collections.abc import Callable, Collection

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


class _Failure(NamedTuple):
    """An error response, who sent it, and the parameters of the request."""

    error: ErrorResponse
    endpoint: Endpoint
    sent: Collection[str]

    @property
    def status(self) -> int:
        return self.error.status

    @property
    def host(self) -> str:
        return self.endpoint.host

    @property
    def status_text(self) -> str:
        try:
            return f"HTTP {self.status} ({HTTPStatus(self.status).phrase})"
        except ValueError:
            return f"HTTP {self.status}"

    @property
    def words(self) -> str:
        """All that the server said, in small letters."""
        return f"{self.error.code} {self.error.message}".lower()

    @property
    def quoted(self) -> str:
        """The message as a person may see it."""
        return self.endpoint.masked(self.error.message or self.error.code) or "no reason given"

    def says(self, signs: tuple[str, ...]) -> bool:
        return any(sign in self.words for sign in signs)


def meaning_of(error: ErrorResponse, endpoint: Endpoint, sent: Collection[str]) -> RequestOutcome:
    """What an error means, by the first rule that knows it; `sent` are the parameters of the request."""
    failure = _Failure(error, endpoint, sent)
    found = filter(None, (rule(failure) for rule in _ERROR_RULES))
    unknown = f"{endpoint.host} refused the request with {failure.status_text}: {failure.quoted}"
    return next(found, EngineError(unknown))


_TOO_LONG = (
    "context_length",
    "context length",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
    "input is too long",
    "reduce the length",
)
_NO_MONEY = ("insufficient_quota", "exceeded your current quota", "insufficient balance", "billing")
_FILTERED = (
    *("content_filter", "content management policy", "content_policy"),
    *("data_inspection_failed", "inappropriate content", "content exists risk", "敏感内容"),
)
"""The words of Azure and OpenAI; of DashScope, DeepSeek and Zhipu."""
_FORMAT = ("response_format", "json_schema", "json_object", "structured output", "guided_json", "grammar")
_OPTIONAL = ("temperature", "max_tokens", "max_completion_tokens")


def _quota_spent(failure: _Failure) -> RequestOutcome | None:
    """A 429 without money behind it does not go away by waiting."""
    if failure.status == 402 or (failure.status in {403, 429} and failure.says(_NO_MONEY)):
        return EngineError(
            f"The account behind the key from {failure.endpoint.key_origin} has no credit left at "
            f"{failure.host}. Top it up and run the same command again: the answers so far are kept."
        )
    return None


def _content_filtered(failure: _Failure) -> RequestOutcome | None:
    """A filter that objects to a text is an answer about that text, and no reason to stop the run."""
    return Reply("", Finish.FILTER) if failure.status in {400, 422} and failure.says(_FILTERED) else None


def _key_refused(failure: _Failure) -> RequestOutcome | None:
    """A wrong key is the most frequent failure of all: say which one it was."""
    if failure.status not in {401, 403}:
        return None
    if not failure.endpoint.key:
        return EngineError(f"{failure.host} asks for a key. Put one into {failure.endpoint.key_origin}.")
    what = "does not accept" if failure.status == 401 else "allows no access with"
    return EngineError(
        f"{failure.host} {what} the key from {failure.endpoint.key_origin} "
        f"({failure.status_text}: {failure.quoted})"
    )


def _request_too_long(failure: _Failure) -> RequestOutcome | None:
    """Fewer segments may fit. Asked before the parameters: such a message often names `max_tokens`, too."""
    if failure.status == 413 or (failure.status in {400, 422, 500} and failure.says(_TOO_LONG)):
        return TooLongError(
            f"A request does not fit the context of {failure.endpoint.model} at {failure.host}."
        )
    return None


def _format_refused(failure: _Failure) -> RequestOutcome | None:
    """A plainer reply format may be taken."""
    if "response_format" in failure.sent and failure.status in {400, 422, 501} and failure.says(_FORMAT):
        return FormatRefusedError(
            f"{failure.host} does not offer this reply format with {failure.endpoint.model}: {failure.quoted}"
        )
    return None


def _parameter_refused(failure: _Failure) -> RequestOutcome | None:
    """Reasoning models take no temperature, older servers no `max_completion_tokens`."""
    if failure.status not in {400, 422}:
        return None
    named = (name for name in _OPTIONAL if name in failure.sent and name in failure.words)
    return next(map(RefusedParameter, named), None)


def _not_there(failure: _Failure) -> RequestOutcome | None:
    """No such model, or no such path."""
    if failure.status == 404:
        return EngineError(
            f"{failure.host} knows no model {failure.endpoint.model}, or its base URL is another "
            f"one. Check --model and --base-url ({failure.quoted})"
        )
    if failure.status == 405 or 300 <= failure.status < 400:
        return EngineError(
            f"{failure.endpoint.url} is not where this service answers ({failure.status_text}). Check "
            "--base-url: a redirect is not followed, so that the key goes nowhere else."
        )
    return None


def _worth_another_attempt(failure: _Failure) -> RequestOutcome | None:
    """Busy, overloaded or broken for the moment."""
    if failure.error.final or not (failure.status in {408, 409, 425, 429} or failure.status >= 500):
        return None
    too_many = failure.status == 429
    said = f": {failure.quoted}" if failure.error.message else ""
    return TransientFailure(
        f"{failure.status_text}{said}",
        failure.error.after,
        shared=too_many or failure.error.after is not None,
        too_many=too_many,
    )


_ERROR_RULES: tuple[Callable[[_Failure], RequestOutcome | None], ...] = (
    _quota_spent,
    _content_filtered,
    _key_refused,
    _request_too_long,
    _format_refused,
    _parameter_refused,
    _not_there,
    _worth_another_attempt,
)
"""What an error means; None for the next rule."""
