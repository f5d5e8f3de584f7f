"""Glossaries as CSV and TSV: a row for each entry, lists in one cell, the same bytes every time."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import InputRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import GlossaryEntry

COLUMNS = ("source", "target", "forms", "allowed", "avoid", "kind", "case", "near", "note")
LISTS = frozenset({"forms", "allowed", "avoid", "near"})
BETWEEN = "|"
_BETWEEN_COLUMNS = {
    ",": "Write a comma between the columns: some spreadsheets export semicolons.",
    "\t": "Write a tab between the columns.",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do."""


def table_of(entries: Iterable[GlossaryEntry], delimiter: str) -> str:
    """The entries as a table with a head."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        term = entry.term
        lists = (f" {BETWEEN} ".join(words) for words in (entry.forms, term.allowed, term.avoid))
        rule = "exact" if term.exact else ""
        near = f" {BETWEEN} ".join(term.near)
        writer.writerow(map(_safe, (term.source, term.target, *lists, term.kind, rule, near, term.note)))
    return out.getvalue()


class TableRows(NamedTuple):
    """The rows of a table, each as an entry of a glossary file, and the lines on which they end."""

    rows: list[dict[str, object]]
    lines: list[int]


def rows_in_table(text: str, name: str, delimiter: str) -> TableRows:
    """The rows of a table called `name`; empty cells are left out.

    The head names the columns, in any order; without one the first two are `source` and `target`. Raises
    `InputRefusedError`.
    """
    try:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
        found = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as error:
        raise InputRefusedError(f"{name}:{reader.line_num}: this is no table: {error}") from error
    if found and all(len(row) == 1 for _, row in found):
        raise InputRefusedError(f"{name}: there is only one column. {_BETWEEN_COLUMNS[delimiter]}")
    head = [cell.strip().lower() for cell in found[0][1]] if found else []
    if "source" not in head:
        return _table(found, COLUMNS[:2], name)
    if unknown := [column for column in head if column and column not in COLUMNS]:
        raise InputRefusedError(
            f"{name}: there is no column {unknown[0]!r}. The columns are {', '.join(COLUMNS)}."
        )
    return _table(found[1:], head, name)


def _table(found: Sequence[tuple[int, list[str]]], head: Sequence[str], name: str) -> TableRows:
    for line, row in found:
        if any(cell.strip() for cell in row[len(head) :]):
            raise InputRefusedError(
                f"{name}:{line}: there are more cells than columns ({', '.join(head)}). "
                "Name all columns in the first line, and quote a cell that holds a separator."
            )
    entries = [_entry(dict(zip(head, row, strict=False))) for _, row in found]
    return TableRows(entries, [line for line, _ in found])


def _entry(cells: dict[str, str]) -> dict[str, object]:
    plain = {column: _plain(cell) for column, cell in cells.items() if column and cell.strip()}
    return {
        column: [part.strip() for part in cell.split(BETWEEN) if part.strip()] if column in LISTS else cell
        for column, cell in plain.items()
    }


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
