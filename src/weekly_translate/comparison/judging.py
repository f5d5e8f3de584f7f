"""Matched lines, judged: their headings, their marks, and their texts by the checks of a segment."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.reading import as_read
from weekly_translate.comparison import english_marks
from weekly_translate.comparison.alt_texts import alt_findings, alt_texts, names_its_file
from weekly_translate.comparison.lines import Line, Shape
from weekly_translate.comparison.naming import segment_of
from weekly_translate.comparison.retagging import Piece, Retagged, retagged
from weekly_translate.model import FeatureKind, Finding, MarkKind, Pair, Segment, Severity
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.comparison.matches import Match
    from weekly_translate.model import Document, Term

_REFERENCE = re.compile(r"\]\[[^\[\]\n]{0,300}\]")


class Side(NamedTuple):
    """The two documents in which the tags of segments point."""

    source: Document
    target: Document


class Texts(NamedTuple):
    """A segment of the source and the segment that translates it."""

    source: Segment
    target: Segment


def judged(
    match: Match,
    sides: Side,
    terms_in: Callable[[str], tuple[Term, ...]],
    checked: Callable[[Pair], list[Finding]],
    allowed: Allowances,
) -> Iterator[Finding]:
    """What is wrong with the words of lines that stand for one another; `checked` judges a segment."""
    yield from _heading(match)
    yield from _emoji(match)
    yield from _marks(match, allowed)
    yield from alt_findings(match, sides.source.text, sides.target.text)
    for texts in texts_of(match, sides):
        wanted = allowed.settled.get(texts.source.id)
        result = in_source_tags(texts, sides, allowed, match.source[0].item)
        explained = _stars_in_words(match, result.target) + _references(texts.source, sides, result.target)
        segment = replace(texts.source, text=result.source + explained)
        pair = Pair(segment, result.target, terms_in(result.source), texts.target.line)
        found = [finding for finding in checked(pair) if finding.check != "emoji.body"]
        yield from found if wanted is None else _settled(pair, wanted, found)
        for check, what, names in (
            ("tag.missing", "is missing", result.lost),
            ("tag.extra", "is not in the source", result.added),
        ):
            for name in names:
                message = f"the {name} {what}"
                yield Finding(check, Severity.ERROR, message, segment.id, segment.line, texts.target.line)


def _settled(pair: Pair, wanted: str, found: list[Finding]) -> Iterator[Finding]:
    """A text for which the edition has one rendering: that needs no check, any other one is told once."""
    if prose_of(pair.target).split() == prose_of(wanted).split():
        return
    yield from found
    if not any(finding.severity is Severity.ERROR for finding in found):
        message = f"the edition writes “{prose_of(wanted).strip()}” here"
        line = pair.segment.line, pair.target_line
        yield Finding("edition.heading", Severity.WARNING, message, pair.segment.id, *line)


def _stars_in_words(match: Match, target: str) -> str:
    """The star counts that a translation tells in a sentence (`with 25K stars`)."""
    words = set(english_marks.star_values(prose_of(target)))
    counts = [m.value for line in match.source for m in line.marks if m.kind is MarkKind.STARS]
    return "".join(f" {count}" for count in counts if english_marks.star_value(count) in words)


def _references(segment: Segment, sides: Side, target: str) -> str:
    """The `][label]` of references that only lack their definition: the source has written them."""
    raw = sides.source.text[slice(*segment.span)]
    return "".join(f" {one}" for one in dict.fromkeys(_REFERENCE.findall(target)) if one in raw)


def in_source_tags(texts: Texts, sides: Side, allowed: Allowances, item: str) -> Retagged:
    """In the source's tags, without the number of the item and the marks at the end."""
    result = retagged(
        Piece(texts.source, sides.source.text), Piece(texts.target, sides.target.text), allowed.address
    )
    target = english_marks.peeled(result.target).text.strip()
    return replace(result, target=english_marks.without_item(target, item))


