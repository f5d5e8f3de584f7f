"""`weekly-translate selftest`: which faults, sown into good pairs, the checks find."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.api import rules_of
from weekly_translate.cli.options import AllowOption, GlossaryOptions, Loudness, command
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import read_text
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.quality.faults import FAULTS
from weekly_translate.quality.trials import (
    HEADER,
    injectable_pair,
    misses_of,
    reached,
    row_of,
    summary_of,
    trials,
)
from weekly_translate.text.characters import counted


@dataclass(frozen=True, kw_only=True)
class SelftestOptions(GlossaryOptions, Loudness):
    """Sow faults into good pairs and count which ones the checks find."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Pairs: a Chinese file, its English one, and so on.", show_default=False),
    ] = None
    count: Annotated[int, typer.Option(min=1, help="How many faults of each kind in each pair.")] = 5
    seed: Annotated[int, typer.Option(help="The same seed sows the same faults.")] = 1
    allow: AllowOption = None
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="The table only.")] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show what was missed.")] = False


def selftest(options: SelftestOptions) -> ExitCode:
    """A table to stdout; 1 where a goal is missed."""
    files = options.files
    if not files or len(files) % 2:
        raise UsageError("Name pairs of files: each Chinese one followed by its English one.")
    terminal = options.terminal
    settings = options.settings
    matcher = read_glossary(settings.glossary, settings.project).matcher
    rules = rules_of(options.allow, settings, matcher)
    pairs = [
        injectable_pair(read_text(source).text, read_text(target).text, rules)
        for source, target in zip(files[::2], files[1::2], strict=True)
    ]
    taken = sum(len(pair.findings) for pair in pairs)
    lines = sum(len(pair.sites) for pair in pairs)
    terminal.say(
        f"{counted(len(pairs), 'pair')}, {counted(lines, 'good line')}; "
        f"before anything is sown, {counted(taken, 'finding')}."
    )
    terminal.result(f"{HEADER}\n")
    detections = []
    for trial in trials(pairs, FAULTS, seed=options.seed, count=options.count):
        missed = misses_of(trial) if options.verbose else ()
        terminal.result("".join(f"{line}\n" for line in (row_of(trial), *missed)))
        detections.append(trial)
    terminal.result("".join(f"{line}\n" for line in ("", *summary_of(detections))))
    return ExitCode.DONE if reached(detections) else ExitCode.FINDINGS


COMMANDS = {"selftest": command(SelftestOptions, selftest)}
