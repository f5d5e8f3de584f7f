"""Reports as JSON for CI and other programs. Their shape has a number: `schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.model import Severity, Usage
from weekly_translate.report.season_table import COUNTED, total_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from weekly_translate.checks.characters import Leftover
    from weekly_translate.model import Finding, MeaningError
    from weekly_translate.report.findings import Judged
    from weekly_translate.report.review_values import Review, Reviewed
    from weekly_translate.report.season_table import Account, Inventory, Variety

SCHEMA = 1


def as_json(data: Mapping[str, Any]) -> str:
    """`{"schema", **data}` as text, for a file or the standard output."""
    text = json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False, indent=2) + "\n"
    # A file name may hold bytes that are no UTF-8, as half characters: a JSON escape, as it happens.
    return text.encode("utf-8", "backslashreplace").decode()


def finding_as_data(finding: Finding) -> dict[str, Any]:
    """A finding in the shape that `check --format json` and reports share."""
    data: dict[str, Any] = {
        "check": finding.check,
        "severity": finding.severity.value,
        "kind": finding.kind.value,
        "message": finding.message,
        "segment": finding.segment,
        "source_line": finding.source_line,
        "target_line": finding.target_line,
    }
    data |= {"settled": finding.settled._asdict()} if finding.settled else {}
    return data | {"meaning": meaning_as_data(finding.meaning)} if finding.meaning else data


def meaning_as_data(error: MeaningError) -> dict[str, Any]:
    """What a second reader has named: both spans, and what it would write."""
    return {
        "source": error.source,
        "target": error.target,
        "category": error.category.value,
        "severity": error.severity.value,
        "correction": error.correction,
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


def dry_run_json(review: Review, facts: dict[str, Any]) -> str:
    """A dry run: the `facts`, then `edition`, `text` (the English document), `findings`, `segments`."""
    return as_json(
        {
            **facts,
            "edition": {"name": review.edition, "rules": [rule._asdict() for rule in review.rules]},
            "text": review.text,
            "findings": [finding_as_data(finding) for finding in review.findings],
            "segments": [_segment(one) for one in review.segments],
        }
    )


def _segment(one: Reviewed) -> dict[str, Any]:
    """A segment in tagged text; `previous` is null where the English file has nothing for it."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "section": one.section,
        "source_line": one.line,
        "target_line": one.target_line,
        "source": one.source,
        "target": one.target,
        "previous": one.previous,
        "changed": one.is_changed,
        "origin": one.origin.value,
        "made_by": one.made_by,
        "findings": [finding_as_data(finding) for finding in one.findings],
    }


class Idle(NamedTuple):
    """A rule of an edition that fired in none of its issues."""

    file: str
    line: int
    kind: str
    name: str
    issues: int
    """How many issues took the edition."""


class Season(NamedTuple):
    """All that is told of a season at its end."""

    accounts: Sequence[Account]
    varieties: Sequence[Variety] = ()
    idle: Sequence[Idle] = ()
    inventories: Sequence[Inventory] = ()


def season_report(season: Season, facts: Mapping[str, Any]) -> str:
    """The whole report; `facts` say what was run, and how it ended."""
    accounts = season.accounts
    usage = sum((one.usage for one in accounts), Usage())
    data = {
        **facts,
        "usage": usage_as_data(usage, total_cost(accounts)),
        "issues": [_issue(one) for one in accounts],
        "inventory": [_inventory(one) for one in season.inventories],
        "renderings": [_variety(one) for one in season.varieties],
        "unused_rules": [one._asdict() for one in season.idle],
    }
    return as_json(data)


def account_as_data(one: Account) -> dict[str, Any]:
    """What became of an issue, in numbers: no word of it but its name."""
    return {
        "name": one.name,
        "result": one.ending.name.lower(),
        "written": one.ending.is_written,
        "segments": one.counts._asdict(),
        "memory_share": round(one.share, 4),
        "usage": usage_as_data(one.usage, one.cost),
        "seconds": round(one.seconds, 3),
        "counts": {kind.value: one.number_of(kind) for kind in Severity},
    }


def _issue(one: Account) -> dict[str, Any]:
    """Drafts are counted with the segments."""
    told = (finding for finding in one.findings if not finding.is_of_draft)
    return {
        **account_as_data(one),
        "source": one.source,
        "target": one.target,
        "why": one.why or one.ending.value,
        "signature": one.signature or None,
        "errors_dropped": one.dropped_errors,
        "edition": one.edition or None,
        "findings": [finding_as_data(finding) for finding in told],
        "chinese": left_as_data(one.left),
        "rules": [{"kind": use.kind, "rule": use.rule, "lines": list(use.lines)} for use in one.rules],
    }


def left_as_data(left: Iterable[Leftover]) -> list[dict[str, Any]]:
    """The Chinese that is left, where a reader sees it."""
    return [{"place": one.place, "line": one.line, "text": one.words} for one in left if one.is_seen]


def _inventory(one: Inventory) -> dict[str, Any]:
    """What an issue should hold and does; `texts` are those that its edition has for it."""
    counts = {
        COUNTED[kind]: {"found": found, "expected": expected}
        for kind, (found, expected) in one.counts.items()
    }
    return {
        "name": one.name,
        "edition": one.edition,
        "whole": one.is_whole,
        **counts,
        "chinese_lines": one.chinese,
        "texts": one.texts,
    }


def _variety(one: Variety) -> dict[str, Any]:
    renderings = [
        {"text": text, "places": [place._asdict() for place in places]}
        for text, places in one.renderings.items()
    ]
    return {"kind": one.kind, "source": one.source, "renderings": renderings}
