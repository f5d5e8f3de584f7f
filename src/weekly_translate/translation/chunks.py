"""Which segments go into one request."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from weekly_translate.model import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Chunk: TypeAlias = tuple[Segment, ...]


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


def _bundles(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    for group, members in groupby(segments, key=lambda segment: segment.group):
        if group:
            yield list(members)
        else:
            yield from ([segment] for segment in members)


def _singly(bundle: Sequence[Segment], sizes: Sequence[int]) -> list[tuple[list[Segment], int]]:
    return [([segment], size) for segment, size in zip(bundle, sizes, strict=True)]
