"""What a season is made with: the issues that were chosen, the job, and the last word on each file."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.cli.options import Given, refuse_one_file_for_two, terminal_for, waits_told
from weekly_translate.edition.prepared import manuscript_of
from weekly_translate.errors import UsageError
from weekly_translate.files import now, read_text, same_file
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.memory.written_files import Outputs
from weekly_translate.run.issue import Listeners, Order, job_for
from weekly_translate.run.log import Clocks, LoggedEngine, open_log
from weekly_translate.run.outputs import Decision, Ledger, Publisher
from weekly_translate.run.selection import Range, Unknown, bound_of, chosen_in, in_range, range_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from weekly_translate.cli.terminal import Terminal
    from weekly_translate.edition.values import Issue
    from weekly_translate.model import Engine
    from weekly_translate.run.issue import EngineMaker
    from weekly_translate.run.job import Job
    from weekly_translate.run.log import Log
    from weekly_translate.run.selection import Chosen
    from weekly_translate.settings import Settings


class Desk(NamedTuple):
    """All that a season needs."""

    terminal: Terminal
    log: Log
    job: Job
    publisher: Publisher
    orders: Sequence[Order]
    notes: tuple[str, ...]
    """What a person should know about how the memory was opened."""


@contextmanager
def season_desk(
    given: Given, settings: Settings, make_engine: EngineMaker, log_file: Path | None, decision: Decision
) -> Iterator[Desk]:
    """The issues, the job and the last word on each file. No memory is created for a plan.

    At the end, raises the `StorageError` of a log that is not whole.
    """
    terminal = terminal_for(given)
    wanted = range_of(bound_of("--from", given["first"]), bound_of("--to", given["last"]))
    chosen = chosen_in(given["sources"], given["out"])
    _refuse_folder(given["out"], chosen)
    _refuse_one_file_for_two(given, settings, chosen)
    clocks = Clocks(now, time.monotonic)
    memory_file = None if given["plan"] and not settings.memory.exists() else settings.memory
    with (
        closing(open_log(log_file, clocks, texts=given["log_texts"])) as log,
        open_memory(memory_file, now=now) as memory,
    ):
        listeners = Listeners(on_wait=_waits_logged(terminal, log), said=terminal.say)
        job = job_for(settings, memory, listeners, _logged(make_engine, log))
        ledger = Ledger(Outputs(memory.transactions))
        publisher = Publisher(given["out"], ledger, decision, _signatures(job))
        orders = tuple(_orders(given, chosen, wanted, job, terminal))
        if not orders:
            terminal.say(f"the range {wanted} holds none of these issues", "yellow")
        yield Desk(terminal, log, job, publisher, orders, memory.notes)
    if log.failure is not None:
        raise log.failure


def _refuse_folder(out: Path, chosen: Sequence[Chosen]) -> None:
    """One sentence, and not the same one for each issue."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a folder for the English with -o.")
    if all(same_file(one.out, one.source) for one in chosen):
        raise UsageError(f"The English would replace its own sources in {out}: name another folder with -o.")


def decision_in(given: Given) -> Decision:
    """What is to happen to outputs that people have edited. Raises `UsageError`."""
    if given["take_theirs"] and given["keep_ours"]:
        raise UsageError("--take-theirs and --keep-ours contradict each other: choose one.")
    if given["take_theirs"]:
        return Decision.THEIRS
    return Decision.OURS if given["keep_ours"] else Decision.HOLD


def _refuse_one_file_for_two(given: Given, settings: Settings, chosen: Sequence[Chosen]) -> None:
    """The last one written would be all that is left."""
    files = {"--report": given["report"], "--log": given["log"], "the memory": settings.memory}
    refuse_one_file_for_two(files)
    for name, path in ((name, path) for name, path in files.items() if path is not None):
        for one in chosen:
            if same_file(path, one.out) or same_file(path, one.source):
                raise UsageError(f"{path} is an issue, and named for {name}: give each its own file.")


def _orders(
    given: Given, chosen: Sequence[Chosen], wanted: Range, job: Job, terminal: Terminal
) -> Iterator[Order]:
    """An order for each issue of the range."""
    encoding, mojibake = given["encoding"], given["fix_mojibake"]

    def issue_in(one: Chosen) -> Issue:
        text = read_text(one.source, encoding_hint=encoding, fix_mojibake=mojibake).text
        return manuscript_of(text, one.source.name, job.editions).issue

    for one in in_range(chosen, wanted, issue_in) if wanted else chosen:
        if isinstance(one, Unknown):
            terminal.say(f"{one.chosen.source}: left out, because nothing says its {one.lacks}", "yellow")
        else:
            yield Order(one.source, one.out, encoding, mojibake, given["allow_partial"])


def _signatures(job: Job) -> Callable[[str], str]:
    return lambda text: f"{job.signature} | {job.editions.choice_for(text).signature}"


def _logged(make_engine: EngineMaker, log: Log) -> EngineMaker:
    def made(settings: Settings, listeners: Listeners, estimate: Callable[[str], int]) -> Engine:
        return LoggedEngine(make_engine(settings, listeners, estimate), log)

    return made


def _waits_logged(terminal: Terminal, log: Log) -> Callable[[str, float], None]:
    said = waits_told(terminal)

    def told(reason: str, seconds: float) -> None:
        log.tell("wait", seconds=round(seconds, 3), **({"reason": reason} if log.texts else {}))
        said(reason, seconds)

    return told
