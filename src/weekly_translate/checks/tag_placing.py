"""Lost tags are put back into a translation: by what they enclose, or behind its sentence (D4)."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.repair import edge_marks_kept
from weekly_translate.checks.tagged_text import PieceKind, Spot, bare, complete, pieces_of, sound, spots_of
from weekly_translate.model import TagKind
from weekly_translate.text.characters import has_han
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import closing_of, opening_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.model import Segment, Tag, Term

_LATIN = lazy_pattern(r"[A-Za-z0-9](?:[A-Za-z0-9.+#_'-]| (?=[A-Za-z0-9]))*")
_LONGEST_LABEL = 80
_FALLBACKS = {TagKind.LINK: "link", TagKind.STRIKE: "struck out"}


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
    present = spots_of(text, segment)
    missing = {name: spot for name, spot in spots_of(segment.text, segment).items() if name not in present}
    parts = (_appendix(tag, segment, missing) for tag in _lost_inside("", segment, missing))
    return " ".join(filter(None, (text.strip(), *parts)))


def _appendix(tag: Tag, segment: Segment, missing: Mapping[str, Spot]) -> str:
    """`(<a1>uv</a1>)`, `<c2>uv</c2>` or `<m3/>` to go behind the sentence."""
    whole = _in_english(tag, segment, missing)
    return f"({whole})" if tag.closing and tag.kind is not TagKind.CODE else whole


def _in_english(tag: Tag, segment: Segment, missing: Mapping[str, Spot]) -> str:
    """A lost tag with English inside, together with the lost ones inside it."""
    spot = missing[tag.name]
    if tag.closing is None or tag.kind is TagKind.CODE:
        return f"{opening_of(tag)}{spot.label}{closing_of(tag)}"
    inner = _lost_inside(tag.name, segment, missing)
    parts = [_in_english(other, segment, missing) for other in inner]
    label = _latin(spot.words if inner else without_tags(spot.label))
    if not label and not any(other.closing for other in inner):
        label = _fallback(tag, segment)
    return f"{opening_of(tag)}{' '.join(filter(None, (label, *parts)))}{closing_of(tag)}"


def _lost_inside(parent: str, segment: Segment, missing: Mapping[str, Spot]) -> list[Tag]:
    """The lost tags whose nearest lost parent this is; those without one for the empty name."""
    return [
        tag
        for tag in segment.tags
        if tag.name in missing
        and next((name for name in reversed(missing[tag.name].path) if name in missing), "") == parent
    ]


def _fallback(tag: Tag, segment: Segment) -> str:
    single = sum(other.kind is TagKind.LINK for other in segment.tags) == 1
    hint = _latin(segment.hint) if tag.kind is TagKind.LINK and single else ""
    return hint or _FALLBACKS.get(tag.kind, "emphasis")


def _latin(text: str) -> str:
    """The Latin words and numbers of a text."""
    return " ".join(run.rstrip(".'-_") for run in _LATIN.findall(text))[:_LONGEST_LABEL].strip()
