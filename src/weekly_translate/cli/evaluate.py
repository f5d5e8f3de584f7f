"""`weekly-translate evaluate`: which of several translations is better, and how sure that is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

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
from weekly_translate.cli.terminal import counted, opened, waits_told
from weekly_translate.compare.pair_files import FilePair, texts_of_files
from weekly_translate.errors import EngineError, ExitCode, UsageError
from weekly_translate.files import TextFile, read_bytes, write_text
from weekly_translate.llm.batch import MOST_BYTES, answers_in
from weekly_translate.llm.engine import EngineInfo
from weekly_translate.llm.providers import Endpoint
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Usage
from weekly_translate.quality.evaluation import (
    ControlPair,
    Controls,
    Evaluation,
    Judge,
    System,
    as_data,
    both_orders,
    comparison_of,
    family,
    is_alarm,
    metrics_from,
    metrics_of,
    page_of,
    scores_of,
    table_of,
    with_faults,
    worst_of,
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

    from weekly_translate.cli.terminal import Row
    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.tokens import Budget
    from weekly_translate.model import Proofreading
    from weekly_translate.quality.reading import Reader, Readings, Said
    from weekly_translate.run.batch_requests import ReadingPart
    from weekly_translate.run.project import ProjectData
    from weekly_translate.settings import Settings

_FORMATS = ("text", "json", "html")
_HALF = 0.5


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
    settings = _settings(options)
    every_one = [*options.targets, *([options.reference] if options.reference else [])]
    systems = _systems(options.source, every_one, settings)
    reference = systems.pop() if options.reference else None
    metrics: Mapping[str, Mapping[str, float]] = {}
    if reference is not None:
        try:
            metrics = metrics_of(systems, reference)
        except UsageError as error:  # the rest needs no extra
            options.terminal.say(str(error), "yellow")
    if options.scores:
        metrics = metrics_from(options.scores, systems, metrics)
    if options.judge is None:
        _show(_counted(systems, metrics), options)
        return ExitCode.DONE
    is_kept = settings.memory.exists() or not options.plan
    with opened(settings.memory if is_kept else None, options.terminal) as memory:
        project = read_project(settings, memory)
        if options.export or options.answers:
            return _by_files(systems, reference, settings, project, options, metrics)
        data, engine = with_engine(settings, project, waits_told(options.terminal))
        work = _Work(systems, reference, reader_of(data, SecondReader), reader_of(data, Judge), options)
        if options.plan:
            options.terminal.show_rows(work.plan_rows())
            return ExitCode.DONE
        budget = budget_for(data)
        evaluation = work.evaluation(metrics, *asyncio.run(work.asked(engine, budget)))
        open_ = work.open
    _show(evaluation, options)
    options.terminal.show_rows(work.rows(budget.usage))
    return _code(evaluation, open_)


COMMANDS = {"evaluate": command(EvaluateOptions, evaluate)}


def _check(options: EvaluateOptions) -> None:
    """Raise `UsageError` where options do not go together."""
    if options.export and options.answers:
        raise UsageError("--export writes questions and --answers reads answers: give one of them.")
    if options.by_hand and not options.export:
        raise UsageError("--by-hand is how questions are written: give --export FILE as well.")
    if (options.export or options.answers) and options.judge is None:
        raise UsageError("Name who judges, a model or a person, with --judge: the answers are kept under it.")


def _by_files(  # noqa: PLR0913, PLR0917 - all that an evaluation is made of
    systems: Sequence[System],
    reference: System | None,
    settings: Settings,
    project: ProjectData,
    options: EvaluateOptions,
    metrics: Mapping[str, Mapping[str, float]],
) -> ExitCode:
    """Questions into a file, or answers out of one: a judge who is not asked now."""
    data = project._replace(engine=EngineInfo(f"file{BATCH}", "file"))
    reader = later_reader_of(settings, data, SecondReader)
    judge = later_reader_of(settings, data, Judge)
    work = _Work(systems, reference, reader, judge, options)
    if options.export:
        parts = work.parts(options.source, by_hand=options.by_hand)
        check_replaceable(options.export, settings)
        data.memory.batches.remember(part.asked for part in parts)
        lines = sheet_to_read(parts) if options.by_hand else lines_of(parts, settings.model, data)
        write_text(options.export, TextFile(b"".join(lines).decode()))
        rows = list(exported_rows(str(options.export), parts, data, ()))
        options.terminal.show_rows(rows[:1] if options.by_hand else rows)
        return ExitCode.DONE
    assert options.answers is not None
    content = read_bytes(options.answers, limit=2 * MOST_BYTES)
    sheet = work.parts(options.source, by_hand=True, known=True)
    data.memory.batches.remember(part.asked for part in sheet)
    content = found_by_text(content, sheet)
    endpoint = Endpoint(settings.base_url, settings.model, settings.key, provider=settings.provider)
    intake = AnswerIntake(lambda _path: None, data, EngineInfo(settings.model, "file"))
    intake.take_all(answers_in(content, endpoint), data.memory.batches.asked)
    told(intake, options.answers, options.terminal)
    evaluation = work.evaluation(metrics, *work.known())
    _show(evaluation, options)
    return _code(evaluation, work.open)


def _code(evaluation: Evaluation, open_: int) -> ExitCode:
    """A judge that cannot be trusted, or verdicts that are missing, end in a code of their own."""
    if evaluation.untrusted:
        return ExitCode.FINDINGS
    return ExitCode.PARTIAL if open_ else ExitCode.DONE


def _settings(options: EvaluateOptions) -> Settings:
    """Those of the judge: the second reader's endpoint, if a person has one; a file of answers is free."""
    settings = options.settings
    if options.export or options.answers:
        settings = replace(settings, budget=None, budget_total=None)
    named = replace(settings.proofreader, model=options.judge or settings.proofreader.model)
    return replace(settings, proofreader=named).of_proofreader


