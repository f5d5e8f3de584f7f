"""`memory`: what goes into the translation memory by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.errors import ExitCode
from weekly_translate.settings import settings_from
from weekly_translate.store.files import read_bytes
from weekly_translate.store.memory import open_memory
from weekly_translate.store.tmx import SIZE_LIMIT, read_tmx

if TYPE_CHECKING:
    from collections.abc import Mapping


def run_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory import`: a TMX file into the memory."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file = given["file"]
    entries = read_tmx(read_bytes(file, limit=SIZE_LIMIT), str(file))
    with open_memory(settings.memory, now=lambda: datetime.now(UTC).isoformat(timespec="seconds")) as memory:
        counts = memory.import_entries(entries)
        for note in memory.notes:
            terminal.say(note)
    terminal.say(f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept")
    return ExitCode.DONE
