"""What a rule mends without doubt: each fix takes away what one check complains about, outside code."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.checks.characters import REPEATED, marks_of
from weekly_translate.checks.english_text import DOUBLED, is_doubled_by_mistake
from weekly_translate.checks.markup import PADDED, glued_in
from weekly_translate.checks.model_artifacts import ENTITY
from weekly_translate.checks.names import names_written_small
from weekly_translate.checks.plain_text import as_read
from weekly_translate.checks.repair import (
    in_english_punctuation,
    said_once,
    single_spaced,
    without_commentary,
    without_hidden_characters,
    without_json_residue,
)
from weekly_translate.checks.tagged_text import HIDDEN, edited
from weekly_translate.model import Pair, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPACE_BEFORE = re.compile(rf"(?<=[A-Za-z0-9)\">{HIDDEN}]) +(?=[,.;:!?](?:\s|\Z))")
_NO_SPACE_AFTER = re.compile(r"(?<=[A-Za-z]{2}[,!?])(?=[A-Za-z]{2})")


def single_spaces(text: str, segment: Segment) -> str:
    """One space between words."""
    return edited(text, segment, single_spaced)


def spaced_marks(text: str, segment: Segment) -> str:
    """No space before a comma, and one behind."""
    return edited(text, segment, lambda words: _NO_SPACE_AFTER.sub(" ", _SPACE_BEFORE.sub("", words)))


def single_marks(text: str, segment: Segment) -> str:
    """`done..` ends with one full stop."""
    known = marks_of(segment.text)

    def single(match: re.Match[str]) -> str:
        return match[0] if match[0] in known else match[0][0]

    return edited(text, segment, lambda words: REPEATED.sub(single, words))


def single_words(text: str, segment: Segment) -> str:
    """`the the` is `the`."""
    source = as_read(segment.text)

    def single(match: re.Match[str]) -> str:
        return match[1] if is_doubled_by_mistake(match, source) else match[0]

    return edited(text, segment, lambda words: DOUBLED.sub(single, words))


def decoded_entities(text: str, segment: Segment) -> str:
    """`&amp;amp;` is `&amp;`, `&quot;` is a quote."""

    def decoded(match: re.Match[str]) -> str:
        return match[0] if match[0] in segment.text else html.unescape(match[0])

    return edited(text, segment, lambda words: ENTITY.sub(decoded, words))


def names_with_their_capitals(text: str, segment: Segment) -> str:
    """Names of the source with the capitals that they have there."""
    for name, written in names_written_small(Pair(segment, text)):
        text = edited(text, segment, partial(re.sub, re.escape(written), name))
    return text


def spaced_tags(text: str, segment: Segment) -> str:
    """A space outside a tag that stands between two words, and none inside."""
    for match in reversed(list(glued_in(text, segment.text))):
        place = match.start("opening") if match["opening"] else match.end("closing")
        text = f"{text[:place]} {text[place:]}"

    def outside(match: re.Match[str]) -> str:
        if match[0] in segment.text:
            return match[0]
        return f"{match['closing']} " if match["closing"] else f" {match['opening']}"

    return single_spaced(PADDED.sub(outside, text))


Fix = Callable[[str, Segment], str]
"""Takes a text and the segment that it translates."""

EXACT_FIXES: Mapping[str, Fix] = MappingProxyType(
    {
        "llm.entity-double": decoded_entities,
        "tag.space": spaced_tags,
        "term.case": names_with_their_capitals,
        "punct.repeat": single_marks,
        "punct.space": spaced_marks,
        "space.double": single_spaces,
        "word.repeated": single_words,
    }
)
"""By the check that asks for it: each takes away exactly what that check complains about."""
FIXES: Mapping[str, Fix] = MappingProxyType(
    {
        "char.bidi": without_hidden_characters,
        "char.control": without_hidden_characters,
        "char.tag-smuggle": without_hidden_characters,
        "char.zero-width": without_hidden_characters,
        "char.fullwidth": in_english_punctuation,
        "llm.commentary": without_commentary,
        "llm.json-residue": without_json_residue,
        "llm.preface": without_commentary,
        "punct.cjk": in_english_punctuation,
        "seg.repeated": said_once,
        **EXACT_FIXES,
    }
)
"""All of them, in the order in which they are applied; those in front repair what models answer, too."""
