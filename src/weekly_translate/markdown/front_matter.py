"""The front matter: only the value of `title` is translated, everything else stays byte for byte.

It is read line by line and never loaded and dumped again: of 114 real files a YAML round trip by
python-frontmatter returned none unchanged.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from weekly_translate.model import Span

_BLOCK = re.compile(r"\A---[ \t]*\r?\n(?:.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_OTHER = re.compile(
    r"\A(?:\+\+\+[ \t]*\r?\n(?:.*?\r?\n)??\+\+\+|\{[ \t]*\r?\n.*?\r?\n\})[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_TITLE = re.compile(r"^title[ \t]*:[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]#.*")
_NEEDS_QUOTES = re.compile(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$|^(?:true|false|null|yes|no|on|off|~)$", re.IGNORECASE
)

_ODD = "its title is not one line of text"


class FrontMatter(NamedTuple):
    """Where it ends, and the span and the quote character of the title's value, if there is one."""

    end: int
    title: Span | None = None
    quotes: str = ""
    reason: str = ""
    """Why there is no title to translate, though there is a front matter."""


def front_matter(text: str) -> FrontMatter:
    """The front matter of a file; `end` is 0 where there is none."""
    block = _BLOCK.match(text)
    if block is None:
        other = _OTHER.match(text)
        return FrontMatter(other.end(), reason="it is not YAML") if other else FrontMatter(0)
    title = _TITLE.search(text, 0, block.end())
    if title is None:
        return FrontMatter(block.end())
    value, start = title["value"], title.start("value")
    if value[0] in "'\"":
        closed = len(value) > 1 and value.endswith(value[0])
        span = Span(start + 1, start + len(value) - 1)
        return FrontMatter(block.end(), span, value[0]) if closed else FrontMatter(block.end(), reason=_ODD)
    if value[0] in "|>&*[{!%@`":
        return FrontMatter(block.end(), reason=_ODD)  # a block, an alias, a list
    value = _COMMENT.sub("", value)
    return FrontMatter(block.end(), Span(start, start + len(value)))


def unquoted(value: str, quotes: str) -> str:
    """The text that a scalar stands for, as far as one line of it goes."""
    if quotes == "'":
        return value.replace("''", "'")
    if quotes == '"':
        return re.sub(r'\\(["\\])', r"\1", value)
    return value


def quoted(value: str, quotes: str) -> str:
    """`value` as it has to be written between the quotes that are there, or with quotes if it needs some."""
    if quotes == "'":
        return value.replace("'", "''")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if quotes == '"':
        return escaped
    return f'"{escaped}"' if _NEEDS_QUOTES.search(value) else value
