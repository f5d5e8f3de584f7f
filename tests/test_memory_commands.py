"""`memory …` from outside: learn, export, import, verify, stats and prune."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from documents import ROOT
from program import in_a_file, memory_place, run
from weekly_translate.errors import ExitCode, InputRefusedError
from weekly_translate.memory.exchange import jsonl_of, read_jsonl
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import (
    Entry,
    Finding,
    Kind,
    Severity,
    Status,
)

if TYPE_CHECKING:
    from pathlib import Path

    from program import Ended

pytestmark = pytest.mark.usefixtures("either_database")

SAMPLE = ROOT / "samples" / "full"


def memory(folder: Path, *arguments: str | Path, name: str = "") -> Ended:
    return run(folder, "memory", *arguments, *(("--memory", name) if name else ()))


def learned(folder: Path) -> Path:
    for name in ("source.md", "en.md"):
        shutil.copy(SAMPLE / name, folder / name)
    assert memory(folder, "learn", "source.md", "en.md").code == ExitCode.DONE
    return folder


def remember(folder: Path, *entries: tuple[str, Entry]) -> None:
    with open_memory(memory_place(folder), now=lambda: "2020-01-01T00:00:00+00:00") as opened:
        for key, entry in entries:
            opened.store(key, entry, Kind.TEXT)


# --------------------------------------------------------------------------- learn


def test_a_learned_issue_needs_no_request_any_more(tmp_path: Path) -> None:
    learned(tmp_path)
    plan = run(tmp_path, "source.md", "--plan", "--base-url", "http://127.0.0.1:9")

    assert plan.code == ExitCode.DONE
    assert "requests  none: nothing is left to ask" in plan.err
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert len(opened.entries(at_least=Status.APPROVED)) == len(opened.stored()) > 50
        (stored,) = opened.titles_at("https://github.example/greenhouse/leafcache")
    title = stored.entry
    assert title.target == "leafcache: an on-disk cache for function results"
    assert title.origin == "en.md"
    assert title.context


def test_what_has_an_error_is_not_learned(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 标题\n\n共有 12 篇文章和很多项目。\n\n介绍了垃圾回收。\n", "utf-8")
    (tmp_path / "en.md").write_text(
        "# Title\n\nThere are 13 articles and many projects.\n\nExplains garbage collection.\n", "utf-8"
    )
    assert "2 segments learned" in memory(tmp_path, "learn", "zh.md", "en.md", "--status", "edited").err
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert {entry.target for entry in opened.entries()} == {"Title", "Explains garbage collection."}
        assert {entry.status for entry in opened.entries()} == {Status.EDITED}


def test_learning_twice_changes_nothing(tmp_path: Path) -> None:
    again = memory(learned(tmp_path), "learn", "source.md", "en.md")

    assert " 0 added, 0 changed" in again.err


def test_an_unknown_status_is_refused(tmp_path: Path) -> None:
    refused = memory(tmp_path, "learn", "a.md", "b.md", "--status", "machine")

    assert (refused.code, "Choose approved, edited." in refused.err) == (ExitCode.USAGE, True)


# --------------------------------------------------------------------------- what others have written there


@pytest.mark.parametrize(
    "command", ["export a.jsonl", "export a.tmx", "export a.xlf", "verify", "reject 甲 --reason no"]
)
def test_an_unknown_kind_in_a_memory_is_one_sentence_of_every_command(tmp_path: Path, command: str) -> None:
    remember(tmp_path, ("k1", Entry("甲", "a", Status.MACHINE, "m")))
    with open_memory(memory_place(tmp_path), now=str) as opened:
        opened.database.transaction(lambda: opened.database.execute("UPDATE entries SET kind = 'bogus'"))
    ended = memory(tmp_path, *command.split())
    assert (ended.code, ended.err.count("\n")) == (ExitCode.STORAGE, 1), ended.err
    assert "row in entries that this version does not understand (key 'k1': 'bogus'" in ended.err
    assert memory(tmp_path, "stats").code == 0
    (tmp_path / "zh.md").write_text("甲\n", "utf-8")
    looked_up = run(tmp_path, "zh.md", "--plan", "--edition", "none", "--base-url", "http://127.0.0.1:9")
    assert "Traceback" not in looked_up.err


# --------------------------------------------------------------------------- export and import


@pytest.mark.parametrize("form", ["tmx", "jsonl"])
def test_a_memory_goes_out_and_in_again_byte_for_byte(tmp_path: Path, form: str) -> None:
    learned(tmp_path)
    assert memory(tmp_path, "export", f"one.{form}").code == ExitCode.DONE
    assert memory(tmp_path, "import", f"one.{form}", name="other.db").code == ExitCode.DONE
    assert memory(tmp_path, "export", f"two.{form}", name="other.db").code == ExitCode.DONE

    assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / f"two.{form}").read_bytes()


@pytest.mark.parametrize("form", ["tmx", "xlf", "jsonl"])
def test_an_export_that_somebody_has_edited_is_replaced_only_if_told_so(tmp_path: Path, form: str) -> None:
    learned(tmp_path)
    file = tmp_path / f"one.{form}"
    for _ in range(2):
        assert memory(tmp_path, "export", file.name).code == ExitCode.DONE
    exported = file.read_text("utf-8")
    for work in (exported.replace("Python", "Pythons"), "Call Ada.\n"):
        file.write_text(work, "utf-8")
        refused = memory(tmp_path, "export", file.name)
        assert (refused.code, f"one.{form} is not replaced" in refused.err) == (ExitCode.USAGE, True)
        assert f"memory export {file.name} --replace-edits`" in refused.err
        assert file.read_text("utf-8") == work
    assert memory(tmp_path, "export", file.name, "--replace-edits").code == ExitCode.DONE
    assert file.read_text("utf-8") == exported


@in_a_file
def test_an_export_needs_a_format_and_a_memory(tmp_path: Path) -> None:
    assert "end in .tmx, .xlf or .jsonl" in memory(tmp_path, "export", "memory.txt").err
    assert "does not exist: name it with --memory" in memory(tmp_path, "export", "memory.tmx").err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["import", "export"])
def test_an_address_is_no_file(tmp_path: Path, command: str) -> None:
    ended = memory(tmp_path, command, "postgresql://ada:topsecret@host/weekly.tmx")
    assert (ended.code, "use `memory copy FROM TO`" in ended.err) == (ExitCode.USAGE, True), ended.err
    assert "topsecret" not in ended.err
    assert not (tmp_path / "postgresql:").exists()


def test_json_lines_are_sorted_and_hold_one_entry_each() -> None:
    entries = [Entry("乙", "b\u2028", Status.MACHINE, "m"), Entry("甲\n", "a 🦄", Status.APPROVED, link="u")]
    text = jsonl_of(entries)

    assert text.splitlines() == [
        '{"source": "乙", "target": "b\\u2028", "status": "machine", "origin": "m"}',
        '{"source": "甲\\n", "target": "a 🦄", "status": "approved", "link": "u"}',
    ]
    assert read_jsonl(text.encode(), "m.jsonl") == entries
    assert jsonl_of(reversed(entries)) == text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 of m.jsonl is not JSON"),
        ("[" * 100_000, "line 2 of m.jsonl is not JSON"),
        ('["甲"]', "line 2 of m.jsonl is not an object of texts"),
        ('{"source": "甲", "target": 1}', "line 2 of m.jsonl is not an object of texts"),
        ('{"source": "甲"}', "line 2 of m.jsonl lacks a source or a target"),
        ('{"source": "甲", "target": "a", "zh": "b"}', "line 2 of m.jsonl has the unknown field 'zh'"),
        ('{"source": "甲", "target": "a", "status": "good"}', "has the unknown status 'good'"),
    ],
)
def test_a_line_that_is_no_entry_is_named(line: str, reason: str) -> None:
    with pytest.raises(InputRefusedError, match=reason.replace("[", r"\[")):
        read_jsonl(f'{{"source": "乙", "target": "b"}}\n{line}\n'.encode(), "m.jsonl")


# --------------------------------------------------------------------------- upkeep


def test_verify_names_what_the_checks_refuse_today(tmp_path: Path) -> None:
    remember(
        tmp_path,
        ("k1", Entry("共 12 篇", "13 articles", Status.APPROVED)),
        ("k2", Entry("甲", "A", Status.MACHINE)),
    )
    verified = memory(tmp_path, "verify")

    assert verified.code == ExitCode.FINDINGS
    assert "error num." in verified.out.decode()
    assert "approved, '共 12 篇'" in verified.out.decode()
    assert "2 entries, 1 with errors" in verified.err


def test_a_rejected_translation_is_told_and_forgotten_and_the_reason_is_kept(tmp_path: Path) -> None:
    source = "用 <c1>uv</c1> 安装它。"
    remember(
        tmp_path,
        ("k1", Entry(source, "Install it using <c1>uv</c1>.", Status.MACHINE)),
        ("k2", Entry(source, "Install it with <c1>uv</c1>!", Status.EDITED)),
        ("k3", Entry("另一句。", "Another.", Status.MACHINE)),
    )
    rejected = memory(tmp_path, "reject", "用 `uv` 安装它。", "--reason", "too  loud")

    assert rejected.code == ExitCode.DONE
    assert rejected.out.decode().splitlines() == [
        "edited: Install it with <c1>uv</c1>!",
        "machine: Install it using <c1>uv</c1>.",
    ]
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert [entry.target for entry in opened.entries()] == ["Another."]
        assert {one.reason for one in opened.rejections(source)} == {"too loud"}
    assert memory(tmp_path, "reject", "k3", "--reason", "wrong").code == ExitCode.DONE
    assert "rejected translations 3" in " ".join(memory(tmp_path, "stats").out.decode().split())


def test_what_was_rejected_is_neither_learned_nor_imported_again(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 标题\n\n协程很有用。\n", "utf-8")
    (tmp_path / "en.md").write_text("# Title\n\nCoroutines are useful.\n", "utf-8")
    memory(tmp_path, "learn", "zh.md", "en.md")
    memory(tmp_path, "export", "memory.jsonl")
    memory(tmp_path, "reject", "协程很有用。", "--reason", "too plain")
    counts = ": 0 added, 0 changed, 1 kept, 1 left out because people have rejected it"

    assert counts in memory(tmp_path, "learn", "zh.md", "en.md").err
    assert counts in memory(tmp_path, "import", "memory.jsonl").err
    (tmp_path / "en.md").write_text("# Title\n\nCoroutines come in handy.\n", "utf-8")
    assert ": 1 added, 0 changed, 1 kept\n" in memory(tmp_path, "learn", "zh.md", "en.md").err


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("另一", "wrong", "has no translation of “另一”: give the whole text. These hold it: 另一句。."),
        ("没有", "wrong", "has no translation of “没有”: give the whole text."),
        ("另一句。", " ", "--reason is empty: say what is wrong"),
    ],
)
def test_what_cannot_be_rejected_is_said(tmp_path: Path, text: str, reason: str, said: str) -> None:
    remember(tmp_path, ("k3", Entry("另一句。", "Another.", Status.MACHINE)))
    refused = memory(tmp_path, "reject", text, "--reason", reason)

    assert (refused.code, said in refused.err) == (ExitCode.USAGE, True)
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert len(opened.stored()) == 1


def test_stats_count_by_status_and_origin(tmp_path: Path) -> None:
    remember(
        tmp_path,
        ("k1", Entry("甲乙", "AB", Status.APPROVED, "ada")),
        ("k2", Entry("丙", "C", Status.MACHINE, "m")),
    )
    lines = memory(tmp_path, "stats").out.decode().splitlines()

    assert [" ".join(line.split()) for line in lines] == [
        "approved 1 entry, 2 characters",
        "machine 1 entry, 1 character",
        "from ada 1",
        "from m 1",
        "stored 2020-01-01 to 2020-01-01",
    ]


def test_prune_says_what_it_would_remove_and_removes_it_when_told_to(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("留下的一句话。\n", "utf-8")
    remember(
        tmp_path,
        ("k1", Entry("没有人用的一句话。", "Unused.", Status.MACHINE)),
        ("k2", Entry("没有人用的另一句话。", "Unused, but hers.", Status.EDITED)),
        ("k3", Entry("留下的一句话。", "Of an old prompt.", Status.MACHINE)),
    )
    with open_memory(memory_place(tmp_path), now=lambda: "2020-01-01T00:00:00+00:00") as opened:
        finding = Finding("tag.missing", Severity.ERROR, "the tag <a1> is missing")
        opened.store_failed_answer("k1", "甲", "a", findings=[finding], origin="m")
    told = memory(tmp_path, "prune", "issue.md").err
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert len(opened.stored()) == 3
    memory(tmp_path, "prune", "issue.md", "--yes")

    assert "do not hold: 1 to remove" in told
    assert "other prompts or terms: 1 to remove" in told
    assert "older than 90 days: 1 to remove" in told
    assert "Nothing was removed: add --yes" in told
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert [entry.target for entry in opened.entries()] == ["Unused, but hers."]
        assert opened.failed_answers("k1", "") == []


def test_prune_without_files_leaves_the_answers_alone(tmp_path: Path) -> None:
    remember(tmp_path, ("k1", Entry("没有人用的一句话。", "Unused.", Status.MACHINE)))
    told = memory(tmp_path, "prune", "--yes").err

    assert "Name the Chinese files that you keep" in told
    with open_memory(memory_place(tmp_path), now=str) as opened:
        assert len(opened.stored()) == 1


def test_another_memory_comes_in_with_what_people_and_machines_have_said(tmp_path: Path) -> None:
    """By its keys, so that nothing of it is asked again; what people vouch for here stays."""
    machine = Entry("甲", "a", Status.MACHINE, "m")
    with open_memory(tmp_path / "other.db", now=str) as other:
        other.store("k1", machine, Kind.TEXT)
        other.import_entries([Entry("乙", "theirs", Status.EDITED), Entry("丙", "c", Status.APPROVED)])
    with open_memory(memory_place(tmp_path), now=str) as here:
        here.import_entries([Entry("乙", "ours", Status.APPROVED)])
    ended = memory(tmp_path, "import", "other.db")
    assert ended.code == 0, ended.err
    told, also = ended.err.splitlines()
    assert (told.endswith(": 1 added, 0 changed, 1 kept"), "1 row of what machines" in also) == (True, True)
    with open_memory(memory_place(tmp_path), now=str) as here:
        found = [here.find(*asked) for asked in (("k1", "甲"), ("", "乙"), ("", "丙"))]
        assert [one and one.target for one in found] == ["a", "ours", "c"]


def test_a_memory_says_itself_who_vouches_for_what(tmp_path: Path) -> None:
    ended = run(tmp_path, "memory", "import", "other.db", "--status", "approved")
    assert (ended.code, "leave the options out" in ended.err) == (ExitCode.USAGE, True)
    ended = run(tmp_path, "memory", "import", "other.db")
    assert (ended.code, "The memory other.db does not exist" in ended.err) == (ExitCode.USAGE, True)
