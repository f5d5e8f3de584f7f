"""All that translating needs beside the text: made once for a run, used for every issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.checks.model_artifacts import grams_of
from weekly_translate.checks.registry import findings_of
from weekly_translate.errors import BudgetSpentError
from weekly_translate.llm.cost import Price, cost
from weekly_translate.model import Status, Usage

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from decimal import Decimal

    from weekly_translate.checks.counterparts import Senses
    from weekly_translate.edition.choosing import Choice, Editions
    from weekly_translate.glossary.matcher import Matcher
    from weekly_translate.llm.chunks import ChunkSize
    from weekly_translate.llm.prompts import Prompts
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Engine, Finding, Pair

Told = Callable[[int, int, Usage], None]
"""Is told how many of how many segments are settled, and what has been used."""


@dataclass(frozen=True, slots=True)
class Job:
    """The engine, the memory and the data files of a run, and its limits."""

    engine: Engine
    memory: TranslationMemory
    prompts: Prompts
    matcher: Matcher
    editions: Editions
    size: ChunkSize
    count_tokens: Callable[[str], int]
    """How many tokens a text may have, an estimate rounded up: for chunk sizes and budgets."""
    jobs: int = 8
    price: Price | None = None
    budget: Decimal | None = None
    allowed_chinese: frozenset[str] = frozenset()
    senses: Senses | None = None
    """The dictionary by which sentences are missed; it is read when the first answer is judged."""
    told: Told = lambda _settled, _all, _usage: None
    said: Callable[[str], None] = lambda _sentence: None
    """Is told why nothing moves."""
    warm_up: bool = False
    """Whether one small request goes ahead of many, so that the provider has cached what all begin with."""
    signature: str = ""
    """How the result is made: engine | prompts | glossary, and under an edition: | edition."""
    judgments: MutableMapping[Pair, tuple[Finding, ...]] | None = None
    """What has been found in pairs by this very job: it grows, and belongs to whoever judges pairs again."""

    def under(self, choice: Choice) -> Job:
        """The same for a document of an edition: with its terms and its names."""
        edition = choice.edition
        return replace(
            self,
            matcher=self.matcher.extended(edition.terms),
            allowed_chinese=self.allowed_chinese | edition.kept,
            signature=f"{self.signature} | {choice.signature}",
            judgments=None,  # other names may stay Chinese
        )

    @property
    def prompt_grams(self) -> frozenset[str]:
        """What must not turn up in a translation: the words of our own instructions."""
        return grams_of(self.prompts.system)

    def findings_of(self, pair: Pair) -> list[Finding]:
        """Whatever the checks say about an answer of this run."""
        if self.judgments is None:
            return self._judged(pair)
        if pair not in self.judgments:
            self.judgments[pair] = tuple(self._judged(pair))
        return list(self.judgments[pair])

    def _judged(self, pair: Pair) -> list[Finding]:
        """Nobody counts the sentences of a draft."""
        return findings_of(
            pair,
            kept=self.allowed_chinese,
            prompt_grams=self.prompt_grams,
            senses=None if self.drafts else self.senses,
        )

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
                "The answers so far are kept: run the same command again to go on, "
                "with a larger --budget if this run has sent nothing."
            )
