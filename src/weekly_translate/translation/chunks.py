"""Which segments go into one request."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.model import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.translation.sizes import ChunkSize

Chunk: TypeAlias = tuple[Segment, ...]
SMALLEST_BUDGET = 150
"""Source tokens: smaller chunks would send more instructions than text."""
FEW_TURNS = 3
"""Up to so many turns of all workers, the last one is worth more requests."""


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
        sizes = [tokens_of(segment, count_tokens) for segment in bundle]
        together = len(bundle) <= cap and sum(sizes) <= budget
        for part, size in [(bundle, sum(sizes))] if together else _singly(bundle, sizes):
            if chunk and (len(chunk) + len(part) > cap or tokens + size > budget):
                yield tuple(chunk)
                chunk, tokens = [], 0
            chunk += part
            tokens += size
    if chunk:
        yield tuple(chunk)


class Share(NamedTuple):
    """How a text is cut: the source tokens that a chunk may have, and how many chunks that makes."""

    budget: int
    chunks: int


def even_shares(
    texts: Sequence[Sequence[Segment]],
    size: ChunkSize,
    *,
    workers: int,
    count_tokens: Callable[[str], int],
) -> list[Share]:
    """For each text the budget that makes chunks of one length, as many as keep all workers busy to the end.

    That is the smallest budget with which the workers take no more turns than with the largest one: nine
    chunks for eight workers take as long as sixteen. Where there are many turns, the last one matters less
    than the instructions that each request repeats: there are no more chunks than there have to be.
    """
    counted = cache(count_tokens)

    def count(segments: Sequence[Segment], budget: int) -> int:
        return sum(1 for _ in chunks_of(segments, budget=budget, cap=size.cap, count_tokens=counted))

    def turns(budget: int) -> int:
        return -(-sum(count(segments, budget) for segments in texts) // workers)

    least, widest = min(SMALLEST_BUDGET, size.budget), size.budget
    fewest = turns(widest)
    if fewest <= FEW_TURNS:
        widest = _smallest(least, widest, lambda budget: turns(budget) <= fewest)
    shares = []
    for segments in texts:
        number = count(segments, widest)
        budget = _smallest(least, widest, lambda budget: count(segments, budget) <= number)  # noqa: B023 - called at once
        shares.append(Share(budget, number))
    return shares


def _smallest(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """The smallest number from `low` to `high` that is enough, as all larger ones are."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


def tokens_of(segment: Segment, count_tokens: Callable[[str], int]) -> int:
    """The source tokens of a segment, with its hint."""
    return count_tokens(f"{segment.text} {segment.hint}")


def _bundles(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    for group, members in groupby(segments, key=lambda segment: segment.group):
        if group:
            yield list(members)
        else:
            yield from ([segment] for segment in members)


def _singly(bundle: Sequence[Segment], sizes: Sequence[int]) -> list[tuple[list[Segment], int]]:
    return [([segment], size) for segment, size in zip(bundle, sizes, strict=True)]
