from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import all_texts
from weekly_translate.markdown.assemble import assemble
from weekly_translate.markdown.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL = 1.0
"""Megabytes of UTF-8 in a second."""
_ROUNDS = 5


def parsing() -> Iterator[Row]:
    """How fast texts are cut into segments and put together again, unchanged; the best of a few rounds.

    Seconds are those of the processor: what else the machine does is not the parser's.
    """
    texts = [text.content for text in all_texts()]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    speed = megabytes / min(_seconds(texts) for _ in range(_ROUNDS))
    what = f"parse and assemble {len(texts)} texts ({megabytes:.1f} MB)"
    yield Row(what, f"{speed:.2f} MB/s", f">= {GOAL:g} MB/s", speed >= GOAL)


def _seconds(texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        assert assemble(parse(text), {}) == text
    return time.process_time() - start
