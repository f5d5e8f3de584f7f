"""A document as its edition wants it, every difference declared (D6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.blocks import HOLE, Inserted, blocks_of, faults_of, seam_texts, seams_of
from weekly_translate.edition.choosing import issue_of, override_for
from weekly_translate.edition.rewriting import (
    ADDRESSED,
    ascii_signs,
    frame_of,
    localized,
    moved,
    settled_headings,
    written_marks,
)
from weekly_translate.edition.values import Edited, Rule, RuleKind, missing_for, values_for
from weekly_translate.errors import FaultsError
from weekly_translate.markdown.segments import parse
from weekly_translate.model import USUAL, Dialect, Feature, Passage, PassageKind, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.edition.blocks import Seam
    from weekly_translate.edition.choosing import Choice, Editions
    from weekly_translate.edition.rewriting import HalfHeading
    from weekly_translate.edition.values import Edition, Issue, Use
    from weekly_translate.model import Document, Segment


def rules_of(edition: Edition) -> tuple[Rule, ...]:
    """The rules for headings, blocks and addresses, in the order of the file."""
    rules = [Rule(RuleKind.HEADING, one.pattern.pattern, one.line) for one in edition.headings]
    rules += [Rule(one.kind, one.name, one.line) for one in edition.replaced]
    rules += [Rule(RuleKind.ADDRESS, one.name, one.line) for one in edition.urls]
    return tuple(sorted(rules, key=lambda rule: rule.line))


def unused(edition: Edition, uses: Iterable[Use]) -> tuple[Rule, ...]:
    """The rules that fired in none of the issues whose uses these are: what they look for is gone."""
    uses = tuple(uses)
    fired = {(use.kind, use.rule) for use in uses} | {
        # A promotion that is dropped, because it did not exist yet, has been found all the same.
        (RuleKind.REPLACED, use.rule)
        for use in uses
        if use.kind is RuleKind.DROPPED
    }
    return tuple(rule for rule in rules_of(edition) if (rule.kind, rule.name) not in fired)


# --------------------------------------------------------------------------- what is left to translate


def remaining(
    document: Document, covered: Collection[int], seams: Iterable[Seam], cut: Segment | None
) -> Document:
    """The document without what stands on covered lines, but for the segment that is left of the title."""
    spans = [seam.span for seam in seams]
    segments = tuple(
        cut if cut is not None and one.id == cut.id else one
        for one in document.segments
        if one.line not in covered or (cut is not None and one.id == cut.id)
    )
    free = [cut.span] if cut is not None else []
    passages = [
        *(
            Passage(span, one.kind)
            for one in document.passages
            for span in _without(one.span, [*spans, *free])
        ),
        *(Passage(span, PassageKind.EDITION) for seam in spans for span in _without(seam, free)),
    ]
    return replace(
        document,
        segments=segments,
        passages=tuple(sorted(passages, key=lambda passage: passage.span)),
        marks=tuple(mark for mark in document.marks if mark.line not in covered),
        features=tuple(feature for feature in document.features if feature.line not in covered),
        findings=tuple(finding for finding in document.findings if finding.source_line not in covered),
    )


def _without(span: Span, others: Sequence[Span]) -> Iterator[Span]:
    """The parts of a stretch that lie in none of the others."""
    start = span.start
    for other in sorted(one for one in others if one.start < span.end and span.start < one.end):
        if start < other.start:
            yield Span(start, other.start)
        start = max(start, other.end)
    if start < span.end:
        yield Span(start, span.end)


# --------------------------------------------------------------------------- what the English has to hold


def expected_features(
    features: Iterable[Feature],
    covered: Collection[int],
    seams: Iterable[Seam],
    edition: Edition,
    features_in: FeaturesIn,
) -> tuple[Feature, ...]:
    """In output order: features of lines that stay, with their new addresses, and those of the new texts.

    They come of the source and the edition, and not of what was assembled.
    """
    kept = [
        (
            2 * one.line,
            replace(one, value=moved(one.value, edition.urls)) if one.kind in ADDRESSED and one.span else one,
        )
        for one in features
        if one.line not in covered
    ]
    added = [
        (2 * seam.after + 1, replace(feature, line=max(seam.after, 1)))
        for seam in seams
        for feature in features_in(seam.text)
    ]
    return tuple(feature for _, feature in sorted([*kept, *added], key=lambda entry: entry[0]))


# --------------------------------------------------------------------------- applying an edition

FeaturesIn = Callable[[str], tuple[Feature, ...]]
"""What a text of the edition holds: `lambda text: parse(text).features`."""


def edited(document: Document, edition: Edition, issue: Issue, features_in: FeaturesIn) -> Edited:
    """Take away, put in and settle what the edition says. Nothing of that is ever shown to a model.

    Raises `FaultsError` with every reason why it cannot be done: a rule that would drop an item, a template
    that needs what nobody knows.
    """
    override = override_for(edition, issue)
    _refuse(missing_for(edition, issue, override))
    values = values_for(edition, issue, override)
    frame = frame_of(document, edition, issue, values)
    blocks = blocks_of(document, edition, values, override.without, frame.reserved)
    _refuse(faults_of(blocks, document, edition))
    covered = frame.covered.union(*(block.lines for block in blocks))
    inserted = [*frame.inserted, *(Inserted(block.lines[0], block.text) for block in blocks if block.text)]
    seams = tuple(seams_of(document.text, covered, inserted))

    left = remaining(document, covered, seams, frame.cut)
    settled, halves, heading_uses = settled_headings(left, edition.headings)
    left = _with_halves(left, halves)
    half_fixed = {span: text for half in halves.values() for span, text in half.fixed.items()}
    addresses, address_uses = localized(left.features, edition.urls)
    marks, mark_uses = written_marks(left, edition)
    fixed = {**ascii_signs(left), **marks, **addresses, **half_fixed, **frame.fixed}
    whole = [seam._replace(text=seam.text.replace(HOLE, frame.words or "x")) for seam in seams]
    return Edited(
        document=replace(left, findings=(*issue.findings, *left.findings)),
        fixed=fixed | seam_texts(seams, document.text, fixed, frame.cut.span if frame.cut else None),
        settled={**settled, **frame.settled},
        expected=expected_features(document.features, covered, whole, edition, features_in),
        uses=(
            *frame.uses,
            *heading_uses,
            *(block.use for block in blocks),
            *mark_uses,
            *address_uses,
        ),
        covered=covered,
        inserted=tuple(one.text for one in inserted),
    )


def _with_halves(document: Document, halves: Mapping[str, HalfHeading]) -> Document:
    """The document in which a heading that is half settled is left to translate in its other half."""
    segments = tuple(halves[one.id].left if one.id in halves else one for one in document.segments)
    settled = [Passage(span, PassageKind.EDITION) for half in halves.values() for span in half.fixed]
    passages = [*document.passages, *(one for one in settled if one.span.start < one.span.end)]
    return replace(
        document, segments=segments, passages=tuple(sorted(passages, key=lambda passage: passage.span))
    )


def _refuse(faults: Iterable[str]) -> None:
    if found := tuple(faults):
        raise FaultsError(found)


class Manuscript(NamedTuple):
    """A document under its edition."""

    choice: Choice
    issue: Issue
    edited: Edited


def manuscript_of(text: str, name: str, editions: Editions, *, every_line: bool = False) -> Manuscript:
    """The document `text`, whose file is called `name`. Raises `InputRefusedError` and `UsageError`."""
    choice = editions.choice_for(text)
    document = parse(text, every_line=every_line, marks=choice.edition.marks, dialect=choice.dialect)
    issue = issue_of(document, choice.edition, name)
    applied = edited(document, choice.edition, issue, partial(features_in, dialect=choice.dialect))
    return Manuscript(choice, issue, applied)


def features_in(text: str, dialect: Dialect = USUAL) -> tuple[Feature, ...]:
    """What a text holds that has to be in the English."""
    return parse(text, dialect=dialect).features
