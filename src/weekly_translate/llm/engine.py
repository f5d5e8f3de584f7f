"""What an engine is: anything that answers a request. `registry.py` has them by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from weekly_translate.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.llm.endpoint import Timeouts
    from weekly_translate.llm.rate_limit import Pace
    from weekly_translate.model import Reply, Request


class Engine(Protocol):
    """Answers requests. Retries and the endpoint's quirks are its own business."""

    @property
    def name(self) -> str:
        """Engine and model, as the run's signature prints them: `openai gpt-5-mini`."""

    @property
    def worth(self) -> Status:
        """What its answers are: drafts, or translations by a machine."""

    @property
    def endpoint(self) -> str:
        """Where it is: learned facts (the reply format) are remembered per endpoint and name."""

    async def answer(self, request: Request) -> Reply:
        """Answer one request, or raise an `EngineError`; after `stop` a `StoppedError`."""

    def stop(self) -> None:
        """The run ends: what is on its way is answered, what waits raises `StoppedError`."""

    async def close(self) -> None:
        """Give back connections."""


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


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine is given beside the settings.

    `estimate` counts the tokens of a text, roughly. `on_wait` is told the reason and the seconds of every
    pause, `on_temperature` whether the model takes one. `pace` and `timeouts` replace the usual ones.
    """

    estimate: Callable[[str], int] | None = None
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None
    on_temperature: Callable[[str], None] = lambda _fate: None
    pace: Pace | None = None
    timeouts: Timeouts | None = None
