"""What has become of answers that came later than they were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.pipeline.attempts import Progress
    from weekly_translate.translation.reply import Reading


class Unpassed(NamedTuple):
    """A segment whose answer is not used."""

    source: Path
    line: int
    why: str


class Tally(NamedTuple):
    """What has become of the answers: the first numbers count segments, the last ones requests."""

    answered: int = 0
    """Stored: the next run finds them in the memory."""
    again: int = 0
    """The answer did not pass, or there was none: the next run or batch asks again."""
    known: int = 0
    """Answered by now in another way."""
    outdated: int = 0
    """No longer in the source, or asked for in other words: terms, prompts or the edition have changed."""
    twice: int = 0
    """Requests with more than one answer."""
    unknown: int = 0
    """Lines that answer no request which this memory knows, broken ones among them."""
    failed: int = 0
    """Requests without an answer."""

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        """All of both."""
        return Tally(*(one + another for one, another in zip(self, other, strict=True)))


def fault_of(progress: Progress, reading: Reading) -> str:
    """What is wrong with the answer for a segment; where there is none, why."""
    for problem in reading.problems:
        if progress.ask.segment.id in problem.segments:
            return problem.message
    if progress.best is None:
        return progress.failure
    return "; ".join(finding.message for finding in (*progress.best.errors, *progress.best.doubts))
