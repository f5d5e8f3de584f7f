"""Positions come out of the insides of mistune: another mistune is refused, not believed."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import mistune
import pytest

import weekly_translate
from documents import ROOT
from program import run_process
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.positions import WORKS_WITH

OTHER = {
    "a function is gone": ("plugins/url.py", "parse_url_link", "url_link"),
    "a method has another name": ("block_parser.py", "append_paragraph", "continue_paragraph"),
    "a mark is another": ("plugins/footnotes.py", r'INLINE_FOOTNOTE = r"\[\^', r'INLINE_FOOTNOTE = r"\[\^\^'),
}


@pytest.mark.parametrize(("file", "old", "new"), OTHER.values(), ids=OTHER)
def test_a_mistune_that_works_otherwise_is_refused(tmp_path: Path, file: str, old: str, new: str) -> None:
    copy = tmp_path / "other" / "mistune"
    shutil.copytree(Path(mistune.__file__).parent, copy)
    code = (copy / file).read_text("utf-8")
    assert old in code
    (copy / file).write_text(code.replace(old, new), "utf-8")
    (tmp_path / "issue.md").write_text("# 标题\n", "utf-8")
    path = os.pathsep.join([str(copy.parent), str(Path(weekly_translate.__file__).parents[1])])
    ended = run_process(tmp_path, "issue.md", "--plan", PYTHONPATH=path)
    assert ended.code == ExitCode.USAGE
    assert f"mistune {mistune.__version__} does not give the positions" in ended.err
    assert f"pip install '{WORKS_WITH}'" in ended.err
    assert "Traceback" not in ended.err


def test_the_package_asks_for_the_versions_that_work() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert WORKS_WITH in project["dependencies"]
