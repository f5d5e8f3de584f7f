"""`weekly-translate evaluate`: which of several translations is better, and how sure that is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.api import judging_of
from weekly_translate.cli.batch import check_replaceable, exported_rows, told
from weekly_translate.cli.options import (
    BaseUrlOption,
    BudgetOption,
    EditionOption,
    GlossaryOptions,
    JobsOption,
    Loudness,
    MemoryOptions,
    command,
    one_of,
)
from weekly_translate.cli.run_messages import issue_progress, used_in_words
from weekly_translate.cli.terminal import opened, waits_told
from weekly_translate.compare.pair_files import FilePair, texts_of_files
from weekly_translate.errors import EngineError, ExitCode, UsageError
from weekly_translate.files import TextFile, read_bytes, write_text
from weekly_translate.llm.batch import MOST_BYTES, answers_in
from weekly_translate.llm.engine import EngineInfo
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Usage
from weekly_translate.quality.evaluation import (
    Judge,
    Questions,
    System,
    as_data,
    known_of,
    metrics_from,
    metrics_of,
    page_of,
    table_of,
)
from weekly_translate.quality.reading import SecondReader, read_all, unknown_to
from weekly_translate.quality.verdicts import ReadPair
from weekly_translate.report.data import as_json
from weekly_translate.run.attempts import BATCH
from weekly_translate.run.batch_requests import (
    AnswerIntake,
    found_by_text,
    lines_of,
    parts_to_read,
    sheet_to_read,
)
from weekly_translate.run.project import budget_for, later_reader_of, read_project, reader_of, with_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.cli.terminal import Row, Terminal
    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.tokens import Budget
    from weekly_translate.quality.evaluation import Evaluation
    from weekly_translate.run.project import ProjectData
    from weekly_translate.settings import Settings

_FORMATS = ("text", "json", "html")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(MemoryOptions, GlossaryOptions, Loudness):
    """Compare translations of the same issues: what is wrong with each, and which is better."""

    source: Annotated[Path, typer.Argument(help="The Chinese file, or a folder of issues.")]
    targets: Annotated[
        list[Path], typer.Argument(help="Translations: files, or folders with the same names.")
    ]
    judge: Annotated[
        str | None, typer.Option(help="The model that judges; without one only what needs none is counted.")
    ] = None
    reference: Annotated[
        Path | None,
        typer.Option(help="A translation that people vouch for: for chrF, BLEU and false alarms."),
    ] = None
    scores: Annotated[
        Path | None, typer.Option(help="Scores of other metrics, JSON in lines: system, metric, score.")
    ] = None
    seed: Annotated[int, typer.Option(help="The same seed draws the same samples.")] = 1
    base_url: BaseUrlOption = None
    jobs: JobsOption = None
    budget: BudgetOption = None
    plan: Annotated[bool, typer.Option("--plan", help="Only count: requests, tokens, cost.")] = False
    export: Annotated[
        Path | None, typer.Option(help="Ask nobody: write what is open to a file, as Batch APIs read it.")
    ] = None
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a person: a line for each text, with an empty answer.")
    ] = False
    answers: Annotated[
        Path | None, typer.Option(help="Ask nobody: take the answers of such a file in, and judge by them.")
    ] = None
    format: Annotated[str, typer.Option(help="text, json or html.", **one_of("format", _FORMATS))] = "text"
    edition: EditionOption = None


def evaluate(options: EvaluateOptions) -> ExitCode:
    """The table, JSON or page to stdout; what it took to the person."""
    _check(options)
    settings, terminal = _settings(options), options.terminal
    every_one = [*options.targets, *([options.reference] if options.reference else [])]
    systems = _systems(options.source, every_one, settings)
    reference = systems.pop() if options.reference else None
    evaluation = known_of(systems, _metrics(systems, reference, options))
    if options.judge is None:
        _show(evaluation, options)
        return ExitCode.DONE
    by_files, is_of_use = options.export or options.answers, True
    with opened(settings.memory, terminal, may_be_new=not options.plan) as memory:
        data = read_project(settings, memory)
        if by_files:
            data = data._replace(engine=EngineInfo(f"file{BATCH}", "file"))
            reader = later_reader_of(settings, data, SecondReader)
            judge = later_reader_of(settings, data, Judge)
        else:
            data, engine = with_engine(settings, data, waits_told(terminal))
            reader, judge = reader_of(data, SecondReader), reader_of(data, Judge)
        questions = Questions(systems, reference, reader, judge, options.seed)
        if options.export:
            _export(options.export, questions, data, settings, options)
            return ExitCode.DONE
        if options.answers:
            is_of_use = _take_in(options.answers, questions, data, settings, options)
        elif options.plan:
            forecasts = (one.forecast(unknown_to(one, texts)) for one, texts in questions.asked_of)
            terminal.show_rows(_rows(sum(forecasts, Usage()), reader))
            return ExitCode.DONE
        else:
            budget = budget_for(data)
            asyncio.run(_ask(questions, engine, budget, terminal))
        evaluation, open_ = questions.evaluation(evaluation), questions.open
    _show(evaluation, options)
    if not by_files:
        terminal.show_rows(_rows(budget.usage, reader))
    if evaluation.untrusted or not is_of_use:  # a judge that cannot be trusted, or answers to other questions
        return ExitCode.FINDINGS
    return ExitCode.PARTIAL if open_ else ExitCode.DONE


COMMANDS = {"evaluate": command(EvaluateOptions, evaluate)}


def _check(options: EvaluateOptions) -> None:
    """Raise `UsageError` where options do not go together."""
    if options.export and options.answers:
        raise UsageError("--export writes questions and --answers reads answers: give one of them.")
    if options.plan and (options.export or options.answers):
        raise UsageError("--plan counts what a model would be asked: leave out --export and --answers.")
    if options.by_hand and not options.export:
        raise UsageError("--by-hand is how questions are written: give --export FILE as well.")
    if (options.export or options.answers) and options.judge is None:
        raise UsageError("Name who judges, a model or a person, with --judge: the answers are kept under it.")


def _metrics(
    systems: Sequence[System], reference: System | None, options: EvaluateOptions
) -> Mapping[str, Mapping[str, float]]:
    """Scores that need no judge, and those of a file."""
    metrics: Mapping[str, Mapping[str, float]] = {}
    if reference is not None:
        try:
            metrics = metrics_of(systems, reference)
        except UsageError as error:  # the rest needs no extra
            options.terminal.say(str(error), "yellow")
    return metrics_from(options.scores, systems, metrics) if options.scores else metrics


def _export(
    file: Path, questions: Questions, data: ProjectData, settings: Settings, options: EvaluateOptions
) -> None:
    """The questions that nobody has answered."""
    parts = [
        part
        for reader, texts in questions.asked_of
        for part in parts_to_read(options.source, unknown_to(reader, texts), reader, by_hand=options.by_hand)
    ]
    check_replaceable(file, settings)
    data.memory.batches.remember(part.asked for part in parts)
    lines = sheet_to_read(parts) if options.by_hand else lines_of(parts, settings.model, data)
    write_text(file, TextFile(b"".join(lines).decode()))
    rows = list(exported_rows(str(file), parts, data, ()))
    options.terminal.show_rows(rows[:1] if options.by_hand else rows)


def _take_in(
    file: Path, questions: Questions, data: ProjectData, settings: Settings, options: EvaluateOptions
) -> bool:
    """The answers of a file, to whichever of the questions; says whether one of them is to any."""
    content = read_bytes(file, limit=2 * MOST_BYTES)
    sheet = [
        part
        for reader, texts in questions.asked_of
        for part in parts_to_read(options.source, texts, reader, by_hand=True)
    ]
    data.memory.batches.remember(part.asked for part in sheet)
    intake = AnswerIntake(lambda _path: None, data, EngineInfo(settings.model, "file"))
    intake.take_all(answers_in(found_by_text(content, sheet), settings.endpoint), data.memory.batches.asked)
    told(intake, file, options.terminal)
    return intake.tally.is_of_use


async def _ask(questions: Questions, engine: Engine, budget: Budget, terminal: Terminal) -> None:
    """Ask for what is open. Raises what ended it before all was said."""
    try:
        for reader, texts in questions.asked_of:
            what = "errors" if reader is questions.reader else "preferences"
            with issue_progress(terminal, what) as progress:
                readings = await read_all(texts, reader, engine, budget, progress)
            if readings.failure is not None:
                raise readings.failure
            if texts and not readings.verdicts:
                raise EngineError(f"{reader.name} gave no verdict that can be read: name another --judge.")
    finally:
        await engine.close()


def _rows(usage: Usage, reader: SecondReader) -> Iterator[Row]:
    """What it took, or would take."""
    yield "requests", used_in_words(usage, cost(usage, reader.price))
    yield "judge", reader.name


def _settings(options: EvaluateOptions) -> Settings:
    """Those of the judge: the second reader's endpoint, if a person has one; a file of answers is free."""
    settings = options.settings
    if options.export or options.answers:
        settings = replace(settings, budget=None, budget_total=None)
    named = replace(settings.proofreader, model=options.judge or settings.proofreader.model)
    return replace(settings, proofreader=named).of_proofreader


