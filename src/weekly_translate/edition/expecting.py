"""What the English has to hold, reckoned from the source and the edition and not from what was assembled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.edition.urls import ADDRESSED, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from weekly_translate.edition.seams import Seam
    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Feature


def expected_features(
    features: Iterable[Feature],
    covered: Collection[int],
    seams: Iterable[Seam],
    edition: Edition,
    features_in: Callable[[str], tuple[Feature, ...]],
) -> tuple[Feature, ...]:
    """In output order: features of lines that stay, with their new addresses, and those of the new texts."""
    kept = [(2 * one.line, _rewritten(one, edition)) for one in features if one.line not in covered]
    added = [
        (2 * seam.after + 1, replace(feature, line=max(seam.after, 1)))
        for seam in seams
        for feature in features_in(seam.text)
    ]
    return tuple(feature for _, feature in sorted([*kept, *added], key=lambda entry: entry[0]))


def _rewritten(feature: Feature, edition: Edition) -> Feature:
    if feature.kind not in ADDRESSED or feature.span is None:
        return feature
    return replace(feature, value=moved(feature.value, edition.urls))
