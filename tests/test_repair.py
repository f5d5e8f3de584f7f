from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagged import segment
from weekly_translate.checks.markup import why_not_stored
from weekly_translate.checks.repair import better, repaired, unclosed_thought
from weekly_translate.checks.tagged_text import appended, complete, edited, inserted, placed, sound
from weekly_translate.model import Finding, Pair, Segment, Severity, Term
from weekly_translate.text.characters import names_in

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).parent / "cases" / "repair" / "certain.md"
CASE = re.compile(r"^## (.+)\nsource: (.*)\ntarget: (.*)\nbecomes: (.*)$", re.MULTILINE)


def cases() -> list[tuple[str, ...]]:
    text = CASES.read_text(encoding="utf-8")
    found: list[tuple[str, ...]] = CASE.findall(text)
    assert len(found) == text.count("\n## ")
    return [tuple(value.replace("\\n", "\n").replace("␠", " ") for value in case) for case in found]


def mended(source: str, target: str) -> str:
    return repaired(Pair(segment(source), target))


# --------------------------------------------------------------------------- rung 1: what is certain


@pytest.mark.parametrize(("name", "source", "target", "becomes"), cases(), ids=[case[0] for case in cases()])
def test_a_certain_repair(name: str, source: str, target: str, becomes: str) -> None:
    assert mended(source, target) == becomes, name


@pytest.mark.parametrize(("name", "source", "target", "becomes"), cases(), ids=[case[0] for case in cases()])
def test_a_repaired_text_needs_no_repair(name: str, source: str, target: str, becomes: str) -> None:
    assert target
    assert mended(source, becomes) == becomes, name


@pytest.mark.parametrize(
    "target",
    [
        "ex\u200bplains",
        "\ufeffexplains",
        "ex\x00plains",
        "\u202eexplains",
        "expl\u00adains",
        "explains\U000e0069",
        "\x1b[2Jexplains",
        "explains\r",
        "expl\x9bains",
        "\u2066explains\u2069",
        "explains\u2028",
        "explains\u2029",
        "ex\u180eplains",
        "ex\u2065plains",
        "\u206aexplains\u206f",
        "\ufff9explains\ufffb",
        "ex\u034fplains",
    ],
)
def test_hidden_characters_go(target: str) -> None:
    assert mended("说明", target) == "explains"


def test_hidden_characters_of_the_source_stay() -> None:
    assert (
        mended("程序员 👩\u200d💻 说明", "The developer 👩\u200d💻 explains")
        == "The developer 👩\u200d💻 explains"
    )


@given(st.text())
def test_repair_takes_any_text(target: str) -> None:
    mended("用 <c1>uv</c1> 写<b2>代码</b2><m3/>", target)


# --------------------------------------------------------------------------- rung 2: is it better


def findings(*checks: str) -> list[Finding]:
    return [Finding(check, Severity.ERROR, "") for check in checks]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["tag.missing", "num.value"], ["num.value"], True),
        (["tag.missing"], [], True),
        (["num.value", "num.value"], ["num.value"], True),
        (["tag.missing"], ["tag.missing"], False),
        (["tag.missing", "num.value"], ["seg.residual-cjk"], False),
        ([], [], False),
    ],
)
def test_fewer_complaints_and_none_of_a_new_kind_are_better(
    old: list[str], new: list[str], *, expected: bool
) -> None:
    assert better(findings(*old), findings(*new)) is expected


# --------------------------------------------------------------------------- rung 3: tags inserted

INSERT = segment("用 <c1>uv</c1> 安装<a2>工具</a2>")


@pytest.mark.parametrize(
    "answer",
    [
        "Install <a2>tools</a2> with <c1>uv</c1>",
        " Install  <a2>tools </a2>with <c1>uv</c1>\n",
    ],
)
def test_an_answer_that_only_adds_the_tags_is_taken(answer: str) -> None:
    assert inserted("Install tools with uv", answer, INSERT) == answer.strip()


@pytest.mark.parametrize(
    "answer",
    [
        "Install the <a2>tools</a2> with <c1>uv</c1>",
        "Install <a2>tools</a2> with uv",
        "Install <a2>tools</a2> <b3>with</b3> <c1>uv</c1>",
        "Install <a2>tools with <c1>uv</a2></c1>",
        "Install tools<a2></a2> with <c1>uv</c1>",
        "Install <c1>tools</c1> with <a2>uv</a2>",
        "Install <a2>tools</a2> <a2>with</a2> <c1>uv</c1>",
        "",
    ],
)
def test_an_answer_that_changes_a_word_or_lacks_a_tag_is_not_taken(answer: str) -> None:
    assert inserted("Install tools with uv", answer, INSERT) is None


# --------------------------------------------------------------------------- rung 4: tags placed

