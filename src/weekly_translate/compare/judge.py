"""A translation that anybody made, judged against its source: its texts and all that lines hold besides."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from weekly_translate.checks.document import (
    FeatureDifferences,
    FeatureGroup,
    differences,
    feature_findings,
    key_of,
)
from weekly_translate.checks.registry import findings_of, of_its_kind, settled
from weekly_translate.compare.align import aligned
from weekly_translate.compare.document_lines import (
    LineShape,
    finding_of,
    mark_findings,
    stars_in_words,
)
from weekly_translate.compare.learn import DocumentPair, alt_texts, in_source_tags, names_its_file, texts_of
from weekly_translate.compare.order import order_findings
from weekly_translate.compare.style import Rules, frame_of, in_own_style, without_own_texts
from weekly_translate.markdown.front_matter import SEEN, front_matter
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import Document, FeatureKind, Finding, Pair, Segment, Severity, Term
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import with_replaced
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match, Pairing
    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.model import Feature, Segment


SegmentCheck = Callable[[Pair], list[Finding]]


def segment_check(rules: Rules) -> SegmentCheck:
    """The checks of a segment, told what the rules know."""

    def checked(pair: Pair) -> list[Finding]:
        found = findings_of(pair, kept=rules.kept, senses=rules.senses)
        return settled(found, rules.settlements.get((pair.segment.text, pair.target)))

    return checked


def compared(
    source: Document, target: Document, rules: Rules, checked: SegmentCheck | None = None
) -> list[Finding]:
    """Everything that is wrong with a translation, in the order of the source, with the lines of both sides.

    Both documents come from `markdown.parse(text, every_line=True)`. `checked` replaces the `segment_check`
    of the rules, for a caller that caches its results.
    """
    findings = [*_front_matter(source, target, rules.allowed)]
    here, there, pairing = aligned(source, target, rules.allowed)
    style, frame = rules.allowed.style, None
    if style is not None:
        frame = frame_of(here, style)
        pairing = without_own_texts(pairing, style, frame)
    documents = DocumentPair(source, target)
    sections = sections_of(source)
    findings += order_findings(here, there, pairing)
    findings += link_differences(pairing)
    checked = checked or segment_check(rules)
    for match in pairing.matches:
        terms_in = partial(rules.terms_in, section=_section(match, sections))
        findings += _judged(match, documents, terms_in, checked, rules.allowed)
    findings = _without_consequences(findings)
    if style is not None and frame is not None:
        headings = [one.source[0] for one in pairing.matches if one.source[0].shape is LineShape.HEADING]
        linked = {line.number: bool(line.values(FeatureKind.LINK)) for line in headings}
        findings = list(in_own_style(findings, style, frame, linked))
    return sorted(map(of_its_kind, findings), key=_place(pairing))


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
        if here.get(key) != there.get(key):
            message = f"the front matter line '{key}' differs"
            yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)


def _front_lines(document: Document) -> dict[str, str]:
    """The lines of the front matter by their keys, without the values that are translated."""
    text = document.text[: document.front_matter_end]
    values = sorted(value.span for value in front_matter(text).values)
    lines = with_replaced(text, ((start, end, "") for start, end in values)).splitlines()
    kept = (line.partition(":") for line in lines if line.strip("- \"'"))
    return {
        key: _QUOTES.sub("", rest).strip() if key.strip("- \t") in SEEN else rest.strip()
        for key, _, rest in kept
    }


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


# --------------------------------------------------------------------------- matched lines

_REFERENCE = lazy_pattern(r"\]\[[^\[\]\n]{0,300}\]")
_QUOTES = lazy_pattern(r"[\"']")


def _judged(
    match: Match,
    documents: DocumentPair,
    terms_in: Callable[[str], tuple[Term, ...]],
    checked: SegmentCheck,
    allowed: Allowances,
) -> Iterator[Finding]:
    """What is wrong with the words of lines that stand for one another; `checked` judges a segment."""
    yield from _heading(match)
    yield from _emoji(match)
    yield from mark_findings(match, allowed)
    yield from alt_findings(match, documents.source.text, documents.target.text)
    for texts in texts_of(match, documents):
        wanted = allowed.settled.get(texts.source.id)
        result = in_source_tags(texts, documents, allowed, match.source[0].item)
        explained = stars_in_words(match, result.target) + _references(texts.source, documents, result.target)
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


def _references(segment: Segment, documents: DocumentPair, target: str) -> str:
    """The `][label]` of references that only lack their definition: the source has written them."""
    raw = documents.source.text[slice(*segment.span)]
    return "".join(f" {one}" for one in dict.fromkeys(_REFERENCE.findall(target)) if one in raw)


def _heading(match: Match) -> Iterator[Finding]:
    """Level and emoji of a heading; the title of the front matter may become one."""
    here, there = match.source[0], match.target[0]
    if LineShape.META in (here.shape, there.shape):
        return
    before, after = (next(iter(line.values(FeatureKind.HEADING)), "") for line in (here, there))
    (level, emoji), (other_level, other_emoji) = (value.partition(" ")[::2] for value in (before, after))
    if level == "" != other_level:
        message = f"the line became the heading {after}"
        yield finding_of(match, "md.skeleton", message, Severity.WARNING)
    elif level != other_level:
        became = f"the heading {after}" if after else "a line"
        yield finding_of(match, "md.heading-level", f"the heading {before} became {became}")
    elif emoji != other_emoji:
        yield finding_of(match, "emoji.heading", f"the heading {before} became {after}")


def _emoji(match: Match) -> Iterator[Finding]:
    """The emoji of the whole line: one at its edge is in the segment on one side only."""
    if LineShape.BARE in (match.source[0].shape, match.target[0].shape) or any(
        line.values(FeatureKind.HEADING) for line in (*match.source, *match.target)
    ):
        return
    here, there = (Counter(sign for line in lines for sign in line.emoji) for lines in match[:2])
    for what, signs in (("lost", here - there), ("added", there - here)):
        if signs:
            message = f"emoji {what}: {' '.join(signs.elements())}"
            yield finding_of(match, "emoji.body", message, Severity.WARNING)


# --------------------------------------------------------------------------- one fault, one finding

_CUT_OFF = ("seg.truncated", "seg.too-short")
_LOST_WITH_IT = ("num.missing", "lang.tag")
"""What is missing because a part of the text is, or stands at the end of a line."""


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without what is lost on a line of the target because its text is cut off."""
    short = {one.target_line for one in findings if one.check in _CUT_OFF and one.target_line is not None}
    return [one for one in findings if one.check not in _LOST_WITH_IT or one.target_line not in short]


