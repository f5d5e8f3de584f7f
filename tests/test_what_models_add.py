"""What a model adds or a source hides, from the request to the written file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from program import run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stored_text_that_a_rule_mends_today_blocks_no_run(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("# 本周要闻\n\n谢谢阅读。\n", "utf-8")
    arguments = ("issue.md", "-o", "out.md", "--memory", "memory.db")
    with MisbehavingServer() as server:
        assert run(tmp_path, *arguments, OPENAI_BASE_URL=server.url).code == ExitCode.DONE
        written = (tmp_path / "out.md").read_bytes()
        with closing(sqlite3.connect(tmp_path / "memory.db")) as database, database:
            database.execute("UPDATE entries SET target = '🚀 ' || target WHERE source LIKE '%要闻%'")
        asked = len(server.requests)
        assert run(tmp_path, *arguments, OPENAI_BASE_URL=server.url).code == ExitCode.DONE
        assert (len(server.requests), (tmp_path / "out.md").read_bytes()) == (asked, written)


def test_what_the_source_hides_is_copied_and_told(tmp_path: Path) -> None:
    flag = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    (tmp_path / "issue.md").write_text(f"谢谢阅读 {flag}。\n\n```\n\x1b[2J\n```\n", "utf-8")
    with MisbehavingServer() as server:
        ended = run(tmp_path, "issue.md", "-o", "out.md", OPENAI_BASE_URL=server.url)
    told = [line for line in ended.err.splitlines() if " char." in line]
    assert told == ["issue.md:4: warning char.control: the control character U+001B of the source is copied"]


def test_check_tells_what_both_files_hide(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text("谢谢\U000e0041\U000e0042阅读。\n", "utf-8")
    (tmp_path / "en.md").write_text("Thanks\U000e0041\U000e0042 for reading.\n", "utf-8")
    said = " ".join(run(tmp_path, "check", "zh.md", "en.md").out.decode().split())
    assert "the hidden character U+E0041 and 1 more of the source is copied" in said
