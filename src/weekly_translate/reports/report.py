"""The report of a run as JSON, for CI and for the next program. Its shape has a number: `schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from weekly_translate.exchange import Usage
    from weekly_translate.model import Finding

SCHEMA = 1


def finding_as_data(finding: Finding) -> dict[str, Any]:
    """A finding in the shape that `check --format json` and reports share."""
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "message": finding.message,
        "segment": finding.segment,
        "source_line": finding.source_line,
        "target_line": finding.target_line,
    }


def usage_as_data(usage: Usage, cost: Decimal | None) -> dict[str, Any]:
    """Requests, tokens and dollars; an unknown cost is null."""
    return {
        "requests": usage.requests,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "completion_tokens": usage.completion,
        "cost_usd": None if cost is None else float(cost),
    }


def report_of(facts: dict[str, Any], findings: Iterable[Finding], segments: Iterable[dict[str, Any]]) -> str:
    """The whole report; `facts` say what was run, and how it ended."""
    found = [finding_as_data(finding) for finding in findings]
    return as_json({**facts, "findings": found, "segments": list(segments)})


def as_json(data: Mapping[str, Any]) -> str:
    """The data with the number of their shape, for a file or the standard output."""
    text = json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False, indent=2) + "\n"
    # A file name may hold bytes that are no UTF-8, as half characters: a JSON escape, as it happens.
    return text.encode("utf-8", "backslashreplace").decode()
