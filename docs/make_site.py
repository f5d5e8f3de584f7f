"""Builds the site from README, docs and samples as they stand, a page for each command, and llms.txt.

`python docs/make_site.py FOLDER` writes it there. A dead link, or a warning of mkdocs, ends it with an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from weekly_translate.cli.program import COMMANDS, GROUPS, program

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
_TAKEN = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs", "samples")
_SETTINGS = """\
site_name: weekly-translate
docs_dir: pages
theme:
  name: material
  font: false
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
      toggle: {icon: material/weather-night, name: Switch to dark}
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
      toggle: {icon: material/weather-sunny, name: Switch to light}
  features: [navigation.sections, content.code.copy, search.highlight]
extra_css: [site.css]
exclude_docs: "*.template.md"
plugins: [search]
markdown_extensions: [tables, fenced_code, toc]
validation:
  anchors: warn
  links: {not_found: warn, unrecognized_links: info}
"""
_STYLE = """\
.md-typeset a:not(.headerlink, .md-button) { text-decoration: underline; }
.md-copyright { color: var(--md-footer-fg-color--light); }
.md-typeset table:not([class]) :is(th, td, code) { white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 40em) { .md-typeset table:not([class]) :is(th, td) { min-width: 0; padding: .6em; } }
"""
"""Where the theme falls short of WCAG 2.1: links by color alone, pale words, tables that no key scrolls."""
_SUMMARY = "Chinese Markdown into English with every link, image, code span and number accounted for."


def build(out: Path) -> None:
    """Write the site. Raises `CalledProcessError` where mkdocs has something to complain about."""
    with TemporaryDirectory() as folder:
        stage = Path(folder)
        _lay_out(stage / "pages")
        (stage / "mkdocs.yml").write_text(_SETTINGS, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--quiet",
            "--strict",
            "--site-dir",
            out.resolve(),
        ]
        own = {"NO_MKDOCS_2_WARNING": "1"}  # which the theme has printed about another program
        subprocess.run(command, cwd=stage, check=True, env=os.environ | own)  # noqa: S603 - our own words


def _lay_out(pages: Path) -> None:
    """Everything where it stands in the repository, so that links lead where they lead there."""
    pages.mkdir()
    for name in _TAKEN:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, pages / name)
    for path in pages.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("<![", "<!\u2060["), encoding="utf-8"
        )  # mkdocs takes it for HTML and fails
    folder = pages / "docs" / "commands"
    folder.mkdir()
    for path, text in command_pages():
        (folder / f"{path.replace(' ', '-')}.md").write_text(text, encoding="utf-8")
    (pages / "site.css").write_text(_STYLE, encoding="utf-8")
    (pages / "llms.txt").write_text(llms_text(pages), encoding="utf-8")


def command_pages() -> Iterator[tuple[str, str]]:
    """The name of each command and its page: what its help says."""
    for path, command in _leaves(get_command(program(*COMMANDS, *GROUPS)), ""):
        context = command.make_context(f"weekly-translate {path}", [], resilient_parsing=True)
        yield path, f"# weekly-translate {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's classes are its own
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
    for name, one in (inner or {}).items():
        yield from _leaves(one, f"{path} {name}".strip())


def llms_text(pages: Path) -> str:
    """Each page with its title, for programs that read documentation (llmstxt.org)."""
    lines = ["# weekly-translate", "", f"> {_SUMMARY}", "", "## Pages", ""]
    for path in sorted(pages.rglob("*.md")):
        name = path.relative_to(pages).as_posix()
        if name.startswith("samples/") or name.endswith(".template.md"):
            continue
        title = re.search(r"^# (.+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        lines.append(f"- [{title[1] if title else name}]({name})")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    build(Path(sys.argv[1]))
