"""Changes that leave a good translation good: whatever is said about them is a false alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.model import Span, TagKind
from weekly_translate.selftest.sites import (
    Edit,
    Goal,
    InjectedFault,
    fault,
    injected,
    marks_replaced,
    plain,
    words_replaced,
)
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.selftest.sites import InjectablePair

_THOUSANDS = lazy_pattern(r"(?<![\d.,$#])\d{1,3}(?:,\d{3})+(?![\d.,%])")
_PERCENT = lazy_pattern(r"(?<=\d)%")
_QUOTED = lazy_pattern(r'(?<!\S)"([^"]+)"(?=[\s.,;:)]|\Z)')
_NOTE = lazy_pattern(r"\((EN|Eng|English)\)")
_STARS = lazy_pattern(r"\((?:stars? (?P<one>[\d.]+)|(?P<two>[\d.]+)) ?[kK](?: stars?)?\)")
_JOINT = lazy_pattern(r"(?<=[a-z]{3})\. ([A-Z])(?=[a-z]+ [a-z])")
_COMMA = lazy_pattern(r"(?<=[a-z]), (?=(?:and|but|so|which|then) )")


@fault("number in another form", Goal.SILENT)
def figure_respelled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """1200 for 1,200, percent for %."""
    yield from words_replaced(pair, _THOUSANDS, lambda match: match[0].replace(",", ""))
    yield from words_replaced(pair, _PERCENT, lambda _: " percent")


@fault("curly quotes", Goal.SILENT)
def quotes_curled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Curly quotes for all straight ones of a text."""
    for site in pair.sites:
        for segment in site.target.segments:
            words = plain(segment, pair.target)
            if words.count('"') == 2 and (match := _QUOTED.search(words)):
                start = segment.span.start
                first, last = start + match.start(), start + match.end() - 1
                edits = Edit(Span(first, first + 1), "“"), Edit(Span(last, last + 1), "”")
                yield InjectedFault("curly quotes", edits, (site.source.number,))


@fault("one more blank line", Goal.SILENT)
def lines_spaced(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Two blank lines for one."""
    for site in pair.sites:
        end = site.span.end
        if pair.target.text.startswith("\n\n", end):
            yield injected(pair, site, Span(end, end), "\n", "a blank line more")


@fault("the other emphasis sign", Goal.SILENT)
def emphasis_respelled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """`__bold__` for `**bold**`, `_italics_` for `*italics*`."""
    text = pair.target.text
    for site in pair.sites:
        for segment in site.target.segments:
            for tag in segment.tags:
                alone = tag.closing and text[tag.closing.end :][:1] in " .,"
                if tag.closing and alone and tag.kind in (TagKind.STRONG, TagKind.EMPHASIS):
                    edits = tuple(
                        Edit(span, text[slice(*span)].replace("*", "_"))
                        for span in (tag.opening, tag.closing)
                    )
                    if text[tag.opening.start - 1] in " \n":
                        yield InjectedFault("underscores", edits, (site.source.number,))


@fault("note in other words", Goal.SILENT)
def note_respelled(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """`(in English)` for `(EN)`."""
    yield from marks_replaced(pair, _NOTE, lambda _: random.choice(("(in English)", "(English)", "(Eng)")))


@fault("stars in other words", Goal.SILENT)
def stars_respelled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """`(2.6k stars)` for `(star 2.6K)`."""
    yield from marks_replaced(pair, _STARS, lambda match: f"({match['one'] or match['two']}k stars)")


@fault("two sentences as one", Goal.SILENT)
def sentences_joined(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A semicolon for a full stop."""
    yield from words_replaced(pair, _JOINT, lambda match: f"; {match[1].lower()}")


@fault("a comma less", Goal.SILENT)
def clause_moved(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """One comma less."""
    yield from words_replaced(pair, _COMMA, lambda _: " ")
