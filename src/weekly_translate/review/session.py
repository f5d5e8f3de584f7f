"""A document while a person decides on it: what is shown, what may be stored, what has changed meanwhile.

Decisions come from the served page, from a terminal, or from a file that a page without a server saved.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.markup import why_not_stored
from weekly_translate.compare.ignores import Ignore, why_ignored, with_entry, without_entry
from weekly_translate.compare.pair_files import FilePair
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.files import TextFile, check_writable, content_of, read_text, write_text
from weekly_translate.memory.decisions import OutdatedError, Vouched
from weekly_translate.model import Entry, Pair, Severity, Status, Verdict
from weekly_translate.report.diff import line_changes, text_keeping
from weekly_translate.report.review_values import SEEN, STATE, Origin, Review, state_of
from weekly_translate.review.gather import (
    judging_of,
    previous_in,
    review_of_plan,
    reviewed_alone,
    said_of_files,
)
from weekly_translate.run.issue import source_digest
from weekly_translate.run.plan import EDITION, plan_for
from weekly_translate.text.characters import lines_of, tokens_of
from weekly_translate.text.chinese_numbers import template_of
from weekly_translate.text.xml import STATES, units_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from weekly_translate.compare.pair_files import Judging
    from weekly_translate.edition.applying import Editions, Manuscript
    from weekly_translate.memory.decisions import PastText
    from weekly_translate.memory.runs import Outputs
    from weekly_translate.model import Decision, Finding, Memory, Segment
    from weekly_translate.report.diff import LineChange
    from weekly_translate.report.review_values import Reviewed
    from weekly_translate.review.gather import Previous
    from weekly_translate.run.project import ProjectData
    from weekly_translate.text.xml import XliffUnit


LIMIT = 4_000_000
"""Bytes of a file with decisions."""
_SCHEMA = 1
_ISSUE = 300
"""Segments; a longer document is a season, and takes seconds to judge."""
_SUGGESTIONS, _RESEMBLES = 4, 0.6
"""So many texts are offered to a person, and how alike their sources are at least."""


class UnfinishedError(UsageError):
    """Errors are left: nothing is written unless the person insists."""

    def __init__(self, message: str, errors: int) -> None:
        super().__init__(message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the files are. An English file need not exist yet; without one, nothing can be written."""

    source: Path
    target: Path | None = None
    encoding: str | None = None
    ignores: Path | None = None
    """Where findings are entered that are to be silent; it need not exist yet."""


class Preview(NamedTuple):
    """What writing would change in the English file, line by line."""

    changes: tuple[LineChange, ...]
    seen: str
    """Names both texts: whoever writes says that this is what he has seen."""
    errors: int
    """How many errors are left."""


class ReviewFiles:
    """The two files under review: the Chinese text, and what the English file has for it."""

    def __init__(self, paths: Paths, editions: Editions) -> None:
        """Raises `InputRefusedError` for a file that cannot be read, `UsageError` for an edition."""
        self.paths = paths
        self._editions = editions
        self._source = self._read(paths.source)
        self.english_file: TextFile | None = None
        """The English file as it was read last; None where there is none."""
        self.manuscript: Manuscript = manuscript_of(self._source.text, self.name, editions)
        self.previous: Previous | None = None
        """The English file, segment by segment."""
        self.read_english()

    @property
    def english(self) -> str | None:
        """The text of the English file, None where there is none."""
        return None if self.english_file is None else self.english_file.text

    @property
    def source(self) -> str:
        """The Chinese text."""
        return self._source.text

    @property
    def name(self) -> str:
        """What the document is called."""
        return self.paths.source.name

    def read_english(self) -> bool:
        """Read the English file again; says whether it is another than before."""
        before, target = self.english_file, self.paths.target
        self.english_file = self._read(target) if target is not None and target.exists() else None
        if self.english_file == before:
            return False
        self.previous = None
        if self.english_file is not None:
            english = (self.english_file.text, str(target))
            self.previous = previous_in(self._source.text, self.name, english, self._editions)
        return True

    def reviewed(self, data: ProjectData) -> Review:
        """What is known of them as a person looks at it; `data` are those under their edition."""
        return review_of_plan(plan_for(self.manuscript, data), name=self.name, previous=self.previous)

    def refuse_changed_source(self) -> None:
        """Raise `OutdatedError` when the Chinese file is no longer what is under review."""
        if self._read(self.paths.source) != self._source:
            raise OutdatedError(f"{self.paths.source} has been changed: end the review and start it again.")

    def write(self, target: Path, text: str, outputs: Outputs, *, is_ours: bool, stays: bool) -> None:
        """Write the English in the encoding of the source.

        `outputs` know it then as one that a run may make anew, or as a person's that is to stay until its
        source changes. Raises `UsageError` and `StorageError`.
        """
        file = replace(self._source, text=text)
        content = content_of(file, target)
        if is_ours:
            outputs.begin(target, content)
        write_text(target, file)
        if is_ours:
            outputs.finish(target, content, source="", made="")
        elif stays:
            outputs.take(target, content, source=source_digest(self._source))
        self.read_english()

    def _read(self, path: Path) -> TextFile:
        return read_text(path, encoding_hint=self.paths.encoding)


