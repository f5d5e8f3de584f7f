"""House rules: what an edition makes of a document, and that it declares every difference."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import CORPUS, NO_CORPUS, ROOT, SAMPLES, generated
from sampling import SOME_OR_ALL
from weekly_translate.checks.document import document_findings
from weekly_translate.data_files import DataText, yaml_in
from weekly_translate.edition.applying import (
    chosen,
    edited,
    edition_names,
    issue_of,
    read_edition,
    rules_of,
    unused,
)
from weekly_translate.edition.schema import Edition, parse_edition
from weekly_translate.edition.values import Selector, selected
from weekly_translate.errors import UsageError
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import FeatureKind, MarkKind, PassageKind, Severity, Use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weekly_translate.edition.values import Edited, Issue
    from weekly_translate.model import Document, Feature, Span

FOLDER = ROOT / "tests/cases/edition"
NAME = "2023-07-08-weekly.md"
USUAL = {"items": "'{number}. '", "stars": "'({count} stars)'", "notes": "{英: EN}"}
WORDS = (
    *("text", "heading", "lines", "from", "name", "with", "since", "prefix", "pattern", "marker", "names"),
    *("policy", "has", "lacks", "without", "一", "{number}", "{count} ", "(a)", "7", "2023-07-08", "3-4"),
)
EDITIONS = {name: read_edition(name, ROOT) for name in edition_names(ROOT)}
GENERATED = 400
HAN = re.compile(r"[\u4e00-\u9fff]")


def cases(name: str) -> list[object]:
    """The cases of a file: what stands between `----`, behind a title of its own."""
    text = (FOLDER / name).read_text(encoding="utf-8").replace("␍\n", "\r\n")
    found = [case.split("\n", 1) for case in text.split("\n@@ ")[1:]]
    return [pytest.param(*rest.rstrip("\n").split("\n----\n"), id=title) for title, rest in found]


def edition_of(rules: str) -> Edition:
    """An edition of the rules, and of the usual marks where these say nothing about them."""
    data = yaml_in(rules, "an.yaml").data
    usual = [
        f"{key}: {value}" for key, value in USUAL.items() if not isinstance(data, dict) or key not in data
    ]
    text = yaml_in("\n".join([rules, *usual]), "an.yaml")
    return parse_edition(text, {"there.md": "See {slag}.\n"}.get)


def edited_by(edition: Edition, text: str, name: str = NAME) -> tuple[Edited, Issue]:
    document = parse(text, marks=edition.marks)
    issue = issue_of(document, edition, name)
    return edited(document, edition, issue), issue


def shown(use: Use) -> str:
    return f"{use.kind} {use.rule}: {' '.join(map(str, use.lines))}".rstrip()


def values(features: tuple[Feature, ...]) -> list[tuple[FeatureKind, str]]:
    return [(feature.kind, feature.value) for feature in features]


# --------------------------------------------------------------------------- cases


@pytest.mark.parametrize(("rules", "source", "english", "asked", "uses"), cases("editing.md"))
def test_an_edition_takes_away_puts_in_and_settles(
    rules: str, source: str, english: str, asked: str, uses: str
) -> None:
    edition = edition_of(rules)
    made, _ = edited_by(edition, source + "\n")
    text = assemble(made.document, made.settled, made.fixed)
    assert text == english + "\n"
    left = [segment.text for segment in made.document.segments if segment.id not in made.settled]
    assert " | ".join(left) == asked.removeprefix("-")
    assert sorted(map(shown, made.uses)) == sorted(uses.splitlines())
    assert_declared(parse(source + "\n", marks=edition.marks), edition, made)


@pytest.mark.parametrize(("rules", "problems"), cases("refused.md"))
def test_a_wrong_edition_is_refused_with_every_line(rules: str, problems: str) -> None:
    with pytest.raises(UsageError) as error:
        edition_of(rules)
    assert str(error.value) == problems


@pytest.mark.parametrize(("rules", "source", "problems"), cases("impossible.md"))
def test_what_would_lose_something_is_refused_before_anything_is_asked(
    rules: str, source: str, problems: str
) -> None:
    with pytest.raises(UsageError) as error:
        edited_by(edition_of(rules), source + "\n", "issue.md")
    assert str(error.value) == problems


@given(
    st.dictionaries(
        st.sampled_from(sorted(Edition.model_fields)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(WORDS),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
            ),
            max_leaves=8,
        ),
    )
)
def test_whatever_the_file_says_is_an_edition_or_an_error(data: dict[str, object]) -> None:
    with suppress(UsageError):
        edited_by(parse_edition(DataText("an.yaml", data)), "# 周刊\n\n1、一 (英)\n")


# --------------------------------------------------------------------------- every difference is declared


def _lines_of_items(document: Document) -> set[int]:
    return {mark.line for mark in document.marks if mark.kind is MarkKind.ITEM}


def assert_declared(document: Document, edition: Edition, made: Edited) -> None:
    """The English holds exactly what is expected, no item is gone, and no span cuts another in two."""
    text = assemble(made.document, made.settled, made.fixed)
    target = parse(text, marks=edition.written)
    assert values(target.features) == values(made.expected)
    assert not document_findings(made.document, target, expected=made.expected)
    words = {one.id: HAN.sub("x", one.text) for one in made.document.segments}
    translated = assemble(made.document, words | dict(made.settled), made.fixed)
    assert values(parse(translated, marks=edition.written).features) == values(made.expected)
    takes_items = any(rule.takes_items for rule in edition.blocks)
    assert takes_items or not _lines_of_items(document) & made.covered
    assert_nested(sorted(made.fixed, key=lambda span: (span.start, -span.end)))
    gone = [one.span for one in made.document.passages if one.kind is PassageKind.EDITION]
    for segment in made.document.segments:
        assert not any(start < segment.span.end and segment.span.start < end for start, end in gone), segment


def assert_nested(spans: list[Span]) -> None:
    around: list[Span] = []
    for span in spans:
        while around and around[-1].end <= span.start:
            around.pop()
        assert not around or span.end <= around[-1].end, f"{span} cuts {around[-1]}"
        around.append(span)


def documents(paths: list[Path]) -> Iterator[tuple[str, str]]:
    yield from ((path.read_bytes().decode("utf-8"), path.name) for path in [*SAMPLES, *paths])


@pytest.mark.parametrize("paths", SOME_OR_ALL)
@pytest.mark.parametrize("name", EDITIONS)
def test_every_difference_to_a_real_issue_is_declared(name: str, paths: list[Path]) -> None:
    edition, count = EDITIONS[name], 0
    for text, file in documents(paths):
        document = parse(text, marks=edition.marks)
        issue = issue_of(document, edition, file)
        try:
            made = edited(document, edition, issue._replace(number=issue.number or "7"))
        except UsageError:  # an issue of another shape
            continue
        assert_declared(document, edition, made)
        count += 1
    assert count


def test_no_change_to_a_strange_document_cuts_another_in_two() -> None:
    rules = (FOLDER / "strange.yaml").read_text(encoding="utf-8")
    edition, count = edition_of(rules), 0
    for seed in range(GENERATED):
        document = parse(generated(seed), marks=edition.marks)
        try:
            made = edited(document, edition, issue_of(document, edition, NAME))
        except UsageError:
            continue
        assert_nested(sorted(made.fixed, key=lambda span: (span.start, -span.end)))
        count += bool(made.covered)
    assert count


@pytest.mark.parametrize("paths", SOME_OR_ALL)
def test_the_plain_edition_takes_nothing_and_puts_nothing_in(paths: list[Path]) -> None:
    for text, file in documents(paths):
        made, _ = edited_by(EDITIONS["none"], text, file)
        assert not made.covered
        assert not made.inserted
        assert not made.settled


# --------------------------------------------------------------------------- which issue, which edition


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_real_issue_picks_the_edition_of_its_shape(path: Path) -> None:
    text = path.read_text("utf-8")
    picked = chosen(list(EDITIONS.values()), text)
    assert picked is not None
    assert picked.name == expected_edition(text)


def expected_edition(text: str) -> str:
    """Only summaries list titles by ①, and only a compilation has no number in its title."""
    if re.search("^①", text, re.MULTILINE):
        return "summary"
    return "full" if re.search("周刊 ?#\\d", text[:500]) else "compilation"


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason=NO_CORPUS)
def test_no_rule_of_an_edition_has_outlived_the_newsletter() -> None:
    uses: dict[str, list[Use]] = {name: [] for name in EDITIONS}
    for path in CORPUS:
        text = path.read_text("utf-8")
        edition = chosen(list(EDITIONS.values()), text)
        assert edition is not None
        uses[edition.name] += edited_by(edition, text, path.name)[0].uses
    for name in ("full", "compilation"):  # of summaries there is one
        assert not unused(EDITIONS[name], uses[name]), name


@pytest.mark.parametrize(
    ("head", "number", "date", "title"),
    [
        ("---\ntitle: '周刊#10：甲'\npubDate: 2023-07-08\n---\n", "10", "2023-07-08", "甲"),
        ("---\ntitle: \"周刊#10：甲\"\ndate: '2023-07-08'\n---\n", "10", "2023-07-08", "甲"),
        ("---\npubDate: 2023-07-08\n---\n\n# 周刊#10：甲\n", "10", "2023-07-08", "甲"),
        ("# 周刊#10：甲\n", "10", "2024-01-01", "甲"),
        ("# 别的\n", "", "2024-01-01", ""),
        ("周刊#10：甲\n", "", "2024-01-01", ""),
    ],
)
def test_number_date_and_title_are_found_where_they_stand(
    head: str, number: str, date: str, title: str
) -> None:
    edition = edition_of("issue: '周刊#(?P<number>\\d+)：(?P<title>.+)'")
    name = "" if "2023" in head else "2024-01-01-weekly.md"
    issue = issue_of(parse(head), edition, name)
    assert (issue.number, issue.date, issue.title) == (number, date, title)


def test_a_date_that_the_name_of_the_file_contradicts_is_an_error() -> None:
    text = "---\npubDate: 2023-07-09\n---\n\n一\n"
    made, issue = edited_by(EDITIONS["none"], text)
    assert issue.date == "2023-07-09"
    (finding,) = made.document.findings
    assert (finding.check, finding.severity, finding.source_line) == ("edition.date", Severity.ERROR, 2)


def test_a_date_that_an_override_settles_is_none() -> None:
    text = "---\npubDate: 2023-07-09\n---\n\n一\n"
    made, issue = edited_by(edition_of("overrides: {2023-07-09: {date: 2023-07-08}}"), text)
    assert issue.date == "2023-07-08"
    assert not made.document.findings


def test_two_editions_that_fit_alike_are_not_chosen_between() -> None:
    one, other = edition_of("shape: {has: [周刊]}"), edition_of("shape: {has: [^#]}")
    with pytest.raises(UsageError, match="fit this document alike"):
        chosen([one, other], "# 周刊\n")


def test_the_edition_that_knows_more_of_a_document_is_chosen() -> None:
    one, other = edition_of("shape: {has: [周刊]}"), edition_of("shape: {has: [周刊, ^#], lacks: [^①]}")
    assert chosen([one, other], "# 周刊\n") is other
    assert chosen([one, other], "# 周刊\n①\n") is one
    assert chosen([one, other], "# 月刊\n") is None


def test_rules_that_never_fire_are_named_with_their_line() -> None:
    rules = "headings: {文章: Articles, 项目: Projects}\ndropped:\n  - {name: noise, text: 广告}\n"
    edition = edition_of(rules)
    made, _ = edited_by(edition, "## 文章\n")
    assert [(rule.name, rule.line) for rule in unused(edition, made.uses)] == [("项目", 1), ("noise", 3)]
    assert len(rules_of(edition)) == 3


def test_a_template_of_a_project_stands_in_for_the_programs(tmp_path: Path) -> None:
    (tmp_path / "editions/full").mkdir(parents=True)
    (tmp_path / "editions/full/header.md").write_text("Hello, {date}.\n", encoding="utf-8")
    edition = read_edition("full", tmp_path)
    assert edition.header == "Hello, {date}."
    assert edition.footer == EDITIONS["full"].footer


def test_a_way_to_name_lines_that_is_not_known_is_no_heading() -> None:
    with pytest.raises(ValueError, match="no selector 'paragraph'"):
        selected("# 新闻\n\n一段。\n", (Selector("paragraph", re.compile("新闻")),))
