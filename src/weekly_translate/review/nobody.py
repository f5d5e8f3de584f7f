"""The engine of a review: nothing is asked while a person looks at what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.errors import EngineError
from weekly_translate.exchange import Status

if TYPE_CHECKING:
    from weekly_translate.exchange import Reply, Request


class Nobody:
    """An engine that is never asked; texts are judged as a machine's, not as drafts."""

    name = "nothing asked"
    worth = Status.MACHINE
    endpoint = ""

    async def answer(self, request: Request) -> Reply:
        """Refuse."""
        raise EngineError(f"A review asks no model: {len(request.segments)} segments stay as they are.")

    def stop(self) -> None:
        """It never waits."""

    async def close(self) -> None:
        """There is nothing to give back."""
