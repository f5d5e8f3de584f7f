"""`season` from outside: what is translated, what is written, what is kept, and what a person is told."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from io import StringIO
from pathlib import Path

import pytest

from program import KEY, Ended, memory_place, run, start, start_by
from server import Fault, MisbehavingServer
from weekly_translate.errors import ExitCode, StorageError, UsageError
from weekly_translate.memory.database import TABLES
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.report.season_table import Occurrence, varieties_text
from weekly_translate.run.seasons import Log, Said, bound_of, chosen_in, varieties_in
from weekly_translate.text.characters import is_chinese

pytestmark = pytest.mark.usefixtures("either_database")

MINE = """\
issue: '第 (?P<number>[0-9]+) 期：(?P<title>.*)'
items: "{number}. "
notes: {英: EN}
stars: "({count} stars)"
"""
PRICES = '[prices."gpt-5-mini"]\ninput = 1.0\noutput = 1.0\n'


FRUIT = ("", "苹果", "香蕉", "樱桃")
"""What differs in numbers only would be one question."""


def issue(number: int, more: str = "") -> str:
    return (
        f"---\npubDate: 2026-0{number}-15\n---\n\n# 周刊第 {number} 期：{FRUIT[number]}\n\n"
        f"1、[{FRUIT[number]}的文章](https://example.org/{number})介绍**函数**{more}\n\n共同的一句话。\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh").mkdir()
    (tmp_path / "weekly-translate.toml").write_text(PRICES, "utf-8")
    for number in (1, 2, 3):
        (tmp_path / f"zh/2026-0{number}-15.md").write_text(issue(number), "utf-8")
    return tmp_path


def season(folder: Path, server: MisbehavingServer, *more: str) -> Ended:
    arguments = ("season", "zh", "-o", "en", "--edition", "none", "--base-url", server.url)
    return run(folder, *arguments, *more, OPENAI_API_KEY=KEY)


def forgotten(folder: Path) -> None:
    """As if no run had ever written anything."""
    with open_memory(memory_place(folder), now=str) as memory:

        def change() -> None:
            for table in TABLES:
                memory.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our names

        memory.database.transaction(change)


def english(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "en").glob("*")) if path.is_file()}


def last_line(ended: Ended) -> str:
    return ended.err.splitlines()[-1]


# --------------------------------------------------------------------------- what is translated


def test_a_second_season_sends_nothing_and_an_edited_issue_is_the_only_one_that_is_made_anew(
    folder: Path, server: MisbehavingServer
) -> None:
    first = season(folder, server)
    assert (first.code, first.out) == (ExitCode.DONE, b"")
    before, asked = english(folder), len(server.asked)
    assert list(before) == ["2026-01-15.md", "2026-02-15.md", "2026-03-15.md"]
    assert server.asked.count("共同的一句话。") == 1

    again = season(folder, server)
    assert "3 issues: 3 up to date" in again.err
    assert (again.code, english(folder), len(server.asked)) == (ExitCode.DONE, before, asked)

    (folder / "zh/2026-02-15.md").write_text(issue(2, "和**模块**"), "utf-8")
    edited = season(folder, server)
    assert "3 issues: 1 written, 2 up to date" in edited.err
    assert len(server.asked) == asked + 1
    assert [name for name, text in english(folder).items() if text != before[name]] == ["2026-02-15.md"]


def test_what_people_say_and_another_glossary_make_outputs_out_of_date(
    folder: Path, server: MisbehavingServer
) -> None:
    season(folder, server)
    asked = len(server.asked)
    (folder / "more.jsonl").write_text('{"source": "共同的一句话。", "target": "We share this."}\n', "utf-8")
    run(folder, "memory", "import", "more.jsonl")
    assert "3 issues: 3 written" in season(folder, server, "--changed").err
    assert all(b"We share this." in text for text in english(folder).values())
    assert len(server.asked) == asked

    (folder / "glossary.yaml").write_text(
        "- extends: default\n- {source: 协程池, target: coroutine pool}\n", "utf-8"
    )
    assert "3 issues: 3 written before, the same again" in season(folder, server).err
    assert len(server.asked) == asked


def test_changed_leaves_out_what_was_never_translated(folder: Path, server: MisbehavingServer) -> None:
    season(folder, server, "--to", "2026-01")
    assert list(english(folder)) == ["2026-01-15.md"]
    (folder / "zh/2026-01-15.md").write_text(issue(1, "和**模块**"), "utf-8")
    assert "1 issue: 1 written" in season(folder, server, "--changed").err
    assert list(english(folder)) == ["2026-01-15.md"]


@pytest.mark.parametrize(
    ("options", "months"),
    [
        (("--from", "2026-02"), ["02", "03"]),
        (("--from", "2026-01-15", "--to", "2026-02-15"), ["01", "02"]),
        (("--from", "2026-01-16", "--to", "2026-02-14"), []),
    ],
)
def test_a_range_of_dates(
    folder: Path, server: MisbehavingServer, options: tuple[str, ...], months: list[str]
) -> None:
    assert season(folder, server, *options).code == ExitCode.DONE
    assert list(english(folder)) == [f"2026-{month}-15.md" for month in months]


def test_a_range_of_numbers_asks_the_edition_and_says_who_has_none(
    folder: Path, server: MisbehavingServer
) -> None:
    (folder / "editions").mkdir()
    (folder / "editions/mine.yaml").write_text(MINE, "utf-8")
    (folder / "zh/note.md").write_text("没有编号的一页。\n", "utf-8")
    ended = season(folder, server, "--edition", "mine", "--from", "2", "--to", "2")
    assert ended.code == ExitCode.DONE, ended.err
    assert "zh/note.md: left out, because nothing says its number" in ended.err
    assert list(english(folder)) == ["2026-02-15.md"]


def test_a_plan_sends_nothing_and_writes_nothing(folder: Path, server: MisbehavingServer) -> None:
    before = sorted(folder.rglob("*"))
    planned = season(folder, server, "--plan")
    assert planned.code == ExitCode.DONE
    assert "issues    3: 3 to translate, 0 not" in planned.err
    assert (server.requests, sorted(folder.rglob("*"))) == ([], before)


# --------------------------------------------------------------------------- a person's work


def test_an_edited_output_is_shown_and_kept_until_a_person_decides(
    folder: Path, server: MisbehavingServer
) -> None:
    season(folder, server)
    edited = folder / "en/2026-02-15.md"
    ours = edited.read_bytes()
    theirs = ours.replace(b"# ", b"# Edited by hand: ")
    edited.write_bytes(theirs)
    asked = len(server.asked)

    held = season(folder, server)
    assert (held.code, edited.read_bytes(), len(server.asked)) == (ExitCode.PARTIAL, theirs, asked)
    assert b"+# Edited by hand: " in held.out
    told = "en/2026-02-15.md: a person has edited it since it was written\n"
    assert told in held.err
    assert season(folder, server, "-q") == Ended(ExitCode.PARTIAL, b"", told)

    assert season(folder, server, "--keep-edits").code == ExitCode.DONE
    assert "3 issues: 3 up to date" in season(folder, server).err
    (folder / "zh/2026-02-15.md").write_text(issue(2, "和**模块**"), "utf-8")
    assert season(folder, server).code == ExitCode.PARTIAL
    assert edited.read_bytes() == theirs

    assert season(folder, server, "--replace-edits").code == ExitCode.DONE
    assert b"Edited by hand" not in edited.read_bytes()


def test_translate_keeps_what_a_person_has_edited_and_knows_what_a_season_has_written(
    folder: Path, server: MisbehavingServer
) -> None:
    name = "2026-01-15.md"
    arguments = (f"zh/{name}", "-o", f"en/{name}", "--edition", "none", "--base-url", server.url, "-q")
    season(folder, server)
    out, asked = folder / "en" / name, len(server.asked)
    written = out.read_bytes()
    assert run(folder, *arguments, OPENAI_API_KEY=KEY) == Ended(ExitCode.DONE, b"", "")
    assert "3 issues: 3 up to date" in season(folder, server).err

    out.write_bytes(written.replace(b"# ", b"# Edited by hand: "))
    (folder / "zh" / name).write_text(issue(1, "和**模块**"), "utf-8")
    held = run(folder, *arguments, OPENAI_API_KEY=KEY)
    assert (held.code, len(server.asked)) == (ExitCode.USAGE, asked)
    assert held.err == f"en/{name}: a person has edited it since it was written. Nothing was asked.\n"
    held = run(folder, *arguments[:-1], OPENAI_API_KEY=KEY)
    assert b"+# Edited by hand: " in held.out
    learn = f"memory learn zh/{name} en/{name} --status edited --edition none"
    for word in ("--keep-edits", learn, "--replace-edits"):
        assert f"{word}\n" in held.err
    assert b"Edited by hand" in out.read_bytes()

    assert run(folder, *arguments, "--keep-edits", OPENAI_API_KEY=KEY).code == ExitCode.DONE
    assert (b"Edited by hand" in out.read_bytes(), len(server.asked)) == (True, asked)
    assert run(folder, *arguments, "--replace-edits", OPENAI_API_KEY=KEY).code == ExitCode.DONE
    assert b"Edited by hand" not in out.read_bytes()


def test_translate_replaces_no_english_that_was_there_before_and_makes_the_folder_it_needs(
    folder: Path, server: MisbehavingServer
) -> None:
    name = "2026-01-15.md"
    arguments = (f"zh/{name}", "-o", f"new/folder/{name}", "--edition", "none", "--base-url", server.url)
    out = folder / "new" / "folder" / name
    assert run(folder, *arguments, OPENAI_API_KEY=KEY).code == ExitCode.DONE
    out.write_text("Somebody's own translation.\n", "utf-8")
    forgotten(folder)
    asked = len(server.asked)
    ended = run(folder, *arguments, OPENAI_API_KEY=KEY)
    assert (ended.code, len(server.asked)) == (ExitCode.USAGE, asked)
    assert f"new/folder/{name}: it was there before, and no run on this memory has written it" in ended.err
    assert out.read_text("utf-8") == "Somebody's own translation.\n"


def test_a_person_may_change_their_mind_about_a_file_that_was_to_stay(
    folder: Path, server: MisbehavingServer
) -> None:
    season(folder, server)
    before = english(folder)
    (folder / "en/2026-02-15.md").write_text("Somebody's own translation.\n", "utf-8")
    season(folder, server, "--keep-edits")
    assert "3 issues: 3 up to date" in season(folder, server, "--keep-edits").err
    asked = len(server.asked)
    assert "3 issues: 1 written, 2 up to date" in season(folder, server, "--replace-edits").err
    assert (english(folder), len(server.asked)) == (before, asked)


def test_a_file_that_no_season_has_written_is_not_replaced_and_costs_nothing(
    folder: Path, server: MisbehavingServer
) -> None:
    (folder / "en").mkdir()
    (folder / "en/2026-01-15.md").write_text("Somebody's own translation.\n", "utf-8")
    ended = season(folder, server)
    assert ended.code == ExitCode.PARTIAL
    assert "en/2026-01-15.md: it was there before, and no run on this memory has written it" in ended.err
    assert english(folder)["2026-01-15.md"] == b"Somebody's own translation.\n"
    assert not any("苹果" in text for text in server.asked)


def test_how_to_decide_is_said_once_for_all_files_that_are_held_back(
    folder: Path, server: MisbehavingServer
) -> None:
    season(folder, server)
    forgotten(folder)
    held = season(folder, server)
    assert held.err.count("no run on this memory has written it\n") == 3
    assert held.err.count("--replace-edits") == 1


def test_an_output_that_was_deleted_is_written_again(folder: Path, server: MisbehavingServer) -> None:
    season(folder, server)
    before = english(folder)
    (folder / "en/2026-01-15.md").unlink()
    season(folder, server)
    assert english(folder) == before


def test_the_two_decisions_exclude_each_other(folder: Path, server: MisbehavingServer) -> None:
    ended = season(folder, server, "--keep-edits", "--replace-edits")
    assert (ended.code, ended.err.count("\n")) == (ExitCode.USAGE, 1)


# --------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-o", "weekly-translate.toml"), "weekly-translate.toml is a file"),
        (("-", "-o", "en"), "for the standard input leave `season` out"),
        (("-o", "zh"), "would replace its own sources in zh"),
        (("-o", "en", "--from", "2026-02-15", "--to", "2026-01"), "2026-02-15 comes after --to 2026-01"),
        (("-o", "en", "--from", "10", "--to", "9"), "10 comes after --to 9"),
    ],
)
def test_what_can_not_be_meant_is_told_in_one_line(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    ended = run(folder, "season", "zh", *arguments, "--engine", "draft")
    assert (ended.code, ended.err.count("\n")) == (ExitCode.USAGE, 1)
    assert told in ended.err


def test_a_folder_that_cannot_be_written_is_told_once_and_before_anything_is_paid(
    folder: Path, server: MisbehavingServer
) -> None:
    (folder / "en").write_text("a file\n", "utf-8")
    ended = run(folder, "season", "zh", "-o", "en/new", "--base-url", server.url, OPENAI_API_KEY=KEY)
    assert (ended.code, ended.err.count("\n"), server.requests) == (ExitCode.STORAGE, 1, [])
    assert ended.err.startswith("en/new cannot be written: ")


def test_a_range_that_holds_nothing_says_how_it_was_understood(
    folder: Path, server: MisbehavingServer
) -> None:
    for plan in ((), ("--plan",)):
        ended = season(folder, server, *plan, "--from", "2027-01")
        assert ended.code == ExitCode.DONE
        assert "the range from date 2027-01 holds none of these issues" in ended.err
        assert ("issues    none" if plan else "no issue to translate") in ended.err
    assert not (folder / "en").exists()


def test_one_bad_issue_is_a_line_and_not_the_end(folder: Path, server: MisbehavingServer) -> None:
    (folder / "zh/bad.md").write_bytes(b"\xff\xfe\xfd")
    (folder / "en").mkdir()
    (folder / "en/2026-03-15.md").symlink_to(folder / "elsewhere.md")
    ended = season(folder, server, "-q")
    assert ended.code == ExitCode.PARTIAL
    assert [line.partition(" ")[0] for line in ended.err.splitlines()] == ["en/2026-03-15.md", "zh/bad.md"]
    assert {"2026-01-15.md", "2026-02-15.md"} <= english(folder).keys()
    assert not (folder / "elsewhere.md").exists()


def test_errors_keep_a_file_back_unless_it_may_be_incomplete_and_the_next_season_tries_again(
    folder: Path,
) -> None:
    with MisbehavingServer(Fault("echo", where="香蕉的文章")) as server:
        ended = season(folder, server)
        assert ended.code == ExitCode.FINDINGS, ended.err
        assert list(english(folder)) == ["2026-01-15.md", "2026-03-15.md"]
        assert "\nE errors, zh places where Chinese is left\n" in ended.err
        assert last_line(ended).endswith(" --retry-failed"), "the same command would not ask again"
        assert "1 asked before in vain" in season(folder, server, "--plan").err
        partial = season(folder, server, "--allow-partial")
        assert (partial.code, len(english(folder))) == (ExitCode.FINDINGS, 3)
    with MisbehavingServer() as server:
        assert season(folder, server, "--retry-failed").code == ExitCode.DONE
        assert len(server.asked) == 1


def test_a_budget_stops_a_season_and_the_same_command_goes_on(
    folder: Path, server: MisbehavingServer
) -> None:
    stopped = season(folder, server, "--budget", "0.004", "--jobs", "1")
    assert stopped.code == ExitCode.PARTIAL
    assert "and the budget $0.004: the run may end before everything is translated" in stopped.err
    assert "would exceed the budget of $0.004" in stopped.err
    assert last_line(stopped).startswith("  weekly-translate season zh -o en --edition none")
    rest = season(folder, server)
    assert rest.code == ExitCode.DONE
    assert sorted(server.asked) == sorted(set(server.asked))


def test_runs_share_a_total_budget(folder: Path, server: MisbehavingServer) -> None:
    settings = folder / "weekly-translate.toml"
    settings.write_text("budget_total = 0.004\n" + PRICES, "utf-8")
    first = season(folder, server, "--jobs", "1")
    assert (first.code, "of which $0.0040 were left" in first.err) == (ExitCode.PARTIAL, True)
    asked = len(server.requests)
    second = season(folder, server, "--jobs", "1")
    assert second.code == ExitCode.PARTIAL
    assert "set a larger budget_total in weekly-translate.toml" in second.err
    assert (asked > 0, len(server.requests)) == (True, asked)
    settings.write_text("budget_total = 1\n" + PRICES, "utf-8")
    assert season(folder, server).code == ExitCode.DONE
    assert sorted(server.asked) == sorted(set(server.asked))


def test_an_interrupted_season_says_how_to_go_on(folder: Path) -> None:
    with MisbehavingServer(latency=0.5) as server:
        arguments = ("season", "zh", "-o", "en", "--edition", "none", "--base-url", server.url, "--jobs", "1")
        process = start(folder, *arguments, OPENAI_API_KEY=KEY)
        assert server.is_asked.wait(60)
        process.send_signal(signal.SIGTERM)
        err = process.communicate()[1].decode()
        assert process.returncode == ExitCode.INTERRUPTED, err
        assert "To go on:\n  weekly-translate season zh -o en" in err
        assert "Traceback" not in err
        assert season(folder, server).code == ExitCode.DONE
        assert sorted(server.asked) == sorted(set(server.asked))


def test_a_second_signal_does_not_wait_and_the_log_has_its_end(folder: Path) -> None:
    with MisbehavingServer(latency=2) as server:
        arguments = ("season", "zh", "-o", "en", "--base-url", server.url, "--log", "season.jsonl")
        process = start(folder, *arguments, OPENAI_API_KEY=KEY)
        assert server.is_asked.wait(60)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"press Ctrl-C again to stop at once" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        err = process.communicate()[1].decode()
        assert process.returncode == ExitCode.INTERRUPTED, err
        assert "To go on:\n  weekly-translate season zh -o en" in err
        events = [json.loads(line) for line in (folder / "season.jsonl").read_text("utf-8").splitlines()]
        assert [event["event"] for event in events] == ["begin", "stopping", "end"]
        assert events[-1]["exit_code"] == ExitCode.INTERRUPTED


# --------------------------------------------------------------------------- what is told


def test_the_report_says_what_became_of_each_issue(folder: Path, server: MisbehavingServer) -> None:
    (folder / "zh/bad.md").write_bytes(b"\xff")
    season(folder, server, "--report", "report.json")
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert (report["schema"], report["exit_code"], report["failure"]) == (1, 4, None)
    assert report["usage"]["requests"] == len(server.requests)
    assert report["usage"]["cost_usd"] > 0
    assert report["forecast"]["requests"] > 0
    assert all(one["whole"] and one["links"]["found"] for one in report["inventory"])
    assert len(report["inventory"]) == len([one for one in report["issues"] if one["segments"]["all"]])
    first, *_, bad = report["issues"]
    assert (first["result"], first["written"], first["target"]) == ("written", True, "en/2026-01-15.md")
    assert first["segments"]["all"] == first["segments"]["translated"] == 3
    assert (bad["result"], bad["written"]) == ("refused", False)
    assert "not valid UTF-8" in bad["why"]


def test_the_texts_of_an_edition_are_found_whatever_the_line_ends_are(
    folder: Path, server: MisbehavingServer
) -> None:
    (folder / "editions").mkdir()
    (folder / "editions/mine.yaml").write_text(f"{MINE}footer: |\n  ## Read on\n\n  All issues.\n", "utf-8")
    source = folder / "zh/2026-01-15.md"
    source.write_bytes(source.read_text("utf-8").replace("\n", "\r\n").encode())
    season(folder, server, "--edition", "mine", "--report", "season.json")
    report = json.loads((folder / "season.json").read_text("utf-8"))
    assert [one["texts"] for one in report["inventory"]] == 3 * [{"footer": True}]


def test_what_reads_in_two_ways_is_told_of_the_whole_season_whatever_was_up_to_date(
    folder: Path, server: MisbehavingServer
) -> None:
    for number, name in ((1, "LeafCache"), (2, "Leafcache")):
        (folder / f"zh/2026-0{number}-15.md").write_text(issue(number, f"与 {name} 的区别"), "utf-8")
    (folder / "editions").mkdir()
    (folder / "editions/mine.yaml").write_text(f"{MINE}dropped: [{{text: '^关注'}}]\n", "utf-8")
    edition = ("--edition", "mine")
    season(folder, server, *edition)
    (folder / "zh/2026-03-15.md").write_text(issue(3, "和**模块**"), "utf-8")
    again = season(folder, server, *edition)
    assert "3 issues: 1 written, 2 up to date" in again.err
    assert "without anything to do" not in again.err, "one issue says nothing of a rule"
    again = season(folder, server, *edition, "--report", "report.json")
    assert "3 issues: 3 up to date" in again.err
    assert "in several ways: 1 name " in again.err
    assert "1 rule without anything to do in these 3 issues" in again.err
    report = json.loads((folder / "report.json").read_text("utf-8"))
    (name,) = report["renderings"]
    assert [place["issue"] for text in name["renderings"] for place in text["places"]] == [
        "2026-01-15.md",
        "2026-02-15.md",
    ]


def test_a_log_holds_neither_the_key_nor_a_word_of_the_document(
    folder: Path, server: MisbehavingServer
) -> None:
    season(folder, server, "--log", "season.jsonl")
    text = (folder / "season.jsonl").read_text("utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events if event["event"] != "request"] == [
        *("begin", "issue", "issue", "issue", "end")
    ]
    assert sum(event["requests"] for event in events if event["event"] == "request") == len(server.requests)
    assert not any(words in text for words in (KEY, "共同", "函数", *english_words(folder)))
    assert (folder / "season.jsonl").stat().st_mode & 0o077 == 0

    (folder / "zh/2026-01-15.md").write_text(issue(1, "和**模块**"), "utf-8")
    season(folder, server, "--log", "season.jsonl", "--log-texts")
    text = (folder / "season.jsonl").read_text("utf-8")
    assert "模块" in text
    assert KEY not in text


def english_words(folder: Path) -> set[str]:
    """The words that the server made up."""
    lines = (line for text in english(folder).values() for line in text.decode().splitlines() if "[" in line)
    return {
        word for line in lines for word in line.replace("[", " ").replace("]", " ").split() if word.isalpha()
    }


class FullDisk(StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_whose_disk_is_full_ends_and_the_season_goes_on() -> None:
    log = Log(FullDisk(), name="season.jsonl")
    log.tell("one")
    log.tell("two")
    log.close()
    assert str(log.failure).startswith("the log season.jsonl is not whole: No space left on device;")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_what_a_full_disk_refuses_when_the_log_is_closed_is_told_as_well() -> None:
    file = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - the log closes it
    log = Log(file)
    file.write("left in the buffer")
    log.close()
    assert file.closed
    assert isinstance(log.failure, StorageError)


SMALL_DISK = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_season_whose_log_finds_no_room_is_written_and_does_not_end_as_if_all_were_well(
    folder: Path, server: MisbehavingServer
) -> None:
    """The log is as long as a file may be; everything else is short."""
    (folder / "season.jsonl").write_text('{"time": "2026-01-01"}\n', "utf-8")
    os.truncate(folder / "season.jsonl", 4_000_000)
    arguments = ("season", "zh", "-o", "en", "--base-url", server.url, "--log", "season.jsonl")
    before = (sys.executable, "-c", SMALL_DISK)
    process = start_by(before, folder, *arguments, "--report", "report.json", OPENAI_API_KEY=KEY)
    err = process.communicate()[1].decode()
    assert process.returncode == ExitCode.STORAGE
    assert "the log season.jsonl is not whole: File too large;" in err.splitlines()[-1]
    assert len(english(folder)) == 3
    assert json.loads((folder / "report.json").read_text("utf-8"))["exit_code"] == ExitCode.STORAGE


def test_quiet_is_quiet(folder: Path, server: MisbehavingServer) -> None:
    assert season(folder, server, "-q") == Ended(0, b"", "")


# --------------------------------------------------------------------------- which files


def names(given: list[str], out: Path) -> list[str]:
    return [one.name for one in chosen_in(given, out)]


def test_folders_files_and_patterns(folder: Path) -> None:
    (folder / "zh/sub").mkdir()
    (folder / "zh/sub/more.md").touch()
    (folder / "zh/.hidden.md").touch()
    (folder / "zh/en").mkdir()
    (folder / "zh/en/done.md").touch()
    out, zh = folder / "zh/en", folder / "zh"
    months = [f"2026-0{number}-15.md" for number in (1, 2, 3)]
    assert names([str(zh)], out) == [*months, "sub/more.md"]
    assert names([f"{zh}/**/*.md"], out) == [*months, "sub/more.md"]
    assert names([f"{zh}/2026-0[12]-*.md"], out) == months[:2]
    assert names([f"{zh}/{months[0]}", str(zh)], out) == [*months, "sub/more.md"]
    assert names([f"{zh}/*.md"], out) == months
    with pytest.raises(UsageError, match="There is no Markdown file"):
        names([f"{zh}/*.txt.md"], out)
    (folder / "empty").mkdir()
    with pytest.raises(UsageError, match="There is no Markdown file"):
        names([str(folder / "empty")], folder / "en")


def test_of_a_project_only_what_is_chinese_is_translated_and_it_is_said_what_is_left_out(
    folder: Path, server: MisbehavingServer
) -> None:
    run(folder, "init", "--full")
    (folder / "README.md").write_text(f"# The 周刊 in English\n\n{'How it is made. ' * 5}\n", "utf-8")
    plan = run(folder, "season", ".", "-o", "out", "--base-url", server.url, "--plan").err
    assert "issues    3: 3 to translate" in plan
    assert "left out, because they are not Chinese: README.md; copy what the pages need" in plan
    assert "left out, because they are files of the program: editions/full/footer.md, " in plan
    named = run(folder, "season", "README.md", "-o", "out", "--base-url", server.url, "--plan").err
    assert "issues    1: 1 to translate" in named, "whoever names a file means it"
    nothing = run(folder, "season", "prompts", "-o", "out", "--base-url", server.url)
    assert (nothing.code, "Name a file itself" in nothing.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("缓存\n", True),
        (f"How the 周刊 is made{' and made again' * 9}.\n", False),
        ("```sh\npip install cache\n```\n缓存\n", True),
        ("```\n缓存库的说明\n```\nWords\n", False),
        ("```pip install``` 把它装上，再缓存。\n", True),
        ("~~~md\n```\n~~~\n缓存\n", True),
        ("", False),
    ],
)
def test_what_is_chinese_is_told_by_its_prose(text: str, is_one: bool) -> None:  # noqa: FBT001 - a table
    assert is_chinese(text) == is_one


def test_the_english_may_go_to_the_folder_above_but_never_over_another_source(folder: Path) -> None:
    zh = folder / "zh"
    assert len(names([str(zh)], folder)) == 3
    (zh / "zh").mkdir()
    (zh / "zh/2026-01-15.md").touch()
    with pytest.raises(UsageError, match="is a source itself"):
        names([f"{zh}/**/*.md"], folder)


def test_no_output_lies_outside_of_its_folder_and_no_two_are_the_same_file(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other/2026-01-15.MD").touch()
    (folder / "other/2026-01-15.md").touch()
    with pytest.raises(UsageError, match="would both become"):
        names([str(folder / "zh"), str(folder / "other")], folder / "en")
    (folder / "zh/sub").mkdir()
    (folder / "zh/sub/more.md").touch()
    (folder / "en").mkdir()
    (folder / "en/sub").symlink_to(folder / "other")
    with pytest.raises(UsageError, match="lies outside"):
        names([f"{folder}/zh/**/*.md"], folder / "en")


@pytest.mark.parametrize("text", ["2026-13", "2026-1-1", "yesterday", "-1", "1.5"])
def test_a_bound_is_a_date_or_a_number(text: str) -> None:
    with pytest.raises(UsageError, match="neither a date nor a number"):
        bound_of("--from", text)


# --------------------------------------------------------------------------- what reads in several ways


def said(kind: str, key: str, text: str, line: int, source: str = "代理") -> Said:
    return Said(kind, key, source, text, Occurrence("1.md", line))


def test_what_reads_in_two_ways_is_told_with_its_places() -> None:
    found = varieties_in(
        [
            said("term", "代理", "proxy", 3),
            said("term", "代理", "agent", 7),
            said("term", "代理", "proxy", 9),
            said("name", "github", "GitHub", 1, "GitHub"),
            said("title", "https://a.example", "One title", 1, "同一篇文章的标题"),
            said("title", "https://a.example", "Another title", 2, "同一篇文章的标题"),
            said("title", "https://b.example", "This", 1, "一个题目"),
            said("title", "https://b.example", "That", 2, "完全不同的另外文字"),
        ]
    )
    assert varieties_text(found, places=1).splitlines() == [
        "term 代理: “proxy” (1.md:3, 1 more); “agent” (1.md:7)",
        "title 同一篇文章的标题: “Another title” (1.md:2); “One title” (1.md:1)",
    ]
