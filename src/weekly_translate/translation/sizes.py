"""How large a chunk may be: by class of model to begin with, then by how the answers turn out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

CLEAN_TO_GROW, FAILED_TO_HALVE = 5, 3
"""Answers in a row: two that fail may be bad luck."""


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
        return replace(self, cap=cap, budget=budget, clean=0, failed=0)

    def grown(self) -> ChunkSize:
        """Half as large again, as far as the class of the model allows."""
        cap, budget = self.most
        return replace(
            self,
            cap=min(cap, self.cap + max(1, self.cap // 2)),
            budget=min(budget, self.budget + max(1, self.budget // 2)),
            clean=0,
            failed=0,
        )

    def after(self, *, clean: bool) -> ChunkSize:
        """The size for the next request: half after some failed answers in a row, more after clean ones."""
        if clean:
            longer = replace(self, clean=self.clean + 1, failed=0)
            return self.grown() if longer.clean == CLEAN_TO_GROW else longer
        shorter = replace(self, clean=0, failed=self.failed + 1)
        return self.halved() if shorter.failed == FAILED_TO_HALVE else shorter


class _Class(NamedTuple):
    """A class of models: what their names hold, and whether they run on this machine (None: anywhere)."""

    name: re.Pattern[str]
    local: bool | None
    size: ChunkSize


def _class(name: str, *, cap: int, budget: int, local: bool | None = None) -> _Class:
    return _Class(re.compile(name, re.IGNORECASE), local, ChunkSize(cap, budget))


_CLASSES = (
    _class(r"hunyuan-mt|qwen-mt|translategemma|seed-x|nllb|madlad|opus-mt|towerinstruct", cap=1, budget=500),
    _class(r"(?<![\d.])(?:1[4-9]|[2-9]\d|\d{3,4})b(?![a-z])", cap=10, budget=500, local=True),
    _class(r"", cap=5, budget=200, local=True),
    _class(r"(?<![a-z])(?:nano|turbo|lite|air|small)(?![a-z])", cap=16, budget=800),
    _class(r"(?<![\dx])(?:\d|1[0-3])(?:\.\d)?b(?![a-z])", cap=16, budget=800),
    _class(r"", cap=24, budget=1200),
)
"""The first row that fits counts. A provider's mini or flash model is no small one: it has the last row."""


def size_for(model: str, endpoint: str = "") -> ChunkSize:
    """The chunk size to begin with; a model behind a loopback address is a local one."""
    local = is_local(endpoint)
    return next(row.size for row in _CLASSES if row.local in (None, local) and row.name.search(model))


def is_local(endpoint: str) -> bool:
    """Whether an endpoint stands on this machine, by its address."""
    try:
        host = urlsplit(endpoint).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