TERMS = (Term("垃圾回收", "garbage collection", ("GC",)), Term("协程", "coroutine"))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("用 <a1>FastAPI</a1> 写接口", "Build APIs with FastAPI", "Build APIs with <a1>FastAPI</a1>"),
        ("用 <c1>uv</c1> 安装", "Install with uv", "Install with <c1>uv</c1>"),
        ("用 <c1>uv</c1> 安装", "Install with `uv`", "Install with <c1>uv</c1>"),
        ("聊<b1>垃圾回收</b1>", "About garbage collection", "About <b1>garbage collection</b1>"),
        ("聊<b1>垃圾回收</b1>", "Garbage collection again", "<b1>Garbage collection</b1> again"),
        ("聊<b1>垃圾回收</b1>", "About the GC", "About the <b1>GC</b1>"),
        ("见 <a1>PEP 684 提案</a1>", "See PEP 684", "See <a1>PEP 684</a1>"),
        ("见 <a1>用 <c2>uv</c2> 管理</a1>吧", "See uv here", "See <a1><c2>uv</c2></a1> here"),
        ("<m1/>用 <b2>uv</b2> 吧", "Use uv", "<m1/>Use <b2>uv</b2>"),
    ],
)
def test_a_tag_is_placed_where_its_words_stand(source: str, target: str, expected: str) -> None:
    assert placed(segment(source), target, TERMS) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("用 <a1>uv</a1> 安装 uv", "Install uv with uv"),
        ("用 <a1>uv</a1> 安装", "Install with suv"),
        ("介绍<b1>三种</b1>方法", "Introduces three methods"),
        ("看图<m1/>吧", "Look at the picture"),
        ("用 <a1>uv</a1> 与 <b2>pip</b2>", "Use <b2>uv</b2> with pip"),
        ("用 <a1>uv</a1> 与 pip", "Use <a1>uv</a1> with <a1>pip</a1>"),
    ],
)
def test_a_tag_without_one_clear_place_is_not_placed(source: str, target: str) -> None:
    assert placed(segment(source), target, TERMS) is None


# --------------------------------------------------------------------------- rung 5: tags appended


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("用 <a1>FastAPI 教程</a1>写", "Write it.", "Write it. (<a1>FastAPI</a1>)"),
        ("见<a1>教程</a1>吧", "See it.", "See it. (<a1>link</a1>)"),
        ("用 <c1>打印</c1> 吧", "Use it.", "Use it. <c1>打印</c1>"),
        ("看<m1/>吧", "Look.", "Look. <m1/>"),
        ("见<b1>重点</b1>吧", "See it.", "See it. (<b1>emphasis</b1>)"),
        ("见<a1>用 <c2>uv</c2> 管理</a1>吧", "See it.", "See it. (<a1><c2>uv</c2></a1>)"),
        ("见<a1>用 <c2>uv</c2> 管理</a1>吧", "See <c2>uv</c2>.", "See <c2>uv</c2>. (<a1>uv</a1>)"),
        ("看<m1/>吧", "Look <m1/> and <m1/>.", "Look <m1/> and ."),
        ("用 <c1>uv</c1> 吧", "Use <c1>uv</c1>, just <c1>uv</c1>.", "Use <c1>uv</c1>, just uv."),
        ("见<a1>一</a1>与<b2>二</b2>", "<b2>See</a1> <a1>it</b2>", "<b2>See it</b2> (<a1>link</a1>)"),
    ],
)
def test_a_lost_tag_is_put_behind_the_sentence(source: str, target: str, expected: str) -> None:
    assert appended(segment(source), target) == expected
    assert complete(appended(segment(source), target), segment(source))


def test_the_hint_is_the_label_of_the_only_link() -> None:
    source = segment("见<a1>教程</a1>吧", hint="gc in python")
    assert appended(source, "See it.") == "See it. (<a1>gc in python</a1>)"


SOURCES = [
    "见<a1>用 <c2>uv</c2> 管理</a1>，<b3>重点<i4>很多</i4></b3><m5/>与<d6>旧的</d6>",
    "<a1><m2/>图</a1>与<a3>Python</a3>",
    "写 <a1> 和 </b9> 吧 <xa1>好</xa1><xm2/>",
    "没有标签",
]
SCRAPS = (
    "<a1> </a1> <a1/> </a1/> <c2> </c2> <c2/> <b3> </b3> <i4> </i4> <m5/> <m5> </m5/> <d6> </d6> <a3> </a3> "
    "<xa1> </xa1> <xm2/> <m2/> <b9> < > / a1 a1> <a </a 1> word uv 中 \ue000"
)
GARBAGE = st.lists(st.sampled_from([*SCRAPS.split(), " ", "\n"]), max_size=25).map("".join)


