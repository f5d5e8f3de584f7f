"""`weekly-translate check` from outside: what it finds, what it mends, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from documents import generated
from program import command, environment, run, start
from weekly_translate.checks import CHECKS
from weekly_translate.checks.catalogue import catalogue
from weekly_translate.checks.repair import FIXES
from weekly_translate.compare.judge import compared
from weekly_translate.compare.pair_files import FilePair, all_file_pairs, file_pairs_of, fixed, parse_pattern
from weekly_translate.compare.style import Rules
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.markdown.segments import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]

SOURCE = """\
# 第一期

1、[垃圾回收的原理](https://example.org/gc) (英)

这篇文章介绍了标准库里的 30 个函数，还有它们的历史。

2、[一个很快的缓存库](https://example.org/cache) (英)

它没有任何依赖，支持过期时间和容量上限，而且非常容易使用。
"""
GOOD = """\
# The first issue

1. [How garbage collection works](https://example.org/gc) (EN)

This article presents 30 functions of the standard library and their history.

2. [A fast cache library](https://example.org/cache) (EN)

It has no dependencies, supports expiration times and capacity limits, and is very easy to use.
"""
WRONG_NUMBER = GOOD.replace("30 functions", "40 functions")
ZERO_WIDTH = GOOD.replace("very easy", "very\u200b easy")
IGNORE = "- check: num.value\n  source: 30 个函数\n  reason: the author counted again\n"
UNNEEDED = """\
dropped:
- text: 订阅
urls:
- {prefix: "https://example.org/", with: "https://example.org/"}
- {prefix: "https://example.com/", with: "/"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh.md").write_text(SOURCE, "utf-8")
    (tmp_path / "en.md").write_text(GOOD, "utf-8")
    return tmp_path


# --------------------------------------------------------------------------- what is found


@dataclass(frozen=True)
class Case:
    """A translation, options, the exit code, and what stands on stdout and on stderr among other things."""

    code: ExitCode
    target: str = GOOD
    options: tuple[str, ...] = ()
    says: str = ""
    tells: str = ""
    lacks: str = "\0"
    files: Mapping[str, str] = field(default_factory=dict)


DONE, FINDINGS, USAGE = ExitCode.DONE, ExitCode.FINDINGS, ExitCode.USAGE

CASES = {
    "a good pair": Case(DONE, says="en.md: no findings"),
    "an error": Case(FINDINGS, WRONG_NUMBER, says="zh.md:5 -> en.md:5"),
    "a warning": Case(DONE, ZERO_WIDTH, says="char.zero-width"),
    "a warning, strict": Case(FINDINGS, ZERO_WIDTH, ("--strict",), says="1 warning"),
    "a warning, quiet": Case(DONE, ZERO_WIDTH, ("-q",), lacks="char.zero-width"),
    "only other checks": Case(DONE, WRONG_NUMBER, ("--select", "url.*, img.*"), says="no findings"),
    "only this check": Case(FINDINGS, WRONG_NUMBER, ("--select", "num.value"), says="num.value"),
    "not this check": Case(DONE, WRONG_NUMBER, ("--ignore", "num.*"), says="no findings"),
    "silent on purpose": Case(
        DONE,
        WRONG_NUMBER,
        ("--ignores", "i.yaml", "-v"),
        says="(reason: the author counted again)",
        files={"i.yaml": IGNORE},
    ),
    "silent without need": Case(
        DONE,
        options=("--ignores", "i.yaml"),
        tells="i.yaml:1: nothing is left to silence, num.value for '30 个函数': remove this entry",
        files={"i.yaml": IGNORE},
    ),
    "a term of another glossary": Case(
        DONE,
        options=("--glossary", "g.yaml"),
        says="term.missing",
        files={"g.yaml": "- source: 缓存库\n  target: caching toolkit\n"},
    ),
    "a dropped block that is allowed": Case(
        DONE,
        GOOD,
        ("--allow", "a.yaml"),
        says="no findings",
        files={"zh.md": f"{SOURCE}\n订阅我们的频道，获取更多内容。\n", "a.yaml": "dropped:\n- text: 订阅\n"},
    ),
    "a dropped block that is not": Case(
        FINDINGS, says="zh.md:11", files={"zh.md": f"{SOURCE}\n订阅我们的频道，获取更多内容。\n"}
    ),
    "github": Case(
        FINDINGS, WRONG_NUMBER, ("--format", "github"), says="::error file=en.md,line=5,title=num.value::"
    ),
    "an unknown format": Case(USAGE, options=("--format", "xml"), tells="Choose text, json, sarif, github."),
    "an unknown edition": Case(USAGE, options=("--edition", "odd"), tells="editions/odd.yaml"),
    "a bad ignore": Case(
        USAGE,
        options=("--ignores", "i.yaml"),
        tells="i.yaml:1: there is no 'reason'. Write `reason: …`.\n",
        files={"i.yaml": "- check: num.*\n"},
    ),
    "an ignore for everywhere": Case(
        USAGE,
        options=("--ignores", "i.yaml"),
        tells="i.yaml:1: say where with exactly one of source, text, line.",
        files={"i.yaml": "- {check: num.*, reason: r}\n"},
    ),
    "silent without need, but not all is looked at": Case(
        DONE, options=("--ignores", "i.yaml", "--ignore", "url.*"), files={"i.yaml": IGNORE}
    ),
    "an ignore of no check": Case(
        USAGE,
        options=("--ignores", "i.yaml"),
        tells="i.yaml:1: there is no check 'num.valeu'; did you mean num.value?",
        files={"i.yaml": IGNORE.replace("value", "valeu")},
    ),
    "an unknown check": Case(
        USAGE, options=("--select", "num.value,urls.*"), tells="--select: there is no check 'urls.*'"
    ),
    "an unknown check to leave out": Case(
        USAGE, options=("--ignore", "num"), tells="--ignore: there is no check 'num'; did you mean num.*?"
    ),
    "allowances without need": Case(
        DONE,
        options=("--allow", "a.yaml"),
        tells="a.yaml:2: nothing in the source fits any more: remove this entry\n"
        "a.yaml:5: no address in the source fits any more: remove this entry\n",
        files={"a.yaml": UNNEEDED},
    ),
    "an allowance that says nothing": Case(
        USAGE,
        options=("--allow", "a.yaml"),
        tells="a.yaml:3:",
        files={"a.yaml": "dropped:\n- lines: 1\n- x: 1\n"},
    ),
    "the two files exchanged": Case(
        USAGE,
        SOURCE,
        tells="en.md is Chinese and zh.md is not: name the Chinese file first",
        files={"zh.md": GOOD},
    ),
    "other line ends": Case(DONE, GOOD.replace("\n", "\r\n"), says="doc.eol"),
    "no line end at the end": Case(DONE, GOOD.rstrip(), ("-v",), says="doc.eof"),
    "a byte order mark": Case(DONE, f"\ufeff{GOOD}", says="doc.bom: a byte order mark begins the file"),
    "a fence that is never closed": Case(FINDINGS, f"{GOOD}\n```\n", says="md.fence-balance"),
    "front matter that is no YAML": Case(
        FINDINGS,
        f"---\ntitle: [x\n---\n\n{GOOD}",
        says="fm.valid",
        files={"zh.md": f"---\ntitle: 一\n---\n\n{SOURCE}"},
    ),
    "a key of the front matter twice": Case(
        DONE,
        f"---\ntag: x\ntag: x\n---\n\n{GOOD}",
        ("--select", "fm.*"),
        says="fm.duplicate-key",
        files={"zh.md": f"---\ntag: x\n---\n\n{SOURCE}"},
    ),
    "a link that is none": Case(
        FINDINGS,
        GOOD.replace("library](", "library] ("),
        ("--select", "md.link-syntax"),
        says="md.link-syntax",
    ),
    "a link that runs a program": Case(
        DONE,
        GOOD.replace("easy to use", "easy to [use](javascript:x)"),
        ("--select", "sec.*"),
        says="sec.scheme",
        files={"zh.md": SOURCE.replace("容易使用", "容易[使用](javascript:x)")},
    ),
    "a rule that is written in another way": Case(
        DONE,
        GOOD.replace("\n\n2.", "\n\n- - -\n\n2."),
        says="no findings",
        files={"zh.md": SOURCE.replace("\n\n2、", "\n\n***\n\n2、")},
    ),
    "a bad allowance": Case(
        USAGE,
        options=("--allow", "a.yaml"),
        tells="a.yaml:1: there is no key 'x'",
        files={"a.yaml": "x: 1\n"},
    ),
    "an ignores file that is not there": Case(USAGE, options=("--ignores", "i.yaml"), tells="i.yaml"),
    "a third file": Case(USAGE, options=("more.md",), tells="Name two files"),
    "a source that is not text": Case(USAGE, files={"zh.md": "\0"}, tells="so it is not a text file"),
    "a bad pattern": Case(USAGE, options=("--pair", "{a}.md={b}.md"), tells="is no pattern"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_check_says_what_is_wrong_and_ends_accordingly(folder: Path, case: Case) -> None:
    (folder / "en.md").write_bytes(case.target.encode())
    for name, content in case.files.items():
        (folder / name).write_text(content, "utf-8")
    code, out, err = run(folder, "check", "zh.md", "en.md", *case.options)
    assert code == case.code, err
    assert case.says in out.decode()
    assert case.tells in err
    assert case.lacks not in out.decode()
    if code != ExitCode.FINDINGS:  # else the next command follows
        assert (err == "") == (case.tells == "")
    assert (folder / "en.md").read_bytes() == case.target.encode()


def test_what_failed_is_followed_by_the_command_that_mends_it(folder: Path) -> None:
    (folder / "zh.md").write_text(SOURCE, "utf-8")
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    assert _commands(run(folder, "check", "zh.md", "en.md").err) == ["review zh.md en.md --serve"]
    (folder / "en.md").write_text(GOOD.replace("30 functions", "30 functions，"), "utf-8")
    strict = run(folder, "check", "zh.md", "en.md", "--strict").err
    assert _commands(strict) == ["check zh.md en.md --strict --fix", "review zh.md en.md --serve"]
    (folder / "en.md").write_text(GOOD, "utf-8")
    assert _commands(run(folder, "check", "zh.md", "en.md").err) == []
    pairs = run(folder, "check", "--pair", "z{name}.md=no/{name}.md", "--require-translation")
    assert _commands(pairs.err) == ["zh.md -o no/h.md"]


def _commands(told: str) -> list[str]:
    start = "  weekly-translate "
    return [line.removeprefix(start) for line in told.splitlines() if line.startswith(start)]


@pytest.mark.parametrize("piped", ["zh.md", "en.md"])
def test_one_side_may_come_through_a_pipe(folder: Path, piped: str) -> None:
    files = {"zh.md": SOURCE, "en.md": WRONG_NUMBER}
    (folder / "zh.md").write_text(SOURCE, "utf-8")
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    names = ["-" if name == piped else name for name in files]
    ended = subprocess.run(
        command("check", *names),
        input=files[piped].encode(),
        check=False,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
    )
    assert ended.returncode == ExitCode.FINDINGS
    assert b"the number 30 became 40" in ended.stdout
    assert b"weekly-translate review" not in ended.stderr


def test_a_file_is_not_its_own_translation(folder: Path) -> None:
    code, _, err = run(folder, "check", "zh.md", "./zh.md")
    assert (code, "zh.md is named twice" in err) == (USAGE, True)


def test_two_files_are_needed(folder: Path) -> None:
    code, out, err = run(folder, "check", "zh.md")
    assert (code, out) == (USAGE, b"")
    assert "Name two files" in err


def test_files_in_another_encoding_are_read_and_mended_in_it(folder: Path) -> None:
    good = GOOD.replace("gc)", "期)").encode("gb18030")
    (folder / "zh.md").write_bytes(SOURCE.replace("gc)", "期)").encode("gb18030"))
    (folder / "en.md").write_bytes(good.replace(b"is very", b"is  very"))
    code, _, err = run(folder, "check", "zh.md", "en.md", "--encoding", "gb18030", "--fix")
    assert (code, err, (folder / "en.md").read_bytes()) == (DONE, "", good)


def test_of_a_pair_one_file_may_have_another_encoding(folder: Path) -> None:
    (folder / "zh.md").write_bytes(SOURCE.replace("gc)", "期)").encode("gb18030"))
    (folder / "en.md").write_text(GOOD.replace("gc)", "期)"), "utf-8")
    code, out, err = run(folder, "check", "zh.md", "en.md", "--encoding", "gb18030")
    assert (code, err) == (DONE, ""), out


def test_json_and_sarif_carry_the_reason_of_what_is_silent(folder: Path) -> None:
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    (folder / "i.yaml").write_text(IGNORE, "utf-8")
    options = ("check", "zh.md", "en.md", "--ignores", "i.yaml", "--format")
    data = json.loads(run(folder, *options, "json").out)
    assert (data["findings"], data["suppressed"][0]["reason"]) == ([], "the author counted again")
    (result,) = json.loads(run(folder, *options, "sarif").out)["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "the author counted again"


def test_sarif_explains_every_check(folder: Path) -> None:
    log = json.loads(run(folder, "check", "zh.md", "en.md", "--format", "sarif").out)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == catalogue().keys()
    assert all(rule["help"]["text"].endswith(".") for rule in rules)


def test_the_difference_is_colored_where_colors_are_welcome(folder: Path) -> None:
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert b"\x1b[1;7m40\x1b[0m" in run(folder, "check", "zh.md", "en.md", **terminal).out
    plain = run(folder, "check", "zh.md", "en.md", **terminal, NO_COLOR="1").out.decode()
    assert "»40«" in plain
    assert "\x1b" not in plain


def test_the_width_of_the_terminal_decides_whether_lines_stand_beside_each_other(folder: Path) -> None:
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    wide, narrow = (run(folder, "check", "zh.md", "en.md", COLUMNS=columns).out for columns in ("100", "60"))
    assert (b" | This" in wide, b" | This" in narrow) == (True, False)


def test_a_closed_standard_output_is_told(folder: Path) -> None:
    shell = 'exec "$@" >&-'
    done = subprocess.run(
        ["bash", "-c", shell, "x", *command("check", "zh.md", "en.md")],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        check=False,
    )
    assert done.returncode == ExitCode.STORAGE
    assert b"standard output is closed" in done.stderr


def test_what_a_file_holds_can_not_steer_a_terminal(folder: Path) -> None:
    (folder / "en.md").write_text(GOOD.replace("30 functions", "\x1b]0;x\x0740 functions"), "utf-8")
    assert b"\x1b" not in run(folder, "check", "zh.md", "en.md", "-v").out


# --------------------------------------------------------------------------- --fix


FAULTS = {
    "a zero-width character": ("very easy", "very\u200b easy"),
    "a mark of direction": ("very easy", "very\u202e easy"),
    "Chinese punctuation": ("dependencies, supports", "dependencies，supports"),
    "the sentence twice": (
        "This article presents 30 functions of the standard library and their history.",
        " ".join(2 * ["This article presents 30 functions of the standard library and their history."]),
    ),
}


@pytest.mark.parametrize(("said", "instead"), FAULTS.values(), ids=FAULTS.keys())
def test_what_a_rule_can_mend_is_mended_and_nothing_else(folder: Path, said: str, instead: str) -> None:
    (folder / "zh.md").write_bytes(SOURCE.replace("\n", "\r\n").encode())
    (folder / "en.md").write_bytes(GOOD.replace(said, instead).replace("\n", "\r\n").encode())
    (folder / "en.md").chmod(0o640)
    code, out, _ = run(folder, "check", "zh.md", "en.md", "--fix")
    assert (folder / "en.md").read_bytes() == GOOD.replace("\n", "\r\n").encode()
    assert code == DONE
    assert out.decode().startswith("--- en.md\n+++ en.md (fixed)\n")
    assert out.decode().endswith("en.md: no findings\n")
    assert stat.S_IMODE((folder / "en.md").stat().st_mode) == 0o640


def test_each_line_of_a_paragraph_that_is_compared_as_a_whole_is_mended(folder: Path) -> None:
    source = "缓存让程序更快，因为结果只计算一次，\n以后的调用直接返回保存的值。我们介绍三种写法，\n" * 2
    target = (
        "Caches make programs faster, because a result is computed\n"
        "only once,  and later calls return the value that was saved.\n"
        "In this article we present three ways to write a cache，\n"
    ) * 2
    (folder / "zh.md").write_text(source, "utf-8")
    (folder / "en.md").write_text(target, "utf-8")
    ended = run(folder, "check", "zh.md", "en.md", "--fix")
    assert (folder / "en.md").read_text("utf-8") == target.replace(",  and", ", and").replace("，", ",")
    assert ended.code == DONE


def test_code_and_addresses_are_never_mended(folder: Path) -> None:
    source = SOURCE.replace("非常容易使用", "非常容易使用，见 `a，b`").replace("/cache)", "/缓存，库)")
    target = GOOD.replace("easy to use.", "easy to use，see `a，b`.").replace("/cache)", "/缓存，库)")
    (folder / "zh.md").write_text(source, "utf-8")
    (folder / "en.md").write_text(target, "utf-8")
    run(folder, "check", "zh.md", "en.md", "--fix")
    assert (folder / "en.md").read_text("utf-8") == target.replace("use，see", "use, see")


def test_every_fix_belongs_to_a_check() -> None:
    assert FIXES.keys() - {rule.id for rule in CHECKS.values()} == set()


@pytest.mark.parametrize("seed", range(0, 120, 4))
def test_no_fix_touches_a_link_an_image_code_or_layout(seed: int) -> None:
    texts = (generated(number) for number in range(seed, seed + 4))
    for text in texts:
        english = text.replace("a", "a\u200b", 1) + "\n\nThe the word，x  y\n"
        source, target = parse(text, every_line=True), parse(english, every_line=True)
        mended = parse(fixed(source, target, compared(source, target, Rules())), every_line=True)
        before, after = (Counter((one.kind, one.value) for one in side.features) for side in (target, mended))
        assert after == before


def test_what_is_left_after_mending_decides_how_it_ends(folder: Path) -> None:
    (folder / "en.md").write_text(WRONG_NUMBER.replace("very easy", "very\u200b easy"), "utf-8")
    code, out, _ = run(folder, "check", "zh.md", "en.md", "--fix")
    assert code == FINDINGS
    assert (folder / "en.md").read_text("utf-8") == WRONG_NUMBER
    assert "en.md: 1 error\n" in out.decode()


def test_a_translation_that_needs_no_mending_is_not_written(folder: Path) -> None:
    before = (folder / "en.md").stat().st_mtime_ns
    assert run(folder, "check", "zh.md", "en.md", "--fix").code == DONE
    assert (folder / "en.md").stat().st_mtime_ns == before


def test_the_difference_does_not_stand_in_json(folder: Path) -> None:
    (folder / "en.md").write_text(ZERO_WIDTH, "utf-8")
    code, out, err = run(folder, "check", "zh.md", "en.md", "--fix", "--format", "json")
    assert (code, json.loads(out)["findings"]) == (DONE, [])
    assert "+++ en.md (fixed)" in err


def test_a_link_is_not_written_through(folder: Path) -> None:
    (folder / "real.md").write_text(ZERO_WIDTH, "utf-8")
    (folder / "en.md").unlink()
    (folder / "en.md").symlink_to("real.md")
    code, _, err = run(folder, "check", "zh.md", "en.md", "--fix")
    assert code == USAGE
    assert "en.md" in err
    assert (folder / "real.md").read_text("utf-8") == ZERO_WIDTH


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_protected_file_is_not_written(folder: Path) -> None:
    (folder / "en.md").write_text(ZERO_WIDTH, "utf-8")
    (folder / "en.md").chmod(0o440)
    assert run(folder, "check", "zh.md", "en.md", "--fix").code == ExitCode.STORAGE
    assert (folder / "en.md").read_text("utf-8") == ZERO_WIDTH


# --------------------------------------------------------------------------- many pairs


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for name in ("one", "two", "three"):
        for side, text in (("docs", SOURCE), ("en", GOOD)):
            (tmp_path / side).mkdir(exist_ok=True)
            (tmp_path / side / f"{name}.md").write_text(text, "utf-8")
    (tmp_path / "en" / "two.md").write_text(WRONG_NUMBER, "utf-8")
    (tmp_path / "en" / "three.md").unlink()
    (tmp_path / "README.md").write_text("# About\n", "utf-8")
    return tmp_path


PAIR = ("check", "--pair", "docs/{name}.md=en/{name}.md")


@pytest.mark.parametrize(
    ("files", "code", "checked", "tells"),
    [
        ((), FINDINGS, ["one", "two"], "en/three.md does not exist"),
        (("docs/one.md",), DONE, ["one"], ""),
        (("en/two.md", "docs/two.md", "README.md"), FINDINGS, ["two"], ""),
        (("docs/three.md",), DONE, [], "en/three.md does not exist"),
        (("README.md",), DONE, [], "None of these files belongs to a pair: nothing is checked."),
    ],
)
def test_changed_files_find_their_other_half(
    many: Path, files: tuple[str, ...], code: ExitCode, checked: list[str], tells: str
) -> None:
    ended = run(many, *PAIR, "--format", "json", *files)
    assert ended.code == code
    assert [pair["target"] for pair in json.loads(ended.out)["pairs"]] == [
        f"en/{name}.md" for name in checked
    ]
    assert tells in ended.err


@pytest.mark.parametrize(
    ("pattern", "tells"),
    [
        ("dosc/{name}.md=en/{name}.md", "no file fits 'dosc/{name}.md'; did you mean docs?"),
        (
            "docs/{name}.md=em/{name}.md",
            "docs/one.md is there, but em/one.md is not; did you mean en/one.md?",
        ),
        ("docs/**/{name}.md=en/**/{name}.md", "For folders below, write {path}, without *."),
        ("docs/{name}.txt=en/{name}.txt", "no file fits 'docs/{name}.txt'. Mend the pattern of --pair."),
    ],
)
@pytest.mark.parametrize("files", [(), ("README.md",)])
def test_no_pair_at_all_is_an_error(many: Path, pattern: str, tells: str, files: tuple[str, ...]) -> None:
    ended = run(many, "check", "--pair", pattern, *files)
    assert (ended.code, ended.out) == (USAGE, b"")
    assert tells in ended.err


@pytest.mark.parametrize("files", [(), ("docs/three.md",)])
def test_a_source_without_english_fails_where_a_translation_is_required(
    many: Path, files: tuple[str, ...]
) -> None:
    (many / "en" / "two.md").write_text(GOOD, "utf-8")
    assert run(many, *PAIR, *files).code == DONE
    ended = run(many, *PAIR, "--require-translation", "--format", "github", *files)
    assert ended.code == FINDINGS
    said = "file=docs/three.md,line=1,title=doc.untranslated::its translation en/three.md does not exist"
    assert said in ended.out.decode()


def test_a_file_that_is_misspelled_is_guessed(many: Path) -> None:
    ended = run(many, "check", "docs/one.md", "en/on.md")
    assert (ended.code, ended.err) == (USAGE, "en/on.md does not exist: did you mean en/one.md?\n")


def test_without_a_glossary_no_term_is_missed(folder: Path) -> None:
    (folder / "glossary.yaml").write_text("- source: 缓存库\n  target: caching toolkit\n", "utf-8")
    assert b"term.missing" in run(folder, "check", "zh.md", "en.md").out
    assert b"term.missing" not in run(folder, "check", "zh.md", "en.md", "--glossary", "none").out


def test_every_check_can_be_listed(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "check", "--list", "--format", "json").out)["checks"]
    assert {one["id"]: one["severities"] for one in listed} == {
        id_: [severity.value for severity in entry.severities] for id_, entry in catalogue().items()
    }
    text = run(tmp_path, "check", "--list", COLUMNS="60").out.decode()
    assert "url.missing (error)\n  Each address is there, as a link.\n" in text
    assert all(len(line) <= 60 for line in text.splitlines())


def test_what_is_watched_is_checked_again_after_a_change(folder: Path) -> None:
    (folder / "en.md").write_text(WRONG_NUMBER, "utf-8")
    watching = start(folder, "check", "--watch", "zh.md", "en.md")
    assert watching.stdout is not None
    lines = iter(watching.stdout.readline, b"")
    assert next(line for line in lines if line.startswith(b"en.md:")) == b"en.md: 1 error\n"
    (folder / "en.md").write_text(GOOD, "utf-8")
    assert next(line for line in lines if line.startswith(b"en.md:")) == b"en.md: no findings\n"
    watching.send_signal(signal.SIGINT)
    assert watching.wait() == DONE
    watching.communicate()


def test_settings_with_a_fault_do_not_end_what_is_watched(folder: Path) -> None:
    (folder / "en.md").write_text(GOOD, "utf-8")
    watching = start(folder, "check", "--watch", "zh.md", "en.md")
    assert watching.stdout is not None
    assert watching.stderr is not None
    found, told = iter(watching.stdout.readline, b""), iter(watching.stderr.readline, b"")
    assert next(found) == b"en.md: no findings\n"
    assert next(line for line in told if b"Watching" in line)
    settings = folder / "weekly-translate.toml"
    settings.write_text("x = [\n", "utf-8")
    assert b"weekly-translate.toml cannot be read" in next(told)
    settings.write_text("", "utf-8")
    assert next(found) == b"en.md: no findings\n"
    watching.send_signal(signal.SIGINT)
    assert watching.wait() == DONE
    watching.communicate()


def test_a_changed_file_may_be_given_by_its_whole_path(many: Path) -> None:
    ended = run(many, *PAIR, "--format", "json", str(many.resolve() / "en" / "two.md"))
    assert [pair["target"] for pair in json.loads(ended.out)["pairs"]] == ["en/two.md"]


def test_what_other_pairs_may_need_is_not_called_unneeded(many: Path) -> None:
    (many / "i.yaml").write_text(IGNORE, "utf-8")
    (many / "a.yaml").write_text(UNNEEDED, "utf-8")
    options = ("--ignores", "i.yaml", "--allow", "a.yaml")
    assert run(many, *PAIR, *options, "docs/one.md").err == ""
    assert "a.yaml:2: nothing in the source" in run(many, *PAIR, *options).err


def test_an_ignore_is_needed_if_one_pair_of_many_needs_it(many: Path) -> None:
    (many / "i.yaml").write_text(IGNORE, "utf-8")
    code, _, err = run(many, *PAIR, "--ignores", "i.yaml", "docs/one.md", "docs/two.md")
    assert (code, err) == (DONE, "2 pairs: no errors and no warnings\n")


@pytest.mark.parametrize(
    ("pattern", "file", "couple"),
    [
        ("docs/{n}.md=en/{n}.md", "docs/a b.md", ("docs/a b.md", "en/a b.md")),
        ("docs/{n}.md=en/{n}.md", "en/期.md", ("docs/期.md", "en/期.md")),
        ("./{n}.md={n}.en.md", "1.md", ("1.md", "1.en.md")),
        ("./{n}.md={n}.en.md", "1.en.md", ("1.md", "1.en.md")),
        ("{y}/zh/{n}.md={y}/{n}.md", "2024/zh/7.md", ("2024/zh/7.md", "2024/7.md")),
        ("{y}/{n}.md=en/{n}-{y}.md", "en/7-2024.md", ("2024/7.md", "en/7-2024.md")),
        ("docs/{n}.md=en/{n}.md", "docs/deep/a.md", None),
        ("docs/{n}.md=en/{n}.md", "docsXa.md", None),
    ],
)
def test_a_pattern_couples_files(pattern: str, file: str, couple: tuple[str, str] | None) -> None:
    expected = [FilePair(*map(Path, couple))] if couple else []
    assert file_pairs_of([Path(file)], [parse_pattern(pattern)]) == expected


@pytest.mark.parametrize(
    "pattern", ["a.md=b.md", "{n}.md", "{n}.md={m}.md", "{n}{n}=b{n}", "{n}={n}={n}", "=", ""]
)
def test_a_pattern_that_couples_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="is no pattern"):
        parse_pattern(pattern)


def test_a_pattern_outside_the_folder_finds_nothing_by_itself(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="relative to the current folder"):
        all_file_pairs([parse_pattern("/docs/{n}.md=/en/{n}.md")], tmp_path)


def test_stars_and_brackets_in_a_pattern_are_only_characters(tmp_path: Path) -> None:
    (tmp_path / "[a]").mkdir()
    (tmp_path / "[a]" / "x.md").write_text("x", "utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "y.md").write_text("y", "utf-8")
    found = all_file_pairs([parse_pattern("[a]/{n}.md=en/{n}.md")], tmp_path)
    assert found == [FilePair(Path("[a]/x.md"), Path("en/x.md"))]


# --------------------------------------------------------------------------- pre-commit and GitHub


def _yaml(name: str) -> Any:  # noqa: ANN401 - as it stands in the file
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_pre_commit_hook_gives_the_command_what_it_takes(many: Path) -> None:
    (hook,) = _yaml(".pre-commit-hooks.yaml")
    program, *arguments = hook["entry"].split()
    assert program == "weekly-translate"
    ended = run(many, *arguments, *PAIR[1:], "en/two.md", "README.md")
    assert ended.code == FINDINGS


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_last_line_about_many_pairs_counts_them(many: Path) -> None:
    said = run(many, *PAIR).err.splitlines()
    assert "2 pairs: 1 error in 1 file" in said
    (many / "en/two.md").write_bytes((many / "en/one.md").read_bytes())
    (many / "docs/two.md").write_bytes((many / "docs/one.md").read_bytes())
    assert run(many, *PAIR).err.splitlines()[-1] == "2 pairs: no errors and no warnings"


@pytest.mark.parametrize(
    ("source", "target", "tells"),
    [
        (SOURCE, "", "en/one.md is empty: there is no text in it\n"),
        (GOOD, SOURCE, "en/one.md is Chinese and docs/one.md is not: name the Chinese file first"),
    ],
    ids=["an empty file", "a pair in the wrong order"],
)
def test_a_pair_that_is_refused_hides_nothing_about_the_others(
    many: Path, source: str, target: str, tells: str
) -> None:
    (many / "docs/one.md").write_text(source, "utf-8")
    (many / "en/one.md").write_text(target, "utf-8")
    ended = run(many, *PAIR)
    assert ended.code == ExitCode.USAGE
    assert "en/two.md: 1 error" in ended.out.decode() + ended.err
    assert tells in ended.err


def test_pairs_in_folders_below_are_not_passed_over_silently(many: Path) -> None:
    for side, text in (("docs", SOURCE), ("en", WRONG_NUMBER)):
        for name in ("four", "five"):
            (many / side / "below").mkdir(exist_ok=True)
            (many / side / "below" / f"{name}.md").write_text(text, "utf-8")
    told = run(many, *PAIR).err
    option = "--pair 'docs/{path}.md=en/{path}.md'"
    assert f"not checked: docs/below/five.md and 1 more in folders below; {option} checks them, too\n" in told
    whole = run(many, "check", "--pair", "docs/{path}.md=en/{path}.md")
    assert ("in folders below" in whole.err, "4 pairs: 3 errors in 3 files" in whole.err) == (False, True)
    assert "in folders below" not in run(many, *PAIR, "docs/one.md").err, "only what was named is checked"


def test_two_folders_are_pairs_by_a_pattern(many: Path) -> None:
    ended = run(many, "check", "docs", "en")
    assert ended.code == ExitCode.USAGE
    assert "are folders: name their files by --pair 'docs/{name}.md=en/{name}.md'" in ended.err


@pytest.mark.parametrize(
    ("changed_only", "based", "changed", "given"),
    [
        ("true", True, ["en/two.md"], ["--", "en/two.md"]),
        ("true", True, ["docs/期 1.md"], ["--", "docs/期 1.md"]),
        ("true", True, ["-en/two.md"], ["--", "en/two.md"]),
        ("true", True, ["notes.txt"], None),
        ("true", False, ["en/two.md"], []),
        ("false", True, ["en/two.md"], []),
    ],
)
def test_the_action_checks_the_files_that_a_pull_request_changes(
    many: Path,
    changed_only: str,
    based: bool,  # noqa: FBT001 - a case
    changed: list[str],
    given: list[str] | None,
) -> None:
    finding = "::error file=en/two%2C2.md,line=5,title=num.value::5%25 became 6%25"
    script = f"#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$CALLED\"\necho '{finding}'\n"
    (many / "weekly-translate").write_text(script, "utf-8")
    (many / "weekly-translate").chmod(0o755)
    _git(many, "init", "-q")
    _git(many, "add", ".")
    _git(many, "commit", "-q", "-m", "base")
    base = _git(many, "rev-parse", "HEAD")
    for name in changed:
        if name.startswith("-"):
            (many / name[1:]).unlink()
        else:
            (many / name).write_text("# Changed\n", "utf-8")
    _git(many, "add", ".")
    _git(many, "commit", "-q", "-m", "change")
    step = _yaml("action.yml")["runs"]["steps"][-1]
    variables = {
        "PATH": f"{many}{os.pathsep}{os.environ['PATH']}",
        "CALLED": str(many / "called"),
        "PAIRS": "docs/{name}.md=en/{name}.md\n",
        "CHANGED_ONLY": changed_only,
        "OPTIONS": "--strict",
        "BASE": base if based else "",
        "GITHUB_STEP_SUMMARY": str(many / "summary"),
    }
    assert step["env"].keys() <= variables.keys()
    subprocess.run(["bash", "-c", step["run"]], cwd=many, env=variables, check=True, capture_output=True)
    if given is None:
        assert not (many / "called").exists()
    else:
        expected = ["check", "--format", "github", "--strict", *PAIR[1:], *given]
        assert (many / "called").read_text("utf-8").splitlines() == expected
        told = "### Translations: errors 1, warnings 0\n- error in en/two,2.md:5, num.value: 5% became 6%\n"
        assert (many / "summary").read_text("utf-8") == told


# --------------------------------------------------------------------------- what cannot be read

UNREADABLE = "# 标题\n\n引用 " + "*甲 **乙 " * 2_000 + "\n"


def test_chinese_that_cannot_be_read_is_an_error_in_a_translation(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text(UNREADABLE, "utf-8")
    ended = run(tmp_path, "zh.md", "-o", "en.md", "--engine", "draft", "--allow-partial")
    assert ended.code == ExitCode.FINDINGS
    assert "error doc.unreadable: line 3 is left as it is, “引用 *甲" in ended.err
    assert "引用 *甲" in (tmp_path / "en.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (UNREADABLE, ExitCode.FINDINGS),
        ("# Title\n\nQuote " + "*a **b " * 2_000 + "\n", 0),
    ],
)
def test_of_two_files_the_translation_must_hold_no_chinese_that_cannot_be_read(
    tmp_path: Path, text: str, code: int
) -> None:
    (tmp_path / "zh.md").write_text(UNREADABLE, "utf-8")
    (tmp_path / "en.md").write_text(text, "utf-8")
    ended = run(tmp_path, "check", "zh.md", "en.md")
    assert (ended.code, b"warning doc.unreadable" in ended.out) == (code, True)


@pytest.mark.parametrize(("label", "kept"), [("here", []), ("this report", ["cedict"])])
def test_a_dictionary_is_unpacked_only_where_a_word_has_to_be_looked_up(
    tmp_path: Path, label: str, kept: list[str]
) -> None:
    (tmp_path / "zh.md").write_text("本周的新闻，详见[这里](https://example.com/a)。\n", encoding="utf-8")
    (tmp_path / "en.md").write_text(f"The news of this week, [{label}](https://example.com/a).\n", "utf-8")
    ended = run(tmp_path, "check", "zh.md", "en.md", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert ended.code == ExitCode.DONE
    assert [path.name for path in (tmp_path / "cache/weekly-translate").glob("cedict*")] == kept
