"""`weekly-translate batch …`: the requests of a Batch API as a file, for whoever answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import (
    AcceptOption,
    EditionOption,
    EncodingOption,
    GlossaryOptions,
    IgnoresOption,
    MemoryOptions,
    ModelOption,
    MojibakeOption,
    ProofreaderOption,
    as_given,
    command,
    from_here,
    one_of,
)
from weekly_translate.cli.run_messages import tokens_in_words
from weekly_translate.cli.terminal import Terminal, opened
from weekly_translate.data_files import default_file
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, read_bytes, write_text
from weekly_translate.llm.batch import MOST_BYTES, answers_in, holds_requests_only
from weekly_translate.llm.engine import EngineInfo
from weekly_translate.llm.tokens import cost, forecast
from weekly_translate.model import Status
from weekly_translate.quality.reading import SecondReader
from weekly_translate.report.season_table import dollars
from weekly_translate.run.attempts import BATCH
from weekly_translate.run.batch_requests import AnswerIntake, lines_of, parts_of, readings_of, sheet_line
from weekly_translate.run.plan import Order, PlannedIssue, all_planned
from weekly_translate.run.project import accepting, later_reader_of, read_project
from weekly_translate.run.seasons import chosen_in, translatable
from weekly_translate.settings import MODEL
from weekly_translate.text.characters import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from weekly_translate.cli.terminal import Row
    from weekly_translate.llm.batch import RemoteBatch
    from weekly_translate.llm.tokens import Price
    from weekly_translate.model import Usage
    from weekly_translate.run.batch_jobs import BatchSubmission, Fetched
    from weekly_translate.run.batch_requests import BatchPart, Tally, Unpassed
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData
    from weekly_translate.settings import Settings


_STATUSES = {"machine": Status.MACHINE, "edited": Status.EDITED, "approved": Status.APPROVED}
_SHOWN = 10
_MOST_PLACES = 20
_OWN_SERVER = "http://localhost:8000/v1"
"""Where vLLM serves, whatever starts it; it takes a temperature, and a schema for its answers."""
_ENGINES = {
    "vllm": "vllm run-batch -i {file} -o answers.jsonl --model {model}",
    "ray": "python {script} {file} answers.jsonl --url {url}",
}
"""The programs that answer such a file with a model of one's own, and how they are started."""
_SHARED = (
    *("memory", "project", "glossary", "model", "edition", "ignores", "encoding", "fix_mojibake"),
    "proofreader",
)
"""What an import has to be told as the export was: by these, the questions are known again."""


@dataclass(frozen=True, kw_only=True)
class _FileOptions(MemoryOptions, GlossaryOptions):
    model: ModelOption = None
    edition: EditionOption = None
    ignores: IgnoresOption = None
    encoding: EncodingOption = None
    fix_mojibake: MojibakeOption = False

    @property
    def settings(self) -> Settings:
        """Those of an engine that answers later: it needs no key here."""
        return replace(super().settings, engine="openai", budget=None, budget_total=None)

    def order_of(self, source: Path) -> Order:
        """A source to be read as the options say."""
        return Order(source, None, self.encoding, self.fix_mojibake)


@dataclass(frozen=True, kw_only=True)
class ExportOptions(_FileOptions):
    """Write what is to be translated as requests, one JSON object in a line, as Batch APIs read them."""

    file: Annotated[Path, typer.Argument(help="The file for the requests, such as requests.jsonl.")]
    issues: Annotated[list[str], typer.Argument(help="Folders, files, or patterns in quotes.")]
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a person: a line for each segment, with an empty answer.")
    ] = False
    proofread: Annotated[
        bool, typer.Option("--proofread", help="What the second reader is asked about translations.")
    ] = False
    proofreader: ProofreaderOption = None
    base_url: Annotated[
        str | None,
        typer.Option(help=f"Where your model serves, with --for; default {_OWN_SERVER}.", show_default=False),
    ] = None
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            help=f"A program for your own model: {' or '.join(_ENGINES)}.",
            show_default=False,
            **one_of("program", _ENGINES),
        ),
    ] = None

    @property
    def settings(self) -> Settings:
        """The same; for a model of one's own, those of the server that it runs on. Raises `UsageError`."""
        settings = super().settings
        if self.for_ is None:
            return settings
        if settings.model == MODEL:
            raise UsageError(f"--for {self.for_} needs the name of your model as well: give it with --model.")
        return replace(settings, base_url=self.base_url or _OWN_SERVER)


@dataclass(frozen=True, kw_only=True)
class ImportOptions(_FileOptions):
    """Check the answers like those of a live run, and store the good ones; the next run writes the files."""

    file: Annotated[Path, typer.Argument(help="The file of answers.")]
    origin: Annotated[str, typer.Option(help="Who answered; it is stored with each translation.")] = "file"
    status: Annotated[
        str,
        typer.Option(
            help="machine, or what a person has written: edited or approved.", **one_of("status", _STATUSES)
        ),
    ] = "machine"
    accept_anyway: AcceptOption = None


