"""What second readers have said of translations, and translators of sources; what a person does not share."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from weekly_translate.memory.database import as_stored
from weekly_translate.model import (
    UNASKED,
    ErrorCategory,
    ErrorSeverity,
    MeaningError,
    Proofreading,
    SourceDoubt,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from weekly_translate.memory.database import Row, Transactions
    from weekly_translate.model import Pair

_STORE = """INSERT INTO proofreadings (key, source, target, reader, errors, dropped, created)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"""
_DISMISS = """INSERT INTO dismissals (source, target, source_words, target_words, reason, who, created)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_ASK = """UPDATE entries SET remark = ? WHERE source = ? AND target = ? AND status = ? AND remark = ''"""
_OTHERS = "SELECT errors FROM proofreadings WHERE source = ? AND target <> ?"
_LAST = "SELECT * FROM proofreadings WHERE source = ? AND target = ? ORDER BY rowid DESC LIMIT 1"
_LAST_DISMISSED = "SELECT coalesce(max(created), '') FROM dismissals WHERE source = ? AND target = ?"
_HEAR_AGAIN = "DELETE FROM dismissals WHERE source = ? AND target = ? AND created = ?"
_DISMISSED = "SELECT source_words, target_words FROM dismissals WHERE source = ? AND target = ?"


_PREFER = """INSERT INTO preferences (key, better, judge, created) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO NOTHING"""
_DOUBT = """INSERT INTO doubts (source, doubts, translator, created) VALUES (?, ?, ?, ?)
    ON CONFLICT (source) DO UPDATE SET
        doubts = excluded.doubts, translator = excluded.translator, created = excluded.created"""
_DOUBTED = """SELECT doubts FROM doubts WHERE source = ?
    AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.source = doubts.source AND status >= ?)"""


class Proofreadings:
    """The verdicts in one open memory. Whatever writes has committed when it returns."""

    def __init__(self, transactions: Transactions, now: Callable[[], str]) -> None:
        self._transactions = transactions
        self._now = now

    def find(self, key: str) -> Proofreading | None:
        """The verdict under a key, without the errors that a person has dismissed."""
        return self._said(self._transactions.rows("SELECT * FROM proofreadings WHERE key = ?", key))

    def of(self, source: str, target: str) -> Proofreading | None:
        """What the last reader of these texts has said, without what a person has dismissed."""
        return self._said(self._transactions.rows(_LAST, as_stored(source), as_stored(target)))

    def _said(self, rows: Iterable[Row]) -> Proofreading | None:
        for row in rows:
            gone = self._transactions.rows(_DISMISSED, row["source"], row["target"])
            dismissed = {tuple(words) for words in gone}
            errors = (_error_of(said) for said in json.loads(row["errors"]))
            left = tuple(one for one in errors if _words(one) not in dismissed)
            return Proofreading(left, row["dropped"])
        return None

    def store(self, verdicts: Mapping[str, tuple[Pair, Proofreading]], reader: str) -> None:
        """Keep verdicts by their keys; `reader` is the engine and model that gave them.

        In the same moment the entries with serious errors become those that the translator is to be asked
        about: a run that is killed behind this forgets none. One that came of such a question stays as it is.
        """
        rows = [
            (
                key,
                as_stored(pair.segment.text),
                as_stored(pair.target),
                as_stored(reader),
                json.dumps([asdict(error) for error in said.errors]),
                said.dropped,
                self._now(),
            )
            for key, (pair, said) in verdicts.items()
        ]
        asked_about = [
            (UNASKED, source, target, Status.MACHINE)
            for (_, source, target, *_), (_, said) in zip(rows, verdicts.values(), strict=True)
            if any(error.is_serious for error in said.errors) and not self._was_wrong(source, target)
        ]
        with self._transactions.writing() as database:
            database.executemany(_STORE, rows)
            database.executemany(_ASK, asked_about)

    def _was_wrong(self, source: str, target: str) -> bool:
        """Whether another translation of this source had a serious error."""
        others = self._transactions.rows(_OTHERS, source, target)
        return any(_error_of(said).is_serious for row in others for said in json.loads(row["errors"]))

    def preferred(self, key: str) -> str | None:
        """Which of two translations a judge has called better, if it was asked."""
        rows = self._transactions.rows("SELECT better FROM preferences WHERE key = ?", key)
        return str(rows[0]["better"]) if rows else None

    def prefer(self, better: Mapping[str, str], judge: str) -> None:
        """Keep what a judge has said, by the keys of the questions."""
        rows = [(key, one, as_stored(judge), self._now()) for key, one in better.items()]
        with self._transactions.writing() as database:
            database.executemany(_PREFER, rows)

    def doubt(self, source: str, doubts: Iterable[SourceDoubt], translator: str) -> None:
        """Keep what a translator takes for slips of a source."""
        told = json.dumps([[as_stored(words), as_stored(why)] for words, why in doubts])
        row = as_stored(source), told, as_stored(translator), self._now()
        with self._transactions.writing() as database:
            database.execute(_DOUBT, row)

    def doubts_about(self, source: str) -> tuple[SourceDoubt, ...]:
        """The same, until a person has decided about a translation of it."""
        rows = self._transactions.rows(_DOUBTED, as_stored(source), Status.EDITED)
        return tuple(SourceDoubt(*said) for row in rows for said in json.loads(row["doubts"]))

    def dismiss(
        self, source: str, target: str, errors: Iterable[MeaningError], *, reason: str, who: str
    ) -> None:
        """A person has looked at these and wants the text as it is: no reader is heard on them again."""
        texts, said = (as_stored(source), as_stored(target)), (as_stored(reason), as_stored(who), self._now())
        with self._transactions.writing() as database:
            database.executemany(_DISMISS, [(*texts, *_words(error), *said) for error in errors])

    def last_dismissed(self, source: str, target: str) -> str:
        """When a person has last dismissed something about a translation; empty if nobody has."""
        ((when,),) = self._transactions.rows(_LAST_DISMISSED, as_stored(source), as_stored(target))
        return str(when)

    def hear_again(self, source: str, target: str) -> None:
        """Take the last dismissal back."""
        texts = as_stored(source), as_stored(target)
        with self._transactions.writing() as database:
            database.execute(_HEAR_AGAIN, (*texts, self.last_dismissed(*texts)))


def _words(error: MeaningError) -> tuple[str, str]:
    return as_stored(error.source), as_stored(error.target)


def _error_of(said: dict[str, str]) -> MeaningError:
    category, severity = ErrorCategory(said["category"]), ErrorSeverity(said["severity"])
    return MeaningError(said["source"], said["target"], category, severity, said["correction"])
