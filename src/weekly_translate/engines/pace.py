"""When the next request may go out: backing off alone, and pausing together when the server says so."""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.allowance import Allowance, left_in
from weekly_translate.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_LONGER, _TWICE = 2, 2
"""So many steps further goes the backoff from a limit that nobody tells, and so many times it is enough."""


class Ticket(NamedTuple):
    """A request that may go out, its tokens, and what was left of both allowances then."""

    tokens: float
    requests_left: float
    tokens_left: float


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
    _requests: Allowance = field(default_factory=Allowance, init=False)
    _tokens: Allowance = field(default_factory=Allowance, init=False)
    _in_flight: list[Ticket] = field(default_factory=list, init=False)
    _refused: int = field(default=0, init=False)
    """How many requests wait for their turn that had one before."""
    _held_until: float = field(default=-math.inf, init=False)
    _resting: set[asyncio.Future[object]] = field(default_factory=set, init=False)
    _stopped: bool = field(default=False, init=False)

    async def turn(self, tokens: float = 0.0, *, again: bool = False) -> Ticket:
        """Wait until nobody has been told to pause, and a request of so many tokens is allowed.

        One that goes out `again` comes first: it has waited before. Every ticket is given back by `learn`.
        """
        self._refused += again
        try:
            while (seconds := self._wait(tokens, again=again)) > 0:
                await self.rest(seconds)
        finally:
            self._refused -= again
        self._refuse_stopped()
        now = self.clock()
        ticket = Ticket(tokens, self._requests.take(1, now), self._tokens.take(tokens, now))
        self._in_flight.append(ticket)
        return ticket

    async def rest(self, seconds: float) -> None:
        """Do nothing for so long. Raises `StoppedError` as soon as nobody may wait any more."""
        self._refuse_stopped()
        resting = asyncio.ensure_future(self.sleep(seconds))
        self._resting.add(resting)
        try:
            await resting
        except asyncio.CancelledError:
            if not resting.cancelled() or not self._stopped:
                raise
            self._refuse_stopped()
        finally:
            self._resting.discard(resting)

    def stop(self) -> None:
        """Whoever waits, or would have to, gives up. What is on its way is not touched."""
        self._stopped = True
        for resting in self._resting:
            resting.cancel()

    def learn(self, ticket: Ticket, headers: Mapping[str, str]) -> None:
        """The request has ended; `headers` are those of its answer, if there was one."""
        self._in_flight.remove(ticket)
        now = self.clock()
        if left := left_in(headers, "requests"):
            self._requests.learn(left, ticket.requests_left, len(self._in_flight), now)
            self.hold(0.0 if self._requests.is_strict else left.pause)
        if left := left_in(headers, "tokens"):
            self._tokens.learn(left, ticket.tokens_left, sum(one.tokens for one in self._in_flight), now)
            self.hold(left.pause)

    def refused(self, after: float | None) -> None:
        """There were too many requests: fewer go out from now on. `after` is what the server asks to wait."""
        self._requests.refuse(after, self.clock())

    def hold(self, seconds: float) -> None:
        """Let all workers pause; a shorter pause never cuts a longer one."""
        self._held_until = max(self._held_until, self.clock() + seconds)

    def backoff(self, attempt: int) -> float:
        """How long one worker stays away after its `attempt`-th failure in a row, counted from 1."""
        return self.random() * min(self.cap, self.base * 2.0 ** min(attempt, 30))

    def patience(self, attempt: int, after: float | None) -> float:
        """How long to stay away after a refusal: as the server asks, or longer where that was no help twice.

        Most servers count by the minute: then one goes by since what was let through first.
        """
        seconds = after or self.backoff(attempt + _LONGER)
        return seconds if attempt <= _TWICE else max(seconds, self._requests.whole_in(self.clock()))

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

    def _refuse_stopped(self) -> None:
        if self._stopped:
            raise StoppedError("Stopped while waiting for the endpoint.")

    def _wait(self, tokens: float, *, again: bool) -> float:
        now = self.clock()
        allowed = max(self._requests.wait(1, now), self._tokens.wait(tokens, now))
        behind = self._requests.interval if self._refused and not again else 0.0
        return max(self._held_until - now, allowed, behind)

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
