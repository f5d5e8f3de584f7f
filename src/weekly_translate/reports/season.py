"""A season for a person: what became of each issue, as one line of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.exchange import Usage
from weekly_translate.model import Severity
from weekly_translate.reports.columns import aligned, cells, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.reports.reviewed import UsedRule

_HEAD = ("issue", "segments", "memory", "requests", "cost", "seconds", "findings", "result")
_RIGHT = frozenset(range(1, 7))
"""The columns of numbers."""
_SPARED = ("seconds", "memory", "requests", "segments", "cost")
"""What a narrow terminal does without, in this order; the report has it."""
_ALL_GOOD = " as they should be"


class Ending(StrEnum):
    """What became of an issue, in the words of the table."""

    WRITTEN = "written"
    SAME = "written before, the same again"
    INCOMPLETE = "written, incomplete"
    CURRENT = "up to date"
    TAKEN = "kept as it is"
    HELD = "not written: edited by hand"
    FOREIGN = "not written: another file is there"
    ERRORS = "not written: errors"
    REFUSED = "not translated"
    UNSAVED = "not written: the disk"
    OPEN = "not finished"

    @property
    def is_good(self) -> bool:
        """Whether the file of the issue is as it should be."""
        return self in (Ending.WRITTEN, Ending.SAME, Ending.CURRENT, Ending.TAKEN)

    @property
    def is_written(self) -> bool:
        """Whether the file is what this run has made of the issue."""
        return self in (Ending.WRITTEN, Ending.SAME, Ending.INCOMPLETE)


class Counts(NamedTuple):
    """Where the segments of an issue come from."""

    all: int = 0
    memory: int = 0
    edition: int = 0
    translated: int = 0
    drafts: int = 0
    left: int = 0
    """Those that stay in Chinese."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of one issue."""

    name: str
    source: str
    target: str
    ending: Ending
    why: str = ""
    """A sentence, where the name of the ending does not say it all."""
    signature: str = ""
    edition: str = ""
    counts: Counts = field(default_factory=Counts)
    share: float = 0.0
    """The part of the characters that the memory has served, from 0 to 1."""
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    rules: tuple[UsedRule, ...] = ()
    diff: str = ""
    """What a person has changed in the output."""

    def number_of(self, severity: Severity) -> int:
        """How many findings are of this severity; drafts are counted with the segments."""
        return sum(one.severity is severity and not one.is_of_draft for one in self.findings)


def season_text(accounts: Sequence[Account], *, every_one: bool = True, width: int | None = None) -> str:
    """A table: a line for each issue, and one for all of them where there are several.

    Without `every_one`, what was up to date is only counted. Where the table would have more than `width`
    cells, the columns stand closer together, and then some are left out.
    """
    shown = [one for one in accounts if every_one or one.ending is not Ending.CURRENT]
    rows: list[Sequence[str]] = [_HEAD, *map(_row, shown)]
    if len(shown) > 1:
        rows.append(_total(accounts))
    named = zip(_HEAD, aligned(rows, _RIGHT), strict=True)
    columns = {name: column for name, column in named if any(map(str.strip, column[1:]))}
    tables = list(_ever_narrower(columns)) if shown else [""]
    return next((table for table in tables if width is None or _width(table) <= width), tables[-1])


def _ever_narrower(columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield table_of(columns.values())
    columns = {**columns, "result": [cell.rstrip().removesuffix(_ALL_GOOD) for cell in columns["result"]]}
    yield table_of(columns.values())
    yield table_of(columns.values(), " ")
    for spared in _SPARED:
        columns = {name: column for name, column in columns.items() if name != spared}
        yield table_of(columns.values(), " ")


def _width(table: str) -> int:
    return max(map(cells, table.splitlines()))


def _row(one: Account) -> list[str]:
    name = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in one.name)
    if not one.counts.all:
        return [name, *[""] * len(_RIGHT), one.ending.value]
    numbers = [f"{one.counts.all:,}", f"{one.share:.0%}", f"{one.usage.requests:,}", dollars(one.cost)]
    return [name, *numbers, f"{one.seconds:.0f}", _findings([one]), one.ending.value]


def _total(accounts: Sequence[Account]) -> list[str]:
    counted = [one for one in accounts if one.counts.all]
    usage = sum((one.usage for one in counted), Usage())
    segments = sum(one.counts.all for one in counted)
    good = sum(one.ending.is_good for one in accounts)
    numbers = [f"{segments:,}", "", f"{usage.requests:,}", dollars(total_cost(counted)), ""]
    result = f"{good:,} of {len(accounts):,}{_ALL_GOOD}"
    return ["all", *(numbers if counted else [""] * 5), _findings(counted), result]


def total_cost(accounts: Iterable[Account]) -> Decimal | None:
    """The sum, or None where a price is not known: unknown is not free."""
    costs = [one.cost for one in accounts if one.usage.requests]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal()) if len(known) == len(costs) else None


def dollars(amount: Decimal | None) -> str:
    """An amount for a table; a question mark for an unknown one."""
    return "?" if amount is None else f"${amount:.4f}"


def _findings(accounts: Sequence[Account]) -> str:
    """`2 E 11 W`, or nothing."""
    letters = {Severity.ERROR: "E", Severity.WARNING: "W"}
    numbers = {letter: sum(one.number_of(kind) for one in accounts) for kind, letter in letters.items()}
    return " ".join(f"{number:,} {letter}" for letter, number in numbers.items() if number)
