"""Checks say what is wrong, once, and are silent about good translations. Cases are in cases/checks."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tagged import segment
from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.catalogue import GONE, OF_A_RUN, SIDE_BY_SIDE, catalogue
from weekly_translate.checks.document import document_findings
from weekly_translate.checks.model_artifacts import grams_of
from weekly_translate.checks.registry import findings_of, text_findings
from weekly_translate.checks.repair import FIXES
from weekly_translate.checks.terms import unmet_terms
from weekly_translate.compare.ignores import fits
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.exchange import read_tmx
from weekly_translate.model import (
    UNASKED,
    ComplaintKind,
    Document,
    ErrorCategory,
    Feature,
    FeatureKind,
    Finding,
    Kind,
    Mark,
    MarkKind,
    Pair,
    Segment,
    Severity,
    Span,
    Term,
)
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases" / "checks"
CODE_POINT = re.compile(r"\{U\+([0-9A-F]{4,6})\}")
EXACT_FIXES = ("llm.entity-double", "punct.repeat", "punct.space", "space.double", "tag.space", "term.case")
"""The fixes that take away exactly what their check complains about."""
SECTIONS = {"fails", "passes", "ignored", "false alarms"}


class Case(NamedTuple):
    """A pair of a case file: segments `zh` and `en`, or files `source` and `target`, and optional lines."""

    check: str
    section: str
    fields: dict[str, str]

    @property
    def pair(self) -> Pair:
        """The pair, with one term if the case has a `term: source = target / allowed, not avoided` line."""
        kind = Kind(self.fields.get("kind", "text"))
        source = segment(self.fields["zh"], "s1", kind, self.fields.get("hint", ""))
        return Pair(source._replace(line=7), self.fields["en"], tuple(terms_of(self.fields.get("term", ""))))

    def findings(self) -> list[Finding]:
        """What the checks say, without what the case wants to be silent (`ignore: num.*`)."""
        if "source" in self.fields:
            findings = text_findings(*(parse(self.fields[side]) for side in ("source", "target")))
        else:
            kept = frozenset(filter(None, self.fields.get("kept", "").split(", ")))
            grams = grams_of(self.fields.get("prompt", ""))
            senses = AllSenses() if "dictionary" in self.fields else None
            findings = findings_of(self.pair, kept=kept, prompt_grams=grams, senses=senses)
        ignored = self.fields.get("ignore", "").split(", ")
        return [finding for finding in findings if not fits(finding.check, ignored)]


def terms_of(line: str) -> Iterator[Term]:
    """The term that a case writes as `协程 = coroutine / coroutines, not goroutine`."""
    if line:
        source, _, targets = line.partition(" = ")
        wanted, _, avoided = targets.partition(", not ")
        target, *allowed = wanted.split(" / ")
        yield Term(source, target, tuple(allowed), (avoided,) if avoided else ())


def cases_of(path: Path) -> Iterator[Case]:
    """The cases of a file; `{U+202E}` stands for the character, `⏎` for a line break."""
    for part in path.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        for block in body.split("\n- ")[1:]:
            lines = (line.removeprefix("  ").partition(": ") for line in block.rstrip("\n").split("\n"))
            yield Case(path.stem, heading.strip(), {name: written(value) for name, _, value in lines})


def written(value: str) -> str:
    """What a line of a case stands for."""
    return CODE_POINT.sub(lambda code: chr(int(code[1], 16)), value.replace("⏎", "\n"))


ALL_CASES = [case for path in sorted(CASES.glob("*.md")) for case in cases_of(path)]
ALL_RULES = [*CHECKS.values(), *TEXT_CHECKS.values()]


def named(case: Case) -> str:
    return f"{case.check} {case.section}: {case.fields.get('zh', case.fields.get('source', ''))[:20]}"


@pytest.mark.parametrize("case", ALL_CASES, ids=named)
def test_a_fault_is_reported_once_and_a_good_translation_not_at_all(case: Case) -> None:
    findings = case.findings()
    expected = [case.check] if case.section == "fails" else []
    assert [finding.check for finding in findings] == expected, findings
    for finding in findings:
        assert finding.severity == case.fields.get("severity", finding.severity)
        assert case.fields.get("says", "") in finding.message


@pytest.mark.parametrize("case", [case for case in ALL_CASES if case.section == "ignored"], ids=named)
def test_what_is_ignored_would_be_found(case: Case) -> None:
    assert case._replace(fields=case.fields | {"ignore": ""}).findings() != []


@pytest.mark.parametrize("check", sorted({rule.id for rule in ALL_RULES}))
def test_each_check_has_cases_of_every_sort(check: str) -> None:
    assert {case.section for case in ALL_CASES if case.check == check} == SECTIONS
    assert len([case for case in ALL_CASES if case.check == check and case.section == "fails"]) >= 3


def test_a_doubtful_check_is_never_an_error() -> None:
    doubtful = [rule for rule in ALL_RULES if rule.kind is not ComplaintKind.CERTAIN]
    assert doubtful
    assert [rule for rule in doubtful if Severity.ERROR in (rule.severity, rule.in_titles)] == []
    tables = [entry for table in (SIDE_BY_SIDE, OF_A_RUN) for entry in table.values()]
    doubted = [entry for entry in tables if ComplaintKind.CERTAIN not in entry.kinds]
    assert [entry for entry in doubted if Severity.ERROR in entry.severities] == []


def test_a_doubt_hides_no_error() -> None:
    """A loop explains the lost number, but may be none: the number is lost for sure."""
    pair = Pair(segment("文章介绍了 12 个装饰器的用法。", "s1"), f"Decorators are{' very' * 7} useful.")
    assert [(one.check, one.severity, one.kind) for one in findings_of(pair)] == [
        ("llm.loop", Severity.WARNING, ComplaintKind.DOUBTFUL),
        ("num.missing", Severity.ERROR, ComplaintKind.CERTAIN),
    ]


def test_each_case_file_belongs_to_a_check() -> None:
    assert {case.check for case in ALL_CASES} - {rule.id for rule in ALL_RULES} == set()


@pytest.mark.parametrize(
    "case", [case for case in ALL_CASES if case.section == "fails" and case.check in EXACT_FIXES], ids=named
)
def test_a_fix_takes_away_what_its_check_complains_about_and_nothing_else(case: Case) -> None:
    mended = FIXES[case.check](case.fields["en"], case.pair.segment)
    assert mended != case.fields["en"]
    assert case._replace(fields=case.fields | {"en": mended}).findings() == []
    assert FIXES[case.check](mended, case.pair.segment) == mended


@pytest.mark.parametrize(
    "case",
    [case for case in ALL_CASES if case.section in ("passes", "false alarms") and case.check in EXACT_FIXES],
    ids=named,
)
def test_fixes_leave_good_translations_alone(case: Case) -> None:
    assert FIXES[case.check](case.fields["en"], case.pair.segment) == case.fields["en"]


def test_the_page_of_the_checks_is_current() -> None:
    """`make docs` makes it anew."""
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_checks_page.py"],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
    )
    assert made.stdout.decode() == (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["full", "odd"])
def test_the_approved_samples_have_no_finding(name: str) -> None:
    memory = {
        entry.source: entry.target for entry in read_tmx((ROOT / "samples/memory.tmx").read_bytes(), "memory")
    }
    source, target = (
        parse((ROOT / "samples" / name / file).read_bytes().decode()) for file in ("source.md", "en.md")
    )
    findings = [
        finding
        for segment in source.segments
        if segment.text in memory
        for finding in findings_of(Pair(segment, memory[segment.text]))
    ]
    assert findings + text_findings(source, target) == []


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
    judged = partial(findings_of, senses=AllSenses())
    assert judged(Pair(segment, GOOD, terms)) == []
    assert check in {finding.check for finding in judged(Pair(segment, GOOD.replace(said, instead), terms))}


def _ids_in_the_code() -> Iterator[tuple[str, str]]:
    """What is written like an id, and the file it stands in."""
    families = {id_.partition(".")[0] for id_ in catalogue()}
    package = ROOT / "src" / "weekly_translate"
    table = (package / "checks/signs.txt").read_text("utf-8")
    yield from ((id_, "checks/signs.txt") for id_ in re.findall("^id: (.*)", table, re.MULTILINE))
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            value = str(node.value) if isinstance(node, ast.Constant) else ""
            if re.fullmatch(r"[a-z]+\.[a-z][a-z-]*", value) and value.partition(".")[0] in families:
                yield value, path.relative_to(package).as_posix()


def test_the_catalogue_has_every_id_that_the_code_writes_and_no_other() -> None:
    written = set(_ids_in_the_code())
    strange = {id_ for id_, _ in written if not any(known.startswith(id_) for known in catalogue())}
    assert strange - {*GONE} == {UNASKED}, (
        "a remark of the memory; all else is a finding and belongs into the catalogue"
    )
    read = {f"meaning.{category}" for category in ErrorCategory}  # a second reader writes these
    assert catalogue().keys() - read <= {id_ for id_, path in written if path != "checks/catalogue.py"}


def test_every_finding_is_made_with_an_id_of_the_catalogue() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                first = node.args[0] if node.args else None
                assert not isinstance(first, ast.Constant) or first.value in catalogue(), path


def test_every_id_says_in_sentences_what_it_demands() -> None:
    for id_, entry in catalogue().items():
        assert entry.severities, id_
        assert entry.demands
        assert all(demand.endswith(".") for demand in entry.demands), id_


def test_terms_are_unmet_that_are_missing_or_have_a_forbidden_word() -> None:
    segment = Segment("s1", Kind.TEXT, Span(0, 0), 1, "协程、线程和进程")
    terms = (
        Term("协程", "coroutine", avoid=("goroutine",)),
        Term("线程", "thread"),
        Term("进程", "process", avoid=("task",)),
    )
    unmet = unmet_terms(Pair(segment, "Goroutines, threads, and processes, that is tasks", terms))
    assert [term.source for term in unmet] == ["协程", "进程"]


def test_a_finding_points_to_its_segment() -> None:
    (finding,) = findings_of(Case("seg.empty", "fails", {"zh": "介绍", "en": ""}).pair)
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
        ("table 2x3", "table 2x3\nlink https://e.example", ["url.duplicate"]),
        ("image https://i.example/1.png\n", "", ["img.missing"]),
        ("image https://i.example/1.png", "link https://i.example/1.png", ["img.missing"]),
        ("table 2x3", "image https://evil.example/p.png\ntable 2x3", ["img.added"]),
        ("code `a`\nitem 3", "item 3", ["code.missing"]),
        ("code `a`\nitem 3", "code `b`\nitem 3", ["code.changed"]),
        ("code `a`\nitem 3", "code `a`\ncode `a`\nitem 3", []),
        ("code `a`\nitem 3", "code `a`\ncode `b`\nitem 3", ["code.added"]),
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
    assert finding.message == "the code `a` is missing"


def test_of_a_long_address_the_part_that_differs_is_shown() -> None:
    long = "https://a.example/" + "x" * 200
    (finding,) = document_findings(document(f"link {long}1"), document(f"link {long}2"))
    shown = "x" * 119
    assert finding.message == f"the link …{shown}1 became …{shown}2"


def test_an_edition_may_expect_other_features_than_the_source_has() -> None:
    target = document(SOURCE.replace("link https://b.example\n", ""))
    assert document_findings(document(SOURCE), target, expected=target.features) == []


def test_a_star_count_that_is_not_in_the_text_is_reported_with_its_line() -> None:
    marks = (Mark(MarkKind.STARS, Span(0, 1), "2.6K", 7), Mark(MarkKind.STARS, Span(2, 3), "1K", 9))
    source = Document("", (), (), marks, ())
    assert document_findings(source, Document("Good. (2.6K stars) Fine. (1K stars)", (), (), (), ())) == []
    (finding,) = document_findings(source, Document("Good. (2.5K stars) Fine. (1K stars)", (), (), (), ()))
    assert (finding.check, finding.source_line) == ("num.missing", 7)
