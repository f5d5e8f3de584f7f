"""Faults in what a line holds: addresses, images, code, emphasis."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.model import FeatureKind, Span, TagKind
from weekly_translate.selftest.ground import Edit, Sown, sown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment, Tag
    from weekly_translate.selftest.ground import Ground, Place

_LETTER = re.compile(r"[A-Za-z0-9]")
_INVENTED = "https://invented.example/page"


def _addresses(ground: Ground, kind: FeatureKind) -> Iterator[tuple[Place, Span]]:
    """Destinations that stand in brackets, `](here)`, one of each line."""
    for place in ground.places:
        raw = ground.raw(place)
        for value in dict.fromkeys(place.target.values(kind)):
            at = raw.find(f"]({value})")
            if value and at >= 0 and raw.count(value) == 1 and place.target.values(kind).count(value) == 1:
                start = place.span.start + at + 2
                yield place, Span(start, start + len(value))
                break


def _altered(text: str, random: Random) -> str:
    """One letter or digit is another, behind the name of the host where there is one."""
    after = text.find("/", text.find("//") + 2) if "//" in text else 0
    spots = [match.start() for match in _LETTER.finditer(text, max(0, after))]
    spots = spots or [match.start() for match in _LETTER.finditer(text)]
    spot = random.choice(spots)
    other = "q" if text[spot] in "xX" else "x"
    return text[:spot] + other + text[spot + 1 :]


def address_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """One letter of a link's address is another."""
    for place, span in _addresses(ground, FeatureKind.LINK):
        yield sown(ground, place, span, _altered(ground.target.text[slice(*span)], random))


def address_cut(ground: Ground, random: Random) -> Iterator[Sown]:
    """The end of an address is lost."""
    for place, span in _addresses(ground, FeatureKind.LINK):
        address = ground.target.text[slice(*span)]
        cut = address[: -random.randint(1, 4)].rstrip("/.")
        # The slash behind a site says nothing, and half a bracket would not end the link here.
        if cut != address.rstrip("/") and cut.count("(") == cut.count(")"):
            yield sown(ground, place, span, cut)


def link_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """A label without its address."""
    for place, _segment, tag in _pairs(ground, TagKind.LINK):
        words = ground.target.text[tag.opening.end : tag.closing.start] if tag.closing else ""
        yield sown(ground, place, _around(tag), words)
    for place, span in _addresses(ground, FeatureKind.LINK):
        raw = ground.raw(place)
        opening = raw.find("[")
        label = raw[opening + 1 : span.start - place.span.start - 2]
        if "[" not in label and not place.target.segments[0].tags:
            start = place.span.start + opening
            yield sown(ground, place, Span(start, span.end + 1), label)


def link_invented(ground: Ground, _: Random) -> Iterator[Sown]:
    """A link that the source lacks."""
    for place in ground.places:
        if place.target.segments and place.target.segments[0].kind == "text":
            text = ground.target.text[slice(*place.target.segments[0].span)]
            end = place.target.segments[0].span.start + len(text.rstrip(".!?:"))
            yield sown(ground, place, Span(end, end), f" ([more]({_INVENTED}))", "a link is added")


def images_swapped(ground: Ground, _: Random) -> Iterator[Sown]:
    """The images of two items have changed places, with their alt texts."""
    text = ground.target.text
    lines = [place for place, span in _addresses(ground, FeatureKind.IMAGE) if _is_alone(ground, place, span)]
    for one, two in pairwise(lines):
        edits = Edit(one.span, text[slice(*two.span)]), Edit(two.span, text[slice(*one.span)])
        yield Sown(
            f"lines {one.target.number} <-> {two.target.number}",
            edits,
            (one.source.number, two.source.number),
        )


def _is_alone(ground: Ground, place: Place, address: Span) -> bool:
    return ground.raw(place).startswith("![") and address.end + 1 == place.span.end


def links_swapped(ground: Ground, _: Random) -> Iterator[Sown]:
    """The links of neighboring lines have changed places."""
    text = ground.target.text
    for (place, one), (other, two) in pairwise(_addresses(ground, FeatureKind.LINK)):
        first, second = text[slice(*one)], text[slice(*two)]
        if first != second:
            edits = Edit(one, second), Edit(two, first)
            yield Sown(f"{first} <-> {second}", edits, (place.source.number, other.source.number))


def image_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """One letter of an image's address is another."""
    for place, span in _addresses(ground, FeatureKind.IMAGE):
        yield sown(ground, place, span, _altered(ground.target.text[slice(*span)], random))


def image_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """A line that is nothing but an image is lost."""
    for place, span in _addresses(ground, FeatureKind.IMAGE):
        if _is_alone(ground, place, span):
            yield sown(ground, place, place.span, "")


def image_invented(ground: Ground, _: Random) -> Iterator[Sown]:
    """An image that the source lacks, on a line of its own."""
    for place in ground.places:
        if place.target.shape == "text":
            end = place.span.end
            yield sown(ground, place, Span(end, end), "\n\n![](https://invented.example/p.png)\n")


def code_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """One letter in a code span is another."""
    text = ground.target.text
    for place, _segment, tag in _pairs(ground, TagKind.CODE):
        span = Span(tag.opening.end, tag.closing.start if tag.closing else tag.opening.end)
        code, whole = text[slice(*span)], text[slice(*_around(tag))]
        if _LETTER.search(code) and place.target.values(FeatureKind.CODE).count(whole) == 1:
            yield sown(ground, place, span, _altered(code, random))


def code_unmarked(ground: Ground, _: Random) -> Iterator[Sown]:
    """A code span without its ticks."""
    for place, _segment, tag in _pairs(ground, TagKind.CODE):
        code = ground.target.text[tag.opening.end : tag.closing.start] if tag.closing else ""
        if not re.search(r"[<>*_\[\]\\]", code):
            yield sown(ground, place, _around(tag), code)


def code_block_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """One letter in a code block is another."""
    for place in ground.places:
        raw = ground.raw(place)
        inner = raw.find("\n") + 1
        if raw.startswith("```") and _LETTER.search(raw[inner:-3]):
            span = Span(place.span.start + inner, place.span.end - 3)
            yield sown(ground, place, span, _altered(ground.target.text[slice(*span)], random))


def emphasis_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """Bold words that are bold no longer."""
    for kind in (TagKind.STRONG, TagKind.EMPHASIS):
        for place, segment, tag in _pairs(ground, kind):
            words = ground.target.text[tag.opening.end : tag.closing.start] if tag.closing else ""
            in_source = any(other.kind is kind for one in place.source.segments for other in one.tags)
            if segment.span.start < tag.opening.start and in_source:
                yield sown(ground, place, _around(tag), words)


def _pairs(ground: Ground, kind: TagKind) -> Iterator[tuple[Place, Segment, Tag]]:
    """The tags of a kind that stand around words."""
    for place in ground.places:
        for segment in place.target.segments:
            for tag in segment.tags:
                if tag.kind is kind and tag.closing and tag.opening.end < tag.closing.start:
                    yield place, segment, tag


def _around(tag: Tag) -> Span:
    return Span(tag.opening.start, tag.closing.end if tag.closing else tag.opening.end)
