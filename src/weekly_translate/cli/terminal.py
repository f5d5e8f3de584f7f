"""What a person sees: sentences and tables on stderr, results on stdout, long ones through a pager."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from weekly_translate.errors import StorageError
from weekly_translate.files import now, to_paste
from weekly_translate.interrupts import left_to_another_program
from weekly_translate.model import Finding, Severity, Span
from weekly_translate.report.text import Line, Look, Marked, Styled, cells, wrapped
from weekly_translate.text.characters import counted, lazy_pattern, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from weekly_translate.memory.database import MemoryServer
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.run.seasons import Log

Row = tuple[str, str]
"""A name and a value of a table."""
_CONTROLS = lazy_pattern(
    "\x1b\\][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\\\|\x9c)?"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_STYLES = {
    Severity.ERROR.value: "bold red",
    Severity.WARNING.value: "yellow",
    Severity.INFO.value: "dim",
    "place": "bold",
    "difference": "bold reverse",
    "gone": "red strike",
    "new": "bold green",
}
"""The styles of `Styled` in rich's words, where these are others."""
_CANNOT_RUN = (126, 127)
"""How a shell says that there is no such program, or that it is none."""
_LONG_WAIT = 10
"""Seconds: a wait like this is told each time, a shorter one once for each reason."""
_FORCING = {"FORCE_COLOR", "TTY_COMPATIBLE"}
"""Variables by which rich takes for a terminal what is none."""
_USUAL_WIDTH = 80
_LEAST_WIDTH = 40
_SHOWN_WARNINGS = 20
_NAME_WIDTH = 10
_INDENT = "  "
_QUOTED = 16
"""Characters of a source that a finding quotes."""


def clean(text: str) -> str:
    """The text with escape sequences, controls and direction marks made visible; line ends stay (SEC-07)."""
    return _CONTROLS.sub(
        lambda match: match[0].encode("unicode_escape").decode("ascii"), text.replace("\r\n", "\n")
    )


def clean_line(text: str) -> str:
    """The same on one line, so that a file name cannot pretend to be a message."""
    return clean(text).replace("\n", "\\n")


def this_command(*more: str) -> list[str]:
    """The command that runs just now, to paste, with more options."""
    return ["weekly-translate", *sys.argv[1:], *more]


