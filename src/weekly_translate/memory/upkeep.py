"""What is in a memory, what of it nobody needs any more, and how all of it moves to another database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.memory.database import TABLES, as_stored
from weekly_translate.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.memory.database import Database, Row, Value
    from weekly_translate.memory.translation_memory import TranslationMemory

_COUNTS = {
    "titles known by their address": "SELECT count(DISTINCT link) FROM entries WHERE link <> ''",
    "answers that did not pass": "SELECT count(*) FROM attempts WHERE origin NOT LIKE '% failed'",
    "rejected translations": "SELECT count(*) FROM rejections",
}


@dataclass(frozen=True, slots=True)
class Used:
    """What today's sources need: their texts, and the keys under which they would be asked today."""

    sources: frozenset[str]
    keys: frozenset[str]


class Waste(NamedTuple):
    """What can go: keys of entries, and how many old attempts."""

    unused: tuple[str, ...]
    """A machine's answers to texts that no source holds."""
    outdated: tuple[str, ...]
    """A machine's answers to texts that are asked with other prompts or terms today."""
    attempts: int


def statistics(memory: TranslationMemory) -> Iterator[tuple[str, str]]:
    """Rows of a name and a value: entries by status, by origin, when they were made, and the rest."""
    rows = memory.database.rows
    for status in reversed(Status):
        (row,) = rows("SELECT count(*), sum(length(source)) FROM entries WHERE status = ?", status)
        if row[0]:
            yield status.name.lower(), f"{row[0]:,} entries, {row[1]:,} characters"
    for row in rows("SELECT origin, count(*) FROM entries GROUP BY origin ORDER BY 2 DESC, 1 LIMIT 20"):
        yield f"from {row[0] or 'unknown'}", f"{row[1]:,}"
    (row,) = rows("SELECT min(created), max(created) FROM entries")
    if row[0]:
        yield "stored", f"{row[0][:10]} to {row[1][:10]}"
    for name, query in _COUNTS.items():
        (row,) = rows(query)
        if row[0]:
            yield name, f"{row[0]:,}"


def waste_in(memory: TranslationMemory, used: Used | None, *, before: str) -> Waste:
    """What `prune` would remove: without `used` only attempts, older than `before` (ISO 8601)."""
    (row,) = memory.database.rows("SELECT count(*) FROM attempts WHERE created < ?", before)
    if used is None:
        return Waste((), (), int(row[0]))
    sources = {as_stored(source) for source in used.sources}
    stored = [one for one in memory.stored() if one.entry.status <= Status.MACHINE]
    unused = [one for one in stored if one.entry.source not in sources]
    outdated = [one for one in stored if one.entry.source in sources and one.key not in used.keys]
    return Waste(tuple(one.key for one in unused), tuple(one.key for one in outdated), int(row[0]))


def remove(memory: TranslationMemory, waste: Waste, *, before: str) -> None:
    """Remove it, all or none; what a person has vouched for in the meantime stays."""
    gone = [(key, Status.MACHINE) for key in (*waste.unused, *waste.outdated)]

    def change() -> None:
        memory.database.execute_all("DELETE FROM entries WHERE key = ? AND status <= ?", gone)
        memory.database.execute("DELETE FROM attempts WHERE created < ?", before)

    memory.database.transaction(change)


_PATHS = {"outputs": "name", "past_outputs": "name", "batch_requests": "source"}
"""The columns that name files, which each memory does from a folder of its own."""
_NEW = {("attempts", "id"), ("rejections", "id"), ("dismissals", "id"), *((name, "rowid") for name in TABLES)}
"""The numbers that nothing refers to: the other database has its own."""


def copy(origin: Database, to: Database) -> int:
    """Copy all that a memory holds into an empty one, all or nothing, and count the rows.

    Raises `UsageError` where the other one holds something already.
    """
    rows = {
        table: origin.rows(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608 - our names
        for table, order in TABLES.items()
    }

    def change() -> None:
        if any(to.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in TABLES):  # noqa: S608 - our names
            raise UsageError(
                "A memory is copied into an empty one, and this one holds something already: add to it what "
                "`memory export` writes with `memory import`."
            )
        for table, found in rows.items():
            if found:
                names = list(found[0].keys())
                columns = [name for name in names if (table, name) not in _NEW]
                places = ", ".join("?" * len(columns))
                statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our names
                to.execute_all(statement, [_values(row, columns, table, origin, to) for row in found])

    to.transaction(change)
    return sum(map(len, rows.values()))


def _values(row: Row, columns: Sequence[str], table: str, origin: Database, to: Database) -> list[Value]:
    return [
        to.name_of(origin.path_of(row[name])) if name == _PATHS.get(table) else row[name] for name in columns
    ]
