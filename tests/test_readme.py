"""The documents keep their word: commands, options, paths, limits and recorded runs are those of today."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from typer.main import get_command

from glossaries import parse_glossary
from program import KEY, cache_folder, run, start
from server import MisbehavingServer
from weekly_translate import data_files, files
from weekly_translate.cli import check
from weekly_translate.cli.program import COMMANDS, GROUPS, program
from weekly_translate.compare.ignores import parse_allowances, parse_ignores
from weekly_translate.data_files import DataText
from weekly_translate.errors import ExitCode
from weekly_translate.glossary import entries
from weekly_translate.glossary.entries import Matcher, entries_in
from weekly_translate.llm.engine import ENGINES
from weekly_translate.llm.requests import Prompts, translate_request
from weekly_translate.markdown import tree
from weekly_translate.markdown.segments import parse
from weekly_translate.markdown.tree import MAX_NESTING
from weekly_translate.memory import translation_memory
from weekly_translate.model import Format
from weekly_translate.run.attempts import MAX_REQUESTS
from weekly_translate.settings import SettingsFile, SettingsOptions, settings_from
from weekly_translate.text import xml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "weekly_translate"
PAGES = (
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            *("translating", "how-it-works", "checking", "reviewing", "seasons", "commands"),
            *("configuration", "glossary", "limits", "customizing", "privacy"),
        )
    ),
)
"""What a user reads, in this order."""
TEXT_OF = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
README = "\n".join(TEXT_OF.values())
DOCUMENTS = (*PAGES, "CONTRIBUTING.md", "docs/architecture.md")
EXAMPLES = {"tests/cases/checks/isbn.missing.md"}
"""Files that CONTRIBUTING.md tells people to write."""


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced blocks of a language, without the indent of the list item that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def recorded(command: str) -> str:
    """What the README says that a command prints."""
    (block,) = (block for block in blocks("console") if block.startswith(f"$ {command}\n"))
    return block.partition("\n")[2]


def test_the_readme_is_two_screens_long() -> None:
    assert len(TEXT_OF["README.md"].splitlines()) <= 180


# --------------------------------------------------------------------------- commands and options


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:  # noqa: ANN401 - Typer's classes are its own
    """Each command that does something, and its options."""
    if not hasattr(command, "commands"):
        names = (name for option in command.params for name in (*option.opts, *option.secondary_opts))
        yield " ".join(path), {name for name in names if name[0] == "-"}
    for name, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, (*path, name))


def test_every_command_and_option_is_in_the_readme_and_no_other() -> None:
    commands = dict(leaves(get_command(program(*COMMANDS, *GROUPS))))
    others = ("tests.server", "vllm run-batch", "python docs/ray_batch.py")
    lines = [line for line in README.splitlines() if not any(other in line for other in others)]
    told = {name for line in lines for name in re.findall(r"(?<![\w-])(?:--[a-z][a-z-]+|-[a-z]\b)", line)}
    assert told == set().union(
        *commands.values(), {"--version", "--help", "-h", "--install-completion", "--show-completion"}
    )
    assert "`translate`" in README
    named = set(re.findall(r"`weekly-translate ([a-z]+(?: [a-z]+)?) ", README))
    assert named == commands.keys() - {"translate"}


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {int(code) for code in ExitCode}


def test_the_project_file_of_the_readme_is_accepted_and_every_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "weekly-translate.toml").write_text(blocks("toml")[0], encoding="utf-8")
    settings = settings_from(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path)})
    assert settings.prices.keys() == {settings.model}
    _, _, chapter = README.partition("# Configuration\n")
    assert [key for key in SettingsFile.model_fields if not re.search(rf"[`\[\n]{key}\b", chapter)] == []


@pytest.mark.parametrize(
    "limit",
    [
        f"| {files.FILE_LIMIT:,} bytes, {tree.MAX_SEGMENTS:,} segments, ",
        f"lines of {tree.MAX_LINE:,} characters",
        f"{MAX_NESTING} levels of nesting",
        f"| {tree.MAX_EMPHASIS:,} |",
        f"| {entries.LIMIT:,} terms; each data file {data_files.LIMIT:,} bytes |",
        f"| {xml.SIZE_LIMIT:,} bytes, {xml.MOST_ELEMENTS:,} elements |",
        f"| {translation_memory.LONGEST_FUZZY:,} characters |",
        f"| {MAX_REQUESTS}, ",
    ],
)
def test_the_limits_of_the_readme_are_those_of_the_program(limit: str) -> None:
    assert limit in README


# --------------------------------------------------------------------------- the first hour


def test_every_command_of_the_readme_runs_from_where_a_reader_is(tmp_path: Path) -> None:
    """In the order of the README, in one folder; a server of the tests stands in for the model's."""
    (tmp_path / "zh").mkdir()
    issue = "# 周刊\n\n本周的新闻，详见[这里](https://example.com/a)。\n"
    for name in ("issue.md", "zh/1.md", "zh/2.md"):
        (tmp_path / name).write_text(issue, encoding="utf-8")
    lines = re.findall(r"^\$ weekly-translate (.*)", TEXT_OF["README.md"], re.MULTILINE)
    ours = [line for line in lines if "samples/" not in line]
    assert len(ours) >= 8
    with MisbehavingServer() as server:
        for line in ours:
            words = [server.url if word.startswith("http:") else word for word in shlex.split(line)]
            if words[-1] == "--serve":
                serve(tmp_path, words)
                continue
            ended = run(tmp_path, *words, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url)
            assert ended.code == ExitCode.DONE, (line, ended.err)
    assert (tmp_path / "issue.en.md").is_file()
    assert (tmp_path / "en" / "2.md").is_file()
    assert (tmp_path / "newsletter" / "glossary.yaml").is_file()


