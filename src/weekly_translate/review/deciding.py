"""A document while a person decides on it: what is seen, what may be stored, and who was faster."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.exchange import Entry, Status, Verdict
from weekly_translate.model import Pair, Severity
from weekly_translate.pipeline.plan import EDITION, Plan, plan_for
from weekly_translate.pipeline.works import title_link
from weekly_translate.reports.reviewed import Origin, Review
from weekly_translate.review.gathering import review_of_plan
from weekly_translate.review.judging import PatientJob
from weekly_translate.review.refusing import RefusedError, UnfinishedError, refusal
from weekly_translate.store.decisions import OutdatedError, Vouched

if TYPE_CHECKING:
    from weekly_translate.model import Finding
    from weekly_translate.pipeline.job import Job
    from weekly_translate.reports.reviewed import Reviewed
    from weekly_translate.review.papers import Papers


class Chosen(NamedTuple):
    """What a person wants for a segment: `text` is the English of an edit, or the reason of a rejection."""

    verdict: Verdict
    text: str = ""


class Session:
    """A document under review by one person, in one window or several.

    `version` grows with every change, whoever makes it; `changed_since` is what a window has not seen yet.
    """

    def __init__(self, papers: Papers, job: Job, *, who: str) -> None:
        """Raises `UsageError` where `who` is no name."""
        self._who = " ".join(who.split())
        if self._who in ("", EDITION):
            raise UsageError("A decision carries the name of a person: give one with --reviewer.")
        self.papers = papers
        self._job: Job = PatientJob.like(job.under(papers.manuscript.choice))
        self.version = 0
        self._changes: dict[str, int] = {}
        self._states: dict[str, str] = {}
        self._plan: Plan
        self.review: Review
        self.follow()

    def follow(self) -> None:
        """Take over what other programs have done to the memory."""
        if self._job.memory.transactions.changed_elsewhere():
            self.look()

    def changed_since(self, version: int) -> list[Reviewed]:
        """The segments that have changed after this version."""
        return [one for one in self.review.segments if self._changes[one.id] > version]

    def segment(self, id_: str) -> Reviewed:
        """The segment of this name. Raises `RefusedError`."""
        for one in self.review.segments:
            if one.id == id_:
                return one
        raise RefusedError("There is no such segment: load the page again.")

    def look(self) -> None:
        """Take over what has been decided."""
        plan = plan_for(self.papers.manuscript, self._job)
        review = review_of_plan(plan, self._job, name=self.papers.name, previous=self.papers.previous)
        segments = tuple(map(self._with_revision, review.segments))
        before = {one.id: one for one in self.review.segments} if self.version else {}
        changed = [one.id for one in segments if before.get(one.id) != one]
        self.version += bool(changed)
        self._changes |= dict.fromkeys(changed, self.version)
        self._plan, self.review = plan, replace(review, segments=segments)

    def _with_revision(self, one: Reviewed) -> Reviewed:
        if one.origin is Origin.EDITION:
            return one
        decisions = self._job.memory.decisions
        state = self._states[one.source] = decisions.state(one.source)
        undoable = decisions.last(one.source) is not None
        return replace(one, revision=_revision(one, state), undoable=undoable)

    # ------------------------------------------------------------------ deciding

    def check(self, id_: str, target: str) -> tuple[list[Finding], str]:
        """What the checks say about a text that a person is writing; and why it cannot be stored, if so."""
        pair = self._pair(self.segment(id_), target)
        return self._job.findings_of(pair), refusal(pair)

    def decide(self, id_: str, revision: str, chosen: Chosen, *, look: bool = True) -> None:
        """Store a decision; without a look after it where many follow, each on another sentence.

        Raises `RefusedError`, `OutdatedError`, `StorageError`.
        """
        one, seen = self._seen(id_, revision)
        if one.origin is Origin.EDITION:
            raise RefusedError("The edition says this in every issue: change it there.")
        if chosen.verdict is Verdict.REJECTED:
            self._reject(one, chosen.text, seen)
        else:
            self._job.memory.decisions.vouch(self._vouched(one, chosen, seen))
        if look:
            self.look()

    def undo(self, id_: str, revision: str) -> None:
        """Take the last decision back. Raises `RefusedError`, `OutdatedError`, `StorageError`."""
        one, seen = self._seen(id_, revision)
        if self._job.memory.decisions.undo(one.source, who=self._who, seen=seen) is None:
            raise RefusedError("There is no decision on it that could be taken back.")
        self.look()

    def approve_clean(self, version: int) -> int:
        """Accept all that no check doubts and that a window of this version shows. Gives how many."""
        self.follow()
        clean = [one for one in self.review.segments if _is_clean(one) and self._changes[one.id] <= version]
        sources = {one.source: one for one in clean}
        accepted = Chosen(Verdict.ACCEPTED)
        stored = self._job.memory.decisions.vouch_all(
            self._vouched(one, accepted, self._states[one.source]) for one in sources.values()
        )
        self.look()
        return stored

    def _vouched(self, one: Reviewed, chosen: Chosen, seen: str) -> Vouched:
        edited = chosen.verdict is Verdict.EDITED
        target = chosen.text if edited else one.target
        if target is None:
            raise RefusedError(
                "There is no English yet that could be accepted: write it, or translate first."
            )
        pair = self._pair(one, target)
        if why := refusal(pair):
            raise RefusedError(f"This cannot be stored: {why}.")
        status = Status.EDITED if edited else Status.APPROVED
        link = title_link(pair.segment)
        entry = Entry(one.source, target, status, self._who, context=one.section, link=link)
        return Vouched(entry, one.kind, seen)

    def _reject(self, one: Reviewed, reason: str, seen: str) -> None:
        reason = " ".join(reason.split())
        if not reason:
            raise RefusedError("A rejection needs a reason: the next translator is told.")
        if one.target is None:
            raise RefusedError("There is no English yet that could be rejected.")
        self._job.memory.decisions.reject(one.source, reason, who=self._who, target=one.target, seen=seen)

    def _seen(self, id_: str, revision: str) -> tuple[Reviewed, str]:
        """A segment, and the state of the memory that a person has seen of it. Raises `OutdatedError`."""
        self.follow()
        one = self.segment(id_)
        if revision != one.revision:
            raise OutdatedError("This translation has changed in the meantime: look at the newer one first.")
        return one, self._states.get(one.source, "")

    def _pair(self, one: Reviewed, target: str) -> Pair:
        segment = next(segment for segment in self._plan.document.segments if segment.id == one.id)
        return Pair(segment, target, self._plan.terms[one.id])

    # ------------------------------------------------------------------ writing

    def write(self, *, anyway: bool = False) -> int:
        """Write the English file, whole; gives how many errors are in it.

        Raises `UnfinishedError` where errors are left, unless `anyway`; `OutdatedError` when somebody has
        changed one of the files since; what `write_text` raises.
        """
        target = self.papers.paths.target
        if target is None:
            raise RefusedError("There is no file for the English: name it after the Chinese one.")
        self.papers.check_writable(target)
        self.papers.refuse_changed_source()
        changed = self.papers.read_english()
        self.look()
        if changed:
            raise OutdatedError(f"{target} has been changed meanwhile: look at the differences, then write.")
        errors = self.review.count(Severity.ERROR)
        if errors and not anyway:
            raise UnfinishedError(f"Errors are left: {errors}. Write {target} anyway?", errors)
        self.papers.write(target, self.review.text)
        self.look()
        return errors


def _revision(one: Reviewed, state: str) -> str:
    """What a person sees, and what the memory holds for it."""
    return blake2b(f"{state}\n{one.target}".encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def _is_clean(one: Reviewed) -> bool:
    """Whether nobody has to look at it: a machine's text that no check doubts."""
    if one.target is None or one.is_settled or one.decision or one.origin in (Origin.EDITION, Origin.DRAFT):
        return False
    return all(finding.severity is Severity.INFO for finding in one.findings)
