"""When the next request may go out: backing off alone, and pausing together when the server says so."""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping


@dataclass(slots=True)
class Pace:
    """The rhythm that all workers of one engine share. Times are seconds.

    Backing off is full jitter, `rand(0, min(cap, base * 2 ** n))`, which spreads clients best (AWS
    Architecture Blog, "Exponential Backoff And Jitter").
    """

    base: float = 0.5
    cap: float = 30.0
    longest: float = 120.0
    """A server that asks for more than this is not waited for."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = random.random
    _held_until: float = field(default=-math.inf, init=False)

    async def turn(self) -> None:
        """Wait until nobody has been told to pause."""
        while (rest := self._held_until - self.clock()) > 0:
            await self.sleep(rest)

    def hold(self, seconds: float) -> None:
        """Let all workers pause; a shorter pause never cuts a longer one."""
        self._held_until = max(self._held_until, self.clock() + seconds)

    def backoff(self, attempt: int) -> float:
        """How long one worker stays away after its `attempt`-th failure in a row, counted from 1."""
        return self.random() * min(self.cap, self.base * 2.0 ** min(attempt, 30))

    def asked(self, headers: Mapping[str, str]) -> float | None:
        """How long the server asks to stay away, by `retry-after-ms` or `Retry-After`, if it does.

        What is neither a number nor an HTTP date (RFC 9110, 10.2.3) counts as not said.
        """
        for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            seconds = _number(headers.get(name, "")) * unit
            if math.isfinite(seconds) and seconds >= 0:
                return seconds
        return self._until_date(headers.get("retry-after", ""))

    def come_back(self, seconds: float) -> str:
        """When a long pause is over, for a person: `in 2 h 5 min (after 2026-07-01 14:30 UTC)`."""
        minutes = math.ceil(seconds / 60)
        hours, rest = divmod(minutes, 60)
        duration = f"{hours} h {rest} min" if hours else f"{rest} min"
        try:
            moment = datetime.fromtimestamp(self.now() + seconds, UTC)
        except (OverflowError, ValueError, OSError):  # a pause of ten thousand years
            return f"in {duration}"
        return f"in {duration} (after {moment:%Y-%m-%d %H:%M} UTC)"

    def _until_date(self, value: str) -> float | None:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - self.now())


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan
