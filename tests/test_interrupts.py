"""Signals while something waits: who hears of them, and that each handler is there again afterwards."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from weekly_translate.interrupts import (
    end_in_order_when_told_to,
    interrupts_heard_at_once,
    interrupts_noted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = [signal.SIGINT, signal.SIGTERM]
number_of = pytest.mark.parametrize("number", _ENDING)


@pytest.fixture(autouse=True)
def program() -> Iterator[None]:
    """The handlers that the program has, and afterwards those of the tests."""
    before = {number: signal.getsignal(number) for number in _ENDING}
    end_in_order_when_told_to()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@contextmanager
def handlers_kept() -> Iterator[None]:
    before = [signal.getsignal(number) for number in _ENDING]
    try:
        yield
    finally:
        assert [signal.getsignal(number) for number in _ENDING] == before


def wait_for_ever(number: signal.Signals) -> None:
    """A wait that only the signal ends."""
    with interrupts_heard_at_once():
        signal.raise_signal(number)
        pytest.fail("the signal was not heard")


def wait_for_the_end(number: signal.Signals, heard_of: list[int]) -> None:
    """A wait that a signal does not end."""
    with interrupts_noted() as heard:
        signal.raise_signal(number)
        heard_of += heard


@number_of
def test_a_signal_is_heard_at_once_where_an_event_loop_would_not_hear_it(number: signal.Signals) -> None:
    signal.signal(number, lambda _number, _frame: None)  # as the loop of asyncio does
    with handlers_kept(), pytest.raises(KeyboardInterrupt):
        wait_for_ever(number)


@number_of
def test_a_signal_that_comes_before_the_wait_leaves_no_handler_behind(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    set_handler = signal.signal

    def struck(changed: signal.Signals, handler: object) -> None:
        set_handler(changed, handler)  # type: ignore[arg-type]  # whatever stood there
        if changed == number and handler is signal.default_int_handler:
            signal.raise_signal(number)

    monkeypatch.setattr(signal, "signal", struck)
    with handlers_kept(), pytest.raises(KeyboardInterrupt), interrupts_heard_at_once():
        pytest.fail("the signal was not heard")


@number_of
def test_a_noted_signal_ends_the_program_when_the_wait_has_ended(number: signal.Signals) -> None:
    heard: list[int] = []
    with handlers_kept(), pytest.raises(KeyboardInterrupt):
        wait_for_the_end(number, heard)
    assert heard == [number]


@pytest.mark.parametrize("waiting", [interrupts_heard_at_once, interrupts_noted])
def test_an_ignored_signal_stays_ignored(waiting: object) -> None:
    assert callable(waiting)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with handlers_kept(), waiting():
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("waiting", [interrupts_heard_at_once, interrupts_noted])
def test_a_thread_changes_no_handler(waiting: object) -> None:
    assert callable(waiting)
    changed = []

    def wait() -> None:
        before = signal.getsignal(signal.SIGINT)
        with waiting():
            changed.append(signal.getsignal(signal.SIGINT) is not before)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert changed == [False]
