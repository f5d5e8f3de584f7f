"""All that translating needs beside the text: made once for a run, used for every issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from weekly_translate.checks import grams_of
from weekly_translate.errors import BudgetSpentError
from weekly_translate.exchange import Status, Usage
from weekly_translate.translation.cost import Price, cost

if TYPE_CHECKING:
    from decimal import Decimal

    from weekly_translate.edition import Edition
    from weekly_translate.exchange import Engine
    from weekly_translate.store.memory import TranslationMemory
    from weekly_translate.translation.matcher import Matcher
    from weekly_translate.translation.prompt import Prompts
    from weekly_translate.translation.sizes import ChunkSize

Told = Callable[[int, int, Usage], None]
"""Is told how many of how many segments are settled, and what has been used."""


@dataclass(frozen=True)
class Job:
    """The engine, the memory and the data files of a run, and its limits."""

    engine: Engine
    memory: TranslationMemory
    prompts: Prompts
    matcher: Matcher
    edition: Edition
    size: ChunkSize
    count_tokens: Callable[[str], int]
    """How many tokens a text may have, an estimate rounded up: for chunk sizes and budgets."""
    jobs: int = 8
    price: Price | None = None
    budget: Decimal | None = None
    allowed_chinese: frozenset[str] = frozenset()
    told: Told = lambda _settled, _all, _usage: None
    signature: str = ""
    """How the result is made: engine | prompts | glossary | edition."""

    @cached_property
    def prompt_grams(self) -> frozenset[str]:
        """What must not turn up in a translation: the words of our own instructions."""
        return grams_of(self.prompts.system)

    @property
    def drafts(self) -> bool:
        """Whether the engine's answers are drafts, which are neither stored nor repaired."""
        return self.engine.worth is Status.DRAFT

    def refuse_beyond_budget(self, expected: Usage) -> None:
        """Raise `BudgetSpentError` before a request that could exceed the budget is sent.

        `expected` is what has been used and what the requests in flight, and this one, may use.
        """
        if self.budget is None:
            return
        spent = cost(expected, self.price)
        assert spent is not None, "a budget without a price is refused before a job is made"
        if spent > self.budget:
            raise BudgetSpentError(
                f"The next request would exceed the budget of ${self.budget}. "
                "The answers so far are kept: run the same command with a larger --budget to go on."
            )
