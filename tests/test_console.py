"""What a person sees of findings, progress and waiting."""

from __future__ import annotations

import pytest

from weekly_translate.cli.run_messages import issue_progress
from weekly_translate.cli.terminal import Terminal, clean, waits_told
from weekly_translate.model import Finding, Severity, Usage

CLEANED = {
    "中文, Ł, 🦄 and\ttabs\n": "中文, Ł, 🦄 and\ttabs\n",
    "a\r\nb": "a\nb",
    "a\rb\x00\x07\x7f": r"a\rb\x00\x07\x7f",
    "\x1b[31mred\x1b[0m": r"\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07 \x1b]8;;https://example.org\x1b\\": r"\x1b]0;title\x07 \x1b]8;;https://example.org\x1b\\",
    "\x1bPq\x1b\\ \x1b7 \x1b": r"\x1bPq\x1b\\ \x1b7 \x1b",
    "\x9b31m \x9d0;x\x9c": r"\x9b31m \x9d0;x\x9c",
    "\u202eabc\u2066\u200e\u061c": r"\u202eabc\u2066\u200e\u061c",
    "a\U000e0041\U000e007f": r"a\U000e0041\U000e007f",
    "[/] [bold] :smile: {x}": "[/] [bold] :smile: {x}",
}


@pytest.mark.parametrize(("text", "cleaned"), CLEANED.items())
def test_what_would_steer_a_terminal_is_shown_instead(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_many_unfinished_escapes_take_no_time() -> None:
    assert clean("\x1b]" * 50_000) == r"\x1b]" * 50_000


def finding(severity: Severity, line: int | None, check: str = "num.figure", **more: int | str) -> Finding:
    return Finding(check, severity, f"message {line}", source_line=line, **more)  # type: ignore[arg-type]


FINDINGS = [
    finding(Severity.WARNING, 9),
    finding(Severity.INFO, 1),
    finding(Severity.WARNING, 2, "seg.draft"),
    finding(Severity.ERROR, 7, segment="s004", target_line=8),
    finding(Severity.ERROR, None, "doc.links"),
]


def shown(capsys: pytest.CaptureFixture[str], findings: list[Finding], **how: bool) -> list[str]:
    Terminal(**how).show_findings("issue.md", findings, {})
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_errors_come_first_then_the_order_of_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, FINDINGS) == [
        "issue.md: error doc.links: message None",
        "issue.md:7 (line 8 of the result): error num.figure: message 7",
        "issue.md:9: warning num.figure: message 9",
    ]


def test_verbose_shows_drafts_and_information_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split(": ")[1] for line in shown(capsys, FINDINGS, verbose=True)] == [
        "error doc.links",
        "error num.figure",
        "warning seg.draft",
        "warning num.figure",
        "info num.figure",
    ]


def test_quiet_shows_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(shown(capsys, FINDINGS, quiet=True)) == 2
    Terminal(quiet=True).say("Hello.")
    Terminal(quiet=True).show_rows([("segments", "3")])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("number", "last"), [(20, "message 20"), (21, "1 more warning (-v"), (40, "20 more warnings (-v")]
)
def test_no_more_than_twenty_warnings_are_shown(
    capsys: pytest.CaptureFixture[str], number: int, last: str
) -> None:
    lines = shown(capsys, [finding(Severity.WARNING, line) for line in range(1, number + 1)])
    assert len(lines) == min(number, 21)
    assert last in lines[-1]


def test_a_foreign_name_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().complain("a\nerror: [bold]b\x1b[2J does not exist")
    assert capsys.readouterr().err == "a\\nerror: [bold]b\\x1b[2J does not exist\n"


def test_progress_is_told_at_every_fifth(capsys: pytest.CaptureFixture[str]) -> None:
    with issue_progress(Terminal(), "issue.md") as told:
        told(0, 1000, Usage())
        for settled in range(1001):
            told(settled, 1000, Usage(requests=1 + settled // 5))
    assert capsys.readouterr().err.splitlines() == [
        "issue.md: 0 of 1,000 segments, 1 request",
        *(f"issue.md: {n * 200:,} of 1,000 segments, {1 + n * 40} requests" for n in range(1, 6)),
    ]


def test_a_wait_is_told_once_for_all_workers_and_a_long_one_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = waits_told(Terminal())
    for seconds in (0.4, 1.2, 3.0, 30.0, 45.0):
        told("HTTP 503", seconds)
    told("HTTP 429", 2.0)
    assert capsys.readouterr().err.splitlines() == [
        "waiting 1 s: HTTP 503",
        "waiting 30 s: HTTP 503",
        "waiting 45 s: HTTP 503",
        "waiting 2 s: HTTP 429",
    ]
