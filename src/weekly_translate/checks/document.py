"""The whole document again: every link, image, code span, heading and item of the source is in the target."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.alignment import aligned, displaced
from weekly_translate.model import Document, Feature, FeatureKind, Finding, MarkKind, Severity
from weekly_translate.text.lines import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST_SHOWN = 120


class Ids(NamedTuple):
    """The name of a kind of feature in messages, and the ids of what can happen to it."""

    name: str
    missing: str
    added: str
    changed: str
    order: str = ""
    duplicate: str = ""


IDS = {
    FeatureKind.LINK: Ids("link", "url.missing", "url.added", "url.changed", "seg.swapped", "url.duplicate"),
    FeatureKind.IMAGE: Ids("image", "img.missing", "img.added", "img.missing", "img.order"),
    FeatureKind.CODE: Ids("code", "code.missing", "code.added", "code.changed"),
    FeatureKind.HTML: Ids("HTML", "md.html", "md.html", "md.html"),
    FeatureKind.HEADING: Ids(
        "heading", "md.heading-level", "md.heading-level", "md.heading-level", "md.skeleton"
    ),
    FeatureKind.ITEM: Ids(
        "item number", "md.item-number", "md.item-number", "md.item-number", "md.item-number"
    ),
    FeatureKind.TABLE: Ids("table", "md.table", "md.table", "md.table"),
    FeatureKind.DEFINITION: Ids("definition", "md.reflink", "md.refdef-added", "md.reflink"),
    FeatureKind.FOOTNOTE: Ids("footnote", "md.reflink", "md.refdef-added", "md.reflink"),
}
_WARNINGS = frozenset({"code.added"})


def document_findings(
    source: Document, target: Document, *, expected: Sequence[Feature] | None = None
) -> list[Finding]:
    """What the target lost, gained, changed or moved, with the lines on both sides.

    `expected` replaces the features of the source where an edition drops a block or rewrites an address.
    """
    alignment = aligned(source.features if expected is None else expected, target.features)
    findings = [_changed(before, after) for before, after in alignment.changed]
    findings += [_lost(feature) for feature in alignment.lost]
    findings += [_added(feature) for feature in alignment.added]
    findings += _moved(alignment.kept, alignment.found)
    findings += _star_counts(source, target)
    return sorted(findings, key=lambda finding: finding.source_line or finding.target_line or 0)


def _lost(feature: Feature) -> Finding:
    ids = IDS[feature.kind]
    message = f"the {ids.name} {_shown(feature)} of line {feature.line} is missing"
    return Finding(ids.missing, severity_of(ids.missing), message, source_line=feature.line)


def _added(feature: Feature) -> Finding:
    ids = IDS[feature.kind]
    message = f"the {ids.name} {_shown(feature)} is not in the source"
    return Finding(ids.added, severity_of(ids.added), message, target_line=feature.line)


def _changed(before: Feature, after: Feature) -> Finding:
    ids = IDS[before.kind]
    check = ids.changed
    if before.kind is FeatureKind.HEADING and before.value.partition(" ")[0] == after.value.partition(" ")[0]:
        check = "emoji.heading"
    what = _shown(after) if after.kind is before.kind else f"a {IDS[after.kind].name}"
    message = f"the {ids.name} {_shown(before)} became {what}"
    return Finding(check, severity_of(check), message, source_line=before.line, target_line=after.line)


def _moved(kept: Sequence[Feature], found: Sequence[Feature]) -> Iterator[Finding]:
    """Kinds whose order is part of the meaning: a link under another title is a wrong link."""
    for kind, ids in IDS.items():
        if not ids.order:
            continue
        here, there = ([feature for feature in side if feature.kind is kind] for side in (kept, found))
        for first, last in displaced(here, there):
            where = f"line {first.line}" if first.line == last.line else f"lines {first.line} to {last.line}"
            message = (
                f"the {ids.name}s of {where} are in another order, from {_shown(first)} to {_shown(last)}"
            )
            yield Finding(ids.order, severity_of(ids.order), message, source_line=first.line)


def _star_counts(source: Document, target: Document) -> Iterator[Finding]:
    """Star counts are rendered by rule and never pass a check of segments: each has to be in the text."""
    marks = [mark for mark in source.marks if mark.kind is MarkKind.STARS]
    expected = Counter(mark.value for mark in marks)
    for mark in marks:
        if target.text.count(mark.value) < expected[mark.value]:
            message = f"the star count {mark.value} of line {mark.line} is missing"
            yield Finding("num.missing", Severity.ERROR, message, source_line=mark.line)


def severity_of(check: str) -> Severity:
    """What a finding about a feature counts as."""
    return Severity.WARNING if check in _WARNINGS else Severity.ERROR


def _shown(feature: Feature) -> str:
    """The value, not longer than a line."""
    return shortened(" ".join(feature.value.split()), _LONGEST_SHOWN)
