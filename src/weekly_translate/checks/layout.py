"""Where things stand in a segment: edges, lines, tags and the spaces beside them, sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.checks.reading import as_read
from weekly_translate.text.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_GLUED = re.compile(
    r"[A-Za-z0-9](?P<opening><[xyz]?[abidc]\d{1,7}>)(?=\w)|(?P<closing></[xyz]?[abidc]\d{1,7}>)(?=[A-Za-z0-9])"
)
"""A tag between two letters."""
PADDED = re.compile(r"(?P<opening><[xyz]?[abid]\d{1,7}>) +|(?<! ) +(?P<closing></[xyz]?[abid]\d{1,7}>)")
"""A space on the inner side of a tag."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_ENDINGS = re.compile(r"(?:e?s|ed|ing|'s|ly)\b")
_SENTENCE = re.compile(r"[。！？]|[.!?](?=[\"')\]]?(?:\s|\Z))")
_EMPHASIS = re.compile(r"(?<![\\*])\*\*(?=\s?[A-Za-z\"])|(?<!\w)__(?=[A-Za-z][a-z]+ )")


def edges_are_kept(pair: Pair) -> Iterator[str]:
    """White space at the edges of a segment is layout: it is that of the source."""
    for name, edge in (("beginning", _head), ("end", _tail)):
        if pair.target.strip() and edge(pair.target) != edge(pair.segment.text):
            yield f"the white space at the {name} is not that of the source"


def _head(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _tail(text: str) -> str:
    return text[len(text.rstrip()) :]


def no_paragraph_is_added(pair: Pair) -> Iterator[str]:
    """No paragraph more than in the source: what follows is no translation of it."""
    if "\n" not in pair.segment.text and _PARAGRAPHS.search(pair.target.strip()):
        yield "a paragraph follows that the source lacks"


def lines_are_kept(pair: Pair) -> Iterator[str]:
    """As many line breaks as in the source: a line is a segment, and a break inside one is meant."""
    source, target = pair.segment.text.strip().count("\n"), pair.target.strip().count("\n")
    if source != target:
        yield f"{target} line breaks for {source} of the source"


def tags_stand_between_words(pair: Pair) -> Iterator[str]:
    """A space stands outside a tag where words meet, and none inside, unless the source has it so."""
    for match in glued_in(pair.target, pair.segment.text):
        yield f"no space stands beside {match['opening'] or match['closing']}"
    known = {match[0] for match in PADDED.finditer(pair.segment.text)}
    for match in PADDED.finditer(pair.target):
        if match[0] not in known:
            yield f"a space stands inside {match['opening'] or match['closing']}"


def glued_in(text: str, source: str) -> Iterator[re.Match[str]]:
    """Tags between two letters, but for those of the source and those before an ending: `<c1>list</c1>s`."""
    matches = list(_GLUED.finditer(text)) if "<" in text else []
    known = {match["opening"] or match["closing"] for match in _GLUED.finditer(source)} if matches else set()
    for match in matches:
        ends = match["closing"] and _ENDINGS.match(text, match.end())
        if not ends and (match["opening"] or match["closing"]) not in known:
            yield match


def sentences_are_about_as_many(pair: Pair) -> Iterator[str]:
    """Not half as many sentences as the source, nor twice as many; good translations differ, too."""
    source, target = (len(_SENTENCE.findall(as_read(text))) for text in (pair.segment.text, pair.target))
    if max(source, target) >= 4 and abs(source - target) * 2 > max(source, target):
        yield f"{target} sentences for {source} of the source"


def no_emphasis_is_written(pair: Pair) -> Iterator[str]:
    """Bold and italics are tags: no `**` of Markdown is left or added."""
    words = TAG.sub("", as_read(pair.target))
    if _EMPHASIS.search(words) and not _EMPHASIS.search(as_read(pair.segment.text)):
        yield "emphasis marks are left in the text; they would be printed or change the layout"
