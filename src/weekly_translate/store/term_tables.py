"""Glossaries as CSV and TSV: a row for each entry, lists in one cell, the same bytes every time."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from weekly_translate.errors import InputRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.model import GlossaryEntry

COLUMNS = ("source", "target", "forms", "allowed", "avoid", "kind", "case", "near", "note")
LISTS = frozenset({"forms", "allowed", "avoid", "near"})
BETWEEN = "|"
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


def rows_in_table(text: str, name: str, delimiter: str) -> list[dict[str, object]]:
    """The rows of a table called `name`, each as an entry of a glossary file; empty cells are left out.

    The head names the columns, in any order; without one the first two are `source` and `target`. Raises
    `InputRefusedError`.
    """
    try:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise InputRefusedError(f"{name} is no table: {error}") from error
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "source" not in head:
        return [_entry(dict(zip(COLUMNS[:2], row, strict=False))) for row in rows]
    if unknown := [column for column in head if column and column not in COLUMNS]:
        raise InputRefusedError(
            f"{name}: there is no column {unknown[0]!r}. The columns are {', '.join(COLUMNS)}."
        )
    return [_entry(dict(zip(head, row, strict=False))) for row in rows[1:]]


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
