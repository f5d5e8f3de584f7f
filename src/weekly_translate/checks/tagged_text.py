"""A translation as pieces: words, code, tags; as a reader meets it; and with lost tags put back."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import TagKind
from weekly_translate.text.characters import (
    NAME,
    TAG,
    closing_of,
    has_han,
    lazy_pattern,
    names_in,
    opening_of,
    prose_of,
    tokens_of,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.model import Segment, Tag, Term
    from weekly_translate.text.characters import Token

THING = "\ue000"
"""Stands for an image, an emoji, an address or a piece of code: it is neither a word nor a space.

A private-use character: no newsletter holds one.
"""


_CODE = lazy_pattern(r"<([xyz]{0,3}c\d{1,7})>[^<]*(?:<(?!/\1>)[^<]*)*</\1>")


@lru_cache(16)
def as_read(text: str) -> str:
    """The text without its tags, with one `THING` for each piece of code and each tag that stands alone.

    Where tags have a prefix (`<xb1>`), those without one are text: see `tags.free_prefix`.
    """
    prefixed = any(name.strip("/")[0] in "xyz" for name in names_in(text))

    def read(tag: re.Match[str]) -> str:
        return THING if tag["alone"] or (prefixed and tag["name"][0] not in "xyz") else ""

    return TAG.sub(read, _CODE.sub(THING, text))


# --------------------------------------------------------------------------- pieces


class PieceKind(StrEnum):
    """What a piece is; CODE is `<c1>…</c1>` as a whole."""

    WORDS = "words"
    CODE = "code"
    OPENING = "opening"
    CLOSING = "closing"
    ALONE = "alone"


class TaggedPiece(NamedTuple):
    """A stretch of a translation; `name` is that of its tag."""

    kind: PieceKind
    text: str
    name: str = ""


def pieces_of(text: str, segment: Segment) -> list[TaggedPiece]:
    """The pieces of a text; joining their texts gives it back. What only looks like a tag is words."""
    kinds = {tag.name: tag.kind for tag in segment.tags}
    tokens = tokens_of(text)
    ahead = Counter(token.name for token in tokens if token.closes and not token.alone)
    pieces: list[TaggedPiece] = []
    code: list[Token] = []
    for token in tokens:
        closes = token.closes and not token.alone
        ahead[token.name] -= closes
        if code:
            code.append(token)
            if closes and token.name == code[0].name:
                pieces.append(TaggedPiece(PieceKind.CODE, text_of(code), token.name))
                code = []
        elif kinds.get(token.name) is TagKind.CODE and token.text == f"<{token.name}>" and ahead[token.name]:
            code = [token]
        else:
            tag = PieceKind.CLOSING if token.closes else PieceKind.ALONE if token.alone else PieceKind.OPENING
            kind = tag if token.name in kinds else PieceKind.WORDS
            pieces.append(TaggedPiece(kind, token.text, token.name))
    return pieces


def text_of(pieces: Iterable[TaggedPiece | Token]) -> str:
    """The text again."""
    return "".join(piece.text for piece in pieces)


def edited(text: str, segment: Segment, edit: Callable[[str], str]) -> str:
    """The text with everything but its code edited; `edit` sees each code as one `THING` character.

    Where an edit takes code away or adds a `THING`, the text stays as it is.
    """
    pieces = pieces_of(text, segment)
    codes = [piece.text for piece in pieces if piece.kind is PieceKind.CODE]
    if THING in text:
        return text
    shown = edit("".join(THING if piece.kind is PieceKind.CODE else piece.text for piece in pieces))
    head, *rest = shown.split(THING)
    if len(codes) != len(rest):
        return text
    return head + "".join(code + words for code, words in zip(codes, rest, strict=True))


# --------------------------------------------------------------------------- sound tags


def sound_pieces(text: str, segment: Segment) -> list[TaggedPiece]:
    """The pieces of a text without those of the segment's tags that cannot stay.

    What stays stands once, is well nested, encloses something, and is no link inside a link.
    """
    kinds = {tag.name: tag.kind for tag in segment.tags if tag.closing}
    pieces, kept, open_tags, seen = pieces_of(text, segment), set[int](), list[int](), set[str]()
    for place, piece in enumerate(pieces):
        is_new = piece.name not in seen
        stays_alone = piece.kind is PieceKind.ALONE and piece.name not in kinds
        if piece.kind is PieceKind.WORDS or (is_new and (stays_alone or piece.kind is PieceKind.CODE)):
            kept.add(place)
            seen.add(piece.name)
        elif piece.kind is PieceKind.CODE:
            kept.add(place)
            pieces[place] = TaggedPiece(PieceKind.WORDS, code_in(piece))
        elif piece.kind is PieceKind.OPENING and is_new and piece.name in kinds:
            within_link = any(kinds[pieces[one].name] is TagKind.LINK for one in open_tags)
            if not (within_link and kinds[piece.name] is TagKind.LINK):
                open_tags.append(place)
                seen.add(piece.name)
        elif piece.kind is PieceKind.CLOSING:
            opening = next((one for one in open_tags if pieces[one].name == piece.name), None)
            if opening is not None:
                del open_tags[open_tags.index(opening) :]
                inside = (pieces[one].text for one in range(opening + 1, place) if one in kept)
                if any(map(str.strip, inside)) or text == segment.text:
                    kept |= {opening, place}
                    pieces[place] = piece._replace(text=f"</{piece.name}>")  # for `</a1/>`
    return [piece for place, piece in enumerate(pieces) if place in kept]


def sound(text: str, segment: Segment) -> str:
    """The text without the tags that cannot stay."""
    return text_of(sound_pieces(text, segment))


Spot = tuple[frozenset[str], str]
"""Inside which other tags a tag stands, and what is inside it."""


def spots_of(text: str, segment: Segment) -> dict[str, Spot]:
    """Where each sound tag of the segment stands in a text."""
    spots: dict[str, Spot] = {}
    open_tags: dict[str, list[str]] = {}
    for piece in sound_pieces(text, segment):
        if piece.kind is PieceKind.CLOSING:
            label = "".join(open_tags.pop(piece.name))
            spots[piece.name] = frozenset(open_tags), label
        elif piece.kind in (PieceKind.CODE, PieceKind.ALONE):
            spots[piece.name] = frozenset(open_tags), code_in(piece)
        for parts in open_tags.values():
            parts.append(piece.text)
        if piece.kind is PieceKind.OPENING:
            open_tags[piece.name] = []
    return spots


def complete(text: str, segment: Segment) -> bool:
    """Whether the text has exactly the tags of the segment, all of them sound, and the code of the source."""
    if sound(text, segment) != text:
        return False
    expected, found = spots_of(segment.text, segment), spots_of(text, segment)
    codes = [tag.name for tag in segment.tags if tag.kind is TagKind.CODE]
    return found.keys() == expected.keys() and all(found[name][1] == expected[name][1] for name in codes)


def code_in(piece: TaggedPiece) -> str:
    """What a code piece encloses; nothing for any other."""
    return piece.text[len(piece.name) + 2 : -len(piece.name) - 3] if piece.kind is PieceKind.CODE else ""


# --------------------------------------------------------------------------- lost tags put back (D4)

_SPACED_IN_ENGLISH = ("：", "，", "；", "、")
"""After the end of a sentence there may be the mark of a footnote, which no space precedes."""
_LATIN = lazy_pattern(r"[A-Za-z0-9](?:[A-Za-z0-9.+#_'-]| (?=[A-Za-z0-9]))*")
_LONGEST_LABEL = 80
_FALLBACKS = {TagKind.LINK: "link", TagKind.STRIKE: "struck out"}


def edge_marks_kept(text: str, segment: Segment) -> str:
    """What stands alone at an edge of the source and is missing stands at that edge of the translation."""
    for tag in segment.tags:
        mark = opening_of(tag)
        leads, ends = segment.text.startswith(mark), segment.text.endswith(mark)
        if tag.closing is not None or not (leads or ends) or mark in text:
            continue
        if leads:
            text = f"{mark}{' ' * segment.text.removeprefix(mark)[:1].isspace()}{text.lstrip()}"
        else:
            rest = segment.text.removesuffix(mark)
            gap = rest[-1:].isspace() or rest.endswith(_SPACED_IN_ENGLISH)
            text = f"{text.rstrip()}{' ' * gap}{mark}"
    return text


def inserted(plain: str, answer: str, segment: Segment) -> str | None:
    """The answer of an insert-only request, if it has the source's tags and, without them, is `plain`.

    White space may differ, nothing else.
    """
    text = answer.strip()
    pieces = (one for one in pieces_of(text, segment) if one.kind in (PieceKind.WORDS, PieceKind.CODE))
    words = "".join(code_in(one) or one.text for one in pieces)
    is_same = "".join(words.split()) == "".join(plain.split())
    return text if is_same and complete(text, segment) else None


# --------------------------------------------------------------------------- by names, numbers and glossary


def placed(segment: Segment, target: str, terms: Sequence[Term]) -> str | None:
    """The translation with its missing tags around what they enclose in the source, or None.

    A tag is placed only where its code, its Latin words or numbers, or the glossary's rendering of its
    label stand exactly once.
    """
    counts = Counter(
        piece.name for piece in pieces_of(target, segment) if piece.kind is not PieceKind.CLOSING
    )
    if any(counts[tag.name] > 1 for tag in segment.tags):
        return None
    text = edge_marks_kept(sound(target, segment), segment)
    source = spots_of(segment.text, segment)
    for tag in segment.tags:
        if tag.name not in spots_of(text, segment):
            place = _place_for(tag, source[tag.name], text, segment, terms)
            if place is None:
                return None
            start, end = place
            inside = source[tag.name][1] if tag.kind is TagKind.CODE else text[start:end]
            text = f"{text[:start]}{opening_of(tag)}{inside}{closing_of(tag)}{text[end:]}"
    return text if complete(text, segment) else None


def _place_for(
    tag: Tag, spot: Spot, text: str, segment: Segment, terms: Sequence[Term]
) -> tuple[int, int] | None:
    """Where the only words stand that may be the label, inside the same tags. Sound tags stand once."""
    words, (path, label) = prose_of(text, in_place=True), spot
    for phrase, edge in product(_phrases(tag, label, terms), ("A-Za-z0-9-", "A-Za-z0-9")):
        word = rf"(?<![{edge}]){re.escape(phrase)}(?![{edge}])"
        pattern = rf"`{word}`|{word}" if tag.kind is TagKind.CODE else f"(?i:{word})"
        places = [match.span() for match in re.finditer(pattern, words)]
        if len(places) == 1:
            before, behind = text[: places[0][0]], text[places[0][1] :]
            names = (one.name for one in segment.tags)
            if path == {name for name in names if f"<{name}>" in before and f"</{name}>" in behind}:
                return places[0]
    return None


def _phrases(tag: Tag, label: str, terms: Sequence[Term]) -> Iterator[str]:
    """What may stand for a label in English, the surest first."""
    words = label.strip() if tag.kind is TagKind.CODE else without_tags(label).strip()
    if words and (tag.kind is TagKind.CODE or not has_han(words)):
        yield words
        return
    for term in terms:
        if term.source == words:
            yield from (term.target, *term.allowed)
    yield from sorted(_LATIN.findall(words), key=len, reverse=True)
    yield from (term.target for term in terms if term.source in words)


# --------------------------------------------------------------------------- the rung that cannot fail


def appended(segment: Segment, target: str) -> str:
    """The translation with every missing tag behind its sentence, for a person to put in its place.

    Whatever the target is, the result has exactly the tags of the source, well nested and around something,
    and no Chinese that the target and the source's code do not have.
    """
    text = _with_the_missing(sound(target, segment), segment)
    return text if complete(text, segment) else _with_the_missing(re.sub("[<>]", " ", target), segment)


def _with_the_missing(text: str, segment: Segment) -> str:
    """`text (<a1>uv</a1>) <c2>uv</c2> <m3/>`: with the English that the source has inside each lost tag."""
    present = spots_of(text, segment).keys()
    lost, depth = list[str](), 0
    for piece in sound_pieces(segment.text, segment):
        if piece.kind is PieceKind.WORDS or piece.name in present:
            lost.append(_latin(code_in(piece) or piece.text * (not piece.name)) if depth else "")
        elif piece.kind is PieceKind.OPENING:
            lost.append(f"{'' if depth else '('}{piece.text}")
            depth += 1
        elif piece.kind is PieceKind.CLOSING:
            depth -= 1
            lost.append(f"{piece.text}{'' if depth else ')'}")
        else:
            lost.append(piece.text)

    def labelled(shown: str) -> str:
        """Without spaces inside the tags, and with something in each."""
        shown = re.sub(rf"(<{NAME}>) | (?=</)", r"\1", shown)
        return re.sub(rf"<({NAME})></", lambda tag: f"<{tag[1]}>{_fallback(tag[1], segment)}</", shown)

    behind = edited(" ".join(filter(None, lost)), segment, labelled)
    return f"{text.strip()} {behind}".strip()


def _fallback(name: str, segment: Segment) -> str:
    kinds = {tag.name: tag.kind for tag in segment.tags}
    single = [*kinds.values()].count(TagKind.LINK) == 1
    hint = _latin(segment.hint) if kinds[name] is TagKind.LINK and single else ""
    return hint or _FALLBACKS.get(kinds[name], "emphasis")


def _latin(text: str) -> str:
    """The Latin words and numbers of a text."""
    return " ".join(run.rstrip(".'-_") for run in _LATIN.findall(text))[:_LONGEST_LABEL].strip()
