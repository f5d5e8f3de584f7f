"""Whether `evaluate` finds a difference that is there, and none that is not: simulated preferences."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from weekly_translate.quality.scores import difference_of, preference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.quality.scores import Difference

_TRIALS = 100
_ISSUE = 60
"""Segments of an issue."""


def evaluating() -> Iterator[Row]:
    """A planted difference, one issue, none at all, intervals, and a judge who goes by the place."""
    planted = _trials(600, 0.6)
    right = sum(one.is_sure and one.mean > 0 for one in planted)
    yield Row("60/40 at n = 600: the right side is named", f"{right} of {_TRIALS}", ">= 95", right >= 95)
    few = _trials(57, 0.7)
    told = sum(one.is_sure for one in few)
    yield Row("70/30 at n = 57: somebody can tell", f"{told} of {_TRIALS}", "0", told == 0)
    none = _trials(600, 0.5)
    false = sum(one.is_sure for one in none)
    yield Row("no difference at n = 600: one side is named", f"{false} of {_TRIALS}", "<= 10", false <= 10)
    held = sum(one.low <= 0.2 <= one.high for one in planted) + sum(one.low <= 0 <= one.high for one in none)
    share = held / (2 * _TRIALS)
    yield Row("intervals that hold the true mean", f"{share:.1%}", ">= 92 %", share >= 0.92)
    biased = [preference("A", "A") for _ in range(_TRIALS)]
    yield Row(
        "a judge who names what stands first: ties", f"{biased.count(0)} of {_TRIALS}", "all", not any(biased)
    )


def _trials(n: int, share: float) -> list[Difference]:
    return [difference_of(_drawn(n, share, seed), seed=seed) for seed in range(_TRIALS)]


def _drawn(n: int, share: float, seed: int) -> dict[str, list[float]]:
    draw = Random(seed)  # noqa: S311 - repeatable
    issues: dict[str, list[float]] = {}
    for number in range(n):
        issues.setdefault(str(number // _ISSUE), []).append(1.0 if draw.random() < share else -1.0)
    return issues
