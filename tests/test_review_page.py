"""The review page: what goes into it, what a person can do with it, and what a hostile document cannot."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.browser import open_browser
from docs.make_screenshots import GOLDEN, write_page
from hypothesis import given
from hypothesis import strategies as st

from browsing import needs_chromium, opened
from program import environment, run
from weekly_translate.checks.registry import as_information
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import (
    STANDS_BY,
    Decision,
    Finding,
    Kind,
    RuleKind,
    Settled,
    Severity,
    Span,
    Status,
    Term,
    Use,
    Verdict,
)
from weekly_translate.report.diff import ChangeKind, line_changes, text_keeping, word_diff, words_of
from weekly_translate.report.review import island, page_policy, review_page, segment_as_data
from weekly_translate.report.review_values import (
    Origin,
    Review,
    Reviewed,
    ShownImage,
    ShownTag,
    ShownTerm,
)
from weekly_translate.review.gather import annotated_terms, images_by_segment, page_files, tags_of
from weekly_translate.review.session import Paths, ReviewFiles
from weekly_translate.run.project import read_project
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from browsing import Watched

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "src/weekly_translate/review/page"
HASH = r"(?<=(?: prompts|glossary|ion full) )[0-9a-f]{12}"
"""Prompts, glossary and editions may change without a change of what is shown."""

SENTENCE = Reviewed(
    id="s001",
    kind=Kind.TEXT,
    section="文章",
    line=3,
    source="用 <c1>uv</c1> 装了 35 个<a2>协程</a2>库。",
    target="<c1>uv</c1> installed 36 <a2>coroutine</a2> libraries.",
    previous="With <c1>uv</c1>, 35 <a2>coroutine</a2> libraries were installed.",
    target_line=5,
    status=Status.MACHINE,
    origin=Origin.MEMORY,
    made_by="openai gpt-x",
    findings=(Finding("num.value", Severity.ERROR, "the number 35 became 36", "s001", 3),),
    terms=(ShownTerm("协程", "coroutine", (Span(25, 27),), avoid=("goroutine",), note="not a thread"),),
    tags=(ShownTag("c1", "code"), ShownTag("a2", "link", "https://docs.example/co")),
    images=(ShownImage("https://img.example/a.png", 4),),
)
TITLE = Reviewed(
    "s002", Kind.TITLE, "文章", 7, "标题", "A Title", status=Status.APPROVED, origin=Origin.HUMAN
)
CLEAN = replace(TITLE, id="s003", line=9, target="Clean", status=Status.MACHINE, origin=Origin.MODEL)
HEADING = Reviewed("s004", Kind.HEADING, "项目", 11, "项目", None)
REVIEW = Review("issue.md", "by a model", (SENTENCE, TITLE, CLEAN, HEADING), target_name="out.md")


def page_of(review: Review, folder: Path) -> str:
    """The address of a review's page."""
    file = folder / "page.html"
    file.write_text(review_page(review, page_files()), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize(
    "settled", [Settled("Ada (QA)", "as meant (here)"), Settled("ignores", "why"), STANDS_BY]
)
def test_what_is_settled_in_the_text_that_is_shown_is_not_told_of_the_file_again(settled: Settled) -> None:
    finding = Finding("num.value", Severity.WARNING, "5 is missing", "s001", 3)
    shown = replace(SENTENCE, findings=(as_information(finding, settled),))
    assert replace(REVIEW, segments=(shown,)).beside_file([finding]).of_file == ()


# --------------------------------------------------------------------------- what has changed


@given(
    st.lists(st.sampled_from(["one ", "two ", "<a1>", "</a1>", "3.10", "，", "don't "]), max_size=12),
    st.data(),
)
def test_a_diff_holds_both_texts_and_cuts_no_tag(words: list[str], data: st.DataObject) -> None:
    old, new = "".join(words), "".join(data.draw(st.permutations(words)))
    changes = word_diff(old, new)
    assert "".join(c.text for c in changes if c.kind is not ChangeKind.NEW) == old
    assert "".join(c.text for c in changes if c.kind is not ChangeKind.GONE) == new
    assert all(change.text.count("<") == change.text.count(">") for change in changes)


LINES_OF_A_FILE = st.lists(
    st.sampled_from(["", "One thing is there.", "One thing was there.", "Two"]), max_size=7
)


@given(LINES_OF_A_FILE, LINES_OF_A_FILE, st.data())
def test_changed_lines_are_all_shown_and_each_can_be_kept(
    here: list[str], there: list[str], data: st.DataObject
) -> None:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (here, there))
    changes = line_changes(old, new, ())
    numbers = range(len(changes))
    assert (text_keeping(old, new, ()), text_keeping(old, new, numbers)) == (new, old)
    kept = data.draw(st.sets(st.sampled_from(numbers))) if changes else set()
    text = text_keeping(old, new, kept)
    gone = [line for at in numbers if at not in kept for line in changes[at].gone]
    come = [line for at in numbers if at not in kept for line in changes[at].new]
    assert Counter(text.splitlines()) == Counter(here) - Counter(gone) + Counter(come)


