"""Entries of a file of allowances that a pair does not need: they may have outlived their purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import selected
from weekly_translate.edition.marks import ADDRESSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.edition.values import Rewrite
    from weekly_translate.model import Document


def unneeded(source: Document, target: Document, allowed: Allowances) -> frozenset[str]:
    """What of the allowances does nothing for a pair, in words that begin with the place in their file."""
    return frozenset(_unneeded(source, target, allowed))


def _unneeded(source: Document, target: Document, allowed: Allowances) -> Iterator[str]:
    sides = ((source, allowed.dropped, "source"), (target, allowed.inserted, "translation"))
    for document, selectors, side in sides:
        for selector in selectors:
            if selector.entry and not selected(document.text, (selector,)):
                yield f"{selector.entry}: nothing in the {side} fits any more"
    needed = set(_needed(source, allowed))
    for rewrite in allowed.urls:
        if rewrite.entry and rewrite not in needed:
            yield f"{rewrite.entry}: no address in the source fits any more"


def _needed(source: Document, allowed: Allowances) -> Iterator[Rewrite]:
    """The first rewrite that fits an address is the one that counts."""
    for feature in source.features:
        if feature.kind in ADDRESSED:
            fitting = (one for one in allowed.urls if one.pattern.search(feature.value))
            yield from [rewrite for rewrite in [next(fitting, None)] if rewrite is not None]
