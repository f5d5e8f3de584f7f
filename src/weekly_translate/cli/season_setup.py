"""What a season is made with: its options, the issues that they choose, and all that translates them."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from weekly_translate.cli.options import RunOptions, refuse_one_file_for_two
from weekly_translate.cli.progress import waits_told
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.errors import UsageError
from weekly_translate.files import now, same_file
from weekly_translate.llm.registry import engine_for
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.memory.written_files import Outputs
from weekly_translate.run.log import LoggedEngine, open_log
from weekly_translate.run.outputs import EditPolicy, Publisher
from weekly_translate.run.project import read_project, with_engine
from weekly_translate.run.selection import Unknown, bound_of, chosen_in, in_range, range_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.edition.choosing import Editions
    from weekly_translate.edition.values import Issue
    from weekly_translate.llm.engine import Engine, EngineContext
    from weekly_translate.run.issue import Order
    from weekly_translate.run.log import Log
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.run.selection import Chosen, Range
    from weekly_translate.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SeasonOptions(RunOptions):
    """Translate many issues; what is up to date is skipped, and what people have edited is kept."""

    sources: Annotated[
        list[str], typer.Argument(help="Folders, files, or patterns in quotes: 'docs/**/*.md'.")
    ]
    out: Annotated[Path, typer.Option("-o", "--output", help="The folder that the English goes to.")]
    first: Annotated[
        str | None, typer.Option("--from", help="The first issue, by date (2023-07-08, 2023-07) or number.")
    ] = None
    last: Annotated[str | None, typer.Option("--to", help="The last issue, in the same way.")] = None
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Only issues whose output is there, from a season, and out of date."),
    ] = False
    take_theirs: Annotated[
        bool, typer.Option("--take-theirs", help="Keep outputs as people have edited them.")
    ] = False
    keep_ours: Annotated[
        bool, typer.Option("--keep-ours", help="Replace outputs that people have edited.")
    ] = False
    plan: Annotated[
        bool, typer.Option("--plan", help="Only count: issues, segments, requests, tokens, cost.")
    ] = False
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="[STEP]", help="Half the price, a day later: submit (default), status, fetch, forget."
        ),
    ] = None
    log: Annotated[
        Path | None, typer.Option(help="Add a JSON line for each request and issue to this file.")
    ] = None
    log_texts: Annotated[
        bool, typer.Option("--log-texts", help="Let the log hold what is sent and answered.")
    ] = False

    @property
    def policy(self) -> EditPolicy:
        """What is to happen to outputs that people have edited. Raises `UsageError`."""
        if self.take_theirs and self.keep_ours:
            raise UsageError("--take-theirs and --keep-ours contradict each other: choose one.")
        if self.take_theirs and not self.plan:
            return EditPolicy.KEEP
        return EditPolicy.REPLACE if self.keep_ours else EditPolicy.HOLD

    @property
    def range(self) -> Range:
        """From which issue to which. Raises `UsageError`."""
        return range_of(bound_of("--from", self.first), bound_of("--to", self.last))


class SeasonSetup(NamedTuple):
    """All that a season needs."""

    terminal: Terminal
    log: Log
    data: ProjectData
    engine: Engine
    publisher: Publisher
    orders: Sequence[Order]


@contextmanager
def season_setup(
    options: SeasonOptions, settings: Settings, make_engine: EngineMaker = engine_for
) -> Iterator[SeasonSetup]:
    """The issues, the engine and the last word on each file. No memory is created for a plan.

    At the end, raises the `StorageError` of a log that is not whole.
    """
    terminal, wanted, policy = options.terminal, options.range, options.policy
    chosen = chosen_in(options.sources, options.out)
    _refuse_folder(options.out, chosen)
    _refuse_one_file_for_two(options, settings, chosen)
    is_count = options.plan and options.batch is None
    memory_file = None if options.plan and not settings.memory.exists() else settings.memory
    log_file = None if is_count else options.log
    with (
        closing(open_log(log_file, texts=options.log_texts)) as log,
        open_memory(memory_file, now=now) as memory,
    ):

        def logged(settings: Settings, context: EngineContext) -> Engine:
            return LoggedEngine(make_engine(settings, context), log)

        on_wait = _waits_logged(terminal, log)
        data, engine = with_engine(settings, read_project(settings, memory), on_wait, logged)
        publisher = Publisher(Outputs(memory.transactions), policy, data, options.out)
        orders = tuple(_orders(options, chosen, data.editions))
        if not orders:
            terminal.say(f"the range {wanted} holds none of these issues", "yellow")
        yield SeasonSetup(terminal, log, data, engine, publisher, orders)
    if log.failure is not None:
        raise log.failure


def _refuse_folder(out: Path, chosen: Sequence[Chosen]) -> None:
    """One sentence, and not the same one for each issue."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a folder for the English with -o.")
    if all(same_file(one.out, one.source) for one in chosen):
        raise UsageError(f"The English would replace its own sources in {out}: name another folder with -o.")


def _refuse_one_file_for_two(options: SeasonOptions, settings: Settings, chosen: Sequence[Chosen]) -> None:
    """The last one written would be all that is left."""
    files = {"--report": options.report, "--log": options.log, "the memory": settings.memory}
    refuse_one_file_for_two(files)
    for name, path in ((name, path) for name, path in files.items() if path is not None):
        for one in chosen:
            if same_file(path, one.out) or same_file(path, one.source):
                raise UsageError(f"{path} is an issue, and named for {name}: give each its own file.")


def _orders(options: SeasonOptions, chosen: Sequence[Chosen], editions: Editions) -> Iterator[Order]:
    """An order for each issue of the range."""

    def issue_in(one: Chosen) -> Issue:
        return manuscript_of(options.order_of(one.source).read().text, one.source.name, editions).issue

    for one in in_range(chosen, options.range, issue_in) if options.range else chosen:
        if isinstance(one, Unknown):
            left_out = f"{one.chosen.source}: left out, because nothing says its {one.lacks}"
            options.terminal.say(left_out, "yellow")
        else:
            yield options.order_of(one.source, one.out)


def _waits_logged(terminal: Terminal, log: Log) -> Callable[[str, float], None]:
    said = waits_told(terminal)

    def told(reason: str, seconds: float) -> None:
        log.tell("wait", seconds=round(seconds, 3), **({"reason": reason} if log.texts else {}))
        said(reason, seconds)

    return told
