"""Asking anew: `--fresh` and `--retranslate-from`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program import KEY, run
from server import Fault, MisbehavingServer
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("either_database")

ISSUE = "# 周刊\n\n本周的新闻，详见[这里](https://example.com/a)。\n\n另一个段落讲的是别的东西。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "issue.md").write_text(ISSUE, "utf-8")
    return tmp_path


def test_another_model_is_asked_anew_where_a_person_wants_that(folder: Path) -> None:
    with MisbehavingServer() as server:
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        issue = ("issue.md", "-o", "issue.en.md")
        assert run(folder, *issue, "--model", "one", **variables).code == ExitCode.DONE
        asked = len(server.asked)
        kept = run(folder, *issue, "--model", "two", **variables)
        assert ("made by   3 one" in kept.err, len(server.asked)) == (True, asked)

        anew = run(folder, *issue, "--model", "two", "--retranslate-from", "one", **variables)
        assert ("made by   3 two" in anew.err, len(server.asked)) == (True, 2 * asked)
        unknown = run(folder, *issue, "--retranslate-from", "on", **variables)
        assert unknown.code == ExitCode.USAGE
        assert "it has those of two." in unknown.err

        run(folder, "memory", "learn", "issue.md", "issue.en.md", **variables)
        fresh = run(folder, *issue, "--model", "three", "--fresh", **variables)
        assert ("made by   3 by a person" in fresh.err, len(server.asked)) == (True, 2 * asked)


def test_what_was_asked_anew_before_an_end_is_not_asked_again(folder: Path) -> None:
    """The answers of the first model that are left are those that the second run still has to replace."""
    variables = {"OPENAI_API_KEY": KEY}
    text = "\n\n".join(
        f"第{name}段讲的是{name}的历史。" for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    )
    (folder / "issue.md").write_text(text, "utf-8")
    issue = ("issue.md", "-o", "issue.en.md", "--jobs", "1")
    with MisbehavingServer() as server:
        first = run(folder, *issue, "--model", "qwen3:4b", OPENAI_BASE_URL=server.url, **variables)
        assert "made by   20 qwen3:4b" in first.err
    anew = (*issue, "--model", "two:1b", "--retranslate-from", "qwen3:4b")
    with MisbehavingServer(Fault("http_401", where="酉的历史")) as server:
        stopped = run(folder, *anew, OPENAI_BASE_URL=server.url, **variables)
        assert stopped.code == ExitCode.ENGINE
    with MisbehavingServer() as server:
        ended = run(folder, *anew, OPENAI_BASE_URL=server.url, **variables)
        assert ended.code == ExitCode.DONE
        assert "made by   20 two:1b" in ended.err
        assert 0 < len(server.asked) < 20


def test_fresh_asks_for_every_answer_of_a_machine(folder: Path) -> None:
    with MisbehavingServer() as server:
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        run(folder, "issue.md", "-o", "issue.en.md", **variables)
        asked = len(server.asked)
        plan = run(folder, "issue.md", "--plan", "--fresh", **variables)
        assert "segments  3: 3 to translate" in plan.err
        assert run(folder, "issue.md", "-o", "issue.en.md", "--fresh", **variables).code == ExitCode.DONE
        assert len(server.asked) == 2 * asked
