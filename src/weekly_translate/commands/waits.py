"""What a person is told while a run has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.console import Terminal

_LONG_WAIT = 10
"""Seconds: a wait like this is told each time, a shorter one once for each reason."""


def waits_told(terminal: Terminal) -> Callable[[str, float], None]:
    """Says why nothing moves, without saying the same for each of the workers."""
    said: set[str] = set()

    def told(reason: str, seconds: float) -> None:
        if seconds >= _LONG_WAIT or (seconds >= 1 and reason not in said):
            said.add(reason)
            terminal.say(f"waiting {seconds:.0f} s: {reason}")

    return told
