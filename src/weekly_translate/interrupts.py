"""What the signals that end a process do: one rule for the program, a pager and a run."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


def end_in_order() -> None:
    """Let SIGTERM end the program as Ctrl-C does: asyncio then cancels what is in flight.

    It does so only where Ctrl-C is not ignored. A shell ignores Ctrl-C for what runs in its background:
    there it gets a handler, and is blocked.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)


@contextmanager
def left_to_another() -> Iterator[None]:
    """Ctrl-C is for the program in front, such as a pager, while the block lasts."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
