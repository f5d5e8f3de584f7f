"""Faults that models make beside the translation: prefaces, comments, fences, a note turned round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.selftest.bodies import bodies
from weekly_translate.selftest.ground import Edit, Sown, sown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.selftest.ground import Ground

_NOTE = re.compile(r"\((?:in )?(EN|Eng|English|CN|Chinese)\b[^()]*\)")


def preface_added(ground: Ground, random: Random) -> Iterator[Sown]:
    """`Here is the translation:` before a text."""
    openings = ("Here is the translation: ", "Sure! Here's the English translation:\n\n", "Translation: ")
    for place, segment in bodies(ground):
        at = segment.span.start
        yield sown(ground, place, Span(at, at), random.choice(openings))


def comment_added(ground: Ground, random: Random) -> Iterator[Sown]:
    """A translator's note behind a text."""
    notes = (" (Note: the original uses a pun here.)", " [Translator's note: a holiday in spring.]")
    for place, segment in bodies(ground):
        at = segment.span.end
        yield sown(ground, place, Span(at, at), random.choice(notes))


def fence_added(ground: Ground, _: Random) -> Iterator[Sown]:
    """A paragraph in a code fence."""
    for place, segment in bodies(ground):
        if segment.span == place.span:
            edits = (
                Edit(Span(*(place.span.start,) * 2), "```markdown\n"),
                Edit(Span(*(place.span.end,) * 2), "\n```"),
            )
            yield Sown("a fence around it", edits, (place.source.number,))


def note_inverted(ground: Ground, _: Random) -> Iterator[Sown]:
    """(EN) is (Chinese) now."""
    for place in ground.places:
        match = _NOTE.search(ground.raw(place))
        if match and place.source.marks:
            start = place.span.start + match.start()
            other = "(Chinese)" if match[1].startswith("E") else "(EN)"
            yield sown(ground, place, Span(start, start + len(match[0])), other)
