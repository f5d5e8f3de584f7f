"""Faults in what a line is and holds: addresses, images, code, emphasis, headings, items, paragraphs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.compare.document_lines import Shape
from weekly_translate.model import FeatureKind, Span, TagKind
from weekly_translate.selftest.sites import Edit, Goal, InjectedFault, fault, injected, inserted
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment, Tag
    from weekly_translate.selftest.sites import InjectablePair, Site

_LETTER = lazy_pattern(r"[A-Za-z0-9]")
_INVENTED_ADDRESS = "https://invented.example/page"


def _addresses(pair: InjectablePair, kind: FeatureKind) -> Iterator[tuple[Site, Span]]:
    """Destinations that stand in brackets, `](here)`, one of each line."""
    for site in pair.sites:
        raw = pair.raw(site)
        for value in dict.fromkeys(site.target.values(kind)):
            at = raw.find(f"]({value})")
            if value and at >= 0 and raw.count(value) == 1 and site.target.values(kind).count(value) == 1:
                start = site.span.start + at + 2
                yield site, Span(start, start + len(value))
                break


def _altered(text: str, random: Random) -> str:
    """One letter or digit is another, behind the name of the host where there is one."""
    after = text.find("/", text.find("//") + 2) if "//" in text else 0
    spots = [match.start() for match in _LETTER.finditer(text, max(0, after))]
    spots = spots or [match.start() for match in _LETTER.finditer(text)]
    spot = random.choice(spots)
    other = "q" if text[spot] in "xX" else "x"
    return text[:spot] + other + text[spot + 1 :]


@fault("URL altered", Goal.CERTAIN, "url.changed")
def address_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """One letter of a link's address is another."""
    for site, span in _addresses(pair, FeatureKind.LINK):
        yield injected(pair, site, span, _altered(pair.text(span), random))