def serve(folder: Path, words: list[str]) -> None:
    """Start the review page and end it as a person does."""
    with start(folder, *words, "--no-browser") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1")
        process.send_signal(signal.SIGINT)
        process.communicate()


# --------------------------------------------------------------------------- recorded runs


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """`weekly-translate` on the PATH, for somebody without a configuration or a vocabulary of his own."""
    program = tmp_path / "bin" / "weekly-translate"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m weekly_translate "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    own = {
        "PATH": path,
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "XDG_CACHE_HOME": cache_folder().name,
    }
    return {**own, "PYTHONUTF8": "1"}


def printed(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def without_hashes(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{12}\b", "…", text)


def without_estimates(text: str) -> str:
    """A plan without its figures for requests, tokens and dollars: they follow every word of the prompts."""
    lines = without_hashes(text).splitlines()
    return "\n".join(
        line if line.startswith("segments") else re.sub(r"\d[\d,.]*", "…", line) for line in lines
    )


def test_the_recorded_demo_is_what_the_demo_prints(environment: dict[str, str], tmp_path: Path) -> None:
    demo = printed(["bash", str(ROOT / "samples" / "demo.sh")], environment, tmp_path)
    assert without_hashes(demo) == without_hashes(recorded("make demo"))


def test_the_recorded_plan_is_what_the_program_prints(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "weekly-translate.toml").write_text(blocks("toml")[0], encoding="utf-8")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    command = "weekly-translate samples/full/source.md --plan"
    plan = printed(command.split(), {**environment, "OPENAI_API_KEY": "unused"}, tmp_path)
    assert without_estimates(plan) == without_estimates(recorded(command))


def test_the_recorded_check_is_what_the_program_prints(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    first, second = (
        line
        for line in TEXT_OF["docs/checking.md"].splitlines()
        if line.startswith(("$ sed", "$ weekly-translate check"))
    )
    script = f"{first[2:]}\n{second[2:]} || test $? -eq 1"
    shown = printed(["bash", "-c", script], environment, tmp_path)
    assert shown == recorded(first[2:]).removeprefix(f"{second}\n")


@pytest.mark.parametrize("command", ["samples/full/source.md -o earlier.md --dry-run", "review"])
def test_the_recorded_reviews_are_what_the_program_shows(
    environment: dict[str, str], tmp_path: Path, command: str
) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    shutil.copy(ROOT / "samples/full/review/earlier.md", tmp_path)
    assert run(tmp_path, "memory", "import", "samples/memory.tmx", "--memory", "memory.db").code == 0
    commands = re.findall(rf"^\$ (weekly-translate {command} .*)", TEXT_OF["docs/reviewing.md"], re.MULTILINE)
    assert commands
    for line in commands:
        shown = printed(["bash", "-c", f"{line} <<< $'s\\nq'"], environment, tmp_path)
        for passage in recorded(line).split("…\n"):
            assert "\n".join(map(str.rstrip, passage.splitlines())) in shown


def test_the_files_of_the_readme_for_a_check_are_accepted() -> None:
    allowed, ignored, *_ = (yaml.safe_load(block) for block in blocks("yaml"))
    assert parse_allowances(DataText("allow.yaml", allowed)).dropped
    assert parse_ignores(DataText("ignores.yaml", ignored))


def test_the_glossary_of_the_readme_is_accepted_and_has_every_key() -> None:
    *_, text, layer = blocks("yaml")
    ((entry,), extends) = entries_in(text, "README.md")
    assert (entry.term.target, extends) == ("proxy", True)
    ((off,), extends) = entries_in(layer, "README.md")
    assert (off.term.source, off.off, extends) == ("代理", True, True)
    assert yaml.safe_load(text)[1].keys() | {"off"} == set(entries.EntryFields.model_fields)


def test_the_hook_and_the_action_of_the_readme_exist() -> None:
    _, _, hooks, workflow, *_ = (yaml.safe_load(block) for block in blocks("yaml"))
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hooks["repos"][0]["hooks"][0]["id"] == hook["id"]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert workflow["steps"][1]["with"].keys() <= action["inputs"].keys()


# --------------------------------------------------------------------------- the journey of two lines


def test_the_lines_of_the_readme_stand_in_the_sample() -> None:
    source, english = blocks("markdown")
    assert source in (ROOT / "samples/full/source.md").read_text(encoding="utf-8")
    assert english in (ROOT / "samples/full/en.md").read_text(encoding="utf-8")


def test_the_model_sees_what_the_readme_says_it_sees() -> None:
    shown = [json.loads(line) for line in blocks("json")[0].splitlines()]
    document = parse((ROOT / "samples/full/source.md").read_text(encoding="utf-8"))
    segments = [segment for segment in document.segments if segment.id in {one["id"] for one in shown}]
    terms = parse_glossary(yaml.safe_load((ROOT / "glossary.yaml").read_text("utf-8")), "glossary.yaml")
    found = [term for segment in segments for term in Matcher(terms).terms_in(segment.text)]
    prompts = Prompts("", "$terms\n$segments", *[""] * 9)  # type: ignore[arg-type]  # all of them are texts
    request = translate_request(segments, found, (), Format.SCHEMA, prompts)
    sent, _, array = request.messages[1].content.rpartition("\n")
    assert json.loads(array) == shown
    assert f"{sent}\n" == blocks("text")[0]


# --------------------------------------------------------------------------- paths


def paths_in(text: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Everything that names a file of the repository: link targets, and code spans that begin like one."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        yield target, folder / target
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()} - {".venv", ".weekly-translate"}
    for span in re.findall(r"`([\w.*-]+/[\w./*-]*)`", text):
        if span.partition("/")[0] in tops and span not in EXAMPLES and "NAME" not in span:
            yield span, ROOT / span


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_a_document_exists(name: str) -> None:
    document = ROOT / name
    named = dict(paths_in(document.read_text(encoding="utf-8"), document.parent))
    assert [path for path, where in named.items() if not any(where.parent.glob(where.name or "*"))] == []


def test_the_architecture_names_every_package_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (`.*?) \|", text.partition("## The packages")[2].partition("\n## ")[0], re.MULTILINE
    )
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    there = {path.relative_to(SOURCES).parts[0].removesuffix(".py") for path in SOURCES.rglob("*.py")}
    assert sorted(told) == sorted(there - {"__init__", "__main__"})


def test_every_module_and_name_in_the_architecture_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.name for path in SOURCES.iterdir() if path.is_dir()}
    modules = [
        span
        for span in re.findall(r"`([a-z]+\.[a-z_]+)`", text)
        if span.partition(".")[0] in packages and not span.endswith((".js", ".yaml"))
    ]
    assert modules
    assert [name for name in modules if not (SOURCES / f"{name.replace('.', '/')}.py").is_file()] == []
    for names, path in re.findall(r"((?:`\w+`(?:, | and )?)+) (?:in|of) `(src/[\w/]+\.py)`", text):
        code = (ROOT / path).read_text(encoding="utf-8")
        assert [name for name in re.findall(r"\w+", names) if name != "and" and name not in code] == [], path


def test_the_readme_names_every_engine_and_format() -> None:
    (engines,) = re.findall(r"^\| `--engine` \|.*", README, re.MULTILINE)
    (formats,) = re.findall(r"^\| `--format` \|.*", README, re.MULTILINE)
    assert [name for name in ENGINES if f"`{name}`" not in engines] == []
    assert [name for name in check.FORMATS if f"`{name}`" not in formats] == []
