"""Rules such as `***` between two sections: one stands in the translation where one stands in the source."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.blocks import selected
from weekly_translate.model import Finding, PassageKind, Severity
from weekly_translate.text.lines import line_starts, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.comparison.lines import Line
    from weekly_translate.comparison.matches import Pairing
    from weekly_translate.model import Document

_NO_RULES_IN = (PassageKind.CODE, PassageKind.HTML, PassageKind.FRONT_MATTER)


class _Stretch(NamedTuple):
    """Lines that have a partner: from where to where they reach, and the line of the partner."""

    first: int
    last: int
    partner: int


def rule_findings(
    source: Document, target: Document, pairing: Pairing, allowed: Allowances
) -> Iterator[Finding]:
    """Rules that are lost or added between two lines that both have a partner."""
    steady = [match for match in pairing.matches if not match.moved]
    here = [_stretch(match.source, match.target) for match in steady]
    there = sorted(_stretch(match.target, match.source) for match in steady)
    before, after = _rules(source), _rules(target)
    dropped, inserted = selected(source.text, allowed.dropped), selected(target.text, allowed.inserted)
    for line in _alone(before, after, here):
        if line not in dropped:
            message = "the rule between two parts is missing"
            yield Finding("md.skeleton", Severity.WARNING, message, source_line=line)
    for line in _alone(after, before, there):
        if line not in inserted:
            message = "the rule between two parts is not in the source"
            yield Finding("md.skeleton", Severity.WARNING, message, target_line=line)


def _stretch(lines: Sequence[Line], partners: Sequence[Line]) -> _Stretch:
    return _Stretch(lines[0].number, lines[-1].end, partners[0].number)


class _Rule(NamedTuple):
    """The line of a rule, and the nearest lines above and below that hold anything."""

    line: int
    above: int
    below: int


def _rules(document: Document) -> list[_Rule]:
    """The thematic breaks of CommonMark 4.1; behind a line of text, `---` makes a heading of it."""
    starts = line_starts(document.text)
    opaque = {
        line
        for passage in document.passages
        if passage.kind in _NO_RULES_IN
        for line in range(bisect_right(starts, passage.span.start), bisect_left(starts, passage.span.end) + 1)
    }
    lines = lines_of(document.text)
    filled = [number for number, line in enumerate(lines, 1) if line.strip()]
    rules = []
    for index, number in enumerate(filled):
        above = filled[index - 1] if index else 0
        if _is_rule(lines[number - 1], behind_text=above == number - 1 > 0) and number not in opaque:
            rules.append(_Rule(number, above, filled[index + 1] if index + 1 < len(filled) else 0))
    return rules


def _is_rule(line: str, *, behind_text: bool) -> bool:
    marks = "".join(line.split())
    indented = line.startswith(("    ", "\t"))
    can_be = "*_" if behind_text else "*_-"
    return len(marks) >= 3 and marks[0] in can_be and len(set(marks)) == 1 and not indented


def _alone(rules: Sequence[_Rule], others: Sequence[_Rule], stretches: Sequence[_Stretch]) -> Iterator[int]:
    """The rules that stand between two lines between whose partners no rule stands."""
    firsts = [stretch.first for stretch in stretches]
    lines = [other.line for other in others]
    for rule in rules:
        index = bisect_left(firsts, rule.line)
        if not 0 < index < len(stretches):
            continue
        upper, lower = stretches[index - 1], stretches[index]
        beside = upper.first <= rule.above <= upper.last and lower.first <= rule.below <= lower.last
        between = bisect_left(lines, lower.partner) - bisect_right(lines, upper.partner)
        if beside and upper.partner < lower.partner and not between:
            yield rule.line
