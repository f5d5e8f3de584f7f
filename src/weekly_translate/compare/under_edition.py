"""A source and a translation that anybody made, as the edition of the source wants them compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.allowances import Allowances
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.edition.blocks import HOLE
from weekly_translate.edition.house_marks import unmarked_items
from weekly_translate.edition.values import NotePolicy, Rewrite, RuleKind, Selector
from weekly_translate.markdown.segments import parse
from weekly_translate.model import FeatureKind, Finding, Kind, Mark, MarkKind, Severity, Span
from weekly_translate.text.characters import has_han, lines_of, shortened
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.compare.judge import Rules
    from weekly_translate.edition.applying import Manuscript
    from weekly_translate.edition.choosing import Editions
    from weekly_translate.edition.values import Edition, Issue, Use
    from weekly_translate.glossary.entries import Matcher
    from weekly_translate.model import Document, Segment


def prepared_pair(manuscript: Manuscript, target: str, allowed: Allowances) -> PreparedPair:
    """Apply the edition of a source to a comparison; `allowed` is what a person allows besides.

    The manuscript is made with `every_line`. Raises `InputRefusedError`.
    """
    choice, issue, edited = manuscript
    edition = choice.edition
    english = parse(target, every_line=True, marks=edition.written)
    findings: list[Finding] = []
    template = next((use.text for use in edited.uses if use.kind is RuleKind.TITLE), "")
    written: set[int] = set()
    if template:
        titles = list(_titles(english))
        findings += _title_findings(titles, template, edition, issue)
        written |= set() if HOLE in template else {title.line for title in titles}
        english = _with_title_cut(english, template)
    lines = lines_of(english.text)
    for use in _texts(edited.uses):
        lacking = _take(use.text, lines, written)
        if lacking:
            name = f"text '{use.rule}'" if use.kind is RuleKind.REPLACED else use.kind.value
            message = f"the {name} of the edition lacks “{shortened(lacking[0])}”"
            findings.append(Finding("edition.text", Severity.WARNING, message))
    findings += _usual_notes(english, edition)
    inserted = tuple(Selector("lines", _ANY, (line, line)) for line in sorted(written))
    wanted = replace(
        allowed,
        inserted=allowed.inserted + inserted,
        urls=allowed.urls + tuple(Rewrite(one.pattern, one.replacement) for one in edition.urls),
        front_matter=allowed.front_matter or not edition.keeps_front_matter,
        notes=_notes_wanted(edition, allowed),
        settled=edited.settled,
    )
    return PreparedPair(_with_notes(edited.document, edition), english, wanted, tuple(findings))


def pair_to_learn_from(source: str, name: str, target: str, editions: Editions) -> PreparedPair:
    """A pair to learn from: under the edition of the source if the translation holds the edition's own texts.

    One that was made in another way is aligned line by line, with all that the source has.
    """
    manuscript = manuscript_of(source, name, editions, every_line=True)
    pair = prepared_pair(manuscript, target, Allowances())
    if not any(finding.check == "edition.text" for finding in pair.findings):
        return pair
    whole = parse(source, every_line=True, marks=manuscript.choice.edition.marks)
    return PreparedPair(whole, parse(target, every_line=True), Allowances())


def rules_under(manuscript: Manuscript, pair: PreparedPair, rules: Rules, matcher: Matcher) -> Rules:
    """The rules of a comparison with what the edition allows, names and calls."""
    edition = manuscript.choice.edition
    terms_in = matcher.extended(edition.terms).terms_in if edition.terms else rules.terms_in
    return replace(rules, allowed=pair.allowed, kept=rules.kept | edition.kept, terms_in=terms_in)


# --------------------------------------------------------------------------- edition differences

_TEXTS = (RuleKind.HEADER, RuleKind.REPLACED, RuleKind.FOOTER)
"""What an edition writes beside the title, in the order of the English."""
_HEADING = lazy_pattern(r" {0,3}#[ \t]+(.*)")
_ANY = lazy_pattern("")


@dataclass(frozen=True, slots=True)
class PreparedPair:
    """A pair as its edition wants it compared, and what the edition itself has to say about it."""

    source: Document
    """Without what the edition drops or replaces."""
    target: Document
    allowed: Allowances
    findings: tuple[Finding, ...] = ()


class _Title(NamedTuple):
    """A title of the translation, and the line that it stands on."""

    text: str
    line: int


# --------------------------------------------------------------------------- the title


def _titles(target: Document) -> Iterator[_Title]:
    """The title of the front matter and the first H1, if there are any."""
    meta = next((segment for segment in target.segments if segment.kind is Kind.META), None)
    if meta is not None:
        yield _Title(meta.text, meta.line)
    for number, line in enumerate(lines_of(target.text), 1):
        if match := _HEADING.match(line):
            yield _Title(match[1].strip(), number)
            return


def _title_findings(
    titles: Iterable[_Title], template: str, edition: Edition, issue: Issue
) -> Iterator[Finding]:
    """Number, date and words of the title belong together; each of them may be wrong."""
    wanted = _HEADING.sub(r"\1", template).strip()
    pattern = re.compile(".+?".join(map(re.escape, wanted.split(HOLE))))
    titles = list(titles)
    for title in titles:
        faults = list(_faults(title.text, edition, issue))
        for fault in faults:
            yield Finding("edition.title", Severity.ERROR, fault, None, 1, title.line)
        if not faults and not pattern.fullmatch(title.text):
            message = f"the title is not written as “{wanted.replace(HOLE, '…')}”"
            yield Finding("edition.title", Severity.WARNING, message, None, 1, title.line)
    if not titles:
        message = f"the title “{wanted.replace(HOLE, '…')}” is missing"
        yield Finding("edition.title", Severity.ERROR, message, None, 1)


def _faults(title: str, edition: Edition, issue: Issue) -> Iterator[str]:
    if "{number}" in edition.title and not re.search(rf"(?<!\d){re.escape(issue.number)}(?!\d)", title):
        yield f"the title “{shortened(title)}” lacks the number of the issue, {issue.number}"
    if "{date}" in edition.title and issue.date not in title:
        yield f"the title “{shortened(title)}” lacks the date of the issue, {issue.date}"
    if has_han(title):
        yield f"the title “{shortened(title)}” is still Chinese"


def _with_title_cut(target: Document, template: str) -> Document:
    """The title cut down to what translates words of the source: the rest, and the `#`, is the edition's."""
    title = next((one for one in target.segments if one.kind in (Kind.META, Kind.HEADING)), None)
    if title is None or HOLE not in template:
        return target
    before, after = (part.strip() for part in _HEADING.sub(r"\1", template).split(HOLE, 1))
    segments = tuple(_cut(one, before, after) if one is title else one for one in target.segments)
    features = tuple(
        one for one in target.features if one.kind is not FeatureKind.HEADING or one.line != title.line
    )
    return replace(target, segments=segments, features=features)


