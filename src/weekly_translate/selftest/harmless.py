"""Changes that leave a good translation good: whatever is said about them is a false alarm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Span, TagKind
from weekly_translate.selftest.ground import Edit, Sown, plain, sown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from weekly_translate.selftest.ground import Ground

_THOUSANDS = re.compile(r"(?<![\d.,$#])\d{1,3}(?:,\d{3})+(?![\d.,%])")
_PERCENT = re.compile(r"(?<=\d)%")
_QUOTED = re.compile(r'(?<!\S)"([^"]+)"(?=[\s.,;:)]|\Z)')
_NOTE = re.compile(r"\((EN|Eng|English)\)")
_STARS = re.compile(r"\((?:stars? (?P<one>[\d.]+)|(?P<two>[\d.]+)) ?[kK](?: stars?)?\)")
_JOINT = re.compile(r"(?<=[a-z]{3})\. ([A-Z])(?=[a-z]+ [a-z])")
_COMMA = re.compile(r"(?<=[a-z]), (?=(?:and|but|so|which|then) )")


def figure_respelled(ground: Ground, _: Random) -> Iterator[Sown]:
    """1200 for 1,200, percent for %."""
    yield from _words(ground, _THOUSANDS, lambda match: match[0].replace(",", ""))
    yield from _words(ground, _PERCENT, lambda _: " percent")


def quotes_curled(ground: Ground, _: Random) -> Iterator[Sown]:
    """Curly quotes for all straight ones of a text."""
    for place in ground.places:
        for segment in place.target.segments:
            words = plain(segment, ground.target)
            if words.count('"') == 2 and (match := _QUOTED.search(words)):
                start = segment.span.start
                first, last = start + match.start(), start + match.end() - 1
                edits = Edit(Span(first, first + 1), "“"), Edit(Span(last, last + 1), "”")
                yield Sown("curly quotes", edits, (place.source.number,))


def lines_spaced(ground: Ground, _: Random) -> Iterator[Sown]:
    """Two blank lines for one."""
    for place in ground.places:
        end = place.span.end
        if ground.target.text.startswith("\n\n", end):
            yield sown(ground, place, Span(end, end), "\n", "a blank line more")


def emphasis_respelled(ground: Ground, _: Random) -> Iterator[Sown]:
    """`__bold__` for `**bold**`, `_italics_` for `*italics*`."""
    text = ground.target.text
    for place in ground.places:
        for segment in place.target.segments:
            for tag in segment.tags:
                alone = tag.closing and text[tag.closing.end :][:1] in " .,"
                if tag.closing and alone and tag.kind in (TagKind.STRONG, TagKind.EMPHASIS):
                    edits = tuple(
                        Edit(span, text[slice(*span)].replace("*", "_"))
                        for span in (tag.opening, tag.closing)
                    )
                    if text[tag.opening.start - 1] in " \n":
                        yield Sown("underscores", edits, (place.source.number,))


def note_respelled(ground: Ground, random: Random) -> Iterator[Sown]:
    """`(in English)` for `(EN)`."""
    yield from _lines(ground, _NOTE, lambda _: random.choice(("(in English)", "(English)", "(Eng)")))


def stars_respelled(ground: Ground, _: Random) -> Iterator[Sown]:
    """`(2.6k stars)` for `(star 2.6K)`."""
    yield from _lines(ground, _STARS, lambda match: f"({match['one'] or match['two']}k stars)")


def sentences_joined(ground: Ground, _: Random) -> Iterator[Sown]:
    """A semicolon for a full stop."""
    yield from _words(ground, _JOINT, lambda match: f"; {match[1].lower()}")


def clause_moved(ground: Ground, _: Random) -> Iterator[Sown]:
    """One comma less."""
    yield from _words(ground, _COMMA, lambda _: " ")


def _words(ground: Ground, pattern: re.Pattern[str], other: Callable[[re.Match[str]], str]) -> Iterator[Sown]:
    for place in ground.places:
        for segment in place.target.segments:
            for match in pattern.finditer(plain(segment, ground.target)):
                start = segment.span.start
                yield sown(ground, place, Span(start + match.start(), start + match.end()), other(match))


def _lines(ground: Ground, pattern: re.Pattern[str], other: Callable[[re.Match[str]], str]) -> Iterator[Sown]:
    for place in ground.places:
        match = pattern.search(ground.raw(place))
        if match and place.source.marks:
            start = place.span.start
            yield sown(ground, place, Span(start + match.start(), start + match.end()), other(match))
