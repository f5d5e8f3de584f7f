"""`make screenshots`: samples/full/review.html, and its pictures in docs/screenshots (needs Chromium)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from benchmarks.browser import chromium, open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples/full"
GOLDEN = SAMPLE / "review.html"
PICTURES = ROOT / "docs/screenshots"
REJECTED = "2024-03-16T09:00:00+00:00"
REASON = "One word too many: “unit tests”, and no “do not bother”."


class Shot(NamedTuple):
    """A picture: its name, the size of the window, the colors, and the keys that are pressed before."""

    name: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    keys: str = ""
    scale: float = 1


SHOTS = (
    Shot("review-start", (1280, 860), "light"),
    Shot("review-light", (1280, 860), "light", "jjjjjjjjj"),
    Shot("review-dark", (1280, 860), "dark", "jjjjjjjjjje"),
    Shot("review-phone", (360, 760), "light", "jjjjjj", 2),
    Shot("review-phone-dark", (360, 760), "dark", "jjjjjjjj", 2),
)


def main() -> int:
    """The page, and then the pictures."""
    write_page(GOLDEN)
    if chromium() is None:
        return _complain("There is no Chromium on the PATH: the page is written, its pictures are not.")
    PICTURES.mkdir(exist_ok=True)
    with open_browser() as browser:
        for shot in SHOTS:
            take(browser, shot)
    return 0


def _complain(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 1


def take(browser: Browser, shot: Shot) -> None:
    """One picture of the page, in a window of its own."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        device_scale_factor=shot.scale,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(GOLDEN.as_uri())
    page.wait_for_selector("article:last-of-type[data-filled]", state="attached")
    for key in shot.keys:
        page.keyboard.press(key)
    page.screenshot(path=PICTURES / f"{shot.name}.png")
    context.close()


def write_page(out: Path) -> None:
    """What the program says about an earlier translation of the sample, most of it approved since."""
    with tempfile.TemporaryDirectory() as folder:
        memory = ("--memory", Path(folder) / "memory.db")
        run(folder, "memory", "import", "review/memory.jsonl", *memory)
        run(folder, "memory", "reject", "怎样写出不招人烦的单元测试", "--reason", REASON, *memory)
        run(folder, "review", "source.md", "review/earlier.md", "-o", out, *memory, "--project", ".")
    # A rejection is as old as this run; everything else in the sample has its own date.
    page = re.sub(r'(?<="when":")(?!2024-)[^"]*', REJECTED, out.read_text("utf-8"))
    out.write_text(page, encoding="utf-8")


def run(home: str, *arguments: str | Path) -> None:
    """The program in the folder of the sample, for somebody without settings of his own."""
    command = [sys.executable, "-m", "weekly_translate", *map(str, arguments)]
    environment = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, cwd=SAMPLE, env=environment, check=True, capture_output=True)  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
