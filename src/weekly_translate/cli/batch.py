"""`weekly-translate batch …`, and the words behind `season --batch`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    EditionOption,
    EncodingOption,
    GlossaryOption,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    end_with,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = ("submit", "status", "fetch", "forget")
batch_app = typer.Typer(help="Requests as a file, for whoever answers later.", rich_markup_mode=None)


def with_step(arguments: Sequence[str]) -> list[str]:
    """The arguments of a command line in which `--batch` alone means `--batch submit`."""
    if not arguments or arguments[0] != "season":
        return list(arguments)
    full: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        full.append(argument)
        if argument == "--batch" and following not in STEPS:
            full.append("submit")
    return full


@batch_app.command("export")
def batch_export(  # noqa: PLR0913 - these are the options of the contract
    file: Annotated[Path, typer.Argument(help="The file for the requests, such as requests.jsonl.")],
    issues: Annotated[list[str], typer.Argument(help="Folders, files, or patterns in quotes.")],
    *,
    model: ModelOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a person: a line for each segment, with an empty answer.")
    ] = False,
) -> None:
    """Write what is to be translated as requests, one JSON object in a line, as Batch APIs read them."""
    given = locals()
    from weekly_translate.commands.batch_files import run_batch_export  # noqa: PLC0415 - --help is quick without

    end_with(run_batch_export(given, os.environ))


@batch_app.command("import")
def batch_import(  # noqa: PLR0913 - as above
    file: Annotated[Path, typer.Argument(help="The file of answers.")],
    *,
    origin: Annotated[str, typer.Option(help="Who answered; it is stored with each translation.")] = "file",
    status: Annotated[
        str, typer.Option(help="machine, or what a person has written: edited or approved.")
    ] = "machine",
    model: ModelOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
) -> None:
    """Check the answers like those of a live run, and store the good ones; the next run writes the files."""
    given = locals()
    from weekly_translate.commands.batch_files import run_batch_import  # noqa: PLC0415 - --help is quick without

    end_with(run_batch_import(given, os.environ))
