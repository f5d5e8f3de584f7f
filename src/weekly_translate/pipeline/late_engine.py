"""Whoever answers a day later: a Batch API, another service or a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.exchange import Status
from weekly_translate.pipeline.attempts import BATCH

if TYPE_CHECKING:
    from weekly_translate.exchange import Reply, Request


class LateEngine:
    """Stands for whoever answered later; it is never asked."""

    def __init__(self, name: str, endpoint: str, worth: Status = Status.MACHINE) -> None:
        """The answers are of the origin `name`, with ` batch` behind it; `worth` says who vouches."""
        self.name = name + BATCH
        self.endpoint = endpoint
        self.worth = worth

    async def answer(self, request: Request) -> Reply:
        """Nobody is there to answer now."""
        raise NotImplementedError

    def stop(self) -> None:
        """It never waits."""

    async def close(self) -> None:
        """Nothing is open."""
