"""In which format an endpoint is asked: the strictest that it takes, found out once and remembered (D3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.llm.replies import ProblemKind
from weekly_translate.model import Format

if TYPE_CHECKING:
    from weekly_translate.llm.replies import ParsedReply
    from weekly_translate.run.job import Job

_LADDER = tuple(Format)
_HOPELESS = 3
"""So many unreadable replies, and no readable one, give a format up."""


class FormatLadder:
    """The current rung for all workers of a run. It only goes down."""

    def __init__(self, job: Job) -> None:
        """Begin where the memory says that this engine was left."""
        self._job = job
        facts = job.memory.capability(job.engine.endpoint, job.engine.name)
        self.rung = Format(facts.get("format", Format.SCHEMA))
        self._unreadable: Counter[Format] = Counter()
        self._readable: set[Format] = set()

    @property
    def single(self) -> bool:
        """Whether a request has room for one segment only."""
        return self.rung is Format.SINGLE

    def is_bad_luck(self, reading: ParsedReply, asked: Format) -> bool:
        """Whether nothing could be read in an answer, though the endpoint keeps to the format `asked`."""
        return reading.lost and asked in self._readable

    def learn(self, reading: ParsedReply, asked: Format) -> None:
        """Draw the consequence from a reply to a request in the format `asked`."""
        if any(problem.kind is ProblemKind.UNREADABLE for problem in reading.problems):
            self._unreadable[asked] += 1
            if self._unreadable[asked] >= _HOPELESS and asked not in self._readable:
                self.step_down(asked)
        elif reading.targets:
            self._readable.add(asked)

    def step_down(self, refused: Format) -> None:
        """One rung down from `refused`, unless another worker was quicker; remembered for the next run."""
        if self.rung is refused and refused is not _LADDER[-1]:
            self.rung = _LADDER[_LADDER.index(refused) + 1]
            engine = self._job.engine
            self._job.memory.learn_capability(engine.endpoint, engine.name, {"format": self.rung})
