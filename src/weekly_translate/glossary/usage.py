"""What existing translations say about a glossary: how it is kept, and what it may lack."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.terms import avoided_in, rendering_in
from weekly_translate.text.characters import HAN
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.glossary.entries import Matcher
    from weekly_translate.model import Segment, Term


class Aligned(NamedTuple):
    """A segment, its translation, and the heading that it stands under."""

    segment: Segment
    target: str
    section: str = ""


@dataclass(slots=True)
class TermUsage:
    """How often a term was needed, and what stood for it."""

    term: Term
    renderings: Counter[str] = field(default_factory=Counter)
    by_issue: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each issue how often the term was kept, and how often it was needed."""

    @property
    def uses(self) -> int:
        """How many segments need it."""
        return self.renderings.total()

    @property
    def kept(self) -> int:
        """In how many of them it stands as the glossary wants it."""
        return sum(self.renderings[word] for word in self.term.renderings)


def usage_of(matcher: Matcher, issues: Mapping[str, Iterable[Aligned]]) -> list[TermUsage]:
    """The usage of each term that occurs, those that are kept least first."""
    usages: dict[Term, TermUsage] = {}
    for issue, pairs in issues.items():
        for segment, target, section in pairs:
            for term in matcher.terms_in(segment.text, section):
                usage = usages.setdefault(term, TermUsage(term))
                said = _said(term, without_tags(target))
                usage.renderings[said] += 1
                kept, needed = usage.by_issue.get(issue, (0, 0))
                usage.by_issue[issue] = (kept + (said in term.renderings), needed + 1)
    return sorted(usages.values(), key=lambda one: (one.kept / one.uses, -one.uses, one.term.source))


def usage_text(usages: Sequence[TermUsage]) -> str:
    """A table of the terms, and the sum of all; issues are named where a term was not kept."""
    lines = [f"{'uses':>5} {'kept':>5}  term"]
    for usage in usages:
        words = ", ".join(f"{word} {count}" for word, count in usage.renderings.most_common())
        lines.append(f"{usage.uses:5} {usage.kept / usage.uses:5.0%}  {usage.term.source}: {words}")
        missed = [
            f"{issue} {needed - kept}"
            for issue, (kept, needed) in sorted(usage.by_issue.items())
            if kept < needed
        ]
        if missed:
            lines.append(f"{'':13}not kept in {', '.join(missed)}")
    uses, kept = sum(usage.uses for usage in usages), sum(usage.kept for usage in usages)
    share = f"{kept / uses:.1%}" if uses else "none"
    lines.append(f"{uses} uses of {len(usages)} terms, {share} kept")
    return "".join(f"{line}\n" for line in lines)


def _said(term: Term, target: str) -> str:
    if avoided := avoided_in(term, target):
        return f"{avoided[0]} (to be avoided)"
    return rendering_in(term, target) or "(missing)"


# --------------------------------------------------------------------------- what a glossary may lack

LEAST = 4
"""Fewer segments prove nothing."""
_CONSISTENT = 0.75
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
_CLAUSE = lazy_pattern(f"[{HAN}]+")
_WORD = lazy_pattern(r"[A-Za-z][\w'-]*")
_EDGES = {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its"}
_EDGES |= {"of", "on", "or", "that", "the", "this", "to", "with", "you", "your"}
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
        return self.renderings[0][1] >= _CONSISTENT * self.uses

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
    unknown = {word: where for word, where in places.items() if not matcher.terms_in(word)}
    words = (
        Candidate(word, len(where), _renderings(where, english, everywhere))
        for word, where in unknown.items()
    )
    found = [one for one in words if one.renderings and (one.is_consistent or one.is_split)]
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
    # Different characters stand on either side: inside a longer word they are always the same.
    free = {
        word: where
        for word, where in frequent.items()
        if all(sum(one[0] == side for one in around[word]) > 1 for side in "<>")
    }
    pieces = {
        part
        for word, where in free.items()
        for part in (word[start:end] for start, end in _windows(len(word)))
        if part != word and part in free and len(free[part]) * _WHOLE <= len(where)
    }
    return {word: where for word, where in free.items() if word not in pieces}


def _windows(length: int) -> Iterator[tuple[int, int]]:
    for size in _LENGTHS:
        for start in range(length - size + 1):
            yield start, start + size


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
