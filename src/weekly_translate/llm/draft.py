"""The embedded engine: no key, no network, no model. Its answers are drafts and say so.

A draft is the translation of a remembered text that says nearly the same, else English words in the order of
the Chinese: glossary terms, numbers and words are put into English; tags, code and Latin words stay.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import cached_property, partial
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Format, Reply, Span, Status
from weekly_translate.text.characters import (
    CHINESE_PUNCTUATION,
    HAN,
    IN_ASCII,
    Token,
    has_han,
    in_half_width,
    lazy_pattern,
    tokens_of,
    well_nested,
    without_tags,
)
from weekly_translate.text.chinese_numbers import chinese_quantities, in_english
from weekly_translate.text.dictionary import UNKNOWN, load_dictionary
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.llm.engine import EngineContext, EngineSettings, OnHeaders
    from weekly_translate.model import Memory, Request, Segment, Term
    from weekly_translate.text.dictionary import Dictionary
    from weekly_translate.text.numbers import Quantity

_LIKE_ENOUGH = 0.85
"""A remembered text that is less alike than this is not used."""
_LONGEST_COMPARED = 2_000
"""Characters; comparing takes the square of it at worst."""
_NAMES = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9_.+#-]*")
_MARKS = CHINESE_PUNCTUATION.replace("…", "") + "“”"
_OPENING_MARKS = "（【《〈「『〔“"
_TEXT = lazy_pattern(
    rf"(?P<han>[{HAN}]+)|(?P<space>\s+)|(?P<mark>[{_MARKS}])|(?P<dots>…+)|(?P<dash>——+)|(?P<run>(?:(?!——)[^{HAN}{_MARKS}\s…])+)"
)
_QUOTED = lazy_pattern(rf'"([{HAN}](?:[^"]*[{HAN}])?)"')
_SYMBOLS = lazy_pattern(r"[-/\\_~@#*·—]+")


class DraftEngine:
    """A `Backend` that answers from the glossary, the memory and the dictionary, at once and for nothing."""

    name = "draft"
    endpoint = "embedded"
    worth = Status.DRAFT

    def __init__(self, load: Callable[[], Dictionary] = load_dictionary) -> None:
        """`load` is called when the first word is looked up."""
        self._load = load

    @classmethod
    def from_settings(cls, settings: EngineSettings, _context: EngineContext) -> DraftEngine:
        """It needs only the folder in which its dictionary is kept unpacked."""
        return cls(partial(load_dictionary, settings.cache))

    @staticmethod
    def lacks(_base_url: str, _key: str) -> str:
        """Nothing is missing."""
        return ""

    @cached_property
    def _dictionary(self) -> Dictionary:
        return self._load()

    async def attempt(self, request: Request, _on_headers: OnHeaders) -> Reply:
        """A draft of each segment, in the format that the request asks for."""
        drafts = {
            segment.id: self.draft_of(segment, request.terms, request.memories)
            for segment in request.segments
        }
        return Reply(_written(drafts, request.format))

    def draft_of(self, segment: Segment, terms: Sequence[Term], memories: Iterable[Memory]) -> str:
        """The best draft of one segment."""
        fitting = _fitting_memory(segment, memories)
        return fitting.target if fitting else word_by_word(segment.text, terms, self._dictionary)

    async def close(self) -> None:
        """There is nothing to give back."""


def _written(drafts: dict[str, str], form: Format) -> str:
    """Drafts by segment id, written as a model would write them in this format."""
    match form:
        case Format.SCHEMA | Format.OBJECT:
            return json.dumps(drafts, ensure_ascii=False)
        case Format.TAGGED:
            return "\n".join(f"[[{name}]]\n{text}" for name, text in drafts.items())
        case Format.SINGLE:
            return "\n".join(drafts.values())


def _fitting_memory(segment: Segment, memories: Iterable[Memory]) -> Memory | None:
    """The pair most like this segment: the memories of a request belong to all of its segments."""
    text = segment.text
    measured = [
        (_likeness(text, memory.source), memory)
        for memory in memories
        # What a fuzzy match may not get wrong: the tags, code, names and numbers.
        if memory.score >= _LIKE_ENOUGH
        and _tags_in(text) == _tags_in(memory.target)
        and well_nested(memory.target)
        and _facts_in(text) == _facts_in(memory.source)
    ]
    likeness, memory = max(measured, key=itemgetter(0), default=(0.0, None))
    return memory if likeness >= _LIKE_ENOUGH else None


def _tags_in(text: str) -> list[str]:
    """The tags, sorted; a code tag together with its code."""
    return sorted(token.text for token in _with_whole_code(tokens_of(text)) if token.name)


def _facts_in(text: str) -> tuple[list[str], list[str]]:
    words = without_tags(text)
    numbers = [f"{quantity.about} {quantity.kind} {quantity.value}" for quantity in chinese_quantities(words)]
    return sorted(_NAMES.findall(words)), sorted(numbers)


def _likeness(text: str, other: str) -> float:
    """0.0 to 1.0, with the cheap upper bounds first."""
    if max(len(text), len(other)) > _LONGEST_COMPARED:
        return 0.0
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.real_quick_ratio() < _LIKE_ENOUGH or matcher.quick_ratio() < _LIKE_ENOUGH:
        return 0.0
    return matcher.ratio()


class Attached(Enum):
    """On which side a word stands without a space."""

    NEITHER = auto()
    LEFT = auto()
    """A comma, a closing bracket."""
    RIGHT = auto()
    """An opening bracket."""
    BOTH = auto()
    """A slash, a dash: spaces only where the source has them."""


class DraftWord(NamedTuple):
    """A word or mark of a draft. One without text is a space, or a word that English does without."""

    text: str
    translated: bool = False
    """Stood there in Chinese, which writes without spaces: it is parted from its neighbors."""
    attached: Attached = Attached.NEITHER
    tag: str = ""
    """`<a1>` or `</a1>`, for half of a pair; `text` is empty then."""

    @property
    def opens(self) -> bool:
        """Whether it is the tag with which a pair begins."""
        return bool(self.tag) and not self.tag.startswith("</")


def word_by_word(text: str, terms: Sequence[Term], dictionary: Dictionary) -> str:
    """English words for a tagged text. All tags stay, in their order; no Chinese is left outside code."""
    pattern = _any_of(terms)
    english = {term.source.casefold(): term.target for term in terms}
    words: list[DraftWord] = []
    for token in _with_whole_code(tokens_of(text)):
        if not token.name:
            prose = _QUOTED.sub(r"“\1”", token.text)
            words += _words_of(prose, _known_spans(prose, pattern, english), dictionary)
        elif token.alone:
            words.append(DraftWord(token.text))
        else:
            words.append(DraftWord("", tag=token.text))
    return _joined(_without_empty_pairs(words))


def _with_whole_code(tokens: Iterable[Token]) -> Iterator[Token]:
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


def _any_of(terms: Iterable[Term]) -> re.Pattern[str] | None:
    """Matches the terms, the longest first. A Latin name counts only as a whole word and as it is written."""
    sources = sorted({term.source for term in terms if term.source}, key=len, reverse=True)
    if not sources:
        return None
    written = (f"(?i:{re.escape(source)})" if has_han(source) else re.escape(source) for source in sources)
    start, end = r"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9]))", r"(?:(?![A-Za-z0-9])|(?<![A-Za-z0-9]))"
    return re.compile(f"{start}(?:{'|'.join(written)}){end}", re.ASCII)


class KnownSpan(NamedTuple):
    """A term or a number of the source, and its English."""

    span: Span
    english: str


def _known_spans(text: str, terms: re.Pattern[str] | None, english: dict[str, str]) -> list[KnownSpan]:
    """The terms of a text, and the numbers outside them that English writes otherwise, in order."""
    matches = terms.finditer(text) if terms else ()
    found = [KnownSpan(Span(*match.span()), english[match[0].casefold()]) for match in matches]
    covered = {offset for known in found for offset in range(*known.span)}
    numbers = [
        KnownSpan(quantity.span, in_english(quantity))
        for quantity in chinese_quantities(text)
        if quantity.demanded and not _reads_alike(quantity) and covered.isdisjoint(range(*quantity.span))
    ]
    return sorted(found + numbers)


def _reads_alike(quantity: Quantity) -> bool:
    """Whether English reads the same number there: so in `2.6K` and `3.12`, not in `3 万` and `200w`."""
    if has_han(quantity.text):
        return False
    return [read.value for read in english_quantities(quantity.text)] == [quantity.value]


def _words_of(text: str, known: Iterable[KnownSpan], dictionary: Dictionary) -> Iterator[DraftWord]:
    """What is known, and what stands between it word by word."""
    position = 0
    for span, english in known:
        yield from _plain_words(text, Span(position, span.start), dictionary)
        yield DraftWord(english, translated=has_han(text[span.start : span.end]))
        position = span.end
    yield from _plain_words(text, Span(position, len(text)), dictionary)


def _plain_words(text: str, span: Span, dictionary: Dictionary) -> Iterator[DraftWord]:
    """Words, marks and spaces between the terms and numbers."""
    for match in _TEXT.finditer(text, *span):
        if match["han"]:
            for word in dictionary.words_in(match[0]):
                yield DraftWord(dictionary.gloss(word), translated=True)
        elif match["mark"]:
            yield _mark(text, match.start())
        elif match["dots"]:
            yield DraftWord("...", translated=True, attached=Attached.LEFT)
        elif match["dash"]:
            yield DraftWord("—", translated=True, attached=Attached.BOTH)
        elif match["space"]:
            yield DraftWord("")
        else:
            yield from _literal_words(in_half_width(match[0]))


def _mark(text: str, offset: int) -> DraftWord:
    """A full-width mark as English writes it; the wave only lives between digits."""
    mark = text[offset]
    if mark == "～":
        before, after = text[max(0, offset - 1) : offset], text[offset + 1 : offset + 2]
        return DraftWord("-" if before.isdigit() and after.isdigit() else "", attached=Attached.BOTH)
    ascii_mark = '"' if mark in "“”" else mark.translate(IN_ASCII)
    side = Attached.RIGHT if mark in _OPENING_MARKS else Attached.LEFT
    return DraftWord(ascii_mark, translated=True, attached=side)


def _literal_words(run: str) -> Iterator[DraftWord]:
    """What is not Chinese stays; its outer punctuation may be attached to a Chinese neighbor."""
    if _SYMBOLS.fullmatch(run):
        yield DraftWord(run, attached=Attached.BOTH)
        return
    rest = run.lstrip("([{")
    word = rest.rstrip(")]},.;:!?")
    if rest != run:
        yield DraftWord(run[: len(run) - len(rest)], attached=Attached.RIGHT)
    if word:
        yield DraftWord(word)
    if word != rest:
        yield DraftWord(rest[len(word) :], attached=Attached.LEFT)


def _without_empty_pairs(words: Iterable[DraftWord]) -> Iterator[DraftWord]:
    """A pair around nothing but a dropped particle would be lost in Markdown."""
    opened = False
    for word in words:
        if opened and word.tag and not word.opens:
            yield DraftWord(UNKNOWN, translated=True)
        if word.tag or word.text:
            opened = word.opens
        yield word


def _joined(words: Iterable[DraftWord]) -> str:
    """The words as one text: spaces between them and outside the tags, capitals where sentences start."""
    written: list[str] = []
    tags: list[DraftWord] = []
    left, spaced, sentence = None, False, True
    for word in words:
        if word.tag:
            tags.append(word)
        elif not word.text:
            spaced = True
        elif tags or left != word or not (word.translated and word.text.isalpha()):  # 看看: `see see`
            gap = " " if left and _parted(left, word, spaced=spaced) else ""
            sentence = _begins_sentence(left, gap, before=sentence)
            written += _with_gap(tags, gap)
            capital = sentence and word.translated
            written.append(word.text[0].upper() + word.text[1:] if capital else word.text)
            left, spaced, tags = word, False, []
    return "".join([*written, *(tag.tag for tag in tags)])


def _parted(left: DraftWord, right: DraftWord, *, spaced: bool) -> bool:
    if left.attached is Attached.RIGHT or right.attached is Attached.LEFT:
        return False
    if Attached.BOTH in (left.attached, right.attached):
        return spaced
    return spaced or left.translated or right.translated


def _begins_sentence(left: DraftWord | None, gap: str, *, before: bool) -> bool:
    """Whether the next word opens a sentence; an opening quote passes on what `before` says of itself."""
    if left is None or left.attached is Attached.RIGHT:
        return before
    return left.attached is Attached.LEFT and bool(gap) and left.text[-1] in ".!?"


def _with_gap(tags: Sequence[DraftWord], gap: str) -> list[str]:
    """The gap stands after what closes and before what opens: `the <b1>x</b1> of`."""
    opening = next((index for index, tag in enumerate(tags) if tag.opens), len(tags))
    return [*(tag.tag for tag in tags[:opening]), gap, *(tag.tag for tag in tags[opening:])]
