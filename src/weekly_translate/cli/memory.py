"""`weekly-translate memory …`: fill the translation memory, look into it, and clear it out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from weekly_translate.checks.markup import why_not_stored
from weekly_translate.checks.registry import findings_of, settled
from weekly_translate.cli.options import (
    AcceptOption,
    EditionOption,
    GlossaryOptions,
    MemoryOptions,
    ProjectOptions,
    ReplaceOption,
    as_given,
    command,
    one_of,
    review_command,
    write_export,
)
from weekly_translate.cli.terminal import Terminal, opened, waits_told
from weekly_translate.compare.learn import Lesson, added_lines, lessons_in, shares_text
from weekly_translate.compare.style import PreparedPair, Rules, pair_to_learn_from
from weekly_translate.edition.applying import manuscript_of, read_editions
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import now, read_bytes, read_text
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.markdown.segments import parse, sections_of
from weekly_translate.memory.database import MemoryServer, Stored, is_mistyped_server
from weekly_translate.memory.decisions import Vouched
from weekly_translate.memory.exchange import (
    Used,
    copy,
    is_export,
    jsonl_of,
    read_jsonl,
    read_tmx,
    read_xlf,
    remove,
    statistics,
    take_over,
    tmx_of,
    waste_in,
    xlf_of,
)
from weekly_translate.memory.translation_memory import ImportCounts, TranslationMemory, open_memory
from weekly_translate.model import Document, Entry, Kind, Pair, Segment, Severity, Span, Status
from weekly_translate.run.plan import keys_of
from weekly_translate.run.project import ProjectData, read_project, reason_in
from weekly_translate.text.characters import counted, has_han, prose_of, shortened, without_tags
from weekly_translate.text.xml import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.settings import Settings

_READERS = {".tmx": read_tmx, ".jsonl": read_jsonl, ".xlf": read_xlf, ".xliff": read_xlf}
_WRITERS = {".tmx": tmx_of, ".jsonl": jsonl_of, ".xlf": xlf_of}
_STATUSES = {"approved": Status.APPROVED, "edited": Status.EDITED}
_OFFERED = 3
"""So many texts are offered where a part of them was given."""
_SHOWN = 60
"""Characters of a source, so that a person finds it."""


@contextmanager
def _opened(
    settings: Settings, terminal: Terminal, *, may_be_new: bool = False
) -> Iterator[TranslationMemory]:
    """The memory; where it is only looked into, a wrong name does not create one."""
    if not may_be_new and not settings.memory.exists():
        raise UsageError(f"The memory {settings.memory} does not exist: name it with --memory.")
    with opened(settings.memory, terminal) as memory:
        yield memory


@dataclass(frozen=True, kw_only=True)
class MemoryImportOptions(MemoryOptions):
    """Take translations from a file over; what people vouch for is never overwritten by less."""

    file: Annotated[Path, typer.Argument(help="A TMX, XLIFF 2 or JSONL file, or another memory (.db).")]
    status: Annotated[
        str | None,
        typer.Option(
            help="approved or edited, whatever the file says.",
            show_default=False,
            **one_of("status", _STATUSES),
        ),
    ] = None
    accept_anyway: AcceptOption = None


def _refuse_address(file: Path) -> None:
    """What is named as a file would be one, in a folder `postgresql:` that nobody wants."""
    if is_mistyped_server(str(file)):  # a path has one slash where the address has two
        raise UsageError(
            "FILE is an address: name the shared memory with --memory, or use `memory copy FROM TO`."
        )


def import_(options: MemoryImportOptions) -> ExitCode:
    """A TMX, XLIFF or JSONL file into the memory."""
    terminal, file, settings = Terminal(), options.file, options.settings
    _refuse_address(file)
    if file.suffix == ".db":
        return _import_memory(options, terminal)
    read = _READERS.get(file.suffix.lower(), read_tmx)
    entries = read(read_bytes(file, limit=SIZE_LIMIT), str(file))
    if options.status is not None:
        entries = [replace(entry, status=_STATUSES[options.status]) for entry in entries]
    reason = None if options.accept_anyway is None else reason_in(options.accept_anyway)
    with _opened(settings, terminal, may_be_new=True) as memory:
        _tell_counts(memory.import_entries(entries), settings, terminal)
        vouched = [entry for entry in entries if entry.status >= Status.EDITED] if reason else []
        for entry in vouched:
            who = entry.origin or file.name
            memory.settlements.accept(entry.source, entry.target, who=who, reason=reason or "")
    if reason:
        terminal.say(f"{counted(len(vouched), 'translation')} accepted whatever the checks say: {reason}")
    return ExitCode.DONE


def _import_memory(options: MemoryImportOptions, terminal: Terminal) -> ExitCode:
    """What people vouch for in another memory as from any file, and what machines have answered."""
    settings, other = options.settings, replace(options, memory=str(options.file)).settings
    if options.status is not None or options.accept_anyway is not None:
        raise UsageError(
            f"{options.file} is a memory, which knows who vouches for what: leave the options out."
        )
    with _opened(other, terminal) as origin, _opened(settings, terminal, may_be_new=True) as memory:
        vouched = origin.entries(at_least=Status.EDITED)
        _tell_counts(memory.import_entries(vouched), settings, terminal)
        rows = take_over(origin.database, memory.database)
    terminal.say(f"{settings.memory}: {counted(rows, 'row')} of what machines have answered")
    return ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class MemoryExportOptions(MemoryOptions):
    """Write the memory as TMX or XLIFF 2.1 for other tools, or as JSON lines for version control."""

    file: Annotated[Path, typer.Argument(help="A file that ends in .tmx, .xlf or .jsonl.")]
    replace_edits: ReplaceOption = False


def export(options: MemoryExportOptions) -> ExitCode:
    """The memory in an order of its own: the same bytes every time."""
    terminal, file, settings = Terminal(), options.file, options.settings
    _refuse_address(file)
    written_as = _WRITERS.get(file.suffix.lower())
    if written_as is None:
        raise UsageError(f"{file} names no format: let it end in .tmx, .xlf or .jsonl.")
    with _opened(settings, terminal) as memory:
        entries = memory.entries()
    others = {"the memory": settings.memory_file}
    write_export(file, written_as(entries), is_export, others, replaces_edits=options.replace_edits)
    terminal.say(f"{file}: {counted(len(entries), 'entry')}")
    return ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class MemoryLearnOptions(MemoryOptions, GlossaryOptions):
    """Learn from an existing pair: the lines that belong together and have no error."""

    source: Annotated[Path, typer.Argument(help="The Chinese file.")]
    target: Annotated[Path, typer.Argument(help="Its English translation.")]
    status: Annotated[str, typer.Option(help="approved or edited.", **one_of("status", _STATUSES))] = (
        "approved"
    )
    edition: EditionOption = None
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="What is not learned, and why.")] = False


class _Offer(NamedTuple):
    """What a pair of files has for a memory: its sound lessons, and the new ones as entries."""

    pair: PreparedPair
    lessons: Sequence[Lesson]
    sound: Sequence[Lesson]
    entries: Sequence[Entry]
    settled: Sequence[Lesson]
    """What stands where the edition has a text of its own."""

    def outside(self, source: Path) -> dict[int, str]:
        """The lines of the translation that no memory can hold, and why."""
        added = added_lines(self.pair)
        told = {one.number: f"“{shortened(one.words)}” stands for nothing in {source}" for one in added}
        for finding in self.pair.findings:
            if finding.check == "edition.title" and finding.target_line:
                told[finding.target_line] = finding.message
        for one in self.settled:
            wanted = prose_of(self.pair.rules.allowed.settled[one.segment.id]).split()
            words = prose_of(one.target).split()
            if one.line and words != wanted:
                said = f"“{shortened(' '.join(words))}”: the edition writes “{' '.join(wanted)}” here"
                told[one.line] = said
        return dict(sorted(told.items()))


def _offer_of(source: Path, target: Path, settings: Settings, status: Status) -> _Offer:
    """Raises `UsageError`, and `InputRefusedError` where one of the files cannot be read."""
    chinese, english = read_text(source).text, read_text(target).text
    editions = read_editions(settings.edition, settings.project, settings.dialect)
    place = settings.memory if settings.memory.exists() else None
    with open_memory(place, now=now, on_wait=waits_told(Terminal())) as memory:
        settlements = memory.settlements.all()
        stored = [one.entry for one in memory.stored()] if status is Status.EDITED else []
    # What a run has written, and nobody has changed or vouched for, stays the machine's.
    vouched = {(one.source, one.target) for one in stored if one.status >= Status.EDITED}
    untouched = {(one.source, one.target) for one in stored if one.status is Status.MACHINE} - vouched
    rules = Rules(read_glossary(settings.glossary, settings.project).matcher, settlements=settlements)
    # Without what the edition has written: only what a model would be asked for is to be learned.
    pair = pair_to_learn_from(chinese, source.name, english, editions, rules)
    lessons: list[Lesson] = []
    of_edition: list[Lesson] = []
    for one in lessons_in(pair):
        if has_han(prose_of(one.segment.text)):
            (of_edition if one.segment.id in pair.rules.allowed.settled else lessons).append(one)
    sound = [one for one in lessons if not one.fault]
    new = [one for one in sound if (one.segment.text, one.target) not in untouched]
    entries = list(_learned(new, pair.source, target.as_posix(), status))
    return _Offer(pair, lessons, sound, entries, of_edition)


def teaches(source: Path, target: Path, settings: Settings) -> bool:
    """Whether the memory, which exists, would still learn from an edited file. Raises as `learn`."""
    entries = _offer_of(source, target, settings, Status.EDITED).entries
    with open_memory(settings.memory, now=now, on_wait=waits_told(Terminal())) as memory:
        known = ((entry, memory.find("", entry.source)) for entry in entries)
        return any(
            old is None or (old.target != entry.target and not _why_not_taken(memory, entry))
            for entry, old in known
        )


def learn(options: MemoryLearnOptions) -> ExitCode:
    """The lines of a pair that are translations of one another, into the memory; 1 if there are none."""
    terminal, source, settings = Terminal(), options.source, options.settings
    offer = _offer_of(source, options.target, settings, _STATUSES[options.status])
    tells_all = options.verbose or options.status == "edited"
    outside: dict[int, str] = {}
    if offer.entries or settings.memory.exists():
        with _opened(settings, terminal, may_be_new=True) as memory:
            for one in offer.lessons:
                if one.fault and (tells_all or _corrects(memory, one.segment.text, one.target)):
                    terminal.say(f"{source}:{one.segment.line}: not learned: {one.fault}")
            outside = offer.outside(source) if tells_all else {}
            for line, why in outside.items():
                terminal.say(f"{options.target}:{line}: not learned: {why}")
            # Of a source in several places, the one that was edited counts.
            corrections = {
                one.source: one for one in offer.entries if _corrects(memory, one.source, one.target)
            }
            for entry in corrections.values():
                _take_correction(memory, entry, terminal)
            others = [entry for entry in offer.entries if entry.source not in corrections]
            _tell_counts(memory.import_entries(others), settings, terminal)
    new, sound = len(offer.entries), len(offer.sound)
    same = sound - new
    as_before = f", {same:,} as a model has written {'it' if same == 1 else 'them'}" if same else ""
    terminal.say(f"{source}: {counted(new, 'segment')} learned{as_before}; {shares_text(offer.lessons)}")
    if not sound:
        terminal.complain(f"Nothing could be learned: is {options.target} its translation? -v says why.")
    if options.status == "edited" and (outside or sound < len(offer.lessons)):
        _tell_rest(options, terminal, may_be_mended=sound < len(offer.lessons))
    return ExitCode.DONE if sound else ExitCode.FINDINGS


def _tell_rest(options: MemoryLearnOptions, terminal: Terminal, *, may_be_mended: bool) -> None:
    """The ways on where an edited file has texts that are not learned."""
    source, target = str(options.source), str(options.target)
    if may_be_mended:
        terminal.say(f"To learn the rest, mend it in {target} and run this command again.")
    look = "To look at the rest beside the Chinese, and accept it in spite of the checks:"
    terminal.way_on(look, review_command(source, target, options))
    named = as_given(options, "memory", "project", "edition", "glossary")
    keep = f"To keep {target} as it is until {source} changes:"
    terminal.way_on(keep, ["weekly-translate", source, "-o", target, "--keep-edits", *named])


def _corrects(memory: TranslationMemory, source: str, target: str) -> bool:
    """Whether a person has vouched for another English: who edits a text later has changed their mind."""
    known = memory.find("", source)
    return bool(target) and known is not None and known.target != target


def _take_correction(memory: TranslationMemory, entry: Entry, terminal: Terminal) -> None:
    """Store what a person has made of an accepted text, as a decision that can be taken back."""
    known = memory.find("", entry.source)
    assert known is not None, "there is nothing to correct"
    change = f"“{without_tags(known.target)}” becomes “{without_tags(entry.target)}”"
    if why_not := _why_not_taken(memory, entry):
        terminal.say(f"not learned: {change}{why_not}", "yellow")
    else:
        kind = Kind.TITLE if entry.link else Kind.TEXT
        memory.decisions.vouch(Vouched(entry, kind))
        terminal.say(f"corrected: {change}")


def _why_not_taken(memory: TranslationMemory, entry: Entry) -> str:
    """Why an accepted text is not corrected by this one; nothing where it is."""
    if entry.remark:
        return " has lost its links: the accepted text stays"
    if any(one.target == entry.target for one in memory.rejections(entry.source)):
        return ", which people have rejected"
    return ""


def _learned(lessons: Iterable[Lesson], source: Document, origin: str, status: Status) -> Iterator[Entry]:
    """Where tags had to be put back, nobody has seen the result yet: it is not approved."""
    sections = sections_of(source)
    for segment, target, remark, *_ in lessons:
        vouched = min(status, Status.EDITED) if remark else status
        context = sections.get(segment.id, "")
        yield Entry(segment.text, target, vouched, origin, remark, context, segment.title_link)


def _tell_counts(counts: ImportCounts, settings: Settings, terminal: Terminal) -> None:
    text = f"{settings.memory}: {counts.added} added, {counts.changed} changed, {counts.kept} kept"
    left_out = f", {counts.rejected} left out because people have rejected it" if counts.rejected else ""
    terminal.say(text + left_out)


@dataclass(frozen=True, kw_only=True)
class MemoryStatsOptions(MemoryOptions):
    """Count what is in the memory, and where it comes from."""


def stats(options: MemoryStatsOptions) -> ExitCode:
    """A table to stdout."""
    terminal = Terminal()
    with _opened(options.settings, terminal) as memory:
        rows = list(statistics(memory.database))
    width = max((len(name) for name, _ in rows), default=0)
    terminal.result("".join(f"{name:{width}}  {value}\n" for name, value in rows) or "The memory is empty.\n")
    return ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class MemoryVerifyOptions(MemoryOptions, GlossaryOptions):
    """Judge every stored translation by today's checks and glossary."""

    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Warnings as well.")] = False


