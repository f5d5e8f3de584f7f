"""What lines are called in a message."""

from __future__ import annotations

from weekly_translate.comparison.lines import Line, Shape
from weekly_translate.text.lines import shortened

_LONGEST_SHOWN = 40


def segment_of(line: Line) -> str | None:
    """The id of its first segment, if it has any."""
    return line.segments[0].id if line.segments else None


def named(group: list[Line]) -> str:
    """`item 5 “Flask tips” (lines 20 to 24)`."""
    first, last = group[0], group[-1]
    if first.shape is Shape.HEADING:
        what = "the section" if len(group) > 1 else "the heading"
    elif first.item:
        what = f"item {first.item}"
    elif first.shape is Shape.BARE:
        what = f"the {first.features[0].kind}" if first.features else "the line"
    else:
        what = "the title" if first.shape is Shape.TITLE else "the text"
    words = first.words or (first.features[0].value if first.features else "")
    shown = shortened(" ".join(words.split()), _LONGEST_SHOWN)
    lines = f"line {first.number}" if first is last else f"lines {first.number} to {last.number}"
    return f"{what} “{shown}” ({lines})"
