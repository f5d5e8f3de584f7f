"""The files of the review page, as they lie in the package: needed with and without the server."""

from __future__ import annotations

from importlib.resources import files

from weekly_translate.report.review_page import PageFiles

_SCRIPTS = ("text.js", "segments.js", "decisions.js", "filters.js", "acting.js", "look.js", "page.js")
"""In this order; they share one scope, and the last of them starts the page."""
_SERVED = "server.js"


def page_files() -> PageFiles:
    """Frame, style and scripts of the page."""
    return PageFiles(
        frame=_read("page.html"),
        style=_read("page.css"),
        script="".join(map(_read, _SCRIPTS)),
        served=_read(_SERVED),
    )


def _read(name: str) -> str:
    return files("weekly_translate.review").joinpath("page", name).read_text("utf-8")
