"""The options of the commands that translate."""

from __future__ import annotations

from dataclasses import dataclass
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
    Loudness,
    MemoryOption,
    ModelOption,
    MojibakeOption,
    ProjectOption,
    ReportOption,
)
from weekly_translate.run.issue import Order
from weekly_translate.settings import SettingsOptions


@dataclass(frozen=True, kw_only=True)
class RunOptions(Loudness, SettingsOptions):
    """What a run of one issue is told as well as a run of many."""

    engine: EngineOption = None
    model: ModelOption = None
    base_url: BaseUrlOption = None
    edition: EditionOption = None
    glossary: GlossaryOption = None
    memory: MemoryOption = None
    jobs: JobsOption = None
    budget: BudgetOption = None
    report: ReportOption = None
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False
    project: ProjectOption = None
    encoding: EncodingOption = None
    fix_mojibake: MojibakeOption = False

    def order_of(self, source: Path, out: Path | None = None, *, dry_run: bool = False) -> Order:
        """A source that is read as the options say."""
        return Order(source, out, self.encoding, self.fix_mojibake, self.allow_partial, dry_run)
