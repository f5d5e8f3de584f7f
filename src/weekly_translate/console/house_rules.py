"""What the edition of a document has done, in the words of a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.edition import RuleKind
from weekly_translate.edition.seams import HOLE
from weekly_translate.reports.edition_uses import ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.edition import Use

_COUNTED = {
    RuleKind.ITEM: ("item number", "item numbers"),
    RuleKind.NOTE: ("language note", "language notes"),
    RuleKind.STARS: ("star count", "star counts"),
    RuleKind.HEADING: ("heading", "headings"),
    RuleKind.ADDRESS: ("URL localized", "URLs localized"),
}
_PLACED = {
    RuleKind.REPLACED: ("block replaced", "blocks replaced"),
    RuleKind.DROPPED: ("block dropped", "blocks dropped"),
}


def uses_in_words(uses: Sequence[Use]) -> str:
    """`title, header, 12 language notes, 2 blocks dropped (lines 61-67, 129-147)`."""
    return ", ".join([*_once(uses), *_counts(uses), *_places(uses)]) or "no rule applies"


def use_in_words(use: Use) -> str:
    """One rule that fired: `dropped sponsors (lines 61-67)`."""
    name = use.rule if use.rule.startswith(use.kind) else f"{use.kind} '{use.rule}'"
    where = f" ({lines_in_words(whole_lines(use))})" if use.lines else ""
    return f"{name}{where}" + (f": {_first_line(use.text)}" if use.text else "")


def lines_in_words(lines: Iterable[int]) -> str:
    """`line 5`, `lines 61-67, 90`."""
    numbers = set(lines)
    return f"{'line' if len(numbers) == 1 else 'lines'} {ranges(numbers)}"


def whole_lines(use: Use) -> Iterable[int]:
    """The lines of a rule; of a block with the blank ones in between."""
    if use.kind in _PLACED and use.lines:
        return range(min(use.lines), max(use.lines) + 1)
    return use.lines


def _once(uses: Sequence[Use]) -> Iterator[str]:
    """What is there once in a document."""
    for kind in RuleKind:
        if kind not in _COUNTED and kind not in _PLACED and any(use.kind is kind for use in uses):
            yield kind.value


def _counts(uses: Sequence[Use]) -> Iterator[str]:
    for kind, (one, many) in _COUNTED.items():
        if number := sum(len(use.lines) for use in uses if use.kind is kind):
            yield f"{number:,} {one if number == 1 else many}"


def _places(uses: Sequence[Use]) -> Iterator[str]:
    for kind, (one, many) in _PLACED.items():
        if blocks := [use for use in uses if use.kind is kind]:
            where = lines_in_words(line for use in blocks for line in whole_lines(use))
            yield f"{len(blocks):,} {one if len(blocks) == 1 else many} ({where})"


def _first_line(text: str) -> str:
    return text.replace(HOLE, "…").strip().partition("\n")[0]
