"""The engines by the names that the settings use: a new one is a class and its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from weekly_translate.llm.draft import DraftEngine
from weekly_translate.llm.openai import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.llm.engine import Engine, EngineContext
    from weekly_translate.settings import Settings


class EngineClass(Protocol):
    """Makes an engine from the settings, and takes from them what it needs."""

    def from_settings(self, settings: Settings, context: EngineContext) -> Engine:
        """The engine, not yet connected. Raises `UsageError` for settings that it cannot work with."""


ENGINES: Mapping[str, EngineClass] = {
    "openai": OpenAIChat,
    "draft": DraftEngine,
}


def engine_for(settings: Settings, context: EngineContext) -> Engine:
    """The engine that the settings name, not yet connected. Raises `UsageError`."""
    return ENGINES[settings.engine].from_settings(settings, context)
