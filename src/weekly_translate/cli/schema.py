"""`weekly-translate schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from weekly_translate.cli.options import end_with


def schema(
    name: Annotated[str, typer.Argument(help="edition, glossary, allow, ignores or settings.")],
) -> None:
    """Print the JSON Schema of a data file, with which an editor completes and checks it."""
    from weekly_translate.commands.schema import (  # noqa: PLC0415 - --help is quick without
        run_schema,
    )

    end_with(run_schema(name))
