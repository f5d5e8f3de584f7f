"""The glossary is kept: the wanted term is there, the unwanted one is not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair, Term


def terms_are_kept(pair: Pair) -> Iterator[str]:
    """For each glossary term of the source its translation, or an allowed one, stands in the target."""
    source, target = without_tags(pair.segment.text).lower(), without_tags(pair.target)
    for term in pair.terms:
        wanted = (term.target, *term.allowed)
        if term.source.lower() in source and not any(_occurs(word, target) for word in wanted):
            yield f"{term.source} is {' or '.join(wanted)} in our glossary, and is missing"


def forbidden_terms_stay_out(pair: Pair) -> Iterator[str]:
    """No translation that the glossary rules out, unless it is part of a wanted one."""
    source, target = without_tags(pair.segment.text).lower(), without_tags(pair.target)
    for term in pair.terms:
        if term.source.lower() in source:
            rest = _without(target, (term.target, *term.allowed))
            for word in term.avoid:
                if _occurs(word, rest):
                    yield _advice(term, word)


def _advice(term: Term, word: str) -> str:
    return f"“{word}” is not our word for {term.source}; use {term.target}"


def _without(text: str, words: tuple[str, ...]) -> str:
    for word in words:
        text = re.sub(re.escape(word), " ", text, flags=re.IGNORECASE) if word else text
    return text


def _occurs(word: str, text: str) -> bool:
    """Whether a word or phrase occurs, in any case, in the plural, or joined with hyphens."""
    pattern = _pattern(word)
    return pattern is None or pattern.search(text) is not None


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str] | None:
    """How a term is found; remembered, because a glossary has more terms than `re` remembers patterns."""
    parts = [re.escape(part) for part in re.split(r"[ -]+", word) if part]
    if not parts:
        return None
    stem = parts[-1][:-1] + "(?:y|ies)" if parts[-1].endswith("y") else parts[-1] + "(?:e?s|'s)?"
    pattern = r"(?<![A-Za-z0-9])" + "[ -]+".join([*parts[:-1], stem]) + r"(?:ed|d|ing)?(?![A-Za-z0-9])"
    return re.compile(pattern, re.IGNORECASE)
