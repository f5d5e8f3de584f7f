"""What `make test` takes of many cases; `make test-slow` takes the rest."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from documents import CORPUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _pytest.mark import ParameterSet

SOME_OF_CORPUS = random.Random(8).sample(CORPUS, min(8, len(CORPUS)))  # noqa: S311 - documents, not secrets
SOME_OR_ALL = [
    pytest.param(SOME_OF_CORPUS, id="some"),
    pytest.param(CORPUS, id="all", marks=pytest.mark.slow),
]
"""Real issues for a test that looks at many."""


def few_at_once(cases: Sequence[object], number: int) -> list[ParameterSet]:
    """The cases, of which only so many are not slow: evenly spread."""
    taken = {(2 * position + 1) * len(cases) // (2 * number) for position in range(number)}
    return [
        pytest.param(*_values_of(case), marks=() if position in taken else pytest.mark.slow)
        for position, case in enumerate(cases)
    ]


def _values_of(case: object) -> tuple[object, ...]:
    return case if isinstance(case, tuple) else (case,)
