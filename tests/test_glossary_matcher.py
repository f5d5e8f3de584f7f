"""The matcher finds what a search for each term alone finds, in every text there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from documents import CORPUS, NO_CORPUS, ROOT, SAMPLES
from glossaries import parse_glossary
from sampling import SOME_OR_ALL
from weekly_translate.errors import UsageError
from weekly_translate.glossary.entries import Matcher
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Term
from weekly_translate.text.characters import in_half_width, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TERMS = parse_glossary(yaml.safe_load((ROOT / "glossary.yaml").read_text("utf-8")), "glossary.yaml")
MATCHER = Matcher(TERMS)


def oracle(terms: Iterable[Term], text: str) -> list[str]:
    """One search for each term alone; then of all that was found the leftmost, and of those the longest."""
    prose = in_half_width(prose_of(text))
    spans = sorted(
        (match.start(), -match.end(), term.source)
        for term in terms
        for match in re.finditer(_alone(term), prose)
        if not term.near or any(re.search(_alone(Term(word, "")), prose) for word in term.near)
    )
    found, position = [], 0
    for start, end, source in spans:
        if start >= position:
            found.append(source)
            position = -end
    return list(dict.fromkeys(found))


def _alone(term: Term) -> str:
    source = in_half_width(term.source)
    before = r"(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", source) else ""
    after = r"(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", source) else ""
    return f"{'' if term.exact else '(?i)'}(?={before}({re.escape(source)}){after}){re.escape(source)}"


def texts_of(path: Path) -> Iterator[str]:
    yield from (segment.text for segment in parse(path.read_text("utf-8")).segments)


def found(text: str) -> list[str]:
    return [term.source for term in MATCHER.terms_in(text)]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_nothing_is_overlooked_in_the_samples(path: Path) -> None:
    assert [text for text in texts_of(path) if found(text) != oracle(TERMS, text)] == []


@pytest.mark.skipif(not CORPUS, reason=NO_CORPUS)
@pytest.mark.parametrize("paths", SOME_OR_ALL)
def test_nothing_is_overlooked_in_the_newsletter(paths: list[Path]) -> None:
    texts = {text for path in paths for text in texts_of(path)}
    assert [text for text in texts if found(text) != oracle(TERMS, text)] == []


@given(
    st.lists(st.text("协程异步a1Ｇo ", min_size=1, max_size=3).filter(str.strip), max_size=6, unique=True),
    st.text("协程异步a1ＧoGO ，", max_size=20),
)
def test_nothing_is_overlooked_in_any_text(sources: list[str], text: str) -> None:
    terms = [Term(source, "x") for source in {in_half_width(source).lower() for source in sources}]
    assert [term.source for term in Matcher(terms).terms_in(text)] == oracle(terms, text)


# --------------------------------------------------------------------------- senses


SENSES = [
    {"source": "代理", "target": "agent", "near": ["AI", "大模型"]},
    {"source": "代理", "target": "proxy", "near": ["HTTP"]},
    {"source": "代理", "target": "agent", "allowed": ["proxy"]},
]


@pytest.mark.parametrize(
    ("text", "renderings"),
    [
        ("大模型代理", ("agent",)),
        ("代理服务器，http 1.1", ("proxy",)),
        ("ＨＴＴＰ代理", ("proxy",)),
        ("代理很有用", ("agent", "proxy")),
        ("email 代理", ("agent", "proxy")),
        ("大模型与 HTTP 代理", ("agent", "proxy")),
        ("<c1>HTTP</c1> 代理", ("agent", "proxy")),
    ],
)
def test_a_neighboring_word_decides_between_senses(text: str, renderings: tuple[str, ...]) -> None:
    (term,) = Matcher(parse_glossary(SENSES, "g")).terms_in(text)
    assert term.renderings == renderings


def test_without_its_neighbor_a_guarded_entry_is_not_there_and_hides_nothing() -> None:
    data = [
        {"source": "异步迭代器", "target": "x", "near": ["Go"]},
        {"source": "迭代器", "target": "iterator"},
    ]
    terms = Matcher(parse_glossary(data, "g"))
    assert [term.source for term in terms.terms_in("异步迭代器")] == ["迭代器"]
    assert [term.source for term in terms.terms_in("Go 的异步迭代器")] == ["异步迭代器"]


def test_two_entries_without_a_guard_can_not_share_a_source() -> None:
    with pytest.raises(UsageError, match=r"g, entry 4: `代理` is already there.*near"):
        parse_glossary([*SENSES, {"source": "代理", "target": "x"}], "g")
