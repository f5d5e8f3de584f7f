"""`memory`: what goes into the translation memory by hand, what comes out of it, and its upkeep."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.comparison.compared import learnable_pairs
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.exchange import Entry, Status
from weekly_translate.markdown import parse
from weekly_translate.pipeline.hits import title_link
from weekly_translate.pipeline.plan import sections_of
from weekly_translate.settings import settings_from
from weekly_translate.store.files import TextFile, check_writable, read_bytes, read_text, write_text
from weekly_translate.store.housekeeping import statistics
from weekly_translate.store.jsonl import jsonl_of, read_jsonl
from weekly_translate.store.memory import open_memory
from weekly_translate.store.tmx import SIZE_LIMIT, read_tmx, tmx_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weekly_translate.console import Terminal
    from weekly_translate.model import Document
    from weekly_translate.settings import Settings
    from weekly_translate.store.memory import ImportCounts, TranslationMemory

_READERS = {".tmx": read_tmx, ".jsonl": read_jsonl}
_WRITERS = {".tmx": tmx_of, ".jsonl": jsonl_of}
_STATUSES = {"approved": Status.APPROVED, "edited": Status.EDITED}


def run_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory import`: a TMX or JSONL file into the memory."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file = given["file"]
    reader = _READERS.get(file.suffix.lower(), read_tmx)
    entries = reader(read_bytes(file, limit=SIZE_LIMIT), str(file))
    with _memory(settings, terminal) as memory:
        _tell_counts(memory.import_entries(entries), settings, terminal)
    return ExitCode.DONE


def run_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory export`: the memory as TMX or JSONL, in an order of its own: the same bytes every time."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file: Path = given["file"]
    if file.suffix.lower() not in _WRITERS:
        raise UsageError(f"{file} names no format: let it end in .tmx or .jsonl.")
    check_writable(file, source=settings.memory)
    with existing_memory(settings, terminal) as memory:
        entries = memory.entries()
    write_text(file, TextFile(_WRITERS[file.suffix.lower()](entries)))
    terminal.say(f"{file}: {len(entries):,} entries")
    return ExitCode.DONE


def run_learn(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory learn`: the lines of an existing pair that are translations of one another without an error."""
    terminal = terminal_for(given)
    if given["status"] not in _STATUSES:
        raise UsageError(f"--status {given['status']}: choose {' or '.join(_STATUSES)}.")
    settings = settings_from({**given, "engine": "draft"}, environment)
    source, target = (parse(read_text(given[name]).text, every_line=True) for name in ("source", "target"))
    entries = list(_learnt(source, target, given["target"].as_posix(), _STATUSES[given["status"]]))
    with _memory(settings, terminal) as memory:
        _tell_counts(memory.import_entries(entries), settings, terminal)
    learnt = {entry.source for entry in entries}
    segments = parse(source.text).segments
    characters = sum(len(one.text) for one in segments)
    share = sum(len(one.text) for one in segments if one.text in learnt) / max(1, characters)
    terminal.say(f"{given['source']}: {len(entries)} segments learned, {share:.0%} of the characters")
    return ExitCode.DONE


def _learnt(source: Document, target: Document, origin: str, status: Status) -> Iterator[Entry]:
    sections = sections_of(source)
    wanted = {segment.text for segment in parse(source.text).segments}
    for segment, text in learnable_pairs(source, target):
        if segment.text in wanted:
            context = sections.get(segment.id, "")
            yield Entry(segment.text, text, status, origin, context=context, link=title_link(segment))


def run_stats(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory stats`: what is in it, to stdout."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    with existing_memory(settings, terminal) as memory:
        rows = list(statistics(memory))
    width = max((len(name) for name, _ in rows), default=0)
    terminal.result("".join(f"{name:{width}}  {value}\n" for name, value in rows) or "The memory is empty.\n")
    return ExitCode.DONE


# --------------------------------------------------------------------------- the memory


@contextmanager
def _memory(settings: Settings, terminal: Terminal) -> Iterator[TranslationMemory]:
    with open_memory(settings.memory, now=_now) as memory:
        for note in memory.notes:
            terminal.say(note)
        yield memory


@contextmanager
def existing_memory(settings: Settings, terminal: Terminal) -> Iterator[TranslationMemory]:
    """A memory to look at: a wrong name does not create one."""
    if not settings.memory.exists():
        raise UsageError(f"The memory {settings.memory} does not exist: name it with --memory.")
    with _memory(settings, terminal) as memory:
        yield memory


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _tell_counts(counts: ImportCounts, settings: Settings, terminal: Terminal) -> None:
    terminal.say(f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept")
