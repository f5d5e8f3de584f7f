"""Requests that are answered a day later: by a Batch API, another service or a person."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest

import program
from sampling import few_at_once
from seasons import issue_text
from server import Fault, MisbehavingServer
from server.asking import Asked, Question, faithful, question_in
from server.batches import failed
from server.statuses import STATUS_FAULTS
from weekly_translate.cli.batch import ExportOptions, plans_of
from weekly_translate.cli.program import completed
from weekly_translate.cli.program import program as cli
from weekly_translate.errors import BudgetSpentError, ExitCode, WeeklyTranslateError
from weekly_translate.llm.batch import answers_in, files_of
from weekly_translate.llm.providers import Endpoint
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Status
from weekly_translate.run.batch_jobs import BatchJobs
from weekly_translate.run.plan import Order
from weekly_translate.run.project import read_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.llm.batch import OpenAIBatch
    from weekly_translate.model import Entry
    from weekly_translate.run.plan import Plan

pytestmark = pytest.mark.usefixtures("either_database")

GREETING = "\n本期一共分享了 12 篇文章，参见[协程的垃圾回收](https://example.org/gc)的介绍。\n"
OPEN = 41
"""Segments that are asked for; the issues have some in common."""
PRICES = '[prices."fake-7b"]\ninput = 1.0\noutput = 2.0\n'


class Desk(NamedTuple):
    """A folder with a season of three issues, and a server with a Batch API."""

    folder: Path
    server: MisbehavingServer
    capfd: pytest.CaptureFixture[str]

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """The exit code, and all that was said."""
        self.capfd.readouterr()
        try:
            given = completed([str(one) for one in arguments])
            code = cli(given[0])(given, standalone_mode=False)
        except WeeklyTranslateError as error:
            return int(error.exit_code), str(error)
        out, err = self.capfd.readouterr()
        return int(code or 0), " ".join((out + err).split())

    @property
    def season_line(self) -> tuple[str, ...]:
        return ("season", "zh", "-o", "en", "--base-url", self.server.url, "--model", "fake-7b")

    def season(self, *arguments: str) -> tuple[int, str]:
        return self.run(*self.season_line, *arguments)

    def export(self) -> tuple[int, str]:
        return self.run("batch", "export", "requests.jsonl", "zh", "--model", "fake-7b")

    def answered(self) -> list[bytes]:
        """Good answers to the exported requests."""
        lines = []
        for line in (self.folder / "requests.jsonl").read_bytes().splitlines():
            asked = json.loads(line)
            texts = dict(faithful(question_in(asked["body"])))
            lines.append(json.dumps({"custom_id": asked["custom_id"], "answer": texts}).encode())
        return lines

    def bring(self, lines: list[bytes]) -> tuple[int, str]:
        (self.folder / "answers.jsonl").write_bytes(b"\n".join(lines))
        return self.run("batch", "import", "answers.jsonl", "--origin", "Ada", "--model", "fake-7b")

    def entries(self) -> list[Entry]:
        with open_memory(program.memory_place(self.folder), now=str) as memory:
            return memory.entries(at_least=Status.MACHINE)

    def outputs(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in sorted((self.folder / "en").glob("*.md"))}


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    (tmp_path / "zh").mkdir()
    for number in range(3):
        (tmp_path / f"zh/{number}.md").write_text(issue_text(number, more=GREETING), "utf-8")
    (tmp_path / "weekly-translate.toml").write_text(PRICES, "utf-8")
    (tmp_path / "glossary.yaml").write_text("- {source: 协程, target: coroutine}\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in program.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with MisbehavingServer() as server:
        yield Desk(tmp_path, server, capfd)


def live(desk: Desk) -> dict[str, str]:
    """What a live run makes of the same issues, in a folder of its own."""
    other = desk.folder / "live"
    other.mkdir()
    shutil.copytree(desk.folder / "zh", other / "zh")
    desk.run(
        *("season", "live/zh", "-o", "live/en", "--base-url", desk.server.url, "--model", "fake-7b"),
        *("--memory", "live/memory.db"),
    )
    return {path.name: path.read_text("utf-8") for path in sorted((other / "en").glob("*.md"))}


def answered_in(said: str) -> int:
    found = re.search(r"answered\W+([\d,]+) segment", said)
    return int(found[1].replace(",", "")) if found else 0


# --------------------------------------------------------------------------- the Batch API


def test_a_season_in_a_batch_is_the_season_of_a_live_run(desk: Desk) -> None:
    code, said = desk.season("--batch")
    assert (code, len(desk.server.batches.batches)) == (0, 1), said
    assert not desk.server.requests  # nothing was asked at once
    code, said = desk.season("--batch", "status")
    assert code == 0
    assert "batch_1" in said
    assert "in_progress" in said
    desk.server.batches.finish()
    code, said = desk.season("--batch", "fetch")
    assert (code, answered_in(said)) == (0, OPEN), said
    asked = len(desk.server.requests)
    assert desk.season()[0] == 0
    assert len(desk.server.requests) == asked  # everything was in the memory
    assert desk.outputs() == live(desk)
    assert {entry.origin for entry in desk.entries()} == {"openai fake-7b batch"}


def test_what_has_not_come_back_yet_is_waited_for(desk: Desk) -> None:
    desk.season("--batch")
    code, said = desk.season("--batch", "fetch")
    assert code == ExitCode.PARTIAL
    assert "nothing has come back yet" in said
    assert not desk.entries()


def test_what_is_on_its_way_is_not_sent_again(desk: Desk) -> None:
    desk.season("--batch")
    code, said = desk.season("--batch")
    assert (code, len(desk.server.batches.batches)) == (0, 1)
    assert "nothing to send" in said
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    desk.season("--batch")
    assert len(desk.server.batches.batches) == 2
    texts = b"\n".join(desk.server.batches.files.values()).decode()
    assert texts.count("本期一共分享了 12 篇文章") == 1


def test_a_batch_costs_half(desk: Desk) -> None:
    _, whole = desk.season("--plan")
    _, half = desk.season("--plan", "--batch")
    assert not desk.server.batches.files
    costs = [float(re.findall(r"\$([\d.]+)", said)[0]) for said in (whole, half)]
    assert costs[1] == pytest.approx(costs[0] / 2, rel=0.1)
    assert "batches take half" in half
    desk.season("--batch")
    desk.server.batches.finish()
    _, said = desk.season("--batch", "fetch")
    assert "batches take half" in said


def test_a_live_run_says_what_is_on_its_way(desk: Desk) -> None:
    desk.season("--batch")
    _, said = desk.season()
    assert f"on the way in batches: {OPEN} segments" in said


def test_what_a_person_has_rejected_is_asked_with_the_reason(desk: Desk) -> None:
    desk.export()
    desk.bring(desk.answered())
    text = desk.entries()[0].source
    assert desk.run("memory", "reject", text, "--reason", "Too stiff.")[0] == 0
    assert "for 1 segment" in desk.export()[1]
    assert "Too stiff." in (desk.folder / "requests.jsonl").read_text("utf-8")


def test_a_batch_beyond_the_budget_is_not_sent(desk: Desk) -> None:
    code, _ = desk.season("--batch", "--budget", "0.000001")
    assert code == ExitCode.PARTIAL
    assert not desk.server.batches.files
    assert desk.season("--batch", "--budget", "1")[0] == 0


def test_answers_in_any_order_some_of_them_twice_are_taken_once(desk: Desk) -> None:
    desk.season("--batch")
    desk.server.batches.finish(spoilt=lambda lines: [*reversed(lines), lines[0]])
    code, said = desk.season("--batch", "fetch")
    assert (code, answered_in(said)) == (0, OPEN), said
    assert "answered more than once" in said


@pytest.mark.parametrize("status", few_at_once(["completed", "expired", "cancelled"], 1))
def test_what_is_missing_goes_into_the_next_batch(desk: Desk, status: str) -> None:
    desk.season("--batch")
    desk.server.batches.finish(status=status, spoilt=lambda lines: [lines[0], failed(lines[1])])
    _, said = desk.season("--batch", "fetch")
    first = answered_in(said)
    assert 0 < first < OPEN
    assert "2 requests" in said or "1 request" in said
    assert "This request could not be executed." in said
    desk.season("--batch")
    desk.server.batches.finish()
    _, said = desk.season("--batch", "fetch")
    assert first + answered_in(said) == OPEN
    assert desk.season()[0] == 0
    assert desk.outputs() == live(desk)


def test_a_file_that_was_cut_is_used_as_far_as_it_goes(desk: Desk) -> None:
    desk.season("--batch")
    desk.server.batches.finish(spoilt=lambda lines: [lines[0], lines[1][: len(lines[1]) // 2]])
    code, said = desk.season("--batch", "fetch")
    assert code == 0
    assert 0 < answered_in(said) < OPEN
    assert "broken" in said
    assert desk.season()[0] == 0
    assert desk.outputs() == live(desk)


def test_a_batch_that_failed_as_a_whole_is_sent_again(desk: Desk) -> None:
    desk.season("--batch")
    desk.server.batches.finish(status="failed", spoilt=lambda _lines: [])
    _, said = desk.season("--batch", "fetch")
    assert "without an answer" in said
    desk.season("--batch")
    assert len(desk.server.batches.batches) == 2


def test_what_does_not_pass_is_asked_again_with_the_reasons(desk: Desk) -> None:
    desk.server.misbehave(Fault("drop_tag", times=1))
    desk.season("--batch")
    desk.server.batches.finish()
    _, said = desk.season("--batch", "fetch")
    assert answered_in(said) == OPEN - 1, said
    assert "1 segment did not pass" in said
    desk.season("--batch")
    assert "complaints" in list(desk.server.batches.files.values())[-1].decode()
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) == 1
    assert desk.season()[0] == 0
    assert desk.outputs() == live(desk)


def test_what_is_doubted_is_asked_about_once_in_the_next_batch(desk: Desk) -> None:
    desk.server.misbehave(Fault("ignore_always", where="协程"))
    rounds = []
    for _ in range(2):
        desk.season("--batch")
        desk.server.batches.finish()
        rounds.append(answered_in(desk.season("--batch", "fetch")[1]))
    assert rounds[0] == OPEN
    assert 0 < rounds[1] < 10
    _, said = desk.season("--batch")
    assert len(desk.server.batches.batches) == 2, said
    before = len(desk.server.requests)
    code, said = desk.season("--no-proofread")
    assert (code, len(desk.server.requests)) == (0, before), said
    assert f"{rounds[1]} S" in said


def test_what_no_batch_has_answered_well_leaves_its_issue_unwritten(desk: Desk) -> None:
    unique = issue_text(1).splitlines()[6]
    desk.server.misbehave(Fault("add_url", where=unique))
    desk.season("--batch")
    desk.server.batches.finish()
    _, said = desk.season("--batch", "fetch")
    assert "1 segment did not pass" in said
    for requests in (2, 0):  # what is left of the ladder, and then nothing
        before = len(desk.server.requests)
        code, said = desk.season("--no-proofread")
        assert (code, len(desk.server.requests)) == (ExitCode.FINDINGS, before + requests), said
        assert sorted(desk.outputs()) == ["0.md", "2.md"]


def test_a_reply_format_that_is_refused_is_not_asked_for_again(desk: Desk) -> None:
    desk.server.misbehave(Fault("http_400_format"))
    desk.season("--batch")
    desk.server.batches.finish()
    _, said = desk.season("--batch", "fetch")
    assert "does not offer this reply format" in said
    desk.server.misbehave()
    desk.season("--batch")
    again = list(desk.server.batches.files.values())[-1]
    assert b'"json_object"' in again
    assert b'"json_schema"' not in again
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


def test_a_live_run_goes_on_from_what_a_batch_got_wrong(desk: Desk) -> None:
    desk.server.misbehave(Fault("drop_tag", times=1))
    desk.season("--batch")
    desk.server.batches.finish()
    desk.season("--batch", "fetch")
    before = len(desk.server.requests)
    assert desk.season()[0] == 0
    assert len(desk.server.requests) == before + 1
    assert "complaints" in str(desk.server.requests[-1].body)


# --------------------------------------------------------------------------- a crash around the submission


def test_a_batch_whose_creation_was_not_confirmed_is_found_and_not_sent_again(desk: Desk) -> None:
    desk.server.batches.loses = "create"
    code, said = desk.season("--batch")
    assert code == ExitCode.ENGINE
    assert "run the same command again" in said.lower()
    for number in range(5):  # newer batches of somebody else, listed one by one
        desk.server.batches.batches[f"other{number}"] = {"id": f"other{number}", "status": "completed"}
    desk.server.batches.page = 1
    code, said = desk.season("--batch")
    assert code == 0
    assert "of a run that was interrupted" in said
    assert "nothing to send" in said
    assert [one for one in desk.server.batches.batches if one.startswith("batch")] == ["batch_1"]
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


@pytest.mark.parametrize(("moment", "batches"), few_at_once([("upload", 1), ("create", 1)], 1))
def test_a_run_that_is_killed_while_it_submits_sends_nothing_twice(
    desk: Desk, moment: str, batches: int
) -> None:
    desk.server.batches.stalls = moment
    running = program.start(desk.folder, *desk.season_line, "--batch")
    assert desk.server.batches.has_stalled.wait(60)
    code, said = desk.season("--batch")
    assert code == ExitCode.USAGE  # the first run is still alive
    assert "another run" in said.lower()
    running.kill()
    running.communicate()
    assert desk.season("--batch")[0] == 0
    assert len(desk.server.batches.batches) == batches
    desk.server.batches.finish()
    assert answered_in(desk.season("--batch", "fetch")[1]) == OPEN


def test_a_run_that_is_killed_while_it_fetches_keeps_what_it_has(desk: Desk) -> None:
    desk.season("--batch")
    desk.server.batches.finish(status="expired", spoilt=lambda lines: [*lines[:4], *map(failed, lines[4:])])
    desk.server.batches.stalls = desk.server.batches.batches["batch_1"]["error_file_id"]
    running = program.start(desk.folder, *desk.season_line, "--batch", "fetch")
    assert desk.server.batches.has_stalled.wait(60)
    running.kill()
    running.communicate()
    before = len(desk.entries())
    assert before
    _, said = desk.season("--batch", "fetch")
    assert f"{before} segments answered before" in said
    assert len(desk.entries()) == before


def test_a_batch_that_the_provider_does_not_know_keeps_nothing_from_being_fetched(desk: Desk) -> None:
    desk.season("--batch")
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    desk.season("--batch")
    desk.server.batches.finish()
    del desk.server.batches.batches["batch_1"]
    code, said = desk.season("--batch", "fetch")
    assert code == ExitCode.PARTIAL
    assert "batch_1: unknown" in said
    assert answered_in(said) > 0


def test_an_endpoint_without_batches_is_said(desk: Desk) -> None:
    code, said = desk.run(
        *("season", "zh", "-o", "en", "--model", "fake-7b"),
        *("--base-url", desk.server.url.replace("/v1", "/v2"), "--batch"),
    )
    assert code == ExitCode.ENGINE
    assert "batch export" in said


def test_an_issue_that_is_refused_keeps_no_other_from_being_sent(desk: Desk) -> None:
    (desk.folder / "zh/2.md").write_bytes(b"\xff\xfe\x00")
    code, said = desk.season("--batch")
    assert code == ExitCode.PARTIAL
    assert "2.md" in said
    assert len(desk.server.batches.batches) == 1
    code, said = desk.export()
    assert code == ExitCode.PARTIAL
    assert "2.md" in said


def test_a_draft_needs_no_batch(desk: Desk) -> None:
    code, said = desk.run("season", "zh", "-o", "en", "--engine", "draft", "--batch")
    assert code == ExitCode.USAGE
    assert "at once" in said


# --------------------------------------------------------------------------- files


def test_exported_requests_that_are_answered_make_the_season(desk: Desk) -> None:
    code, said = desk.export()
    assert (code, f"{OPEN} segments" in said) == (0, True), said
    code, said = desk.bring(desk.answered())
    assert (code, answered_in(said)) == (0, OPEN), said
    assert desk.season()[0] == 0
    assert not desk.server.requests
    assert desk.outputs() == live(desk)
    assert {entry.origin for entry in desk.entries()} == {"Ada batch"}


@pytest.mark.parametrize("engine", ["vllm", "ray"])
def test_requests_for_a_model_of_ones_own_are_those_of_its_server(desk: Desk, engine: str) -> None:
    (desk.folder / "my requests.jsonl").write_text("", "utf-8")
    wanted = ("batch", "export", "my requests.jsonl", "zh", "--for", engine)
    code, said = desk.run(*wanted)
    assert code == ExitCode.USAGE
    assert "give it with --model" in said
    assert desk.run(*wanted, "--model", "Qwen/Qwen3-8B")[0] == ExitCode.DONE
    line, *_ = (desk.folder / "my requests.jsonl").read_text("utf-8").splitlines()
    body = json.loads(line)["body"]
    assert (body["model"], body["temperature"]) == ("Qwen/Qwen3-8B", 0.2)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert desk.run(*wanted[:-1], "spark")[0] == ExitCode.USAGE


def test_what_an_export_prints_can_be_pasted(desk: Desk) -> None:
    """A model with prompts of its own, another memory and other terms: the import has to know them."""
    (desk.folder / "our terms.yaml").write_text("- {source: 协程, target: co-routine}\n", "utf-8")
    given = (
        "--memory",
        "our memory.db",
        "--glossary",
        "our terms.yaml",
        "--model",
        "hy-mt2",
        "--fix-mojibake",
    )
    place = ("--for", "ray", "--base-url", "http://gpu.example:8000/v1")
    arguments = ("batch", "export", "requests.jsonl", "zh", *place, *given)
    assert cli(arguments[0])(list(arguments), standalone_mode=False) == 0
    printed = [line.strip() for line in desk.capfd.readouterr().err.splitlines() if line.startswith("  ")]
    asking, taking = (shlex.split(line) for line in printed[-2:])
    assert Path(asking[1]).is_file()
    assert asking[2:] == ["requests.jsonl", "answers.jsonl", "--url", "http://gpu.example:8000/v1"]
    answers = [
        json.dumps({"custom_id": json.loads(line)["custom_id"], "answer": "Weekly news."})
        for line in (desk.folder / "requests.jsonl").read_text("utf-8").splitlines()
    ]
    (desk.folder / "answers.jsonl").write_text("\n".join(answers), "utf-8")
    _, said = desk.run(*taking[1:])
    assert "outdated" not in said
    assert "of no request that this memory knows" not in said
    assert answered_in(said) > 0, said


def test_the_same_issues_are_exported_as_the_same_bytes(desk: Desk) -> None:
    desk.export()
    first = (desk.folder / "requests.jsonl").read_bytes()
    desk.export()
    assert (desk.folder / "requests.jsonl").read_bytes() == first


def test_answers_that_are_imported_twice_change_nothing(desk: Desk) -> None:
    desk.export()
    desk.bring(desk.answered())
    before = desk.entries()
    code, said = desk.bring(desk.answered())
    assert (code, f"{OPEN} segments answered before" in said) == (0, True), said
    assert desk.entries() == before


def test_an_answer_to_a_line_that_has_changed_since_is_not_used(desk: Desk) -> None:
    desk.export()
    issue = desk.folder / "zh/1.md"
    issue.write_text(
        f"开头多了一句话。\n\n{issue.read_text('utf-8').replace('欢迎阅读', '再次欢迎阅读')}", "utf-8"
    )
    lines = desk.answered()
    _, said = desk.bring(lines)
    assert answered_in(said) >= OPEN - 3
    desk.season()
    assert {"0.md", "1.md", "2.md"} == set(desk.outputs())
    assert desk.outputs() == live(desk)


def test_an_issue_that_is_gone_takes_its_answers_with_it(desk: Desk) -> None:
    desk.export()
    lines = desk.answered()
    (desk.folder / "zh/2.md").unlink()
    code, said = desk.bring(lines)
    assert code == 0
    assert "have changed since" in said


@pytest.mark.parametrize("column", ["step", "form"])
def test_a_request_of_a_newer_version_is_not_known(desk: Desk, column: str) -> None:
    desk.export()
    with open_memory(program.memory_place(desk.folder), now=str) as memory:
        change = f"UPDATE batch_requests SET {column} = 'newer'"  # noqa: S608 - one of two
        memory.database.transaction(lambda: memory.database.execute(change))
    code, said = desk.bring(desk.answered())
    assert (code, "answers nothing that is open" in said) == (ExitCode.FINDINGS, True), said


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b'{"custom_id": 7}',
        b'{"custom_id": "wt-unknown", "answer": {"s001": "Hello."}}',
        b"\xff\xfe",
        b'{"custom_id": "\xed\xa0\x80"}',
        b"[" * 100_000,
    ],
)
def test_no_line_of_answers_is_taken_for_more_than_it_is(desk: Desk, line: bytes) -> None:
    desk.export()
    code, said = desk.bring([line])
    assert code == ExitCode.FINDINGS
    assert "answers nothing that is open" in said
    assert not desk.entries()


@pytest.mark.parametrize(
    "answer",
    [7, "Sorry, I can't help with that.", {"s001": "周刊"}, {"s999": "Hello."}, [1, 2]],
)
def test_no_bad_answer_gets_into_the_memory(desk: Desk, answer: object) -> None:
    desk.export()
    asked = [json.loads(line)["custom_id"] for line in desk.answered()]
    code, said = desk.bring([json.dumps({"custom_id": one, "answer": answer}).encode() for one in asked])
    assert code == ExitCode.FINDINGS
    assert f"{OPEN} segments did not pass" in said
    assert not desk.entries()


def test_answers_of_another_service_are_read_as_it_writes_them(desk: Desk) -> None:
    desk.export()
    lines = []
    for line in desk.answered():
        given = json.loads(line)
        message = {"role": "assistant", "content": f"```json\n{json.dumps(given['answer'])}\n```"}
        body = {"choices": [{"message": message, "finish_reason": "stop"}]}
        lines.append(json.dumps({"custom_id": given["custom_id"], "response": {"body": body}}).encode())
    assert answered_in(desk.bring(lines)[1]) == OPEN


def test_a_format_that_a_service_refuses_is_asked_of_the_endpoint_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", desk.server.url)
    desk.export()
    refused = {"status_code": 400, "body": STATUS_FAULTS["http_400_format"].body}
    ids = [json.loads(line)["custom_id"] for line in desk.answered()]
    desk.bring([json.dumps({"custom_id": id_, "response": refused}).encode() for id_ in ids])
    desk.export()
    assert "json_schema" not in (desk.folder / "requests.jsonl").read_text("utf-8")
    desk.season()
    assert {request.body["response_format"]["type"] for request in desk.server.requests} == {"json_schema"}


def test_a_file_has_no_more_lines_and_bytes_than_a_batch_may_have() -> None:
    lines = [bytes(10)] * 25
    assert [len(file) for file in files_of(lines, most_lines=10)] == [10, 10, 5]
    assert [len(file) for file in files_of(lines, most_bytes=100)] == [10, 10, 5]
    assert list(files_of([])) == []
    assert [len(file) for file in files_of([bytes(500)] * 2, most_bytes=100)] == [1, 1]


# --------------------------------------------------------------------------- what is not used is said


def given_in(line: bytes) -> tuple[str, dict[str, str]]:
    """The id and the texts of an answer."""
    given = json.loads(line)
    return given["custom_id"], given["answer"]


def test_a_pattern_without_quotes_costs_no_issue(desk: Desk) -> None:
    issues = sorted((desk.folder / "zh").glob("*.md"))
    before = [issue.read_bytes() for issue in issues]
    code, said = desk.run("batch", "export", *issues)  # the shell has put the first issue in the file's place
    assert (code, "0.md is not replaced" in said) == (ExitCode.USAGE, True), said
    assert [issue.read_bytes() for issue in issues] == before


@pytest.mark.parametrize("answered", ["answers.jsonl", "requests.jsonl"])
def test_answers_are_not_replaced_by_requests(desk: Desk, answered: str) -> None:
    desk.export()
    file = desk.folder / answered
    file.write_bytes(b"\n".join(desk.answered()))
    before = file.read_bytes()
    code, said = desk.run("batch", "export", answered, "zh", "--model", "fake-7b")
    assert (code, "is not replaced" in said) == (ExitCode.USAGE, True), said
    assert file.read_bytes() == before


def test_an_answer_that_did_not_pass_is_said_with_its_line(desk: Desk) -> None:
    desk.export()
    lines = desk.answered()
    at, id_, texts = next((at, *given_in(line)) for at, line in enumerate(lines) if b"<a1>" in line)
    key = next(one for one, text in texts.items() if "<a1>" in text)
    lines[at] = json.dumps({"custom_id": id_, "answer": {**texts, key: "See https://evil.example."}}).encode()
    code, said = desk.bring(lines)
    assert code == ExitCode.FINDINGS
    assert answered_in(said) == OPEN - 1
    assert re.search(
        r"zh/0\.md:\d+: url\.added: the address https://evil.example is not in the source", said
    ), said


def test_a_good_answer_behind_a_bad_one_counts(desk: Desk) -> None:
    desk.export()
    lines = desk.answered()
    id_, _ = given_in(lines[0])
    sorry = json.dumps({"custom_id": id_, "answer": "Sorry, I can't help with that."}).encode()
    code, said = desk.bring([sorry, *lines])
    assert (code, answered_in(said)) == (0, OPEN), said
    assert "the first good answer counts" in said


def test_lines_that_nobody_can_read_are_named(desk: Desk) -> None:
    desk.export()
    code, said = desk.bring([*desk.answered(), b'{"custom_id": "wt-1", "ans', b"\x93Hello\x94"])
    assert (code, answered_in(said)) == (ExitCode.FINDINGS, OPEN)
    assert f"line {len(desk.answered()) + 1} is no JSON from character 23 on" in said
    assert "is not in UTF-8" in said


def test_an_answer_of_any_depth_is_read_or_refused() -> None:
    endpoint = Endpoint("https://api.example.org/v1", "fake")
    for depth in range(500, 1_200):  # somewhere in between, an answer can be read but not written again
        answer = b"[" * depth + b"]" * depth
        (line,) = answers_in(b'{"custom_id": "wt-1", "answer": ' + answer + b"}", endpoint)
        assert line.outcome


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_answers_are_read_as_editors_and_shells_save_them(desk: Desk, encoding: str, end: str) -> None:
    desk.export()
    text = end.join(line.decode() for line in desk.answered())
    (desk.folder / "answers.jsonl").write_bytes(f"{text}{end}{end}".encode(encoding))
    code, said = desk.run("batch", "import", "answers.jsonl", "--model", "fake-7b")
    assert (code, answered_in(said)) == (0, OPEN), said


def test_results_of_anthropics_batches_are_read(desk: Desk) -> None:
    desk.export()
    lines = []
    for id_, texts in map(given_in, desk.answered()):
        content = [{"type": "thinking", "thinking": "Well."}, {"type": "text", "text": json.dumps(texts)}]
        message = {"content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 1}}
        lines.append(
            json.dumps({"custom_id": id_, "result": {"type": "succeeded", "message": message}}).encode()
        )
    expired = json.dumps(
        {"custom_id": given_in(desk.answered()[0])[0], "result": {"type": "expired"}}
    ).encode()
    code, said = desk.bring([expired])
    assert (code, "without an answer: expired" in said) == (ExitCode.FINDINGS, True), said
    assert answered_in(desk.bring(lines)[1]) == OPEN


@pytest.mark.parametrize("name", ["content", "text", "translation"])
def test_a_line_of_another_form_is_refused_with_the_form_that_is_read(desk: Desk, name: str) -> None:
    desk.export()
    id_, texts = given_in(desk.answered()[0])
    code, said = desk.bring([json.dumps({"custom_id": id_, name: json.dumps(texts)}).encode()])
    assert code == ExitCode.FINDINGS
    assert 'neither "answer" nor "response"' in said


def test_an_issue_that_cannot_be_read_any_more_is_named(desk: Desk) -> None:
    desk.export()
    lines = desk.answered()
    (desk.folder / "zh/2.md").write_bytes(b"\xff\xff")
    assert "2.md" in desk.bring(lines)[1]


def test_where_nothing_is_left_the_export_says_so(desk: Desk) -> None:
    desk.export()
    desk.bring(desk.answered())
    code, said = desk.export()
    assert (code, "nothing to translate" in said) == (0, True), said


def test_an_export_says_what_batches_ask_for_as_well(desk: Desk) -> None:
    desk.season("--batch")
    code, said = desk.export()
    assert (code, f"{OPEN} segments of them in earlier batches" in said) == (0, True), said


# --------------------------------------------------------------------------- by hand


def sheet_of(desk: Desk) -> list[dict[str, object]]:
    """The lines that a person gets to see."""
    (desk.folder / "sheet.jsonl").unlink(missing_ok=True)
    desk.run("batch", "export", "sheet.jsonl", "zh", "--by-hand")
    return [json.loads(line) for line in (desk.folder / "sheet.jsonl").read_bytes().splitlines()]


def filled(line: dict[str, object]) -> dict[str, object]:
    """A line with a good answer."""
    terms = dict(term.split(": ") for term in line.get("terms", ()))  # type: ignore[attr-defined]
    segment = Asked("s001", str(line["zh"]), str(line["kind"]))
    ((_, english),) = faithful(Question((segment,), "", terms, wants_json=False))
    return {**line, "answer": english}


def hand_in(desk: Desk, lines: list[dict[str, object]], *more: str) -> tuple[int, str]:
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (desk.folder / "sheet.jsonl").write_text(text, "utf-8")
    return desk.run("batch", "import", "sheet.jsonl", "--origin", "Ada", "--status", "edited", *more)


def test_a_person_answers_segment_by_segment(desk: Desk) -> None:
    sheet = sheet_of(desk)
    assert len(sheet) == OPEN
    assert {"custom_id", "kind", "zh", "answer"} <= set(sheet[0])
    code, said = hand_in(desk, [filled(line) for line in sheet])
    assert (code, answered_in(said)) == (0, OPEN), said
    assert desk.season()[0] == 0
    assert not desk.server.requests
    assert desk.outputs() == live(desk)


def test_what_a_person_has_written_outlives_a_change_of_the_prompts(desk: Desk) -> None:
    hand_in(desk, [filled(line) for line in sheet_of(desk)])
    assert {entry.status for entry in desk.entries()} == {Status.EDITED}
    (desk.folder / "glossary.yaml").write_text("- {source: 协程, target: coroutine, note: new}\n", "utf-8")
    assert not sheet_of(desk)


def test_a_sheet_may_be_handed_in_before_it_is_full(desk: Desk) -> None:
    sheet = sheet_of(desk)
    code, said = hand_in(desk, [filled(sheet[0]), *sheet[1:]])
    assert (code, answered_in(said)) == (ExitCode.FINDINGS, 1)
    assert f"{OPEN - 1} requests without an answer: the answer is empty" in said
    assert "did not pass" not in said
    code, said = hand_in(desk, [filled(line) for line in sheet])
    assert (code, answered_in(said)) == (0, OPEN - 1), said


def test_a_person_reads_what_is_wrong_with_an_answer_and_answers_again(desk: Desk) -> None:
    sheet = sheet_of(desk)
    number = next(place for place, line in enumerate(sheet) if "<a1>" in str(line["zh"]))
    for _ in range(4):  # more often than a model is asked
        wrong = {**filled(sheet[number]), "answer": "See https://evil.example."}
        code, said = hand_in(desk, [wrong if line is sheet[number] else filled(line) for line in sheet])
        assert (code, "1 segment did not pass" in said) == (ExitCode.FINDINGS, True), said
        sheet, number = sheet_of(desk), 0
        assert len(sheet) == 1
    assert answered_in(hand_in(desk, [filled(sheet[0])])[1]) == 1


def test_a_sheet_with_complaints_holds_the_english_they_are_about(desk: Desk) -> None:
    sheet = sheet_of(desk)
    number = next(place for place, line in enumerate(sheet) if "<a1>" in str(line["zh"]))
    hand_in(desk, [{**sheet[number], "answer": "See https://evil.example."}])
    again = next(line for line in sheet_of(desk) if line["zh"] == sheet[number]["zh"])
    assert again["en"] == "See https://evil.example."
    assert "the address https://evil.example is not in the source" in again["complaints"]  # type: ignore[operator]


def test_what_a_person_accepts_anyway_is_stored(desk: Desk) -> None:
    sheet = sheet_of(desk)
    number = next(place for place, line in enumerate(sheet) if "<a1>" not in str(line["zh"]))
    wrong = {**sheet[number], "answer": "There are 4321 of them."}
    code, said = hand_in(desk, [wrong])
    assert (code, "num.added: the number 4321 is not in the source" in said) == (ExitCode.FINDINGS, True), (
        said
    )
    assert answered_in(hand_in(desk, [wrong], "--accept-anyway", "an estimate")[1]) == 1


def test_nobody_vouches_in_a_way_that_is_not_known(desk: Desk) -> None:
    code, said = hand_in(desk, [], "--status", "perfect")
    assert (code, "machine, edited, approved" in said) == (ExitCode.USAGE, True), said


# --------------------------------------------------------------------------- a total that several runs share


def spent_in(desk: Desk) -> Decimal:
    """What counts as spent, with what batches on their way may cost."""
    with open_memory(program.memory_place(desk.folder), now=lambda: "2026-01-01") as memory:
        return memory.spending.total()


def limit_total(desk: Desk, total: Decimal) -> None:
    (desk.folder / "weekly-translate.toml").write_text(f"budget_total = {total}\n{PRICES}", "utf-8")


def test_a_batch_on_its_way_counts_as_spent_until_it_is_fetched(desk: Desk) -> None:
    limit_total(desk, Decimal(1))
    assert desk.season("--batch")[0] == 0
    reserved = spent_in(desk)
    assert reserved > 0
    limit_total(desk, reserved + Decimal("0.000001"))
    (desk.folder / "zh/3.md").write_text(issue_text(3), "utf-8")
    for batch in (["--batch"], []):  # neither another batch nor a live run has room beside it
        code, said = desk.season(*batch)
        assert (code, "budget_total" in said) == (ExitCode.PARTIAL, True), said
    assert (len(desk.server.batches.batches), desk.server.requests) == (1, [])
    desk.server.batches.finish()
    said = desk.season("--batch", "fetch")[1]
    paid = re.findall(r"\$([\d.]+)", said)
    assert float(spent_in(desk)) == pytest.approx(float(paid[0]), abs=0.0001)
    assert spent_in(desk) != reserved


def test_what_another_run_spends_before_a_batch_is_sent_is_left_to_it(desk: Desk) -> None:
    """This run has read the total when it began; the other one spends while the issues are planned."""
    limit_total(desk, Decimal(1))
    with open_memory(program.memory_place(desk.folder), now=lambda: "2026-01-01") as memory:
        settings = ExportOptions(file=Path(), issues=[], model="fake-7b").settings
        data = read_project(replace(settings, budget_total=Decimal(1)), memory)
        jobs = BatchJobs(data, Endpoint(desk.server.url, "fake-7b", ""), cast("OpenAIBatch", None))

        def planned() -> dict[Path, Plan]:
            with open_memory(program.memory_place(desk.folder), now=lambda: "2026-01-01") as other:
                other.spending.add(Decimal("0.9999999"))
            return plans_of([Order(desk.folder / "zh/0.md", None)], data, pytest.fail)

        with pytest.raises(BudgetSpentError, match="budget_total"):
            asyncio.run(jobs.submit(planned))


def test_a_batch_that_is_given_up_gives_its_dollars_back(desk: Desk) -> None:
    limit_total(desk, Decimal(1))
    desk.season("--batch")
    desk.server.batches.batches.clear()
    assert desk.season("--batch", "forget")[0] == 0
    assert spent_in(desk) == 0


# --------------------------------------------------------------------------- the script for Ray, without Ray

_SCRIPT = Path(__file__).parents[1] / "docs" / "ray_batch.py"
_FAKE_RAY = """
class Dataset:
    def __init__(self, rows): self.rows = rows
    def count(self): return len(self.rows)
    def repartition(self, number): return self
    def iter_rows(self): return iter(self.rows)
    def map_batches(self, worker, fn_constructor_args, **_):
        lines = worker(*fn_constructor_args)({"text": [row["text"] for row in self.rows]})["line"]
        return Dataset([{"line": line} for line in lines])
