"""An issue: its English put together again (D5) and written, where that replaces no work of a person."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.characters import leftover_findings, leftovers_in
from weekly_translate.checks.document import document_findings
from weekly_translate.checks.registry import text_findings
from weekly_translate.edition.rewriting import with_house_marks
from weekly_translate.errors import (
    ExitCode,
    InputRefusedError,
    NoEngineError,
    StoppedError,
    StorageError,
    UsageError,
    WeeklyTranslateError,
    in_one_line,
)
from weekly_translate.files import (
    FILE_LIMIT,
    TextFile,
    content_of,
    ensure_folder,
    read_bytes,
    write_text,
)
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.markdown.site import Pages, followed, headings_of, kept_ids, links_to_headings
from weekly_translate.memory.database import MemoryFailedError
from weekly_translate.memory.runs import Share, digest
from weekly_translate.model import (
    APPENDED,
    PLACED,
    Counts,
    Ending,
    Entry,
    Finding,
    Pair,
    Severity,
    Status,
    Usage,
)
from weekly_translate.report.season_table import Account
from weekly_translate.report.text import Side, side_of
from weekly_translate.run.attempts import Untranslated
from weekly_translate.run.plan import EDITION, Order, PlannedIssue, all_planned, title_findings
from weekly_translate.run.project import cost_of
from weekly_translate.text.characters import has_han, lines_of
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from weekly_translate.checks.characters import Leftover
    from weekly_translate.memory.runs import Outputs, Written
    from weekly_translate.model import Document, Segment
    from weekly_translate.run.attempts import Answer
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData

_REMARKS = {
    PLACED: (Severity.WARNING, "tags that the model lost were put where their words stand: look at it"),
    APPENDED: (
        Severity.ERROR,
        "links that the model lost stand behind the sentence: put them in their place",
    ),
}
_NOT_ASKED = Untranslated("not asked yet")


def result_of(
    plan: Plan, answers: Mapping[str, Answer], page_of: Callable[[str], Pages | None] = lambda _: None
) -> Result:
    """The text and all that is said of it: the same answers, by segment id, give the same bytes.

    `page_of` knows the headings of the pages that links name.
    """
    document = plan.document
    choice, _, edited = plan.manuscript
    chosen, of_segments = judged_segments(plan, answers)
    # In the memory the translations stay as they were written.
    targets = {
        segment.id: with_house_marks(target, segment.text, choice.edition)
        for segment in plan.segments
        if (target := chosen[segment.id].target) is not None
    }
    fixed, expected = edited.fixed, edited.expected
    if choice.dialect.keeps_ids:
        ids, added = kept_ids(document)
        fixed = {**fixed, **ids}
        expected = tuple(sorted((*expected, *added), key=lambda one: one.line))
    text = assemble(document, targets, fixed)
    findings = [*document.findings]
    read_again = parse(text, marks=choice.edition.written, dialect=choice.dialect)
    if any(links_to_headings(document)):
        own = Pages(headings_of(document), headings_of(read_again))
        links = followed(document, expected, lambda name: page_of(name) if name else own)
        expected = links.expected
        findings += links.findings
        text = assemble(document, targets, {**fixed, **links.fixed})
        read_again = parse(text, marks=choice.edition.written, dialect=choice.dialect)
    findings += document_findings(document, read_again, expected=expected)
    about_text = text_findings(document, read_again)  # of the rest, cutting and splicing takes care
    findings += [finding for finding in about_text if finding.check.startswith("char.")]
    left = tuple(_left_in(read_again, plan))
    findings += leftover_findings(left, sentence=Severity.WARNING)
    if plan.data.ignores:
        here, there = side_of("", document), side_of("", read_again)
        findings = plan.data.with_ignored(findings, here.line, there.line)
    return Result(plan, chosen, text, (*of_segments, *findings), left)


def judged_segments(
    plan: Plan, answers: Mapping[str, Answer]
) -> tuple[dict[str, Answer], tuple[Finding, ...]]:
    """What becomes of each segment that a plan is about, by its id, and what is said of it by itself."""
    found = {**plan.known, **plan.failed, **answers}
    chosen = {segment.id: found.get(segment.id, _NOT_ASKED) for segment in plan.segments}
    each = [(segment, chosen[segment.id]) for segment in plan.segments]
    findings = [one for segment, answer in each for one in _segment_findings(segment, answer, plan)]
    titles = (
        (segment, answer.target)
        for segment, answer in each
        if segment.title_link and isinstance(answer, Entry) and answer.status is Status.MACHINE
    )
    findings += title_findings(titles, plan.titles)
    if plan.data.ignores:
        source = Side("", "", tuple(lines_of(plan.document.text)))
        findings = plan.data.with_ignored(findings, source.line, lambda _: "")
    return chosen, tuple(findings)


def _segment_findings(segment: Segment, answer: Answer, plan: Plan) -> Iterator[Finding]:
    def finding(check: str, severity: Severity, message: str) -> Finding:
        return Finding(check, severity, message, segment.id, segment.line)

    if not isinstance(answer, Entry):
        yield finding("seg.missing", Severity.ERROR, f"stays in Chinese: {answer.reason}")
    elif answer.status is Status.DRAFT:
        yield finding("seg.draft", Severity.WARNING, "a draft, not a translation")
    elif answer.origin != EDITION:
        if answer.remark in _REMARKS:
            yield finding(answer.remark, *_REMARKS[answer.remark])
        yield from plan.data.findings_of(Pair(segment, answer.target, plan.terms[segment.id]))


def _left_in(result: Document, plan: Plan) -> Iterator[Leftover]:
    """The Chinese in a result, without the names that may stay and the edition's own texts."""
    own = {line.strip() for use in plan.manuscript.edited.uses for line in use.text.splitlines()}
    lines = result.text.split("\n")

    def names_in(text: str) -> set[str]:
        terms = plan.data.matcher.terms_in(text)
        return {*plan.data.allowed_chinese, *(term.target for term in terms if has_han(term.target))}

    for one in leftovers_in(result, names_in):
        if lines[one.line - 1].strip() not in own:
            yield one


