"""Which text may be stored: not one that would lose a link, end its item early, or hide something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.checks import characters, markup

if TYPE_CHECKING:
    from weekly_translate.model import Pair

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


def why_not_stored(pair: Pair) -> str:
    """Why the target of a pair may not be stored, whoever wrote it; nothing where it may."""
    if not pair.target.strip():
        return "the text is empty"
    if pair.target.count("\n") > pair.segment.text.count("\n") or "\r" in pair.target:
        return "a line break would end the item: write it in as many lines as the source"
    return "; ".join(message for check in _NEVER for message in check(pair))
