"""What an edition leaves of a document to translate: chosen, identified, edited; nothing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.applying import edited
from weekly_translate.edition.choosing import issue_of
from weekly_translate.markdown.segments import parse

if TYPE_CHECKING:
    from weekly_translate.edition.choosing import Choice, Editions
    from weekly_translate.edition.values import Edited, Issue
    from weekly_translate.model import Feature


class Manuscript(NamedTuple):
    """A document under its edition."""

    choice: Choice
    issue: Issue
    edited: Edited


def manuscript_of(text: str, name: str, editions: Editions, *, every_line: bool = False) -> Manuscript:
    """The document `text`, whose file is called `name`. Raises `InputRefusedError` and `UsageError`."""
    choice = editions.choice_for(text)
    document = parse(text, every_line=every_line, marks=choice.edition.marks)
    issue = issue_of(document, choice.edition, name)
    return Manuscript(choice, issue, edited(document, choice.edition, issue, features_in))


def features_in(text: str) -> tuple[Feature, ...]:
    """What a text holds that has to be in the English."""
    return parse(text).features
