"""What the memory answers without a request: the same text, the same work, the same but for numbers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from documents import NO_CORPUS, ROOT
from program import environment, memory_place, run
from server import MisbehavingServer
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Entry, Status
from weekly_translate.run.plan import Order, title_findings
from weekly_translate.run.runner import translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.run.issue import Result
    from weekly_translate.settings import Settings

pytestmark = pytest.mark.usefixtures("either_database")

SITE = {"文章与教程": "Articles", "项目与资源": "Projects"}
CORPUS = ROOT.parent / "shared" / "corpus"
LINES = [
    "本期分享了 12 篇文章。",
    "1、[垃圾回收的故事](https://example.org/gc)",
    "介绍了垃圾回收的原理。",
    "2、[leafcache：磁盘缓存](https://example.org/leafcache)",
    "没有任何依赖的缓存库。",
]


def now() -> str:
    return "2026-11-22T00:00:00+00:00"


def settings_in(folder: Path, **more: Any) -> Settings:  # noqa: ANN401 - any field of the options
    options = SettingsOptions(project=folder, memory=str(memory_place(folder)), **more)
    return settings_from(options, environment(folder))


def opened(folder: Path) -> TranslationMemory:
    return open_memory(settings_in(folder).memory, now=now)


def remember(folder: Path, *entries: Entry) -> None:
    with opened(folder) as memory:
        memory.import_entries(entries)


class Ran:
    """A run, and what was asked in it."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        (folder / "issue.md").write_text("\n\n".join(lines) + "\n", "utf-8")
        with MisbehavingServer() as server:
            settings = settings_in(folder, base_url=server.url)
            order = Order(folder / "issue.md", folder / "out.md")
            self.outcome: Result = translate_issue(order, settings)
            self.requests = server.requests
            self.asked = sorted(server.asked)

    def of(self, text: str) -> tuple[str | None, str, str]:
        """Target, origin and status of a segment."""
        (found,) = (answer for segment, answer in self.outcome.segments if segment.text == text)
        return found.target, found.origin, found.status.name


# --------------------------------------------------------------------------- what is asked


def test_an_edited_sentence_is_one_segment_to_ask_and_an_inserted_item_its_own(tmp_path: Path) -> None:
    assert len(Ran(tmp_path, LINES).asked) == len(LINES)
    assert Ran(tmp_path, LINES).asked == []

    edited = [*LINES[:2], "介绍了垃圾回收的原理和历史。", *LINES[3:]]
    assert Ran(tmp_path, edited).asked == ["介绍了垃圾回收的原理和历史。"]

    item = ["2、[又一篇文章](https://example.org/new)", "它讲的是装饰器。"]
    inserted = [*edited[:3], *item, "3、[leafcache：磁盘缓存](https://example.org/leafcache)", edited[4]]
    assert Ran(tmp_path, inserted).asked == sorted(["又一篇文章", "它讲的是装饰器。"])


def test_another_address_is_no_reason_to_ask_again(tmp_path: Path) -> None:
    Ran(tmp_path, LINES)

    assert Ran(tmp_path, [line.replace("example.org", "example.com") for line in LINES]).asked == []


def test_no_address_is_in_any_request(tmp_path: Path) -> None:
    requests = Ran(tmp_path, LINES).requests

    assert requests
    assert "example.org" not in json.dumps([dict(request.body) for request in requests])


# --------------------------------------------------------------------------- what is known


def test_numbers_are_replaced_and_the_origin_says_so(tmp_path: Path) -> None:
    remember(
        tmp_path, Entry("本期分享了 10 篇文章。", "This issue shares 10 articles.", Status.APPROVED, "ada")
    )
    ran = Ran(tmp_path, LINES)

    assert LINES[0] not in ran.asked
    assert ran.of(LINES[0]) == ("This issue shares 12 articles.", "numbers: ada", "MACHINE")


def test_numbers_are_not_replaced_where_the_checks_object(tmp_path: Path) -> None:
    remember(
        tmp_path, Entry("本期分享了 10 篇文章。", "This issue shares 10 篇文章.", Status.APPROVED, "ada")
    )

    assert LINES[0] in Ran(tmp_path, LINES).asked


def test_a_settled_title_is_used_for_its_address_whatever_the_chinese_is(tmp_path: Path) -> None:
    title = Entry(
        "垃圾回收", "A Story of Garbage Collection", Status.EDITED, "ada", link="https://example.org/gc"
    )
    remember(tmp_path, title)
    ran = Ran(tmp_path, LINES)

    assert "垃圾回收的故事" not in ran.asked
    assert ran.of("垃圾回收的故事") == ("A Story of Garbage Collection", "map: ada", "EDITED")


def test_an_address_with_several_settled_titles_is_that_of_a_site(tmp_path: Path) -> None:
    site = "https://example.org/gc"
    remember(tmp_path, *(Entry(zh, en, Status.APPROVED, "ada", link=site) for zh, en in SITE.items()))

    assert "垃圾回收的故事" in Ran(tmp_path, LINES).asked
    similar = Entry("垃圾回收的往事", "A Past of Garbage Collection", Status.APPROVED, "ada", link=site)
    (tmp_path / "other").mkdir()
    remember(
        tmp_path / "other", similar, *(Entry(zh, en, Status.EDITED, link=site) for zh, en in SITE.items())
    )
    assert Ran(tmp_path / "other", LINES).of("垃圾回收的故事")[:2] == (similar.target, "map: ada")


