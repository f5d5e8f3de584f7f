"""What a response means: a reply, ask again, ask differently, or stop and say what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError
from weekly_translate.llm.endpoint import Endpoint
from weekly_translate.model import Finish, Reply, Usage

# Read from plain JSON, not from the library's objects: the library builds them without checking, and the
# Batch API delivers the same bodies in a file.


class BadAnswer(StrEnum):
    """Why an answer with status 200 is none. The gateway is at fault, so that it is worth asking again."""

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
class Setback:
    """A request that brought no answer and is worth another attempt."""

    reason: str
    """What happened, in a few words: `HTTP 503 (overloaded)`."""
    after: float | None = None
    """Seconds that the server asks to stay away."""
    shared: bool = False
    """Whether all workers should pause, not only this one."""
    too_many: bool = False
    """Whether the server has said that there were too many requests."""
    unreachable: bool = False
    """Whether there was nobody to talk to: no such host, or nothing listens there."""
    usage: Usage = field(default_factory=Usage)


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
"""The words of OpenAI first, then those of servers that speak its protocol with an accent."""


def reply_in(body: bytes) -> Reply | Setback:
    """The reply that a response body holds."""
    if not body.strip():
        return _bad(BadAnswer.NOTHING)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return _bad(BadAnswer.CUT if body.lstrip().startswith(b"{") else BadAnswer.NOT_JSON)
    if not isinstance(answer, dict):
        return _bad(BadAnswer.NOT_AN_OBJECT)
    usage = usage_in(answer)
    if answer.get("error"):
        return _bad(BadAnswer.ERROR, usage)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        return _bad(BadAnswer.NO_CHOICES, usage)
    return _reply_of(choices[0], usage)


def usage_in(answer: dict[str, object]) -> Usage:
    """The tokens of one answer; a number that is missing or odd counts as 0.

    Cached tokens stand in `prompt_tokens_details.cached_tokens`, with DeepSeek in `prompt_cache_hit_tokens`.
    """
    usage = _object(answer.get("usage"))
    details = _object(usage.get("prompt_tokens_details"))
    return Usage(
        prompt=_count(usage.get("prompt_tokens")),
        cached=_count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens")),
        completion=_count(usage.get("completion_tokens")),
    )


def _reply_of(choice: object, usage: Usage) -> Reply | Setback:
    message = _object(choice).get("message")
    if not isinstance(message, dict):
        return _bad(BadAnswer.NO_MESSAGE, usage)
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return Reply(encodable(refusal), Finish.REFUSAL, usage)
    reason = _object(choice).get("finish_reason")
    finish = _FINISHES.get(reason) if isinstance(reason, str) else None
    if finish is None:
        return _bad(BadAnswer.NO_FINISH, usage)
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        return _bad(BadAnswer.NOT_TEXT, usage)
    return Reply(encodable(content or ""), finish, usage)


def _bad(answer: BadAnswer, usage: Usage | None = None) -> Setback:
    return Setback(answer, usage=usage or Usage())


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def encodable(text: str) -> str:
    """Half an emoji (a lone surrogate, valid in JSON) becomes U+FFFD: no file and no request takes it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# ---------------------------------------------------------------------------
# What a refused request means: ask again, ask differently, or stop and say what to do.


class Refusal(NamedTuple):
    """An answer with a status that is not 200. `code` and `message` are the server's own words."""

    status: int
    code: str = ""
    message: str = ""
    after: float | None = None
    """Seconds that the server asks to stay away."""
    final: bool = False
    """The server says itself that another attempt is no use (`x-should-retry: false`)."""

    @property
    def words(self) -> str:
        """All that the server said, for looking into it."""
        return f"{self.code} {self.message}".lower()


class Unwelcome(NamedTuple):
    """The model does not take this parameter: ask again without it."""

    parameter: str


Verdict = Reply | Setback | Unwelcome | EngineError
Rule = Callable[[Refusal, Endpoint, Collection[str]], Verdict | None]
"""From a refusal, the endpoint and the parameters that were sent: what it means, None for the next rule."""

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


def verdict(refusal: Refusal, endpoint: Endpoint, sent: Collection[str]) -> Verdict:
    """What a refusal means; the first rule that knows it decides."""
    for rule in RULES:
        found = rule(refusal, endpoint, sent)
        if found is not None:
            return found
    return EngineError(
        f"{endpoint.host} refused the request with {_status(refusal)}: {_quoted(refusal, endpoint)}"
    )


