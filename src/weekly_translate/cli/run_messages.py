"""What a person is told of a run: what it would take, how far it is, and what has become of it."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.checks.characters import in_words
from weekly_translate.cli.options import RunOptions, as_given, review_command
from weekly_translate.cli.terminal import Row, Terminal, clean_line, this_command
from weekly_translate.edition.values import HOLE
from weekly_translate.errors import BudgetSpentError, ExitCode, NoEngineError, WeeklyTranslateError
from weekly_translate.llm.providers import is_local, local_server
from weekly_translate.llm.tokens import cost
from weekly_translate.model import SOURCE_DOUBT, Ending, RuleKind, Severity, Status, TitleOrigin, Usage, Use
from weekly_translate.report.season_table import Account, dollars, share_of, shares_of_sections, total_cost
from weekly_translate.report.text import lines_in_words
from weekly_translate.run.plan import EDITION, NUMBERS, WORK, Forecast, Plan, title_origin
from weekly_translate.run.project import ProjectData, where_prices_go
from weekly_translate.settings import project_settings
from weekly_translate.text.characters import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from rich.console import Console
    from rich.progress import Progress, Task, TaskID

    from weekly_translate.run.issue import Result
    from weekly_translate.run.seasons import Log


_MOST_LINES = 8
"""Issues that are shown at a time."""
_ROOM_FOR_A_BAR = 60
"""Columns: on a narrower terminal the name of an issue says more than its bar."""
_LOOKED_UP = 25
"""Issues, which take some seconds."""
_SHOWN_EDITS = 40
"""Lines of what a person has changed in one file, without -v."""
_HELD = (Ending.HELD, Ending.FOREIGN)
_WITH_A_REASON = (Ending.REFUSED, Ending.UNSAVED, Ending.UNKNOWN, *_HELD)


@contextmanager
def issue_progress(terminal: Terminal, name: str) -> Iterator[Callable[[int, int, Usage], None]]:
    """Shows how far a run of one issue is: a bar on a terminal, a line at each fifth elsewhere."""
    if terminal.quiet or not terminal.is_interactive:
        yield _milestones(terminal, name)
        return
    with _bars(terminal.stderr) as bars:
        terminal.bars = bars
        task = bars.add_task(clean_line(name), total=None, whole=True)
        yield lambda settled, all_, _usage: bars.update(task, completed=settled, total=all_)


def _milestones(terminal: Terminal, name: str) -> Callable[[int, int, Usage], None]:
    last = -1

    def told(settled: int, all_: int, usage: Usage) -> None:
        nonlocal last
        fifth = 5 * settled // max(all_, 1)
        if fifth > last and usage.requests:
            last = fifth
            done = f"{settled:,} of {counted(all_, 'segment')}"
            terminal.say(f"{name}: {done}, {counted(usage.requests, 'request')}")

    return told


class SeasonProgress:
    """A line for each issue that has come to its end; on a terminal also bars."""

    def __init__(
        self,
        terminal: Terminal,
        issues: int,
        price_of: Callable[[Usage], Decimal | None],
        bars: Progress | None,
    ) -> None:
        self._terminal, self._issues = terminal, issues
        self._price_of = price_of
        self._ended = 0
        self._bars = terminal.bars = bars
        self._lines: dict[str, TaskID] = {}
        if bars is not None:
            self._whole = bars.add_task(f"looking up {counted(issues, 'issue')}", total=issues, whole=True)

    def looked_up(self, issues: int) -> None:
        """How many issues have been looked up in the memory, before anything is asked."""
        if self._bars is not None:
            self._bars.update(self._whole, completed=issues, total=self._issues)
        elif issues % _LOOKED_UP == 0:
            self._terminal.say(f"looked up {issues:,} of {counted(self._issues, 'issue')}")

    def told(self, settled: int, all_: int, usage: Usage) -> None:
        """The bar of the season, with the requests and the cost so far."""
        if self._bars is not None:
            spent = self._price_of(usage)
            note = counted(usage.requests, "request") + ("" if spent is None else f", {dollars(spent)}")
            self._bars.update(self._whole, completed=settled, total=all_, description=note)

    def issue_told(self, name: str, settled: int, all_: int, usage: Usage) -> None:
        """A line below the bar from the first request of an issue to its end, as long as there is room."""
        if self._bars is None or settled == all_ or not usage.requests:
            self._drop(name)
            return
        if name not in self._lines and len(self._lines) < _MOST_LINES:
            self._lines[name] = self._bars.add_task(f"  {clean_line(name)}", total=all_, whole=False)
        if name in self._lines:
            self._bars.update(self._lines[name], completed=settled, total=all_)

    def ended(self, account: Account) -> None:
        """What has become of an issue, in place of its line."""
        self._ended += 1
        parts = [counted(account.counts.all, "segment"), counted(account.usage.requests, "request")]
        if account.cost is not None:
            parts.append(dollars(account.cost))
        took = f" ({', '.join(parts)})" if account.usage.requests else ""
        what = f"{self._ended}/{self._issues} {account.name}: {account.ending}{took}"
        self._terminal.say(what, "" if account.ending.is_good else "yellow")
        self._drop(account.source)

    def _drop(self, name: str) -> None:
        if self._bars is not None and name in self._lines:
            self._bars.remove_task(self._lines.pop(name))


@contextmanager
def season_progress(
    terminal: Terminal, issues: int, price_of: Callable[[Usage], Decimal | None]
) -> Iterator[SeasonProgress]:
    """Shows how far a season of so many issues is while the block lasts. `price_of` gives dollars."""
    with nullcontext() if terminal.quiet or not terminal.is_interactive else _bars(terminal.stderr) as bars:
        yield SeasonProgress(terminal, issues, price_of, bars)


def _bars(console: Console) -> Progress:
    """A bar for the task whose field `whole` is true, and a line for each of the others."""
    from rich.progress import (  # noqa: PLC0415 - slow to load, and for terminals only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    class TimeLeft(TimeRemainingColumn):
        """Of the season alone: an issue waits for its turn, so that its own speed says nothing."""

        def render(self, task: Task) -> Text:
            return super().render(task) if task.fields["whole"] else Text("")

    name = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        *([BarColumn(bar_width=20)] if console.width >= _ROOM_FOR_A_BAR else ()),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TimeLeft(compact=True),
    )
    return Progress(*columns, console=console, transient=True, expand=True)


def stopping_told(terminal: Terminal, log: Log | None = None) -> Callable[[int], None]:
    """Says what the first Ctrl-C does, and what a second one would do."""

    def told(in_flight: int) -> None:
        if log is not None:
            log.tell("stopping", in_flight=in_flight)
        answers = counted(in_flight, "answer")
        terminal.say(f"stopping: {answers} in flight; press Ctrl-C again to stop at once", "yellow")

    return told


def asked_about_budget(terminal: Terminal) -> Callable[[Decimal, Decimal], bool]:
    """Asks a person at a terminal whether to begin with a budget below the forecast; tells all others."""

    def goes_on(forecast: Decimal, budget: Decimal) -> bool:
        what = f"The forecast is {dollars(forecast)}, and the budget ${budget.normalize():f}"
        answer = terminal.ask(f"{what}. Translate as much as it allows?")
        if answer is None:
            terminal.say(f"{what}: the run may end before everything is translated", "yellow")
        return answer is not False

    return goes_on


def show_failure(failure: WeeklyTranslateError, terminal: Terminal, *, drafts: bool = True) -> None:
    """What stopped a run; where nobody could be asked, the ways on as commands to paste.

    `drafts` is whether the command can make one.
    """
    terminal.complain(str(failure))
    if isinstance(failure, NoEngineError):
        say = partial(terminal.way_on, even_if_quiet=True)
        server, again = local_server(os.environ), this_command()
        say("With a key:", ["export", "OPENAI_API_KEY=..."], again)
        say("With a model of yours:", [*again, "--base-url", server.base_url, "--model", server.model])
        if drafts:
            say("To see the layout only:", [*again, "--engine", "draft"])


def show_how_to_go_on(terminal: Terminal, failure: WeeklyTranslateError) -> None:
    """The same command again, to paste, unless it would come to the same end."""
    if isinstance(failure, BudgetSpentError) and not failure.again:
        return
    terminal.way_on("To go on:", this_command())


def show_retry(left: int, options: RunOptions, terminal: Terminal) -> None:
    """How to ask once more for what stays in Chinese, which the same command does not do."""
    if left and not options.retry_failed:
        texts = f"{counted(left, 'text')} that the model has failed to translate"
        terminal.way_on(f"To ask once more for {texts}:", this_command("--retry-failed"))


def show_account(
    account: Account, terminal: Terminal, texts: Mapping[str, str], *, every_one: bool = False
) -> None:
    """What is wrong with an issue, as soon as that is known; with `every_one` warnings as well.

    `texts` are the sources of its segments by their ids.
    """
    errors = (one for one in account.findings if one.severity is Severity.ERROR)
    terminal.show_findings(account.source, account.findings if every_one else errors, texts)


def show_failures(
    accounts: Sequence[Account], options: RunOptions, terminal: Terminal, *, every_line: bool = False
) -> None:
    """A sentence for each issue that was not written, and what a person has changed in its output."""
    for one in accounts:
        show_edits(one.diff, terminal, every_line=every_line)
    for one in accounts:
        if one.ending in _WITH_A_REASON:
            named = one.why.startswith((one.source, one.target))
            file = one.target if one.ending in _HELD else one.source
            terminal.complain(one.why if named else f"{file}: {one.why}")
    held = [(one.source, one.target) for one in accounts if one.ending in _HELD]
    if held:
        show_decisions(held, options, terminal)


def show_decisions(held: Sequence[tuple[str, str]], options: RunOptions, terminal: Terminal) -> None:
    """What to do about outputs that people have edited, with their sources, as commands to paste."""
    if terminal.quiet:
        return
    kept = "To keep what a person has written until the source changes:"
    terminal.way_on(kept, this_command("--keep-edits"))
    files = next((files for files in held[:_LOOKED_UP] if _teaches(*files, options)), None)
    one = f", here of one file of {len(held)}:" if len(held) > 1 else ":"
    if files:
        named = as_given(options, "memory", "project", "edition", "glossary")
        learn = ["weekly-translate", "memory", "learn", *files, "--status", "edited"]
        terminal.way_on(f"To take the wording into the memory first{one}", [*learn, *named])
    else:
        left = "The memory has learned what it can. To look at what is left beside the Chinese"
        terminal.way_on(f"{left}{one}", review_command(*held[0], options))
    replaced = "To replace it by what the memory has, and a translation of the rest:"
    terminal.way_on(replaced, this_command("--replace-edits"))


def _teaches(source: str, target: str, options: RunOptions) -> bool:
    """Whether `memory learn` would take something from an output into the memory."""
    from weekly_translate.cli.memory import teaches  # noqa: PLC0415 - only for edited files

    with suppress(WeeklyTranslateError):  # a file that cannot be read teaches nothing
        return teaches(Path(source), Path(target), project_settings(options, os.environ))
    return False


def show_edits(diff: str, terminal: Terminal, *, every_line: bool = False) -> None:
    """What a person has changed in an output since a run wrote it."""
    if diff and not terminal.quiet:
        lines = diff.splitlines()
        shown = lines if every_line else lines[:_SHOWN_EDITS]
        if more := len(lines) - len(shown):
            shown = [*shown, f"… and {counted(more, 'more line')} (-v shows all)"]
        terminal.result("".join(f"{line}\n" for line in shown))


_COUNTED = (RuleKind.ITEM, RuleKind.NOTE, RuleKind.STARS, RuleKind.HEADING, RuleKind.ADDRESS)
_PLACED = (RuleKind.REPLACED, RuleKind.DROPPED)
_TITLES = {
    TitleOrigin.MAP: "settled for their address",
    TitleOrigin.MEMORY: "by a person",
    TitleOrigin.NAME: "with their name in front",
    TitleOrigin.SLUG: "by the words of their address",
    TitleOrigin.TRANSLATED: "translated",
}


_DOUBTS = 5


def uses_in_words(uses: Sequence[Use]) -> str:
    """`title, header, 12 language notes, 2 blocks dropped (lines 61-67, 129-147)`."""
    kinds = {use.kind for use in uses}
    words = [kind.value for kind in RuleKind if kind in kinds and kind not in {*_COUNTED, *_PLACED}]
    for kind in _COUNTED:
        if number := sum(len(use.lines) for use in uses if use.kind is kind):
            is_address = kind is RuleKind.ADDRESS
            words.append(f"{counted(number, 'URL')} localized" if is_address else counted(number, kind.value))
    for kind in _PLACED:
        if blocks := [use for use in uses if use.kind is kind]:
            where = lines_in_words(line for use in blocks for line in use.whole_lines)
            words.append(f"{counted(len(blocks), 'block')} {kind.value} ({where})")
    return ", ".join(words) or "no rule applies"


def use_in_words(use: Use) -> str:
    """One rule that fired: `dropped sponsors (lines 61-67)`."""
    name = use.rule if use.rule.startswith(use.kind) else f"{use.kind} '{use.rule}'"
    where = f" ({lines_in_words(use.whole_lines)})" if use.lines else ""
    first_line = use.text.replace(HOLE, "…").strip().partition("\n")[0]
    return f"{name}{where}" + (f": {first_line}" if use.text else "")


def verdict_on(result: Result) -> str:
    """What has become of an issue, in one line: `issue.en.md written: 61 segments, 3 to look at`."""
    found = Counter(finding.severity for finding in result.findings if not finding.is_of_draft)
    errors, warnings = found[Severity.ERROR], found[Severity.WARNING]
    number = counted(len(result.answers), "segment") if result.answers else "no Chinese to translate"
    look = f"{warnings:,} to look at" if warnings else "nothing to look at"
    wrong = f"{counted(errors, 'error')}{f', {warnings:,} to look at' if warnings else ''}"
    if result.order.dry_run:
        return f"nothing written (dry run): {number}, {wrong if errors else look}"
    if not result.written and result.why:
        return f"{result.order.out} not written: {result.why}"
    if not result.written and result.failure is not None:
        so_far = "; the answers so far are in the memory" if result.usage.requests else ""
        return f"not written: the run ended early{so_far}"
    if not result.written:
        return f"not written: {wrong} (--allow-partial writes it all the same)"
    place = str(result.order.out) if result.order.out else "standard output"
    if result._replace(failure=None).code is ExitCode.DONE:  # it may have come after the last answer
        return f"{place} written: {number}, {look}"
    in_it = "drafts are in it" if result.drafts else f"Chinese is left in it, {look}"
    return f"{place} written, incomplete: {wrong if errors else in_it}"


def summary_rows(result: Result, *, verbose: bool = False) -> Iterator[Row]:
    """Where the segments come from and who made them, and what it took; `verbose` adds how it was made."""
    data, counts, (choice, _, edited) = result.plan.data, result.counts, result.plan.manuscript
    if verbose:
        yield "edition", f"{choice.edition.name} ({choice.why}): {uses_in_words(edited.uses)}"
    share = share_of(result.plan.document.segments, result.plan.remembered)
    memory = "from memory" if counts.memory == counts.all else f"from memory ({share:.0%} of the characters)"
    parts = {
        memory: counts.memory,
        "by the edition": counts.edition,
        "translated": counts.translated,
        "draft" if counts.drafts == 1 else "drafts": counts.drafts,
        "left in Chinese": counts.left,
    }
    yield "segments", _parts(counts.all, parts)
    if failed := len(result.plan.failed):
        yield "not asked", f"{failed:,}: this model was asked in vain before"
    if makers := _makers(result):
        yield "made by", makers
    yield "requests", used_in_words(result.usage, cost(result.usage, data.price))
    yield from price_rows(result.usage, data)
    if data.reader is not None and (result.usage.requests or result.reading.requests):
        said = used_in_words(result.reading, cost(result.reading, data.reader.price))
        yield "proofread", f"{said}, by {data.reader.name}"
    yield from _doubt_rows(result)
    if settled := sum(finding.settled is not None for finding in result.findings):
        yield "settled", counted(settled, "complaint")
    if left := in_words(result.left):
        yield "Chinese", f"left {left}"
    for note in data.memory.notes:
        yield "memory", note
    if verbose:
        yield "made with", result.signature


def _doubt_rows(result: Result) -> Iterator[Row]:
    """What the translator takes for slips of the source, and how much was claimed in vain."""
    doubts = [one for one in result.findings if one.check == SOURCE_DOUBT]
    for one in doubts[:_DOUBTS]:
        yield "doubt", f"source, line {one.source_line}: {one.message}"
    if len(doubts) > _DOUBTS:
        yield "doubts", f"{len(doubts) - _DOUBTS:,} more about the source: see the review"
    if dropped := result.dropped_doubts:
        yield "dropped", f"{counted(dropped, 'doubt')} about words that the source does not have"
    yield from dropped_rows(result.dropped_errors)


def dropped_rows(errors: int) -> Iterator[Row]:
    """What a second reader has claimed in vain."""
    if errors:
        claims = counted(errors, "error")
        yield "dropped", f"{claims} of the second reader about words that stand in neither text"


def _makers(result: Result) -> str:
    """`37 gpt-5-mini, 6 by a person`: who has made what is in the text, machines by their models."""
    made: Counter[str] = Counter()
    for one in result.answers.values():
        if one.target is not None and one.origin != EDITION:
            by_person = one.status >= Status.EDITED
            made["by a person" if by_person else model_in(one.origin)] += 1
    return ", ".join(f"{number:,} {name}" for name, number in made.most_common())


def model_in(engine: str) -> str:
    """The model in the name of an engine, or in an origin: `gpt-5-mini` in `work: openai gpt-5-mini`."""
    return engine.removeprefix(WORK).removeprefix(NUMBERS).removeprefix("openai ")


def price_rows(usage: Usage, data: ProjectData) -> Iterator[Row]:
    """Where the price of a hosted model goes, if it is missed; a server on this machine has none."""
    if usage.requests and data.price is None and not is_local(data.engine.endpoint):
        model = model_in(data.engine.name)
        yield "price", f"of {model}: {where_prices_go(model)}"


def section_rows(plan: Plan) -> Iterator[Row]:
    """What the memory has served of each section, where a document has several."""
    for heading, share in shares_of_sections(plan.document, plan.remembered):
        yield "memory", f"{share:.0%} of {heading}"


def title_rows(result: Result) -> Iterator[Row]:
    """Where the English of the titles comes from."""
    titles = (title_origin(segment, answer, result.plan) for segment, answer in result.segments)
    origins = Counter(title for title in titles if title)
    if origins:
        yield "titles", _parts(origins.total(), {_TITLES[one]: origins[one] for one in TitleOrigin})


def edition_rows(plan: Plan) -> Iterator[Row]:
    """Each rule of the edition that fired, with its lines."""
    for use in plan.manuscript.edited.uses:
        yield "edition", use_in_words(use)


def plan_rows(forecast: Forecast) -> Iterator[Row]:
    """What a run would take."""
    plan = forecast.plan
    yield "edition", f"{plan.manuscript.choice.edition.name} ({plan.manuscript.choice.why})"
    yield from _forecast_rows([forecast], plan.data)


def _forecast_rows(forecasts: Sequence[Forecast], data: ProjectData) -> Iterator[Row]:
    """What the issues take together; the second reading has a price of its own."""
    plans = [one.plan for one in forecasts]
    memory = sum(len(plan.remembered) for plan in plans)
    parts = {
        "from memory": memory,
        "by the edition": sum(len(plan.known) for plan in plans) - memory,
        "asked before in vain": sum(len(plan.failed) for plan in plans),
        "to translate": sum(plan.to_ask for plan in plans),
    }
    yield "segments", _parts(sum(len(plan.document.segments) for plan in plans), parts)
    usage = sum((one.usage for one in forecasts), Usage())
    terms = sum((one.terms for one in forecasts), Usage())
    yield from _request_rows(usage, terms, data)
    reading = sum((one.reading for one in forecasts), Usage())
    if data.reader is not None and reading.requests:
        said = f"about {counted(reading.requests, 'request')} more, {tokens_in_words(reading)}"
        paid = _dollars_of(cost(reading, data.reader.price))
        yield "proofread", f"{said}, {paid}, by {data.reader.name} (--no-proofread leaves it out)"


def _request_rows(usage: Usage, terms: Usage, data: ProjectData) -> Iterator[Row]:
    """What is asked in any case, and what comes on top if answers lack glossary terms."""
    if data.drafts:
        yield "requests", "none: the draft engine is part of the program"
        return
    if not usage.requests and not terms.requests:
        yield "requests", "none: nothing is left to ask"
        return
    asked = f"about {usage.requests:,}, {tokens_in_words(usage)}"
    yield "requests", asked if usage.requests else "none to translate"
    if reserve := usage.reasoning:
        why = "for what the model may think: no answer has told yet"
        yield "reserve", f"{reserve:,} of the tokens out, {why}"
    if terms.requests:
        more = counted(terms.requests, "request")
        yield "terms", f"up to {more} more where they are missed, {tokens_in_words(terms)}"
    least, most = cost(usage, data.price), cost(usage + terms, data.price)
    if least is None:
        model = model_in(data.engine.name)
        advice = "" if is_local(data.engine.endpoint) else f": {where_prices_go(model)}"
        yield "cost", f"the price of {model} is not known{advice}"
    else:
        with_terms = f", up to {dollars(most)} with the terms" if most != least else ""
        yield "cost", f"about {dollars(least)}{with_terms}"


def _parts(whole: int, parts: dict[str, int]) -> str:
    shown = [f"{number:,} {name}" for name, number in parts.items() if number]
    return f"{whole:,}: {', '.join(shown)}" if shown else f"{whole:,}"


def used_in_words(usage: Usage, spent: Decimal | None) -> str:
    """`3, 12,000 tokens in (8,000 cached), 900 out, $0.01`."""
    if not usage.requests:
        return "none"
    return f"{usage.requests:,}, {tokens_in_words(usage)}, {_dollars_of(spent)}"


def _dollars_of(spent: Decimal | None) -> str:
    return "price not known" if spent is None else dollars(spent)


def tokens_in_words(usage: Usage) -> str:
    """`12,000 tokens in (8,000 cached), 900 out`."""
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{usage.prompt:,} tokens in{cached}, {usage.completion:,} out"


def receipt_rows(accounts: Sequence[Account], expected: Usage, data: ProjectData) -> Iterator[Row]:
    """What a season has taken, and beside it what had been expected."""
    usage = sum((one.usage for one in accounts), Usage())
    yield "requests", used_in_words(usage, total_cost(accounts))
    yield from price_rows(usage, data)
    if usage.requests and expected.requests:
        before = cost(expected, data.price)
        about = "" if before is None else f", {dollars(before)}"
        yield "forecast", f"{expected.requests:,}, {tokens_in_words(expected)}{about}"


def season_plan_rows(
    planned: Mapping[str, Forecast], others: int, data: ProjectData, *, every_one: bool = False
) -> Iterator[Row]:
    """What a season would take, by the names of its issues; `others` are those that need nothing."""
    number = len(planned) + others
    yield "issues", f"{number:,}: {len(planned):,} to translate, {others:,} not" if number else "none"
    for name, one in planned.items() if every_one else ():
        requests = counted(one.usage.requests, "request")
        yield "issue", f"{name}: {counted(one.plan.to_ask, 'segment')} to translate, {requests}"
    if not planned:
        yield "requests", "none"
        return
    yield from _forecast_rows(list(planned.values()), data)
