"""Findings as JSON, for the next program. The shape has a number: `schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weekly_translate.reports.report import as_json, finding_as_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.reports.judged import Judged


def json_of(pair: Judged) -> str:
    """One pair: `{"schema", "source", "target", "findings", "suppressed"}`.

    What is suppressed has the fields of a finding and a `reason`.
    """
    return as_json(_as_data(pair))


def json_of_many(pairs: Sequence[Judged]) -> str:
    """Several pairs: `{"schema", "pairs": [{"source", "target", "findings", "suppressed"}]}`."""
    return as_json({"pairs": [_as_data(pair) for pair in pairs]})


def _as_data(pair: Judged) -> dict[str, Any]:
    return {
        "source": pair.source.name,
        "target": pair.target.name,
        "findings": [finding_as_data(finding) for finding in pair.findings],
        "suppressed": [{**finding_as_data(one.finding), "reason": one.reason} for one in pair.suppressed],
    }