TEXT_OF = {Verdict.EDITED: "target", Verdict.REJECTED: "reason"}
"""The field of a decision that has to be there."""


class DecisionInput(NamedTuple):
    """What a person wants for a segment.

    `text` is the English of an edit, the reason of a rejection, or why a text is accepted with its findings.
    """

    verdict: Verdict
    text: str = ""


class Session:
    """A document under review by one person, in one window or several.

    `version` grows with every change, whoever makes it; `changed_since` is what a window has not seen yet.
    """

    def __init__(self, files: ReviewFiles, data: ProjectData, *, who: str) -> None:
        """Raises `UsageError` where `who` is no name."""
        self.who = " ".join(who.split())
        if self.who in ("", EDITION):
            raise UsageError("A decision carries the name of a person: give one with --reviewer.")
        self.files = files
        self._data = data.under(files.manuscript.choice)
        self.version = 0
        self.decided = 0
        """How many decisions were made and not taken back."""
        self.is_written = False
        """Whether the English file holds what is shown."""
        self._accepted_together: dict[str, str] = {}
        self._changes: dict[str, int] = {}
        self._states: dict[str, str] = {}
        self._is_behind = False
        self._judged: tuple[TextFile | None, Judging] | None = None
        """The English file and the rules by which it was judged last, or is being judged."""
        self._is_judging = False
        self._said_of_file: tuple[Finding, ...] = ()
        self._remarked = 0
        """The version since which the remarks are what they are."""
        self.review = Review(files.name, "", ())
        self._shown: dict[str, Reviewed] = {}
        segments = files.manuscript.edited.document.segments
        self._segments = {one.id: one for one in segments}
        self._tied = _tied(segments)
        data.memory.database.changed_elsewhere()  # what others do from now on is news
        self.look()

    def follow(self, *, whole: bool = False) -> None:
        """Read the memory again if another program has written to it.

        With `whole`, the text and the findings of the whole document follow what was decided here, too: in a
        long document that takes a second, and nobody is to wait for it after each decision.
        """
        if self._data.memory.database.changed_elsewhere() or (whole and self._is_behind):
            self.look()

    def changed_since(self, version: int) -> list[Reviewed]:
        """The segments that have changed after this version."""
        return [one for one in self.review.segments if self._changes[one.id] > version]

    def segment(self, id_: str) -> Reviewed:
        """The segment of this name. Raises `UsageError`."""
        if id_ in self._shown:
            return self._shown[id_]
        raise UsageError("There is no such segment: load the page again.")

    def look(self) -> None:
        """Bring the review up to date with the memory; what has changed gets a new version."""
        review = self.files.reviewed(self._data)
        self._show(review, {one.id: one for one in review.segments})
        self._is_behind = False

    @contextmanager
    def _deciding_on(self, source: str) -> Iterator[None]:
        """Bring up to date what a decision on a source text bears on, and nothing else.

        That is the text wherever it stands, what differs from it in numbers only, and the titles of the
        addresses that the memory has known it by.
        """
        links_of = self._data.memory.decisions.links
        links = links_of(source)
        yield
        links |= links_of(source)
        ties = (source, template_of(source), *links)
        ids = {id_ for tie in ties for id_ in self._tied.get(tie, ())}
        plan = plan_for(self.files.manuscript, self._data, ids)
        new = reviewed_alone(plan, self.files.previous)
        self._is_behind |= any(one.target != self._shown[id_].target for id_, one in new.items())
        self._show(self.review, new)

    def _show(self, review: Review, new: dict[str, Reviewed]) -> None:
        """A review in which these segments may be other ones than were shown before."""
        found = {id_: self._with_revision(one) for id_, one in new.items()}
        changed = [id_ for id_, one in found.items() if self._shown.get(id_) != one]
        shown = replace(review, segments=tuple((self._shown | found).values()))
        shown = shown.beside_file(self._said_of_file)
        before = (self.review.findings, self.review.of_file)
        is_remarked = before != (shown.findings, shown.of_file)
        self.version += bool(changed or is_remarked)
        self._remarked = self.version if is_remarked else self._remarked
        self._changes |= dict.fromkeys(changed, self.version)
        self._shown |= found
        self.review = shown

    def _with_revision(self, one: Reviewed) -> Reviewed:
        if one.origin is Origin.EDITION:
            return one
        decisions = self._data.memory.decisions
        state = self._states[one.source] = decisions.state(one.source)
        undoable = decisions.last(one.source) is not None or bool(self._dismissed(one))
        return replace(one, revision=_revision(one, state), undoable=undoable)

    def unjudged(self) -> Callable[[], tuple[Finding, ...]] | None:
        """What judges the English file as `check` does, in any thread; None where it is judged already.

        In a long document it takes seconds: nobody waits for it. `tell_of_file` takes what it gives.
        """
        target = self.files.paths.target
        if self._is_judging:
            return None
        judging = judging_of(self._data, self.files.paths.encoding)
        before, self._judged = self._judged, (self.files.english_file, judging)
        if before == self._judged:
            return None
        self._is_judging = True
        if target is None or self.files.english_file is None:
            return tuple
        return partial(said_of_files, FilePair(self.files.paths.source, target), judging)

    def tell_of_file(self, said: tuple[Finding, ...] | None) -> None:
        """Take what was said of the English file, which need not be what is shown.

        None where it could not be judged: what was said of it stays until the file or the rules change.
        """
        self._is_judging = False
        self._said_of_file = self._said_of_file if said is None else said
        self._show(self.review, {})

    def judge_file(self) -> None:
        """Wait for it."""
        if judge := self.unjudged():
            self.tell_of_file(judge())

    def remarks_since(self, version: int) -> tuple[tuple[Finding, ...], tuple[Finding, ...]] | None:
        """What is said of the document, and of the English file; None where that is known at this version."""
        return None if 0 < version >= self._remarked else (self.review.findings, self.review.of_file)

    def history(self, id_: str) -> list[PastText]:
        """What was answered and decided for a segment, newest first."""
        return self._data.memory.decisions.history(self.segment(id_).source)

    def suggestions(self, id_: str) -> list[Memory]:
        """Other texts that the memory has for it, and for what resembles it, of any issue; best first."""
        one = self.segment(id_)
        found = self._data.memory.similar(one.source, limit=_SUGGESTIONS, threshold=_RESEMBLES)
        return [known for known in found if (known.source, known.target) != (one.source, one.target)]

    def check(self, id_: str, target: str) -> tuple[list[Finding], str]:
        """What the checks say about a text that a person is writing; and why it cannot be stored, if so."""
        pair = self._pair(self.segment(id_), target)
        return self._data.findings_of(pair), why_not_stored(pair)

    def decide(self, id_: str, revision: str, chosen: DecisionInput, *, look: bool = True) -> None:
        """Store a decision; with `look`, bring the review up to date, which can wait where many follow.

        Raises `UsageError`, `OutdatedError`, `StorageError`.
        """
        one, seen = self._seen(id_, revision)
        if one.origin is Origin.EDITION:
            raise UsageError("The edition says this in every issue: change it there.")
        with self._deciding_on(one.source) if look else nullcontext():
            if chosen.verdict is Verdict.REJECTED:
                self._reject(one, chosen.text, seen)
            else:
                self._data.memory.decisions.vouch(self._vouched(one, chosen, seen))
        self._decided(1)

    def dismiss(self, id_: str, revision: str, reason: str) -> None:
        """What the second reader says of this translation is not so: the complaint is not shown again.

        Raises `UsageError`, `OutdatedError`, `StorageError`.
        """
        one, _ = self._seen(id_, revision)
        errors = [finding.meaning for finding in one.findings if finding.meaning is not None]
        reason = " ".join(reason.split())
        if not errors or one.target is None:
            raise UsageError("The second reader says nothing about it that could be dismissed.")
        if not reason:
            raise UsageError("To dismiss it, say why: the next one who looks is told.")
        store = self._data.memory.proofreadings
        with self._deciding_on(one.source):
            store.dismiss(one.source, one.target, errors, reason=reason, who=self.who)
        self.decided += 1

    def undo(self, id_: str, revision: str) -> None:
        """Take the last decision back, or what was dismissed since.

        Raises `UsageError`, `OutdatedError`, `StorageError`.
        """
        one, seen = self._seen(id_, revision)
        memory = self._data.memory
        last, dismissed = memory.decisions.last(one.source), self._dismissed(one)
        with self._deciding_on(one.source):
            if dismissed and (last is None or dismissed > last.when):
                memory.proofreadings.hear_again(one.source, one.target or "")
            elif memory.decisions.undo(one.source, who=self.who, seen=seen) is None:
                raise UsageError("There is no decision on it that could be taken back.")
        self._decided(-1)

    def _dismissed(self, one: Reviewed) -> str:
        return self._data.memory.proofreadings.last_dismissed(one.source, one.target or "")

    def approve_clean(self, version: int) -> int:
        """Accept all that no check doubts and that a window of this version shows. Gives how many."""
        self.follow()
        clean = [one for one in self.review.segments if _is_clean(one) and self._changes[one.id] <= version]
        sources = {one.source: one for one in clean}
        accepted = DecisionInput(Verdict.ACCEPTED)
        stored = self._data.memory.decisions.vouch_all(
            [self._vouched(one, accepted, self._states[one.source]) for one in sources.values()]
        )
        self.look()
        self._decided(stored)
        ours = (one for one in self.review.segments if one.source in sources and one.made_by == self.who)
        self._accepted_together = {one.source: self._states[one.source] for one in ours}
        return stored

    def undo_clean(self) -> int:
        """Take back what the last `approve_clean` has accepted, unless more was decided. Gives how many."""
        undone = self._data.memory.decisions.undo_all(self._accepted_together, who=self.who)
        self._accepted_together = {}
        self._decided(-undone)
        self.look()
        return undone

    def ignore(self, id_: str, revision: str, check: str, reason: str) -> str:
        """Enter a finding of a segment in the file of ignores, for all commands. Gives the entry's place.

        Raises `OutdatedError`, `UsageError` and what `write_text` raises.
        """
        one, _ = self._seen(id_, revision)
        words = words_of_line(one.source)
        if not words or one.refused or check not in {finding.check for finding in one.findings}:
            raise UsageError("This cannot be ignored: accept the text with a reason instead.")
        return self._ignore(Ignore.model_construct(check=check, reason=reason, source=words))

    def ignore_remark(self, check: str, message: str, reason: str) -> str:
        """The same for a finding about the whole document, which its message names."""
        place = self._ignore(self._ignore_of_remark(self._remark(check, message), reason))
        self._judge_short_file()
        return place

    def hear(self, id_: str, revision: str, check: str) -> None:
        """Take an ignored finding of a segment out of the file of ignores again.

        Raises `OutdatedError`, `UsageError` where its entry was edited since, and what `write_text` raises.
        """
        one, _ = self._seen(id_, revision)
        reasons = (why_ignored(finding) for finding in one.findings if finding.check == check)
        reason, words = next(filter(None, reasons), ""), words_of_line(one.source)
        ignore = Ignore.model_construct(check=check, reason=reason, source=words)
        self._change_ignores(without_entry, ignore)

    def hear_remark(self, check: str, message: str) -> None:
        """The same for a finding about the whole document."""
        found = self._remark(check, message)
        self._change_ignores(without_entry, self._ignore_of_remark(found, why_ignored(found)))
        self._judge_short_file()

    @property
    def is_short(self) -> bool:
        """Whether it is an issue, which is judged while a person waits, and not a season."""
        return len(self._segments) <= _ISSUE

    def _judge_short_file(self) -> None:
        if self.is_short:
            self.judge_file()

    def _remark(self, check: str, message: str) -> Finding:
        self.follow(whole=True)
        said, found = (check, message), (*self.review.findings, *self.review.of_file)
        for one in found:
            if (one.check, one.message) == said:
                return one
        raise OutdatedError("The document has changed in the meantime: look at what is said of it now.")

    def _ignore_of_remark(self, found: Finding, reason: str) -> Ignore:
        """Names the line that it is about. Raises `UsageError` where there is none."""
        english = self.files.english if found in self.review.of_file else self.review.text
        source = _line(self.files.source, found.source_line)
        text = "" if found.source_line else _line(english or "", found.target_line)
        line = None if source or text else found.source_line or found.target_line
        if not (source or text or line):
            raise UsageError("This is about no particular line: a file of ignores cannot name it.")
        return Ignore.model_construct(check=found.check, reason=reason, source=source, text=text, line=line)

    def _ignore(self, ignore: Ignore) -> str:
        if not ignore.reason.strip():
            raise UsageError("An ignored finding needs a reason: whoever reads it next is told.")
        entries = self._change_ignores(with_entry, ignore)
        return f"{self.files.paths.ignores}:{entries[-1].entry.rpartition(':')[2]}"

    def _change_ignores(
        self, change: Callable[[str, Ignore, str], tuple[str, tuple[Ignore, ...]]], ignore: Ignore
    ) -> tuple[Ignore, ...]:
        """Write the file of ignores with an entry more or less; gives all that are in it then."""
        path = self.files.paths.ignores
        if path is None:
            raise UsageError("There is no file of ignores: name one with --ignores.")
        old = read_text(path) if path.exists() else TextFile("")
        text, entries = change(old.text, ignore, str(path))
        write_text(path, TextFile(text, old.encoding, old.mark))
        self._data = self._data._replace(ignores=entries)
        self.look()
        return entries

    def _decided(self, number: int) -> None:
        self.decided = max(0, self.decided + number)
        self.is_written = False

    def _vouched(self, one: Reviewed, chosen: DecisionInput, seen: str) -> Vouched:
        edited = chosen.verdict is Verdict.EDITED
        target = chosen.text if edited else one.target
        if target is None and one.refused is not None:
            target = one.refused.target
        if target is None:
            raise UsageError("There is no English yet that could be accepted: write it, or translate first.")
        pair = self._pair(one, target)
        if why := why_not_stored(pair):
            raise UsageError(f"This cannot be stored: {why}.")
        if not edited and one.weight > 1 and not chosen.text.strip():
            what = "It has an error: edit it (e)" if one.target else "This answer did not pass: mend it (e)"
            raise UsageError(f"{what}, or accept it anyway with a reason (w).")
        status = Status.EDITED if edited else Status.APPROVED
        link = pair.segment.title_link
        entry = Entry(one.source, target, status, self.who, context=one.section, link=link)
        reason = "" if edited else " ".join(chosen.text.split())
        return Vouched(entry, one.kind, seen, reason)

    def _reject(self, one: Reviewed, reason: str, seen: str) -> None:
        reason = " ".join(reason.split())
        if not reason:
            raise UsageError("A rejection needs a reason: the next translator is told.")
        if one.target is None:
            raise UsageError("There is no English yet that could be rejected.")
        self._data.memory.decisions.reject(one.source, reason, who=self.who, target=one.target, seen=seen)

    def _seen(self, id_: str, revision: str) -> tuple[Reviewed, str]:
        """A segment, and the state of the memory that a person has seen of it. Raises `OutdatedError`."""
        self.follow()
        one = self.segment(id_)
        if revision != one.revision:
            raise OutdatedError
        return one, self._states.get(one.source, "")

    def _pair(self, one: Reviewed, target: str) -> Pair:
        segment = self._segments[one.id]
        return Pair(segment, target, self._data.matcher.terms_in(segment.text, one.section))

    def preview(self) -> Preview:
        """What `write` would change, compared with the file as it is now."""
        self.files.read_english()
        self.look()
        old = self.files.english or ""
        changes = line_changes(old, self.review.text, self.review.segments)
        seen = blake2b(f"{old}\0{self.review.text}".encode("utf-8", "surrogatepass"), digest_size=12)
        return Preview(tuple(changes), seen.hexdigest(), self.review.count(Severity.ERROR))

    def write(self, seen: str = "", *, kept: Collection[int] = (), anyway: bool = False) -> int:
        """Write the English file; gives how many errors are in it.

        A file that exists is only replaced for a person who has seen all that changes: `seen` is that of the
        preview. The changes of the numbers `kept` are not made. Raises `UnfinishedError` where errors are
        left, unless `anyway`; `OutdatedError` when somebody has changed one of the files since; what
        `write_text` raises.
        """
        target = self.files.paths.target
        if target is None:
            raise UsageError("There is no file for the English: name it after the Chinese one.")
        check_writable(target, source=self.files.paths.source, may_replace=None)
        self.files.refuse_changed_source()
        changed = self.files.read_english()
        preview = self.preview()
        if changed or (self.files.english is not None and seen != preview.seen):
            raise OutdatedError(f"{target} has been changed meanwhile: look at the differences, then write.")
        errors = self.review.count(Severity.ERROR)
        if errors and not anyway:
            raise UnfinishedError(f"Errors are left: {errors}. Write {target} anyway?", errors)
        text = text_keeping(self.files.english or "", self.review.text, kept)
        # A run may make anew what the memory has whole; not what a person has kept, or only the file has.
        is_ours = text == self.review.text and all(
            one.origin is not Origin.FILE for one in self.review.segments
        )
        outputs = self._data.memory.outputs
        self.files.write(target, text, outputs, is_ours=is_ours, stays=not errors)
        self.look()
        self.is_written = True
        return errors


