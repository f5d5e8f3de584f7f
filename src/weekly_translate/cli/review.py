"""`weekly-translate review`: what a person looks at before a translation is published."""

from __future__ import annotations

import getpass
import os
import sys
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
from weekly_translate.cli.terminal import Terminal, clean, counted, opened
from weekly_translate.compare.pair_files import FilePair, refuse_exchanged
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError, needing_extra
from weekly_translate.files import TextFile, check_writable, read_bytes, read_text, write_text
from weekly_translate.model import Severity
from weekly_translate.report.review import CARD, card_of, is_page, review_page, review_status_of, status_table
from weekly_translate.report.review_values import review_xliff
from weekly_translate.report.text import Styled, finding_lines, wrapped
from weekly_translate.review.gather import judging_of, page_files, said_of_files
from weekly_translate.review.session import (
    LIMIT,
    Paths,
    ReviewFiles,
    Session,
    applied,
    read_decisions,
    read_xliff_decisions,
)
from weekly_translate.review.walk import Walk, edited, needs_a_look
from weekly_translate.run.project import read_project
from weekly_translate.settings import IGNORES, project_settings
from weekly_translate.text.xml import is_our_xliff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Finding
    from weekly_translate.report.review import ReviewStatus
    from weekly_translate.report.review_values import Review, Reviewed
    from weekly_translate.report.text import Line, Look
    from weekly_translate.review.server import ReviewServer
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
    with opened(settings.memory, Terminal(), timeout=_PATIENCE) as memory:
        data = read_project(settings, memory)
        paths = replace(paths, ignores=settings.ignores or settings.project / IGNORES)
        yield Session(ReviewFiles(paths, data.editions), data, who=who)


@contextmanager
def _project_to_look_at(settings: Settings) -> Iterator[ProjectData]:
    """The project's data and memory; a memory that does not exist is not created."""
    existing = settings.memory if settings.memory.exists() else None
    with opened(existing, Terminal()) as memory:
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
    with _project_to_look_at(settings) as data:
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
    """The table of the issues that have something to translate. Raises `UsageError` where there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds the issues.")
    issues: list[ReviewStatus] = []
    with _project_to_look_at(options.settings) as data:
        for file in sorted(folder.glob("*.md")):
            try:
                _, found = _looked_at(Paths(file), data)
            except InputRefusedError as error:
                terminal.complain(str(error))
                continue
            if found.segments:
                issues.append(review_status_of(found))
    if not issues:
        raise UsageError(f"{folder} holds no Chinese Markdown file (*.md): name the folder with the issues.")
    terminal.result(status_table(issues))
    return ExitCode.DONE


def _serve(paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """Serve until Ctrl-C. The address goes to stdout: it is good for one browser."""
    with session_of(paths, options, os.environ, may_be_new=True) as session:
        server = _server(session)
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
    left = sum(map(needs_a_look, session.review.segments))
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


def _server(session: Session) -> ReviewServer:
    with needing_extra("review", "review --serve", without="Without it, -o page.html and --tty work."):
        from weekly_translate.review.server import ReviewServer  # noqa: PLC0415 - an extra, maybe missing
    return ReviewServer(session, page_files(server=True))


def _walk(paths: Paths, options: ReviewOptions, terminal: Terminal) -> ExitCode:
    """Walk to the end; leaving earlier, by `q`, Ctrl-C or the end of the input, loses no decision."""
    with session_of(paths, options, os.environ, may_be_new=True) as session:
        if paths.target is not None and not paths.target.exists():
            terminal.say(f"{paths.target} does not exist yet: translate writes it.")
        walk = Walk(session, _Screen(terminal))
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


class _Screen:
    """Questions and texts go to stdout, answers come from stdin."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def card(self, one: Reviewed, place: str) -> None:
        """Show a segment as wide as the terminal is now."""
        self._terminal.show_lines(card_of(one, self._look, place=place))

    def remark(self, finding: Finding, about: str) -> None:
        """Show it as wide as the terminal is now."""
        line, english = finding.source_line, finding.target_line
        where = f", line {line}" if line else f", English line {english}" if english else ""
        place = (Styled(clean(about + where), "place"),)
        self._terminal.show_lines([(), place, *finding_lines(finding, self._look, indent=CARD)])

    def say(self, sentence: str) -> None:
        """Say it where the questions are."""
        self._terminal.show_lines(self._wrapped(clean(sentence)))

    def ask(self, question: str) -> str | None:
        """A line of the input."""
        *above, last = self._wrapped(question.rstrip())
        self._terminal.show_lines(above)
        self._terminal.result("".join(piece.text for piece in last) + " ")
        return sys.stdin.readline() or None if sys.stdin else None

    def edited(self, text: str, one: Reviewed) -> str:
        """Open the person's editor, with the Chinese and the findings below the text."""
        lines = card_of(one, self._look, place=f"line {one.line}")
        notes = "\n".join("".join(piece.text for piece in line) for line in lines)
        return edited(text, notes, os.environ)

    def _wrapped(self, text: str) -> list[Line]:
        return wrapped(text, (), width=self._terminal.result_width - 1)

    @property
    def _look(self) -> Look:
        return self._terminal.look(Severity.WARNING)
