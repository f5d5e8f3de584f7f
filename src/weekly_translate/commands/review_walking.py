"""`review --tty`: the segments that need a look, one after the other, in a terminal or through a pipe."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.commands.review_session import session_of
from weekly_translate.console import clean
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode
from weekly_translate.reports.findings_text import Look
from weekly_translate.reports.review_card import card_of
from weekly_translate.review.editor import edited
from weekly_translate.review.terminal import Walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.console import Terminal
    from weekly_translate.reports.reviewed import Reviewed


def run_tty(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """Walk to the end; leaving earlier, by `q`, Ctrl-C or the end of the input, loses no decision."""
    terminal = terminal_for(given)
    with session_of(given, environment) as session:
        walk = Walk(session, _Screen(terminal, environment))
        with suppress(KeyboardInterrupt):
            walk.run()
        terminal.result("\n")
        terminal.say(
            f"{counted(len(walk.decided), 'decision')}; {counted(walk.left, 'segment')} left to look at."
        )
    return ExitCode.DONE


class _Screen:
    """Questions and texts go to stdout, answers come from stdin."""

    def __init__(self, terminal: Terminal, environment: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._environment = environment

    def card(self, one: Reviewed, place: str) -> None:
        """Show a segment as wide as the terminal is now."""
        self._terminal.show_lines(card_of(one, self._look, place=place))

    def say(self, sentence: str) -> None:
        """Say it where the questions are."""
        self._terminal.result(f"{clean(sentence)}\n")

    def ask(self, question: str) -> str | None:
        """A line of the input."""
        self._terminal.result(question)
        return sys.stdin.readline() or None if sys.stdin else None

    def edited(self, text: str, one: Reviewed) -> str:
        """Open the person's editor, with the Chinese and the findings below the text."""
        lines = card_of(one, self._look, place=f"line {one.line}")
        notes = "\n".join("".join(piece.text for piece in line) for line in lines)
        return edited(text, notes, self._environment)

    @property
    def _look(self) -> Look:
        return Look(self._terminal.result_width, self._terminal.result_has_colors, clean)
