"""What a run would take and what has become of it, as rows of a name and a value."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.checks.characters import in_words
from weekly_translate.cli.options import as_given
from weekly_translate.cli.terminal import Row, counted, review_interface
from weekly_translate.edition.blocks import HOLE
from weekly_translate.edition.values import RuleKind
from weekly_translate.errors import ExitCode
from weekly_translate.llm.providers import is_local
from weekly_translate.llm.tokens import cost, forecast
from weekly_translate.model import SOURCE_DOUBT, Severity, Status, Usage
from weekly_translate.report.columns import ranges
from weekly_translate.report.season_table import dollars, share_of, shares_of_sections, total_cost
from weekly_translate.run.issue import title_origin
from weekly_translate.run.plan import EDITION
from weekly_translate.run.project import where_prices_go
from weekly_translate.run.seasons import counts_of
from weekly_translate.text.alike import TitleOrigin

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from weekly_translate.cli.options import RunOptions
    from weekly_translate.edition.values import Use
    from weekly_translate.llm.batch import RemoteBatch
    from weekly_translate.llm.tokens import Price
    from weekly_translate.report.season_table import Account
    from weekly_translate.run.batch_jobs import BatchSubmission, Fetched
    from weekly_translate.run.batch_requests import BatchPart, ReadingPart, Tally, Unpassed
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Forecast, Plan
    from weekly_translate.run.project import ProjectData

_COUNTED = {
    RuleKind.ITEM: ("item number", "item numbers"),
    RuleKind.NOTE: ("language note", "language notes"),
    RuleKind.STARS: ("star count", "star counts"),
    RuleKind.HEADING: ("heading", "headings"),
    RuleKind.ADDRESS: ("URL localized", "URLs localized"),
}
_PLACED = {
    RuleKind.REPLACED: ("block replaced", "blocks replaced"),
    RuleKind.DROPPED: ("block dropped", "blocks dropped"),
}
_TITLES = {
    TitleOrigin.MAP: "settled for their address",
    TitleOrigin.MEMORY: "by a person",
    TitleOrigin.NAME: "with their name in front",
    TitleOrigin.SLUG: "by the words of their address",
    TitleOrigin.TRANSLATED: "translated",
}


_SHOWN = 20
_DOUBTS = 5


def uses_in_words(uses: Sequence[Use]) -> str:
    """`title, header, 12 language notes, 2 blocks dropped (lines 61-67, 129-147)`."""
    kinds = {use.kind for use in uses}
    words = [kind.value for kind in RuleKind if kind in kinds and kind not in {**_COUNTED, **_PLACED}]
    for kind, (one, many) in _COUNTED.items():
        if number := sum(len(use.lines) for use in uses if use.kind is kind):
            words.append(f"{number:,} {one if number == 1 else many}")
    for kind, (one, many) in _PLACED.items():
        if blocks := [use for use in uses if use.kind is kind]:
            where = _lines_in_words(line for use in blocks for line in whole_lines(use))
            words.append(f"{len(blocks):,} {one if len(blocks) == 1 else many} ({where})")
    return ", ".join(words) or "no rule applies"


def use_in_words(use: Use) -> str:
    """One rule that fired: `dropped sponsors (lines 61-67)`."""
    name = use.rule if use.rule.startswith(use.kind) else f"{use.kind} '{use.rule}'"
    where = f" ({_lines_in_words(whole_lines(use))})" if use.lines else ""
    first_line = use.text.replace(HOLE, "…").strip().partition("\n")[0]
    return f"{name}{where}" + (f": {first_line}" if use.text else "")


def _lines_in_words(lines: Iterable[int]) -> str:
    numbers = set(lines)
    return f"{'line' if len(numbers) == 1 else 'lines'} {ranges(numbers)}"


def whole_lines(use: Use) -> Iterable[int]:
    """The lines of a rule; of a block with the blank ones in between."""
    if use.kind in _PLACED and use.lines:
        return range(min(use.lines), max(use.lines) + 1)
    return use.lines


def verdict_on(result: Result) -> str:
    """What has become of an issue, in one line: `issue.en.md written: 61 segments, 3 to look at`."""
    found = Counter(finding.severity for finding in result.findings if not finding.is_of_draft)
    errors, warnings = found[Severity.ERROR], found[Severity.WARNING]
    segments = len(result.answers)
    number = counted(segments, "segment") if segments else "no Chinese to translate"
    look = f"{warnings:,} to look at" if warnings else "nothing to look at"
    wrong = f"{counted(errors, 'error')}{f', {warnings:,} to look at' if warnings else ''}"
    if result.order.dry_run:
        return f"nothing written (dry run): {number}, {wrong if errors else look}"
    if not result.written:
        return _why_not_written(result, wrong)
    place = str(result.order.out) if result.order.out else "standard output"
    if result.code is ExitCode.DONE:
        return f"{place} written: {number}, {look}"
    in_it = "drafts are in it" if result.drafts else f"Chinese is left in it, {look}"
    return f"{place} written, incomplete: {wrong if errors else in_it}"


def _why_not_written(result: Result, wrong: str) -> str:
    if result.why:
        return f"{result.order.out} not written: {result.why}"
    if result.failure is not None:
        so_far = "; the answers so far are in the memory" if result.usage.requests else ""
        return f"not written: the run ended early{so_far}"
    return f"not written: {wrong} (--allow-partial writes it all the same)"


def summary_rows(result: Result, *, verbose: bool = False) -> Iterator[Row]:
    """Where the segments come from and who made them, and what it took; `verbose` adds how it was made."""
    data = result.plan.data
    if verbose:
        yield "edition", _edition(result.plan)
    yield "segments", _segments(result)
    if failed := len(result.plan.failed):
        yield (
            "not asked",
            f"{failed:,}: in vain before (--retry-failed asks the model again)",
        )
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
    if result.dropped_doubts:
        yield (
            "dropped",
            f"{counted(result.dropped_doubts, 'doubt')} about words that the source does not have",
        )
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
    """The model in the name of an engine: `gpt-5-mini` in `openai gpt-5-mini`."""
    return engine.removeprefix("openai ")


def review_of(source: str, target: str, options: RunOptions) -> list[str]:
    """The command that shows an issue to a person, with what the run was told of the project."""
    named = {"--memory": options.memory, "--project": options.project, "--edition": options.edition}
    return ["weekly-translate", "review", source, target, *as_given(named), review_interface()]


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
    segments, known, memory = len(plan.document.segments), len(plan.known), len(plan.remembered)
    parts = {
        "from memory": memory,
        "by the edition": known - memory,
        "asked before in vain": len(plan.failed),
        "to translate": plan.to_ask,
    }
    yield "segments", _parts(segments, parts)
    yield from _request_rows(forecast.usage, forecast.terms, plan.data)
    yield from _reading_rows(forecast.reading, plan.data)


def _request_rows(usage: Usage, terms: Usage, data: ProjectData) -> Iterator[Row]:
    """What is asked in any case, and what comes on top if answers lack glossary terms."""
    if data.drafts:
        yield "requests", "none: the draft engine is part of the program"
        return
    if not usage.requests and not terms.requests:
        yield "requests", "none: everything is in the memory"
        return
    asked = f"about {usage.requests:,}, {_tokens_in_words(usage)}"
    yield "requests", asked if usage.requests else "none to translate"
    if usage.reasoning:
        yield (
            "reserve",
            f"{usage.reasoning:,} of the tokens out, for what the model may think: no answer has told yet",
        )
    if terms.requests:
        more = counted(terms.requests, "request")
        yield "terms", f"up to {more} more where they are missed, {_tokens_in_words(terms)}"
    least, most = cost(usage, data.price), cost(usage + terms, data.price)
    if least is None:
        model = model_in(data.engine.name)
        advice = "" if is_local(data.engine.endpoint) else f": {where_prices_go(model)}"
        yield "cost", f"the price of {model} is not known{advice}"
    else:
        with_terms = f", up to {dollars(most)} with the terms" if most != least else ""
        yield "cost", f"about {dollars(least)}{with_terms}"


def _reading_rows(usage: Usage, data: ProjectData) -> Iterator[Row]:
    """What the second reading takes; it has a price of its own."""
    if data.reader is not None and usage.requests:
        said = f"about {counted(usage.requests, 'request')} more, {_tokens_in_words(usage)}"
        paid = _dollars_of(cost(usage, data.reader.price))
        yield "proofread", f"{said}, {paid}, by {data.reader.name} (--no-proofread leaves it out)"


def _edition(plan: Plan) -> str:
    choice, _, edited = plan.manuscript
    return f"{choice.edition.name} ({choice.why}): {uses_in_words(edited.uses)}"


def _segments(result: Result) -> str:
    counts = counts_of(result)
    share = share_of(result.plan.document.segments, result.plan.remembered)
    memory = "from memory" if counts.memory == counts.all else f"from memory ({share:.0%} of the characters)"
    parts = {
        memory: counts.memory,
        "by the edition": counts.edition,
        "translated": counts.translated,
        "draft" if counts.drafts == 1 else "drafts": counts.drafts,
        "left in Chinese": counts.left,
    }
    return _parts(counts.all, parts)


def _parts(whole: int, parts: dict[str, int]) -> str:
    shown = [f"{number:,} {name}" for name, number in parts.items() if number]
    return f"{whole:,}: {', '.join(shown)}" if shown else f"{whole:,}"


def used_in_words(usage: Usage, spent: Decimal | None) -> str:
    """`3, 12,000 tokens in (8,000 cached), 900 out, $0.01`."""
    if not usage.requests:
        return "none"
    return f"{usage.requests:,}, {_tokens_in_words(usage)}, {_dollars_of(spent)}"


def _dollars_of(spent: Decimal | None) -> str:
    return "price not known" if spent is None else dollars(spent)


def _tokens_in_words(usage: Usage) -> str:
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
        yield "forecast", f"{expected.requests:,}, {_tokens_in_words(expected)}{about}"


def season_plan_rows(
    planned: Mapping[str, Forecast], others: int, data: ProjectData, *, every_one: bool = False
) -> Iterator[Row]:
    """What a season would take, by the names of its issues; `others` are those that need nothing."""
    forecasts = planned.values()
    number = len(planned) + others
    yield "issues", f"{number:,}: {len(planned):,} to translate, {others:,} not" if number else "none"
    for name, one in planned.items() if every_one else ():
        requests = counted(one.usage.requests, "request")
        yield "issue", f"{name}: {_open(one):,} segments to translate, {requests}"
    if not planned:
        yield "requests", "none"
        return
    segments, asked = sum(len(one.plan.document.segments) for one in forecasts), sum(map(_open, forecasts))
    yield "segments", f"{segments:,}: {segments - asked:,} known, {asked:,} to translate"
    usage = sum((one.usage for one in forecasts), Usage())
    terms = sum((one.terms for one in forecasts), Usage())
    yield from _request_rows(usage, terms, data)
    yield from _reading_rows(sum((one.reading for one in forecasts), Usage()), data)


def _open(forecast: Forecast) -> int:
    """Segments without a translation, those among them that are asked for with another issue."""
    return forecast.plan.to_ask


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
    return f"{_tokens_in_words(usage)}, {dear}"


def exported_rows(
    file: str, parts: Sequence[BatchPart] | Sequence[ReadingPart], data: ProjectData, pending: Container[str]
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
    yield "tokens", f"about {_tokens_in_words(expected)}"


def unpassed_lines(unpassed: Iterable[Unpassed]) -> Iterator[str]:
    """Where the answers were not good, and why; segments of an issue with the same reason stand together."""
    places: dict[tuple[Path, str], list[int]] = {}
    for one in unpassed:
        places.setdefault((one.source, one.why), []).append(one.line)
    for (source, why), (first, *more) in list(places.items())[:_SHOWN]:
        others = f" and {counted(len(more), 'more segment')}" if more else ""
        yield f"{source}:{first}{others}: {why}"
    if len(places) > _SHOWN:
        yield f"and {len(places) - _SHOWN:,} more like these"


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
