"""A dry run as JSON: the text that would be written, and each segment with what the file has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weekly_translate.reports.report import as_json, finding_as_data

if TYPE_CHECKING:
    from weekly_translate.reports.reviewed import Review, Reviewed


def dry_run_json(review: Review, facts: dict[str, Any]) -> str:
    """The `facts`, then `edition`, `text` (the whole English document), `findings`, `segments`."""
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
