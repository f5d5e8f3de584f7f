"""The command line: reads options, calls one function, shows the outcome, sets the code (`design.md`, 6)."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from weekly_translate import __version__
from weekly_translate.errors import ExitCode, WeeklyTranslateError

if TYPE_CHECKING:
    from types import FrameType

app = typer.Typer(
    name="weekly-translate",
    help="Chinese Markdown newsletters into English: every link, image, code span and number accounted for.",
    epilog="An issue: weekly-translate ISSUE.md -o OUT.md (options: weekly-translate translate --help)",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
memory_app = typer.Typer(help="The translation memory.", rich_markup_mode=None)
app.add_typer(memory_app, name="memory")

_COMMANDS = ("translate", "memory", "check")
_GLOBAL = ("--help", "--version")

MemoryOption = Annotated[Path | None, typer.Option(help="The memory; default .weekly-translate/memory.db.")]
EditionOption = Annotated[str | None, typer.Option(help="House rules: a name in editions/, or none.")]
GlossaryOption = Annotated[Path | None, typer.Option(help="The glossary; default glossary.yaml.")]
ProjectOption = Annotated[
    Path | None, typer.Option(help="Where prompts, editions and glossary are looked for first.")
]


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002 - a flag
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def translate(  # noqa: PLR0913 - these are the options of the contract
    issue: Annotated[Path, typer.Argument(help="The Chinese Markdown file.")],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the English goes; default stdout.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: segments, memory, requests, tokens, cost.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Translate and show the difference, write nothing.")
    ] = False,
    engine: Annotated[
        str | None, typer.Option(help="openai or draft; default openai if there is a key.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model's name at the endpoint.")] = None,
    base_url: Annotated[str | None, typer.Option(help="An OpenAI-compatible endpoint.")] = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: Annotated[int | None, typer.Option(help="Requests at a time; default 8.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Stop before more dollars than this are spent.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a JSON report to this file.")] = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the source if it is not Unicode.")
    ] = None,
    fix_mojibake: Annotated[
        bool, typer.Option("--fix-mojibake", help="Repair text read in a wrong encoding.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding.")] = False,
) -> None:
    """Translate one issue. The word `translate` may be left out."""
    given = locals()
    from weekly_translate.commands.translate import (  # noqa: PLC0415 - --help is quick without
        run_plan,
        run_translation,
    )

    _end(run_plan(given, os.environ) if plan else run_translation(given, os.environ))


@app.command()
def check(  # noqa: PLR0913 - these are the options of the contract
    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese file and the English one.", show_default=False)
    ] = None,
    *,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Which belongs to which: 'docs/{name}.md=en/{name}.md'; then any number of files."),
    ] = None,
    allow: Annotated[Path | None, typer.Option(help="Deliberate differences, in YAML.")] = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    select: Annotated[str | None, typer.Option(help="Only these checks: num.*,url.missing")] = None,
    ignore: Annotated[str | None, typer.Option(help="Not these checks.")] = None,
    ignores: Annotated[Path | None, typer.Option(help="What is silent where, and why, in YAML.")] = None,
    format: Annotated[str, typer.Option(help="text, json, sarif or github.")] = "text",  # noqa: A002 - its name
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a rule can mend without doubt.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False,
    project: ProjectOption = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding.")] = False,
) -> None:
    """Compare an English file with its Chinese source, whoever made it."""
    given = locals()
    from weekly_translate.commands.check import run_check  # noqa: PLC0415 - as above

    _end(run_check(given, os.environ))


@memory_app.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(help="A TMX file.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Take translations from a TMX file over; what people vouch for is never overwritten by less."""
    given = locals()
    from weekly_translate.commands.memory import run_import  # noqa: PLC0415 - as above

    _end(run_import(given, os.environ))


def _end(code: ExitCode) -> NoReturn:
    raise typer.Exit(int(code))


def main() -> NoReturn:
    """The program `weekly-translate`."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] not in (*_COMMANDS, *_GLOBAL):
        arguments.insert(0, "translate")
    _end_in_order_when_told_to()
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    """The exit code; whatever went wrong has been said in one sentence."""
    try:
        code = _answer(arguments or ["--help"])
    except WeeklyTranslateError as error:
        return _complain(str(error), error.exit_code)
    except typer.TyperException as error:
        message = f"{error.format_message().rstrip('.')}. See weekly-translate {arguments[0]} --help."
        return _complain(message, ExitCode.USAGE)
    except OSError as error:
        return _no_output(error)
    except Exception:  # noqa: BLE001 - the last line of defense: a bug says that it is one
        for line in traceback.format_exc().splitlines():
            _complain(line, ExitCode.BUG)
        return _complain(
            "This is a bug of weekly-translate. Please report it with the lines above.", ExitCode.BUG
        )
    if code == ExitCode.INTERRUPTED:
        return _complain(
            "Interrupted. The answers so far are kept: run the same command again to go on.", code
        )
    return int(code or 0) if arguments else int(ExitCode.USAGE)


def _no_output(error: OSError) -> int:
    """Help and version, which typer writes itself; or a path that the system does not even look at."""
    from weekly_translate.console import drop  # noqa: PLC0415 - only when something is wrong

    drop(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return int(ExitCode.DONE)  # nobody reads on: nothing to say
    what = error.filename or "The standard output"
    return _complain(f"{what} cannot be used: {error.strerror}.", ExitCode.STORAGE)


def _answer(arguments: list[str]) -> int | None:
    """What the command returns. The version does not wait until all commands are made: that takes 0.1 s."""
    if arguments == ["--version"]:
        typer.echo(__version__)
        return int(ExitCode.DONE)
    code: int | None = app(arguments, prog_name="weekly-translate", standalone_mode=False)
    return code


def _end_in_order_when_told_to() -> None:
    """SIGTERM ends like Ctrl-C, for which asyncio puts a handler of its own: it cancels what is in flight.

    It does so only where Ctrl-C is not ignored, as it is in a shell's background: there it is blocked.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)


def _complain(message: str, code: int) -> int:
    from weekly_translate.console import Terminal  # noqa: PLC0415 - only when something is wrong

    Terminal().complain(message)
    return int(code)


if __name__ == "__main__":
    main()
