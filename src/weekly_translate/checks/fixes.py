"""What a rule mends without doubt: each fix takes away what one check complains about, outside code."""

from __future__ import annotations

import html
import re
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.checks.layout import PADDED, glued_in
from weekly_translate.checks.names import names_written_small
from weekly_translate.checks.punctuation import REPEATED, marks_of
from weekly_translate.checks.reading import as_read
from weekly_translate.checks.spelling import ENTITY
from weekly_translate.checks.words import DOUBLED, is_doubled_by_mistake
from weekly_translate.model import Pair
from weekly_translate.text.tags import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from weekly_translate.model import Segment

_SPACE_BEFORE = re.compile(r"(?<=[A-Za-z0-9)\">]) +(?=[,.;:!?](?:\s|\Z))")
_NO_SPACE_AFTER = re.compile(r"(?<=[A-Za-z]{2}[,!?])(?=[A-Za-z]{2})")
_DOUBLE_SPACE = re.compile(r"(?<=\S) {2,}(?=\S)")


def single_spaces(text: str, segment: Segment) -> str:
    """One space between words."""
    del segment  # all fixes are called alike
    return _outside_code(text, lambda words: _DOUBLE_SPACE.sub(" ", words))


def spaced_marks(text: str, segment: Segment) -> str:
    """No space before a comma, and one behind."""
    del segment  # all fixes are called alike
    return _outside_code(text, lambda words: _NO_SPACE_AFTER.sub(" ", _SPACE_BEFORE.sub("", words)))


def single_marks(text: str, segment: Segment) -> str:
    """`done..` ends with one full stop."""
    known = marks_of(segment.text)

    def single(match: re.Match[str]) -> str:
        return match[0] if match[0] in known else match[0][0]

    return _outside_code(text, lambda words: REPEATED.sub(single, words))


def single_words(text: str, segment: Segment) -> str:
    """`the the` is `the`."""
    source = as_read(segment.text)

    def single(match: re.Match[str]) -> str:
        return match[1] if is_doubled_by_mistake(match, source) else match[0]

    return _outside_code(text, lambda words: DOUBLED.sub(single, words))


def decoded_entities(text: str, segment: Segment) -> str:
    """`&amp;amp;` is `&amp;`, `&quot;` is a quote."""

    def decoded(match: re.Match[str]) -> str:
        return match[0] if match[0] in segment.text else html.unescape(match[0])

    return _outside_code(text, lambda words: ENTITY.sub(decoded, words))


def names_with_their_capitals(text: str, segment: Segment) -> str:
    """Names of the source with the capitals that they have there."""
    for name, written in names_written_small(Pair(segment, text)):
        text = _outside_code(text, partial(re.sub, re.escape(written), name))
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

    return _DOUBLE_SPACE.sub(" ", PADDED.sub(outside, text))


def _outside_code(text: str, edit: Callable[[str], str]) -> str:
    """The text with everything edited but the content of its code; tags are part of what is edited."""
    parts: list[str] = []
    words, code = "", ""
    for token in tokens_of(text):
        if code and token.name != code:
            parts.append(token.text)
            continue
        words += token.text
        code = "" if code else token.name if "c" in token.name and not (token.closes or token.alone) else ""
        if code:
            parts.append(edit(words))
            words = ""
    return "".join([*parts, edit(words)])


FIXES: Mapping[str, Callable[[str, Segment], str]] = MappingProxyType(
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
"""By the check that asks for them, in the order in which they are applied."""
