"""Prints the man page (`1`) or the completion of a shell (`bash`, `fish`, `zsh`), from the program itself.

The wheel installs what stands in `shell/`; a test says when that is no longer what the help says.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer._completion_shared import get_completion_script
from typer.main import get_command

from weekly_translate.cli.program import COMMANDS, EXAMPLES, GROUPS, program
from weekly_translate.errors import ExitCode
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "weekly-translate"
_VALUES = {
    **dict.fromkeys(map(str, (int, float)), "NUMBER"),
    **dict.fromkeys(map(str, (Path, list[Path])), "PATH"),
    **dict.fromkeys(map(str, (bool, str, list[str])), "TEXT"),
}
"""What stands for the value of an option."""


def completion(shell: str) -> str:
    """The script of bash, zsh or fish; zsh reads it at the first completion, and has to be answered then."""
    script = get_completion_script(prog_name=_NAME, complete_var="_WEEKLY_TRANSLATE_COMPLETE", shell=shell)
    return f'{script}\n_weekly_translate_completion "$@"\n' if shell == "zsh" else f"{script}\n"


def man_page() -> str:
    """The page in roff: each command, its options, and what the exit codes mean."""
    app = get_command(program(*COMMANDS, *GROUPS))
    return "\n".join([f'.TH WEEKLY-TRANSLATE 1 "" "{_NAME} {VERSION}"', *_lines(app), ""])


def _lines(app: Any) -> Iterator[str]:  # noqa: ANN401 - typer's commands have no public type
    yield from (".SH NAME", f"{_plain(_NAME)} \\- {_plain(app.help)}", ".SH SYNOPSIS")
    yield from (f".B {_plain(_NAME)}", "ISSUE.md \\-o OUT.md", ".br")
    yield from (f".B {_plain(_NAME)}", "COMMAND [OPTIONS]", ".SH COMMANDS")
    for path, command in _leaves(app):
        yield f".SS {_plain(' '.join([_NAME, *path]))}"
        yield _plain(command.help)
        for parameter in command.params:
            yield from (
                ".TP",
                f".B {_plain(_named(parameter))}",
                _plain(getattr(parameter, "help", "") or "\u00a0"),
            )
        for example in EXAMPLES.get(" ".join(path), ()):
            yield from (".PP", ".EX", _plain(f"{_NAME} {example}"), ".EE")
    yield ".SH EXIT STATUS"
    for code in ExitCode:
        yield from (".TP", f".B {int(code)}", _plain(code.name.lower().replace("_", " ")))


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - as above
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            yield from _leaves(inner, (*path, name))
        else:
            yield (*path, name), inner


def _named(parameter: Any) -> str:  # noqa: ANN401 - as above
    """`-o, --output PATH` for an option, `ISSUE` for an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    names = ", ".join(sorted((*parameter.opts, *parameter.secondary_opts), key=len))
    value = parameter.metavar or _VALUES[str(parameter.type_descriptor.annotation)]
    return names if parameter.is_flag else f"{names} {value}"


def _plain(text: str) -> str:
    """Text that roff takes for nothing else."""
    escaped = " ".join(re.sub("\\s+", " ", text).split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    (what,) = sys.argv[1:]
    sys.stdout.write(man_page() if what == "1" else completion(what))