def quota_spent(refusal: Refusal, endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """A 429 without money behind it does not go away by waiting."""
    if refusal.status == 402 or (refusal.status in {403, 429} and _says(refusal, _NO_MONEY)):
        return EngineError(
            f"The account behind the key from {endpoint.key_origin} has no credit left at {endpoint.host}. "
            "Top it up and run the same command again: the answers so far are kept."
        )
    return None


def content_filtered(refusal: Refusal, _endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """A filter that objects to a text is an answer about that text, and no reason to stop the run."""
    if refusal.status in {400, 422} and _says(refusal, _FILTERED):
        return Reply("", Finish.FILTER)
    return None


def key_refused(refusal: Refusal, endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """A wrong key is the most frequent failure of all: say which one it was."""
    if refusal.status not in {401, 403}:
        return None
    if not endpoint.key:
        return EngineError(f"{endpoint.host} asks for a key. Put one into {endpoint.key_origin}.")
    what = "does not accept" if refusal.status == 401 else "allows no access with"
    return EngineError(
        f"{endpoint.host} {what} the key from {endpoint.key_origin} ({_status(refusal)}: "
        f"{_quoted(refusal, endpoint)})"
    )


def request_too_long(refusal: Refusal, endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """Fewer segments may fit. Asked before the parameters: such a message often names `max_tokens`, too."""
    if refusal.status == 413 or (refusal.status in {400, 422, 500} and _says(refusal, _TOO_LONG)):
        return TooLongError(f"A request does not fit the context of {endpoint.model} at {endpoint.host}.")
    return None


def format_refused(refusal: Refusal, endpoint: Endpoint, sent: Collection[str]) -> Verdict | None:
    """One rung down the ladder of reply formats."""
    if "response_format" in sent and refusal.status in {400, 422, 501} and _says(refusal, _FORMAT):
        return FormatRefusedError(
            f"{endpoint.host} does not offer this reply format with {endpoint.model}: "
            f"{_quoted(refusal, endpoint)}"
        )
    return None


def parameter_unwelcome(refusal: Refusal, _endpoint: Endpoint, sent: Collection[str]) -> Verdict | None:
    """Reasoning models take no temperature, older servers no `max_completion_tokens`."""
    if refusal.status not in {400, 422}:
        return None
    named = (name for name in _OPTIONAL if name in sent and name in refusal.words)
    return next((Unwelcome(name) for name in named), None)


def not_there(refusal: Refusal, endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """No such model, or no such path."""
    if refusal.status == 404:
        return EngineError(
            f"{endpoint.host} knows no model {endpoint.model}, or its base URL is another one. "
            f"Check --model and --base-url ({_quoted(refusal, endpoint)})"
        )
    if refusal.status == 405 or 300 <= refusal.status < 400:
        return EngineError(
            f"{endpoint.url} is not where this service answers ({_status(refusal)}). Check --base-url: "
            "a redirect is not followed, so that the key goes nowhere else."
        )
    return None


def worth_another_attempt(refusal: Refusal, endpoint: Endpoint, _sent: Collection[str]) -> Verdict | None:
    """Busy, overloaded or broken for the moment."""
    if refusal.final or not (refusal.status in {408, 409, 425, 429} or refusal.status >= 500):
        return None
    asked_to_wait = refusal.status == 429 or refusal.after is not None
    said = f": {_quoted(refusal, endpoint)}" if refusal.message else ""
    reason = _status(refusal) + said
    return Setback(reason, refusal.after, shared=asked_to_wait, too_many=refusal.status == 429)


RULES: tuple[Rule, ...] = (
    quota_spent,
    content_filtered,
    key_refused,
    request_too_long,
    format_refused,
    parameter_unwelcome,
    not_there,
    worth_another_attempt,
)


def _says(refusal: Refusal, signs: tuple[str, ...]) -> bool:
    return any(sign in refusal.words for sign in signs)


def _status(refusal: Refusal) -> str:
    try:
        return f"HTTP {refusal.status} ({HTTPStatus(refusal.status).phrase})"
    except ValueError:
        return f"HTTP {refusal.status}"


def _quoted(refusal: Refusal, endpoint: Endpoint) -> str:
    return endpoint.masked(refusal.message or refusal.code) or "no reason given"