def test_an_added_line_beside_a_changed_one_is_a_change_of_its_own() -> None:
    old = "Intro.\n\nIt cut the peak by a third.\n\nLast.\n"
    new = "Intro.\n\nNobody asked for this.\n\nIt cut the peak by nearly 30%.\n\nLast.\n"
    added, changed = line_changes(old, new, ())
    assert (added.gone, added.new, added.before) == ((), ("Nobody asked for this.", ""), ("Intro.", ""))
    assert (changed.gone, changed.line, changed.after) == (("It cut the peak by a third.",), 3, ("", "Last."))
    assert ("new", "nearly 30%") in [tuple(words) for words in changed.words]


def test_a_line_that_stays_is_no_change_in_a_long_file() -> None:
    """Lines that occur often, as empty ones do, are none that difflib looks for."""
    old = "".join(f"Paragraph {number} talks about subject {number}.\n\n" for number in range(150))
    new = old.replace("70 talks", "70 speaks").replace("71 talks", "71 speaks")
    changes = line_changes(old, new, ())
    assert [change.line for change in changes] == [141, 143]
    assert all(change.gone != change.new for change in changes)


def test_lines_that_share_nothing_but_spaces_are_not_one_that_was_changed() -> None:
    old = "Dear readers of this weekly newsletter\n"
    (change,) = line_changes(old, "Nothing in common with that other\n", ())
    assert change.words == ()


def test_a_diff_names_the_words_and_not_the_letters() -> None:
    changes = word_diff("It cut the peak by a third.", "It cut the peak by nearly 30%.")
    assert [tuple(change) for change in changes] == [
        ("same", "It cut the peak by "),
        ("gone", "a third"),
        ("new", "nearly 30%"),
        ("same", "."),
    ]


def test_texts_that_are_too_long_to_compare_have_changed_between_what_they_share() -> None:
    old = "begin " + " ".join(f"a{n}" for n in range(2_000)) + " end"
    new = "begin " + " ".join(f"b{n}" for n in range(2_000)) + " end"
    assert [change.kind.value for change in word_diff(old, new)] == ["same", "gone", "new", "same"]


def test_words_are_words_in_any_script() -> None:
    assert words_of("naïve <m1/>don't 3.10") == ["naïve", " ", "<m1/>", "don't", " ", "3.10"]


# --------------------------------------------------------------------------- the page as text


def test_offsets_count_as_javascript_counts() -> None:
    emoji = replace(SENTENCE, source="🦄 协程", terms=(ShownTerm("协程", "coroutine", (Span(2, 4),)),))
    assert segment_as_data(emoji)["terms"][0]["spans"] == [(3, 5)]


def test_what_a_finding_speaks_of_is_marked_in_the_english() -> None:
    (mark,) = segment_as_data(SENTENCE)["marks"]
    assert SENTENCE.target is not None
    assert SENTENCE.target[slice(*mark)] == "36"


def test_what_is_empty_is_left_out() -> None:
    assert segment_as_data(HEADING).keys() == {"id", "kind", "line", "source", "status", "origin"}


