"""What errors weigh (MQM), and what two answers about the same two translations come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.model import ErrorCategory, ErrorSeverity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.model import MeaningError, Proofreading

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
