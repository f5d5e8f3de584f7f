"""`weekly-translate glossary …`: look after the glossary, and see how translations keep to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from weekly_translate.cli.options import (
    GlossaryOptions,
    MemoryOptions,
    PairOption,
    ReplaceOption,
    command,
    one_of,
    write_export,
)
from weekly_translate.cli.terminal import Terminal, opened
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.pair_files import all_file_pairs, parse_pattern
from weekly_translate.compare.style import pair_to_learn_from
from weekly_translate.data_files import DataText, read_data, yaml_in
from weekly_translate.edition.applying import read_editions
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import TextFile, decoded, read_bytes, read_text, write_text
from weekly_translate.glossary.editing import (
    Aligned,
    candidates_in,
    candidates_text,
    is_export,
    remarks_on,
    rows_in_table,
    rows_in_tbx,
    table_of,
    tbx_of,
    usage_of,
    usage_text,
    with_entries,
    yaml_of,
)
from weekly_translate.glossary.entries import (
    entries_in,
    glossary_file,
    parse_glossary,
    read_glossary,
    spelled,
    terms_of,
)
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import GlossaryEntry, Severity, Status, Term, TermKind
from weekly_translate.text.characters import counted
from weekly_translate.text.xml import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.settings import Settings

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FORMATS = (*_DELIMITERS, ".tbx")
_NEW_FILE = "# Terms of this project, over those that come with the program.\n\n- extends: default\n"


@dataclass(frozen=True, kw_only=True)
class GlossaryLintOptions(GlossaryOptions):
    """Find duplicates, conflicts and entries that never match."""


def lint(options: GlossaryLintOptions) -> ExitCode:
    """What is wrong with a glossary, to stdout; 1 if an entry is useless."""
    terminal, settings = Terminal(), options.settings
    path = glossary_file(settings.glossary, settings.project)
    entries, _ = entries_in(read_data(path), str(path))
    remarks = remarks_on(entries)
    errors = sum(remark.severity is Severity.ERROR for remark in remarks)
    if not errors:  # entries that stand twice cannot be laid over others
        glossary = read_glossary(settings.glossary, settings.project)
        remarks = remarks_on(entries, glossary.overrides, glossary.idle)
    for remark in remarks:
        terminal.result(f"{path}:{remark.line}: {remark.severity}: {remark.message}\n")
    counts = [(len(entries), "entry"), (errors, "error"), (len(remarks) - errors, "other remark")]
    terminal.say(f"{path}: {', '.join(counted(number, noun) for number, noun in counts)}")
    return ExitCode.FINDINGS if errors else ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class GlossaryAddOptions(GlossaryOptions):
    """Add an entry; comments and order of the file stay. Options for lists may be repeated."""

    source: Annotated[str, typer.Argument(help="What the Chinese says.")]
    target: Annotated[str, typer.Argument(help="What the English says.")]
    allowed: Annotated[list[str] | None, typer.Option(help="English that is also right.")] = None
    avoid: Annotated[list[str] | None, typer.Option(help="English that is wrong.")] = None
    forms: Annotated[list[str] | None, typer.Option("--form", help="Other Chinese for the same.")] = None
    near: Annotated[list[str] | None, typer.Option(help="Counts only near one of these words.")] = None
    kind: Annotated[str, typer.Option(help="term, brand, name or keep.", **one_of("kind", [*TermKind]))] = (
        "term"
    )
    exact: Annotated[bool, typer.Option("--exact", help="Latin letters only as written.")] = False
    note: Annotated[str, typer.Option(help="Why, or when which.")] = ""


def add(options: GlossaryAddOptions) -> ExitCode:
    """One entry into the project's glossary."""
    row = {name: getattr(options, name) for name in GlossaryAddOptions.__annotations__ if name != "exact"}
    row["case"] = "exact" if options.exact else ""
    given = {key: value for key, value in row.items() if value}
    entries, _ = parse_glossary(DataText("glossary add", [given]))
    path, kept, _ = _write_entries(options.settings, entries)
    if kept:
        raise UsageError(f"{path} has an entry for {kept[0].term.source} already: edit it there.")
    Terminal().say(f"{path}: {entries[0].term.source} added")
    return ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class GlossaryImportOptions(GlossaryOptions):
    """Add the entries that the glossary lacks."""

    file: Annotated[Path, typer.Argument(help="A CSV, TSV or TBX file.")]


