from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import all_texts, other_texts
from weekly_translate.checks.registry import findings_of
from weekly_translate.checks.repair import repaired
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.texts import Text

GOAL = 1.0
"""Megabytes of UTF-8 in a second."""
LINE = 10.0
"""Seconds."""
_ROUNDS = 5


def parsing() -> Iterator[Row]:
    """How fast texts are cut into segments and put together again, unchanged."""
    yield parsing_speed([*all_texts(), *other_texts()])
    seconds = _one_line("中文" + "&amp;" * 80_000)
    what = "parse, repair, judge and assemble 400 KB of entities in one line"
    yield Row(what, f"{seconds:.1f} s", f"<= {LINE:g} s", seconds <= LINE)


def parsing_speed(texts: Sequence[Text]) -> Row:
    """The best of a few rounds, in time of the processor: what else runs is not the parser's."""
    contents = [text.content for text in texts]
    megabytes = sum(len(content.encode()) for content in contents) / 1e6
    speed = megabytes / min(_seconds(contents) for _ in range(_ROUNDS))
    what = f"parse and assemble {len(contents)} texts ({megabytes:.1f} MB), time of the processor"
    return Row(what, f"{speed:.2f} MB/s", f">= {GOAL:g} MB/s", speed >= GOAL)


def _seconds(texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        assert assemble(parse(text), {}) == text
    return time.process_time() - start


def _one_line(text: str) -> float:
    start = time.process_time()
    document = parse(text)
    (segment,) = document.segments
    target = repaired(Pair(segment, segment.text.replace("中文", "Chinese ")))
    findings_of(Pair(segment, target))
    assemble(document, {segment.id: target})
    return time.process_time() - start
