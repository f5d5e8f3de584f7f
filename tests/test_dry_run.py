"""`--dry-run`: what would be written is shown, nothing is written, and nothing is asked twice."""

from __future__ import annotations

import json
import os
import pty
import re
from dataclasses import replace
from pathlib import Path

import pytest

from forking import Streams, forked
from program import environment, run, start
from server import Fault, MisbehavingServer
from weekly_translate.model import Finding, Kind, RuleKind, Severity, Use
from weekly_translate.report.review import dry_run_lines
from weekly_translate.report.review_values import Review, Reviewed, ShownTag
from weekly_translate.report.text import Look

ISSUE = """\
# 第一期：垃圾回收

1、[聊一聊 Python 的**垃圾回收**](https://example.org/gc) (英)

这篇文章介绍了 3 个函数，其中有 `gc.freeze()`。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    return tmp_path


def shown(review: Review, *, old: str = "", width: int = 80, colors: bool = False) -> str:
    look = Look(width, colors, lambda text: text.replace("\x1b", "\\x1b"))
    return "\n".join("".join(piece.text for piece in line) for line in dry_run_lines(review, look, old))


def reviewed(*segments: Reviewed, target_name: str = "out.md", text: str = "") -> Review:
    return Review("issue.md", "draft", segments, target_name, text=text)


def changed(previous: str | None, target: str | None, *, findings: tuple[Finding, ...] = ()) -> Reviewed:
    tags = (ShownTag("a1", "link", "https://example.org"), ShownTag("c2", "code"))
    return Reviewed(
        "s001", Kind.TEXT, "Tools", 5, "介绍了文档。", target, previous, 7, tags=tags, findings=findings
    )


def test_a_changed_segment_shows_the_words_that_change() -> None:
    text = shown(reviewed(changed("The <a1>docs</a1> of <c2>gc</c2> are old.", "The <a1>guide</a1> is new.")))
    assert text.splitlines() == [
        "out.md: 1 of 1 segment changes",
        "",
        "Tools",
        "  issue.md:5 -> out.md:7",
        "    The [[-docs-]{+guide+}] [-of `gc` are old-]{+is new+}.",
    ]


def test_a_number_changes_as_a_whole() -> None:
    assert "[-1,300-]{+1,200+} repositories" in shown(
        reviewed(changed("1,300 repositories", "1,200 repositories"))
    )


def test_a_change_that_only_moves_lines_is_no_change() -> None:
    review = reviewed(changed("The docs.", "The docs."), text="# One\n\nThe docs.\n")
    assert shown(review, old="The docs.\n\n\n# One\n") == "out.md: no segment changes"


def test_what_differs_outside_the_segments_is_told() -> None:
    same = changed("See the docs.", "See the docs.")
    review = reviewed(same, text="[See the docs.](https://example.org/new)\n\nFooter\n")
    lines = shown(review, old="[See the docs.](https://example.org/old)\n").splitlines()
    assert lines[-4:] == [
        "Outside the segments",
        "    - [See the docs.](https://example.org/old)",
        "    + [See the docs.](https://example.org/new)",
        "    + Footer",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1. [Old docs.](https://example.org/old)", "1. [The docs.](https://example.org/new)"),
        ("Old docs. `gc.frozen()`", "The docs. `gc.freeze()`"),
        ("## Old docs.", "# The docs."),
    ],
)
def test_an_address_code_or_level_that_changes_together_with_the_words_is_told(old: str, new: str) -> None:
    one = replace(changed("Old docs.", "The docs."), target_line=1)
    text = shown(reviewed(one, text=f"{new}\n"), old=f"{old}\n")
    assert text.endswith(f"Outside the segments\n    - {old}\n    + {new}")
    same = new.replace("The", "Old")
    assert "Outside" not in shown(reviewed(one, text=f"{new}\n"), old=f"{same}\n")


@pytest.mark.parametrize(("old", "new"), [("if a:\nb()", "if a:\n    b()"), ("yy = a", "y = 2")])
def test_code_that_changes_is_told_whatever_the_segments_say(old: str, new: str) -> None:
    one = replace(changed("A", "B"), target_line=9)
    lines = shown(reviewed(one, text=new), old=old).splitlines()
    assert [f"    - {old.splitlines()[-1]}", f"    + {new.splitlines()[-1]}"] == lines[-2:]


def test_the_lines_of_a_changed_paragraph_are_told_once() -> None:
    old = "Intro.\n\nThe *old* docs,\nwith all\ntheir faults.\n\nFooter\n"
    one = replace(changed("The *old* docs, with all their faults.", "The docs."), target_line=3)
    lines = shown(reviewed(one, text="Intro.\n\nThe docs.\n"), old=old).splitlines()
    assert lines[-2:] == ["Outside the segments", "    - Footer"]


def test_what_is_new_or_not_translated_stands_beside_its_source() -> None:
    lines = shown(reviewed(changed(None, "The docs."), changed(None, None))).splitlines()
    assert lines[0] == "out.md: 0 of 2 segments change, 1 is new, 1 stays in Chinese"
    assert "  issue.md:5, new" in lines
    assert "  issue.md:5, not translated" in lines
    assert any(re.match(r" {4}介绍了文档。 +\| \(stays in Chinese\)$", line) for line in lines)


def test_without_a_file_to_compare_with_each_segment_stands_beside_its_source() -> None:
    lines = shown(reviewed(changed(None, "The <a1>docs</a1>."), target_name="")).splitlines()
    assert lines[-1] == "    介绍了文档。                         | The [docs]."
    narrow = shown(reviewed(changed(None, "The <a1>docs</a1>."), target_name=""), width=60).splitlines()
    assert narrow[-2:] == ["    介绍了文档。", "    The [docs]."]


def test_findings_stand_below_their_segment_and_those_of_the_document_at_the_end() -> None:
    warning = Finding("num.value", Severity.WARNING, "3 became 4", "s001", 5)
    whole = Finding("md.skeleton", Severity.WARNING, "a rule is missing", None, 9)
    review = reviewed(changed("Same.", "Same.", findings=(warning,)))
    lines = shown(Review("issue.md", "", review.segments, "out.md", findings=(whole,))).splitlines()
    assert "    warning num.value: 3 became 4" in lines
    assert lines[-2:] == ["The document as a whole", "    warning md.skeleton: line 9: a rule is missing"]


def test_what_the_edition_replaces_and_drops_is_told() -> None:
    rules = (
        Use(RuleKind.ITEM, "items", (3, 5)),
        Use(RuleKind.HEADER, "header", ()),
        Use(RuleKind.DROPPED, "sponsors", (7, 9)),
    )
    lines = shown(Review("issue.md", "", (), "", "full", rules)).splitlines()
    assert lines[1:] == ["  edition full: header", "  edition full: dropped sponsors (lines 7-9)"]


def test_control_characters_are_made_visible() -> None:
    assert "\x1b" not in shown(reviewed(changed("a \x1b[2J", "b \x1b]0;x\x07")))


def test_the_three_formats_show_what_the_real_run_writes(folder: Path, server: MisbehavingServer) -> None:
    arguments = ["issue.md", "-o", "out.md"]
    as_json = run(folder, *arguments, "--dry-run", "--format", "json", OPENAI_BASE_URL=server.url)
    told = json.loads(as_json.out)
    assert (as_json.code, told["schema"], told["target"], told["exit_code"]) == (0, 1, "out.md", 0)
    assert not (folder / "out.md").exists()
    asked = len(server.requests)
    page = run(folder, *arguments, "--dry-run", "--format", "html", OPENAI_BASE_URL=server.url)
    assert page.out.startswith(b"<!doctype html>")
    assert run(folder, *arguments, OPENAI_BASE_URL=server.url).code == 0
    assert len(server.requests) == asked
    assert (folder / "out.md").read_text("utf-8") == told["text"]
    assert {one["previous"] for one in told["segments"]} == {None}


def test_a_second_dry_run_compares_with_what_was_written(folder: Path, server: MisbehavingServer) -> None:
    arguments = ["issue.md", "-o", "out.md"]
    assert run(folder, *arguments, OPENAI_BASE_URL=server.url).code == 0
    out = folder / "out.md"
    ended = run(folder, *arguments, "--dry-run", OPENAI_BASE_URL=server.url)
    assert (ended.code, ended.out.decode()) == (0, "out.md: no segment changes\n")
    out.write_text(out.read_text("utf-8").replace(" 3 ", " 4 "), "utf-8")
    before = out.read_bytes()
    ended = run(folder, *arguments, "--dry-run", OPENAI_BASE_URL=server.url)
    assert "[-4-]{+3+}" in ended.out.decode()
    assert out.read_bytes() == before


def test_errors_that_are_left_end_a_dry_run_as_they_end_a_run(folder: Path) -> None:
    with MisbehavingServer(Fault("half_chinese")) as lying:
        ended = run(folder, "issue.md", "--dry-run", OPENAI_BASE_URL=lying.url)
    assert ended.code == 1
    assert re.search(r"^ {4}error +(lang|seg|char)\.", ended.out.decode(), re.MULTILINE)


@pytest.mark.parametrize("out", ["issue.md", "."])
def test_a_target_that_the_real_run_would_refuse_is_refused_before_anything_is_asked(
    folder: Path, server: MisbehavingServer, out: str
) -> None:
    dry, real = (
        run(folder, "issue.md", "-o", out, *more, OPENAI_BASE_URL=server.url) for more in (("--dry-run",), ())
    )
    assert (dry.code, dry.out, dry.err) == (2, b"", real.err)
    assert not server.requests


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--format", "json"), "give --dry-run as well"),
        (("--dry-run", "--format", "pdf"), "There is no format 'pdf'"),
    ],
)
def test_a_format_that_can_not_be_is_refused(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    ended = run(folder, "issue.md", *arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert sentence in ended.err


# ------------------------------------------------------------------------ at a terminal


def on_terminal(folder: Path, *arguments: str, **more: str) -> str:
    """What stands on a terminal of 24 lines after a run; the pager's output is part of it."""
    (folder / "issue.md").write_text("\n\n".join(f"第 {n} 段文字" for n in range(40)), "utf-8")
    leader, follower = pty.openpty()
    variables = environment(folder, {"TERM": "xterm", "LINES": "24", "COLUMNS": "80", **more})
    command = ("issue.md", "--dry-run", "--engine", "draft", *arguments)
    with Path(os.devnull).open("w") as nowhere:
        process = forked(folder, command, variables, Streams(None, follower, nowhere.fileno()))
        os.close(follower)
        written = b""
        try:
            while piece := os.read(leader, 65536):
                written += piece
        except OSError:  # the other end is closed
            pass
        os.close(leader)
        process.wait()
    return written.decode("utf-8", "replace")


