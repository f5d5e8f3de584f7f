"""Blocks whose body is indented below a line of their own: admonitions and tabs of MkDocs, definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    import re

CONTAINER = (
    r"^ {0,3}(?:(?:!!!|\?\?\?\+?)[ \t]*(?=[\w\"-])[A-Za-z0-9_-]*(?:[ \t]+[A-Za-z0-9_-]+)*"
    r"(?:[ \t]*(?:inline(?:[ \t]+end)?)?[ \t]*\"(?P<container_1>[^\n]*)\")?"
    r"|===[!+]?[ \t]+\"(?P<container_2>[^\n]*)\")[ \t]*$"
)
"""The line above the body of an admonition (`!!! note "Title"`), of details (`???`) or of a tab (`===`)."""
DEFINITION = r"^ {0,3}:[ \t]{1,3}(?=\S)"
"""What stands before a definition; the term is the paragraph above."""
_INDENT = 4
_LINE = lazy_pattern(r"([ \t]*)([^\n]*)(\n|\Z)")


class Body(NamedTuple):
    """The lines below without their indent, and where they begin and end in the text around."""

    text: str
    span: Span


def title_of(header: re.Match[str]) -> Span | None:
    """Where the words of the title stand, if there are any."""
    for group in ("container_1", "container_2"):
        if header[group]:
            return Span(*header.span(group))
    return None


def body_below(src: str, start: int, header_indent: int = 0) -> Body:
    """The lines from `start` on that are indented, or blank between such lines."""
    lines: list[tuple[int, str]] = []
    end, position, kept = start, start, 0
    while position < len(src):
        match = _LINE.match(src, position)
        if match is None:
            break
        columns = len(match[1].expandtabs(_INDENT))
        if match[2] and columns < _INDENT:
            break
        lines.append((columns, match[2] + match[3]))
        position = match.end()
        if match[2]:
            end, kept = position, len(lines)
    columns = next((indent for indent, line in lines if line.strip()), _INDENT)
    dedent = min(columns, _INDENT + header_indent)
    text = "".join(" " * max(0, indent - dedent) + line for indent, line in lines[:kept])
    return Body(text, Span(start, end))
