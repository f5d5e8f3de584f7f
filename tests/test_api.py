"""The program as a library: values in, values out, nothing printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import weekly_translate
from program import KEY, environment
from server import MisbehavingServer
from weekly_translate import ExitCode, Project, Severity, WeeklyTranslateError

ROOT = Path(__file__).parents[1]
SOURCE = "# 周刊\n\n本周的新闻，详见[这里](https://example.com/a)。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "newsletter").mkdir()
    (tmp_path / "newsletter" / "issue.md").write_text(SOURCE, "utf-8")
    return tmp_path


@pytest.mark.usefixtures("either_database")
def test_an_issue_is_planned_translated_and_checked(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, out = folder / "newsletter" / "issue.md", folder / "newsletter" / "issue.en.md"
    with MisbehavingServer() as server:
        project = Project(
            folder / "newsletter",
            base_url=server.url,
            environment=environment(folder, {"OPENAI_API_KEY": KEY}),
        )
        forecast = project.plan(source)
        assert not server.requests
        assert not (folder / "newsletter" / ".weekly-translate").exists()
        result = project.translate(source, out)
    assert forecast.usage.requests == result.usage.requests == 1
    assert (result.code, result.written, out.read_text("utf-8")) == (ExitCode.DONE, True, result.text)
    judged = project.check(source, out)
    assert judged.count(Severity.ERROR) == 0
    assert capfd.readouterr() == ("", "")


def test_what_is_foreseen_is_one_kind_of_exception(folder: Path) -> None:
    project = Project(folder, environment=environment(folder))
    with pytest.raises(WeeklyTranslateError, match=r"isue\.md does not exist: did you mean .*issue\.md"):
        project.check(folder / "newsletter" / "isue.md", folder / "x.md")


@pytest.mark.usefixtures("either_database")
def test_the_example_of_the_documents_runs(folder: Path) -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with MisbehavingServer() as server:
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        command = [sys.executable, "-c", example]
        done = subprocess.run(
            command, cwd=folder, env=environment(folder, variables), capture_output=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"2 segments, 1 requests\n# ")
    assert b"not done" not in done.stdout


def test_every_public_name_is_loaded_when_it_is_used_and_not_before() -> None:
    names = set(weekly_translate.__all__) - {"__version__"}
    assert all(getattr(weekly_translate, name).__name__ == name for name in names)
    with pytest.raises(AttributeError, match="no attribute 'Projekt'"):
        weekly_translate.Projekt  # noqa: B018
    script = "import sys, weekly_translate; print(sorted(m for m in sys.modules if m[:9] == 'weekly_tr'))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode().strip() == "['weekly_translate', 'weekly_translate.version']"
