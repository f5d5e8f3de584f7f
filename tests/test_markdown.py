"""Text -> Document -> text: nothing is lost, and nothing that must not be seen is shown."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from documents import COMMONMARK, CORPUS, NO_CORPUS, OTHERS, ROOT, SAMPLES, generated
from sampling import SOME_OF_CORPUS, SOME_OR_ALL, few_at_once
from weekly_translate.errors import InputRefusedError
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import Dialect, FeatureKind, MarkKind, PassageKind
from weekly_translate.text.characters import has_han, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weekly_translate.model import Document, Segment

GENERATED = 20_000
BATCH = 1_000


def documents() -> Iterator[str]:
    yield from (path.read_bytes().decode("utf-8") for path in [*SAMPLES, *SOME_OF_CORPUS])
    yield from COMMONMARK


def outer(document: Document) -> list[Segment]:
    """The segments that lie in no other."""
    found: list[Segment] = []
    for segment in document.segments:
        if not found or segment.span.start >= found[-1].span.end:
            found.append(segment)
        else:
            assert segment.span.end <= found[-1].span.end, f"{segment} overlaps {found[-1]}"
    return found


def assert_lossless(text: str) -> None:
    document = parse(text)
    assert assemble(document, {}) == text
    spans = sorted([passage.span for passage in document.passages] + [one.span for one in outer(document)])
    assert "".join(text[slice(*span)] for span in spans) == text, "a character is nobody's"
    for passage in document.passages:
        kept = text[slice(*passage.span)]
        assert not (passage.kind is PassageKind.SKELETON and has_han(kept)), f"words kept as layout: {kept!r}"
    for segment in document.segments:
        assert "://" not in segment.text, segment
    assert len({segment.span for segment in document.segments}) == len(document.segments), "cut twice"


def features(document: Document) -> list[tuple[FeatureKind, str]]:
    return [(feature.kind, feature.value) for feature in document.features]


# --------------------------------------------------------------------------- the two properties of D1


def test_samples_and_commonmark_come_back_byte_for_byte() -> None:
    assert len(COMMONMARK) == 652
    for text in documents():
        assert_lossless(text)


@pytest.mark.skipif(not CORPUS, reason=NO_CORPUS)
@pytest.mark.parametrize("paths", SOME_OR_ALL)
def test_the_real_newsletter_comes_back_byte_for_byte(paths: list[Path]) -> None:
    for path in paths:
        assert_lossless(path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize("first", few_at_once(range(0, GENERATED, BATCH), 2))
def test_generated_documents_come_back_byte_for_byte(first: int) -> None:
    for seed in range(first, first + BATCH):
        assert_lossless(generated(seed))


def test_line_ends_of_every_kind_are_kept() -> None:
    text = SAMPLES[0].read_bytes().decode("utf-8")
    for ends in ("\r\n", "\r", "\n\n", "\u2028\n", "\x85\n", "\x0b\n"):
        assert_lossless(text.replace("\n", ends))


def test_a_document_with_the_line_ends_of_windows_has_the_same_segments() -> None:
    for path in SAMPLES:
        text = path.read_bytes().decode("utf-8")
        found = parse(text.replace("\n", "\r\n")).segments
        assert [(one.kind, one.text.replace("\r\n", "\n")) for one in found] == [
            (one.kind, one.text) for one in parse(text).segments
        ]


def test_no_code_html_or_address_of_a_document_is_shown() -> None:
    """Code spans are shown in their own tag: their bytes come back from the source whatever is answered."""
    for text in documents():
        document = parse(text)
        shown = "\n".join(word for segment in document.segments for word in _outside_code(segment))
        for feature in document.features:
            if feature.kind is FeatureKind.HTML and not feature.value.startswith("<!"):
                assert feature.value not in shown
            if feature.kind is FeatureKind.LINK and "://" in feature.value:
                assert feature.value not in shown


def _outside_code(segment: Segment) -> Iterator[str]:
    code = ""
    for token in tokens_of(segment.text):
        if token.name and "c" in token.name and not token.alone:
            code = "" if token.closes else token.name
        elif not code and not token.name:
            yield token.text


# --------------------------------------------------------------------------- whatever is answered

JUNK = (ROOT / "tests/cases/junk.txt").read_text("utf-8").splitlines()
TAME = "`[]_*<>\\|~!"
"""Characters that, left alone in the Chinese around, may pair up with one in a translation."""


def with_junk(segment: Segment, rng: random.Random) -> str:
    """The segment's own tags around words full of Markdown."""
    words = (
        token.text if token.name else " ".join(rng.choices(JUNK, k=rng.randint(1, 4))) + "w"
        for token in tokens_of(segment.text)
    )
    return "".join(words)


