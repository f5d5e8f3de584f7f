"""`weekly-translate check` and `weekly-translate selftest`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    GlossaryOption,
    ProjectOption,
    QuietOption,
    VerboseOption,
    end_with,
)


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
    from weekly_translate.commands.check import run_check  # noqa: PLC0415 - as above

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
    from weekly_translate.commands.selftest import run_selftest  # noqa: PLC0415 - as above

    end_with(run_selftest(given, os.environ))
