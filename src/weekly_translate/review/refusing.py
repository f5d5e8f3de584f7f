"""What is not stored or written: a text that would lose a link, end its item early, or hide something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.checks import characters, markup
from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from weekly_translate.model import Pair


class RefusedError(UsageError):
    """A decision that cannot be stored; the sentence says why."""


class UnfinishedError(UsageError):
    """Errors are left, so that nothing is written without a word."""

    def __init__(self, message: str, errors: int) -> None:
        super().__init__(message)
        self.errors = errors


_NEVER = (
    markup.no_tag_is_damaged,
    markup.tags_survive,
    markup.no_tag_is_invented,
    markup.tags_stand_once,
    markup.tags_are_closed,
    markup.tags_are_nested,
    markup.labels_have_words,
    markup.code_is_unchanged,
    characters.no_surrogate,
    characters.no_control_character,
    characters.no_direction_mark,
    characters.no_hidden_text,
)
"""Everything else is a finding, and a person may know better."""


def refusal(pair: Pair) -> str:
    """Why the target of a pair is not stored, or nothing."""
    if not pair.target.strip():
        return "the text is empty"
    if pair.target.count("\n") > pair.segment.text.count("\n") or "\r" in pair.target:
        return "a line break would end the item: write it in as many lines as the source"
    return "; ".join(message for check in _NEVER for message in check(pair))
