"""Reads the reply of a second reader: what it may say is a list of errors whose words stand in the texts."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from weekly_translate.llm.replies import read_objects
from weekly_translate.model import ErrorCategory, ErrorSeverity, MeaningError, Proofreading, Span
from weekly_translate.text.characters import has_han
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import TAG, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Reply, Request
    from weekly_translate.proofread.requests import ReadPair

MOST_ERRORS = 12
"""Of one segment: a reader that names more does not read, it writes."""
_MOST_MORE = 240
"""So many characters may a correction be longer than the words that it replaces, or a third of the text."""
_WITHOUT_TARGET = (ErrorCategory.OMISSION,)
_WITHOUT_SOURCE = (ErrorCategory.ADDITION, ErrorCategory.GRAMMAR, ErrorCategory.STYLE)
_QUOTES = str.maketrans("‘’“”", "''\"\"")
_WITHIN = lazy_pattern(r"[A-Za-z0-9]{2}")
_CLOSING = tuple(" ,.;:!?)")
_ADDRESS = lazy_pattern(r"://|\]\(|\n")
_Member = TypeVar("_Member", ErrorCategory, ErrorSeverity)


def read_verdicts(reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, Proofreading]:
    """The verdicts by the ids that were asked; an id without a list, or with two, has none."""
    asked = {one.id: one for one in pairs}
    said = [(id_, content) for id_, content in read_objects(reply, request) if id_ in asked]
    ids = [id_ for id_, _ in said]
    return {
        id_: _proofreading(content, asked[id_])
        for id_, content in said
        if isinstance(content, list) and ids.count(id_) == 1
    }


def _proofreading(entries: list[object], read: ReadPair) -> Proofreading:
    errors = [_error(entry, read) for entry in entries[:MOST_ERRORS]]
    kept = list(dict.fromkeys(error for error in errors if error is not None))
    distinct = {(error.source, error.target): error for error in reversed(kept)}
    return Proofreading(
        tuple(error for error in kept if error in distinct.values()),
        errors.count(None) + len(entries[MOST_ERRORS:]),
    )


def _error(entry: object, read: ReadPair) -> MeaningError | None:
    """One error; None for one whose words do not stand in the texts, or that cannot be read."""
    if not isinstance(entry, dict):
        return None
    category = _member(ErrorCategory, entry.get("category"))
    severity = _member(ErrorSeverity, entry.get("severity"))
    zh, en = entry.get("zh"), entry.get("en")
    if category is None or severity is None or not (isinstance(zh, str) and isinstance(en, str)):
        return None
    source, target = found_in(read.pair.segment.text, zh), found_in(read.pair.target, en)
    if source is None or target is None:
        return None
    if not (target or category in _WITHOUT_TARGET) or not (source or category in _WITHOUT_SOURCE):
        return None
    correction = _correction(entry.get("correction"), target, read)
    return None if correction == target else MeaningError(source, target, category, severity, correction)


def _member(kind: type[_Member], said: object) -> _Member | None:
    """`accuracy/omission` and `Omission` are read as well: not every endpoint keeps to a schema."""
    word = said.rpartition("/")[2].strip().lower() if isinstance(said, str) else ""
    return next((member for member in kind if member.value == word), None)


def found_in(text: str, words: str) -> str | None:
    """The stretch of a text that somebody has copied; "" for no words, None where they do not stand there.

    Tags that were left out, quotation marks of another form and other white space are no difference; a part
    of a word or of a number is none of its words.
    """
    words = words.strip()
    if not words:
        return ""
    wanted, _ = _letters(words)
    letters, places = _letters(text)
    loosely = (Span(places[start], places[end - 1] + 1) for start, end in _places(letters, wanted))
    spans = chain(_places(text, words), loosely if wanted else ())
    return next((text[slice(*span)] for span in spans if _is_whole(text, span)), None)


def _places(text: str, words: str) -> Iterator[Span]:
    """Where the words stand."""
    start = text.find(words)
    while start >= 0:
        yield Span(start, start + len(words))
        start = text.find(words, start + 1)


def _is_whole(text: str, span: Span) -> bool:
    """Whether a stretch does not begin or end within a Latin word or a number."""
    edges = (text[max(at - 1, 0) : at + 1] for at in span)
    return not any(_WITHIN.fullmatch(edge) for edge in edges)


def _letters(text: str) -> tuple[str, list[int]]:
    """A text without tags and white space, its quotation marks straight, and where each character stands."""
    shown = TAG.sub(lambda match: " " * len(match[0]), text).translate(_QUOTES)
    places = [place for place, letter in enumerate(shown) if not letter.isspace()]
    return "".join(shown[place] for place in places), places


def _correction(said: object, target: str, read: ReadPair) -> str | None:
    """What can stand in the place of the words without harm: no address, no Chinese, the same tags."""
    if not isinstance(said, str) or not target:
        return None
    said = said.strip()
    most = len(target) + max(_MOST_MORE, len(read.pair.target) // 3)
    unsafe = _ADDRESS.search(said) or (has_han(said) and not has_han(target)) or len(said) > most
    if unsafe or sorted(names_in(said)) != sorted(names_in(target)):
        return None
    return said


def corrected(target: str, errors: Iterable[MeaningError]) -> str:
    """A translation with corrections in the places of what they correct.

    Words that stand there more than once, or not any more, are left alone.
    """
    for error in errors:
        if error.correction is not None and target.count(error.target) == 1:
            before, after = target.split(error.target)
            if not error.correction:
                before = before.rstrip() if after[:1] in _CLOSING else before
                after = after.lstrip() if before[-1:].isspace() or not before else after
            target = before + error.correction + after
    return target
