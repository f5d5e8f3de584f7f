"""What a translator takes for slips of the source goes to the editor, and never into the English."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from program import memory_place, run
from server import Fault, MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Entry, Kind, Status

if TYPE_CHECKING:
    from pathlib import Path

    from program import Ended

pytestmark = pytest.mark.usefixtures("either_database")

ZH = "新版本支持<br>遥测。\n\n默认用 `collection` 模块。\n"
TEXT = "默认用 <c1>collection</c1> 模块。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh.md").write_text(ZH, encoding="utf-8")
    return tmp_path


def translate(
    folder: Path, *faults: Fault, out: str = "en.md", memory: tuple[str, ...] = ()
) -> tuple[Ended, dict[str, object]]:
    with MisbehavingServer(*faults) as server:
        options = ("--base-url", server.url, *memory, "--report", "report.json")
        ended = run(folder, "zh.md", "-o", out, *options)
    assert ended.code == ExitCode.DONE, ended.err
    return ended, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def english(folder: Path) -> bytes:
    """Without doubts."""
    translate(folder, out="plain.md", memory=("--memory", "plain.db"))
    return (folder / "plain.md").read_bytes()


def doubts_in(report: dict[str, object]) -> list[object]:
    findings = report["findings"]
    assert isinstance(findings, list)
    return [[one["severity"], one["source_line"]] for one in findings if one["check"] == "source.doubt"]


def test_doubts_are_told_and_remembered_until_a_person_has_decided(folder: Path) -> None:
    ended, report = translate(folder, Fault("doubts"))
    assert doubts_in(report) == [["info", 1], ["info", 3]]
    assert "source, line 3: “默认用”: perhaps a slip" in ended.err
    assert (folder / "en.md").read_bytes() == english(folder)
    _, report = translate(folder)  # from the memory
    assert len(doubts_in(report)) == 2
    run(folder, "review", "zh.md", "en.md", "-o", "page.html")
    assert "perhaps a slip" in (folder / "page.html").read_text(encoding="utf-8")
    with open_memory(memory_place(folder), now=str) as memory:
        person = Entry(TEXT, "It uses the <c1>collection</c1> module.", Status.APPROVED, "ann")
        memory.store("k", person, Kind.TEXT)
    _, report = translate(folder)
    assert doubts_in(report) == [["info", 1]]


def test_false_doubts_are_dropped_and_counted(folder: Path) -> None:
    ended, report = translate(folder, Fault("false_doubts", times=1))
    assert (folder / "en.md").read_bytes() == english(folder)
    assert (doubts_in(report), report["doubts_dropped"]) == ([], 1000)
    assert "1,000 doubts about words that the source does not have" in ended.err
    assert "evil" not in json.dumps(report)