def batch_export(options: ExportOptions) -> ExitCode:
    """What is open in these issues as the lines of a Batch API, or for a person."""
    terminal, file, settings = Terminal(), options.file, options.settings
    if options.proofread and options.by_hand:
        raise UsageError("--by-hand is for translations: a person reads with `weekly-translate review`.")
    chosen, others = translatable(chosen_in(options.issues, file), settings.project, options.order_of)
    for left_out in others:
        terminal.say(left_out)
    check_replaceable(file, settings)
    with _project(settings, terminal) as data:
        refused: list[str] = []
        if options.proofread:
            data = data._replace(reader=later_reader_of(settings, data, SecondReader))  # noqa: PLW2901 - the same, read
        plans = plans_of([options.order_of(one.source) for one in chosen], data, refused.append)
        parts: Sequence[BatchPart]
        if data.reader is not None:
            parts = readings_of(plans, data.reader)
            lines = lines_of(parts, data.reader.model, data)
        else:
            parts = parts_of(plans, data, by_hand=options.by_hand)
            takes = options.for_ is not None
            asked = lines_of(parts, settings.model, data, takes_temperature=takes)
            lines = map(sheet_line, parts) if options.by_hand else asked
        batches = data.memory.batches
        batches.remember(part.asked for part in parts)
        write_text(file, TextFile(b"".join(lines).decode()))
        terminal.show_rows(exported_rows(str(file), parts, data, batches.pending()))
    if options.for_ and parts:
        script = default_file("docs/ray_batch.py").resolve()
        names = {"file": file, "model": settings.model, "url": settings.base_url, "script": from_here(script)}
        answering = (word.format_map(names) for word in _ENGINES[options.for_].split())
        words = ["weekly-translate", "batch", "import", "answers.jsonl", "--origin", settings.model]
        taking_in = [*words, *as_given(options, *_SHARED)]
        terminal.way_on("To have them answered, and to take the answers in:", answering, taking_in)
    for reason in refused:
        terminal.complain(reason)
    return ExitCode.PARTIAL if refused else ExitCode.DONE


def batch_import(options: ImportOptions) -> ExitCode:
    """The answers to exported requests, judged like live ones, into the memory."""
    terminal, file = Terminal(), options.file
    settings = options.settings
    content = read_bytes(file, limit=2 * MOST_BYTES)
    with _project(settings, terminal) as data:
        status, reason = _STATUSES[options.status], options.accept_anyway
        judged = data if reason is None else accepting(data, options.origin, reason, status)
        answered_by = EngineInfo(options.origin, data.engine.endpoint, status)
        intake = AnswerIntake(plan_at(options.order_of, judged, terminal.complain), judged, answered_by)
        intake.take_all(answers_in(content, settings.endpoint), data.memory.batches.asked)
    return told(intake, file, terminal)


def check_replaceable(file: Path, settings: Settings) -> None:
    """Raise `UsageError` where an export would replace answers, or a file that is none.

    A pattern without quotes may have made an issue the file; and answers are work.
    """
    check_writable(file, others={"the memory": settings.memory_file}, may_replace=holds_requests_only)


def told(intake: AnswerIntake, file: Path, terminal: Terminal) -> ExitCode:
    """Every answer that is not used is said, with its place and the reason."""
    tally = intake.tally
    terminal.show_rows(tally_rows(tally))
    for line in unpassed_lines(one._replace(source=from_here(one.source)) for one in intake.unpassed):
        terminal.say(line)
    for reason, number in intake.reasons.most_common(_SHOWN):
        terminal.say(f"{counted(number, 'request')} without an answer: {reason}")
    for reason in intake.broken[:_SHOWN]:
        terminal.say(f"{file}: {reason}")
    if not tally.is_of_use:
        terminal.complain(
            f"{file} answers nothing that is open: is it the file of answers, and this the memory?"
        )
        return ExitCode.FINDINGS
    return ExitCode.FINDINGS if tally.again or tally.failed or tally.unknown else ExitCode.DONE


@contextmanager
def _project(settings: Settings, terminal: Terminal) -> Iterator[ProjectData]:
    with opened(settings.memory, terminal) as memory:
        # What is learned from files about reply formats says nothing of the endpoint of live runs.
        yield read_project(settings, memory)._replace(engine=EngineInfo(f"file{BATCH}", "file"), retries=True)


def plans_of(orders: Iterable[Order], data: ProjectData, refused: Callable[[str], None]) -> dict[Path, Plan]:
    """The issues that can be planned; `refused` is told why another one cannot, and the others go on."""
    plans = {}
    for one in all_planned(orders, data):
        if isinstance(one, PlannedIssue):
            plans[one.order.source] = one.plan
        else:
            refused(str(one.failure))
    return plans


def plan_at(
    order_at: Callable[[Path], Order], data: ProjectData, refused: Callable[[str], None]
) -> Callable[[Path], Plan | None]:
    """The same for one issue by its path: gives nothing where it cannot be planned."""
    return lambda path: plans_of([order_at(path)], data, refused).get(path)


