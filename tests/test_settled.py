"""A person's word is above the checks: what is accepted anyway or ignored, with a reason, blocks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from program import KEY, memory_place, run
from server import Fault, MisbehavingServer
from tagged import segment
from weekly_translate.checks.registry import findings_of, settled
from weekly_translate.errors import ExitCode
from weekly_translate.memory.decisions import Vouched
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import ComplaintKind, Entry, Kind, Pair, Settlement, Status

if TYPE_CHECKING:
    from program import Ended

pytestmark = pytest.mark.usefixtures("either_database")

SOURCE, TARGET = "本期一共介绍了 120 篇文章。", "This issue presents 12 articles."
NOW = "2026-11-29T09:00:00+00:00"
SAMPLES = Path(__file__).parents[1] / "samples"
WHERE = ("--edition", "none")
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
    return run(folder, "memory", "import", "known.jsonl", *more)


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


@pytest.mark.parametrize("where", ["source: 协程", "line: 3"])
def test_nobody_is_asked_about_what_is_ignored(folder: Path, where: str) -> None:
    (folder / "issue.md").write_text("第一句话。\n\n我们用协程写了一个库。\n", "utf-8")
    (folder / "glossary.yaml").write_text("- {source: 协程, target: coroutine}\n", "utf-8")
    ignores = f"- check: term.*\n  {where}\n  reason: our readers know\n"
    (folder / "ours.yaml").write_text(ignores, "utf-8")
    with MisbehavingServer(Fault("ignore_always", where="协程")) as server:
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        asked = {}
        for more in ((), ("--ignores", "ours.yaml")):
            server.requests.clear()
            memory = ("--memory", f"{len(more)}.db", "--edition", "none", "--no-proofread")
            ended = run(folder, "issue.md", "-o", f"{len(more)}.md", *memory, *more, **variables)
            assert ended.code == ExitCode.DONE, ended.err
            asked[more] = len(server.requests)
    assert list(asked.values()) == [2, 1]


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
    with open_memory(memory_place(folder), now=str) as memory:
        memory.settlements.stand_by(SOURCE, TARGET, ["seg.too-short"])
        memory.settlements.accept(SOURCE, TARGET, who="ada", reason="right")
        assert memory.settlements.of(SOURCE, TARGET) == Settlement(who="ada", reason="right")
        memory.settlements.forget(SOURCE, TARGET, "ada")
        assert memory.settlements.of(SOURCE, TARGET) == Settlement(frozenset({"seg.too-short"}))


@pytest.mark.parametrize("file", ["memory.tmx", "memory.jsonl"])
def test_another_memory_takes_over_what_is_settled_and_what_was_translated(folder: Path, file: str) -> None:
    title = Entry("示例", "An Example", Status.APPROVED, "ada")
    with open_memory(memory_place(folder), now=lambda: NOW) as memory:
        memory.store("k1", title, Kind.HEADING)
        memory.store("k2", Entry(SOURCE, TARGET, Status.APPROVED, "ada"), Kind.TEXT)
        memory.settlements.accept(SOURCE, TARGET, who="ada", reason="counted anew")
        memory.settlements.stand_by(title.source, title.target, ["seg.too-short", "title.name"])
    run(folder, "memory", "export", file)
    run(folder, "memory", "import", file, "--memory", "other.db")
    with open_memory(folder / "other.db", now=str) as other:
        assert {one.entry.source: one.kind for one in other.stored()} == {
            title.source: Kind.HEADING,
            SOURCE: Kind.TEXT,
        }
        assert other.settlements.of(SOURCE, TARGET) == Settlement(who="ada", reason="counted anew")
        stood_by = other.settlements.of(title.source, title.target)
        assert stood_by == Settlement(frozenset({"seg.too-short", "title.name"}))
    assert run(folder, "memory", "verify", "--memory", "other.db").code == ExitCode.DONE
    again = f"again.{file}"
    run(folder, "memory", "export", again, "--memory", "other.db")
    assert (folder / again).read_bytes() == (folder / file).read_bytes()


def test_the_memory_of_the_samples_has_no_error(folder: Path) -> None:
    run(folder, "memory", "import", str(SAMPLES / "memory.tmx"))
    ended = run(folder, "memory", "verify")
    assert ended.code == ExitCode.DONE, ended.out


def test_an_accepted_text_is_learned(folder: Path) -> None:
    (folder / "en.md").write_text(f"{TARGET}\n", "utf-8")
    learn = ("memory", "learn", "issue.md", "en.md")
    assert run(folder, *learn).code == ExitCode.FINDINGS
    with open_memory(memory_place(folder), now=str) as memory:
        memory.settlements.accept(SOURCE, TARGET, who="ada", reason="counted anew")
    assert run(folder, *learn).code == ExitCode.DONE


def test_an_undo_takes_back_one_acceptance(folder: Path) -> None:
    other = "This issue presents a dozen articles."
    with open_memory(memory_place(folder), now=lambda: NOW) as memory:
        for target, who in ((TARGET, "ada"), (other, "eve")):
            entry = Entry(SOURCE, target, Status.APPROVED, who)
            memory.decisions.vouch(Vouched(entry, Kind.TEXT, reason="right"))
        assert memory.decisions.undo(SOURCE, who="eve") is not None
        assert memory.settlements.of(SOURCE, other) is None
        assert memory.settlements.of(SOURCE, TARGET) == Settlement(who="ada", reason="right")


def test_who_has_settled_it_and_why_is_in_the_report_and_counted(folder: Path) -> None:
    imported(folder, "--accept-anyway", "counted anew")
    _, (finding,) = translated(folder)
    assert finding["settled"] == {"by": "ada", "reason": "counted anew"}
    (folder / "zh").mkdir()
    (folder / "issue.md").rename(folder / "zh/issue.md")
    season = run(folder, "season", "zh", "-o", "en", *WHERE)
    assert "1 S" in season.err + season.out.decode(), season
