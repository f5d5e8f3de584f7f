"""Reading and writing in a database: one transaction at a time, and failures in plain sentences."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from weekly_translate.store.database import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weekly_translate.store.database import Database, Row


class Transactions:
    """A database and the file it is in, which the sentences name."""

    def __init__(self, database: Database, path: Path | None) -> None:
        self.database = database
        self.path = path

    def rows(self, query: str, *values: str | int) -> list[Row]:
        """What a query finds."""
        with told(self.path):
            return self.database.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction that waits for its turn at its beginning: later SQLite would not wait."""
        with told(self.path), self.database:
            self.database.execute("BEGIN IMMEDIATE")
            yield self.database
