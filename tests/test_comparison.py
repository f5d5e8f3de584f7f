"""A pair of files that anybody made: what is wrong is said once, with the lines of both sides."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from sampling import few_at_once
from weekly_translate.checks.catalogue import catalogue
from weekly_translate.checks.document import front_matter_values
from weekly_translate.compare.ignores import Allowances, parse_allowances
from weekly_translate.compare.judge import compared
from weekly_translate.compare.languages import own_pages
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.style import PreparedPair, Rules
from weekly_translate.data_files import DataText
from weekly_translate.errors import UsageError
from weekly_translate.markdown.segments import parse
from weekly_translate.model import ComplaintKind, Document, Finding, Severity

CASES = Path(__file__).parent / "cases" / "pairs"
KINDS = {id_: entry.kinds for id_, entry in catalogue().items()}
SAMPLES = Path(__file__).parents[1] / "samples"


class Case(NamedTuple):
    name: str
    source: str
    target: str
    findings: list[str]


def _cases() -> list[Case]:
    cases = []
    for path in sorted(CASES.glob("*.md")):
        for part in re.split(r"^## (?=.*\n\n~~~ source$)", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            blocks = dict(re.findall(r"^~~~ (\w+)\n(.*?)^~~~$", part, re.MULTILINE | re.DOTALL))
            name = f"{path.stem}: {part.splitlines()[0]}"
            findings = blocks.get("findings", "").splitlines()
            cases.append(Case(name, blocks["source"], blocks["target"], findings))
    return cases


def _document(text: str) -> Document:
    return parse(text, every_line=True)


def _findings(source: str, target: str, allowed: Allowances | None = None) -> list[Finding]:
    here, there = _document(source), _document(target)
    allowed = replace(allowed or Allowances(), own_pages=own_pages(here, there))
    found = compared(here, there, Rules(allowed=allowed))
    return [finding for finding in found if finding.severity is not Severity.INFO]


def _brief(finding: Finding) -> str:
    return f"{finding.check} {finding.source_line or '-'} {finding.target_line or '-'}"


def _ids(source: str, target: str, allowed: Allowances | None = None) -> list[str]:
    return [finding.check for finding in _findings(source, target, allowed)]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_a_pair_has_exactly_the_findings_of_its_case(case: Case) -> None:
    found = _findings(case.source, case.target)
    with_severity = any(line.count(" ") > 2 for line in case.findings)
    said = [f"{_brief(one)} {one.severity}" if with_severity else _brief(one) for one in found]
    assert said == case.findings
    for one in found:
        assert one.kind in KINDS[one.check], "as docs/checks.md says"
        assert one.kind is ComplaintKind.CERTAIN or one.severity is not Severity.ERROR, one


def test_added_emphasis_is_a_warning() -> None:
    """English has foreign words in italics, which Chinese never has, and may set a label in bold."""
    found = _findings("词可以唱，诗不一定。", "A *ci* can be sung, a **shi** not always.")
    assert [(one.check, one.severity) for one in found] == [("tag.extra", Severity.WARNING)] * 2


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("按 **Ctrl + 回车**，只在**Settings**页面。", "On **Settings** press **Ctrl** + **Enter**.", "some"),
        ("先看**这里**，再看 **Foo**。", "First look here, then at **Foo**.", "the bold of “这里”"),
        ("先看**这里**，再看**那里**。", "First look **here**, then there.", "some"),
        ("先看 **A**，再看 **Foo**。", "First **look** at A, then at **Foo**.", ""),
    ],
)
def test_emphasis_is_told_with_its_words_where_these_are_known(
    source: str, target: str, message: str
) -> None:
    found = [one.message[: len(message)] for one in _findings(source, target)]
    assert found == [message] * bool(message)


# --------------------------------------------------------------------------- the samples, good and spoiled


def _sample(name: str) -> tuple[str, str]:
    source, target = ((SAMPLES / name / file).read_text("utf-8") for file in ("source.md", "en.md"))
    return source, target


@pytest.mark.parametrize("name", ["full", "odd"])
def test_an_approved_sample_has_no_error(name: str) -> None:
    errors = [finding for finding in _findings(*_sample(name)) if finding.severity is Severity.ERROR]
    assert errors == []


SPOILED = [
    (
        "https://img.example.com/2024-03-09_memory.png",
        "https://img.example.com/2024-03-09_memry.png",
        "url.changed",
    ),
    ("## 🦄Articles & Tutorials", "## 🐴Articles & Tutorials", "emoji.heading"),
    ("## 🦄Articles & Tutorials", "# 🦄Articles & Tutorials", "md.heading-level"),
    ("`__slots__`", "`__slot__`", "code.changed"),
    ("nearly 200 million", "nearly 20 million", "num.value"),
    ("2. [Stop Using", "5. [Stop Using", "md.item-number"),
    ("1,200 popular repositories", "12,000 popular repositories", "num.value"),
]


@pytest.mark.parametrize(("good", "bad", "check"), SPOILED)
def test_one_fault_in_a_sample_is_one_error_under_its_id(good: str, bad: str, check: str) -> None:
    source, target = _sample("full")
    assert target.count(good) == 1
    errors = [
        finding
        for finding in _findings(source, target.replace(good, bad))
        if finding.severity is Severity.ERROR
    ]
    assert [finding.check for finding in errors] == [check]


@pytest.mark.parametrize("first", few_at_once(range(6, 12), 1))
def test_each_lost_line_of_a_sample_is_told_once_and_drags_nothing_along(first: int) -> None:
    source, target = _sample("full")
    lines = target.split("\n")
    for number in range(first, len(lines), 6):
        if not lines[number].strip():
            continue
        left = "\n".join(lines[:number] + lines[number + 1 :])
        errors = [f for f in _findings(source, left) if f.severity is Severity.ERROR]
        assert len(errors) == 1, (lines[number], errors)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_each_pair_of_exchanged_links_in_a_sample_is_told_once(every: int) -> None:
    source, target = _sample("full")
    links = re.findall(r"^\d+\. .*?\]\((\S+?)\)", target, re.MULTILINE)
    for one, two in list(pairwise(links))[::every]:
        exchanged = target.replace(one, "\0").replace(two, one).replace("\0", two)
        errors = [f for f in _findings(source, exchanged) if f.severity is Severity.ERROR]
        assert [finding.check for finding in errors] == ["seg.swapped"], (one, two, errors)


# --------------------------------------------------------------------------- allowances

CHINESE = """你好，欢迎阅读本期周刊。

