"""Long results on a terminal: the pager that a person has chosen, else `less`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from contextlib import suppress

from weekly_translate.interrupts import left_to_another_program

_CANNOT_RUN = (126, 127)
"""How a shell says that there is no such program, or that it is none."""


def shown_by_pager(text: str) -> bool:
    """Whether `$PAGER` has shown the text; an empty one means that nobody wants a pager."""
    command = _command()
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


def _command() -> list[str]:
    wanted = os.environ.get("PAGER")
    if wanted is None:
        if os.environ.get("TERM", "dumb") == "dumb":  # less would ask for a key before each page
            return []
        found = shutil.which("less")
        return [found] if found else []
    try:
        return shlex.split(wanted)
    except ValueError:  # a quote that is not closed
        return []
