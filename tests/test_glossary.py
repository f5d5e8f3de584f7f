from __future__ import annotations

import pytest

from glossaries import parse_glossary
from weekly_translate.errors import UsageError
from weekly_translate.glossary.entries import Matcher
from weekly_translate.model import Term


def found(terms: list[str], text: str) -> list[str]:
    return [term.source for term in Matcher(Term(source, "x") for source in terms).terms_in(text)]


# --------------------------------------------------------------------------- the file


def test_an_entry_becomes_a_term() -> None:
    data = [
        {
            "source": "协程",
            "target": "coroutine",
            "allowed": ["coroutines"],
            "avoid": ["goroutine"],
            "note": "n",
        }
    ]
    assert parse_glossary(data, "g") == (Term("协程", "coroutine", ("coroutines",), ("goroutine",), "n"),)


def test_each_form_is_a_term_with_the_same_target() -> None:
    data = [
        {
            "source": "Python 潮流周刊",
            "target": "Python Trending Weekly",
            "forms": ["Python潮流周刊", "潮流周刊"],
        }
    ]
    terms = parse_glossary(data, "g")
    assert [term.source for term in terms] == ["Python 潮流周刊", "Python潮流周刊", "潮流周刊"]
    assert {term.target for term in terms} == {"Python Trending Weekly"}


def test_a_kept_name_needs_no_target() -> None:
    (term,) = parse_glossary([{"source": "FastAPI", "kind": "keep"}], "g")
    assert term.target == "FastAPI"


def test_an_empty_file_is_an_empty_glossary() -> None:
    assert parse_glossary(None, "g") == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"协程": "coroutine"}, "g: the file is {'协程': 'coroutine'}, but must be a list"),
        (["协程"], "g, entry 1: an entry is '协程', but must be a mapping with keys: source, target"),
        ([{"target": "coroutine"}], "g, entry 1: there is no 'source'. Write `source: …`"),
        ([{"source": "协程"}], "g, entry 1: there is no 'target'. Write `target: …`"),
        ([{"source": "协程", "target": " "}], "g, entry 1: 'target' is empty: write it"),
        (
            [{"source": "协程", "target": "coroutine", "avoids": ["x"]}],
            "there is no key 'avoids'. Did you mean avoid?",
        ),
        ([{"source": "协程", "target": "coroutine", "avoid": "x"}], "'avoid' is 'x', but must be a list"),
        (
            [{"source": "协程", "target": "coroutine", "avoid": [None]}],
            "an item of 'avoid' is empty, but must be a text",
        ),
        ([{"source": "是", "target": True}], "'target' is true, but must be a text; put quotes around it"),
        ([{"source": "协程", "target": "a\x1b[31m"}], "'target' holds the control character U+001B"),
        (
            [{"source": "协程", "target": "a", "forms": ["b\udcff"]}],
            "an item of 'forms' holds the control character U+DCFF",
        ),
        (
            [{"source": "协程", "target": "coroutine", "case": "lower"}],
            "'case' is 'lower', but must be any or exact",
        ),
        (
            [{"source": "协程", "target": "coroutine", "kind": ["term"]}],
            "'kind' is ['term'], but must be term, brand, name or keep",
        ),
        (
            [{"source": "协程", "target": "a"}, {"source": "协程", "target": "b"}],
            "g, entry 2: `协程` is already there",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_what_to_write(data: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_glossary(data, "g")
    assert message in str(caught.value)


# --------------------------------------------------------------------------- the matcher


def test_terms_are_found_without_spaces_around_them() -> None:
    assert found(["装饰器", "类型提示"], "文章介绍了装饰器与类型提示的用法") == ["装饰器", "类型提示"]


def test_the_longest_term_hides_the_shorter_one_inside_it() -> None:
    assert found(["迭代器", "异步迭代器"], "异步迭代器的用法") == ["异步迭代器"]
    assert found(["迭代器", "异步迭代器"], "异步迭代器与迭代器") == ["异步迭代器", "迭代器"]


def test_a_longer_term_that_breaks_off_gives_way_to_the_shorter_one() -> None:
    assert found(["虚拟", "虚拟环境管理器"], "虚拟环境管理") == ["虚拟"]


@pytest.mark.parametrize("text", ["使用Go编写", "Go 语言", "用 Go，很快", "（Go）"])
def test_a_latin_term_has_chinese_for_neighbor(text: str) -> None:
    assert found(["Go"], text) == ["Go"]


@pytest.mark.parametrize("text", ["Google", "Django", "Go2", "3Go"])
def test_a_latin_term_is_not_part_of_a_word(text: str) -> None:
    assert found(["Go"], text) == []


def test_latin_letters_match_in_any_case_unless_the_entry_says_exact() -> None:
    data = [{"source": "Rust", "target": "Rust"}, {"source": "Go", "target": "Go", "case": "exact"}]
    terms = Matcher(parse_glossary(data, "g"))
    assert [term.source for term in terms.terms_in("rust 与 go")] == ["Rust"]
    assert [term.source for term in terms.terms_in("RUST 与 Go")] == ["Rust", "Go"]


def test_an_exact_term_that_does_not_fit_leaves_room_for_a_shorter_one() -> None:
    data = [{"source": "Go 语言", "target": "Go", "case": "exact"}, {"source": "go", "target": "go"}]
    assert [term.source for term in Matcher(parse_glossary(data, "g")).terms_in("GO 语言")] == ["go"]


def test_full_width_letters_match() -> None:
    assert found(["Python"], "Ｐｙｔｈｏｎ 入门") == ["Python"]


def test_code_is_not_searched_but_a_term_across_a_tag_is_found() -> None:
    assert found(["装饰器"], "用 <c1>装饰器</c1> 命名") == []
    assert found(["垃圾回收"], "聊聊<b1>垃圾</b1>回收") == ["垃圾回收"]


def test_a_term_is_given_once() -> None:
    assert found(["协程"], "协程、协程、协程") == ["协程"]


def test_an_empty_glossary_finds_nothing() -> None:
    assert found([], "协程") == []
