"""The issues of a batch: those that can be planned, and one by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.errors import UsageError
from weekly_translate.issue import Order
from weekly_translate.season.batches import assigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from weekly_translate.commands.given import Given
    from weekly_translate.pipeline import Job
    from weekly_translate.pipeline.assignments import Assignment


def assignments_of(
    orders: Iterable[Order], job: Job, refused: Callable[[str], None]
) -> dict[Path, Assignment]:
    """The issues that can be planned; `refused` is told why another one cannot, and the others go on."""
    assignments = {}
    for order in orders:
        try:
            assignments[order.source] = assigned(order, job)
        except UsageError as error:
            refused(str(error))
    return assignments


def issue_at_in(
    given: Given, job: Job, refused: Callable[[str], None]
) -> Callable[[Path], Assignment | None]:
    """An issue by its path; nothing, and `refused` is told why, where it cannot be planned any more."""

    def issue_at(path: Path) -> Assignment | None:
        try:
            return assigned(order_for(path, given), job)
        except UsageError as error:
            refused(str(error))
            return None

    return issue_at


def order_for(path: Path, given: Given) -> Order:
    """A source to be read as the options say."""
    return Order(path, encoding=given["encoding"], fix_mojibake=given["fix_mojibake"])
