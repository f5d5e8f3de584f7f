"""Stopping a run in order: the first signal lets what is in flight finish, the second does not wait."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weekly_translate.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.pipeline.schedule import Run, Scheduler

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


async def run_until_stopped(scheduler: Scheduler, told: Callable[[int], None]) -> Run:
    """Run to the end, or to the first signal, of which `told` learns how many requests are in flight.

    Raises `CancelledError` at the second signal.
    """
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if scheduler.stopping:
            task.cancel()
            return
        scheduler.stop(
            StoppedError("Stopped. The answers so far are kept: run the same command again to go on.")
        )
        told(scheduler.in_flight)

    with _told_of_signals(stop):
        return await scheduler.run()


@contextmanager
def _told_of_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Signals that would end the process call `stop` instead, where the system allows it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
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
