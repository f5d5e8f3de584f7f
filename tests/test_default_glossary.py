"""glossary.yaml, the glossary of Python Trending Weekly: it parses, and no entry contradicts itself."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
import yaml

from glossaries import parse_glossary
from weekly_translate.checks.terms import forbidden_terms_stay_out, missing_terms
from weekly_translate.glossary.entries import Matcher
from weekly_translate.model import Kind, Pair, Segment, Span, Term

FILE = Path(__file__).parents[1] / "glossary.yaml"
ENTRIES = yaml.safe_load(FILE.read_text("utf-8"))
TERMS = parse_glossary(ENTRIES, FILE.name)


def complaints(term: Term, target: str) -> list[str]:
    """What the checks say when `target` stands for the term."""
    pair = Pair(Segment("s1", Kind.TEXT, Span(0, 1), 1, term.source), target, (term,))
    return [*(missed.source for missed in missing_terms(pair)), *forbidden_terms_stay_out(pair)]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.source)
def test_every_rendering_of_an_entry_passes_its_own_checks(term: Term) -> None:
    assert [said for word in (term.target, *term.allowed) for said in complaints(term, word)] == []
    assert all(complaints(term, word) for word in term.avoid)


def test_every_term_is_found_where_it_stands() -> None:
    terms = Matcher(TERMS)
    texts = {term: "，".join((term.source, *term.near[:1])) for term in TERMS}
    assert [term.source for term in TERMS if term not in terms.terms_in(f"，{texts[term]}。")] == []


def test_a_longer_word_hides_the_term_inside_it() -> None:
    found = [term.source for term in Matcher(TERMS).terms_in("数据类型，子解释器，外国人，并发布")]
    assert found == ["数据类型", "子解释器", "外国人", "并发布"]


def test_entries_of_a_kind_stand_together() -> None:
    kinds = [kind for kind, _ in groupby(entry.get("kind", "term") for entry in ENTRIES)]
    assert kinds == ["term", "brand", "name", "keep"]
