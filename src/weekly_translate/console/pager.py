"""Long results on a terminal: the pager that a person has chosen, else `less`."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from contextlib import suppress

_CANNOT_RUN = (126, 127)
"""How a shell says that there is no such program, or that it is none."""


def shown_by_pager(text: str) -> bool:
    """Whether `$PAGER` has shown the text; an empty one means that nobody wants a pager."""
    command = _command()
    if not command:
        return False
    environment = os.environ | {"LESS": os.environ.get("LESS", "FRX")}
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager:  # noqa: S603 - the person's own
            assert pager.stdin is not None
            with suppress(BrokenPipeError):  # has been left before the end
                pager.stdin.write(text.encode("utf-8", "replace"))
                pager.stdin.close()
    except OSError:
        return False
    else:
        return pager.returncode not in _CANNOT_RUN
    finally:
        signal.signal(signal.SIGINT, before)


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
