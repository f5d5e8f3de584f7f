from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.rows import Row
from benchmarks.runs import exact_tokens, run_of
from benchmarks.serving import local_server
from benchmarks.texts import issues
from weekly_translate.llm.requests import translate_request
from weekly_translate.model import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.runs import Exchange, Run

_ADDRESS = re.compile(r"https?://[!-~]*")
_CACHED, _OUTPUT = 0.1, 8
"""What a cached token and a written one cost, compared with a fresh one."""
_DEAREST, _MOST_PROMPT = 1.05, 3.0


class _Tokens(NamedTuple):
    """The tokens of a run, as the model would count them."""

    fresh: int
    cached: int
    written: int

    @property
    def dollars(self) -> float:
        """In fresh tokens."""
        return self.fresh + _CACHED * self.cached + _OUTPUT * self.written


def spending() -> Iterator[Row]:
    """What an issue takes, compared with one request for all of it, and with its own tokens.

    The server caches the instructions, as hosted ones do, once it has answered to them. It writes syllables
    for characters, as long as English but of rarer tokens.
    """
    with exact_tokens() as count:
        for issue in issues():
            with local_server(caches=True) as url:  # a new one: it has cached nothing yet
                run = run_of(issue.content, url)
            least = sum(count(_ADDRESS.sub("", text)) for text in (issue.content, run.result.text))
            yield from _rows(issue.name, run, least, count)


def _rows(name: str, run: Run, least: int, count: Callable[[str], int]) -> Iterator[Row]:
    used = _tokens(run.exchanges, count)
    prompt = used.fresh + used.cached
    parts = f"{prompt:,} in ({used.cached:,} cached), {used.written:,} out, {len(run.exchanges)} requests"
    yield Row(f"tokens of {name}", parts)
    yield Row(f"  for each of its {least:,}", f"{(prompt + used.written) / least:.2f}")
    source = sum(count(ask.segment.text) for ask in run.plan.asks)
    fresh = used.fresh / source
    enough = fresh <= _MOST_PROMPT
    yield Row("  fresh ones, for each of the source", f"{fresh:.2f}", f"<= {_MOST_PROMPT}", enough)
    dear = used.dollars / _one_request(run, used, count).dollars
    yield Row("  dollars, those of one request being 1", f"{dear:.3f}", f"<= {_DEAREST}", dear <= _DEAREST)


def _tokens(said: list[Exchange], count: Callable[[str], int]) -> _Tokens:
    system = [count(request.messages[0].content) for request, _ in said]
    prompt = sum(count(message.content) for request, _ in said for message in request.messages)
    cached = sum(size for size, (_, reply) in zip(system, said, strict=True) if reply.usage.cached)
    return _Tokens(prompt - cached, cached, sum(count(reply.text) for _, reply in said))


def _one_request(run: Run, used: _Tokens, count: Callable[[str], int]) -> _Tokens:
    """The same answers to one request for all segments."""
    segments = [ask.segment for ask in run.plan.asks]
    terms = tuple(dict.fromkeys(term for ask in run.plan.asks for term in ask.terms))
    request = translate_request(segments, terms, (), Format.SCHEMA, run.plan.data.prompts)
    return _Tokens(sum(count(message.content) for message in request.messages), 0, used.written)
