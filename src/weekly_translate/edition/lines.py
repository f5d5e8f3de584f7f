"""Which lines of a text a rule means: a section, lines that match, everything before or from a line on."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from weekly_translate.edition.values import Selector
from weekly_translate.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECTORS = ("heading", "text", "lines", "before", "from")
_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=\s)")


class RuleError(ValueError):
    """A rule that cannot be used, and why."""


def selected(
    text: str, selectors: tuple[Selector, ...], opaque: frozenset[int] = frozenset()
) -> frozenset[int]:
    """The numbers of the lines that the selectors mean. Lines in `opaque`, such as code, match nothing."""
    lines = ["" if number in opaque else line for number, line in enumerate(lines_of(text), 1)]
    return frozenset(number for selector in selectors for number in _selected(lines, selector))


def parse_selector(entry: object, key: str) -> Selector:
    """A selector from its one key and value, such as `{heading: 赞助}`. Raises `RuleError`."""
    if not isinstance(entry, dict) or len(entry) != 1 or next(iter(entry)) not in SELECTORS:
        raise RuleError(f"an entry of '{key}' has exactly one of the keys {', '.join(SELECTORS)}.")
    ((kind, value),) = entry.items()
    if kind != "lines":
        return Selector(kind, parse_pattern(value, f"{key}: {kind}"))
    match = _RANGE.fullmatch(str(value))
    if match is None:
        raise RuleError(f"'{key}: lines' is a number or a range such as 3-9, not {value!r}.")
    return Selector(kind, re.compile(""), (int(match[1]), int(match[2] or match[1])))


def parse_pattern(value: object, key: str) -> re.Pattern[str]:
    """A regular expression. Raises `RuleError`, also for one that Python will read otherwise some day."""
    if isinstance(value, (list, dict)):
        raise RuleError(f"'{key}' is a text: put quotes around it.")
    try:
        with warnings.catch_warnings(action="error", category=FutureWarning):
            return re.compile(str(value))
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        shown = repr(value).replace("\\\\", "\\")
        raise RuleError(f"'{key}' {shown} is no regular expression: {error}.") from error


def _selected(lines: list[str], selector: Selector) -> Iterator[int]:
    kind, pattern, (first, last), _ = selector
    found = [number for number, line in enumerate(lines, 1) if kind != "lines" and pattern.search(line)]
    match kind:
        case "lines":
            yield from range(first, min(last, len(lines)) + 1)
        case "text":
            yield from found
        case "before":
            yield from range(1, found[0] if found else 1)
        case "from":
            yield from range(found[0], len(lines) + 1) if found else ()
        case _:
            for number in found:
                yield from section(lines, number)


def section(lines: list[str], number: int) -> Iterator[int]:
    """A heading and all lines up to the next one of its level or above; nothing if the line is no heading."""
    heading = _HEADING.match(lines[number - 1])
    if heading is None:
        return
    yield number
    for following in range(number + 1, len(lines) + 1):
        other = _HEADING.match(lines[following - 1])
        if other and len(other[1]) <= len(heading[1]):
            return
        yield following
