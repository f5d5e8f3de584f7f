from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import ROOT, all_texts, issues
from weekly_translate.glossary.entries import Matcher, read_glossary
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TERMS, GOAL = 2_000, 5.0
"""Entries of a glossary, and milliseconds for an issue."""
_ROUNDS = 5


def matching() -> Iterator[Row]:
    """How long it takes to find the terms of an issue; the best of a few rounds, in processor time.

    The glossary is ours, filled up with words of the texts themselves: more is found than ever is.
    """
    found = Matcher(_terms())
    for issue in issues():
        texts = [segment.text for segment in parse(issue.content).segments]
        milliseconds = min(_seconds(found.terms_in, texts) for _ in range(_ROUNDS)) * 1000
        what = f"terms of {issue.name}, {TERMS:,} in the glossary"
        yield Row(what, f"{milliseconds:.1f} ms", f"<= {GOAL:g} ms", milliseconds <= GOAL)


def _terms() -> list[Term]:
    ours = list(read_glossary(ROOT / "glossary.yaml", ROOT).terms)
    known = {term.source for term in ours}
    words: Counter[str] = Counter()
    for text in all_texts():
        for size in (2, 3, 4):
            words.update(text.content[start : start + size] for start in range(len(text.content) - size))
    more = (word for word, _ in words.most_common() if word.isalpha() and not word.isascii())
    return [*ours, *(Term(word, "x") for word in more if word not in known)][:TERMS]


def _seconds(terms_in: Callable[[str], object], texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        terms_in(text)
    return time.process_time() - start
