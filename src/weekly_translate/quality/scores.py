"""What errors weigh (MQM), and how sure a difference is."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from weekly_translate.model import ErrorCategory, ErrorSeverity, MeaningError, Proofreading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


WEIGHTS = {ErrorSeverity.CRITICAL: 25.0, ErrorSeverity.MAJOR: 5.0, ErrorSeverity.MINOR: 1.0}
PUNCTUATION = 0.1
"""A minor slip in nothing but punctuation."""


def weight(error: MeaningError) -> float:
    """What an error takes off."""
    if error.severity is ErrorSeverity.MINOR and error.correction is not None:
        before, after = ("".join(filter(str.isalnum, words)) for words in (error.target, error.correction))
        return PUNCTUATION if before == after else WEIGHTS[error.severity]
    return WEIGHTS[error.severity]


def penalty(said: Proofreading) -> float:
    """What the errors of a segment take off, together."""
    return sum(map(weight, said.errors))


@dataclass(frozen=True, slots=True)
class Score:
    """The errors of one translation, by what they weigh for 100 segments."""

    segments: int
    per_hundred: float
    by_category: Mapping[ErrorCategory, float]
    by_severity: Mapping[ErrorSeverity, int]


def score_of(verdicts: Sequence[Proofreading]) -> Score:
    """Of all segments that were read."""
    errors = [error for said in verdicts for error in said.errors]
    share = 100 / len(verdicts) if verdicts else 0.0
    by_category = dict.fromkeys(ErrorCategory, 0.0)
    for error in errors:
        by_category[error.category] += weight(error) * share
    severities = Counter(error.severity for error in errors)
    return Score(len(verdicts), sum(by_category.values()), by_category, dict(severities))


def preference(there: str, back: str) -> int:
    """1 for the first translation, -1 for the second, 0 for a tie.

    `there` is the answer with the first one as A, `back` the one with the first as B: a judge who answers by
    place, or by chance, gives a tie.
    """
    first = {"A": 1, "B": -1}.get(there, 0)
    second = {"A": -1, "B": 1}.get(back, 0)
    return first if first == second else 0


ENOUGH = 100
"""Segments below which nothing is said: in one issue of 57, even a preference of 70 to 30 may be luck."""
ENOUGH_ISSUES = 6
"""With fewer, exchanging them whole has too few outcomes: single segments are drawn and exchanged."""
LEVEL, POWER = 0.05, 0.8
_DRAWS = 2_000
_EXACT = 12
"""Up to so many issues, every way to exchange them is tried."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one side is than the other, on average over segments."""

    n: int
    ties: int
    issues: int
    mean: float
    """Above 0 where the first side is better."""
    low: float
    high: float
    """The interval in which the true mean is, 95 times of 100."""
    p: float
    """How often chance alone would give as large a mean."""
    needed: int | None
    """With so many segments a difference like this shows 8 times of 10; None where there is none at all."""

    @property
    def is_sure(self) -> bool:
        """Whether one side is better; otherwise nobody can tell."""
        return self.n >= ENOUGH and self.p < LEVEL and not self.low <= 0 <= self.high


def difference_of(by_issue: Mapping[str, Sequence[float]], *, seed: int = 1) -> Difference:
    """The mean of paired differences, one for each segment: above 0 where the first side is better."""
    issues = [list(values) for values in by_issue.values() if values]
    values = [value for issue in issues for value in issue]
    if not values:
        return Difference(0, 0, 0, 0.0, 0.0, 0.0, 1.0, None)
    units = issues if len(issues) >= ENOUGH_ISSUES else [[value] for value in values]
    mean, spread = fmean(values), _spread(units, Random(seed))  # noqa: S311 - draws samples, keeps no secret
    reach = _student(len(units) - 1) * spread
    return Difference(
        len(values),
        values.count(0),
        len(issues),
        mean,
        mean - reach,
        mean + reach,
        _permuted(units, Random(seed)),  # noqa: S311 - as above
        _needed(mean, spread, len(values)),
    )


def _spread(units: Sequence[Sequence[float]], random: Random) -> float:
    """The standard error of the mean, by a bootstrap over units that is not too narrow for a few of them."""
    if len(units) < 2:
        return math.inf
    sums, sizes = [sum(unit) for unit in units], [len(unit) for unit in units]
    numbers = range(len(units))
    means = []
    for _ in range(_DRAWS if len(units) < 200 else _DRAWS // 5):
        drawn = random.choices(numbers, k=len(units))
        means.append(sum(map(sums.__getitem__, drawn)) / sum(map(sizes.__getitem__, drawn)))
    return stdev(means) * math.sqrt(len(units) / (len(units) - 1))


def _permuted(units: Sequence[Sequence[float]], random: Random) -> float:
    """The share of sign flips of whole units whose sum is as far from 0 as theirs."""
    sums = [total for total in map(sum, units) if total]
    if not sums:
        return 1.0
    seen = abs(sum(sums)) - 1e-9
    if len(sums) <= _EXACT:
        flips = [
            sum(map(math.prod, zip(sums, signs, strict=True))) for signs in product((1, -1), repeat=len(sums))
        ]
        return sum(abs(one) >= seen for one in flips) / len(flips)
    as_far = 0
    for _ in range(_DRAWS):
        bits = random.getrandbits(len(sums))
        flipped = sum(one if bits >> place & 1 else -one for place, one in enumerate(sums))
        as_far += abs(flipped) >= seen
    return (as_far + 1) / (_DRAWS + 1)


def _needed(mean: float, spread: float, n: int) -> int | None:
    if not mean or not math.isfinite(spread):
        return None
    reach = _NORMAL.inv_cdf(1 - LEVEL / 2) + _NORMAL.inv_cdf(POWER)
    return max(ENOUGH, math.ceil(n * (reach * spread / abs(mean)) ** 2))


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by its Cornish-Fisher expansion: 0.5 % too small at 3 degrees."""
    z = _NORMAL.inv_cdf(1 - LEVEL / 2)
    if freedom < 1:
        return math.inf
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
