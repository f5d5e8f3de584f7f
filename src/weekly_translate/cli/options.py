"""The options that several commands share, and how each of them ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from weekly_translate.errors import ExitCode

MemoryOption = Annotated[Path | None, typer.Option(help="The memory; default .weekly-translate/memory.db.")]
EditionOption = Annotated[str | None, typer.Option(help="House rules: a name in editions/, or none.")]
GlossaryOption = Annotated[Path | None, typer.Option(help="The glossary; default glossary.yaml.")]
ProjectOption = Annotated[
    Path | None, typer.Option(help="Where prompts, editions and glossary are looked for first.")
]


def end_with(code: ExitCode) -> NoReturn:
    """Leave a command with its exit code."""
    raise typer.Exit(int(code))
