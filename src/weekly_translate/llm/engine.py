"""What an engine is: anything that answers a request; the engines by name; what all of them share.

A new one is a `Backend`, which asks once; `RetryingEngine` makes an engine of it, with retries and a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pkgutil import resolve_name
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

from weekly_translate.errors import EngineError, NoEngineError, RefusedError
from weekly_translate.llm.rate_limit import Pace
from weekly_translate.model import Finish, Reply, Status, Usage

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from weekly_translate.llm.providers import BodyFields, Endpoint, Timeouts
    from weekly_translate.model import Request

    OnHeaders = Callable[[Mapping[str, str]], None]


class _EngineFacts(Protocol):
    """What engines and backends have in common."""

    @property
    def name(self) -> str:
        """Engine and model, as the run's signature prints them: `openai gpt-5-mini`."""

    @property
    def worth(self) -> Status:
        """What its answers are: drafts, or translations by a machine."""

    @property
    def endpoint(self) -> str:
        """Where it is: learned facts (the reply format) are remembered per endpoint and name."""

    async def close(self) -> None:
        """Give back connections."""


class Engine(_EngineFacts, Protocol):
    """Answers requests. Retries and the endpoint's quirks are its own business."""

    async def answer(self, request: Request) -> Reply:
        """Answer one request, or raise an `EngineError`; after `stop` a `StoppedError`."""

    def stop(self) -> None:
        """The run ends: what is on its way is answered, what waits raises `StoppedError`."""


class InvalidBody(StrEnum):
    """Why an answer with status 200 cannot be used. The gateway is at fault: asking again may help."""

    NOTHING = "an empty body"
    NOT_JSON = "something else than JSON"
    CUT = "JSON that breaks off"
    NOT_AN_OBJECT = "JSON of another shape"
    ERROR = "an error with status 200"
    NO_CHOICES = "no choices"
    NO_MESSAGE = "a choice without a message"
    NOT_TEXT = "a content that is not text"
    NO_FINISH = "no finish reason, so the answer may be cut"
    TOO_LARGE = "a body over the limit of 4 MB"
    COMPRESSED = "a compressed body, though none was asked for"


class TransientFailure(NamedTuple):
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
    not_json: bool = False
    """Whether what has answered may be no model server at all, but a web site."""
    late: bool = False
    """Whether the answer was given up because it took too long."""
    usage: Usage = Usage()


class RefusedParameter(NamedTuple):
    """The model does not take this parameter: ask again without it, or with other ones `instead`."""

    name: str = ""
    instead: BodyFields = MappingProxyType({})


RequestOutcome = Reply | TransientFailure | RefusedParameter | EngineError
"""What came of one request."""


class Backend(_EngineFacts, Protocol):
    """Asks a model once. It neither waits nor asks again."""

    async def attempt(self, request: Request, on_headers: OnHeaders) -> RequestOutcome:
        """Ask, without what the model has refused so far. Raises nothing but `UsageError`.

        `on_headers` is told those of the response: they may tell the rate limit.
        """


class EngineInfo(NamedTuple):
    """What is known of an engine without asking it."""

    name: str
    endpoint: str = ""
    worth: Status = Status.MACHINE

    @classmethod
    def of(cls, engine: Engine) -> EngineInfo:
        """The facts about an engine."""
        return cls(engine.name, engine.endpoint, engine.worth)


NOT_ASKED = EngineInfo("nothing asked")
"""Where a document is only looked at: texts are judged as a machine's, not as drafts."""


