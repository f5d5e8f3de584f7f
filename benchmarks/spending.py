from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.runs import exact_tokens, run_of
from benchmarks.serving import local_server
from benchmarks.texts import issues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.runs import Exchange

_ADDRESS = re.compile(r"https?://[!-~]*")
_CACHED = 0.1
"""What a cached token costs, compared with a fresh one."""


def spending() -> Iterator[Row]:
    """How many tokens an issue takes, compared with those of its two texts without their addresses.

    The server writes syllables for characters, as long as English but of rarer tokens. It reports no cached
    tokens; a hosted one caches the system message, which is the same for a whole season.
    """
    with local_server() as url, exact_tokens() as count:
        for issue in issues():
            run = run_of(issue.content, url)
            texts = (issue.content, run.rendering.text)
            least = sum(count(_ADDRESS.sub("", text)) for text in texts)
            yield from _rows(issue.name, run.exchanges, least, count)


def _rows(name: str, said: list[Exchange], least: int, count: Callable[[str], int]) -> Iterator[Row]:
    prompt = sum(count(message.content) for request, _ in said for message in request.messages)
    system = sum(count(request.messages[0].content) for request, _ in said)
    completion = sum(count(reply.text) for _, reply in said)
    parts = f"{prompt:,} in, {completion:,} out, {len(said)} requests"
    yield Row(f"tokens of {name}", parts)
    yield Row(f"  for each of its {least:,}", f"{(prompt + completion) / least:.2f}")
    cached = prompt - (1 - _CACHED) * system
    yield Row("  the same with cached instructions", f"{(cached + completion) / least:.2f}")
