"""Which text of matched lines translates which, and the translation in the tags of its source."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.plain_text import as_read
from weekly_translate.compare.english_marks import peeled, without_item
from weekly_translate.model import FeatureKind, Segment, Tag, TagKind
from weekly_translate.text.tags import TAG, prose_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weekly_translate.compare.allowances import Allowances
    from weekly_translate.compare.document_lines import DocumentLine, Match
    from weekly_translate.model import Document


class DocumentPair(NamedTuple):
    """A source and its translation, in whose texts the tags of their segments point."""

    source: Document
    target: Document


class TextPair(NamedTuple):
    """A segment of the source and the segment that translates it."""

    source: Segment
    target: Segment


def in_source_tags(texts: TextPair, documents: DocumentPair, allowed: Allowances, item: str) -> Retagged:
    """In the source's tags, without the number of the item and the marks at the end."""
    result = _retagged(
        _LocatedSegment(texts.source, documents.source.text),
        _LocatedSegment(texts.target, documents.target.text),
        allowed.address,
    )
    target = peeled(result.target).text.strip()
    return replace(result, target=without_item(target, item))


def texts_of(match: Match, documents: DocumentPair) -> Iterator[TextPair]:
    """The segments of the lines two by two; as many as there are on one side only are read as one."""
    here = [segment for line in match.source for segment in line.segments]
    there = [segment for line in match.target for segment in line.segments]
    if len(here) == len(there):
        yield from map(TextPair, here, there)
    elif here and there:
        yield TextPair(_joined(here), _joined(there))
    targets = dict(alt_texts(match.target, documents.target.text))
    for key, segment in alt_texts(match.source, documents.source.text):
        if key in targets and not names_its_file(key, targets[key]):
            yield TextPair(segment, targets[key])


def _joined(segments: list[Segment]) -> Segment:
    text = " ".join(as_read(segment.text) for segment in segments)
    return replace(segments[0], text=text, tags=())


def names_its_file(key: str, segment: Segment) -> bool:
    """Whether an alt text says how the file is called, and not what the image shows."""
    name = key.rpartition("/")[2]
    return "." in name and name in segment.text


def alt_texts(lines: Iterable[DocumentLine], text: str) -> Iterator[tuple[str, Segment]]:
    """Alt texts and link titles, each with the bytes of the address beside it."""
    for line in lines:
        addresses = sorted(
            (*line.values(FeatureKind.IMAGE), *line.values(FeatureKind.LINK)), key=len, reverse=True
        )
        for segment in line.inner:
            if segment.quotes:
                name, fits = (
                    "title",
                    text[max(0, segment.span.start - 600) : segment.span.start - 1].rstrip().endswith,
                )
            else:
                name, fits = "alt", text[segment.span.end : segment.span.end + 600].lstrip("](<").startswith
            beside = next(filter(fits, filter(None, addresses)), None)
            if beside is not None:
                yield f"{name} {beside}", segment


# --------------------------------------------------------------------------- the same bytes get the same name

_TITLE = re.compile(r"\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\))\s*\Z")
_SPOKEN = re.compile(r"[^\W\d_]{2}|://")
"""What tells an address or HTML from an emoji or an entity."""
_IN_A_WORD = re.compile(
    r"(?<![A-Za-z0-9_])(?P<before>[A-Za-z0-9_]+)<(?P<tag>i[0-9]+)>(?P<inner>[A-Za-z0-9_]+)</(?P=tag)>"
    r"(?P<after>[A-Za-z0-9_]+)"
)
_EMPHASIS = {TagKind.STRONG: "bold", TagKind.EMPHASIS: "italics", TagKind.STRIKE: "strikethrough"}

_Key = tuple[TagKind, str]


class _LocatedSegment(NamedTuple):
    """A segment and the text of the document in which its tags point."""

    segment: Segment
    document: str


@dataclass(frozen=True, slots=True)
class Retagged:
    """Source and target without the tags that the other side lacks, in one alphabet."""

    source: str
    target: str
    complete: bool
    """Whether no tag was dropped, so that the target is what a model would have answered.

    Two tags of the target may be dropped: a link around the whole text, behind which its note may stand, and
    emphasis that the source lacks.
    """
    lost: tuple[str, ...] = ()
    """Emphasis that the target lacks: `bold of “Tox”`."""
    added: tuple[str, ...] = ()


