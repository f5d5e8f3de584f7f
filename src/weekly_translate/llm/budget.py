"""What requests are expected to take, by what answers of the model have taken; and what may yet be spent."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.errors import BudgetSpentError
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from weekly_translate.llm.tokens import Price

# A text says how much is written, never how much is thought before: that depends on the model, the effort
# and the provider's mood. Nor does an estimate know a stranger's vocabulary. Both show in the first answers.

_MOST_ANSWERS = 200
"""Then all sums are halved: a provider may change a model under its name."""


@dataclass(frozen=True, slots=True)
class Experience:
    """Tokens that answers of a model have taken, and those that their texts alone had let expect."""

    reserve: float = 0.0
    """Reasoning tokens for each token written, as long as there is no answer."""
    answers: int = 0
    expected_prompt: int = 0
    prompt: int = 0
    expected_completion: int = 0
    completion: int = 0
    cached: int = 0
    """Of `prompt`: what the provider had cached."""
    highest: float = 0.0
    """The longest answer, as a multiple of what was expected: 11 where a model thought ten times as much."""

    @classmethod
    def of(cls, stored: str, reserve: float) -> Experience:
        """What an earlier run has stored; what cannot be read is nothing."""
        start = cls(reserve)
        with suppress(ValueError, TypeError):
            return replace(start, **json.loads(stored or "{}"))
        return start

    def stored(self) -> str:
        """As text, for `of`."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "reserve"})

    def with_answer(self, expected: Usage, used: Usage) -> Experience:
        """One more answer; nothing is learned from a server that does not count, or repeated a request."""
        if not (used.prompt and used.completion and expected.completion) or used.requests > 1:
            return self
        found = replace(
            self,
            answers=self.answers + 1,
            expected_prompt=self.expected_prompt + expected.prompt,
            prompt=self.prompt + used.prompt,
            cached=self.cached + used.cached,
            expected_completion=self.expected_completion + expected.completion,
            completion=self.completion + used.completion,
            highest=max(self.highest, used.completion / expected.completion),
        )
        return found if found.answers <= _MOST_ANSWERS else _halved(found)

    def scaled(self, expected: Usage) -> Usage:
        """What is to be expected of requests whose texts alone let expect this."""
        if not self.answers:
            thought = round(expected.completion * (1 + self.reserve)) - expected.completion
            return replace(expected, completion=expected.completion + thought, reasoning=thought)
        return replace(
            expected,
            prompt=round(expected.prompt * self.prompt / max(1, self.expected_prompt)),
            cached=round(expected.prompt * self.cached / max(1, self.expected_prompt)),
            completion=round(expected.completion * self.completion / max(1, self.expected_completion)),
        )

    def at_worst(self, expected: Usage) -> Usage:
        """The same if each answer were like the longest one so far, and nothing were cached."""
        usual = replace(self.scaled(expected), cached=0)
        return replace(usual, completion=max(usual.completion, round(expected.completion * self.highest)))


def _halved(one: Experience) -> Experience:
    sums = ("answers", "expected_prompt", "prompt", "cached", "expected_completion", "completion")
    return replace(one, **{name: getattr(one, name) // 2 for name in sums})


class Budget:
    """What a run has spent, and what the requests in flight may cost: the limit is never exceeded."""

    def __init__(
        self, limit: Decimal | None, experience: Experience = Experience(), *, is_rest: bool = False
    ) -> None:
        """Without a limit, nothing needs a price. `is_rest`: it is what earlier runs have left of all."""
        self.limit = limit
        self._is_rest = is_rest
        self.usage = Usage()
        """All that was used."""
        self.experience = experience
        self._expected = Usage()
        self._in_flight = 0

    def has_room(self, expected: Usage, price: Price | None) -> bool:
        """Whether a request may be sent; not yet, where those in flight have to tell first what they cost.

        `expected` is what its texts let expect. What is forecast may cost more in the end: beside others, all
        of them count twice, and as if each were like the longest so far; beside others nothing goes out
        before the model's first answer. Alone a request may exceed the budget by less than it costs itself.
        Raises `BudgetSpentError` where even that is too much.
        """
        if self.limit is None:
            return True
        if not self._in_flight:
            refuse_beyond(
                _cost(self.usage + self.experience.scaled(expected), price), self.limit, is_rest=self._is_rest
            )
            return True
        together = self.experience.at_worst(self._expected + expected)
        most = _cost(self.usage + together + together, price)
        return bool(self.experience.answers) and most <= self.limit

    def committed(self, price: Price | None) -> Decimal:
        """Dollars that are spent, or that requests in flight may cost at most."""
        together = self.experience.at_worst(self._expected)
        return _cost(self.usage + together + together, price)

    def reserve(self, expected: Usage) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._expected += expected

    def release(self, expected: Usage) -> None:
        """The answer to a request is there, or it failed."""
        self._in_flight -= 1
        self._expected -= expected

    def spend(self, expected: Usage, used: Usage) -> None:
        """An answer has used this, and tells what the next ones may."""
        self.usage += used
        self.experience = self.experience.with_answer(expected, used)


def refuse_beyond(amount: Decimal, limit: Decimal | None, *, is_rest: bool = False) -> None:
    """Raise `BudgetSpentError` where what has been spent and what may yet be exceeds the limit."""
    if limit is None or amount <= limit:
        return
    if is_rest:
        raise BudgetSpentError(
            f"The next request would exceed budget_total, of which ${limit:.4f} were left for this run. "
            "The answers so far are kept: to go on, set a larger budget_total in weekly-translate.toml."
        )
    raise BudgetSpentError(
        f"The next request would exceed the budget of ${limit}. "
        "The answers so far are kept: run the same command again to go on, "
        "with a larger --budget if this run has sent nothing."
    )


def _cost(usage: Usage, price: Price | None) -> Decimal:
    spent = cost(usage, price)
    assert spent is not None, "a budget without a price is refused when the settings are read"
    return spent
