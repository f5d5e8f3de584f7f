"""Which files a season has written and from what, so that a file that a person has edited is recognized.

A file is recorded in two steps: `begin` before it is written, `finish` when it is there. A run that is killed
in between leaves the old or the new text, and both are known as its own.
"""

from __future__ import annotations

import zlib
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Status

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.memory.database import Transactions

_FIND = "SELECT * FROM outputs WHERE name = ?"
_BEGIN = """INSERT INTO outputs (name, begun) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET begun = excluded.begun"""
_FINISH = """UPDATE outputs SET source = ?, made = ?, written = ?, content = ?, begun = '', taken = ''
    WHERE name = ?"""
_TAKE = """INSERT INTO outputs (name, source, taken) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET source = excluded.source, taken = excluded.taken"""
_VOUCHED = "SELECT count(*), max(revision) FROM entries WHERE status >= ?"
_REJECTED = "SELECT count(*), max(id) FROM rejections"


class Written(NamedTuple):
    """What is known about an output. All but `content` are digests (32 hex digits), empty where unknown."""

    source: str
    """Of the source that the file was made from."""
    made: str
    """Of how it was made: engine, data files, what people say about translations."""
    written: str
    """Of the file as it was written ..."""
    content: bytes
    """... and its bytes."""
    begun: str
    """Of what was about to be written when the run ended."""
    taken: str
    """Of a file that a person made or edited, and that is to stay."""


class Outputs:
    """The outputs that one open memory knows. Whatever writes has committed when it returns."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def of(self, path: Path) -> Written | None:
        """What is known about a file."""
        for row in self._transactions.rows(_FIND, self._transactions.name_of(path)):
            content = zlib.decompress(row["content"]) if row["content"] else b""
            return Written(row["source"], row["made"], row["written"], content, row["begun"], row["taken"])
        return None

    def begin(self, path: Path, content: bytes) -> None:
        """These bytes are about to be written."""
        with self._transactions.writing() as database:
            database.execute(_BEGIN, (self._transactions.name_of(path), digest(content)))

    def finish(self, path: Path, content: bytes, *, source: str, made: str) -> None:
        """They have been written. With an empty `source` the file counts as ours, and as out of date."""
        values = (source, made, digest(content), zlib.compress(content), self._transactions.name_of(path))
        with self._transactions.writing() as database:
            database.execute(_FINISH, values)

    def take(self, path: Path, content: bytes, *, source: str) -> None:
        """A person has made these bytes from this source, and they are to stay."""
        with self._transactions.writing() as database:
            database.execute(_TAKE, (self._transactions.name_of(path), source, digest(content)))

    def decisions_revision(self) -> str:
        """A mark of what people say about translations: each edit, approval and rejection changes it."""
        (vouched,) = self._transactions.rows(_VOUCHED, Status.EDITED)
        (rejected,) = self._transactions.rows(_REJECTED)
        return " ".join(str(number or 0) for number in (*vouched, *rejected))


def digest(content: bytes) -> str:
    """32 hex digits."""
    return blake2b(content, digest_size=16).hexdigest()
