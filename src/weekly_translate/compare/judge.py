"""A translation that anybody made, judged against its source: its texts, all that lines hold, their order."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.checks.bounds import NEAR
from weekly_translate.checks.document import (
    IDS,
    FeatureDifferences,
    FeatureGroup,
    Unmatched,
    differences,
    feature_findings,
    front_matter_values,
    is_comment,
    key_of,
)
from weekly_translate.checks.registry import of_its_kind
from weekly_translate.compare.align import aligned
from weekly_translate.compare.document_lines import (
    EMPHASIS,
    LineShape,
    finding_of,
    is_wrapped,
    mark_findings,
    named,
    parts_of,
    segment_of,
    stars_in_words,
)
from weekly_translate.compare.languages import names_languages, with_languages_of, without_mark
from weekly_translate.compare.learn import alt_texts, names_its_file, texts_of
from weekly_translate.compare.style import Rules, addition_as_doubt, frame_of, in_own_style, without_own_texts
from weekly_translate.markdown.segments import sections_of
from weekly_translate.markdown.site import SEEN, SITES
from weekly_translate.model import Document, FeatureKind, Finding, Pair, Segment, Severity
from weekly_translate.text.characters import counted, has_han, lazy_pattern, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match, Pairing
    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.model import Segment


SegmentCheck = Callable[[Pair], list[Finding]]


def compared(
    source: Document, target: Document, rules: Rules, checked: SegmentCheck | None = None
) -> list[Finding]:
    """Everything that is wrong with a translation, in the order of the source, with the lines of both sides.

    Both documents come from `markdown.parse(text, every_line=True)`. `checked` judges a segment instead of
    the rules, for a caller that caches its results.
    """
    findings = [*_front_matter(source, target, rules.allowed)]
    pairing = aligned(source, target, rules.allowed)
    style, frame = rules.allowed.style, None
    if style is not None:
        frame = frame_of(pairing.source, style)
        pairing = without_own_texts(pairing, style, frame)
    if not rules.allowed.front_matter:
        pairing = _without_front_matter(pairing)
    sections = sections_of(source)
    findings += order_findings(pairing)
    findings += link_differences(pairing)
    for match in pairing.matches:
        findings += _judged(match, rules, checked or rules.checked, sections)
    findings = _without_consequences(findings)
    if frame is not None:
        findings = list(in_own_style(findings, frame, pairing))
    if rules.allowed.frame:
        matched = [match.target.number for match in pairing.matches]
        inside = range(min(matched, default=0), max(matched, default=0))
        findings = [one if one.target_line in inside else addition_as_doubt(one) for one in findings]
    return sorted(map(of_its_kind, findings), key=_place(pairing))


def _front_matter(source: Document, target: Document, allowed: Allowances) -> Iterator[Finding]:
    """Lost or added front matter; where both have one, its values, but for texts that a reader sees."""
    if allowed.front_matter:
        return
    here, there = (front_matter_values(document) for document in (source, target))
    if here is None or there is None:
        message = "the front matter is missing" if here else "there is front matter that the source lacks"
        if here or there:
            yield Finding("fm.lines", Severity.ERROR, message, None, 1, 1)
        return
    told: set[str] = set()
    for key in here | there:
        (line, value), (other_line, other) = here.get(key, (0, "")), there.get(key, (0, ""))
        # Of a list, whose items may have moved, only the first that differs.
        name = _IN_LIST.split(key, 1)[0]
        if name in told or (line and other_line and _is_value_of(key, value, other)):
            continue
        told.add(name)
        what = "is not in the source" if not line else "differs" if other_line else "is missing"
        message = f"the front matter line '{key}' {what}"
        yield Finding("fm.lines", Severity.ERROR, message, None, line or 1, other_line or 1)


def _without_front_matter(pairing: Pairing) -> Pairing:
    """The pairing with no line of front matter that is lost, added or moved: it is compared by its values."""
    lost, added = (
        tuple(line for line in side if line.shape is not LineShape.META)
        for side in (pairing.lost, pairing.added)
    )
    matches = (
        match._replace(moved=False) if match.source.shape is match.target.shape is LineShape.META else match
        for match in pairing.matches
    )
    return pairing._replace(matches=tuple(matches), lost=lost, added=added)


def _is_value_of(key: str, value: str, other: str) -> bool:
    """Whether a value is the same, an address of the same page, or a text that may have been translated."""
    if value == other or (value and without_mark(value) == without_mark(other)):
        return True
    is_seen = not SEEN.isdisjoint(key.split(".")) or (has_han(value) and not _FRONT_PATH.search(value))
    return is_seen and bool(other)


_IN_LIST = lazy_pattern(r"\.\d")
_FRONT_PATH = lazy_pattern(r"://|\A/?[^\s/]+/\S+\Z")


def _place(pairing: Pairing) -> Callable[[Finding], tuple[int, int, str]]:
    """Sorts by the line of the source; what is only in the target comes after the line before it."""
    lines = sorted((match.target.number, match.source.number) for match in pairing.matches)

    def place(finding: Finding) -> tuple[int, int, str]:
        line = finding.source_line
        if line is None:
            before = bisect_right(lines, finding.target_line or 0, key=lambda pair: pair[0])
            line = lines[before - 1][1] if before else 0
        return line, finding.target_line or 0, finding.check

    return place


# --------------------------------------------------------------------------- matched lines

_REFERENCE = lazy_pattern(r"\]\[[^\[\]\n]{0,300}\]")


def _judged(
    match: Match, rules: Rules, checked: SegmentCheck, sections: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong with lines that stand for one another; `sections` are the headings above segments."""
    allowed = rules.allowed
    yield from _heading(match)
    yield from _block_marks(match)
    yield from _emptied(match)
    yield from _emphasis_of_joined(match)
    yield from _emoji(match)
    yield from mark_findings(match, allowed)
    yield from alt_findings(match)
    for text in texts_of(match, allowed):
        # What a language calls itself stays.
        if names_languages(text.source) and names_languages(text.target):
            continue
        wanted = allowed.settled.get(text.segment.id)
        explained = stars_in_words(match, text.target) + _references(text.segment, match.source, text.target)
        segment = text.segment._replace(text=text.source + explained)
        terms = rules.matcher.terms_in(text.source, sections.get(segment.id, ""))
        pair = Pair(segment, with_languages_of(text.source, text.target), terms, text.other.line)
        found = [finding for finding in checked(pair) if finding.check != "emoji.body"]
        yield from found if wanted is None else _settled(pair, wanted, found)
        lines = segment.line, text.other.line
        for kind, words in dict.fromkeys(text.lost):
            what = f"the {EMPHASIS[kind]} of “{words}” is missing"
            message = what if words else f"some of the {EMPHASIS[kind]} is missing"
            yield Finding("tag.missing", Severity.ERROR, message, segment.id, *lines)
        for kind, words in dict.fromkeys(text.added):
            what = f"the {EMPHASIS[kind]} of “{words}” is not in the source"
            message = what if words else f"some of the {EMPHASIS[kind]} is not in the source"
            yield Finding("tag.extra", Severity.WARNING, message, segment.id, *lines)


