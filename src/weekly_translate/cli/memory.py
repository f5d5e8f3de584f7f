"""`weekly-translate memory …`."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.checks.registry import findings_of
from weekly_translate.cli.options import (
    Given,
    GlossaryOption,
    MemoryOption,
    ProjectOption,
    end_with,
    settings_for,
    terminal_for,
)
from weekly_translate.cli.summary import counted
from weekly_translate.compare.learn import lessons_in, shares_text
from weekly_translate.compare.under_edition import pair_to_learn_from
from weekly_translate.edition.choosing import read_editions
from weekly_translate.edition.prepared import manuscript_of
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_bytes, read_text, write_text
from weekly_translate.glossary.layers import read_glossary
from weekly_translate.markdown.parse import parse
from weekly_translate.markdown.sections import sections_of
from weekly_translate.memory.exchange import jsonl_of, read_jsonl, read_tmx, tmx_of
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.memory.upkeep import Used, remove, statistics, waste_in
from weekly_translate.model import Entry, Pair, Segment, Severity, Span, Status
from weekly_translate.run.issue import Listeners, job_for
from weekly_translate.run.lookup import title_link
from weekly_translate.run.plan import keys_of, terms_of
from weekly_translate.text.chinese import has_han
from weekly_translate.text.tags import prose_of, without_tags
from weekly_translate.text.xml import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.compare.learn import Lesson
    from weekly_translate.compare.under_edition import PreparedPair
    from weekly_translate.memory.rows import Stored
    from weekly_translate.memory.translation_memory import ImportCounts, TranslationMemory
    from weekly_translate.model import Document, Finding
    from weekly_translate.run.job import Job
    from weekly_translate.settings import Settings

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


def _pair(source: str, target: str, *, name: str, settings: Settings) -> PreparedPair:
    """Without what the edition has written: only what a model would be asked for is to be learned."""
    return pair_to_learn_from(source, name, target, read_editions(settings.edition, settings.project))


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


# ---------------------------------------------------------------------------
# `memory verify`, `reject`, `prune`: what the checks refuse, what a person refuses, what nobody needs.


_NAMED = 3
"""So many texts are offered where a part of them was given."""
_SHOWN = 60
"""Characters of a source, so that a person finds it."""


def run_verify(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory verify`: the findings to stdout; 1 if there is an error."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    errors = 0
    with existing_memory(settings, terminal) as memory:
        job = job_for(settings, memory, Listeners())
        stored = memory.stored()
        for one in stored:
            found = list(_findings(one, job, all_=given["verbose"]))
            errors += any(finding.severity is Severity.ERROR for finding in found)
            terminal.result("".join(_line(one, finding) for finding in found))
    terminal.say(f"{settings.memory}: {counted(len(stored), 'entry')}, {errors:,} with errors")
    return ExitCode.FINDINGS if errors else ExitCode.DONE


def _findings(one: Stored, job: Job, *, all_: bool) -> Iterator[Finding]:
    source = one.entry.source
    segment = Segment(one.key, one.kind, Span(0, len(source)), 0, source)
    terms = job.matcher.terms_in(source, one.entry.context)
    for finding in findings_of(Pair(segment, one.entry.target, terms), kept=job.allowed_chinese):
        if all_ or finding.severity is Severity.ERROR:
            yield finding


def _line(one: Stored, finding: Finding) -> str:
    status = one.entry.status.name.lower()
    source = one.entry.source[:_SHOWN]
    return f"{finding.severity.value} {finding.check}: {finding.message} ({status}, {source!r})\n"


def run_reject(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory reject`: the translations that are forgotten, to stdout. Raises `UsageError`."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    reason = " ".join(given["reason"].split())
    if not reason:
        raise UsageError("--reason is empty: say what is wrong, so that the next translation is better.")
    with existing_memory(settings, terminal) as memory:
        rejected = _named(given["text"], memory.stored(), settings.memory)
        for source in dict.fromkeys(one.entry.source for one in rejected):
            memory.reject(source, reason)
    terminal.result("".join(f"{one.entry.status.name.lower()}: {one.entry.target}\n" for one in rejected))
    terminal.say(f"{settings.memory}: {len(rejected)} rejected; the next run asks again and gives the reason")
    return ExitCode.DONE


def _named(text: str, stored: Sequence[Stored], memory: Path) -> list[Stored]:
    """The translations of a text: by the key, or by the source as it stands in Markdown or in the memory."""
    wanted = " ".join(text.split())
    names = {wanted, *(segment.text for segment in parse(text).segments)}
    found = [one for one in stored if names & {one.key, one.entry.source, _plain(one)}]
    sources = {one.entry.source for one in found}
    found = [one for one in stored if one.entry.source in sources]
    if not found:
        near = [_plain(one)[:_SHOWN] for one in stored if wanted and wanted in _plain(one)]
        hint = f" These hold it: {'; '.join(dict.fromkeys(near[:_NAMED]))}." if near else ""
        raise UsageError(f"{memory} has no translation of “{text[:_SHOWN]}”: give the whole text.{hint}")
    return found


def _plain(one: Stored) -> str:
    return " ".join(without_tags(one.entry.source).split())


def run_prune(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory prune`: says what nobody needs, and removes it with `--yes`. People's work is never touched."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    days = given["days"]
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    with existing_memory(settings, terminal) as memory:
        used = _used(given["files"], job_for(settings, memory, Listeners())) if given["files"] else None
        waste = waste_in(memory, used, before=before)
        if given["yes"]:
            remove(memory, waste, before=before)
    verb = "removed" if given["yes"] else "to remove"
    terminal.say(f"answers to texts that the files do not hold: {len(waste.unused):,} {verb}")
    terminal.say(f"answers to other prompts or terms: {len(waste.outdated):,} {verb}")
    terminal.say(f"answers that did not pass, older than {days} days: {waste.attempts:,} {verb}")
    if used is None:
        terminal.say("Name the Chinese files that you keep to find the answers that none of them needs.")
    if not given["yes"] and any(waste):
        terminal.say("Nothing was removed: add --yes to do it.")
    return ExitCode.DONE


def _used(files: Sequence[Path], job: Job) -> Used:
    sources: set[str] = set()
    keys: set[str] = set()
    for file in files:
        text = read_text(file).text
        manuscript = manuscript_of(text, file.name, job.editions)
        document = manuscript.edited.document
        sources |= {segment.text for segment in (*document.segments, *parse(text).segments)}
        keys |= keys_of(document, job.under(manuscript.choice))
    return Used(frozenset(sources), frozenset(keys))


# ---------------------------------------------------------------------------
# `weekly-translate memory …`.


memory_app = typer.Typer(help="The translation memory.", rich_markup_mode=None)


@memory_app.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(help="A TMX or JSONL file.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Take translations from a file over; what people vouch for is never overwritten by less."""
    given = locals()

    end_with(run_import(given, os.environ))


