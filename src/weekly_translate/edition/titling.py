"""The title by its template; with `{title}` in it, only these words are left to translate."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import has_han
from weekly_translate.edition.identity import words_of
from weekly_translate.edition.seams import HOLE
from weekly_translate.edition.templates import filled
from weekly_translate.model import Kind, Span
from weekly_translate.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.edition.outcomes import Title
    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document, Segment

_HEADING_MARK = re.compile(r"\A#{1,6}[ \t]+")


class Titled(NamedTuple):
    """The title's new text, the segment of its words, and the words as they are where no model is needed."""

    text: str
    segment: Segment | None = None
    """Cut down to the words; takes the place of the segment with its id."""
    words: str = ""
    """The Markdown of the words."""


def titled(document: Document, edition: Edition, title: Title | None, values: Mapping[str, str]) -> Titled:
    """What stands in place of a title, with a hole for the words of the source."""
    text = filled(edition.title, {**values, "title": HOLE})
    if title is None or HOLE not in text:
        return Titled(text.replace(HOLE, ""))
    words = words_of(title, document.text)
    around = (one for one in document.segments if _holds(one.span, title.words))
    segment = next((one for one in around if one.kind in (Kind.META, Kind.HEADING)), None)
    if segment is None or not has_han(words):
        return Titled(text.replace(HOLE, words), words=words)
    cut = _cut(segment, title, words, edition.issue)
    return Titled(text, cut, "" if segment.kind is Kind.META else words)


def in_front_matter(
    document: Document, titled_: Titled, title: Title
) -> tuple[dict[Span, str], dict[str, str], Segment | None]:
    """The title in a front matter that is kept: fixed texts, settled segments, the segment that is left."""
    text = _HEADING_MARK.sub("", titled_.text)
    whole = next((one for one in document.segments if one.span == title.whole), None)
    if HOLE not in text or whole is None or titled_.segment is None:
        if whole is None:
            return {title.whole: text}, {}, None
        return {}, {whole.id: text}, None
    quote = '"' if whole.quotes == "plain" else whole.quotes
    before, after = (_escaped(part, quote) for part in text.split(HOLE, 1))
    added = quote if whole.quotes == "plain" else ""
    fixed = {
        Span(title.whole.start, title.words.start): added + before,
        Span(title.words.end, title.whole.end): after + added,
    }
    return fixed, {}, replace(titled_.segment, kind=Kind.META, quotes=quote)


def _cut(segment: Segment, title: Title, words: str, issue: re.Pattern[str] | None) -> Segment:
    """The segment of the title without what the template says: the name of the newsletter, the number."""
    match = issue.search(segment.text) if issue else None
    text = match["title"] if match and "title" in match.groupdict() else segment.text
    names = {token.name for token in tokens_of(text)}
    tags = tuple(tag for tag in segment.tags if tag.name in names)
    kind = Kind.HEADING
    return replace(segment, kind=kind, span=title.words, text=text or words, tags=tags, quotes="")


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _escaped(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", "''")
    return text.replace("\\", "\\\\").replace('"', '\\"')
