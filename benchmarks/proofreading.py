from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.runs import Exchange, exact_tokens, job_at
from benchmarks.serving import local_server
from benchmarks.texts import ROOT
from benchmarks.texts import season as sources
from weekly_translate.model import Reply, Status, Usage
from weekly_translate.quality.reading import SecondReader
from weekly_translate.run.issue import Result
from weekly_translate.run.plan import Order
from weekly_translate.run.project import reader_of
from weekly_translate.run.runner import run_issues
from weekly_translate.text.characters import without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.model import Request
    from weekly_translate.run.plan import RefusedIssue

_MOST = 0.6
_CACHED, _OUTPUT = 0.1, (8, 4)
"""What a cached token costs, compared with a fresh one, and a written one: with most providers, at least."""
_ISSUES = 8
_WRONG = 40
"""One text in so many has a serious mistake, and another one a minor one: what editors still correct."""
_LINES = 3
"""Each text is shown in so many: number, source, translation."""
_HAN = re.compile("[\u4e00-\u9fff]{8,}")


@dataclass
class _Reader:
    """Names words at the beginning of one text in ten, and nothing else; the provider caches its prompt."""

    name: str = "reader"
    worth: Status = Status.MACHINE
    endpoint: str = "https://reader.example"
    said: list[Exchange] = field(default_factory=list)
    seen: int = 0

    async def answer(self, request: Request) -> Reply:
        """A verdict on each text."""
        blocks = (block.split("\n") for block in request.messages[-1].content.split("\n\n"))
        shown = (block for block in blocks if len(block) == _LINES and block[0][0].isdigit())
        verdicts = {head.split()[0]: self._verdict(zh, en) for head, zh, en in shown}
        usage = Usage(requests=1, cached=int(bool(self.said)))
        text = json.dumps(verdicts, ensure_ascii=False, separators=(",", ":"))
        self.said.append(Exchange(request, Reply(text, usage=usage)))
        return self.said[-1].reply

    def _verdict(self, zh: str, en: str) -> list[dict[str, str]]:
        self.seen += 1
        if self.seen % _WRONG > 1:
            return []
        zh, en = (" ".join(without_tags(text).split()[:3]) for text in (zh, en))
        severity = "minor" if self.seen % _WRONG else "major"
        kind = {"category": "mistranslation", "severity": severity, "correction": f"not {en}"}
        return [{"zh": zh[:12], "en": en, **kind}]

    def stop(self) -> None:
        """There is nothing to stop."""

    async def close(self) -> None:
        """There is nothing to close."""


def proofreading() -> Iterator[Row]:
    """What a second reader adds to a season: its requests, and what the translator is asked because of it.

    Then the same season again, and with one sentence edited.
    """
    with exact_tokens() as count, tempfile.TemporaryDirectory() as folder, local_server(caches=True) as url:
        rounds = _Rounds(url, _copied(issues := _issues(), Path(folder)), Path(folder, "memory.db"))
        asked, _ = rounds.run()
        again, read = rounds.run(reader := _Reader())
        yield Row(f"{len(issues)} issues, without a second reader: tokens", f"{_tokens(asked, count):,.0f}")
        first, seen, back = (_tokens(said, count) for said in (asked, read, again))
        both = (seen + back) / first
        yield Row("  a second reader adds: tokens", f"{both:.2f} x", f"<= {_MOST} x", both <= _MOST)
        name = "    for its requests, and what it sends back"
        yield Row(name, f"{seen / first:.2f} x, {back / first:.2f} x")
        for dear in _OUTPUT:
            first, seen, back = (_dollars(said, count, dear) for said in (asked, read, again))
            name = f"    in dollars, where writing costs {dear} x as much as reading"
            share = (seen + back) / first
            yield Row(name, f"{share:.2f} x", f"<= {_MOST} x", share <= _MOST)
        parts = f"{len(read)} requests to the reader, {len(again)} to the translator"
        yield Row("  its requests", parts)
        sent = sum(map(len, rounds.run(reader)))
        yield Row("  run again", f"{sent} requests", "0", not sent)
        _edit(rounds.paths[0])
        texts = [[len(one.request.segments) for one in kind] for kind in rounds.run(reader)]
        parts = f"{texts[0]} translated, {texts[1]} read"
        yield Row("  after one edited sentence", parts, "[1], [1]", texts == [[1], [1]])


@dataclass(frozen=True)
class _Rounds:
    """Runs over the same issues with the same memory."""

    url: str
    paths: Sequence[Path]
    memory: Path

    def run(self, reader: _Reader | None = None) -> tuple[list[Exchange], list[Exchange]]:
        """What the translator and the reader were asked."""
        said: list[Exchange] = []
        with job_at(self.url, said, memory_file=self.memory) as (data, engine):
            if reader is not None:
                reader.said = []
                usual = reader_of(data, SecondReader)
                named = replace(usual, name=reader.name, endpoint=reader.endpoint, engine=reader)
                data = data._replace(reader=named)  # noqa: PLW2901 - the same, read
            results: list[Result | RefusedIssue] = []
            end = run_issues([Order(path) for path in self.paths], data, engine, results.append)
        assert end.failure is None, end.failure
        assert all(isinstance(one, Result) for one in results)
        return said, reader.said if reader else []


def _issues() -> Sequence[Path]:
    """Some of a season; all samples where there is no corpus, because the same issue again costs nothing."""
    files = sources()[:_ISSUES]
    return files if len(set(files)) > 1 else sorted(ROOT.glob("samples/*/source.md"))


def _copied(files: Sequence[Path], folder: Path) -> list[Path]:
    return [Path(shutil.copy(file, folder / f"{number}.md")) for number, file in enumerate(files)]


def _edit(path: Path) -> None:
    """A word more in the longest sentence."""
    text = path.read_text(encoding="utf-8")
    sentence = max(_HAN.findall(text), key=len)
    path.write_text(text.replace(sentence, f"{sentence[:4]}确实{sentence[4:]}", 1), encoding="utf-8")


def _tokens(said: Sequence[Exchange], count: Callable[[str], int]) -> float:
    """All that was sent and written."""
    return sum(count(one.content) for request, _ in said for one in request.messages) + _written(said, count)


def _dollars(said: Sequence[Exchange], count: Callable[[str], int], dear: int) -> float:
    """The same in fresh tokens: what the provider has cached costs less, what the model writes costs more."""
    known = sum(count(request.messages[0].content) for request, reply in said if reply.usage.cached)
    written = _written(said, count)
    return _tokens(said, count) - (1 - _CACHED) * known + (dear - 1) * written


def _written(said: Sequence[Exchange], count: Callable[[str], int]) -> int:
    return sum(count(reply.text) for _, reply in said)
