"""What goes out in a batch and what comes back, as rows of a name and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.console.summary import counted, tokens_in_words
from weekly_translate.reports.season import dollars
from weekly_translate.translation.cost import cost, forecast

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from weekly_translate.console.summary import Row
    from weekly_translate.engines.remote_batch import RemoteBatch
    from weekly_translate.exchange import Usage
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.batching import Part
    from weekly_translate.pipeline.tally import Tally, Unpassed
    from weekly_translate.season.batches import Mail
    from weekly_translate.season.delivery import Fetched
    from weekly_translate.translation.cost import Price

_SHOWN = 20


def mail_rows(mail: Mail, price: Price | None) -> Iterator[Row]:
    """What was sent, or would be; `price` is that of batches."""
    if mail.found:
        yield "found", f"{counted(mail.found, 'batch job')} of a run that was interrupted"
    if mail.waiting:
        yield "waiting", f"{counted(mail.waiting, 'segment')} in earlier batches"
    if not mail.parts:
        yield "batch", "nothing to send"
        return
    jobs = f"{counted(mail.batches, 'job')}: " if mail.batches else ""
    what = f"{counted(len(mail.parts), 'request')} for {counted(mail.segments, 'segment')}"
    yield "batch", jobs + what
    yield "forecast", f"{tokens_in_words(mail.expected)}, {_price(mail.expected, price)}"


def fetched_rows(fetched: Fetched, price: Price | None) -> Iterator[Row]:
    """What has come back, and what it cost; `price` is that of batches."""
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
        yield "requests", f"{requests}, {tokens_in_words(fetched.usage)}, {_price(fetched.usage, price)}"


def state_in_words(state: RemoteBatch) -> str:
    """How far a batch is, and why it goes no further."""
    failed = f", {state.failed:,} failed" if state.failed else ""
    done = f", {state.done:,} of {state.all:,} done{failed}" if state.all else ""
    return f"{state.status}{done}{f': {state.reason}' if state.reason else ''}"


def _price(usage: Usage, price: Price | None) -> str:
    spent = cost(usage, price)
    return "price not known" if spent is None else f"{dollars(spent)} (batches take half)"


def exported_rows(file: str, parts: Sequence[Part], job: Job, pending: Container[str]) -> Iterator[Row]:
    """What an export holds, and what a model would take for it; batches ask for the `pending` keys."""
    if not parts:
        yield "file", f"{file}: nothing to translate"
        return
    keys = [member.key for part in parts for member in part.asked.members]
    yield "file", f"{file}: {counted(len(parts), 'request')} for {counted(len(keys), 'segment')}"
    if waiting := sum(key in pending for key in keys):
        yield "waiting", f"{counted(waiting, 'segment')} of them in earlier batches as well"
    expected = forecast((part.request for part in parts), count_tokens=job.count_tokens)
    yield "tokens", f"about {tokens_in_words(expected)}"


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
