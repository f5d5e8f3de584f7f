"""What the edition of a source wants of a translation that anybody made: what may differ, what has to be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.house_notes import notes_wanted, usual_notes, with_notes
from weekly_translate.edition.blocks import HOLE
from weekly_translate.edition.values import Rewrite, RuleKind, Selector
from weekly_translate.model import FeatureKind, Finding, Kind, Severity
from weekly_translate.text.chinese import has_han
from weekly_translate.text.lines import lines_of, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.edition.values import Edited, Edition, Issue, Use
    from weekly_translate.model import Document, Segment

_TEXTS = (RuleKind.HEADER, RuleKind.REPLACED, RuleKind.FOOTER)
"""What an edition writes beside the title, in the order of the English."""
_HEADING = re.compile(r" {0,3}#[ \t]+(.*)")
_ANY = re.compile("")


@dataclass(frozen=True, slots=True)
class Conformed:
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


def conformed(
    edition: Edition, issue: Issue, edited: Edited, target: Document, base: Allowances
) -> Conformed:
    """Lay an edition over a comparison; `base` is what a person allows beside it.

    `edited` comes from the source and `target` from the translation, both parsed with `every_line`.
    """
    findings: list[Finding] = []
    template = next((use.text for use in edited.uses if use.kind is RuleKind.TITLE), "")
    written: set[int] = set()
    if template:
        titles = list(_titles(target))
        findings += _title_findings(titles, template, edition, issue)
        written |= set() if HOLE in template else {title.line for title in titles}
        target = _with_title_cut(target, template)
    lines = lines_of(target.text)
    for use in _texts(edited.uses):
        lacking = _take(use.text, lines, written)
        if lacking:
            message = f"the {_named(use)} of the edition lacks “{shortened(lacking[0])}”"
            findings.append(Finding("edition.text", Severity.WARNING, message))
    findings += usual_notes(target, edition)
    inserted = tuple(Selector("lines", _ANY, (line, line)) for line in sorted(written))
    source = with_notes(edited.document, edition)
    return Conformed(source, target, _allowed(edition, edited, base, inserted), tuple(findings))


def _allowed(
    edition: Edition, edited: Edited, base: Allowances, inserted: tuple[Selector, ...]
) -> Allowances:
    return replace(
        base,
        inserted=base.inserted + inserted,
        urls=base.urls + tuple(Rewrite(one.pattern, one.replacement) for one in edition.urls),
        front_matter=base.front_matter or not edition.keeps_front_matter,
        notes=notes_wanted(edition, base),
        settled=edited.settled,
    )


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


def _named(use: Use) -> str:
    return f"text '{use.rule}'" if use.kind is RuleKind.REPLACED else use.kind.value
