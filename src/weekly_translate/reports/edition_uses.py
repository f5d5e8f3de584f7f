"""Which rules of an edition fired on a document, and on which lines."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from weekly_translate.reports.columns import aligned, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.reports.reviewed import UsedRule


def uses_as_text(uses: Iterable[UsedRule]) -> str:
    """A table in text: what each rule is about, its name, the lines on which it fired."""
    return table_of(aligned(("", use.kind, _name(use), ranges(use.lines)) for use in uses))


def ranges(numbers: Iterable[int]) -> str:
    """`1-3, 7` for 1, 2, 3 and 7."""
    return ", ".join(_ranges(sorted(set(numbers))))


def _name(use: UsedRule) -> str:
    """Rules of which an edition has only one are called like their kind."""
    return "" if use.rule.startswith(use.kind) else use.rule


def _ranges(numbers: list[int]) -> Iterator[str]:
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"
