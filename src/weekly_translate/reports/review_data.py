"""A review as JSON: the island that the page reads, and what its server answers.

Offsets count UTF-16 units, as JavaScript does. What is empty is left out: a season has thousands of segments.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from weekly_translate.model import Kind, Severity
from weekly_translate.reports.differences import differences
from weekly_translate.reports.edition_uses import ranges
from weekly_translate.reports.report import SCHEMA, finding_as_data
from weekly_translate.reports.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.model import Finding, Span
    from weekly_translate.reports.reviewed import Review, Reviewed, ShownTag, ShownTerm

_SILENT = frozenset({"seg.missing", "seg.draft"})
"""Their messages name no part of the English."""


def data_of(review: Review) -> dict[str, Any]:
    """`{"schema", "name", "target", "signature", "edition", "rules", "findings", "sections"}`.

    A section is `{"title", "segments"}`; the segments are those of `segment_as_data`.
    """
    return {
        "schema": SCHEMA,
        "name": review.name,
        "target": review.target_name,
        "signature": review.signature,
        "edition": review.edition,
        "rules": [_filled({**rule._asdict(), "lines": ranges(rule.lines)}) for rule in review.rules],
        "findings": [finding_as_data(finding) for finding in review.findings],
        "sections": [
            {"title": title, "segments": [segment_as_data(segment) for segment in segments]}
            for title, segments in groupby(review.segments, key=lambda segment: segment.section)
        ],
    }


def segment_as_data(segment: Reviewed) -> dict[str, Any]:
    """A segment: the fields of `Reviewed`, its word diff and the places that findings speak of."""
    target = segment.target
    data = {
        "id": segment.id,
        "kind": "" if segment.kind is Kind.TEXT else segment.kind.value,
        "line": segment.line,
        "target_line": segment.target_line,
        "source": segment.source,
        "target": target,
        "status": segment.status.name.lower(),
        "settled": segment.is_settled,
        "origin": segment.origin.value,
        "made_by": segment.made_by,
        "title_from": segment.title.value if segment.title else "",
        "remark": segment.remark,
        "link": segment.link,
        "findings": [_finding(finding) for finding in segment.findings],
        "tags": {tag.name: _tag(tag) for tag in segment.tags},
        "terms": [_term(term, segment.source) for term in segment.terms],
        "images": [image._asdict() for image in segment.images],
        "changed": segment.is_changed,
        "diff": _diff(segment),
        "marks": _units(_marks(target, segment.findings), target) if target else [],
        "decision": _filled(segment.decision._asdict()) if segment.decision else None,
        "revision": segment.revision,
        "undoable": segment.undoable,
    }
    return _filled(data)


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", None, False, [], {}, ())}


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "severity": finding.severity.value, "message": finding.message}


def _tag(tag: ShownTag) -> dict[str, str]:
    return _filled({"kind": tag.kind, "address": tag.address, "text": tag.text})


def _term(term: ShownTerm, source: str) -> dict[str, Any]:
    return _filled({**term._asdict(), "spans": _units(term.spans, source)})


def _diff(segment: Reviewed) -> list[tuple[str, str]]:
    if not segment.is_changed or segment.previous is None or segment.target is None:
        return []
    return [(change.kind.value, change.text) for change in word_diff(segment.previous, segment.target)]


def _marks(target: str, findings: Iterable[Finding]) -> list[Span]:
    messages = (
        finding.message
        for finding in findings
        if finding.severity is not Severity.INFO and finding.check not in _SILENT
    )
    return differences(messages, target)


def _units(spans: Iterable[Span], text: str) -> list[tuple[int, int]]:
    """Stretches of a text in UTF-16 units: characters beyond U+FFFF take two."""
    if max(text, default="") <= "\uffff":
        return [(span.start, span.end) for span in spans]
    return [(_length(text[: span.start]), _length(text[: span.end])) for span in spans]


def _length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
