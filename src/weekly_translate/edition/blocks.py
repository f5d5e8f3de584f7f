"""Blocks that an edition drops or replaces: which lines these are, and that no item is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.lines import section, selected
from weekly_translate.edition.outcomes import Use
from weekly_translate.edition.templates import filled
from weekly_translate.edition.values import RuleKind
from weekly_translate.lines import lines_of
from weekly_translate.model import FeatureKind, MarkKind, PassageKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from weekly_translate.edition.values import Edition, Replacement
    from weekly_translate.model import Document


class Block(NamedTuple):
    """Lines that one rule takes away, and the text that stands where the first of them stood."""

    rule: Replacement
    lines: tuple[int, ...]
    text: str

    @property
    def use(self) -> Use:
        """The block as a rule that fired."""
        kind = RuleKind.REPLACED if self.text else RuleKind.DROPPED
        return Use(kind, self.rule.name, self.lines, self.text)


def blocks_of(
    document: Document,
    edition: Edition,
    values: Mapping[str, str],
    without: frozenset[str],
    reserved: frozenset[int],
) -> tuple[Block, ...]:
    """What the rules take away, but of `reserved` lines. A line belongs to the first rule that means it."""
    opaque = _code_lines(document)
    lines = lines_of(document.text)
    taken = set(reserved)
    blocks: list[Block] = []
    for rule in edition.replaced:
        if rule.name in without:
            continue
        meant = _whole(selected(document.text, (rule.where,), opaque), document) - taken
        found = [number for number in sorted(meant) if lines[number - 1].strip()]
        taken.update(found)
        runs = _runs(found, lines) if rule.where.kind == "text" else [found] if found else []
        blocks += [Block(rule, tuple(run), _text(rule, lines[run[0] - 1], values)) for run in runs]
    return tuple(blocks)


def faults_of(blocks: Iterable[Block], document: Document, edition: Edition) -> Iterator[str]:
    """Items that would be lost, and section headings whose items would stand below another one."""
    items = {mark.line: mark.value for mark in document.marks if mark.kind is MarkKind.ITEM}
    headings = {feature.line for feature in document.features if feature.kind is FeatureKind.HEADING}
    blocks = tuple(blocks)
    covered = {line for block in blocks for line in block.lines}
    lines = lines_of(document.text)
    for block in blocks:
        place = f"{edition.file}:{block.rule.line}: the rule '{block.rule.name}'"
        remedy = f"Narrow it, or leave it out for this issue: 'overrides: … without: [{block.rule.name}]'."
        for line in block.lines:
            if line in items:
                yield f"{place} would drop item {items[line]} of line {line}. {remedy}"
            elif line in headings:
                below = [one for one in section(lines, line) if one in items and one not in covered]
                if below:
                    yield f"{place} would take the heading of line {line} from the items below it. {remedy}"


def _whole(numbers: frozenset[int], document: Document) -> frozenset[int]:
    """The lines, and those on which a segment goes on that has begun in them: a link over two lines."""
    more = set(numbers)
    for segment in document.segments:
        length = len(lines_of(document.text[slice(*segment.span)]))
        if length > 1 and not more.isdisjoint(lines := range(segment.line, segment.line + length)):
            more.update(lines)
    return frozenset(more)


def _runs(numbers: list[int], lines: list[str]) -> Iterator[list[int]]:
    """Lines that follow one another, blank ones between them left aside."""
    run: list[int] = []
    for number in numbers:
        if run and any(lines[between - 1].strip() for between in range(run[-1] + 1, number)):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _text(rule: Replacement, line: str, values: Mapping[str, str]) -> str:
    """The text of a rule, in which the named groups of its pattern are variables too."""
    if not rule.text or (rule.since and values.get("date") and values["date"] < rule.since):
        return ""
    match = rule.where.pattern.search(line)
    groups = {name: value or "" for name, value in match.groupdict().items()} if match else {}
    return filled(rule.text, {**values, **groups})


def _code_lines(document: Document) -> frozenset[int]:
    """Lines of code and of formulas: what looks like a heading there is none."""
    numbers: set[int] = set()
    for passage in document.passages:
        code = document.text[slice(*passage.span)]
        if passage.kind is PassageKind.CODE and len(lines_of(code)) > 1:
            start = len(lines_of(document.text[: passage.span.start]))
            numbers.update(range(start, start + len(lines_of(code.rstrip("\r\n")))))
    return frozenset(numbers)
