"""Foreign text for a terminal: nothing that a document, a server or a file name holds may steer it."""

from __future__ import annotations

import re

_CONTROLS = re.compile(
    "\x1b\\][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\\\|\x9c)?"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """The text with escape sequences, controls and direction marks made visible; line ends stay (SEC-07)."""
    return _CONTROLS.sub(_visible, text.replace("\r\n", "\n"))


def clean_line(text: str) -> str:
    """The same on one line, so that a file name cannot pretend to be a message."""
    return clean(text).replace("\n", "\\n")


def _visible(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
