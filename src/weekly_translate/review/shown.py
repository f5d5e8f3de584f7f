"""What stands behind a segment: the addresses of its tags, its images, the places of its terms."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import in_half_width
from weekly_translate.model import FeatureKind, Span, TagKind
from weekly_translate.reports.reviewed import ShownImage, ShownTag, ShownTerm
from weekly_translate.tags import tokens_of
from weekly_translate.translation.matcher import folded, inside_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.model import Document, Segment, Term

_KINDS = {
    TagKind.LINK: "link",
    TagKind.STRONG: "bold",
    TagKind.EMPHASIS: "italics",
    TagKind.STRIKE: "strike",
    TagKind.CODE: "code",
    TagKind.MARK: "mark",
}


def tags_by_segment(document: Document) -> dict[str, tuple[ShownTag, ...]]:
    """What each tag of a segment stands for, in the order of the source; only segments that have tags."""
    addresses = _addresses_of(document)
    return {
        segment.id: tuple(_shown_tags(segment, document, addresses))
        for segment in document.segments
        if segment.tags
    }


class _Addresses(NamedTuple):
    """The links of a document: where an address is written, or on which line a reference to one stands."""

    starts: list[int]
    written: list[str]
    referred: Mapping[int, list[str]]

    def inside(self, span: Span) -> str:
        """The first address that is written inside a stretch of the source."""
        place = bisect_left(self.starts, span.start)
        return self.written[place] if place < len(self.starts) and self.starts[place] < span.end else ""


def _addresses_of(document: Document) -> _Addresses:
    links = [feature for feature in document.features if feature.kind is FeatureKind.LINK]
    places = sorted((link.span.start, link.value) for link in links if link.span)
    referred: defaultdict[int, list[str]] = defaultdict(list)
    for link in links:
        if link.span is None:
            referred[link.line].append(link.value)
    return _Addresses([start for start, _ in places], [value for _, value in places], referred)


def _shown_tags(segment: Segment, document: Document, addresses: _Addresses) -> Iterator[ShownTag]:
    referred = iter(addresses.referred.get(segment.line, ()))
    for tag in segment.tags:
        kind = _KINDS[tag.kind]
        if tag.closing is None:
            text = document.text[slice(*tag.opening)]
            yield ShownTag(tag.name, kind, addresses.inside(tag.opening), text)
        elif tag.kind is not TagKind.LINK:
            yield ShownTag(tag.name, kind)
        else:
            whole = Span(tag.opening.start, tag.closing.end)
            yield ShownTag(tag.name, kind, addresses.inside(whole) or next(referred, ""))


def images_by_segment(document: Document) -> dict[str, tuple[ShownImage, ...]]:
    """The images of a document, each with the segment that it stands in or behind: its alt text, if any."""
    starts = [segment.span.start for segment in document.segments]
    lines = [segment.line for segment in document.segments]
    found: defaultdict[str, list[ShownImage]] = defaultdict(list)
    for feature in document.features:
        if feature.kind is FeatureKind.IMAGE:
            span = feature.span
            place = bisect_right(starts, span.start) if span else bisect_right(lines, feature.line)
            if place:
                found[document.segments[place - 1].id].append(ShownImage(feature.value, feature.line))
    return {id_: tuple(images) for id_, images in found.items()}


def shown_terms(segment: Segment, terms: Sequence[Term]) -> tuple[ShownTerm, ...]:
    """The terms of a segment and where they stand in its tagged text; a longer one hides those inside it."""
    prose = _prose_in_place(segment.text)
    taken: list[Span] = []
    spans: dict[str, list[Span]] = {}
    for term in sorted(terms, key=lambda term: -len(term.source)):
        free = [span for span in _places(term, prose) if not any(_overlap(span, one) for one in taken)]
        taken += free
        spans[term.source] = free
    return tuple(
        ShownTerm(term.source, term.target, tuple(spans[term.source]), term.allowed, term.avoid, term.note)
        for term in terms
    )


def _prose_in_place(text: str) -> str:
    """The folded words of a tagged text, with spaces where tags and code stand: offsets stay true."""
    pieces: list[str] = []
    code = ""
    for token in tokens_of(text):
        if token.name:
            pieces.append(" " * len(token.text))
            if "c" in token.name and not token.alone:
                code = "" if token.closes and token.name == code else code or token.name
        else:
            pieces.append(" " * len(token.text) if code else token.text)
    return folded(in_half_width("".join(pieces)))


def _places(term: Term, prose: str) -> Iterator[Span]:
    sought = folded(in_half_width(term.source))
    start = prose.find(sought) if sought else -1
    while start >= 0:
        end = start + len(sought)
        if not inside_word(prose, start) and not inside_word(prose, end):
            yield Span(start, end)
        start = prose.find(sought, end)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