_NO_ORDER, _NO_TEXT = Order(Path()), TextFile("")
"""Of what is only looked at."""


def rendered(
    one: PlannedIssue, answers: Mapping[str, Answer], page_of: Callable[[str], Pages | None] = lambda _: None
) -> Result:
    """What becomes of a file with these answers; see `result_of`."""
    found = result_of(one.plan, answers, page_of)
    return found._replace(order=one.order, source=one.source, seconds=one.seconds)


class Result(NamedTuple):
    """What has become of an issue, whose text may be written or not."""

    plan: Plan
    answers: Mapping[str, Answer]
    """What has become of each segment that the plan is about, by its id."""
    text: str
    """The English, with what could not be translated still in Chinese."""
    findings: tuple[Finding, ...]
    """Everything the checks say about it."""
    left: tuple[Leftover, ...]
    """The Chinese that is left in it."""
    order: Order = _NO_ORDER
    source: TextFile = _NO_TEXT
    usage: Usage = Usage()
    reading: Usage = Usage()
    """What the second reader has used."""
    failure: WeeklyTranslateError | None = None
    """What stopped the run before the end of this issue."""
    seconds: float = 0.0
    """How long it took to look it up, and from its first request to its last answer."""
    ending: Ending | None = None
    """What happened to the file; None where nothing was to be written."""
    why: str = ""
    """A sentence, where the name of the ending does not say it all."""
    diff: str = ""
    """What a person has changed in the file that it was to replace."""
    dropped_doubts: int = 0
    """Doubts of the translator that nobody can be shown."""
    dropped_errors: int = 0
    """The same of the second reader."""
    is_final: bool = True
    """Whether all doubts were asked about, and a second reader, where there is one, has seen all."""

    @property
    def segments(self) -> list[tuple[Segment, Answer]]:
        """The segments that the plan is about, each with what has become of it."""
        return [(segment, self.answers[segment.id]) for segment in self.plan.segments]

    @property
    def texts(self) -> dict[str, str]:
        """The sources of its segments by their ids, for findings to quote."""
        return {segment.id: segment.text for segment in self.plan.segments}

    @property
    def counts(self) -> Counts:
        """Where its segments come from."""
        answers, plan = self.answers.values(), self.plan
        memory, edition = len(plan.remembered), len(plan.known) - len(plan.remembered)
        left = sum(one.target is None for one in answers)
        made = len(answers) - memory - edition - left - self.drafts
        return Counts(len(answers), memory, edition, made, self.drafts, left)

    @property
    def code(self) -> ExitCode:
        """What the shell is told, if this is the only issue."""
        if self.failure is not None:
            return self.failure.exit_code
        if self.ending in (Ending.HELD, Ending.FOREIGN):
            return ExitCode.PARTIAL
        unfinished = self.drafts or any(one.is_sentence and one.is_seen for one in self.left)
        return ExitCode.FINDINGS if self.has_errors or unfinished else ExitCode.DONE

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong that a draft does not say of itself."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def signature(self) -> str:
        """How it was made: engine | prompts | glossary | edition."""
        return self.plan.data.signature

    @property
    def written(self) -> bool:
        """Whether the text has gone to its file, or to whoever asked for it."""
        return self.ending is not None and self.ending.is_written

    @property
    def drafts(self) -> int:
        """How many segments of the text are drafts."""
        return sum(one.status is Status.DRAFT and one.target is not None for one in self.answers.values())

    @property
    def not_asked(self) -> frozenset[str]:
        """The ids of the segments that the run did not come to."""
        unknown = (id_ for id_, one in self.answers.items() if one.target is None and not one.origin)
        return frozenset(unknown)

    @property
    def begun(self) -> bool:
        """Whether anything was known or answered before a failure ended the run."""
        return self.failure is None or len(self.not_asked) < len(self.answers)


