"""Any endpoint that speaks OpenAI's `chat.completions`."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from weekly_translate.llm.endpoint import OPENAI, Endpoint
from weekly_translate.llm.engine import INSTEAD, TEMPERATURE, AttemptResult
from weekly_translate.llm.providers import SYSTEM_ROLE
from weekly_translate.llm.requests import DOUBTS, DOUBTS_SCHEMA
from weekly_translate.llm.responses import (
    ErrorResponse,
    RefusedParameter,
    TransientFailure,
    encodable,
    meaning_of,
    object_in,
    reply_in,
)
from weekly_translate.model import Format, Message, Reply, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from weekly_translate.llm.connection import Connection
    from weekly_translate.llm.endpoint import Timeouts
    from weekly_translate.llm.engine import EngineContext, EngineSettings
    from weekly_translate.llm.providers import Provider
    from weekly_translate.llm.responses import RequestOutcome
    from weekly_translate.model import Request


class OpenAIChat:
    """A `Backend` for a hosted or local model, with at most `jobs` connections."""

    worth = Status.MACHINE

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        jobs: int = 4,
        timeouts: Timeouts | None = None,
        facts: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`facts` are what runs have learned about the model; without `timeouts` the provider's count.

        `now` is the time in seconds since 1970, for servers that name the moment to come back.
        """
        self.name = f"openai {endpoint.model}"
        self.endpoint = endpoint.url
        self._endpoint = endpoint
        self._jobs, self._timeouts, self._now = jobs, timeouts or endpoint.timeouts, now
        self._instead: dict[str, object] = json.loads((facts or {}).get(INSTEAD, "{}"))
        """Fields that the model has asked for in its errors."""

    @classmethod
    def from_settings(cls, settings: EngineSettings, context: EngineContext) -> OpenAIChat:
        """For the endpoint of the settings. Raises `UsageError` where that must not get the key."""
        endpoint = Endpoint(settings.base_url, settings.model, settings.key, provider=settings.provider)
        facts = context.facts_about(endpoint.url, f"openai {endpoint.model}")
        return cls(endpoint, jobs=settings.jobs, timeouts=context.timeouts, facts=facts, now=context.pace.now)

    @staticmethod
    def lacks(base_url: str, key: str) -> str:
        """What is missing for it to be asked; nothing where all is there."""
        if key or base_url != OPENAI:
            return ""
        return "There is no model to ask: OPENAI_API_KEY is not set, and --base-url names no server."

    async def attempt(self, request: Request, without: Collection[str]) -> AttemptResult:
        """Send the request once."""
        endpoint = self._endpoint
        parameters: dict[str, Any] = {
            **parameters_of(request, endpoint.model, endpoint.provider, without),
            **self._instead,
        }
        content, headers = await self._connection.post("/chat/completions", parameters)
        outcome: RequestOutcome
        if isinstance(content, TransientFailure):
            outcome = content
        elif isinstance(content, ErrorResponse):
            outcome = meaning_of(content, endpoint, parameters)
        else:
            outcome = reply_in(content, endpoint, parameters)
        if isinstance(outcome, Reply):
            outcome = replace(outcome, text=endpoint.without_key(outcome.text))
        if isinstance(outcome, RefusedParameter):
            self._instead.update(outcome.instead)
            self._instead.pop(outcome.name, None)
        return AttemptResult(outcome, headers, parameters.keys())

    @cached_property
    def _connection(self) -> Connection:
        from weekly_translate.llm.connection import Connection  # noqa: PLC0415 - half a second to load

        return Connection(self._endpoint, jobs=self._jobs, timeouts=self._timeouts, now=self._now)

    async def close(self) -> None:
        """Give back connections."""
        if "_connection" in vars(self):
            await self._connection.close()


def parameters_of(
    request: Request, model: str, provider: Provider, without: Collection[str] = ()
) -> dict[str, object]:
    """What is sent, at once or in a batch, without what this model has turned out not to take."""
    left_out = provider.without.union(without)
    messages = request.messages if SYSTEM_ROLE not in left_out else _without_roles(request.messages)
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


def _without_roles(messages: Iterable[Message]) -> tuple[Message, ...]:
    """What all of them say, as a person's message: some models have no other role."""
    return (Message("user", "\n\n".join(message.content for message in messages)),)


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