@given(st.text())
def test_an_island_gives_back_what_went_in_and_nothing_in_it_is_html(text: str) -> None:
    written = island({"text": text + "</script><!--\u2028\u2029\U000e0041\ud800"})
    assert json.loads(written)["text"].startswith(text)
    assert not set(written) & set("<>&\u2028\u2029\u202e\ud800")


class _Elements(HTMLParser):
    """The texts of the scripts and styles of a page, and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open = ""
        self.texts: dict[str, str] = {}
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open = "island" if ("type", "application/json") in attrs else tag
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as the parser calls it
        self.open = ""

    def handle_data(self, data: str) -> None:
        self.texts[self.open] = self.texts.get(self.open, "") + data


@pytest.mark.parametrize("server", [False, True])
def test_the_policy_allows_this_script_and_this_style_alone(server: bool) -> None:  # noqa: FBT001 - a case
    page = _Elements(review_page(REVIEW, page_files(server=server)))
    policy = page_policy(page_files(server=server))
    for element in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.texts[element].encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert ("content", policy) in page.attributes
    assert ("connect-src 'self'" in policy) is server
    assert [name for name, _ in page.attributes if name.startswith("on") or name == "style"] == []


@pytest.mark.parametrize("file", sorted(PAGE.glob("*.js")), ids=lambda file: file.name)
def test_no_script_makes_html_from_text(file: Path) -> None:
    found = re.findall(
        r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\b|new Function|</?script|<!--|srcdoc",
        file.read_text("utf-8"),
    )
    assert found == []


# --------------------------------------------------------------------------- what stands behind a segment


def test_a_tag_tells_where_its_link_leads_however_that_is_written() -> None:
    text = "看[文档](https://a.example/x)、[手册][m]和 https://b.example/y 里的`代码`：**重点**🦄\n\n[m]: https://c.example/z\n"
    document = parse(text)
    (segment,) = document.segments
    tags = tags_of(document, [segment])[segment.id]
    assert [(tag.kind, tag.address, tag.text) for tag in tags] == [
        ("link", "https://a.example/x", ""),
        ("link", "https://c.example/z", ""),
        ("mark", "https://b.example/y", "https://b.example/y"),
        ("code", "", ""),
        ("bold", "", ""),
        ("mark", "", "🦄"),
    ]


def test_an_image_belongs_to_its_alt_text_or_to_what_it_stands_behind() -> None:
    document = parse(
        "第一段。\n\n![](https://a.example/1.png)\n\n![图](https://a.example/2.png)\n\n第二段。\n"
    )
    texts = {segment.id: segment.text for segment in document.segments}
    found = {
        texts[id_]: [image.line for image in images] for id_, images in images_by_segment(document).items()
    }
    assert found == {"第一段。": [3], "图": [5]}


def test_terms_are_found_where_the_glossary_finds_them() -> None:
    (segment,) = parse("协程池用 `协程` 和ＧＯ，不是 gopher，协程也行。").segments
    terms = (Term("协程", "coroutine"), Term("协程池", "coroutine pool"), Term("go", "Go"))
    found = {
        term.source: [segment.text[slice(*span)] for span in term.spans]
        for term in annotated_terms(segment, terms)
    }
    assert found == {"协程": ["协程"], "协程池": ["协程池"], "go": ["ＧＯ"]}


# --------------------------------------------------------------------------- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh.md").write_text(
        "# 周刊\n\n## 项目\n\n1、[工具：图](https://a.example/x) (英)\n\n"
        "介绍**协程**，共 35 个例子。\n\n![架构](https://img.example/i.png)\n\n2、[漏掉的一则](https://b.example/y)\n",
        encoding="utf-8",
    )
    (tmp_path / "en.md").write_text(
        "# Weekly\n\n## Projects\n\n1. [Tool: a Graph](https://a.example/x) (EN)\n\n"
        "Introduces **coroutines**, 36 examples in all.\n\n![Architecture](https://img.example/i.png)\n",
        encoding="utf-8",
    )
    return tmp_path


def reviewed(folder: Path, *more: str) -> dict[str, dict[str, Any]]:
    """The segments of the page that the program writes, by their source."""
    ended = run(folder, "review", "zh.md", *more, "-o", "page.html", "--edition", "none")
    assert ended.code == 0, ended.err
    data = json.loads(_Elements((folder / "page.html").read_text("utf-8")).texts["island"])
    return {one["source"]: one for section in data["sections"] for one in section["segments"]}


def test_an_english_file_is_shown_beside_its_source_with_what_the_checks_say(folder: Path) -> None:
    found = reviewed(folder, "en.md")
    wrong = found["介绍<b1>协程</b1>，共 35 个例子。"]
    assert wrong["target"] == "Introduces <b1>coroutines</b1>, 36 examples in all."
    assert (wrong["origin"], wrong["line"], wrong["target_line"]) == ("file", 7, 7)
    assert [finding["check"] for finding in wrong["findings"]] == ["num.value"]
    assert wrong["terms"][0]["spans"] == [[6, 8]]
    lost = found["漏掉的一则"]
    assert "target" not in lost
    assert lost["findings"][0]["message"] == "stays in Chinese: en.md has no English of its own for it"
    assert found["架构"]["images"] == [{"address": "https://img.example/i.png", "line": 9}]
    assert found["工具：图"]["link"] == "https://a.example/x"


def test_the_memory_comes_before_the_file_and_shows_what_it_changes(folder: Path) -> None:
    entry = {"source": "工具：图", "target": "Tool: graphs", "status": "approved", "origin": "mei"}
    entry["created"] = "2024-03-14T09:00:00+00:00"
    (folder / "m.jsonl").write_text(json.dumps(entry), encoding="utf-8")
    assert run(folder, "memory", "import", "m.jsonl", "--memory", "m.db").code == 0
    title = reviewed(folder, "en.md", "--memory", "m.db")["工具：图"]
    assert (title["target"], title["origin"], title["settled"], title["changed"]) == (
        "Tool: graphs",
        "human",
        True,
        True,
    )
    assert title["diff"] == [["same", "Tool: "], ["gone", "a Graph"], ["new", "graphs"]]
    assert title["decision"] == {"verdict": "accepted", "who": "mei", "when": "2024-03-14T09:00:00+00:00"}


def test_what_was_rejected_is_shown_with_its_reason(folder: Path) -> None:
    assert run(folder, "memory", "learn", "zh.md", "en.md", "--memory", "m.db").code == 0
    assert run(folder, "memory", "reject", "架构", "--reason", "say diagram", "--memory", "m.db").code == 0
    image = reviewed(folder, "--memory", "m.db")["架构"]
    assert (image["decision"]["verdict"], image["decision"]["reason"]) == ("rejected", "say diagram")
    assert image["origin"] == "none"


def test_an_english_file_that_was_not_written_yet_can_be_reviewed(folder: Path) -> None:
    assert {one["origin"] for one in reviewed(folder, "missing.md").values()} == {"none"}


def test_a_review_without_english_and_memory_shows_what_is_missing_and_makes_no_memory(folder: Path) -> None:
    found = reviewed(folder)
    assert {one["origin"] for one in found.values()} == {"none"}
    assert not (folder / ".weekly-translate").exists()


@pytest.mark.parametrize(
    ("folder", "english", "edition"),
    [
        ("full", "edition.md", "full"),
        ("full", "en.md", "none"),
        ("odd", "en.md", "none"),
        ("another", "en.md", "auto"),
    ],
)
def test_a_good_translation_is_taken_over_byte_for_byte(
    folder: str, english: str, edition: str, tmp_path: Path
) -> None:
    sample = ROOT / "samples" / folder
    source, target = tmp_path / "2024-03-09-weekly.md", sample / english
    shutil.copy(sample / "source.md", source)
    options = SettingsOptions(project=sample, edition=edition, engine="draft")
    settings = settings_from(options, environment(sample))
    with open_memory(None, now=str) as memory:
        job = read_project(settings, memory)
        files = ReviewFiles(Paths(source, target), job.editions)
        review = files.reviewed(job.under(files.manuscript.choice))
    assert review.text == target.read_text("utf-8")
    assert {one.origin for one in review.segments} <= {Origin.FILE, Origin.EDITION}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zh.md", "-o", "zh.md"), "zh.md"),
        (("missing.md", "-o", "page.html"), "missing.md does not exist"),
        (("zh.md", "en.md", "-o", "en.md"), "en.md is the English file"),
        (("zh.md", "en.md", "-o", "memory.db", "--memory", "memory.db"), "memory.db is the memory"),
        (("zh.md", "-o", "page.html", "--tty"), "--serve opens it in a browser"),
        (("en.md", "zh.md", "--tty"), "zh.md is Chinese and en.md is not: name the Chinese file first"),
    ],
)
def test_files_that_cannot_be_used_are_refused(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    ended = run(folder, "review", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_page_in_samples_is_what_the_program_makes(tmp_path: Path) -> None:
    """Its pictures too are made anew by `make screenshots`."""
    write_page(tmp_path / "review.html")
    made, golden = (re.sub(HASH, "…", file.read_text("utf-8")) for file in (tmp_path / "review.html", GOLDEN))
    assert made == golden, "the page has changed: run `make screenshots` and look at the pictures"


# --------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    """The page of `REVIEW`. Whatever a test does: it asks for nothing, and the console stays empty."""
    with opened(browser, page_of(REVIEW, tmp_path)) as watched:
        yield watched
        assert watched.asked == []
        assert watched.said == []


def shown(page: Page) -> list[str]:
    """The ids of the rows that are in sight."""
    ids: list[str] = page.eval_on_selector_all("article:not([hidden])", "rows => rows.map((row) => row.id)")
    return ids


@needs_chromium
def test_a_row_shows_both_languages_tags_terms_findings_and_the_difference(page: Watched) -> None:
    row = page.page.locator("#s001")
    assert row.locator(".source").inner_text().replace("\n", "") == "用 c1uv/ 装了 35 个a2协程/库。"
    assert (
        row.locator(".source mark.term").get_attribute("data-tip")
        == "协程 → coroutine\nnot goroutine\nnot a thread"
    )
    assert row.locator(".target mark.said").inner_text() == "36"
    assert row.locator(".target a.chip").get_attribute("href") == "https://docs.example/co"
    assert row.locator(".findings li").inner_text().split("\n") == [
        "error",
        "the number 35 became 36 num.value",
    ]
    assert row.locator(".diff ins").all_inner_texts() != []
    assert row.locator(".badge").all_inner_texts() == ["Machine (gpt-x)", "Changed"]
    # The text and not what is shown of it: a row out of sight is not laid out yet.
    assert page.page.locator("#s004 .target").text_content() == "No English yet"


@needs_chromium
def test_a_tip_tells_where_a_link_leads(page: Watched) -> None:
    page.page.locator("#s001 .target a.chip").hover()
    assert page.page.locator("#tip").inner_text() == "a2 · docs.example · https://docs.example/co"
    page.pressed(["Escape"])
    assert page.page.locator("#tip").is_hidden()


@needs_chromium
@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ("All", ["s001", "s002", "s003", "s004"]),
        ("Errors", ["s001", "s004"]),
        ("Findings", ["s001"]),
        ("Changed", ["s001"]),
        ("Not approved", ["s001", "s003", "s004"]),
    ],
)
def test_filters_show_what_they_say_and_count_it(page: Watched, choice: str, ids: list[str]) -> None:
    button = page.page.get_by_role("group", name="Filter").get_by_role("button", name=choice)
    button.click()
    assert shown(page.page) == ids
    assert button.locator(".number").inner_text() == str(len(ids))
    said = page.page.locator("#count").inner_text()
    assert said == ("4 segments" if len(ids) == 4 else f"{len(ids)} of 4 segments")


@needs_chromium
@pytest.mark.parametrize(
    ("words", "ids"), [("协程", ["s001"]), ("CLEAN", ["s003"]), ("36 coroutine", ["s001"]), ("x<", [])]
)
def test_the_search_reads_both_languages_and_no_tags(page: Watched, words: str, ids: list[str]) -> None:
    page.pressed("/")
    page.page.keyboard.type(words)
    page.page.wait_for_function(
        "count => document.querySelectorAll('article:not([hidden])').length === count", arg=len(ids)
    )
    assert shown(page.page) == ids
    assert page.page.locator("#nothing").is_visible() is not bool(ids)


@needs_chromium
@pytest.mark.parametrize(
    ("label", "ids"),
    [
        ("num.value", ["s001"]),
        ("approved", ["s002"]),
        ("Untranslated", ["s004"]),
        ("Machine (gpt-x)", ["s001"]),
    ],
)
def test_one_state_maker_or_check_can_be_chosen(page: Watched, label: str, ids: list[str]) -> None:
    page.page.get_by_label("Only segments of one state, maker or check").select_option(label=label)
    assert shown(page.page) == ids


@needs_chromium
def test_a_choice_that_no_segment_fits_any_more_is_given_up(page: Watched) -> None:
    choices = page.page.get_by_label("Only segments of one state, maker or check")
    choices.select_option(label="approved")
    page.pressed("je")
    page.page.get_by_label("English text").fill("Another title")
    page.page.get_by_label("English text").press("Control+Enter")
    page.page.wait_for_selector("#s002[data-verdict=edited]")
    choices.focus()
    assert choices.input_value() == ""
    assert len(shown(page.page)) > 1


@needs_chromium
def test_keys_go_through_the_segments_and_decide(page: Watched) -> None:
    page.pressed("jjk")
    assert page.page.evaluate("document.activeElement.id") == "s001"
    page.pressed("n")
    assert page.page.evaluate("document.activeElement.id") == "s003"
    page.pressed("a")
    assert page.page.locator("#s003 .decided").inner_text() == "accepted"
    assert page.page.locator("#progress").inner_text() == "2 of 4 approved · 1 not translated"
    page.pressed("u")
    assert page.page.locator("#s003 .decided").inner_text() == ""
    page.pressed("A")
    assert page.page.locator("#s003 .decided").inner_text() == "accepted"
    assert page.page.evaluate("document.activeElement.id") == "s004"
    page.pressed("?")
    assert page.page.get_by_role("dialog", name="Keyboard").is_visible()
    assert page.page.evaluate("document.querySelector('#help').scrollTop") == 0


@needs_chromium
def test_an_edit_is_saved_with_all_of_its_tags_or_not_at_all(page: Watched) -> None:
    page.pressed("je")
    field, save = (
        page.page.get_by_label("English text"),
        page.page.get_by_role("button", name="Save", exact=True),
    )
    field.fill("uv installed 35 <a2>coroutine</a2> libraries.")
    assert save.is_disabled()
    assert page.page.locator(".live .message").inner_text() == "<c1> </c1> is missing"
    field.fill("<c1>uv</c1> installed 35 <a2>coroutine</c1> libraries.")
    assert save.is_disabled()
    field.fill("<c1>uv</c1> installed 35 <a2>coroutine</a2> libraries.")
    field.press("Control+Enter")
    row = page.page.locator("#s001")
    shown_text = row.locator(".target").inner_text().replace("\n", "")
    assert shown_text == "c1uv/ installed 35 a2coroutine/ libraries."
    assert row.locator(".decided").inner_text() == "edited"
    page.pressed("e")
    page.page.get_by_label("English text").press("Control+Shift+Enter")
    assert page.page.evaluate("document.activeElement.id") == "s003"
    page.pressed("kke")
    page.page.get_by_label("English text").fill("not saved")
    page.pressed(["Escape"])
    assert "35" in row.locator(".target").inner_text()
    page.pressed("e")
    assert page.page.get_by_label("English text").input_value() == "not saved"
    assert "is missing" in page.page.locator(".live").inner_text(), "why it cannot be saved"
    page.page.get_by_role("button", name="Start over").click()
    assert "35" in page.page.get_by_label("English text").input_value()
    page.page.get_by_role("button", name="Copy the Chinese").click()
    assert page.page.get_by_label("English text").input_value() == SENTENCE.source


@needs_chromium
def test_decisions_are_saved_as_a_file(page: Watched) -> None:
    page.pressed("jr")
    reason = page.page.get_by_label("Reason for the rejection")
    reason.fill("35, not 36")
    reason.press("Enter")
    page.page.get_by_role("button", name="Accept all clean").click()
    page.page.get_by_role("button", name="Accept them").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Save 2 decisions").click()
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert (saved["schema"], saved["document"]) == (1, "issue.md")
    for decision in saved["decisions"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", decision.pop("when"))
        assert decision.pop("decided") == "", "nobody had decided before"
    assert saved["decisions"] == [
        {
            "segment": "s001",
            "source": SENTENCE.source,
            "seen": SENTENCE.target,
            "verdict": "rejected",
            "reason": "35, not 36",
        },
        {"segment": "s003", "source": CLEAN.source, "seen": CLEAN.target, "verdict": "accepted"},
    ]


@needs_chromium
def test_an_image_is_asked_for_when_a_person_wants_to_see_it(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, page_of(REVIEW, tmp_path)) as watched:
        assert watched.asked == []
        watched.page.get_by_role("button", name="Show image from img.example").click()
        watched.page.wait_for_selector("text=The image cannot be loaded")
        assert watched.asked == ["https://img.example/a.png"]


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_the_window_in_light_and_dark(browser: Browser, width: int, scheme: str) -> None:
    with opened(
        browser, GOLDEN.as_uri(), viewport={"width": width, "height": 760}, color_scheme=scheme
    ) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") == width
        before = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        watched.page.get_by_role("button", name="Switch between light and dark").click()
        assert watched.page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        assert (watched.asked, watched.said) == ([], [])


_NAMELESS = """() => [...document.querySelectorAll("button, input, select, nav, article, a, dialog, [role]")]
  .filter((node) => !node.closest("[hidden]") && node.id !== "said")
  .filter((node) => !(node.ariaLabel || node.getAttribute("aria-labelledby") || node.labels?.length
    || node.textContent.trim() || node.placeholder))
  .map((node) => node.outerHTML.slice(0, 120))"""


_SMALL = """() => [...document.querySelectorAll("button, select, input, summary, label.keep, .skip")]
  .filter((node) => node.checkVisibility() && !node.closest("label.keep > *"))
  .map((node) => [node.textContent.trim(), node.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44)
  .map(([name]) => name)"""


@needs_chromium
def test_what_needs_a_look_beyond_the_first_is_counted_and_reached(browser: Browser, tmp_path: Path) -> None:
    segments = tuple(replace(HEADING, id=f"s00{number}", line=number) for number in range(1, 8))
    with opened(browser, page_of(replace(REVIEW, segments=segments), tmp_path)) as watched:
        watched.page.get_by_role("button", name="2 more").click()
        assert watched.page.evaluate("document.activeElement.id") == "s006"


@needs_chromium
def test_a_remark_leads_nowhere_where_there_are_no_segments(browser: Browser, tmp_path: Path) -> None:
    file = Finding("url.changed", Severity.ERROR, "the link a became b", None, 3)
    with opened(browser, page_of(replace(REVIEW, segments=(), of_file=(file,)), tmp_path)) as watched:
        place = watched.page.locator("#remarks .line")
        place.click()
        assert (place.inner_text(), watched.page.locator("#remarks button").count()) == ("line 3", 0)
        assert watched.said == []


@needs_chromium
def test_what_can_be_used_is_large_enough_for_a_finger(browser: Browser, tmp_path: Path) -> None:
    file = Finding("url.changed", Severity.ERROR, "the link a became b", None, 3)
    review = replace(REVIEW, of_file=(file,), rules=(Use(RuleKind.HEADER, "header", (1,), "Hello"),))
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(page_of(review, tmp_path))
    assert page.evaluate(_SMALL) == []
    page.locator("#s001 [data-action=edit]").tap()
    assert page.evaluate(_SMALL) == []
    for dialog in ("help", "confirm"):
        page.evaluate("name => document.getElementById(name).showModal()", dialog)
        assert page.evaluate(_SMALL) == []
        page.keyboard.press("Escape")
    context.close()


@needs_chromium
def test_the_field_is_in_sight_on_a_page_of_which_little_is_seen(browser: Browser, tmp_path: Path) -> None:
    """Such as a window at 400 percent."""
    context = browser.new_context(viewport={"width": 320, "height": 215}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(page_of(REVIEW, tmp_path))
    page.keyboard.press("x")
    page.keyboard.press("e")
    top = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert (page.evaluate("document.activeElement.localName"), 0 <= top < 160) == ("textarea", True)
    context.close()


@needs_chromium
def test_everything_that_can_be_used_has_a_name(browser: Browser) -> None:
    with opened(browser, GOLDEN.as_uri()) as watched:
        assert watched.page.evaluate(_NAMELESS) == []
        assert watched.page.locator("main, nav, header, [role=search]").count() == 4
        assert watched.page.locator("#count").get_attribute("aria-live") == "polite"
        assert (
            watched.page.locator("#s010").get_attribute("aria-label")
            == "Line 23, Text, not approved, 1 finding"
        )


# --------------------------------------------------------------------------- hostile documents

EVIL = (
    "</script><script>window.harmed = 1</script><img src=https://evil.example/1 onerror=harmed()>"
    "</textarea><svg onload=harmed()>\x1b[31m\x9b2J\u202e\u2066\U000e0041<!--<style>@import 'https://evil.example/2'"
    "<a href='javascript:harmed()'>x</a><b1>bold</b1>${harmed()}`\u2028&lt;script&gt;"
)
ADDRESSES = (
    "javascript:window.harmed=1",
    "JaVaScRiPt:window.harmed=1",
    " javascript:window.harmed=1",
    "data:text/html,<script>window.harmed=1</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/3",
    'https://ok.example/"onmouseover="harmed()',
)
HOSTILE = replace(
    SENTENCE,
    source=f"{EVIL}<a2>中文</a2><m3/>",
    target=f"{EVIL}<a2>English</a2><m3/>",
    previous=f"before {EVIL}<a2>English</a2><m3/>",
    made_by=EVIL,
    section=EVIL,
    findings=(Finding("url.missing", Severity.ERROR, EVIL, "s001", 3), Finding(EVIL, Severity.INFO, EVIL)),
    terms=(ShownTerm(EVIL, EVIL, (Span(0, 5),), (EVIL,), (EVIL,), EVIL),),
    link=ADDRESSES[0],
    decision=Decision(Verdict.REJECTED, EVIL, EVIL, EVIL),
)


def hostile(address: str) -> Review:
    tags = (ShownTag("a2", "link", address), ShownTag("m3", "mark", address, EVIL))
    images = (ShownImage(address, 3),)
    segment = replace(HOSTILE, tags=tags, images=images, link=address)
    return Review(EVIL, EVIL, (segment,), EVIL, EVIL, (), (Finding("doc", Severity.ERROR, EVIL),))


@needs_chromium
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hostile_document_is_text_and_nothing_else(browser: Browser, tmp_path: Path, address: str) -> None:
    with opened(browser, page_of(hostile(address), tmp_path)) as watched:
        page = watched.pressed("je").page
        page.locator(".chip").first.hover()
        page.keyboard.press("Escape")
        assert page.evaluate("window.harmed") is None
        assert page.locator("script").count() == 2
        assert (
            page.locator(
                "main :is(script, img, style, iframe, svg, b, b1), [onload], [onerror], [onmouseover]"
            ).count()
            == 0
        )
        schemes = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.protocol)")
        assert set(schemes) <= {"http:", "https:", "file:"}
        hrefs = page.eval_on_selector_all(
            "a[href]", "links => links.map((link) => link.getAttribute('href'))"
        )
        assert [href for href in hrefs if not href.startswith(("#", "https://ok.example/"))] == []
        assert page.locator(".target").inner_text().count("U+202E") == 1
        assert not re.search("[\x1b\x9b\u202e\u2066\U000e0041]", page.locator("body").inner_text())
        assert (watched.asked, watched.said) == ([], [])


def test_every_text_of_a_hostile_review_comes_back_from_its_page() -> None:
    review = hostile(ADDRESSES[0])
    page = _Elements(review_page(review, page_files()))
    shown = json.loads(page.texts["island"])
    assert [shown[name] for name in ("name", "target")] == [review.name, review.target_name]
    segments = [one for section in shown["sections"] for one in section["segments"]]
    assert segments == json.loads(json.dumps([segment_as_data(one) for one in review.segments]))
