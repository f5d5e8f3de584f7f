"""What a person sees in a real terminal, at several widths."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from typing import TYPE_CHECKING

import pytest

from forking import forked, on_terminal
from program import environment
from server import Fault, MisbehavingServer
from weekly_translate.report.text import cells

if TYPE_CHECKING:
    from pathlib import Path

ISSUE = """\
# 周刊

这篇文章介绍了标准库里的 30 个函数，还有它们的历史，以及为什么其中一些函数直到今天都没有人使用。

另一个段落讲的是一个很快的缓存库，它没有任何依赖，支持过期时间和容量上限。
"""
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\r")


def shown(folder: Path, width: int, *arguments: str, url: str, typed: str = "") -> list[str]:
    """The lines that stand on a terminal of so many columns when the command has ended."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    variables = environment(folder, {"OPENAI_BASE_URL": url, "TERM": "xterm-256color"})
    process = forked(folder, arguments, variables, on_terminal(theirs))
    os.close(theirs)
    os.write(ours, typed.encode())
    pieces = []
    try:
        while piece := os.read(ours, 65_536):
            pieces.append(piece)
    except OSError:  # Linux tells the end of a terminal in this way
        pass
    finally:
        os.close(ours)
    process.wait()
    text = _CONTROL.sub("", b"".join(pieces).decode())
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_verdict_comes_first_nothing_twice_and_no_word_is_broken(tmp_path: Path, width: int) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    with MisbehavingServer(Fault("echo", where="缓存")) as server:
        lines = shown(tmp_path, width, "issue.md", "-o", "issue.en.md", url=server.url)
    told = [line for line in lines if "━" not in line and "segments, 1 request" not in line and line]
    verdict = next(number for number, line in enumerate(told) if line.startswith("not written: 1 error"))
    assert not any("error seg.missing" in line for line in told[:verdict])
    text = " ".join(told[verdict:])
    assert text.count("seg.missing") == 1
    assert "error seg.missing “另一个段落讲的是一个很快的缓存库…”" in re.sub(r"(?<=的)\s+(?=缓)", "", text)
    assert "[s0" not in text
    (to_paste,) = (
        line for line in told if line.startswith("  weekly-translate review issue.md issue.en.md --")
    )
    assert all(cells(line) <= width for line in told if line != to_paste)
    words = {"stays", "Chinese:", "translated", "writes", "allow-partial", "requests", "segments"}
    assert words - set(re.findall(r"[\w:-]+", text.replace("--allow", "allow"))) == set()


@pytest.mark.parametrize("arguments", [("issue.md", "-o", "en.md"), ("season", "issue.md", "-o", "en")])
def test_what_is_to_be_pasted_is_whole_on_a_narrow_terminal(tmp_path: Path, arguments: tuple[str]) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    again = f"  weekly-translate {' '.join(arguments)}"
    lines = shown(tmp_path, 60, *arguments, url="")
    place = lines.index("With a model of yours:")
    assert lines[place - 1 : place + 2 : 2] == [
        again,
        f"{again} --base-url http://localhost:11434/v1 --model qwen3:14b",
    ]
    assert lines[-1] == f"{again} --engine draft", "and nothing about going on with the same command"


ENGLISH = """\
# Weekly

This article presents 40 functions of the standard library, and says why some of them are used by nobody.

Another paragraph is about a [fast caching library](https://example.org/) without dependencies.

Thanks to all readers who have written to us about the last issue: there were a great many of them.
"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize(
    "arguments",
    [
        ("season", "issue.md", "-o", "en"),
        ("season", "issue.md", "-o", "en", "--plan"),
        ("check", "issue.md", "theirs.md"),
        ("issue.md", "-o", "theirs.md"),
        ("memory", "learn", "issue.md", "theirs.md", "--status", "edited"),
        ("init", "newsletter"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]) if isinstance(arguments, tuple) else str(arguments),
)
def test_no_line_is_too_wide_and_no_word_is_broken(tmp_path: Path, width: int, arguments: tuple[str]) -> None:
    """What is to be pasted, and the lines of a file that a difference shows, are as long as they are."""
    told: dict[int, list[str]] = {}
    with MisbehavingServer(Fault("echo", where="缓存")) as server:
        for columns in (width, 400):
            folder = tmp_path / str(columns)
            folder.mkdir()
            (folder / "issue.md").write_text(ISSUE, "utf-8")
            (folder / "theirs.md").write_text(ENGLISH, "utf-8")
            lines = shown(folder, columns, *arguments, url=server.url)
            told[columns] = [
                line
                for line in lines
                if not re.match(r"  weekly-translate |[-+ @]", line) and "━" not in line
            ]
    assert all(cells(line) <= width for line in told[width])
    narrow, wide = ({*re.findall(r"[A-Za-z]{3,}", " ".join(told[columns]))} for columns in (width, 400))
    assert narrow <= wide


def test_a_season_quotes_what_its_errors_are_about(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    with MisbehavingServer(Fault("echo", where="缓存")) as server:
        lines = shown(tmp_path, 120, "season", "issue.md", "-o", "en", url=server.url)
    assert any("error seg.missing “另一个段落讲的是一个很快的缓存库…”" in line for line in lines)


@pytest.mark.parametrize(
    ("typed", "says"), [("n\n", "Nothing was sent."), ("\n", "Nothing was sent."), ("y\n", "would exceed")]
)
def test_a_budget_below_the_forecast_is_asked_about(tmp_path: Path, typed: str, says: str) -> None:
    """Where one says yes, the first request is too much for this one, and the run ends there."""
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    prices = '[prices."gpt-5-mini"]\ninput = 1.0\noutput = 100.0\n'
    (tmp_path / "weekly-translate.toml").write_text(prices, "utf-8")
    with MisbehavingServer() as server:
        arguments = ("issue.md", "-o", "issue.en.md", "--budget", "0.001")
        text = " ".join(shown(tmp_path, 120, *arguments, url=server.url, typed=typed))
        assert not server.requests
    assert "and the budget $0.001. Translate as much as it allows? [y/N]" in text
    assert says in text
