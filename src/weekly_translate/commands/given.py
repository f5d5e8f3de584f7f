"""What a command is given, and the terminal that it writes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weekly_translate.console import Terminal

Given = Mapping[str, Any]
"""The arguments and options of a command, by name; what was not given is None."""


def terminal_for(given: Given) -> Terminal:
    """As loud as `--quiet` and `--verbose` want it."""
    return Terminal(quiet=bool(given.get("quiet")), verbose=bool(given.get("verbose")))
