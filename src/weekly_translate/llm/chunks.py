"""Which segments go into one request, and how large it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.llm.endpoint import is_local
from weekly_translate.model import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Chunk: TypeAlias = tuple[Segment, ...]
CLEAN_TO_GROW, FAILED_TO_HALVE = 5, 3
"""Answers in a row: two that fail may be bad luck."""
SMALLEST_BUDGET = 150
"""Source tokens: smaller chunks would send more instructions than text."""
FEW_TURNS = 3
"""Up to so many turns of all workers, the last one is worth more requests."""


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """At most `cap` segments and `budget` source tokens; never more than the class of the model allows."""

    cap: int
    budget: int
    most: tuple[int, int] = (0, 0)
    """The class's own cap and budget; as large as it begins when it is not given."""
    clean: int = 0
    """Clean answers since the last change or failure."""
    failed: int = 0
    """Answers that failed since the last change or clean answer."""

    def __post_init__(self) -> None:
        if self.most == (0, 0):
            object.__setattr__(self, "most", (self.cap, self.budget))

    def has_room(self, segments: int, tokens: int) -> bool:
        """Whether a chunk is not larger than this."""
        return segments <= self.cap and tokens <= self.budget

    def halved(self) -> ChunkSize:
        """After answers that failed, or a request that was too long."""
        cap, budget = max(1, self.cap // 2), max(1, self.budget // 2)
        return ChunkSize(cap, budget, self.most)

    def grown(self) -> ChunkSize:
        """Half as large again, as far as the class of the model allows."""
        cap, budget = (size + max(1, size // 2) for size in (self.cap, self.budget))
        return ChunkSize(min(cap, self.most[0]), min(budget, self.most[1]), self.most)

    def after(self, *, clean: bool) -> ChunkSize:
        """The size for the next request: half after some failed answers in a row, more after clean ones."""
        if clean:
            longer = replace(self, clean=self.clean + 1, failed=0)
            return self.grown() if longer.clean == CLEAN_TO_GROW else longer
        shorter = replace(self, clean=0, failed=self.failed + 1)
        return self.halved() if shorter.failed == FAILED_TO_HALVE else shorter


class _ModelClass(NamedTuple):
    """What the names of its models hold, their size, and whether they run here (None: anywhere)."""

    name: str
    cap: int
    budget: int
    local: bool | None = None


_MODEL_CLASSES = (
    _ModelClass(r"hunyuan-mt|qwen-mt|translategemma|seed-x|nllb|madlad|opus-mt|towerinstruct", 1, 500),
    _ModelClass(r"(?<![\d.])(?:1[4-9]|[2-9]\d|\d{3,4})b(?![a-z])", 10, 500, local=True),
    _ModelClass(r"", 5, 200, local=True),
    _ModelClass(r"(?<![a-z])(?:nano|turbo|lite|air|small)(?![a-z])", 16, 800),
    _ModelClass(r"(?<![\dx])(?:\d|1[0-3])(?:\.\d)?b(?![a-z])", 16, 800),
    _ModelClass(r"", 24, 1200),
)
"""The first row that fits counts. A provider's mini or flash model is no small one: it has the last row."""


def size_for(model: str, url: str = "") -> ChunkSize:
    """The chunk size to begin with, by the name of the model and the address of its server."""
    local = is_local(url)
    return next(
        ChunkSize(row.cap, row.budget)
        for row in _MODEL_CLASSES
        if row.local in (None, local) and re.search(row.name, model, re.IGNORECASE)
    )


def chunks_of(
    segments: Iterable[Segment], *, budget: int, cap: int, count_tokens: Callable[[str], int]
) -> Iterator[Chunk]:
    """Neighbors, up to `cap` segments and `budget` source tokens at a time.

    A segment is never cut: one that is over budget alone goes alone. Neighbors of one group (a title and
    its body) stay together, unless the group alone is over a limit. Group 0 means no group.
    """
    chunk: list[Segment] = []
    tokens = 0
    for part, size in _parts(segments, budget, cap, count_tokens):
        if chunk and (len(chunk) + len(part) > cap or tokens + size > budget):
            yield tuple(chunk)
            chunk, tokens = [], 0
        chunk += part
        tokens += size
    if chunk:
        yield tuple(chunk)


def _parts(
    segments: Iterable[Segment], budget: int, cap: int, count_tokens: Callable[[str], int]
) -> Iterator[tuple[Sequence[Segment], int]]:
    """Groups within the limits, and each segment of no group or another, with their source tokens."""
    for group, members in groupby(segments, key=lambda segment: segment.group):
        singly = (([segment], tokens_of(segment, count_tokens)) for segment in members)
        if not group:
            yield from singly
            continue
        parts = list(singly)
        together, tokens = [segment for (segment,), _ in parts], sum(size for _, size in parts)
        if len(parts) <= cap and tokens <= budget:
            yield together, tokens
        else:
            yield from parts


class ChunkLayout(NamedTuple):
    """How a text is cut: the source tokens that a chunk may have, and how many chunks that makes."""

    budget: int
    chunks: int


def even_shares(
    texts: Sequence[Sequence[Segment]],
    size: ChunkSize,
    *,
    workers: int,
    count_tokens: Callable[[str], int],
) -> list[ChunkLayout]:
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
    layouts = []
    for segments in texts:
        number = count(segments, widest)
        budget = _smallest(least, widest, lambda budget: count(segments, budget) <= number)  # noqa: B023 - called at once
        layouts.append(ChunkLayout(budget, number))
    return layouts


def _smallest(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """The smallest number from `low` to `high` that is enough, as all larger ones are."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


def tokens_of(segment: Segment, count_tokens: Callable[[str], int]) -> int:
    """The source tokens of a segment, with its hint."""
    return count_tokens(f"{segment.text} {segment.hint}")
