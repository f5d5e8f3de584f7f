"""Checks say what is wrong, once, and are silent about good translations. Cases are in cases/checks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from weekly_translate.checks import CHECKS, document_findings, findings_of, grams_of
from weekly_translate.model import (
    Document,
    Feature,
    FeatureKind,
    Kind,
    Mark,
    MarkKind,
    Pair,
    Segment,
    Severity,
    Span,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parent / "cases" / "checks"
CODE_POINT = re.compile(r"\{U\+([0-9A-F]{4,6})\}")


class Case(NamedTuple):
    """A pair of a case file: `zh`, `en` and what the optional lines add."""

    check: str
    fails: bool
    fields: dict[str, str]

    @property
    def pair(self) -> Pair:
        """The pair, with one term if the case has a `term: source = target / allowed, not avoided` line."""
        kind = Kind(self.fields.get("kind", "text"))
        segment = Segment("s1", kind, Span(0, 0), 7, self.fields["zh"])
        return Pair(segment, self.fields["en"], tuple(terms_of(self.fields.get("term", ""))))


def terms_of(line: str) -> Iterator[Term]:
    """The term that a case writes as `协程 = coroutine / coroutines, not goroutine`."""
    if line:
        source, _, targets = line.partition(" = ")
        wanted, _, avoided = targets.partition(", not ")
        target, *allowed = wanted.split(" / ")
        yield Term(source, target, tuple(allowed), (avoided,) if avoided else ())


def cases_of(path: Path) -> Iterator[Case]:
    """The cases of a file; `{U+202E}` stands for the character."""
    for part in path.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        for block in body.split("\n- ")[1:]:
            lines = (line.strip().partition(": ") for line in block.strip().split("\n"))
            fields = {
                name: CODE_POINT.sub(lambda code: chr(int(code[1], 16)), value) for name, _, value in lines
            }
            yield Case(path.stem, heading.strip() == "fails", fields)


ALL_CASES = [case for path in sorted(CASES.glob("*.md")) for case in cases_of(path)]


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: f"{case.check}: {case.fields['zh'][:20]}")
def test_a_fault_is_reported_once_and_a_good_translation_not_at_all(case: Case) -> None:
    findings = findings_of(
        case.pair,
        kept=frozenset(filter(None, case.fields.get("kept", "").split(", "))),
        prompt_grams=grams_of(case.fields.get("prompt", "")),
    )
    assert [finding.check for finding in findings] == ([case.check] if case.fails else []), findings
    for finding in findings:
        assert finding.severity == case.fields.get("severity", finding.severity)
        assert case.fields.get("says", "") in finding.message


@pytest.mark.parametrize("check", sorted({rule.id for rule in CHECKS.values()}))
def test_each_check_has_cases_that_fail_and_cases_that_pass(check: str) -> None:
    assert {case.fails for case in ALL_CASES if case.check == check} == {True, False}


SOURCE_LINE = (
    "这个库支持 <a1>PyO3</a1> 和<a2>异步</a2>。它很快，而且非常容易使用，也能嵌入到浏览器里运行协程。"
)
GOOD = (
    "This library supports <a1>PyO3</a1> and <a2>async code</a2>. It is fast, very easy to use, and runs "
    "coroutines in the browser, too."
)


@pytest.mark.parametrize(
    ("said", "instead", "check"),
    [
        ("very easy to use", "非常容易使用", "seg.residual-cjk"),
        ("<a1>PyO3</a1> and <a2>async code</a2>", "<a2>PyO3</a2> and <a1>async code</a1>", "seg.swapped"),
        (" It is fast, very easy to use, and runs coroutines in the browser, too.", "", "seg.too-short"),
        (
            "too.",
            "too. Its author once led a team of forty engineers at Google that wrote 90 papers.",
            "num.added",
        ),
        ("coroutines", "goroutines", "term.missing"),
    ],
)
def test_the_faults_that_no_other_tool_caught_are_caught(said: str, instead: str, check: str) -> None:
    segment = Segment("s1", Kind.TEXT, Span(0, 0), 1, SOURCE_LINE)
    terms = (Term("协程", "coroutine"),)
    assert findings_of(Pair(segment, GOOD, terms)) == []
    assert check in {
        finding.check for finding in findings_of(Pair(segment, GOOD.replace(said, instead), terms))
    }


def test_each_check_says_what_it_demands() -> None:
    assert all(check.__doc__ and check.__doc__.endswith(".") for check in CHECKS)


def test_a_finding_points_to_its_segment() -> None:
    (finding,) = findings_of(Case("seg.empty", fails=True, fields={"zh": "介绍", "en": " "}).pair)
    assert (finding.segment, finding.source_line, finding.severity) == ("s1", 7, Severity.ERROR)


# ------------------------------------------------------------------------ the document as a whole

SOURCE = """\
heading ## 🦄
item 1
link https://a.example
code `a`
item 2
link https://b.example
image https://i.example/1.png
code `a`
item 3
link https://c.example
link https://d.example
code `a`
heading ## 🐢
item 1
link https://e.example
table 2x3
html <br>"""


def document(listing: str) -> Document:
    """A document of nothing but features: two lines of the listing are one line of the document."""
    rows = (line.split(" ", 1) for line in listing.split("\n"))
    features = tuple(
        Feature(FeatureKind(kind), value, 1 + index // 2) for index, (kind, value) in enumerate(rows)
    )
    return Document("", (), (), (), features)


def said(target: str) -> list[str]:
    """The ids of what the document check finds in a changed listing."""
    return [finding.check for finding in document_findings(document(SOURCE), document(target))]


def test_a_document_agrees_with_itself() -> None:
    assert said(SOURCE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("link https://b.example\n", "", ["url.missing"]),
        ("link https://b.example", "link https://B.example", ["url.changed"]),
        ("table 2x3", "table 2x3\nlink https://evil.example", ["url.added"]),
        ("image https://i.example/1.png\n", "", ["img.missing"]),
        ("image https://i.example/1.png", "link https://i.example/1.png", ["img.missing"]),
        ("table 2x3", "image https://evil.example/p.png\ntable 2x3", ["img.added"]),
        ("code `a`\nitem 3", "item 3", ["code.missing"]),
        ("code `a`\nitem 3", "code `b`\nitem 3", ["code.changed"]),
        ("code `a`\nitem 3", "code `a`\ncode `a`\nitem 3", ["code.added"]),
        ("heading ## 🐢", "heading # 🐢", ["md.heading-level"]),
        ("heading ## 🐢", "heading ## 🐴", ["emoji.heading"]),
        ("heading ## 🐢\n", "", ["md.heading-level"]),
        ("item 2", "item 3", ["md.item-number"]),
        ("table 2x3", "table 2x2", ["md.table"]),
        ("html <br>", "html <br/>", ["md.html"]),
        ("table 2x3", "table 2x3\ndefinition x https://evil.example", ["md.refdef-added"]),
    ],
)
def test_one_change_of_a_document_is_one_finding(old: str, new: str, expected: list[str]) -> None:
    assert said(SOURCE.replace(old, new, 1)) == expected


def test_links_of_one_line_may_change_places() -> None:
    rows = "link https://a.example\nlink https://b.example"
    assert document_findings(document(rows), document("\n".join(reversed(rows.split("\n"))))) == []


def test_links_that_change_titles_are_one_finding() -> None:
    swapped = SOURCE.replace("a.example", "x").replace("e.example", "a.example").replace("//x", "//e.example")
    assert said(swapped) == ["seg.swapped"]


def test_a_lost_code_span_is_named_where_it_was() -> None:
    (finding,) = document_findings(document(SOURCE), document(SOURCE.replace("code `a`\nitem 3", "item 3")))
    assert finding.source_line == 4
    assert finding.message == "the code `a` of line 4 is missing"


def test_an_edition_may_expect_other_features_than_the_source_has() -> None:
    target = document(SOURCE.replace("link https://b.example\n", ""))
    assert document_findings(document(SOURCE), target, expected=target.features) == []


def test_a_star_count_that_is_not_in_the_text_is_reported_with_its_line() -> None:
    marks = (Mark(MarkKind.STARS, Span(0, 1), "2.6K", 7), Mark(MarkKind.STARS, Span(2, 3), "1K", 9))
    source = Document("", (), (), marks, ())
    assert document_findings(source, Document("Good. (2.6K stars) Fine. (1K stars)", (), (), (), ())) == []
    (finding,) = document_findings(source, Document("Good. (2.5K stars) Fine. (1K stars)", (), (), (), ()))
    assert (finding.check, finding.source_line) == ("num.missing", 7)
