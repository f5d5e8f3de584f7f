"""Two documents line by line, without what an allowance takes out of the comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.lines import Line, Shape, lines_of
from weekly_translate.comparison.pairing import paired
from weekly_translate.edition.blocks import selected
from weekly_translate.edition.marks import ADDRESSED
from weekly_translate.model import Feature
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.english_numbers import english_quantities

if TYPE_CHECKING:
    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.comparison.matches import Pairing
    from weekly_translate.model import Document


class Aligned(NamedTuple):
    """The lines of both documents that take part, and how they belong together."""

    source: list[Line]
    target: list[Line]
    pairing: Pairing


def aligned(source: Document, target: Document, allowed: Allowances) -> Aligned:
    """Which line of a document is the translation of which, but for lines that may differ."""
    dropped = selected(source.text, allowed.dropped)
    inserted = selected(target.text, allowed.inserted)
    here = [
        _moved_addresses(line, allowed)
        for line in lines_of(source, chinese_quantities)
        if line.number not in dropped and not (allowed.front_matter and line.shape is Shape.META)
    ]
    there = [line for line in lines_of(target, english_quantities) if line.number not in inserted]
    return Aligned(here, there, paired(here, there))


def _moved_addresses(line: Line, allowed: Allowances) -> Line:
    """The line with the addresses that its translation is expected to hold."""
    if not allowed.urls:
        return line
    features = tuple(
        Feature(feature.kind, allowed.address(feature.value), feature.line)
        if feature.kind in ADDRESSED
        else feature
        for feature in line.features
    )
    evidence = frozenset(
        f"{kind}:{allowed.address(value)}" if kind == "url" else f"{kind}:{value}"
        for kind, _, value in (token.partition(":") for token in line.evidence)
    )
    return replace(line, features=features, evidence=evidence)
