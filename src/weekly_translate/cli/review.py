"""`weekly-translate review`: what a person looks at before a translation is published."""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
import tempfile
import webbrowser
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    FilesEncodingOption,
    GlossaryOptions,
    IgnoresOption,
    MemoryOption,
    QuietOption,
    as_given,
    command,
)
from weekly_translate.cli.terminal import Terminal, clean, opened
from weekly_translate.compare.pair_files import FilePair, refuse_exchanged
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError, needing_extra
from weekly_translate.files import TextFile, check_writable, read_bytes, read_text, write_text
from weekly_translate.memory.decisions import OutdatedError
from weekly_translate.model import Severity, Verdict
from weekly_translate.report.review import CARD, card_of, is_page, review_page, review_status_of, status_table
from weekly_translate.report.review_values import review_xliff
from weekly_translate.report.text import Styled, finding_lines, wrapped
from weekly_translate.review.gather import judging_of, page_files, said_of_files
from weekly_translate.review.session import (
    LIMIT,
    DecisionInput,
    Paths,
    ReviewFiles,
    Session,
    applied,
    read_decisions,
    read_xliff_decisions,
)
from weekly_translate.run.project import read_project
from weekly_translate.settings import IGNORES, project_settings
from weekly_translate.text.characters import counted
from weekly_translate.text.xml import is_our_xliff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Finding
    from weekly_translate.report.review import ReviewStatus
    from weekly_translate.report.review_values import Review, Reviewed
    from weekly_translate.report.text import Line, Look
    from weekly_translate.run.project import ProjectData
    from weekly_translate.settings import Settings

_XLIFF = (".xlf", ".xliff")
_PATIENCE = 2
"""Seconds to wait for a run that is writing to the memory; a person is waiting, too."""


@dataclass(frozen=True, kw_only=True)
class ReviewOptions(GlossaryOptions):
    """Look at a translation segment by segment: accept, edit, reject."""

    ignores: IgnoresOption = None
    source: Annotated[Path | None, typer.Argument(help="The Chinese file.", show_default=False)] = None
    target: Annotated[
        Path | None,
        typer.Argument(
            help="The English file: compared, and used where the memory lacks a text.", show_default=False
        ),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where the page goes: HTML, or .xlf for other tools."),
    ] = None
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the page in a browser and store decisions at once.")
    ] = False
    tty: Annotated[bool, typer.Option("--tty", help="In the terminal, what needs a look only.")] = False
    apply: Annotated[
        Path | None,
        typer.Option(help="Store the decisions of a page, or of an .xlf file.", show_default=False),
    ] = None
    status: Annotated[
        Path | None, typer.Option(help="Count what is decided in the issues of a folder.", show_default=False)
    ] = None
    reviewer: Annotated[
        str | None, typer.Option(help="Who decides; default the login name.", show_default=False)
    ] = None
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False
    memory: MemoryOption = None
    edition: EditionOption = None
    encoding: FilesEncodingOption = None
    quiet: QuietOption = False


def review(options: ReviewOptions) -> ExitCode:
    """One of the ways to look at a translation. Raises `UsageError` unless exactly one is named."""
    terminal = Terminal(quiet=options.quiet)
    ways = (options.out, options.serve, options.tty, options.apply, options.status)
    if sum(map(bool, ways)) != 1:
        raise UsageError(
            "Say how you want to look at it: --serve opens it in a browser, --tty shows it in the terminal, "
            "-o writes a page; or give one of --apply and --status."
        )
    if options.status is not None:
        return _show_status(options.status, options, terminal)
    if options.source is None:
        raise UsageError("Name the Chinese file that is to be reviewed.")
    paths = Paths(options.source, options.target, options.encoding)
    if paths.target is not None and paths.target.exists():  # else there may be nothing to review
        texts = (read_text(one, encoding_hint=paths.encoding).text for one in (paths.source, paths.target))
        refuse_exchanged(FilePair(paths.source, paths.target), *texts)
    if options.out is not None:
        return _write_page(options.out, paths, options, terminal)
    if options.apply is not None:
        return _apply(options.apply, paths, options, terminal)
    return (_serve if options.serve else _walk)(paths, options, terminal)


COMMANDS = {"review": command(ReviewOptions, review)}


