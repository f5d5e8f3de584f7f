"""What goes wrong with batches between the evening and the morning, at the provider and at the desk."""

from __future__ import annotations

import json
import random
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from program import in_a_file, memory_place
from sampling import few_at_once
from seasons import issue_text
from server.batches import failed
from server.statuses import STATUS_FAULTS, Status
from test_batch import OPEN, Desk, answered_in, desk, limit_total, live, spent_in
from weekly_translate.errors import ExitCode
from weekly_translate.memory.translation_memory import open_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("either_database")

TERMS = "- {source: 文章, target: essay}\n"


def sent(desk: Desk) -> dict[str, Any]:
    """The batch that the provider has after `--batch`."""
    assert desk.season("--batch")[0] == 0
    return list(desk.server.batches.batches.values())[-1]


def came_back(
    desk: Desk,
    status: str = "completed",
    spoilt: Callable[[list[bytes]], list[bytes]] = lambda lines: lines,
) -> dict[str, Any]:
    batch = sent(desk)
    desk.server.batches.finish(status=status, spoilt=spoilt)
    return batch


# --------------------------------------------------------------------------- what is sent


def test_a_request_is_the_same_in_a_batch_as_at_once(desk: Desk) -> None:
    (desk.folder / "one").mkdir()
    (desk.folder / "one/9.md").write_text(issue_text(9), "utf-8")
    desk.run("season", "one", "-o", "en", "--base-url", desk.server.url, "--model", "fake-7b")
    sent(desk)
    in_a_batch = [json.loads(line)["body"] for line in desk.server.batches.files["file_1"].splitlines()]
    live(desk)
    at_once = [request.body for request in desk.server.requests]
    names = {tuple(sorted(body)) for body in (*in_a_batch, *at_once)}
    assert names == {("messages", "model", "response_format", "temperature")}
    assert {body["temperature"] for body in (*in_a_batch, *at_once)} == {0.2}


def test_a_batch_to_a_model_that_nobody_has_asked_yet_has_no_temperature(desk: Desk) -> None:
    desk.server.refuse_parameters("temperature")
    came_back(desk)
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


def test_a_parameter_that_a_model_refuses_is_left_out_of_the_next_batch(desk: Desk) -> None:
    with open_memory(memory_place(desk.folder), now=str) as memory:
        memory.learn_capability(desk.server.url, "openai fake-7b", {"temperature": "taken"})
    desk.server.refuse_parameters("temperature")
    came_back(desk)
    _, said = desk.season("--batch", "fetch")
    assert "does not take temperature; the next batch leaves it out" in said
    came_back(desk)
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


# --------------------------------------------------------------------------- what was never sent


@pytest.mark.parametrize("call", ["POST /v1/files", "POST /v1/batches"])
@pytest.mark.parametrize(
    "fault", few_at_once(["http_401", "http_400", "http_404", "http_429_quota", "http_429"], 1)
)
def test_what_was_refused_is_not_on_its_way(desk: Desk, call: str, fault: str) -> None:
    desk.server.batches.refuses[call] = STATUS_FAULTS[fault]._replace(headers={"Retry-After": "0"})
    assert desk.season("--batch")[0] == ExitCode.ENGINE
    desk.server.batches.refuses.clear()
    assert f"for {OPEN} segments" in desk.season("--batch", "--plan")[1]
    assert "on their way" not in desk.season()[1]


def test_a_batch_that_may_have_arrived_where_none_are_listed_can_be_given_up(desk: Desk) -> None:
    desk.server.batches.loses = "create"
    assert desk.season("--batch")[0] == ExitCode.ENGINE
    desk.server.batches.refuses["GET /v1/batches"] = Status(405, {})
    code, said = desk.season("--batch")
    assert code == ExitCode.ENGINE
    assert "--batch forget gives it up" in said
    code, said = desk.season("--batch", "forget")
    assert (code, "forgotten" in said) == (0, True), said
    sent(desk)
    assert len(desk.server.batches.batches) == 2


def test_a_batch_is_found_by_its_file_where_the_provider_keeps_no_nonce(desk: Desk) -> None:
    came_back(desk)
    desk.server.batches.page = 1
    desk.server.batches.loses = "create"
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    assert desk.season("--batch")[0] == ExitCode.ENGINE
    for batch in desk.server.batches.batches.values():
        batch["metadata"] = None
    code, said = desk.season("--batch")
    assert (code, "nothing to send" in said or "on their way" in said) == (0, True), said
    assert len(desk.server.batches.batches) == 2
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) > OPEN


# --------------------------------------------------------------------------- what the provider says


def test_a_batch_that_the_provider_does_not_know_can_be_given_up(desk: Desk) -> None:
    sent(desk)
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    sent(desk)
    del desk.server.batches.batches["batch_1"]
    assert "give it up with --batch forget" in desk.season("--batch", "status")[1]
    code, said = desk.season("--batch", "forget")
    assert code == 0
    assert "forgotten" in said.partition("batch_2")[0]
    assert "kept, because it is known: in_progress" in said.partition("batch_2")[2]
    assert "41 segments" in desk.season("--batch", "--plan")[1]
    code, said = desk.season("--batch", "forget")
    assert "forgotten" not in said


