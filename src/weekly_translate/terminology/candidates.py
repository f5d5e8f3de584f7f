"""What a glossary may lack: Chinese words that approved translations render alike, or in several ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import HAN
from weekly_translate.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.translation.matcher import Matcher

LEAST = 4
"""Fewer segments prove nothing."""
CONSISTENT = 0.75
"""The share of its segments in which a rendering stands that counts as the only one."""
_AMONG = 0.25
"""The least share of one among several."""
_MOST = 4
"""More renderings than these are no pattern."""
_TOGETHER = 0.7
"""The least share of several together."""
_SPECIFIC = 0.5
"""The least share of a rendering's own segments that hold the Chinese: `the` goes with everything."""
_WHOLE = 0.8
"""The least share of its texts in which a piece stands inside a longer word."""
_LENGTHS = range(2, 7)
_CLAUSE = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"[A-Za-z][\w'-]*")
_EDGES = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its"),
        *("of", "on", "or", "that", "the", "this", "to", "with", "you", "your"),
    )
)
"""Words that begin or end no term."""
_STOPS = frozenset("的了在是和与及或被把将对从到为也就都而但并很更最这那其")
"""Characters that begin or end no term."""


class Candidate(NamedTuple):
    """A Chinese word, in how many segments it stands, and what it is there, the most frequent first."""

    source: str
    uses: int
    renderings: tuple[tuple[str, int], ...]

    @property
    def is_consistent(self) -> bool:
        """Whether one rendering stands for it nearly always."""
        return self.renderings[0][1] >= CONSISTENT * self.uses

    @property
    def is_split(self) -> bool:
        """Whether a few renderings share nearly all of its segments."""
        together = sum(count for _, count in self.renderings)
        return len(self.renderings) > 1 and together >= _TOGETHER * self.uses


def candidates_in(
    pairs: Iterable[tuple[str, str]], matcher: Matcher, *, least: int = LEAST
) -> list[Candidate]:
    """Candidates from pairs of a tagged Chinese text and its translation, the most frequent first."""
    pairs = list(dict.fromkeys(pairs))
    english = [set(_phrases(without_tags(target))) for _, target in pairs]
    everywhere = Counter(phrase for phrases in english for phrase in phrases)
    places = _places([prose_of(source) for source, _ in pairs], least)
    found = []
    for word, where in places.items():
        if matcher.terms_in(word):
            continue
        renderings = _renderings(where, english, everywhere)
        if renderings:
            found.append(Candidate(word, len(where), renderings))
    found = [one for one in found if one.is_consistent or one.is_split]
    return sorted(found, key=lambda one: (not one.is_consistent, -one.uses, one.source))


def candidates_text(candidates: Sequence[Candidate]) -> str:
    """A list to choose from, the consistent ones as arguments of `glossary add`."""
    alike = [one for one in candidates if one.is_consistent]
    split = [one for one in candidates if not one.is_consistent]
    lines = [f"{len(alike)} rendered alike"]
    lines += [
        f"  {one.source}  {one.renderings[0][0]}  ({one.renderings[0][1]} of {one.uses})" for one in alike
    ]
    lines.append(f"{len(split)} rendered in several ways")
    for one in split:
        words = ", ".join(f"{word} {count}" for word, count in one.renderings)
        lines.append(f"  {one.source}  ({one.uses})  {words}")
    return "".join(f"{line}\n" for line in lines)


# --------------------------------------------------------------------------- Chinese words


def _places(texts: Sequence[str], least: int) -> dict[str, set[int]]:
    """In which texts a word stands; what is nearly always a piece of one longer word is left out."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    around: defaultdict[str, set[str]] = defaultdict(set)
    for number, text in enumerate(texts):
        for clause in _CLAUSE.findall(text):
            for start, end in _windows(len(clause)):
                word = clause[start:end]
                if word[0] not in _STOPS and word[-1] not in _STOPS:
                    places[word].add(number)
                    around[word].add(f"<{clause[start - 1 : start]}")
                    around[word].add(f">{clause[end : end + 1]}")
    frequent = {word: where for word, where in places.items() if len(where) >= least}
    free = {word: where for word, where in frequent.items() if _is_free(around[word])}
    pieces = {
        part
        for word, where in free.items()
        for part in _parts(word)
        if part in free and len(free[part]) * _WHOLE <= len(where)
    }
    return {word: where for word, where in free.items() if word not in pieces}


def _windows(length: int) -> Iterator[tuple[int, int]]:
    for size in _LENGTHS:
        for start in range(length - size + 1):
            yield start, start + size


def _is_free(neighbors: set[str]) -> bool:
    """Whether different characters stand on either side: inside a longer word they are always the same."""
    return all(sum(one[0] == side for one in neighbors) > 1 for side in "<>")


def _parts(word: str) -> Iterator[str]:
    yield from (word[start:end] for start, end in _windows(len(word)) if end - start < len(word))


# --------------------------------------------------------------------------- English phrases


def _phrases(text: str) -> Iterator[str]:
    """Up to three words in a row, in lower case and without a plural's s."""
    for sentence in re.split(r"[.,;:!?()\[\]\"“”]+", text):
        words = [_singular(word.lower()) for word in _WORD.findall(sentence)]
        for size in (1, 2, 3):
            for start in range(len(words) - size + 1):
                phrase = words[start : start + size]
                if phrase[0] not in _EDGES and phrase[-1] not in _EDGES:
                    yield " ".join(phrase)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _renderings(
    where: set[int], english: Sequence[set[str]], everywhere: Counter[str]
) -> tuple[tuple[str, int], ...]:
    """The phrases that go with a word: often in its segments, seldom elsewhere, each where no other is."""
    here: defaultdict[str, set[int]] = defaultdict(set)
    for number in where:
        for phrase in english[number]:
            here[phrase].add(number)
    least = max(2, _AMONG * len(where))
    fitting = {
        phrase: places
        for phrase, places in here.items()
        if len(places) >= least and len(places) >= _SPECIFIC * everywhere[phrase]
    }
    chosen: list[tuple[str, int]] = []
    while fitting and len(chosen) < _MOST:
        phrase = min(fitting, key=lambda one: (-len(fitting[one]), -len(one), one))
        covered = fitting.pop(phrase)
        chosen.append((phrase, len(covered)))
        fitting = {one: rest for one, places in fitting.items() if len(rest := places - covered) >= least}
    return tuple(chosen)