def import_(options: GlossaryImportOptions) -> ExitCode:
    """The entries of a table or a TBX file, unless their Chinese has an entry already."""
    terminal, file, settings = Terminal(), options.file, options.settings
    data = read_bytes(file, limit=SIZE_LIMIT)
    if (suffix := _suffix(file)) == ".tbx":
        text = DataText(str(file), rows_in_tbx(data, str(file)))
    else:
        text = rows_in_table(_decoded_table(data, file), str(file), _DELIMITERS[suffix])
    entries, _ = parse_glossary(text)
    terms_of(entries, str(file))
    path, kept, known = _write_entries(settings, entries)
    meant = {_meaning(entry) for entry in known}
    for entry in kept:
        if _meaning(entry) not in meant:
            name = entry.term.source
            terminal.say(f"{name} is in the glossary with another meaning, and stays as it is", "yellow")
    terminal.say(f"{path}: {len(entries) - len(kept)} added, {len(kept)} kept")
    return ExitCode.DONE


def _decoded_table(data: bytes, file: Path) -> str:
    """The text of a table. Raises `UsageError` with what a spreadsheet can do about its encoding."""
    try:
        return decoded(data, str(file)).text
    except InputRefusedError as error:
        if isinstance(error.__cause__, UnicodeDecodeError) or b"\0" in data:
            advice = "export it as “CSV UTF-8”"
            raise UsageError(f"{file} cannot be read as UTF-8 or UTF-16: {advice}.") from error
        raise


@dataclass(frozen=True, kw_only=True)
class GlossaryExportOptions(GlossaryOptions):
    """Write the glossary for spreadsheets and other translation tools."""

    file: Annotated[Path, typer.Argument(help="A file that ends in .csv, .tsv or .tbx.")]
    replace_edits: ReplaceOption = False


def export(options: GlossaryExportOptions) -> ExitCode:
    """The entries of the glossary's file, without those that are switched off."""
    settings = options.settings
    suffix = _suffix(options.file)
    glossary = read_glossary(settings.glossary, settings.project)
    entries = [entry for entry in glossary.entries if not entry.off]
    text = tbx_of(entries) if suffix == ".tbx" else table_of(entries, _DELIMITERS[suffix])
    others = {"the glossary": glossary.path}
    write_export(options.file, text, is_export, others, replaces_edits=options.replace_edits)
    Terminal().say(f"{options.file}: {counted(len(entries), 'entry')}")
    return ExitCode.DONE


class _Written(NamedTuple):
    path: Path
    kept: list[GlossaryEntry]
    """The new entries whose Chinese the file has already."""
    known: tuple[GlossaryEntry, ...]
    """Those that it had before."""


def _write_entries(settings: Settings, new: Sequence[GlossaryEntry]) -> _Written:
    """Add what the project's glossary lacks; a new one extends the program's, which is never written to."""
    path = settings.glossary or settings.project / "glossary.yaml"
    text = read_data(path) if path.exists() else _NEW_FILE
    read = yaml_in(text, str(path))
    entries, extends = parse_glossary(read)
    ends = read.ends[1 if extends else 0 :]
    known = {(term.source, term.near) for entry in entries for term in spelled(entry)}
    lacking = [
        entry for entry in new if not any((term.source, term.near) in known for term in spelled(entry))
    ]
    if lacking:
        longer = with_entries(text, lacking, entries, ends)
        if not _is_sum(longer, (*entries, *lacking)):
            raise UsageError(
                f"{path} is not written in a way that entries can be added to. Begin each entry on a line of "
                f"its own with a dash, or add this one by hand: {yaml_of(lacking[0])}"
            )
        write_text(path, TextFile(longer))
    return _Written(path, [entry for entry in new if entry not in lacking], entries)


def _is_sum(text: str, wanted: Sequence[GlossaryEntry]) -> bool:
    """Whether a glossary file holds these entries, and nothing else."""
    try:
        entries, _ = entries_in(text, "")
    except UsageError:
        return False
    return Counter(map(_meaning, entries)) == Counter(map(_meaning, wanted))


