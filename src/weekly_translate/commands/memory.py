"""`memory`: what goes into the translation memory by hand, what comes out of it, and its upkeep."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from weekly_translate.chinese import has_han
from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.comparison.learning import lessons_in, shares_text
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.exchange import Entry, Status
from weekly_translate.markdown.sections import sections_of
from weekly_translate.pipeline.editions import read_editions
from weekly_translate.pipeline.glossary import read_glossary
from weekly_translate.pipeline.plan import terms_of
from weekly_translate.pipeline.side_by_side import as_made
from weekly_translate.pipeline.works import title_link
from weekly_translate.store.clock import now
from weekly_translate.store.files import TextFile, check_writable, read_bytes, read_text, write_text
from weekly_translate.store.housekeeping import statistics
from weekly_translate.store.jsonl import jsonl_of, read_jsonl
from weekly_translate.store.memory import open_memory
from weekly_translate.store.tmx import read_tmx, tmx_of
from weekly_translate.store.xml import SIZE_LIMIT
from weekly_translate.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from weekly_translate.comparison.conforming import Conformed
    from weekly_translate.comparison.learning import Lesson
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
    settings = settings_for(given, environment)
    file = given["file"]
    reader = _READERS.get(file.suffix.lower(), read_tmx)
    entries = reader(read_bytes(file, limit=SIZE_LIMIT), str(file))
    with _memory(settings, terminal) as memory:
        _tell_counts(memory.import_entries(entries), settings, terminal)
    return ExitCode.DONE


def run_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory export`: the memory as TMX or JSONL, in an order of its own: the same bytes every time."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    file: Path = given["file"]
    if file.suffix.lower() not in _WRITERS:
        raise UsageError(f"{file} names no format: let it end in .tmx or .jsonl.")
    check_writable(file, source=settings.memory)
    with existing_memory(settings, terminal) as memory:
        entries = memory.entries()
    write_text(file, TextFile(_WRITERS[file.suffix.lower()](entries)))
    terminal.say(f"{file}: {counted(len(entries), 'entry')}")
    return ExitCode.DONE


def run_learn(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory learn`: the lines of an existing pair that are translations of one another without an error."""
    terminal = terminal_for(given)
    if given["status"] not in _STATUSES:
        raise UsageError(f"--status {given['status']}: choose {' or '.join(_STATUSES)}.")
    settings = settings_for(given, environment)
    texts = (read_text(given[name]).text for name in ("source", "target"))
    pair = _pair(*texts, name=given["source"].name, settings=settings)
    matcher = read_glossary(settings.glossary, settings.project).matcher
    lessons = [
        lesson
        for lesson in lessons_in(
            pair.source, pair.target, pair.allowed, lambda document: terms_of(document, matcher)
        )
        if has_han(prose_of(lesson.segment.text)) and lesson.segment.id not in pair.allowed.settled
    ]
    entries = list(_learned(lessons, pair.source, given["target"].as_posix(), _STATUSES[given["status"]]))
    if entries:
        with _memory(settings, terminal) as memory:
            _tell_counts(memory.import_entries(entries), settings, terminal)
    for lesson in lessons if given["verbose"] else ():
        if lesson.fault:
            terminal.say(f"{given['source']}:{lesson.segment.line}: not learned: {lesson.fault}")
    learned = counted(len(entries), "segment")
    terminal.say(f"{given['source']}: {learned} learned, {shares_text(lessons)}")
    if not entries:
        terminal.complain(f"Nothing could be learned: is {given['target']} its translation? -v says why.")
    return ExitCode.DONE if entries else ExitCode.FINDINGS


def _pair(source: str, target: str, *, name: str, settings: Settings) -> Conformed:
    """Without what the edition has written: only what a model would be asked for is to be learned."""
    return as_made(source, name, target, read_editions(settings.edition, settings.project))


def _learned(lessons: Iterable[Lesson], source: Document, origin: str, status: Status) -> Iterator[Entry]:
    """Where tags had to be put back, nobody has seen the result yet: it is not approved."""
    sections = sections_of(source)
    for segment, target, remark, fault, _ in lessons:
        if not fault:
            vouched = min(status, Status.EDITED) if remark else status
            context = sections.get(segment.id, "")
            yield Entry(segment.text, target, vouched, origin, remark, context, title_link(segment))


def run_stats(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory stats`: what is in it, to stdout."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    with existing_memory(settings, terminal) as memory:
        rows = list(statistics(memory))
    width = max((len(name) for name, _ in rows), default=0)
    terminal.result("".join(f"{name:{width}}  {value}\n" for name, value in rows) or "The memory is empty.\n")
    return ExitCode.DONE


# --------------------------------------------------------------------------- the memory


@contextmanager
def _memory(settings: Settings, terminal: Terminal) -> Iterator[TranslationMemory]:
    with open_memory(settings.memory, now=now) as memory:
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


def _tell_counts(counts: ImportCounts, settings: Settings, terminal: Terminal) -> None:
    text = f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept"
    left_out = f", {counts.rejected} left out because people have rejected it" if counts.rejected else ""
    terminal.say(text + left_out)
