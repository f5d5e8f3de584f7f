"""Two small sites, rendered from the source and from its translation: the pages have the same skeleton."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from program import KEY, run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode

pytestmark = pytest.mark.slow
SITES = Path(__file__).parent / "cases/sites"
GENERATORS = Path(__file__).parents[1] / ".generators"
"""Where `make generators` puts what it needs from npm."""
MKDOCS, MARKDOWN_IT, VITEPRESS, MDX = (
    (SITES / f"{name}.md").read_text("utf-8") for name in ("mkdocs", "markdown-it", "vitepress", "docusaurus")
)

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
  - md_in_html
  - tables
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - toc: {slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}}
"""
RENDER_BY_VITEPRESS = """\
import { createMarkdownRenderer } from "vitepress";
import fs from "node:fs";
const md = await createMarkdownRenderer(process.cwd(), {});
fs.writeSync(1, md.render(fs.readFileSync(0, "utf8")).replaceAll(/name="group-[^"]*"/g, ""));  // drawn by lot
process.exit(0);
"""
LOAD_BY_DOCUSAURUS = """\
import loader from "@docusaurus/mdx-loader/lib/utils.js";
import utils from "@docusaurus/utils";
import fs from "node:fs";
const fileContent = fs.readFileSync(0, "utf8"), filePath = "/a.mdx", compilerName = "client";
const hooks = { onBrokenMarkdownLinks: "ignore", onBrokenMarkdownImages: "ignore" };
const mdx1Compat = { comments: true, admonitions: true, headingIds: true };
const markdownConfig = { format: "mdx", emoji: true, anchors: {}, mdx1Compat, hooks };
const options = { admonitions: true, staticDirs: [], siteDir: "/", markdownConfig, jsx: true };
const { frontMatter } = await utils.DEFAULT_PARSE_FRONT_MATTER({ filePath, fileContent });
const page = await loader.compileToJSX({ filePath, fileContent, frontMatter, options, compilerName });
fs.writeSync(1, page.content);
"""
RENDER = """\
import MarkdownIt from "markdown-it";
import fs from "node:fs";
fs.writeSync(1, new MarkdownIt({html: true, linkify: true}).render(fs.readFileSync(0, "utf8")));
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


_COMPONENT = re.compile(r"</?[\w.]+|\b(?:groupId|value|style|className)=|props\.version|\bimport [^;\n]+")


def test_markdown_it_makes_the_same_page_of_the_translation(tmp_path: Path) -> None:
    english = translated(tmp_path, MARKDOWN_IT, 'markdown = "vitepress"\n')
    here, there = map(skeleton, _made_by("markdown-it", RENDER, MARKDOWN_IT, english))
    assert len(here) > 40
    assert here == there


def _made_by(package: str, script: str, *texts: str) -> list[str]:
    """What a module of Node makes of each text."""
    node = shutil.which("node")
    if node is None or not (GENERATORS / "node_modules" / package).exists():
        pytest.skip(f"{package} is not installed: make generators")
    made = []
    for text in texts:
        command = [node, "--input-type=module", "-e", script]
        done = subprocess.run(
            command, cwd=GENERATORS, input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        made.append(done.stdout)
    return made


def test_vitepress_makes_the_same_page_of_the_translation(tmp_path: Path) -> None:
    english = translated(tmp_path, VITEPRESS, 'markdown = "vitepress"\n')
    here, there = map(skeleton, _made_by("vitepress", RENDER_BY_VITEPRESS, VITEPRESS, english))
    assert len(here) > 60
    assert here == there


def test_docusaurus_makes_the_same_components_of_the_translation(tmp_path: Path) -> None:
    english = translated(tmp_path, MDX, 'markdown = "docusaurus"\n')
    pages = _made_by("@docusaurus/mdx-loader", LOAD_BY_DOCUSAURUS, MDX, english)
    here, there = map(_COMPONENT.findall, pages)
    assert len(here) > 60
    assert here == there
    for page in pages:
        assert set(re.findall(r'\bid="([^"]+)"', page)).issuperset(
            map(unquote, re.findall(r'href="#([^"]+)"', page))
        )
