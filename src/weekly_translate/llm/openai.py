"""Any endpoint that speaks OpenAI's `chat.completions`."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from weekly_translate.llm.endpoint import OPENAI, Endpoint
from weekly_translate.llm.engine import INSTEAD, REFUSED, TAKEN, TEMPERATURE, WITHOUT, EngineContext
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
    from collections.abc import Collection, Iterable

    from weekly_translate.llm.connection import Connection
    from weekly_translate.llm.engine import EngineSettings, OnHeaders
    from weekly_translate.llm.providers import Provider
    from weekly_translate.llm.responses import RequestOutcome
    from weekly_translate.model import Request


class OpenAIChat:
    """A `Backend` for a hosted or local model, with at most `jobs` connections."""

    worth = Status.MACHINE

    def __init__(self, endpoint: Endpoint, context: EngineContext | None = None, *, jobs: int = 4) -> None:
        """It begins with what runs have learned about the model, and goes on learning."""
        self.name = f"openai {endpoint.model}"
        self.endpoint = endpoint.url
        self._endpoint, self._jobs = endpoint, jobs
        self._context = context or EngineContext()
        facts = self._context.facts_about(self.endpoint, self.name)
        self._refused = set(facts.get(WITHOUT, "").split())
        """The parameters that the model does not take."""
        self._instead: dict[str, object] = json.loads(facts.get(INSTEAD, "{}"))
        """Fields that the model has asked for in its errors."""

    @classmethod
    def from_settings(cls, settings: EngineSettings, context: EngineContext) -> OpenAIChat:
        """For the endpoint of the settings. Raises `UsageError` where that must not get the key."""
        endpoint = Endpoint(settings.base_url, settings.model, settings.key, provider=settings.provider)
        return cls(endpoint, context, jobs=settings.jobs)

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
        content, headers = await self._connection.post("/chat/completions", parameters)
        on_headers(headers)
        if isinstance(content, TransientFailure):
            return content
        if isinstance(content, ErrorResponse):
            outcome = meaning_of(content, endpoint, parameters)
        else:
            outcome = reply_in(content, endpoint, parameters)
        if isinstance(outcome, RefusedParameter):
            self._learn(outcome)
        if not isinstance(outcome, Reply):
            return outcome
        if TEMPERATURE in parameters:
            self._context.on_learned({TEMPERATURE: TAKEN})
        return replace(outcome, text=endpoint.without_key(outcome.text))

    def _learn(self, refused: RefusedParameter) -> None:
        self._refused |= {refused.name} if refused.name else set()
        self._instead.update(refused.instead)
        self._instead.pop(refused.name, None)
        facts = {WITHOUT: " ".join(sorted(self._refused)), INSTEAD: json.dumps(self._instead)}
        self._context.on_learned(facts | ({TEMPERATURE: REFUSED} if refused.name == TEMPERATURE else {}))

    @cached_property
    def _connection(self) -> Connection:
        from weekly_translate.llm.connection import Connection  # noqa: PLC0415 - half a second to load

        timeouts = self._context.timeouts or self._endpoint.timeouts
        return Connection(self._endpoint, jobs=self._jobs, timeouts=timeouts, now=self._context.pace.now)

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
