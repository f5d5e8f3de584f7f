"""`weekly-translate review`."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    Given,
    GlossaryOption,
    MemoryOption,
    ProjectOption,
    QuietOption,
    end_with,
    settings_for,
    terminal_for,
)
from weekly_translate.cli.summary import counted
from weekly_translate.cli.terminal import clean
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_bytes, read_text, same_file, write_text
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.report.findings import Look
from weekly_translate.report.review_page import review_page
from weekly_translate.report.review_text import card_of, review_status_of, status_table
from weekly_translate.review.gather import Nobody, gathered
from weekly_translate.review.page_files import page_files
from weekly_translate.review.session import LIMIT, Paths, ReviewFiles, Session, applied, read_decisions
from weekly_translate.review.walk import Walk, edited
from weekly_translate.run.issue import Listeners, job_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.report.review_text import ReviewStatus
    from weekly_translate.report.review_values import Review, Reviewed
    from weekly_translate.review.server import ReviewServer
    from weekly_translate.run.job import Job
    from weekly_translate.settings import Settings

_PATIENCE = 2
"""Seconds to wait for a run that is writing to the memory; a person is waiting, too."""


@contextmanager
def job_to_look(settings: Settings) -> Iterator[Job]:
    """A job that asks nothing and stores nothing: a memory that does not exist is not created."""
    existing = settings.memory if settings.memory.exists() else None
    with open_memory(existing, now=now) as memory:
        yield job_for(settings, memory, Listeners(), lambda *_: Nobody())


@contextmanager
def session_of(
    given: Given, environment: Mapping[str, str], *, may_be_new: bool = False
) -> Iterator[Session]:
    """The document, its memory, and who decides; `may_be_new` is the English file.

    Raises `UsageError`, `InputRefusedError`, `StorageError`.
    """
    settings = settings_for(given, environment)
    paths = Paths(given["source"], given["target"], given["encoding"])
    if paths.target is not None and not (may_be_new or paths.target.exists()):
        raise UsageError(f"{paths.target} does not exist: check the name, or leave it out.")
    who = given["reviewer"] if given["reviewer"] is not None else _login_name()
    with open_memory(settings.memory, now=now, timeout=_PATIENCE) as memory:
        job = job_for(settings, memory, Listeners(), lambda *_: Nobody())
        yield Session(ReviewFiles(paths, job.editions), job, who=who)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # a container may run as a number that nobody has
        raise UsageError("This system does not say who you are: give a name with --reviewer.") from error


# ---------------------------------------------------------------------------
# `review --apply` stores the decisions of a saved page; `review --status` says what is left to decide.


def run_apply(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review SOURCE [TARGET] --apply FILE`: 1 if one of the decisions could not be stored."""
    terminal = terminal_for(given)
    file: Path = given["apply"]
    decisions = read_decisions(read_bytes(file, limit=LIMIT), str(file))
    with session_of(given, environment) as session:
        faults = list(applied(decisions, session))
    for fault in faults:
        terminal.complain(f"{given['source']}: {fault}.")
    terminal.say(f"{file}: {counted(len(decisions) - len(faults), 'decision')} stored")
    return ExitCode.FINDINGS if faults else ExitCode.DONE


