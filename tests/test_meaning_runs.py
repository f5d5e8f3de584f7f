"""Whole runs over labelled mistakes: a second reader names them, misses some, invents what is not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from program import memory_place, run
from server import MisbehavingServer, error
from test_meaning_corpus import CORPUS, rows
from weekly_translate.memory.translation_memory import open_memory

if TYPE_CHECKING:
    from pathlib import Path

    from program import Ended
    from server.asking import Question
    from server.reading import SecondReader

pytestmark = [
    pytest.mark.usefixtures("either_database"),
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here"),
]
INVENTED = error("words that nobody has written", "无中生有之词")
BLIND = 7
"""One in so many is missed."""


@pytest.fixture(scope="module")
def planted() -> list[dict[str, Any]]:
    """Mistakes in plain texts, of serious ones and of minor ones, and not the same text twice."""
    plain = [
        row for row in rows("errors.jsonl") if "<" not in row["zh"] + row["bad"] and "\n" not in row["zh"]
    ]
    return list({row["zh"]: row for row in plain}.values())[::3]


def reader_of(planted: list[dict[str, Any]]) -> SecondReader:
    """Names the planted mistakes but for some, and invents one for every text, good or bad."""
    wrong = {row["bad"]: row for number, row in enumerate(planted) if number % BLIND}

    def reader(question: Question) -> str:
        said: dict[str, object] = {}
        for asked in question.asked:
            row = wrong.get(asked.en)
            real = error(row["span"], row["zh"], severity=row["severity"]) if row else None
            said[asked.id] = [INVENTED, *([real] if real else [])]
        return json.dumps(said, ensure_ascii=False)

    return reader


def run_of(folder: Path, planted: list[dict[str, Any]], server: MisbehavingServer, *more: str) -> Ended:
    lines = [*(row["zh"] for row in planted), *(row["zh"] for row in good_rows())]
    (folder / "zh.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    options = ("--base-url", server.url, "--edition", "none", "--glossary", "none", "--allow-partial")
    return run(folder, "zh.md", "-o", "en.md", *options, *more)


def good_rows() -> list[dict[str, Any]]:
    plain = [row for row in rows("paraphrases.jsonl") if "<" not in row["zh"] + row["en"]]
    return list({row["zh"]: row for row in plain}.values())[::4]


def terms_of(planted: list[dict[str, Any]], english: str) -> dict[str, str]:
    """What the translator makes of each text: the whole text is a term to it."""
    return {row["zh"]: row[english] for row in planted} | {row["zh"]: row["en"] for row in good_rows()}


@pytest.mark.slow
def test_named_mistakes_are_repaired_or_shown_and_what_is_invented_is_dropped(
    tmp_path: Path, planted: list[dict[str, Any]]
) -> None:
    with MisbehavingServer(terms=terms_of(planted, "bad"), reader=reader_of(planted)) as server:
        before = run_of(tmp_path, planted, server, "--no-proofread")
        english = (tmp_path / "en.md").read_text(encoding="utf-8")
        ended = run_of(tmp_path, planted, server, "--proofread", "--report", "report.json")
    # The translator stands by its texts: nothing is changed, and all that was named is told.
    assert (tmp_path / "en.md").read_text(encoding="utf-8") == english
    assert ended.code == before.code
    named = [row for number, row in enumerate(planted) if number % BLIND and row["bad"] in english]
    missed = [row for row in planted[::BLIND] if row["bad"] in english]
    assert len(named) > len(planted) // 2
    findings = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["findings"]
    told = [one["meaning"] for one in findings if one["kind"] == "meaning"]
    wanted = {(row["zh"], row["span"]) for row in named if row["severity"] != "minor"}
    assert wanted <= {(one["source"], one["target"]) for one in told}
    assert not [one for one in told if one["source"] in {row["zh"] for row in missed}]
    assert not [one for one in told if one["source"] in {row["zh"] for row in good_rows()}]
    assert "无中生有" not in json.dumps(told, ensure_ascii=False)
    with open_memory(memory_place(tmp_path), now=str) as memory:
        verdicts = memory.database.rows("SELECT dropped FROM proofreadings")
    assert len(verdicts) >= len(named) + len(missed)
    assert {row["dropped"] for row in verdicts} == {1}


@pytest.mark.slow
def test_a_translator_that_knows_better_repairs_what_was_named(
    tmp_path: Path, planted: list[dict[str, Any]]
) -> None:
    with MisbehavingServer(terms=terms_of(planted, "bad"), reader=reader_of(planted)) as server:
        run_of(tmp_path, planted, server, "--no-proofread")
        english = (tmp_path / "en.md").read_text(encoding="utf-8")
    with MisbehavingServer(terms=terms_of(planted, "good"), reader=reader_of(planted)) as server:
        run_of(tmp_path, planted, server, "--proofread")
        sent = len(server.requests)
        run_of(tmp_path, planted, server, "--proofread")
        assert len(server.requests) == sent
    better = (tmp_path / "en.md").read_text(encoding="utf-8")
    serious = [row for number, row in enumerate(planted) if number % BLIND and row["severity"] != "minor"]
    there = [row for row in serious if row["bad"] in english]
    repaired = [row for row in there if row["good"] in better]
    assert len(repaired) >= 0.9 * len(there) > 10
    untouched = [row for row in good_rows() if row["en"] in english]
    assert all(row["en"] in better for row in untouched)