@given(st.sampled_from(SOURCES), GARBAGE | st.text())
@example(SOURCES[0], "<a1><m5/></a1/>")
def test_after_the_last_rung_each_tag_of_the_source_stands_once_whatever_the_model_wrote(
    text: str, target: str
) -> None:
    source = segment(text) if "<x" not in text else _prefixed(text)
    result = appended(source, target)
    own = {tag.name for tag in source.tags}
    shown = [name for name in names_in(result) if name.strip("/") in own]
    assert sorted(shown) == sorted(name for name in names_in(text) if name.strip("/") in own)
    assert complete(result, source)
    assert sound(result, source) == result


def _prefixed(text: str) -> Segment:
    """The same segment as the parser gives it: what only looks like a tag is none."""
    made = segment(text)
    return Segment(
        made.id,
        made.kind,
        made.span,
        made.line,
        text,
        tuple(tag for tag in made.tags if tag.name.startswith("x")),
    )


@given(st.sampled_from(SOURCES[:2]), GARBAGE)
def test_placing_gives_a_complete_text_or_nothing(text: str, target: str) -> None:
    result = placed(segment(text), target, TERMS)
    assert result is None or complete(result, segment(text))


# --------------------------------------------------------------------------- left alone, or not stored


def test_a_thought_without_an_end_is_known_unless_the_source_has_it() -> None:
    assert unclosed_thought("<think>Is this a pun?")
    assert not unclosed_thought("<think>Is this a pun?</think> Text")
    assert not unclosed_thought("<think> is a tag", "<think> 是标签")


def test_a_text_with_the_sign_that_hides_code_is_not_edited() -> None:
    assert edited("a\ue000b <c1>x</c1>", segment("甲 <c1>x</c1>"), str.upper) == "a\ue000b <c1>x</c1>"


@pytest.mark.parametrize("edit", [lambda words: words[:1], lambda words: words + words])
def test_a_text_is_not_edited_where_code_would_be_lost_or_doubled(edit: Callable[[str], str]) -> None:
    assert edited("a <c1>x</c1>", segment("甲 <c1>x</c1>"), edit) == "a <c1>x</c1>"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("Use <a1>uv</a1>.", ""),
        (" ", "the text is empty"),
        (
            "Use <a1>uv</a1>.\nOr not.",
            "a line break would end the item: write it in as many lines as the source",
        ),
        ("Use uv.", "the tag <a1>…</a1> is missing"),
    ],
)
def test_what_may_be_stored(target: str, why: str) -> None:
    assert why_not_stored(Pair(segment("用 <a1>uv</a1>。"), target)) == why


def test_a_link_inside_a_link_is_taken_out() -> None:
    source = segment("<a1>文档</a1>和<a2>源码</a2>")
    assert sound("<a1>the docs and <a2>the code</a2></a1>", source) == "<a1>the docs and the code</a1>"


# --------------------------------------------------------------------------- what a model adds


ADDED = [
    ("本周要闻", "🚀 This Week's News", "This Week's News"),
    ("本周要闻", "This Week's News 🚀✨", "This Week's News"),
    ("本周，很快", "This week 🎉 🎉 fast", "This week fast"),
    ("<m1/>本周要闻", "<m1/>This Week 🇬🇧", "<m1/>This Week"),
    ("<c1>print('🚀')</c1> 很快", "<c1>print('🚀')</c1> is fast ⚡️", "<c1>print('🚀')</c1> is fast"),
    ("用 pip 安装", "Install with `pip`", "Install with pip"),
    ("用 <c1>pip</c1> 安装", "Install with `<c1>pip</c1>`", "Install with <c1>pip</c1>"),
    ("反引号 ` 的用法", "How to use ` and `", "How to use ` and `"),
    ("很快。很安全。", "Fast.\\nsafe.", "Fast. safe."),
    ("很快。“安全”", 'Fast. \\"Safe\\"', 'Fast. "Safe"'),
    ("很快——真的", "Fast \\u2014 really", "Fast \u2014 really"),
    (r"换行符 \n 的用法", r"How to use \n", r"How to use \n"),
    ("聊一聊协程", "Let's talk about coroutines (in Chinese)", "Let's talk about coroutines"),
    (
        "<a1>聊一聊协程</a1>",
        "<a1>Let's talk about coroutines (EN)</a1>",
        "<a1>Let's talk about coroutines</a1>",
    ),
    ("中文分词", "Word segmentation (in Chinese)", "Word segmentation (in Chinese)"),
    ("很快", "Fast\n---", "Fast"),
    ("很快", "---\n\nFast\n\n***", "Fast"),
    ("研发部", "R&amp;amp;D", "R&D"),
    ("研发部 R&D", "R&amp;D R&D", "R&D R&D"),
]


@pytest.mark.parametrize(("source", "target", "becomes"), ADDED)
def test_what_the_source_lacks_goes(source: str, target: str, becomes: str) -> None:
    assert mended(source, target) == becomes
    assert mended(source, becomes) == becomes