def _retagged(source: _LocatedSegment, target: _LocatedSegment, rewrite: Callable[[str], str]) -> Retagged:
    """Name the target's tags by the source's; `rewrite` tells where an address of the source has moved to."""
    source = _restored(source, target)
    here = [(tag, _key(tag, source, rewrite)) for tag in source.segment.tags]
    there = [(tag, _key(tag, target, str)) for tag in target.segment.tags]
    waiting: defaultdict[_Key, deque[str]] = defaultdict(deque)
    for tag, key in here:
        waiting[key].append(tag.name)
    names: dict[str, str] = {}
    for tag, key in there:
        if waiting[key]:
            names[tag.name] = waiting[key].popleft()
    changed = _changed_code(source, target, names)
    complete = len(names) == len(here)
    names |= changed
    kept = {name: name for name in names.values()}
    left = [key for tag, key in there if tag.name not in names and tag.kind not in _EMPHASIS]
    whole = [(TagKind.LINK, rewrite(source.segment.link))]
    added = list(_emphasis(target, (tag for tag, _ in there if tag.name not in names)))
    if len(added) <= source.segment.text.count("《"):
        added = []  # English sets titles of books in italics
    return Retagged(
        _renamed(source, kept),
        _with_code_of(source, _renamed(target, names), changed.values()),
        complete=complete and left in ([], whole),
        lost=tuple(_emphasis(source, (tag for tag, _ in here if tag.name not in kept))),
        added=tuple(added),
    )


def _changed_code(source: _LocatedSegment, target: _LocatedSegment, names: dict[str, str]) -> dict[str, str]:
    """Code that only one side has, in order: it is the same tag with something else in it."""
    taken = set(names.values())
    here = [tag.name for tag in source.segment.tags if tag.kind is TagKind.CODE and tag.name not in taken]
    there = [tag.name for tag in target.segment.tags if tag.kind is TagKind.CODE and tag.name not in names]
    return dict(zip(there, here, strict=False))


def _with_code_of(source: _LocatedSegment, text: str, names: Iterable[str]) -> str:
    """The text with the code of the source in these tags: that it was another one is told elsewhere."""
    for name in names:
        code = _inside(name, source.segment.text)
        text = text.replace(f"<{name}>{_inside(name, text)}</{name}>", f"<{name}>{code}</{name}>")
    return text


def _inside(name: str, text: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


def _restored(source: _LocatedSegment, target: _LocatedSegment) -> _LocatedSegment:
    """Markdown reads `load*certificate*file` as italics: no tag is lost if the target writes underscores."""
    text = source.segment.text
    for match in _IN_A_WORD.finditer(text):
        name = f"{match['before']}_{match['inner']}_{match['after']}"
        if name in target.segment.text.replace("\\", ""):
            text = text.replace(match[0], name)
    tags = tuple(tag for tag in source.segment.tags if tag.closing is None or f"<{tag.name}>" in text)
    return source._replace(segment=replace(source.segment, text=text, tags=tags))


def _key(tag: Tag, piece: _LocatedSegment, rewrite: Callable[[str], str]) -> _Key:
    """By what a tag is recognized: an address, code, the bytes of what stands alone; emphasis by its kind."""
    opening = piece.document[slice(*tag.opening)]
    if tag.closing is None:
        image = opening.startswith("![") and opening.endswith(")")
        return tag.kind, _address(opening[opening.rfind("](") :]) if image else opening
    if tag.kind is TagKind.LINK:
        return tag.kind, rewrite(_address(tag.completion or piece.document[slice(*tag.closing)]))
    if tag.kind is TagKind.CODE:
        return tag.kind, " ".join(piece.document[tag.opening.end : tag.closing.start].split())
    return tag.kind, ""


def _address(closing: str) -> str:
    """The destination in `](destination "title")`, the label in `][label]`."""
    return _TITLE.sub("", closing.strip("[]()")).strip(" <>")


def _renamed(piece: _LocatedSegment, names: dict[str, str]) -> str:
    """The text in the alphabet of `names`; tags that are not among them leave their words behind."""
    bytes_of = {tag.name: piece.document[slice(*tag.opening)] for tag in piece.segment.tags}
    parts = []
    for token in tokens_of(piece.segment.text):
        if token.name in names:
            parts.append(token.text.replace(token.name, names[token.name]))
        elif not token.name or token.name not in bytes_of:
            parts.append(token.text)
        elif token.alone and not _SPOKEN.search(bytes_of[token.name]):
            parts.append(bytes_of[token.name])
    return "".join(parts)


def _emphasis(piece: _LocatedSegment, tags: Iterable[Tag]) -> Iterable[str]:
    """Emphasis in words; not that of a whole text, which is peeled off on one side only."""
    text = piece.segment.text
    for tag in tags:
        if tag.kind in _EMPHASIS:
            before, _, rest = text.partition(f"<{tag.name}>")
            inner, _, after = rest.partition(f"</{tag.name}>")
            if prose_of(before + after).strip():
                yield f"{_EMPHASIS[tag.kind]} of “{TAG.sub('', inner)}”"
