"""What the signals that end a process do: one rule for the program, a pager and a run."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    _Handler = Callable[[int, FrameType | None], object]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def end_in_order_when_told_to() -> None:
    """Let SIGTERM end the program as Ctrl-C does: asyncio then cancels what is in flight.

    It does so only where Ctrl-C is not ignored. A shell ignores Ctrl-C for what runs in its background:
    there it gets a handler, and is blocked.
    """
    if sys.platform != "win32" and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)


@contextmanager
def left_to_another_program() -> Iterator[None]:
    """Ctrl-C is for the program in front, such as a pager, while the block lasts."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def interrupts_heard_at_once() -> Iterator[None]:
    """Signals are a `KeyboardInterrupt` while a block waits: an event loop would hear of them afterwards."""
    with _handled_by(signal.default_int_handler):
        yield


@contextmanager
def interrupts_noted() -> Iterator[list[int]]:
    """The signals that come while a block waits. Who is told of them else is told when it has ended.

    The loop of asyncio hears of them by itself: its handlers do nothing.
    """
    heard: list[int] = []
    before: dict[int, _Handler] = {}
    try:
        with _handled_by(lambda number, _frame: heard.append(number)) as before:
            yield heard
    finally:  # the handlers are back: that of SIGTERM asks for that of Ctrl-C
        for number in heard[:1]:
            before[number](number, None)


@contextmanager
def _handled_by(handler: _Handler) -> Iterator[dict[int, _Handler]]:
    """Let it handle every signal while the block lasts, which gets the handlers that it stands in for.

    An ignored signal stays ignored. Outside of the main thread no handler can be set, and none is.
    """
    before: dict[int, _Handler] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: found for number in _SIGNALS if callable(found := signal.getsignal(number))}
    try:
        for number in before:
            signal.signal(number, handler)
        yield before
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def interrupts_told(stop: Callable[[], None]) -> Iterator[None]:
    """Signals that would end the process call `stop` in this event loop, where the system allows it."""
    from asyncio import get_running_loop  # noqa: PLC0415 - a list of commands needs none

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    taken = []
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            try:
                loop.add_signal_handler(number, stop)
            except NotImplementedError:  # Windows: Ctrl-C ends the run at once, as it always does
                break
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
