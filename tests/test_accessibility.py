"""WCAG 2.1 A and AA by axe-core in a real Chromium, and what no rule of it sees: zoom, focus, motion."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.browser import open_browser

from browsing import needs_chromium
from reviewing import LAST, complained_of, memory_in, served
from test_site import site as site  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [needs_chromium, pytest.mark.slow]

GOLDEN = Path(__file__).parents[1] / "samples/full/review.html"
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_OURS = [*_WCAG, "wcag22aa", "best-practice"]
_LOOKS = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]
_RUN = """async ([rules, decided]) => {
  // What is out of sight is not painted, and axe says nothing of the colors of what is not painted.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets.push(sheet);
  scrollTo(0, 0); // where nothing lies under the bar that stays
  // The ground of a field repeats its text without showing it.
  const run = axe.run({ exclude: [".shade"] }, { runOnly: { type: "tag", values: rules } });
  const { violations, incomplete } = await run;
  const undecided = incomplete.filter(({ id }) => decided && id === "color-contrast");
  return [...violations, ...undecided].flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
    `${id}: ${[...any, ...all, ...none][0]?.message}: ${html.slice(0, 120)}`));
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    pytest.importorskip(
        "axe_playwright_python", reason="axe-core is not installed: pip install axe-playwright-python"
    )
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture(params=_LOOKS, ids=[f"{scheme}-{width}" for width, scheme in _LOOKS])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def complaints(page: Page, axe: str, *, rules: list[str] = _OURS, decided: bool = True) -> list[str]:
    """What axe has against the page as it stands; with `decided`, any color that it cannot judge as well."""
    page.evaluate(axe)
    found: list[str] = page.evaluate(_RUN, [rules, decided])
    return found


def filled(page: Page) -> None:
    """Until all rows of a review are written."""
    page.wait_for_function("() => document.querySelectorAll('article:not([data-filled])').length === 0")


def test_the_page_of_a_review(page: Page, axe: str) -> None:
    page.goto(GOLDEN.as_uri())
    filled(page)
    assert complaints(page, axe) == []
    page.keyboard.press("x")
    page.keyboard.press("e")
    assert complaints(page, axe) == [], "while a person writes"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert complaints(page, axe) == [], "while a person gives a reason"
    page.keyboard.press("Escape")
    for opens in ("#help-button", "#accept-clean"):
        page.locator(opens).click()
        assert complaints(page, axe, decided=False) == [], opens  # it cannot say what a dialog lies on
        page.locator("dialog[open] button").first.click()


def test_the_page_with_a_server(page: Page, axe: str, translated_issue: Path) -> None:
    with memory_in(translated_issue) as memory:
        complained_of(memory)
    with served(translated_issue) as address:
        page.goto(address)
        filled(page)
        page.locator("article", has_text=LAST).get_by_role("button", name="Suggestions").click()
        page.locator(".about-text").wait_for()
        assert complaints(page, axe) == []
        page.locator("#write").click()
        page.locator("#writing[open]").wait_for()
        assert complaints(page, axe, decided=False) == [], "what would be written"


@pytest.mark.parametrize("name", ["index.html", "docs/checks/index.html"])
def test_the_site_of_the_documents(page: Page, axe: str, site: Path, name: str) -> None:
    page.goto((site / name).as_uri())
    assert complaints(page, axe, rules=_WCAG, decided=False) == []


# --------------------------------------------------------------------------- what no rule sees


@pytest.mark.parametrize("zoom", [2, 4])
def test_a_page_that_is_magnified_needs_no_second_scroll_bar(browser: Browser, zoom: int) -> None:
    """WCAG 1.4.4 and 1.4.10: a window of 1,280 pixels at 200 and 400 %."""
    context = browser.new_context(viewport={"width": 1280 // zoom, "height": 800 // zoom})
    page = context.new_page()
    page.goto(GOLDEN.as_uri())
    filled(page)
    for key in ("x", "e", "Escape", "?"):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") == 1280 // zoom, key
    context.close()


def test_nothing_moves_for_a_person_who_wants_no_motion(browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(GOLDEN.as_uri())
    filled(page)
    moving: int = page.evaluate(
        """[...document.querySelectorAll("*")].map((node) => getComputedStyle(node))
          .filter(({ transitionDuration: of, animationName: name, scrollBehavior: by }) =>
            !/^0s/.test(of) || name !== "none" || by === "smooth").length"""
    )
    assert moving == 0
    context.close()


_STOP = """() => {
  const { activeElement: node } = document;
  const { outlineStyle, outlineWidth } = getComputedStyle(node);
  const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return [node.className, node.closest("article")?.id ?? "", isSeen];
}"""


def test_the_focus_goes_down_the_page_and_is_seen(browser: Browser) -> None:
    """WCAG 2.4.3 and 2.4.7: the order of Tab is the order on the screen, and each stop has an outline."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(GOLDEN.as_uri())
    filled(page)
    stops: list[list[Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(_STOP))
    assert stops[0][0] == "skip"
    assert [stop for stop in stops if not stop[2]] == []
    rows = [place for _, place, _ in stops if place]
    assert rows == sorted(rows) != []
    context.close()
