"""`selftest`: which of the faults that are sown into a pair the checks find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.commands.check import rules_from
from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.selftest.ground import ground_of
from weekly_translate.selftest.rows import HEADER, misses_of, reached, row_of, summary_of
from weekly_translate.selftest.trials import trials
from weekly_translate.store.files import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


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
