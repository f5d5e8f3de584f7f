"""Complaints that are settled: by the model, which stands by its text, or by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.model import ComplaintKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.model import Finding, Settlement


def settled(findings: Iterable[Finding], settlement: Settlement | None) -> list[Finding]:
    """The findings of a text; those that are settled are informations, and say by whom."""
    return [_settled(finding, settlement) if settlement else finding for finding in findings]


def _settled(finding: Finding, settlement: Settlement) -> Finding:
    if settlement.who:
        return as_information(finding, f"accepted by {settlement.who}: {settlement.reason}")
    if finding.kind is ComplaintKind.DOUBTFUL and finding.check in settlement.checks:
        return as_information(finding, "the model was asked and stands by its text")
    return finding


def as_information(finding: Finding, why: str) -> Finding:
    """A finding that blocks and asks nothing any more; `why` stands behind its message."""
    if finding.severity is Severity.INFO:
        return finding
    message = f"{finding.message} ({why})"
    return replace(finding, severity=Severity.INFO, message=message, settled=True)
