"""What an endpoint allows in a minute, of requests or of tokens, as far as it has been told or felt."""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE = 60.0
_CARE = 0.98
"""So much of the limit is used: two clocks are never quite the same."""
_GROWTH = 1.05
"""After a minute without a refusal, a limit that was only felt may be this much higher."""
_SOON = 8.0
"""Seconds without a refusal after which a first guess is doubled: it may have been a moment's refusal."""
_BURST = 2.0
"""From so many on, several may go out at once."""
_TICK = 0.001
"""Seconds that nobody waits for: a sum of fractions is never quite what it should be."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": MINUTE, "h": 60 * MINUTE, "d": 1440 * MINUTE}


class Left(NamedTuple):
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


def left_in(headers: Mapping[str, str], what: str) -> Left | None:
    """The `x-ratelimit-*` headers for `requests` or `tokens`; None where they are not there or odd."""
    try:
        limit = float(headers[f"x-ratelimit-limit-{what}"])
        remaining = float(headers[f"x-ratelimit-remaining-{what}"])
    except (KeyError, ValueError):
        return None
    if not (1 <= limit < math.inf and 0 <= remaining <= limit):
        return None
    parts = _DURATION.findall(headers.get(f"x-ratelimit-reset-{what}", "")[:40])
    return Left(limit, remaining, sum(float(number) * _SECONDS[unit] for number, unit in parts))


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
    _doubts: bool = True
    """Whether such a limit is a first guess, which may be far too low."""

    @property
    def is_strict(self) -> bool:
        """Whether something was refused: from then on one goes out at a time, and only the limit counts."""
        return self._room < _BURST

    @property
    def interval(self) -> float:
        """Seconds from one to the next, once all that was there is used."""
        return MINUTE / (self.limit * _CARE)

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

    def learn(self, left: Left, taken: float, in_flight: float, now: float) -> None:
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
        self.limit, self._held_since = left.limit, math.inf

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
