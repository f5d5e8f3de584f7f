"""Two lines read as one, where a translation joined them or cut one in two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.comparison.lines import Shape

if TYPE_CHECKING:
    from weekly_translate.comparison.lines import Line

_CAN_MERGE = (Shape.TEXT, Shape.TITLE)


def merged(first: Line, second: Line) -> Line | None:
    """What both lines hold, as one line; None where no translator would join them."""
    if first.shape not in _CAN_MERGE or first.shape is not second.shape:
        return None
    return replace(
        first,
        end=second.end,
        words=f"{first.words} {second.words}",
        segments=first.segments + second.segments,
        inner=first.inner + second.inner,
        features=first.features + second.features,
        marks=first.marks + second.marks,
        evidence=first.evidence | second.evidence,
    )
