"""What an alignment is: lines that stand for one another, and lines without a partner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from weekly_translate.comparison.lines import Line


class Match(NamedTuple):
    """Lines that stand for one another; one side is a merged line where two became one."""

    source: tuple[Line, ...]
    target: tuple[Line, ...]
    gain: float = 0.0
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the lines of two documents belong together, each line in one place."""

    matches: tuple[Match, ...]
    """In the order of the source."""
    lost: tuple[Line, ...]
    added: tuple[Line, ...]
