"""A review without a browser: in a terminal, from a saved page, and as a table of what is left to do."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import stat
import struct
import termios
from pathlib import Path
from typing import Any

import pytest

from forking import forked, on_terminal
from program import Ended, environment, in_a_file, run
from reviewing import (
    BOLD,
    CLAIM,
    ENGLISH,
    FIRST,
    LAST,
    OTHER,
    SPOILED,
    TITLE,
    complained_of,
    forget,
    issue_in,
    memory_in,
    translated,
)
from sampling import few_at_once
from server import Fault, MisbehavingServer
from weekly_translate.cli.review import edited
from weekly_translate.errors import UsageError
from weekly_translate.memory.decisions import Vouched
from weekly_translate.model import Entry, Kind, Proofreading, Settlement, Status
from weekly_translate.report.text import cells
from weekly_translate.review.session import read_decisions

OPTIONS = ("--project", ".", "--edition", "none")

pytestmark = pytest.mark.usefixtures("either_database")


@pytest.fixture
def folder(translated_issue: Path) -> Path:
    """An issue that is translated but for its first segment, which nobody knows; the last has a warning."""
    with memory_in(translated_issue) as memory:
        forget(memory, FIRST)
    return translated_issue


@in_a_file
@pytest.mark.parametrize("way", [("-o", "page.html"), ("--status", "."), ("--tty",)])
def test_a_quiet_review_tells_nothing_of_its_memory(folder: Path, way: tuple[str, ...]) -> None:
    with (folder / "memory.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096)
    loud = run(folder, "review", "issue.md", *way, *OPTIONS, "--reviewer", "ada", "--memory", "memory.db")
    assert "was damaged" in loud.err
    (folder / "memory.db").write_bytes((folder / "memory.db.damaged-1").read_bytes())
    words = ("review", "issue.md", *way, *OPTIONS, "--reviewer", "ada", "--memory", "memory.db", "-q")
    assert run(folder, *words, typed="q\n").err == ""


def walked(folder: Path, typed: str, **more: str) -> Ended:
    """What the program says to these answers, which come through a pipe."""
    return run(folder, "review", "issue.md", "--tty", "--reviewer", "ada", *OPTIONS, typed=typed, **more)


def editor(folder: Path, line: str) -> str:
    """An editor that puts a line in place of the first one."""
    script = folder / "editor"
    script.write_text(f"#!/bin/sh\nsed -i '1c {line}' \"$1\"\n", "utf-8")
    script.chmod(0o700)
    return str(script)


def known(folder: Path) -> dict[str, tuple[str, str, str]]:
    """What stands for each source: the entry that most is vouched for."""
    with memory_in(folder) as memory:
        entries = [one.entry for one in reversed(memory.stored())]
    return {one.source: (one.target, one.status.name, one.origin) for one in entries}


# --------------------------------------------------------------------------- segment by segment


def test_only_what_needs_a_look_is_shown(folder: Path) -> None:
    out = walked(folder, "s\ns\n").out.decode()

    assert "1 of 2, line 1" in out
    assert "2 of 2, line 9" in out
    assert FIRST in out
    assert LAST in out
    assert "punct.end" in out
    assert "垃圾" not in out


def test_texts_are_accepted_edited_and_rejected(folder: Path) -> None:
    ended = walked(folder, "e\na\n", EDITOR=editor(folder, "There are 12 articles."))

    assert ended.code == 0
    assert known(folder)[FIRST] == ("There are 12 articles.", "EDITED", "ada")
    assert known(folder)[LAST] == (ENGLISH[LAST], "APPROVED", "ada")
    assert "2 decisions; 0 segments left to look at" in ended.err


def test_a_text_is_accepted_whatever_the_checks_say_until_that_is_undone(folder: Path) -> None:
    walked(folder, "s\nw\nit is a headline\nq\n")

    with memory_in(folder) as memory:
        assert memory.settlements.of(LAST, ENGLISH[LAST]) == Settlement(who="ada", reason="it is a headline")
        assert memory.decisions.undo(LAST, who="ada")
        assert memory.settlements.of(LAST, ENGLISH[LAST]) is None


def with_a_wrong_number(folder: Path) -> None:
    """An English file whose first sentence, which the memory does not know, has an error."""
    lines = [
        "This issue shares 13 articles.",
        f"1. [{ENGLISH[TITLE]}](https://example.org/gc)",
        "It explains how **garbage collection** works.",
        f"2. [{ENGLISH[OTHER]}](https://example.org/cache)",
        f"{ENGLISH[LAST]}.",
    ]
    (folder / "en.md").write_text("\n\n".join(lines) + "\n", "utf-8")


def test_a_text_with_an_error_is_accepted_with_a_reason_only(folder: Path) -> None:
    with_a_wrong_number(folder)
    command = ("review", "issue.md", "en.md", "--tty", "--reviewer", "ada", *OPTIONS)
    plain = run(folder, *command, typed="a\nq\n")

    assert "It has an error: edit it (e), or accept it anyway with a reason (w)." in " ".join(
        plain.out.decode().split()
    )
    assert FIRST not in known(folder)
    assert "0 decisions; 2 segments left to look at" in plain.err

    anyway = run(folder, *command, typed="w\none came too late\nq\n")

    assert known(folder)[FIRST] == ("This issue shares 13 articles.", "APPROVED", "ada")
    assert "A check without it, as in CI, still says so" in " ".join(anyway.out.decode().split())
    assert "1 decision; 1 segment left to look at" in anyway.err


def test_an_edit_that_leaves_an_error_stays_to_be_looked_at(folder: Path) -> None:
    ended = walked(folder, "e\ns\nq\n", EDITOR=editor(folder, "There are 13 articles."))
    shown = " ".join(ended.out.decode().split())

    assert known(folder)[FIRST] == ("There are 13 articles.", "EDITED", "ada")
    assert "Stored as you have written it. An error is left in it." in shown
    assert shown.count("1 of 2, line 1") == 2, "it comes again"
    assert "1 decision; 2 segments left to look at" in ended.err
    assert "1 of 2, line 1" in walked(folder, "q\n").out.decode(), "and in the next walk"
    table = run(folder, "review", "--status", ".", *OPTIONS).out.decode().splitlines()
    assert table[1].split()[-1] == "2"


def test_a_text_that_stands_twice_is_decided_on_once(tmp_path: Path) -> None:
    issue_in(tmp_path, (FIRST, LAST, FIRST))
    ended = walked(tmp_path, "e\ns\n", EDITOR=editor(tmp_path, "There are 12 articles."))
    out = ended.out.decode()

    assert "1 of 3, line" in out
    assert "2 of 3, line" in out
    assert "3 of 3, line" not in out
    assert "1 decision; 1 segment left to look at" in ended.err


def test_an_answer_that_did_not_pass_is_shown_with_what_is_wrong_with_it_once(tmp_path: Path) -> None:
    issue_in(tmp_path)
    with MisbehavingServer(Fault("wrong_magnitude", where="支持 3 种")) as server:
        translated(tmp_path, server)
    shown = " ".join(walked(tmp_path, "i\nq\n").out.decode().split())

    assert "There is no finding to ignore here: accept it any(w)ay, or (e)dit it." in shown
    assert not (tmp_path / "ignores.yaml").exists()
    assert "(an answer that did not pass)" in shown
    assert shown.count(" error ") == 2, "once each time"
    assert "error num.value: the number 3 became 30" in shown


def test_no_reason_is_asked_for_where_none_makes_up_for_it(tmp_path: Path) -> None:
    issue_in(tmp_path, ("先用 `eval()` 计算，再用 `exec()` 执行代码。",))
    with MisbehavingServer(Fault("swap_tags")) as server:
        translated(tmp_path, server)
    shown = " ".join(walked(tmp_path, "w\ni\nq\n").out.decode().split())

    assert "Why is it right" not in shown
    assert "This cannot be stored: " in shown
    assert "There is no finding to ignore here: (e)dit it." in shown


def test_a_finding_is_ignored_with_a_reason(folder: Path) -> None:
    ended = walked(folder, "s\ni\na headline\nq\n")

    assert "ignores.yaml:1: punct.end is silent here" in " ".join(ended.out.decode().split())
    assert "a headline" in (folder / "ignores.yaml").read_text("utf-8")


def test_a_finding_about_the_document_comes_first_and_is_ignored_with_a_reason(folder: Path) -> None:
    issue = folder / "issue.md"
    issue.write_text(f"{issue.read_text('utf-8')}\n```\nturned \u202e round\n```\n", "utf-8")
    first = walked(folder, "i\nso it is\nq\n").out.decode()
    assert first.index("char.bidi") < first.index("Why is char.bidi mistaken here?") < first.index(FIRST)
    assert "so it is" in (folder / "ignores.yaml").read_text("utf-8")
    assert "char.bidi" not in walked(folder, "q\n").out.decode()


def test_what_only_the_english_file_has_wrong_is_told_too(folder: Path) -> None:
    (folder / "en.md").write_text(SPOILED, "utf-8")
    ended = run(folder, "review", "issue.md", "en.md", "--tty", *OPTIONS, typed="s\nq\n")
    told = ended.out.decode()
    assert "Only in en.md, not in the texts below, line 3\n" in told
    assert "url.changed: the link https://example.org/gc became" in told
    assert "Only in en.md, not in the texts below, English line 7\n" in told


def test_the_correction_of_a_second_reader_is_taken_with_one_key(folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    shown = " ".join(walked(folder, "s\nt\nq\n").out.decode().split())

    assert "“Cache” for “磁盘”; better “Cache for Disks”" in shown
    assert "(t)ake the correction" in shown
    assert known(folder)[OTHER] == ("Disk Cache for Disks", "EDITED", "ada")


def test_what_a_second_reader_says_is_dismissed_with_a_reason(folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    before = known(folder)
    walked(folder, "s\nd\n\nd\nit is a name\nq\n")  # without a reason nothing is dismissed

    assert known(folder) == before
    with memory_in(folder) as memory:
        assert memory.proofreadings.of(OTHER, ENGLISH[OTHER]) == Proofreading()
    assert "meaning." not in walked(folder, "s\nq\n").out.decode()


def test_undo_takes_a_dismissal_back(folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    walked(folder, "s\nd\nit is a name\nu\nq\n")
    with memory_in(folder) as memory:
        assert memory.proofreadings.of(OTHER, ENGLISH[OTHER]) == Proofreading((CLAIM,))


def test_a_reader_without_a_correction_has_none_that_could_be_taken(folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory, CLAIM._replace(correction=None))
    before = known(folder)
    assert "There is no correction" in walked(folder, "s\nt\nq\n").out.decode()
    assert known(folder) == before


def test_a_rejection_asks_for_the_reason(folder: Path) -> None:
    walked(folder, "s\nr\nno full stop\n")

    with memory_in(folder) as memory:
        assert [one.reason for one in memory.rejections(LAST)] == ["no full stop"]


def test_what_is_not_done_is_said(folder: Path) -> None:
    ended = walked(folder, "?\ns\nw\n\ni\n\nr\n \nq\n")

    assert ended.out.decode().count("Type one of the letters in parentheses") == 1
    assert ended.out.decode().count("Nothing is stored without a reason.") == 3


def test_a_walk_that_is_left_says_how_to_go_on(folder: Path) -> None:
    left = run(folder, "review", "issue.md", "new.md", "--tty", "--reviewer", "ada", *OPTIONS, typed="s\nq\n")
    assert "To go on:\n  weekly-translate review issue.md new.md --tty" in left.err


def test_undo_goes_back_even_from_behind_the_end(folder: Path) -> None:
    before = known(folder)
    ended = walked(folder, "e\na\nu\nu\nq\n", EDITOR=editor(folder, "There are 12 articles."))

    assert "That was the last one" in ended.out.decode()
    assert known(folder) == before
    assert "0 decisions; 2 segments left to look at" in ended.err


def test_an_english_file_that_was_not_written_yet_can_be_reviewed(folder: Path) -> None:
    ended = run(folder, "review", "issue.md", "new.md", "--tty", "--reviewer", "ada", *OPTIONS)

    assert "1 of 2, line 1" in ended.out.decode()
    assert "new.md does not exist yet" in ended.err


def test_decisions_about_an_english_file_that_is_not_there_are_a_slip_of_the_pen(folder: Path) -> None:
    saved(folder)
    options = ("--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)
    ended = run(folder, "review", "issue.md", "enn.md", *options)

    assert ended.code == 2
    assert "enn.md does not exist" in ended.err


@pytest.mark.parametrize("typed", few_at_once(["", "s", "q\n", "r\n", "e"], 2))
def test_the_end_of_the_input_ends_it_in_order(folder: Path, typed: str) -> None:
    before = known(folder)
    ended = walked(folder, typed, EDITOR="true")

    assert (ended.code, "Traceback" in ended.err) == (0, False)
    assert known(folder) == before


def test_what_can_not_be_stored_is_said_and_asked_again(folder: Path) -> None:
    out = walked(
        folder, "a\nr\nno\nu\nx\ne\ne\nq\n", EDITOR=editor(folder, "12 <a1>articles</a1>.")
    ).out.decode()

    assert "There is no English yet that could be accepted" in out
    assert "There is no English yet that could be rejected" in out
    assert "There is no decision of this session" in out
    assert out.count("the tag <a1>…</a1> is not in the source") >= 2
    assert FIRST not in known(folder)


@pytest.mark.parametrize("program", few_at_once(["nothing-of-this-name", "false", "'unpaired"], 1))
def test_an_editor_that_fails_changes_nothing(folder: Path, program: str) -> None:
    ended = walked(folder, "e\nq\n", EDITOR=program)

    assert ended.code == 0
    assert "The editor" in ended.out.decode()
    assert FIRST not in known(folder)


def test_no_content_steers_the_terminal(tmp_path: Path) -> None:
    issue_in(tmp_path, ("红色 \x1b[31m 与 \x9b2J 与 \u202e 方向。",))
    with memory_in(tmp_path) as memory:
        memory.import_entries([Entry(FIRST, "\x1b]0;title\x07", Status.MACHINE)])
    out = walked(tmp_path, "s\ns\nq\n").out.decode()

    assert "\\x1b[31m" in out
    assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(out)


@pytest.mark.parametrize(
    ("width", "variables"), [(60, {}), (80, {}), (120, {}), (80, {"NO_COLOR": "1"})], ids=str
)
def test_a_terminal_gets_colors_lines_that_fit_and_a_way_out(
    folder: Path, width: int, variables: dict[str, str]
) -> None:
    out = _on_a_terminal(folder, "s\n\x03", width, {"TERM": "xterm-256color", **variables})
    assert ("\x1b[" in out) is not bool(variables)
    assert "Traceback" not in out
    assert "Interrupted" not in out
    lines = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|\r|\^C", "", out).splitlines()
    assert [line for line in lines if cells(line) > width] == []
    text = " ".join(" ".join(lines).split())
    for whole in (
        "punct.end: the source ends with 。, the translation without a mark",
        "(a)ccept accept any(w)ay (e)dit (r)eject (i)gnore a finding (s)kip (u)ndo (q)uit:",
        "0 decisions; 2 segments left to look at.",
    ):
        assert whole in text


def _on_a_terminal(folder: Path, typed: str, width: int, variables: dict[str, str]) -> str:
    """What a person sees who types this, Ctrl-C among it, each key when a question stands there."""
    person, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    arguments = ("review", "issue.md", "--tty", "--reviewer", "ada", *OPTIONS)
    process = forked(folder, arguments, environment(folder, variables), on_terminal(terminal))
    os.close(terminal)
    seen = b""
    keys = iter(typed.replace("\n", "\n|").strip("|").split("|"))
    key: str | None = None
    while True:
        # A signal between the prompt and the read goes unnoticed until the read ends: press again.
        while key == "\x03" and not select.select([person], [], [], 2)[0]:
            os.write(person, key.encode())
        try:
            part = os.read(person, 4096)
        except OSError:  # the other side has hung up
            break
        seen += part
        if seen.endswith(b"uit: ") and (key := next(keys, None)):
            os.write(person, key.encode())
    process.wait()
    os.close(person)
    assert process.returncode == 0
    return seen.decode()


# --------------------------------------------------------------------------- the editor


def test_the_editor_gets_a_private_file_and_returns_the_text_byte_for_byte(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\nls -l "$2" > {seen}\nprintf "é “x”  " > "$2"\n', "utf-8")
    script.chmod(0o700)

    assert edited("old", "notes", {"EDITOR": f"{script} --wait"}) == "é “x”  "
    listed = seen.read_text("utf-8")
    assert listed.startswith("-rw-------")
    assert not Path(listed.split()[-1]).exists()


def test_notes_below_the_line_are_no_part_of_the_text() -> None:
    assert edited("old text", "the Chinese\nand findings", {"EDITOR": "true"}) == "old text"


def test_visual_comes_before_editor(tmp_path: Path) -> None:
    assert edited("x", "", {"VISUAL": editor(tmp_path, "seen"), "EDITOR": "false"}) == "seen"


def test_an_editor_that_saves_no_utf_8_is_told(tmp_path: Path) -> None:
    script = tmp_path / "editor"
    script.write_text("#!/bin/sh\nprintf '\\377' > \"$1\"\n", "utf-8")
    script.chmod(0o700)
    with pytest.raises(UsageError, match="UTF-8"):
        edited("x", "", {"EDITOR": str(script)})
    assert stat.S_IMODE(script.stat().st_mode) == 0o700


def test_an_editor_that_leaves_no_file_is_told() -> None:
    with pytest.raises(UsageError, match="nothing was changed"):
        edited("x", "", {"EDITOR": "rm"})


# --------------------------------------------------------------------------- a saved page


def saved(folder: Path, *decisions: dict[str, Any]) -> Path:
    path = folder / "decisions.json"
    path.write_text(json.dumps({"schema": 1, "document": "issue.md", "decisions": decisions}), "utf-8")
    return path


def test_decisions_of_a_saved_page_are_stored(folder: Path) -> None:
    saved(
        folder,
        {
            "segment": "s001",
            "source": FIRST,
            "seen": None,
            "verdict": "edited",
            "target": "12 articles.",
        },
        {"segment": "s002", "source": TITLE, "seen": ENGLISH[TITLE], "verdict": "accepted"},
        {
            "segment": "s005",
            "source": LAST,
            "seen": ENGLISH[LAST],
            "verdict": "rejected",
            "reason": "no stop",
        },
    )
    ended = run(folder, "review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)

    assert (ended.code, "3 decisions stored" in ended.err) == (0, True), ended.err
    assert known(folder)[FIRST] == ("12 articles.", "EDITED", "ada")
    assert LAST not in known(folder)
    before = known(folder)
    again = run(folder, "review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)
    assert (again.code, "nothing has changed, 3 decisions stored before" in again.err) == (0, True), again.err
    assert known(folder) == before


def test_decisions_on_a_sentence_that_stands_twice_are_stored_one_after_the_other(folder: Path) -> None:
    (folder / "issue.md").write_text(f"{LAST}\n\n{LAST}\n", "utf-8")
    seen = {"source": LAST, "seen": ENGLISH[LAST]}
    saved(
        folder,
        {"segment": "s001", **seen, "verdict": "accepted"},
        {"segment": "s002", **seen, "verdict": "accepted"},
        {"segment": "s002", **seen, "verdict": "edited", "target": "Another text."},
    )
    for _ in range(2):
        ended = run(folder, "review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)
        assert (ended.code, known(folder)[LAST]) == (0, ("Another text.", "EDITED", "ada")), ended.err


def test_what_was_applied_is_no_error_whatever_has_come_since(folder: Path) -> None:
    """A doubt that stays, a run's new answer, another person's edit: the decisions came before them."""
    with memory_in(folder) as memory:
        complained_of(memory)
    first = {"decided": "", "when": "2026-11-22T00:00:00Z"}
    saved(
        folder,
        {
            "segment": "s004",
            "source": OTHER,
            "seen": ENGLISH[OTHER],
            **first,
            "verdict": "accepted",
            "reason": "a name",
        },
        {
            "segment": "s005",
            "source": LAST,
            "seen": ENGLISH[LAST],
            **first,
            "verdict": "rejected",
            "reason": "no stop",
        },
        {
            "segment": "s002",
            "source": TITLE,
            "seen": ENGLISH[TITLE],
            **first,
            "verdict": "edited",
            "target": "Ours",
        },
    )
    arguments = ("review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)
    assert run(folder, *arguments).code == 0
    with MisbehavingServer() as server:
        translated(folder, server)
    with memory_in(folder) as memory:
        memory.decisions.vouch(Vouched(Entry(TITLE, "Hers", Status.EDITED, "eve"), Kind.TITLE))
    before = known(folder)
    again = run(folder, *arguments)
    assert (again.code, "3 decisions stored before" in again.err, known(folder)) == (0, True, before), (
        again.err
    )


def test_an_acceptance_of_another_text_is_not_the_one_in_the_file(folder: Path) -> None:
    with memory_in(folder) as memory:
        memory.decisions.vouch(Vouched(Entry(OTHER, "A Disk Cache", Status.APPROVED, "ada"), Kind.TITLE))
    first = {"decided": "", "when": "2026-11-22T00:00:00Z"}
    saved(
        folder,
        {"segment": "s004", "source": OTHER, "seen": ENGLISH[OTHER], **first, "verdict": "accepted"},
    )
    ended = run(folder, "review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)
    assert (ended.code, "the English has changed since the page was made" in ended.err) == (1, True), (
        ended.err
    )


@pytest.mark.parametrize(
    ("said", "is_stored"),
    [
        ({"when": "2020-01-01T00:00:00Z"}, False),
        ({"when": "2999-01-01T00:00:00Z"}, True),
        ({"when": "2999-01-01T00:00:00Z", "decided": ""}, False),
        ({}, False),
    ],
)
def test_an_older_decision_does_not_replace_a_newer_one(
    folder: Path, said: dict[str, str], *, is_stored: bool
) -> None:
    """Nor one that was made without having seen it. What a page showed may be decided anew."""
    first = {"segment": "s002", "source": TITLE, "seen": ENGLISH[TITLE]}
    saved(folder, {**first, "verdict": "accepted", "decided": ""})
    arguments = ("review", "issue.md", "--apply", "decisions.json", *OPTIONS, "--reviewer")
    assert run(folder, *arguments, "eve").code == 0

    saved(folder, {**first, "verdict": "edited", "target": "Ours", **said})
    ended = run(folder, *arguments, "ada")
    told = re.search(r"issue\.md: line \d+: eve has accepted it at .*, look at it again\.", ended.err)
    assert (ended.code, told is None) == ((0, True) if is_stored else (1, False)), ended.err
    assert known(folder)[TITLE][0] == ("Ours" if is_stored else ENGLISH[TITLE])

    with memory_in(folder) as memory:
        last = memory.decisions.last(TITLE)
    assert last is not None
    saved(
        folder,
        {
            **first,
            "seen": known(folder)[TITLE][0],
            "verdict": "edited",
            "target": "At last",
            "decided": last.when,
        },
    )
    assert run(folder, *arguments, "ada").code == 0
    assert known(folder)[TITLE][0] == "At last"


def test_decisions_on_what_has_changed_since_are_told_and_not_stored(folder: Path) -> None:
    saved(
        folder,
        {"segment": "s001", "source": "别的。", "seen": None, "verdict": "edited", "target": "Another."},
        {"segment": "s003", "source": BOLD, "seen": "It was different.", "verdict": "accepted"},
        {"segment": "s004", "source": OTHER, "seen": ENGLISH[OTHER], "verdict": "edited", "target": ""},
        {"segment": "s999", "source": OTHER, "seen": ENGLISH[OTHER], "verdict": "accepted"},
    )
    before = known(folder)
    ended = run(folder, "review", "issue.md", "--apply", "decisions.json", "--reviewer", "ada", *OPTIONS)

    assert ended.code == 1
    assert known(folder) == before
    assert ended.err.count("issue.md: ") == 4
    assert "the text is empty.\n" in ended.err


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schema": 2, "decisions": []}',
        b'{"schema": 1, "decisions": [1]}',
        b'{"schema": 1, "decisions": [{"segment": 1, "source": "x", "verdict": "accepted"}]}',
        b'{"schema": 1, "decisions": [{"segment": "x", "source": "x", "verdict": "approved"}]}',
        b'{"schema": 1, "decisions": [{"segment": "x", "source": "x", "verdict": "edited"}]}',
        b"\xff",
    ],
)
def test_a_file_that_holds_no_decisions_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"decisions\.json"):
        read_decisions(data, "decisions.json")


# --------------------------------------------------------------------------- what is left to do


def test_the_status_of_a_folder_says_who_has_to_look_at_what(folder: Path) -> None:
    with memory_in(folder) as memory:
        memory.import_entries([Entry(TITLE, "The Story", Status.APPROVED), Entry(OTHER, "A", Status.EDITED)])
        memory.reject(BOLD, "too long")
    (folder / "english.md").write_text("Nothing to translate.\n", "utf-8")
    (folder / "broken.md").write_bytes(b"\xff\x00\xff")
    (folder / "second.md").write_text("另一期。\n", "utf-8")
    ended = run(folder, "review", "--status", ".", *OPTIONS)
    table = [line.split() for line in ended.out.decode().splitlines()]

    assert table == [
        ["issue", "segments", "approved", "edited", "machine", "rejected", "missing", "findings"],
        ["issue.md", "5", "1", "1", "1", "1", "1", "1"],
        ["second.md", "1", "0", "0", "0", "0", "1", "0"],
        ["all", "6", "1", "1", "1", "1", "2", "1"],
    ]
    assert (ended.code, "broken.md" in ended.err) == (2, True)
    (folder / "broken.md").unlink()
    assert run(folder, "review", "--status", ".", *OPTIONS).code == 0


@pytest.mark.parametrize("name", ["nothing", "issue.md", "empty"])
def test_a_status_needs_a_folder_with_issues(tmp_path: Path, name: str) -> None:
    issue_in(tmp_path)
    (tmp_path / "empty").mkdir()
    ended = run(tmp_path, "review", "--status", name, *OPTIONS)

    assert ended.code == 2
    assert not (tmp_path / "memory.db").exists()
