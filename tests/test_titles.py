"""Titles: a name stays as it is, and the report can say where the English comes from."""

from __future__ import annotations

import pytest

from tagged import segment
from weekly_translate.checks.repair import with_name
from weekly_translate.model import Kind, TitleOrigin
from weekly_translate.run.plan import origin_of
from weekly_translate.text.characters import name_of, same_work


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("codegate：AI 编程助手的隐私与安全", "codegate"),
        ("Paul Graham：如何努力工作？", "Paul Graham"),
        ("gpt-4o_mini v2 ：更快", "gpt-4o_mini v2"),
        ("Talk Python  #434：移动应用", "Talk Python #434"),
        ("聊一聊：Python", ""),
        ("<b1>codegate</b1>：隐私", ""),
        ("codegate: privacy", ""),
        ("codegate：privacy", ""),
    ],
)
def test_the_name_is_what_stands_before_the_colon_in_latin(title: str, name: str) -> None:
    assert name_of(title) == name


@pytest.mark.parametrize(
    ("target", "mended"),
    [
        ("Codegate: privacy and security", "codegate: privacy and security"),
        ("CodeGate：privacy", "codegate: privacy"),
        ("Code Gate – privacy", "codegate: privacy"),
        ("codegate: privacy", "codegate: privacy"),
        ("Privacy: a guide", "Privacy: a guide"),
        ("Privacy with Codegate", "Privacy with Codegate"),
    ],
)
def test_a_name_that_was_only_recased_is_mended(target: str, mended: str) -> None:
    title = segment("codegate：隐私", kind=Kind.TITLE)
    assert with_name(target, title) == mended
    assert with_name(mended, title) == mended


@pytest.mark.parametrize(
    ("text", "hint", "target", "origin"),
    [
        ("codegate：隐私", "", "codegate: privacy", TitleOrigin.NAME),
        ("创建直方图", "creating histograms with python", "Creating Histograms in Python", TitleOrigin.SLUG),
        ("创建直方图", "creating histograms with python", "How to draw charts", TitleOrigin.TRANSLATED),
        ("创建直方图", "", "Creating Histograms", TitleOrigin.TRANSLATED),
    ],
)
def test_where_a_title_comes_from(text: str, hint: str, target: str, origin: TitleOrigin) -> None:
    assert origin_of(segment(text, kind=Kind.TITLE, hint=hint), target) is origin


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("四种错误处理的方法", "错误处理的四种模式", True),
        ("leafcache：磁盘缓存", "leafcache：没有依赖的库", True),
        ("leafcache：磁盘缓存", "treecache：磁盘的缓存", True),
        ("文章与教程", "项目与资源", False),
    ],
)
def test_similar_chinese_names_the_same_work(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a case
    assert same_work(one, other) is same
