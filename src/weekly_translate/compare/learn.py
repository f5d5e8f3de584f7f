"""What a translation memory may learn from a translation that exists, and why not the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.registry import findings_of
from weekly_translate.checks.tag_placing import placed
from weekly_translate.compare.align import aligned
from weekly_translate.compare.allowances import Allowances
from weekly_translate.compare.retag import DocumentPair, in_source_tags, texts_of
from weekly_translate.model import PLACED, FeatureKind, Pair, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match
    from weekly_translate.compare.retag import TextPair
    from weekly_translate.model import Document, Finding, Segment, Term

_UNTRANSLATED = "nothing in the translation stands for it alone"
_ELSEWHERE = "its translation stands in another place"
_UNRELATED = "the two files link to different works"
_ALONE = (_UNTRANSLATED, _ELSEWHERE, _UNRELATED)
_OTHER_WORK = "its link leads elsewhere in the translation"
_NOT_THE_PAGE = re.compile(r"^https?://(?:www\.)?|/?(?:#.*)?$", re.IGNORECASE | re.DOTALL)
"""What of an address does not say which page it is: the scheme, `www.` and the fragment."""
_ENOUGH = 5
"""With fewer addresses nothing can be said: all of them may have moved."""
_COMMON = 0.5
"""The least share of its addresses that a translation has in common with its source.

In published pairs it is 80 % and more, between different issues 20 %.
"""


class Lesson(NamedTuple):
    """A segment of the source and its translation, in the source's own tags.

    `fault` is why it is not to be learned; nothing where it is. `remark` is `PLACED` where the translation
    had lost tags whose words it has kept.
    """

    segment: Segment
    target: str
    remark: str = ""
    fault: str = ""
    line: int | None = None
    """Where the translation stands in its file."""


def learnable_pairs(
    source: Document, target: Document, allowed: Allowances | None = None
) -> list[tuple[Segment, str]]:
    """Segments with a clean translation, in the source's own tags."""
    lessons = lessons_in(source, target, allowed)
    return [(lesson.segment, lesson.target) for lesson in lessons if not lesson.fault]


def lessons_in(
    source: Document,
    target: Document,
    allowed: Allowances | None = None,
    terms_of: Callable[[Document], Mapping[str, tuple[Term, ...]]] = lambda _document: {},
) -> list[Lesson]:
    """A lesson for each segment of the source, in its order; `terms_of` gives the glossary terms of each.

    Both documents come from `markdown.parse(text, every_line=True)`.
    """
    allowed = allowed or Allowances()
    here, there, pairing = aligned(source, target, allowed)
    documents = DocumentPair(source, target)
    terms = terms_of(source)
    lessons = {  # by the whole segment: several that are read as one are none of these
        lesson.segment: lesson
        for match in pairing.matches
        for lesson in _lessons_of(match, documents, allowed, terms)
    }
    found = [lessons.get(segment, Lesson(segment, "", fault=_UNTRANSLATED)) for segment in source.segments]
    return [lesson._replace(fault=_UNRELATED) for lesson in found] if _are_unrelated(here, there) else found


def shares_text(lessons: Sequence[Lesson]) -> str:
    """The shares of the characters that are learned, are not sound, and have no translation of their own."""
    characters = {"learned": 0, "alone": 0, "faulty": 0}
    for lesson in lessons:
        kind = "alone" if lesson.fault in _ALONE else "faulty" if lesson.fault else "learned"
        characters[kind] += len(lesson.segment.text)
    whole = max(1, sum(characters.values()))
    text = f"{characters['learned'] / whole:.1%} of the characters"
    text += f"; {characters['faulty'] / whole:.1%} have a faulty translation" if characters["faulty"] else ""
    return text + (f"; {characters['alone'] / whole:.1%} have none" if characters["alone"] else "")


def _lessons_of(
    match: Match, documents: DocumentPair, allowed: Allowances, terms: Mapping[str, tuple[Term, ...]]
) -> Iterator[Lesson]:
    """Nothing is learned from lines that were merged or cut in two."""
    if len(match.source) != 1 or len(match.target) != 1:
        return
    for texts in texts_of(match, documents):
        result = in_source_tags(texts, documents, allowed, match.source[0].item)
        pair = Pair(texts.source, result.target, terms.get(texts.source.id, ()))
        lesson = _lesson(pair, is_complete=result.complete)._replace(line=texts.target.line)
        if match.moved:
            yield lesson._replace(fault=_ELSEWHERE)
        elif not _is_one_work(texts, allowed):
            yield lesson._replace(fault=_OTHER_WORK)
        else:
            yield lesson


def _are_unrelated(source: Sequence[DocumentLine], target: Sequence[DocumentLine]) -> bool:
    """Whether a document is the translation of another one; a part of a translation is not."""
    here, there = (
        {_page(address) for line in lines for address in line.values(FeatureKind.LINK)}
        for lines in (source, target)
    )
    return len(there) >= _ENOUGH and len(here & there) < _COMMON * len(there)


def _is_one_work(texts: TextPair, allowed: Allowances) -> bool:
    """Two titles that link to different pages are those of different works, however well they align."""
    here, there = texts.source.link, texts.target.link
    return not (here and there) or _page(allowed.address(here)) == _page(there)


def _page(address: str) -> str:
    """What an address names, however it is reached, and whatever place of it is shown first."""
    return _NOT_THE_PAGE.sub("", address)


def _lesson(pair: Pair, *, is_complete: bool) -> Lesson:
    """Lost tags are placed where their code, name or number stands, if there is exactly one such place."""
    errors = _errors(pair)
    if not errors and is_complete:
        return Lesson(pair.segment, pair.target)
    if errors and all(error.check == "tag.missing" for error in errors):
        mended = placed(pair.segment, pair.target, pair.terms)
        if mended is not None and not _errors(replace(pair, target=mended)):
            return Lesson(pair.segment, mended, PLACED)
    said = "; ".join(error.message for error in errors)
    fault = said or "it holds a link, an image or code that the source lacks"
    return Lesson(pair.segment, pair.target, fault=fault)


def _errors(pair: Pair) -> list[Finding]:
    return [finding for finding in findings_of(pair) if finding.severity is Severity.ERROR]
