"""`glossary`: check it, add to it, carry it to other programs and back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.model import Severity
from weekly_translate.pipeline.glossary import entries_in, glossary_file, read_glossary
from weekly_translate.store.data_files import read_data, yaml_in
from weekly_translate.store.files import TextFile, read_bytes, write_text
from weekly_translate.store.tbx import rows_in_tbx, tbx_of
from weekly_translate.store.term_tables import rows_in_table, table_of
from weekly_translate.store.xml import SIZE_LIMIT
from weekly_translate.terminology.editing import with_entries, yaml_of
from weekly_translate.terminology.lint import remarks_on
from weekly_translate.translation.glossary import parse_entries, spelled, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import GlossaryEntry, Term
    from weekly_translate.settings import Settings

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FORMATS = (*_DELIMITERS, ".tbx")
_NEW_FILE = "# Terms of this project, over those that come with the program.\n\n- extends: default\n"


def run_lint(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary lint`: what is wrong with a glossary, to stdout; 1 if an entry is useless."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
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


def run_add(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary add`: one entry into the project's glossary, whose comments and order stay."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    row = {key: given[key] for key in ("source", "target", "kind", "note") if given[key]}
    row |= {key: given[key] for key in ("allowed", "avoid", "forms", "near") if given[key]}
    row |= {"case": "exact"} if given["exact"] else {}
    entries = parse_entries([row], "glossary add")
    path, kept, _ = _write_entries(settings, entries)
    if kept:
        raise UsageError(f"{path} has an entry for {kept[0].term.source} already: edit it there.")
    terminal.say(f"{path}: {entries[0].term.source} added")
    return ExitCode.DONE


def run_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary import`: the entries of a CSV, TSV or TBX file that the glossary lacks."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    file: Path = given["file"]
    data = read_bytes(file, limit=SIZE_LIMIT)
    if (suffix := _suffix(file)) == ".tbx":
        entries = parse_entries(rows_in_tbx(data, str(file)), str(file))
    else:
        rows, lines = rows_in_table(_utf8(data, file), str(file), _DELIMITERS[suffix])
        entries = parse_entries(rows, str(file), lines)
    terms_of(entries, str(file))
    path, kept, known = _write_entries(settings, entries)
    meant = {_meaning(entry) for entry in known}
    for entry in kept:
        if _meaning(entry) not in meant:
            message = f"{entry.term.source} is in the glossary with another meaning, and stays as it is"
            terminal.say(message, "yellow")
    terminal.say(f"{path}: {len(entries) - len(kept)} added, {len(kept)} kept")
    return ExitCode.DONE


def run_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary export`: the entries of the glossary's file as CSV, TSV or TBX."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    file: Path = given["file"]
    suffix = _suffix(file)
    glossary = read_glossary(settings.glossary, settings.project)
    entries = [entry for entry in glossary.entries if not entry.off]
    text = tbx_of(entries) if suffix == ".tbx" else table_of(entries, _DELIMITERS[suffix])
    write_text(file, TextFile(text, path=glossary.path))
    terminal.say(f"{file}: {counted(len(entries), 'entry')}")
    return ExitCode.DONE


# --------------------------------------------------------------------------- the file


class _Written(NamedTuple):
    path: Path
    kept: list[GlossaryEntry]
    """The new entries whose Chinese the file has already."""
    known: tuple[GlossaryEntry, ...]
    """Those that it had before."""


def _write_entries(settings: Settings, new: Sequence[GlossaryEntry]) -> _Written:
    """Add what the file lacks.

    The program's own glossary is never written to: a project begins one of its own, which extends it.
    """
    path = settings.glossary or settings.project / "glossary.yaml"
    text = read_data(path) if path.exists() else _NEW_FILE
    entries, extends = entries_in(text, str(path))
    ends = [last for _, last in yaml_in(text, str(path)).spans][1 if extends else 0 :]
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


def _utf8(data: bytes, file: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): export it as “CSV UTF-8”.") from error
