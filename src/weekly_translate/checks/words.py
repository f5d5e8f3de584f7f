"""The English itself, as far as a machine can tell: capitals, doubled words, articles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.checks.reading import as_read
from weekly_translate.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

DOUBLED = re.compile(r"(?<![\w-])([A-Za-z]{2,})([ \t]+)\1(?![\w-])", re.IGNORECASE | re.ASCII)
_MAY_DOUBLE = frozenset(("had", "that", "bye", "ha", "ah", "oh", "no", "go", "so", "very", "win"))
_START = re.compile(r"[a-z]+(?![\w.:_/@()-])", re.ASCII)
_MIXED = re.compile(
    r"(?<![\w.-])(?:(?!CPython|IPython)[A-Z]{2}[a-z]{2,}|[a-z]{2,}[A-Z]{2,}[a-z]+)(?![\w.-])", re.ASCII
)
_ARTICLE = re.compile(
    r"\b(?:a (?!one|once|eu)(?=[aeio][a-z]{2})|an (?=[bcdfgjklmpqrtvwyz][aeiou][a-z]))[a-z]+"
)


def no_word_is_doubled(pair: Pair) -> Iterator[str]:
    """No `the the`; words that may stand twice, such as `had had`, are on a list."""
    source = as_read(pair.segment.text)
    for match in DOUBLED.finditer(as_read(pair.target)):
        if is_doubled_by_mistake(match, source):
            yield f"“{match[0]}” stands twice"


def is_doubled_by_mistake(match: re.Match[str], source: str) -> bool:
    """Whether a doubled word is neither on the list nor doubled in the source nor a name."""
    return match[1].lower() not in _MAY_DOUBLE and match[0] not in source and match[1] == match[0].split()[-1]


def a_text_starts_with_a_capital(pair: Pair) -> Iterator[str]:
    """A sentence starts with a capital, unless it starts with a name that the source writes small."""
    match = _START.match(as_read(pair.target).lstrip("\"'“‘(["))
    if _is_sentence(pair) and match and match[0] not in pair.segment.text:
        yield f"the text starts with a small letter: {match[0]}"


def _is_sentence(pair: Pair) -> bool:
    return pair.segment.kind is Kind.TEXT and len(pair.segment.text) > 9 and pair.segment.text[-1] in "。！？"


def capitals_stand_in_front(pair: Pair) -> Iterator[str]:
    """No `HEllo`; a name that is written so stands in the source."""
    for word in dict.fromkeys(_MIXED.findall(as_read(pair.target))):
        if word.lower() not in pair.segment.text.lower():
            yield f"{word} has strange capitals"


def articles_fit(pair: Pair) -> Iterator[str]:
    """`an` before a vowel, `a` before a consonant, as far as spelling tells the sound."""
    for match in _ARTICLE.finditer(as_read(pair.target)):
        yield f"“{match[0]}” has the wrong article"
