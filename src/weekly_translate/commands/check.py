"""`check`: what is wrong with a translation that anybody made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate import __version__
from weekly_translate.checking.pair import Orders, verdict_on
from weekly_translate.checking.patterns import Couple, all_couples, couples_of, parse_pattern
from weekly_translate.checks import CHECKS
from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.comparison.allowances import parse_allowances
from weekly_translate.comparison.compared import Rules
from weekly_translate.console import clean
from weekly_translate.edition import parse_edition
from weekly_translate.engines.senses import AllSenses
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.model import Severity
from weekly_translate.pipeline.glossary import read_glossary
from weekly_translate.reports.findings_github import github_of
from weekly_translate.reports.findings_json import json_of, json_of_many
from weekly_translate.reports.findings_sarif import sarif_of
from weekly_translate.reports.findings_text import Look, text_of
from weekly_translate.reports.ignores import parse_ignores
from weekly_translate.settings import settings_from
from weekly_translate.store.data_files import data_file, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.checking.pair import Verdict
    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.console import Terminal
    from weekly_translate.edition import Edition
    from weekly_translate.settings import Settings

FORMATS = ("text", "json", "sarif", "github")


def run_check(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`check`: the findings to stdout in the format that is asked for; what was mended, too."""
    terminal = terminal_for(given)
    if given["format"] not in FORMATS:
        raise UsageError(f"There is no format {given['format']!r}. Choose {', '.join(FORMATS)}.")
    couples = _couples(given, terminal)
    settings = settings_from({**given, "engine": "draft"}, environment)
    orders = _orders(given, settings)
    verdicts = [verdict_on(couple, orders, fix=given["fix"]) for couple in couples]
    _show(verdicts, given, terminal)
    _tell_unused(verdicts, orders, terminal)
    return max((verdict.code(orders) for verdict in verdicts), default=ExitCode.DONE)


# --------------------------------------------------------------------------- what is checked


def _couples(given: Given, terminal: Terminal) -> list[Couple]:
    """The two files; or with `--pair` those that the files belong to, or all. Half a pair is passed over."""
    files: Sequence[Path] = given["files"] or ()
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
    """What a comparison knows besides the texts. Raises `UsageError` for a data file that can not be used."""
    terms = read_glossary(settings.glossary, settings.project).matcher
    edition_file = data_file(f"editions/{settings.edition}.yaml", settings.project)
    edition = parse_edition(read_yaml(edition_file), str(edition_file))
    allowed = _allowances(given.get("allow"), edition)
    return Rules(terms.terms_in, settings.allowed_chinese, allowed, AllSenses())


def _orders(given: Given, settings: Settings) -> Orders:
    ignores = given["ignores"]
    return Orders(
        rules_from(given, settings),
        _patterns(given["select"]) or ("*",),
        _patterns(given["ignore"]),
        parse_ignores(read_yaml(ignores), str(ignores)) if ignores else (),
        given["strict"],
        given["encoding"],
    )


def _allowances(file: Path | None, edition: Edition) -> Allowances:
    """What the file declares; an edition that writes no language notes allows them to be dropped."""
    allowed = parse_allowances(read_yaml(file) if file else None, str(file))
    return replace(allowed, notes="drop") if allowed.notes == "keep" and not edition.notes else allowed


def _patterns(given: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (given or "").split(",") if part.strip())


# --------------------------------------------------------------------------- what is shown


def _show(verdicts: Sequence[Verdict], given: Given, terminal: Terminal) -> None:
    """A diff belongs to the text; beside the other formats, which programs read, it goes to stderr."""
    pairs = [verdict.judged for verdict in verdicts]
    match given["format"]:
        case "json":
            terminal.result(json_of_many(pairs) if given["pair"] else json_of(pairs[0]))
        case "sarif":
            terminal.result(sarif_of(pairs, _rule_texts(), version=__version__))
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


def _rule_texts() -> dict[str, str]:
    """What should be true, from the docstrings of the checks; several may share an id."""
    texts: dict[str, str] = {}
    for check, rule in CHECKS.items():
        said = " ".join((check.__doc__ or "").split())
        texts[rule.id] = "\n".join(filter(None, (texts.get(rule.id), said)))
    return texts


def _tell_unused(verdicts: Sequence[Verdict], orders: Orders, terminal: Terminal) -> None:
    """An ignore that no pair needed any more."""
    for ignore in orders.ignores if verdicts else ():
        if all(ignore in verdict.unused for verdict in verdicts):
            terminal.say(f"Nothing is left to silence: {ignore}. Remove this entry.", "yellow")
