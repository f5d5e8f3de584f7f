"""The language notes that an edition wants of a translation that anybody made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.edition.marks import unmarked_items
from weekly_translate.edition.values import NotePolicy
from weekly_translate.model import Finding, Mark, MarkKind, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.comparison.allowances import Allowances
    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document


def with_notes(document: Document, edition: Edition) -> Document:
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


def usual_notes(target: Document, edition: Edition) -> Iterator[Finding]:
    """With the policy `invert`, what most items would say goes without saying."""
    if edition.note_policy is NotePolicy.INVERT:
        for mark in target.marks:
            if _is_usual(mark, edition):
                message = f"the note ({mark.value}) goes without saying, by the policy invert"
                yield Finding("lang.tag", Severity.WARNING, message, None, None, mark.line)


def notes_wanted(edition: Edition, base: Allowances) -> str:
    """An edition for documents of any shape demands notes of nobody; one without notes drops all."""
    writes = bool(edition.notes) and edition.note_policy is not NotePolicy.DROP
    if base.notes != "any" or not edition.shape:
        return "drop" if base.notes == "keep" and not writes else base.notes
    return "keep" if writes else "drop"


def _is_usual(mark: Mark, edition: Edition) -> bool:
    return mark.kind is MarkKind.NOTE and mark.value == edition.usual
