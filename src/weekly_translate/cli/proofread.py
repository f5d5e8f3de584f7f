"""`weekly-translate proofread`: what a second reader says about an English file, whoever made it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.api import judging_of
from weekly_translate.cli.check import FormatOption, show_judged
from weekly_translate.cli.options import (
    AllowOption,
    BaseUrlOption,
    BudgetOption,
    EditionOption,
    FilesEncodingOption,
    GlossaryOptions,
    JobsOption,
    Loudness,
    MemoryOptions,
    ModelOption,
    ProofreaderOption,
    command,
)
from weekly_translate.cli.run_messages import dropped_rows, issue_progress, used_in_words
from weekly_translate.cli.terminal import Row, opened, waits_told
from weekly_translate.compare.pair_files import FilePair, texts_of_files
from weekly_translate.errors import EngineError, ExitCode
from weekly_translate.llm.tokens import Budget, cost
from weekly_translate.model import Proofreading, Severity, Usage
from weekly_translate.quality.reading import Readings, SecondReader, read_all, unknown_to
from weekly_translate.quality.verdicts import ReadPair, meaning_findings
from weekly_translate.run.project import budget_for, read_project, reader_of, with_engine
from weekly_translate.text.characters import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.llm.engine import Engine

_OTHER = "Run the same command again, or name another model with --proofreader."


@dataclass(frozen=True, kw_only=True)
class ProofreadOptions(MemoryOptions, GlossaryOptions, Loudness):
    """Have a model compare an English file with its Chinese source, and show the mistakes of meaning."""

    source: Annotated[Path, typer.Argument(help="The Chinese file.")]
    target: Annotated[Path, typer.Argument(help="The English one.")]
    proofreader: ProofreaderOption = None
    model: ModelOption = None
    base_url: BaseUrlOption = None
    jobs: JobsOption = None
    budget: BudgetOption = None
    plan: Annotated[bool, typer.Option("--plan", help="Only count: texts, requests, tokens, cost.")] = False
    format: FormatOption = "text"
    strict: Annotated[bool, typer.Option("--strict", help="Major and critical mistakes fail.")] = False
    edition: EditionOption = None
    allow: AllowOption = None
    encoding: FilesEncodingOption = None


def proofread(options: ProofreadOptions) -> ExitCode:
    """The findings to stdout, as `check` shows them; what it took to the person."""
    terminal = options.terminal
    settings = options.settings.of_proofreader
    judging = replace(judging_of(settings, options.allow), encoding=options.encoding)
    judged, texts = texts_of_files(FilePair(options.source, options.target), judging)
    pairs = [ReadPair(*text) for text in texts]
    with opened(settings.memory, terminal, may_be_new=not options.plan) as memory:
        data, engine = with_engine(settings, read_project(settings, memory), waits_told(terminal))
        reader = reader_of(data, SecondReader)
        if options.plan:
            terminal.show_rows(plan_rows(pairs, reader))
            return ExitCode.DONE
        with issue_progress(terminal, options.target.name) as progress:
            readings = asyncio.run(_read(pairs, reader, engine, budget_for(data), progress))
    if pairs and not readings.verdicts:
        terminal.show_rows(reading_rows(readings, reader))
        raise readings.failure or EngineError(f"{reader.name} gave no verdict that can be read. {_OTHER}")
    said = ((one.pair, readings.verdicts[one.id].errors) for one in pairs if one.id in readings.verdicts)
    findings = (finding for pair, errors in said for finding in meaning_findings(pair, errors))
    judged = judged._replace(findings=tuple(findings))
    show_judged([judged], options.format, terminal)
    terminal.show_rows(reading_rows(readings, reader))
    if readings.failure is not None:
        terminal.complain(str(readings.failure))
        return readings.failure.exit_code
    if readings.unread:
        terminal.complain(f"{counted(readings.unread, 'text')} got no verdict that can be read. {_OTHER}")
        return ExitCode.PARTIAL
    failed = options.strict and judged.count(Severity.WARNING)
    return ExitCode.FINDINGS if failed else ExitCode.DONE


COMMANDS = {"proofread": command(ProofreadOptions, proofread)}


async def _read(
    pairs: Sequence[ReadPair],
    reader: SecondReader,
    engine: Engine,
    budget: Budget,
    progress: Callable[[int, int, Usage], None],
) -> Readings[Proofreading]:
    """Have the texts read. An interrupt ends that: what was answered is in the memory."""
    try:
        return await read_all(pairs, reader, engine, budget, progress)
    finally:
        await engine.close()


def plan_rows(pairs: Sequence[ReadPair], reader: SecondReader) -> Iterator[Row]:
    """What reading would take."""
    open_ = unknown_to(reader, pairs)
    expected = reader.forecast(open_)
    yield "texts", f"{len(pairs):,}, {len(pairs) - len(open_):,} read before, {len(open_):,} to read"
    yield "requests", used_in_words(expected, cost(expected, reader.price))
    yield "read by", reader.name


def reading_rows(readings: Readings[Proofreading], reader: SecondReader) -> Iterator[Row]:
    """What became of the texts and what it took."""
    parts = [f"{len(readings.verdicts):,} read", f"{readings.remembered:,} of them before"]
    if readings.unread:
        parts.append(f"{readings.unread:,} without a verdict")
    yield "texts", ", ".join(parts)
    yield "requests", used_in_words(readings.usage, cost(readings.usage, reader.price))
    yield from dropped_rows(sum(said.dropped for said in readings.verdicts.values()))
    yield "read by", reader.name
