"""The engines by the names that the settings use: a new one is a class and its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from weekly_translate.errors import UsageError
from weekly_translate.llm.draft import DraftEngine
from weekly_translate.llm.openai import OpenAIChat
from weekly_translate.llm.retrying import RetryingEngine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.llm.engine import Backend, Engine, EngineContext, EngineSettings
    from weekly_translate.model import Status


class BackendClass(Protocol):
    """Makes a backend from the settings, and knows what it needs of them."""

    @property
    def worth(self) -> Status:
        """What its answers are: drafts, or translations by a machine."""

    def lacks(self, base_url: str, key: str) -> str:
        """What is missing for it to be asked, and how to mend that; nothing where all is there."""

    def from_settings(self, settings: EngineSettings, context: EngineContext) -> Backend:
        """The backend, not yet connected. Raises `UsageError` for settings that it cannot work with."""


ENGINES: Mapping[str, BackendClass] = {
    "openai": OpenAIChat,
    "draft": DraftEngine,
}


def usual_engine(base_url: str, key: str) -> str:
    """The name of the first engine that has all it needs, for settings that name none."""
    return next(name for name, engine in ENGINES.items() if not engine.lacks(base_url, key))


def refuse_unusable(name: str, base_url: str, key: str) -> None:
    """Raise `UsageError` for an engine that does not exist or lacks something."""
    if name not in ENGINES:
        raise UsageError(f"The engine {name!r} does not exist. Choose {' or '.join(ENGINES)}.")
    if lacks := ENGINES[name].lacks(base_url, key):
        raise UsageError(lacks)


def engine_for(settings: EngineSettings, context: EngineContext) -> Engine:
    """The engine that the settings name, not yet connected. Raises `UsageError`."""
    return RetryingEngine(ENGINES[settings.engine].from_settings(settings, context), context)
