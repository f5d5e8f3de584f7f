"""Time for tests: nobody waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weekly_translate.llm.rate_limit import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@dataclass
class FakeTime:
    """A clock that only moves when somebody sleeps."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    def pace(self, random: Callable[[], float] = lambda: 1.0) -> Pace:
        return Pace(clock=lambda: self.time, now=lambda: NEW_YEAR, sleep=self.sleep, random=random)
