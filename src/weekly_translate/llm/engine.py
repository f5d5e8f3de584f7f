"""What an engine is: anything that answers a request. `registry.py` has them by name.

A new one is a `Backend`, which asks once; `RetryingEngine` makes an engine of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from weekly_translate.llm.rate_limit import Pace
from weekly_translate.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from weekly_translate.llm.endpoint import Timeouts
    from weekly_translate.llm.providers import Provider
    from weekly_translate.llm.responses import RequestOutcome
    from weekly_translate.model import Reply, Request

    OnHeaders = Callable[[Mapping[str, str]], None]

TEMPERATURE = "temperature"
TAKEN, REFUSED = "taken", "refused"
"""What is learned about a model's temperature."""
WITHOUT, INSTEAD = "without", "instead"
"""Where it is remembered which parameters a model refuses, and which it has asked for in its errors."""


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
    def model(self) -> str:
        """The model's name there."""

    @property
    def provider(self) -> Provider:
        """What is known of that model there."""

    @property
    def key(self) -> str:
        """The key for it; empty where there is none."""

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
