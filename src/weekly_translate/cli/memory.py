"""`weekly-translate memory …`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weekly_translate.cli.options import GlossaryOption, MemoryOption, ProjectOption, end_with

memory_app = typer.Typer(help="The translation memory.", rich_markup_mode=None)


@memory_app.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(help="A TMX or JSONL file.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Take translations from a file over; what people vouch for is never overwritten by less."""
    given = locals()
    from weekly_translate.commands.memory import run_import  # noqa: PLC0415 - as above

    end_with(run_import(given, os.environ))


@memory_app.command("export")
def memory_export(
    file: Annotated[Path, typer.Argument(help="A file that ends in .tmx or .jsonl.")],
    *,
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Write the memory as TMX for other tools, or as JSON lines for version control."""
    given = locals()
    from weekly_translate.commands.memory import run_export  # noqa: PLC0415 - as above

    end_with(run_export(given, os.environ))


@memory_app.command("learn")
def memory_learn(  # noqa: PLR0913 - these are the options of the contract
    source: Annotated[Path, typer.Argument(help="The Chinese file.")],
    target: Annotated[Path, typer.Argument(help="Its English translation.")],
    *,
    status: Annotated[str, typer.Option(help="approved or edited.")] = "approved",
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="What is not learned, and why.")] = False,
) -> None:
    """Learn from an existing pair: the lines that belong together and have no error."""
    given = locals()
    from weekly_translate.commands.memory import run_learn  # noqa: PLC0415 - as above

    end_with(run_learn(given, os.environ))


@memory_app.command("reject")
def memory_reject(
    text: Annotated[str, typer.Argument(help="The Chinese text, as it stands in the issue, or its key.")],
    *,
    reason: Annotated[str, typer.Option(help="What is wrong with the translation; the model is told.")],
    memory: MemoryOption = None,
    project: ProjectOption = None,
) -> None:
    """Forget the translations of a text, and ask for a better one in the next run."""
    given = locals()
    from weekly_translate.commands.memory_upkeep import run_reject  # noqa: PLC0415 - as above

    end_with(run_reject(given, os.environ))


@memory_app.command("stats")
def memory_stats(*, memory: MemoryOption = None, project: ProjectOption = None) -> None:
    """Count what is in the memory, and where it comes from."""
    given = locals()
    from weekly_translate.commands.memory import run_stats  # noqa: PLC0415 - as above

    end_with(run_stats(given, os.environ))


@memory_app.command("verify")
def memory_verify(
    *,
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Warnings as well.")] = False,
) -> None:
    """Judge every stored translation by today's checks and glossary."""
    given = locals()
    from weekly_translate.commands.memory_upkeep import run_verify  # noqa: PLC0415 - as above

    end_with(run_verify(given, os.environ))


@memory_app.command("prune")
def memory_prune(  # noqa: PLR0913 - as above
    files: Annotated[
        list[Path] | None, typer.Argument(help="The Chinese files that you keep.", show_default=False)
    ] = None,
    *,
    days: Annotated[int, typer.Option(min=0, help="Answers that did not pass are kept this long.")] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; else it is only counted.")] = False,
    memory: MemoryOption = None,
    glossary: GlossaryOption = None,
    project: ProjectOption = None,
) -> None:
    """Find a machine's answers that no file needs any more; people's work is never touched."""
    given = locals()
    from weekly_translate.commands.memory_upkeep import run_prune  # noqa: PLC0415 - as above

    end_with(run_prune(given, os.environ))
