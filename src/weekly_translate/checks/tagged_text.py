"""A translation as pieces: words, code, tags; as a reader meets it; and with lost tags put back."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import TagKind
from weekly_translate.text.characters import (
    closing_of,
    has_han,
    lazy_pattern,
    opening_of,
    tokens_of,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.model import Segment, Tag, Term
    from weekly_translate.text.characters import Token

THING = "\ufffc"
"""Stands for an image, an emoji, an address or a piece of code: it is neither a word nor a space."""


@lru_cache(16)
def as_read(text: str) -> str:
    """The text without its tags, with one `THING` for each piece of code and each tag that stands alone.

    Where tags have a prefix (`<xb1>`), those without one are text: see `tags.free_prefix`.
    """
    if "<" not in text:
        return text
    parts: list[str] = []
    tokens = tokens_of(text)
    prefixed = any(token.name[:1] in ("x", "y", "z") for token in tokens)
    code = ""
    for token in tokens:
        look_alike = prefixed and token.name[:1] not in ("x", "y", "z")
        if code:
            code = "" if token.closes and token.name == code else code
        elif token.alone or (token.name and look_alike):
            parts.append(THING)
        elif not token.name:
            parts.append(token.text)
        elif "c" in token.name and not token.closes:
            code = token.name
            parts.append(THING)
    return "".join(parts)


# --------------------------------------------------------------------------- pieces

HIDDEN = "\ue000"
"""A private-use character: no newsletter holds one."""


class PieceKind(StrEnum):
    """What a piece is; CODE is `<c1>…</c1>` as a whole, MALFORMED a tag such as `</m1/>`."""

    WORDS = "words"
    CODE = "code"
    OPENING = "opening"
    CLOSING = "closing"
    ALONE = "alone"
    MALFORMED = "malformed"


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
            pieces.append(_piece(token, known=token.name in kinds))
    return pieces


def text_of(pieces: Iterable[TaggedPiece | Token]) -> str:
    """The text again."""
    return "".join(piece.text for piece in pieces)


def edited(text: str, segment: Segment, edit: Callable[[str], str]) -> str:
    """The text with everything but its code edited; `edit` sees each code as one `HIDDEN` character."""
    pieces = pieces_of(text, segment)
    codes = iter([piece.text for piece in pieces if piece.kind is PieceKind.CODE])
    if HIDDEN in text:
        return text
    shown = edit("".join(HIDDEN if piece.kind is PieceKind.CODE else piece.text for piece in pieces))
    head, *rest = shown.split(HIDDEN)
    return head + "".join(code + words for code, words in zip(codes, rest, strict=True))


def _piece(token: Token, *, known: bool) -> TaggedPiece:
    if not known:
        return TaggedPiece(PieceKind.WORDS, token.text)
    shape = {
        f"<{token.name}>": PieceKind.OPENING,
        f"</{token.name}>": PieceKind.CLOSING,
        f"<{token.name}/>": PieceKind.ALONE,
    }
    return TaggedPiece(shape.get(token.text, PieceKind.MALFORMED), token.text, token.name)


# --------------------------------------------------------------------------- sound tags


class Spot(NamedTuple):
    """Where a tag stands: inside which others, and what is inside it."""

    path: tuple[str, ...]
    label: str


def spots_of(text: str, segment: Segment) -> dict[str, Spot]:
    """Where each tag of the segment stands in a text; tags that are not sound have no place."""
    spots: dict[str, Spot] = {}
    labels: dict[str, list[str]] = {}
    path: tuple[str, ...] = ()
    for piece in pieces_of(text, segment):
        if piece.kind is PieceKind.CLOSING and path[-1:] == (piece.name,):
            path = path[:-1]
            spots[piece.name] = Spot(path, "".join(labels[piece.name]))
        for name in path:
            labels[name].append(piece.text)
        if piece.kind is PieceKind.OPENING and piece.name not in path:
            path = (*path, piece.name)
            labels[piece.name] = []
        elif piece.kind in (PieceKind.CODE, PieceKind.ALONE):
            spots[piece.name] = Spot(path, code_in(piece))
    return spots


def sound(text: str, segment: Segment) -> str:
    """The text without those of the segment's tags that cannot stay.

    What stays stands once, is well nested, encloses something, and is no link inside a link.
    """
    pieces = pieces_of(text, segment)
    shown = list(accumulate((_shows(piece) for piece in pieces), initial=0))
    pairs = _tag_pairs(pieces, shown, segment)
    paired = {*pairs, *pairs.values()}
    alone = {tag.name for tag in segment.tags if tag.closing is None}
    seen: set[str] = set()
    kept: list[str] = []
    for index, piece in enumerate(pieces):
        first = piece.name not in seen
        stands_alone = piece.kind is PieceKind.ALONE and piece.name in alone
        if piece.kind is PieceKind.WORDS or index in paired or (first and stands_alone):
            kept.append(piece.text)
        elif piece.kind is PieceKind.CODE:
            kept.append(piece.text if first else code_in(piece))
        seen.add(piece.name)
    return "".join(kept)


def complete(text: str, segment: Segment) -> bool:
    """Whether the text has exactly the tags of the segment, all of them sound, and the code of the source."""
    if sound(text, segment) != text:
        return False
    expected, found = spots_of(segment.text, segment), spots_of(text, segment)
    codes = [tag.name for tag in segment.tags if tag.kind is TagKind.CODE]
    return found.keys() == expected.keys() and all(
        found[name].label == expected[name].label for name in codes
    )


def bare(text: str, segment: Segment) -> str:
    """The text without the tags of the segment; its code is words."""
    return text_of(
        TaggedPiece(PieceKind.WORDS, code_in(piece)) if piece.kind is PieceKind.CODE else piece
        for piece in pieces_of(text, segment)
        if piece.kind in (PieceKind.WORDS, PieceKind.CODE)
    )


def code_in(piece: TaggedPiece) -> str:
    """What a code piece encloses; nothing for a tag that stands alone."""
    return piece.text[len(piece.name) + 2 : -len(piece.name) - 3] if piece.kind is PieceKind.CODE else ""


def _tag_pairs(pieces: Sequence[TaggedPiece], shown: Sequence[int], segment: Segment) -> dict[int, int]:
    """The openings and closings that belong together, by index. Each tag is open once at most."""
    kinds = {tag.name: tag.kind for tag in segment.tags if tag.closing and tag.kind is not TagKind.CODE}
    pairs: dict[int, int] = {}
    free = set(kinds)
    stack: list[int] = []
    for index, piece in enumerate(pieces):
        names = [pieces[opening].name for opening in stack]
        if piece.kind is PieceKind.OPENING and piece.name in free.difference(names):
            within_link = any(kinds[name] is TagKind.LINK for name in names)
            if not (within_link and kinds[piece.name] is TagKind.LINK):
                stack.append(index)
        elif piece.kind is PieceKind.CLOSING and piece.name in names:
            opening = stack[names.index(piece.name)]
            del stack[names.index(piece.name) :]
            if shown[index] > shown[opening]:
                pairs[opening] = index
                free.discard(piece.name)
    return pairs


def _shows(piece: TaggedPiece) -> bool:
    return piece.kind in (PieceKind.CODE, PieceKind.ALONE) or (
        piece.kind is PieceKind.WORDS and bool(piece.text.strip())
    )


# --------------------------------------------------------------------------- lost tags put back (D4)

_SPACED_IN_ENGLISH = ("：", "，", "；", "、")
"""After the end of a sentence there may be the mark of a footnote, which no space precedes."""
_LATIN = lazy_pattern(r"[A-Za-z0-9](?:[A-Za-z0-9.+#_'-]| (?=[A-Za-z0-9]))*")
_LONGEST_LABEL = 80
_READ = (PieceKind.WORDS, PieceKind.CODE)
_FALLBACKS = {TagKind.LINK: "link", TagKind.STRIKE: "struck out"}


def edge_marks_kept(text: str, segment: Segment) -> str:
    """What stands alone at an edge of the source and is missing stands at that edge of the translation."""
    for tag in segment.tags:
        mark = opening_of(tag)
        leads, ends = segment.text.startswith(mark), segment.text.endswith(mark)
        if tag.closing is not None or not (leads or ends) or mark in text:
            continue
        if leads:
            text = f"{mark}{_gap(segment.text[len(mark) :])}{text.lstrip()}"
        else:
            rest = segment.text[: -len(mark)]
            gap = " " if rest.endswith(_SPACED_IN_ENGLISH) else _gap(rest[::-1])
            text = f"{text.rstrip()}{gap}{mark}"
    return text


def _gap(rest: str) -> str:
    return " " if rest[:1].isspace() else ""


def inserted(plain: str, answer: str, segment: Segment) -> str | None:
    """The answer of an insert-only request, if it has the source's tags and, without them, is `plain`.

    White space may differ, nothing else.
    """
    text = answer.strip()
    words, expected = ("".join(bare(version, segment).split()) for version in (text, plain))
    return text if words == expected and complete(text, segment) else None


# --------------------------------------------------------------------------- by names, numbers and glossary


class _Words(NamedTuple):
    """Words of a text that can be enclosed: from where to where, and inside which tags."""

    start: int
    end: int
    path: tuple[str, ...]


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
            stretch = _stretch_for(tag, source[tag.name], text, segment, terms)
            if stretch is None:
                return None
            start, end, _ = stretch
            inside = source[tag.name].label if tag.kind is TagKind.CODE else text[start:end]
            text = f"{text[:start]}{opening_of(tag)}{inside}{closing_of(tag)}{text[end:]}"
    return text if complete(text, segment) else None


def _stretch_for(tag: Tag, spot: Spot, text: str, segment: Segment, terms: Sequence[Term]) -> _Words | None:
    for phrase in _phrases(tag, spot.label, terms):
        for edged in _edged(phrase):
            pattern = re.compile(rf"`{edged}`|{edged}" if tag.kind is TagKind.CODE else f"(?i:{edged})")
            found = list(_stretches(pattern, text, segment))
            if len(found) == 1 and found[0].path == spot.path:
                return found[0]
    return None


def _edged(phrase: str) -> tuple[str, str]:
    """Two patterns for a phrase as a word of its own; only the second takes that of `more-itertools`, too."""
    word = rf"(?<![A-Za-z0-9]){re.escape(phrase)}(?![A-Za-z0-9])"
    return rf"(?<![A-Za-z0-9]-){word}(?!-[A-Za-z0-9])", word


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


def _stretches(pattern: re.Pattern[str], text: str, segment: Segment) -> Iterator[_Words]:
    """Where a pattern stands in the words of a text."""
    position = 0
    path: tuple[str, ...] = ()
    for piece in pieces_of(text, segment):
        if piece.kind is PieceKind.WORDS:
            for match in pattern.finditer(piece.text):
                yield _Words(position + match.start(), position + match.end(), path)
        elif piece.kind is PieceKind.OPENING:
            path = (*path, piece.name)
        elif piece.kind is PieceKind.CLOSING:
            path = path[:-1]
        position += len(piece.text)


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
    tags, present = {tag.name: tag for tag in segment.tags}, spots_of(text, segment)
    levels = [[text.strip()]]
    for piece in pieces_of(segment.text, segment):
        within = len(levels) > 1
        if piece.kind is PieceKind.WORDS or piece.name in present:
            levels[-1] += [_latin(code_in(piece) or piece.text)] if within and piece.kind in _READ else []
        elif piece.kind is PieceKind.OPENING:
            levels.append([])
        elif piece.kind is PieceKind.CLOSING:
            inner = " ".join(filter(None, levels.pop())) or _fallback(tags[piece.name], segment)
            whole = f"<{piece.name}>{inner}</{piece.name}>"
            levels[-1].append(whole if len(levels) > 1 else f"({whole})")
        else:
            levels[-1].append(piece.text)
    return " ".join(filter(None, levels[0]))


def _fallback(tag: Tag, segment: Segment) -> str:
    single = sum(other.kind is TagKind.LINK for other in segment.tags) == 1
    hint = _latin(segment.hint) if tag.kind is TagKind.LINK and single else ""
    return hint or _FALLBACKS.get(tag.kind, "emphasis")


def _latin(text: str) -> str:
    """The Latin words and numbers of a text."""
    return " ".join(run.rstrip(".'-_") for run in _LATIN.findall(text))[:_LONGEST_LABEL].strip()
