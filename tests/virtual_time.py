"""An event loop whose clock jumps to the next thing that happens: minutes pass, nobody waits."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    """Instead of waiting for a file, of which there is none, the clock moves."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return []


def run_virtually(main: Callable[[Callable[[], float]], Coroutine[object, object, T]]) -> T:
    """Run a coroutine that is made with the clock and touches neither files nor network."""
    selector = _Jump()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]  # this is what the loop's clock is for
    try:
        return loop.run_until_complete(main(loop.time))
    finally:
        loop.close()
