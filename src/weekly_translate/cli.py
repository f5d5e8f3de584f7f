"""The command line: reads options, calls one function, shows the outcome, sets the code (`design.md`, 6)."""

from __future__ import annotations

import os
import signal
import sys
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
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
memory_app = typer.Typer(no_args_is_help=True, help="The translation memory.", rich_markup_mode=None)
app.add_typer(memory_app, name="memory")

_COMMANDS = ("translate", "memory")
_GLOBAL = ("--help", "--version")

MemoryOption = Annotated[Path | None, typer.Option(help="The memory; default .weekly-translate/memory.db.")]
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
    edition: Annotated[str | None, typer.Option(help="House rules: a name in editions/, or none.")] = None,
    glossary: Annotated[Path | None, typer.Option(help="The glossary; default glossary.yaml.")] = None,
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
    from weekly_translate.commands import run_plan, run_translation  # noqa: PLC0415 - --help is quick without

    _end(run_plan(given, os.environ) if plan else run_translation(given, os.environ))


@memory_app.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(help="A TMX file.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Take translations from a TMX file over; what people vouch for is never overwritten by less."""
    given = locals()
    from weekly_translate.commands import run_import  # noqa: PLC0415 - as above

    _end(run_import(given, os.environ))


def _end(code: ExitCode) -> NoReturn:
    raise typer.Exit(int(code))


def main() -> NoReturn:
    """The program `weekly-translate`."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] not in (*_COMMANDS, *_GLOBAL):
        arguments.insert(0, "translate")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(arguments, prog_name="weekly-translate")
    except WeeklyTranslateError as error:
        _complain(str(error))
        sys.exit(int(error.exit_code))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: nothing to say
        sys.exit(int(ExitCode.DONE))
    sys.exit(int(ExitCode.DONE))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _complain(message: str) -> None:
    from weekly_translate.console import Terminal  # noqa: PLC0415 - only when something is wrong

    Terminal().complain(message)


if __name__ == "__main__":
    main()
