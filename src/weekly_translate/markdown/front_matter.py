"""The front matter: the values of a few keys are translated, everything else stays byte for byte.

It is read line by line and never loaded and dumped again: of 114 real files a YAML round trip by
python-frontmatter returned none unchanged.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text.characters import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_BELOW = (
    *("title", "subtitle", "description", "alt", "caption"),
    *("text", "tagline", "details", "linkText", "label"),
)
"""The keys whose values a reader sees where they stand below others: of a picture, a button, a home page."""
TRANSLATED = (
    *("title", "subtitle", "titleTemplate", "linkTitle", "sidebar_label", "sidebarTitle", "pagination_label"),
    *("description", "summary", "excerpt", "abstract", "tagline", "keywords", "tags"),
    *("heroText", "actionText", "footer"),
)
"""The keys whose values a reader sees."""
SEEN = frozenset((*TRANSLATED, *_BELOW, "name"))
_KEYS = "|".join(TRANSLATED)
_KEYS_BELOW = "|".join(_BELOW)

_BLOCK = lazy_pattern(r"\A---[ \t]*\r?\n(?:.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TOML = lazy_pattern(r"\A\+\+\+[ \t]*\r?\n(?:.*?\r?\n)??\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_OTHER = lazy_pattern(r"\A\{[ \t]*\r?\n.*?\r?\n\}[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_ENTRY = lazy_pattern(
    rf"^(?P<key>{_KEYS})[ \t]*:(?:[ \t]+(?P<value>\S[^\r\n]*?))?[ \t]*\r?$"
    r"(?P<below>(?:\r?\n(?:[ \t]+[^\r\n]*|-[ \t][^\r\n]*|(?=\r?\n[ \t])))*)",
    re.MULTILINE,
)
_YAML_BELOW = lazy_pattern(
    rf"^(?:[ \t]+(?:-[ \t]+)*|(?:-[ \t]+)+)(?:{_KEYS_BELOW})[ \t]*:[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$"
    r"|^hero:[ \t]*\r?\n(?:[ \t]+[^\n]*\n){0,9}?[ \t]+name:[ \t]+(?P<name>\S[^\r\n]*?)[ \t]*\r?$",
    re.MULTILINE,
)
_TOML_ENTRY = lazy_pattern(
    rf"^[ \t]*(?P<key>{_KEYS}|{_KEYS_BELOW})[ \t]*=[ \t]*(?P<value>[\"'\[])", re.MULTILINE
)
_TABLE = lazy_pattern(r"^[ \t]*\[", re.MULTILINE)
_ITEM = lazy_pattern(r"^[ \t]*-[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_CONTENT = lazy_pattern(r"^[ \t]+(\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_PARAGRAPH = lazy_pattern(r"^[ \t]+(\S[^\r\n]*?(?:\r?\n[ \t]+\S[^\r\n]*?)*)[ \t]*\r?$", re.MULTILINE)
_COMMENT = lazy_pattern(r"[ \t]#.*")
_IN_QUOTES = {
    '"': lazy_pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": lazy_pattern(r"'((?:[^']|'')*)'", re.DOTALL),
}
_IN_LIST = lazy_pattern(
    r""" "(?P<double>(?:[^"\\\n]|\\.)*)" | '(?P<single>(?:[^'\n]|'')*)'
       | (?P<plain>[^\s,\[\]"'][^,\[\]\n]*)""",
    re.VERBOSE,
)
_NEEDS_QUOTES = lazy_pattern(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$|^(?:true|false|null|yes|no|on|off|~)$", re.IGNORECASE
)
_FLOW_SIGN = lazy_pattern(r"[,\[\]{}]")


class Value(NamedTuple):
    """Where a text of the front matter stands, and how it is written there.

    `quotes` is a quote character, or `plain`, or `flow`: plain in a list in brackets; `block`: below `>` or
    `|`, where nothing is escaped; `toml`: between single quotes that nothing can escape.
    """

    span: Span
    quotes: str


class FrontMatter(NamedTuple):
    """Where it ends, and the values that are translated, in order."""

    end: int
    values: tuple[Value, ...] = ()
    reason: str = ""
    """Why there is no title to translate, though there is a front matter."""


def front_matter(text: str) -> FrontMatter:
    """The front matter of a file; `end` is 0 where there is none."""
    if block := _BLOCK.match(text):
        end = block.end()
        entries = list(_ENTRY.finditer(text, 0, end))
        return _front_matter(text, end, entries, _yaml_values, _yaml_below(text, end, entries))
    if toml := _TOML.match(text):
        end = toml.end()
        table = _TABLE.search(text, 0, end)
        top = table.start() if table else end
        below = (_toml_values(text, entry, end) for entry in _TOML_ENTRY.finditer(text, top, end))
        values = (value for found in below for value in found or ())
        return _front_matter(text, end, list(_TOML_ENTRY.finditer(text, 0, top)), _toml_values, values)
    other = _OTHER.match(text)
    return FrontMatter(other.end(), reason="it is neither YAML nor TOML") if other else FrontMatter(0)


def _front_matter(
    text: str,
    end: int,
    entries: Sequence[re.Match[str]],
    read: Callable[[str, re.Match[str], int], Iterable[Value] | None],
    below: Iterable[Value],
) -> FrontMatter:
    """The values of each key, where it stands first, and those below others."""
    values: dict[str, list[Value]] = {}
    reason = ""
    for match in entries:
        key = match["key"]
        if key not in values and key in TRANSLATED:
            found = read(text, match, end)
            values[key] = list(found or ())
            if found is None and key == "title":
                reason = "its title is not one line of text"
    every = (value for found in (*values.values(), below) for value in found)
    return FrontMatter(end, tuple(one for one in every if one.span.start < one.span.end), reason)


def _yaml_below(text: str, end: int, entries: Sequence[re.Match[str]]) -> Iterator[Value]:
    """The values of keys that stand below others, but not what only looks so in a longer text."""
    starts = [entry.start() for entry in entries]
    for match in _YAML_BELOW.finditer(text, 0, end):
        start, stop = match.span(match.lastgroup or 0)
        before = bisect_right(starts, start)
        if before == 0 or entries[before - 1].end() < start:
            yield from _scalar(text, start, stop) or ()


def _yaml_values(text: str, entry: re.Match[str], end: int) -> Iterable[Value] | None:
    value, start, below = entry["value"] or "", entry.start("value"), Span(*entry.span("below"))
    if not value:
        items = (_scalar(text, *item.span("value")) for item in _ITEM.finditer(text, *below))
        return (one for item in items for one in item or ())
    if value[0] in "'\"":
        return _between_quotes(text, start, end)
    if value[0] == "[":
        return _in_list(text, start, end)
    if value[0] in "|>":
        lines = _CONTENT if value[0] == "|" else _PARAGRAPH
        return (Value(Span(*line.span(1)), "block") for line in lines.finditer(text, *below))
    scalar = _scalar(text, start, entry.end("value"))
    if scalar and (rest := text[slice(*below)].strip()):
        is_text = not rest.startswith(("- ", "#")) and ": " not in rest
        stop = below.start + len(text[slice(*below)].rstrip())
        return (Value(Span(start, stop), "plain"),) if is_text else None
    return scalar


def _scalar(text: str, start: int, end: int) -> tuple[Value] | None:
    """One line of text; None for an alias, a mapping and what else is none."""
    value = text[start:end]
    if value[0] in "'\"":
        found = _between_quotes(text, start, end)
        closed = found and text[found[0].span.end + 1 : end].lstrip()[:1] in ("", "#")
        return found if closed else None
    if value[0] in "|>&*[{!%@`":
        return None
    return (Value(Span(start, start + len(_COMMENT.sub("", value))), "plain"),)


def _between_quotes(text: str, start: int, end: int) -> tuple[Value] | None:
    quote = text[start]
    match = _IN_QUOTES[quote].match(text, start, end)
    return (Value(Span(*match.span(1)), quote),) if match else None


def _in_list(text: str, start: int, end: int) -> Iterator[Value]:
    """The items between brackets."""
    closing = text.find("]", start, end)
    for item in _IN_LIST.finditer(text, start + 1, closing if closing >= 0 else start + 1):
        group = item.lastgroup or ""
        first = item.start(group)
        quotes = {"double": '"', "single": "'", "plain": "flow"}[group]
        yield Value(Span(first, first + len(item[group].rstrip())), quotes)


def _toml_values(text: str, entry: re.Match[str], end: int) -> Iterable[Value] | None:
    """As in YAML, but that nothing can be escaped between single quotes."""
    start, quote = entry.start("value"), entry["value"]
    found: Iterable[Value] | None
    if quote == "[":
        found = _in_list(text, start, end)
    elif text.startswith(quote * 3, start):
        found = _between_three(text, start + 3, end, quote)
    else:
        found = _between_quotes(text, start, text.find("\n", start, end))
    return found and (one._replace(quotes="toml") if one.quotes == "'" else one for one in found)


def _between_three(text: str, start: int, end: int, quote: str) -> tuple[Value] | None:
    """The text between three quotes on either side."""
    closing = text.find(quote * 3, start, end)
    if closing < 0:
        return None
    words = text[start:closing]
    first = start + len(words) - len(words.lstrip())
    return (Value(Span(first, start + len(words.rstrip())), quote),)


def unquoted(value: str, quotes: str) -> str:
    """The text that a value stands for; line breaks in it are spaces."""
    if "\n" in value:
        value = " ".join(value.split())
    if quotes == "'":
        return value.replace("''", "'")
    if quotes == '"':
        return re.sub(r'\\(["\\])', r"\1", value)
    return value


def quoted(value: str, quotes: str) -> str:
    """`value` as it has to be written between the quotes that are there, or with quotes if it needs some."""
    if quotes == "'":
        return value.replace("'", "''")
    if quotes == "toml":
        return value.replace("'", "’")
    if quotes == "block":
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if quotes == '"':
        return escaped
    needs_some = _NEEDS_QUOTES.search(value) or (quotes == "flow" and _FLOW_SIGN.search(value))
    return f'"{escaped}"' if needs_some else value
