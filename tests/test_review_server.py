"""The server of a review: who gets in, what is stored, and what two windows or a run do to each other."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from program import environment, memory_place, run, run_process
from reviewing import (
    BOLD,
    ENGLISH,
    FIRST,
    LAST,
    LINES,
    OTHER,
    SPOILED,
    TITLE,
    Client,
    Program,
    complained_of,
    forget,
    issue_in,
    memory_in,
    served,
    translated,
)
from server import MisbehavingServer
from weekly_translate.cli.review import ReviewOptions, session_of
from weekly_translate.memory.database import FailedAnswer
from weekly_translate.model import Entry, Status
from weekly_translate.review.server import BODY_LIMIT
from weekly_translate.review.session import Paths

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("either_database")


@pytest.fixture
def folder(translated_issue: Path) -> Path:
    return translated_issue


@pytest.fixture
def page(folder: Path) -> Iterator[Client]:
    """The page of a review of that issue."""
    with served(folder) as address:
        yield Client(address).enter()


def test_half_a_request_does_not_hold_a_connection(folder: Path) -> None:
    """Nothing at all, half a head, half a body, and half a request behind a whole one."""
    with served(folder, target=None, patience=1) as address, ExitStack() as open_sockets:
        client = Client(address).enter()
        host, _, port = client.host.partition(":")
        head = f"Host: {client.host}\r\nOrigin: {client.origin}\r\nCookie: {client.cookie}\r\n"
        body = f"POST /decide HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
        whole = f"GET /state?since=0 HTTP/1.1\r\n{head}\r\n"
        halves = ("", "GET / HTTP/1.1\r\nHost: ", body, f"{whole}GET")
        connections = [
            open_sockets.enter_context(socket.create_connection((host, int(port)))) for _ in halves
        ]
        for connection, half in zip(connections, halves, strict=True):
            connection.settimeout(60)
            connection.sendall(half.encode())
        heard = [b"".join(iter(partial(connection.recv, 65536), b"")) for connection in connections]
        assert heard[:3] == [b"", b"", b""]
        assert heard[3].startswith(b"HTTP/1.1 200 ")
        assert client.ask("GET", "/state?since=0").status == 200


@pytest.fixture(scope="module")
def stranger(translated_folder: Path) -> Iterator[Client]:
    """Knows where a review is served, and has not entered."""
    with served(translated_folder, target=None) as address:
        yield Client(address)


@pytest.fixture(scope="module")
def guest(translated_folder: Path) -> Iterator[Client]:
    """Has entered a review in which nobody decides anything."""
    with served(translated_folder, target=None) as address:
        yield Client(address).enter()


# --------------------------------------------------------------------------- who gets in


def test_the_address_is_on_this_machine_and_hard_to_guess(stranger: Client) -> None:
    assert stranger.address.startswith("http://127.0.0.1:")
    assert len(stranger.token) >= 43  # 256 bits in base64


@pytest.mark.parametrize(
    "path", ["/", "/state?since=0", "/nothing", "/?token=", "/?token=guessed", "/?token=%ff"]
)
def test_without_the_token_nothing_is_shown(stranger: Client, path: str) -> None:
    heard = stranger.ask("GET", path)

    assert heard.status in (401, 403)
    assert "垃圾" not in heard.body.decode()
    assert "Set-Cookie" not in heard.headers


@pytest.mark.parametrize("path", ["/decide", "/dismiss", "/undo", "/approve-clean", "/write", "/check"])
@pytest.mark.parametrize("cookie", [None, "review-1=x", "review=é"])
def test_without_the_cookie_nothing_is_done(stranger: Client, path: str, cookie: str | None) -> None:
    assert stranger.ask("POST", path, b"{}", {"Cookie": cookie}).status == 401


def test_the_token_is_good_for_one_browser(guest: Client) -> None:
    other = guest.ask("GET", f"/?token={guest.token}", headers={"Cookie": None})
    used = b"This address has been used: start the review again for another browser."
    assert (other.status, other.body) == (403, used), "words, for a person"
    assert guest.ask("GET", f"/?token={guest.token}").status == 303
    assert guest.ask("GET", "/").status == 200


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(folder: Path) -> None:
    with served(folder) as address:
        client = Client(address)
        cookie = client.ask("GET", f"/?token={client.token}").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.token not in cookie


@pytest.mark.parametrize(
    "host", [None, "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "127.0.0.1.:{port}"]
)
def test_another_name_for_this_machine_is_refused(guest: Client, host: str | None) -> None:
    """A site can give its own name our address: its page would be of the same origin."""
    name = host.format(port=guest.host.partition(":")[2]) if host else None
    for method, path in (("GET", "/"), ("GET", "/state"), ("POST", "/approve-clean")):
        # No body: whoever names no host is answered and cut off before one could be sent.
        assert guest.ask(method, path, headers={"Host": name}).status in (400, 403)


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://{host}", "http://localhost"]
)
def test_another_origin_may_change_nothing(guest: Client, origin: str | None) -> None:
    name = origin.format(host=guest.host) if origin else None
    assert guest.ask("POST", "/approve-clean", b"{}", {"Origin": name}).status == 403
    if origin:
        assert guest.ask("GET", "/state", headers={"Origin": name}).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_browser_that_says_another_site_asks_is_refused(guest: Client, site: str) -> None:
    headers: dict[str, str | None] = {"Sec-Fetch-Site": site}
    assert guest.ask("POST", "/approve-clean", b"{}", headers).status == 403
    assert guest.ask("GET", "/state", headers=headers).status == 403
    assert guest.ask("GET", "/", headers=headers).status == (200 if site == "none" else 403)


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("path", ["/decide", "/dismiss", "/undo", "/approve-clean", "/write", "/check"])
def test_looking_changes_nothing(guest: Client, path: str) -> None:
    for method in ("GET", "HEAD"):
        assert guest.ask(method, path).status == 405


@pytest.mark.parametrize(
    "path", ["/nothing", "/state/", "//state", "/../issue.md", "/%2e%2e/issue.md", "/en.md", "/page/page.js"]
)
def test_no_other_path_is_answered(guest: Client, path: str) -> None:
    heard = guest.ask("GET", path)

    assert heard.status == 404
    assert heard.data == {"error": "Not Found."}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_method_is_known(guest: Client, method: str) -> None:
    assert guest.ask(method, "/state", b"{}").status in (403, 405, 415)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b" " * (BODY_LIMIT + 1), {}, 413),
        (b"{}", {"Content-Length": None, "Transfer-Encoding": "chunked"}, 411),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b"{", {}, 400),
        (b'{"segment": "\xff"}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"segment": 1}', {}, 400),
        (b'{"segment": "s001", "verdict": "approved"}', {}, 400),
        (b'{"segment": "s999", "verdict": "accepted", "revision": ""}', {}, 422),
    ],
)
def test_what_is_no_decision_is_refused(
    guest: Client, body: bytes, headers: dict[str, str | None], status: int
) -> None:
    heard = guest.ask("POST", "/decide", body, headers)

    assert heard.status == status
    assert list(heard.data) == ["error"]


def test_every_answer_is_for_this_page_only(guest: Client) -> None:
    for path in ("/", "/state", "/nothing"):
        headers = guest.ask("GET", path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers
    assert guest.ask("GET", "/state").headers["Content-Type"] == "application/json"


# --------------------------------------------------------------------------- deciding


def test_an_accepted_text_is_in_the_memory_when_the_answer_comes(page: Client, folder: Path) -> None:
    heard = page.decide(page.segments()[FIRST], "accepted")

    assert heard.status == 200
    with memory_in(folder) as memory:
        entry = memory.find("no key", FIRST)
    assert entry is not None
    assert (entry.target, entry.status, entry.origin) == (ENGLISH[FIRST], Status.APPROVED, "ada")


def test_a_text_with_an_error_is_not_accepted_without_a_reason(page: Client) -> None:
    assert page.decide(page.segments()[FIRST], "edited", target="There are 13 articles.").status == 200
    heard = page.decide(page.segments()[FIRST], "accepted")

    assert heard.status == 422
    assert heard.data["error"] == "It has an error: edit it (e), or accept it anyway with a reason (w)."
    assert page.decide(page.segments()[FIRST], "accepted", reason="one came too late").status == 200
    assert [one["severity"] for one in page.segments()[FIRST]["findings"]] == ["info"]


def test_a_run_asks_for_nothing_that_was_accepted_and_uses_an_edit_byte_for_byte(
    page: Client, folder: Path
) -> None:
    text = "It tells how <b1>GC</b1> works — “café”, 100 % *literally*."
    segments = page.segments()
    for source in (FIRST, TITLE, OTHER):
        assert page.decide(segments[source], "accepted").status == 200
    assert page.decide(segments[BOLD], "edited", target=text).status == 200
    assert page.decide(segments[LAST], "rejected", reason="no full stop").status == 200
    with MisbehavingServer() as server:
        translated(folder, server)

    assert server.asked == [LAST] * len(server.asked)
    question = server.requests[0].body["messages"][-1]["content"]
    assert "no full stop" in question
    assert json.dumps(ENGLISH[LAST]) in question
    written = (folder / "out.md").read_text("utf-8")
    assert "It tells how **GC** works — “café”, 100 % \\*literally\\*." in written


@pytest.mark.parametrize(
    ("source", "text", "why"),
    [
        (BOLD, "It explains garbage collection.", "the tag <b1>…</b1> is missing"),
        (BOLD, "它介绍了垃圾回收。", "the tag <b1>…</b1> is missing"),
        (BOLD, "<b1></b1>It explains it.", "nothing stands between"),
        (BOLD, "</b1>It explains <b1>it.", "the tags overlap"),
        (FIRST, "12 <a1>articles</a1>.", "the tag <a1>…</a1> is not in the source"),
        (FIRST, " \n ", "the text is empty"),
        (FIRST, "12 articles.\n\n# Heading", "a line break would end the item"),
        (FIRST, "12 \x1b[31marticles.", "control character"),
        (FIRST, "12 \u202earticles.", "direction"),
    ],
)
def test_an_edit_that_would_break_the_document_is_refused(
    guest: Client, source: str, text: str, why: str
) -> None:
    segment = guest.segments()[source]
    heard = guest.decide(segment, "edited", target=text)

    assert heard.status == 422
    assert why in heard.data["error"]
    assert why in guest.post("/check", segment=segment["id"], target=text).data["refused"]
    assert guest.segments()[source] == segment


def test_the_checks_judge_a_text_that_is_being_written(page: Client) -> None:
    segment = page.segments()[LAST]
    wrong = page.post("/check", segment=segment["id"], target=f"{ENGLISH[LAST]}.".replace("3", "4")).data
    good = page.post("/check", segment=segment["id"], target=f"{ENGLISH[LAST]}.").data

    assert [finding["check"] for finding in wrong["findings"]] == ["num.value"]
    assert good == {"findings": [], "refused": ""}


def test_half_an_emoji_is_judged_like_any_other_text(guest: Client) -> None:
    judged = guest.post("/check", segment=guest.segments()[FIRST]["id"], target="12 articles \ud83d")

    assert judged.status == 200
    assert judged.data["refused"]


def test_a_rejection_needs_a_reason(page: Client) -> None:
    assert page.decide(page.segments()[FIRST], "rejected", reason=" \n").status == 422


def test_what_a_second_reader_says_is_taken_or_dismissed(page: Client, folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    shown = page.segments()[OTHER]
    assert shown["corrected"] == "Disk Cache for Disks"
    about = {"segment": shown["id"], "revision": shown["revision"]}
    assert page.post("/dismiss", **about, reason=" ").status == 422
    assert page.post("/dismiss", **{**about, "revision": "old"}, reason="a name").status == 409
    assert page.post("/dismiss", **about, reason="a name").status == 200
    dismissed = page.segments()[OTHER]
    assert (dismissed["target"], dismissed.get("findings"), dismissed.get("corrected")) == (
        ENGLISH[OTHER],
        None,
        None,
    )
    assert page.post("/dismiss", **about, reason="a name").status == 422
    told = page.post("/about", segment=shown["id"]).data["history"]
    assert [(past["what"], past["who"], past["reason"]) for past in told if past["reason"]] == [
        ("dismissed", "ada", "a name")
    ]

    assert dismissed["undoable"]
    page.post("/undo", segment=shown["id"], revision=dismissed["revision"])
    heard_again = page.segments()[OTHER]
    assert (heard_again["corrected"], heard_again.get("undoable")) == ("Disk Cache for Disks", None)


def test_what_was_decided_after_a_dismissal_is_taken_back_before_it(page: Client, folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    one = page.segments()[OTHER]
    page.post("/dismiss", segment=one["id"], revision=one["revision"], reason="a name")
    page.decide(page.segments()[OTHER], "edited", target="A Disk Cache")
    undone = []
    for _ in range(2):
        one = page.segments()[OTHER]
        page.post("/undo", segment=one["id"], revision=one["revision"])
        undone.append((page.segments()[OTHER]["target"], "corrected" in page.segments()[OTHER]))
    assert undone == [(ENGLISH[OTHER], False), (ENGLISH[OTHER], True)]


def test_undo_brings_back_what_was_there(page: Client) -> None:
    before = page.segments()[BOLD]
    page.decide(before, "edited", target="<b1>GC</b1> explained.")
    edited = page.segments()[BOLD]
    page.post("/undo", segment=edited["id"], revision=edited["revision"])
    after = page.segments()[BOLD]

    assert (edited["target"], edited["undoable"]) == ("<b1>GC</b1> explained.", True)
    assert (after["target"], after["status"], after.get("undoable")) == (ENGLISH[BOLD], "machine", None)
    again = page.post("/undo", segment=after["id"], revision=after["revision"])
    assert again.status == 422


def test_all_that_is_clean_is_accepted_at_once_and_nothing_else(page: Client) -> None:
    version = page.ask("GET", "/state").data["version"]
    heard = page.post("/approve-clean", version=version)
    status = {source: one["status"] for source, one in page.segments().items()}

    assert heard.data["approved"] == 4
    assert status == dict.fromkeys(ENGLISH, "approved") | {LAST: "machine"}


def test_what_a_window_has_not_seen_is_not_accepted_with_the_rest(page: Client, folder: Path) -> None:
    version = page.ask("GET", "/state").data["version"]
    with memory_in(folder) as memory:
        for one in memory.stored():
            if one.entry.source == FIRST:
                entry = Entry(FIRST, "There are 12 articles.", Status.MACHINE)
                memory.store(one.key, entry, one.kind)
    page.post("/approve-clean", version=version)

    assert page.segments()[FIRST]["status"] == "machine"


def test_what_was_accepted_together_is_taken_back_together(page: Client) -> None:
    page.decide(page.segments()[FIRST], "accepted")
    version = page.ask("GET", "/state").data["version"]
    page.post("/approve-clean", version=version)
    page.decide(page.segments()[OTHER], "edited", target="A Disk Cache")
    assert page.post("/undo-clean").data["undone"] == 2
    status = {source: one["status"] for source, one in page.segments().items()}

    assert status == dict.fromkeys(ENGLISH, "machine") | {FIRST: "approved", OTHER: "edited"}
    assert page.post("/undo-clean").data["undone"] == 0


# --------------------------------------------------------------------------- two at a time


def test_a_second_window_sees_what_the_first_one_decides(page: Client) -> None:
    state = page.ask("GET", "/state?since=0").data
    segment = next(one for one in state["segments"] if one["source"] == FIRST)
    page.decide(segment, "accepted")
    news = page.ask("GET", f"/state?since={state['version']}").data

    assert [one["source"] for one in news["segments"]] == [FIRST]
    assert news["segments"][0]["decision"]["who"] == "ada"
    assert page.ask("GET", f"/state?since={news['version']}").data["segments"] == []


def test_two_windows_that_edit_the_same_text_lose_neither_silently(page: Client) -> None:
    segment = page.segments()[FIRST]
    page.decide(segment, "edited", target="Twelve articles are in this issue, 12.")
    late = page.decide(segment, "edited", target="This issue has 12 articles.")

    assert late.status == 409
    assert "has changed in the meantime" in late.data["error"]
    newer = next(one for one in late.data["segments"] if one["id"] == segment["id"])
    assert newer["target"] == "Twelve articles are in this issue, 12."
    assert page.decide(newer, "edited", target="This issue has 12 articles.").status == 200
    undone = page.segments()[FIRST]
    page.post("/undo", segment=undone["id"], revision=undone["revision"])
    assert page.segments()[FIRST]["target"] == "Twelve articles are in this issue, 12."


def test_a_decision_about_what_another_program_has_changed_is_a_conflict(page: Client, folder: Path) -> None:
    segment = page.segments()[LAST]
    with memory_in(folder) as memory:
        memory.reject(LAST, "by hand")
    late = page.decide(segment, "accepted")

    assert late.status == 409
    newer = next(one for one in late.data["segments"] if one["id"] == segment["id"])
    assert newer["decision"]["reason"] == "by hand"
    assert "target" not in newer


def test_a_translate_run_at_the_same_time_and_the_review_lose_nothing(page: Client, folder: Path) -> None:
    segments = page.segments()
    page.decide(segments[LAST], "rejected", reason="no full stop")
    with MisbehavingServer() as server:
        translated(folder, server)
        page.decide(segments[FIRST], "accepted")
    answered = page.segments()

    assert answered[LAST]["target"] != ENGLISH[LAST]
    assert answered[LAST]["status"] == "machine"
    assert answered[FIRST]["status"] == "approved"


def test_a_run_that_holds_the_memory_is_said_and_the_decision_can_be_made_later(
    page: Client, folder: Path
) -> None:
    segment = page.segments()[FIRST]
    with memory_in(folder) as memory:
        heard = memory.database.transaction(lambda: page.decide(segment, "accepted"))

    assert heard.status == 503
    assert "is locked by another run" in heard.data["error"]
    assert page.decide(segment, "accepted").status == 200


# --------------------------------------------------------------------------- writing


def test_the_english_is_written_whole_and_only_on_demand(page: Client, folder: Path) -> None:
    page.decide(page.segments()[LAST], "edited", target=f"{ENGLISH[LAST]}.")
    assert not (folder / "en.md").exists()
    heard = page.post("/write", anyway=False)

    assert (heard.status, heard.data["written"], heard.data["errors"]) == (200, "en.md", 0)
    assert (folder / "en.md").read_text("utf-8").splitlines()[4:5] == [
        "It explains how **garbage collection** works."
    ]


def test_what_the_page_has_written_is_up_to_date_for_a_run_until_a_person_edits_it(
    page: Client, folder: Path
) -> None:
    page.decide(page.segments()[LAST], "edited", target=f"{ENGLISH[LAST]}.")
    page.post("/write", anyway=False)
    written = (folder / "en.md").read_bytes()
    with MisbehavingServer() as server:
        arguments = ("issue.md", "-o", "en.md", "--edition", "none")
        again = run(folder, *arguments, "--base-url", server.url)
        assert (again.code, server.asked, (folder / "en.md").read_bytes()) == (0, [], written), again.err
        (folder / "en.md").write_bytes(written + b"\nMore.\n")
        assert "a person has edited it" in run(folder, *arguments, "--base-url", server.url).err
        preview = page.post("/preview").data
        page.post("/write", seen=preview["seen"], kept=[*range(len(preview["changes"]))])
        kept = run(folder, *arguments, "--base-url", server.url)
        assert (kept.code, "stays as it is until issue.md changes" in kept.err) == (0, True)
        assert (folder / "en.md").read_bytes() == written + b"\nMore.\n"


def test_what_only_the_english_file_has_is_no_runs_to_replace(folder: Path) -> None:
    with memory_in(folder) as memory:
        forget(memory, FIRST)
    english = [ENGLISH[FIRST].replace("shares", "brings"), f"1. [{ENGLISH[TITLE]}](https://example.org/gc)"]
    (folder / "en.md").write_text("\n\n".join(english), "utf-8")
    with served(folder) as address:
        client = Client(address).enter()
        seen = client.post("/preview").data["seen"]
        assert client.post("/write", anyway=True, seen=seen).status == 200
    assert "brings" in (folder / "en.md").read_text("utf-8")
    with MisbehavingServer() as server:
        again = run(folder, "issue.md", "-o", "en.md", "--base-url", server.url)
    assert (again.code, "stays as it is until issue.md changes" in again.err) == (0, True)
    assert "brings" in (folder / "en.md").read_text("utf-8")


def test_errors_are_written_only_by_those_who_ask_for_it(page: Client, folder: Path) -> None:
    page.decide(page.segments()[LAST], "rejected", reason="no full stop")
    refused = page.post("/write", anyway=False)
    assert (refused.status, refused.data["errors"]) == (409, 1)
    assert not (folder / "en.md").exists()

    assert page.post("/write", anyway=True).status == 200
    assert LAST in (folder / "en.md").read_text("utf-8")


def test_an_english_file_that_somebody_has_edited_is_shown_before_it_is_overwritten(
    page: Client, folder: Path
) -> None:
    page.post("/write", anyway=True)
    path = folder / "en.md"
    path.write_text(path.read_text("utf-8").replace("Disk Cache", "A Disk Cache"), "utf-8")
    refused = page.post("/write", anyway=True)

    assert refused.status == 409
    assert "has been changed" in refused.data["error"]
    assert "A Disk Cache" in path.read_text("utf-8")
    assert page.segments()[OTHER]["changed"] is True
    assert page.post("/write", anyway=True).status == 409  # nobody has seen what changes
    preview = page.post("/preview").data
    assert [(one["gone"], one["new"]) for one in preview["changes"]] == [
        (["2. [A Disk Cache](https://example.org/cache)"], ["2. [Disk Cache](https://example.org/cache)"])
    ]
    assert page.post("/write", anyway=True, seen=preview["seen"]).status == 200


def test_lines_outside_the_segments_are_shown_and_can_be_kept(page: Client, folder: Path) -> None:
    page.post("/write", anyway=True)
    path = folder / "en.md"
    path.write_text(f"Dear readers!\n\n{path.read_text('utf-8')}\n*Thanks to Bo.*\n", "utf-8")
    before = path.read_text("utf-8")
    preview = page.post("/preview").data

    assert [one["is_outside"] for one in preview["changes"]] == [True, True]
    assert "Dear readers!" in preview["changes"][0]["gone"]
    assert "*Thanks to Bo.*" in preview["changes"][1]["gone"]
    assert page.post("/write", anyway=True, seen=preview["seen"], kept=[0, 1]).status == 200
    assert path.read_text("utf-8") == before
    preview = page.post("/preview").data
    page.post("/write", anyway=True, seen=preview["seen"], kept=[1])
    assert "Dear readers!" not in path.read_text("utf-8")
    assert path.read_text("utf-8").endswith("*Thanks to Bo.*\n")


def test_the_history_of_a_text_says_who_when_and_what_before(page: Client, folder: Path) -> None:
    page.decide(page.segments()[FIRST], "edited", target="Here are 12 articles.")
    with memory_in(folder) as memory:
        other = Entry("本期分享了 15 篇文章。", "This issue shares 15 articles.", Status.APPROVED, "bo")
        memory.import_entries([other])
        memory.store_failure("key", FailedAnswer(FIRST, "Articles.", (), "openai gpt-5-mini"))
    heard = page.post("/about", segment=page.segments()[FIRST]["id"]).data

    told = [(one["what"], one["text"], one["who"]) for one in heard["history"]]
    assert ("edited", "Here are 12 articles.", "ada") in told
    assert ("answered", ENGLISH[FIRST]) in [one[:2] for one in told]
    assert all(one["when"] for one in heard["history"])
    assert "openai gpt-5-mini failed" not in [one["who"] for one in heard["history"]]
    assert (other.source, other.target) in [(one["source"], one["target"]) for one in heard["suggestions"]]


def test_a_finding_is_ignored_in_every_command_from_then_on(page: Client, folder: Path) -> None:
    last = page.segments()[LAST]
    named = {"segment": last["id"], "revision": last["revision"], "check": "punct.end"}
    assert page.post("/ignore", **named, reason=" ").status == 422
    heard = page.post("/ignore", **named, reason="a headline: no stop")

    (shown,) = [one for one in heard.data["segments"] if one["source"] == LAST]
    assert [finding["severity"] for finding in shown["findings"]] == ["info"]
    assert "ignored: a headline: no stop" in shown["findings"][0]["message"]
    page.post("/write")
    arguments = ("--project", ".", "--edition", "none", "--format", "json")
    found = json.loads(run(folder, "check", "issue.md", "en.md", *arguments).out)
    assert "punct.end" not in json.dumps(found["findings"])
    again = {**named, "revision": page.segments()[LAST]["revision"], "reason": "once more"}
    assert page.post("/ignore", **again).status == 200
    assert (folder / "ignores.yaml").read_text("utf-8").count("- check:") == 2


def test_a_finding_about_the_document_is_ignored_too(translated_issue: Path) -> None:
    issue = translated_issue / "issue.md"
    issue.write_text(f"{issue.read_text('utf-8')}\n```\nturned \u202e round\n```\n", "utf-8")
    with served(translated_issue) as address:
        page = Client(address).enter()
        (said,) = [one for one in page.ask("GET", "/state").data["findings"] if one["severity"] != "info"]
        named = {"check": said["check"], "message": said["message"]}
        assert page.post("/ignore-remark", **named, reason=" ").status == 422
        assert page.post("/ignore-remark", **{**named, "message": "else"}, reason="so it is").status == 409
        heard = page.post("/ignore-remark", **named, reason="so it is")
    assert [(one["severity"], one["message"]) for one in heard.data["findings"]] == [
        ("info", f"{said['message']} (ignored: so it is)")
    ]
    (entry,) = yaml.safe_load((translated_issue / "ignores.yaml").read_text("utf-8"))
    assert entry == {"check": said["check"], "source": "turned \u202e round", "reason": "so it is"}


def test_what_is_ignored_is_heard_again_unless_its_entry_was_edited(page: Client, folder: Path) -> None:
    ignores = folder / "ignores.yaml"
    for reason in ("first", "second"):
        last = page.segments()[LAST]
        named = {"segment": last["id"], "revision": last["revision"], "check": "punct.end"}
        assert page.post("/hear", **named).status == 422
        page.post("/ignore", **named, reason=reason)
        before = ignores.read_text("utf-8")
        if reason == "second":
            ignores.write_text(before.replace("second", "a headline"), "utf-8")
            heard = page.post("/hear", **named)
            assert (heard.status, "has been edited since" in heard.data["error"]) == (422, True)
            assert "a headline" in ignores.read_text("utf-8")
        else:
            ignores.write_text(f"# ours\n{before}", "utf-8")
            assert page.post("/hear", **named).status == 200
            assert (ignores.read_text("utf-8"), page.segments()[LAST]["findings"][0]["severity"]) == (
                "# ours\n[]\n",
                "warning",
            )


def file_judged(page: Client, *, is_good: bool) -> Any:  # noqa: ANN401 - JSON
    """What the page is told when the English file, which nobody waits for, has been judged."""
    while bool((told := page.ask("GET", "/state?since=0").data)["of_file"]) is is_good:
        pass
    return told


def test_all_that_check_says_of_the_file_is_told_until_it_is_mended(folder: Path) -> None:
    """What `check` finds in the file need not be in the text that the memory has."""
    (folder / "en.md").write_text(SPOILED, "utf-8")
    checked = run(
        folder, "check", "issue.md", "en.md", "--project", ".", "--edition", "none", "--format", "json"
    )
    found = {(one["check"], one["message"]) for one in json.loads(checked.out)["findings"]}
    assert {check for check, _ in found} >= {"url.changed", "seg.extra"}
    with served(folder) as address:
        page = Client(address).enter()
        told = file_judged(page, is_good=False)
        shown = [*told["of_file"], *told["findings"]]
        shown += [finding for one in told["segments"] for finding in one.get("findings", ())]
        assert found <= {(one["check"], one["message"]) for one in shown}

        (extra,) = [one for one in told["of_file"] if one["check"] == "seg.extra"]
        named = {"check": "seg.extra", "message": extra["message"]}
        heard = page.post("/ignore-remark", **named, reason="so it is").data
        (silent,) = [one for one in heard["of_file"] if one["check"] == "seg.extra"]
        assert (silent["severity"], silent["settled"]["reason"]) == ("info", "so it is")
        heard = page.post("/hear-remark", check="seg.extra", message=silent["message"]).data
        assert extra in heard["of_file"]

        page.post("/write", anyway=True, seen=page.post("/preview").data["seen"])
        assert file_judged(page, is_good=True)["findings"] == []


def test_what_could_not_be_judged_keeps_what_was_said_of_it_until_it_changes(folder: Path) -> None:
    """The thread that judges may come upon a bug, of which its traceback tells."""
    english = folder / "en.md"
    english.write_text(SPOILED, "utf-8")
    paths = Paths(folder / "issue.md", english)
    options = ReviewOptions(reviewer="ada", project=folder, memory=str(memory_place(folder)), edition="none")
    with session_of(paths, options, environment(folder)) as session:
        session.judge_file()
        told = session.review.of_file
        english.write_text(f"{SPOILED}\nWho has asked for this?\n", "utf-8")
        session.preview()
        assert session.unjudged() is not None
        session.tell_of_file(None)
        assert session.review.of_file == told != ()
        session.judge_file()
        assert session.review.of_file == told, "it has not changed since"
        english.write_text(f"{SPOILED}\nWho has asked for that?\n", "utf-8")
        session.preview()
        session.judge_file()
        assert len(session.review.of_file) == len(told) + 1


def test_what_was_accepted_anyway_is_not_told_of_the_file_instead(folder: Path) -> None:
    """Nor what is ignored: the file has the text that is shown, whatever has been settled about it since."""
    with memory_in(folder) as memory:
        forget(memory, FIRST)
    (folder / "en.md").write_text(SPOILED.replace(ENGLISH[FIRST], "There are 13 articles."), "utf-8")
    with served(folder) as address:
        page = Client(address).enter()
        before = [one["check"] for one in file_judged(page, is_good=False)["of_file"]]
        for verdict in ("accepted", "undone"):
            first = page.segments()[FIRST]
            if verdict == "accepted":
                assert page.decide(first, "accepted", reason="one (the last) came too late").status == 200
            else:
                named = {"segment": first["id"], "revision": first["revision"]}
                assert page.post("/undo", **named).status == 200
            told = page.ask("GET", "/state?since=0").data["of_file"]
            assert [one["check"] for one in told] == before


def test_a_paragraph_too_many_is_told_of_until_it_is_written_away(folder: Path) -> None:
    """One behind all others: what the file has for the segments is the same with it and without it."""
    with served(folder) as address:
        page = Client(address).enter()
        page.post("/write", anyway=True, seen=page.post("/preview").data["seen"])
        written = (folder / "en.md").read_text("utf-8")
        (folder / "en.md").write_text(f"{written}\nNobody has asked for this paragraph.\n", "utf-8")
    with served(folder) as address:
        page = Client(address).enter()
        assert [one["check"] for one in file_judged(page, is_good=False)["of_file"]] == ["seg.extra"]
        page.post("/write", anyway=True, seen=page.post("/preview").data["seen"])
        assert (folder / "en.md").read_text("utf-8") == written
        assert file_judged(page, is_good=True)["findings"] == []


def test_a_source_that_has_changed_is_not_mixed_with_the_old_one(page: Client, folder: Path) -> None:
    issue_in(folder, (*LINES, "新的一段。"))

    refused = page.post("/write", anyway=True)
    assert refused.status == 409
    assert "start it again" in refused.data["error"]
    assert not (folder / "en.md").exists()


def test_without_a_name_for_the_english_nothing_is_written(guest: Client) -> None:
    assert guest.ask("GET", "/state").data["writable"] == ""
    assert guest.post("/write", anyway=True).status == 422


def test_the_source_is_never_written_to(folder: Path) -> None:
    before = (folder / "issue.md").read_bytes()
    with served(folder, target="issue.md") as address:
        assert Client(address).enter().post("/write", anyway=True).status == 422

    assert (folder / "issue.md").read_bytes() == before


# --------------------------------------------------------------------------- beginning and ending


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_review_in_order(tmp_path: Path, number: int) -> None:
    issue_in(tmp_path)
    program = Program(tmp_path, "issue.md", "--no-browser")
    client = Client(program.address).enter()
    host, _, port = client.host.partition(":")
    with closing(socket.create_connection((host, int(port)))):
        ended = program.end(number)

    assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err
    place = memory_place(tmp_path)
    assert not isinstance(place, Path) or stat.S_IMODE(place.stat().st_mode) == 0o600


def test_the_browser_is_sent_to_our_own_address(tmp_path: Path) -> None:
    issue_in(tmp_path)
    os.mkfifo(tmp_path / "opened")
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > opened\n', "utf-8")
    browser.chmod(0o700)
    program = Program(tmp_path, "issue.md", BROWSER=str(browser))
    opened = (tmp_path / "opened").read_text("utf-8")
    program.end()

    assert opened == f"{program.address}\n"


def test_nobody_decides_anonymously(tmp_path: Path) -> None:
    issue_in(tmp_path)
    ended = run(tmp_path, "review", "issue.md", "--serve", "--reviewer", "  ")

    assert ended.code == 2
    assert "--reviewer" in ended.err


def test_without_the_extra_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    issue_in(tmp_path)
    hidden = tmp_path / "hidden" / "starlette"
    hidden.mkdir(parents=True)
    line = "raise ModuleNotFoundError('no module', name='starlette')\n"
    (hidden / "__init__.py").write_text(line, "utf-8")
    package = str(Path(__file__).parents[1] / "src")
    path = os.pathsep.join((str(hidden.parent), package))
    ended = run_process(tmp_path, "review", "issue.md", "--serve", "--reviewer", "ada", PYTHONPATH=path)

    assert ended.code == 2
    assert "pip install 'weekly-translate[review]'" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [["issue.md"], ["issue.md", "--serve", "--tty"], ["--serve"], ["issue.md", "-o", "x", "--tty"]],
)
def test_one_way_to_look_has_to_be_named(tmp_path: Path, arguments: list[str]) -> None:
    issue_in(tmp_path)

    assert run(tmp_path, "review", *arguments).code == 2
