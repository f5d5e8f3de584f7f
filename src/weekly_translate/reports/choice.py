"""Which checks a person means: ids, and patterns such as `num.*`."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def fits(check: str, patterns: Iterable[str]) -> bool:
    """Whether an id is one of these, or fits one of these patterns."""
    return any(fnmatchcase(check, pattern) for pattern in patterns)


def known_pattern(pattern: str, known: Collection[str], place: str) -> str:
    """The pattern, if it means any of the `known` ids. Raises `UsageError` that begins with the place."""
    if any(fnmatchcase(check, pattern) for check in known):
        return pattern
    families = [f"{family}.*" for family in dict.fromkeys(check.partition(".")[0] for check in known)]
    near = get_close_matches(pattern, [*known, *families], n=1)
    advice = f"did you mean {near[0]}?" if near else f"the kinds are {', '.join(families)}"
    raise UsageError(f"{place}: there is no check {pattern!r}; {advice}")
