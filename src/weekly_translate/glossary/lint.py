"""What is wrong with a glossary, by itself and by what existing translations say about it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import markup
from weekly_translate.checks.terms import avoided_in, rendering_in
from weekly_translate.glossary.entries import Matcher, folded, spelled
from weekly_translate.model import Kind, Pair, Segment, Severity, Span
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import HAN, in_half_width
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.glossary.entries import Override
    from weekly_translate.model import GlossaryEntry, Term


_IDLE = "`{}` is off, but there is nothing to switch off: no glossary below this file has such an entry."


_HALF_OF_MARKUP = lazy_pattern(r"<(?=[A-Za-z/!?])|\][(\[:]|!(?=\[)|\[(?=\^)|&(?=#?\w{1,32};)")
"""What begins HTML, or is the seam of a link: the other half may stand in the next term."""
_MARKUP_CHECKS = (
    markup.no_html_is_invented,
    markup.no_address_is_invented,
    markup.no_tag_is_invented,
    markup.no_template_is_invented,
)


class Remark(NamedTuple):
    """What is to be said about the entry on a line."""

    line: int
    severity: Severity
    message: str


def remarks_on(
    entries: Sequence[GlossaryEntry], overrides: Iterable[Override] = (), idle: Iterable[GlossaryEntry] = ()
) -> list[Remark]:
    """Everything that is wrong with the entries of a file, by line; errors make entries useless.

    `idle` are entries that switch off something that is not there.
    """
    entries = [entry for entry in entries if not entry.off]
    found = [*_doubled(entries), *_unreachable(entries), *_redundant(entries), *_contradicted(entries)]
    found += _not_words(entries)
    found += [_overridden(override) for override in overrides]
    found += [Remark(entry.line, Severity.WARNING, _IDLE.format(entry.term.source)) for entry in idle]
    return sorted(found)


def _doubled(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """Two entries for one source that nothing tells apart."""
    places: defaultdict[tuple[str, bool, tuple[str, ...]], list[tuple[Term, int]]] = defaultdict(list)
    for entry in entries:
        for term in spelled(entry):
            places[_sense(term)].append((term, entry.line))
    for (first, line), *others in places.values():
        for other, place in others:
            what = "a duplicate of" if other.target == first.target else f"{other.target}, in conflict with"
            message = f"`{other.source}` is {what} line {line} ({first.target}). Merge the two entries."
            yield Remark(place, Severity.ERROR, message)


def _unreachable(entries: Sequence[GlossaryEntry]) -> Iterator[Remark]:
    """An entry that is not found even where its own source stands alone."""
    matcher = Matcher(term for entry in entries for term in spelled(entry))
    for entry in entries:
        for term in spelled(entry):
            found = matcher.terms_in("，".join((term.source, *term.near[:1])))
            if _sense(term) in map(_sense, found):
                continue
            by = " and ".join(f"`{one.source}`" for one in found) or "the way it is written"
            yield Remark(entry.line, Severity.ERROR, f"`{term.source}` is never found: {by} hides it.")


def _redundant(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """An entry that contradicts or repeats itself."""
    for entry in entries:
        term = entry.term
        for word in term.avoid:
            if word not in avoided_in(term, word):
                message = f"`{word}` of `{term.source}` is to be avoided, and is to be used."
                yield Remark(entry.line, Severity.ERROR, message)
        for word in term.allowed:
            if word.casefold() == term.target.casefold():
                message = f"`{word}` of `{term.source}` is allowed anyway: it is the target."
                yield Remark(entry.line, Severity.WARNING, message)


def _contradicted(entries: Sequence[GlossaryEntry]) -> Iterator[Remark]:
    """An entry whose English another entry rules out: one of them is broken wherever both occur."""
    rulings = [entry for entry in entries if entry.term.avoid]
    for entry in entries:
        for ruling in rulings:
            if _letters(ruling.term) == _letters(entry.term):
                continue  # itself, or another sense of it
            for word in entry.term.renderings:
                # A quick look before the exact one: glossaries are compared entry by entry.
                if not any(avoided[:3].casefold() in word.casefold() for avoided in ruling.term.avoid):
                    continue
                for avoided in avoided_in(ruling.term, word):
                    message = (
                        f"`{word}` stands for `{entry.term.source}`, but line {ruling.line} "
                        f"(`{ruling.term.source}`) avoids `{avoided}`."
                    )
                    yield Remark(entry.line, Severity.WARNING, message)


def _not_words(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """English with links, HTML or tags of its own: every translation that uses it is refused."""
    for entry in entries:
        for word in entry.term.renderings:
            if reason := next(_markup_in(word, entry.term.source), ""):
                message = f"`{word}` of `{entry.term.source}` is more than words: {reason}. Write words only."
                yield Remark(entry.line, Severity.ERROR, message)


def _markup_in(word: str, source: str) -> Iterator[str]:
    """What the checks would say of it as a translation of its source; and halves, which they do not see."""
    pair = Pair(Segment("", Kind.TEXT, Span(0, 0), 0, source), word)
    for check in _MARKUP_CHECKS:
        yield from check(pair)
    for half in _HALF_OF_MARKUP.finditer(word):
        if half[0] not in source:
            yield f"{half[0]} is markup"


def _overridden(override: Override) -> Remark:
    ours, theirs = override.ours, override.theirs
    if override.is_conflict:
        message = f"`{ours.source}` is {ours.target} here and {theirs.target} in the program's glossary."
        return Remark(override.line, Severity.WARNING, message)
    message = f"`{ours.source}` stands in the program's glossary as well; this entry counts."
    return Remark(override.line, Severity.INFO, message)


def _sense(term: Term) -> tuple[str, bool, tuple[str, ...]]:
    """What tells a term from all others."""
    return _letters(term), term.exact, term.near


def _letters(term: Term) -> str:
    source = in_half_width(term.source)
    return source if term.exact else folded(source)


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
