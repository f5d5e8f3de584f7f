"""A fluent answer that lacks a sentence, or has one too many, is asked for again; what stays is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faulty_runs import text_of, translated_by
from program import run
from server import Fault, MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.model import ComplaintKind, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from server import Recorded
    from weekly_translate.run.issue import Result

SENTENCES = {
    "这篇文章介绍了如何测量程序的内存使用情况。": (
        "This article shows how to measure the memory usage of a program."
    ),
    "作者比较了三种常用的工具，并给出了选择的建议。": (
        "The author compares three common tools and gives advice on which one to choose."
    ),
    "最后还讨论了在生产环境中遇到的性能问题。": (
        "Finally, it discusses performance problems that came up in production."
    ),
}
*_, LAST = SENTENCES
PARAGRAPH = "".join(SENTENCES)
WHOLE = " ".join(SENTENCES.values())
INVENTED = "Critics have pointed out that the results are hard to reproduce."
DOUBTFUL = "Students get a discount on the paid edition."
"""It stands where a sentence may stand, and one of its words could be meant."""


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    path = tmp_path / "issue.md"
    path.write_text(f"{PARAGRAPH}\n", "utf-8")
    return path


def complaints(requests: list[Recorded]) -> list[str]:
    """What the questions after the first say."""
    return [str(request.body["messages"]) for request in requests[1:]]


def found(outcome: Result) -> list[str]:
    return [finding.check for finding in outcome.findings]


def test_a_faithful_answer_is_asked_for_once(issue: Path, tmp_path: Path) -> None:
    with MisbehavingServer(terms=SENTENCES) as server:
        outcome = translated_by(server, tmp_path, issue)
        assert len(server.requests) == 1
    assert (text_of(outcome).strip(), found(outcome), outcome.code) == (WHOLE, [], ExitCode.DONE)


def test_a_lost_sentence_is_named_and_asked_for_again(issue: Path, tmp_path: Path) -> None:
    with MisbehavingServer(Fault("last_sentence", times=1), terms=SENTENCES) as server:
        outcome = translated_by(server, tmp_path, issue)
        (complaint,) = complaints(server.requests)
    assert LAST.removesuffix("。") in complaint
    assert (text_of(outcome).strip(), found(outcome), outcome.code) == (WHOLE, [], ExitCode.DONE)


def test_a_sentence_that_never_comes_is_asked_for_once_and_reported(issue: Path, tmp_path: Path) -> None:
    with MisbehavingServer(Fault("last_sentence"), terms=SENTENCES) as server:
        outcome = translated_by(server, tmp_path, issue)
        assert len(server.requests) == 2
    (finding,) = outcome.findings
    assert (finding.check, finding.severity) == ("seg.too-short", Severity.WARNING)
    assert (finding.kind, outcome.code) == (ComplaintKind.CERTAIN, ExitCode.DONE)
    assert LAST.removesuffix("。") in finding.message


def with_more(sentence: str) -> dict[str, str]:
    """Answers that have one more sentence at the end."""
    return SENTENCES | {LAST: f"{SENTENCES[LAST]} {sentence}"}


def test_an_invented_sentence_is_named_and_reported(issue: Path, tmp_path: Path) -> None:
    with MisbehavingServer(terms=with_more(INVENTED)) as server:
        outcome = translated_by(server, tmp_path, issue)
        assert len(server.requests) == 2
    (finding,) = outcome.findings
    assert (finding.check, outcome.code) == ("llm.addition", ExitCode.DONE)
    assert f"nothing in the source seems to say “{INVENTED[:50]}" in finding.message


def test_a_model_that_stands_by_its_text_settles_a_doubt(issue: Path, tmp_path: Path) -> None:
    with MisbehavingServer(terms=with_more(DOUBTFUL)) as server:
        outcome = translated_by(server, tmp_path, issue)
        (complaint,) = complaints(server.requests)
        again = translated_by(server, tmp_path, issue)
        assert len(server.requests) == 2
    assert "perhaps: " in complaint
    for result in (outcome, again):
        (finding,) = result.findings
        assert (finding.severity, finding.kind) == (Severity.INFO, ComplaintKind.DOUBTFUL)
        assert "the model was asked and stands by its text" in finding.message
    assert f"nothing in the source seems to say “{DOUBTFUL}”" in complaint
    assert (text_of(outcome).strip(), found(outcome)) == (f"{WHOLE} {DOUBTFUL}", ["llm.addition"])
    assert outcome.code is ExitCode.DONE


def test_a_draft_is_not_asked_for_its_sentences(issue: Path, tmp_path: Path) -> None:
    ended = run(
        tmp_path, issue, "--engine", "draft", "--report", tmp_path / "report.json", "-o", tmp_path / "out.md"
    )
    assert "seg.too-short" not in (tmp_path / "report.json").read_text("utf-8")
    assert "0 errors" not in ended.err
    assert (tmp_path / "out.md").exists()
