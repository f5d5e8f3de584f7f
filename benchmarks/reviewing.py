"""The review page of a whole season, opened, then in a real Chromium: what it, a key and a decision take."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING

from benchmarks.browser import chromium, open_browser
from benchmarks.rows import Row
from benchmarks.runs import job_at
from benchmarks.texts import ROOT, sample
from weekly_translate.review.gather import page_files
from weekly_translate.review.server import ReviewServer
from weekly_translate.review.session import Paths, ReviewFiles, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

_COPIES = 32
"""So many issues with as many segments as the sample has are a season of 2,000."""
_PAINT, _KEY, _DECISION = 300, 50, 100
"""Milliseconds that are asked for."""
_WATCH = """() => {
  window.durations = [];
  new PerformanceObserver((list) => {
    const keys = list.getEntries().filter((entry) => entry.name === "keydown");
    window.durations.push(...keys.map((entry) => entry.duration));
  }).observe({ type: "event", durationThreshold: 16 });
}"""
_FIRST_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""
_DECIDE = """([node, verdict, key, ctrlKey]) => new Promise((done) => {
  const row = document.querySelector(".segment.current");
  const start = performance.now();
  new MutationObserver((_, watcher) => {
    if (row.dataset.verdict !== verdict) return;
    watcher.disconnect();
    done(performance.now() - start);
  }).observe(row, { attributes: true });
  document.querySelector(node).dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true }));
})"""
_OPENING = 15
"""Seconds of the processor that are allowed until every segment of both files was judged."""
_LEAST = 16.0
"""Browsers report the time from a key to the next picture, if it is 16 ms or more."""


def reviewing() -> Iterator[Row]:
    """A served page of 2,000 segments: opening it, the first picture, a step, a letter, decisions."""
    if chromium() is None:
        yield Row("the review page", "not measured: there is no Chromium")
        return
    with _served_season() as (address, segments, opening), open_browser() as browser:
        goal = f"< {_OPENING} s"
        yield Row(
            f"review of {segments:,} segments and their English: opened",
            f"{opening:.1f} s",
            goal,
            opening < _OPENING,
        )
        page = browser.new_page()
        paints = [_paint(page, address)] + [_paint(page, page.url) for _ in range(4)]
        yield _row(f"review page, {segments:,} segments: first paint", paints, _PAINT)
        page.wait_for_selector("article:last-of-type[data-filled]", state="attached")
        page.wait_for_timeout(1_000)
        yield _row("  key: next segment", _times(page, "j" * 20), _KEY)
        yield _row("  a decision: accepted", [_accepted(page) for _ in range(10)], _DECISION)
        yield _row("  a decision: edited", [_edited(page) for _ in range(10)], _DECISION)
        yield _row("  key: a letter in the search", _times(page, "/memory"), _KEY)


@contextmanager
def _served_season() -> Iterator[tuple[str, int, float]]:
    """The address of a review of a season, how many segments that has, and the seconds that opening it took.

    Seconds of the processor. The server runs in a thread.
    """
    started: Queue[tuple[ReviewServer, int, float]] = Queue()

    def serve() -> None:
        with tempfile.TemporaryDirectory() as folder, job_at("http://127.0.0.1:9") as (data, _):
            english = (ROOT / "samples/full/en.md").read_text("utf-8")
            source, target = Path(folder) / "season.md", Path(folder) / "season.en.md"
            for path, text in ((source, sample().content), (target, english)):
                path.write_text("\n\n".join(_copied(text, copy) for copy in range(_COPIES)), "utf-8")
            before = time.thread_time()
            session = Session(ReviewFiles(Paths(source, target), data.editions), data, who="ada")
            opening = time.thread_time() - before
            server = ReviewServer(session, page_files(server=True))
            started.put((server, len(session.review.segments), opening))
            server.run()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    server, segments, opening = started.get()
    yield server.address, segments, opening
    server.stop()
    thread.join()


def _copied(text: str, copy: int) -> str:
    """The text with another character in sentences and titles, and other addresses: none repeats another."""
    named = text.replace("github.example", f"github-{copy}.example")
    other = chr(0x4E00 + 101 * copy)
    return named.replace("。", f"{other}。").replace("](", f"{other}](")


def _paint(page: Page, address: str) -> float:
    """Milliseconds from the navigation to the first picture with content."""
    page.goto(address)
    return float(page.evaluate(_FIRST_PAINT))


def _times(page: Page, keys: str) -> list[float]:
    """Milliseconds from each key to the next picture; what took less than 16 is not told."""
    page.evaluate(_WATCH)
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    return [float(time) for time in page.evaluate("window.durations")] or [_LEAST]


def _accepted(page: Page) -> float:
    """Milliseconds from the key until the row shows the decision, which the memory holds by then."""
    _next(page)
    return float(page.evaluate(_DECIDE, ["body", "accepted", "a", False]))


def _next(page: Page) -> None:
    """Go on to a segment that can be accepted: it has English, and its like was not decided."""
    page.keyboard.press("j")
    while not page.locator(".segment.current .accept:enabled").count():
        page.keyboard.press("j")


def _edited(page: Page) -> float:
    """The same for a text that a person has changed."""
    _next(page)
    page.keyboard.press("e")
    field = page.get_by_role("textbox", name="English text")
    field.fill(f"{field.input_value()} And more.")
    return float(page.evaluate(_DECIDE, ["textarea", "edited", "Enter", True]))


def _row(what: str, times: list[float], goal: float) -> Row:
    taken = median(times)
    more = f" (median; slowest {max(times):.0f} ms)" if len(times) > 1 else ""
    return Row(what, f"{taken:.0f} ms{more}", f"< {goal} ms", taken < goal)
