"""The command line: reads options, calls one function, shows the outcome, sets the code."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from weekly_translate.version import VERSION


def main() -> NoReturn:
    """The program `weekly-translate`. Its version does not wait until all commands are loaded."""
    if sys.argv[1:] == ["--version"]:
        sys.exit(_tell_version())
    # Documents are a great many small values that live to the end: no use looking through them so often.
    gc.set_threshold(300_000, 50, 100)
    try:
        from weekly_translate.cli.program import run  # noqa: PLC0415 - loads typer and all commands

        run()
    except KeyboardInterrupt:  # before a command has begun
        sys.exit(130)
    finally:
        gc.freeze()  # at its end Python looks through all that is left, which takes 0.1 s: for nothing


def _tell_version() -> int:
    try:
        sys.stdout.write(f"{VERSION}\n")
        sys.stdout.flush()
    except OSError as error:
        from weekly_translate.cli.program import no_output  # noqa: PLC0415 - as above

        return no_output(error)
    return 0