_LIMIT = 8 * FILE_LIMIT
"""Bytes of a file that is compared: English takes twice the bytes of Chinese at most."""
_UNREADABLE = b"\0"
_PAUSE = 0.02
"""Seconds after which the turn of another run may be over."""


class OutputState(StrEnum):
    """How an output stands before it is written."""

    ABSENT = "absent"
    CURRENT = "current"
    """Written by a run, and nothing has changed since."""
    TAKEN = "taken"
    """Made or edited by a person who wanted it to stay, and nothing has changed since."""
    OUTDATED = "outdated"
    """Written by a run, from another source or with other data files."""
    EDITED = "edited"
    """Written by a run, and edited since by a person."""
    FOREIGN = "foreign"
    """No run on this memory has written it."""


class Standing(NamedTuple):
    """An output as it stands; `diff` is what a person has changed in it, as far as that is known."""

    state: OutputState
    diff: str = ""


class EditPolicy(Enum):
    """What happens to an output that a person has made or edited."""

    HOLD = "hold"
    """Nothing: it is shown, and a person decides."""
    KEEP = "keep edits"
    """It stays as it is, until its source changes."""
    REPLACE = "replace edits"
    """The translation of this program replaces it."""


_HELD = {
    OutputState.EDITED: (Ending.HELD, "a person has edited it since it was written"),
    OutputState.FOREIGN: (Ending.FOREIGN, "it was there before, and no run on this memory has written it"),
    OutputState.TAKEN: (Ending.HELD, "a person has made it, and wants it to stay"),
}


class EditedOutputError(UsageError):
    """A file that a person has made or edited stands where the output of one issue is to go."""

    def __init__(self, out: Path, standing: Standing) -> None:
        _, why = _HELD[standing.state]
        super().__init__(f"{out}: {why}. Nothing was asked.")
        self.diff = standing.diff
        """What the person has changed, as far as that is known."""
        self.is_decided = standing.state is OutputState.TAKEN
        """Whether the person has said that the file is to stay as it is, and its source has not changed."""


