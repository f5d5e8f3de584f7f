"""The first rung of repair: what is certain needs no model (D4)."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.chinese import in_half_width
from weekly_translate.model import Kind
from weekly_translate.tags import TAG, closing_of, opening_of
from weekly_translate.titles import with_name
from weekly_translate.translation.pieces import PieceKind, edited, pieces_of, text_of
from weekly_translate.translation.punctuation import in_english_punctuation
from weekly_translate.translation.residue import (
    on_as_many_lines,
    without_commentary,
    without_entities,
    without_hidden_characters,
    without_json_residue,
    without_markup_in_front,
    without_wrapping,
)
from weekly_translate.translation.sound import code_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from weekly_translate.model import Finding, Pair, Segment
    from weekly_translate.translation.pieces import Piece

_MISSPELLED = re.compile(
    r"(?:<|＜|&lt;)\s{0,2}(?P<close>\\?/|／)?\s{0,2}(?P<name>[xyzＸＹＺ]{0,3}[abidcmａｂｉｄｃｍ]\s?[0-9０-９]{1,4})"
    r"\s{0,2}(?P<alone>/|／)?\s{0,2}(?:>|＞|&gt;)",
    re.IGNORECASE,
)
_SHORTEST_DOUBLING = 12
_SPACED_IN_ENGLISH = ("：", "，", "；", "、")
"""After the end of a sentence there may be the mark of a footnote, which no space precedes."""


def repaired(pair: Pair) -> str:
    """The translation after every repair that leaves no doubt. A good translation comes back unchanged."""
    text = pair.target
    for repair in REPAIRS:
        text = repair(text, pair.segment)
    return text


def better(old: Iterable[Finding], new: Iterable[Finding]) -> bool:
    """Whether a second attempt counts: fewer complaints, and none of a new kind."""
    before, after = Counter(finding.check for finding in old), Counter(finding.check for finding in new)
    return after.total() < before.total() and after.keys() <= before.keys()


def tags_spelled_right(text: str, segment: Segment) -> str:
    """`< a1 >`, `＜a1＞`, `<A1>`, `&lt;a1&gt;` are `<a1>`, if the segment has such a tag."""
    alone = {tag.name: tag.closing is None for tag in segment.tags}

    def spelled(match: re.Match[str]) -> str:
        name = "".join(in_half_width(match["name"]).lower().split())
        if name not in alone or match[0] in segment.text:
            return match[0]
        if alone[name]:
            return "" if match["close"] else f"<{name}/>"
        return f"</{name}>" if match["close"] else f"<{name}{'/' if match['alone'] else ''}>"

    return _MISSPELLED.sub(spelled, text)


def code_restored(text: str, segment: Segment) -> str:
    """Code is the source's, whatever the model made of it; `<c1/>` stands for the whole.

    Unless the tags are mixed up: then words would be lost, or two codes change places.
    """
    source = {piece.name: piece for piece in pieces_of(segment.text, segment) if piece.kind is PieceKind.CODE}
    pieces = pieces_of(text, segment)
    if _mixed_up(pieces, {name: code_in(piece) for name, piece in source.items()}):
        return text
    return text_of(
        source.get(piece.name, piece) if piece.kind in (PieceKind.CODE, PieceKind.ALONE) else piece
        for piece in pieces
    )


def _mixed_up(pieces: list[Piece], codes: Mapping[str, str]) -> bool:
    """Whether a tag holds the code of another, or has left its own among the words."""
    words = " ".join(piece.text for piece in pieces if piece.kind is PieceKind.WORDS)
    wrong = {
        piece.name: code_in(piece)
        for piece in pieces
        if piece.kind is PieceKind.CODE and code_in(piece) != codes.get(piece.name)
    }
    return any(
        inside in codes.values() or re.search(rf"(?<!\w){re.escape(codes.get(name, inside))}(?!\w)", words)
        for name, inside in wrong.items()
    )


def unknown_tags_dropped(text: str, segment: Segment) -> str:
    """A tag that the source lacks goes, and what it encloses stays."""
    known = {tag.name for tag in segment.tags}

    def kept(tag: re.Match[str]) -> str:
        return tag[0] if tag["name"] in known or tag[0] in segment.text else ""

    return edited(text, segment, lambda words: TAG.sub(kept, words))


def said_once(text: str, segment: Segment) -> str:
    """`A. A.` is `A.`, unless the source says it twice as well."""
    half = _half(text)
    return text if half is None or _half(segment.text) is not None else half


def whole_tags_around(text: str, segment: Segment) -> str:
    """A tag around the whole source is around the whole translation."""
    for tag in segment.tags:
        opening, closing = opening_of(tag), closing_of(tag)
        if closing and segment.text.startswith(opening) and segment.text.endswith(closing):
            inside = text.replace(opening, "", 1).replace(closing, "", 1).strip()
            single = opening not in inside and closing not in inside
            return f"{opening}{inside}{closing}" if inside and single else text
    return text


def edge_marks_kept(text: str, segment: Segment) -> str:
    """What stands alone at an edge of the source and is missing stands at that edge of the translation."""
    for tag in segment.tags:
        mark = opening_of(tag)
        if tag.closing is None and mark not in text:
            if segment.text.startswith(mark):
                text = f"{mark}{_gap(segment.text[len(mark) :])}{text.lstrip()}"
            elif segment.text.endswith(mark):
                rest = segment.text[: -len(mark)]
                gap = " " if rest.endswith(_SPACED_IN_ENGLISH) else _gap(rest[::-1])
                text = f"{text.rstrip()}{gap}{mark}"
    return text


def edges_as_in_the_source(text: str, segment: Segment) -> str:
    """White space at the edges is layout and comes from the source."""
    source, bare = segment.text, text.strip()
    head = source[: len(source) - len(source.lstrip())]
    return f"{head}{bare}{source[len(source.rstrip()) :]}" if bare and source.strip() else bare


def _half(text: str) -> str | None:
    """The half of a text that says the same thing twice."""
    bare = text.strip()
    for gap in (0, 1, 2):
        length = (len(bare) - gap) // 2
        twice = bare[:length] == bare[len(bare) - length :] and not bare[length : len(bare) - length].strip()
        if length >= _SHORTEST_DOUBLING and twice:
            return bare[:length].strip()
    return None


def _gap(rest: str) -> str:
    return " " if rest[:1].isspace() else ""


def names_in_front(text: str, segment: Segment) -> str:
    """The name of `name：说明` as the source writes it."""
    return with_name(text, segment.text) if segment.kind is Kind.TITLE else text


REPAIRS: tuple[Callable[[str, Segment], str], ...] = (
    without_wrapping,
    without_json_residue,
    without_commentary,
    without_hidden_characters,
    tags_spelled_right,
    code_restored,
    unknown_tags_dropped,
    on_as_many_lines,
    without_markup_in_front,
    without_entities,
    names_in_front,
    in_english_punctuation,
    said_once,
    whole_tags_around,
    edge_marks_kept,
    edges_as_in_the_source,
)
"""In this order: what is around the text, then its tags, then its words, then its edges."""