@fault("URL cut", Goal.CERTAIN, "url.changed")
def address_cut(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """The end of an address is lost."""
    for site, span in _addresses(pair, FeatureKind.LINK):
        address = pair.text(span)
        cut = address[: -random.randint(1, 4)].rstrip("/.")
        # The slash behind a site says nothing, and half a bracket would not end the link here.
        if cut != address.rstrip("/") and cut.count("(") == cut.count(")"):
            yield injected(pair, site, span, cut)


@fault("link dropped", Goal.CERTAIN, "url.missing")
def link_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A label without its address."""
    for site, _segment, tag in _pairs(pair, TagKind.LINK):
        words = pair.text(_inside(tag))
        yield injected(pair, site, _around(tag), words)
    for site, span in _addresses(pair, FeatureKind.LINK):
        raw = pair.raw(site)
        opening = raw.find("[")
        label = raw[opening + 1 : span.start - site.span.start - 2]
        if "[" not in label and not site.target.segments[0].tags:
            start = site.span.start + opening
            yield injected(pair, site, Span(start, span.end + 1), label)


@fault("link invented", Goal.CERTAIN, "url.added")
def link_invented(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A link that the source lacks."""
    for site in pair.sites:
        if site.target.segments and site.target.segments[0].kind == "text":
            text = pair.target.text[slice(*site.target.segments[0].span)]
            end = site.target.segments[0].span.start + len(text.rstrip(".!?:"))
            yield inserted(pair, site, end, f" ([more]({_INVENTED_ADDRESS}))", "a link is added")


def _is_alone(pair: InjectablePair, site: Site, address: Span) -> bool:
    return pair.raw(site).startswith("![") and address.end + 1 == site.span.end


@fault("links swapped", Goal.CERTAIN, "seg.swapped")
def links_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """The links of neighboring lines have changed places."""
    text = pair.target.text
    for (site, one), (other, two) in pairwise(_addresses(pair, FeatureKind.LINK)):
        first, second = text[slice(*one)], text[slice(*two)]
        if first != second:
            edits = Edit(one, second), Edit(two, first)
            yield InjectedFault(f"{first} <-> {second}", edits, (site.source.number, other.source.number))


@fault("image altered", Goal.CERTAIN, "url.changed")
def image_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """One letter of an image's address is another."""
    for site, span in _addresses(pair, FeatureKind.IMAGE):
        yield injected(pair, site, span, _altered(pair.text(span), random))


@fault("image dropped", Goal.CERTAIN, "img.missing")
def image_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A line that is nothing but an image is lost."""
    for site, span in _addresses(pair, FeatureKind.IMAGE):
        if _is_alone(pair, site, span):
            yield injected(pair, site, site.span, "")


@fault("image invented", Goal.CERTAIN, "img.added")
def image_invented(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """An image that the source lacks, on a line of its own."""
    for site in pair.sites:
        if site.target.shape == "text":
            yield inserted(pair, site, site.span.end, "\n\n![](https://invented.example/p.png)\n")


@fault("images swapped", Goal.CERTAIN, "img.order")
def images_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """The images of two items have changed places, with their alt texts."""
    text = pair.target.text
    lines = [site for site, span in _addresses(pair, FeatureKind.IMAGE) if _is_alone(pair, site, span)]
    for one, two in pairwise(lines):
        edits = Edit(one.span, text[slice(*two.span)]), Edit(two.span, text[slice(*one.span)])
        yield InjectedFault(
            f"lines {one.target.number} <-> {two.target.number}",
            edits,
            (one.source.number, two.source.number),
        )


@fault("code altered", Goal.CERTAIN, "code.changed")
def code_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """One letter in a code span is another."""
    text = pair.target.text
    for site, _segment, tag in _pairs(pair, TagKind.CODE):
        span = _inside(tag)
        code, whole = text[slice(*span)], text[slice(*_around(tag))]
        if _LETTER.search(code) and site.target.values(FeatureKind.CODE).count(whole) == 1:
            yield injected(pair, site, span, _altered(code, random))


@fault("code unmarked", Goal.CERTAIN, "code.missing")
def code_unmarked(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A code span without its ticks."""
    for site, _segment, tag in _pairs(pair, TagKind.CODE):
        code = pair.text(_inside(tag))
        if not re.search(r"[<>*_\[\]\\]", code):
            yield injected(pair, site, _around(tag), code)


@fault("code block altered", Goal.CERTAIN, "code.changed")
def code_block_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """One letter in a code block is another."""
    for site in pair.sites:
        raw = pair.raw(site)
        inner = raw.find("\n") + 1
        if raw.startswith("```") and _LETTER.search(raw[inner:-3]):
            span = Span(site.span.start + inner, site.span.end - 3)
            yield injected(pair, site, span, _altered(pair.text(span), random))


@fault("emphasis dropped", Goal.CERTAIN, "tag.missing")
def emphasis_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Bold words that are bold no longer."""
    for kind in (TagKind.STRONG, TagKind.EMPHASIS):
        for site, segment, tag in _pairs(pair, kind):
            words = pair.text(_inside(tag))
            in_source = any(other.kind is kind for one in site.source.segments for other in one.tags)
            if segment.span.start < tag.opening.start and in_source:
                yield injected(pair, site, _around(tag), words)


def _pairs(pair: InjectablePair, kind: TagKind) -> Iterator[tuple[Site, Segment, Tag]]:
    """The tags of a kind that stand around words."""
    for site in pair.sites:
        for segment in site.target.segments:
            for tag in segment.tags:
                if tag.kind is kind and tag.closing and tag.opening.end < tag.closing.start:
                    yield site, segment, tag


def _inside(tag: Tag) -> Span:
    return Span(tag.opening.end, tag.closing.start if tag.closing else tag.opening.end)


def _around(tag: Tag) -> Span:
    return Span(tag.opening.start, tag.closing.end if tag.closing else tag.opening.end)


# --------------------------------------------------------------------------- headings, items, paragraphs

_NUMBER = lazy_pattern(r"\(?(\d{1,3})[.)、]")
_HEADING = lazy_pattern(r"(#{1,6}) ")
_EMOJI = lazy_pattern("[\U0001f300-\U0001faff]")
"""One character each: what stands in its place is one, too."""
_INVENTED_PARAGRAPH = "Thank you for reading; see you all in the next issue, and have a nice week."


@fault("heading level changed", Goal.CERTAIN, "md.heading-level")
def heading_level_changed(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A heading of another level."""
    for site, match in _matching(pair, _HEADING):
        if len(match[1]) < 6:
            yield inserted(pair, site, site.span.start, "#", f"{match[1]} -> #{match[1]}")


@fault("heading unmarked", Goal.CERTAIN, "md.heading-level")
def heading_unmarked(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A heading that is a paragraph now."""
    for site, match in _matching(pair, _HEADING):
        yield injected(pair, site, Span(site.span.start, site.span.start + match.end()), "")


@fault("heading dropped", Goal.CERTAIN, "md.heading-level")
def heading_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A heading that is lost with its words."""
    for site, _match in _matching(pair, _HEADING):
        yield injected(pair, site, site.span, "")


@fault("heading emoji changed", Goal.CERTAIN, "emoji.heading")
def heading_emoji_changed(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another animal."""
    for site, _match in _matching(pair, _HEADING):
        for match in _EMOJI.finditer(pair.raw(site)):
            start = site.span.start + match.start()
            other = random.choice([sign for sign in "🐴🐙🎈" if sign != match[0]])
            yield injected(pair, site, Span(start, start + 1), other)


@fault("emoji dropped", Goal.CERTAIN, "emoji.body")
def emoji_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """An emoji of the running text is lost."""
    for site in pair.sites:
        if site.target.shape is not Shape.HEADING:
            for match in _EMOJI.finditer(pair.raw(site)):
                start = site.span.start + match.start()
                yield injected(pair, site, Span(start, start + 1), "")


@fault("item number changed", Goal.CERTAIN, "md.item-number")
def item_number_changed(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """The number of an item is another."""
    for site, match in _matching(pair, _NUMBER):
        if site.target.item:
            start = site.span.start + match.start(1)
            other = str(int(match[1]) + random.choice((1, 3, 10)))
            yield injected(pair, site, Span(start, start + len(match[1])), other)


@fault("item dropped", Goal.CERTAIN, "seg.missing")
def item_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """An item is lost, from its title to its last line."""
    for lines in _items(pair):
        span = Span(lines[0].span.start, lines[-1].span.end)
        numbers = tuple(site.source.number for site in lines)
        yield InjectedFault(pair.raw(lines[0])[:50], (Edit(span, ""),), numbers)


@fault("items swapped", Goal.CERTAIN, "seg.swapped")
def items_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Two neighboring items have changed places; the numbers stay where they are."""
    for one, two in pairwise(_items(pair)):
        if any(pair.raw(item[0]).startswith("![") for item in (one, two)):
            continue  # its number stands behind an image and would move with it
        # Two titles without a text may share nothing that a translation keeps: nobody could tell.
        if 0 < two[0].target.number - one[-1].target.end <= 2 and len(one) > 1 and len(two) > 1:
            first, second = (_without_number(pair, lines) for lines in (one, two))
            numbers = tuple(site.source.number for site in (*one, *two))
            edits = (Edit(first, pair.text(second)), Edit(second, pair.text(first)))
            yield InjectedFault(f"{pair.text(first)[:30]} <-> {pair.text(second)[:30]}", edits, numbers)


@fault("paragraph dropped", Goal.CERTAIN, "seg.missing")
def paragraph_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """The text of an item is lost, its title is there."""
    for site in _texts(pair):
        yield injected(pair, site, site.span, "")


@fault("paragraph invented", Goal.CERTAIN, "seg.extra")
def paragraph_invented(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A paragraph that the source lacks."""
    for site in _texts(pair):
        yield inserted(pair, site, site.span.end, f"\n\n{_INVENTED_PARAGRAPH}")


@fault("paragraphs merged", Goal.CERTAIN, "md.skeleton")
def paragraphs_merged(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A paragraph goes on where the next one should begin."""
    for one, two in pairwise(pair.sites):
        close = two.target.number - one.target.end == two.source.number - one.source.end == 2
        texts = one.target.shape is two.target.shape is Shape.TEXT and not two.target.item
        # The definition of a footnote is none any more in the middle of a line: that is another fault.
        if close and texts and not pair.raw(two).startswith("[^"):
            lines = one.source.number, two.source.number
            yield InjectedFault("paragraphs merged", (Edit(Span(one.span.end, two.span.start), " "),), lines)


def _without_number(pair: InjectablePair, lines: list[Site]) -> Span:
    match = _NUMBER.match(pair.raw(lines[0]))
    space = match.end() + (pair.raw(lines[0])[match.end() :][:1] == " ") if match else 0
    return Span(lines[0].span.start + space, lines[-1].span.end)


def _items(pair: InjectablePair) -> Iterator[list[Site]]:
    """The items of which every line is good, each with the lines up to the next item or heading."""
    known = {site.target.number: site for site in pair.sites}
    item: list[Site] | None = None
    for line in pair.lines:
        if line.item or line.shape in (Shape.HEADING, Shape.TITLE):
            if item:
                yield item
            item = [] if line.item else None
        if item is not None:
            item = [*item, known[line.number]] if line.number in known else None


def _texts(pair: InjectablePair) -> Iterator[Site]:
    """Paragraphs between blank lines."""
    text = pair.target.text
    for site in pair.sites:
        apart = text[: site.span.start].endswith("\n\n") and text[site.span.end :].startswith("\n\n")
        if site.target.shape is Shape.TEXT and apart and not site.target.item:
            yield site


def _matching(pair: InjectablePair, pattern: re.Pattern[str]) -> Iterator[tuple[Site, re.Match[str]]]:
    for site in pair.sites:
        if match := pattern.match(pair.raw(site)):
            yield site, match
