"""A season that is read a second time in batches, or by a file: the same as at once, and nothing twice."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from sampling import few_at_once
from server import error
from server.asking import Question, faithful, in_format, question_in
from server.reading import is_reading
from test_batch import Desk, answered_in, desk
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("either_database")


def doubtful(question: Question) -> str:
    """About half of the texts, by what they say; a better translation is not known to the other side."""
    said = {}
    for asked in question.asked:
        word = asked.en.split()[-1]
        severity = "major" if len(asked.zh) % 2 else "minor"
        said[asked.id] = [error(word, asked.zh[:2], severity=severity)] if len(asked.zh) % 3 else []
    return json.dumps(said, ensure_ascii=False)


@pytest.fixture
def read_desk(desk: Desk) -> Desk:
    desk.server.reader = doubtful
    return desk


def findings(path: Path) -> list[object]:
    issues = json.loads(path.read_text("utf-8"))["issues"]
    return [[one["name"], one["result"], one["findings"]] for one in issues]


def live(desk: Desk) -> tuple[dict[str, str], list[object], list[str]]:
    """What a live run makes of the same issues, and its requests."""
    other = desk.folder / "live"
    other.mkdir()
    shutil.copytree(desk.folder / "zh", other / "zh")
    before = len(desk.server.requests)
    code, said = desk.run(
        *("season", "live/zh", "-o", "live/en", "--base-url", desk.server.url, "--model", "fake-7b"),
        *("--memory", "live/memory.db", "--proofread", "--report", "live.json"),
    )
    assert code == ExitCode.DONE, said
    texts = {path.name: path.read_text("utf-8") for path in sorted((other / "en").glob("*.md"))}
    asked = [json.dumps(one.body) for one in desk.server.requests[before:]]
    return texts, findings(desk.folder / "live.json"), asked


def readings(bodies: list[str]) -> int:
    return sum("second reader" in body for body in bodies)


def last_run(desk: Desk) -> list[object]:
    code, said = desk.season("--proofread", "--report", "batch.json")
    assert code == ExitCode.DONE, said
    return findings(desk.folder / "batch.json")


def answered(desk: Desk) -> list[bytes]:
    lines = []
    for line in (desk.folder / "requests.jsonl").read_bytes().splitlines():
        asked = json.loads(line)
        question = question_in(asked["body"])
        text = doubtful(question) if is_reading(question) else in_format(faithful(question), question)
        lines.append(json.dumps({"custom_id": asked["custom_id"], "answer": text}).encode())
    return lines


def test_a_season_is_read_in_batches_as_it_is_at_once(read_desk: Desk) -> None:
    desk = read_desk
    for _ in range(2):  # the translations, then what is read
        code, said = desk.season("--batch", "submit", "--proofread")
        assert code == 0, said
        desk.server.batches.finish()
        code, said = desk.season("--batch", "fetch", "--proofread")
        assert answered_in(said), said
    before = len(desk.server.requests)  # those of the batches
    found = last_run(desk)
    assert readings([json.dumps(one.body) for one in desk.server.requests[before:]]) == 0
    texts, wanted, asked = live(desk)
    assert readings(asked) > 0
    assert (desk.outputs(), found) == (texts, wanted)


def test_readings_that_are_exported_and_answered_by_a_file_are_the_live_ones(read_desk: Desk) -> None:
    desk = read_desk
    export = ("batch", "export", "requests.jsonl", "zh", "--model", "fake-7b")
    desk.run(*export)
    desk.bring(desk.answered())
    code, said = desk.run(*export, "--proofread")
    assert code == 0, said
    lines = answered(desk)
    code, said = desk.bring(lines[:1])
    assert (code, answered_in(said) > 0) == (0, True), said
    code, said = desk.run(*export, "--proofread")  # only what is open is exported once more
    assert len((desk.folder / "requests.jsonl").read_bytes().splitlines()) < len(lines) or len(lines) == 1
    code, said = desk.bring(lines)
    assert code == 0, said
    code, said = desk.bring(lines)
    assert answered_in(said) == 0
    found = last_run(desk)
    assert readings([json.dumps(one.body) for one in desk.server.requests]) == 0
    texts, wanted, _ = live(desk)
    assert (desk.outputs(), found) == (texts, wanted)


@pytest.mark.parametrize(
    "answer",
    few_at_once(
        [
            "",
            "I cannot do that.",
            {"s001": "A better text."},
            {"s999": []},
            [1, 2],
            '{"s001": [[[['.ljust(9000),
        ],
        3,
    ),
)
def test_an_answer_that_is_no_verdict_changes_nothing_and_is_asked_for_again(
    read_desk: Desk, answer: object
) -> None:
    desk = read_desk
    export = ("batch", "export", "requests.jsonl", "zh", "--model", "fake-7b")
    desk.run(*export)
    desk.bring(desk.answered())
    desk.run(*export, "--proofread")
    requests = (desk.folder / "requests.jsonl").read_bytes()
    before = desk.entries()
    lines = [json.loads(line)["custom_id"] for line in requests.splitlines()]
    code, said = desk.bring([json.dumps({"custom_id": id_, "answer": answer}).encode() for id_ in lines])
    assert (code, answered_in(said)) == (ExitCode.FINDINGS, 0), said
    assert desk.entries() == before
    (desk.folder / "requests.jsonl").unlink()
    desk.run(*export, "--proofread")
    assert (desk.folder / "requests.jsonl").read_bytes() == requests


def test_what_is_sent_to_be_read_is_on_its_way_and_within_the_budget(read_desk: Desk) -> None:
    desk = read_desk
    desk.season("--batch", "submit", "--proofread")
    desk.server.batches.finish()
    desk.season("--batch", "fetch", "--proofread")
    code, said = desk.season("--batch", "submit", "--proofread", "--budget", "0.0000001")
    assert "budget" in said
    assert len(desk.server.batches.batches) == 1
    code, said = desk.season("--batch", "submit", "--proofread", "--plan")
    assert "proofread" in said
    desk.season("--batch", "submit", "--proofread")
    code, said = desk.season("--batch", "submit", "--proofread")
    assert code == 0
    assert "nothing to send" in said
    assert len(desk.server.batches.batches) == 2
