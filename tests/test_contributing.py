"""The diffs that CONTRIBUTING.md shows are real: they apply, and what they add works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIFFS = re.findall(
    r"^```diff\n(.*?)^```$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


def test_the_check_of_the_guide_passes_its_cases(tmp_path: Path) -> None:
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    patch = "".join(diff for diff in DIFFS if "checks/" in diff)
    command = ("git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-")
    subprocess.run(command, cwd=tmp_path, input=patch, text=True, encoding="utf-8", check=True)
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/test_checks.py",
            "-k",
            "isbn",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "passed" in ended.stdout
    assert ended.returncode == 0, ended.stdout
