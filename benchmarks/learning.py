"""What published issues teach: how much of a compilation the memory serves then, and what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.texts import ROOT, compilation, published
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.style import PreparedPair, Rules
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.markdown.segments import parse
from weekly_translate.report.season_table import shares_of_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

_GOAL = 0.89
_LEARNED = 0.5
"""Of sections that were not learned, a few fixed phrases are known."""


def learning() -> Iterator[Row]:
    """For each learned issue: served, faulty in its published translation, worded otherwise in the book."""
    document = parse(compilation().content)
    learned: set[str] = set()
    faulty: set[str] = set()
    finder = read_glossary(None, ROOT).matcher
    for source, target in published():
        sides = parse(source, every_line=True), parse(target, every_line=True)
        lessons = lessons_in(PreparedPair(*sides, Rules(finder)))
        learned |= {lesson.segment.text for lesson in lessons if not lesson.fault}
        faulty |= {lesson.segment.text for lesson in lessons if lesson.fault}
    shares = [
        shares_of_sections(document, {one.id for one in document.segments if one.text in texts})
        for texts in (learned, faulty - learned)
    ]
    for served, refused in zip(*shares, strict=True):
        if served.share > _LEARNED:
            rest = 1 - served.share - refused.share
            measured = f"{served.share:.1%}, {refused.share:.1%} faulty in print, {rest:.1%} other words"
            name = f"learned and served: {served.heading}"
            yield Row(name, measured, f">= {_GOAL:.0%}", served.share >= _GOAL)
