"""`weekly-translate season`."""

from __future__ import annotations

import os
import shlex
import sys
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

_FromOption = Annotated[
    str | None, typer.Option("--from", help="The first issue, by date (2023-07-08, 2023-07) or number.")
]
_ToOption = Annotated[str | None, typer.Option("--to", help="The last issue, in the same way.")]
_ChangedOption = Annotated[
    bool, typer.Option("--changed", help="Only issues whose output is there, from a season, and out of date.")
]
_TheirsOption = Annotated[
    bool, typer.Option("--take-theirs", help="Keep outputs as people have edited them.")
]
_OursOption = Annotated[bool, typer.Option("--keep-ours", help="Replace outputs that people have edited.")]
_PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only count: issues, segments, requests, tokens, cost.")
]
_BatchOption = Annotated[
    str | None,
    typer.Option(
        metavar="[STEP]", help="Half the price, a day later: submit (default), status, fetch, forget."
    ),
]
_LogOption = Annotated[
    Path | None, typer.Option(help="Add a JSON line for each request and issue to this file.")
]
_LogTextsOption = Annotated[
    bool, typer.Option("--log-texts", help="Let the log hold what is sent and answered.")
]


def season(  # noqa: PLR0913 - these are the options of the contract
    sources: Annotated[
        list[str], typer.Argument(help="Folders, files, or patterns in quotes: 'docs/**/*.md'.")
    ],
    *,
    out: Annotated[Path, typer.Option("-o", "--output", help="The folder that the English goes to.")],
    first: _FromOption = None,
    last: _ToOption = None,
    changed: _ChangedOption = False,
    take_theirs: _TheirsOption = False,
    keep_ours: _OursOption = False,
    plan: _PlanOption = False,
    batch: _BatchOption = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    edition: EditionOption = None,
    glossary: GlossaryOption = None,
    memory: MemoryOption = None,
    jobs: JobsOption = None,
    budget: BudgetOption = None,
    report: ReportOption = None,
    log: _LogOption = None,
    log_texts: _LogTextsOption = False,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write results in spite of errors.")
    ] = False,
    project: ProjectOption = None,
    encoding: EncodingOption = None,
    fix_mojibake: MojibakeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Translate many issues; what is up to date is skipped, and what people have edited is kept."""
    given = {**locals(), "command": shlex.join(["weekly-translate", *sys.argv[1:]])}
    from weekly_translate.commands.season import (  # noqa: PLC0415 - --help is quick without
        run_season_command,
        run_season_plan,
    )

    if batch is not None:
        from weekly_translate.commands.batch import run_season_batch  # noqa: PLC0415 - as above

        end_with(run_season_batch(given, os.environ))
    end_with(run_season_plan(given, os.environ) if plan else run_season_command(given, os.environ))