def _meaning(entry: GlossaryEntry) -> tuple[Term, tuple[str, ...]]:
    """What an entry says, wherever it stands."""
    return entry.term, entry.forms


def _suffix(file: Path) -> str:
    if (suffix := file.suffix.lower()) not in _FORMATS:
        raise UsageError(f"{file} names no format: let it end in {', '.join(_FORMATS)}.")
    return suffix


_USUAL_PAIRS = ("zh/{name}.md=en/{name}.md", "{name}/source.md={name}/en.md", "{name}.zh.md={name}.en.md")
"""How pairs are named where nothing is said."""


@dataclass(frozen=True, kw_only=True)
class GlossaryReportOptions(GlossaryOptions):
    """Count for each term how often it was needed, what stood for it, and where it was not kept."""

    folder: Annotated[Path, typer.Argument(help="A folder with sources and translations.")]
    pair: PairOption = None


def report(options: GlossaryReportOptions) -> ExitCode:
    """How the terms are kept in the pairs of a folder, to stdout."""
    terminal, settings = Terminal(), options.settings
    issues = _issues(options.folder, options.pair, settings)
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(usage_text(usage_of(matcher, issues)))
    segments = sum(map(len, issues.values()))
    terminal.say(f"{counted(len(issues), 'pair')}, {counted(segments, 'segment')} that could be aligned")
    return ExitCode.DONE


@dataclass(frozen=True, kw_only=True)
class GlossarySuggestOptions(MemoryOptions, GlossaryOptions):
    """List Chinese words that approved translations render alike, or in several ways."""

    folder: Annotated[
        Path | None, typer.Argument(help="A folder with pairs; default the memory.", show_default=False)
    ] = None
    pair: PairOption = None
    least: Annotated[int, typer.Option(min=2, help="Only words in so many segments.")] = 4


def suggest(options: GlossarySuggestOptions) -> ExitCode:
    """What the glossary may lack, by the pairs of a folder or the approved memory."""
    terminal, settings = Terminal(), options.settings
    if options.folder is not None:
        issues = _issues(options.folder, options.pair, settings)
        pairs = [(one.segment.text, one.target) for found in issues.values() for one in found]
    elif not settings.memory.exists():
        raise UsageError(f"The memory {settings.memory} does not exist: name it, or a folder with pairs.")
    else:
        with opened(settings.memory, terminal) as memory:
            approved = memory.entries(at_least=Status.EDITED)
        pairs = [(entry.source, entry.target) for entry in approved]
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(candidates_text(candidates_in(pairs, matcher, least=options.least)))
    terminal.say(f"{counted(len(pairs), 'pair')} of segments")
    return ExitCode.DONE


def _issues(folder: Path, named: Sequence[str] | None, settings: Settings) -> dict[str, list[Aligned]]:
    """The aligned segments of each pair of files, by the path of the source."""
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder: name one that holds Chinese files and their translations."
        )
    names = named or _USUAL_PAIRS
    patterns = [parse_pattern(text) for text in names]
    couples = [(folder / one.source, folder / one.target) for one in all_file_pairs(patterns, folder)]
    whole = [(source, target) for source, target in couples if target.is_file()]
    if not whole:
        raise UsageError(
            f"There are no pairs in {folder} named as {' or '.join(names)}: say how with --pair."
        )
    editions = read_editions(settings.edition, settings.project, settings.dialect)
    issues = {}
    for source, target in whole:
        pair = pair_to_learn_from(read_text(source).text, source.name, read_text(target).text, editions)
        sections = sections_of(pair.source)
        issues[source.relative_to(folder).as_posix()] = [
            Aligned(one.segment, one.target, sections.get(one.segment.id, ""))
            for one in lessons_in(pair)
            if not one.fault
        ]
    return issues


COMMANDS = {
    "lint": command(GlossaryLintOptions, lint),
    "add": command(GlossaryAddOptions, add),
    "import": command(GlossaryImportOptions, import_),
    "export": command(GlossaryExportOptions, export),
    "report": command(GlossaryReportOptions, report),
    "suggest": command(GlossarySuggestOptions, suggest),
}
