"""All commands in one program, and what it says and returns when something goes wrong."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated, NoReturn

import typer

from weekly_translate import __version__
from weekly_translate.cli import batch, season, translate
from weekly_translate.cli.batch import with_step
from weekly_translate.cli.check import check, selftest
from weekly_translate.cli.edition import edition_app
from weekly_translate.cli.glossary import glossary_app
from weekly_translate.cli.init import InitOptions, init
from weekly_translate.cli.memory import memory_app
from weekly_translate.cli.options import command
from weekly_translate.cli.review import review
from weekly_translate.errors import EditionError, ExitCode, WeeklyTranslateError
from weekly_translate.interrupts import end_in_order_when_told_to

app = typer.Typer(
    name="weekly-translate",
    help="Chinese Markdown newsletters into English: every link, image, code span and number accounted for.",
    epilog="An issue: weekly-translate ISSUE.md -o OUT.md (options: weekly-translate translate --help)",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_TYPED = {**translate.COMMANDS, **season.COMMANDS, "init": command(InitOptions, init)}
_COMMANDS = (review, check, selftest)
_GROUPS = {
    "memory": memory_app,
    "glossary": glossary_app,
    "edition": edition_app,
    "batch": typer.Typer(help="Requests as a file, for whoever answers later.", rich_markup_mode=None),
}
_FIRST = {*(command.__name__ for command in _COMMANDS), *_TYPED, *_GROUPS, "--help", "--version"}
"""What the arguments may begin with; everything else is an issue to translate."""

for _name, _function in _TYPED.items():
    app.command(_name)(_function)
for _command in _COMMANDS:
    app.command()(_command)
for _name, _function in batch.COMMANDS.items():
    _GROUPS["batch"].command(_name)(_function)
for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002 - a flag
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def run() -> NoReturn:
    """Run the command that the arguments name, and end with its code."""
    arguments = with_step(sys.argv[1:])
    if arguments and arguments[0] not in _FIRST:
        arguments.insert(0, "translate")
    end_in_order_when_told_to()
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    """The exit code; whatever went wrong has been said in one sentence."""
    try:
        code = _answer(arguments or ["--help"])
    except WeeklyTranslateError as error:
        return _refused(error)
    except typer.TyperException as error:
        message = f"{error.format_message().rstrip('.')}. See weekly-translate {arguments[0]} --help."
        return _complain(message, ExitCode.USAGE)
    except OSError as error:
        return no_output(error)
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


def _refused(error: WeeklyTranslateError) -> int:
    """The faults of an edition are told line by line; a line break in other messages is part of a name."""
    for line in str(error).splitlines() if isinstance(error, EditionError) else [str(error)]:
        _complain(line, error.exit_code)
    return int(error.exit_code)


def no_output(error: OSError) -> int:
    """Help and version, which typer writes itself; or a path that the system does not even look at."""
    from weekly_translate.cli.terminal import (  # noqa: PLC0415 - only when something is wrong
        drop,
    )

    drop(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return int(ExitCode.DONE)  # nobody reads on: nothing to say
    what = error.filename or "The standard output"
    return _complain(f"{what} cannot be used: {error.strerror}.", ExitCode.STORAGE)


def _answer(arguments: list[str]) -> int | None:
    """What the command returns."""
    code: int | None = app(arguments, prog_name="weekly-translate", standalone_mode=False)
    return code


def _complain(message: str, code: int) -> int:
    from weekly_translate.cli.terminal import (  # noqa: PLC0415 - only when something is wrong
        Terminal,
    )

    Terminal().complain(message)
    return int(code)
