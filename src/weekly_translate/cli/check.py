"""`weekly-translate check` and `weekly-translate selftest`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate import __version__
from weekly_translate.checking.pair import Orders, verdict_on
from weekly_translate.checking.patterns import Couple, all_couples, couples_of, parse_pattern
from weekly_translate.checks.catalogue import catalogue
from weekly_translate.cli.options import (
    EditionOption,
    Given,
    GlossaryOption,
    ProjectOption,
    QuietOption,
    VerboseOption,
    end_with,
    settings_for,
    terminal_for,
)
from weekly_translate.cli.summary import counted
from weekly_translate.cli.terminal import clean
from weekly_translate.comparison.allowances import Allowances, parse_allowances
from weekly_translate.comparison.compared import Rules
from weekly_translate.data_files import read_data, yaml_in
from weekly_translate.edition.choosing import read_editions
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import read_text
from weekly_translate.glossary.reading import read_glossary
from weekly_translate.model import Severity
from weekly_translate.report.findings import Look, text_of
from weekly_translate.report.ignores import known_pattern, parse_ignores
from weekly_translate.report.json import json_of, json_of_many
from weekly_translate.report.sarif import SarifRule, github_of, sarif_of
from weekly_translate.selftest.ground import ground_of
from weekly_translate.selftest.rows import HEADER, misses_of, reached, row_of, summary_of
from weekly_translate.selftest.trials import trials
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from weekly_translate.checking.pair import Verdict
    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.glossary.matcher import Matcher
    from weekly_translate.report.ignores import Ignore
    from weekly_translate.settings import Settings

FORMATS = ("text", "json", "sarif", "github")


def run_check(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`check`: the findings to stdout in the format that is asked for; what was mended, too."""
    terminal = terminal_for(given)
    if given["format"] not in FORMATS:
        raise UsageError(f"There is no format {given['format']!r}. Choose {', '.join(FORMATS)}.")
    couples = _couples(given, terminal)
    settings = settings_for(given, environment)
    orders = _orders(given, settings)
    verdicts = [verdict_on(couple, orders, fix=given["fix"]) for couple in couples]
    _show(verdicts, given, terminal)
    _tell_unused(verdicts, given, orders, terminal)
    return max((verdict.code(orders) for verdict in verdicts), default=ExitCode.DONE)


# --------------------------------------------------------------------------- what is checked