def verify(options: MemoryVerifyOptions) -> ExitCode:
    """The findings to stdout; 1 if there is an error."""
    terminal, settings = Terminal(), options.settings
    errors = 0
    with _opened(settings, terminal) as memory:
        matcher = read_glossary(settings.glossary, settings.project).matcher
        stored, settlements = memory.stored(), memory.settlements.all()
        for one in stored:
            entry = one.entry
            segment = Segment(one.key, one.kind, Span(0, len(entry.source)), 0, entry.source)
            pair = Pair(segment, entry.target, matcher.terms_in(entry.source, entry.context))
            found = findings_of(pair, kept=settings.allowed_chinese)
            if not why_not_stored(pair):
                found = settled(found, settlements.get((entry.source, entry.target)))
            told = [finding for finding in found if options.verbose or finding.severity is Severity.ERROR]
            errors += any(finding.severity is Severity.ERROR for finding in told)
            where = f"({entry.status.name.lower()}, {entry.source[:_SHOWN]!r})"
            for finding in told:
                terminal.result(f"{finding.severity.value} {finding.check}: {finding.message} {where}\n")
    terminal.say(f"{settings.memory}: {counted(len(stored), 'entry')}, {errors:,} with errors")
    return ExitCode.FINDINGS if errors else ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class MemoryRejectOptions(MemoryOptions):
    """Forget the translations of a text, and ask for a better one in the next run."""

    text: Annotated[str, typer.Argument(help="The Chinese text, as it stands in the issue, or its key.")]
    reason: Annotated[str, typer.Option(help="What is wrong with the translation; the model is told.")]


