"""HTML as Markdown lets it through: its text, and the attributes that a reader sees."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = lazy_pattern(
    r"""(?P<raw> <!--(?s:.*?)(?:-->|\Z) | <[?!](?:[^>]*)> | <!\[CDATA\[(?s:.*?)(?:\]\]>|\Z)
              | <(?P<verbatim>script|style|pre|textarea|svg|math)\b(?s:.*?)(?:</(?P=verbatim)\s*>|\Z)
              | \{\{[^{}\n]*\}\} | \{%[^%\n]*%\} )
       | (?P<tag></?(?P<name>[A-Za-z][\w.:-]*)(?:[^<>"']|"[^"]*"|'[^']*')*+>)
       | (?P<broken></?[A-Za-z][^<]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_INLINE = frozenset(
    re.split(
        " ",
        "a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong "
        "sub sup tt u var",
    )
)
_SEEN = r"alt|title|placeholder|aria-label"
_SEEN_IN_COMPONENTS = (
    rf"{_SEEN}|label|caption|summary|description|text|heading|subtitle|tooltip|fig-alt|fig-cap"
)
_ATTRIBUTE = lazy_pattern(
    rf"""(?<=[\s{{])(?:{_SEEN})\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.IGNORECASE
)
_ATTRIBUTE_OF_COMPONENT = lazy_pattern(
    rf"""(?<=[\s{{])(?:{_SEEN_IN_COMPONENTS})\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""",
    re.IGNORECASE,
)
_BOXES = "admonition|alert|button|callout|collapse|details|expand|hint|notice|quote|tab"
_SHORTCODE = lazy_pattern(rf"\{{\{{[<%][ ]*(?:{_BOXES})[ ]")
"""One whose arguments without a name are words: `{{% notice tip "Title" %}}`."""
_ARGUMENT = lazy_pattern(
    rf"""(?<=[ ])(?:(?:{_SEEN_IN_COMPONENTS})=)?(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)')(?=[ ])"""
)
_MOST_OPEN = 20
"""A closing tag belongs to one of so many tags before it."""
_IS_HTML = lazy_pattern(r"</?[a-z]")


class HtmlPart(NamedTuple):
    """A tag (with its `name`), what is kept whole (`raw`), or text between them."""

    kind: str
    span: Span
    name: str = ""
    closes: bool = False

    @property
    def is_inline(self) -> bool:
        """Whether text goes on behind it."""
        return self.kind != "raw" and (self.kind == "text" or self.name in _INLINE)


def parts_of(source: str, span: Span) -> Iterator[HtmlPart]:
    """Tags, texts and what is no text, in order; together they are the whole stretch."""
    position = span.start
    for match in _PART.finditer(source, *span):
        if position < match.start():
            yield HtmlPart("text", Span(position, match.start()))
        closes = match[0].startswith("</")
        yield HtmlPart(
            "tag" if match["tag"] else "raw", Span(*match.span()), (match["name"] or "").lower(), closes
        )
        position = match.end()
    if position < span.end:
        yield HtmlPart("text", Span(position, span.end))


def runs_of(source: str, span: Span) -> Iterator[list[HtmlPart]]:
    """The texts of a block of HTML, each with the inline tags in it; those around it are left out."""
    run: list[HtmlPart] = []
    for part in [*parts_of(source, span), HtmlPart("raw", Span(span.end, span.end))]:
        if part.is_inline:
            run.append(part)
        else:
            if trimmed := _trimmed(run, source):
                yield trimmed
            run = []


def _trimmed(run: list[HtmlPart], source: str) -> list[HtmlPart]:
    """Without blanks, and tags that end before the words or begin after them or are around all of them."""
    words = [n for n, part in enumerate(run) if part.kind == "text" and source[slice(*part.span)].strip()]
    if not words:
        return []
    first, last = words[0], words[-1]
    pairs = pairs_of(run)
    partner = {**pairs, **{closing: opening for opening, closing in pairs.items()}}
    first = min((n for n in range(first) if first <= partner.get(n, -1) <= last), default=first)
    last = max((n for n in range(last + 1, len(run)) if first <= partner.get(n, -1) <= last), default=last)
    kept = run[first : last + 1]
    return [_without_blanks(part, source, n == 0, n == len(kept) - 1) for n, part in enumerate(kept)]


def _without_blanks(part: HtmlPart, source: str, is_first: bool, is_last: bool) -> HtmlPart:  # noqa: FBT001
    if part.kind != "text":
        return part
    text = source[slice(*part.span)]
    start = part.span.start + (len(text) - len(text.lstrip()) if is_first else 0)
    end = part.span.end - (len(text) - len(text.rstrip()) if is_last else 0)
    return part._replace(span=Span(start, end))


def pairs_of(parts: list[HtmlPart]) -> dict[int, int]:
    """The places of opening tags, each with that of its closing tag, properly nested."""
    pairs: dict[int, int] = {}
    open_tags: list[int] = []
    for place, part in enumerate(parts):
        if part.kind == "tag" and not part.closes:
            open_tags.append(place)
        elif part.kind == "tag":
            depth = len(open_tags) - 1
            while depth >= max(0, len(open_tags) - _MOST_OPEN) and parts[open_tags[depth]].name != part.name:
                depth -= 1
            if depth >= max(0, len(open_tags) - _MOST_OPEN):
                pairs[open_tags[depth]] = place
                del open_tags[depth:]
    return pairs


class Attribute(NamedTuple):
    """A value that a reader sees: where it stands, its quotes, and what it says."""

    span: Span
    quotes: str
    text: str


def attributes_in(source: str, span: Span) -> Iterator[Attribute]:
    """The values in a tag, a shortcode or a list of attributes that a reader sees."""
    if _SHORTCODE.match(source, *span):
        pattern = _ARGUMENT
    elif source.find("=", *span) < 0:
        return
    else:
        pattern = _ATTRIBUTE if _IS_HTML.match(source, *span) else _ATTRIBUTE_OF_COMPONENT
    for match in pattern.finditer(source, *span):
        group = match.lastgroup or ""
        place = Span(*match.span(group))
        yield Attribute(place, '"' if group == "double" else "'", unescape(source[slice(*place)]))


def without_texts(source: str, span: Span) -> str:
    """A tag as it is compared: without the values that are translated."""
    pieces, position = [], span.start
    for value in attributes_in(source, span):
        pieces.append(source[position : value.span.start])
        position = value.span.end
    return "".join([*pieces, source[position : span.end]])


def skeleton_of(source: str, span: Span) -> str:
    """The tags of a block of HTML without its texts."""
    return "".join(without_texts(source, part.span) for part in parts_of(source, span) if part.kind != "text")
