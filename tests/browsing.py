"""A page in a real Chromium, and all that it does besides showing itself."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Browser, Page, Route

needs_chromium = pytest.mark.skipif(
    chromium() is None and not os.environ.get("CI"), reason="there is no Chromium on the PATH"
)
"""Nothing is skipped in CI: there a browser that is missing is a fault."""


@dataclass
class Watched:
    """A page, the addresses that it has asked for beside its own, and what stands in its console."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def pressed(self, keys: Iterable[str]) -> Watched:
        """The same page after these keys."""
        for key in keys:
            self.page.keyboard.press(key)
        return self


@contextmanager
def opened(browser: Browser, address: str, **look: Any) -> Iterator[Watched]:  # noqa: ANN401 - Playwright's options
    """The page at an address, all of its rows written; other addresses are noted and get no answer."""
    context = browser.new_context(reduced_motion="reduce", **look)
    watched = Watched(context.new_page())

    def answer(route: Route) -> None:
        if route.request.url == address:
            route.continue_()
        else:
            watched.asked.append(route.request.url)
            route.fulfill(status=204)

    context.route("**/*", answer)
    watched.page.on("console", lambda message: watched.said.append(message.text))
    watched.page.on("pageerror", lambda error: watched.said.append(str(error)))
    watched.page.goto(address)
    watched.page.wait_for_function("document.querySelectorAll('article:not([data-filled])').length === 0")
    try:
        yield watched
    finally:
        context.close()