def _settled(pair: Pair, wanted: str, found: list[Finding]) -> Iterator[Finding]:
    """A text for which the edition has one rendering: that needs no check, any other one is told once."""
    if prose_of(pair.target).split() == prose_of(wanted).split():
        return
    yield from found
    if not any(finding.severity is Severity.ERROR for finding in found):
        message = f"the edition writes “{prose_of(wanted).strip()}” here"
        line = pair.segment.line, pair.target_line
        yield Finding("edition.heading", Severity.WARNING, message, pair.segment.id, *line)


def _references(segment: Segment, line: DocumentLine, target: str) -> str:
    """The `][label]` of references that only lack their definition: the source has written them."""
    raw = line.document[slice(*segment.span)]
    return "".join(f" {one}" for one in dict.fromkeys(_REFERENCE.findall(target)) if one in raw)


def _heading(match: Match) -> Iterator[Finding]:
    """Level and emoji of a heading; the title of the front matter may become one."""
    here, there = match[:2]
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


_OPENING = lazy_pattern(
    r"[ \t]*(?P<marks>(?:>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+)*)(?:\[(?P<box>[ xX])\](?=[ \t]))?"
    r"(?:(?:`{3,}|~{3,})[ \t]*(?P<language>[\w+#-]*)(?![^\n]*`)|:{3,}[ \t]*(?P<container>\w*))?"
)
_BOX = {"": "no check box", " ": "an open check box", "x": "a ticked check box"}
_BULLET = lazy_pattern("[-*+]")
_EMPTY = lazy_pattern(r"(?<!!)\[[ \t]*\]\((?P<address>[^()\s]*)|(?P<cell>\|[ \t]*(?=\|))")
"""A link without a label, a cell without a text."""
_CODE = lazy_pattern(r"(`+)[^`\n]*\1")


