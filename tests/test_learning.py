"""What a memory learns from an existing pair, and what it says about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program import memory_place, run
from server import MisbehavingServer
from weekly_translate.compare.learn import lessons_in, shares_text
from weekly_translate.compare.style import PreparedPair, Rules
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import PLACED, Status

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.compare.learn import Lesson


def lessons_of(source: str, target: str, *, judged: bool = True) -> list[Lesson]:
    here, there = (parse(f"{text}\n", every_line=True) for text in (source, target))
    return lessons_in(PreparedPair(here, there, Rules()), judged=judged)


def lesson(source: str, target: str) -> Lesson:
    (one,), (unjudged,) = (lessons_of(source, target, judged=judged) for judged in (True, False))
    assert (unjudged.segment, unjudged.target, unjudged.line) == (one.segment, one.target, one.line)
    return one


@pytest.mark.parametrize(
    ("source", "target", "learned"),
    [
        (
            "用 [maturin](https://m.example) 构建扩展。",
            "Builds extensions with maturin.",
            "Builds extensions with <a1>maturin</a1>.",
        ),
        (
            "标准库中有个`code` 模块，文章介绍它。",
            "The standard library has a code module, explained here.",
            "The standard library has a <c1>code</c1> module, explained here.",
        ),
        (
            "`itertools` 不够时，可以用 [more-itertools](https://m.example)。",
            "Where itertools is not enough, there is [more-itertools](https://m.example).",
            "Where <c1>itertools</c1> is not enough, there is <a2>more-itertools</a2>.",
        ),
    ],
)
def test_a_lost_link_or_code_mark_is_learned_where_its_name_stands(
    source: str, target: str, learned: str
) -> None:
    assert lesson(source, target)[1:4] == (learned, PLACED, "")


@pytest.mark.parametrize(
    ("source", "target", "fault"),
    [
        ("项目已被[无限期搁置](https://p.example)。", "The project was postponed indefinitely.", "<a1>"),
        ("用 [uv](https://uv.example) 安装。", "With uv, what uv installs is fast.", "<a1>"),
        ("用 [uv](https://uv.example) 装了 35 个包。", "Installs 36 packages with uv.", "35"),
        ("介绍垃圾回收。", "Explains [garbage collection](https://gc.example).", "source lacks"),
        ("介绍垃圾回收。", "介绍垃圾回收。", "not translated"),
        ("[异步入门](https://a.example/1)", "[Notes on Loops](https://b.example/2)", "leads elsewhere"),
    ],
)
def test_a_fault_that_no_rule_mends_without_doubt_is_named(source: str, target: str, fault: str) -> None:
    assert fault in lesson(source, target).fault


def test_a_title_is_learned_though_its_address_is_written_otherwise() -> None:
    one = lesson(
        "[异步入门](http://a.example/1/#序言)", "[Introduction to Async](https://a.example/1#preface)"
    )

    assert (one.target, one.fault) == ("Introduction to Async", "")


def test_an_issue_next_to_the_translation_of_another_one_teaches_nothing() -> None:
    works = ["异步入门", "循环笔记", "打包指南", "类型提示", "调试技巧"]
    issue = "".join(f"[{work}](https://zh.example/{n})\n\n介绍{work}。\n\n" for n, work in enumerate(works))
    other = "".join(f"[Work {n}](https://en.example/{n})\n\nExplains it.\n\n" for n in range(5))
    lessons = lessons_of(f"# 第一\n\n{issue}", f"# One\n\n{other}")

    assert {one.fault for one in lessons} == {"the two files link to different works"}
    assert shares_text(lessons) == "0.0% of the characters; 100.0% have none"


def test_a_part_of_a_translation_is_learned() -> None:
    issue = "".join(f"[用 {n} 个例子入门](https://a.example/{n})\n\n" for n in range(12))
    part = "".join(f"[Started in {n} Examples](https://a.example/{n})\n\n" for n in range(5))
    lessons = lessons_of(issue, part)

    assert [one.fault == "" for one in lessons] == [True] * 5 + [False] * 7


def test_emphasis_that_only_the_translation_has_is_no_reason_to_forget_its_words() -> None:
    source, target = "《Fluent Python》的作者写了新书。", "The author of *Fluent Python* wrote a new book."

    assert lesson(source, target)[1:4] == ("The author of Fluent Python wrote a new book.", "", "")


@pytest.mark.parametrize(
    ("source", "target", "learned"),
    [
        ("1.安装说明在这里", "1. Installation notes are here", "1. Installation notes are here"),
        ("1、安装说明在这里", "1. Installation notes are here", "Installation notes are here"),
        ("1. 安装说明在这里", "1. Installation notes are here", "Installation notes are here"),
        ("##安装说明", "##Installation notes", "##Installation notes"),
    ],
)
def test_a_text_is_learned_with_the_signs_that_are_part_of_it(source: str, target: str, learned: str) -> None:
    assert lesson(source, target)[1:4] == (learned, "", "")


def test_each_segment_of_the_source_has_its_lesson() -> None:
    source = parse("# 标题\n\n第一段介绍垃圾回收。\n\n第二段有 35 个例子。\n", every_line=True)
    target = parse("# Title\n\nThe second paragraph has 36 examples.\n", every_line=True)
    lessons = lessons_in(PreparedPair(source, target, Rules()))

    assert [one.segment for one in lessons] == list(source.segments)
    assert [one.target for one in lessons if not one.fault] == ["Title"]
    assert shares_text(lessons) == "8.3% of the characters; 41.7% have a faulty translation; 50.0% have none"


@pytest.mark.usefixtures("either_database")
def test_what_the_glossary_forbids_is_not_learned(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("- {source: 协程, target: coroutine, avoid: [fiber]}\n", "utf-8")
    (tmp_path / "zh.md").write_text("# 标题\n\n介绍了协程的用法。\n", "utf-8")
    (tmp_path / "en.md").write_text("# Title\n\nExplains how to use a fiber.\n", "utf-8")
    told = run(tmp_path, "memory", "learn", "zh.md", "en.md", "-v")

    assert "zh.md:3: not learned: “fiber” is not our word for 协程; use coroutine" in told.err
    assert "1 segment learned" in told.err


@pytest.mark.usefixtures("either_database")
def test_a_file_that_is_no_translation_teaches_nothing_and_that_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 标题\n\n共有 35 个例子。\n", "utf-8")
    told = run(tmp_path, "memory", "learn", "zh.md", "zh.md")

    assert told.code == ExitCode.FINDINGS
    assert "is zh.md its translation? -v says why" in told.err
    assert not (tmp_path / "memory.db").exists()


@pytest.mark.usefixtures("either_database")
def test_the_command_says_what_is_not_learned_and_why(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 标题\n\n用 `uv` 安装它。\n\n共有 35 个例子。\n", "utf-8")
    (tmp_path / "en.md").write_text("# Title\n\nInstall it with uv.\n\nThere are 36 examples.\n", "utf-8")
    told = run(tmp_path, "memory", "learn", "zh.md", "en.md", "-v")

    assert told.code == ExitCode.DONE
    assert "zh.md:5: not learned: the number 35 became 36" in told.err
    assert "2 segments learned" in told.err
    with open_memory(memory_place(tmp_path), now=str) as memory:
        statuses = {entry.source: (entry.status, entry.remark) for entry in memory.entries()}
    assert statuses == {
        "标题": (Status.APPROVED, ""),
        "用 <c1>uv</c1> 安装它。": (Status.EDITED, PLACED),
    }


ACCEPTED = "# Tools\n\nThis tool is fast and easy.\n\nIt has no dependencies.\n"


@pytest.mark.usefixtures("either_database")
def test_a_correction_of_an_accepted_text_is_taken_over_or_it_is_said_why_not(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 工具\n\n这个工具又快又简单。\n\n它没有 3 个依赖。\n", "utf-8")
    (tmp_path / "en.md").write_text(ACCEPTED.replace("no dep", "no 3 dep"), "utf-8")
    learn = ("memory", "learn", "zh.md", "en.md")
    run(tmp_path, *learn)
    corrected = ACCEPTED.replace("fast and easy", "quick and simple").replace("no dep", "no 4 dep")
    (tmp_path / "en.md").write_text(corrected, "utf-8")
    told = run(tmp_path, *learn, "--status", "edited").err
    assert "corrected: “This tool is fast and easy.” becomes “This tool is quick and simple.”" in told
    assert "zh.md:5: not learned: the number 3 became 4" in told
    with open_memory(memory_place(tmp_path), now=lambda: "") as memory:
        entry = memory.find("", "这个工具又快又简单。")
        assert entry is not None
        assert (entry.target, entry.status) == ("This tool is quick and simple.", Status.EDITED)
        assert memory.decisions.undo("这个工具又快又简单。", who="a") is not None
        entry = memory.find("", "这个工具又快又简单。")
        assert entry is not None
        assert (entry.target, entry.status) == ("This tool is fast and easy.", Status.APPROVED)


ISSUE = "# 工具\n\n这个工具有 12 个选项。\n\n它没有依赖，大小是 35 KB。\n"


@pytest.mark.usefixtures("either_database")
def test_of_an_edited_output_only_what_was_edited_is_a_persons(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text(
        "# 工具\n\n这个工具有 12 个选项。\n\n它没有依赖，大小是 35 KB。\n", "utf-8"
    )
    with MisbehavingServer() as server:
        run(tmp_path, "zh.md", "-o", "en.md", OPENAI_BASE_URL=server.url)
    *lines, last = (tmp_path / "en.md").read_text("utf-8").splitlines()
    corrected = "\n".join([*lines, "It has no dependencies and takes 35 KB.", "", "Thanks for reading.", ""])
    (tmp_path / "en.md").write_text(corrected, "utf-8")
    learn = ("memory", "learn", "zh.md", "en.md")
    told = run(tmp_path, *learn, "--status", "edited").err.splitlines()

    assert "en.md:7: not learned: “Thanks for reading.” stands for nothing in zh.md" in told
    counts = "zh.md: 1 segment learned, 2 as a model has written them; 100.0% of the characters"
    assert told[told.index(counts) + 1].startswith("To look at the rest"), "nothing of it can be learned"
    with open_memory(memory_place(tmp_path), now=str) as memory:
        edited = [one.target for one in memory.entries(at_least=Status.EDITED)]
        assert edited == ["It has no dependencies and takes 35 KB."] != [last]
    assert "3 segments learned; " in run(tmp_path, *learn).err, "approved is what was read"


def test_a_run_goes_on_with_an_edited_file_once_its_edits_are_learned(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("# 灯塔\n\n船队每年春天出发。\n", "utf-8")
    english = tmp_path / "en.md"
    with MisbehavingServer() as server:
        options = ("--edition", "none", "--base-url", server.url, "--memory", "our.db")
        arguments = ("zh.md", "-o", "en.md", *options)
        assert run(tmp_path, *arguments).code == ExitCode.DONE
        edited = english.read_text("utf-8").rsplit("\n\n", 1)[0] + "\n\nThe fleet leaves each spring.\n"
        english.write_text(edited, "utf-8")
        held = run(tmp_path, *arguments)
        (learn,) = (line for line in held.err.splitlines() if "memory learn" in line)
        learned = run(tmp_path, *learn.split()[1:])
        assert (held.code, learned.code) == (ExitCode.USAGE, ExitCode.DONE)
        assert "the rest" not in learned.err
        again = run(tmp_path, *arguments)
        assert (again.code, english.read_text("utf-8")) == (ExitCode.DONE, edited), again.err
        english.write_text(f"{edited}\nMore.\n", "utf-8")
        assert run(tmp_path, *arguments).code == ExitCode.USAGE
        assert english.read_text("utf-8").endswith("More.\n")
        assert len(server.requests) == 1


def test_what_an_edited_file_still_has_wrong_is_said_with_the_way_to_accept_it(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("船队每年春天出发。\n\n码头有 26 条船。\n", "utf-8")
    (tmp_path / "en.md").write_text("The fleet leaves each spring.\n\nThe pier has ships.\n", "utf-8")
    told = run(tmp_path, "memory", "learn", "zh.md", "en.md", "--status", "edited").err
    assert "zh.md:3: not learned: the number 26 is missing" in told
    assert "accept it in spite of the checks:\n  weekly-translate review zh.md en.md --serve\n" in told
    assert told.endswith("\n  weekly-translate zh.md -o en.md --keep-edits\n")


def test_an_edited_file_of_which_only_a_part_is_learned_leads_to_no_circle(tmp_path: Path) -> None:
    """What was learned is shown no more, and no command is offered that would do nothing."""
    (tmp_path / "zh.md").write_text("# 灯塔\n\n船队每年春天出发。\n\n码头有 26 条船。\n", "utf-8")
    english = tmp_path / "en.md"
    with MisbehavingServer() as server:
        arguments = ("zh.md", "-o", "en.md", "--edition", "none", "--base-url", server.url)
        run(tmp_path, *arguments)
        *_, fleet, _, pier, _ = english.read_text("utf-8").split("\n")
        edited = english.read_text("utf-8").replace(fleet, "The fleet leaves each spring.")
        edited = edited.replace(pier, "The pier is long.\n\nThanks for reading.")
        english.write_text(edited, "utf-8")
        learn = ("memory", "learn", "zh.md", "en.md", "--status", "edited", "--edition", "none")
        first = run(tmp_path, *arguments)
        assert f"  weekly-translate {' '.join(learn)}\n" in first.err
        for _ in range(2):
            learned = run(tmp_path, *learn).err
            assert "zh.md:5: not learned: the number 26" in learned
            again = run(tmp_path, *arguments)
            assert (again.code, english.read_text("utf-8")) == (ExitCode.USAGE, edited)
            assert (b"fleet" in first.out, b"+The fleet" in again.out) == (True, False)
            assert {b"+The pier is long.", b"+Thanks for reading."} < set(again.out.splitlines())
            assert ("memory learn" in again.err, "review zh.md en.md" in again.err) == (False, True)
        (keep,) = (line for line in learned.splitlines() if line.endswith("--keep-edits --edition none"))
        assert run(tmp_path, *keep.split()[1:]).code == ExitCode.DONE
        after = run(tmp_path, *arguments)
        assert (after.code, "stays as it is until zh.md changes" in after.err) == (ExitCode.DONE, True)
        assert english.read_text("utf-8") == edited
        (tmp_path / "zh.md").write_text("# 灯塔\n\n船队每年春天出发。\n\n码头有 27 条船。\n", "utf-8")
        assert run(tmp_path, *arguments).code == ExitCode.USAGE, "its source has changed"
        assert run(tmp_path, *arguments, "--replace-edits").code == ExitCode.DONE
        assert "The fleet leaves each spring." in english.read_text("utf-8")


def test_a_season_goes_on_with_files_whose_edits_are_learned(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh/1.md").write_text("# 灯塔\n\n船队每年春天出发。\n", "utf-8")
    english = tmp_path / "en/1.md"
    with MisbehavingServer() as server:
        arguments = ("season", "zh", "-o", "en", "--edition", "none", "--base-url", server.url)
        assert run(tmp_path, *arguments).code == ExitCode.DONE
        edited = english.read_text("utf-8").rsplit("\n\n", 1)[0] + "\n\nThe fleet leaves each spring.\n"
        english.write_text(edited, "utf-8")
        held = run(tmp_path, *arguments)
        assert (held.code, english.read_text("utf-8")) == (ExitCode.PARTIAL, edited)
        previews = (("--plan",), ("--batch", "submit", "--plan"))
        assert all("edited it" in run(tmp_path, *arguments, *preview).err for preview in previews)
        run(tmp_path, "memory", "learn", "zh/1.md", "en/1.md", "--status", "edited")
        assert not any("edited" in run(tmp_path, *arguments, *preview).err for preview in previews)
        again = run(tmp_path, *arguments)
        assert (again.code, english.read_text("utf-8")) == (ExitCode.DONE, edited), again.err
        assert len(server.requests) == 1


def test_a_title_and_a_heading_that_the_edition_writes_otherwise_are_named(tmp_path: Path) -> None:
    matter = "---\ntitle: 'Python潮流周刊#7：灯塔'\npubDate: 2024-03-09\n---\n"
    issue = f"{matter}\n## 🦄文章&教程\n\n船队每年春天出发。\n"
    (tmp_path / "zh.md").write_text(issue, "utf-8")
    with MisbehavingServer() as server:
        run(tmp_path, "zh.md", "-o", "en.md", "--edition", "full", OPENAI_BASE_URL=server.url)
    english = (tmp_path / "en.md").read_text("utf-8")
    learn = ("memory", "learn", "zh.md", "en.md", "--status", "edited", "--edition", "full")
    assert "not learned" not in run(tmp_path, *learn).err
    edited = english.replace("🦄Articles & Tutorials", "🦄 Worth Reading").replace("#7", "Seven")
    (tmp_path / "en.md").write_text(edited, "utf-8")
    told = run(tmp_path, *learn).err
    assert "en.md:1: not learned: the title “Python Trending Weekly Seven" in told
    assert "not learned: “Worth Reading”: the edition writes “Articles & Tutorials” here\n" in told
    assert told.endswith("\n  weekly-translate zh.md -o en.md --keep-edits --edition full\n")
