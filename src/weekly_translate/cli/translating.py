"""`weekly-translate translate`, whose name may be left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import (
    BaseUrlOption,
    BudgetOption,
    EditionOption,
    EncodingOption,
    EngineOption,
    GlossaryOption,
    JobsOption,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    QuietOption,
    ReportOption,
    VerboseOption,
    end_with,
)


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
        bool, typer.Option("--dry-run", help="Translate and show what would change, write nothing.")
    ] = False,
    format: Annotated[  # noqa: A002 - the option's name
        str | None, typer.Option(help="Of --dry-run: text, json or html.")
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: JobsOption = None,
    budget: BudgetOption = None,
    report: ReportOption = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Translate one issue. The word `translate` may be left out."""
    given = locals()
    from weekly_translate.commands.translate import (  # noqa: PLC0415 - --help is quick without
        run_plan,
        run_translation,
    )

    end_with(run_plan(given, os.environ) if plan else run_translation(given, os.environ))
