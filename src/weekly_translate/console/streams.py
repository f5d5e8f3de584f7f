"""Streams that nobody may be reading."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console


class Stderr(Console):
    """rich would end the program, and with it a run that is paid for, when nobody reads stderr any more."""

    def on_broken_pipe(self) -> None:
        """Go on without it."""
        drop(sys.stderr)


def drop(stream: TextIO) -> None:
    """From now on nowhere: what is still in the buffer would let Python fail at the very end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
