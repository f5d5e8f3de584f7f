"""`init`: a project folder with settings, a glossary, editions and prompts to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.errors import ExitCode
from weekly_translate.store.starter import set_up, starter_files

if TYPE_CHECKING:
    from pathlib import Path

_NEXT = (
    "Each file says what it is for. Delete the copies in editions/ and prompts/ that you do not change.",
    "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own. Without them you get a mere draft.",
    "Then run `weekly-translate ISSUE.md --plan` in this folder: it counts what it takes, and sends nothing.",
)


def run_init(given: Given) -> ExitCode:
    """`init`: write what is not there yet, and say what to do next."""
    terminal = terminal_for(given)
    folder: Path = given["folder"]
    for path, is_new in set_up(folder, starter_files()):
        terminal.show_rows([("written" if is_new else "kept", str(folder / path))])
    for line in _NEXT:
        terminal.say(line)
    return ExitCode.DONE
