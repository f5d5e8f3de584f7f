"""Faults in the layout: headings, item numbers, whole lines and items."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape
from weekly_translate.model import Span
from weekly_translate.selftest.ground import Edit, Sown, sown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.selftest.ground import Ground, Place

_NUMBER = re.compile(r"\(?(\d{1,3})[.)、]")
_HEADING = re.compile(r"(#{1,6}) ")
_EMOJI = re.compile("[\U0001f300-\U0001faff]")
_INVENTED = "Thank you for reading; see you all in the next issue, and have a nice week."


def heading_level_changed(ground: Ground, _: Random) -> Iterator[Sown]:
    """A heading of another level."""
    for place, match in _matching(ground, _HEADING):
        if len(match[1]) < 6:
            start = place.span.start
            yield sown(ground, place, Span(start, start), "#", f"{match[1]} -> #{match[1]}")


def heading_unmarked(ground: Ground, _: Random) -> Iterator[Sown]:
    """A heading that is a paragraph now."""
    for place, match in _matching(ground, _HEADING):
        yield sown(ground, place, Span(place.span.start, place.span.start + match.end()), "")


def heading_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """A heading that is lost with its words."""
    for place, _match in _matching(ground, _HEADING):
        yield sown(ground, place, place.span, "")


def heading_emoji_changed(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another animal."""
    for place, _match in _matching(ground, _HEADING):
        for match in _EMOJI.finditer(ground.raw(place)):
            start = place.span.start + match.start()
            other = random.choice([sign for sign in "🐴🐙🎈" if sign != match[0]])
            yield sown(ground, place, Span(start, start + 1), other)


def emoji_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """An emoji of the running text is lost."""
    for place in ground.places:
        if place.target.shape is not Shape.HEADING:
            for match in _EMOJI.finditer(ground.raw(place)):
                start = place.span.start + match.start()
                yield sown(ground, place, Span(start, start + 1), "")


def item_number_changed(ground: Ground, random: Random) -> Iterator[Sown]:
    """The number of an item is another."""
    for place, match in _matching(ground, _NUMBER):
        if place.target.item:
            start = place.span.start + match.start(1)
            other = str(int(match[1]) + random.choice((1, 3, 10)))
            yield sown(ground, place, Span(start, start + len(match[1])), other)


def paragraph_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """The text of an item is lost, its title is there."""
    for place in _texts(ground):
        yield sown(ground, place, place.span, "")


def paragraph_invented(ground: Ground, _: Random) -> Iterator[Sown]:
    """A paragraph that the source lacks."""
    for place in _texts(ground):
        end = place.span.end
        yield sown(ground, place, Span(end, end), f"\n\n{_INVENTED}")


def paragraphs_merged(ground: Ground, _: Random) -> Iterator[Sown]:
    """A paragraph goes on where the next one should begin."""
    for one, two in pairwise(ground.places):
        close = two.target.number - one.target.end == two.source.number - one.source.end == 2
        texts = one.target.shape is two.target.shape is Shape.TEXT and not two.target.item
        # The definition of a footnote is none any more in the middle of a line: that is another fault.
        if close and texts and not ground.raw(two).startswith("[^"):
            lines = one.source.number, two.source.number
            yield Sown("paragraphs merged", (Edit(Span(one.span.end, two.span.start), " "),), lines)


def item_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """An item is lost, from its title to its last line."""
    for lines in _items(ground):
        span = Span(lines[0].span.start, lines[-1].span.end)
        numbers = tuple(place.source.number for place in lines)
        yield Sown(ground.raw(lines[0])[:50], (Edit(span, ""),), numbers)


def items_swapped(ground: Ground, _: Random) -> Iterator[Sown]:
    """Two neighboring items have changed places; the numbers stay where they are."""
    for one, two in pairwise(_items(ground)):
        if any(ground.raw(item[0]).startswith("![") for item in (one, two)):
            continue  # its number stands behind an image and would move with it
        # Two titles without a text may share nothing that a translation keeps: nobody could tell.
        if 0 < two[0].target.number - one[-1].target.end <= 2 and len(one) > 1 and len(two) > 1:
            first, second = (_without_number(ground, lines) for lines in (one, two))
            numbers = tuple(place.source.number for place in (*one, *two))
            edits = (Edit(first, _text(ground, second)), Edit(second, _text(ground, first)))
            yield Sown(f"{_text(ground, first)[:30]} <-> {_text(ground, second)[:30]}", edits, numbers)


def _text(ground: Ground, span: Span) -> str:
    return ground.target.text[slice(*span)]


def _without_number(ground: Ground, lines: list[Place]) -> Span:
    match = _NUMBER.match(ground.raw(lines[0]))
    space = match.end() + (ground.raw(lines[0])[match.end() :][:1] == " ") if match else 0
    return Span(lines[0].span.start + space, lines[-1].span.end)


def _items(ground: Ground) -> Iterator[list[Place]]:
    """The items of which every line is good, each with the lines up to the next item or heading."""
    known = {place.target.number: place for place in ground.places}
    item: list[Place] | None = None
    for line in ground.lines:
        if line.item or line.shape in (Shape.HEADING, Shape.TITLE):
            if item:
                yield item
            item = [] if line.item else None
        if item is not None:
            item = [*item, known[line.number]] if line.number in known else None


def _texts(ground: Ground) -> Iterator[Place]:
    """Paragraphs between blank lines."""
    text = ground.target.text
    for place in ground.places:
        apart = text[: place.span.start].endswith("\n\n") and text[place.span.end :].startswith("\n\n")
        if place.target.shape is Shape.TEXT and apart and not place.target.item:
            yield place


def _matching(ground: Ground, pattern: re.Pattern[str]) -> Iterator[tuple[Place, re.Match[str]]]:
    for place in ground.places:
        if match := pattern.match(ground.raw(place)):
            yield place, match
