"""What an endpoint allows in a minute, and when the next request may go out."""

from __future__ import annotations

import math
import random
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import StoppedError
from weekly_translate.text.characters import lazy_pattern

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping

MINUTE = 60.0
_CARE = 0.98
"""So much of the limit is used: two clocks are never quite the same."""
_GROWTH = 1.05
"""After a minute without a refusal, a limit that was only felt may be this much higher."""
_LESS, _MORE = 0.9, 1.15
"""By how much our share of a limit changes with a refusal, and with an answer that leaves something."""
_SOON = 8.0
"""Seconds without a refusal after which a first guess is doubled: it may have been a moment's refusal."""
_BURST = 2.0
"""From so many on, several may go out at once."""
_TICK = 0.001
"""Seconds that nobody waits for: a sum of fractions is never quite what it should be."""
_REFUSAL_STEPS, _REFUSALS = 2, 2
"""Where nobody tells the limit, the backoff goes so many steps further, which is enough for two refusals."""
_DURATION = lazy_pattern(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": MINUTE, "h": 60 * MINUTE, "d": 1440 * MINUTE}


class LimitHeaders(NamedTuple):
    """What headers say: the limit, what is left of it, and in how many seconds it is whole again."""

    limit: float
    remaining: float
    reset: float

    @property
    def pause(self) -> float:
        """How long to wait where nothing is left and it comes back all at once, as a window ends.

        Where it comes back bit by bit, the whole takes a minute from nothing, and the next bit is soon there.
        """
        ends = 2 * MINUTE / self.limit < self.reset < 0.9 * MINUTE
        return self.reset if self.remaining < 1 and ends else 0.0


def limit_in(headers: Mapping[str, str], what: str) -> LimitHeaders | None:
    """The `x-ratelimit-*` headers for `requests` or `tokens`; None where they are not there or odd."""
    try:
        limit = float(headers[f"x-ratelimit-limit-{what}"])
        remaining = float(headers[f"x-ratelimit-remaining-{what}"])
    except (KeyError, ValueError):
        return None
    if not (1 <= limit < math.inf and 0 <= remaining <= limit):
        return None
    parts = _DURATION.findall(headers.get(f"x-ratelimit-reset-{what}", "")[:40])
    return LimitHeaders(limit, remaining, sum(float(number) * _SECONDS[unit] for number, unit in parts))


@dataclass(slots=True)
class Allowance:
    """A bucket that fills steadily, a limit's worth in a minute. Times are seconds of one clock."""

    limit: float = math.inf
    _room: float = math.inf
    """What it holds at most."""
    _level: float = math.inf
    _at: float = 0.0
    _corrected: float = 0.0
    """By how much headers have lowered the level, all in all."""
    _taken: deque[float] = field(default_factory=deque)
    """When something was taken and not refused, in the last minute."""
    _begun: float = math.inf
    """When something was taken for the first time."""
    _refused_at: float = -math.inf
    """When something was refused for the last time."""
    _held_since: float = math.inf
    """Since when the limit has held, where nobody has told it: since a refusal, or since it was raised."""
    is_told: bool = False
    """Whether headers have told the limit."""
    _share: float = 1.0
    """How much of such a limit is ours: where we are refused within it, others use it too."""
    _doubts: bool = True
    """Whether such a limit is a first guess, which may be far too low."""

    @property
    def is_strict(self) -> bool:
        """Whether something was refused: from then on one goes out at a time, and only the limit counts."""
        return self._room < _BURST

    @property
    def interval(self) -> float:
        """Seconds from one to the next, once all that was there is used."""
        return MINUTE / (self.limit * _CARE * self._share)

    def wait(self, amount: float, now: float) -> float:
        """In how many seconds this much is there; what is over the limit needs all of it."""
        self._probe(now)
        if self.limit == math.inf:
            return 0.0
        seconds = (min(amount, self._room) - self._filled(now)) * self.interval
        return seconds if seconds > _TICK else 0.0

    def take(self, amount: float, now: float) -> float:
        """Use this much; what is returned is for `learn`."""
        self._level, self._at = self._filled(now) - amount, max(now, self._at)
        self._begun = min(self._begun, now)
        self._taken.append(now)
        self._forget(now)
        return self._level + self._corrected

    def whole_in(self, now: float) -> float:
        """In how many seconds the first of what was let through in the last minute is a minute ago."""
        self._forget(now)
        return self._taken[0] + MINUTE - now if self._taken else 0.0

    def learn(self, left: LimitHeaders, taken: float, in_flight: float, now: float) -> None:
        """Correct the level by what was left when the request with the level `taken` had arrived.

        The first time, what is `in_flight` may not have arrived yet.
        """
        if self.limit == math.inf:
            self._room = left.limit
            self._level, self._at = left.remaining - in_flight, now
        elif math.isfinite(taken) and not self.is_strict:
            excess = taken - self._corrected - left.remaining
            excess = min(excess, 0.0) or max(excess - 1, 0.0)  # what is left is told in whole numbers
            self._level, self._at = self._filled(now) - excess, max(now, self._at)
            self._corrected += excess
        self.limit, self._held_since, self.is_told = left.limit, math.inf, True
        if left.remaining >= 1:
            self._share = min(1.0, self._share * _MORE)

    def refuse(self, after: float | None, now: float) -> None:
        """A request was refused: from now on one at a time, as many in a minute as have been let through.

        What the server asks to wait says how often it lets one through, if it has let none through yet.
        """
        if self._taken:
            self._taken.pop()
        self._forget(now)
        passed = float(len(self._taken))
        if self.limit == math.inf:
            self.limit = max(passed, MINUTE / max(after or 1.0, 1.0))
        elif self.is_told:
            if now - self._refused_at > min(1.0, self.interval):
                self._share *= _LESS
        elif now - self._refused_at > 1:  # not one of those that were sent together with the last one
            lower = self.limit / _GROWTH
            self.limit = min(passed or lower, lower) if now - self._begun >= MINUTE else lower
            self._doubts = False
        self._refused_at, self._held_since = now, now + (after or 0.0)
        self._room = _BURST / 2
        # Where the server does not say how long to wait, one is let through in an interval's time.
        pause = self.interval if after is None else after
        self._level, self._at = self._room - pause / self.interval, now

    def _probe(self, now: float) -> None:
        """What nobody has told may be more: try it out, soon at first, and then minute by minute."""
        pause, factor = (_SOON, 2.0) if self._doubts else (MINUTE, _GROWTH)
        if self.limit < math.inf and now - self._held_since >= pause:
            self._level, self._at = self._filled(now), max(now, self._at)
            self.limit, self._held_since = self.limit * factor, now

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()

    def _filled(self, now: float) -> float:
        if self.limit == math.inf:
            return math.inf
        return min(self._room, self._level + max(0.0, now - self._at) / self.interval)


class Ticket(NamedTuple):
    """A request that may go out, its tokens, and what was left of both allowances then."""

    tokens: float
    requests_left: float
    tokens_left: float


async def _sleep(seconds: float) -> None:
    import asyncio  # noqa: PLC0415 - a plan waits for nobody

    await asyncio.sleep(seconds)


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
    sleep: Callable[[float], Awaitable[object]] = _sleep
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
        import asyncio  # noqa: PLC0415 - a plan waits for nobody

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
        if left := limit_in(headers, "requests"):
            self._requests.learn(left, ticket.requests_left, len(self._in_flight), now)
            self.hold(0.0 if self._requests.is_strict else left.pause)
        if left := limit_in(headers, "tokens"):
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

    def delay(self, attempt: int, after: float | None, *, too_many: bool) -> float:
        """How long to stay away after the `attempt`-th failure in a row: as the server asks, or the backoff.

        Where the server has refused too many requests, and its own word was no help twice, longer: most count
        by the minute, so that one has to go by since what was let through first.
        """
        if not too_many:
            return after or self.backoff(attempt)
        seconds = after or self.backoff(attempt + _REFUSAL_STEPS)
        if self._requests.is_told:  # others, who use the same limit, were faster: not all at once again
            is_late = attempt > 2 * _REFUSALS
            return seconds + (self.backoff(attempt - _REFUSALS) if is_late else self.random())
        return seconds if attempt <= _REFUSALS else max(seconds, self._requests.whole_in(self.clock()))

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


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """How many seconds the server asks to stay away, by `retry-after-ms` or `Retry-After`, if it does.

    What is neither a number nor an HTTP date (RFC 9110, 10.2.3) counts as not said. `now` is the time in
    seconds since 1970.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(ValueError):
            seconds = float(headers.get(name, "")) * unit
            if math.isfinite(seconds) and seconds >= 0:
                return seconds
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - hardly any server names a moment

    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
