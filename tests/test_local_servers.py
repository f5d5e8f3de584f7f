"""Servers that already run on this machine are found, named with the command to paste, and used by name."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from program import run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.llm.providers import LocalServer, found, ports_in

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "# 周刊\n\n文章讲解了垃圾回收的原理。\n"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_server_is_found_with_the_model_that_suits_best() -> None:
    with MisbehavingServer() as first, MisbehavingServer() as second, MisbehavingServer() as empty:
        first.models = ["nomic-embed-text", "qwen3:8b", "hy-mt2:1.8b"]
        second.models = ["qwen2.5-7b-instruct"]
        servers = list(found([closed_port(), empty.port, first.port, second.port]))
        assert servers == [
            LocalServer(f"http://127.0.0.1:{first.port}/v1", "hy-mt2:1.8b"),
            LocalServer(f"http://127.0.0.1:{second.port}/v1", "qwen2.5-7b-instruct"),
        ]


def test_what_is_no_model_server_is_passed_over() -> None:
    """A port that is open and says nothing costs a fraction of a second."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert list(found([silent.getsockname()[1]])) == []


def test_the_environment_may_name_other_ports() -> None:
    assert ports_in({}) == (11434, 1234, 8080)
    assert ports_in({"WEEKLY_TRANSLATE_LOCAL_PORTS": "8081, 9000"}) == (8081, 9000)
    assert ports_in({"WEEKLY_TRANSLATE_LOCAL_PORTS": ""}) == ()


def test_without_a_key_the_server_that_runs_is_named(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text(SOURCE, "utf-8")
    with MisbehavingServer() as server:
        server.models = ["qwen3:8b"]
        ended = run(tmp_path, "zh.md", "-o", "en.md", WEEKLY_TRANSLATE_LOCAL_PORTS=str(server.port))
        assert not server.requests
    assert ended.code == ExitCode.USAGE
    assert f"zh.md -o en.md --base-url http://127.0.0.1:{server.port}/v1 --model qwen3:8b" in ended.err


def test_the_engine_local_takes_the_server_that_is_there_and_gives_it_no_key(tmp_path: Path) -> None:
    (tmp_path / "zh.md").write_text(SOURCE, "utf-8")
    (tmp_path / "weekly-translate.toml").write_text("engine = 'local'\n", "utf-8")
    with MisbehavingServer() as server:
        server.models = ["qwen3:8b"]
        ports = str(server.port)
        ended = run(
            *(tmp_path, "zh.md", "-o", "en.md", "--edition", "none"),
            WEEKLY_TRANSLATE_LOCAL_PORTS=ports,
            OPENAI_API_KEY="sk-0123456789abcdef",
        )
        assert (ended.code, len(server.requests)) == (0, 1), ended.err
        assert server.requests[0].body["model"] == "qwen3:8b"
        assert "0123456789" not in str(server.requests[0].headers)
        (tmp_path / "zh2.md").write_text(SOURCE.replace("原理", "用法"), "utf-8")
        named = run(
            *(tmp_path, "zh2.md", "-o", "en2.md", "--model", "hy-mt2", "--engine", "local"),
            WEEKLY_TRANSLATE_LOCAL_PORTS=ports,
        )
        assert named.code == 0, named.err
        assert server.requests[-1].body["model"] == "hy-mt2"


def test_a_server_without_batches_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("好", encoding="utf-8")
    ended = run(tmp_path, "season", "issue.md", "-o", "en", "--batch", "--base-url=http://127.0.0.1:11434/v1")
    assert ended.code == 2
    assert "There is no Batch API at http://127.0.0.1:11434/v1: leave out --batch" in " ".join(
        ended.err.split()
    )