def test_nothing_is_given_up_where_the_provider_does_not_say_that_it_is_unknown(desk: Desk) -> None:
    sent(desk)
    desk.server.batches.refuses["GET /v1/batches/batch_1"] = STATUS_FAULTS["http_401"]
    assert desk.season("--batch", "forget")[0] == ExitCode.ENGINE
    desk.server.batches.refuses.clear()
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


def test_answers_that_the_provider_keeps_no_longer_keep_no_other_batch_from_being_fetched(desk: Desk) -> None:
    first = sent(desk)
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    came_back(desk)
    del desk.server.batches.files[first["output_file_id"]]
    code, said = desk.season("--batch", "fetch")
    assert code == 0
    assert answered_in(said) > 0
    assert "keeps the answers of batch_1 no longer" in said
    assert "for 41 segments" in desk.season("--batch", "--plan")[1]


def test_the_reason_of_a_batch_that_failed_as_a_whole_is_said(desk: Desk) -> None:
    batch = came_back(desk, status="failed", spoilt=lambda _lines: [])
    problem = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached.", "line": None}
    batch["errors"] = {"object": "list", "data": [problem]}
    for step in ("status", "fetch"):
        assert "Enqueued token limit reached." in desk.season("--batch", step)[1]


@pytest.mark.parametrize(
    ("name", "value"),
    few_at_once(
        [
            *(("errors", "boom"), ("errors", [1]), ("errors", {"data": "x"}), ("errors", {"data": [1, {}]})),
            *(("request_counts", None), ("request_counts", [1]), ("request_counts", {"completed": "many"})),
            *(("metadata", None), ("metadata", "x"), ("status", "COMPLETED"), ("error_file_id", 7)),
        ],
        4,
    ),
)
def test_a_batch_is_described_as_it_likes(desk: Desk, name: str, value: object) -> None:
    came_back(desk)[name] = value
    assert desk.season("--batch", "status")[0] == 0
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


def test_what_came_before_the_connection_broke_is_counted(desk: Desk) -> None:
    batch = came_back(desk, status="expired", spoilt=lambda lines: [*lines[:4], *map(failed, lines[4:])])
    desk.server.batches.refuses[f"GET /v1/files/{batch['error_file_id']}/content"] = Status(403, {})
    assert desk.season("--batch", "fetch")[0] == ExitCode.ENGINE
    assert len(desk.entries()) > 0
    desk.server.batches.refuses.clear()
    assert f"{len(desk.entries())} segments answered before" in desk.season("--batch", "fetch")[1]


def test_a_line_that_is_no_text_costs_no_other(desk: Desk) -> None:
    came_back(desk, spoilt=lambda lines: [lines[0][:-1] + b', "x": "\xff"}', *lines[1:]])
    code, said = desk.season("--batch", "fetch")
    assert (code, 0 < answered_in(said) < OPEN) == (0, True), said
    assert "1 line broken" in said


