"""What people decide about translations, and what readers and translators say about texts.

A decision is about a source text, wherever it stands, and is one transaction. The history only grows: it
keeps what the memory held before each decision, and an undo is a line of it as well.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.errors import StorageError
from weekly_translate.memory.database import (
    BY_SOURCE,
    ENTRY,
    FAILURE,
    FORGET_FAILURES,
    UPSERT,
    MemoryPart,
    as_stored,
    in_one_transaction,
    key_of_source,
    never_lost,
    values_of,
)
from weekly_translate.model import (
    UNASKED,
    Decision,
    ErrorCategory,
    ErrorSeverity,
    MeaningError,
    Proofreading,
    Settlement,
    SourceDoubt,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from weekly_translate.memory.database import Database, Row
    from weekly_translate.model import Entry, Kind, Pair


_STATE = "SELECT key, target, status FROM entries WHERE source = ? ORDER BY key"
_LINKS = "SELECT DISTINCT link FROM entries WHERE source = ? AND link <> ''"
_LAST_LINE = "SELECT coalesce(max(id), 0) FROM decisions WHERE source = ?"
_STANDING = """SELECT * FROM decisions WHERE source = ? AND undoes IS NULL
    AND id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL AND source = decisions.source)
    ORDER BY id DESC LIMIT 1"""
_DECIDED = "SELECT * FROM decisions WHERE source = ? ORDER BY id DESC"
_ANSWERED = """SELECT created, origin, 'answered', target FROM entries WHERE source = ? AND status < ?
    UNION SELECT created, origin, 'did not pass', target FROM attempts
        WHERE source = ? AND origin NOT LIKE '%' || ?"""
_DISMISSED = """SELECT DISTINCT created, who, 'dismissed', target, reason FROM dismissals WHERE source = ?"""
_HELD = f"SELECT {ENTRY} FROM entries WHERE source = ? ORDER BY revision"  # noqa: S608 - our names
_DECIDE = """INSERT INTO decisions (id, source, verdict, target, reason, who, created, before, undoes)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM decisions), ?, ?, ?, ?, ?, ?, ?, ?)"""
_FORGET_VOUCHED = "DELETE FROM entries WHERE source = ? AND status >= ?"
_REJECT = """INSERT INTO rejections (source, target, reason, created, decision)
    SELECT DISTINCT source, target, ?, ?, ? FROM entries WHERE source = ?"""
_REJECT_TEXT = "INSERT INTO rejections (source, target, reason, created, decision) VALUES (?, ?, ?, ?, ?)"
_REJECTED_BY = "SELECT target FROM rejections WHERE decision = ?"
_UNDONE = "undone"


class OutdatedError(StorageError):
    """The memory holds something else than what the person saw: nothing was stored."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or "This translation has changed in the meantime: look at the newer one first."
        )


class Vouched(NamedTuple):
    """A translation that a person vouches for: accepted if its status is approved, else edited."""

    entry: Entry
    kind: Kind
    seen: str | None = None
    """The `state` that the person decided on; None where that does not matter."""
    reason: str = ""
    """Why it is accepted whatever the checks say; empty where their findings count."""


class PastText(NamedTuple):
    """A text that a source has had: when, by whom, and what became of it."""

    when: str
    who: str
    what: str
    """`answered`, `did not pass`, `accepted`, `edited`, `rejected`, `dismissed` or `undone`."""
    text: str
    reason: str = ""


