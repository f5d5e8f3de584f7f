"""Two runs on one memory: what one of them is asking for, the other waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.pipeline.hits import hit_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.exchange import Entry
    from weekly_translate.pipeline.attempts import Progress
    from weekly_translate.pipeline.job import Job

PAUSE = 0.2
"""Seconds after which a run that has nothing else to do looks for the answers of the other one."""


class Shares(NamedTuple):
    """Segments that were open when the run was planned."""

    ours: list[Progress]
    answered: list[tuple[Progress, Entry]]
    elsewhere: list[Progress]


class Claiming:
    """What this run has claimed and not given back. Drafts cost nothing and are not stored: no claims."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._held: set[str] = set()
        self._has_told = False

    def shares(self, members: Sequence[Progress], job: Job) -> Shares:
        """Claim what nobody asks for; another run may have answered it in the meantime.

        `job` is that of the issue: its edition may have terms and names of its own.
        """
        if self._job.drafts:
            return Shares(list(members), [], [])
        granted = self.granted(progress.ask.key for progress in members)
        shares = Shares([], [], [])
        for progress in members:
            ask = progress.ask
            if ask.key not in granted:
                shares.elsewhere.append(progress)
            elif (entry := hit_for(ask.segment, ask.key, ask.terms, job)) is not None:
                shares.answered.append((progress, entry))
            else:
                shares.ours.append(progress)
        self.give_back(*(progress for progress, _ in shares.answered))
        return shares

    def tell_wait(self, number: int) -> None:
        """Say once that nothing is left to do but to wait for another run."""
        if not self._has_told:
            self._has_told = True
            what = "a segment" if number == 1 else f"{number:,} segments"
            self._job.said(
                f"another run on this memory is asking for {what}: waiting for its answers; "
                "what it leaves open is asked here"
            )

    def granted(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that nobody else has claimed."""
        if not (wanted := list(keys)):
            return set()
        granted = self._job.memory.claims.claim(wanted)
        self._held |= granted
        return granted

    def give_back(self, *members: Progress) -> None:
        """These are settled; those with an answer gave their claim back when it was stored."""
        keys = self._held.intersection(progress.ask.key for progress in members)
        self._release(keys)

    def end(self) -> None:
        """Nothing more is asked: what was claimed is free for others."""
        self._release(set(self._held))

    def _release(self, keys: set[str]) -> None:
        if keys:
            self._job.memory.claims.release(keys)
            self._held -= keys
