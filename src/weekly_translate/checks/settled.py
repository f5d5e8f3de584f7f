"""Complaints that are settled: by the model, which stands by its text, or by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.model import ComplaintKind, Settled, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.model import Finding, Settlement


def settled(findings: Iterable[Finding], settlement: Settlement | None) -> list[Finding]:
    """The findings of a text; those that are settled are informations, and say by whom."""
    return [_settled(finding, settlement) if settlement else finding for finding in findings]


def _settled(finding: Finding, settlement: Settlement) -> Finding:
    if settlement.who:
        why = f"accepted by {settlement.who}: {settlement.reason}"
        return as_information(finding, Settled(settlement.who, settlement.reason), why)
    if finding.kind is ComplaintKind.DOUBTFUL and finding.check in settlement.checks:
        why = "the model was asked and stands by its text"
        return as_information(finding, Settled("model", "stands by its text"), why)
    return finding


def as_information(finding: Finding, settled: Settled, why: str) -> Finding:
    """A finding that blocks and asks nothing any more; `why` stands behind its message."""
    if finding.severity is Severity.INFO:
        return finding
    message = f"{finding.message} ({why})"
    return replace(finding, severity=Severity.INFO, message=message, settled=settled)