@pytest.mark.parametrize("seeds", [10, pytest.param(40, marks=pytest.mark.slow)])
def test_no_translation_can_change_the_structure_of_a_sample(seeds: int) -> None:
    for path in SAMPLES:
        document = parse(path.read_text("utf-8"))
        for seed in range(seeds):
            rng = random.Random(seed)  # noqa: S311 - documents, not secrets
            text = assemble(document, {one.id: with_junk(one, rng) for one in document.segments})
            assert features(parse(text)) == features(document), f"{path}, seed {seed}"


@pytest.mark.parametrize("seeds", [750, pytest.param(3_000, marks=pytest.mark.slow)])
def test_no_translation_can_change_the_structure_of_a_generated_document(seeds: int) -> None:
    for seed in range(seeds):
        source = generated(seed)
        document = parse(source)
        if document.findings or any(sign in _words_kept(document) for sign in TAME):
            continue
        rng = random.Random(seed)  # noqa: S311 - documents, not secrets
        text = assemble(document, {one.id: with_junk(one, rng) for one in document.segments})
        found, expected = Counter(features(parse(text))), Counter(features(document))
        assert found == expected, f"seed {seed}: {source!r} -> {text!r}"


def _words_kept(document: Document) -> str:
    """The words without Chinese, which stay as they are beside the translations."""
    return "".join(
        document.text[slice(*passage.span)]
        for passage in document.passages
        if passage.kind is PassageKind.NO_CHINESE
    )


# --------------------------------------------------------------------------- what is cut, and how


def cases(name: str) -> list[tuple[str, str, list[str]]]:
    """Case files: `@@ title`, a block of Markdown, and the lines that are expected of it."""
    text = (ROOT / "tests/cases/markdown" / name).read_text("utf-8")
    found = []
    for case in text.split("\n@@ ")[1:]:
        title, _, rest = case.partition("\n")
        source, _, expected = rest.partition("\n----\n")
        found.append((title, source.strip("\n").replace("⏎", ""), expected.strip("\n").splitlines()))
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in [*cases("segments.md"), *cases("dialects.md")]],
)
def test_segments_are_cut_as_the_cases_say(source: str, expected: list[str]) -> None:
    document = parse(source)
    found = [f"{one.kind.value}: {one.text}{_hint(one)}" for one in document.segments]
    found += [f"mark {mark.kind.value}: {mark.value}" for mark in document.marks]
    assert found == expected
    assert_lossless(source)


def _hint(segment: Segment) -> str:
    return f"   ({segment.hint})" if segment.hint else ""


@pytest.mark.parametrize(
    ("source", "expected"), [pytest.param(*case[1:], id=case[0]) for case in cases("assembly.md")]
)
def test_translations_are_put_in_as_the_cases_say(source: str, expected: list[str]) -> None:
    targets, _, result = "\n".join(expected).partition("\n----\n")
    document = parse(source)
    pairs = dict(line.split(": ", 1) for line in targets.splitlines())
    assert assemble(document, pairs) == result


@pytest.mark.parametrize("source", [pytest.param(case[1], id=case[0]) for case in cases("dialects.md")])
def test_no_translation_can_break_a_construct_of_a_site(source: str) -> None:
    document = parse(source)
    for seed in range(60):
        rng = random.Random(seed)  # noqa: S311 - documents, not secrets
        text = assemble(document, {one.id: with_junk(one, rng) for one in document.segments})
        assert features(parse(text)) == features(document), f"seed {seed}: {text}"


