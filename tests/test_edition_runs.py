"""Real issues under their edition, from the source to the result, against a faithful server."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from documents import CORPUS, NO_CORPUS, ROOT
from faulty_runs import errors_of, text_of, translated_by
from server import MisbehavingServer, translated
from weekly_translate.compare.judge import compared
from weekly_translate.compare.style import Rules, prepared_pair
from weekly_translate.edition.applying import Manuscript, manuscript_of, read_editions
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import FeatureKind, Finding, Severity
from weekly_translate.report.season_table import inventory_text
from weekly_translate.run.seasons import inventory_of
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from weekly_translate.run.issue import Result as Run

pytestmark = pytest.mark.skipif(not CORPUS, reason=NO_CORPUS)

SEASON = [path for path in CORPUS if path.name <= "2023-12-09-weekly.md"]
EDITIONS = read_editions("auto", ROOT)
ITEM = re.compile(r"^\s*(?:!\[[^\]]*\]\([^)]*\)\s*)?(\d{1,3})、", re.MULTILINE)
ENGLISH_ITEM = re.compile(r"^\s*(?:!\[[^\]]*\]\([^)]*\)\s*)?(\d{1,3})\. ", re.MULTILINE)
ADDRESS = re.compile(r"\]\(\s*([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)")
IMAGE = re.compile(r"!\[[^\]]*\]\((\S+?)\)")
STARS = re.compile(r"[（(]\s*stars?\s*[:：]?\s*(\d[\d.,]*\s?[kKwW万]?\+?)\s*[)）]", re.IGNORECASE)
NOTE = re.compile(r"\s[(（]((?:EN|Eng|English|Chinese|CN|Japanese)\b[^()（）]{0,20})[)）]\s*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SECTIONS = {
    "文章&教程": "Articles & Tutorials",
    "项目&资源": "Projects & Resources",
    "播客&视频": "Podcasts & Videos",
    "讨论&问题": "Discussion & Questions",
}
SLUG = {number: f"-weekly{number}" for number in range(1, 8)}
"""The pages of the first issues have names of their own."""
GOODBYE = "## 🐼Stay in Touch\n"


def corpus(date: str) -> Path:
    return next(path for path in CORPUS if path.name.startswith(date))


def source_of(path: Path) -> str:
    return path.read_text("utf-8-sig").replace("\r\n", "\n")


# --------------------------------------------------------------------------- the thirty issues of season 1


class Result(NamedTuple):
    """An issue: its source, the lines of it that `full` leaves and those it takes away, and the English."""

    number: int
    date: str
    source: str
    kept: str
    gone: list[str]
    text: str

    @property
    def header(self) -> str:
        """The two paragraphs below the title."""
        return "\n\n".join(self.text.split("\n\n")[1:3])

    @property
    def body(self) -> str:
        """All between header and footer."""
        return self.text[self.text.index(self.header) + len(self.header) : self.text.rindex(GOODBYE)]

    @property
    def footer(self) -> str:
        return self.text[self.text.rindex(GOODBYE) :]


def result_of(number: int, path: Path, outcome: Run) -> Result:
    source = source_of(path)
    covered = outcome.plan.manuscript.edited.covered
    sides: tuple[list[str], list[str]] = ([], [])
    for line_number, line in enumerate(source.split("\n"), 1):
        sides[line_number in covered].append(line)
    return Result(number, path.name[:10], source, "\n".join(sides[0]), sides[1], text_of(outcome))


def lost(issue: Result) -> Iterator[str]:
    """What of the source is not in the English, by patterns that know nothing of the program."""
    if ITEM.findall(issue.source) != ENGLISH_ITEM.findall(issue.text):
        yield "item numbers differ"
    if items := [line for line in issue.gone if ITEM.match(line)]:
        yield f"items were taken away: {items}"
    if Counter(map(localized, ADDRESS.findall(issue.kept))) != Counter(ADDRESS.findall(issue.body)):
        yield "addresses differ"
    if IMAGE.findall(issue.kept) != IMAGE.findall(issue.text):
        yield "images differ"
    if sections_of(issue.source) != [line for line in issue.body.split("\n") if line.startswith("## ")]:
        yield "sections differ"
    if left := [line for line in FENCE.sub("", issue.text).split("\n") if has_han(without_addresses(line))]:
        yield f"Chinese is left: {left}"


def misframed(issue: Result) -> Iterator[str]:
    """What is wrong with title, header and footer."""
    title = f"# Python Trending Weekly #{issue.number} ({issue.date})"
    if not issue.text.startswith(f"{title}\n\nWelcome to Python Trending Weekly, "):
        yield "the title or the header is wrong"
    if f"/posts/{issue.date}{SLUG.get(issue.number, '-weekly')})" not in issue.header:
        yield "the header links elsewhere"
    if issue.text.count(GOODBYE) != 1 or len(ADDRESS.findall(issue.footer)) != 5:
        yield "the footer is wrong"


def uneven(issue: Result) -> Iterator[str]:
    """Notes and star counts that are not written in the one way of the edition."""
    if not set(NOTE.findall(issue.body)) <= {"EN", "Chinese", "Chinese translation", "Chinese & English"}:
        yield f"notes are written in several ways: {set(NOTE.findall(issue.body))}"
    if any(f"({count.strip()} stars)" not in issue.body for count in STARS.findall(issue.kept)):
        yield "a star count is missing"
    if STARS.search(issue.body):
        yield "a star count is written as in the source"


def localized(address: str) -> str:
    return address.replace("https://docs.python.org/zh-cn/", "https://docs.python.org/")


def sections_of(source: str) -> list[str]:
    """The headings of a source that have items below them, in English."""
    found = []
    for heading, below in re.findall(r"^(## [^\n]*)\n(.*?)(?=^## |\Z)", source, re.MULTILINE | re.DOTALL):
        if ITEM.search(below):
            found.append(re.sub("|".join(SECTIONS), lambda match: SECTIONS[match[0]], heading))
    return found


def without_addresses(line: str) -> str:
    """Handles stay, too: `@Plutonium`."""
    return re.sub(r"@\**\w+", "", ADDRESS.sub("](", line))


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param([1, 12, 23], id="some"),
        pytest.param(range(1, 31), id="all", marks=pytest.mark.slow),
    ],
)
def test_the_issues_of_season_1_come_through_whole(
    numbers: Sequence[int], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    wrong: dict[str, list[str]] = {}
    rows = []
    told = 0
    with MisbehavingServer() as server:
        for number in numbers:
            path = SEASON[number - 1]
            outcome = translated_by(server, tmp_path, path, jobs=8, glossary=None, edition="auto")
            issue = result_of(number, path, outcome)
            # What the server makes up is no English; in few issues a line is enough like it to be told.
            made_up = [one for one in errors_of(outcome) if one.check == "lang.gibberish"]
            errors = [str(one) for one in errors_of(outcome) if one not in made_up]
            problems = [*errors, *map(str, made_up[1:]), *lost(issue), *misframed(issue), *uneven(issue)]
            if problems or outcome.code is not (ExitCode.FINDINGS if made_up else ExitCode.DONE):
                wrong[path.name] = problems
            row = inventory_of(f"#{number}", outcome)
            if row.errors != len(made_up):
                wrong[path.name] = [*problems, f"{row.errors} errors in the inventory"]
            told += len(made_up)
            rows.append(row)
    table = inventory_text(rows)
    record_property("table", table)
    assert len(SEASON) == 30
    assert not wrong, wrong
    assert told <= 1 + len(numbers) / 15
    assert [row.name for row in rows if not row.is_whole or row.edition != "full"] == []
    # Items, images, and the title, the header and the footer of each.
    everything = [int(cell.replace(",", "")) for cell in table.splitlines()[-1].split()[1:]]
    sources = [SEASON[number - 1].read_text("utf-8-sig") for number in numbers]
    assert everything[0] == sum(len(ITEM.findall(source)) for source in sources)
    assert everything[4:8] == [0, len(numbers), len(numbers), len(numbers)]


def test_an_issue_and_its_edition_are_not_asked_for_twice(tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        first = translated_by(server, tmp_path, SEASON[9], jobs=8, glossary=None, edition="auto")
        asked = len(server.requests)
        again = translated_by(server, tmp_path, SEASON[9], jobs=8, glossary=None, edition="full")
        assert len(server.requests) == asked
    assert text_of(first) == text_of(again)
    edition = first.plan.manuscript.edited
    shown = "".join(server.asked)
    assert [text for text in (*edition.inserted, *edition.settled.values()) if text in shown] == []
    assert "潮流周刊" not in shown
    assert "Telegram" not in shown


# --------------------------------------------------------------------------- a published issue


def features_of(text: str, kind: FeatureKind) -> list[str]:
    return [feature.value for feature in parse(text).features if feature.kind is kind]


def test_issue_10_differs_from_the_published_english_only_where_that_is_wrong_or_worded_otherwise(
    tmp_path: Path,
) -> None:
    path = corpus("2023-07-08")
    with MisbehavingServer() as server:
        ours = text_of(translated_by(server, tmp_path, path, jobs=8, glossary=None, edition="full"))
    theirs = (path.parents[1] / "en" / path.name).read_text("utf-8")
    headings = [[line for line in text.split("\n") if line.startswith("#")] for text in (ours, theirs)]
    assert headings[0][:-1] == headings[1][:-1]
    # "Subscribe Welcome" is no English.
    assert (headings[0][-1], headings[1][-1]) == ("## 🐼Stay in Touch", "## 🐼Subscribe Welcome")
    for kind in (FeatureKind.ITEM, FeatureKind.IMAGE):
        assert features_of(ours, kind) == features_of(theirs, kind)
    # The promotion links to a page of December: the English was made later than the issue, and the rule says
    # `since`, so that an issue does not announce what did not exist. All else is the same, in the same order.
    later = ["https://pythoncat.top/posts/2023-12-11-weekly"]
    assert features_of(ours, FeatureKind.LINK) == [
        link for link in features_of(theirs, FeatureKind.LINK) if link not in later
    ]
    # Two names lost their code marks.
    code = Counter(features_of(ours, FeatureKind.CODE)) - Counter(features_of(theirs, FeatureKind.CODE))
    assert code == Counter(["`VisCPM-Chat`", "`VisCPM-Paint`"])
    # Of 23 published notes five are missing, the others have three spellings, and two pages that are
    # translations into Chinese are said to be English.
    assert Counter(NOTE.findall(ours)) == {"EN": 21, "Chinese translation": 2}
    spellings = Counter(NOTE.findall(theirs))
    assert spellings == {"EN": 3, "Eng": 8, "English": 7}


# --------------------------------------------------------------------------- which edition, and whose issue


def manuscript(date: str, name: str = "") -> Manuscript:
    path = corpus(date)
    return manuscript_of(source_of(path), name or path.name, EDITIONS)


@pytest.mark.parametrize(
    ("date", "edition", "title"),
    [
        ("2023-05-13", "full", "# Python Trending Weekly #1 (2023-05-13)\n"),
        ("2025-05-31", "full", "# Python Trending Weekly #104 (2025-05-31)\n"),  # an H1, no front matter
        ("2025-06-07", "full", "# Python Trending Weekly #105 (2025-06-07)\n"),  # double quotes
        ("2026-07-11", "summary", "# Python Trending Weekly #158: frozendict 内置类型\n"),
        ("2023-12-11", "compilation", ""),
        ("2024-07-17", "compilation", ""),
    ],
)
def test_an_issue_takes_the_edition_of_its_shape_and_its_title(date: str, edition: str, title: str) -> None:
    choice, _, edited = manuscript(date)
    assert (choice.edition.name, choice.why) == (edition, "the document has its shape")
    assert assemble(edited.document, {}, edited.fixed).startswith(title)


def test_a_compilation_keeps_every_item() -> None:
    source, edited = source_of(corpus("2024-07-17")), manuscript("2024-07-17").edited
    numbers = ENGLISH_ITEM.findall(assemble(edited.document, {}, edited.fixed))
    assert numbers == ITEM.findall(source)
    assert len(numbers) >= 787
    assert edited.covered == frozenset()


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("# Python Trending Weekly #9 (2023-07-08)", "lacks the number of the issue, 10"),
        ("# Python Trending Weekly #100 (2023-07-08)", "lacks the number of the issue, 10"),
        ("# Python Trending Weekly #10 (2023-07-01)", "lacks the date of the issue, 2023-07-08"),
        ("# Python 潮流周刊 #10 (2023-07-08)", "is still Chinese"),
        ("", "is missing"),
        ("# Weekly #10 (2023-07-08)", "is not written as “Python Trending Weekly #10 (2023-07-08)”"),
    ],
)
def test_number_date_and_title_are_checked_together(title: str, says: str) -> None:
    issue = english("2023-07-08")
    assert checked("2023-07-08", issue) == []
    (finding,) = checked("2023-07-08", issue.replace(issue.split("\n", 1)[0], title))
    assert finding.check == "edition.title"
    assert says in finding.message


def english(date: str) -> str:
    """The issue under its edition, as if a model had answered with what it was asked."""
    edited = manuscript(date).edited
    answers = {segment.id: translated(segment.text) for segment in edited.document.segments}
    return assemble(edited.document, answers | dict(edited.settled), edited.fixed)


def checked(date: str, target: str) -> list[Finding]:
    """The errors and what the edition says, as `check` finds them."""
    path = corpus(date)
    source = manuscript_of(source_of(path), path.name, EDITIONS, every_line=True)
    pair = prepared_pair(source, target, Rules())
    found = compared(pair.source, pair.target, pair.rules)
    return [
        finding
        for finding in (*pair.findings, *found)
        if finding.check.startswith("edition.") or finding.severity is Severity.ERROR
    ]


@pytest.mark.parametrize(
    ("before", "after", "check"),
    [
        ("## 🥂Discussion & Questions", "## 🥂Talks & Questions", "edition.heading"),
        ("To receive it by email, [sub", "By email, [sub", "edition.text"),
        ("https://docs.python.org/3/whatsnew", "https://docs.python.org/zh-cn/3/whatsnew", "url.changed"),
        ("- [Telegram](https://t.me/pythontrendingweekly)", "- [T](https://t.me/evil)", "edition.text"),
    ],
)
def test_a_translation_that_departs_from_its_edition_is_told(before: str, after: str, check: str) -> None:
    issue = english("2023-07-08")
    assert before in issue
    assert check in {finding.check for finding in checked("2023-07-08", issue.replace(before, after))}


def test_a_date_that_the_name_of_the_file_contradicts_is_an_error() -> None:
    findings = manuscript("2023-07-08", "2023-07-09-weekly.md").edited.document.findings
    (finding,) = (finding for finding in findings if finding.check == "edition.date")
    assert finding.severity is Severity.ERROR
    assert "of 2023-07-08, the name of the file of 2023-07-09" in finding.message
