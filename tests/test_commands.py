"""The table of commands: it says what each command says, and a command is loaded only when it is run."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import program
from weekly_translate.cli.program import COMMANDS, GROUPS, commands_of, completed

if TYPE_CHECKING:
    from pathlib import Path


def _loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that a run imports."""
    _, *command = program.command(*arguments)
    ended = subprocess.run(
        [sys.executable, "-v", *command],
        cwd=folder,
        env=program.environment(folder),
        capture_output=True,
        check=True,
        text=True,
    )
    return set(re.findall(r"^import '([\w.]+)'", ended.stderr, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    help_text = inspect.getdoc(commands_of(name)[name]) or ""
    assert COMMANDS[name] == " ".join(help_text.partition("\n\n")[0].split())


@pytest.mark.parametrize("name", GROUPS)
def test_every_command_of_a_group_says_what_it_does(name: str) -> None:
    assert all(inspect.getdoc(one) for one in commands_of(name).values())


def test_the_list_of_commands_imports_none_of_them(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, "--help")
    assert "weekly_translate.cli.program" in loaded
    assert loaded.isdisjoint(f"weekly_translate.cli.{name}" for name in (*COMMANDS, *GROUPS))


def test_a_check_imports_nothing_that_asks_or_stores(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("你好，世界。\n", encoding="utf-8")
    (tmp_path / "en.md").write_text("Hello, world.\n", encoding="utf-8")
    loaded = _loaded(tmp_path, "check", "zh.md", "en.md")
    assert "weekly_translate.cli.check" in loaded
    assert loaded.isdisjoint({"weekly_translate.cli.season", "rich.console", "sqlite3", "asyncio", "openai"})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("issue.md -o out.md", "translate issue.md -o out.md"),
        ("season", "season"),
        ("season zh --batch", "season zh --batch submit"),
        ("season --batch -o en", "season --batch submit -o en"),
        ("season --batch fetch zh", "season --batch fetch zh"),
        ("check --batch", "check --batch"),
        ("--help", "--help"),
        ("", ""),
    ],
)
def test_what_may_be_left_out_is_added(given: str, meant: str) -> None:
    assert completed(given.split()) == meant.split()
