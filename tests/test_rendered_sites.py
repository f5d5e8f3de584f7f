"""Two small sites, rendered from the source and from its translation: the pages have the same skeleton."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from program import KEY, run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

MKDOCS = """\
# 手册

## 安装步骤

!!! warning "先看**这里**"
    设 \\\\(x^*\\\\) 与 `代码`，见[下文](#常见问题)。

    - 一项
    - 另一项

??? note "更多"
    里层的字。

=== "中文"

    标签里的字

=== "英文"

    ```python hl_lines="1"
    x = 1  # 注释
    ```

## 常见问题

术语
:   它的解释

| 名称 | 说明 |
| --- | --- |
| `a` | 甲 {: .wide } |

按钮[^1] [开始](#安装步骤){ .md-button }，HTML 的缩写。

[^1]: 脚注的字。

*[HTML]: 超文本标记语言
"""
SITE = """\
site_name: x
use_directory_urls: false
theme: {name: material}
plugins: []
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - def_list
  - footnotes
  - tables
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - toc: {slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}}
"""
MARKDOWN_IT = """\
# 指南

见[安装](#安装)、<https://a.example/b> 与 [[页面]]。

## 安装

1. 第一步：

   ```js
   // 注释
   run()
   ```

2. 第二步 **粗体** 和 ~~删除~~

> 引用里的字
>
> - 一项

| 名称 | 说明 |
| --- | --- |
| `a` | 甲 |

<details><summary>点击 <b>展开</b></summary>

里面

</details>
"""
RENDER = """\
const md = require("markdown-it")({html: true, linkify: true});
process.stdout.write(md.render(require("fs").readFileSync(0, "utf8")));
"""


class _Skeleton(HTMLParser):
    """The tags of the article, with the attributes that no translation changes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [f"{name}={value}" for name, value in attrs if name in ("class", "src", "type", "name")]
        self.tags.append(" ".join([tag, *kept]))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")


def skeleton(page: str) -> list[str]:
    """The tags between `<article` and its end, or of all of it; each link to a heading leads to one."""
    match = re.search(r"<article[\s\S]*</article>", page)
    article = match[0] if match else page
    ids = set(re.findall(r'\bid="([^"]+)"', article))
    if ids:
        assert ids.issuperset(re.findall(r'href="#([^"]+)"', article))
    parser = _Skeleton()
    parser.feed(article)
    return parser.tags


def translated(folder: Path, text: str, settings: str = "") -> str:
    """The translation by a model that does what it is told."""
    (folder / "zh.md").write_text(text, "utf-8")
    (folder / "weekly-translate.toml").write_text(settings, "utf-8")
    with MisbehavingServer() as server:
        arguments = ("zh.md", "-o", "en.md", "--edition", "none", "--base-url", server.url)
        ended = run(folder, *arguments, OPENAI_API_KEY=KEY)
    assert ended.code == ExitCode.DONE, ended.err
    return (folder / "en.md").read_text("utf-8")


def by_mkdocs(folder: Path, text: str) -> str:
    """The page that MkDocs makes of a text."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/index.md").write_text(text, "utf-8")
    (folder / "mkdocs.yml").write_text(SITE, "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", "site"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return (folder / "site/index.html").read_text("utf-8")


@pytest.mark.skipif(
    not (importlib.util.find_spec("mkdocs") and importlib.util.find_spec("pymdownx")),
    reason="MkDocs Material is not installed",
)
@pytest.mark.parametrize("settings", ["", 'markdown = "mkdocs"\ntranslate_comments = true\n'])
def test_mkdocs_makes_the_same_page_of_the_translation(tmp_path: Path, settings: str) -> None:
    english = translated(tmp_path, MKDOCS, settings)
    assert "!!! warning" in english
    pages = [by_mkdocs(tmp_path / name, text) for name, text in (("a", MKDOCS), ("b", english))]
    here, there = map(skeleton, pages)
    assert len(here) > 80
    assert here == there


def _has_markdown_it() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    return (
        subprocess.run([node, "-e", "require('markdown-it')"], capture_output=True, check=False).returncode
        == 0
    )


def test_markdown_it_makes_the_same_page_of_the_translation(tmp_path: Path) -> None:
    if not _has_markdown_it():
        pytest.skip("markdown-it is not installed: npm install -g markdown-it, and set NODE_PATH")
    english = translated(tmp_path, MARKDOWN_IT, 'markdown = "vitepress"\n')
    here, there = (
        subprocess.run(
            [shutil.which("node") or "node", "-e", RENDER],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for text in (MARKDOWN_IT, english)
    )
    assert len(skeleton(here)) > 40
    assert skeleton(here) == skeleton(there)