def _block_marks(match: Match) -> Iterator[Finding]:
    """What a line is to a reader by its first signs: a quote, an item to tick, code of a language, a box."""
    here, there = (_OPENING.match(line.raw) for line in match[:2])
    if here is None or there is None:
        return
    before, after = ((one["box"] or "").lower() if one["marks"].strip() else "" for one in (here, there))
    if before != after:
        message = f"{_BOX[before]} became {_BOX[after]}"
        severity = Severity.ERROR if before and after else Severity.WARNING
        yield finding_of(match, "md.skeleton", message, severity)
    bullets = [bool(_BULLET.search(one["marks"])) for one in (here, there)]
    if bullets[0] is not bullets[1] and not (match.source.item or match.target.item or match.is_joined):
        what = "the list item became a line" if bullets[0] else "the line became a list item"
        yield finding_of(match, "md.skeleton", what, Severity.WARNING)
    if (">" in here["marks"]) is not (">" in there["marks"]):
        what = "the line is no quote any more" if ">" in here["marks"] else "the line became a quote"
        yield finding_of(match, "md.skeleton", what, Severity.WARNING)
    for name, kind in (("language", "the language of the code"), ("container", "the kind of the block")):
        if (one := here[name]) != (other := there[name]) and None not in (one, other):
            became = f"became {other}" if other else "is missing"
            message = f"{kind}, {one}, {became}" if one else f"{kind}, {other}, is not in the source"
            yield finding_of(match, "md.skeleton", message, Severity.WARNING)


def _emptied(match: Match) -> Iterator[Finding]:
    """A link or a cell that has lost all of its words."""
    if match.is_joined:
        return
    here, there = (
        [
            one
            for one in _EMPTY.finditer(_CODE.sub("code", line.raw))
            if one["cell"] is None or line.raw.lstrip()[:1] == "|"
        ]
        for line in match[:2]
    )
    if len(there) > len(here):
        address = there[-1]["address"]
        what = "a cell of the table" if address is None else f"the link {address}"
        yield finding_of(match, "seg.missing", f"the text of {what} is missing")


def _emphasis_of_joined(match: Match) -> Iterator[Finding]:
    """Of lines that are read as one, whether as much is set in bold, italics or strikethrough as before."""
    here, there = (
        Counter(tag.kind for segment in line.segments for tag in segment.tags if tag.kind in EMPHASIS)
        for line in match[:2]
    )
    for kind in here - there if match.is_joined else ():
        message = f"the {EMPHASIS[kind]} of the paragraph is missing: {here[kind]} became {there[kind]}"
        yield finding_of(match, "tag.missing", message, Severity.WARNING)


def _emoji(match: Match) -> Iterator[Finding]:
    """The emoji of the whole line: one at its edge is in the segment on one side only."""
    if any(line.shape is LineShape.BARE or line.values(FeatureKind.HEADING) for line in match[:2]):
        return
    here, there = (Counter(line.emoji) for line in match[:2])
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
"""They are compared with the lines themselves, and so are the rows of a table."""


