"""The program as a library: values in, values out, nothing printed."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import weekly_translate
from program import KEY, environment
from server import MisbehavingServer
from weekly_translate import ExitCode, Project, Severity, WeeklyTranslateError

if TYPE_CHECKING:
    from collections.abc import Callable

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


FILES = {
    "issue.md": SOURCE,
    "empty.md": "",
    "weekly.en.md": "Somebody's own.\n",
    "memory.txt": "no memory",
    "toml/weekly-translate.toml": "jbos = 3\n",
    "glossary/glossary.yaml": "- {source: a\n",
    "prompts/prompts/system.md": "$nope",
    "nope.yaml": "nope: 1\n",
}


@pytest.mark.parametrize(
    ("options", "call", "told"),
    [
        (
            {"folder": "elsewhere"},
            lambda one: one.terms("周刊"),
            "folder elsewhere does not exist",
        ),
        ({"folder": "toml"}, lambda one: one.plan("issue.md"), "there is no key 'jbos'. Did you mean jobs?"),
        ({"folder": "glossary"}, lambda one: one.terms("周刊"), "this is not valid YAML"),
        ({"folder": "prompts"}, lambda one: one.translate("issue.md"), "nothing fills `$nope`"),
        ({"engine": "nope"}, lambda one: one.translate("issue.md"), "The engine 'nope' does not exist"),
        ({"edition": "nope"}, lambda one: one.plan("issue.md"), "There are compilation, full, none"),
        ({"base_url": "htp:/x"}, lambda one: one.translate("issue.md"), "not an http or https address"),
        ({"jobs": 0}, lambda one: one.plan("issue.md"), "'jobs' is 0, but must be at least 1"),
        ({"budget": float("nan")}, lambda one: one.plan("issue.md"), "a number that is not infinite"),
        ({"memory": "memory.txt"}, lambda one: one.translate("issue.md"), "is not a translation memory"),
        ({"memory": "memory.txt"}, lambda one: one.remembered("周刊"), "is not a translation memory"),
        ({"memory": "memory.txt"}, lambda one: one.recalled("issue.md"), "is not a translation memory"),
        ({}, lambda one: one.translate("isue.md"), "isue.md does not exist: did you mean issue.md?"),
        ({}, lambda one: one.plan("toml"), "toml is a folder: name a file in it"),
        ({}, lambda one: one.plan("empty.md"), "empty.md is empty"),
        ({}, lambda one: one.plan("a\0b"), "cannot be the name of a file"),
        ({}, lambda one: one.translate("issue.md", "issue.md"), "is the source issue.md itself"),
        ({}, lambda one: one.translate("issue.md", "toml"), "toml is a folder"),
        ({}, lambda one: one.translate("issue.md", "weekly.en.md"), "it was there before"),
        ({}, lambda one: asyncio.run(in_a_loop(one)), "asyncio.to_thread"),
        ({}, lambda one: one.check("issue.md", "issue.md"), "is named twice"),
        ({}, lambda one: one.check("issue.md", "weekly.en.md", allow="nope.yaml"), "there is no key 'nope'"),
        ({}, lambda one: one.check("issue.md", "weekly.en.md", ignores="no.yaml"), "no.yaml cannot be read"),
    ],
)
def test_each_foreseen_failure_is_raised_in_a_sentence_and_nothing_is_printed(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: dict[str, Any],
    call: Callable[[Project], object],
    told: str,
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text, "utf-8")
    variables = environment(tmp_path, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    with chdir(tmp_path), pytest.raises(WeeklyTranslateError) as raised:
        call(Project(**options, environment=variables))
    assert told in str(raised.value)
    assert capfd.readouterr() == ("", "")


async def in_a_loop(project: Project) -> object:
    return project.translate("issue.md")


def test_what_ends_a_run_half_way_is_in_the_result(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(SOURCE, "utf-8")
    without_key = Project(tmp_path, environment=environment(tmp_path)).translate(tmp_path / "issue.md")
    assert (without_key.code, "There is no model to ask" in str(without_key.failure)) == (
        ExitCode.USAGE,
        True,
    )
    nobody = environment(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    unreachable = Project(tmp_path, environment=nobody).translate(tmp_path / "issue.md")
    assert (unreachable.code, "cannot be reached" in str(unreachable.failure)) == (ExitCode.ENGINE, True)


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
