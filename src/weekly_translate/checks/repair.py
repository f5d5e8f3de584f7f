"""Repair by rule: what is certain needs no model (D4), and what `check --fix` mends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.checks.completeness import half_of
from weekly_translate.checks.model_artifacts import FIXED, REPAIRED
from weekly_translate.checks.tagged_text import (
    PieceKind,
    code_in,
    edge_marks_kept,
    edited,
    pieces_of,
    text_of,
)
from weekly_translate.checks.terms import names_written_small, run_together
from weekly_translate.model import Kind, Pair, Segment
from weekly_translate.text.characters import (
    IN_ASCII,
    TAG,
    closing_of,
    has_han,
    in_half_width,
    lazy_pattern,
    name_of,
    opening_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from weekly_translate.checks.model_artifacts import Sign
    from weekly_translate.model import Finding

# --------------------------------------------------------------------------- around the text


class Wrapping(StrEnum):
    """What was found around an answer; CUT is an answer that ends before its end."""

    THINK = "think"
    FENCE = "fence"
    PREAMBLE = "preamble"
    CUT = "cut"


_NAMES = "(?:think|thinking|thought|reasoning)"
_OF_THOUGHTS = lazy_pattern(f"</?{_NAMES}>")
_THOUGHT = lazy_pattern(
    rf"\A(?:<({_NAMES})>.*?</\1>|(?![{{\[`])(?:(?!<{_NAMES}>).)*?</{_NAMES}>)\s*", re.DOTALL
)
"""The opening tag may be missing, but not in front of JSON or a fence."""
_UNCLOSED = lazy_pattern(rf"\s*<({_NAMES})>(?!.*</\1>)", re.DOTALL)
_FENCED = lazy_pattern(r"\A```[\w-]{0,20}[ \t]*\n(.*)```\Z", re.DOTALL)


def unwrapped(text: str, source: str = "") -> tuple[str, tuple[Wrapping, ...]]:
    """A text without closed thoughts and a fence around the whole. `source` is never taken for a wrapping."""
    bare = text.strip().removeprefix("\ufeff").lstrip()
    thoughtless = bare if _OF_THOUGHTS.search(source) else _THOUGHT.sub("", bare)
    found = (Wrapping.THINK,) if thoughtless != bare else ()
    fenced = None if source.startswith("```") else _FENCED.match(thoughtless)
    return (fenced[1].strip(), (*found, Wrapping.FENCE)) if fenced else (thoughtless, found)


def unclosed_thought(text: str, source: str = "") -> bool:
    """Whether a text begins with a thought that has no end, for nobody knows where it ends."""
    return _UNCLOSED.match(text) is not None and not _OF_THOUGHTS.search(source)


_PARAGRAPHS = lazy_pattern(r"\n[ \t]*\n")


def without_signs(text: str, segment: Segment, signs: Iterable[Sign] = REPAIRED) -> str:
    """Without what `signs.txt` says that a rule repairs: hidden characters, prefaces, escapes, emoji."""
    for sign in (one for one in signs if one.pattern.search(text)):
        repair = partial(sign.repaired, source=segment.text)
        text = repair(text) if sign.has_code else edited(text, segment, repair)
    return text


def on_as_many_lines(text: str, segment: Segment) -> str:
    """A segment on one line has its translation on one line. A second paragraph is no part of it."""
    if "\n" in segment.text or _PARAGRAPHS.search(text.strip()):
        return text
    return " ".join(line.strip() for line in text.split("\n") if line.strip())


# --------------------------------------------------------------------------- punctuation

_OPENING, _CLOSING, _STOPS = "（【〔《〈「『", "）】〕》〉」』", "，。；：！？、"
_RUN = lazy_pattern(rf"[ \t\u3000]{{0,4}}([{_OPENING}{_CLOSING}{_STOPS}]+)[ \t\u3000]{{0,4}}")
_DOUBLE_SPACE = lazy_pattern(r"(?<=\S) {2,}(?=\S)")
_OTHER_SIGNS = lazy_pattern("[＃-＆＊＋－-９＝＠-Ｚ＾＿ａ-ｚ～]+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "＂": '"', "＇": "'"})
_OPENED = lazy_pattern(r"(?:\A|[ (\[\"'\n]|<[a-z]{1,4}\d{1,7}>)\Z")
_CLOSED = lazy_pattern(rf"\Z|[ ,.;:!?)\]\"'%\n”’…{_STOPS}{_CLOSING}]|</")


def in_ascii(text: str) -> str:
    """The text with ASCII signs and single spaces; signs beside Chinese stay with it."""
    text = _OTHER_SIGNS.sub(lambda match: in_half_width(match[0]), _RUN.sub(_run_in_ascii, text))
    text = re.sub("…+", "...", text.translate(_QUOTES))
    return single_spaced(text)


def single_spaced(text: str) -> str:
    """One space between words; white space at the edges of lines stays."""
    return _DOUBLE_SPACE.sub(" ", text)


def _run_in_ascii(match: re.Match[str]) -> str:
    """A space stands before what opens and behind what closes, but not beside another that does."""
    before = match.string[max(match.start() - 12, 0) : match.start()]
    after = match.string[match.end() : match.end() + 2]
    if has_han(before[-1:]) or has_han(after[:1]):
        return match[0]
    signs = re.sub(rf"(?<=[{_STOPS}{_CLOSING}])(?=[{_OPENING}])", " ", match[1])
    number = signs in ("，", "：") and match[0] == signs and before[-1:].isdigit() and after[:1].isdigit()
    lead = " " if signs[0] in _OPENING and not _OPENED.search(before) else ""
    tail = "" if number or signs[-1] in _OPENING or _CLOSED.match(after) else " "
    return f"{lead}{signs.translate(IN_ASCII)}{tail}"


# --------------------------------------------------------------------------- tags, words, edges

_MISSPELLED = lazy_pattern(
    r"(?:<|＜|&lt;)\s{0,2}(?P<close>\\?/|／)?\s{0,2}(?P<name>[xyzＸＹＺ]{0,3}[abidcmａｂｉｄｃｍ]\s?[0-9０-９]{1,7})"
    r"\s{0,2}(?P<alone>/|／)?\s{0,2}(?:>|＞|&gt;)",
    re.IGNORECASE,
)


def repaired(pair: Pair) -> str:
    """The translation after every repair that leaves no doubt. A good translation comes back unchanged."""
    text, _ = unwrapped(pair.target, pair.segment.text)
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
    right = {match[0] for match in _MISSPELLED.finditer(segment.text)}

    def spelled(match: re.Match[str]) -> str:
        name = "".join(in_half_width(match["name"]).lower().split())
        if name not in alone or match[0] in right:
            return match[0]
        if alone[name]:
            return "" if match["close"] else f"<{name}/>"
        return f"</{name}>" if match["close"] else f"<{name}{'/' if match['alone'] else ''}>"

    return _MISSPELLED.sub(spelled, text)


def code_restored(text: str, segment: Segment) -> str:
    """Code is the source's, whatever the model made of it; `<c1/>` stands for the whole.

    Not where a tag holds the code of another, or has left its own among the words: then words would be lost,
    or two codes change places.
    """
    source = {piece.name: piece for piece in pieces_of(segment.text, segment) if piece.kind is PieceKind.CODE}
    codes, pieces = {name: code_in(piece) for name, piece in source.items()}, pieces_of(text, segment)
    words = text_of(piece for piece in pieces if piece.kind is PieceKind.WORDS)
    for piece in (one for one in pieces if one.kind is PieceKind.CODE):
        inside, own = code_in(piece), codes.get(piece.name, "")
        if inside != own and (
            inside in codes.values() or re.search(rf"(?<!\w){re.escape(own)}(?!\w)", words)
        ):
            return text
    stands_for_code = (PieceKind.CODE, PieceKind.ALONE)
    return text_of(source.get(one.name, one) if one.kind in stands_for_code else one for one in pieces)


def unknown_tags_dropped(text: str, segment: Segment) -> str:
    """A tag that the source lacks goes, and what it encloses stays."""
    known = {tag[0] for tag in TAG.finditer(segment.text)}
    kept = partial(TAG.sub, lambda tag: tag[0] if tag[0] in known else "")
    return edited(text, segment, kept)


def said_once(text: str, segment: Segment) -> str:
    """`A. A.` is `A.`, unless the source says it twice as well."""
    half = half_of(text)
    return half if half and not half_of(segment.text, least=1) else text


def whole_tags_around(text: str, segment: Segment) -> str:
    """A tag around the whole source is around the whole translation."""
    for tag in segment.tags:
        opening, closing = opening_of(tag), closing_of(tag)
        if closing and segment.text.startswith(opening) and segment.text.endswith(closing):
            inside = text.replace(opening, "", 1).replace(closing, "", 1).strip()
            single = opening not in inside and closing not in inside
            return f"{opening}{inside}{closing}" if inside and single else text
    return text


def edges_as_in_the_source(text: str, segment: Segment) -> str:
    """White space at the edges is layout and comes from the source."""
    source, bare = segment.text, text.strip()
    head = source[: len(source) - len(source.lstrip())]
    return f"{head}{bare}{source[len(source.rstrip()) :]}" if bare and source.strip() else bare


_COLON = lazy_pattern(r" ?(?::|：| [–—-](?= )) ?")


def with_name(text: str, segment: Segment) -> str:
    """The name of a title `name：说明` as the source writes it, where it only was re-cased or respaced."""
    name = name_of(segment.text) if segment.kind is Kind.TITLE else ""
    colon = _COLON.search(text)
    if not name or not colon or text.startswith(f"{name}: "):
        return text
    written, rest = text[: colon.start()], text[colon.end() :]
    return f"{name}: {rest}" if rest and run_together(written) == run_together(name) else text


Repair = Callable[[str, Segment], str]
"""Takes a text and the segment that it translates."""

REPAIRS: tuple[Repair, ...] = (
    without_signs,
    tags_spelled_right,
    code_restored,
    unknown_tags_dropped,
    on_as_many_lines,
    with_name,
    partial(edited, edit=in_ascii),
    said_once,
    whole_tags_around,
    edge_marks_kept,
    edges_as_in_the_source,
)
"""In this order: what is around the text, then its tags, then its words, then its edges."""


# --------------------------------------------------------------------------- fixes


def names_with_their_capitals(text: str, segment: Segment) -> str:
    """Names of the source with the capitals that they have there."""
    for name, written in names_written_small(Pair(segment, text)):
        text = edited(text, segment, partial(re.sub, re.escape(written), name))
    return text


FIXES: Mapping[str, Repair] = MappingProxyType(
    {
        **{id_: partial(without_signs, signs=signs) for id_, signs in FIXED.items()},
        "char.fullwidth": partial(edited, edit=in_ascii),
        "punct.cjk": partial(edited, edit=in_ascii),
        "seg.repeated": said_once,
        "term.case": names_with_their_capitals,
    }
)
"""By the check that asks for it, in the order in which they are applied."""
