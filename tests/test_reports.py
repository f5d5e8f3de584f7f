"""What the reports make of findings: text for people, JSON, SARIF and GitHub for programs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema
import pytest

from weekly_translate.compare.ignores import Ignore, parse_ignores, refusal, sifted
from weekly_translate.data_files import DataText
from weekly_translate.errors import UsageError
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Finding, Severity
from weekly_translate.report.data import SarifRule, github_of, json_of, json_of_many, sarif_of
from weekly_translate.report.text import (
    Judged,
    Look,
    Suppressed,
    cells,
    differences,
    side_of,
    summary_of,
    text_of,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((Path(__file__).parent / "cases/sarif/sarif-schema-2.1.0.json").read_text("utf-8"))

SOURCE = """\
前言

## 🦄[文章](https://example.org/all)

1、[垃圾回收](https://example.org/gc) (英)

这篇文章介绍了 3 个函数，收录 864 期视频。

### 更多

结束。
"""
TARGET = """\
Preface

## 🦄 Articles

1. [Garbage collection](https://example.org/gc) (EN)

The article presents 3 functions and 34 more in 846 videos.

### More

The end.
"""
NUMBER = Finding("num.value", Severity.ERROR, "the number 864 became 846", "s004", 7, 7)
LOST = Finding("url.missing", Severity.ERROR, "the link https://a.example is missing", None, 5, None)
ADDED = Finding(
    "url.added", Severity.WARNING, "the link https://b.example is not in the source", None, None, 11
)
REMARK = Finding("seg.sentences", Severity.INFO, "2 sentences for 1 of the source", "s006", 11, 11)
EVERYWHERE = Finding("doc.eof", Severity.WARNING, "the file ends in another way")


def judged(*findings: Finding, suppressed: tuple[Suppressed, ...] = ()) -> Judged:
    sides = (
        side_of(name, parse(text, every_line=True)) for name, text in (("zh.md", SOURCE), ("en.md", TARGET))
    )
    return Judged(next(sides), next(sides), findings, suppressed)


def shown(pair: Judged, *, width: int = 80, least: Severity = Severity.WARNING) -> list[str]:
    look = Look(width, colors=False, clean=lambda text: text.replace("\x1b", "\\x1b"), least=least)
    return ["".join(piece.text for piece in line).rstrip() for line in text_of(pair, look)]


# --------------------------------------------------------------------------- text


def test_a_finding_stands_under_its_item_with_both_lines_beside_each_other() -> None:
    assert shown(judged(NUMBER)) == [
        "🦄文章 › 1、垃圾回收",
        "  zh.md:7 -> en.md:7",
        "    error   num.value: the number 864 became 846",
        "    这篇文章介绍了 3 个函数，收录 »864«  | The article presents 3 functions and",
        "    期视频。                             | 34 more in »846« videos.",
        "",
        "en.md: 1 error",
    ]


def test_a_narrow_report_has_the_translation_below_its_source() -> None:
    assert shown(judged(NUMBER), width=60)[3:5] == [
        "    这篇文章介绍了 3 个函数，收录 »864« 期视频。",
        "    The article presents 3 functions and 34 more in »846«",
    ]


def test_each_line_is_shown_once_with_all_that_is_said_about_it() -> None:
    other = Finding("num.added", Severity.WARNING, "the number 34 is not in the source", "s004", 7, 7)
    lines = shown(judged(NUMBER, other))
    assert sum("zh.md:7" in line for line in lines) == 1
    assert any("»34« more in »846«" in line for line in lines)


def test_findings_of_one_side_stand_under_the_place_of_that_side() -> None:
    lines = shown(judged(LOST, ADDED, EVERYWHERE))
    assert lines[lines.index("  zh.md:5") - 1] == "🦄文章 › 1、垃圾回收"
    assert lines[lines.index("  en.md:11") - 1] == "🦄 Articles › More"
    assert lines[:3] == ["en.md", "  en.md", "    warning doc.eof: the file ends in another way"]
    assert lines[-1] == "en.md: 1 error, 2 warnings"


def test_remarks_and_what_is_silent_on_purpose_are_shown_when_everything_is_asked_for() -> None:
    pair = judged(REMARK, suppressed=(Suppressed(NUMBER, "counted anew"),))
    assert shown(pair) == ["en.md: 1 remark (1 silent on purpose)"]
    everything = "\n".join(shown(pair, least=Severity.INFO))
    assert "info    seg.sentences" in everything
    assert "num.value zh.md:7 -> en.md:7: the number 864 became 846 (reason: counted anew)" in everything


def test_nothing_to_say_is_said() -> None:
    assert summary_of(judged()) == "en.md: no findings"


def test_foreign_text_is_cleaned_wherever_it_is_shown() -> None:
    bad = Finding("num.value", Severity.ERROR, "\x1b[2J 3", "s1", 1, 1)
    text = "1、\x1b]0;x\x07题 3\n"
    side = side_of("\x1b.md", parse(text, every_line=True))
    assert "\x1b" not in "\n".join(
        shown(Judged(side, side, (bad,), (Suppressed(bad, "\x1b"),)), least=Severity.INFO)
    )


def test_a_long_line_is_shown_where_it_differs() -> None:
    text = "word " * 400 + "864 " + "word " * 400
    side = side_of("a.md", parse(text, every_line=True))
    finding = Finding("num.value", Severity.ERROR, "the number 864 is missing", "s1", 1, 1)
    lines = shown(Judged(side, side, (finding,)))
    assert any("»864«" in line for line in lines)
    assert len(lines) < 12
    assert sum(line.rstrip().endswith("…") for line in lines) == 1


@pytest.mark.parametrize(
    ("message", "line", "found"),
    [
        ("the number 3 is missing", "34 of 2.3 and 3", ["3"]),
        ("the number 1 million (100 万) became 2 million", "小对象 100 万个", ["100 万"]),
        (
            "the number 1 million (100 万) became 2 million",
            "1 million or 2 million",
            ["1 million", "2 million"],
        ),
        ("“非常容易使用” is not translated", "It is 非常容易使用", ["非常容易使用"]),
        ("the code `gc.freeze()` became `gc.thaw()`", "Call `gc.thaw()` now", ["gc.thaw()"]),
        ("the link https://a.example/x is missing", "[x](https://a.example/x)", ["https://a.example/x"]),
        ("the item of line 12 is missing", "12 items", []),
        ("emoji lost: 🦄", "## 🦄 文章", ["🦄"]),
        ("Chinese punctuation is left: ，", "one， two", ["，"]),
        ("a space stands before “,”", "one, two", []),
        ("the star count 2.6K became 2.7K", "(2.7K stars)", ["2.7K"]),
    ],
)
def test_the_part_that_a_message_names_is_found(message: str, line: str, found: list[str]) -> None:
    assert [line[slice(*span)] for span in differences([message], line)] == found


def test_punctuation_is_no_difference_in_chinese() -> None:
    assert differences(["Chinese punctuation is left: ，"], "一，二", in_source=True) == []


@pytest.mark.parametrize("width", [4, 7, 20])
@pytest.mark.parametrize(
    "text", ["中文字符，测试。", "a long line of words", "supercalifragilistic", "中 a文b 字"]
)
def test_rows_keep_within_their_width_and_lose_nothing(text: str, width: int) -> None:
    rows = ["".join(piece.text for piece in row) for row in wrapped(text, [], width=width)]
    assert all(cells(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


# --------------------------------------------------------------------------- json and github


def test_json_has_the_fields_of_the_contract() -> None:
    data = json.loads(json_of(judged(NUMBER, suppressed=(Suppressed(LOST, "moved"),))))
    number = {
        "check": "num.value",
        "severity": "error",
        "kind": "certain",
        "message": "the number 864 became 846",
        "segment": "s004",
        "source_line": 7,
        "target_line": 7,
    }
    assert data["findings"] == [number]
    assert {key: data[key] for key in ("schema", "source", "target")} == {
        "schema": 1,
        "source": "zh.md",
        "target": "en.md",
    }
    assert [(one["check"], one["reason"]) for one in data["suppressed"]] == [("url.missing", "moved")]


def test_json_of_several_pairs_is_a_list_of_them() -> None:
    data = json.loads(json_of_many([judged(NUMBER), judged()]))
    assert [len(pair["findings"]) for pair in data["pairs"]] == [1, 0]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (NUMBER, "::error file=en.md,line=7,title=num.value::the number 864 became 846 (zh.md:7)"),
        (LOST, "::error file=zh.md,line=5,title=url.missing::the link https://a.example is missing"),
        (
            ADDED,
            "::warning file=en.md,line=11,title=url.added::the link https://b.example is not in the source",
        ),
        (
            REMARK,
            "::notice file=en.md,line=11,title=seg.sentences::2 sentences for 1 of the source (zh.md:11)",
        ),
        (EVERYWHERE, "::warning file=en.md,line=1,title=doc.eof::the file ends in another way"),
        (
            Finding("x", Severity.ERROR, "100%\r\n::error::b", None, None, 1),
            "::error file=en.md,line=1,title=x::100%25%0D%0A::error::b",
        ),
    ],
)
def test_github_gets_a_command_for_each_finding(finding: Finding, line: str) -> None:
    assert github_of(judged(finding)) == f"{line}\n"


def test_a_file_name_can_not_end_a_property_of_a_github_command() -> None:
    side = side_of("a,b:c%\n.md", parse("x", every_line=True))
    written = github_of(Judged(side, side, (Finding("x", Severity.ERROR, "m", None, None, 1),)))
    assert written == "::error file=a%2Cb%3Ac%25%0A.md,line=1,title=x::m\n"


# --------------------------------------------------------------------------- sarif


RULES = {
    check: SarifRule(f"What {check} demands.\nAnd more.", Severity.WARNING)
    for check in ("doc.eof", "num.value", "seg.sentences", "url.added", "url.missing")
}


@cache
def _validator() -> Callable[[object], object]:
    compiled: Callable[[object], object] = fastjsonschema.compile(SCHEMA)
    return compiled


def sarif(*pairs: Judged) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif_of(pairs, RULES, version="1.0.0"))
    _validator()(log)
    return log


def test_sarif_follows_its_schema_whatever_is_found() -> None:
    suppressed = (Suppressed(NUMBER, "counted anew"),)
    run = sarif(judged(NUMBER, LOST, ADDED, REMARK, EVERYWHERE, suppressed=suppressed))["runs"][0]
    results = run["results"]
    assert [result["level"] for result in results] == [
        "error",
        "error",
        "warning",
        "note",
        "warning",
        "error",
    ]
    assert results[-1]["suppressions"] == [{"kind": "external", "justification": "counted anew"}]
    rules = run["tool"]["driver"]["rules"]
    assert rules[1]["id"] == "num.value"
    assert rules[1]["shortDescription"] == {"text": "What num.value demands."}
    assert rules[1]["help"] == {"text": "What num.value demands.\nAnd more."}
    assert rules[1]["defaultConfiguration"]["level"] == "warning"
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_sarif_without_findings_follows_its_schema() -> None:
    assert sarif()["runs"][0]["results"] == []


def test_sarif_points_to_the_translation_and_relates_the_source() -> None:
    first, second = sarif(judged(NUMBER, LOST))["runs"][0]["results"]
    places = [
        (
            place["physicalLocation"]["artifactLocation"]["uri"],
            place["physicalLocation"]["region"]["startLine"],
        )
        for place in (*first["locations"], *first["relatedLocations"], *second["locations"])
    ]
    assert places == [("en.md", 7), ("zh.md", 7), ("zh.md", 5)]


def test_a_fingerprint_stays_when_lines_move_and_tells_twins_apart() -> None:
    twins = [result["partialFingerprints"] for result in sarif(judged(NUMBER, NUMBER))["runs"][0]["results"]]
    assert twins[0] != twins[1]
    moved = Finding("num.value", Severity.ERROR, "the number 864 became 846", "s9", 9, 9)
    source, target = (
        side_of(name, parse(f"\n\n{text}", every_line=True)) for name, text in (("z", SOURCE), ("e", TARGET))
    )
    (again,) = sarif(Judged(source, target, (moved,)))["runs"][0]["results"]
    assert again["partialFingerprints"] == twins[0]


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("期 1.md", "%E6%9C%9F%201.md"),
        ("/a/b c.md", "file:///a/b%20c.md"),
        ("C:/b.md", "file:///C:/b.md"),
        ("a/b.md", "a/b.md"),
        ("a\udcff.md", "a%FF.md"),  # a name that is not UTF-8
    ],
)
def test_paths_are_addresses_in_sarif(name: str, uri: str) -> None:
    side = side_of(name, parse("x", every_line=True))
    (result,) = sarif(Judged(side, side, (EVERYWHERE,)))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


# --------------------------------------------------------------------------- ignores


@pytest.mark.parametrize(
    ("entry", "silences"),
    [
        ({"check": "num.value", "source": "864 期"}, True),
        ({"check": "num.*", "text": "846 videos"}, True),
        ({"check": "*", "line": 7}, True),
        ({"check": "num.value", "source": "846"}, False),
        ({"check": "num.missing", "line": 7}, False),
        ({"check": "num.value", "line": 8}, False),
    ],
)
def test_an_ignore_silences_what_it_names_and_nothing_else(entry: dict[str, Any], silences: bool) -> None:  # noqa: FBT001 - a case
    pair = judged(NUMBER)
    ignores = parse_ignores(DataText("ignores.yaml", [{**entry, "reason": "as  agreed"}]))
    left, suppressed, unused = sifted(pair.findings, ignores, pair.source.line, pair.target.line)
    assert (left, unused) == (((), ()) if silences else ((NUMBER,), ignores))
    assert suppressed == ((Suppressed(NUMBER, "as agreed"),) if silences else ())


def test_a_line_counts_in_the_translation_where_the_source_has_none() -> None:
    pair = judged(ADDED)
    ours = Ignore(check="url.added", reason="ours", line=11)
    found = sifted(pair.findings, [ours], pair.source.line, pair.target.line)
    assert found.findings == ()


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("num.valu", "did you mean num.value?"),
        ("num", "did you mean num.*?"),
        ("urls.*", "did you mean url.*?"),
        ("qqq", "the kinds are num.*, url.*"),
    ],
)
def test_a_check_that_does_not_exist_can_not_be_ignored(pattern: str, says: str) -> None:
    known = ("num.value", "url.missing")
    entry = {"check": pattern, "reason": "r", "line": 1}
    with pytest.raises(UsageError) as refused:
        parse_ignores(DataText("ignores.yaml", [entry], lambda _: 4), known)
    assert str(refused.value) == f"ignores.yaml:4: there is no check {pattern!r}; {says}"
    assert not refusal("num.*", known)


def test_an_empty_file_ignores_nothing() -> None:
    assert parse_ignores(DataText("ignores.yaml", None)) == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"check": "x"}, "ignores.yaml: the file is {'check': 'x'}, but must be a list"),
        (["num.value"], "entry 1: an entry is 'num.value', but must be a mapping with keys: check, reason"),
        ([{"check": "x", "line": 1}], "entry 1: there is no 'reason'. Write `reason: …`"),
        ([{"check": "x", "line": 1, "reason": " "}], "'reason' is empty: it must be a text"),
        ([{"line": 1, "reason": "r"}], "there is no 'check'. Write `check: …`"),
        ([{"check": "x", "reason": "r"}], "exactly one of source, text, line"),
        ([{"check": "x", "reason": "r", "line": 1, "text": "t"}], "exactly one of"),
        ([{"check": "x", "reason": "r", "text": 7}], "'text' is 7, but must be a text"),
        ([{"check": "x", "reason": "r", "line": "7"}], "'line' is '7', but must be a whole number"),
        ([{"check": "x", "reason": "r", "line": 0}], "'line' is 0, but must be at least 1"),
        ([{"check": "x", "reason": "r", "line": True}], "'line' is true, but must be a whole number"),
        ([{"check": "x", "reason": "r", "lines": 7}], "there is no key 'lines'. Did you mean line?"),
    ],
)
def test_an_ignore_that_can_not_be_meant_is_refused(data: object, says: str) -> None:
    with pytest.raises(UsageError, match=r"ignores\.yaml") as refused:
        parse_ignores(DataText("ignores.yaml", data))
    assert says in str(refused.value)
