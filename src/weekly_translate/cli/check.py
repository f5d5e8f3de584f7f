"""`weekly-translate check`: what the checks say about a pair, whoever made it."""

from __future__ import annotations

import textwrap
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.api import judging_of
from weekly_translate.checks.catalogue import catalogue
from weekly_translate.cli.options import (
    AllowOption,
    EditionOption,
    FilesEncodingOption,
    GlossaryOptions,
    IgnoresOption,
    Loudness,
    as_given,
    command,
    from_here,
    offered,
    one_of,
    review_command,
)
from weekly_translate.cli.terminal import Terminal, this_command
from weekly_translate.compare.ignores import refusal
from weekly_translate.compare.pair_files import (
    UNTRANSLATED,
    FilePair,
    Judging,
    PairVerdict,
    Pattern,
    all_file_pairs,
    deeper,
    file_pairs_of,
    mended_lines,
    parse_pattern,
    untranslated,
    verdict_on,
    why_no_pair,
)
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import STANDARD_INPUT, to_paste
from weekly_translate.glossary.entries import NAME as GLOSSARY_NAME
from weekly_translate.model import Severity
from weekly_translate.report.data import SarifRule, as_json, github_of, json_of, json_of_many, sarif_of
from weekly_translate.report.text import Judged, text_of
from weekly_translate.settings import PROJECT_FILE
from weekly_translate.text.characters import counted
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence


FORMATS: Mapping[str, Callable[[Sequence[Judged]], str]] = {
    "json": json_of_many,
    "sarif": lambda pairs: sarif_of(pairs, _sarif_rules(), version=VERSION),
    "github": lambda pairs: "".join(map(github_of, pairs)),
}
"""What programs read, by the name of the format. `text` is for people, and needs to know the terminal."""
_NAMES = ("text", *FORMATS)


def _checks(_project: Path) -> Iterable[str]:
    return catalogue()


FormatOption = Annotated[
    str, typer.Option(help=f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}.", **one_of("format", _NAMES))
]


@dataclass(frozen=True, kw_only=True)
class CheckOptions(GlossaryOptions, Loudness):
    """Compare an English file with its Chinese source, whoever made it."""

    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese file and the English one.", show_default=False)
    ] = None
    pair: Annotated[
        list[str] | None,
        typer.Option(
            help="Which belongs to which: 'docs/{name}.md=en/{name}.md', or with {path} in folders below, "
            "too; then any number of files."
        ),
    ] = None
    allow: AllowOption = None
    edition: EditionOption = None
    select: Annotated[
        str | None,
        typer.Option(help="Only these checks: num.*,url.missing", autocompletion=offered(_checks)),
    ] = None
    ignore: Annotated[
        str | None,
        typer.Option(help="Not these checks.", autocompletion=offered(_checks)),
    ] = None
    ignores: IgnoresOption = None
    format: FormatOption = "text"
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a rule can mend without doubt.")] = False
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False
    require_translation: Annotated[
        bool, typer.Option("--require-translation", help="A source without its translation is an error.")
    ] = False
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False
    list_checks: Annotated[
        bool, typer.Option("--list", help="Print every check: its id, what it counts as, what it demands.")
    ] = False
    encoding: FilesEncodingOption = None


def check(options: CheckOptions) -> ExitCode:
    """The findings to stdout in the format that is asked for; what was mended, too."""
    if options.list_checks:
        return _list(options)
    return _watch(options) if options.watch else _check(options)


def _check(options: CheckOptions) -> ExitCode:
    terminal = options.terminal
    couples = _couples(options, terminal)
    orders = _orders(options)
    verdicts, refused = _verdicts(couples, orders, options)
    _show(verdicts, options, terminal)
    if len(verdicts) > 1:
        terminal.say(_verdict_on_all(verdicts))
    if not refused:
        _tell_unused(verdicts, options, orders, terminal)
    if options.format == "text" and not options.watch:
        _show_next([verdict for verdict in verdicts if verdict.code(orders)], options, terminal)
    for message in refused:
        terminal.complain(message)
    code = max((verdict.code(orders) for verdict in verdicts), default=ExitCode.DONE)
    return ExitCode.USAGE if refused else code


