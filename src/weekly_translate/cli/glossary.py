"""`weekly-translate glossary …`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import GlossaryOption, MemoryOption, ProjectOption, end_with

glossary_app = typer.Typer(help="The glossary.", rich_markup_mode=None)


@glossary_app.command("lint")
def glossary_lint(*, glossary: GlossaryOption = None, project: ProjectOption = None) -> None:
    """Find duplicates, conflicts and entries that never match."""
    given = locals()
    from weekly_translate.commands.glossary import run_lint  # noqa: PLC0415 - as above

    end_with(run_lint(given, os.environ))


@glossary_app.command("add")
def glossary_add(  # noqa: PLR0913 - these are the keys of an entry
    source: Annotated[str, typer.Argument(help="What the Chinese says.")],
    target: Annotated[str, typer.Argument(help="What the English says.")],
    *,
    allowed: Annotated[list[str] | None, typer.Option(help="English that is also right.")] = None,
    avoid: Annotated[list[str] | None, typer.Option(help="English that is wrong.")] = None,
    forms: Annotated[list[str] | None, typer.Option("--form", help="Other Chinese for the same.")] = None,
    near: Annotated[list[str] | None, typer.Option(help="Counts only near one of these words.")] = None,
    kind: Annotated[str, typer.Option(help="term, brand, name or keep.")] = "term",
    exact: Annotated[bool, typer.Option("--exact", help="Latin letters only as written.")] = False,
    note: Annotated[str, typer.Option(help="Why, or when which.")] = "",
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Add an entry; comments and order of the file stay. Options for lists may be repeated."""
    given = locals()
    from weekly_translate.commands.glossary import run_add  # noqa: PLC0415 - as above

    end_with(run_add(given, os.environ))


@glossary_app.command("import")
def glossary_import(
    file: Annotated[Path, typer.Argument(help="A CSV, TSV or TBX file.")],
    *,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Add the entries that the glossary lacks."""
    given = locals()
    from weekly_translate.commands.glossary import run_import  # noqa: PLC0415 - as above

    end_with(run_import(given, os.environ))


@glossary_app.command("export")
def glossary_export(
    file: Annotated[Path, typer.Argument(help="A file that ends in .csv, .tsv or .tbx.")],
    *,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Write the glossary for spreadsheets and other translation tools."""
    given = locals()
    from weekly_translate.commands.glossary import run_export  # noqa: PLC0415 - as above

    end_with(run_export(given, os.environ))


@glossary_app.command("report")
def glossary_report(
    folder: Annotated[Path, typer.Argument(help="A folder with sources and translations.")],
    *,
    pair: Annotated[list[str] | None, typer.Option(help="How pairs are named.")] = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Count for each term how often it was needed, what stood for it, and where it was not kept."""
    given = locals()
    from weekly_translate.commands.glossary_evidence import run_report  # noqa: PLC0415 - as above

    end_with(run_report(given, os.environ))


@glossary_app.command("suggest")
def glossary_suggest(  # noqa: PLR0913 - these are the options of the contract
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with pairs; default the memory.", show_default=False)
    ] = None,
    *,
    pair: Annotated[list[str] | None, typer.Option(help="How pairs are named.")] = None,
    least: Annotated[int, typer.Option(min=2, help="Only words in so many segments.")] = 4,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """List Chinese words that approved translations render alike, or in several ways."""
    given = locals()
    from weekly_translate.commands.glossary_evidence import run_suggest  # noqa: PLC0415 - as above

    end_with(run_suggest(given, os.environ))