def _systems(source: Path, targets: Sequence[Path], settings: Settings) -> list[System]:
    """The texts of each translation under ids of their own."""
    judging, numbers = judging_of(settings), count(1)
    systems = []
    for target in targets:
        texts: dict[tuple[str, str], ReadPair] = {}
        for files in _files(source, target):
            for pair, section in texts_of_files(files, judging)[1]:
                segment = pair.segment._replace(id=f"s{next(numbers):03}")
                texts[files.source.name, pair.segment.id] = ReadPair(pair._replace(segment=segment), section)
        systems.append(System(str(target), texts))
    if not set.intersection(*(set(system.texts) for system in systems)):
        names = ", ".join(map(str, targets))
        raise UsageError(f"No text of {source} has a counterpart in {names}: are they its translations?")
    return systems


def _files(source: Path, target: Path) -> list[FilePair]:
    if not source.is_dir():
        return [FilePair(source, target)]
    pairs = [FilePair(path, target / path.name) for path in sorted(source.glob("*.md"))]
    found = [pair for pair in pairs if pair.target.is_file()]
    if not found:
        raise UsageError(f"{target} holds no file that is called like one of {source}.")
    return found


def _show(evaluation: Evaluation, options: EvaluateOptions) -> None:
    match options.format:
        case "json":
            text = as_json(as_data(evaluation))
        case "html":
            text = page_of(evaluation)
        case _:
            text = "".join(f"{line}\n" for line in table_of(evaluation))
    options.terminal.result(text)