# --------------------------------------------------------------------------- what a person is told


def submission_rows(sent: BatchSubmission, data: ProjectData) -> Iterator[Row]:
    """What was sent, or would be; `data` has the prices of batches."""
    if sent.found:
        yield "found", f"{counted(sent.found, 'batch job')} of a run that was interrupted"
    if sent.waiting:
        yield "waiting", f"{counted(sent.waiting, 'segment')} in earlier batches"
    if not (sent.parts or sent.readings):
        yield "batch", "nothing to send"
        return
    jobs = f"{counted(sent.batches, 'job')}: " if sent.batches else ""
    what = f"{counted(len(sent.parts), 'request')} for {counted(sent.segments, 'segment')}"
    yield "batch", jobs + what
    yield "forecast", _tokens_and_price(sent.expected, data.price)
    if sent.readings and data.reader:
        what = f"{counted(len(sent.readings), 'request')} for {counted(sent.texts, 'translation')}"
        yield "proofread", f"{what}, {_tokens_and_price(sent.reading, data.reader.price)}"


def fetched_rows(fetched: Fetched, data: ProjectData) -> Iterator[Row]:
    """What has come back, and what it cost; `data` has the prices of batches."""
    for state in fetched.waiting:
        yield "waiting", f"{state.job}: {state_in_words(state)}"
    if fetched.placed:
        yield "placed", f"{counted(fetched.placed, 'segment')} answered by earlier batches"
    if not (fetched.ended or fetched.failure):
        yield "batch", "nothing has come back yet" if fetched.waiting else "none is on its way"
        return
    yield from tally_rows(fetched.tally)
    for reason, number in fetched.reasons.most_common(3):
        yield "because", f"{counted(number, 'request')}: {reason}"
    if fetched.usage.requests:
        requests = counted(fetched.usage.requests, "request")
        yield "requests", f"{requests}, {_tokens_and_price(fetched.usage, data.price)}"
    if fetched.reading.requests:
        requests = counted(fetched.reading.requests, "request")
        spent = _tokens_and_price(fetched.reading, data.reader.price if data.reader else None)
        yield "proofread", f"{requests}, {spent}"


def state_in_words(state: RemoteBatch) -> str:
    """How far a batch is, and why it goes no further."""
    failed = f", {state.failed:,} failed" if state.failed else ""
    done = f", {state.done:,} of {state.all:,} done{failed}" if state.all else ""
    return f"{state.status}{done}{f': {state.reason}' if state.reason else ''}"


def _tokens_and_price(usage: Usage, price: Price | None) -> str:
    spent = cost(usage, price)
    dear = "price not known" if spent is None else f"{dollars(spent)} (batches take half)"
    return f"{tokens_in_words(usage)}, {dear}"


def exported_rows(
    file: str, parts: Sequence[BatchPart], data: ProjectData, pending: Container[str]
) -> Iterator[Row]:
    """What an export holds, and what a model would take for it; batches ask for the `pending` keys."""
    if not parts:
        yield "file", f"{file}: nothing to translate, or to read"
        return
    keys = [member.key for part in parts for member in part.asked.members]
    yield "file", f"{file}: {counted(len(parts), 'request')} for {counted(len(keys), 'segment')}"
    if waiting := sum(key in pending for key in keys):
        yield "waiting", f"{counted(waiting, 'segment')} of them in earlier batches as well"
    expected = forecast((part.request for part in parts), count_tokens=data.count_tokens)
    yield "tokens", f"about {tokens_in_words(expected)}"


def unpassed_lines(unpassed: Iterable[Unpassed]) -> Iterator[str]:
    """Where the answers were not good, and why; segments of an issue with the same reason stand together."""
    places: dict[tuple[Path, str], list[int]] = {}
    for one in unpassed:
        places.setdefault((one.source, one.why), []).append(one.line)
    for (source, why), (first, *more) in list(places.items())[:_MOST_PLACES]:
        others = f" and {counted(len(more), 'more segment')}" if more else ""
        yield f"{source}:{first}{others}: {why}"
    if len(places) > _MOST_PLACES:
        yield f"and {len(places) - _MOST_PLACES:,} more like these"


def tally_rows(tally: Tally) -> Iterator[Row]:
    """What has become of the answers."""
    yield "answered", counted(tally.answered, "segment")
    named = (
        ("again", tally.again, "segment", "did not pass; the next run or batch asks again"),
        ("known", tally.known, "segment", "answered before"),
        ("outdated", tally.outdated, "segment", "of a source, glossary or prompts that have changed since"),
        ("twice", tally.twice, "request", "answered more than once; the first good answer counts"),
        ("unknown", tally.unknown, "line", "broken, or of no request that this memory knows"),
        ("missing", tally.failed, "request", "without an answer; the next run or batch asks again"),
    )
    yield from ((name, f"{counted(number, noun)} {why}") for name, number, noun, why in named if number)


COMMANDS = {"export": command(ExportOptions, batch_export), "import": command(ImportOptions, batch_import)}
