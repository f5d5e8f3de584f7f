"""What of an issue came through: its translation, counted for the table of a season."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.chinese import has_han
from weekly_translate.edition import RuleKind
from weekly_translate.edition.seams import HOLE
from weekly_translate.markdown import parse
from weekly_translate.model import Severity
from weekly_translate.reports.inventory import Inventory, counts_of
from weekly_translate.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from weekly_translate.model import Document
    from weekly_translate.pipeline.translate import Translation

_TEXTS = (RuleKind.TITLE, RuleKind.HEADER, RuleKind.FOOTER)


def inventory_of(name: str, translation: Translation) -> Inventory:
    """Count the result of an issue. Names of its edition and of the glossary may stay Chinese."""
    choice, _, edited = translation.plan.manuscript
    terms = (term.target for found in translation.plan.terms.values() for term in found)
    names = {*choice.edition.kept, *filter(has_han, terms)}
    result = parse(translation.rendering.text, marks=choice.edition.written)
    severities = [finding.severity for finding in translation.rendering.findings]
    return Inventory(
        name,
        choice.edition.name,
        counts_of(edited.expected, result.features),
        len(set(_chinese_lines(result, names))),
        {use.kind.value: _stands_in(use.text, result.text) for use in edited.uses if use.kind in _TEXTS},
        severities.count(Severity.ERROR),
        severities.count(Severity.WARNING),
    )


def _stands_in(text: str, result: str) -> bool:
    """Whether a text of the edition is there; the title may have a place for its words."""
    return all(part.strip() in result for part in text.split(HOLE))


def _chinese_lines(result: Document, kept: Collection[str]) -> Iterator[int]:
    for segment in result.segments:
        words = prose_of(segment.text)
        for name in sorted(kept, key=len, reverse=True):
            words = words.replace(name, "")
        if has_han(words):
            yield segment.line
