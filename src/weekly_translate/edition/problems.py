"""What is wrong with the file of an edition: every problem with its line, told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from weekly_translate.errors import EditionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Path = tuple[str | int, ...]
"""The keys that lead to a value: `("replaced", 0, "with")`."""


@dataclass(slots=True)
class Problems:
    """Gathers what a reader finds, instead of stopping at the first."""

    file: str
    lines: Mapping[Path, int]
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, path: Path, message: str) -> None:
        """Note a problem with the value at `path`."""
        self.found.append((self.line(path), message))

    def line(self, path: Path) -> int:
        """The line of a key, or of the innermost one around it that is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def unknown(self, path: Path, name: object, known: Iterable[str], what: str) -> None:
        """Note a name that nobody knows, and the one that was probably meant."""
        known = sorted(known)
        near = get_close_matches(str(name), known, 1)
        there = "There is only" if len(known) == 1 else "There are"
        meant = f"Did you mean {near[0]}?" if near else f"{there} {', '.join(known) or 'none'}."
        self.add(path, f"there is no {what} '{name}'. {meant}")

    def raise_any(self) -> None:
        """Raise an `EditionError` with all of them, a line each."""
        if self.found:
            lines = (f"{self.file}:{line}: {message}" for line, message in sorted(self.found))
            raise EditionError("\n".join(lines))
