"""Plain values of an edition's file. What is wrong is noted, and an empty value stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import RuleError, parse_pattern

if TYPE_CHECKING:
    import re

    from weekly_translate.edition.problems import Path, Problems


def strings_in(data: object, path: Path, problems: Problems) -> dict[str, str]:
    """The mapping at the last key of `path`, whose keys and values are texts."""
    found = data.get(path[-1]) if isinstance(data, Mapping) else None
    if found is None:
        return {}
    if isinstance(found, dict) and all(_is_plain(one) for pair in found.items() for one in pair):
        return {str(key): str(value) for key, value in found.items()}
    problems.add(path, f"'{path[-1]}' maps texts to texts.")
    return {}


def flag_in(data: Mapping[str, object], key: str, choices: tuple[str, ...], problems: Problems) -> str:
    """One of a few words; the first, where the key is not there."""
    value = data.get(key, choices[0])
    if value in choices:
        return str(value)
    problems.add((key,), f"'{key}' is {' or '.join(choices)}, not {value!r}.")
    return choices[0]


def pattern_in(value: object, path: Path, problems: Problems, name: str = "") -> re.Pattern[str] | None:
    """A regular expression, or nothing. Messages call it `name`, else by its key."""
    if value is None:
        return None
    try:
        return parse_pattern(value, name or str(path[-1]))
    except RuleError as error:
        problems.add(path, str(error))
        return None


def patterns_in(shape: object, key: str, problems: Problems) -> tuple[re.Pattern[str], ...]:
    """The list of regular expressions at a key of `shape`."""
    if not isinstance(shape, dict) or not shape.keys() <= {"has", "lacks"}:
        if key == "has":
            problems.add(("shape",), "'shape' has the keys 'has' and 'lacks', each with a list of patterns.")
        return ()
    found = shape.get(key) or []
    values = found if isinstance(found, list) else [found]
    patterns = (pattern_in(value, ("shape", key, at), problems, key) for at, value in enumerate(values))
    return tuple(pattern for pattern in patterns if pattern is not None)


def entries_in(data: Mapping[str, object], key: str, problems: Problems) -> list[dict[object, object]]:
    """A list of entries, each with keys of its own."""
    entries = data.get(key) or []
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    problems.add((key,), f"'{key}' is a list of entries, each with keys of its own.")
    return []


def _is_plain(value: object) -> bool:
    return not isinstance(value, (dict, list)) and value is not None
