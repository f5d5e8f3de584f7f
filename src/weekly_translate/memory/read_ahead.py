"""What a server holds about the texts of a run, read ahead, so that it is not asked once for each of them.

The copy is a memory in this process, and the same statements look things up in it. What this run writes is
written there as well; what other runs write is taken over whenever this one claims something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from weekly_translate.memory.database import TABLES
from weekly_translate.memory.sqlite import open_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from weekly_translate.memory.database import Row, Value

_ABOUT = {
    "entries": ("source", "link", "template"),
    **dict.fromkeys(("attempts", "dismissals", "doubts", "proofreadings"), ("source",)),
    **dict.fromkeys(("rejections", "settlements"), ("source",)),
}
"""The tables that are copied, and the columns that say what their rows are about."""
_FOLLOWED = ("entries", "proofreadings", "settlements", "doubts")
"""Those of which new rows of other runs are taken over: without them, a text would be asked or read twice."""
_OWN_NUMBERS = {"id", "rowid"}
_NEWEST = ", ".join(
    f"(SELECT coalesce(max({TABLES[name]}), 0) FROM {name})"  # noqa: S608 - our names
    for name in _FOLLOWED
)
_STATE = f"SELECT writes, {_NEWEST} FROM memory_state"  # noqa: S608 - our names
_WRITTEN = re.compile(r"(?:INSERT INTO|DELETE FROM|UPDATE) (\w+)")


class Send(Protocol):
    """Asks the server."""

    def __call__(self, query: str, *values: Value | list[str]) -> list[Row]:
        """What a query finds."""
        ...


class ReadAhead:
    """The copy of one connection."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._copy = open_file(None, timeout=1)
        self._subjects: set[str] = set()
        ((self._writes, *newest),) = send(_STATE)
        self._newest = dict(zip(_FOLLOWED, newest, strict=True))

    def knows(self, subject: str) -> bool:
        """Whether all about a text or an address is here."""
        return subject in self._subjects

    def rows(self, query: str, *values: Value) -> list[Row]:
        """What a query about known subjects finds."""
        return self._copy.rows(query, *values)

    def read(self, subjects: Collection[str]) -> None:
        """Read what the server holds about more texts, addresses and patterns."""
        new = sorted(set(subjects) - self._subjects - {""})
        if not new:
            return
        for table, columns in _ABOUT.items():
            wanted = " OR ".join(f"{column} = ANY(?)" for column in columns)
            query = f"SELECT * FROM {table} WHERE {wanted} ORDER BY {TABLES[table]}"  # noqa: S608 - our names
            self._take(table, self._send(query, *[new] * len(columns)))
        self._subjects.update(new)

    def follow(self) -> None:
        """Take over what other runs have written since."""
        ((writes,),) = self._send("SELECT writes FROM memory_state")
        if writes != self._writes:
            for table, newest in self._newest.items():
                order = TABLES[table]
                query = f"SELECT * FROM {table} WHERE {order} > ? ORDER BY {order}"  # noqa: S608 - our names
                if rows := self._send(query, newest):
                    self._take(table, rows)
                    self._newest[table] = rows[-1][order]
            self._writes = writes

    def written(self, writes: int, statements: Sequence[tuple[str, Sequence[Value]]]) -> None:
        """This run has committed these, and `writes` counts the transactions of all runs."""
        if writes == self._writes + 1:
            self._writes = writes
        ours = [(statement, values) for statement, values in statements if _is_copied(statement)]

        def change() -> None:
            for statement, values in ours:
                self._copy.execute(statement, *values)

        if ours:
            self._copy.transaction(change)

    def close(self) -> None:
        """Forget it."""
        self._copy.close()

    def _take(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        columns = [name for name in list(rows[0].keys()) if name not in _OWN_NUMBERS]
        places = ", ".join("?" * len(columns))
        statement = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our names
        values = [[row[name] for name in columns] for row in rows]
        self._copy.transaction(lambda: self._copy.execute_all(statement, values))


def _is_copied(statement: str) -> bool:
    found = _WRITTEN.match(statement)
    return found is not None and found[1] in _ABOUT
