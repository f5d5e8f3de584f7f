"""Any endpoint that speaks OpenAI's `chat.completions`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.errors import EngineError
from weekly_translate.llm.endpoint import Endpoint, Timeouts
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.llm.responses import Refusal, Setback, Unwelcome, encodable, reply_in, verdict
from weekly_translate.model import Format, Reply, Request, Status, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from openai import AsyncOpenAI

    from weekly_translate.llm.engine import EngineContext
    from weekly_translate.llm.rate_limit import Ticket
    from weekly_translate.model import Segment
    from weekly_translate.settings import Settings

CONTEXTS = (2048, 4096, 8192)
"""The context sizes at which Ollama cuts, in tokens."""
_AT_LEAST = 2
"""So many prompts have to be of a context's size: one may be so by chance."""


@dataclass(slots=True)
class Contexts:
    """What a server has said of the prompts that it has read."""

    _longest: int = 0
    _exact: int = 0
    """How many were as long as the longest one, which is a context's size, and should have been longer."""

    def is_cut(self, prompt: int, expected: int) -> bool:
        """Whether a prompt of so many tokens was cut: far below the estimate, or one of several at a border.

        Tokenizers differ by a third at most; a provider that counts only what it had not cached reports less
        than any context size. A prompt that is longer than a border shows that there is none.
        """
        if prompt > self._longest:
            self._longest, self._exact = prompt, 0
        if prompt == self._longest and prompt in CONTEXTS and prompt < 0.95 * expected:
            self._exact += 1
        return self._exact >= _AT_LEAST or (prompt >= CONTEXTS[0] // 2 and prompt < 0.6 * expected)


# ---------------------------------------------------------------------------
# A `Request` as the parameters of `chat.completions`.


TEMPERATURE = 0.2
"""Of all requests to models that take one; reasoning models refuse it."""
TAKEN, REFUSED = "taken", "refused"
"""What has become of a temperature."""


def parameters_of(
    request: Request, model: str, *, temperature: float | None, unwelcome: Collection[str]
) -> dict[str, object]:
    """What is sent, at once or in a batch, without what this model has turned out not to take."""
    parameters: dict[str, object] = {
        "model": model,
        "messages": [
            {"role": message.role, "content": encodable(message.content)} for message in request.messages
        ],
    }
    if (format_ := _response_format(request)) is not None:
        parameters["response_format"] = format_
    if temperature is not None and "temperature" not in unwelcome:
        parameters["temperature"] = temperature
    limits = [name for name in ("max_tokens", "max_completion_tokens") if name not in unwelcome]
    if request.max_tokens is not None and limits:
        parameters[limits[0]] = request.max_tokens
    return parameters


def _response_format(request: Request) -> dict[str, object] | None:
    if request.format is Format.SCHEMA:
        schema = {"name": "translations", "strict": True, "schema": schema_for(request.segments)}
        return {"type": "json_schema", "json_schema": schema}
    if request.format is Format.OBJECT:
        return {"type": "json_object"}
    return None


def schema_for(segments: tuple[Segment, ...]) -> dict[str, object]:
    """An object with exactly the ids of the segments, each a string: what "strict" can promise."""
    ids = [segment.id for segment in segments]
    return {
        "type": "object",
        "properties": {id_: {"type": "string"} for id_ in ids},
        "required": ids,
        "additionalProperties": False,
    }


# ---------------------------------------------------------------------------
# Any endpoint that speaks OpenAI's `chat.completions`: what is sent, and how long it is tried.


CALLS_IN_VAIN = 3
"""So many times a host is called that has never answered: most likely its address is wrong."""


def _nobody_waits(_reason: str, _seconds: float) -> None:
    """The default of `on_wait`."""


def _nobody_learns(_fate: str) -> None:
    """The default of `on_temperature`."""


class OpenAIChat:
    """An `Engine` for a hosted or local model.

    `jobs` is the number of connections, `estimate` counts the tokens of a text, roughly; without it a cut
    prompt goes unnoticed. `on_wait` is told the reason and the seconds of every pause,
    `on_temperature` whether the model has taken or refused one, with each answer.
    """

    worth = Status.MACHINE

    def __init__(  # noqa: PLR0913  what comes from outside is handed in, each by its name
        self,
        endpoint: Endpoint,
        *,
        jobs: int = 4,
        attempts: int = 8,
        temperature: float | None = TEMPERATURE,
        timeouts: Timeouts | None = None,
        pace: Pace | None = None,
        estimate: Callable[[str], int] | None = None,
        on_wait: Callable[[str, float], None] = _nobody_waits,
        on_temperature: Callable[[str], None] = _nobody_learns,
    ) -> None:
        self._endpoint = endpoint
        self._jobs = jobs
        self._attempts = attempts
        self._temperature = temperature
        self._timeouts = timeouts or Timeouts()
        self._pace = pace or Pace()
        self._estimate = estimate
        self._on_wait = on_wait
        self._on_temperature = on_temperature
        self._unwelcome: set[str] = set()
        self._contexts = Contexts()
        self._met = False
        self._client: AsyncOpenAI | None = None

    @classmethod
    def from_settings(cls, settings: Settings, context: EngineContext) -> OpenAIChat:
        """For the endpoint of the settings, with their key. Raises `UsageError`."""
        return cls(
            Endpoint(settings.base_url, settings.model, settings.key),
            jobs=settings.jobs,
            pace=context.pace,
            timeouts=context.timeouts,
            estimate=context.estimate,
            on_wait=context.on_wait,
            on_temperature=context.on_temperature,
        )

    @property
    def name(self) -> str:
        """`openai` and the model."""
        return f"openai {self._endpoint.model}"

    @property
    def endpoint(self) -> str:
        """The base URL."""
        return self._endpoint.url

    async def answer(self, request: Request) -> Reply:
        """The model's reply; its usage counts every attempt. Raises `EngineError` when trying is no use."""
        used = Usage()
        last = Setback("")
        for attempt in range(1, self._attempts + 1):
            outcome = await self._attempt(request, again=attempt > 1)
            used += outcome.usage
            if isinstance(outcome, Reply):
                return replace(outcome, text=self._endpoint.without_key(outcome.text), usage=used)
            last = outcome
            if attempt == CALLS_IN_VAIN and not self._met:
                raise EngineError(
                    f"{self._endpoint.host} cannot be reached: {self._endpoint.masked(last.reason)}. "
                    "Check --base-url and the network, and whether the server is running."
                )
            if attempt < self._attempts:
                await self._wait(last, attempt)
        raise EngineError(
            f"{self._endpoint.host} gave no usable answer in {self._attempts} attempts; the last one ended "
            f"with {self._endpoint.masked(last.reason)}. "
            "The answers so far are kept: run the same command again later."
        )

    def stop(self) -> None:
        """Wait neither for a turn nor for another attempt."""
        self._pace.stop()

    async def close(self) -> None:
        """Give back connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _attempt(self, request: Request, *, again: bool) -> Reply | Setback:
        """One answer or setback; a parameter that the model does not take is left out from now on."""
        requests = Usage()
        tokens = self._tokens_of(request)
        while True:
            ticket = await self._pace.turn(tokens, again=again)
            parameters = parameters_of(
                request, self._endpoint.model, temperature=self._temperature, unwelcome=self._unwelcome
            )
            outcome = await self._outcome(parameters, ticket)
            self._met = self._met or not (isinstance(outcome, Setback) and outcome.unreachable)
            requests += Usage(requests=1)
            if isinstance(outcome, EngineError):
                raise outcome
            if isinstance(outcome, Unwelcome):
                self._unwelcome.add(outcome.parameter)
                if outcome.parameter == "temperature":
                    self._on_temperature(REFUSED)
                continue
            if isinstance(outcome, Reply) and "temperature" in parameters:
                self._on_temperature(TAKEN)
            self._check_context(request, outcome.usage)
            return replace(outcome, usage=outcome.usage + requests)

    async def _outcome(
        self, parameters: Mapping[str, object], ticket: Ticket
    ) -> Reply | Setback | Unwelcome | EngineError:
        from weekly_translate.llm.connection import (  # noqa: PLC0415  loads the library: half a second
            body_of,
            connected,
        )

        if self._client is None:
            self._client = connected(self._endpoint, jobs=self._jobs, timeouts=self._timeouts)
        total = self._timeouts.total
        body = await body_of(self._client, parameters, pace=self._pace, ticket=ticket, total=total)
        if isinstance(body, Setback):
            return body
        if isinstance(body, Refusal):
            return verdict(body, self._endpoint, parameters)
        return reply_in(body)

    async def _wait(self, setback: Setback, attempt: int) -> None:
        """Stay away as long as the server asks, else (or where it says 0) as long as the backoff says."""
        after = setback.after
        wanted = self._pace.patience(attempt, after) if setback.too_many else after
        seconds = wanted or self._pace.backoff(attempt)
        reason = self._endpoint.masked(setback.reason)
        if seconds > self._pace.longest:
            raise EngineError(
                f"{self._endpoint.host} asks to come back {self._pace.come_back(seconds)}: {reason}. "
                "The answers so far are kept: run the same command again then."
            )
        self._on_wait(reason, seconds)
        if setback.too_many:
            self._pace.refused(setback.after)
        if setback.shared:
            self._pace.hold(seconds)
        else:
            await self._pace.rest(seconds)

    def _check_context(self, request: Request, usage: Usage) -> None:
        """Stop when the server has read much less than was sent, which it does not say itself."""
        expected = self._tokens_of(request)
        if expected and usage.prompt and self._contexts.is_cut(usage.prompt, expected):
            raise EngineError(
                f"{self._endpoint.host} has read {usage.prompt} of about {expected} tokens: its context is "
                "too small and it cuts prompts silently. With Ollama, create a model with a larger context "
                "(a Modelfile with `FROM <model>` and `PARAMETER num_ctx 16384`, then `ollama create`) or "
                "set OLLAMA_CONTEXT_LENGTH=16384 for the server."
            )

    def _tokens_of(self, request: Request) -> int:
        """About how many tokens the prompt has; 0 where nobody can tell."""
        if self._estimate is None:
            return 0
        return sum(self._estimate(message.content) for message in request.messages)
