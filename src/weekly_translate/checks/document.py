"""Whole documents: every link, image, heading and item of the source is there, and the file is sound."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import yaml

from weekly_translate.checks.registry import ERROR, INFO, WARNING, FileRemark, file_check
from weekly_translate.model import Document, Feature, FeatureKind, Finding, MarkKind, Severity
from weekly_translate.text.characters import LINE_END, shortened, without_emoji
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    FeatureKind.FORMULA: Ids("formula", "md.formula", "md.formula", "md.formula"),
    FeatureKind.SYNTAX: Ids("syntax", "md.syntax", "md.syntax", "md.syntax"),
}
_WARNINGS = frozenset({"code.added"})


def document_findings(
    source: Document, target: Document, *, expected: Sequence[Feature] | None = None
) -> list[Finding]:
    """What the target lost, gained, changed or moved, with the lines on both sides.

    `expected` replaces the features of the source where an edition drops a block or rewrites an address.
    """
    alignment = _aligned_features(source.features if expected is None else expected, target.features)
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
        for first, last in _displaced(here, there):
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


# --------------------------------------------------------------------------- aligned features

_Key = tuple[FeatureKind, str]


class _AnchoredFeature(NamedTuple):
    """A feature, and the anchor before it: the last feature that both documents hold exactly once."""

    anchor: _Key | None
    feature: Feature


@dataclass(frozen=True, slots=True)
class _FeatureAlignment:
    """How two sequences of features differ; each difference stands in one place only."""

    changed: tuple[tuple[Feature, Feature], ...]
    """Lost here and added there between the same anchors."""
    lost: tuple[Feature, ...]
    added: tuple[Feature, ...]
    kept: tuple[Feature, ...]
    """What the second document holds too, in the order of the first."""
    found: tuple[Feature, ...]
    """The same features in the order of the second document."""


def _aligned_features(expected: Sequence[Feature], found: Sequence[Feature]) -> _FeatureAlignment:
    """Compare two sequences; one loss does not drag along what comes after it."""
    before, after = Counter(map(_key, expected)), Counter(map(_key, found))
    anchors = {key for key, count in before.items() if count == 1 and after[key] == 1}
    here, there = _placed(expected, anchors), _placed(found, anchors)
    lost, kept = _apart(here, before - after, _per_place(here) - _per_place(there))
    added, met = _apart(there, after - before, _per_place(there) - _per_place(here))
    changed, lost, added = _matched(lost, added)
    return _FeatureAlignment(
        tuple(changed),
        tuple(place.feature for place in lost),
        tuple(place.feature for place in added),
        tuple(place.feature for place in kept),
        tuple(place.feature for place in met),
    )


def _key(feature: Feature) -> _Key:
    return feature.kind, feature.value


def _placed(features: Sequence[Feature], anchors: set[_Key]) -> list[_AnchoredFeature]:
    places, anchor = [], None
    for feature in features:
        places.append(_AnchoredFeature(anchor, feature))
        if _key(feature) in anchors:
            anchor = _key(feature)
    return places


def _per_place(places: list[_AnchoredFeature]) -> Counter[tuple[_Key | None, _Key]]:
    return Counter((place.anchor, _key(place.feature)) for place in places)


def _apart(
    places: list[_AnchoredFeature], surplus: Counter[_Key], local: Counter[tuple[_Key | None, _Key]]
) -> tuple[list[_AnchoredFeature], list[_AnchoredFeature]]:
    """The surplus features and the others; of equal ones, those that are too many between their anchors."""
    surplus, local = surplus.copy(), local.copy()
    chosen: set[int] = set()
    for local_only in (True, False):
        for index, place in enumerate(places):
            key = _key(place.feature)
            if index in chosen or surplus[key] <= 0 or (local_only and local[place.anchor, key] <= 0):
                continue
            chosen.add(index)
            surplus[key] -= 1
            local[place.anchor, key] -= 1
    apart = [place for index, place in enumerate(places) if index in chosen]
    return apart, [place for index, place in enumerate(places) if index not in chosen]


def _matched(
    lost: list[_AnchoredFeature], added: list[_AnchoredFeature]
) -> tuple[list[tuple[Feature, Feature]], list[_AnchoredFeature], list[_AnchoredFeature]]:
    """Pair what is lost and added in one place: the value as another kind, else another value of the kind."""
    changed: list[tuple[Feature, Feature]] = []
    traits: tuple[Callable[[Feature], str], ...] = (lambda one: one.value, lambda one: one.kind)
    for trait in traits:
        waiting: defaultdict[tuple[_Key | None, str], deque[_AnchoredFeature]] = defaultdict(deque)
        for place in added:
            waiting[place.anchor, trait(place.feature)].append(place)
        still_lost = []
        for place in lost:
            if queue := waiting[place.anchor, trait(place.feature)]:
                changed.append((place.feature, queue.popleft().feature))
            else:
                still_lost.append(place)
        left = {id(place) for queue in waiting.values() for place in queue}
        lost, added = still_lost, [place for place in added if id(place) in left]
    return changed, lost, added


def _displaced(kept: Sequence[Feature], found: Sequence[Feature]) -> Iterator[tuple[Feature, Feature]]:
    """The first and the last feature of each stretch that is in another order.

    Both sequences hold the same features. Within a line the order is free, for English puts words elsewhere.
    """
    position, start = 0, None
    balance: Counter[str] = Counter()
    for _, line in groupby(kept, key=lambda feature: feature.line):
        group = list(line)
        for one, other in zip(group, found[position : position + len(group)], strict=True):
            _count(balance, one.value, 1)
            _count(balance, other.value, -1)
        position += len(group)
        if balance and start is None:
            start = group[0]
        elif not balance and start is not None:
            yield start, group[-1]
            start = None


def _count(balance: Counter[str], value: str, step: int) -> None:
    """Add to a count and drop it at zero, so that an even balance is empty."""
    balance[value] += step
    if not balance[value]:
        del balance[value]


# --------------------------------------------------------------------------- the file as text

_FENCE = lazy_pattern(
    r"^(?:[ >\t]|[-*+] |[0-9]{1,9}[.)] )*(?P<fence>`{3,}|~{3,})(?P<rest>[^\r\n]*)$", re.MULTILINE
)
_BROKEN_LINK = lazy_pattern(r"\](?:[ \t]{1,4}\(|[ \t]{0,4}（)(?:https?://|mailto:|/|#)")
_SCHEME = lazy_pattern(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_HARMLESS = frozenset(("http", "https", "mailto", "ftp", "tel", "irc", "xmpp", "matrix", "news"))
_FRONT_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE)
_LONGEST_FRONT_MATTER = 20_000


@file_check("fm.valid", ERROR)
def front_matter_can_be_read(source: Document, target: Document) -> Iterator[FileRemark]:
    """The front matter is YAML, where that holds for the source."""
    if _is_yaml(_front_matter(source)) and not _is_yaml(_front_matter(target)):
        yield FileRemark("the front matter is no valid YAML", 1, 1)


def _front_matter(document: Document) -> str:
    """The lines between `---` and `---`."""
    end = document.front_matter_end
    return document.text[: min(end, _LONGEST_FRONT_MATTER)].strip().removeprefix("---").removesuffix("---")


def _is_yaml(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # a date such as 2024-13-40 is a ValueError
        return False
    return True


@file_check("fm.duplicate-key", WARNING)
def front_matter_keys_stand_once(source: Document, target: Document) -> Iterator[FileRemark]:
    """No key of the front matter is written twice, for the first of them is ignored."""
    here, there = (Counter(_FRONT_KEY.findall(_front_matter(document))) for document in (source, target))
    for key, count in there.items():
        if count > max(1, here[key]):
            yield FileRemark(f"the front matter has '{key}' {count} times", 1, 1)


@file_check("md.fence-balance", ERROR)
def fences_are_closed(source: Document, target: Document) -> Iterator[FileRemark]:
    """A code fence that opens is closed, where that holds for the source."""
    line = _unclosed_fence(target.text)
    if line and not _unclosed_fence(source.text):
        yield FileRemark("the code fence is never closed", target_line=line)


@file_check("md.fence-balance", WARNING)
def fences_of_the_source_are_closed(source: Document, target: Document) -> Iterator[FileRemark]:
    """A fence that is never closed swallows the rest of the source."""
    del target  # each check of texts is given both
    if line := _unclosed_fence(source.text):
        yield FileRemark("the code fence is never closed", source_line=line)


def _unclosed_fence(text: str) -> int:
    """The line of a fence that has no end, or 0."""
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        fence, rest = match["fence"], match["rest"].strip()
        if opened is None:
            opened = match if "`" not in rest else None
        elif fence.startswith(opened["fence"]) and not rest:
            opened = None
    return text.count("\n", 0, opened.start("fence")) + 1 if opened else 0


@file_check("md.link-syntax", ERROR)
def links_are_links(source: Document, target: Document) -> Iterator[FileRemark]:
    """No `] (` and no full-width bracket before an address: Markdown prints such a link as text."""
    known = len(_BROKEN_LINK.findall(source.text))
    for line, text in enumerate(target.text.split("\n"), 1):
        for _ in _BROKEN_LINK.finditer(text):
            known -= 1
            if known < 0:
                yield FileRemark("what looks like a link is none: its brackets do not meet", target_line=line)


@file_check("sec.scheme", WARNING)
def schemes_are_harmless(source: Document, target: Document) -> Iterator[FileRemark]:
    """No `javascript:` link, even if the source has it; one that only the target has is `url.added`."""
    known = {feature.value for feature in source.features if feature.kind is FeatureKind.LINK}
    for feature in target.features:
        scheme = _SCHEME.match(feature.value) if feature.kind is FeatureKind.LINK else None
        if scheme and scheme[1].lower() not in _HARMLESS and feature.value in known:
            yield FileRemark(f"a link with {scheme[0]} can run a program", target_line=feature.line)


_SIGNS = {
    "control": lazy_pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
    "direction": lazy_pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "hidden": lazy_pattern("[\U000e0000-\U000e007f]"),
}


@file_check("char.control", WARNING)
def no_control_character_is_copied(source: Document, target: Document) -> Iterator[FileRemark]:
    """The source holds no control character: it would be copied, and may steer a terminal."""
    yield from _copied("control", source, target)


@file_check("char.bidi", WARNING)
def no_direction_mark_is_copied(source: Document, target: Document) -> Iterator[FileRemark]:
    """The source holds no mark that turns the order of its text: it would be copied."""
    yield from _copied("direction", source, target)


@file_check("char.tag-smuggle", WARNING)
def no_hidden_text_is_copied(source: Document, target: Document) -> Iterator[FileRemark]:
    """The source holds no tag characters, which carry text that nobody sees: they would be copied."""
    yield from _copied("hidden", source, target)


def _copied(name: str, source: Document, target: Document) -> Iterator[FileRemark]:
    """One sentence for all signs of a kind that both texts hold outside emoji: where the first one stands."""
    pattern = _SIGNS[name]
    if not pattern.search(source.text):
        return
    bare = without_emoji(source.text)
    found = [match for match in pattern.finditer(bare) if match[0] in target.text]
    if found:
        line = bare.count("\n", 0, found[0].start()) + 1
        others = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        yield FileRemark(
            f"the {name} character U+{ord(found[0][0]):04X}{others} of the source is copied", line
        )


@file_check("doc.eol", WARNING)
def line_ends_are_kept(source: Document, target: Document) -> Iterator[FileRemark]:
    """Lines end as in the source: all with LF, or all with CRLF."""
    here, there = (set(LINE_END.findall(document.text)) for document in (source, target))
    if len(here) == 1 and there and here != there:
        yield FileRemark("the lines do not end as in the source", 1, 1)


@file_check("doc.eof", INFO)
def file_end_is_kept(source: Document, target: Document) -> Iterator[FileRemark]:
    """The last line ends as in the source, with a line break or without one."""
    here, there = (document.text.endswith(("\n", "\r")) for document in (source, target))
    if here != there and source.text and target.text:
        last = (document.text.count("\n") + 1 for document in (source, target))
        yield FileRemark("the last line has no line break" if here else "a line break ends the file", *last)
