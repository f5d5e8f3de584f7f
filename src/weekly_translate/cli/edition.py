"""`weekly-translate edition …`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import ProjectOption, end_with

edition_app = typer.Typer(help="The house rules.", rich_markup_mode=None)


@edition_app.callback()
def _editions() -> None:
    """A group of one command is still a group: `edition check`."""


@edition_app.command("check")
def edition_check(
    editions: Annotated[
        list[str] | None, typer.Argument(help="Names or files; default all there are.", show_default=False)
    ] = None,
    *,
    on: Annotated[
        list[Path] | None, typer.Option(help="An issue, or a folder of issues: which rules fire?")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Find what is wrong with editions; with --on, say which of their rules fire on issues."""
    given = locals()
    from weekly_translate.commands.edition import run_check  # noqa: PLC0415 - --help is quick without

    end_with(run_check(given, os.environ))
