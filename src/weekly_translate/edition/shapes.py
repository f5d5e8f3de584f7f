"""Which edition a document is for: the one whose shape it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.errors import UsageError
from weekly_translate.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.edition.values import Edition


def fits(edition: Edition, text: str) -> bool:
    """Whether each pattern of the shape is found in a line, and none of those that must not be."""
    lines = lines_of(text)
    return (
        bool(edition.shape)
        and all(any(pattern.search(line) for line in lines) for pattern in edition.shape)
        and not any(pattern.search(line) for pattern in edition.lacks for line in lines)
    )


def chosen(editions: Sequence[Edition], text: str) -> Edition | None:
    """The edition that fits with the most patterns, if any does. Raises `UsageError` where two fit alike."""
    found = [edition for edition in editions if fits(edition, text)]
    most = max((len(edition.shape) for edition in found), default=0)
    best = [edition for edition in found if len(edition.shape) == most]
    if len(best) > 1:
        names = " and ".join(edition.name for edition in best)
        raise UsageError(
            f"The editions {names} fit this document alike. Name one with --edition {best[0].name}, "
            "or add to the 'shape' of one what tells them apart."
        )
    return best[0] if best else None