## 🦄文章

请看[文档](https://docs.example.org/latest/3/)的说明。

## 赞助

欢迎赞助我们的周刊。
"""
ENGLISH = """Welcome to our weekly newsletter!

Subscribe wherever you like.

## 🦄Articles

See what the [docs](https://docs.example.org/3/) say.
"""


def test_without_allowances_the_comparison_is_strict() -> None:
    assert {"url.changed", "seg.extra"} <= set(_ids(CHINESE, ENGLISH))


def test_declared_differences_are_no_findings() -> None:
    allowed = parse_allowances(
        DataText(
            "allow.yaml",
            {
                "dropped": [{"heading": "赞助"}],
                "replaced": [{"source": {"before": "^## "}, "target": {"before": "^## "}}],
                "urls": [{"prefix": "https://docs.example.org/latest/", "with": "https://docs.example.org/"}],
            },
        )
    )
    assert _ids(CHINESE, ENGLISH, allowed) == []


def test_an_address_may_be_rewritten_by_a_pattern_with_groups() -> None:
    urls = [{"pattern": r"^https://(\w+)\.example\.org/zh-cn/", "with": r"https://\1.example.org/"}]
    allowed = parse_allowances(DataText("allow.yaml", {"urls": urls}))
    assert allowed.address("https://docs.example.org/zh-cn/3/") == "https://docs.example.org/3/"


def test_the_alt_text_of_an_image_that_moves_with_its_address_is_compared() -> None:
    urls = [{"prefix": "https://i.example/zh/", "with": "https://i.example/en/"}]
    allowed = parse_allowances(DataText("allow.yaml", {"urls": urls}))
    source, target = "![锁的状态](https://i.example/zh/a.png)\n", "![](https://i.example/en/a.png)\n"
    assert _ids(source, target.replace("![", "![The states of a lock"), allowed) == []
    assert _ids(source, target, allowed) == ["img.alt"]


def test_a_policy_of_notes_is_kept() -> None:
    source, without = (
        "1、[标题在这里](https://a.example/x)（英文）\n",
        "1. [The title is here](https://a.example/x)\n",
    )
    given = without.replace(")\n", ") (EN)\n")
    keep, drop = (parse_allowances(DataText("allow.yaml", {"notes": policy})) for policy in ("keep", "drop"))
    assert _ids(source, without) == _ids(source, given) == []
    assert _ids(source, without, keep) == _ids(source, given, drop) == ["lang.tag"]
    assert _ids(source, given, keep) == _ids(source, without, drop) == []


def test_html_is_the_same_text_whatever_its_lines_end_with() -> None:
    source = (
        '<p>\n  <a href="https://a.example/a">甲</a>\n  ·\n  <a href="https://a.example/b">乙</a>\n</p>\n'
    )
    target = source.replace("甲", "First").replace("乙", "Second")
    assert _ids(source.replace("\n", "\r\n"), target) == _ids(source, target.replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    ("source", "target", "severity"),
    [
        ("第一行<br />第二行", "The first line, the second line", Severity.WARNING),
        ("第一行<hr />第二行", "The first line, the second line", Severity.ERROR),
        ("看![图](../../a.png)。", "See ![an image](../a.png).", Severity.WARNING),
        ("看![图](../../a.png)。", "See ![an image](../../b.png).", Severity.ERROR),
        (":::tip 提示\n甲。\n:::", ":::tip\nA.\n:::", Severity.WARNING),
        ("```\na = 1  # 甲 7\n```", "```\na = 1  # A 8\n```", Severity.WARNING),
        ("```\na = 1  # 甲 7\n```", "```\na = 2  # A 7\n```", Severity.ERROR),
        ("```\na = 1  # 甲\n```", "```\na = 1  # A\n       # B\n```", Severity.WARNING),
        ("```\na = 1  # one\n```", "```\na = 1  # one\nb = 2\n```", Severity.ERROR),
        ("```\n// 甲\na(); // 乙\n```", "```\na();\n```", Severity.WARNING),
        ("```\n# 甲\n# 乙\na = 1\n```", "```\n# A and B\na = 1\n```", Severity.WARNING),
        ("```\na = 1\n```", "```\n# A\na = 1\n```", Severity.WARNING),
        ("```\n<p a='甲'>\n    <b/>\n```", "```\n<p a='A'>\n      <b/>\n```", Severity.WARNING),
        ("```\nif a:\n    b()\n    c()\n```", "```\nif a:\n    b()\nc()\n```", Severity.ERROR),
        ("用 `a={ b: 1 }` 写。", "Write `a={b: 1}`.", Severity.WARNING),
        ("用 `go run` 写。", "Write `gorun`.", Severity.ERROR),
        ("见[用法](https://a.example/use/)。", "See [Usage](https://a.example/use).", Severity.WARNING),
        ("```\n# 甲\na = 1\nb = 2\n```", "```\na = 1\n```", Severity.ERROR),
        ("```\n# 甲\na = 1\n```", "```\na = 2\n```", Severity.ERROR),
        ("见[用法](./use.md#yong-fa)。", "See [Usage](./use.md#usage).", Severity.WARNING),
        ("见[用法](./use)。", "See [Usage](./use.md).", Severity.WARNING),
        ('<Card tip="甲" size="3" />', '<Card tip="A" size="4" />', Severity.ERROR),
        ('<Card tip="甲" size="3" />', '<Card tip="" size="3" />', Severity.ERROR),
        ('{% note "用 A 做" %}', '{% tip "Do it" %}', Severity.ERROR),
        ("见{ref}`甲 <a>`。", "See {ref}`A <b>`.", Severity.ERROR),
        ("见[用法](./use.md#yong-fa)。", "See [Usage](./used.md#usage).", Severity.ERROR),
    ],
)
def test_what_a_translator_may_have_meant_is_a_warning(source: str, target: str, severity: Severity) -> None:
    assert [one.severity for one in _findings(source, target)] == [severity]


def test_of_changed_code_the_first_line_is_shown_in_which_more_than_a_comment_differs() -> None:
    source = "```\n# 打开\ngate.open()\ngate.wait(3)\n```"
    messages = [
        finding.message
        for target in (
            "```\n# open it\ngate.open()\ngate.wait(4)\n```",
            "```\n# open it\ngate.open()\n  gate.wait(3)\n```",
        )
        for finding in _findings(source, target)
    ]
    assert messages == [
        "the code gate.wait(3) became gate.wait(4)",
        "the code gate.wait(3) has other blanks",
    ]


def test_front_matter_may_be_dropped_where_that_is_declared() -> None:
    source = "---\ntitle: '周刊第一期'\npubDate: 2024-03-09\n---\n\n## 🦄文章\n"
    allowed = parse_allowances(DataText("allow.yaml", {"front_matter": "drop"}))
    assert "fm.lines" in _ids(source, "## 🦄Articles\n")
    assert _ids(source, "## 🦄Articles\n", allowed) == []


def test_front_matter_is_read_as_values_by_their_places_each_with_its_line() -> None:
    def values(front: str) -> dict[str, tuple[int, str]] | None:
        return front_matter_values(parse(f"{front}\n\nText.\n", every_line=True))

    yaml = "---\na: &x {b: 'c', d: *x}\nlist:\n- &y one\n- []\nagain: *y\n---"
    assert values(yaml) == {
        "a.b": (2, "c"),
        "a.d": (2, "*"),
        "list.1": (4, "one"),
        "list.2": (5, "[]"),
        "again": (4, "one"),
    }
    assert values("---\n# nothing\n---") == {}
    assert values("---\n{{ x\ny: 'z'\n# more\n- one\ny: a\n---") == {
        "{{ x": (2, "{{ x"),
        "y": (3, "z - one"),
        "y 2": (6, "a"),
    }
    toml = "+++\ntags = [\n  'a', # b\n]\n[x.y]\nday = 2024-03-09\n+++"
    assert values(toml) == {"tags.1": (2, "a"), "x.y.day": (6, "2024-03-09")}
    assert values("+++\na = b\n+++") == {"a": (2, "b")}
    long = "9" * 5000
    assert values(f"+++\na = {long}\n+++") == {"a": (2, long)}
    assert values("---\n{{ x }}: 1\n---") == {"1": (2, "1")}
    assert values("No front matter.") is None


def test_a_changed_front_matter_line_is_named() -> None:
    source = "---\ntitle: '周刊第一期'\npubDate: 2024-03-09\n---\n"
    target = "---\ntitle: 'The weekly, issue one'\npubDate: 2024-03-10\n---\n"
    (finding,) = _findings(source, target)
    assert (finding.check, "pubDate" in finding.message) == ("fm.lines", True)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "dropped, inserted, replaced"),
        ({"drop": []}, "drop"),
        ({"dropped": "x"}, "dropped"),
        ({"dropped": [{"section": "x"}]}, "dropped"),
        ({"dropped": [{"text": "("}]}, "dropped, entry 1: 'text'"),
        ({"inserted": [{"lines": "a-b"}]}, "inserted, entry 1: 'lines'"),
        ({"replaced": [{"source": {"text": "x"}}]}, "replaced"),
        ({"urls": [{"prefix": "x"}]}, "urls"),
        ({"urls": [{"pattern": "x", "with": r"\1"}]}, "urls, entry 1: 'with'"),
        ({"notes": "maybe"}, "notes"),
        ({"front_matter": 1}, "front_matter"),
    ],
)
def test_a_wrong_entry_is_refused_by_file_and_key(data: object, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_allowances(DataText("allow.yaml", data))
    assert "allow.yaml" in str(caught.value)
    assert key in str(caught.value)


def test_an_empty_file_allows_nothing() -> None:
    assert parse_allowances(DataText("allow.yaml", None)) == Allowances()


# --------------------------------------------------------------------------- what a memory may learn


def test_learned_targets_are_in_the_tags_of_the_source() -> None:
    source = "请先看 [PyO3](https://a.example/p) 的文档，再用 `maturin` 构建。\n"
    target = "Read the docs of [PyO3](https://a.example/p) first, then build with `maturin`.\n"
    (lesson,) = lessons_in(PreparedPair(_document(source), _document(target), Rules()))
    assert lesson.target == "Read the docs of <a1>PyO3</a1> first, then build with <c2>maturin</c2>."
    assert lesson.fault == ""
    assert lesson.segment.text == "请先看 <a1>PyO3</a1> 的文档，再用 <c2>maturin</c2> 构建。"


def test_nothing_is_learned_from_a_faulty_line() -> None:
    source = "请先看 [PyO3](https://a.example/p) 的文档，里面有 35 个例子。\n"
    target = "Read the docs of PyO3 first, in which there are 36 examples.\n"
    (lesson,) = lessons_in(PreparedPair(_document(source), _document(target), Rules()))
    assert lesson.fault != ""
