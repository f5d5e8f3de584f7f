"""What a refused request means: ask again, ask differently, or stop and say what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import NamedTuple

from weekly_translate.engines.endpoint import Endpoint
from weekly_translate.engines.replies import Setback
from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError
from weekly_translate.exchange import Finish, Reply


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