class Decisions(MemoryPart):
    """The decisions in one open memory."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        super().__init__(database, now)
        self._settlements = Settlements(database, now)

    def state(self, source: str) -> str:
        """A mark of all that the memory holds for a source: any answer or decision changes it."""
        held = [tuple(row) for row in self.database.rows(_STATE, source)]
        (last,) = self.database.rows(_LAST_LINE, source)
        text = json.dumps([held, last[0]], ensure_ascii=False)
        return blake2b(text.encode(), digest_size=12).hexdigest()

    def links(self, source: str) -> set[str]:
        """The addresses whose titles a source has been: a decision on it is one on them."""
        return {row["link"] for row in self.database.rows(_LINKS, source)}

    def last(self, source: str) -> Decision | None:
        """The decision on a source that an undo would take back."""
        standing = self._standing(source)
        return next(iter(self.database.understood("decisions", standing, _decision_in)), None)

    def history(self, source: str) -> list[PastText]:
        """All that was answered and decided for a source, newest first."""
        decided = self.database.rows(_DECIDED, source)
        before = self.database.understood("decisions", decided, _held_before)
        found = [
            PastText(*row) for row in self.database.rows(_ANSWERED, source, Status.EDITED, source, FAILURE)
        ]
        found += [PastText(*row) for row in self.database.rows(_DISMISSED, source)]
        found += [
            PastText(one["created"], one["origin"], "answered", one["target"])
            for held in before
            for one in held
            if one["status"] < Status.EDITED
        ]
        found += [
            PastText(row["created"], row["who"], row["verdict"], row["target"], row["reason"])
            for row in decided
        ]
        return sorted(dict.fromkeys(found), key=lambda one: one.when, reverse=True)

    @in_one_transaction
    def vouch(self, vouched: Vouched) -> None:
        """Store what a person accepts or has written, in place of what people said before.

        Raises `OutdatedError` when the memory has changed since the person looked.
        """
        self._refuse_outdated(vouched.entry.source, vouched.seen)
        self._store(vouched)

    @in_one_transaction
    def vouch_all(self, many: Sequence[Vouched]) -> int:
        """The same for many, all or none; those that have changed meanwhile are left out. Gives how many."""
        stored = 0
        for vouched in many:
            if vouched.seen in (None, self.state(vouched.entry.source)):
                self._store(vouched)
                stored += 1
        return stored

    @in_one_transaction
    def reject(
        self, source: str, reason: str, *, who: str, target: str | None = None, seen: str | None = None
    ) -> int:
        """Forget all translations of a source, and keep why: the next question for it says so.

        `target` is what the person saw, where that is not in the memory. Gives how many were forgotten.
        Raises `OutdatedError`.
        """
        self._refuse_outdated(source, seen)
        shown = [row["target"] for row in self.database.rows(BY_SOURCE, source, Status.DRAFT)]
        unwanted = [target] if target is not None else shown
        decision = self._note(source, (Verdict.REJECTED, *(unwanted or [""]), reason, who))
        self.database.execute(_REJECT, reason, self._now(), decision, source)
        known = [row["target"] for row in self.database.rows(_REJECTED_BY, decision)]
        if target is not None and as_stored(target) not in known:
            self.database.execute(_REJECT_TEXT, source, target, reason, self._now(), decision)
        self.database.execute(f"{FORGET_FAILURES} source = ?", FAILURE, source)  # the reason is news
        return self.database.execute("DELETE FROM entries WHERE source = ?", source)

    @in_one_transaction
    def undo(self, source: str, *, who: str, seen: str | None = None) -> Decision | None:
        """Take back the last decision on a source: what the memory held before it counts again.

        Gives that decision, None where there is nothing to take back. Raises `OutdatedError`.
        """
        self._refuse_outdated(source, seen)
        standing = self._standing(source)
        for row in standing:
            self._undo(row, who)
        return next(iter(self.database.understood("decisions", standing, _decision_in)), None)

    @in_one_transaction
    def undo_all(self, seen: Mapping[str, str], *, who: str) -> int:
        """The same for many sources, each with its `state`; what has changed is left out. Gives how many."""
        undone = 0
        for source, state in seen.items():
            for row in self._standing(source) if state == self.state(source) else ():
                self._undo(row, who)
                undone += 1
        return undone

    def _undo(self, row: Row, who: str) -> None:
        """Undoing a rejection brings an answer back in place of a newer one; else newer answers stay."""
        self._note(row["source"], (_UNDONE, row["target"], "", who), undoes=row["id"])
        self.database.execute(_FORGET_VOUCHED, row["source"], Status.EDITED)
        if row["verdict"] != Verdict.REJECTED and row["reason"]:
            self._settlements.forget(row["source"], row["target"], row["who"])
        newer = {key for key, *_ in self.database.rows(_STATE, row["source"])}
        (before,) = self.database.understood("decisions", [row], _held_before)
        if row["verdict"] == Verdict.REJECTED:
            self.database.execute_all("DELETE FROM entries WHERE key = ?", [(one["key"],) for one in before])
        else:
            before = [one for one in before if one["key"] not in newer]
        self.database.execute_all(UPSERT, [tuple(one.values()) for one in before])
        self.database.execute("DELETE FROM rejections WHERE decision = ?", row["id"])

    def _store(self, vouched: Vouched) -> None:
        entry = vouched.entry
        source = entry.source
        verdict = Verdict.ACCEPTED if entry.status is Status.APPROVED else Verdict.EDITED
        self._note(source, (verdict, entry.target, vouched.reason, entry.origin))
        if vouched.reason:
            self._settlements.accept(source, entry.target, who=entry.origin, reason=vouched.reason)
        self.database.execute(_FORGET_VOUCHED, source, Status.EDITED)
        key = key_of_source(source, entry.link)
        self.database.execute(UPSERT, *values_of(key, entry, vouched.kind, now=self._now()))

    def _note(self, source: str, texts: tuple[str, ...], *, undoes: int | None = None) -> int:
        """A line of the history: `texts` are verdict, target, reason and person. Gives its number."""
        held = [tuple(row) for row in self.database.rows(_HELD, source)]
        before = json.dumps(held, ensure_ascii=False)
        self.database.execute(_DECIDE, source, *texts, self._now(), before, undoes)
        return int(self.database.rows(_LAST_LINE, source)[0][0])

    def _standing(self, source: str) -> list[Row]:
        """The decision that counts, if there is one."""
        return self.database.rows(_STANDING, source)

    def _refuse_outdated(self, source: str, seen: str | None) -> None:
        if seen is not None and seen != self.state(source):
            raise OutdatedError


def _decision_in(row: Row) -> Decision:
    return Decision(Verdict(row["verdict"]), row["who"], row["created"], row["reason"])


def _held_before(row: Row) -> list[dict[str, Any]]:
    """What the memory held before a decision: entries, by the names of their columns."""
    return [dict(zip(ENTRY.split(", "), one, strict=True)) for one in json.loads(row["before"])]


_STORE = """INSERT INTO proofreadings (key, source, target, reader, errors, dropped, created)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"""
_DISMISS = """INSERT INTO dismissals (source, target, source_words, target_words, reason, who, created)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_ASK = """UPDATE entries SET remark = ? WHERE source = ? AND target = ? AND status = ? AND remark = ''"""
_OTHERS = "SELECT * FROM proofreadings WHERE source = ? AND target <> ?"
_LAST = "SELECT * FROM proofreadings WHERE source = ? AND target = ? ORDER BY rowid DESC LIMIT 1"
_LAST_DISMISSED = "SELECT coalesce(max(created), '') FROM dismissals WHERE source = ? AND target = ?"
_HEAR_AGAIN = "DELETE FROM dismissals WHERE source = ? AND target = ? AND created = ?"
_DISMISSED_WORDS = "SELECT source_words, target_words FROM dismissals WHERE source = ? AND target = ?"
_PREFER = """INSERT INTO preferences (key, better, judge, created) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO NOTHING"""
_OF_TEXT = "SELECT * FROM settlements WHERE source = ? AND target = ? ORDER BY who DESC, created DESC"
_ALL = "SELECT * FROM settlements ORDER BY who, created"
_SETTLE = """INSERT INTO settlements (source, target, who, checks, reason, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
_FORGET = "DELETE FROM settlements WHERE source = ? AND target = ? AND who = ?"
_DOUBT = "INSERT INTO doubts (source, doubts, translator, created) VALUES (?, ?, ?, ?)"
_DOUBTED = """SELECT * FROM doubts WHERE source = ?
    AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.source = doubts.source AND status >= ?)"""


class Proofreadings(MemoryPart):
    """What second readers have said, in one open memory."""

    def find(self, key: str, source: str) -> Proofreading | None:
        """The verdict under a key, without the errors that a person has dismissed."""
        query = "SELECT * FROM proofreadings WHERE key = ?"
        return self._said(self.database.looked_up(source, query, key))

    def of(self, source: str, target: str) -> Proofreading | None:
        """What the last reader of these texts has said, without what a person has dismissed."""
        return self._said(self.database.looked_up(source, _LAST, source, target))

    def _said(self, rows: Sequence[Row]) -> Proofreading | None:
        for row, errors in zip(rows, self.database.understood("proofreadings", rows, errors_in), strict=True):
            gone = self.database.looked_up(row["source"], _DISMISSED_WORDS, row["source"], row["target"])
            dismissed = {tuple(words) for words in gone}
            left = tuple(one for one in errors if _words(one) not in dismissed)
            return Proofreading(left, row["dropped"])
        return None

    @never_lost
    def store(self, verdicts: Mapping[str, tuple[Pair, Proofreading]], reader: str) -> None:
        """Keep verdicts by their keys; `reader` is the engine and model that gave them.

        In the same moment the entries with serious errors become those that the translator is to be asked
        about: a run that is killed behind this forgets none. One that came of such a question stays as it is.
        """
        rows = [
            (
                key,
                pair.segment.text,
                pair.target,
                reader,
                json.dumps([error._asdict() for error in said.errors]),
                said.dropped,
                self._now(),
            )
            for key, (pair, said) in verdicts.items()
        ]
        self.ask_about([(pair.segment.text, pair.target, said.errors) for pair, said in verdicts.values()])
        self.database.execute_all(_STORE, rows)

    @never_lost
    def ask_about(self, said: Collection[tuple[str, str, Sequence[MeaningError]]]) -> None:
        """Have the translator asked about texts with serious errors: each a source, a target, the errors."""
        wrong = [
            (UNASKED, source, target, Status.MACHINE)
            for source, target, errors in said
            if any(error.is_serious for error in errors) and not self._was_wrong(source, target)
        ]
        self.database.execute_all(_ASK, wrong)

    def _was_wrong(self, source: str, target: str) -> bool:
        """Whether another translation of this source had a serious error."""
        said = self.database.read("proofreadings", errors_in, _OTHERS, source, target)
        return any(error.is_serious for errors in said for error in errors)

    def preferred(self, key: str) -> str | None:
        """Which of two translations a judge has called better, if it was asked."""
        rows = self.database.rows("SELECT better FROM preferences WHERE key = ?", key)
        return str(rows[0]["better"]) if rows else None

    @never_lost
    def prefer(self, better: Mapping[str, str], judge: str) -> None:
        """Keep what a judge has said, by the keys of the questions."""
        rows = [(key, one, judge, self._now()) for key, one in better.items()]
        self.database.execute_all(_PREFER, rows)

    @never_lost
    def doubt(self, source: str, doubts: Collection[SourceDoubt], translator: str) -> None:
        """Keep what a translator takes for slips of a source."""
        told = json.dumps([[as_stored(words), as_stored(why)] for words, why in doubts])
        self.database.execute("DELETE FROM doubts WHERE source = ?", source)
        self.database.execute(_DOUBT, source, told, translator, self._now())

    def doubts_about(self, source: str) -> tuple[SourceDoubt, ...]:
        """The same, until a person has decided about a translation of it."""
        rows = self.database.looked_up(source, _DOUBTED, source, Status.EDITED)
        return tuple(doubt for said in self.database.understood("doubts", rows, _doubts_in) for doubt in said)

    def dismiss(
        self, source: str, target: str, errors: Iterable[MeaningError], *, reason: str, who: str
    ) -> None:
        """A person has looked at these and wants the text as it is: no reader is heard on them again."""
        rows = [(source, target, *_words(error), reason, who, self._now()) for error in errors]
        self.database.transaction(lambda: self.database.execute_all(_DISMISS, rows))

    def last_dismissed(self, source: str, target: str) -> str:
        """When a person has last dismissed something about a translation; empty if nobody has."""
        ((when,),) = self.database.rows(_LAST_DISMISSED, source, target)
        return str(when)

    def hear_again(self, source: str, target: str) -> None:
        """Take the last dismissal back."""
        last = self.last_dismissed(source, target)
        self.database.transaction(lambda: self.database.execute(_HEAR_AGAIN, source, target, last))


def _words(error: MeaningError) -> tuple[str, str]:
    return as_stored(error.source), as_stored(error.target)


def errors_in(row: Row) -> tuple[MeaningError, ...]:
    """The errors in a row of `proofreadings`."""
    return tuple(
        MeaningError(
            said["source"],
            said["target"],
            ErrorCategory(said["category"]),
            ErrorSeverity(said["severity"]),
            said["correction"],
        )
        for said in json.loads(row["errors"])
    )


def _doubts_in(row: Row) -> list[SourceDoubt]:
    return [SourceDoubt(*said) for said in json.loads(row["doubts"])]


class Settlements(MemoryPart):
    """The settlements of a memory. A text is its source and its target, whatever asks for it."""

    def of(self, source: str, target: str) -> Settlement | None:
        """What is settled about a text; a person's word counts before the model's."""
        rows = self.database.looked_up(source, _OF_TEXT, source, target)
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

    @never_lost
    def settle(self, source: str, target: str, said: Settlement) -> None:
        """Store it in place of what the same person, or the model, has said about the text before."""
        self.forget(source, target, said.who)
        checks = " ".join(sorted(said.checks))
        self.database.execute(_SETTLE, source, target, said.who, checks, said.reason, self._now())

    @in_one_transaction
    def forget(self, source: str, target: str, who: str) -> None:
        """What a person has accepted is undone; nothing else is."""
        self.database.execute(_FORGET, source, target, who)


def _settlement_in(row: Row) -> Settlement:
    return Settlement(frozenset(row["checks"].split()), row["who"], row["reason"])
