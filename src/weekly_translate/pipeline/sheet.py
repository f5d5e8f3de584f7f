"""Requests as a person answers them in an editor: a line for each segment, with a place for the English."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weekly_translate.pipeline.batching import Part


def sheet_line(part: Part) -> bytes:
    """A request for one segment as a line of JSON, in which `answer` is still empty.

    One that did not pass also holds the English that it got, and the complaints.
    """
    (progress,) = part.question.members
    segment, best = progress.ask.segment, progress.best
    line: dict[str, object] = {"custom_id": part.asked.id, "kind": segment.kind.value, "zh": segment.text}
    if segment.hint:
        line["hint"] = segment.hint
    if progress.ask.terms:
        line["terms"] = [f"{term.source}: {term.target}" for term in progress.ask.terms]
    if best is not None:
        line["en"] = best.target
        line["complaints"] = [finding.message for finding in (*best.errors, *best.doubts)]
    return json.dumps({**line, "answer": ""}, ensure_ascii=False).encode() + b"\n"