@pytest.mark.slow
@pytest.mark.skipif(not OTHERS, reason=NO_CORPUS)
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_translation_can_break_the_documentation_of_others(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert_lossless(text)
    document = parse(text)
    for seed in range(10):
        rng = random.Random(seed)  # noqa: S311 - documents, not secrets
        english = assemble(document, {one.id: with_junk(one, rng) for one in document.segments})
        assert Counter(features(parse(english))) == Counter(features(document)), seed


def test_a_title_and_its_body_are_of_one_group() -> None:
    document = parse("1、[标题](https://a.example/x)\n\n正文一。\n\n正文二。\n\n2、另一个\n\n正文三。\n")
    assert [segment.group for segment in document.segments] == [1, 1, 1, 2, 2]


def test_marks_are_found_with_their_values() -> None:
    document = parse("12、[标题](https://a.example) （英文）\n\n介绍。（star 2.6K）\n")
    assert [(mark.kind, mark.value) for mark in document.marks] == [
        (MarkKind.ITEM, "12"),
        (MarkKind.NOTE, "英文"),
        (MarkKind.STARS, "2.6K"),
    ]


# --------------------------------------------------------------------------- what is refused


def test_too_deep_nesting_is_refused_with_its_line() -> None:
    with pytest.raises(InputRefusedError, match=r"Line 2 is nested 101 levels deep; the limit is 100"):
        parse("好\n" + "> " * 101 + "太深")
    with pytest.raises(InputRefusedError, match="levels deep"):
        parse("".join("  " * level + "- 深\n" for level in range(102)))


def test_nesting_up_to_the_limit_loses_nothing() -> None:
    assert_lossless("> " * 100 + "引用")
    text = "".join("  " * level + f"- 第{level}层\n" for level in range(99))
    assert_lossless(text)
    assert len(parse(text).segments) == 99


def test_a_file_or_line_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputRefusedError, match=r"4,500,000 bytes; the limit is 4,000,000"):
        parse("中文字\n\n" * 409_090 + "中文字" + "\n" * 1)
    with pytest.raises(InputRefusedError, match=r"Line 2 has 1,000,001 characters"):
        parse("a\n" + "b" * 1_000_001)


def unread(text: str) -> list[tuple[str, int | None, str]]:
    """Severity, line and beginning of what is said about the passages that the parser leaves alone."""
    assert_lossless(text)
    findings = parse(text).findings
    assert {finding.check for finding in findings} == {"doc.unreadable"}
    return [(one.severity.value, one.source_line, one.message.partition(": ")[0]) for one in findings]


def test_a_quote_that_another_block_ends_keeps_its_place() -> None:
    """The parser puts the quote before the paragraph, and the item into it."""
    text = "开头\n> 引用\n2. 列表\n"
    assert_lossless(text)
    document = parse(text)
    assert [segment.text for segment in document.segments] == ["开头", "引用", "列表"]
    assert not document.findings


def test_more_emphasis_marks_than_the_parser_can_resolve_are_kept_and_told() -> None:
    text = "*a **a " * 4_000
    shown = "*a **a " * 10
    assert unread(text) == [("warning", 1, f"line 1 is left as it is, “{shown[:59]}…”")]
    assert unread("中文 " + text) == [("error", 1, f"line 1 is left as it is, “{('中文 ' + shown)[:59]}…”")]


def test_a_wiki_of_github_has_the_words_of_a_link_before_its_page() -> None:
    document = parse("见 [[安装步骤|Installation]] 和 [[首页]]。\n", dialect=Dialect(site="github"))
    assert [segment.text for segment in document.segments] == ["见 <a1>安装步骤</a1> 和 <m2/>。"]
    text = assemble(document, {"s001": "See <a1>the steps</a1> and <m2/>."})
    assert text == "See [[the steps|Installation]] and [[首页]].\n"
    assert features(parse(text, dialect=document.dialect)) == features(document)


def test_in_html_where_no_backslash_helps_brackets_become_round() -> None:
    document = parse('<p align="center">\n  关注公众号，第一时间收到更新\n</p>\n')
    (segment,) = document.segments
    text = assemble(document, {segment.id: "Follow [[us]] for news"})
    assert text == '<p align="center">\n  Follow ((us)) for news\n</p>\n'
