"""The lines of a text, which end as Markdown and editors say, not as Python's `splitlines` does; excerpts."""

from __future__ import annotations

import re

LINE_END = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends; line 1 is the first of the list."""
    return LINE_END.split(text)


def line_starts(text: str) -> list[int]:
    """Where each line begins; the first of the list is line 1."""
    return [0, *(end.end() for end in LINE_END.finditer(text))]


def shortened(text: str, most: int = 60) -> str:
    """The text with at most so many characters, the last one an ellipsis if there are more."""
    return text if len(text) <= most else text[: most - 1] + "…"
