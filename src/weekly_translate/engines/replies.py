"""The body of an answer with status 200: a reply, or one of the ways in which it is none.

Read from plain JSON, not from the library's objects: the library builds them without checking, and the
Batch API delivers the same bodies in a file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from weekly_translate.exchange import Finish, Reply, Usage


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
