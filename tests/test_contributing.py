"""The diffs that CONTRIBUTING.md shows are real: they apply, and the tests that they bring pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
DIFFS = re.findall(r"^```diff\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
COPIED = ("src", "tests", "prompts", "editions", "glossary.yaml", "pyproject.toml")
BROUGHT = {
    "tests/test_checks.py": "isbn",
    "tests/test_pseudo.py": "test_pseudo",
    "tests/test_unix.py": "test_unix",
    "tests/test_providers.py": "test_the_effort",
}
"""The files of tests that the diffs add to, and what all the names of the tests that they bring hold."""


def copied(to: Path) -> None:
    """What the examples need of the repository, without its history."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)


def missing_modules(sources: Path, diff: str) -> Iterator[str]:
    """The modules that added lines import and that do not exist: an import for types fails in no test."""
    for name in re.findall(r"^\+\s*from (weekly_translate[\w.]*) import", diff, re.MULTILINE):
        place = sources.joinpath(*name.split("."))
        if not place.with_suffix(".py").is_file() and not (place / "__init__.py").is_file():
            yield name


@pytest.fixture
def extended(tmp_path: Path) -> Path:
    """The project with all examples."""
    copied(tmp_path)
    for diff in DIFFS:
        command = ("git", "apply", "--whitespace=nowarn", "-")
        done = subprocess.run(
            command, cwd=tmp_path, input=diff, text=True, encoding="utf-8", capture_output=True, check=False
        )
        assert done.returncode == 0, f"{done.stderr}\n{diff}"
    return tmp_path


def test_the_examples_of_the_guide_apply(extended: Path) -> None:
    assert [name for diff in DIFFS for name in missing_modules(extended / "src", diff)] == []


@pytest.mark.slow
def test_the_examples_of_the_guide_pass_their_tests(extended: Path) -> None:
    words = " or ".join(BROUGHT.values())
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *BROUGHT, "-k", words],
        cwd=extended,
        env=os.environ | {"PYTHONPATH": str(extended / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    assert [word for word in BROUGHT.values() if word not in ended.stdout] == []
