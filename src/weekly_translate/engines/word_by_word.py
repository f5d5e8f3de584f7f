"""Chinese put into English words in the order of the Chinese: a rehearsal of a translation, not one.

Tags, code and Latin words stay as they are; glossary terms, numbers and words are put into English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import CHINESE_PUNCTUATION, HAN, IN_ASCII, has_han, in_half_width
from weekly_translate.engines.dictionary import UNKNOWN
from weekly_translate.engines.joining import Lean, Piece, joined
from weekly_translate.model import Span
from weekly_translate.numerals import chinese_quantities, english_quantities, in_english
from weekly_translate.tags import Token, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.engines.dictionary import Dictionary
    from weekly_translate.model import Term
    from weekly_translate.numerals import Quantity

_MARKS = CHINESE_PUNCTUATION.replace("…", "") + "“”"
_OPENING_MARKS = "（【《〈「『〔“"
_TEXT = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<space>\s+)|(?P<mark>[{_MARKS}])|(?P<dots>…+)|(?P<dash>——+)|(?P<run>(?:(?!——)[^{HAN}{_MARKS}\s…])+)"
)
_QUOTED = re.compile(rf'"([{HAN}](?:[^"]*[{HAN}])?)"')
_SYMBOLS = re.compile(r"[-/\\_~@#*·—]+")


class Settled(NamedTuple):
    """A stretch of the source whose English is known: a term or a number."""

    span: Span
    english: str


def word_by_word(text: str, terms: Sequence[Term], dictionary: Dictionary) -> str:
    """English words for a tagged text. All tags stay, in their order; no Chinese is left outside code."""
    pattern = _any_of(terms)
    english = {term.source.casefold(): term.target for term in terms}
    pieces: list[Piece] = []
    for token in with_whole_code(tokens_of(text)):
        if token.name:
            pieces.append(_tag_piece(token))
        else:
            prose = _QUOTED.sub(r"“\1”", token.text)
            pieces += _pieces_of(prose, _settled(prose, pattern, english), dictionary)
    return joined(_without_empty_pairs(pieces))


def with_whole_code(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens, with each code tag and its content as one that stands alone: code is never read."""
    code: list[str] = []
    name = ""
    for token in tokens:
        if not code and (token.name.lstrip("xyz")[:1] != "c" or token.closes or token.alone):
            yield token
            continue
        name = name or token.name
        code.append(token.text)
        if token.closes and token.name == name:
            yield Token("".join(code), name, alone=True)
            code, name = [], ""
    if code:
        yield Token("".join(code), name, alone=True)


def _tag_piece(token: Token) -> Piece:
    """Half of a pair; a tag that stands alone is a word like others."""
    return Piece(token.text) if token.alone else Piece("", tag=token.text)


def _without_empty_pairs(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """A pair around nothing but a dropped particle would be lost in Markdown."""
    opened = False
    for piece in pieces:
        if opened and piece.tag.startswith("</"):
            yield Piece(UNKNOWN, translated=True)
        if piece.tag or piece.text:
            opened = bool(piece.tag) and not piece.tag.startswith("</")
        yield piece


def _any_of(terms: Iterable[Term]) -> re.Pattern[str] | None:
    """Matches the terms, the longest first. A Latin name counts only as a whole word and as it is written."""
    sources = sorted({term.source for term in terms if term.source}, key=len, reverse=True)
    if not sources:
        return None
    written = (f"(?i:{re.escape(source)})" if has_han(source) else re.escape(source) for source in sources)
    alternatives = "|".join(written)
    start, end = r"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9]))", r"(?:(?![A-Za-z0-9])|(?<![A-Za-z0-9]))"
    return re.compile(f"{start}(?:{alternatives}){end}", re.ASCII)


def _settled(text: str, terms: re.Pattern[str] | None, english: dict[str, str]) -> list[Settled]:
    """The terms of a text, and the numbers outside them that English writes otherwise."""
    matches = terms.finditer(text) if terms else ()
    found = [Settled(Span(*match.span()), english[match[0].casefold()]) for match in matches]
    covered = {offset for settled in found for offset in range(*settled.span)}
    numbers = [
        Settled(quantity.span, in_english(quantity))
        for quantity in chinese_quantities(text)
        if quantity.demanded and not _reads_alike(quantity) and covered.isdisjoint(range(*quantity.span))
    ]
    return sorted(found + numbers)


def _reads_alike(quantity: Quantity) -> bool:
    """Whether English reads the same number there: so in `2.6K` and `3.12`, not in `3 万` and `200w`."""
    if has_han(quantity.text):
        return False
    return [read.value for read in english_quantities(quantity.text)] == [quantity.value]


def _pieces_of(text: str, settled: Iterable[Settled], dictionary: Dictionary) -> Iterator[Piece]:
    """What is settled, and what stands between it word by word."""
    position = 0
    for span, english in settled:
        yield from _plain_pieces(text, Span(position, span.start), dictionary)
        yield Piece(english, translated=has_han(text[span.start : span.end]))
        position = span.end
    yield from _plain_pieces(text, Span(position, len(text)), dictionary)


def _plain_pieces(text: str, span: Span, dictionary: Dictionary) -> Iterator[Piece]:
    """Words, marks and spaces between the terms and numbers."""
    for match in _TEXT.finditer(text, *span):
        if match["han"]:
            for word in dictionary.words_in(match[0]):
                yield Piece(dictionary.gloss(word), translated=True)
        elif match["mark"]:
            yield _mark_piece(text, match.start())
        elif match["dots"]:
            yield Piece("...", translated=True, lean=Lean.LEFT)
        elif match["dash"]:
            yield Piece("—", translated=True, lean=Lean.BOTH)
        elif match["space"]:
            yield Piece("")
        else:
            yield from _literal_pieces(in_half_width(match[0]))


def _mark_piece(text: str, offset: int) -> Piece:
    """A full-width mark as English writes it; the wave only lives between digits."""
    mark = text[offset]
    if mark == "～":
        between_digits = (
            text[max(0, offset - 1) : offset].isdigit() and text[offset + 1 : offset + 2].isdigit()
        )
        return Piece("-" if between_digits else "", lean=Lean.BOTH)
    ascii_mark = '"' if mark in "“”" else mark.translate(IN_ASCII)
    return Piece(ascii_mark, translated=True, lean=Lean.RIGHT if mark in _OPENING_MARKS else Lean.LEFT)


def _literal_pieces(run: str) -> Iterator[Piece]:
    """What is not Chinese stays. Its outer punctuation is told apart: a Chinese neighbor may lean on it."""
    if _SYMBOLS.fullmatch(run):
        yield Piece(run, lean=Lean.BOTH)
        return
    rest = run.lstrip("([{")
    word = rest.rstrip(")]},.;:!?")
    if rest != run:
        yield Piece(run[: len(run) - len(rest)], lean=Lean.RIGHT)
    if word:
        yield Piece(word)
    if word != rest:
        yield Piece(rest[len(word) :], lean=Lean.LEFT)
