"""A translation that nobody tagged, in the tags of its source: the same bytes get the same name."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Segment, Tag, TagKind
from weekly_translate.text.tags import TAG, prose_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TITLE = re.compile(r"\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\))\s*\Z")
_SPOKEN = re.compile(r"[^\W\d_]{2}|://")
"""What tells an address or HTML from an emoji or an entity."""
_IN_A_WORD = re.compile(
    r"(?<![A-Za-z0-9_])(?P<before>[A-Za-z0-9_]+)<(?P<tag>i[0-9]+)>(?P<inner>[A-Za-z0-9_]+)</(?P=tag)>"
    r"(?P<after>[A-Za-z0-9_]+)"
)
_EMPHASIS = {TagKind.STRONG: "bold", TagKind.EMPHASIS: "italics", TagKind.STRIKE: "strikethrough"}

Key = tuple[TagKind, str]


class Piece(NamedTuple):
    """A segment and the text of the document in which its tags point."""

    segment: Segment
    document: str


@dataclass(frozen=True, slots=True)
class Retagged:
    """Source and target without the tags that the other side lacks, in one alphabet."""

    source: str
    target: str
    complete: bool
    """Whether no tag was taken away: then the target is what a model would have answered.

    But for the link of the whole source, behind which the target may have its note: it is no tag there.
    And but for emphasis that only the target has: its words are there.
    """
    lost: tuple[str, ...] = ()
    """Emphasis that the target lacks: `bold of “Tox”`."""
    added: tuple[str, ...] = ()


def retagged(source: Piece, target: Piece, rewrite: Callable[[str], str]) -> Retagged:
    """Name the target's tags by the source's; `rewrite` tells where an address of the source has moved to."""
    source = _restored(source, target)
    here = [(tag, _key(tag, source, rewrite)) for tag in source.segment.tags]
    there = [(tag, _key(tag, target, str)) for tag in target.segment.tags]
    waiting: defaultdict[Key, deque[str]] = defaultdict(deque)
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


def _changed_code(source: Piece, target: Piece, names: dict[str, str]) -> dict[str, str]:
    """Code that only one side has, in order: it is the same tag with something else in it."""
    taken = set(names.values())
    here = [tag.name for tag in source.segment.tags if tag.kind is TagKind.CODE and tag.name not in taken]
    there = [tag.name for tag in target.segment.tags if tag.kind is TagKind.CODE and tag.name not in names]
    return dict(zip(there, here, strict=False))


def _with_code_of(source: Piece, text: str, names: Iterable[str]) -> str:
    """The text with the code of the source in these tags: that it was another one is told elsewhere."""
    for name in names:
        code = _inside(name, source.segment.text)
        text = text.replace(f"<{name}>{_inside(name, text)}</{name}>", f"<{name}>{code}</{name}>")
    return text


def _inside(name: str, text: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


def _restored(source: Piece, target: Piece) -> Piece:
    """Markdown reads `load*certificate*file` as italics: no tag is lost if the target writes underscores."""
    text = source.segment.text
    for match in _IN_A_WORD.finditer(text):
        name = f"{match['before']}_{match['inner']}_{match['after']}"
        if name in target.segment.text.replace("\\", ""):
            text = text.replace(match[0], name)
    tags = tuple(tag for tag in source.segment.tags if tag.closing is None or f"<{tag.name}>" in text)
    return source._replace(segment=replace(source.segment, text=text, tags=tags))


def _key(tag: Tag, piece: Piece, rewrite: Callable[[str], str]) -> Key:
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


def _renamed(piece: Piece, names: dict[str, str]) -> str:
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


def _emphasis(piece: Piece, tags: Iterable[Tag]) -> Iterable[str]:
    """Emphasis in words; not that of a whole text, which is peeled off on one side only."""
    text = piece.segment.text
    for tag in tags:
        if tag.kind in _EMPHASIS:
            before, _, rest = text.partition(f"<{tag.name}>")
            inner, _, after = rest.partition(f"</{tag.name}>")
            if prose_of(before + after).strip():
                yield f"{_EMPHASIS[tag.kind]} of “{TAG.sub('', inner)}”"