_LEVELS = (FeatureKind.HEADING, FeatureKind.ITEM)
"""They are compared with the lines themselves."""


def link_differences(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost, added, expected = differences(map(_group, pairing.matches))
    told = {key_of(feature) for line in pairing.lost for feature in line.features}
    added = [place for place in added if place.key not in told]
    notes = {token.removeprefix("note:") for line in pairing.lost for token in line.evidence}
    lost = [place for place in lost if place.kind is not FeatureKind.FOOTNOTE or place.value not in notes]
    if any(line.shape is LineShape.CELL for line in (*pairing.lost, *pairing.added)):
        # A lost row has been told: that it changes the shape of its table is no second fault.
        lost = [place for place in lost if place.kind is not FeatureKind.TABLE]
        added = [place for place in added if place.kind is not FeatureKind.TABLE]
    return feature_findings(FeatureDifferences(lost, added, expected))


def _group(match: Match) -> FeatureGroup:
    lines = match.source[0].number, match.target[0].number
    return FeatureGroup(_held(match.source), _held(match.target), lines)


def _held(lines: tuple[DocumentLine, ...]) -> list[Feature]:
    return [feature for line in lines for feature in line.features if feature.kind not in _LEVELS]


# --------------------------------------------------------------------------- alternative texts


def alt_findings(match: Match, source: str, target: str) -> Iterator[Finding]:
    """An alt text that is lost, invented, or but the name of the file; of images that both lines hold.

    `source` and `target` are the texts of the two documents.
    """
    here, there = dict(alt_texts(match.source, source)), dict(alt_texts(match.target, target))
    images = {address for line in match.target for address in line.values(FeatureKind.IMAGE)}
    for line in match.source:
        for address in line.values(FeatureKind.IMAGE):
            if address in images:
                key = f"alt {address}"
                if message := _fault(key, here.get(key), there.get(key)):
                    yield finding_of(match, "img.alt", message, Severity.WARNING)


def _fault(key: str, before: Segment | None, after: Segment | None) -> str:
    if before and not after:
        return "the alt text of the image is lost"
    if after and not before:
        return "the image has no alt text in the source"
    named = before and after and names_its_file(key, after) and not names_its_file(key, before)
    return "the alt text is the name of the file" if named else ""
