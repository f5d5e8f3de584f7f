"""`glossary`: check it, add to it, carry it to other programs and back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.model import Severity
from weekly_translate.pipeline.glossary import entries_in, glossary_file, read_glossary
from weekly_translate.settings import settings_from
from weekly_translate.store.data_files import read_data, yaml_in
from weekly_translate.store.files import TextFile, read_bytes, write_text
from weekly_translate.store.tbx import SIZE_LIMIT, rows_in_tbx, tbx_of
from weekly_translate.store.term_tables import rows_in_table, table_of
from weekly_translate.terminology.editing import with_entries
from weekly_translate.terminology.lint import remarks_on
from weekly_translate.translation.glossary import parse_entries, spelled, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import GlossaryEntry
    from weekly_translate.settings import Settings

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FORMATS = (*_DELIMITERS, ".tbx")
_NEW_FILE = "# Terms of this project, over those that come with the program.\n\n- extends: default\n"


def run_lint(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary lint`: what is wrong with a glossary, to stdout; 1 if an entry is useless."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    path = glossary_file(settings.glossary, settings.project)
    entries, _ = entries_in(read_data(path), str(path))
    remarks = remarks_on(entries)
    errors = sum(remark.severity is Severity.ERROR for remark in remarks)
    if not errors:  # entries that stand twice can not be laid over others
        remarks = remarks_on(entries, read_glossary(settings.glossary, settings.project).overrides)
    for remark in remarks:
        terminal.result(f"{path}:{remark.line}: {remark.severity}: {remark.message}\n")
    terminal.say(f"{path}: {len(entries)} entries, {errors} errors, {len(remarks) - errors} other remarks")
    return ExitCode.FINDINGS if errors else ExitCode.DONE


def run_add(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary add`: one entry into the project's glossary, whose comments and order stay."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    row = {key: given[key] for key in ("source", "target", "kind", "note") if given[key]}
    row |= {key: given[key] for key in ("allowed", "avoid", "forms", "near") if given[key]}
    row |= {"case": "exact"} if given["exact"] else {}
    entries = parse_entries([row], "glossary add")
    path, kept = _write_entries(settings, entries)
    if kept:
        raise UsageError(f"{path} has an entry for {kept[0]} already: edit it there.")
    terminal.say(f"{path}: {entries[0].term.source} added")
    return ExitCode.DONE


def run_import(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary import`: the entries of a CSV, TSV or TBX file that the glossary lacks."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file: Path = given["file"]
    data = read_bytes(file, limit=SIZE_LIMIT)
    if (suffix := _suffix(file)) == ".tbx":
        rows = rows_in_tbx(data, str(file))
    else:
        rows = rows_in_table(_utf8(data, file), str(file), _DELIMITERS[suffix])
    entries = parse_entries(rows, str(file))
    terms_of(entries, str(file))
    path, kept = _write_entries(settings, entries)
    for source in kept:
        terminal.say(f"{source} is in the glossary already, and stays as it is", "yellow")
    terminal.say(f"{path}: {len(entries) - len(kept)} added, {len(kept)} kept")
    return ExitCode.DONE


def run_export(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary export`: the entries of the glossary's file as CSV, TSV or TBX."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    file: Path = given["file"]
    suffix = _suffix(file)
    glossary = read_glossary(settings.glossary, settings.project)
    entries = glossary.entries
    text = tbx_of(entries) if suffix == ".tbx" else table_of(entries, _DELIMITERS[suffix])
    write_text(file, TextFile(text, path=glossary.path))
    terminal.say(f"{file}: {len(entries)} entries")
    return ExitCode.DONE


# --------------------------------------------------------------------------- the file


def _write_entries(settings: Settings, new: Sequence[GlossaryEntry]) -> tuple[Path, list[str]]:
    """Add what the file lacks; gives the file, and the sources that it has already.

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
        after, _ = entries_in(longer, str(path))
        assert _is_sum(after, entries, lacking), "the new entries read as others"
        write_text(path, TextFile(longer))
    return path, [entry.term.source for entry in new if entry not in lacking]


def _is_sum(
    after: Sequence[GlossaryEntry], before: Sequence[GlossaryEntry], added: Sequence[GlossaryEntry]
) -> bool:
    """Whether the text holds what it held and the new entries, and nothing else."""
    held, wanted = (
        Counter((entry.term, entry.forms) for entry in entries) for entries in (after, (*before, *added))
    )
    return held == wanted


def _suffix(file: Path) -> str:
    if (suffix := file.suffix.lower()) not in _FORMATS:
        raise UsageError(f"{file} names no format: let it end in {', '.join(_FORMATS)}.")
    return suffix


def _utf8(data: bytes, file: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): export it as “CSV UTF-8”.") from error
