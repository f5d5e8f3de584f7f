"""The headings that the segments of a document stand under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.model import Kind
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from weekly_translate.model import Document


def sections_of(document: Document) -> dict[str, str]:
    """The words of the heading that each segment stands under, by its id; a heading stands under itself."""
    sections = {}
    section = ""
    for segment in document.segments:
        if segment.kind is Kind.HEADING:
            section = without_tags(segment.text)
        sections[segment.id] = section
    return sections
