"""What an editor does with a glossary: lint, add, report, suggest."""

from __future__ import annotations

from typing import Any

import pytest

from glossaries import entries_of, parse_glossary
from tagged import segment
from weekly_translate.data_files import yaml_in
from weekly_translate.glossary.editing import (
    Aligned,
    candidates_in,
    candidates_text,
    remarks_on,
    usage_of,
    usage_text,
    with_entries,
    yaml_of,
)
from weekly_translate.glossary.entries import Matcher, entries_in, layered

# --------------------------------------------------------------------------- lint

TERM = {"source": "协程", "target": "coroutine"}
LINT: list[tuple[str, list[dict[str, Any]], str]] = [
    ("nothing is wrong", [TERM, {"source": "装饰器", "target": "decorator"}], ""),
    ("two senses", [{**TERM, "near": ["Go"]}, TERM], ""),
    ("a longer word that holds a term", [TERM, {"source": "协程池", "target": "coroutine pool"}], ""),
    (
        "a duplicate",
        [TERM, TERM],
        "2 error: `协程` is a duplicate of line 1 (coroutine). Merge the two entries.",
    ),
    (
        "a conflict",
        [TERM, {"source": "协程", "target": "fiber"}],
        "2 error: `协程` is fiber, in conflict with line 1 (coroutine). Merge the two entries.",
    ),
    (
        "a conflict in another case and width",
        [{"source": "Ｐｙｐｉ", "target": "a"}, {"source": "PyPI", "target": "b"}],
        "2 error: `PyPI` is b, in conflict with line 1 (a). Merge the two entries.",
    ),
    (
        "a form that is another's source",
        [TERM, {"source": "微线程", "target": "microthread", "forms": ["协程"]}],
        "2 error: `协程` is microthread, in conflict with line 1 (coroutine). Merge the two entries.",
    ),
    (
        "what is to be used and avoided",
        [{**TERM, "avoid": ["Coroutines"]}],
        "1 error: `Coroutines` of `协程` is to be avoided, and is to be used.",
    ),
    (
        "what is said twice",
        [{**TERM, "allowed": ["Coroutine"]}],
        "1 warning: `Coroutine` of `协程` is allowed anyway: it is the target.",
    ),
    (
        "English that another entry avoids",
        [
            {**TERM, "target": "light thread"},
            {"source": "线程", "target": "OS thread", "avoid": ["light thread"]},
        ],
        "1 warning: `light thread` stands for `协程`, but line 2 (`线程`) avoids `light thread`.",
    ),
    (
        "HTML",
        [{**TERM, "target": "<script>alert(1)</script>"}],
        (
            "1 error: `<script>alert(1)</script>` of `协程` is more than words: "
            "<script> is HTML that the source lacks. Write words only."
        ),
    ),
    (
        "a link that may be used as well",
        [{**TERM, "allowed": ["[x](javascript:alert(1))"]}],
        (
            "1 error: `[x](javascript:alert(1))` of `协程` is more than words: "
            "the address javascript:alert is not in the source. Write words only."
        ),
    ),
    (
        "an address",
        [{**TERM, "target": "https://example.org/x"}],
        (
            "1 error: `https://example.org/x` of `协程` is more than words: "
            "the address https://example.org/x is not in the source. Write words only."
        ),
    ),
    (
        "a template",
        [{**TERM, "target": "{{ site.key }}"}],
        (
            "1 error: `{{ site.key }}` of `协程` is more than words: "
            "{{ is a template mark that the source lacks. Write words only."
        ),
    ),
    (
        "half a link",
        [{**TERM, "target": "]("}],
        "1 error: `](` of `协程` is more than words: ]( is markup. Write words only.",
    ),
    (
        "half a tag",
        [{**TERM, "target": "see <img"}],
        "1 error: `see <img` of `协程` is more than words: < is markup. Write words only.",
    ),
    ("what the Chinese writes like that", [{"source": "List<T>", "kind": "keep"}], ""),
    (
        "signs that are words",
        [{**TERM, "target": "C++ & C# [sic] a < b, *args, __init__, f(x), Node.js"}],
        "",
    ),
    (
        "a term that its own exact spelling hides",
        [{"source": "<b1>", "target": "x"}],
        "1 error: `<b1>` is never found: the way it is written hides it.",
    ),
]


@pytest.mark.parametrize(("data", "said"), [case[1:] for case in LINT], ids=[case[0] for case in LINT])
def test_lint_says_what_is_wrong_and_where(data: list[dict[str, Any]], said: str) -> None:
    entries = entries_of(data, "g", range(1, len(data) + 1))
    found = [f"{line} {severity}: {message}" for line, severity, message in remarks_on(entries)]
    assert found == ([said] if said else [])


