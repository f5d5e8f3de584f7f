"""What is left in Chinese: what counts, and where it is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from program import run
from server import Fault, MisbehavingServer
from weekly_translate.checks.characters import leftovers_in
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import parse

if TYPE_CHECKING:
    from pathlib import Path

SEEN = [
    ("<div>\n<p>本周没有新的内容</p>\n</div>\n", "HTML", 2, True),
    ("<summary>展开</summary>\n", "HTML", 1, False),
    ("<p>Text</p><img src='a.png' alt='一只猫'>\n", "HTML", 1, False),
    ('See <abbr title="解释器全局锁定">GIL</abbr> here.\n', "HTML", 1, True),
    ('See <input placeholder="解释器的名字"> here.\n', "HTML", 1, True),
    ('See <meta content="解释器的名字"> here.\n', "HTML", 1, True),
    ('<option label="解释器的名字">x</option>\n', "HTML", 1, True),
    ("---\ntitle: Week\ndescription: 每周为你精选文章\n---\n\nText.\n", "front matter", 3, True),
    ("---\ntags: [周刊, Python]\n---\n\nText.\n", "front matter", 2, False),
    ("!!! note\n\n    这里是说明，请先阅读。\n", "text", 3, True),
    ("This sentence is English, 这一句不是。\n", "text", 1, False),
    ("# 这一行还没有人翻译\n", "text", 1, True),
    ("$$\nv = \\text{每秒走过的路程}\n$$\n", "formulas", 1, False),
    ("```{note}\n这里是说明，请先阅读。\n```\n", "directives", 2, True),
    ("The rate is $\\text{每秒走过的路程}$.\n", "formulas", 1, False),
]


@pytest.mark.parametrize(("text", "place", "line", "is_sentence"), SEEN)
def test_what_a_reader_sees_is_left(text: str, place: str, line: int, is_sentence: bool) -> None:  # noqa: FBT001
    (found,) = [one for one in leftovers_in(parse(text), lambda _: ()) if one.is_seen]
    assert (found.place, found.line, found.is_sentence) == (place, line, is_sentence)


UNSEEN = [
    "<!-- 这是给编辑看的注释 -->\n",
    "<script>\nvar a = '给程序看的文字';\n</script>\n",
    "```python\n# 代码里的注释不翻译\n```\n",
    "    # 缩进的代码也不翻译\n",
    "[text](https://example.org/这是一个很长的地址)\n",
    "---\nauthor: 豆花\nslug: 一个很长的地址在这里\n---\n\nText.\n",
    "---\ncover: /图片/封面图片一.png\n# 这是一条注释说明\n---\n\nText.\n",
    '<p><a href="zh.md">简体中文</a> | English</p>\n',
    "Plain English.\n",
]


@pytest.mark.parametrize("text", UNSEEN)
def test_what_no_reader_sees_is_not_counted(text: str) -> None:
    assert not [one for one in leftovers_in(parse(text), lambda _: ()) if one.is_seen]


def test_what_a_tag_in_a_chinese_line_shows_is_counted_once() -> None:
    found = leftovers_in(parse('这是 <abbr title="全局锁">GIL</abbr> 的说明。\n'), lambda _: ())
    assert [one.words for one in found] == ["这是 的说明", "全局锁"]


def test_a_name_may_stay_anywhere() -> None:
    text = "The 豆花周刊 team\n\n<p>豆花周刊</p>\n\n$\\text{豆花周刊}$\n"
    found = list(leftovers_in(parse(text), lambda _: {"豆花周刊"}))
    assert [(one.place, one.is_seen) for one in found] == [("names that stay", False)] * 2


# ------------------------------------------------------------------------ where it is said

ISSUE = "---\ntitle: 本周要闻\nnote: 每周为你精选文章\n---\n\n谢谢阅读。\n"


def test_a_run_that_leaves_a_sentence_is_no_success_but_is_written(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    with MisbehavingServer() as server:
        ended = run(
            tmp_path, "issue.md", "-o", "out.md", "--report", "report.json", OPENAI_BASE_URL=server.url
        )
    assert (ended.code, (tmp_path / "out.md").exists()) == (ExitCode.FINDINGS, True)
    assert "Chinese   left 1 in front matter" in ended.err.splitlines()
    assert "incomplete: Chinese is left in it" in ended.err
    assert "Chinese is left in front matter: “每周为你精选文章”" in ended.err
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["chinese"] == [{"place": "front matter", "line": 3, "text": "每周为你精选文章"}]


def test_a_season_counts_it_in_its_table_and_report(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh/1.md").write_text(ISSUE, "utf-8")
    (tmp_path / "zh/2.md").write_text("---\nnote: 页脚\n---\n\n谢谢阅读。\n", "utf-8")
    with MisbehavingServer() as server:
        ended = run(
            tmp_path, "season", "zh", "-o", "en", "--report", "report.json", OPENAI_BASE_URL=server.url
        )
    one, two, *_ = (line for line in ended.err.splitlines() if line.startswith(("1.md ", "2.md ")))
    assert ("1 W 1 zh" in one, "written, incomplete" in one) == (True, True)
    assert ("1 W 1 zh" in two, "incomplete" in two) == (True, False)
    assert ended.code == ExitCode.FINDINGS
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [len(issue["chinese"]) for issue in report["issues"]] == [1, 1]


def test_a_segment_that_stays_in_chinese_is_counted_as_text(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("谢谢阅读。\n\n这一段模型总是原样返回。\n", "utf-8")
    with MisbehavingServer(Fault("echo", where="原样")) as server:
        ended = run(tmp_path, "issue.md", "-o", "out.md", "--allow-partial", OPENAI_BASE_URL=server.url)
    assert "Chinese   left 1 in text" in ended.err.splitlines()


@pytest.mark.parametrize(("left", "code"), [("这里是一整句中文。", 1), ("页脚", 0)])
def test_check_says_it_too_and_a_sentence_is_an_error(tmp_path: Path, left: str, code: int) -> None:
    front = f"---\na: b\nnote: {left}\n---\n\n"
    (tmp_path / "zh.md").write_text(f"{front}谢谢阅读。\n", "utf-8")
    (tmp_path / "en.md").write_text(f"{front}Thanks for reading.\n", "utf-8")
    ended = run(tmp_path, "check", "zh.md", "en.md", "--format", "json")
    (finding,) = json.loads(ended.out)["findings"]
    assert (ended.code, finding["check"], finding["target_line"]) == (code, "doc.kept-chinese", 3)
    assert finding["severity"] == ("error" if code else "warning")
