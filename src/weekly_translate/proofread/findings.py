"""Errors of meaning as findings: what people are told, and what it counts as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.model import ComplaintKind, ErrorCategory, Finding, Severity
from weekly_translate.text.characters import shortened
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import MeaningError, Pair


def meaning_findings(pair: Pair, errors: Iterable[MeaningError]) -> Iterator[Finding]:
    """What is left to say about a translation. It never is an error: only a reader can judge it."""
    segment = pair.segment
    for error in errors:
        yield Finding(
            f"meaning.{error.category}",
            Severity.WARNING if error.is_serious else Severity.INFO,
            message_of(error),
            segment.id,
            segment.line,
            pair.target_line,
            kind=ComplaintKind.MEANING,
            meaning=error,
        )


def message_of(error: MeaningError) -> str:
    """`critical: “telemetry on” for “默认关闭遥测”; better “telemetry off”`."""
    here, there = (_shown(words) for words in (error.source, error.target))
    if error.category is ErrorCategory.OMISSION:
        said = f"{here} is missing" + (f" at {there}" if error.target else "")
    elif not error.source:
        said = f"{there} is not in the source" if error.category is ErrorCategory.ADDITION else there
    else:
        said = f"{there} for {here}"
    if error.correction is None:
        return f"{error.severity}: {said}"
    better = f"better {_shown(error.correction)}" if error.correction else "better without it"
    return f"{error.severity}: {said}; {better}"


def _shown(words: str) -> str:
    return f"“{shortened(' '.join(without_tags(words).split()))}”"
