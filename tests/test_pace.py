"""The pace against endpoints that count requests in the three usual ways, and tell their limits or do not."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from virtual_time import run_virtually
from weekly_translate.llm.rate_limit import Pace, limit_in, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 60
"""Requests in a minute."""
LATENCY = 4.0
WORKERS = 16


class Verdict(NamedTuple):
    """What is said to a request: nothing against it, or when to come back; what is left; when it is whole."""

    after: float | None
    remaining: int
    reset: float


class Counting(Protocol):
    def ask(self, now: float) -> Verdict: ...


class Bucket:
    """Fills steadily; `room` requests may come at once."""

    def __init__(self, room: int = LIMIT) -> None:
        self.room, self.level, self.at = room, float(room), 0.0

    def ask(self, now: float) -> Verdict:
        self.level = min(self.room, self.level + (now - self.at) * LIMIT / 60)
        self.at = now
        after = None if self.level >= 1 else (1 - self.level) * 60 / LIMIT
        self.level -= 0 if after else 1
        return Verdict(after, int(self.level), (self.room - self.level) * 60 / LIMIT)


class Window:
    """Counts anew with each minute of the clock."""

    def __init__(self) -> None:
        self.minute, self.count = -1, 0

    def ask(self, now: float) -> Verdict:
        if self.minute != now // 60:
            self.minute, self.count = int(now // 60), 0
        rest = 60 - now % 60
        if self.count >= LIMIT:
            return Verdict(rest, 0, rest)
        self.count += 1
        return Verdict(None, LIMIT - self.count, rest)


class Sliding:
    """Counts what came in the last sixty seconds."""

    def __init__(self) -> None:
        self.times: deque[float] = deque()

    def ask(self, now: float) -> Verdict:
        while self.times and self.times[0] <= now - 60:
            self.times.popleft()
        if len(self.times) >= LIMIT:
            return Verdict(self.times[0] + 60 - now, 0, self.times[0] + 60 - now)
        self.times.append(now)
        return Verdict(None, LIMIT - len(self.times), self.times[0] + 60 - now)


class Endpoint:
    """Answers after a while. `tells` names its headers: the limits, when to come back, or nothing."""

    def __init__(self, counting: Counting, tells: str, clock: Callable[[], float]) -> None:
        self.counting, self.tells, self.clock = counting, tells, clock
        self.answered: list[float] = []
        self.refusals: Counter[int] = Counter()

    async def answer(self, number: int) -> tuple[bool, dict[str, str]]:
        await asyncio.sleep(0.05 + number * 37 % 11 / 100)
        after, remaining, reset = self.counting.ask(self.clock())
        headers = {}
        if "limits" in self.tells:
            headers = {
                "x-ratelimit-limit-requests": str(LIMIT),
                "x-ratelimit-remaining-requests": str(remaining),
                "x-ratelimit-reset-requests": f"{reset:.2f}s",
            }
        if after is not None:
            self.refusals[number] += 1
            return False, headers | (
                {"retry-after-ms": f"{1000 * after:.0f}"} if "after" in self.tells else {}
            )
        self.answered.append(self.clock())
        await asyncio.sleep(LATENCY + number * 17 % 7)
        return True, headers


def asked(counting: Counting, tells: str, requests: int, runs: int = 1) -> Endpoint:
    """What an endpoint saw of workers who ask for that many answers as fast as they are allowed to.

    Those of one of several `runs` know nothing of the others.
    """

    async def all_answered(clock: Callable[[], float]) -> Endpoint:
        endpoint = Endpoint(counting, tells, clock)
        numbers = iter(range(requests))

        async def work(pace: Pace) -> None:
            for number in numbers:
                is_answered = False
                tries = 0
                while not is_answered:
                    ticket = await pace.turn(again=tries > 0)
                    tries += 1
                    is_answered, headers = await endpoint.answer(number)
                    pace.learn(ticket, headers)
                    if not is_answered:
                        after = retry_after(headers, clock())
                        rest = pace.delay(tries, after, too_many=True)
                        pace.refused(after)
                        pace.hold(rest)

        draw = random.Random(1).random  # noqa: S311  repeatable
        paces = [Pace(clock=clock, now=clock, random=draw) for _ in range(runs)]
        await asyncio.gather(*(work(pace) for pace in paces for _ in range(WORKERS)))
        return endpoint

    return run_virtually(all_answered)


KINDS = (Bucket, Window, Sliding, lambda: Bucket(10))


@pytest.mark.parametrize("tells", ["limits and after", "limits", "after"])
@pytest.mark.parametrize("counting", KINDS)
def test_the_limit_of_an_endpoint_is_used_and_nobody_is_refused_twice(
    counting: Callable[[], Counting], tells: str
) -> None:
    endpoint = asked(counting(), tells, 600)
    first, last = endpoint.answered[0], endpoint.answered[-1]
    assert max(endpoint.refusals.values(), default=0) <= 1
    assert endpoint.refusals.total() <= 40
    assert len(endpoint.answered) / (last - first) * 60 >= 0.95 * LIMIT


@pytest.mark.parametrize("counting", KINDS)
def test_where_nobody_tells_anything_the_limit_is_found_all_the_same(
    counting: Callable[[], Counting],
) -> None:
    endpoint = asked(counting(), "nothing", 600)
    first, last = endpoint.answered[0], endpoint.answered[-1]
    assert max(endpoint.refusals.values()) <= 4
    assert endpoint.refusals.total() <= 30
    assert len(endpoint.answered) / (last - first) * 60 >= 0.95 * LIMIT


@pytest.mark.parametrize("tells", ["limits and after", "limits"])
@pytest.mark.parametrize("counting", KINDS)
def test_runs_that_know_nothing_of_each_other_use_the_limit_together(
    counting: Callable[[], Counting], tells: str
) -> None:
    endpoint = asked(counting(), tells, 600, runs=4)
    first, last = endpoint.answered[0], endpoint.answered[-1]
    assert max(endpoint.refusals.values()) <= 10
    assert len(endpoint.answered) / (last - first) * 60 >= 0.9 * LIMIT


def test_a_server_that_always_asks_for_a_second_gets_a_minute() -> None:
    class Impatient(Sliding):
        def ask(self, now: float) -> Verdict:
            verdict = super().ask(now)
            return verdict if verdict.after is None else verdict._replace(after=1.0)

    endpoint = asked(Impatient(), "after", 300)
    assert max(endpoint.refusals.values()) <= 4


@pytest.mark.parametrize("tells", ["after", "nothing"])
def test_a_refusal_of_a_moment_does_not_slow_down_the_rest(tells: str) -> None:
    class Hiccup:
        count = 0

        def ask(self, _now: float) -> Verdict:
            self.count += 1
            return Verdict(1.0 if self.count == 20 else None, 0, 0)

    endpoint = asked(Hiccup(), tells, 300)
    needed = 300 / WORKERS * (LATENCY + 3)
    assert endpoint.refusals.total() == 1
    assert endpoint.answered[-1] - endpoint.answered[0] < 1.5 * needed


TOLD = {
    "59s": 59.0,
    "6m0s": 360.0,
    "1m26.4s": 86.4,
    "120ms": 0.12,
    "1h2m3s": 3723.0,
    "12": 12.0,
    "": 0.0,
    "soon": 0.0,
}


@pytest.mark.parametrize(("reset", "seconds"), TOLD.items())
def test_headers_tell_the_limit_and_when_it_is_whole_again(reset: str, seconds: float) -> None:
    headers = {
        "x-ratelimit-limit-tokens": "90000",
        "x-ratelimit-remaining-tokens": "1500",
        "x-ratelimit-reset-tokens": reset,
    }
    left = limit_in(headers, "tokens")
    assert left is not None
    assert (left.limit, left.remaining, left.reset) == pytest.approx((90000, 1500, seconds))


@pytest.mark.parametrize(
    ("limit", "remaining"),
    [("", "1"), ("x", "1"), ("nan", "1"), ("-5", "1"), ("0", "0"), ("60", "61"), ("60", "nan")],
)
def test_odd_headers_count_as_not_sent(limit: str, remaining: str) -> None:
    headers = {"x-ratelimit-limit-requests": limit, "x-ratelimit-remaining-requests": remaining}
    assert limit_in(headers, "requests") is None
    assert limit_in({}, "requests") is None


def test_tokens_are_a_limit_of_their_own() -> None:
    async def sent(clock: Callable[[], float]) -> list[float]:
        pace, times = Pace(clock=clock, now=clock), []
        headers = {"x-ratelimit-limit-tokens": "6000", "x-ratelimit-remaining-tokens": "5000"}
        for _ in range(12):
            ticket = await pace.turn(1000)
            times.append(clock())
            pace.learn(ticket, headers if len(times) == 1 else {})
        return times

    times = run_virtually(sent)
    assert times[5] - times[0] < 1
    assert times[-1] - times[5] == pytest.approx(60, rel=0.05)
