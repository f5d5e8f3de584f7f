from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.serving import database_server, limited_server
from benchmarks.texts import all_texts
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.exchange import copy
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Entry, Kind, Segment, Span, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.memory.translation_memory import TranslationMemory

SEGMENTS = 100_000
_EXACT_GOAL, _FUZZY_GOAL, _SERVER_GOAL = 1, 100, 2
"""Milliseconds."""
_ASKED = 200
_REQUESTS, _PER_MINUTE, _SHARE = 110, 150.0, 0.9
"""Of the season that four processes share, and how much of the endpoint's limit they use."""
_AT_ONCE = 4
"""So many requests the endpoint lets through at first."""


def remembering() -> Iterator[Row]:
    """How long a memory of 100,000 segments takes for an exact and for a fuzzy hit."""
    sources = _sources()
    with tempfile.TemporaryDirectory() as folder, open_memory(Path(folder, "memory.db"), now=str) as memory:
        memory.import_entries(Entry(source, "target", Status.MACHINE) for source in sources)
        asked = random.Random(1).sample(sources, _ASKED)  # noqa: S311 - texts, not secrets
        yield _row("exact hit", [_milliseconds(memory, text, fuzzy=False) for text in asked], _EXACT_GOAL)
        first = _milliseconds(memory, asked[0], fuzzy=True)
        yield Row("  reading all sources once for the fuzzy ones", f"{first:,.0f} ms")
        edited = [text[: len(text) // 2] + "新" + text[len(text) // 2 + 1 :] for text in asked]
        yield _row("fuzzy hit", [_milliseconds(memory, text, fuzzy=True) for text in edited], _FUZZY_GOAL)
        with database_server() as url:
            if url:
                yield from _on_a_server(memory, MemoryServer(url, Path(folder)), asked)
        with database_server() as url:
            if url:
                yield from _together(url, Path(folder))


def _on_a_server(memory: TranslationMemory, place: MemoryServer, asked: list[str]) -> Iterator[Row]:
    """The same memory in a database that is reached by a local socket."""
    with open_memory(place, now=str) as shared:
        copy(memory.database, shared.database)
        for text in asked[:20]:  # the session prepares what it is asked often
            shared.find("", text)
        times = [_milliseconds(shared, text, fuzzy=False, times=1) for text in asked]
        yield _row("exact hit on a server", times, _SERVER_GOAL)
        texts = [Segment(str(number), Kind.TEXT, Span(0, 0), 1, text) for number, text in enumerate(asked)]
        start = time.perf_counter()
        shared.read_ahead(texts)
        took = 1000 * (time.perf_counter() - start)
        yield Row(f"  reading {len(texts)} texts ahead, in 8 requests", f"{took:,.0f} ms")


def _together(memory: str, folder: Path) -> Iterator[Row]:
    """Four processes on one new season, whose endpoint takes only so many requests in a minute."""
    words = itertools.product("协垃装类测数异性内网", "程圾饰型试据步能存络", "开大长小新")
    for number in range(_REQUESTS):
        lines = (f"介绍{''.join(next(words))}的文章讲解了它。\n" for _ in range(4))
        path = folder / f"zh/{number:03}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")
    with limited_server(_PER_MINUTE, latency=0.5) as (url, measured):
        options = f"--edition none --model fake --no-proofread --base-url {url} --memory {memory}".split()
        command = [sys.executable, "-m", "weekly_translate", "season", "zh", "-o", "en", "-q", *options]
        runs = [subprocess.Popen(command, cwd=folder) for _ in range(4)]  # noqa: S603 - our own
        assert [run.wait() for run in runs] == [0] * 4
        passed, seconds, refused = measured()
    share = 60 * (passed - _AT_ONCE) / seconds / _PER_MINUTE
    counts = f"{passed:.0f} in {seconds:.0f} s, {refused:.0f} refused"
    said = f"{share:.0%} of {_PER_MINUTE:.0f} requests a minute ({counts})"
    yield Row("four processes on one season", said, ">= 90%", share >= _SHARE)


def _row(what: str, times: list[float], goal: int) -> Row:
    slowest = sorted(times)[len(times) * 95 // 100]
    measured = f"{median(times):.2f} ms (median), {slowest:.2f} ms (95 %)"
    name = f"memory of {SEGMENTS:,} segments: {what}"
    return Row(name, measured, f"<= {goal} ms", slowest <= goal)


def _milliseconds(memory: TranslationMemory, text: str, *, fuzzy: bool, times: int = 2) -> float:
    start = time.perf_counter()
    if fuzzy:
        memory.similar(text, limit=3)
    else:
        for _ in range(times):
            memory.find("no such key", text)
    return 1000 * (time.perf_counter() - start)


def _sources() -> list[str]:
    """Real segments, and mixtures of the halves of two, until there are enough."""
    real = sorted({segment.text for text in all_texts() for segment in parse(text.content).segments})
    draw = random.Random(0)  # noqa: S311 - texts, not secrets
    found = dict.fromkeys(real)
    while len(found) < SEGMENTS:
        one, two = draw.choice(real), draw.choice(real)
        found[one[: len(one) // 2] + two[len(two) // 2 :] + str(len(found) % 7)] = None
    return list(found)
