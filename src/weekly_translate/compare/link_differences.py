"""What matched lines hold besides words: links, images, code, HTML, alt texts; each difference told once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.checks.document import (
    Differences,
    FeatureGroup,
    differences,
    feature_findings,
    key_of,
)
from weekly_translate.compare.document_lines import LineShape, finding_of
from weekly_translate.compare.learn import alt_texts, names_its_file
from weekly_translate.model import FeatureKind, Severity
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.checks.document import FeatureKey
    from weekly_translate.compare.document_lines import DocumentLine, Match, Pairing
    from weekly_translate.model import Feature, Finding, Segment

_DEFINITION = lazy_pattern(r"\[[^\]]{1,1000}\]:\s{0,9}<?(?P<address>[^\s>]+)")
_LEVELS = (FeatureKind.HEADING, FeatureKind.ITEM)
"""They are compared with the lines themselves."""


def link_differences(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost, added, expected = differences(map(_group, pairing.matches))
    told = {key_of(feature) for line in pairing.lost for feature in line.features}
    told |= {
        (FeatureKind.FOOTNOTE, token.removeprefix("note:"))  # without its text a footnote is no footnote
        for line in pairing.lost
        for token in line.evidence
        if token.startswith("note:")
    }
    told_links = _links_of_lost_definitions(pairing)
    told_links |= {key for key in told if key[0] is FeatureKind.FOOTNOTE}
    lost = [place for place in lost if place.key not in told_links]
    added = [place for place in added if place.key not in told]
    if any(line.shape is LineShape.CELL for line in (*pairing.lost, *pairing.added)):
        # A lost row has been told: that it changes the shape of its table is no second fault.
        lost = [place for place in lost if place.kind is not FeatureKind.TABLE]
        added = [place for place in added if place.kind is not FeatureKind.TABLE]
    return feature_findings(Differences(lost, added, expected))


def _group(match: Match) -> FeatureGroup:
    lines = match.source[0].number, match.target[0].number
    return FeatureGroup(_held(match.source), _held(match.target), lines)


def _held(lines: tuple[DocumentLine, ...]) -> list[Feature]:
    return [feature for line in lines for feature in line.features if feature.kind not in _LEVELS]


def _links_of_lost_definitions(pairing: Pairing) -> set[FeatureKey]:
    """Without its definition a reference is no link: that is told where the definition stood."""
    return {
        key_of(replace(feature, kind=FeatureKind.LINK, value=match["address"]))
        for line in pairing.lost
        for feature in line.features
        if feature.kind is FeatureKind.DEFINITION and (match := _DEFINITION.match(feature.value))
    }


# --------------------------------------------------------------------------- alternative texts


def alt_findings(match: Match, source: str, target: str) -> Iterator[Finding]:
    """An alt text that is lost, invented, or but the name of the file; of images that both lines hold.

    `source` and `target` are the texts of the two documents.
    """
    here, there = dict(alt_texts(match.source, source)), dict(alt_texts(match.target, target))
    images = {address for line in match.target for address in line.values(FeatureKind.IMAGE)}
    for line in match.source:
        for address in line.values(FeatureKind.IMAGE):
            if address in images:
                key = f"alt {address}"
                if message := _fault(key, here.get(key), there.get(key)):
                    yield finding_of(match, "img.alt", message, Severity.WARNING)


def _fault(key: str, before: Segment | None, after: Segment | None) -> str:
    if before and not after:
        return "the alt text of the image is lost"
    if after and not before:
        return "the image has no alt text in the source"
    named = before and after and names_its_file(key, after) and not names_its_file(key, before)
    return "the alt text is the name of the file" if named else ""