class EngineSettings(Protocol):
    """What an engine may need of the settings."""

    @property
    def engine(self) -> str:
        """The engine's name in the registry."""

    @property
    def base_url(self) -> str:
        """The address of the endpoint."""

    @property
    def key(self) -> str:
        """The key for it; empty where there is none."""

    @property
    def endpoint(self) -> Endpoint:
        """Both, and the model there. Raises `UsageError` where it must not get the key."""

    @property
    def jobs(self) -> int:
        """How many requests are under way at a time."""

    @property
    def cache(self) -> Path:
        """The folder for what takes long to make and is safe to delete."""


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine is given beside the settings.

    `estimate` counts the tokens of a text, roughly; without it a cut prompt goes unnoticed. `on_wait` is told
    the reason and the seconds of every pause. `facts_about` an endpoint and an engine's name are what earlier
    runs have learned, and `on_learned` is told what this one learns. Without `timeouts` the provider's count.
    """

    estimate: Callable[[str], int] | None = None
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None
    on_learned: Callable[[Mapping[str, str]], None] = lambda _facts: None
    pace: Pace = field(default_factory=Pace)
    timeouts: Timeouts | None = None
    facts_about: Callable[[str, str], Mapping[str, str]] = lambda _endpoint, _name: {}


Found = TypeVar("Found")

_UNREACHABLE_AFTER = 3
"""Attempts at a host that has never answered: most likely its address is wrong."""
_LATE_ATTEMPTS = 2
"""So often the same request may take too long: minutes go by each time."""
_EMPTY_ATTEMPTS = 3
"""So often an answer may come without a text: then it is none that the provider will give."""
_REFUSALS_IN_A_ROW = 8
"""So many refusals for unknown reasons, with no answer in between, may each be about a text."""
_CONTEXT_SIZES = (2048, 4096, 8192)
"""At which Ollama cuts prompts, in tokens."""
_CUT_PROMPTS = 2
"""Prompts that have to be exactly of a context's size: one may be so by chance."""


async def retried(
    once: Callable[[int], Awaitable[Found | TransientFailure]],
    wait: Callable[[TransientFailure, int], Awaitable[None]],
    attempts: int,
) -> Found | TransientFailure:
    """The first result that is no failure, or the last failure. Both functions get the attempt, from 1 on.

    After the first, two refusals of too many requests count as one attempt: where other runs use the same
    limit, they are no sign of trouble.
    """
    number, left = 1, attempts - 1.0
    while isinstance(result := await once(number), TransientFailure) and left > 0:
        await wait(result, number)
        number, left = number + 1, left - (0.5 if result.too_many and number > 1 else 1)
    return result


_EMPTY = {InvalidBody.NO_CHOICES, InvalidBody.NO_MESSAGE}


