"""Help, guesses, pipes and completion: what the command line does before a command is run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from program import command, environment, run
from weekly_translate.cli.program import COMMANDS, EXAMPLES, GROUPS, completed, program
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any


def leaves(one: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own classes
    inner = getattr(one, "commands", None)
    if inner is None:
        yield path, one
    for name, command_ in (inner or {}).items():
        yield from leaves(command_, f"{path} {name}".strip())


LEAVES = dict(leaves(get_command(program(*COMMANDS, *GROUPS))))


@pytest.mark.parametrize(("path", "example"), [(path, one) for path in EXAMPLES for one in EXAMPLES[path]])
def test_every_example_is_a_call_that_the_command_takes(path: str, example: str) -> None:
    words = completed(shlex.split(example.partition(" <")[0].partition(" >")[0]))
    given = words[len(path.split()) :]
    assert " ".join(words).startswith(path)
    LEAVES[path].make_context(path, given)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_has_options_in_groups_and_examples(tmp_path: Path, option: str) -> None:
    text = run(tmp_path, "translate", option).out.decode()
    groups = ["Which files", "Who translates", "By which rules", "What is written", "What is shown"]
    assert [line[:-1] for line in text.splitlines() if re.fullmatch(r"[A-Z].*:", line)] == [
        "Arguments",
        *groups,
        "Options",
        "Examples",
    ]
    top = run(tmp_path, option).out.decode()
    assert top == run(tmp_path, "--help").out.decode()
    assert "Translate and publish:" in top
    listed = re.findall(r"^  ([a-z]+)  ", top, re.MULTILINE)
    assert sorted(listed) == sorted([*COMMANDS, *GROUPS]), "each command has a group"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("chekc a.md b.md", "chekc is neither a command nor a file: did you mean check?"),
        ("memory lern a.md b.md", "Did you mean 'learn'? See weekly-translate memory --help."),
        ("memory learn a.md", "Missing argument 'target'. See weekly-translate memory learn --help."),
        ("season isue.md -o en", "isue.md does not exist: did you mean issue.md?"),
        ("check a.md b.md --ignors x", "No such option: --ignors; did you mean --ignores? See weekly"),
        ("--versoin", "No such option: --versoin; did you mean --version? See weekly"),
        ("isue.md", "isue.md does not exist: did you mean issue.md?"),
    ],
)
def test_what_is_misspelled_is_guessed(tmp_path: Path, arguments: str, told: str) -> None:
    (tmp_path / "issue.md").write_text("# 周刊\n", "utf-8")
    ended = run(tmp_path, *arguments.split(), OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert ended.code == ExitCode.USAGE
    assert told in ended.err


def test_an_issue_comes_through_a_pipe_and_goes_into_one(tmp_path: Path) -> None:
    piped = subprocess.run(
        command("-", "-o", "-", "--engine", "draft", "--allow-partial"),
        cwd=tmp_path,
        env=environment(tmp_path),
        input="# 周刊\n\n[Python](https://example.com/a)\n".encode(),
        capture_output=True,
        check=False,
    )
    assert b"[Python](https://example.com/a)" in piped.stdout
    assert [path.name for path in tmp_path.iterdir()] == [".weekly-translate"]


VALUES = {
    "translate issue.md --engine d": "draft",
    "issue.md -o en.md --edition du": "dusk",
    "issue.md --model our": "our-model",
    "issue.md --keep": "--keep-edits",
    "season zh -o en --batch f": "fetch forget",
    "check --select num.date,num.iss": "num.date,num.issue",
    "check --format s": "sarif",
    "schema gl": "glossary",
    "init --like do": "docs",
    "memory learn --status e": "edited",
    "glossary add --kind b": "brand",
    "batch export --for v": "vllm",
    "review iss": "",
}
"""What was typed, and what may stand instead of its last word; a shell that gets nothing offers files."""


_OFFERED = {"bash": r"^\S+", "zsh": r'^(?:_arguments .*\(\()?"([^"]+)"', "fish": r"^[^\t\n]+"}


@pytest.mark.parametrize("shell", _OFFERED)
def test_the_shell_completes_values(tmp_path: Path, shell: str) -> None:
    (tmp_path / "editions").mkdir()
    (tmp_path / "editions/dusk.yaml").write_text("{}\n", "utf-8")
    prices = '[prices."our-model"]\ninput = 1.0\noutput = 1.0\n'
    (tmp_path / "weekly-translate.toml").write_text(prices, "utf-8")
    for typed, wanted in VALUES.items():
        words = f"weekly-translate {typed}"
        asked = {
            "bash": {"COMP_WORDS": words.replace(" ", "\n"), "COMP_CWORD": str(words.count(" "))},
            "zsh": {"_TYPER_COMPLETE_ARGS": words},
            "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        }
        answered = run(tmp_path, _WEEKLY_TRANSLATE_COMPLETE=f"complete_{shell}", **asked[shell])
        offered = re.findall(_OFFERED[shell], answered.out.decode(), re.MULTILINE)
        assert (offered, answered.err) == (wanted.split(), ""), typed


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_behind_an_issue_and_offers_files_else(tmp_path: Path) -> None:
    script = run(tmp_path, "--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").out
    started = tmp_path / "weekly-translate"
    started.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n', "utf-8")
    started.chmod(0o700)
    lines = (
        script.decode(),
        "complete -p weekly-translate",
        'COMP_WORDS=(weekly-translate issue.md --engine ""); COMP_CWORD=3',
        "_weekly_translate_completion ./weekly-translate",
        'echo "${COMPREPLY[*]}"',
    )
    told = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=True,
    )
    known, offered = told.stdout.decode().splitlines()
    assert (known.split()[:3], offered) == (["complete", "-o", "default"], "openai draft local")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_options(tmp_path: Path, shell: str) -> None:
    script = run(tmp_path, "--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (script.code, b"_WEEKLY_TRANSLATE_COMPLETE" in script.out) == (ExitCode.DONE, True)
    asked = {
        "bash": {"COMP_WORDS": "weekly-translate check --requ", "COMP_CWORD": "2"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "weekly-translate check --requ"},
        "fish": {
            "_TYPER_COMPLETE_ARGS": "weekly-translate check --requ",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }
    answered = run(tmp_path, _WEEKLY_TRANSLATE_COMPLETE=f"complete_{shell}", **asked[shell])
    assert b"--require-translation" in answered.out
