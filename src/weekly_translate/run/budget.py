"""What requests are expected to take, by what answers of the model have taken; and what a run may spend."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.errors import BudgetSpentError
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Usage
from weekly_translate.run.project import learn_facts, learned_facts

if TYPE_CHECKING:
    from weekly_translate.run.project import ProjectData

# A text says how much is written, never how much is thought before: that depends on the model, the effort
# and the provider's mood. Nor does an estimate know a stranger's vocabulary. Both show in the first answers.

USAGE = "usage"
"""Where experience is remembered among the facts about a model."""
_MOST_ANSWERS = 200
"""Then all sums are halved: a provider may change a model under its name."""


@dataclass(frozen=True, slots=True)
class Experience:
    """Tokens that answers of a model have taken, and those that their texts alone had let expect."""

    reserve: float
    """Reasoning tokens for each token written, as long as there is no answer."""
    answers: int = 0
    expected_prompt: int = 0
    prompt: int = 0
    expected_completion: int = 0
    completion: int = 0
    highest: float = 0.0
    """The longest answer, as a multiple of what was expected: 11 where a model thought ten times as much."""

    def with_answer(self, expected: Usage, used: Usage) -> Experience:
        """One more answer; nothing is learned from a server that does not count, or repeated a request."""
        if not (used.prompt and used.completion and expected.completion) or used.requests > 1:
            return self
        found = replace(
            self,
            answers=self.answers + 1,
            expected_prompt=self.expected_prompt + expected.prompt,
            prompt=self.prompt + used.prompt,
            expected_completion=self.expected_completion + expected.completion,
            completion=self.completion + used.completion,
            highest=max(self.highest, used.completion / expected.completion),
        )
        return found if found.answers <= _MOST_ANSWERS else _halved(found)

    def scaled(self, expected: Usage) -> Usage:
        """What is to be expected of requests whose texts alone let expect this."""
        if not self.answers:
            return replace(expected, completion=round(expected.completion * (1 + self.reserve)))
        return replace(
            expected,
            prompt=round(expected.prompt * self.prompt / self.expected_prompt),
            completion=round(expected.completion * self.completion / self.expected_completion),
        )

    def at_worst(self, expected: Usage) -> Usage:
        """The same if each answer were like the longest one so far."""
        usual = self.scaled(expected)
        return replace(usual, completion=max(usual.completion, round(expected.completion * self.highest)))


def _halved(one: Experience) -> Experience:
    sums = ("answers", "expected_prompt", "prompt", "expected_completion", "completion")
    return replace(one, **{name: getattr(one, name) // 2 for name in sums})


def experience_of(data: ProjectData) -> Experience:
    """What is known of the model that `data` is for: by earlier runs, or only by the table of providers."""
    start = Experience(0.0 if data.drafts else data.provider.reserve)
    with suppress(ValueError, TypeError):
        return replace(start, **json.loads(learned_facts(data).get(USAGE, "{}")))
    return start


class Budget:
    """What a run has spent, and what the requests in flight may cost: the limit is never exceeded."""

    def __init__(self, data: ProjectData) -> None:
        self._data = data
        self._experience = experience_of(data)
        self._expected = Usage()
        self._in_flight = 0
        self.usage = Usage()

    def has_room(self, expected: Usage) -> bool:
        """Whether a request may be sent; not yet, where those in flight have to tell first what they cost.

        What is forecast may cost more in the end: beside others, all of them count twice, and as if each were
        like the longest so far; beside others nothing goes out before the model's first answer. Alone it may
        exceed the budget by less than it costs itself. Raises `BudgetSpentError` where even that is too much.
        """
        if not self._in_flight:
            refuse_beyond_budget(self.usage + self._experience.scaled(expected), self._data)
            return True
        if self._data.budget is None:
            return True
        together = self._experience.at_worst(self._expected + expected)
        return bool(self._experience.answers) and not _is_beyond(self.usage + together + together, self._data)

    def reserve(self, expected: Usage) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._expected += expected

    def release(self, expected: Usage) -> None:
        """The answer to a request is there, or it failed."""
        self._in_flight -= 1
        self._expected -= expected

    def spend(self, expected: Usage, used: Usage) -> None:
        """An answer has cost this, and tells what the next ones may cost."""
        self.usage += used
        self._experience = self._experience.with_answer(expected, used)

    def remember(self) -> None:
        """Keep the experience for the next run; drafts teach nothing."""
        if self._experience.answers and not self._data.drafts:
            known = {name: value for name, value in asdict(self._experience).items() if name != "reserve"}
            learn_facts({USAGE: json.dumps(known)}, self._data)


def refuse_beyond_budget(expected: Usage, data: ProjectData) -> None:
    """Raise `BudgetSpentError` where what has been used and what may yet be used exceeds the budget."""
    if _is_beyond(expected, data):
        raise BudgetSpentError(
            f"The next request would exceed the budget of ${data.budget}. "
            "The answers so far are kept: run the same command again to go on, "
            "with a larger --budget if this run has sent nothing."
        )


def _is_beyond(expected: Usage, data: ProjectData) -> bool:
    if data.budget is None:
        return False
    spent = cost(expected, data.price)
    assert spent is not None, "a budget without a price is refused when the settings are read"
    return spent > data.budget
