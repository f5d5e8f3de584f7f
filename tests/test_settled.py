"""A person's word is above the checks: what is accepted anyway or ignored, with a reason, blocks nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from program import run
from tagged import segment
from weekly_translate.checks.registry import findings_of
from weekly_translate.checks.settled import settled
from weekly_translate.errors import ExitCode
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import ComplaintKind, Pair, Settlement

if TYPE_CHECKING:
    from pathlib import Path

    from program import Ended

SOURCE, TARGET = "本期一共介绍了 120 篇文章。", "This issue presents 12 articles."
WHERE = ("--memory", "memory.db", "--edition", "none")
IGNORES = "- check: num.*\n  source: 120 篇\n  reason: the count is that of the English edition\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An issue whose only line a person has translated with another number."""
    (tmp_path / "issue.md").write_text(f"{SOURCE}\n", "utf-8")
    line = {"source": SOURCE, "target": TARGET, "status": "approved", "origin": "ada"}
    (tmp_path / "known.jsonl").write_text(json.dumps(line), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("settlement", "counts"),
    [
        (None, ["error", "warning"]),
        (Settlement(frozenset({"num.value", "term.case"})), ["error", "info"]),
        (Settlement(frozenset({"num.date"})), ["error", "warning"]),
        (Settlement(who="ada", reason="right"), ["info", "info"]),
    ],
)
def test_the_model_settles_what_is_doubtful_and_a_person_everything(
    settlement: Settlement | None, counts: list[str]
) -> None:
    found = findings_of(Pair(segment("用 PyPI 发布了 120 个库"), "Pypi has 12 libraries"))
    assert [one.kind for one in found] == [ComplaintKind.CERTAIN, ComplaintKind.DOUBTFUL]
    once = settled(found, settlement)
    assert [one.severity for one in once] == counts
    assert settled(once, settlement) == once


def imported(folder: Path, *more: str) -> Ended:
    return run(folder, "memory", "import", "known.jsonl", "--memory", "memory.db", *more)


def translated(folder: Path, *more: str) -> tuple[Ended, list[dict[str, Any]]]:
    """How a run ends, and its findings."""
    ended = run(folder, "issue.md", "-o", "en.md", "--report", "report.json", *WHERE, *more)
    return ended, json.loads((folder / "report.json").read_text("utf-8"))["findings"]


def test_a_finding_of_a_persons_text_blocks_until_it_is_accepted(folder: Path) -> None:
    imported(folder)
    ended, (finding,) = translated(folder)
    assert (ended.code, finding["severity"], (folder / "en.md").exists()) == (1, "error", False), ended.err

    accepted = imported(folder, "--status", "approved", "--accept-anyway", "counted anew")
    assert "1 translation accepted whatever the checks say: counted anew" in accepted.err
    for _ in range(2):
        ended, (finding,) = translated(folder)
        assert (ended.code, finding["severity"]) == (0, "info"), ended.err
        assert finding["message"].endswith("(accepted by ada: counted anew)")
        assert "settled   1 complaint" in ended.err
    assert (folder / "en.md").read_text("utf-8") == f"{TARGET}\n"


def test_check_knows_what_the_memory_of_the_project_has_settled(folder: Path) -> None:
    (folder / "weekly-translate.toml").write_text('memory = "memory.db"\n', "utf-8")
    (folder / "en.md").write_text(f"{TARGET}\n", "utf-8")
    imported(folder)
    assert run(folder, "check", "issue.md", "en.md").code == 1
    imported(folder, "--accept-anyway", "counted anew")
    ended = run(folder, "check", "issue.md", "en.md", "-v")
    assert (ended.code, b"accepted by ada: counted anew" in ended.out) == (0, True), ended.out


def test_what_is_ignored_blocks_no_run(folder: Path) -> None:
    imported(folder)
    (folder / "ignores.yaml").write_text(IGNORES, "utf-8")
    ended, (finding,) = translated(folder, "--ignores", "ignores.yaml")
    assert (ended.code, finding["severity"]) == (0, "info"), ended.err
    assert finding["message"].endswith("(ignored: the count is that of the English edition)")


def test_a_project_can_name_its_ignores(folder: Path) -> None:
    imported(folder)
    (folder / "ignores.yaml").write_text(IGNORES, "utf-8")
    (folder / "weekly-translate.toml").write_text('ignores = "ignores.yaml"\n', "utf-8")
    assert translated(folder)[0].code == 0


def test_a_reason_has_words(folder: Path) -> None:
    ended = imported(folder, "--accept-anyway", " ")
    assert ended.code == ExitCode.USAGE
    assert "--accept-anyway needs a reason" in ended.err


def test_the_word_of_a_person_can_be_taken_back(folder: Path) -> None:
    imported(folder)
    with open_memory(folder / "memory.db", now=str) as memory:
        memory.settlements.stand_by(SOURCE, TARGET, ["seg.too-short"])
        memory.settlements.accept(SOURCE, TARGET, who="ada", reason="right")
        assert memory.settlements.of(SOURCE, TARGET) == Settlement(who="ada", reason="right")
        with memory.transactions.writing() as database:
            memory.settlements.forget_people(database, SOURCE)
        assert memory.settlements.of(SOURCE, TARGET) == Settlement(frozenset({"seg.too-short"}))