def link_differences(pairing: Pairing) -> list[Finding]:
    """What lines that stand for one another do not both hold."""
    lost, added, expected = differences(map(_group, pairing.matches))
    told = {key_of(feature) for line in pairing.lost for feature in line.features}
    added = [place for place in added if place.key not in told]
    notes = {token.removeprefix("note:") for line in pairing.lost for token in line.evidence}
    lost = [place for place in lost if place.kind is not FeatureKind.FOOTNOTE or place.value not in notes]
    held = [[{*map(key_of, line.features)} for line in match[:2]] for match in pairing.matches]
    added = [
        one
        for one in added
        if one.key in held[one.group][0] or not _stands_in(pairing.matches[one.group].source, one)
    ]
    instead = {(one.group, one.kind) for one in added}
    plain = {
        one
        for one in lost
        if (one.group, one.kind) not in instead and one.key not in held[one.group][1]
        if _stands_in(pairing.matches[one.group].target, one)
    }
    merged = _merged_codes(lost, added)
    left = [one for one in lost if one not in plain and one not in merged]
    findings = feature_findings(FeatureDifferences(left, added, expected))
    for one in (one for one in lost if one in plain):
        message = f"the {one.kind} {one.value} is plain text here"
        check = IDS[one.kind].missing
        findings += [Finding(check, Severity.WARNING, message, None, one.source_line, one.target_line)]
    return findings


def _merged_codes(lost: Iterable[Unmatched], added: Iterable[Unmatched]) -> set[Unmatched]:
    """Code in a text of which one longer piece was made, which is told: `a` and `1` in `a = 1`."""
    codes: defaultdict[int, list[tuple[Unmatched, list[str]]]] = defaultdict(list)
    for one in lost:
        if one.kind is FeatureKind.CODE and one.value[:1] == "`":
            codes[one.group].append((one, _CODE_WORDS.findall(one.value)))
    found: set[Unmatched] = set()
    for other in added:
        said = {*_CODE_WORDS.findall(other.value)} if other.kind is FeatureKind.CODE else set()
        parts = [one for one, words in codes[other.group] if said.issuperset(words)]
        found.update(parts if len(parts) > 1 else ())
    return found


_CODE_WORDS = lazy_pattern(r"[^\s`=:,;()]+")


def _stands_in(line: DocumentLine, one: Unmatched) -> bool:
    """Whether a line has as text what the other sets as code or as a link."""
    bare = one.value.strip("`").removeprefix("mailto:")
    bare = bare[1:-1] if bare[:1] == "<" and bare[-1:] == ">" else bare  # `<template>` is the tag template
    is_code = one.kind is FeatureKind.CODE and one.value[:1] == "`" and len(bare) > 1
    if not is_code and not (one.kind is FeatureKind.LINK and ("://" in bare or "@" in bare)):
        return False
    around = (f"{part[-1:]}\0{rest[:2]}" for part, rest in pairwise(line.raw.split(bare)))
    other = _OF_CODE if is_code else _OF_AN_ADDRESS
    return not all(map(other.search, around))


_OF_CODE = lazy_pattern(r"[\w`/\\.=-]\0|\0(?:[\w`\\-]|[./]\w)", re.ASCII)
_OF_AN_ADDRESS = lazy_pattern(r"[(<\"']\0|\0(?:[\w/?#=&%-]|\.\w)", re.ASCII)
"""What stands beside a part of something longer; an address after a bracket or in quotes is a link."""


def _group(match: Match) -> FeatureGroup:
    """What both lines hold, without what is compared elsewhere, and ids that the English makes anyhow."""
    own = {f"{{#{site.slug(match.target.words)}}}" for site in SITES.values()}
    here, there = (
        [
            replace(one, value=f"{one.value.partition('x')[2]} columns wide")
            if one.kind is FeatureKind.TABLE
            else one
            for one in line.features
            if one.kind not in _LEVELS and one.value not in own
        ]
        for line in match[:2]
    )
    return FeatureGroup(here, there, (match.source.number, match.target.number))


# --------------------------------------------------------------------------- alternative texts


def alt_findings(match: Match) -> Iterator[Finding]:
    """An alt text that is lost, invented, or but the name of the file; of images that both lines hold."""
    here, there = (dict(alt_texts(line)) for line in match[:2])
    images = match.target.values(FeatureKind.IMAGE)
    for address in match.source.values(FeatureKind.IMAGE):
        key = f"alt {address}"
        if address in images and (message := _fault(key, here.get(key), there.get(key))):
            yield finding_of(match, "img.alt", message, Severity.WARNING)


def _fault(key: str, before: Segment | None, after: Segment | None) -> str:
    if before and not after:
        return "the alt text of the image is lost"
    if after and not before:
        return "the image has no alt text in the source"
    named = before and after and names_its_file(key, after) and not names_its_file(key, before)
    return "the alt text is the name of the file" if named else ""


