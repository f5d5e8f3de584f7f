"""Segments for tests: their tags are those of their text."""

from __future__ import annotations

from weekly_translate.model import Kind, Segment, Span, Tag, TagKind
from weekly_translate.text.characters import tokens_of


def segment(text: str, id_: str = "s001", kind: Kind = Kind.TEXT, hint: str = "", group: int = 0) -> Segment:
    """A segment with this tagged text; its spans lead nowhere."""
    return Segment(id_, kind, Span(0, 0), line=1, text=text, tags=_tags_of(text), hint=hint, group=group)


def _tags_of(text: str) -> tuple[Tag, ...]:
    return tuple(
        Tag(
            token.name,
            TagKind(token.name.strip("xyz0123456789")),
            Span(0, 0),
            None if token.alone else Span(0, 0),
        )
        for token in tokens_of(text)
        if token.name and not token.closes
    )