def test_a_work_that_comes_again_under_similar_chinese_keeps_its_first_title(tmp_path: Path) -> None:
    first = Ran(tmp_path, LINES).of("leafcache：磁盘缓存")[0]
    again = Ran(tmp_path, [LINES[3].replace("磁盘缓存", "存在磁盘上的缓存")])

    assert again.asked == []
    target, origin, status = again.of("leafcache：存在磁盘上的缓存")
    assert (target, status) == (first, "MACHINE")
    assert origin.startswith("work: openai")
    assert Ran(tmp_path, [LINES[3].replace("leafcache：磁盘缓存", "下载页面")]).asked == ["下载页面"]


def test_a_first_title_counts_only_as_long_as_its_own_question_is_the_same(tmp_path: Path) -> None:
    Ran(tmp_path, LINES)
    (tmp_path / "glossary.yaml").write_text("- {source: 磁盘缓存, target: on-disk cache}\n", "utf-8")
    again = Ran(tmp_path, [LINES[3].replace("磁盘缓存", "存在磁盘上的缓存")])

    assert again.asked == ["leafcache：存在磁盘上的缓存"]


def test_a_work_that_stands_twice_in_an_issue_is_asked_for_once(tmp_path: Path) -> None:
    again = LINES[3].replace("磁盘缓存", "存在磁盘上的缓存")
    ran = Ran(tmp_path, [LINES[3], again])

    assert "leafcache：存在磁盘上的缓存" not in ran.asked
    assert ran.of("leafcache：存在磁盘上的缓存")[0] == ran.of("leafcache：磁盘缓存")[0]


def test_two_english_titles_of_one_work_are_a_warning_with_both_places() -> None:
    twice = "\n\n".join((LINES[3], LINES[3].replace("磁盘缓存", "存在磁盘上的缓存")))
    written = zip(parse(twice).segments, ("leafcache: Disk Cache", "leafcache: A Cache on Disk"), strict=True)
    (found,) = title_findings(written, {})

    assert (found.check, found.source_line, found.severity.value) == ("title.differs", 3, "warning")
    assert "another English title in line 1: “leafcache: Disk Cache”" in found.message
    assert found.message.endswith("for “leafcache：磁盘缓存”")


def test_where_a_title_comes_from_is_in_the_report(tmp_path: Path) -> None:
    title = Entry(
        "旧", "A Story of Garbage Collection", Status.APPROVED, "ada", link="https://example.org/gc"
    )
    remember(tmp_path, title)
    (tmp_path / "issue.md").write_text("\n\n".join(LINES), "utf-8")
    with MisbehavingServer() as server:
        files = ("issue.md", "-o", "out.md", "--report", "report.json")
        made = run(tmp_path, *files, "--base-url", server.url, "-v")
    assert made.code == ExitCode.DONE
    assert "titles    2: 1 settled for their address, 1 with their name in front" in made.err
    segments = json.loads((tmp_path / "report.json").read_text("utf-8"))["segments"]

    assert [one["title_from"] for one in segments] == [None, "map", None, "name", None]


def test_a_rejected_translation_is_asked_again_with_the_reason(tmp_path: Path) -> None:
    Ran(tmp_path, LINES)
    with opened(tmp_path) as memory:
        (old,) = (one.entry.target for one in memory.stored() if one.entry.source == LINES[2])
        assert memory.reject(LINES[2], "too literal") == 1
    ran = Ran(tmp_path, LINES)

    assert set(ran.asked) == {LINES[2]}
    sent = ran.requests[0].body["messages"][-1]["content"]
    assert "too literal" in sent
    assert json.dumps(old, ensure_ascii=False) in sent


def test_a_rejected_translation_that_comes_again_stays_out(tmp_path: Path) -> None:
    """The server of the tests is stubborn: the segment stays in Chinese, and says why."""
    Ran(tmp_path, LINES)
    with opened(tmp_path) as memory:
        memory.reject(LINES[2], "too literal")
    ran = Ran(tmp_path, LINES)
    messages = [finding.message for finding in ran.outcome.findings if finding.check == "seg.missing"]

    assert ran.of(LINES[2])[0] is None
    assert messages == ["stays in Chinese: a person rejected this: too literal"]


# --------------------------------------------------------------------------- a season that was learned

PUBLISHED = sorted((CORPUS / "en").glob("2023-*.md"))
SHARE = re.compile(r"memory +(\d+)% of 第\d+期（([\d-]+)）")


@pytest.mark.slow
@pytest.mark.skipif(not PUBLISHED, reason=NO_CORPUS)
def test_what_was_learned_from_the_published_issues_serves_the_compilation(tmp_path: Path) -> None:
    for english in PUBLISHED:
        source = CORPUS / "zh" / english.name
        learned = run(tmp_path, "memory", "learn", source, english)
        assert learned.code == ExitCode.DONE, learned.err
    compilation = CORPUS / "zh" / "2023-12-11-sweekly.md"
    made = run(tmp_path, compilation, "-o", "out.md", "--engine", "draft", "-v")
    shares = {date: int(share) for share, date in SHARE.findall(made.err)}
    served = [shares.pop(english.name[:10]) for english in PUBLISHED]
    whole = re.search(r"from memory \((\d+)% of the characters\)", made.err)

    assert len(served) + len(shares) == 30
    assert min(served) >= 88  # `python -m benchmarks learning` says why #10 has no 89
    assert sum(share >= 90 for share in served) >= 0.85 * len(served)
    assert max(shares.values()) <= 2
    assert whole
    assert abs(int(whole[1]) - sum(served) / 30) <= 3
