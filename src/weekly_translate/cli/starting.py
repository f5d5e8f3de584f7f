"""`weekly-translate init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import end_with


def init(
    folder: Annotated[Path, typer.Argument(help="Where the files go.", show_default="this folder")] = Path(),
) -> None:
    """Set up a project: settings, glossary, editions and prompts. What exists already is kept."""
    given = locals()
    from weekly_translate.commands.init import run_init  # noqa: PLC0415 - --help is quick without

    end_with(run_init(given))
