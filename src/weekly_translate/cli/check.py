"""`weekly-translate check`: what the checks say about an English file and its Chinese source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate import __version__
from weekly_translate.checks.catalogue import catalogue
from weekly_translate.cli.options import (
    AllowOption,
    EditionOption,
    FilesEncodingOption,
    GlossaryOptions,
    Loudness,
    command,
    from_here,
)
from weekly_translate.cli.terminal import clean
from weekly_translate.compare.allowances import Allowances, parse_allowances
from weekly_translate.compare.ignores import known_pattern, parse_ignores
from weekly_translate.compare.judge import Rules
from weekly_translate.compare.pair_files import (
    FilePair,
    Judging,
    all_file_pairs,
    file_pairs_of,
    parse_pattern,
    verdict_on,
)
from weekly_translate.data_files import read_data, yaml_in
from weekly_translate.edition.choosing import read_editions
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.glossary.layers import read_glossary
from weekly_translate.model import Severity
from weekly_translate.report.findings import Look, text_of
from weekly_translate.report.json import json_of, json_of_many
from weekly_translate.report.sarif import SarifRule, github_of, sarif_of
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.compare.pair_files import PairVerdict
    from weekly_translate.glossary.entries import Matcher
    from weekly_translate.report.findings import Judged
    from weekly_translate.settings import Settings

FORMATS: Mapping[str, Callable[[Sequence[Judged]], str]] = {
    "json": json_of_many,
    "sarif": lambda pairs: sarif_of(pairs, _sarif_rules(), version=__version__),
    "github": lambda pairs: "".join(map(github_of, pairs)),
}
"""What programs read, by the name of the format. `text` is for people, and needs to know the terminal."""
_NAMES = ("text", *FORMATS)


@dataclass(frozen=True, kw_only=True)
class CheckOptions(GlossaryOptions, Loudness):
    """Compare an English file with its Chinese source, whoever made it."""

    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese file and the English one.", show_default=False)
    ] = None
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Which belongs to which: 'docs/{name}.md=en/{name}.md'; then any number of files."),
    ] = None
    allow: AllowOption = None
    edition: EditionOption = None
    select: Annotated[str | None, typer.Option(help="Only these checks: num.*,url.missing")] = None
    ignore: Annotated[str | None, typer.Option(help="Not these checks.")] = None
    ignores: Annotated[Path | None, typer.Option(help="What is silent where, and why, in YAML.")] = None
    format: Annotated[str, typer.Option(help=f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}.")] = "text"
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a rule can mend without doubt.")] = False
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False
    encoding: FilesEncodingOption = None


def check(options: CheckOptions) -> ExitCode:
    """The findings to stdout in the format that is asked for; what was mended, too."""
    terminal = options.terminal
    if options.format not in _NAMES:
        raise UsageError(f"There is no format {options.format!r}. Choose {', '.join(_NAMES)}.")
    couples = _couples(options, terminal)
    orders = _orders(options)
    verdicts = [verdict_on(couple, orders, fix=options.fix) for couple in couples]
    _show(verdicts, options, terminal)
    _tell_unused(verdicts, options, orders, terminal)
    return max((verdict.code(orders) for verdict in verdicts), default=ExitCode.DONE)


COMMANDS = {"check": command(CheckOptions, check)}


def _couples(options: CheckOptions, terminal: Terminal) -> list[FilePair]:
    """The two files; or with `--pair` those that the files belong to, or all. Half a pair is passed over."""
    # Editors and hooks may give whole paths, but patterns name them from the current folder on.
    files: Sequence[Path] = [from_here(file) for file in options.files or ()]
    if not options.pair:
        if len(files) != 2:
            raise UsageError(
                "Name two files, the Chinese one and the English one; or give --pair and any number of files."
            )
        return [FilePair(files[0], files[1])]
    patterns = [parse_pattern(text) for text in options.pair]
    couples = file_pairs_of(files, patterns) if files else all_file_pairs(patterns, Path())
    whole = [couple for couple in couples if couple.source.is_file() and couple.target.is_file()]
    for couple in couples:
        if couple not in whole:
            missing = couple.target if couple.source.is_file() else couple.source
            terminal.say(f"{missing} does not exist: its counterpart is not checked")
    if not whole:
        terminal.say("No pair of files to check.", "yellow")
    return whole


def rules_from(allow: Path | None, settings: Settings, matcher: Matcher) -> Rules:
    """What a comparison knows besides the texts; `allow` is a file of deliberate differences."""
    allowed = parse_allowances(yaml_in(read_data(allow), str(allow))) if allow else Allowances()
    return Rules(matcher.terms_in, settings.allowed_chinese, allowed, AllSenses())


def _orders(options: CheckOptions) -> Judging:
    settings = options.settings
    known, file = catalogue(), options.ignores
    ignores = parse_ignores(yaml_in(read_data(file), str(file)), known) if file else ()
    matcher = read_glossary(settings.glossary, settings.project).matcher
    return Judging(
        rules=rules_from(options.allow, settings, matcher),
        matcher=matcher,
        editions=read_editions(settings.edition, settings.project),
        select=_patterns(options.select, "--select", known) or ("*",),
        ignore=_patterns(options.ignore, "--ignore", known),
        ignores=ignores,
        strict=options.strict,
        encoding=options.encoding,
    )


def _patterns(listed: str | None, option: str, known: Collection[str]) -> tuple[str, ...]:
    parts = (part.strip() for part in (listed or "").split(","))
    return tuple(known_pattern(part, known, option) for part in parts if part)


def _show(verdicts: Sequence[PairVerdict], options: CheckOptions, terminal: Terminal) -> None:
    """A diff belongs to the text; beside the other formats, which programs read, it goes to stderr."""
    if options.format == "text":
        _show_text(verdicts, options, terminal)
        return
    pairs = [verdict.judged for verdict in verdicts]
    alone = options.format == "json" and not options.pair
    terminal.result(json_of(pairs[0]) if alone else FORMATS[options.format](pairs))
    for verdict in verdicts:
        terminal.say_lines(verdict.diff)


def _show_text(verdicts: Sequence[PairVerdict], options: CheckOptions, terminal: Terminal) -> None:
    least = Severity.ERROR if options.quiet else Severity.INFO if options.verbose else Severity.WARNING
    look = Look(terminal.result_width, terminal.result_has_colors, clean, least)
    for verdict in verdicts:
        terminal.result(verdict.diff)
        terminal.show_lines(text_of(verdict.judged, look))


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