@contextmanager
def session_of(
    paths: Paths, options: ReviewOptions, environment: Mapping[str, str], *, may_be_new: bool = False
) -> Iterator[Session]:
    """The document, its memory, and who decides; `may_be_new` is the English file.

    Raises `UsageError`, `InputRefusedError`, `StorageError`.
    """
    settings = project_settings(options, environment)
    if paths.target is not None and not (may_be_new or paths.target.exists()):
        raise UsageError(f"{paths.target} does not exist: check the name, or leave it out.")
    try:
        who = getpass.getuser() if options.reviewer is None else options.reviewer
    except (KeyError, OSError) as error:  # a container may run as a number that nobody has
        raise UsageError("This system does not say who you are: give a name with --reviewer.") from error
    terminal = Terminal(quiet=options.quiet)
    with opened(settings.memory, terminal, timeout=_PATIENCE) as memory:
        data = read_project(settings, memory)
        paths = replace(paths, ignores=settings.ignores or settings.project / IGNORES)
        yield Session(ReviewFiles(paths, data.editions), data, who=who)


@contextmanager
def _project_to_look_at(settings: Settings, terminal: Terminal) -> Iterator[ProjectData]:
    """The project's data and memory."""
    with opened(settings.memory, terminal, may_be_new=False) as memory:
        yield read_project(settings, memory)


def _looked_at(paths: Paths, data: ProjectData) -> tuple[ReviewFiles, Review]:
    files = ReviewFiles(paths, data.editions)
    return files, files.reviewed(data.under(files.manuscript.choice))


