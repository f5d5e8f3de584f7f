"""Deliberate differences between a source and its translation: what `--allow FILE` or an edition declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=\s)")
_SELECTORS = ("heading", "text", "lines", "before", "from")


class Selector(NamedTuple):
    """Lines of a text: of a section, those that match, all before a match, or all from it on."""

    kind: str
    pattern: re.Pattern[str]
    lines: tuple[int, int] = (0, 0)


class Rewrite(NamedTuple):
    """An address of the source and what stands for it in the target."""

    pattern: re.Pattern[str]
    replacement: str


@dataclass(frozen=True, slots=True)
class Allowances:
    """What may differ; without any of it the comparison is strict."""

    dropped: tuple[Selector, ...] = ()
    """Lines of the source that have no translation."""
    inserted: tuple[Selector, ...] = ()
    """Lines of the target that have no source."""
    urls: tuple[Rewrite, ...] = ()
    front_matter: bool = False
    """Whether the front matter may be dropped."""
    notes: str = "any"
    """`keep`: each language note has to be there; `drop`: none may; `any`: what is there has to be true."""

    def address(self, address: str) -> str:
        """Where an address of the source is expected to have moved to."""
        for rewrite in self.urls:
            moved, count = rewrite.pattern.subn(rewrite.replacement, address, count=1)
            if count:
                return moved
        return address


def selected(text: str, selectors: tuple[Selector, ...]) -> frozenset[int]:
    """The numbers of the lines of a text that the selectors mean."""
    lines = re.split(r"\r\n|\r|\n", text)
    return frozenset(number for selector in selectors for number in _selected(lines, selector))


def _selected(lines: list[str], selector: Selector) -> Iterator[int]:
    kind, pattern, (first, last) = selector
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
                yield from _section(lines, number)


def _section(lines: list[str], number: int) -> Iterator[int]:
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


# --------------------------------------------------------------------------- what the YAML file holds

_KEYS = ("dropped", "inserted", "replaced", "urls", "front_matter", "notes")


def parse_allowances(data: object, name: str) -> Allowances:
    """Allowances from what a YAML file holds. Raises `UsageError` that names the file and the key."""
    if data is None:
        return Allowances()
    if not isinstance(data, dict):
        raise UsageError(f"{name}: the file holds keys such as 'dropped' and 'urls'.")
    for key in data.keys() - set(_KEYS):
        raise UsageError(f"{name}: there is no key '{key}'; the keys are {', '.join(_KEYS)}.")
    replaced = _entries(data, "replaced", name)
    notes, front = data.get("notes", "any"), data.get("front_matter", "keep")
    if notes not in ("any", "keep", "drop"):
        raise UsageError(f"{name}: 'notes' is any, keep or drop, not {notes!r}.")
    if front not in ("keep", "drop"):
        raise UsageError(f"{name}: 'front_matter' is keep or drop, not {front!r}.")
    return Allowances(
        tuple(_selector(entry, "dropped", name) for entry in _entries(data, "dropped", name))
        + tuple(_selector(entry.get("source"), "replaced", name) for entry in replaced),
        tuple(_selector(entry, "inserted", name) for entry in _entries(data, "inserted", name))
        + tuple(_selector(entry.get("target"), "replaced", name) for entry in replaced),
        tuple(_rewrite(entry, name) for entry in _entries(data, "urls", name)),
        front == "drop",
        notes,
    )


def _entries(data: Mapping[object, object], key: str, name: str) -> list[dict[object, object]]:
    entries = data.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{name}: '{key}' is a list of entries, each with keys of its own.")
    return entries


def _selector(entry: object, key: str, name: str) -> Selector:
    if not isinstance(entry, dict) or len(entry) != 1 or next(iter(entry)) not in _SELECTORS:
        raise UsageError(f"{name}: an entry of '{key}' has exactly one of the keys {', '.join(_SELECTORS)}.")
    ((kind, value),) = entry.items()
    if kind != "lines":
        return Selector(kind, _pattern(value, f"{key}: {kind}", name))
    match = _RANGE.fullmatch(str(value))
    if match is None:
        raise UsageError(f"{name}: '{key}: lines' is a number or a range such as 3-9, not {value!r}.")
    return Selector(kind, re.compile(""), (int(match[1]), int(match[2] or match[1])))


def _rewrite(entry: dict[object, object], name: str) -> Rewrite:
    replacement = entry.get("with")
    if entry.keys() == {"prefix", "with"} and isinstance(replacement, str):
        literal = replacement.replace("\\", r"\\")
        return Rewrite(re.compile("^" + re.escape(str(entry["prefix"]))), literal)
    if entry.keys() == {"pattern", "with"} and isinstance(replacement, str):
        pattern = _pattern(entry["pattern"], "urls: pattern", name)
        try:
            pattern.sub(replacement, "")
        except (re.error, IndexError) as error:
            raise UsageError(f"{name}: 'urls: with' {replacement!r} can not be used: {error}.") from error
        return Rewrite(pattern, replacement)
    raise UsageError(f"{name}: an entry of 'urls' has the keys prefix and with, or pattern and with.")


def _pattern(value: object, key: str, name: str) -> re.Pattern[str]:
    try:
        return re.compile(str(value))
    except re.error as error:
        raise UsageError(f"{name}: '{key}' {value!r} is no regular expression: {error}.") from error
