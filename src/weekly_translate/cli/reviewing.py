"""`weekly-translate review`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    GlossaryOption,
    MemoryOption,
    ProjectOption,
    QuietOption,
    end_with,
)


def review(  # noqa: PLR0913 - these are the options of the contract
    source: Annotated[Path | None, typer.Argument(help="The Chinese file.", show_default=False)] = None,
    target: Annotated[
        Path | None,
        typer.Argument(
            help="The English file: compared, and used where the memory lacks a text.", show_default=False
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the page goes, an HTML file.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the page in a browser and store decisions at once.")
    ] = False,
    tty: Annotated[bool, typer.Option("--tty", help="In the terminal, what needs a look only.")] = False,
    apply: Annotated[
        Path | None, typer.Option(help="Store the decisions that were saved in a page.", show_default=False)
    ] = None,
    status: Annotated[
        Path | None, typer.Option(help="How far the issues of a folder are.", show_default=False)
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Who decides; default the login name.", show_default=False)
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
    memory: MemoryOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the files if it is not Unicode.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Look at a translation segment by segment: accept, edit, reject."""
    given = locals()
    from weekly_translate.commands.review import run_review  # noqa: PLC0415 - --help is quick without

    end_with(run_review(given, os.environ))
