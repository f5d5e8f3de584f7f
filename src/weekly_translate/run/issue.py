"""One issue of a run: what a person asked for, how it was planned, and what has become of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import read_text
from weekly_translate.model import Severity, Status, Usage
from weekly_translate.report.season import Ending
from weekly_translate.run.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.files import TextFile
    from weekly_translate.model import Finding
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData
    from weekly_translate.run.render import Rendering


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for."""

    source: Path
    out: Path | None = None
    encoding: str | None = None
    fix_mojibake: bool = False
    allow_partial: bool = False
    dry_run: bool = False

    def read(self) -> TextFile:
        """The source. Raises `UsageError`, and `InputRefusedError` for what is no text."""
        return read_text(self.source, encoding_hint=self.encoding, fix_mojibake=self.fix_mojibake)


class PlannedIssue(NamedTuple):
    """A file that was read and looked up, and how long that took."""

    order: Order
    source: TextFile
    plan: Plan
    seconds: float


class RefusedIssue(NamedTuple):
    """A file that is not translated, and why."""

    order: Order
    failure: UsageError


def planned(order: Order, data: ProjectData) -> PlannedIssue:
    """Read a file and look it up. Raises `UsageError`."""
    begun = time.monotonic()
    source = order.read()
    plan = plan_of(source.text, data, order.source.name)
    return PlannedIssue(order, source, plan, time.monotonic() - begun)


def all_planned(orders: Iterable[Order], data: ProjectData) -> Iterator[PlannedIssue | RefusedIssue]:
    """The same of many files."""
    for order in orders:
        try:
            yield planned(order, data)
        except UsageError as error:
            yield RefusedIssue(order, error)


@dataclass(frozen=True, slots=True)
class Result:
    """What has become of an issue, whose text may be written or not."""

    order: Order
    source: TextFile
    plan: Plan
    rendering: Rendering
    usage: Usage = field(default_factory=Usage)
    failure: WeeklyTranslateError | None = None
    """What stopped the run before the end of this issue."""
    seconds: float = 0.0
    """How long it took to look it up, and from its first request to its last answer."""
    ending: Ending | None = None
    """What happened to the file; None where nothing was to be written."""
    why: str = ""
    """A sentence, where the name of the ending does not say it all."""
    diff: str = ""
    """What a person has changed in the file that it was to replace."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the checks say about it."""
        return self.rendering.findings

    @property
    def code(self) -> ExitCode:
        """What the shell is told, if this is the only issue."""
        if self.failure is not None:
            return self.failure.exit_code
        if self.ending in (Ending.HELD, Ending.FOREIGN):
            return ExitCode.PARTIAL
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return ExitCode.FINDINGS if errors else ExitCode.DONE

    @property
    def signature(self) -> str:
        """How it was made: engine | prompts | glossary | edition."""
        return self.plan.data.signature

    @property
    def written(self) -> bool:
        """Whether the text has gone to its file, or to whoever asked for it."""
        return self.ending is not None and self.ending.is_written

    @property
    def drafts(self) -> int:
        """How many segments of the text are drafts."""
        segments = self.rendering.segments
        return sum(one.status is Status.DRAFT and one.target is not None for one in segments)

    @property
    def not_asked(self) -> frozenset[str]:
        """The ids of the segments that the run did not come to."""
        segments = self.rendering.segments
        return frozenset(one.segment.id for one in segments if one.target is None and not one.origin)

    @property
    def begun(self) -> bool:
        """Whether anything was known or answered before a failure ended the run."""
        return self.failure is None or len(self.not_asked) < len(self.rendering.segments)