def test_a_long_result_goes_through_the_pager(folder: Path) -> None:
    assert on_terminal(folder, PAGER="sed s/^/paged:/").startswith("paged:")


@pytest.mark.parametrize("pager", ["", "/does/not/exist", "'unclosed"])
def test_without_a_usable_pager_the_result_is_printed(folder: Path, pager: str) -> None:
    assert "issue.md: 40 segments" in on_terminal(folder, PAGER=pager)


def test_a_dumb_terminal_has_no_pager_that_nobody_asked_for(folder: Path) -> None:
    less = folder / "bin" / "less"
    less.parent.mkdir()
    less.write_text("#!/bin/sh\nsed s/^/less:/\n", "utf-8")
    less.chmod(0o755)
    path = f"{less.parent}{os.pathsep}{os.environ['PATH']}"
    assert on_terminal(folder, PATH=path).startswith("less:")
    assert on_terminal(folder, PATH=path, TERM="dumb").startswith("issue.md: 40 segments")


def test_a_quiet_run_and_a_pipe_have_no_pager(folder: Path) -> None:
    assert "paged" not in on_terminal(folder, "-q", PAGER="sed s/^/paged:/")
    with start(folder, "issue.md", "--dry-run", "--engine", "draft", PAGER="false") as process:
        out, _ = process.communicate()
    assert b"issue.md: 40 segments" in out
