"""The options that several commands share, and how each of them ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from weekly_translate.errors import ExitCode

MemoryOption = Annotated[Path | None, typer.Option(help="The memory; default .weekly-translate/memory.db.")]
EditionOption = Annotated[
    str | None, typer.Option(help="House rules: a name in editions/, or none; default auto.")
]
GlossaryOption = Annotated[Path | None, typer.Option(help="The glossary; default glossary.yaml.")]
ProjectOption = Annotated[
    Path | None, typer.Option(help="Where prompts, editions and glossary are looked for first.")
]
EngineOption = Annotated[str | None, typer.Option(help="openai or draft; default openai if there is a key.")]
ModelOption = Annotated[str | None, typer.Option(help="The model's name at the endpoint.")]
BaseUrlOption = Annotated[str | None, typer.Option(help="An OpenAI-compatible endpoint.")]
JobsOption = Annotated[int | None, typer.Option(help="Requests at a time; default 8.")]
BudgetOption = Annotated[float | None, typer.Option(help="Stop before more dollars than this are spent.")]
ReportOption = Annotated[Path | None, typer.Option(help="Write a JSON report to this file.")]
EncodingOption = Annotated[str | None, typer.Option(help="The encoding of the source if it is not Unicode.")]
MojibakeOption = Annotated[bool, typer.Option("--fix-mojibake", help="Repair text read in a wrong encoding.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Errors only.")]
VerboseOption = Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding.")]


def end_with(code: ExitCode) -> NoReturn:
    """Leave a command with its exit code."""
    raise typer.Exit(int(code))