class Publisher:
    """Has the last word on each file of a run, and remembers what was written from what."""

    def __init__(
        self, outputs: Outputs, policy: EditPolicy, data: ProjectData, folder: Path | None = None
    ) -> None:
        """`folder` is the one of the outputs. Without it, a person has named the one file of the run.

        With `allow_partial` that is written even where the run failed.
        """
        self._outputs = outputs
        self._policy = policy
        self._data = data
        self._folder = folder
        self._decisions_revision = outputs.decisions_revision()
        self._shares = data.memory.shares
        self.current: list[Order] = []
        """The issues that were skipped because their outputs are as they would be made today."""

    def sorted_out(
        self, orders: Sequence[Order], *, only_changed: bool = False, dry: bool = False
    ) -> tuple[list[Order], list[Account]]:
        """The issues that are to be translated, and the accounts of the others.

        `only_changed` leaves out issues that have no output of a season yet; `dry` writes nothing anywhere.
        Raises `StorageError` where nothing can be written to the folder.
        """
        wanted: list[Order] = []
        accounts: list[Account] = []
        if orders and not dry and self._folder is not None:
            ensure_folder(self._folder)
        known = self._outputs.of_all(order.out for order in orders if order.out is not None)
        for order in orders:
            try:
                if not dry and order.out is not None:
                    order.refuse_bad_target()
                source = order.read()
                standing = self._standing_of(order, source, known)
            except WeeklyTranslateError as error:
                accounts.append(self.account(order, Ending.REFUSED, in_one_line(error)))
                continue
            if only_changed and standing.state in (OutputState.ABSENT, OutputState.FOREIGN):
                continue
            account = self._skipped(order, source, standing)
            is_held = account is not None and account.ending in (Ending.HELD, Ending.FOREIGN)
            if account is None or (is_held and self._is_learned(order, standing, dry=dry)):
                wanted.append(order)
            else:
                accounts.append(account)
        return wanted, accounts

    def why_held(self, order: Order, source: TextFile) -> EditedOutputError | None:
        """Why a file that a person has made or edited is not replaced; None where it may be."""
        if order.out is None or order.dry_run:
            return None
        standing = self._standing_of(order, source)
        if self._held(standing.state) is None:
            return None
        if self._policy is EditPolicy.KEEP:
            self._keep(order, source)
            standing = Standing(OutputState.TAKEN)
        return EditedOutputError(order.out, standing)

    def published(self, result: Result) -> Result:
        """Write a result if nothing speaks against it, and say in it what has become of the file."""
        order = result.order
        if order.dry_run:
            return result
        done, failure = result.code is ExitCode.DONE, result.failure
        if failure is not None and (self._folder or isinstance(failure, (StoppedError, NoEngineError))):
            return result._replace(ending=Ending.OPEN)  # what was not asked is not written in Chinese
        if (failure is not None or result.has_errors) and not order.allow_partial:
            return result._replace(ending=Ending.ERRORS if failure is None else Ending.OPEN)
        if order.out is None:
            return result._replace(ending=Ending.WRITTEN if done else Ending.INCOMPLETE)
        try:
            with self._turn(order.out):
                return self._written(result, order.out)
        except (StorageError, StoppedError) as error:  # the end of this file, not of the run
            is_memory = isinstance(error, (MemoryFailedError, StoppedError))
            ending = Ending.UNKNOWN if is_memory else Ending.UNSAVED
            return result._replace(ending=ending, why=str(error))

    def join(self) -> None:
        """Share the season with other runs that are at it."""
        if self._folder:
            self._shares.begin(self._folder)

    def spent(self, order: Order, share: Share) -> None:
        """Let the other runs know what has been used for an issue, before they see what came of it."""
        if self._folder:
            self._shares.add(self._folder, self.name_of(order), share)

    def of_all_runs(self, accounts: Sequence[Account]) -> list[Account]:
        """The accounts of a season that several runs share, with what the others have done for it."""
        shares = self._shares.of(self._folder) if self._folder else {}
        return [self._of_all_runs(one, shares[one.name]) if one.name in shares else one for one in accounts]

    def _of_all_runs(self, account: Account, share: Share) -> Account:
        is_theirs = share.written and account.ending in (Ending.SAME, Ending.CURRENT)
        return account._replace(
            usage=share.usage + share.reading,
            cost=cost_of(share.usage, share.reading, self._data),
            ending=Ending.WRITTEN if is_theirs else account.ending,
        )

    def name_of(self, order: Order) -> str:
        """What an issue is called: the path below the folder."""
        assert order.out is not None, "a season has a folder for its outputs"
        return order.out.relative_to(self._folder or order.out.parent).as_posix()

    def account(self, order: Order, ending: Ending, why: str = "", diff: str = "") -> Account:
        """What has become of an issue that was not translated."""
        return Account(self.name_of(order), str(order.source), str(order.out), ending, why, diff=diff)

    def _skipped(self, order: Order, source: TextFile, standing: Standing) -> Account | None:
        """The account of an issue that is not translated now."""
        if standing.state is OutputState.CURRENT:
            self.current.append(order)
            return self.account(order, Ending.CURRENT)
        held = self._held(standing.state)
        if held is None:
            return None
        if standing.state is OutputState.TAKEN:
            return self.account(order, Ending.CURRENT)
        if self._policy is EditPolicy.KEEP:
            self._keep(order, source)
            return self.account(order, Ending.TAKEN)
        ending, why = held
        return self.account(order, ending, why, standing.diff)

    def _is_learned(self, order: Order, standing: Standing, *, dry: bool) -> bool:
        """Whether the memory knows a held issue whole, edits and all: it costs nothing to compare them.

        The run compares what it is about to write; where nothing is written, that is done here.
        """
        if self._policy is not EditPolicy.HOLD or standing.state is OutputState.TAKEN or order.out is None:
            return False
        (issue,) = all_planned([order], self._data)
        if not (isinstance(issue, PlannedIssue) and issue.plan.is_known):
            return False
        if not dry:
            return True
        text = replace(issue.source, text=rendered(issue, {}).text)
        return content_of(text, order.out) == _content(order.out)

    def _held(self, state: OutputState) -> tuple[Ending, str] | None:
        """Why an output is not replaced; None where it may be."""
        if self._policy is EditPolicy.REPLACE:
            return None
        return _HELD.get(state)

    def _standing_of(
        self, order: Order, source: TextFile, known: Mapping[Path, Written] | None = None
    ) -> Standing:
        """How the output stands if it were made now. Raises what is wrong with the source's edition."""
        assert order.out is not None, "what goes to stdout replaces nothing"
        choice = self._data.editions.choice_for(source.text)
        written = self._outputs.of(order.out) if known is None else known.get(order.out)
        return self._standing(order.out, source, f"{self._data.signature} | {choice.signature}", written)

    def _standing(self, out: Path, source: TextFile, signature: str, known: Written | None) -> Standing:
        content = _content(out)
        if not content:  # an empty file is nobody's work
            return Standing(OutputState.ABSENT)
        if known is None:
            return Standing(OutputState.FOREIGN)
        here, same_source = digest(content), known.source == source_digest(source)
        if here in (known.written, known.begun, *known.past):
            same_way = known.made == self._made(signature, is_final=True)
            current = here == known.written and same_source and same_way
            return Standing(OutputState.CURRENT if current else OutputState.OUTDATED)
        if here == known.taken and same_source:
            return Standing(OutputState.TAKEN)
        names = ("as written", "as it is")
        diff = _difference((known.content, content), names, out, source.encoding)
        return Standing(OutputState.EDITED, diff)

    def _made(self, signature: str, *, is_final: bool) -> str:
        """A mark of how a file is made: with this program, these data files, what people have decided.

        And who has read it: another reader has it read by the next run, which also goes on where a reader
        has stopped halfway or doubts were not asked about.
        """
        reader = self._data.reader
        read = f"\n{reader.name} {reader.prompts.proofread_version}" if reader else ""
        read = read if is_final else "\nto go on"
        return digest(f"{VERSION}\n{signature}\n{self._decisions_revision}{read}".encode())

    def _keep(self, order: Order, source: TextFile) -> None:
        """The file stays as a person has made it, until its source changes."""
        assert order.out is not None
        content = _content(order.out)
        if content is not None:
            self._outputs.take(order.out, content, source=source_digest(source))

    @contextmanager
    def _turn(self, out: Path) -> Iterator[None]:
        """No other run on this memory writes the file meanwhile."""
        claims, key = self._data.memory.claims, {f"output {out}"}
        while not claims.claim(key):
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            claims.release(key)

    def _written(self, result: Result, out: Path) -> Result:
        """Somebody may have edited the file while the run was going on. Raises `StorageError`."""
        known = self._outputs.of(out)
        text = replace(result.source, text=result.text)
        content = content_of(text, out)
        before = _content(out)
        changed = before != content  # else nobody's work is replaced
        standing = self._standing(out, result.source, result.signature, known)
        if changed and (held := self._held(standing.state)):
            ending, why = held
            names = ("as a run writes it", "as it is")  # what is learned is no difference any more
            diff = _difference((content, before or b""), names, out, text.encoding)
            return result._replace(ending=ending, why=why, diff=diff)
        if changed or known is None:
            self._outputs.begin(out, content)
        if changed:
            self.spent(result.order, Share(written=True))
            write_text(out, text)
        final = result.code is ExitCode.DONE
        made_from = source_digest(result.source) if final else ""  # else the next run makes it anew
        self._outputs.finish(
            out, content, source=made_from, made=self._made(result.signature, is_final=result.is_final)
        )
        if not final:
            return result._replace(ending=Ending.INCOMPLETE)
        return result._replace(ending=Ending.WRITTEN if changed else Ending.SAME)


def _content(path: Path) -> bytes | None:
    """What stands in a file; None where there is none. One that cannot be read is not ours to replace."""
    if not path.exists():
        return None
    try:
        return read_bytes(path, limit=_LIMIT)
    except InputRefusedError:
        return _UNREADABLE


def source_digest(source: TextFile) -> str:
    """By what the records of outputs know whether a source has changed."""
    text = f"{source.encoding}\n{source.mark.hex()}\n{source.text}"
    return digest(text.encode("utf-8", "surrogatepass"))


def _difference(contents: tuple[bytes, bytes], names: tuple[str, str], path: Path, encoding: str) -> str:
    """A unified diff of what stands, or stood, in a file; nothing where one of the two cannot be read."""
    if not all(contents) or _UNREADABLE in contents:
        return ""
    from weekly_translate.report.diff import diff_of  # noqa: PLC0415 - only where somebody has edited

    before, after = (content.decode(encoding, "replace") for content in contents)
    return diff_of(before, after, old_name=f"{path} ({names[0]})", new_name=f"{path} ({names[1]})")
