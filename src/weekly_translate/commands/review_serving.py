"""`review --serve`: the page, with a server on this machine behind it."""

from __future__ import annotations

import webbrowser
from threading import Thread
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.commands.review_session import session_of
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.review.page_files import page_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.review.deciding import Session
    from weekly_translate.review.server import ReviewServer


def run_serve(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """Serve until Ctrl-C. The address goes to stdout: it is good for one browser."""
    terminal = terminal_for(given)
    with session_of(given, environment, may_be_new=True) as session:
        server = _server(session)
        terminal.result(f"{server.address}\n")
        if given["target"] is not None and not given["target"].exists():
            terminal.say(f"{given['target']} does not exist yet: it is written when you say so on the page.")
        terminal.say("Decisions are stored at once. Ctrl-C ends the review.")
        if not given["no_browser"]:
            _open(server.address)
        server.run()
    return ExitCode.DONE


def _open(address: str) -> None:
    """Our own address, in which no content has a part (SEC-33). A browser may keep its caller waiting."""
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _server(session: Session) -> ReviewServer:
    try:
        from weekly_translate.review.server import ReviewServer  # noqa: PLC0415 - an extra, maybe missing
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise UsageError(
            "review --serve needs two more packages: pip install 'weekly-translate[review]'. "
            "Without them, -o page.html and --tty work."
        ) from error
    return ReviewServer(session, page_files())