class data:
    from_items = Dataset
    ActorPoolStrategy = dict
"""


def _asked_by_the_script(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    (folder / "ray.py").write_text(_FAKE_RAY, "utf-8")
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    asked = [{"custom_id": f"wt-{number}", "body": body} for number in range(3)]
    (folder / "requests.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in asked), "utf-8")
    command = [sys.executable, str(_SCRIPT), "requests.jsonl", "answers.jsonl", "--url", url]
    variables = {**program.environment(folder), "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("content", ["Call Ada.", '{"name": 1}\n', '{"custom_id": "wt-1", "body": {}}\n'])
def test_the_script_for_ray_writes_to_nothing_but_answers(tmp_path: Path, content: str) -> None:
    (tmp_path / "answers.jsonl").write_text(content, "utf-8")
    ended = _asked_by_the_script(tmp_path, "http://127.0.0.1:9/v1")
    assert (ended.returncode, "something else than answers" in ended.stderr) == (1, True), ended.stderr
    assert (tmp_path / "answers.jsonl").read_text("utf-8") == content


def test_the_script_for_ray_goes_on_where_it_was_killed(tmp_path: Path, server: MisbehavingServer) -> None:
    done = json.dumps({"custom_id": "wt-0", "response": {"status_code": 200, "body": {}}, "error": None})
    (tmp_path / "answers.jsonl").write_text(f'{done}\n{{"custom_id": "wt-1", "resp', "utf-8")
    ended = _asked_by_the_script(tmp_path, server.url)
    assert ended.returncode == 0, ended.stderr
    first, *others = (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()
    assert first == done
    assert sorted(json.loads(line)["custom_id"] for line in others) == ["wt-1", "wt-2"]
    again = _asked_by_the_script(tmp_path, server.url)
    assert (again.returncode, "has all the answers" in again.stderr) == (0, True), "what follows goes on"
    assert len(server.requests) == 2
