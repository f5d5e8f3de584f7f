"""A translation that anybody made, compared with its source: the order of the steps, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from weekly_translate.checks.table import findings_of
from weekly_translate.comparison.allowances import Allowances, selected
from weekly_translate.comparison.held import held_findings
from weekly_translate.comparison.judging import Side, judged, learnable
from weekly_translate.comparison.lines import Line, Shape, lines_of
from weekly_translate.comparison.order import order_findings
from weekly_translate.comparison.pairing import paired
from weekly_translate.model import (
    Document,
    Feature,
    FeatureKind,
    Finding,
    PassageKind,
    Segment,
    Severity,
    Term,
)
from weekly_translate.numerals import chinese_quantities, english_quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.checks.fullness import Senses
    from weekly_translate.comparison.matches import Pairing

_OF_MORE_TEXT = ("seg.too-long", "llm.addition", "num.added")
"""What is said about a text that holds another one too, which has been said already."""


def _no_terms(_text: str) -> tuple[Term, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison knows besides the two texts."""

    terms_in: Callable[[str], tuple[Term, ...]] = _no_terms
    """The glossary terms of a text."""
    kept: frozenset[str] = frozenset()
    """Names that may stay Chinese."""
    allowed: Allowances = field(default_factory=Allowances)
    """Deliberate differences."""
    senses: Senses | None = None
    """A dictionary, by which sentences are missed that a length does not show."""


def compared(source: Document, target: Document, rules: Rules) -> list[Finding]:
    """Everything that is wrong with a translation, in the order of the source, with the lines of both sides.

    Both documents come from `markdown.parse(text, every_line=True)`.
    """
    here, there, pairing = _aligned(source, target, rules.allowed)
    sides = Side(source, target)
    findings = [*_front_matter(source, target, rules.allowed)]
    findings += order_findings(here, there, pairing)
    findings += held_findings(pairing)
    longer = {finding.target_line for finding in findings if finding.check == "seg.missing"} - {None}
    checked = partial(findings_of, kept=rules.kept, senses=rules.senses)
    for match in pairing.matches:
        found = judged(match, sides, rules.terms_in, checked, rules.allowed)
        merged = match.target[0].number in longer
        findings += [finding for finding in found if not (merged and finding.check in _OF_MORE_TEXT)]
    return sorted(findings, key=_place(pairing))


def learnable_pairs(
    source: Document, target: Document, allowed: Allowances | None = None
) -> list[tuple[Segment, str]]:
    """Segments with a clean translation, in the source's own tags: what a translation memory may learn."""
    allowed = allowed or Allowances()
    _, _, pairing = _aligned(source, target, allowed)
    sides = Side(source, target)
    return [pair for match in pairing.matches for pair in learnable(match, sides, allowed)]


def _aligned(
    source: Document, target: Document, allowed: Allowances
) -> tuple[list[Line], list[Line], Pairing]:
    dropped = selected(source.text, allowed.dropped)
    inserted = selected(target.text, allowed.inserted)
    here = [
        _moved_addresses(line, allowed)
        for line in lines_of(source, chinese_quantities)
        if line.number not in dropped and not (allowed.front_matter and line.shape is Shape.META)
    ]
    there = [line for line in lines_of(target, english_quantities) if line.number not in inserted]
    return here, there, paired(here, there)


def _moved_addresses(line: Line, allowed: Allowances) -> Line:
    """The line with the addresses that its translation is expected to hold."""
    if not allowed.urls:
        return line
    features = tuple(
        Feature(feature.kind, allowed.address(feature.value), feature.line)
        if feature.kind in (FeatureKind.LINK, FeatureKind.IMAGE)
        else feature
        for feature in line.features
    )
    evidence = frozenset(
        f"{kind}:{allowed.address(value)}" if kind == "url" else f"{kind}:{value}"
        for kind, _, value in (token.partition(":") for token in line.evidence)
    )
    return replace(line, features=features, evidence=evidence)


def _front_matter(source: Document, target: Document, allowed: Allowances) -> Iterator[Finding]:
    """Lost or added front matter; what stands in it is compared line by line where both have one."""
    here, there = (_front_lines(document) for document in (source, target))
    if allowed.front_matter or here.keys() == there.keys() == set():
        return
    if not here or not there:
        message = "the front matter is missing" if here else "there is front matter that the source lacks"
        yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)
        return
    for key in here.keys() | there.keys():
        if key != "title" and here.get(key) != there.get(key):
            message = f"the front matter line '{key}' differs"
            yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)


def _front_lines(document: Document) -> dict[str, str]:
    end = max((p.span.end for p in document.passages if p.kind is PassageKind.FRONT_MATTER), default=0)
    lines = document.text[:end].splitlines()
    return {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines if line.strip("- ")}


def _place(pairing: Pairing) -> Callable[[Finding], tuple[int, int, str]]:
    """Sorts by the line of the source; what is only in the target comes after the line before it."""
    lines = sorted((match.target[0].number, match.source[0].number) for match in pairing.matches)

    def place(finding: Finding) -> tuple[int, int, str]:
        line = finding.source_line
        if line is None:
            before = [here for there, here in lines if there <= (finding.target_line or 0)]
            line = before[-1] if before else 0
        return line, finding.target_line or 0, finding.check

    return place
