"""Faults in terms and names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.selftest.bodies import bodies
from weekly_translate.selftest.ground import Edit, Sown, is_whole, plain, sown
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.selftest.ground import Ground, Place

_NAME = re.compile(r"(?<![\w./])[A-Za-z]*[A-Z][A-Za-z]{4,}(?![\w./])")


def term_replaced(ground: Ground, _: Random) -> Iterator[Sown]:
    """A word that the glossary forbids, or another one."""
    for place, segment in bodies(ground):
        words = plain(segment, ground.target, code="x")
        for term in ground.rules.terms_in(prose_of(place.source.segments[0].text)):
            pattern = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, term.renderings))})\w*")
            found = list(pattern.finditer(words))
            other = term.avoid[0] if term.avoid else "gadget"
            if found:
                start = segment.span.start
                edits = tuple(
                    Edit(
                        Span(start + match.start(), start + match.end()),
                        other if match[0].islower() else other.capitalize(),
                    )
                    for match in found
                )
                yield Sown(f"{found[0][0]} -> {other}", edits, (place.source.number,))


def name_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """A name with a letter too many or in two words."""
    for place, start, name in _names(ground):
        at = random.randint(2, len(name) - 2)
        other = name[:at] + random.choice((" ", name[at - 1])) + name[at:]
        yield sown(ground, place, Span(start, start + len(name)), other)


def case_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """A name without the capitals inside; APP may be an app."""
    for place, start, name in _names(ground):
        other = name[0] + name[1:].lower()
        if other != name and not name.isupper():
            yield sown(ground, place, Span(start, start + len(name)), other)


def _names(ground: Ground) -> Iterator[tuple[Place, int, str]]:
    """Latin names that stand once in the source and once in the translation."""
    for place, segment in bodies(ground):
        words = plain(segment, ground.target, code="x")
        source = prose_of(place.source.segments[0].text)
        for name in dict.fromkeys(_NAME.findall(source)):
            alone = source.lower().count(name.lower()) == words.lower().count(name.lower()) == 1
            if alone and name in words and is_whole(segment.span, segment):
                yield place, segment.span.start + words.index(name), name
