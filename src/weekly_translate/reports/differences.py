"""The part of a line that a message speaks of: a number, a Chinese word, code, an address, a quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINES = re.compile(r"\blines? \d+(?: to \d+)?")
_MENTIONED = re.compile(
    r"""“(?P<quoted>[^”]+)”
      | `(?P<code>[^`]+)`
      | \((?P<original>[^()]{1,60})\)
      | (?P<address>[a-z][a-z0-9+.-]*://[^\s“”`]+)
      | (?P<number>\d[\d.,:/-]*\d[%KMk]?|\d[%KMk]?)(?:\ (?:hundred|thousand|million|billion|trillion))?
      | (?P<foreign>[^\x00-\x7f“”‘’…–—]+)""",
    re.VERBOSE,
)
_LONGEST = 400
"""Characters of a message that are looked at."""
_MOST = 8
"""Things that a message is expected to name."""


def differences(messages: Iterable[str], line: str, *, in_source: bool = False) -> list[Span]:
    """Where `line` holds what the messages name, in order and without overlaps.

    Punctuation stands everywhere: only Chinese signs in the translation are a difference.
    """
    found: list[Span] = []
    for thing in dict.fromkeys(thing for message in messages for thing in _mentioned(message)):
        if thing in line and (re.search(r"\w", thing) or not (in_source or thing.isascii())):
            found += [Span(*match.span()) for match in _whole(thing).finditer(line)]
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart


def _mentioned(message: str) -> Iterator[str]:
    """What a message names, without the lines that it counts."""
    seen: set[str] = set()
    for match in _MENTIONED.finditer(_LINES.sub("", message[:_LONGEST])):
        whole = match[match.lastgroup or 0] if match.lastgroup != "number" else match[0]
        thing = whole.rstrip("…").strip()
        if thing and thing not in seen and len(seen) < _MOST:
            seen.add(thing)
            yield thing


def _whole(thing: str) -> re.Pattern[str]:
    """The thing, but not inside a longer word or number: 3 is not in 34 and not in 2.3."""
    before = r"(?<![A-Za-z0-9])(?<!\d[.,])" if thing[0].isascii() and thing[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])(?![.,]\d)" if thing[-1].isascii() and thing[-1].isalnum() else ""
    return re.compile(before + re.escape(thing) + after)
