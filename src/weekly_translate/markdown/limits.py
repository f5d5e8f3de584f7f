"""What is refused or left alone, because the parser would be slow or wrong on it.

Real issues have 0.3 MB at most.
"""

from __future__ import annotations

from weekly_translate.errors import InputRefusedError
from weekly_translate.text.characters import lines_of
from weekly_translate.text.patterns import lazy_pattern

MAX_BYTES = 4_000_000
MAX_NESTING = 100
MAX_LINE = 1_000_000
MAX_SEGMENTS = 50_000
MAX_EMPHASIS = 3_000
"""Runs of `*` and `_` in one block: mistune resolves them in quadratic time."""
_MARKER = lazy_pattern(r"[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))")
_EMPHASIS = lazy_pattern(r"(?<!\\)[*_]+")


def refuse_what_is_too_much(text: str) -> None:
    """Raise `InputRefusedError` for a file that is too large, too wide or too deep."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise InputRefusedError(
            f"The file has {size:,} bytes; the limit is {MAX_BYTES:,}. Split it and translate the parts."
        )
    indents: list[int] = []
    for number, line in enumerate(lines_of(text), 1):
        if len(line) > MAX_LINE:
            raise InputRefusedError(
                f"Line {number} has {len(line):,} characters; the limit is {MAX_LINE:,}. Break it."
            )
        if (depth := _depth(line, indents)) > MAX_NESTING:
            raise InputRefusedError(
                f"Line {number} is nested {depth} levels deep; the limit is {MAX_NESTING}."
            )


def _depth(line: str, indents: list[int]) -> int:
    """The nesting of a line: its own markers, and the list items that its indent continues."""
    if not line.strip():
        return 0
    indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))
    while indents and indents[-1] >= indent:
        indents.pop()
    markers, position = 0, 0
    while match := _MARKER.match(line, position):
        markers, position = markers + 1, match.end()
        if markers > MAX_NESTING:
            break
    if markers and not line.lstrip().startswith(">"):
        indents.append(indent)
        return len(indents) - 1 + markers
    return markers


def too_dense(text: str) -> bool:
    """Whether a block holds more emphasis marks than mistune can resolve in reasonable time."""
    return len(text) > MAX_EMPHASIS and len(_EMPHASIS.findall(text)) > MAX_EMPHASIS