class RetryingEngine:
    """An `Engine` that asks a backend until it answers, at most `attempts` times."""

    def __init__(self, backend: Backend, context: EngineContext | None = None, *, attempts: int = 8) -> None:
        self.name, self.endpoint, self.worth = backend.name, backend.endpoint, backend.worth
        self._host = urlsplit(backend.endpoint).netloc
        self._backend = backend
        self._context = context or EngineContext()
        self._pace = self._context.pace
        self._attempts = attempts
        facts = self._context.facts_about(backend.endpoint, backend.name)
        self._has_answered = False
        self._refusals_left = 1 if facts else 0
        """How many may still be about a text. Of a model that has never answered, none is."""
        self._asking: set[asyncio.Event] = set()
        """Set when a request has come to its end."""
        self._longest_prompt = 0
        self._cut_prompts = 0
        """How many were as long as the longest, which is a context's size, and should have been longer."""

    async def answer(self, request: Request) -> Reply:
        """The model's reply; its usage counts every attempt. Raises `EngineError` when trying is no use."""
        import asyncio  # noqa: PLC0415 - a plan waits for nobody

        used, tries = Usage(), 0

        async def once(number: int) -> Reply | TransientFailure:
            nonlocal used, tries
            tries = number
            outcome = await self._outcome(request, again=number > 1)
            used += outcome.usage
            return outcome

        ended = asyncio.Event()
        self._asking.add(ended)
        try:
            outcome = await retried(once, self._wait, self._attempts)
        except RefusedError as error:
            ended.set()
            if not await self._may_be_about_text():
                raise
            self._refusals_left -= 1
            return Reply("", Finish.UNKNOWN, used, error.said)
        finally:
            ended.set()
            self._asking.discard(ended)
        if isinstance(outcome, Reply):
            self._refusals_left = _REFUSALS_IN_A_ROW
            return outcome._replace(usage=used)
        raise EngineError(
            f"{self._host} gave no usable answer in {tries} attempts (the last failure: "
            f"{outcome.reason}). The answers so far are kept: run the same command again later."
        )

    async def _may_be_about_text(self) -> bool:
        """Whether other requests are answered: then one that is refused may hold a text that is not liked."""
        for other in list(self._asking):
            if self._refusals_left:
                break
            await other.wait()
        return self._refusals_left > 0

    def stop(self) -> None:
        """Wait neither for a turn nor for another attempt."""
        self._pace.stop()

    async def close(self) -> None:
        """Give back connections."""
        await self._backend.close()

    async def _outcome(self, request: Request, *, again: bool) -> Reply | TransientFailure:
        """One answer or failure; a parameter that the model does not take is left out from now on."""
        estimate = self._context.estimate or (lambda _text: 0)  # nobody can tell
        tokens, requests = sum(estimate(message.content) for message in request.messages), 0
        while True:
            outcome = await self._attempt(request, tokens, again=again)
            requests += self.worth is not Status.DRAFT  # which is made here, and costs nothing
            if isinstance(outcome, EngineError):
                raise outcome
            if isinstance(outcome, RefusedParameter):
                continue
            if isinstance(outcome, Reply) and self.worth is not Status.DRAFT:
                outcome = _counted(outcome, tokens, estimate)
            prompt = outcome.usage.prompt
            if tokens and prompt and self._is_cut(prompt, tokens):
                raise EngineError(
                    f"{self._host} has read {prompt} of about {tokens} tokens: its context is too small and "
                    "it cuts prompts silently. With Ollama, create a model with a larger context (a "
                    "Modelfile with `FROM <model>` and `PARAMETER num_ctx 16384`, then `ollama create`) or "
                    "set OLLAMA_CONTEXT_LENGTH=16384 for the server."
                )
            return outcome._replace(usage=outcome.usage + Usage(requests=requests))

    async def _attempt(self, request: Request, tokens: int, *, again: bool) -> RequestOutcome:
        """Ask once, when the rate limit allows it."""
        ticket = await self._pace.turn(tokens, again=again)
        headers: dict[str, str] = {}
        try:
            outcome = await self._backend.attempt(request, headers.update)
        finally:
            self._pace.learn(ticket, headers)
        failed = isinstance(outcome, TransientFailure) and (outcome.unreachable or outcome.not_json)
        self._has_answered = self._has_answered or not failed
        return outcome

    async def _wait(self, failure: TransientFailure, attempt: int) -> None:
        """Stay away as long as the server asks, else (or where it says 0) as long as the backoff says.

        Answers that come too late are waited for twice and no more: a server that drips would hold a run.
        """
        if failure.late and attempt >= _LATE_ATTEMPTS:
            raise EngineError(
                f"{self._host} gave {failure.reason}, {_LATE_ATTEMPTS} times. The answers so far are kept. "
                "If it is only slow, allow it more: `idle` and `total` seconds in your own providers.yaml "
                "(docs/providers.md)."
            )
        if failure.reason in _EMPTY and attempt >= _EMPTY_ATTEMPTS and self._refusals_left:
            raise RefusedError(f"{self._host} gave {failure.reason}.", failure.reason)
        if attempt == _UNREACHABLE_AFTER and not self._has_answered:
            if failure.not_json:
                raise EngineError(
                    f"{self._host} answers with {failure.reason}. Check --base-url: it has to be the address "
                    "of the API, which often ends in /v1, and not that of a web site."
                )
            raise EngineError(
                f"{self._host} cannot be reached: {failure.reason}. "
                "Check --base-url and the network, and whether the server is running."
            )
        seconds = self._pace.delay(attempt, failure.after, too_many=failure.too_many)
        if seconds > self._pace.longest:
            raise EngineError(
                f"{self._host} asks to come back {self._pace.come_back(seconds)}: {failure.reason}. "
                "The answers so far are kept: run the same command again then."
            )
        self._context.on_wait(failure.reason, seconds)
        if failure.too_many:
            self._pace.refused(failure.after)
        if failure.shared:
            self._pace.hold(seconds)
        else:
            await self._pace.rest(seconds)

    def _is_cut(self, prompt: int, expected: int) -> bool:
        """Whether a prompt of which the server has read so many tokens was cut, which it does not say itself.

        It was if that is far below the estimate, or for the second time a context's size. Tokenizers differ
        by a third at most; a provider that counts only what it had not cached reports less than any context's
        size. A prompt that is longer than a context's size shows that there is no such context.
        """
        if prompt > self._longest_prompt:
            self._longest_prompt, self._cut_prompts = prompt, 0
        if prompt == self._longest_prompt and prompt in _CONTEXT_SIZES and prompt < 0.95 * expected:
            self._cut_prompts += 1
        far_below = prompt >= _CONTEXT_SIZES[0] // 2 and prompt < 0.6 * expected
        return self._cut_prompts >= _CUT_PROMPTS or far_below