def reject(options: MemoryRejectOptions) -> ExitCode:
    """The translations that are forgotten, to stdout."""
    terminal, settings = Terminal(), options.settings
    reason = " ".join(options.reason.split())
    if not reason:
        raise UsageError("--reason is empty: say what is wrong, so that the next translation is better.")
    with _opened(settings, terminal) as memory:
        rejected = _named(options.text, memory.stored(), settings.memory)
        for source in dict.fromkeys(one.entry.source for one in rejected):
            memory.reject(source, reason)
    terminal.result("".join(f"{one.entry.status.name.lower()}: {one.entry.target}\n" for one in rejected))
    terminal.say(f"{settings.memory}: {len(rejected)} rejected; the next run asks again and gives the reason")
    return ExitCode.DONE


def _named(text: str, stored: Sequence[Stored], memory: Path | MemoryServer) -> list[Stored]:
    """The translations of a text: by the key, or by the source as it stands in Markdown or in the memory."""
    wanted = " ".join(text.split())
    names = {wanted, *(segment.text for segment in parse(text).segments)}
    found = [one for one in stored if names & {one.key, one.entry.source, _plain(one)}]
    sources = {one.entry.source for one in found}
    found = [one for one in stored if one.entry.source in sources]
    if not found:
        near = [_plain(one)[:_SHOWN] for one in stored if wanted and wanted in _plain(one)]
        hint = f" These hold it: {'; '.join(dict.fromkeys(near[:_OFFERED]))}." if near else ""
        raise UsageError(f"{memory} has no translation of “{text[:_SHOWN]}”: give the whole text.{hint}")
    return found