def _tied(segments: Iterable[Segment]) -> Mapping[str, list[str]]:
    """The ids of segments by what ties them: their text, its template, the address of a title."""
    tied = defaultdict(list)
    for one in segments:
        for tie in {one.text, template_of(one.text), one.title_link} - {""}:
            tied[tie].append(one.id)
    return tied


def _line(text: str, number: int | None) -> str:
    """The words of a line, which counts from 1; empty for no line."""
    return "".join(lines_of(text)[number - 1 : number]).strip() if number else ""


def words_of_line(source: str) -> str:
    """The words of the first line of a tagged text that stand in the source as they are here."""
    pieces = [token.text.strip() for token in tokens_of(source.partition("\n")[0]) if not token.name]
    return max(pieces, key=len, default="")


def _revision(one: Reviewed, state: str) -> str:
    """What a person sees, and what the memory holds for it."""
    shown = one.refused.target if one.refused else one.target
    return blake2b(f"{state}\n{shown}".encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def _is_clean(one: Reviewed) -> bool:
    """Whether nobody has to look at it: a machine's text that no check doubts."""
    is_open = not (one.target is None or one.is_settled or one.decision)
    return is_open and one.origin not in (Origin.EDITION, Origin.DRAFT) and not one.is_doubted


class SavedDecision(NamedTuple):
    """A decision and the texts that the person saw."""

    segment: str
    source: str
    seen: str | None
    chosen: DecisionInput
    state: str = ""
    """How far it was then, in the words of XLIFF; empty where the file does not say it."""
    when: str = ""
    """When the person decided, and ..."""
    decided: str | None = None
    """... when the decision was made that the page showed; empty for none, None where nobody says it."""


def read_decisions(data: bytes, name: str) -> list[SavedDecision]:
    """The decisions in a file. Raises `UsageError` that names it."""
    try:
        found = json.loads(data)
        if found["schema"] != _SCHEMA:
            raise UsageError(
                f"{name} has schema {found['schema']!r}, this program knows {_SCHEMA}: update it."
            )
        return [_saved_decision(one) for one in found["decisions"]]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise UsageError(f"{name} holds no decisions of a review page: save them there again.") from error


def _saved_decision(data: dict[str, str]) -> SavedDecision:
    verdict = Verdict(data["verdict"])
    text = data.get("reason", "") if verdict is Verdict.ACCEPTED else data[TEXT_OF[verdict]]
    when, decided = data.get("when", ""), data.get("decided")
    if not all(
        isinstance(part, str) for part in (data["segment"], data["source"], text, when, decided or "")
    ):
        raise ValueError(data)
    chosen = DecisionInput(verdict, text)
    return SavedDecision(
        data["segment"], data["source"], data.get("seen"), chosen, when=when, decided=decided
    )


def read_xliff_decisions(data: bytes, name: str) -> list[SavedDecision]:
    """What a person has decided in another tool, in a file of `review -o`. Raises `InputRefusedError`.

    Another English is an edit. Where it is as it was, a state that was raised to `reviewed` or `final`
    accepts it, and `initial` with a note of the person rejects it.
    """
    units = units_in(data, name)
    if units and not any(unit.note(STATE) for unit in units):
        raise InputRefusedError(
            f"{name} lacks the notes in which `review -o` says what the English was: write it anew, and work "
            "on it with a tool that keeps notes; what `memory export` has written is for `memory import`"
        )
    return [
        SavedDecision(unit.id, unit.source, unit.note(SEEN) or None, chosen, unit.note(STATE))
        for unit in units
        if (chosen := _decision_in(unit)) is not None
    ]


def _decision_in(unit: XliffUnit) -> DecisionInput | None:
    if unit.target != unit.note(SEEN):
        return DecisionInput(Verdict.EDITED, unit.target) if unit.target else None
    if unit.state in STATES[2:] and STATES.index(unit.state) > STATES.index(unit.note(STATE, STATES[-1])):
        return DecisionInput(Verdict.ACCEPTED)
    if unit.state == STATES[0] and (reason := unit.note("")):
        return DecisionInput(Verdict.REJECTED, reason)
    return None


def applied(decisions: list[SavedDecision], session: Session) -> Iterator[str]:
    """Store the decisions; gives a sentence, without its stop, for each that could not be stored.

    What an earlier run has stored is passed over: the same file can be given again.
    """
    decided, ours = set[str](), set[str]()
    known = {one.id: one for one in session.review.segments}
    last = {saved.source: saved for saved in decisions}
    for saved in decisions:
        if saved.source in decided:  # the same sentence elsewhere: what was said there is true of it, too
            session.look()
            ours |= decided
            decided, known = set(), {one.id: one for one in session.review.segments}
        one = known.get(saved.segment)
        if one is None or one.source != saved.source:
            yield f"{saved.segment}: the Chinese text is no longer the same, nothing was stored for it"
        elif _stands(saved, one) or _stood(saved, session) or _stands(last[saved.source], one):
            continue
        elif one.target != saved.seen:
            yield f"line {one.line}: the English has changed since the page was made, look at it again"
        elif saved.state not in ("", state_of(one)) and one.made_by != session.who:
            yield f"line {one.line}: {one.made_by} has decided on it since, look at it again"
        elif one.source not in ours and (other := _unseen(saved, one)):
            yield (
                f"line {one.line}: {other.who or 'somebody'} has {other.verdict} it at {other.when}, which "
                "this decision knows nothing of, look at it again"
            )
        else:
            try:
                session.decide(one.id, one.revision, saved.chosen, look=False)
                decided.add(one.source)
            except (UsageError, OutdatedError) as error:
                yield f"line {one.line}: {str(error).removesuffix('.')}"


_SECONDS = len("2026-11-22T00:00:00")


def _unseen(saved: SavedDecision, one: Reviewed) -> Decision | None:
    """What somebody has decided and the person did not see: what is older does not count for more."""
    other = one.decision
    if other is None or saved.state or saved.decided == other.when:
        return None
    is_older = saved.decided is None and saved.when[:_SECONDS] > other.when[:_SECONDS]
    return None if is_older else other


def _stood(saved: SavedDecision, session: Session) -> bool:
    """Whether the person has stored it since the page was made: what came after it came after it."""
    since = saved.when if saved.decided is None else saved.decided
    if not since and not saved.when:
        return False
    verdict, text = saved.chosen
    said = text if verdict is Verdict.EDITED else " ".join(text.split())
    for past in session.history(saved.segment):
        if past.when[:_SECONDS] < since[:_SECONDS] or past.when == since or past.what == "undone":
            return False
        told = past.text if verdict is Verdict.EDITED else past.reason
        is_same_text = verdict is Verdict.EDITED or saved.seen in (None, past.text)
        if is_same_text and (past.who, past.what, told) == (session.who, verdict, said):
            return True
    return False


def _stands(saved: SavedDecision, one: Reviewed) -> bool:
    """Whether the memory holds this decision already."""
    match saved.chosen.verdict:
        case Verdict.EDITED:
            return one.is_settled and one.target == saved.chosen.text
        case Verdict.ACCEPTED:
            accepted = one.status is Status.APPROVED and one.target == saved.seen
            return accepted and not (saved.chosen.text and one.is_doubted)
        case Verdict.REJECTED:
            said = one.decision.reason if one.decision else ""
            return bool(said) and said == " ".join(saved.chosen.text.split())
