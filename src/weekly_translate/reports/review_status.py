"""Who still has to look at what: a table of issues, and how far people have come with each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.exchange import Status, Verdict
from weekly_translate.model import Severity
from weekly_translate.reports.columns import aligned, table_of
from weekly_translate.reports.reviewed import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.reports.reviewed import Review, Reviewed

COLUMNS = ("segments", "approved", "edited", "machine", "rejected", "missing", "findings")
"""`missing` has no English yet; `findings` has errors or warnings, and nobody has vouched for it."""


class Progress(NamedTuple):
    """An issue by name, and how many of its segments are what."""

    name: str
    counts: Counter[str]


def progress_of(review: Review) -> Progress:
    """How far people have come; what the edition says in every issue is not counted."""
    segments = [one for one in review.segments if one.origin is not Origin.EDITION]
    counts = Counter(map(_state_of, segments))
    counts["segments"] = len(segments)
    counts["findings"] = sum(map(_needs_a_look, segments))
    return Progress(review.name, counts)


def status_table(issues: Sequence[Progress]) -> str:
    """One line for each issue, and one for all of them where there are several."""
    rows = [["issue", *COLUMNS], *map(_row, issues)]
    if len(issues) > 1:
        total: Counter[str] = sum((issue.counts for issue in issues), Counter())
        rows.append(_row(Progress("all", total)))
    return table_of(aligned(rows, right=range(1, len(COLUMNS) + 1)))


def _state_of(one: Reviewed) -> str:
    if one.decision is not None and one.decision.verdict is Verdict.REJECTED:
        return "rejected"
    if one.target is None:
        return "missing"
    return {Status.APPROVED: "approved", Status.EDITED: "edited"}.get(one.status, "machine")


def _needs_a_look(one: Reviewed) -> bool:
    if one.target is None or one.is_settled:
        return False
    return any(finding.severity is not Severity.INFO for finding in one.findings)


def _row(issue: Progress) -> list[str]:
    return [issue.name, *(f"{issue.counts[column]:,}" for column in COLUMNS)]