def texts_of(match: Match, sides: Side) -> Iterator[Texts]:
    """The segments of the lines two by two; as many as there are on one side only are read as one."""
    here = [segment for line in match.source for segment in line.segments]
    there = [segment for line in match.target for segment in line.segments]
    if len(here) == len(there):
        yield from map(Texts, here, there)
    elif here and there:
        yield Texts(_joined(here), _joined(there))
    targets = dict(alt_texts(match.target, sides.target.text))
    for key, segment in alt_texts(match.source, sides.source.text):
        if key in targets and not names_its_file(key, targets[key]):
            yield Texts(segment, targets[key])


def _joined(segments: list[Segment]) -> Segment:
    text = " ".join(as_read(segment.text) for segment in segments)
    return replace(segments[0], text=text, tags=())


def _heading(match: Match) -> Iterator[Finding]:
    """Level and emoji of a heading; the title of the front matter may become one."""
    here, there = match.source[0], match.target[0]
    if Shape.META in (here.shape, there.shape):
        return
    before, after = (_first(line, FeatureKind.HEADING) for line in (here, there))
    (level, emoji), (other_level, other_emoji) = (value.partition(" ")[::2] for value in (before, after))
    if level and not other_level:
        yield _finding(match, "md.heading-level", f"the heading {before} is a heading no longer")
    elif other_level and not level:
        yield _finding(match, "md.heading-level", f"the line became a heading, {after}")
    elif level != other_level:
        yield _finding(match, "md.heading-level", f"the heading {before} became {after}")
    elif emoji != other_emoji:
        yield _finding(match, "emoji.heading", f"the heading {before} became {after}")


def _emoji(match: Match) -> Iterator[Finding]:
    """The emoji of the whole line: one at its edge is in the segment on one side only."""
    if Shape.BARE in (match.source[0].shape, match.target[0].shape) or any(
        line.values(FeatureKind.HEADING) for line in (*match.source, *match.target)
    ):
        return
    here, there = (Counter(sign for line in lines for sign in line.emoji) for lines in match[:2])
    for what, signs in (("lost", here - there), ("added", there - here)):
        if signs:
            message = f"emoji {what}: {' '.join(signs.elements())}"
            yield _finding(match, "emoji.body", message, Severity.WARNING)


def _first(line: Line, kind: FeatureKind) -> str:
    return next(iter(line.values(kind)), "")


def _marks(match: Match, allowed: Allowances) -> Iterator[Finding]:
    """Language notes say the same, star counts have the same value, however they are written."""
    ends = [english_marks.peeled(segment.text) for line in match.target for segment in line.segments]
    written = [mark for line in match.target for mark in line.marks]
    notes = [english_marks.meaning_of(mark.value) for mark in written if mark.kind is MarkKind.NOTE]
    notes += [end.note for end in ends if end.note]
    stars = [mark.value for mark in written if mark.kind is MarkKind.STARS]
    stars += [end.stars for end in ends if end.stars]
    for mark in (mark for line in match.source for mark in line.marks):
        if mark.kind is MarkKind.NOTE:
            yield from _note(match, english_marks.meaning_of(mark.value), notes, allowed)
        elif mark.kind is MarkKind.STARS:
            yield from _stars(match, mark.value, stars)


def _note(match: Match, expected: str, found: list[str], allowed: Allowances) -> Iterator[Finding]:
    said = english_marks.in_words(expected)
    if found and expected not in found:
        yield _finding(match, "lang.tag", f"the note ({said}) became ({english_marks.in_words(found[0])})")
    elif not found and allowed.notes == "keep" and expected:
        yield _finding(match, "lang.tag", f"the note ({said}) is missing", Severity.WARNING)
    elif found and allowed.notes == "drop":
        yield _finding(match, "lang.tag", f"the note ({said}) is to be dropped", Severity.WARNING)


def _stars(match: Match, expected: str, found: list[str]) -> Iterator[Finding]:
    value = english_marks.star_value(expected)
    if found and value not in map(english_marks.star_value, found):
        yield _finding(match, "num.value", f"the star count {expected.strip()} became {found[0].strip()}")
    elif not found:
        words = " ".join(prose_of(segment.text) for line in match.target for segment in line.segments)
        if value not in english_marks.star_values(words):
            yield _finding(match, "num.missing", f"the star count {expected.strip()} is missing")


def _finding(match: Match, check: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
    here, there = match.source[0], match.target[0]
    return Finding(check, severity, message, segment_of(here), here.number, there.number)