def run_status(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review --status FOLDER`: the table to stdout. Raises `UsageError` where there is no issue."""
    terminal = terminal_for(given)
    folder: Path = given["status"]
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds the issues.")
    settings = settings_for(given, environment)
    with job_to_look(settings) as job:
        issues = list(_issues(sorted(folder.glob("*.md")), job, terminal))
    if not issues:
        raise UsageError(f"{folder} holds no Chinese Markdown file (*.md): name the folder with the issues.")
    terminal.result(status_table(issues))
    return ExitCode.DONE


def _issues(files: list[Path], job: Job, terminal: Terminal) -> Iterator[ReviewStatus]:
    """Those of the files that have something to translate; what cannot be read is said."""
    for file in files:
        try:
            review = gathered(read_text(file).text, file.name, job)
        except InputRefusedError as error:
            terminal.complain(str(error))
            continue
        if review.segments:
            yield review_status_of(review)


# ---------------------------------------------------------------------------
# `review --serve`: the page, with a server on this machine behind it.


def run_serve(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """Serve until Ctrl-C. The address goes to stdout: it is good for one browser."""
    terminal = terminal_for(given)
    with session_of(given, environment, may_be_new=True) as session:
        server = _server(session)
        terminal.result(f"{server.address}\n")
        if given["target"] is not None and not given["target"].exists():
            terminal.say(f"{given['target']} does not exist yet: it is written when you say so on the page.")
        terminal.say("Decisions are stored at once. Ctrl-C ends the review.")
        if not given["no_browser"]:
            _open(server.address)
        server.run()
    return ExitCode.DONE


def _open(address: str) -> None:
    """Our own address, in which no content has a part (SEC-33). A browser may keep its caller waiting."""
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _server(session: Session) -> ReviewServer:
    try:
        from weekly_translate.review.server import (  # noqa: PLC0415 - an extra, maybe missing
            ReviewServer,
        )
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise UsageError(
            "review --serve needs two more packages: pip install 'weekly-translate[review]'. "
            "Without them, -o page.html and --tty work."
        ) from error
    return ReviewServer(session, page_files())


# ---------------------------------------------------------------------------
# `review --tty`: the segments that need a look, one after the other, in a terminal or through a pipe.


def run_tty(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """Walk to the end; leaving earlier, by `q`, Ctrl-C or the end of the input, loses no decision."""
    terminal = terminal_for(given)
    with session_of(given, environment) as session:
        walk = Walk(session, _Screen(terminal, environment))
        with suppress(KeyboardInterrupt):
            walk.run()
        terminal.result("\n")
        terminal.say(
            f"{counted(len(walk.decided), 'decision')}; {counted(walk.left, 'segment')} left to look at."
        )
    return ExitCode.DONE


class _Screen:
    """Questions and texts go to stdout, answers come from stdin."""

    def __init__(self, terminal: Terminal, environment: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._environment = environment

    def card(self, one: Reviewed, place: str) -> None:
        """Show a segment as wide as the terminal is now."""
        self._terminal.show_lines(card_of(one, self._look, place=place))

    def say(self, sentence: str) -> None:
        """Say it where the questions are."""
        self._terminal.result(f"{clean(sentence)}\n")

    def ask(self, question: str) -> str | None:
        """A line of the input."""
        self._terminal.result(question)
        return sys.stdin.readline() or None if sys.stdin else None

    def edited(self, text: str, one: Reviewed) -> str:
        """Open the person's editor, with the Chinese and the findings below the text."""
        lines = card_of(one, self._look, place=f"line {one.line}")
        notes = "\n".join("".join(piece.text for piece in line) for line in lines)
        return edited(text, notes, self._environment)

    @property
    def _look(self) -> Look:
        return Look(self._terminal.result_width, self._terminal.result_has_colors, clean)


# ---------------------------------------------------------------------------
# `review`: what a person looks at before a translation is published.


def run_review(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """One of the ways to look at a translation. Raises `UsageError` unless exactly one is named."""
    ways = [way for way in _WAYS if given[way]]
    if len(ways) != 1:
        raise UsageError("Say how you want to look at it: one of -o, --serve, --tty, --apply and --status.")
    if given["source"] is None and ways != ["status"]:
        raise UsageError("Name the Chinese file that is to be reviewed.")
    return _WAYS[ways[0]](given, environment)


def run_page(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`review SOURCE [TARGET] -o PAGE.html`: the page is written, whatever the findings are."""
    terminal = terminal_for(given)
    out: Path = given["out"]
    check_writable(out, source=given["source"])
    settings = settings_for(given, environment)
    _refuse_what_is_read(out, given["target"], settings)
    review = review_from(given, settings)
    write_text(out, TextFile(review_page(review, page_files())))
    settled = sum(segment.is_settled for segment in review.segments)
    segments = counted(len(review.segments), "segment")
    terminal.say(f"{out}: {segments}, {settled:,} approved. Open it in a browser.")
    return ExitCode.DONE


def _refuse_what_is_read(out: Path, target: Path | None, settings: Settings) -> None:
    """The page would take the place of somebody's work."""
    read = {"the English file": target, "the memory": settings.memory, "the glossary": settings.glossary}
    for what, path in read.items():
        if path is not None and same_file(out, path):
            raise UsageError(f"{out} is {what}: name another file for the page.")


def review_from(given: Given, settings: Settings) -> Review:
    """The source, with what the memory, the edition and the English file have for it; nothing is asked."""
    source = read_text(given["source"], encoding_hint=given["encoding"])
    target: Path | None = given["target"]
    english = None
    if target is not None:
        english = (read_text(target, encoding_hint=given["encoding"]).text, str(target))
    with job_to_look(settings) as job:
        return gathered(source.text, given["source"].name, job, english)


_WAYS = {"out": run_page, "serve": run_serve, "tty": run_tty, "apply": run_apply, "status": run_status}


# ---------------------------------------------------------------------------
# `weekly-translate review`.


def review(  # noqa: PLR0913 - these are the options of the contract
    source: Annotated[Path | None, typer.Argument(help="The Chinese file.", show_default=False)] = None,
    target: Annotated[
        Path | None,
        typer.Argument(
            help="The English file: compared, and used where the memory lacks a text.", show_default=False
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the page goes, an HTML file.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the page in a browser and store decisions at once.")
    ] = False,
    tty: Annotated[bool, typer.Option("--tty", help="In the terminal, what needs a look only.")] = False,
    apply: Annotated[
        Path | None, typer.Option(help="Store the decisions that were saved in a page.", show_default=False)
    ] = None,
    status: Annotated[
        Path | None, typer.Option(help="How far the issues of a folder are.", show_default=False)
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Who decides; default the login name.", show_default=False)
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
    memory: MemoryOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the files if it is not Unicode.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Look at a translation segment by segment: accept, edit, reject."""
    given = locals()

    end_with(run_review(given, os.environ))