def _from_here(file: Path) -> Path:
    """Below the current folder as patterns name it: editors and hooks may give whole paths."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _couples(given: Given, terminal: Terminal) -> list[Couple]:
    """The two files; or with `--pair` those that the files belong to, or all. Half a pair is passed over."""
    files: Sequence[Path] = [_from_here(file) for file in given["files"] or ()]
    if not given["pair"]:
        if len(files) != 2:
            raise UsageError(
                "Name two files, the Chinese one and the English one; or give --pair and any number of files."
            )
        return [Couple(files[0], files[1])]
    patterns = [parse_pattern(text) for text in given["pair"]]
    couples = couples_of(files, patterns) if files else all_couples(patterns, Path())
    whole = [couple for couple in couples if couple.source.is_file() and couple.target.is_file()]
    for couple in couples:
        if couple not in whole:
            missing = couple.target if couple.source.is_file() else couple.source
            terminal.say(f"{missing} does not exist: its counterpart is not checked")
    if not whole:
        terminal.say("No pair of files to check.", "yellow")
    return whole


# --------------------------------------------------------------------------- by which rules


def rules_from(given: Given, settings: Settings) -> Rules:
    """What a comparison knows besides the texts. Raises `UsageError` for a data file that cannot be used."""
    return _rules(given, settings, read_glossary(settings.glossary, settings.project).matcher)


def _rules(given: Given, settings: Settings, matcher: Matcher) -> Rules:
    return Rules(matcher.terms_in, settings.allowed_chinese, _allowances(given.get("allow")), AllSenses())


def _orders(given: Given, settings: Settings) -> Orders:
    ignores = given["ignores"]
    known = catalogue()
    matcher = read_glossary(settings.glossary, settings.project).matcher
    return Orders(
        _rules(given, settings, matcher),
        matcher,
        read_editions(settings.edition, settings.project),
        _patterns(given["select"], "--select", known) or ("*",),
        _patterns(given["ignore"], "--ignore", known),
        _ignores(ignores, known) if ignores else (),
        given["strict"],
        given["encoding"],
    )


def _allowances(file: Path | None) -> Allowances:
    return parse_allowances(yaml_in(read_data(file), str(file))) if file else Allowances()


def _ignores(file: Path, known: Collection[str]) -> tuple[Ignore, ...]:
    return parse_ignores(yaml_in(read_data(file), str(file)), known)


def _patterns(given: str | None, option: str, known: Collection[str]) -> tuple[str, ...]:
    parts = (part.strip() for part in (given or "").split(","))
    return tuple(known_pattern(part, known, option) for part in parts if part)


# --------------------------------------------------------------------------- what is shown


def _show(verdicts: Sequence[Verdict], given: Given, terminal: Terminal) -> None:
    """A diff belongs to the text; beside the other formats, which programs read, it goes to stderr."""
    pairs = [verdict.judged for verdict in verdicts]
    match given["format"]:
        case "json":
            terminal.result(json_of_many(pairs) if given["pair"] else json_of(pairs[0]))
        case "sarif":
            terminal.result(sarif_of(pairs, _sarif_rules(), version=__version__))
        case "github":
            terminal.result("".join(map(github_of, pairs)))
        case _:
            _show_text(verdicts, given, terminal)
            return
    for verdict in verdicts:
        terminal.say_lines(verdict.diff)


def _show_text(verdicts: Sequence[Verdict], given: Given, terminal: Terminal) -> None:
    least = Severity.ERROR if given["quiet"] else Severity.INFO if given["verbose"] else Severity.WARNING
    look = Look(terminal.result_width, terminal.result_has_colors, clean, least)
    for verdict in verdicts:
        terminal.result(verdict.diff)
        terminal.show_lines(text_of(verdict.judged, look))


def _sarif_rules() -> dict[str, SarifRule]:
    """What should be true, and as what it counts if it is not."""
    return {
        id_: SarifRule("\n".join(entry.demands), entry.severities[0]) for id_, entry in catalogue().items()
    }


def _tell_unused(verdicts: Sequence[Verdict], given: Given, orders: Orders, terminal: Terminal) -> None:
    """Entries of the files of ignores and allowances that no pair needed any more.

    Where some checks or some pairs are left out, nobody knows: what is left out may need them.
    """
    if not verdicts or given["select"] or given["ignore"] or (given["pair"] and given["files"]):
        return
    for ignore in orders.ignores:
        if all(ignore in verdict.unused for verdict in verdicts):
            terminal.say(f"{ignore.entry}: nothing is left to silence, {ignore}: remove this entry", "yellow")
    for idle in sorted(frozenset.intersection(*(verdict.idle for verdict in verdicts))):
        terminal.say(f"{idle}: remove this entry", "yellow")


# ---------------------------------------------------------------------------
# `selftest`: which of the faults that are sown into a pair the checks find.


def run_selftest(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`selftest`: a table to stdout; 1 where a goal is missed."""
    files: Sequence[Path] = given["files"]
    if not files or len(files) % 2:
        raise UsageError("Name pairs of files: each Chinese one followed by its English one.")
    terminal = terminal_for(given)
    rules = rules_from(given, settings_for(given, environment))
    grounds = [
        ground_of(read_text(source).text, read_text(target).text, rules)
        for source, target in zip(files[::2], files[1::2], strict=True)
    ]
    taken = sum(len(ground.findings) for ground in grounds)
    lines = sum(len(ground.places) for ground in grounds)
    terminal.say(
        f"{counted(len(grounds), 'pair')}, {counted(lines, 'good line')}; "
        f"before anything is sown, {counted(taken, 'finding')}."
    )
    terminal.result(f"{HEADER}\n")
    outcomes = []
    for trial in trials(grounds, seed=given["seed"], count=given["count"]):
        terminal.result(f"{row_of(trial)}\n")
        if given["verbose"]:
            terminal.result("".join(f"{line}\n" for line in misses_of(trial)))
        outcomes.append(trial)
    terminal.result("".join(f"{line}\n" for line in ("", *summary_of(outcomes))))
    return ExitCode.DONE if reached(outcomes) else ExitCode.FINDINGS


# ---------------------------------------------------------------------------
# `weekly-translate check` and `weekly-translate selftest`.


def check(  # noqa: PLR0913 - these are the options of the contract
    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese file and the English one.", show_default=False)
    ] = None,
    *,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Which belongs to which: 'docs/{name}.md=en/{name}.md'; then any number of files."),
    ] = None,
    allow: Annotated[Path | None, typer.Option(help="Deliberate differences, in YAML.")] = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    select: Annotated[str | None, typer.Option(help="Only these checks: num.*,url.missing")] = None,
    ignore: Annotated[str | None, typer.Option(help="Not these checks.")] = None,
    ignores: Annotated[Path | None, typer.Option(help="What is silent where, and why, in YAML.")] = None,
    format: Annotated[str, typer.Option(help="text, json, sarif or github.")] = "text",  # noqa: A002 - its name
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a rule can mend without doubt.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False,
    project: ProjectOption = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the files if it is not Unicode.")
    ] = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compare an English file with its Chinese source, whoever made it."""
    given = locals()

    end_with(run_check(given, os.environ))


def selftest(  # noqa: PLR0913 - these are the options of the contract
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Pairs: a Chinese file, its English one, and so on.", show_default=False),
    ] = None,
    *,
    count: Annotated[int, typer.Option(min=1, help="How many faults of each kind in each pair.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed sows the same faults.")] = 1,
    allow: Annotated[Path | None, typer.Option(help="Deliberate differences, in YAML.")] = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="The table only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show what was missed.")] = False,
) -> None:
    """Sow faults into good pairs and count which ones the checks find."""
    given = locals()

    end_with(run_selftest(given, os.environ))
