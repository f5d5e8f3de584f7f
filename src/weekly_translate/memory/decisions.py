"""What people decide about translations: each decision is one transaction, and can be taken back.

A decision is about a source text, wherever it stands. The history only grows: it keeps what the memory held
before each decision, and an undo is a line of it as well.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import StorageError
from weekly_translate.memory.database import (
    BY_SOURCE,
    FAILURE,
    FORGET_FAILURES,
    UPSERT,
    Part,
    as_stored,
    in_one_transaction,
    key_of_source,
    values_of,
)
from weekly_translate.memory.verdicts import Settlements
from weekly_translate.model import Decision, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from weekly_translate.memory.database import Database, Row
    from weekly_translate.model import Entry, Kind

_STATE = "SELECT key, target, status FROM entries WHERE source = ? ORDER BY key"
_LINKS = "SELECT DISTINCT link FROM entries WHERE source = ? AND link <> ''"
_LAST_LINE = "SELECT coalesce(max(id), 0) FROM decisions WHERE source = ?"
_STANDING = """SELECT * FROM decisions WHERE source = ? AND undoes IS NULL
    AND id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL AND source = decisions.source)
    ORDER BY id DESC LIMIT 1"""
_DECIDED = "SELECT * FROM decisions WHERE source = ? ORDER BY id DESC"
_ANSWERED = """SELECT created, origin, 'answered', target FROM entries WHERE source = ? AND status < ?
    UNION SELECT created, origin, 'did not pass', target FROM attempts WHERE source = ?"""
_DISMISSED = """SELECT DISTINCT created, who, 'dismissed', target, reason FROM dismissals WHERE source = ?"""
_HELD = """SELECT key, source, target, status, origin, remark, kind, created, context, link, template
    FROM entries WHERE source = ? ORDER BY revision"""
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


class Decisions(Part):
    """The decisions in one open memory."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        super().__init__(database, now)
        self._settlements = Settlements(database, now)

    def state(self, source: str) -> str:
        """A mark of all that the memory holds for a source: any answer or decision changes it."""
        source = as_stored(source)
        held = [tuple(row) for row in self.database.rows(_STATE, source)]
        (last,) = self.database.rows(_LAST_LINE, source)
        text = json.dumps([held, last[0]], ensure_ascii=False)
        return blake2b(text.encode(), digest_size=12).hexdigest()

    def links(self, source: str) -> set[str]:
        """The addresses whose titles a source has been: a decision on it is one on them."""
        return {row["link"] for row in self.database.rows(_LINKS, as_stored(source))}

    def last(self, source: str) -> Decision | None:
        """The decision on a source that an undo would take back."""
        row = self._standing(as_stored(source))
        return None if row is None else _decision_in(row)

    def history(self, source: str) -> list[PastText]:
        """All that was answered and decided for a source, newest first."""
        source = as_stored(source)
        decided = self.database.rows(_DECIDED, source)
        held = (values for row in decided for values in json.loads(row["before"]))
        found = [PastText(*row) for row in self.database.rows(_ANSWERED, source, Status.EDITED, source)]
        found += [PastText(*row) for row in self.database.rows(_DISMISSED, source)]
        found += [
            PastText(when, origin, "answered", target)
            for _, _, target, status, origin, _, _, when, *_ in held
            if status < Status.EDITED
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
        source, reason = as_stored(source), as_stored(reason)
        self._refuse_outdated(source, seen)
        shown = [row["target"] for row in self.database.rows(BY_SOURCE, source, Status.DRAFT)]
        unwanted = [as_stored(target)] if target is not None else shown
        decision = self._note(source, (Verdict.REJECTED, *(unwanted or [""]), reason, as_stored(who)))
        self.database.execute(_REJECT, reason, self._now(), decision, source)
        known = [row["target"] for row in self.database.rows(_REJECTED_BY, decision)]
        if target is not None and as_stored(target) not in known:
            self.database.execute(_REJECT_TEXT, source, as_stored(target), reason, self._now(), decision)
        self.database.execute(f"{FORGET_FAILURES} source = ?", FAILURE, source)  # the reason is news
        return self.database.execute("DELETE FROM entries WHERE source = ?", source)

    @in_one_transaction
    def undo(self, source: str, *, who: str, seen: str | None = None) -> Decision | None:
        """Take back the last decision on a source: what the memory held before it counts again.

        Gives that decision, None where there is nothing to take back. Raises `OutdatedError`.
        """
        source = as_stored(source)
        self._refuse_outdated(source, seen)
        row = self._standing(source)
        if row is None:
            return None
        self._undo(row, who)
        return _decision_in(row)

    @in_one_transaction
    def undo_all(self, seen: Mapping[str, str], *, who: str) -> int:
        """The same for many sources, each with its `state`; what has changed is left out. Gives how many."""
        undone = 0
        for source, state in seen.items():
            row = self._standing(as_stored(source)) if state == self.state(source) else None
            if row is not None:
                self._undo(row, who)
                undone += 1
        return undone

    def _undo(self, row: Row, who: str) -> None:
        """Undoing a rejection brings an answer back in place of a newer one; else newer answers stay."""
        self._note(row["source"], (_UNDONE, row["target"], "", as_stored(who)), undoes=row["id"])
        self.database.execute(_FORGET_VOUCHED, row["source"], Status.EDITED)
        if row["verdict"] != Verdict.REJECTED and row["reason"]:
            self._settlements.forget(row["source"], row["target"], row["who"])
        newer = {key for key, *_ in self.database.rows(_STATE, row["source"])}
        before = json.loads(row["before"])
        if row["verdict"] == Verdict.REJECTED:
            self.database.execute_all("DELETE FROM entries WHERE key = ?", [values[:1] for values in before])
        else:
            before = [values for values in before if values[0] not in newer]
        self.database.execute_all(UPSERT, before)
        self.database.execute("DELETE FROM rejections WHERE decision = ?", row["id"])

    def _store(self, vouched: Vouched) -> None:
        entry = vouched.entry
        source = as_stored(entry.source)
        verdict = Verdict.ACCEPTED if entry.status is Status.APPROVED else Verdict.EDITED
        self._note(source, (verdict, *map(as_stored, (entry.target, vouched.reason, entry.origin))))
        if vouched.reason:
            self._settlements.accept(source, entry.target, who=entry.origin, reason=vouched.reason)
        self.database.execute(_FORGET_VOUCHED, source, Status.EDITED)
        key = key_of_source(source, as_stored(entry.link))
        self.database.execute(UPSERT, *values_of(key, entry, vouched.kind, now=self._now()))

    def _note(self, source: str, texts: tuple[str, ...], *, undoes: int | None = None) -> int:
        """A line of the history: `texts` are verdict, target, reason and person. Gives its number."""
        held = [tuple(row) for row in self.database.rows(_HELD, source)]
        before = json.dumps(held, ensure_ascii=False)
        self.database.execute(_DECIDE, source, *texts, self._now(), before, undoes)
        return int(self.database.rows(_LAST_LINE, source)[0][0])

    def _standing(self, source: str) -> Row | None:
        rows = self.database.rows(_STANDING, source)
        return rows[0] if rows else None

    def _refuse_outdated(self, source: str, seen: str | None) -> None:
        if seen is not None and seen != self.state(source):
            raise OutdatedError


def _decision_in(row: Row) -> Decision:
    return Decision(Verdict(row["verdict"]), row["who"], row["created"], row["reason"])