def drop(stream: TextIO) -> None:
    """From now on nowhere: what is still in the buffer would let Python fail at the very end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class Terminal:
    """Writes to stderr, and results to stdout."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        """`quiet` leaves errors only, `verbose` shows every finding."""
        self.quiet = quiet
        self._verbose = verbose
        self.bars: Progress | None = None
        """What is drawn at the foot of the terminal just now, and steps aside for a question."""
        self._is_plain = _FORCING.isdisjoint(os.environ) and not any(map(os.isatty, range(3)))

    @property
    def is_interactive(self) -> bool:
        """Whether stderr is a terminal."""
        return not self._is_plain and self.stderr.is_terminal

    @cached_property
    def stderr(self) -> Console:
        """Where everything goes that is no result."""
        from rich.console import Console  # noqa: PLC0415 - slow to load, and a plain pipe needs none

        class Stderr(Console):
            """rich would end the program, and a run that is paid for, when nobody reads any more."""

            def on_broken_pipe(self) -> None:
                drop(sys.stderr)

        return Stderr(stderr=True, highlight=False, soft_wrap=True)

    @cached_property
    def _stdout(self) -> Console:
        from rich.console import Console  # noqa: PLC0415 - slow to load, and a plain pipe needs none

        return Console(highlight=False)

    # ------------------------------------------------------------------ sentences on stderr

    def say(self, text: str, style: str = "") -> None:
        """One line of information."""
        if not self.quiet:
            self._print(Styled(clean_line(text), style))

    def complain(self, message: str) -> None:
        """One plain sentence about what went wrong."""
        self._print(Styled(clean_line(message), Severity.ERROR))

    def ask(self, question: str) -> bool | None:
        """Whether a person at the terminal says yes; None where there is nobody to ask."""
        if self.quiet or not (self.is_interactive and sys.stdin and sys.stdin.isatty()):
            return None
        if self.bars is not None:
            self.bars.stop()
        self._print(Styled(clean_line(f"{question} [y/N]"), "bold"))
        answer = sys.stdin.readline().strip().lower()
        if self.bars is not None:
            self.bars.start()
        return answer in ("y", "yes")

    def say_lines(self, text: str) -> None:
        """Several lines of information, such as a difference."""
        for line in text.splitlines():
            self.say(line)

    def way_on(self, what_for: str, *commands: Iterable[str], even_if_quiet: bool = False) -> None:
        """What to do now, as commands to paste, each whole on its line however narrow the terminal is."""
        if even_if_quiet or not self.quiet:
            self._print(Styled(clean_line(what_for), Severity.ERROR if even_if_quiet else ""))
            for words in commands:
                self._print(Styled(f"  {clean_line(to_paste(words))}", "bold"), is_whole=True)

    def _print(self, *line: Styled, is_whole: bool = False) -> None:
        """On a terminal, a long line is broken between words, unless it `is_whole`."""
        try:
            if not self._is_plain:
                broken = self.is_interactive and not is_whole
                for row in _rows_of(line, self.stderr.width) if broken else [line]:
                    self.stderr.print(_styled(row))
            elif sys.stderr:
                sys.stderr.write("".join(piece.text for piece in line) + "\n")
                sys.stderr.flush()
        except OSError:  # nobody reads any more, or a full disk: there is nobody else to tell
            drop(sys.stderr)

    # ------------------------------------------------------------------ results on stdout

    def result(self, text: str) -> None:
        """A result: byte for byte as UTF-8, except that a terminal gets no control characters.

        Raises `StorageError` when it cannot be written. A reader who has seen enough is no error.
        """
        self._write(clean(text) if sys.stdout and sys.stdout.isatty() else text)

    def _write(self, text: str) -> None:
        if sys.stdout is None:
            raise StorageError("The standard output is closed: open it, or name a file with -o.")
        try:
            sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            drop(sys.stdout)
        except OSError as error:
            drop(sys.stdout)
            raise StorageError(
                f"The result cannot be written to the standard output: {error.strerror}. "
                "Run the same command again to get the result: no answer is paid for twice."
            ) from error

    @property
    def result_width(self) -> int:
        """The cells of a line on stdout: those of the terminal, else of COLUMNS, else 80."""
        columns = os.environ.get("COLUMNS", "")
        plain = int(columns) if columns.isdigit() else _USUAL_WIDTH
        return max(plain if self._is_plain else self._stdout.width, _LEAST_WIDTH)

    @property
    def result_has_colors(self) -> bool:
        """Whether stdout is a terminal that shows colors, and NO_COLOR does not forbid it."""
        if self._is_plain:
            return False
        out = self._stdout
        return out.is_terminal and not out.no_color and out.color_system is not None

    def look(self, least: Severity | None = None) -> Look:
        """How findings are shown on stdout, from a severity on, or as `-q` and `-v` want it."""
        wanted = Severity.ERROR if self.quiet else Severity.INFO if self._verbose else Severity.WARNING
        return Look(self.result_width, self.result_has_colors, clean, least or wanted)

    def show_lines(self, lines: Iterable[Line], *, paged: bool = False) -> None:
        """The lines of a report, in colors where stdout has them. Their text is clean already.

        With `paged`, what is longer than the terminal is shown by the person's pager.
        """
        text = self._rendered(lines)
        may_page = paged and not self.quiet and not self._is_plain and self._stdout.is_terminal
        is_long = may_page and text.count("\n") >= self._stdout.height
        if not (is_long and _shown_by_pager(text)):
            self._write(text)

    def _rendered(self, lines: Iterable[Line]) -> str:
        if not self.result_has_colors:
            return "".join("".join(piece.text for piece in line).rstrip() + "\n" for line in lines)
        with self._stdout.capture() as written:
            for line in lines:
                self._stdout.print(_styled(line), soft_wrap=True)
        return written.get()

    # ------------------------------------------------------------------ findings and rows

    def show_findings(self, name: str, findings: Iterable[Finding], texts: Mapping[str, str]) -> None:
        """Errors first, then by the source. Without `-v` at most twenty warnings, no drafts and no infos.

        `texts` are the sources of the segments by their ids: a finding quotes what it is about.
        """
        found = sorted(findings, key=lambda f: (f.severity.rank, f.source_line or 0))
        if not self._verbose:
            found = [f for f in found if f.severity is not Severity.INFO and not f.is_of_draft]
        errors = sum(f.severity is Severity.ERROR for f in found)
        most = len(found) if self._verbose else errors + _SHOWN_WARNINGS
        for finding in found[: errors if self.quiet else most]:
            self._print(*_finding_line(name, finding, texts.get(finding.segment or "", "")))
        if len(found) > most:
            self.say(f"… and {counted(len(found) - most, 'more warning')} (-v shows all)", "yellow")

    def show_rows(self, rows: Iterable[Row]) -> None:
        """A table of two columns; on a terminal, long values go on below themselves."""
        for name, value in () if self.quiet else rows:
            first, *more = self._wrapped(clean_line(value))
            self._print(Styled(f"{name:<{_NAME_WIDTH}}", "bold"), *first, is_whole=True)
            for row in more:
                self._print(Styled(" " * _NAME_WIDTH), *row, is_whole=True)

    def _wrapped(self, value: str) -> Sequence[Line]:
        if not (self.is_interactive and value):
            return [(Styled(value),)]
        return wrapped(value, (), width=max(self.stderr.width - _NAME_WIDTH, 2 * _NAME_WIDTH))


def _rows_of(line: Line, width: int) -> Iterator[Line]:
    """A line in rows of whole words; those after the first are indented."""
    text = "".join(piece.text for piece in line)
    if cells(text) <= width:
        yield line
        return
    marked, position = [], 0
    for piece in line:
        marked.append(Marked(Span(position, position + len(piece.text)), piece.style))
        position += len(piece.text)
    first, *more = wrapped(text, marked, width=width - len(_INDENT))
    yield first
    for row in more:
        yield Styled(_INDENT), *row


def _quoted(text: str) -> str:
    """The beginning of a text, by which a person finds it."""
    plain = " ".join(without_tags(text).split())
    return f" “{plain[:_QUOTED]}{'…' if len(plain) > _QUOTED else ''}”" if plain else ""


def _finding_line(name: str, finding: Finding, text: str) -> Line:
    place = f"{name}:{finding.source_line}" if finding.source_line else name
    if finding.target_line:
        place += f" (line {finding.target_line} of the result)"
    return (
        Styled(f"{clean_line(place)}: "),
        Styled(finding.severity.value, finding.severity),
        Styled(f" {finding.check}{clean_line(_quoted(text))}: {clean_line(finding.message)}"),
    )


def _styled(line: Line) -> Text:
    from rich.text import Text  # noqa: PLC0415 - as above

    text = Text()
    for piece in line:
        text.append(piece.text, _STYLES.get(piece.style, piece.style))
    return text


def _shown_by_pager(text: str) -> bool:
    """Whether `$PAGER` has shown the text; an empty one means that nobody wants a pager."""
    command = _pager()
    if not command:
        return False
    environment = os.environ | {"LESS": os.environ.get("LESS", "FRX")}
    try:
        with (
            left_to_another_program(),
            subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager,  # noqa: S603 - the person's own
        ):
            assert pager.stdin is not None
            with suppress(BrokenPipeError):  # has been left before the end
                pager.stdin.write(text.encode("utf-8", "replace"))
                pager.stdin.close()
    except OSError:
        return False
    return pager.returncode not in _CANNOT_RUN


def _pager() -> list[str]:
    wanted = os.environ.get("PAGER")
    if wanted is None:
        # On a dumb terminal, less would ask for a key before each page.
        found = None if os.environ.get("TERM", "dumb") == "dumb" else shutil.which("less")
        return [found] if found else []
    try:
        return shlex.split(wanted, posix=os.name == "posix")
    except ValueError:  # a quote that is not closed
        return []


def waits_told(terminal: Terminal, log: Log | None = None) -> Callable[[str, float], None]:
    """Says why nothing moves, without saying the same for each of the workers."""
    said: set[str] = set()

    def told(reason: str, seconds: float) -> None:
        if log is not None:
            log.tell("wait", seconds=round(seconds, 3), **({"reason": reason} if log.texts else {}))
        if seconds >= _LONG_WAIT or (seconds >= 1 and reason not in said):
            said.add(reason)
            terminal.say(f"waiting {seconds:.0f} s: {reason}")

    return told


@contextmanager
def opened(
    place: Path | MemoryServer, terminal: Terminal, *, may_be_new: bool = True, timeout: float = 30
) -> Iterator[TranslationMemory]:
    """The memory of a command, which says how it was opened, and what it waits for.

    One that does not exist and may not be new is an empty one of the moment. `timeout` is in seconds, as in
    `open_memory`, and what that raises is raised here.
    """
    from weekly_translate.memory.translation_memory import open_memory  # noqa: PLC0415 - not every command

    existing = place if may_be_new or place.exists() else None
    with open_memory(existing, now=now, timeout=timeout, on_wait=waits_told(terminal)) as memory:
        for note in memory.notes:
            terminal.say(note)
        yield memory
