"""A job that judges each pair of texts once: after a decision, all others are as they were."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Self

from weekly_translate.pipeline.job import Job

if TYPE_CHECKING:
    from weekly_translate.model import Finding, Pair


@dataclass(frozen=True)
class PatientJob(Job):
    """Thousands of segments are judged when the page opens, and one after each decision."""

    @classmethod
    def like(cls, job: Job) -> Self:
        """The same job, with a memory for its judgments."""
        return cls(**{field.name: getattr(job, field.name) for field in fields(job)})

    @cached_property
    def _judgments(self) -> dict[Pair, tuple[Finding, ...]]:
        return {}

    def findings_of(self, pair: Pair) -> list[Finding]:
        """Whatever the checks say about a pair."""
        if pair not in self._judgments:
            self._judgments[pair] = tuple(super().findings_of(pair))
        return list(self._judgments[pair])