def _write_page(out: Path, paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """The page is written, whatever the findings are."""
    settings = options.settings
    others = {
        "the English file": paths.target,
        "the memory": settings.memory_file,
        "the glossary": settings.glossary,
    }
    is_xliff = out.suffix.lower() in _XLIFF
    check_writable(out, source=paths.source, others=others, may_replace=is_our_xliff if is_xliff else is_page)
    with _project_to_look_at(settings, terminal) as data:
        files, shown = _looked_at(paths, data)
        if paths.target is not None and files.english is not None:
            pair = FilePair(paths.source, paths.target)
            shown = shown.beside_file(said_of_files(pair, judging_of(data, paths.encoding)))
        elif paths.target is not None:
            terminal.say(f"{paths.target} does not exist yet: the page shows what the memory has.")
    write_text(out, TextFile(review_xliff(shown) if is_xliff else review_page(shown, page_files())))
    settled = sum(segment.is_settled for segment in shown.segments)
    segments = counted(len(shown.segments), "segment")
    tool = "translation tool" if is_xliff else "browser"
    terminal.say(f"{out}: {segments}, {settled:,} approved. Open it in a {tool}.")
    return ExitCode.DONE


def _apply(file: Path, paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """1 if one of the decisions could not be stored."""
    read = read_xliff_decisions if file.suffix.lower() in _XLIFF else read_decisions
    decisions = read(read_bytes(file, limit=LIMIT), str(file))
    with session_of(paths, options, os.environ) as session:
        faults = list(applied(decisions, session))
    for fault in faults:
        terminal.complain(f"{paths.source}: {fault}.")
    told = f"{counted(session.decided, 'decision')} stored"
    if before := len(decisions) - len(faults) - session.decided:
        known = f"{counted(before, 'decision')} stored before"
        told = f"{told}, {known}" if session.decided else f"nothing has changed, {known}"
    terminal.say(f"{file}: {told}")
    return ExitCode.FINDINGS if faults else ExitCode.DONE


def _show_status(folder: Path, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """The table of the issues that have something to translate; 2 if a file cannot be read.

    Raises `UsageError` where there is none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds the issues.")
    issues: list[ReviewStatus] = []
    code = ExitCode.DONE
    with _project_to_look_at(options.settings, terminal) as data:
        for file in sorted(folder.glob("*.md")):
            try:
                _, found = _looked_at(Paths(file), data)
            except InputRefusedError as error:
                terminal.complain(str(error))
                code = ExitCode.USAGE
                continue
            if found.segments:
                issues.append(review_status_of(found))
    if not issues:
        raise UsageError(f"{folder} holds no Chinese Markdown file (*.md): name the folder with the issues.")
    terminal.result(status_table(issues))
    return code


def _serve(paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """Serve until Ctrl-C. The address goes to stdout: it is good for one browser."""
    with session_of(paths, options, os.environ, may_be_new=True) as session:
        with needing_extra("review", "review --serve", without="Without it, -o page.html and --tty work."):
            from weekly_translate.review.server import ReviewServer  # noqa: PLC0415 - an extra, maybe missing
        server = ReviewServer(session, page_files(server=True))
        terminal.result(f"{server.address}\n")
        if paths.target is not None and not paths.target.exists():
            terminal.say(f"{paths.target} does not exist yet: it is written when you say so on the page.")
        terminal.say("Decisions are stored at once. Ctrl-C ends the review.")
        if not options.no_browser:
            # Our own address, in which no content has a part (SEC-33). A browser may keep its caller waiting.
            Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
        server.run()
        _show_end(session, paths, options, terminal)
    return ExitCode.DONE


def _show_end(session: Session, paths: Paths, options: ReviewOptions, terminal: Terminal) -> None:
    """What was decided, what is left, and what to do now."""
    left = sum(one.needs_a_look for one in session.review.segments)
    errors = session.review.count(Severity.ERROR)
    told = f"{counted(session.decided, 'decision')} stored; {counted(left, 'segment')} left to look at."
    if session.is_written:
        told += f" {paths.target} is written" + (f", with {counted(errors, 'error')}." if errors else ".")
    terminal.say(told)
    source, target = paths.source, paths.target or paths.source.with_suffix(f".en{paths.source.suffix}")
    why, words = "To check it once more before it is published:", ["check", str(source), str(target)]
    if not session.is_written and (session.decided or not left):
        why = "To write the English, asking only for what is missing:"
        words = ["translate", str(source), "-o", str(target)]
    elif errors or left:
        why, words = "To go on:", ["review", str(source), str(target), "--serve"]
    _show_command(why, words, options, terminal)


def _show_command(why: str, words: list[str], options: ReviewOptions, terminal: Terminal) -> None:
    """What to do now, with the project and memory of this review."""
    names = ["project", "glossary", "edition", "ignores", *(["memory"] if words[0] != "check" else [])]
    terminal.way_on(why, ["weekly-translate", *words, *as_given(options, *names)])


def _walk(paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """Walk to the end; leaving earlier, by `q`, Ctrl-C or the end of the input, loses no decision."""
    with session_of(paths, options, os.environ, may_be_new=True) as session:
        if paths.target is not None and not paths.target.exists():
            terminal.say(f"{paths.target} does not exist yet: translate writes it.")
        walk = _Walk(session, terminal)
        with suppress(KeyboardInterrupt):
            walk.run()
        terminal.result("\n")
        terminal.say(
            f"{counted(len(walk.decided), 'decision')}; {counted(walk.left, 'segment')} left to look at."
        )
        source, target = str(paths.source), str(paths.target)
        if paths.target is not None and walk.left:
            _show_command("To go on:", ["review", source, target, "--tty"], options, terminal)
        elif paths.target is not None and walk.decided:
            words = [source, "-o", target]
            _show_command("To write the English file with them:", words, options, terminal)
    return ExitCode.DONE


# --------------------------------------------------------------------------- the walk of --tty

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


class _Walk:
    """One person at a terminal going through a review, errors first.

    Questions and texts go to stdout, answers come from stdin; `decided` holds the ids decided on, in order.
    """

    def __init__(self, session: Session, terminal: Terminal) -> None:
        self._session = session
        self._terminal = terminal
        wanted = (one for one in session.review.segments if one.needs_a_look)
        self._ids = [one.id for one in sorted(wanted, key=lambda one: -one.weight)]
        self._place = 0
        self._drafts: dict[str, str] = {}
        self.decided: list[str] = []

    @property
    def left(self) -> int:
        """How many segments still need a look."""
        return sum(one.needs_a_look for one in self._session.review.segments)

    def run(self) -> None:
        """Until all are seen, the person quits, or the input ends."""
        if not self._goes_through_remarks():
            return
        while self._place < len(self._ids) or self._goes_back():
            self._session.follow()
            one = self._session.segment(self._ids[self._place])
            place = f"{self._place + 1} of {len(self._ids)}, line {one.line}"
            self._terminal.show_lines(card_of(one, self._look, place=place))
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
            self._show_remark(said, place)
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
        typed = self._ask(question)
        return "q" if typed is None else typed.strip().lower()[:1]

    def _reason(self, question: str) -> str:
        """What a person says for a decision; empty, which is told, where they say nothing."""
        reason = (self._ask(question) or "").strip()
        if not reason:
            self._say(_NO_REASON)
        return reason

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        """Show why something cannot be stored; the question comes again."""
        try:
            yield
        except (UsageError, OutdatedError) as error:
            self._say(str(error))

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
                self._goes_on()
            case "u":
                self._undo()
            case _:
                self._say("Type one of the letters in parentheses, then Enter.")

    def _decide(self, one: Reviewed, chosen: DecisionInput) -> None:
        """An edit that leaves an error comes again."""
        self._session.decide(one.id, one.revision, chosen)
        self._has_decided(one)

    def _has_decided(self, one: Reviewed) -> None:
        self.decided.append(one.id)
        if not self._session.segment(one.id).needs_a_look:
            self._goes_on()

    def _goes_on(self) -> None:
        """To the next that needs a look: what has the same text was decided on together with it."""
        self._place += 1
        while self._place < len(self._ids) and not self._session.segment(self._ids[self._place]).needs_a_look:
            self._place += 1

    def _edit(self, one: Reviewed) -> None:
        """What could not be stored is offered again: nobody types a sentence twice."""
        refused = one.refused.target if one.refused else ""
        before = self._drafts.get(one.id) or one.target or refused
        text = self._edited(before or one.source, one)
        if text in (one.target, one.source):
            self._say("Nothing was changed.")
            return
        self._drafts[one.id] = text
        self._decide(one, DecisionInput(Verdict.EDITED, text))
        left = " An error is left in it." * self._session.segment(one.id).needs_a_look
        self._say(f"Stored as you have written it.{left}")

    def _take(self, one: Reviewed) -> None:
        if one.corrected:
            self._decide(one, DecisionInput(Verdict.EDITED, one.corrected))
        else:
            self._say("There is no correction that could stand there: (e)dit it.")

    def _accept_anyway(self, one: Reviewed) -> None:
        if one.must_be_mended:  # that is said at once: nobody types a reason in vain
            self._decide(one, DecisionInput(Verdict.ACCEPTED))
        elif reason := self._reason("Why is it right in spite of what the checks say? "):
            self._decide(one, DecisionInput(Verdict.ACCEPTED, reason))
            self._say(_IN_THE_MEMORY)

    def _ignore(self, one: Reviewed) -> None:
        """The first finding that blocks; the segment comes again, with what is left."""
        found = next((said.check for said in one.findings if said.severity is not Severity.INFO), None)
        if found is None or one.refused is not None:
            anyway = "" if one.must_be_mended else "accept it any(w)ay, or "
            mend = f" here: {anyway}(e)dit it" if one.refused else ""
            self._say(f"There is no finding to ignore{mend}.")
            return
        if reason := self._reason(f"Why is {found} mistaken here? "):
            self._told_silent(found, self._session.ignore(one.id, one.revision, found, reason))

    def _told_silent(self, check: str, place: str) -> None:
        self._say(f"{place}: {check} is silent here, in every command.")

    def _reject(self, one: Reviewed) -> None:
        if reason := self._reason("What is wrong with it? "):
            self._decide(one, DecisionInput(Verdict.REJECTED, reason))

    def _dismiss(self, one: Reviewed) -> None:
        """Whatever else is said about it keeps it where it is."""
        if reason := self._reason("Why is it right as it is? "):
            self._session.dismiss(one.id, one.revision, reason)
            self._has_decided(one)

    def _undo(self) -> None:
        if not self.decided:
            self._say("There is no decision of this session to take back.")
            return
        one = self._session.segment(self.decided[-1])
        self._session.undo(one.id, one.revision)
        self.decided.pop()
        self._place = self._ids.index(one.id)

    # ------------------------------------------------------------------ the terminal, as wide as it is now

    def _show_remark(self, finding: Finding, about: str) -> None:
        line, english = finding.source_line, finding.target_line
        where = f", line {line}" if line else f", English line {english}" if english else ""
        place = (Styled(clean(about + where), "place"),)
        self._terminal.show_lines([(), place, *finding_lines(finding, self._look, indent=CARD)])

    def _say(self, sentence: str) -> None:
        self._terminal.show_lines(self._wrapped(clean(sentence)))

    def _ask(self, question: str) -> str | None:
        """A line of the input, None at its end."""
        *above, last = self._wrapped(question.rstrip())
        self._terminal.show_lines(above)
        self._terminal.result("".join(piece.text for piece in last) + " ")
        return sys.stdin.readline() or None if sys.stdin else None

    def _edited(self, text: str, one: Reviewed) -> str:
        """Open the person's editor, with the Chinese and the findings below the text."""
        lines = card_of(one, self._look, place=f"line {one.line}")
        notes = "\n".join("".join(piece.text for piece in line) for line in lines)
        return edited(text, notes, os.environ)

    def _wrapped(self, text: str) -> list[Line]:
        return wrapped(text, (), width=self._terminal.result_width - 1)

    @property
    def _look(self) -> Look:
        return self._terminal.look(Severity.WARNING)


def _is_read(one: Reviewed) -> bool:
    """Whether a second reader has something to say about it."""
    return any(finding.meaning is not None for finding in one.findings)


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
    except OSError as error:
        raise UsageError(
            f"The file for the editor cannot be used ({error.strerror}): nothing was changed."
        ) from error
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