@memory_app.command("export")
def memory_export(
    file: Annotated[Path, typer.Argument(help="A file that ends in .tmx or .jsonl.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Write the memory as TMX for other tools, or as JSON lines for version control."""
    given = locals()

    end_with(run_export(given, os.environ))


@memory_app.command("learn")
def memory_learn(  # noqa: PLR0913 - these are the options of the contract
    source: Annotated[Path, typer.Argument(help="The Chinese file.")],
    target: Annotated[Path, typer.Argument(help="Its English translation.")],
    *,
    status: Annotated[str, typer.Option(help="approved or edited.")] = "approved",
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="What is not learned, and why.")] = False,
) -> None:
    """Learn from an existing pair: the lines that belong together and have no error."""
    given = locals()

    end_with(run_learn(given, os.environ))


@memory_app.command("reject")
def memory_reject(
    text: Annotated[str, typer.Argument(help="The Chinese text, as it stands in the issue, or its key.")],
    *,
    reason: Annotated[str, typer.Option(help="What is wrong with the translation; the model is told.")],
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Forget the translations of a text, and ask for a better one in the next run."""
    given = locals()

    end_with(run_reject(given, os.environ))


@memory_app.command("stats")
def memory_stats(*, memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Count what is in the memory, and where it comes from."""
    given = locals()

    end_with(run_stats(given, os.environ))


@memory_app.command("verify")
def memory_verify(
    *,
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Warnings as well.")] = False,
) -> None:
    """Judge every stored translation by today's checks and glossary."""
    given = locals()

    end_with(run_verify(given, os.environ))


@memory_app.command("prune")
def memory_prune(  # noqa: PLR0913 - as above
    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese files that you keep.", show_default=False)
    ] = None,
    *,
    days: Annotated[int, typer.Option(min=0, help="Answers that did not pass are kept this long.")] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; else it is only counted.")] = False,
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Find a machine's answers that no file needs any more; people's work is never touched."""
    given = locals()

    end_with(run_prune(given, os.environ))
