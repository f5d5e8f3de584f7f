"""`weekly-translate translate`, whose name may be left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import EditionOption, GlossaryOption, MemoryOption, ProjectOption, end_with


def translate(  # noqa: PLR0913 - these are the options of the contract
    issue: Annotated[Path, typer.Argument(help="The Chinese Markdown file.")],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the English goes; default stdout.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: segments, memory, requests, tokens, cost.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Translate and show the difference, write nothing.")
    ] = False,
    engine: Annotated[
        str | None, typer.Option(help="openai or draft; default openai if there is a key.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model's name at the endpoint.")] = None,
    base_url: Annotated[str | None, typer.Option(help="An OpenAI-compatible endpoint.")] = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: Annotated[int | None, typer.Option(help="Requests at a time; default 8.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Stop before more dollars than this are spent.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a JSON report to this file.")] = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the source if it is not Unicode.")
    ] = None,
    fix_mojibake: Annotated[
        bool, typer.Option("--fix-mojibake", help="Repair text read in a wrong encoding.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding.")] = False,
) -> None:
    """Translate one issue. The word `translate` may be left out."""
    given = locals()
    from weekly_translate.commands.translate import (  # noqa: PLC0415 - --help is quick without
        run_plan,
        run_translation,
    )

    end_with(run_plan(given, os.environ) if plan else run_translation(given, os.environ))
