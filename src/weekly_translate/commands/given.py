"""What a command is given, its settings where it asks no model, and the terminal that it writes to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from weekly_translate.console import Terminal
from weekly_translate.errors import UsageError
from weekly_translate.settings import settings_from
from weekly_translate.store.targets import same_file

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.settings import Settings

Given = Mapping[str, Any]
"""The arguments and options of a command, by name; what was not given is None."""


def terminal_for(given: Given) -> Terminal:
    """As loud as `--quiet` and `--verbose` want it."""
    return Terminal(quiet=bool(given.get("quiet")), verbose=bool(given.get("verbose")))


def settings_for(given: Given, environment: Mapping[str, str]) -> Settings:
    """Of a command that asks no model: it needs no key, whatever the project's engine is."""
    return settings_from({**given, "engine": "draft"}, environment)


def refuse_one_file_for_two(files: Mapping[str, Path | None]) -> None:
    """The last one written would be all that is left. Raises `UsageError` with the names of the two."""
    named = [(name, path) for name, path in files.items() if path is not None]
    for (name, path), (other, other_path) in combinations(named, 2):
        if same_file(path, other_path):
            raise UsageError(f"{path} is named twice, for {name} and for {other}: give each its own file.")
