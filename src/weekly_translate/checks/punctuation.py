"""Punctuation and spaces, as English sets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.checks.reading import as_read
from weekly_translate.model import Kind
from weekly_translate.text.chinese import IN_ASCII, in_half_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_CLOSING = "\"'”’»)]）】』」》*_~ \ufffc"
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
REPEATED = re.compile(r"(?<![./\w])\.\.(?![./\w])|(?<=\w)\.\.(?![./\w])|,{2,}|;{2,}|!{2,}|\?{2,}")
SPACE_BEFORE = re.compile(r"(?<=[A-Za-z0-9)\"]) [,.;:!?](?=\s|\Z)")
NO_SPACE_AFTER = re.compile(r"[A-Za-z]{2}[,!?](?=[A-Za-z]{2})")
_INCHES = re.compile(r'(?<![\w.])[0-9][0-9.]*"')
DOUBLE_SPACE = re.compile(r"\S {2,}(?=\S)")


def sentence_end_survives(pair: Pair) -> Iterator[str]:
    """What ends a sentence in the source ends one in the translation; a note in brackets may follow."""
    source, target = (as_read(text).rstrip(_CLOSING) for text in (pair.segment.text, pair.target))
    ends = pair.target.rstrip().endswith((")", "）")) or target.endswith(_SENTENCE_ENDS)
    if pair.segment.kind is Kind.TEXT and source.endswith(("。", "！", "？")) and target and not ends:
        yield f"the source ends with {source[-1]}, the translation without a mark"


def brackets_are_balanced(pair: Pair) -> Iterator[str]:
    """Each bracket that opens is closed, where that holds for the source."""
    source, target = in_half_width(as_read(pair.segment.text)), as_read(pair.target)
    for opening, closing in _PAIRS:
        even = source.count(opening) == source.count(closing)
        if even and target.count(opening) != target.count(closing):
            yield f"{target.count(opening)} times {opening}, {target.count(closing)} times {closing}"


def quotes_are_paired(pair: Pair) -> Iterator[str]:
    """Double quotes come in pairs and are all straight or all curly."""
    source, target = as_read(pair.segment.text), as_read(pair.target)
    curly = target.count("“") + target.count("”")
    if '"' in target and curly:
        yield "straight and curly quotes are mixed"
        return
    straight = target.count('"') % 2 > source.count('"') % 2 and not _INCHES.search(target)
    even = source.count("“") == source.count("”")
    if straight or (even and target.count("“") != target.count("”")):
        yield "a quote is opened and not closed"


def no_mark_is_repeated(pair: Pair) -> Iterator[str]:
    """No `..`, `,,` or `!!`, unless the source repeats its mark as well."""
    for mark in dict.fromkeys(REPEATED.findall(as_read(pair.target))):
        if mark not in marks_of(pair.segment.text):
            yield f"{mark} is not in the source"


def marks_of(source: str) -> str:
    """The source with its marks as English writes them."""
    return as_read(source).translate(IN_ASCII)


def marks_are_spaced(pair: Pair) -> Iterator[str]:
    """No space before a comma or a full stop, and one behind."""
    source, target = as_read(pair.segment.text), as_read(pair.target)
    for pattern, fault in ((SPACE_BEFORE, "a space stands before"), (NO_SPACE_AFTER, "no space follows")):
        match = pattern.search(target)
        if match and match[0] not in source:
            yield f"{fault} “{match[0][-1]}” in “{_around(target, match)}”"


def spaces_are_single(pair: Pair) -> Iterator[str]:
    """One space between words."""
    target = as_read(pair.target)
    match = DOUBLE_SPACE.search(target)
    if match:
        yield f"two spaces in “{_around(target, match)}”"


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 12) : match.end() + 12].strip()
