"""Reading and writing in a database: one transaction at a time, and failures in plain sentences."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.store.database import told
from weekly_translate.store.rows import storable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.store.database import Database, Row


class Transactions:
    """A database and the file it is in, which the sentences name."""

    def __init__(self, database: Database, path: Path | None) -> None:
        self.database = database
        self.path = path
        self._data_version = 0

    def rows(self, query: str, *values: str | int) -> list[Row]:
        """What a query finds."""
        with told(self.path):
            return self.database.execute(query, values).fetchall()

    def changed_elsewhere(self) -> bool:
        """Whether another connection has written since this was last asked."""
        before = self._data_version
        ((self._data_version,),) = self.rows("PRAGMA data_version")
        return before != self._data_version

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction that waits for its turn at its beginning: later SQLite would not wait."""
        with told(self.path), self.database:
            self.database.execute("BEGIN IMMEDIATE")
            yield self.database

    def name_of(self, path: Path) -> str:
        """A file from the memory's folder on: a project that moves still knows its files."""
        whole = os.path.realpath(path)
        try:
            name = os.path.relpath(whole, self._folder) if self.path else whole
        except ValueError:  # another drive
            name = whole
        return storable(name.replace(os.sep, "/"))

    def path_of(self, name: str) -> Path:
        """The file of such a name."""
        return Path(os.path.normpath(Path(self._folder, name)))

    @property
    def _folder(self) -> str:
        return os.path.realpath(self.path.parent) if self.path else ""
