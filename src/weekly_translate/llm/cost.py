"""What a run costs: known usage times a price, or an estimate of a plan."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.model import Request

ENGLISH_PER_CHINESE = 0.844
"""Tokens of the translation per token of the source, measured on the published pairs of the newsletter."""
_ID_AND_QUOTES = 8
"""Tokens around each translation in a JSON reply."""
_MILLION = Decimal(1_000_000)


class Price(NamedTuple):
    """US dollars for a million tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal

    @property
    def in_batches(self) -> Price:
        """What providers take for answers that may come a day later: half."""
        return Price(self.input / 2, self.cached / 2, self.output / 2)


def cost(usage: Usage, price: Price | None) -> Decimal | None:
    """US dollars, or None where the price is not known: unknown is not free."""
    if price is None:
        return None
    fresh = usage.prompt - usage.cached
    return (fresh * price.input + usage.cached * price.cached + usage.completion * price.output) / _MILLION


def forecast(requests: Iterable[Request], *, count_tokens: Callable[[str], int]) -> Usage:
    """The expected usage of a plan in which every first answer is good and no prompt is cached."""
    return sum((_expected(request, count_tokens) for request in requests), Usage())


def _expected(request: Request, count_tokens: Callable[[str], int]) -> Usage:
    source = sum(count_tokens(segment.text) for segment in request.segments)
    return Usage(
        requests=1,
        prompt=sum(count_tokens(message.content) for message in request.messages),
        completion=round(ENGLISH_PER_CHINESE * source) + _ID_AND_QUOTES * len(request.segments),
    )
