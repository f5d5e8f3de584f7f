"""The embedded engine: no key, no network, no model. Its answers are word-by-word drafts and say so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.chinese import CHINESE_PUNCTUATION, HAN, IN_ASCII, has_han, in_half_width
from weekly_translate.model import Format, Reply, Span, Status
from weekly_translate.numerals.chinese import chinese_quantities
from weekly_translate.numerals.english import english_quantities
from weekly_translate.numerals.quantity import in_english
from weekly_translate.tags import Token, tokens_of, well_nested, without_tags
from weekly_translate.text.dictionary import UNKNOWN, load_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.engine import EngineContext
    from weekly_translate.model import Memory, Request, Segment, Term
    from weekly_translate.numerals.quantity import Quantity
    from weekly_translate.settings import Settings
    from weekly_translate.text.dictionary import Dictionary


class Lean(Enum):
    """On which side a piece stands without a space."""

    NEITHER = auto()
    LEFT = auto()
    """A comma, a closing bracket."""
    RIGHT = auto()
    """An opening bracket."""
    BOTH = auto()
    """A slash, a dash: spaces only where the source has them."""


class Piece(NamedTuple):
    """A stretch of a draft. A piece without text is a space, or a word that English does without."""

    text: str
    translated: bool = False
    """Stood there in Chinese, which writes without spaces: it is parted from its neighbors."""
    lean: Lean = Lean.NEITHER
    tag: str = ""
    """The tag itself, `<a1>` or `</a1>`, if the piece is half of a pair; `text` is empty then."""


def joined(pieces: Iterable[Piece]) -> str:
    """The pieces as one text: spaces between words and outside the tags, capitals where sentences start."""
    written: list[str] = []
    tags: list[str] = []
    left, spaced, sentence = None, False, True
    for piece in pieces:
        if piece.tag:
            tags.append(piece.tag)
        elif not piece.text:
            spaced = True
        elif left is None or tags or not _repeats(left, piece):
            gap = " " if left and _parted(left, piece, spaced=spaced) else ""
            sentence = _begins_sentence(left, gap, before=sentence)
            written += _with_gap(tags, gap)
            written.append(_capitalized(piece.text) if sentence and piece.translated else piece.text)
            left, spaced, tags = piece, False, []
    return "".join([*written, *tags])


def _parted(left: Piece, right: Piece, *, spaced: bool) -> bool:
    if left.lean is Lean.RIGHT or right.lean is Lean.LEFT:
        return False
    if Lean.BOTH in (left.lean, right.lean):
        return spaced
    return spaced or left.translated or right.translated


def _begins_sentence(left: Piece | None, gap: str, *, before: bool) -> bool:
    """Whether the next word opens a sentence; an opening quote passes on what `before` says of itself."""
    if left is None or left.lean is Lean.RIGHT:
        return before
    return left.lean is Lean.LEFT and bool(gap) and left.text[-1] in ".!?"


def _repeats(left: Piece, right: Piece) -> bool:
    """看看 would give `see see`."""
    return left.translated and right.translated and left.text == right.text and left.text.isalpha()


def _with_gap(tags: list[str], gap: str) -> list[str]:
    """The gap stands after what closes and before what opens: `the <b1>x</b1> of`."""
    closing = 0
    while closing < len(tags) and tags[closing].startswith("</"):
        closing += 1
    return [*tags[:closing], gap, *tags[closing:]]


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


# ---------------------------------------------------------------------------
# Chinese put into English words in the order of the Chinese: a rehearsal of a translation, not one.

# Tags, code and Latin words stay as they are; glossary terms, numbers and words are put into English.


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


# ---------------------------------------------------------------------------
# The embedded engine: no key, no network, no download. Its answers are drafts and say so.

# A draft is the translation of a remembered text that says nearly the same, else English word by word.


LIKE_ENOUGH = 0.85
"""A remembered text that is less alike than this is not used."""
_LONGEST_COMPARED = 2_000
"""Characters; comparing takes the square of it at worst."""
_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+#-]*")


class Draft(NamedTuple):
    """A draft and where it comes from: `draft: memory 87 %` or `draft: word by word`."""

    text: str
    origin: str


class DraftEngine:
    """Answers every request from the glossary, the memory and the dictionary, at once and for nothing."""

    name = "draft"
    endpoint = "embedded"
    worth = Status.DRAFT

    def __init__(self, load: Callable[[], Dictionary] = load_dictionary) -> None:
        """`load` is called when the first word is looked up."""
        self._load = load

    @classmethod
    def from_settings(cls, _settings: Settings, _context: EngineContext) -> DraftEngine:
        """It needs nothing of them."""
        return cls()

    @cached_property
    def _dictionary(self) -> Dictionary:
        return self._load()

    async def answer(self, request: Request) -> Reply:
        """A draft of each segment, in the format that the request asks for."""
        return Reply(
            written(
                {
                    segment.id: self.draft_of(segment, request.terms, request.memories).text
                    for segment in request.segments
                },
                request.format,
            )
        )

    def draft_of(self, segment: Segment, terms: Sequence[Term], memories: Iterable[Memory]) -> Draft:
        """The best draft of one segment, with its origin."""
        fitting = _fitting_memory(segment, memories)
        if fitting:
            return Draft(fitting.target, _origin(fitting))
        return Draft(word_by_word(segment.text, terms, self._dictionary), _origin(None))

    def stop(self) -> None:
        """It never waits."""

    async def close(self) -> None:
        """There is nothing to give back."""


def origin_of(segment: Segment, memories: Iterable[Memory]) -> str:
    """How the draft of a segment is made, for the report: the same words as in its `Draft`."""
    return _origin(_fitting_memory(segment, memories))


def written(drafts: dict[str, str], form: Format) -> str:
    """Drafts by segment id, written as a model would write them in this format."""
    match form:
        case Format.SCHEMA | Format.OBJECT:
            return json.dumps(drafts, ensure_ascii=False)
        case Format.TAGGED:
            return "\n".join(f"[[{name}]]\n{text}" for name, text in drafts.items())
        case Format.SINGLE:
            return "\n".join(drafts.values())


def _origin(memory: Memory | None) -> str:
    return f"draft: memory {int(memory.score * 100)} %" if memory else "draft: word by word"


def _fitting_memory(segment: Segment, memories: Iterable[Memory]) -> Memory | None:
    """The remembered pair most like this segment, with the likeness to it as its score.

    The memories of a request belong to all of its segments, so that their likeness is measured again.
    """
    measured = [
        replace(memory, score=_likeness(segment.text, memory.source))
        for memory in memories
        if memory.score >= LIKE_ENOUGH and _same_facts(segment.text, memory)
    ]
    return max(
        (memory for memory in measured if memory.score >= LIKE_ENOUGH),
        key=lambda memory: memory.score,
        default=None,
    )


def _same_facts(text: str, memory: Memory) -> bool:
    """Whether the tags, code, names and numbers agree: what a fuzzy match may not get wrong."""
    return (
        sorted(_tags_in(text)) == sorted(_tags_in(memory.target))
        and well_nested(memory.target)
        and _facts_in(text) == _facts_in(memory.source)
    )


def _tags_in(text: str) -> list[str]:
    """The tags; a code tag together with its code."""
    return [token.text for token in with_whole_code(tokens_of(text)) if token.name]


def _facts_in(text: str) -> tuple[list[str], list[str]]:
    words = without_tags(text)
    numbers = [f"{quantity.about} {quantity.kind} {quantity.value}" for quantity in chinese_quantities(words)]
    return sorted(_NAMES.findall(words)), sorted(numbers)


def _likeness(text: str, other: str) -> float:
    """0.0 to 1.0, with the cheap upper bounds first."""
    if max(len(text), len(other)) > _LONGEST_COMPARED:
        return 0.0
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.real_quick_ratio() < LIKE_ENOUGH or matcher.quick_ratio() < LIKE_ENOUGH:
        return 0.0
    return matcher.ratio()