def _verdicts(
    couples: Sequence[FilePair], orders: Judging, options: CheckOptions
) -> tuple[list[PairVerdict], list[str]]:
    """The verdicts; and of many pairs why some cannot be judged, which hides nothing about the others."""
    verdicts: list[PairVerdict] = []
    refused: list[str] = []
    for couple in couples:
        try:
            if options.require_translation and not couple.target.exists():
                verdicts.append(untranslated(couple, orders))
            else:
                verdicts.append(verdict_on(couple, orders, fix=options.fix))
        except InputRefusedError as error:
            if len(couples) == 1:
                raise
            refused.append(str(error))
    return verdicts, refused


def _verdict_on_all(verdicts: Sequence[PairVerdict]) -> str:
    """`300 pairs: 2 errors in 1 file, 5 warnings in 4 files`."""
    said = []
    for severity in (Severity.ERROR, Severity.WARNING):
        counts = [number for one in verdicts if (number := one.judged.count(severity))]
        if counts:
            said.append(f"{counted(sum(counts), severity.value)} in {counted(len(counts), 'file')}")
    return f"{len(verdicts):,} pairs: {', '.join(said) or 'no errors and no warnings'}"


def _couples(options: CheckOptions, terminal: Terminal) -> Sequence[FilePair]:
    """The two files; or with `--pair` those that the files belong to, or all.

    Half a pair is passed over, unless it is asked for. Raises `UsageError` where the patterns couple no files
    at all: that is a misspelled folder, and not a repository without a fault.
    """
    # Editors and hooks may give whole paths, but patterns name them from the current folder on.
    files: Sequence[Path] = [from_here(file) for file in options.files or ()]
    if not options.pair:
        if len(files) != 2:
            raise UsageError(
                "Name two files, the Chinese one and the English one; or give --pair and any number of files."
            )
        if all(file.is_dir() for file in files):
            pattern = to_paste([f"{files[0].as_posix()}/{{name}}.md={files[1].as_posix()}/{{name}}.md"])
            raise UsageError(f"{files[0]} and {files[1]} are folders: name their files by --pair {pattern}")
        return [FilePair(files[0], files[1])]
    patterns = [parse_pattern(text) for text in options.pair]
    every_one = all_file_pairs(patterns, Path())
    if not any(_is_whole(couple, options) for couple in every_one):
        raise UsageError(why_no_pair(patterns, Path()))
    couples = file_pairs_of(files, patterns) if files else every_one
    if not files:
        _tell_below(patterns, every_one, options, terminal)
    wanted = [couple for couple in couples if _is_whole(couple, options)]
    for couple in couples:
        if couple not in wanted:
            missing = couple.target if couple.source.is_file() else couple.source
            terminal.say(f"{missing} does not exist: its counterpart is not checked")
    if not wanted:
        terminal.say("None of these files belongs to a pair: nothing is checked.", "yellow")
    return wanted


def _tell_below(
    patterns: Iterable[Pattern], couples: Collection[FilePair], options: CheckOptions, terminal: Terminal
) -> None:
    """A check of a folder that passes over pairs in folders below it says so, and how to take them along."""
    for pattern in patterns:
        wider = deeper(pattern)
        below = [
            couple
            for couple in all_file_pairs([wider], Path())
            if couple not in couples and _is_whole(couple, options)
        ]
        if below:
            others = f" and {len(below) - 1:,} more" if len(below) > 1 else ""
            option = to_paste(["--pair", "=".join(wider)])
            terminal.say(
                f"not checked: {below[0].source}{others} in folders below; {option} checks them, too"
            )


def _is_whole(couple: FilePair, options: CheckOptions) -> bool:
    return couple.source.is_file() and (couple.target.is_file() or options.require_translation)


def _list(options: CheckOptions) -> ExitCode:
    """The catalogue of the checks, as a table or as JSON."""
    terminal = options.terminal
    if options.format == "json":
        facts = (
            {"id": id_, "kind": id_.partition(".")[0], "severities": one.severities}
            | {"demands": one.demands, "fix": one.fix}
            for id_, one in catalogue().items()
        )
        terminal.result(as_json({"checks": list(facts)}))
        return ExitCode.DONE
    for id_, entry in catalogue().items():
        counts_as = " or ".join(entry.severities) + (", --fix mends it" if entry.fix else "")
        demands = textwrap.wrap(" ".join(entry.demands), terminal.result_width - 2)
        terminal.result(f"{id_} ({counts_as})\n" + textwrap.indent("\n".join(demands), "  ") + "\n")
    return ExitCode.DONE


_PAUSE = 0.3
"""Seconds between two looks at the files that are watched."""