@pytest.mark.parametrize("seed", few_at_once(range(4), 1))
def test_whatever_becomes_of_the_lines_the_season_is_that_of_a_live_run(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  repeatable
    came_back(desk, spoilt=lambda lines: list(_spoilt(lines, chance)))
    first = answered_in(desk.season("--batch", "fetch")[1])
    came_back(desk)
    assert first + answered_in(desk.season("--batch", "fetch")[1]) == OPEN
    asked = len(desk.server.requests)
    assert desk.season()[0] == 0
    assert len(desk.server.requests) == asked
    assert desk.outputs() == live(desk)


def _spoilt(lines: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for line in chance.sample(lines, len(lines)):
        fates: tuple[list[bytes], ...] = (
            [line],
            [],
            [line, line],
            [failed(line)],
            [failed(line), line],
            [line[: len(line) // 3]],
        )
        strangers: tuple[list[bytes], ...] = (
            [line.replace(b"wt-", b"other-")],
            [b"\xff\xfe", line],
            [b"[]", line],
            [b"\x00"],
        )
        yield from chance.choice((*fates, *strangers))


# --------------------------------------------------------------------------- what changes at the desk


def test_answers_that_were_fetched_with_other_options_are_not_lost(desk: Desk) -> None:
    (desk.folder / "other.yaml").write_text(TERMS, "utf-8")
    came_back(desk)
    _, said = desk.season("--batch", "fetch", "--glossary", "other.yaml")
    assert "outdated" in said
    first = answered_in(said)
    assert first < OPEN
    _, said = desk.season("--batch", "fetch")
    assert f"{OPEN - first} segments answered by earlier batches" in said
    asked = len(desk.server.requests)
    assert desk.season()[0] == 0
    assert len(desk.server.requests) == asked
    assert "none is on its way" in desk.season("--batch", "fetch")[1]


def test_answers_that_are_read_twice_count_once_as_spent(desk: Desk) -> None:
    limit_total(desk, Decimal(1))
    (desk.folder / "other.yaml").write_text(TERMS, "utf-8")
    batch = came_back(desk)
    file, name = batch["output_file_id"], "GET /v1/files/{}/content"
    reserved = spent_in(desk)
    desk.server.batches.refuses[name.format(file)] = Status(401, {"error": {"message": "who are you?"}})
    assert desk.season("--batch", "fetch")[0] == ExitCode.ENGINE
    assert spent_in(desk) == reserved
    desk.server.batches.refuses.clear()
    desk.season("--batch", "fetch", "--glossary", "other.yaml")
    spent = spent_in(desk)
    assert spent not in (0, reserved)
    assert "answered by earlier batches" in desk.season("--batch", "fetch")[1]
    assert spent_in(desk) == spent


def test_answers_that_nobody_can_count_have_cost_what_was_expected(desk: Desk) -> None:
    limit_total(desk, Decimal(1))
    batch = came_back(desk)
    batch["request_counts"]["completed"] = batch["request_counts"]["total"]
    reserved = spent_in(desk)
    del desk.server.batches.files[batch["output_file_id"]]
    assert "keeps the answers of batch_1 no longer" in desk.season("--batch", "fetch")[1]
    assert spent_in(desk) == reserved > 0


def test_answers_that_a_provider_has_left_out_are_looked_for_once_more(desk: Desk) -> None:
    batch = came_back(desk)
    file, requests = batch["output_file_id"], batch["request_counts"]["total"]
    whole = desk.server.batches.files[file]
    desk.server.batches.files[file] = whole[: len(whole) // 2]
    batch["request_counts"]["completed"] = requests
    first = answered_in(desk.season("--batch", "fetch")[1])
    desk.server.batches.files[file] = whole
    _, said = desk.season("--batch", "fetch")
    assert f"{OPEN - first} segments answered by earlier batches" in said


def test_the_answers_to_an_issue_with_a_new_name_find_it(desk: Desk) -> None:
    came_back(desk)
    (desk.folder / "zh/1.md").rename(desk.folder / "zh/2023-01.md")
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


@in_a_file
def test_a_memory_that_was_moved_still_knows_what_was_asked(desk: Desk) -> None:
    came_back(desk)
    elsewhere = desk.folder / "deep/er"
    elsewhere.mkdir(parents=True)
    shutil.move(desk.folder / "memory.db", elsewhere / "memory.db")
    _, said = desk.season("--batch", "fetch", "--memory", "deep/er/memory.db")
    assert answered_in(said) == OPEN


def test_batches_on_their_way_at_another_address_are_named(desk: Desk) -> None:
    sent(desk)
    there = desk.server.url.replace("127.0.0.1", "localhost")
    line = ("season", "zh", "-o", "en", "--base-url", there, "--model", "fake-7b", "--batch")
    for step in ("submit", "status", "fetch"):
        assert f"on their way at {desk.server.url}" in desk.run(*line, step)[1]


def test_a_run_that_asks_nothing_does_not_speak_of_paying_twice(desk: Desk) -> None:
    sent(desk)
    assert "paid twice" in desk.season()[1]
    assert "paid twice" not in desk.season()[1]


def test_the_log_says_what_was_sent_and_what_came(desk: Desk) -> None:
    log = ("--log", "log.jsonl")
    desk.season("--batch", *log)
    desk.season("--batch", "status", *log)
    desk.server.batches.finish()
    desk.season("--batch", "fetch", *log)
    lines = [json.loads(line) for line in (desk.folder / "log.jsonl").read_text("utf-8").splitlines()]
    assert [(one["event"], one.get("segments", one.get("answered"))) for one in lines] == [
        ("sent", OPEN),
        ("batch", None),
        ("fetched", OPEN),
    ]


@in_a_file
def test_what_was_asked_survives_a_memory_that_is_set_aside(desk: Desk) -> None:
    came_back(desk)
    memory = desk.folder / "memory.db"
    data = bytearray(memory.read_bytes())
    data[28:32] = bytes(4)  # the header's count of pages
    data[-4096:] = b"\xff" * 4096
    memory.write_bytes(data)
    _, said = desk.season("--batch", "fetch")
    assert "was damaged" in said
    assert answered_in(said) > 0


@in_a_file
def test_a_request_that_a_disk_has_spoilt_costs_no_other(desk: Desk) -> None:
    came_back(desk)
    memory = desk.folder / "memory.db"
    data = bytearray(memory.read_bytes())
    text = data.index(b"LibAb")
    data[text : text + 5] = bytes(5)
    memory.write_bytes(data)
    code, said = desk.season("--batch", "fetch")
    assert (code, 0 < answered_in(said) < OPEN) == (0, True), said
    assert "of no request that this memory knows" in said
