"""What is said about texts: by second readers, by translators, by people."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from weekly_translate.memory.database import Part, as_stored, in_one_transaction
from weekly_translate.model import (
    UNASKED,
    ErrorCategory,
    ErrorSeverity,
    MeaningError,
    Proofreading,
    Settlement,
    SourceDoubt,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from weekly_translate.memory.database import Row
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
_OF_TEXT = "SELECT * FROM settlements WHERE source = ? AND target = ? ORDER BY who DESC, created DESC"
_ALL = "SELECT * FROM settlements ORDER BY who, created"
_SETTLE = """INSERT INTO settlements (source, target, who, checks, reason, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
_FORGET = "DELETE FROM settlements WHERE source = ? AND target = ? AND who = ?"
_DOUBT = "INSERT INTO doubts (source, doubts, translator, created) VALUES (?, ?, ?, ?)"
_DOUBTED = """SELECT doubts FROM doubts WHERE source = ?
    AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.source = doubts.source AND status >= ?)"""


class Proofreadings(Part):
    """What second readers have said, in one open memory."""

    def find(self, key: str, source: str) -> Proofreading | None:
        """The verdict under a key, without the errors that a person has dismissed."""
        query = "SELECT * FROM proofreadings WHERE key = ?"
        return self._said(self.database.looked_up(as_stored(source), query, key))

    def of(self, source: str, target: str) -> Proofreading | None:
        """What the last reader of these texts has said, without what a person has dismissed."""
        source = as_stored(source)
        return self._said(self.database.looked_up(source, _LAST, source, as_stored(target)))

    def _said(self, rows: Iterable[Row]) -> Proofreading | None:
        for row in rows:
            gone = self.database.looked_up(row["source"], _DISMISSED, row["source"], row["target"])
            dismissed = {tuple(words) for words in gone}
            errors = (_error_of(said) for said in json.loads(row["errors"]))
            left = tuple(one for one in errors if _words(one) not in dismissed)
            return Proofreading(left, row["dropped"])
        return None

    @in_one_transaction
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
        self.database.execute_all(_STORE, rows)
        self.database.execute_all(_ASK, asked_about)

    def _was_wrong(self, source: str, target: str) -> bool:
        """Whether another translation of this source had a serious error."""
        others = self.database.rows(_OTHERS, source, target)
        return any(_error_of(said).is_serious for row in others for said in json.loads(row["errors"]))

    def preferred(self, key: str) -> str | None:
        """Which of two translations a judge has called better, if it was asked."""
        rows = self.database.rows("SELECT better FROM preferences WHERE key = ?", key)
        return str(rows[0]["better"]) if rows else None

    @in_one_transaction
    def prefer(self, better: Mapping[str, str], judge: str) -> None:
        """Keep what a judge has said, by the keys of the questions."""
        rows = [(key, one, as_stored(judge), self._now()) for key, one in better.items()]
        self.database.execute_all(_PREFER, rows)

    @in_one_transaction
    def doubt(self, source: str, doubts: Collection[SourceDoubt], translator: str) -> None:
        """Keep what a translator takes for slips of a source."""
        told = json.dumps([[as_stored(words), as_stored(why)] for words, why in doubts])
        self.database.execute("DELETE FROM doubts WHERE source = ?", as_stored(source))
        self.database.execute(_DOUBT, as_stored(source), told, as_stored(translator), self._now())

    def doubts_about(self, source: str) -> tuple[SourceDoubt, ...]:
        """The same, until a person has decided about a translation of it."""
        source = as_stored(source)
        rows = self.database.looked_up(source, _DOUBTED, source, Status.EDITED)
        return tuple(SourceDoubt(*said) for row in rows for said in json.loads(row["doubts"]))

    def dismiss(
        self, source: str, target: str, errors: Iterable[MeaningError], *, reason: str, who: str
    ) -> None:
        """A person has looked at these and wants the text as it is: no reader is heard on them again."""
        texts, said = (as_stored(source), as_stored(target)), (as_stored(reason), as_stored(who), self._now())
        rows = [(*texts, *_words(error), *said) for error in errors]
        self.database.transaction(lambda: self.database.execute_all(_DISMISS, rows))

    def last_dismissed(self, source: str, target: str) -> str:
        """When a person has last dismissed something about a translation; empty if nobody has."""
        ((when,),) = self.database.rows(_LAST_DISMISSED, as_stored(source), as_stored(target))
        return str(when)

    def hear_again(self, source: str, target: str) -> None:
        """Take the last dismissal back."""
        texts = as_stored(source), as_stored(target)
        last = self.last_dismissed(*texts)
        self.database.transaction(lambda: self.database.execute_all(_HEAR_AGAIN, [(*texts, last)]))


def _words(error: MeaningError) -> tuple[str, str]:
    return as_stored(error.source), as_stored(error.target)


def _error_of(said: dict[str, str]) -> MeaningError:
    category, severity = ErrorCategory(said["category"]), ErrorSeverity(said["severity"])
    return MeaningError(said["source"], said["target"], category, severity, said["correction"])


class Settlements(Part):
    """The settlements of a memory. A text is its source and its target, whatever asks for it."""

    def of(self, source: str, target: str) -> Settlement | None:
        """What is settled about a text; a person's word counts before the model's."""
        source = as_stored(source)
        rows = self.database.looked_up(source, _OF_TEXT, source, as_stored(target))
        return _settlement_in(rows[0]) if rows else None

    def all(self) -> dict[tuple[str, str], Settlement]:
        """All of them, by source and target."""
        rows = self.database.rows(_ALL)
        return {(row["source"], row["target"]): _settlement_in(row) for row in rows}

    def stand_by(self, source: str, target: str, checks: Iterable[str]) -> None:
        """The model was asked about these doubts, and stands by its text."""
        self.settle(source, target, Settlement(frozenset(checks)))

    def accept(self, source: str, target: str, *, who: str, reason: str) -> None:
        """A person accepts the text, whatever the checks say."""
        self.settle(source, target, Settlement(who=who, reason=reason))

    @in_one_transaction
    def settle(self, source: str, target: str, said: Settlement) -> None:
        """Store it in place of what the same person, or the model, has said about the text before."""
        self.forget(source, target, said.who)
        texts = (source, target, said.who, " ".join(sorted(said.checks)), said.reason, self._now())
        self.database.execute(_SETTLE, *map(as_stored, texts))

    @in_one_transaction
    def forget(self, source: str, target: str, who: str) -> None:
        """What a person has accepted is undone; nothing else is."""
        self.database.execute(_FORGET, *map(as_stored, (source, target, who)))


def _settlement_in(row: Row) -> Settlement:
    return Settlement(frozenset(row["checks"].split()), row["who"], row["reason"])