def _plain(one: Stored) -> str:
    return " ".join(without_tags(one.entry.source).split())


@dataclass(frozen=True, kw_only=True)
class MemoryPruneOptions(MemoryOptions, GlossaryOptions):
    """Find a machine's answers that no file needs any more; people's work is never touched."""

    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese files that you keep.", show_default=False)
    ] = None
    days: Annotated[int, typer.Option(min=0, help="Answers that did not pass are kept this long.")] = 90
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; else it is only counted.")] = False


def prune(options: MemoryPruneOptions) -> ExitCode:
    """Says what nobody needs, and removes it with `--yes`."""
    terminal, settings = Terminal(), options.settings
    before = (datetime.now(UTC) - timedelta(days=options.days)).isoformat(timespec="seconds")
    with _opened(settings, terminal) as memory:
        used = _used(options.files, read_project(settings, memory)) if options.files else None
        waste = waste_in(memory.database, used, before=before)
        if options.yes:
            remove(memory.database, waste, before=before)
    verb = "removed" if options.yes else "to remove"
    terminal.say(f"answers to texts that the files do not hold: {len(waste.unused):,} {verb}")
    terminal.say(f"answers to other prompts or terms: {len(waste.outdated):,} {verb}")
    days = counted(options.days, "day")
    terminal.say(f"answers that did not pass, older than {days}: {waste.attempts:,} {verb}")
    if used is None:
        terminal.say("Name the Chinese files that you keep to find the answers that none of them needs.")
    if not options.yes and any(waste):
        terminal.say("Nothing was removed: add --yes to do it.")
    return ExitCode.DONE


