"""What goes out in a batch and what comes back, as rows of a name and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.console.summary import counted, tokens_in_words
from weekly_translate.reports.season import dollars
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.console.summary import Row
    from weekly_translate.exchange import Usage
    from weekly_translate.pipeline.late_answers import Tally
    from weekly_translate.season.batches import Fetched, Mail
    from weekly_translate.translation.cost import Price


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
        yield "waiting", f"{state.job}: {state.status}, {state.done:,} of {state.all:,} done"
    if not fetched.ended:
        yield "batch", "nothing has come back yet" if fetched.waiting else "none is on its way"
        return
    yield from tally_rows(fetched.tally)
    for reason, number in fetched.reasons.most_common(3):
        yield "because", f"{counted(number, 'request')}: {reason}"
    if fetched.usage.requests:
        requests = counted(fetched.usage.requests, "request")
        yield "requests", f"{requests}, {tokens_in_words(fetched.usage)}, {_price(fetched.usage, price)}"


def _price(usage: Usage, price: Price | None) -> str:
    spent = cost(usage, price)
    return "price not known" if spent is None else f"{dollars(spent)} (batches take half)"


def tally_rows(tally: Tally) -> Iterator[Row]:
    """What has become of the answers."""
    yield "answered", counted(tally.answered, "segment")
    named = (
        ("again", tally.again, "segment", "did not pass; the next run or batch asks again"),
        ("known", tally.known, "segment", "answered before"),
        ("outdated", tally.outdated, "segment", "of a source, glossary or prompts that have changed since"),
        ("twice", tally.twice, "request", "answered more than once; the first answer counts"),
        ("unknown", tally.unknown, "line", "broken, or of no request that this memory knows"),
        ("missing", tally.failed, "request", "without an answer; the next run or batch asks again"),
    )
    yield from ((name, f"{counted(number, noun)} {why}") for name, number, noun, why in named if number)
