"""A translation that anybody made, compared with its source: the order of the steps, and nothing else."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from weekly_translate.checks.table import findings_of
from weekly_translate.comparison.allowances import Allowances
from weekly_translate.comparison.breaks import rule_findings
from weekly_translate.comparison.consequences import without_consequences
from weekly_translate.comparison.fences import fence_findings, unfenced
from weekly_translate.comparison.held import held_findings
from weekly_translate.comparison.judging import Side, judged
from weekly_translate.comparison.order import order_findings
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import Document, Finding, Severity, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from weekly_translate.checks.counterparts import Senses
    from weekly_translate.comparison.matches import Match, Pairing
    from weekly_translate.model import Pair

if TYPE_CHECKING:
    SegmentCheck = Callable[[Pair], list[Finding]]


class TermsIn(Protocol):
    """The glossary terms of a text, in the sense that they have under a heading."""

    def __call__(self, text: str, section: str = "") -> tuple[Term, ...]:
        """Each once, in order."""


def _no_terms(text: str, section: str = "") -> tuple[Term, ...]:  # noqa: ARG001 - as a glossary is asked
    return ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison knows besides the two texts."""

    terms_in: TermsIn = _no_terms
    kept: frozenset[str] = frozenset()
    """Names that may stay Chinese."""
    allowed: Allowances = field(default_factory=Allowances)
    """Deliberate differences."""
    senses: Senses | None = None
    """A dictionary, by which sentences are missed that a length does not show."""


def segment_check(rules: Rules) -> SegmentCheck:
    """The checks of a segment, told what the rules know."""
    return partial(findings_of, kept=rules.kept, senses=rules.senses)


def compared(
    source: Document, target: Document, rules: Rules, checked: SegmentCheck | None = None
) -> list[Finding]:
    """Everything that is wrong with a translation, in the order of the source, with the lines of both sides.

    Both documents come from `markdown.parse(text, every_line=True)`. `checked` stands for the `segment_check`
    of the rules where somebody remembers what it said.
    """
    findings = [*_front_matter(source, target, rules.allowed)]
    fenced, target, (here, there, pairing) = unfenced(source, target, rules.allowed)
    sides = Side(source, target)
    sections = sections_of(source)
    findings += fence_findings(fenced, pairing)
    findings += order_findings(here, there, pairing)
    findings += held_findings(pairing)
    findings += rule_findings(source, target, pairing, rules.allowed)
    checked = checked or segment_check(rules)
    for match in pairing.matches:
        terms_in = partial(rules.terms_in, section=_section(match, sections))
        findings += judged(match, sides, terms_in, checked, rules.allowed)
    return sorted(without_consequences(findings), key=_place(pairing))


def _section(match: Match, sections: Mapping[str, str]) -> str:
    """The heading that matched lines stand under."""
    segments = (segment for line in match.source for segment in line.segments)
    return next((sections.get(segment.id, "") for segment in segments), "")


def _front_matter(source: Document, target: Document, allowed: Allowances) -> Iterator[Finding]:
    """Lost or added front matter; what stands in it is compared line by line where both have one."""
    here, there = (_front_lines(document) for document in (source, target))
    if allowed.front_matter or here.keys() == there.keys() == set():
        return
    if not here or not there:
        message = "the front matter is missing" if here else "there is front matter that the source lacks"
        yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)
        return
    for key in here | there:
        if key != "title" and here.get(key) != there.get(key):
            message = f"the front matter line '{key}' differs"
            yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)


def _front_lines(document: Document) -> dict[str, str]:
    lines = document.text[: document.front_matter_end].splitlines()
    return {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines if line.strip("- ")}


def _place(pairing: Pairing) -> Callable[[Finding], tuple[int, int, str]]:
    """Sorts by the line of the source; what is only in the target comes after the line before it."""
    lines = sorted((match.target[0].number, match.source[0].number) for match in pairing.matches)

    def place(finding: Finding) -> tuple[int, int, str]:
        line = finding.source_line
        if line is None:
            before = bisect_right(lines, finding.target_line or 0, key=lambda pair: pair[0])
            line = lines[before - 1][1] if before else 0
        return line, finding.target_line or 0, finding.check

    return place
