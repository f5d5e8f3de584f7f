from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES, GOAL = 4_000, 3.0
"""Lines of a pair, and seconds of the processor for the whole command."""
PIECES, GROWTH = 2_000, 2.6
"""Of a text that is one piece again and again, and how much longer one may take that is twice as long."""
SHAPES = {
    "figures": ("1,", "1,"),
    "numbers with a hedge": ("超过 {n} 个，", "over {n}, "),
    "names": ("使用 Kelp{n} ", "Using Kelp{n} "),
    "emoji": ("🐍文", "🐍 text "),
    "quotes": ("“中文”", "“text” "),
    "sentences": ("这很好。", "This is good. "),
    "links": ("[链接{n}](https://a.example/{n}) ", "[link {n}](https://a.example/{n}) "),
    "other links": ("[链接{n}](https://a.example/{n}) ", "[link {n}](https://b.example/{n}) "),
    "brackets without an end": ("[", "["),
    "bold without an end": ("**粗", "**bold"),
    "code without an end": ("`a 文", "`a text "),
    "tags without an end": ("文<br ", "text <br "),
    "lines": ("这是第{n}行，\n", "This is line {n},\n"),
    "items": ("- 项目{n}\n", "- Item {n}\n"),
    "headings": ("## 第{n}节\n\n这是第{n}段。\n\n", "## Section {n}\n\nThis is paragraph {n}.\n\n"),
    "the same paragraph": ("这是同一段文字。\n\n", "This is the same text.\n\n"),
    "code blocks": ("```sh\nrun {n}\n```\n\n", "```sh\nrun 1{n}\n```\n\n"),
    "HTML": ('<div id="a{n}">\n\n文字\n\n</div>\n\n', '<div id="b{n}">\n\ntext\n\n</div>\n\n'),
    "footnotes": ("文[^{n}]。\n\n[^{n}]: 注\n\n", "Text[^{n}].\n\n[^{n}]: note\n\n"),
}


def checking() -> Iterator[Row]:
    """How long `check` takes for a season in one file: samples in a row, each with addresses of its own.

    Then the same without anything that a line is recognized by, which leaves its length; and how the time
    grows with texts of one piece.
    """
    chinese, english = (_in_a_row(name) for name in ("source.md", "en.md"))
    yield _row("with addresses and numbers", chinese, english)
    bare = re.sub(r"[^\u3400-\u9fff。，\n]", "", chinese), re.sub(r"[^A-Za-z., \n]", "", english)
    yield _row("words only", *bare)
    for what, pieces in SHAPES.items():
        short, long = (
            _seconds(*(_repeated(piece, count) for piece in pieces)) for count in (PIECES, 2 * PIECES)
        )
        measured = f"{short:.2f} s, {long:.2f} s for twice as many"
        yield Row(f"check {PIECES:,} {what}", measured, f"<= {GROWTH:g}x", long <= GROWTH * short)


def _repeated(piece: str, count: int) -> str:
    return "# 1\n\n" + "".join(piece.replace("{n}", str(number)) for number in range(count)) + "\n"


def _in_a_row(name: str) -> str:
    sample = (ROOT / "samples/full" / name).read_text("utf-8")
    copies = LINES // sample.count("\n") + 1
    return "\n\n".join(sample.replace("://", f"://{copy}.") for copy in range(copies))


def _row(what: str, source: str, target: str) -> Row:
    lines = min(source.count("\n"), target.count("\n"))
    seconds = _seconds(source, target)
    return Row(f"check {lines:,} lines, {what}", f"{seconds:.2f} s", f"<= {GOAL:g} s", seconds <= GOAL)


def _seconds(source: str, target: str) -> float:
    """Of the processor, and so not of what else the machine does."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("zh.md", "en.md")]
        for file, text in zip(files, (source, target), strict=True):
            Path(file).write_text(text, "utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "weekly_translate", "check", *files, f"--project={ROOT}"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode in (0, 1)  # with or without findings
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
