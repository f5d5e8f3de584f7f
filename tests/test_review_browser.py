"""A review from the first look to the last run, in a real Chromium with the server behind it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from benchmarks.browser import open_browser

from browsing import needs_chromium
from reviewing import (
    BOLD,
    ENGLISH,
    FIRST,
    LAST,
    LINES,
    OTHER,
    SPOILED,
    TITLE,
    complained_of,
    forget,
    memory_in,
    served,
    translated,
)
from server import MisbehavingServer
from weekly_translate.model import Entry, Finding, Proofreading, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route

pytestmark = [needs_chromium, pytest.mark.usefixtures("either_database")]

EDITED = "It explains how <b1>garbage collection</b1> works — “café”, *literally*."


@dataclass
class Window:
    """A window of a review; `astray` is what it has asked for beyond it, `said` its console."""

    page: Page
    astray: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def row(self, chinese: str) -> Locator:
        """The row of a segment."""
        return self.page.locator("article.segment", has_text=chinese)

    def press(self, chinese: str, *labels: str) -> None:
        """Press buttons in a row, one after the other."""
        for label in labels:
            self.row(chinese).get_by_role("button", name=label, exact=True).click()

    def wait_for(self, chinese: str, verdict: str) -> None:
        """Until the row shows what has been decided."""
        self.page.wait_for_selector(f'article[data-verdict="{verdict}"]:has-text("{chinese}")')


@contextmanager
def window(context: BrowserContext, address: str) -> Iterator[Window]:
    """A window that may ask for nothing but its review, and has nothing to complain about."""
    opened = Window(context.new_page())

    def answer(route: Route) -> None:
        if route.request.url.startswith((address.partition("?")[0], "blob:")):
            route.continue_()
        else:
            opened.astray.append(route.request.url)
            route.abort()

    opened.page.route("**/*", answer)
    opened.page.on("console", lambda message: opened.said.append(message.text))
    opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.page.goto(address)
    yield opened
    assert opened.astray == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def folder(translated_issue: Path) -> Path:
    return translated_issue


# --------------------------------------------------------------------------- the whole way


def test_a_review_from_the_first_look_to_the_next_run(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        page = one.page
        assert page.url == address.partition("?")[0]  # the token is gone from the address

        page.locator("[data-choice=findings]").click()
        assert [row.get_attribute("id") for row in page.locator("article:visible").all()] == ["s005"]
        page.locator("[data-choice=all]").click()

        one.press("12 篇", "Accept")
        one.wait_for("12 篇", "accepted")

        one.press("的原理", "Edit")
        field = page.get_by_role("textbox", name="English text")
        field.fill("It explains garbage collection.")
        assert "b1" in one.row("的原理").locator(".live").inner_text()
        assert page.get_by_role("button", name="Save", exact=True).is_disabled()
        field.fill("It explains how 9 kinds of <b1>garbage collection</b1> work.")
        page.wait_for_selector(".live li:has-text('9')")  # what the server's checks say
        field.fill(EDITED)
        page.get_by_role("button", name="Save", exact=True).click()
        one.wait_for("的原理", "edited")

        one.press("3 种", "Reject")
        page.get_by_label("Reason for the rejection").fill("no full stop")
        page.get_by_label("Reason for the rejection").press("Enter")
        one.wait_for("3 种", "rejected")

        one.press("垃圾回收的故事", "Accept")
        one.wait_for("垃圾回收的故事", "accepted")
        one.press("垃圾回收的故事", "Undo")
        one.wait_for("垃圾回收的故事", "")

        page.get_by_role("button", name="Accept all clean").click()
        page.get_by_role("button", name="Accept them").click()
        one.wait_for("磁盘缓存", "accepted")

        page.get_by_role("button", name="Write en.md").click()
        page.get_by_role("button", name="Write with 1 error").click()  # one segment is rejected
        page.wait_for_selector("#written:has-text('en.md is written, with 1 error')")
    assert "works — “café”, \\*literally\\*." in (folder / "en.md").read_text("utf-8")

    with MisbehavingServer() as server:
        outcome = translated(folder, server)
    assert set(server.asked) == {LAST}
    question = server.requests[0].body["messages"][-1]["content"]
    assert "no full stop" in question
    assert json.dumps(ENGLISH[LAST]) in question
    targets = {segment.text: answer.target for segment, answer in outcome.segments}
    assert targets[BOLD] == EDITED
    assert targets[FIRST] == ENGLISH[FIRST]
    assert targets[TITLE] == ENGLISH[TITLE]


# --------------------------------------------------------------------------- an answer that did not pass

_LOST = "It explains how garbage collection works."


def failed_in(folder: Path) -> None:
    """The paragraph with a tag was answered without it."""
    with memory_in(folder) as memory:
        (key,) = [one.key for one in memory.stored() if one.entry.source == BOLD]
        forget(memory, BOLD)
        lost = Finding("tag.lost", Severity.ERROR, "lost <b1>")
        memory.store_failed_answer(key, BOLD, _LOST, findings=[lost], origin="openai gpt-5-mini")


def test_an_answer_that_did_not_pass_is_mended(context: BrowserContext, folder: Path) -> None:
    failed_in(folder)
    with served(folder) as address, window(context, address) as one:
        row = one.row("的原理")
        assert "This answer of gpt-5-mini did not pass: mend it\n" in row.inner_text()
        assert row.get_by_role("button", name="Accept anyway").count() == 0, "no reason makes up for it"
        assert "garbage collection works" in row.locator(".target").inner_text()
        assert "b1" in row.locator(".findings").inner_text()
        assert row.get_by_role("button", name="Accept", exact=True).is_disabled()

        one.page.locator("#urgent button").first.click()  # errors first
        assert one.page.evaluate("document.activeElement.id") == "s003"
        one.page.keyboard.press("e")
        field = one.page.get_by_role("textbox", name="English text")
        assert field.input_value() == _LOST
        field.press("Escape")
        one.page.keyboard.press("e")
        field.fill(ENGLISH[BOLD])
        field.press("Escape")
        assert "What you have typed is kept" in row.inner_text()
        one.page.keyboard.press("e")
        assert field.input_value() == ENGLISH[BOLD]
        field.press("Control+Enter")
        one.wait_for("的原理", "edited")
        assert one.said == []
    with memory_in(folder) as memory:
        entry = memory.find("no key", BOLD)
    assert entry is not None
    assert (entry.target, entry.status) == (ENGLISH[BOLD], Status.EDITED)


def test_the_checks_to_choose_from_are_those_that_are_shown(context: BrowserContext, folder: Path) -> None:
    with memory_in(folder) as memory:
        (key,) = [one.key for one in memory.stored() if one.entry.source == LAST]
        forget(memory, LAST)
        said = [Finding("num.value", Severity.ERROR, "the number 3 became 4")]
        memory.store_failed_answer(key, LAST, "It supports 4 databases.", findings=said, origin="openai x")
    with served(folder) as address, window(context, address) as one:
        one.page.locator("article.segment").first.wait_for()
        choices = one.page.get_by_role("combobox").locator("option").all_inner_texts()
        assert ("num.value" in choices, "seg.missing" in choices) == (True, False)
        assert one.page.get_by_role("button", name="Errors 1", exact=True).count() == 1
        one.page.get_by_role("combobox").select_option(label="num.value")
        assert one.page.locator("article:visible").count() == 1


def test_findings_are_overruled_by_keys(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.page.keyboard.press("x")
        one.page.keyboard.press("i")
        one.page.get_by_label("Reason for ignoring").press("Escape")
        one.page.keyboard.press("w")
        one.page.get_by_label("Reason for accepting it").fill("a headline")
        one.page.keyboard.press("Enter")
        one.page.wait_for_selector("article[data-verdict=accepted]")
        assert one.said == []


def test_a_text_with_an_error_is_accepted_with_a_reason_only(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.press("12 篇", "Edit")
        one.page.get_by_role("textbox", name="English text").fill("There are 13 articles.")
        one.page.get_by_role("button", name="Save", exact=True).click()
        one.wait_for("12 篇", "edited")
        accept = one.row("12 篇").get_by_role("button", name="Accept", exact=True)
        assert accept.is_disabled()
        assert "accept it anyway with a reason (w)" in (accept.get_attribute("title") or "")
        assert "1 with an error" in one.page.locator("#todo-title").inner_text()

        one.press("12 篇", "Accept anyway")
        one.page.get_by_label("Reason for accepting it").fill("one came too late")
        one.page.keyboard.press("Enter")
        one.wait_for("12 篇", "accepted")
        assert "an error" not in one.page.locator("#todo-title").inner_text()


def test_an_answer_that_did_not_pass_is_accepted_with_a_reason(context: BrowserContext, folder: Path) -> None:
    with memory_in(folder) as memory:
        (key,) = [one.key for one in memory.stored() if one.entry.source == LAST]
        forget(memory, LAST)
        wrong = "A cache library that supports 4 databases."
        memory.store_failed_answer(key, LAST, wrong, findings=[], origin="openai gpt-5-mini")
    with served(folder) as address, window(context, address) as one:
        one.press("3 种", "Accept anyway")
        reason = one.page.get_by_label("Reason for accepting it")
        reason.fill("It is 4 by now")
        reason.press("Enter")
        one.wait_for("3 种", "accepted")
    with memory_in(folder) as memory:
        entry = memory.find("no key", LAST)
        assert memory.settlements.of(LAST, wrong) is not None
    assert entry is not None
    assert (entry.target, entry.status) == (wrong, Status.APPROVED)


# --------------------------------------------------------------------------- undone, ignored, written


def test_what_was_accepted_together_is_undone_and_a_finding_is_ignored(
    context: BrowserContext, folder: Path
) -> None:
    with served(folder) as address, window(context, address) as one:
        one.page.get_by_role("button", name="Accept all clean").click()
        one.page.get_by_role("button", name="Accept them").click()
        one.wait_for("磁盘缓存", "accepted")
        together = one.page.locator("#together")
        assert "4 translations accepted" in together.inner_text()
        together.get_by_role("button", name="Undo").click()
        one.wait_for("磁盘缓存", "")
        assert "4 decisions taken back" in together.inner_text()

        one.press("3 种", "Ignore here…")
        reason = one.page.get_by_label("Reason for ignoring it")
        reason.fill("a headline")
        reason.press("Enter")
        one.page.wait_for_selector("article:has-text('ignored: a headline')")
        assert one.page.locator("[data-choice=findings] .number").inner_text() == "0"
        assert "punct.end" in (folder / "ignores.yaml").read_text("utf-8")
        one.row("3 种").get_by_role("button", name="Stop ignoring").focus()
        one.page.keyboard.press("Enter")
        one.row("3 种").get_by_role("button", name="Ignore here…").wait_for()
        assert one.page.evaluate("document.activeElement.id") == "s005"
        assert one.said == []
    assert "punct.end" not in (folder / "ignores.yaml").read_text("utf-8")


def test_writing_shows_what_changes_outside_the_segments_and_keeps_it(
    context: BrowserContext, folder: Path
) -> None:
    with served(folder) as address, window(context, address) as one:
        page = one.page
        page.get_by_role("button", name="Write en.md").click()
        page.get_by_text("It does not exist yet.").wait_for()
        assert page.locator("#changes input").count() == 0  # of a new file nothing can be kept
        page.get_by_role("button", name="Write", exact=True).click()
        page.wait_for_selector("#written:has-text('en.md is written')")
        english = folder / "en.md"
        english.write_text(f"Dear readers!\n\n{english.read_text('utf-8')}\nBye!\n", "utf-8")
        page.get_by_role("button", name="Write en.md").click()
        changes = page.locator("#changes")
        changes.locator(".change").first.wait_for()
        assert "Outside the segments" in changes.inner_text()
        assert "Dear readers!" in changes.locator("del").all_inner_texts()
        changes.get_by_label("Keep what is there").first.check()
        page.get_by_role("button", name="Write", exact=True).click()
        page.wait_for_selector("#writing:not([open])", state="attached")
        with page.expect_response("**/state?**"):
            pass
        assert one.said == []
    assert english.read_text("utf-8").startswith("Dear readers!")
    assert "Bye!" not in english.read_text("utf-8")


def test_what_is_typed_and_not_saved_is_told_before_writing(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.press("12 篇", "Edit")
        one.page.get_by_role("textbox", name="English text").fill("This issue has 12 articles.")
        one.page.get_by_role("button", name="Write en.md").click()
        one.page.get_by_text("What you have typed in 1 text is not saved and will not be written.").wait_for()
        one.page.get_by_role("button", name="Write", exact=True).click()
        one.page.wait_for_selector("#written:has-text('en.md is written')")
    assert "This issue has 12 articles." not in (folder / "en.md").read_text("utf-8")


def test_the_history_and_what_the_memory_offers(context: BrowserContext, folder: Path) -> None:
    with memory_in(folder) as memory:
        memory.import_entries([Entry("本期分享了 15 篇文章。", "Fifteen articles.", Status.APPROVED, "bo")])
    with served(folder) as address, window(context, address) as one:
        one.press("12 篇", "Suggestions")
        panel = one.row("12 篇").locator(".about-text")
        panel.wait_for()
        assert "answered" in panel.inner_text()
        panel.get_by_role("button", name="Use").click()
        field = one.page.get_by_role("textbox", name="English text")
        assert field.input_value() == "Fifteen articles."
        one.row("12 篇").locator(".about-text", has_text="Fifteen").wait_for()  # without being asked for

        field.fill("This issue shares twelve articles.")
        one.press("12 篇", "Save")
        one.wait_for("12 篇", "edited")
        one.press("12 篇", "Suggestions")
        panel.wait_for()
        assert (panel.locator("del").inner_text(), panel.locator("ins").inner_text()) == ("12", "twelve")
        panel.locator(".offer", has_text="answered").get_by_role("button", name="Use").click()
        assert field.input_value() == ENGLISH[FIRST]
        assert one.said == []


def test_terms_are_told_where_a_person_is_and_tags_stand_out_where_they_write(
    context: BrowserContext, folder: Path
) -> None:
    (folder / "glossary.yaml").write_text(
        "- {source: 垃圾回收, target: garbage collection, avoid: [GC]}\n", "utf-8"
    )
    with served(folder) as address, window(context, address) as one:
        row = one.row("的原理")
        terms = row.locator(".terms")
        assert not terms.is_visible()
        row.click()
        assert terms.inner_text() == "垃圾回收 → garbage collection (not GC)"
        one.press("的原理", "Edit")
        one.page.keyboard.type("How <b1>it</b1> works, line by line.\n\nAnd more, of no <c9>.\n" * 3)
        assert row.locator(".shade mark").all_inner_texts() == ["<b1>", "</b1>"] * 3
        ground, field = row.locator(".shade").bounding_box(), row.locator("textarea").bounding_box()
        assert ground == field
        assert one.page.evaluate("document.activeElement.scrollHeight <= document.activeElement.clientHeight")


# --------------------------------------------------------------------------- others decide, too


def test_a_second_reader_is_heard_or_dismissed_by_a_key(context: BrowserContext, folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    with served(folder) as address, window(context, address) as one:
        row = one.row(OTHER)
        row.click()
        one.page.keyboard.press("t")
        one.wait_for(OTHER, "edited")
        assert "Disk Cache for Disks" in row.inner_text()
        one.press(OTHER, "Undo")
        row.get_by_role("button", name="Dismiss", exact=True).wait_for()
        one.page.keyboard.press("d")
        one.page.get_by_label("Reason for dismissing it").fill("it is a name")
        one.page.get_by_label("Reason for dismissing it").press("Enter")
        row.get_by_role("button", name="Dismiss", exact=True).wait_for(state="detached")
        assert ENGLISH[OTHER] in row.inner_text()
    with memory_in(folder) as memory:
        assert memory.proofreadings.of(OTHER, ENGLISH[OTHER]) == Proofreading()


def test_a_dismissal_is_undone_by_a_key(context: BrowserContext, folder: Path) -> None:
    with memory_in(folder) as memory:
        complained_of(memory)
    with served(folder) as address, window(context, address) as one:
        row = one.row(OTHER)
        one.press(OTHER, "Dismiss")
        one.page.get_by_label("Reason for dismissing it").fill("it is a name")
        one.page.get_by_label("Reason for dismissing it").press("Enter")
        row.get_by_role("button", name="Dismiss", exact=True).wait_for(state="detached")
        one.page.keyboard.press("u")
        row.get_by_role("button", name="Dismiss", exact=True).wait_for()
        assert "better “Cache for Disks”" in row.inner_text()
        assert one.said == []


def test_a_remark_about_the_document_is_ignored_with_a_reason(context: BrowserContext, folder: Path) -> None:
    issue = folder / "issue.md"
    issue.write_text(f"{issue.read_text('utf-8')}\n```\nturned \u202e round\n```\n", "utf-8")
    with served(folder) as address, window(context, address) as one:
        remarks = one.page.locator("#remarks")
        remarks.locator("summary").click()
        for end in ("Escape", "Enter"):
            remarks.get_by_role("button", name="Ignore here…").click()
            field = one.page.get_by_label("Reason for ignoring it")
            field.fill("so it is")
            field.press(end)
            field.wait_for(state="detached")
        remarks.get_by_text("(ignored: so it is)").wait_for()
        assert remarks.get_by_role("button", name="Ignore here…").count() == 0
        assert "so it is" in (folder / "ignores.yaml").read_text("utf-8")
        assert one.page.evaluate("document.activeElement.textContent") == "Stop ignoring"
        one.page.keyboard.press("Enter")
        remarks.get_by_role("button", name="Ignore here…").wait_for()
        assert one.page.evaluate("document.activeElement.textContent") == "Ignore here…"
        assert one.said == []
    assert "so it is" not in (folder / "ignores.yaml").read_text("utf-8")


def test_what_only_the_english_file_has_wrong_is_shown_with_its_place(
    context: BrowserContext, folder: Path
) -> None:
    (folder / "en.md").write_text(SPOILED, "utf-8")
    with served(folder) as address, window(context, address) as one:
        remarks = one.page.locator("#remarks")
        remarks.get_by_text("Only in en.md, not in the text below: 2 errors").wait_for()
        assert "English line 7" in remarks.locator("li", has_text="Nobody has asked").inner_text()
        one.page.get_by_role("button", name="Not approved").click()
        one.press("垃圾回收的故事", "Accept")
        one.wait_for("垃圾回收的故事", "accepted")
        one.page.get_by_role("button", name="Not approved").click()
        assert not one.row("垃圾回收的故事").is_visible()
        one.page.keyboard.press("j")
        one.page.keyboard.press("m")
        one.page.keyboard.press("Tab")
        one.page.keyboard.press("Enter")
        assert one.row("垃圾回收的故事").get_attribute("class") == "segment settled current"
        assert one.row("垃圾回收的故事").is_visible()
        assert one.said == []


def test_what_an_edit_does_to_the_document_is_told_when_the_person_rests(
    context: BrowserContext, folder: Path
) -> None:
    """Whether an address is new shows in the whole text only."""
    new = "https://else.example"
    with served(folder) as address, window(context, address) as one:
        one.press("12 篇", "Edit")
        field = one.page.get_by_role("textbox", name="English text")
        field.fill(f"This issue shares 12 articles of {new} with you.")
        field.press("Control+Enter")
        one.wait_for("12 篇", "edited")
        one.page.locator("#remarks").get_by_text(new).wait_for(state="attached")
        one.press("12 篇", "Undo")
        one.page.locator("#remarks").get_by_text(new).wait_for(state="detached")
        assert one.said == []


def test_a_second_window_follows_the_first(context: BrowserContext, folder: Path) -> None:
    with (
        served(folder) as address,
        window(context, address) as one,
        window(context, address.partition("?")[0]) as other,
    ):
        one.press("12 篇", "Accept")
        other.wait_for("12 篇", "accepted")
        assert "accepted by ada" in other.row("12 篇").inner_text()
        assert (one.said, other.said) == ([], [])


def test_what_a_person_types_outlives_the_decision_of_another(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.press("12 篇", "Edit")
        field = one.page.get_by_role("textbox", name="English text")
        field.fill("This issue has 12 articles.")
        with window(context, address.partition("?")[0]) as other:
            other.press("12 篇", "Accept")
            other.wait_for("12 篇", "accepted")
        with one.page.expect_response("**/state?**"):
            pass
        assert field.input_value() == "This issue has 12 articles."
        one.page.get_by_role("button", name="Save", exact=True).click()
        one.page.wait_for_selector(
            "article[data-verdict='edited'], article:has-text('changed in the meantime')"
        )
        if field.count():
            assert field.input_value() == "This issue has 12 articles."
            one.page.get_by_role("button", name="Save", exact=True).click()
        one.wait_for("12 篇", "edited")
    with memory_in(folder) as memory:
        entry = memory.find("no key", FIRST)
    assert entry is not None
    assert (entry.target, entry.status) == ("This issue has 12 articles.", Status.EDITED)


def test_an_answer_of_a_run_appears_by_itself(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.row("12 篇").wait_for()
        with memory_in(folder) as memory:
            memory.import_entries([Entry(FIRST, "Here are 12 articles.", Status.APPROVED, "eve")])
        one.page.wait_for_selector("article:has-text('Here are 12 articles.')")
        assert one.said == []


def test_a_review_that_has_ended_says_so(context: BrowserContext, folder: Path) -> None:
    with served(folder) as address, window(context, address) as one:
        one.row("12 篇").wait_for()
        server_is_gone = one.page
    server_is_gone.wait_for_selector("#warning:has-text('The review has ended')")


# --------------------------------------------------------------------------- hostile content

_HOSTILE = (
    "<script>alert(1)</script> 和 </script> 与 </textarea> 一起。",
    "1、[危险的链接](javascript:alert(2)) 在这里，<img src=x onerror=alert(3)> 也在。",
    "转义 \x1b[31m 与 \u202e 方向。",
)


def test_content_stays_text_and_nothing_leaves_the_page(context: BrowserContext, tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("\n\n".join((*LINES[:1], *_HOSTILE)) + "\n", "utf-8")
    hostile = "</script><script>alert(4)</script><img src=x onerror=alert(5)></textarea>"
    with served(tmp_path) as address, window(context, address) as one:
        one.page.on("dialog", lambda dialog: one.said.append(dialog.message))
        one.press("12 篇", "Edit")
        one.page.get_by_role("textbox", name="English text").fill(f"12 articles {hostile}")
        one.page.get_by_role("button", name="Save", exact=True).click()
        one.wait_for("12 篇", "edited")
        one.page.reload()
        one.wait_for("12 篇", "edited")
        assert hostile in one.row("12 篇").inner_text()
        assert one.page.locator("img").count() == 0
        assert one.page.locator("a[href^='javascript' i]").count() == 0
        assert one.page.locator("script").count() == 2
        assert one.said == []