def test_an_entry_of_the_project_stands_before_the_programs() -> None:
    ours = entries_of([TERM, {"source": "装饰器", "target": "wrapper"}], "ours", [3, 4])
    theirs = entries_of(
        [
            {"source": "装饰器", "target": "decorator"},
            {"source": "协程", "target": "x", "allowed": ["coroutine"]},
            {"source": "生成器", "target": "generator"},
        ],
        "theirs",
    )
    terms, overrides = layered(ours, theirs, "ours")
    assert [(term.source, term.target) for term in terms] == [
        ("协程", "coroutine"),
        ("装饰器", "wrapper"),
        ("生成器", "generator"),
    ]
    assert [f"{line} {severity}: {said}" for line, severity, said in remarks_on(ours, overrides)] == [
        "3 info: `协程` stands in the program's glossary as well; this entry counts.",
        "4 warning: `装饰器` is wrapper here and decorator in the program's glossary.",
    ]


# --------------------------------------------------------------------------- add

FILE = """\
# Ours.

- {source: 协程, target: coroutine}   # not goroutine
- source: 装饰器
  target: decorator
  note: "a: b"

# --- names

- {source: 微软, target: Microsoft, kind: name}
"""


def added(text: str, *rows: dict[str, Any]) -> str:
    entries, extends = entries_in(text, "g")
    ends = yaml_in(text, "g").ends[1 if extends else 0 :]
    return with_entries(text, entries_of(list(rows), "new"), entries, ends)


def test_an_entry_is_added_behind_the_last_of_its_kind_and_nothing_else_changes() -> None:
    longer = added(
        FILE,
        {"source": "生成器", "target": "generator"},
        {"source": "知乎", "target": "Zhihu", "kind": "name"},
    )
    lines = longer.splitlines()
    assert lines[6] == "- {source: 生成器, target: generator}"
    assert lines[-1] == "- {source: 知乎, target: Zhihu, kind: name}"
    assert [line for line in lines if line not in {lines[6], lines[-1]}] == FILE.splitlines()


@pytest.mark.parametrize(
    "text", ["", "# empty\n", "- extends: default\n", "- {source: a, target: b}", FILE[:-1]]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_entry_can_be_added_to_any_file(text: str, end: str) -> None:
    text = text.replace("\n", end)
    before, _ = entries_in(text, "g")
    after, _ = entries_in(added(text, {"source": "生成器", "target": "generator", "kind": "keep"}), "g")
    assert [(one.term, one.forms) for one in after[:-1]] == [(one.term, one.forms) for one in before]
    assert after[-1].term.target == "generator"


HARD = [
    "yes",
    "3.10",
    "a: b",
    "it's",
    "#1",
    "- x",
    "{x}",
    "[y]",
    "no, never",
    "*star",
    "null",
    "C++",
    "'q'",
    "x #y",
]


@pytest.mark.parametrize("text", HARD)
def test_whatever_an_entry_says_is_read_again_as_it_was(text: str) -> None:
    row = {"source": text, "target": text, "allowed": HARD, "note": text, "near": [text], "case": "exact"}
    (entry,) = entries_of([row], "g")
    for short in (entry, entries_of([{"source": text, "target": text, "avoid": [text]}], "g")[0]):
        (again,) = entries_of(yaml_in(yaml_of(short), "g").data)
        assert again == short


# --------------------------------------------------------------------------- report and suggest


def test_a_report_counts_what_stood_for_each_term() -> None:
    data = [
        {**TERM, "allowed": ["coro"], "avoid": ["goroutine"]},
        {"source": "生成器", "target": "generator"},
    ]
    issues = {
        "one.md": [
            Aligned(segment("协程"), "Coroutines"),
            Aligned(segment("协程与<c1>生成器</c1>"), "A coro and <c1>x</c1>"),
        ],
        "two.md": [
            Aligned(segment("协程"), "A goroutine"),
            Aligned(segment("协程"), "Something"),
            Aligned(segment("生成器"), "generator"),
        ],
    }
    usages = usage_of(Matcher(parse_glossary(data, "g")), issues)
    assert usage_text(usages) == (
        " uses  kept  term\n"
        "    4   50%  协程: coroutine 1, coro 1, goroutine (to be avoided) 1, (missing) 1\n"
        "             not kept in two.md 2\n"
        "    1  100%  生成器: generator 1\n"
        "5 uses of 2 terms, 60.0% kept\n"
    )


def test_suggestions_are_what_translations_agree_or_disagree_on() -> None:
    pairs = [
        (f"{head}垃圾回收{tail}", f"{word} garbage collection")
        for head, tail, word in zip("甲乙丙丁", "戊己庚辛", "abcd", strict=True)
    ]
    pairs += [(f"{head}爬虫{tail}", f"Word{head} crawler") for head, tail in ("子丑", "寅卯")]
    pairs += [(f"{head}爬虫{tail}", f"Word{head} scraper") for head, tail in ("辰巳", "午未")]
    pairs += [(f"{head}协程{tail}", "A coroutine") for head, tail in ("子丑", "寅卯", "辰巳", "午未")]
    found = candidates_in(pairs, Matcher(parse_glossary([TERM], "g")))
    assert candidates_text(found) == (
        "1 rendered alike\n"
        "  垃圾回收  garbage collection  (4 of 4)\n"
        "1 rendered in several ways\n"
        "  爬虫  (4)  crawler 2, scraper 2\n"
    )
