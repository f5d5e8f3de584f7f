"""An edition that cannot be used, or that would lose something, is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program import KEY, run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ISSUE = """\
# 周报 第7期：垃圾回收

你好，欢迎阅读。

## 文章

1、[聊一聊垃圾回收](https://example.org/gc) (英)

本周的赞助商是一家公司。

## 赞助

谢谢大家。
"""
MARKS = "items: '{number}. '\nstars: '({count} stars)'\nnotes: {英: EN}\n"

REFUSED: dict[str, tuple[str, Mapping[str, str], tuple[str, ...]]] = {
    "an unknown key": (
        MARKS + "haeder: |\n  Hello there.\n",
        {},
        ("mine.yaml:4: there is no key 'haeder'. Did you mean header?",),
    ),
    "a pattern that is none": (
        MARKS + "issue: '第(\\d+期'\n",
        {},
        ("mine.yaml:4: 'issue'", "regular expression"),
    ),
    "a group that does not exist": (
        MARKS + "headings:\n  '文章(.*)': 'Articles \\2'\n",
        {},
        ("mine.yaml:5:",),
    ),
    "a template that is not there": (
        MARKS + "footer: mine/footer.md\n",
        {},
        ("mine.yaml:4: there is no file 'mine/footer.md' beside the edition",),
    ),
    "a template that is not UTF-8": (
        MARKS + "footer: mine/footer.md\n",
        {"editions/mine/footer.md": "\udcc4\udce3"},
        ("editions/mine/footer.md is not UTF-8", "Save it as UTF-8"),
    ),
    "a template from another folder": (
        MARKS + "footer: ../secret.md\n",
        {"secret.md": "secret"},
        ("mine.yaml:4: there is no file '../secret.md'",),
    ),
    "a variable that nobody fills": (
        MARKS + "header: mine/header.md\n",
        {"editions/mine/header.md": "See {slag}.\n"},
        ("mine.yaml:4: mine/header.md names {slag}, which nothing fills",),
    ),
    "a number that the title lacks": (
        MARKS + "issue: '期刊(?P<number>\\d+)'\ntitle: '# Weekly #{number}'\n",
        {},
        ("mine.yaml:5: 'title' needs {number}", "overrides"),
    ),
    "a rule that would drop an item": (
        MARKS + "dropped:\n  - {name: sponsors, text: '^1、'}\n",
        {},
        ("mine.yaml:5: the rule 'sponsors' would drop item 1 of line 7.",),
    ),
    "a rule that would drop the items of a section": (
        MARKS + "dropped:\n  - name: greeting\n    lines: 3\n  - {name: all, from: '^## 文章'}\n",
        {},
        ("mine.yaml:7: the rule 'all' would drop item 1 of line 7.",),
    ),
    "a rule that would take a heading from its items": (
        MARKS + "replaced:\n  - {name: end, text: '^## ', with: 'The end'}\n",
        {},
        ("mine.yaml:5: the rule 'end' would take the heading of line 5 from the items below it.",),
    ),
    "all of it, each with its line": (
        MARKS + "haeder: x\nissue: '('\nstar: 5\n",
        {},
        ("mine.yaml:4:", "mine.yaml:5:", "mine.yaml:6:"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_edition_is_refused_before_anything_is_sent(name: str, tmp_path: Path) -> None:
    yaml, files, says = REFUSED[name]
    for path, text in {"issue.md": ISSUE, "editions/mine.yaml": yaml, **files}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8", errors="surrogateescape")
    with MisbehavingServer() as server:
        options = ("--base-url", server.url, "--model", "m", "--edition", "mine")
        ended = run(tmp_path, "issue.md", "-o", "out.md", *options, OPENAI_API_KEY=KEY)
        assert server.requests == []
    assert ended.code == ExitCode.USAGE
    assert [part for part in says if part not in ended.err] == []
    assert "\\n" not in ended.err
    assert not (tmp_path / "out.md").exists()


def test_an_edition_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    for command in (("issue.md", "--plan", "--edition", "Full"), ("edition", "check", "Full")):
        ended = (
            run(tmp_path, *command, "--engine", "draft") if "--plan" in command else run(tmp_path, *command)
        )
        assert ended.code == ExitCode.USAGE
        assert "There are compilation, full, none, summary." in ended.err


def test_two_editions_that_fit_alike_are_named_both(tmp_path: Path) -> None:
    (tmp_path / "editions").mkdir()
    for name in ("one", "two"):
        text = MARKS + "shape:\n  has: ['^# 周报']\n"
        (tmp_path / "editions" / f"{name}.yaml").write_text(text, "utf-8")
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    ended = run(tmp_path, "issue.md", "--plan", "--engine", "draft")
    assert ended.code == ExitCode.USAGE
    assert "one and two fit this document alike" in ended.err
    assert run(tmp_path, "issue.md", "--plan", "--engine", "draft", "--edition", "two").code == ExitCode.DONE
