"""The site that is made from the documents: no dead link, no warning, a page for each command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from weekly_translate.cli.program import COMMANDS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "docs" / "make_site.py"), str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), "a dead link, or a warning"
    return out


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_has_a_page_for_each_command(site: Path) -> None:
    for name in (*COMMANDS, "memory-learn", "glossary-add"):
        assert "Usage: weekly-translate" in (site / "docs/commands" / name / "index.html").read_text("utf-8")


@pytest.mark.slow
def test_programs_find_every_page_in_llms_txt(site: Path) -> None:
    text = (site / "llms.txt").read_text("utf-8")
    assert text.startswith("# weekly-translate\n\n> ")
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md") if "template" not in path.name} <= {
        line.rpartition("(")[2].rstrip(")") for line in text.splitlines()
    }
