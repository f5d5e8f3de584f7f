"""Headings that have one English rendering, with or without a link, real ones and bold lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.edition.outcomes import Use
from weekly_translate.edition.values import RuleKind
from weekly_translate.model import Kind, MarkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.edition.values import Heading
    from weekly_translate.model import Document, Segment

_KINDS = (Kind.HEADING, Kind.TITLE, Kind.TEXT)


def settled_headings(
    document: Document, headings: Iterable[Heading]
) -> tuple[dict[str, str], tuple[Use, ...]]:
    """The English of each heading that a rule knows, by the id of its segment, and the rules that fired."""
    settled: dict[str, str] = {}
    lines: dict[Heading, list[int]] = {}
    for segment in heading_like(document):
        for heading in headings:
            if match := heading.pattern.fullmatch(segment.text.strip()):
                settled[segment.id] = match.expand(heading.text)
                lines.setdefault(heading, []).append(segment.line)
                break
    uses = (Use(RuleKind.HEADING, rule.pattern.pattern, tuple(at), rule.text) for rule, at in lines.items())
    return settled, tuple(uses)


def heading_like(document: Document) -> Iterator[Segment]:
    """Lines that may be headings: not those of items, and no line with markup inside."""
    items = {mark.line for mark in document.marks if mark.kind is MarkKind.ITEM}
    for segment in document.segments:
        if segment.kind in _KINDS and segment.line not in items and not segment.tags:
            yield segment