# --------------------------------------------------------------------------- lost, added, merged items

_ALONE = (
    FeatureKind.HEADING,
    FeatureKind.IMAGE,
    FeatureKind.CODE,
    FeatureKind.LINK,
    FeatureKind.HTML,
    FeatureKind.DEFINITION,
)


def order_findings(pairing: Pairing) -> Iterator[Finding]:
    """What of the sequence of the source is not in the target's."""
    kept, met = (
        {number for match in pairing.matches for number in match[:2][side].numbers} for side in (0, 1)
    )
    comments = [line for line in pairing.lost if is_comment(line.raw)]
    if comments:
        first = comments[0]
        others = f", and {counted(len(comments) - 1, 'more comment')}" if comments[1:] else ""
        message = f"{named([first])} is missing{others}"
        yield Finding("md.html", Severity.WARNING, message, None, first.number)
    lost = [line for line in pairing.lost if line not in comments]
    for group in _grouped(lost, pairing.source, kept):
        yield _lost(group)
    for group in _grouped(pairing.added, pairing.target, met):
        yield _added(group)
    yield from _move_findings(pairing.matches)
    yield from _nesting_findings(pairing.matches)
    for match in pairing.matches:
        yield from _merged(match)
    yield from _number_findings(pairing)


_BESIDE = ("beside", "below", "above")


def _columns_before(line: DocumentLine) -> int | None:
    """How far the marker of a list item is indented; None for what is no item, or stands in a quote."""
    match = _OPENING.match(line.raw)
    is_item = match and match["marks"] and match["marks"][0] != ">"
    return len(line.raw[: match.start("marks")].expandtabs(4)) if match and is_item else None


def _nesting_findings(matches: Iterable[Match]) -> Iterator[Finding]:
    """An item stays below the one before, beside it, or above it."""
    told: Match | None = None
    for before, match in pairwise(matches):
        follows = all(two.number <= one.end + 2 for one, two in zip(before[:2], match[:2], strict=True))
        indents = [_columns_before(line) for two in (before, match) for line in two[:2]]
        if not follows or told is before or None in indents:
            continue
        here, other_here, there, other_there = (indent or 0 for indent in indents)
        stood, stands = (
            (two > one + 1) - (two < one - 1) for one, two in ((here, there), (other_here, other_there))
        )
        if stood != stands:
            told = match
            message = f"the list item stands {_BESIDE[stands]} the one before, not {_BESIDE[stood]} it"
            yield finding_of(match, "md.skeleton", message, Severity.WARNING)


def _grouped(
    lines: Sequence[DocumentLine], document: Sequence[DocumentLine], kept: set[int]
) -> Iterator[list[DocumentLine]]:
    """Lines without a partner; one group where they follow one another in a section. `kept` lines have one.

    What is left of an item is a group of its own, and so is a heading whose section is not wholly gone.
    """
    sections = {number: part.section for number, part in parts_of(document).items()}
    left = {sections[number] for number in kept}
    gone = {line.number for line in lines}
    compared = [line.number for line in document if line.number in gone or line.number in kept]
    follower = dict(pairwise(compared))
    group: list[DocumentLine] = []
    for line in lines:
        if group and not (
            follower.get(group[-1].number) == line.number
            and sections[line.number] == sections[group[0].number]
            and (_starts(group[0]) or not _starts(line))
            and (group[0].shape is not LineShape.HEADING or group[0].number not in left)
        ):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _starts(line: DocumentLine) -> bool:
    """Whether an item or a section begins here."""
    return bool(line.item) or line.shape in (LineShape.TITLE, LineShape.HEADING)


def _lost(group: list[DocumentLine]) -> Finding:
    first = group[0]
    kind = _kind_of(group)
    check = IDS[kind].missing if kind else "seg.missing"
    # The title of a box: without one, `:::tip` is shown with its usual title.
    severity = Severity.WARNING if all(map(_opens_box, group)) else Severity.ERROR
    return Finding(check, severity, f"{named(group)} is missing", segment_of(first), first.number)


