"""Findings that follow from another one on the same line: a fault is told once, by its cause."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import Finding

_LONGER = ("seg.too-long", "seg.sentences", "llm.addition", "num.added")
"""What is said about a text that holds more than its own source."""
_FOLLOWS: dict[str, tuple[str, ...]] = {
    "seg.missing": _LONGER,  # it names the line of another text into which the lost one went
    "md.skeleton": ("seg.sentences", "seg.too-long"),
    "url.added": ("seg.too-long", "seg.sentences", "llm.addition"),  # the words of the link
    "seg.truncated": ("num.missing", "lang.tag"),  # marks that stand at the end of a line
    "seg.too-short": ("num.missing", "lang.tag"),
}
"""For a cause what is not said beside it."""


def without_consequences(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without those that a graver one on the same line of the target explains."""
    findings = list(findings)
    explained: defaultdict[int | None, tuple[str, ...]] = defaultdict(tuple)
    for finding in findings:
        if finding.target_line is not None:
            explained[finding.target_line] += _FOLLOWS.get(finding.check, ())
    for finding in findings:
        if finding.check not in explained.get(finding.target_line, ()):
            yield finding