def _systems(source: Path, targets: Sequence[Path], settings: Settings) -> list[System]:
    """The texts of each translation under ids of their own, two or three characters long."""
    judging, numbers = judging_of(settings), iter(range(1, 10**6))
    systems = []
    for target in targets:
        texts: dict[tuple[str, str], ReadPair] = {}
        for files in _files(source, target):
            for pair, section in texts_of_files(files, judging).texts:
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


def _counted(
    systems: Sequence[System], metrics: Mapping[str, Mapping[str, float]], judge: str = ""
) -> Evaluation:
    """What is known without a judge."""
    places = [set(system.texts) for system in systems]
    common, every_one = set.intersection(*places), set.union(*places)
    lost = {system.name: len(every_one - set(system.texts)) for system in systems}
    issues = len({issue for issue, _ in common})
    return Evaluation(issues, len(common), lost, judge, metrics=metrics)


class _Work:
    """What a judge is asked, and what came of it."""

    def __init__(
        self,
        systems: Sequence[System],
        reference: System | None,
        reader: SecondReader,
        judge: Judge,
        options: EvaluateOptions,
    ) -> None:
        self._systems, self._reference = systems, reference
        self._reader, self._judge = reader, judge
        self._options = options
        good = reference.texts if reference else systems[0].texts
        self._good = list(good.values())
        self._faults = with_faults(self._good, seed=options.seed)
        self._orders = {
            (second.name, place): both_orders(one, second.texts[place])
            for second in systems[1:]
            for place, one in systems[0].texts.items()
            if place in second.texts and one.pair.target != second.texts[place].pair.target
        }

    @property
    def _read(self) -> list[ReadPair]:
        """What is read for errors; the faults stand among the others, where nothing gives them away."""
        texts = [one for system in self._systems for one in system.texts.values()]
        texts += self._good if self._reference else ()
        random = Random(self._options.seed)  # noqa: S311 - finds places, keeps no secret
        for fault in self._faults:
            texts.insert(random.randrange(len(texts) + 1), fault)
        return texts

    @property
    def _compared(self) -> tuple[list[ReadPair], list[ReadPair]]:
        """Each text once, and once more with A and B exchanged, apart: a judge that sees both is steady.

        Which order comes first differs from text to text.
        """
        random = Random(self._options.seed)  # noqa: S311 - tosses a coin, keeps no secret
        tossed = [both if random.random() < _HALF else both[::-1] for both in self._orders.values()]
        return [first for first, _ in tossed], [second for _, second in tossed]

    @property
    def _asked_of(self) -> list[tuple[Reader[Any], list[ReadPair]]]:
        """What goes into requests together, and to whom."""
        first, second = self._compared
        return [(self._reader, self._read), (self._judge, first), (self._judge, second)]

    def parts(self, source: Path, *, by_hand: bool, known: bool = False) -> list[ReadingPart]:
        """The questions that nobody has answered, or all of them with those that are `known`."""
        return [
            part
            for reader, texts in self._asked_of
            for part in parts_to_read(
                source, texts if known else unknown_to(reader, texts), reader, by_hand=by_hand
            )
        ]

    @property
    def open(self) -> int:
        """How many answers are missing."""
        return sum(len(unknown_to(reader, texts)) for reader, texts in self._asked_of)

    def plan_rows(self) -> Iterator[Row]:
        """What it would take."""
        forecasts = (reader.forecast(unknown_to(reader, texts)) for reader, texts in self._asked_of)
        expected = sum(forecasts, Usage())
        yield from self.rows(expected)

    def rows(self, usage: Usage) -> Iterator[Row]:
        """What it took."""
        yield "requests", used_in_words(usage, cost(usage, self._reader.price))
        yield "judge", self._reader.name

    def known(self) -> tuple[dict[str, Proofreading], dict[str, str]]:
        """What has been answered so far."""
        first, second = self._compared
        return self._reader.known(self._read), self._judge.known([*first, *second])

    async def asked(self, engine: Engine, budget: Budget) -> tuple[dict[str, Proofreading], dict[str, str]]:
        """Ask for what is open. Raises what ended it before all was said."""
        try:
            said = await self._ask(self._reader, self._read, "errors", engine, budget)
            preferred: dict[str, str] = {}
            for texts in self._compared:
                preferred |= await self._ask(self._judge, texts, "preferences", engine, budget)
            return said, preferred
        finally:
            await engine.close()

    async def _ask(
        self, reader: Reader[Said], texts: Sequence[ReadPair], what: str, engine: Engine, budget: Budget
    ) -> dict[str, Said]:
        with issue_progress(self._options.terminal, what) as progress:
            readings: Readings[Said] = await read_all(texts, reader, engine, budget, progress)
        if readings.failure is not None:
            raise readings.failure
        if texts and not readings.verdicts:
            raise EngineError(f"{reader.name} gave no verdict that can be read: name another --judge.")
        return readings.verdicts

    def evaluation(
        self,
        metrics: Mapping[str, Mapping[str, float]],
        said: Mapping[str, Proofreading],
        preferred: Mapping[str, str],
    ) -> Evaluation:
        """The conclusions."""
        comparisons = []
        first, *others = self._systems
        for second in others:
            chosen = self._chosen(second, preferred)
            comparisons.append(comparison_of(first, second, said, chosen, seed=self._options.seed))
        return replace(
            _counted(self._systems, metrics, self._reader.name),
            scores=scores_of(self._systems, said),
            comparisons=tuple(comparisons),
            controls=self._controls(said),
            worst=worst_of(self._systems, said),
            warnings=tuple(self._warnings()),
        )

    def _chosen(self, second: System, preferred: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
        """The answers in both orders; the same text in both translations is a tie."""
        chosen = {}
        for place in (one for one in self._systems[0].texts if one in second.texts):
            asked = self._orders.get((second.name, place))
            if asked is None:
                chosen[place] = "same", "same"
            elif all(one.id in preferred for one in asked):
                chosen[place] = preferred[asked[0].id], preferred[asked[1].id]
        return chosen

    def _controls(self, said: Mapping[str, Proofreading]) -> Controls:
        good_texts = {one.id: one.pair.target for one in self._good}
        pairs = [
            ControlPair(good_texts[before], said[before], one.pair.target, said[one.id])
            for one in self._faults
            if (before := one.id.removesuffix("-fault")) in said and one.id in said
        ]
        good = [said[one.id] for one in self._good if one.id in said] if self._reference else []
        return Controls(len(pairs), sum(pair.is_found for pair in pairs), len(good), sum(map(is_alarm, good)))

    def _warnings(self) -> Iterator[str]:
        if open_ := self.open:
            yield f"{counted(open_, 'verdict')} of the judge missing: what is told here is of the others"
        judge = family(self._reader.name)
        for system in self._systems:
            if judge and judge == family(system.name):
                yield f"{system.name} and the judge are of one family: judges prefer their own"


def _show(evaluation: Evaluation, options: EvaluateOptions) -> None:
    match options.format:
        case "json":
            text = as_json(as_data(evaluation))
        case "html":
            text = page_of(evaluation)
        case _:
            text = "".join(f"{line}\n" for line in table_of(evaluation))
    options.terminal.result(text)