def _opens_box(line: DocumentLine) -> bool:
    opening = _OPENING.match(line.raw)
    return bool(opening and opening["container"])


def _added(group: list[DocumentLine]) -> Finding:
    kind = _kind_of(group)
    check = IDS[kind].added if kind else "seg.extra"
    return Finding(check, Severity.ERROR, f"{named(group)} is not in the source", target_line=group[0].number)


def _kind_of(group: Sequence[DocumentLine]) -> FeatureKind | None:
    """What all lines of a group are, if they are headings, or nothing but an image, code or an address."""
    kinds: set[FeatureKind | None] = set()
    for line in group:
        is_alone = line.shape in (LineShape.HEADING, LineShape.BARE)
        kinds.add(next((one.kind for one in line.features if is_alone and one.kind in _ALONE), None))
    return kinds.pop() if len(kinds) == 1 else None


def _merged(match: Match) -> Iterator[Finding]:
    """Two texts that became one, or one that became two; where a paragraph is wrapped says nothing."""
    parts = match.source.parts, match.target.parts
    if any(parts) and not all(parts) and not any(map(is_wrapped, parts)):
        joined, cut = (" and ".join(map(str, line.numbers)) for line in match[:2])
        became = (
            f"the line became two, {cut}" if match.target.parts else f"lines {joined} are merged into one"
        )
        yield finding_of(match, "md.skeleton", became, Severity.WARNING)


# --------------------------------------------------------------------------- moved lines

_SURE = ("url:", "code:", "html:", "definition:", "footnote:", "note:")


def _move_findings(matches: Sequence[Match]) -> Iterator[Finding]:
    """Lines that stand elsewhere; neighbors that moved together are told once, and so is an exchange."""
    # For each line of the target the line of the source that would stand there if none had moved.
    homes = dict(zip(sorted(one.target.number for one in matches), matches, strict=True))
    told: set[int] = set()
    for run in _moved_runs(matches):
        first = run[0]
        if homes[first.target.number].source.number in told:
            continue
        lines = [match.source for match in run]
        told |= {line.number for line in lines}
        message = f"{named(lines)} stands in another place: line {first.target.number}"
        images = all(line.shape is LineShape.BARE and line.values(FeatureKind.IMAGE) for line in lines)
        # What no other line is likely to have they share for sure: likeness alone may be mistaken.
        shared = (token for match in run for token in match.source.evidence & match.target.evidence)
        is_sure = images or any(token.startswith(_SURE) for token in shared)
        severity = Severity.ERROR if is_sure else Severity.WARNING
        yield finding_of(first, "img.order" if images else "seg.swapped", message, severity)


def _moved_runs(matches: Iterable[Match]) -> list[list[Match]]:
    """The moved matches, those together that are neighbors on both sides, but for a line between them."""
    runs: list[list[Match]] = []
    for match in (match for match in matches if match.moved):
        last = runs[-1][-1] if runs else match
        ways = zip(match[:2], last[:2], strict=True)
        if all(0 < line.number - before.end <= NEAR for line, before in ways):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


# --------------------------------------------------------------------------- item numbers


def _number_findings(pairing: Pairing) -> Iterator[Finding]:
    """Items that have neither the number of their source nor the one after the item before them."""
    met = {match.target.number: match for match in pairing.matches if not match.moved}
    before = ""
    for line in pairing.target:
        before = "" if line.shape is LineShape.HEADING and not line.item else before
        match = met.get(line.number)
        here = match.source if match else line
        if match and here.item != line.item and not _follows(line.item, before):
            if here.item and line.item:
                yield finding_of(match, "md.item-number", f"item {here.item} became {line.item}")
            elif here.is_item or line.is_item:
                numbers = here.item or "without a number", line.item or "a line without a number"
                yield finding_of(match, "md.item-number", f"item {numbers[0]} became {numbers[1]}")
        before = line.item or before


def _follows(number: str, before: str) -> bool:
    """Whether a number is the one after another, or the first: `3` after `2`, `②` after `①`."""
    if not before:
        return number in ("1", "①")
    if number.isdecimal() and before.isdecimal():
        return int(number) == int(before) + 1
    return len(number) == len(before) == 1 and ord(number) == ord(before) + 1
