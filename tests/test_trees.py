"""Documentation that is translated as a tree: its folders, and links to headings that follow them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from program import KEY, run
from server import Fault, MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.markdown.site import Pages, followed, headings_of, kept_ids
from weekly_translate.model import Dialect, FeatureKind, Severity

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = """\
# 指南

## 安装步骤

见[下文](#常见问题)和[参考](./api/core.md#类型-一览)，[图](./img/a.png)。

## 常见问题

回到[安装](#安装步骤)。
"""
CORE = "# 参考\n\n## 类型 一览\n\n回到[指南](../guide.md#安装步骤)。\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "guide.md": GUIDE,
        "api/core.md": CORE,
        "api/demo.mdx": "正文\n",
        "img/a.png": "",
        ".vitepress/index.md": "不是",
    }.items():
        path = tmp_path / "zh" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_a_tree_keeps_its_folders_and_links_follow_their_headings(
    tree: Path, server: MisbehavingServer
) -> None:
    arguments = ("season", "zh", "-o", "en", "--edition", "none", "--base-url", server.url)
    ended = run(tree, *arguments, OPENAI_API_KEY=KEY)
    assert ended.code == ExitCode.DONE, ended.err
    assert "1 .png" in ended.err
    written = {path.relative_to(tree / "en").as_posix() for path in (tree / "en").rglob("*.md*")}
    assert written == {"guide.md", "api/core.md", "api/demo.mdx"}
    for name, text in (("guide.md", GUIDE), ("api/core.md", CORE)):
        english = (tree / "en" / name).read_text("utf-8")
        assert "安装步骤" not in english, english
        assert "](./img/a.png)" in english or "img" not in text
        for link in parse(english).features:
            page, _, fragment = link.value.partition("#")
            if link.kind.value == "link" and fragment:
                where = (tree / "en" / name).parent / page if page else tree / "en" / name
                assert fragment in headings_of(parse(where.read_text("utf-8"))).slugs("github")

    again = run(tree, *arguments, OPENAI_API_KEY=KEY)
    assert "up to date" in again.err

    checked = run(tree, "check", "--pair", "zh/{path}.md=en/{path}.md", "--select", "url.*")
    assert checked.code == ExitCode.DONE, checked.out.decode()


SITES = {
    "github": ("快速 开始（一）", "#快速-开始一", "Quick start (1)", "#quick-start-1"),
    "vitepress": ("快速（一）开始", "#快速-一-开始", "Quick (1) start", "#quick-1-start"),
    "mkdocs": ("快速开始", "#_1", "Quick start", "#quick-start"),
    "explicit": ("快速 {#快速}", "#快速", "Quick {#快速}", "#快速"),
    "encoded": ("快速", "#%E5%BF%AB%E9%80%9F", "Quick", "#quick"),
}


@pytest.mark.parametrize(("heading", "link", "english", "expected"), SITES.values(), ids=SITES)
def test_a_link_follows_its_heading_as_the_site_makes_ids(
    heading: str, link: str, english: str, expected: str
) -> None:
    source, target = (parse(f"## {title}\n\n[a]({link})\n", every_line=True) for title in (heading, english))
    own = Pages(headings_of(source), headings_of(target))
    links = followed(source, source.features, lambda _: own)
    assert f"]({expected})" in assemble(source, {}, links.fixed)
    assert not links.findings


WRITTEN = {
    "html": ("<a href='#快速'>一</a>", "<a href='#quick'>"),
    "html in a line": ("见 <a href='#快速'>一</a>", "<a href='#quick'>"),
    "a definition": ("[一][r]\n\n[r]: #快速 '题'", "[r]: #quick"),
    "code": ("`<a href='#快速'>`", "<a href='#快速'>"),
}


@pytest.mark.parametrize(("link", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_a_link_in_html_or_in_a_definition_follows_its_heading(link: str, expected: str) -> None:
    source, target = parse(f"## 快速\n\n{link}\n"), parse("## Quick\n", every_line=True)
    own = Pages(headings_of(source), headings_of(target))
    links = followed(source, source.features, lambda _: own)
    text = assemble(source, {}, links.fixed)
    assert expected in text
    assert [one.value for one in links.expected] == [one.value for one in parse(text).features]


def test_a_link_leads_into_a_page_that_was_translated_before(tree: Path, server: MisbehavingServer) -> None:
    (tree / "en/api").mkdir(parents=True)
    (tree / "en/api/core.md").write_text("# Reference\n\n## The types here\n", "utf-8")
    arguments = ("zh/guide.md", "-o", "en/guide.md", "--edition", "none", "--base-url", server.url)
    ended = run(tree, "translate", *arguments, OPENAI_API_KEY=KEY)
    assert ended.code == ExitCode.DONE, ended.err
    assert "](./api/core.md#the-types-here)" in (tree / "en/guide.md").read_text("utf-8")


def test_headings_keep_their_ids_where_the_site_knows_ids(tree: Path, server: MisbehavingServer) -> None:
    settings = tree / "weekly-translate.toml"
    settings.write_text("keep_anchors = true\n", "utf-8")
    arguments = ("season", "zh", "-o", "en", "--edition", "none", "--base-url", server.url)
    refused = run(tree, *arguments, OPENAI_API_KEY=KEY)
    assert "set markdown" in refused.err
    settings.write_text('markdown = "vitepress"\nkeep_anchors = true\n', "utf-8")
    ended = run(tree, *arguments, OPENAI_API_KEY=KEY)
    assert ended.code == ExitCode.DONE, ended.err
    english = (tree / "en/guide.md").read_text("utf-8")
    assert " {#安装步骤}\n" in english
    assert "](#安装步骤)" in english
    checked = run(tree, "check", "--pair", "zh/{path}.md=en/{path}.md", "--select", "url.*,md.*")
    assert checked.code == ExitCode.DONE, checked.out.decode()


def test_a_site_that_is_set_decides_about_ids_and_components() -> None:
    text = "## 快速（一）开始\n\n[a](#快速-一-开始)\n"
    source = parse(text, dialect=Dialect(site="github"))
    own = Pages(headings_of(source), headings_of(parse("## Quick\n")))
    assert followed(source, source.features, lambda _: own).findings
    document = parse("正文{值}\n", dialect=Dialect(site="docusaurus"))
    assert assemble(document, {document.segments[0].id: "Text <m1/> {x}"}) == "Text {值} \\{x}\n"


def test_headings_of_one_name_are_numbered() -> None:
    headings = headings_of(parse("# 一\n\n# 一\n\n# **一** [b](c)\n"))
    assert headings.slugs("github") == ["一", "一-1", "一-b"]
    assert headings.slugs("mkdocs") == ["_1", "_2", "b"]


def test_a_heading_in_html_is_one_and_takes_no_id_behind_it() -> None:
    source = parse('# 一\n\n<p>甲</p>\n<h2 align="center">\n<b>二</b> 三</h2>\n\n[a](#二-三)\n')
    target = parse("# One\n\n<p>A</p>\n<h2>Two</h2>\n\n[a](#two)\n")
    own = Pages(headings_of(source), headings_of(target))
    assert (own.source.lines, own.source.texts) == ((1, 4), ("一", "二 三"))
    links = followed(source, source.features, lambda _: own)
    assert (links.findings, [one.value for one in links.expected if one.kind == "link"]) == ((), ["#two"])
    assert [one.line for one in kept_ids(source)[1]] == [1]


def test_a_link_whose_heading_is_gone_is_an_error_that_names_both_places() -> None:
    source, target = parse("# 一\n\n## 二\n\n[a](#二)\n"), parse("# One\n\n[a](#二)\n")
    own = Pages(headings_of(source), headings_of(target))
    (finding,) = followed(source, source.features, lambda _: own).findings
    assert finding.check == "md.anchor"
    assert finding.severity is Severity.ERROR
    assert finding.source_line == 5
    assert "line 3" in finding.message


def test_a_link_that_is_dead_in_the_source_is_a_warning() -> None:
    source = parse("# 一\n\n[a](#没有) [b](#锚) <a id='锚'></a>\n")
    own = Pages(headings_of(source), headings_of(source))
    (finding,) = followed(source, source.features, lambda _: own).findings
    assert finding.severity is Severity.WARNING
    assert "#没有" in finding.message


# --------------------------------------------------------------------------- a model that lies

SITE = """\
---
title: 指南
description: >-
  一段
  说明
---

## 安装 {#install}

!!! note "先看**这里**"
    设 $x^*$ 与 $\\{1,2\\}$，用 {{ site.name }} 打开 [下文](#更多)。

=== "中文"

    正文有 `代码`

:::warning{title="请注意"}
> [!TIP]
> 提醒 [[页面|这一页]]
:::

<details><summary>点击 <b>展开</b></summary></details>

## 更多

术语
:   解释

*[HTML]: 超文本
"""
COMPONENTS = """\
import Tabs from '@theme/Tabs';

<Tabs style={{color: "red"}}>
<TabItem value="中" label="标签页">

正文 {/* 注释 */} 有 {props.name}，见 [[页面]] 和<https://a.example/b。之后>

</TabItem>
</Tabs>

| 名称 | 说明 |
| --- | --- |
| `a` | 见 [[乙]] |

<p align="center"><a href="#标题一" title="去那里">标题</a></p>

## 标题一

[一][r] 与 **粗体**：

[r]: #标题一
"""
ID = re.compile(r"(?<=#)[^\s\"'<>#]+")
"""The id of a heading, which a link follows."""
DOCUMENTS = {"site": SITE, "components": COMPONENTS}
OF_THE_MODEL = ("drop_tag", "swap_tags", "prose", "missing_id", "swapped_ids", "echo", "cut_json", "empty")
ONCE = ("drop_tag", "swap_tags", "prose", "missing_id")
KEPT = (
    *(FeatureKind.FORMULA, FeatureKind.SYNTAX, FeatureKind.HTML, FeatureKind.CODE, FeatureKind.HEADING),
    *(FeatureKind.TABLE, FeatureKind.DEFINITION, FeatureKind.IMAGE),
)


@pytest.mark.parametrize(
    ("name", "fault", "times"),
    [
        *(("site", fault, 1) for fault in ONCE),
        *(
            pytest.param(name, fault, times, marks=pytest.mark.slow)
            for name in DOCUMENTS
            for fault in OF_THE_MODEL
            for times in (1, None)
        ),
    ],
)
def test_whatever_a_model_answers_every_construct_is_there_or_it_is_told(
    tmp_path: Path, name: str, fault: str, times: int | None
) -> None:
    (tmp_path / "zh.md").write_text(DOCUMENTS[name], "utf-8")
    with MisbehavingServer(Fault(fault, times=times)) as server:
        arguments = ("zh.md", "-o", "en.md", "--edition", "none", "--allow-partial", "--base-url", server.url)
        ended = run(tmp_path, *arguments, OPENAI_API_KEY=KEY)
    assert ended.code in ((ExitCode.DONE,) if times else (ExitCode.DONE, ExitCode.FINDINGS)), ended.err
    source, english = parse(DOCUMENTS[name]), parse((tmp_path / "en.md").read_text("utf-8"))
    here, there = (
        sorted(ID.sub("", one.value) for one in side.features if one.kind in KEPT)
        for side in (source, english)
    )
    lost, added = Counter(here) - Counter(there), Counter(there) - Counter(here)
    # Where a model never says a word that belongs into a wiki link, its two halves stand together.
    assert sorted("".join(lost.elements())) == sorted("".join(added.elements()))
    assert not lost or times is None
    assert ended.err.count("error md.syntax") == lost.total()
    if ended.code == ExitCode.DONE:
        left = [one.text for one in english.segments]
        assert not left, left


def test_a_link_to_a_page_whose_name_no_file_can_have_leads_nowhere(
    tmp_path: Path, server: MisbehavingServer
) -> None:
    (tmp_path / "zh.md").write_text(f"# 指南\n\n见[参考](./{'a' * 300}.md#类型)。\n", "utf-8")
    translated = run(tmp_path, "zh.md", "-o", "en.md", "--base-url", server.url, OPENAI_API_KEY=KEY)
    assert translated.code == ExitCode.DONE, translated.err
    checked = run(tmp_path, "check", "zh.md", "en.md", "--edition", "none")
    assert checked.code in (ExitCode.DONE, ExitCode.FINDINGS), checked.err