def _counted(reply: Reply, prompt: int, estimate: Callable[[str], int]) -> Reply:
    """A reply of an endpoint that does not say what it has used: a budget counts that all the same."""
    usage = reply.usage
    if not reply.text or usage.prompt or usage.completion > usage.reasoning:
        return reply
    return reply._replace(usage=usage + Usage(prompt=prompt, completion=estimate(reply.text)))


class BackendClass(Protocol):
    """Makes a backend from the settings, and knows what it needs of them."""

    @property
    def worth(self) -> Status:
        """What its answers are: drafts, or translations by a machine."""

    def lacks(self, base_url: str, key: str) -> str:
        """What is missing for it to be asked; nothing where all is there."""

    def from_settings(self, settings: EngineSettings, context: EngineContext) -> Backend:
        """The backend, not yet connected. Raises `UsageError` for settings that it cannot work with."""


ENGINES: Mapping[str, str] = {
    "openai": "weekly_translate.llm.openai:OpenAIChat",
    "draft": "weekly_translate.llm.draft:DraftEngine",
}
"""The module and the class of each engine."""


class AbsentEngine:
    """An `Engine` that lacks what it needs: a run that the memory answers whole never notices."""

    def __init__(self, backend: Backend, lacks: str) -> None:
        """It is called like the backend that would have been asked."""
        self.name, self.endpoint, self.worth = backend.name, backend.endpoint, backend.worth
        self._backend, self._lacks = backend, lacks

    async def answer(self, request: Request) -> Reply:
        """Raise `NoEngineError`."""
        del request
        raise NoEngineError(self._lacks)

    def stop(self) -> None:
        """Nothing waits."""

    async def close(self) -> None:
        """Give back what the backend has."""
        await self._backend.close()


def refuse_absent(settings: EngineSettings) -> None:
    """Raise `NoEngineError` where the engine of the settings cannot be asked."""
    if lacks := _backend_class(settings.engine).lacks(settings.base_url, settings.key):
        raise NoEngineError(lacks)


def makes_drafts(name: str) -> bool:
    """Whether the engine makes drafts, which cost nothing; one that does not exist makes none."""
    return name in ENGINES and _backend_class(name).worth is Status.DRAFT


def engine_for(settings: EngineSettings, context: EngineContext) -> Engine:
    """The engine that the settings name, not yet connected. Raises `UsageError`."""
    made = _backend_class(settings.engine)
    backend = made.from_settings(settings, context)
    if lacks := made.lacks(settings.base_url, settings.key):
        return AbsentEngine(backend, lacks)
    return RetryingEngine(backend, context)


def _backend_class(name: str) -> BackendClass:
    found: BackendClass = resolve_name(ENGINES[name])
    return found