def _watch(options: CheckOptions) -> ExitCode:
    """Check now, and again after each change, until a person ends it with Ctrl-C."""
    terminal = options.terminal
    before: Mapping[Path, int] | None = None
    with suppress(KeyboardInterrupt):
        while True:
            now = _stamps(options)
            if now != before:
                before = now
                try:
                    _check(options)
                except UsageError as error:  # such as a file that is being written just now
                    terminal.complain(str(error))
                terminal.say("Watching for changes; Ctrl-C ends it.")
            time.sleep(_PAUSE)
    return ExitCode.DONE


def _stamps(options: CheckOptions) -> Mapping[Path, int]:
    """When each file that counts was changed last."""
    patterns = [parse_pattern(text) for text in options.pair or ()]
    files = {Path(file) for file in options.files or ()}
    files |= {path for couple in all_file_pairs(patterns, Path()) for path in couple}
    project = options.project or Path()
    files |= {project / PROJECT_FILE, project / GLOSSARY_NAME, *([options.allow] if options.allow else [])}
    with suppress(UsageError):  # settings that are being written just now: the check tells of it
        settings = options.settings
        files |= {path for path in (settings.ignores, settings.glossary) if path}
    return {path: path.stat().st_mtime_ns for path in files if path.exists()}


def _orders(options: CheckOptions) -> Judging:
    known = catalogue()
    return replace(
        judging_of(options.settings, options.allow, options.settings.ignores),
        select=_patterns(options.select, "--select", known) or ("*",),
        ignore=_patterns(options.ignore, "--ignore", known),
        strict=options.strict,
        encoding=options.encoding,
    )


def _patterns(listed: str | None, option: str, known: Collection[str]) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in (listed or "").split(",") if part.strip())
    for message in filter(None, (refusal(part, known) for part in parts)):
        raise UsageError(f"{option}: {message}")
    return parts


def _show(verdicts: Sequence[PairVerdict], options: CheckOptions, terminal: Terminal) -> None:
    """A diff belongs to the text; beside the other formats, which programs read, it goes to stderr."""
    if options.format == "text":
        for verdict in verdicts:
            terminal.result(verdict.diff)
            show_judged([verdict.judged], "text", terminal)
        return
    show_judged([verdict.judged for verdict in verdicts], options.format, terminal, alone=not options.pair)
    for verdict in verdicts:
        terminal.say_lines(verdict.diff)


def show_judged(pairs: Sequence[Judged], form: str, terminal: Terminal, *, alone: bool = True) -> None:
    """Findings in one of the formats; in JSON, a pair that is `alone` has no list around it."""
    if form == "text":
        terminal.show_lines(line for one in pairs for line in text_of(one, terminal.look()))
    else:
        terminal.result(json_of(pairs[0]) if alone and form == "json" else FORMATS[form](pairs))


def _show_next(failed: Sequence[PairVerdict], options: CheckOptions, terminal: Terminal) -> None:
    """What mends the first pair that failed, as commands to paste."""
    if not failed:
        return
    judged = failed[0].judged
    source, target = judged.source.name, judged.target.name
    if STANDARD_INPUT in (source, target):
        return
    if any(finding.check == UNTRANSLATED for finding in judged.findings):
        given = as_given(options, "project", "glossary", "edition", "ignores")
        terminal.way_on("To translate it:", ["weekly-translate", source, "-o", target, *given])
        return
    if not options.fix and any(mended_lines(judged.source.text, judged.target.text, failed[0])):
        terminal.way_on("To mend what a rule can mend without doubt:", this_command("--fix"))
    terminal.way_on("To look at it, mend and accept:", review_command(source, target, options))


def _sarif_rules() -> dict[str, SarifRule]:
    """What should be true, and as what it counts if it is not."""
    return {
        id_: SarifRule("\n".join(entry.demands), entry.severities[0]) for id_, entry in catalogue().items()
    }


def _tell_unused(
    verdicts: Sequence[PairVerdict], options: CheckOptions, orders: Judging, terminal: Terminal
) -> None:
    """Entries of the files of ignores and allowances that no pair needed any more.

    Where some checks or some pairs are left out, nobody knows: what is left out may need them.
    """
    if not verdicts or options.select or options.ignore or (options.pair and options.files):
        return
    for ignore in orders.ignores:
        if all(ignore in verdict.unused for verdict in verdicts):
            terminal.say(f"{ignore.entry}: nothing is left to silence, {ignore}: remove this entry", "yellow")
    for idle in sorted(frozenset.intersection(*(verdict.idle for verdict in verdicts))):
        terminal.say(f"{idle}: remove this entry", "yellow")


COMMANDS = {"check": command(CheckOptions, check)}
