"""How far two item numbers lie apart."""

from __future__ import annotations


def item_distance(source: str, target: str) -> int | None:
    """How far a number is off; None where one side has none, or another sort of number."""
    if source == target:
        return 0
    if source.isdecimal() and target.isdecimal():
        return int(target) - int(source)
    if len(source) == len(target) == 1:
        return ord(target) - ord(source)
    return None
