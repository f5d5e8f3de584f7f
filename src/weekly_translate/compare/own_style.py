"""A translation that was made by hand or by another program has a style of its own: it is read off the pair.

Its introduction and its closing sections, the texts that stand where the source advertises, its language
notes, the links on its headings: what it does throughout is how it is meant, and only departures from it are
findings.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.bounds import SOUND
from weekly_translate.compare.document_lines import LineShape, Pairing, is_title, meaning_of, peeled
from weekly_translate.model import ComplaintKind, MarkKind, Severity
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match
    from weekly_translate.compare.ignores import OwnStyle
    from weekly_translate.model import Document, Finding

_FITS = 0.5
"""The least gain of two texts outside the sections that count as translations of one another."""
_CHINESE = ("seg.residual-cjk", "seg.untranslated", "char.")
"""What is said of an introduction, whoever wrote it."""
_WORDS = ("edition.", "term.", "seg.too")
"""What may be said of the words of a heading: an edition may have others for it."""
_OF_LINKS = ("url.missing", "url.changed")
_SHARE = 0.8
"""How many of the notes of the source a translation has that means to have them all."""


class Frame(NamedTuple):
    """The lines of a source above its first section or item and those below its last item."""

    above: int
    """The first line that no longer belongs to the introduction."""
    below: float
    """The first line of the closing sections."""


def frame_of(lines: Sequence[DocumentLine], style: OwnStyle) -> Frame:
    """Where the sections with items begin and end."""
    starts = (line.number for line in lines if line.number in style.headings or line.item)
    last = max((line.number for line in lines if line.item), default=inf)
    ends = (
        line.number
        for line in lines
        if line.number > last and (line.shape is LineShape.HEADING or line.number in style.optional)
    )
    return Frame(next(starts, 0), next(ends, inf))


def notes_of(document: Document) -> int:
    """How many of its lines say that what they link to is in English."""
    texts = (note for segment in document.segments for note in peeled(segment.text).notes)
    marks = (meaning_of(mark.value) for mark in document.marks if mark.kind is MarkKind.NOTE)
    return sum(note == "EN" for note in (*texts, *marks))


def has_notes(source: Document, target: Document) -> bool:
    """Whether a translation has nearly all the language notes of its source: a missing one is a slip."""
    return notes_of(target) >= _SHARE * notes_of(source)


# --------------------------------------------------------------------------- texts of its own


def without_own_texts(pairing: Pairing, style: OwnStyle, frame: Frame) -> Pairing:
    """The pairing without what stands around the sections and for advertisements, and says something else."""
    kept = [match for match in pairing.matches if not _is_another_text(match, style, frame)]
    apart = set(pairing.matches) - set(kept)
    lost = [*pairing.lost, *(line for match in apart for line in match.source)]
    added = [*pairing.added, *(line for match in apart for line in match.target)]
    places = _Places.of(kept)
    first, last = (bisect_left(places.source, line) for line in frame)
    replaced = {places.of_source(line) for line in lost if line.number in style.optional}
    # An introduction of its own stands for the one of the source.
    own = any(places.of_target(line) <= first for line in added)
    return Pairing(
        tuple(kept),
        tuple(
            line
            for line in sorted(lost, key=lambda line: line.number)
            if line.number not in style.optional and not (own and line.number < frame.above)
        ),
        tuple(
            line
            for line in sorted(added, key=lambda line: line.number)
            if first < places.of_target(line) < last and places.of_target(line) not in replaced
        ),
    )


def _is_another_text(match: Match, style: OwnStyle, frame: Frame) -> bool:
    """Chinese is never a text of the translation's own, and a title is the title."""
    lines = [line.number for line in match.source]
    if is_title(match.source[0]) or any(has_han(line.words) for line in match.target):
        return False
    around = lines[0] < frame.above or lines[0] >= frame.below
    return style.optional.issuperset(lines) or (around and match.gain < _FITS)


class _Places(NamedTuple):
    """The first lines of what stands in its place, by which the gaps between are numbered."""

    source: list[int]
    target: list[int]

    @classmethod
    def of(cls, matches: Iterable[Match]) -> _Places:
        """Those of the matches that have not moved, which rise on both sides."""
        steady = [match for match in matches if not match.moved]
        return cls([one.source[0].number for one in steady], [one.target[0].number for one in steady])

    def of_source(self, line: DocumentLine) -> int:
        """The gap that a lost line stands in."""
        return bisect_left(self.source, line.number)

    def of_target(self, line: DocumentLine) -> int:
        """The gap that an added line stands in."""
        return bisect_left(self.target, line.number)


# --------------------------------------------------------------------------- findings


def in_own_style(
    findings: Iterable[Finding], style: OwnStyle, frame: Frame, headings: Mapping[int, bool]
) -> Iterator[Finding]:
    """Only what departs from the style.

    `headings` are the lines of the headings that are translated, each with whether it links somewhere.
    """
    findings = [_softened(one) for one in findings if not _is_matter_of_style(one, style)]
    alike = Counter(_change(one) for one in findings if headings.get(one.source_line or 0))
    linked = sum(headings.values())
    told: set[str] = set()
    for one in findings:
        line = one.source_line or 0
        if headings.get(line) and alike[_change(one)] == linked > 1 and one.check in _OF_LINKS:
            if _change(one) not in told:
                message = f"{one.message}, as on all {linked} headings with a link"
                yield replace(one, severity=Severity.INFO, message=message)
            told.add(_change(one))
        elif 0 < line < frame.above and not one.check.startswith(_CHINESE):
            lost = one.target_line is None
            yield replace(one, severity=Severity.WARNING if lost else Severity.INFO)
        elif line >= frame.below and one.target_line is None:
            yield replace(one, severity=Severity.WARNING)
        else:
            yield one


def _softened(finding: Finding) -> Finding:
    """What counts as less where nobody has promised to follow our glossary and our house rules.

    A title often is the headline of the work, with numbers of its own.
    """
    if finding.check == "seg.extra":
        return replace(finding, severity=Severity.WARNING)
    doubtful = finding.kind is ComplaintKind.DOUBTFUL and finding.check not in SOUND
    number = finding.check.startswith("num.") and finding.severity is Severity.WARNING
    if doubtful or number or finding.check == "code.added":
        return replace(finding, severity=Severity.INFO)
    return finding


def _is_matter_of_style(finding: Finding, style: OwnStyle) -> bool:
    return finding.source_line in style.headings and finding.check.startswith(_WORDS)


def _change(finding: Finding) -> str:
    """What has become of a link, wherever that was."""
    return f"{finding.check} {finding.message}"