def _used(files: Sequence[Path], data: ProjectData) -> Used:
    sources: set[str] = set()
    keys: set[str] = set()
    for file in files:
        text = read_text(file).text
        manuscript = manuscript_of(text, file.name, data.editions)
        document = manuscript.edited.document
        sources |= {segment.text for segment in (*document.segments, *parse(text).segments)}
        keys |= keys_of(document, data.under(manuscript.choice))
    return Used(frozenset(sources), frozenset(keys))


@dataclass(frozen=True, kw_only=True)
class MemoryCopyOptions(ProjectOptions):
    """Copy a memory with all that belongs to it: into a shared database, or out of it."""

    origin: Annotated[str, typer.Argument(metavar="FROM", help="A memory: a file or an address.")]
    to: Annotated[str, typer.Argument(metavar="TO", help="An empty one, which may be new.")]


def copy_(options: MemoryCopyOptions) -> ExitCode:
    """All rows of one memory into another one."""
    terminal = Terminal()
    origin, to = (replace(options, memory=place).settings for place in (options.origin, options.to))
    with _opened(origin, terminal) as memory, _opened(to, terminal, may_be_new=True) as other:
        rows = copy(memory.database, other.database)
    terminal.say(f"{to.memory}: {counted(rows, 'row')} copied from {origin.memory}")
    return ExitCode.DONE


COMMANDS = {
    "copy": command(MemoryCopyOptions, copy_),
    "import": command(MemoryImportOptions, import_),
    "export": command(MemoryExportOptions, export),
    "learn": command(MemoryLearnOptions, learn),
    "reject": command(MemoryRejectOptions, reject),
    "stats": command(MemoryStatsOptions, stats),
    "verify": command(MemoryVerifyOptions, verify),
    "prune": command(MemoryPruneOptions, prune),
}
