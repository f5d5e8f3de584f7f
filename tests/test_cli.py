"""The command line from outside: exit codes, what stands on which stream, and that no key is on any."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forking import forked, on_terminal
from program import KEY, command, environment, run, start_by
from sampling import few_at_once
from server import Fault, MisbehavingServer
from weekly_translate import __version__
from weekly_translate.errors import ExitCode, UsageError, needing_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUE = """\
# 第一期：垃圾回收

1、[聊一聊 Python 的**垃圾回收**](https://example.org/gc) (英)

这篇文章介绍了 3 个函数，其中有 `gc.freeze()`。

```
中文的代码 📦
```
"""
PROJECT = "weekly-translate.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------ what is refused, and how


@dataclass(frozen=True)
class Refusal:
    """A run that comes to nothing: with which code, and what its one sentence says among other things."""

    code: ExitCode
    says: str
    arguments: tuple[str, ...] = ("issue.md", "-o", "out.md", "--report", "report.json")
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    fault: str = ""
    variables: Mapping[str, str | None] = field(default_factory=dict)


def _usage(says: str, *arguments: str, **more: str | bytes) -> Refusal:
    """`more` are files, with `_` for the dot."""
    files = {name.replace("_", "."): content for name, content in more.items()}
    return Refusal(ExitCode.USAGE, says, arguments or Refusal.arguments, files)


def _setting(says: str, toml: str) -> Refusal:
    return Refusal(ExitCode.USAGE, says, files={PROJECT: toml})


def _data(says: str, name: str, content: str | bytes, *arguments: str) -> Refusal:
    return Refusal(ExitCode.USAGE, says, (*Refusal.arguments, *arguments), {name: content})


def _engine(says: str, fault: str = "", **variables: str | None) -> Refusal:
    return Refusal(ExitCode.ENGINE, says, fault=fault, variables=variables)


MOJIBAKE = "## ðŸ¦„ 这一期\n"
PRICE = '[prices."gpt-5-mini"]\ninput = 0.25\noutput = 2.0\n'

REFUSALS = {
    # the source
    "no argument": _usage("Missing argument 'issue'. See weekly-translate translate --help.", "-q"),
    "two arguments": _usage("One issue at a time: -o names the English file", "issue.md", "other.md"),
    "a missing file": _usage("missing.md does not exist: check the name", "missing.md"),
    "a folder": _usage("or translate all of them with `weekly-translate season . -o en`", "."),
    "an empty file": _usage("empty.md is empty", "empty.md", empty_md=""),
    "white space": _usage("empty.md is empty", "empty.md", empty_md=" \n\t\n"),
    "a binary file": _usage(
        "is not a text file", "image.md", image_md=b"\x89PNG\r\n\x1a\n\0\0".replace(b"\x89", b"")
    ),
    "a picture": _usage("image.md is not a text file: name", "image.md", image_md=b"\x89PNG\r\n\x1a\n\0"),
    "bytes that are no UTF-8": _usage(
        "add --encoding gb18030", "gb.md", gb_md=ISSUE.encode("gb18030", "ignore")
    ),
    "the wrong encoding": _usage("cannot be read; name another", "issue.md", "--encoding", "ascii"),
    "an unknown encoding": _usage("there is no such encoding", "issue.md", "--encoding", "klingon"),
    "mojibake": _usage("--fix-mojibake", "bad.md", bad_md=MOJIBAKE),
    # options
    "an unknown option": _usage("No such option: --colour. See weekly", "issue.md", "--colour"),
    "an unknown engine": _usage("The engine 'magic' does not exist", "issue.md", "--engine", "magic"),
    "an unknown edition": _usage("editions/odd.yaml", "issue.md", "--edition", "odd"),
    "no jobs": _usage("'jobs' is 0, but must be at least 1", "issue.md", "--jobs", "0"),
    "jobs in words": _usage("'--jobs'", "issue.md", "--jobs", "many"),
    "a budget that is no number": _usage(
        "'budget' is nan, but must be a number", "issue.md", "--budget", "nan"
    ),
    "a negative budget": _usage("'budget' is -1.0, but must be at least 0", "issue.md", "--budget", "-1"),
    "a budget without a price": _usage("A budget needs the price", "issue.md", "--budget", "1"),
    "no such project": _usage(
        "The project folder nowhere does not exist", "issue.md", "--project", "nowhere"
    ),
    "no web address": _usage("not an http or https address", "issue.md", "--base-url", "ftp://example.org"),
    "half an address": _usage("not an http or https address", "issue.md", "--base-url", "http://[::1"),
    "no port": _usage("not an http or https address", "issue.md", "--base-url", "http://localhost:99999/v1"),
    "a key that would be overheard": _usage("unencrypted", "issue.md", "--base-url", "http://example.org/v1"),
    # outputs
    "output over source": _usage("is the source issue.md itself", "issue.md", "-o", "issue.md"),
    "report over source": _usage("is the source issue.md itself", "issue.md", "--report", "./issue.md"),
    "report over a text": _usage("is not replaced", "issue.md", "--report", "notes.md", notes_md="甲"),
    **{
        f"{name} over a text": _usage(f"{command[-1]} is not replaced", *command, **{file: "甲"})
        for name, file, command in (
            ("log", "notes_txt", ("season", "issue.md", "-o", "en", "--log", "notes.txt")),
            (
                "report of a season",
                "notes_json",
                ("season", "issue.md", "-o", "en", "--report", "notes.json"),
            ),
            ("page", "notes_html", ("review", "issue.md", "-o", "notes.html")),
            ("work for a tool", "notes_xlf", ("review", "issue.md", "-o", "notes.xlf")),
            ("table", "notes_csv", ("glossary", "export", "notes.csv")),
            ("terms", "notes_tbx", ("glossary", "export", "notes.tbx")),
        )
    },
    "output over report": _usage("out.md is named twice", "issue.md", "-o", "out.md", "--report", "out.md"),
    "output over memory": _usage("m.db is named twice", "issue.md", "-o", "m.db", "--memory", "./m.db"),
    "output to a folder": _usage("is a folder", "issue.md", "-o", "."),
    "an output with an endless name": Refusal(
        ExitCode.STORAGE, "File name too long", ("issue.md", "-o", f"{'x' * 300}.md")
    ),
    "output to a device": _usage("is a pipe or a device", "issue.md", "-o", os.devnull),
    # the memory
    "a memory that is none": Refusal(
        ExitCode.STORAGE,
        "notes.txt is not a translation memory",
        ("issue.md", "--memory", "notes.txt"),
        {"notes.txt": "groceries"},
    ),
    "a memory that is a folder": Refusal(
        ExitCode.STORAGE, "is a folder", ("issue.md", "--memory", "sub"), {"sub/file": ""}
    ),
    "a memory in a file": Refusal(
        ExitCode.STORAGE, "cannot be opened", ("issue.md", "--memory", "issue.md/memory.db")
    ),
    # settings and data files
    "broken TOML": _setting(f"{PROJECT} cannot be read", "model = "),
    "an unknown setting": _setting("there is no key 'modle'", "modle = 'x'"),
    "a setting of the wrong kind": _setting("'jobs' is 'x', but must be a whole number", "jobs = 'x'"),
    "an endpoint from the project": _setting("may not choose where the key is sent", "base_url = 'http://x'"),
    "half a price": _setting("there is no 'output'", '[prices."gpt-5-mini"]\ninput = 1\n'),
    "a price that is none": _setting(
        "'output' is nan, but must be a number that is not infinite", PRICE.replace("2.0", "nan")
    ),
    "a prompt without its placeholder": _data("`$contract` is missing", "prompts/system.md", "Translate."),
    "a prompt with a lone dollar": _data("a `$` stands alone", "prompts/repair.md", "$segments $terms $ 5"),
    "a prompt in another encoding": _data("is not UTF-8", "prompts/translate.md", "译".encode("gbk")),
    "a glossary that is no YAML": _data("is not valid YAML", "glossary.yaml", "terms: ["),
    "a glossary of another shape": _data("glossary.yaml", "glossary.yaml", "- [1, 2]"),
    "no such glossary": _usage("none.yaml cannot be read", "issue.md", "--glossary", "none.yaml"),
    "an edition of another shape": _data(
        "'items'", "editions/mine.yaml", "items: 1\nstars: '{count}'\nnotes: {}", "--edition", "mine"
    ),
    # the engine
    "a key with a line break": Refusal(
        ExitCode.USAGE, "Copy it again", variables={"OPENAI_API_KEY": f"{KEY}\n{KEY}"}
    ),
    "a wrong key, repeated by the server": _engine("does not accept the key", "http_401"),
    "a key that is not asked for its name": _engine("asks for a key", "http_401", OPENAI_API_KEY=None),
    "no money": _engine("no credit left", "http_429_quota"),
    "an unknown model": _engine("knows no model gpt-5-mini", "http_404"),
    "another address": _engine("a redirect is not followed", "http_307"),
    "a long pause": _engine("asks to come back in 24 h", "http_429_huge"),
    "a budget that is too small": Refusal(
        ExitCode.PARTIAL,
        "would exceed the budget of $0.000001",
        (*Refusal.arguments, "--budget", "0.000001", "-q"),
        {PROJECT: PRICE},
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_done_is_one_plain_sentence(folder: Path, refusal: Refusal) -> None:
    for name, content in refusal.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = contents(folder)
    faults = [Fault(refusal.fault)] if refusal.fault else []
    with MisbehavingServer(*faults) as server:
        variables = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY} | dict(refusal.variables)
        ended = run(folder, *refusal.arguments, **variables)
        assert bool(server.requests) == bool(refusal.fault)
    assert (ended.code, ended.out) == (refusal.code, b"")
    assert len(ended.err.splitlines()) == 1, ended.err
    assert refusal.says in ended.err
    after = contents(folder)
    assert not [name for name, data in after.items() if KEY.encode() in data]
    assert KEY not in ended.err
    assert {name: after[name] for name in before} == before
    assert "out.md" not in after


def test_a_host_that_is_not_there_is_given_up_soon(folder: Path) -> None:
    with MisbehavingServer() as gone:
        url = gone.url
    ended = run(folder, "issue.md", "-q", OPENAI_BASE_URL=url, OPENAI_API_KEY=KEY)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (ExitCode.ENGINE, b"", 1)
    assert "cannot be reached" in ended.err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that even root cannot write to")
def test_an_output_that_cannot_be_written_is_told_before_anything_is_sent(
    folder: Path, server: MisbehavingServer
) -> None:
    ended = run(folder, "issue.md", "-o", "/proc/out.md", OPENAI_BASE_URL=server.url)
    assert (ended.code, len(ended.err.splitlines()), server.requests) == (ExitCode.STORAGE, 1, [])
    assert "/proc/out.md cannot be written" in ended.err


TO_STORE = {
    "translate": ("issue.md",),
    "season": ("season", "zh", "-o", "en"),
    "import": ("memory", "import", "entries.jsonl"),
    "export": ("batch", "export", "requests.jsonl", "issue.md"),
    "answers": ("batch", "import", "answers.jsonl"),
    "proofread": ("proofread", "issue.md", "issue.en.md"),
    "evaluate": ("evaluate", "issue.md", "issue.en.md", "--judge", "careful-1"),
}


@pytest.mark.parametrize("what", TO_STORE)
def test_what_the_memory_does_not_take_is_no_success(
    folder: Path, server: MisbehavingServer, what: str
) -> None:
    asked = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY}
    (folder / "zh").mkdir()
    (folder / "zh/issue.md").write_text(ISSUE, "utf-8")
    (folder / "issue.en.md").write_text("# Issue 1: garbage collection\n", "utf-8")
    (folder / "entries.jsonl").write_text('{"source": "你好", "target": "Hello"}\n', "utf-8")
    run(folder, "batch", "export", "sheet.jsonl", "issue.md", "--by-hand", "--memory", "memory.db")
    sheet = map(json.loads, (folder / "sheet.jsonl").read_text("utf-8").splitlines())
    answers = [json.dumps(line | {"answer": "Garbage collection"}) for line in sheet]
    (folder / "answers.jsonl").write_text("\n".join(answers), "utf-8")
    with closing(sqlite3.connect(folder / "memory.db")) as database:
        for table in ("entries", "attempts", "proofreadings", "batch_requests"):
            database.execute(
                f"CREATE TRIGGER odd_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'odd'); END"
            )
    ended = run(folder, *TO_STORE[what], "--memory", "memory.db", **asked)
    told = "the memory memory.db cannot be used: odd" in ended.err
    assert (ended.code, told) == (ExitCode.STORAGE, True), ended.err
    if what == "translate":
        assert "standard output written: 3 segments, nothing to look at" in ended.err


def test_a_bug_is_told_as_one(folder: Path) -> None:
    (folder / "odd").mkdir()
    (folder / "odd/mistune.py").write_text(f"raise ValueError('odd {KEY} pw1')\n", "utf-8")
    path = os.pathsep.join([str(folder / "odd"), environment(folder)["PYTHONPATH"]])
    secrets = {"OPENAI_API_KEY": KEY, "SHORT_KEY": "odd", "PGPASSWORD": "pw1"}
    ended = run(folder, "issue.md", "--plan", PYTHONPATH=path, **secrets)
    assert (ended.code, ended.out) == (ExitCode.BUG, b"")
    assert "ValueError: odd *** ***" in ended.err, (
        "what is as short as a word may be a password, and is no key"
    )
    assert ended.err.splitlines()[-1] == (
        "This is a bug of weekly-translate. Please report it with the lines above."
    )
    assert KEY not in ended.err


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada:se/cret@db.example/memory", "ada:***@db.example/memory"),
        ("db.example/memory?user=ada&password=se/cret", "db.example/memory?user=ada&password=***"),
        ("ada:secret", "ada:***"),
    ],
)
def test_an_address_in_the_place_of_an_issue_shows_no_password(
    folder: Path, address: str, shown: str
) -> None:
    ended = run(folder, f"postgresql://{address}", "-o", "out.md")
    assert (ended.code, "cret" in ended.err, shown in ended.err) == (ExitCode.USAGE, False, True), ended.err


# ------------------------------------------------------------------------ how it starts


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert run(tmp_path, "--version") == (0, f"{__version__}\n".encode(), "")


def test_nothing_at_all_shows_the_help_and_is_wrong_usage(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert (ended.code, ended.err) == (ExitCode.USAGE, "")
    assert ended.out.startswith(b"Usage: weekly-translate")


WORK = {"mistune", "yaml", "sqlite3", "asyncio"}
CLIENTS = {"openai", "httpx2", "tiktoken", "rich", "starlette", "uvicorn"}
RUN = {"asyncio", "weekly_translate.run.run_state", "weekly_translate.run.scheduler"}
ENGINES = {
    "weekly_translate.llm.engine",
    "weekly_translate.memory.translation_memory",
}
SAMPLE = str(Path(__file__).parents[1] / "samples/full/source.md")


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--version"], WORK | CLIENTS),
        (["--help"], WORK | CLIENTS),
        (["translate", "--help"], CLIENTS),
        (["memory", "--help"], CLIENTS),
        (["review", "--help"], CLIENTS),
        (["check", SAMPLE, SAMPLE.replace("source", "en")], RUN | ENGINES | CLIENTS | {"sqlite3"}),
        ([SAMPLE, "--plan", "--edition=none"], RUN | (CLIENTS - {"tiktoken"})),
    ],
)
def test_what_a_command_does_not_need_is_not_loaded(
    tmp_path: Path, arguments: list[str], heavy: set[str]
) -> None:
    script = (
        "import sys\nfrom weekly_translate.cli import main\n"
        f"try:\n    main()\nexcept SystemExit:\n    sys.stderr.write(repr({heavy!r} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment(tmp_path), capture_output=True, check=True
    )
    assert ended.stderr.splitlines()[-1:] == [b"set()"]


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("pygls", "lsp", ["lsp"]),
        ("mcp", "mcp", ["mcp"]),
        ("starlette", "review", ["review", SAMPLE, "--serve", "--no-browser"]),
    ],
)
def test_an_extra_that_is_missing_is_told_with_the_command_that_installs_it(
    tmp_path: Path, package: str, extra: str, arguments: list[str]
) -> None:
    script = f"import sys\nsys.modules[{package!r}] = None\nfrom weekly_translate.cli import main\nmain()"
    command = [sys.executable, "-c", script, *arguments]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, check=False, text=True
    )
    assert ended.returncode == ExitCode.USAGE
    assert f"needs {package}" in ended.stderr
    assert f"pip install 'weekly-translate[{extra}]'" in ended.stderr


WAYS = {
    "the command in full": ("issue.md", ["translate", "issue.md", "-o", "out.md"]),
    "without the command": ("issue.md", ["issue.md", "-o", "out.md"]),
    "options first": ("issue.md", ["--output", "out.md", "-q", "issue.md"]),
    "the end of the options": ("issue.md", ["-o", "out.md", "--", "issue.md"]),
    "a dash in front": ("-issue.md", ["-o", "out.md", "--", "-issue.md"]),
    "a space within": ("an issue.md", ["an issue.md", "-o", "out.md"]),
    "a file named like a command": ("memory", ["./memory", "-o", "out.md"]),
    "the same, after an option": ("memory", ["-o", "out.md", "memory"]),
    "a Chinese name": ("第一期.md", ["第一期.md", "-o", "out.md"]),
}


@pytest.mark.parametrize(("source", "arguments"), WAYS.values(), ids=WAYS.keys())
def test_every_way_to_name_the_file_does_the_same(tmp_path: Path, source: str, arguments: list[str]) -> None:
    (tmp_path / source).write_text("- `gc`\n", "utf-8")
    ended = run(tmp_path, *arguments)
    assert (ended.code, ended.out) == (0, b"")
    assert (tmp_path / "out.md").read_text("utf-8") == "- `gc`\n"


# ------------------------------------------------------------------------ what is written


LOCALES = {
    "of the machine": {},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "in another encoding": {"PYTHONIOENCODING": "gbk:strict"},
}
SOME_LOCALES = few_at_once(list(LOCALES.values()), 2)


@pytest.mark.parametrize("variables", SOME_LOCALES, ids=LOCALES)
def test_the_result_on_stdout_is_the_file_byte_for_byte(
    tmp_path: Path, server: MisbehavingServer, variables: dict[str, str]
) -> None:
    source = ISSUE.rstrip("\n").replace("\n", "\r\n").encode()
    (tmp_path / "issue.md").write_bytes(source)
    ended = run(tmp_path, "issue.md", OPENAI_BASE_URL=server.url, **variables)
    assert ended.code == 0, ended.err
    assert ended.out.count(b"\r\n") == ended.out.count(b"\n") == source.count(b"\r\n")
    assert not ended.out.endswith(b"\n")
    assert "中文的代码 📦".encode() in ended.out
    assert run(tmp_path, "issue.md", "-o", "out.md", OPENAI_BASE_URL=server.url).code == 0
    assert (tmp_path / "out.md").read_bytes() == ended.out


def test_a_file_keeps_its_encoding_and_stdout_is_utf_8(tmp_path: Path, server: MisbehavingServer) -> None:
    (tmp_path / "issue.md").write_bytes(ISSUE.encode("gb18030"))
    arguments = ["issue.md", "--encoding", "gb18030"]
    ended = run(tmp_path, *arguments, OPENAI_BASE_URL=server.url)
    assert "中文的代码 📦".encode() in ended.out
    run(tmp_path, *arguments, "-o", "out.md", OPENAI_BASE_URL=server.url)
    assert (tmp_path / "out.md").read_bytes().decode("gb18030") == ended.out.decode()


def test_what_may_be_the_wrong_file_is_told_and_done_all_the_same(folder: Path) -> None:
    (folder / "table.csv").write_text("Name,Number\n", "utf-8")
    ended = run(folder, "table.csv", "-o", "out.csv")
    assert (ended.code, (folder / "out.csv").read_text("utf-8")) == (0, "Name,Number\n")
    assert ended.err.splitlines()[:2] == [
        "table.csv is read as Markdown, whatever its name says",
        "out.csv written: no Chinese to translate, nothing to look at",
    ]


def test_a_clean_run_says_where_everything_comes_from(folder: Path, server: MisbehavingServer) -> None:
    arguments = ["issue.md", "-o", "out.md", "--model", "m"]
    first, second = (run(folder, *arguments, OPENAI_BASE_URL=server.url) for _ in range(2))
    assert first.err.splitlines() == [
        "issue.md: 3 of 3 segments, 1 request",
        "out.md written: 3 segments, nothing to look at",
        "segments  3: 3 translated",
        "made by   3 m",
        f"requests  1, {_prompt_tokens(server):,} tokens in, 47 out, price not known",
    ]
    assert second.err.splitlines() == [
        "out.md written: 3 segments, nothing to look at",
        "segments  3: 3 from memory",
        "made by   3 m",
        "requests  none",
    ]
    third = run(folder, "issue.md", "-o", "out.md", "-v", "--model", "m", OPENAI_BASE_URL=server.url)
    assert re.search(
        r"^made with openai m \| prompts [0-9a-f]{12} \| glossary [0-9a-f]{12} \| edition none [0-9a-f]{12}$",
        third.err,
        re.MULTILINE,
    )
    assert len(server.requests) == 1


def _prompt_tokens(server: MisbehavingServer) -> int:
    """As the server counts them."""
    return sum(len(message["content"].encode()) // 4 + 1 for message in server.requests[0].body["messages"])


@pytest.mark.parametrize("more", [(), ("-q",), ("--allow-partial",), ("--engine", "openai"), ("--dry-run",)])
def test_without_a_key_the_ways_on_are_commands_to_paste(folder: Path, more: tuple[str, ...]) -> None:
    arguments = ("issue.md", "-o", "out.md", *more)
    ended = run(folder, *arguments)
    command = f"weekly-translate {' '.join(arguments)}"
    said = ended.err.splitlines()
    assert said[-8:] == [
        "There is no model to ask: OPENAI_API_KEY is not set, and --base-url names no server.",
        "With a key:",
        "  export OPENAI_API_KEY=...",
        f"  {command}",
        "With a model of yours:",
        f"  {command} --base-url http://localhost:11434/v1 --model qwen3:14b",
        "To see the layout only:",
        f"  {command} --engine draft",
    ]
    assert (ended.code, ended.out, (folder / "out.md").exists()) == (ExitCode.USAGE, b"", False)


@pytest.mark.usefixtures("either_database")
def test_a_season_without_a_key_writes_what_the_memory_answers_whole(
    folder: Path, server: MisbehavingServer
) -> None:
    season = ("season", "zh", "-o", "en", "-q")
    (folder / "zh").mkdir()
    (folder / "issue.md").rename(folder / "zh/known.md")
    assert run(folder, *season, OPENAI_BASE_URL=server.url).code == 0
    (folder / "en/known.md").unlink()
    assert run(folder, *season).code == 0
    (folder / "en/known.md").unlink()
    (folder / "zh/new.md").write_text("还没有人译过的一句话。\n", "utf-8")
    ended = run(folder, *season)
    assert (ended.code, [path.name for path in (folder / "en").iterdir()]) == (ExitCode.USAGE, ["known.md"])
    assert "  weekly-translate season zh -o en -q --engine draft" in ended.err.splitlines()


def test_a_draft_is_made_by_name_and_is_no_success(folder: Path) -> None:
    ended = run(folder, "issue.md", "-o", "out.md", "--engine", "draft")
    assert (ended.code, (folder / "out.md").exists()) == (ExitCode.FINDINGS, True)
    said = ended.err.splitlines()
    assert said[0] == "out.md written, incomplete: drafts are in it"
    assert "segments  3: 3 drafts" in said
    assert "run the command without --engine draft" in said[-1]


def test_errors_that_are_left_keep_the_file_from_being_written(folder: Path) -> None:
    arguments = ["issue.md", "-o", "out.md", "-q"]
    with MisbehavingServer(Fault("echo", where="函数")) as server:
        ended = run(folder, *arguments, OPENAI_BASE_URL=server.url)
        assert (ended.code, ended.out, (folder / "out.md").exists()) == (ExitCode.FINDINGS, b"", False)
        assert re.fullmatch(
            r"issue\.md:5: error seg\.missing “这篇文章介绍了 3 个函数，其中…”: stays in Chinese: .+\n",
            ended.err,
        )
        partial = run(folder, *arguments, "--allow-partial", OPENAI_BASE_URL=server.url)
        assert (partial.code, partial.err) == (ExitCode.FINDINGS, ended.err)
        assert "这篇文章介绍了" in (folder / "out.md").read_text("utf-8")


def test_quiet_is_silent_where_nothing_is_wrong(folder: Path, server: MisbehavingServer) -> None:
    ended = run(folder, "issue.md", "-o", "out.md", "-q", OPENAI_BASE_URL=server.url)
    assert ended == (0, b"", "")


def test_a_plan_sends_nothing_and_creates_nothing(folder: Path, server: MisbehavingServer) -> None:
    before = contents(folder)
    ended = run(folder, "issue.md", "-o", "out.md", "--plan", OPENAI_BASE_URL=server.url)
    assert (ended.code, ended.out, server.requests, contents(folder)) == (0, b"", [], before)
    edition, segments, requests, *_ = ended.err.splitlines()
    assert edition == "edition   none (no other edition fits the document)"
    assert segments == "segments  3: 3 to translate"
    assert re.match(r"requests  about 1, [\d,]+ tokens in, [\d,]+ out$", requests)


def test_a_dry_run_compares_with_an_empty_file_as_with_none(folder: Path) -> None:
    (folder / "out.md").touch()
    ended = run(folder, "issue.md", "-o", "out.md", "--dry-run", "-q", "--engine", "draft")
    assert ended.out.decode().startswith("issue.md: 3 segments; there is no English file to compare with\n")


REPORT = {
    "schema": 1,
    "source": "issue.md",
    "target": "out.md",
    "written": False,
    "exit_code": 1,
    "signature": str,
    "edition": {
        "name": "none",
        "why": str,
        "number": None,
        "date": None,
        "title": str,
        "rules": [
            {"kind": "item number", "rule": str, "lines": [3], "text": None},
            {"kind": "language note", "rule": str, "lines": [3], "text": None},
        ],
    },
    "chinese": [{"place": "text", "line": 5, "text": str}],
    "usage": {
        "requests": int,
        "prompt_tokens": int,
        "cached_tokens": int,
        "completion_tokens": int,
        "cost_usd": float,
    },
    "doubts_dropped": 0,
    "findings": [
        {
            "check": "seg.missing",
            "severity": "error",
            "kind": "certain",
            "message": str,
            "segment": "s003",
            "source_line": 5,
            "target_line": None,
        },
        {
            "check": "doc.kept-chinese",
            "severity": "info",
            "kind": "certain",
            "message": str,
            "segment": None,
            "source_line": None,
            "target_line": 8,
        },
    ],
    "segments": [
        {
            "id": f"s{number:03}",
            "line": 2 * number - 1,
            "kind": str,
            "source": str,
            "target": target,
            "status": "machine",
            "origin": "openai gpt-5-mini",
            "title_from": "translated" if number == 2 else None,
        }
        for number, target in ((1, str), (2, str), (3, None))
    ],
}


def test_a_name_that_is_no_utf_8_does_not_break_the_report(tmp_path: Path) -> None:
    name = os.fsdecode(b"issue\xff.md")
    try:
        (tmp_path / name).write_text(ISSUE, "utf-8")
    except OSError:
        pytest.skip("this disk takes no such name")
    options = ("--report", "report.json", "--engine", "draft")
    assert run(tmp_path, name, "-o", "out.md", *options).code == ExitCode.FINDINGS
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["source"] == name


def test_a_loop_of_links_is_no_folder(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    ended = run(folder, "issue.md", "-o", "loop/out.md")
    assert (ended.code, len(ended.err.splitlines())) == (ExitCode.USAGE, 1), ended.err


def shaped(data: object, shape: object) -> object:
    """`data` with each value replaced by its type where the shape has a type."""
    if isinstance(data, dict) and isinstance(shape, dict):
        return {key: shaped(value, shape.get(key)) for key, value in data.items()}
    if isinstance(data, list) and isinstance(shape, list):
        return [shaped(one, shape[min(i, len(shape) - 1)]) for i, one in enumerate(data)]
    return type(data) if isinstance(shape, type) else data


def test_the_report_has_the_shape_of_the_contract(folder: Path) -> None:
    (folder / PROJECT).write_text(PRICE, "utf-8")
    with MisbehavingServer(Fault("echo", where="函数")) as server:
        run(
            folder,
            *("issue.md", "-o", "out.md", "--report", "report.json"),
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=KEY,
        )
    text = (folder / "report.json").read_text("utf-8")
    assert shaped(json.loads(text), REPORT) == REPORT
    assert KEY not in text


# ------------------------------------------------------------------------ streams that are not well


@pytest.mark.parametrize("arguments", [("issue.md", "-q"), ("--version",)])
def test_a_reader_who_has_seen_enough_is_no_error(
    folder: Path, server: MisbehavingServer, arguments: tuple[str, ...]
) -> None:
    process = start_by((), folder, *arguments, OPENAI_BASE_URL=server.url)
    assert process.stdout is not None
    process.stdout.close()
    assert process.communicate()[1] == b""
    assert process.returncode == 0


needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


def _into(stream: str, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run with a shell's redirection: `>/dev/full`, `2>/dev/full`, `>&-`."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {stream}', "sh", *command(*arguments)],
        cwd=folder,
        env=environment(folder, more),
        capture_output=True,
        text=True,
        check=False,
    )


@needs_full
@pytest.mark.parametrize("arguments", [("issue.md", "-q"), ("--version",), ("--help",)])
def test_a_full_disk_under_stdout_is_one_sentence(
    folder: Path, server: MisbehavingServer, arguments: tuple[str, ...]
) -> None:
    ended = _into(">/dev/full", folder, *arguments, OPENAI_BASE_URL=server.url)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (ExitCode.STORAGE, 1)
    assert "standard output" in ended.stderr


def test_a_closed_stdout_is_one_sentence(folder: Path, server: MisbehavingServer) -> None:
    ended = _into(">&-", folder, "issue.md", "-q", OPENAI_BASE_URL=server.url)
    assert (ended.returncode, ended.stderr) == (
        ExitCode.STORAGE,
        "The standard output is closed: open it, or name a file with -o.\n",
    )


@pytest.mark.parametrize(
    "stream", [pytest.param("2>&-", marks=pytest.mark.slow), pytest.param("2>/dev/full", marks=needs_full)]
)
def test_nobody_to_tell_is_no_reason_to_fail(folder: Path, server: MisbehavingServer, stream: str) -> None:
    ended = _into(stream, folder, "issue.md", "-o", "out.md", "-v", OPENAI_BASE_URL=server.url)
    assert (ended.returncode, (folder / "out.md").exists()) == (0, True)


# ------------------------------------------------------------------------ nothing foreign steers a terminal


ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\u2066\U000e0041[/][bold]"
HOSTILE = (
    f"# 标题 {ESCAPES}\n\n第二段 {ESCAPES} 文字，有 [链接](https://example.org).\n\n```\n{ESCAPES}\n```\n"
)
FOREIGN = re.compile("\x1b\\[2J|\x1b\\]|[\x07\x9b\u202e\u2066\U000e0041]")


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    name = "\x1b[2J\u202e\n[bold]issue.md"
    (tmp_path / name).write_text(HOSTILE, "utf-8")
    return name


@pytest.mark.parametrize("fault", ["ansi", "bidi", "tag_characters", "control", "echo"])
def test_no_control_character_reaches_stderr(tmp_path: Path, hostile: str, fault: str) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        ended = run(tmp_path, hostile, "-v", "--allow-partial", "-o", "out.md", OPENAI_BASE_URL=server.url)
    assert ended.err.isascii() or not FOREIGN.search(ended.err)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", ended.err)
    assert r"\x1b[2J\u202e\n[bold]issue.md" in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_sees_neither_escapes_nor_unwanted_colors(tmp_path: Path, hostile: str) -> None:
    for arguments in ((hostile,), (hostile, "-v"), (hostile, "--dry-run"), ("\x1b]0;x\x07.md",)):
        shown = _on_a_terminal(tmp_path, *arguments, NO_COLOR="1")
        assert not FOREIGN.search(re.sub(r"\r\x1b\[2K|\x1b\[2K", "", shown)), repr(shown)
        assert not re.search(r"\x1b\[(?:\d+;)*[349]\d", shown), repr(shown)


def _on_a_terminal(folder: Path, *arguments: str, **more: str) -> str:
    """All that appears on a terminal of 80 columns."""
    import pty  # noqa: PLC0415 - not on every system

    ours, theirs = pty.openpty()
    variables = environment(folder, {"TERM": "xterm-256color", "COLUMNS": "80", **more})
    process = forked(folder, arguments, variables, on_terminal(theirs))
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    os.close(ours)
    process.wait()
    return shown.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side has gone
        return b""


@pytest.mark.parametrize(
    ("error", "lacks"),
    [
        (ImportError("no\n libpq found"), r"fails \(no libpq found\)"),
        (ImportError("cannot import name 'x'", name="psycopg"), r"fails \(cannot import name 'x'\)"),
        (ModuleNotFoundError("No module", name="psycopg"), "needs psycopg, which is missing"),
    ],
)
def test_an_extra_that_is_there_and_does_not_begin_says_why_in_its_own_words(
    error: ImportError, lacks: str
) -> None:
    with (
        pytest.raises(UsageError, match=rf"The memory {lacks}: pip install 'weekly-translate\["),
        needing_extra("postgres", "The memory"),
    ):
        raise error
