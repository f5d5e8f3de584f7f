"""A judge of translations: what it says of each, which of two it prefers, and whether it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.replies import read_objects
from weekly_translate.llm.requests import digest
from weekly_translate.model import ErrorSeverity
from weekly_translate.proofread.reading import Reader
from weekly_translate.proofread.requests import PREFERRED, ReadPair, preference_request, verdict_key
from weekly_translate.selftest.meaning import planted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.model import Format, Proofreading, Reply, Request

LEAST_RECALL, MOST_ALARMS = 0.7, 0.1
"""A judge that finds fewer of the planted faults, or complains about more of the good texts, gives none."""
CONTROLS = 40
"""So many faults are planted at most."""


class Judge(Reader[str]):
    """Says which of two translations is better."""

    def key(self, one: ReadPair) -> str:
        """What a preference is found by: all that decides about it, and the order."""
        seen = verdict_key(one.pair, self.name, self.prompts)
        return digest([seen, self.prompts.judge_version, one.other], size=16)

    def find(self, key: str) -> str | None:
        """What was said before."""
        return self.memory.proofreadings.preferred(key)

    def store(self, verdicts: Mapping[str, tuple[ReadPair, str]]) -> None:
        """Keep what was paid."""
        self.memory.proofreadings.prefer({key: said for key, (_, said) in verdicts.items()}, self.name)

    def request(self, pairs: Sequence[ReadPair], form: Format) -> Request:
        """Ask which is better."""
        return preference_request(pairs, form, self.prompts)

    def read(self, reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, str]:
        """The answers that are A, B or same."""
        asked = {one.id for one in pairs}
        said = [(id_, one) for id_, one in read_objects(reply, request) if id_ in asked]
        ids = [id_ for id_, _ in said]
        return {id_: str(one) for id_, one in said if one in PREFERRED and ids.count(id_) == 1}


def both_orders(first: ReadPair, second: ReadPair) -> tuple[ReadPair, ReadPair]:
    """The two questions about two translations of one text; the ids tell the order."""
    segment, other = first.pair.segment, second.pair.target
    there = replace(first.pair, segment=replace(segment, id=f"{segment.id}-1"))
    back = replace(second.pair, segment=replace(segment, id=f"{segment.id}-2"))
    return ReadPair(there, first.under, other), ReadPair(back, first.under, first.pair.target)


def with_faults(pairs: Sequence[ReadPair], *, seed: int) -> list[ReadPair]:
    """Some of these translations, each with a fault of meaning and an id that says so."""
    random = Random(seed)  # noqa: S311 - chooses texts, keeps no secret
    spoiled: list[ReadPair] = []
    for one in random.sample(list(pairs), len(pairs)):
        fault = planted(one.pair.target, random)
        if fault is not None and len(spoiled) < CONTROLS:
            segment = replace(one.pair.segment, id=f"{one.id}-fault")
            spoiled.append(one._replace(pair=replace(one.pair, segment=segment, target=fault.text)))
    return spoiled


@dataclass(frozen=True, slots=True)
class Controls:
    """How a judge did where the answer is known."""

    planted: int = 0
    found: int = 0
    good: int = 0
    """Texts of a reference that people vouch for; 0 where there is none."""
    alarms: int = 0
    """Those of them that the judge complains about, minor mistakes aside."""

    @property
    def fails(self) -> str:
        """Why no verdict of this judge counts; nothing where it is good enough."""
        if self.planted and self.found < LEAST_RECALL * self.planted:
            return f"the judge finds {self.found} of {self.planted} planted faults"
        if self.good and self.alarms > MOST_ALARMS * self.good:
            return f"the judge complains about {self.alarms} of {self.good} good texts"
        return ""


class Judged(NamedTuple):
    """What was said of a text before and after a fault was planted in it."""

    before: Proofreading
    after: Proofreading

    @property
    def is_found(self) -> bool:
        """Whether the fault has been named: an error about words, or of a kind, that was not named before."""
        known = {(one.target, one.category) for one in self.before.errors}
        return any((one.target, one.category) not in known for one in self.after.errors)


def is_alarm(said: Proofreading) -> bool:
    """Whether somebody complains about a text in earnest."""
    return any(one.severity is not ErrorSeverity.MINOR for one in said.errors)


_FAMILIES = (
    "gpt",
    "claude",
    "gemini",
    "deepseek",
    "qwen",
    "glm",
    "kimi",
    "llama",
    "mistral",
    "grok",
    "doubao",
)


def family(model: str) -> str:
    """The family of a model, by its name; empty where nobody knows it."""
    return next((name for name in _FAMILIES if name in model.lower()), "")
