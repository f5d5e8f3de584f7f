"""Which segments go into one request."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from weekly_translate.model import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.translation.sizes import ChunkSize

Chunk: TypeAlias = tuple[Segment, ...]
SMALLEST_BUDGET = 150
"""Source tokens: smaller chunks would send more instructions than text."""


def chunks_of(
    segments: Iterable[Segment], *, budget: int, cap: int, count_tokens: Callable[[str], int]
) -> Iterator[Chunk]:
    """Neighbors, up to `cap` segments and `budget` source tokens at a time.

    A segment is never cut: one that is over budget alone goes alone. Neighbors of one group (a title and
    its body) stay together, unless the group alone is over a limit. Group 0 means no group.
    """
    chunk: list[Segment] = []
    tokens = 0
    for bundle in _bundles(segments):
        sizes = [count_tokens(f"{segment.text} {segment.hint}") for segment in bundle]
        together = len(bundle) <= cap and sum(sizes) <= budget
        for part, size in [(bundle, sum(sizes))] if together else _singly(bundle, sizes):
            if chunk and (len(chunk) + len(part) > cap or tokens + size > budget):
                yield tuple(chunk)
                chunk, tokens = [], 0
            chunk += part
            tokens += size
    if chunk:
        yield tuple(chunk)


def even_budget(
    segments: Sequence[Segment], size: ChunkSize, *, workers: int, count_tokens: Callable[[str], int]
) -> int:
    """The budget that makes chunks of one length, as many as keep all workers busy to the end.

    That is the smallest budget with which the workers take no more turns than with the largest one: nine
    chunks for eight workers take as long as sixteen.
    """
    count = cache(count_tokens)

    def turns(budget: int) -> int:
        chunks = sum(1 for _ in chunks_of(segments, budget=budget, cap=size.cap, count_tokens=count))
        return -(-chunks // workers)

    fewest = turns(size.budget)
    low, high = min(SMALLEST_BUDGET, size.budget), size.budget
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if turns(middle) <= fewest else (middle + 1, high)
    return high


def _bundles(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    for group, members in groupby(segments, key=lambda segment: segment.group):
        if group:
            yield list(members)
        else:
            yield from ([segment] for segment in members)


def _singly(bundle: Sequence[Segment], sizes: Sequence[int]) -> list[tuple[list[Segment], int]]:
    return [([segment], size) for segment, size in zip(bundle, sizes, strict=True)]