def _cut(segment: Segment, before: str, after: str) -> Segment:
    text = segment.text.strip()
    if len(text) <= len(before) + len(after) or not (text.startswith(before) and text.endswith(after)):
        return segment
    return replace(segment, text=text[len(before) : len(text) - len(after)].strip())


# --------------------------------------------------------------------------- header, footer, replaced blocks


def _texts(uses: Iterable[Use]) -> list[Use]:
    """The texts that the edition has written, in the order of the English."""
    texts = [use for use in uses if use.kind in _TEXTS and use.text]
    return sorted(texts, key=lambda use: (_TEXTS.index(use.kind), use.lines))


def _take(text: str, lines: list[str], written: set[int]) -> list[str]:
    """Note where the lines of a text stand in the English; gives those that stand nowhere."""
    lacking = []
    position = 0
    for line in filter(None, map(str.strip, lines_of(text))):
        places = [
            number for number, other in enumerate(lines, 1) if other.strip() == line and number not in written
        ]
        if places:
            position = next((place for place in places if place > position), places[0])
            written.add(position)
        else:
            lacking.append(line)
    return lacking


# --------------------------------------------------------------------------- language notes


def _with_notes(document: Document, edition: Edition) -> Document:
    """The document with its language notes as the edition writes them: a newsletter may have its own."""
    marks = [
        replace(mark, value=edition.notes.get(mark.value, mark.value)) if mark.kind is MarkKind.NOTE else mark
        for mark in document.marks
    ]
    if edition.note_policy is NotePolicy.INVERT:
        marks = [mark for mark in marks if not _is_usual(mark, edition)]
        for line, end in unmarked_items(document):
            marks.append(Mark(MarkKind.NOTE, Span(end, end), edition.unmarked, line))
    return replace(document, marks=tuple(sorted(marks, key=lambda mark: mark.span)))


def _usual_notes(target: Document, edition: Edition) -> Iterator[Finding]:
    """With the policy `invert`, what most items would say goes without saying."""
    if edition.note_policy is NotePolicy.INVERT:
        for mark in target.marks:
            if _is_usual(mark, edition):
                message = f"the note ({mark.value}) goes without saying, by the policy invert"
                yield Finding("lang.tag", Severity.WARNING, message, None, None, mark.line)


def _notes_wanted(edition: Edition, base: Allowances) -> str:
    """An edition for documents of any shape demands notes of nobody; one without notes drops all."""
    writes = bool(edition.notes) and edition.note_policy is not NotePolicy.DROP
    if base.notes != "any" or not edition.shape:
        return "drop" if base.notes == "keep" and not writes else base.notes
    return "keep" if writes else "drop"


def _is_usual(mark: Mark, edition: Edition) -> bool:
    return mark.kind is MarkKind.NOTE and mark.value == edition.usual
