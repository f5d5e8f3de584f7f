"""The glossary is kept: the wanted term is there, the unwanted one is not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.checks.registry import ERROR, INFO, WARNING, Stage, check
from weekly_translate.model import Kind
from weekly_translate.text.chinese import in_half_width
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair, Term

_HEADLINE = 0.6
"""The share of a hint's words in a title that is the linked work's own headline."""


@check("term.forbidden", ERROR, Stage.TERMS, in_titles=WARNING, explains=("term.missing",))
def forbidden_terms_stay_out(pair: Pair) -> Iterator[str]:
    """No translation that the glossary rules out, unless it is part of a wanted one."""
    for term, word in _forbidden(pair):
        yield f"“{word}” is not our word for {term.source}; use {term.target}"


@check("term.missing", WARNING, Stage.TERMS)
def terms_are_kept(pair: Pair) -> Iterator[str]:
    """For each glossary term of the source its translation, or an allowed one, stands in the target."""
    if not _is_headline(pair):
        yield from map(_missed, missing_terms(pair))


@check("term.missing", INFO, Stage.TERMS)
def terms_are_kept_in_headlines(pair: Pair) -> Iterator[str]:
    """The same for a title that is the linked work's own: whoever wrote it does not know our glossary."""
    if _is_headline(pair):
        yield from map(_missed, missing_terms(pair))


def missing_terms(pair: Pair) -> list[Term]:
    """The terms of the source of which no rendering stands in the target."""
    target = without_tags(pair.target)
    return [term for term in _present(pair) if rendering_in(term, target) is None]


def unmet_terms(pair: Pair) -> list[Term]:
    """The terms that are missing, and those for which a forbidden word stands."""
    forbidden = [term for term, _ in _forbidden(pair)]
    return list(dict.fromkeys([*missing_terms(pair), *forbidden]))


def rendering_in(term: Term, target: str) -> str | None:
    """Which of its renderings stands in an English text without tags; the preferred one if it does."""
    return next((word for word in term.renderings if occurs(word, target)), None)


def occurs(word: str, text: str) -> bool:
    """Whether a word or phrase occurs: in any case, inflected, with spaces, hyphens or neither."""
    pattern = _pattern(word)
    return pattern is None or pattern.search(text) is not None


def avoided_in(term: Term, target: str) -> list[str]:
    """The words that stand in a text although the term rules them out; those inside wanted ones are not."""
    for word in term.renderings if term.avoid else ():
        pattern = _pattern(word)
        target = pattern.sub(" ", target) if pattern else target
    return [word for word in term.avoid if occurs(word, target)]


def _present(pair: Pair) -> list[Term]:
    source = in_half_width(prose_of(pair.segment.text)).lower()
    return [term for term in pair.terms if in_half_width(term.source).lower() in source]


def _forbidden(pair: Pair) -> Iterator[tuple[Term, str]]:
    target = without_tags(pair.target)
    for term in _present(pair):
        for word in avoided_in(term, target):
            yield term, word


def _missed(term: Term) -> str:
    return f"{term.source} is {' or '.join(term.renderings)} in our glossary, and is missing"


def _is_headline(pair: Pair) -> bool:
    """Whether most words of the linked address stand in a title."""
    words = [word for word in re.findall(r"[a-z0-9]+", pair.segment.hint.lower()) if len(word) > 1]
    if pair.segment.kind is not Kind.TITLE or len(words) < 3:
        return False
    title = set(re.findall(r"[a-z0-9]+", without_tags(pair.target).lower()))
    return sum(word in title for word in words) >= _HEADLINE * len(words)


@lru_cache(maxsize=65_536)
def _pattern(word: str) -> re.Pattern[str] | None:
    """How a term is found; remembered, because a glossary has more terms than `re` remembers patterns."""
    parts = [re.escape(part) for part in re.split(r"[\s-]+", word) if part]
    if not parts:
        return None
    pattern = r"(?<![A-Za-z0-9])" + r"[\s‑-]*".join([*parts[:-1], _inflected(parts[-1])]) + r"(?![A-Za-z0-9])"
    return re.compile(pattern, re.IGNORECASE)


def _inflected(word: str) -> str:
    """An escaped English word with its regular endings: queries, profiling, shipped, models'."""
    possessive = "(?:['’]s?)?"
    if re.search("[^aeiou]y$", word):
        return rf"{word[:-1]}(?:y|ies|ied|ying){possessive}"
    if word.endswith("e"):
        return rf"{word[:-1]}(?:e|es|ed|ing){possessive}"
    doubled = rf"{word[-1]}?" if re.search("[^aeiou][aeiou][bdgklmnprt]$", word) else ""
    return rf"{word}(?:e?s|{doubled}ed|{doubled}ing)?{possessive}"
