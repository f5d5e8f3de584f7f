"""Which glossary terms occur in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weekly_translate.text.chinese import in_half_width
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Term


@dataclass(slots=True)
class _Node:
    """A place in the trie: the terms that end here and where the next character leads."""

    next: dict[str, _Node] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)


class Matcher:
    """Finds terms by the longest match; a longer term hides the shorter ones inside it.

    A trie in plain dictionaries: a regular expression of 20,000 terms takes seconds to compile.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = tuple(terms)
        self._root = _Node()
        for term in self._terms:
            self._add(term)
        firsts = "".join(map(re.escape, self._root.next))
        self._starts = re.compile(f"[{firsts}]" if firsts else "(?!)")

    def extended(self, terms: Sequence[Term]) -> Matcher:
        """A matcher that knows these terms too; they count before its own."""
        return Matcher((*terms, *self._terms)) if terms else self

    def terms_in(self, text: str, section: str = "") -> tuple[Term, ...]:
        """The terms of a tagged text, each once, in order; tags and code are not looked at.

        `section` is the heading that the text stands under: it may decide between two senses.
        """
        prose = in_half_width(prose_of(text))
        places = (folded(prose), folded(in_half_width(section)))
        found: dict[str, Term] = {}
        start = self._starts.search(places[0])
        while start is not None:
            term, position = self._longest(prose, places, start.start())
            if term is not None:
                found.setdefault(term.source, term)
            start = self._starts.search(places[0], position)
        return tuple(found.values())

    def _add(self, term: Term) -> None:
        """Of several terms with the same letters the first counts, but the one in exact case before all."""
        node = self._root
        for character in folded(in_half_width(term.source)):
            node = node.next.setdefault(character, _Node())
        node.terms.append(term)
        node.terms.sort(key=lambda term: not term.exact)

    def _longest(self, prose: str, places: tuple[str, str], start: int) -> tuple[Term | None, int]:
        """The longest term that starts here, and where to go on."""
        text, node = places[0], self._root
        best: tuple[Term | None, int] = (None, start + 1)
        if inside_word(text, start):
            return best
        for end in range(start, len(text)):
            following = node.next.get(text[end])
            if following is None:
                break
            node = following
            if node.terms and not inside_word(text, end + 1):
                term = _counting(node.terms, prose[start : end + 1], places)
                best = (term, end + 1) if term else best
        return best


def matcher(terms: Iterable[Term]) -> Matcher:
    """A matcher for these terms; of two with the same source the first counts."""
    return Matcher(terms)


def folded(text: str) -> str:
    """In lower case, each character where it was: `İ` and a final `Σ` would not be with `str.lower`."""
    lower = text.lower()
    if len(lower) == len(text) and "Σ" not in text:
        return lower
    return "".join(character.lower()[:1] for character in text)


def inside_word(text: str, position: int) -> bool:
    """Whether ASCII letters or digits meet here; Chinese has no such borders."""
    if not 0 < position < len(text):
        return False
    around = text[position - 1 : position + 1]
    return around.isascii() and around.isalnum()


def stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a folded text, and not inside a longer Latin word."""
    sought = folded(in_half_width(word))
    start = text.find(sought)
    while start >= 0:
        if not inside_word(text, start) and not inside_word(text, start + len(sought)):
            return True
        start = text.find(sought, start + 1)
    return False


def _counting(terms: list[Term], written: str, places: tuple[str, str]) -> Term | None:
    """The term that counts here: guarded by a word of the text, else of the section, else without guard.

    Words of two senses in one place decide nothing.
    """
    if len(terms) == 1 and not terms[0].near and not terms[0].exact:
        return terms[0]
    fitting = [term for term in terms if not term.exact or in_half_width(term.source) == written]
    for place in places:
        guarded = [term for term in fitting if any(stands_in(word, place) for word in term.near)]
        if len(guarded) == 1:
            return guarded[0]
    return next((term for term in fitting if not term.near), None)
