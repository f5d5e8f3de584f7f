"""`season`, its batches, and `batch`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server import Fault
from server.asking import faithful, question_in
from server.batches import failed

from .documents import FULL, ODD, SEASON, cases_of_markdown, issue
from .scenes import FAKE, Do, Place, put, replaced, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_SEASON = f"season zh -o en {FAKE}"


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _live()
    yield from _troubled()
    yield from _batches()
    yield from _files_for_others()


def _live() -> Iterator[Scene]:
    yield scene(
        "season/life",
        SEASON,
        f"{_SEASON} --plan",
        f"{_SEASON} --report season.json --log season.log -v",
        f"{_SEASON} --report season.json --log season.log",
        f"{_SEASON} --changed",
        replaced("zh/2026-02-15.md", "香蕉的文章", "香蕉与协程的文章"),
        put("zh/2026-04-15.md", issue(4)),
        f"{_SEASON} --plan --changed",
        f"{_SEASON} --changed",
        f"{_SEASON} --from 2026-03 --to 4 --plan",
        f"{_SEASON} --from 2026-04-15 -q",
        f"{_SEASON} --edition none --replace-edits --log more.log --log-texts",
        replaced("en/2026-01-15.md", "gc", "GC"),
        _SEASON,
        f"{_SEASON} --keep-edits",
        replaced("zh/2026-01-15.md", "苹果的文章", "苹果和梨的文章"),
        f"{_SEASON} --report held.json",
        f"{_SEASON} --replace-edits",
        "memory prune zh/2026-01-15.md --memory .weekly-translate/memory.db",
        "memory prune zh/2026-01-15.md --memory .weekly-translate/memory.db --yes --days 0",
    )
    yield scene("season/together", SEASON, f"{_SEASON} --jobs 8", f"{_SEASON} --jobs 8", together=True)
    yield scene(
        "season/samples",
        {"zh/full.md": FULL["zh.md"], "zh/odd.md": ODD["zh.md"], "samples.tmx": FULL["samples.tmx"]},
        "memory import samples.tmx",
        "season 'zh/*.md' -o en --engine draft -v --report r.json",
        "season zh/full.md -o en --engine draft",
    )
    yield scene(
        "season/markdown",
        cases_of_markdown(),
        f"{_SEASON} --plan -v",
        f"{_SEASON} --allow-partial -v",
        _SEASON,
        f"{_SEASON} --edition none --replace-edits --allow-partial -q",
    )


def _troubled() -> Iterator[Scene]:
    bad = {**SEASON, "zh/2026-04-15.md": issue(4).encode("gb18030")}
    yield scene("season/bad-issue", bad, f"{_SEASON} --report r.json", _SEASON)
    yield scene("season/budget", SEASON, f"{_SEASON} --budget 0.003", f"{_SEASON} --budget 0", _SEASON)
    yield scene("season/no-credit", SEASON, f"{_SEASON} --log s.log", faults=(Fault("http_402", times=1),))
    yield scene(
        "season/errors", SEASON, _SEASON, f"{_SEASON} --allow-partial", faults=(Fault("echo", where="垃圾"),)
    )
    theirs = {**SEASON, "en/2026-01-15.md": "# Mine\n"}
    yield scene(
        "season/was-there", theirs, _SEASON, f"{_SEASON} --keep-edits", _SEASON, f"{_SEASON} --replace-edits"
    )


def _finish(said: str = "the batches are answered", **spoilt: object) -> Do:
    return Do(said, lambda place: place.server.batches.finish(**spoilt))  # type: ignore[arg-type]  # as there


def _batches() -> Iterator[Scene]:
    yield scene(
        "season/batch",
        SEASON,
        f"{_SEASON} --plan --batch",
        f"{_SEASON} --batch status",
        f"{_SEASON} --batch",
        f"{_SEASON} --batch submit",
        f"{_SEASON} --batch status",
        f"{_SEASON} --batch fetch",
        _finish(),
        f"{_SEASON} --batch status",
        f"{_SEASON} --batch fetch",
        f"{_SEASON} --batch fetch",
        _SEASON,
        f"{_SEASON} --batch forget",
    )
    yield scene(
        "season/batch-spoilt",
        SEASON,
        f"{_SEASON} --batch",
        _finish("some answers are lost", spoilt=lambda lines: [failed(lines[0]), *lines[1:], b"{"]),
        f"{_SEASON} --batch fetch",
        f"{_SEASON} --batch",
        f"{_SEASON} --batch forget",
        f"{_SEASON} --batch status",
        f"{_SEASON} --batch nonsense",
    )


def _answer(place: Place) -> None:
    lines = []
    for line in (place.folder / "requests.jsonl").read_bytes().splitlines():
        asked = json.loads(line)
        texts = dict(faithful(question_in(asked["body"])))
        lines.append(json.dumps({"custom_id": asked["custom_id"], "answer": texts}))
    answers = [*lines[1:], "no JSON", '{"custom_id": "wt-0", "answer": {}}']
    (place.folder / "answers.jsonl").write_text("\n".join(answers), "utf-8")


def _fill_in(place: Place) -> None:
    sheet = place.folder / "sheet.jsonl"
    lines = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    for number, line in enumerate(lines):
        line["answer"] = "" if number % 3 == 2 else f"This is line {'' if number % 2 else number} in English."
    sheet.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")


def _files_for_others() -> Iterator[Scene]:
    model = "--model fake-70b"
    yield scene(
        "batch/files",
        SEASON,
        f"batch export requests.jsonl zh {model}",
        Do("somebody answers", _answer),
        f"batch import answers.jsonl --origin Ada {model}",
        f"batch export requests.jsonl zh {model}",
        f"batch export zh/2026-01-15.md zh {model}",
        f"batch import answers.jsonl --status nonsense {model}",
        f"batch import zh/2026-01-15.md {model}",
        f"batch import missing.jsonl {model}",
        "memory stats",
    )
    yield scene(
        "batch/by-hand",
        SEASON,
        f"batch export sheet.jsonl zh --by-hand {model}",
        Do("Ada fills it in", _fill_in),
        f"batch import sheet.jsonl --origin Ada --status edited {model}",
        f"batch export sheet.jsonl zh --by-hand {model}",
        "memory export m.jsonl",
    )
