"""The review page of a whole season in a real Chromium: when it stands, and how long a key takes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.browser import chromium, open_browser
from benchmarks.rows import Row
from benchmarks.runs import job_at
from benchmarks.texts import ROOT, sample
from weekly_translate.report.review_page import review_page
from weekly_translate.review.gather import gathered, page_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from weekly_translate.report.review_values import Review

_SEGMENTS = 2_000
_PAINT, _KEY = 1_000, 50
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
_LEAST = 16.0
"""Browsers report the time from a key to the next picture, if it is 16 ms or more."""


def reviewing() -> Iterator[Row]:
    """A page of 2,000 segments: the first picture, a step to the next segment, a letter in the search."""
    if chromium() is None:
        yield Row("the review page", "not measured: there is no Chromium")
        return
    review = _season()
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        file = Path(folder) / "page.html"
        file.write_text(review_page(review, page_files()), encoding="utf-8")
        page = browser.new_page()
        page.goto(file.as_uri())
        yield _row(f"review page, {len(review.segments):,} segments: first paint", [_paint(page)], _PAINT)
        page.wait_for_selector("article:last-of-type[data-filled]", state="attached")
        for what, keys in (("next segment", "j" * 20), ("a letter in the search", "/memory")):
            yield _row(f"  key: {what}", _times(page, keys), _KEY)


def _season() -> Review:
    """The sample again and again, as often as it takes."""
    english = ROOT / "samples/full/review/earlier.md"
    with job_at("http://127.0.0.1:9") as (data, _):
        one = gathered(sample().content, "season.md", data, (english.read_text("utf-8"), english.name))
    copies = -(-_SEGMENTS // len(one.segments))
    segments = (
        replace(segment, id=f"c{copy}-{segment.id}", section=f"{copy}. {segment.section}")
        for copy in range(copies)
        for segment in one.segments
    )
    return replace(one, segments=tuple(segments))


def _paint(page: Page) -> float:
    """Milliseconds from the navigation to the first picture with content."""
    return float(page.evaluate(_FIRST_PAINT))


def _times(page: Page, keys: str) -> list[float]:
    """Milliseconds from each key to the next picture; what took less than 16 is not told."""
    page.evaluate(_WATCH)
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    return [float(time) for time in page.evaluate("window.durations")] or [_LEAST]


def _row(what: str, times: list[float], goal: float) -> Row:
    taken = median(times)
    more = f" (median; slowest {max(times):.0f} ms)" if len(times) > 1 else ""
    return Row(what, f"{taken:.0f} ms{more}", f"< {goal} ms", taken < goal)
