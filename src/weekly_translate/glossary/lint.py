"""What is wrong with a glossary before a model has seen it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import markup
from weekly_translate.checks.terms import avoided_in
from weekly_translate.glossary.entries import Matcher, folded, spelled
from weekly_translate.model import Kind, Pair, Segment, Severity, Span
from weekly_translate.text.characters import in_half_width
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
