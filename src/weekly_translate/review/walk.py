"""A review without a browser: the segments that need a look, one after the other, by single letters."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from weekly_translate.errors import UsageError
from weekly_translate.memory.decisions import OutdatedError
from weekly_translate.model import Severity, Verdict
from weekly_translate.review.session import DecisionInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Finding
    from weekly_translate.report.review_values import Reviewed
    from weekly_translate.review.session import Session

_QUESTION = "(a)ccept accept any(w)ay (e)dit (r)eject (i)gnore a finding (s)kip (u)ndo (q)uit: "
_OF_THE_DOCUMENT = "(i)gnore it here (s)kip (q)uit: "
_MEANING = "(t)ake the correction (d)ismiss it "
_AT_THE_END = "That was the last one: (u)ndo (q)uit: "
_NO_REASON = "Nothing is stored without a reason."
_IN_THE_MEMORY = (
    "Settled in this memory. A check without it, as in CI, still says so; what you (i)gnore stands in a file "
    "that goes with the repository."
)
_CUT = "# ------------------------ everything below this line is left out ------------------------"


class Screen(Protocol):
    """A person at a terminal."""

    def card(self, one: Reviewed, place: str) -> None:
        """Show a segment."""

    def remark(self, finding: Finding, about: str) -> None:
        """Show what is said about the whole document, or about the English file."""

    def say(self, sentence: str) -> None:
        """Show a sentence."""

    def ask(self, question: str) -> str | None:
        """What a person types, None at the end of the input."""

    def edited(self, text: str, one: Reviewed) -> str:
        """What a person makes of a text. Raises `UsageError`."""


class Walk:
    """One person going through a review, errors first; `decided` holds the ids decided on, in order."""

    def __init__(self, session: Session, screen: Screen) -> None:
        self._session = session
        self._screen = screen
        wanted = filter(needs_a_look, session.review.segments)
        self._ids = [one.id for one in sorted(wanted, key=lambda one: -one.weight)]
        self._place = 0
        self._drafts: dict[str, str] = {}
        self.decided: list[str] = []

    @property
    def left(self) -> int:
        """How many segments still need a look."""
        return sum(map(needs_a_look, self._session.review.segments))

    def run(self) -> None:
        """Until all are seen, the person quits, or the input ends."""
        if not self._goes_through_remarks():
            return
        while self._place < len(self._ids) or self._goes_back():
            self._session.follow()
            one = self._session.segment(self._ids[self._place])
            self._screen.card(one, f"{self._place + 1} of {len(self._ids)}, line {one.line}")
            letter = self._letter(_MEANING * _is_read(one) + _QUESTION)
            if letter == "q":
                return
            with self._errors_told():
                self._do(letter, one)

    def _goes_through_remarks(self) -> bool:
        """What is said about the document as a whole comes first; says whether the person goes on."""
        self._session.judge_file()
        review, target = self._session.review, self._session.files.paths.target
        about = [(said, "The document") for said in review.findings]
        about += [(said, f"Only in {target}, not in the texts below") for said in review.of_file]
        for said, place in about:
            if said.severity is Severity.INFO:
                continue
            self._screen.remark(said, place)
            letter = self._letter(_OF_THE_DOCUMENT)
            if letter == "q":
                return False
            if letter == "i" and (reason := self._reason(f"Why is {said.check} mistaken here? ")):
                with self._errors_told():
                    self._told_silent(
                        said.check, self._session.ignore_remark(said.check, said.message, reason)
                    )
        return True

    def _goes_back(self) -> bool:
        """Behind the last segment, the last decision can still be taken back."""
        if self.decided and self._letter(_AT_THE_END) == "u":
            with self._errors_told():
                self._undo()
        return self._place < len(self._ids)

    def _letter(self, question: str) -> str:
        typed = self._screen.ask(question)
        return "q" if typed is None else typed.strip().lower()[:1]

    def _reason(self, question: str) -> str:
        """What a person says for a decision; empty, which is told, where they say nothing."""
        reason = (self._screen.ask(question) or "").strip()
        if not reason:
            self._screen.say(_NO_REASON)
        return reason

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        """Show why something cannot be stored; the question comes again."""
        try:
            yield
        except (UsageError, OutdatedError) as error:
            self._screen.say(str(error))

    def _do(self, letter: str, one: Reviewed) -> None:
        match letter:
            case "a":
                self._decide(one, DecisionInput(Verdict.ACCEPTED))
            case "w":
                self._accept_anyway(one)
            case "e":
                self._edit(one)
            case "i":
                self._ignore(one)
            case "r":
                self._reject(one)
            case "t" if _is_read(one):
                self._take(one)
            case "d" if _is_read(one):
                self._dismiss(one)
            case "s":
                self._place += 1
            case "u":
                self._undo()
            case _:
                self._screen.say("Type one of the letters in parentheses, then Enter.")

    def _decide(self, one: Reviewed, chosen: DecisionInput) -> None:
        """An edit that leaves an error comes again."""
        self._session.decide(one.id, one.revision, chosen)
        self.decided.append(one.id)
        self._goes_on(one)

    def _goes_on(self, one: Reviewed) -> None:
        self._place += not needs_a_look(self._session.segment(one.id))

    def _edit(self, one: Reviewed) -> None:
        """What could not be stored is offered again: nobody types a sentence twice."""
        refused = one.refused.target if one.refused else ""
        before = self._drafts.get(one.id) or one.target or refused
        text = self._screen.edited(before or one.source, one)
        if text in (one.target, one.source):
            self._screen.say("Nothing was changed.")
            return
        self._drafts[one.id] = text
        self._decide(one, DecisionInput(Verdict.EDITED, text))
        left = " An error is left in it." * needs_a_look(self._session.segment(one.id))
        self._screen.say(f"Stored as you have written it.{left}")

    def _take(self, one: Reviewed) -> None:
        if one.corrected:
            self._decide(one, DecisionInput(Verdict.EDITED, one.corrected))
        else:
            self._screen.say("There is no correction that could stand there: (e)dit it.")

    def _accept_anyway(self, one: Reviewed) -> None:
        if one.must_be_mended:  # that is said at once: nobody types a reason in vain
            self._decide(one, DecisionInput(Verdict.ACCEPTED))
        elif reason := self._reason("Why is it right in spite of what the checks say? "):
            self._decide(one, DecisionInput(Verdict.ACCEPTED, reason))
            self._screen.say(_IN_THE_MEMORY)

    def _ignore(self, one: Reviewed) -> None:
        """The first finding that blocks; the segment comes again, with what is left."""
        found = next((said.check for said in one.findings if said.severity is not Severity.INFO), None)
        if found is None or one.refused is not None:
            anyway = "" if one.must_be_mended else "accept it any(w)ay, or "
            mend = f" here: {anyway}(e)dit it" if one.refused else ""
            self._screen.say(f"There is no finding to ignore{mend}.")
            return
        if reason := self._reason(f"Why is {found} mistaken here? "):
            self._told_silent(found, self._session.ignore(one.id, one.revision, found, reason))

    def _told_silent(self, check: str, place: str) -> None:
        self._screen.say(f"{place}: {check} is silent here, in every command.")

    def _reject(self, one: Reviewed) -> None:
        if reason := self._reason("What is wrong with it? "):
            self._decide(one, DecisionInput(Verdict.REJECTED, reason))

    def _dismiss(self, one: Reviewed) -> None:
        """Whatever else is said about it keeps it where it is."""
        if reason := self._reason("Why is it right as it is? "):
            self._session.dismiss(one.id, one.revision, reason)
            self.decided.append(one.id)
            self._goes_on(one)

    def _undo(self) -> None:
        if not self.decided:
            self._screen.say("There is no decision of this session to take back.")
            return
        one = self._session.segment(self.decided[-1])
        self._session.undo(one.id, one.revision)
        self.decided.pop()
        self._place = self._ids.index(one.id)


def _is_read(one: Reviewed) -> bool:
    """Whether a second reader has something to say about it."""
    return any(finding.meaning is not None for finding in one.findings)


def needs_a_look(one: Reviewed) -> bool:
    """Whether it is missing or doubted and nobody has decided on it, or an error is left in a decision."""
    return one.is_open and (one.is_settled or one.decision is None)


def edited(text: str, notes: str, environment: Mapping[str, str]) -> str:
    """What a person has made of a text. Raises `UsageError` when the editor or its file cannot be used.

    The file can be read by nobody else, and is gone afterwards.
    """
    handle, name = tempfile.mkstemp(prefix="weekly-translate-", suffix=".md")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(f"{text}\n\n{_CUT}\n{notes}\n".encode("utf-8", "surrogatepass"))
        _run(environment, path)
        return path.read_text("utf-8").partition(_CUT)[0].rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("The editor has not saved UTF-8: nothing was changed.") from error
    finally:
        path.unlink(missing_ok=True)


def _run(environment: Mapping[str, str], path: Path) -> None:
    is_posix = os.name == "posix"
    command = environment.get("VISUAL") or environment.get("EDITOR") or ("vi" if is_posix else "notepad")
    try:
        words = [*shlex.split(command, posix=is_posix), str(path)]
        code = subprocess.run(words, check=False).returncode  # noqa: S603 - theirs
    except (OSError, ValueError) as error:
        raise UsageError(f"The editor {command!r} does not start: set EDITOR to one that does.") from error
    if code:
        raise UsageError(f"The editor {command!r} ended with {code}: nothing was changed.")
