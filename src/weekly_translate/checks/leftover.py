"""What counts as untranslated: the Chinese that a reader of a file would see, by place.

The summary of a run, the table and report of a season, and `check` all ask `leftovers_in`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Finding, Kind, PassageKind, Severity
from weekly_translate.text.characters import (
    CHINESE_PUNCTUATION,
    HAN,
    KANA_HANGUL,
    LINE_END,
    han_count,
    has_han,
    shortened,
)
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from weekly_translate.model import Document, Passage, Segment

TEXT, NAMES, HTML, FRONT_MATTER = "text", "names that stay", "HTML", "front matter"
_RUN = lazy_pattern(f"[{HAN}{KANA_HANGUL}]+(?:[{CHINESE_PUNCTUATION}]?[{HAN}{KANA_HANGUL}]+)*")
_LANGUAGES = ("简体中文", "繁體中文", "繁体中文", "中文")
"""How a list of languages names them."""
_SENTENCE = 6
"""Chinese characters of a sentence; what has fewer may be a label, a tag, a name."""
_PLACES = {
    PassageKind.HTML: HTML,
    PassageKind.FRONT_MATTER: FRONT_MATTER,
    PassageKind.UNREADABLE: "unreadable Markdown",
    PassageKind.DEFINITION: "definitions",
    PassageKind.CODE: "code",
    PassageKind.ADDRESS: "addresses",
}
_UNSEEN_HTML = lazy_pattern(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_MARKUP = lazy_pattern(r"<[/A-Za-z!?][^<>]{0,4000}>")
_SHOWN_ATTRIBUTE = lazy_pattern(
    r"""\b(?:alt|title|placeholder|label|summary|content|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_NOT_SHOWN_LINE = lazy_pattern(r"\s*(?:#|(?:slug|permalink|path|url|aliases|cover|image)\s*:)")
_NAMES_LINE = lazy_pattern(r"\s*(?:authors?|creators?|editors?)\s*:")
_PATH = lazy_pattern(r"(?<![^\s\"':,\[])[^\s\"':,\[]*/[^\s\"',\]]*")


class Leftover(NamedTuple):
    """A stretch of a file in which Chinese is left."""

    place: str
    """`text`, `HTML`, `front matter` …"""
    line: int
    words: str
    """The Chinese of its first line that has any."""
    is_sentence: bool
    is_seen: bool = True
    """Whether a reader sees it: code and addresses are kept on purpose, and so are names of people."""
    is_checked: bool = False
    """Whether it stands in a segment, whose own checks say it."""


def without_names(text: str, names: Iterable[str]) -> str:
    """The text without the names that may stay Chinese."""
    for name in () if text.isascii() else sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def chinese_runs(text: str) -> list[str]:
    """The stretches of Chinese, Japanese or Korean in a text."""
    return [] if text.isascii() else _RUN.findall(text)


def leftovers_in(document: Document, names_in: Callable[[str], Collection[str]]) -> Iterator[Leftover]:
    """All Chinese in a file that is to be English; `names_in` a text gives the names that may stay in it."""
    lines = [0, *(match.end() for match in LINE_END.finditer(document.text))]
    for segment in document.segments:
        words = prose_of(segment.text)
        if runs := _left(words, names_in):
            yield Leftover(_place_of(segment), segment.line, *_said(runs), is_checked=True)
        elif has_han(words):
            yield Leftover(NAMES, segment.line, shortened(words, 40), is_sentence=False, is_seen=False)
    for passage in document.passages:
        text = document.text[slice(*passage.span)]
        if passage.kind in _PLACES and has_han(text):
            yield from _in_passage(document, passage, bisect_right(lines, passage.span.start), names_in)


def _place_of(segment: Segment) -> str:
    if segment.quotes.startswith("<"):
        return HTML
    return FRONT_MATTER if segment.kind is Kind.META else TEXT


def _in_passage(
    document: Document, passage: Passage, first: int, names_in: Callable[[str], Collection[str]]
) -> Iterator[Leftover]:
    """`first` is the line in which the passage begins."""
    place, is_seen = _PLACES[passage.kind], True
    raw = document.text[slice(*passage.span)]
    shown = _shown_html(raw)
    match passage.kind:
        case PassageKind.FRONT_MATTER:
            shown = "\n".join(map(_shown_front, raw.split("\n")))
        case PassageKind.ADDRESS if raw.startswith("<"):
            place = HTML
        case PassageKind.CODE | PassageKind.ADDRESS:
            shown, is_seen = raw, False
    lines = [(number, _left(line, names_in)) for number, line in enumerate(shown.split("\n"), first)]
    if found := [(number, runs) for number, runs in lines if runs]:
        (line_number, runs), *more = found
        words, is_sentence = _said(runs)
        is_sentence = is_sentence or any(_said(others)[1] for _, others in more)
        if place == FRONT_MATTER and not is_sentence:
            written = raw.split("\n")
            is_seen = not all(_NAMES_LINE.match(written[number - first]) for number, _ in found)
        yield Leftover(place, line_number, words, is_sentence, is_seen)


def _left(text: str, names_in: Callable[[str], Collection[str]]) -> list[str]:
    if not has_han(text):
        return []
    names = (*_LANGUAGES, *names_in(text))
    return [run for run in chinese_runs(without_names(text, names)) if has_han(run)]


def _said(runs: list[str]) -> tuple[str, bool]:
    return shortened(" ".join(runs), 40), sum(map(han_count, runs)) >= _SENTENCE


def _shown_html(text: str) -> str:
    """The words of HTML on their lines, without comments and markup, with the attributes that are shown."""
    seen = _UNSEEN_HTML.sub(lambda match: "\n" * match[0].count("\n"), text)
    return _MARKUP.sub(lambda match: f" {_attributes(match[0])} " + "\n" * match[0].count("\n"), seen)


def _attributes(text: str) -> str:
    shown = (found for match in _MARKUP.finditer(text) for found in _SHOWN_ATTRIBUTE.findall(match[0]))
    return " ".join("".join(quoted) for quoted in shown)


def _shown_front(line: str) -> str:
    """A line of front matter as a site shows it: no comment, no path."""
    return "" if _NOT_SHOWN_LINE.match(line) else _PATH.sub("", line)


def leftover_findings(leftovers: Iterable[Leftover], *, sentence: Severity) -> Iterator[Finding]:
    """A warning for each place where a reader sees it, and of this severity for a `sentence`.

    What segments hold, their own checks say.
    """
    for one in leftovers:
        if not one.is_checked and one.place != NAMES:
            seen = sentence if one.is_sentence else Severity.WARNING
            severity = seen if one.is_seen else Severity.INFO
            message = f"Chinese is left in {one.place}: “{one.words}”"
            yield Finding("doc.kept-chinese", severity, message, target_line=one.line)


def in_words(leftovers: Iterable[Leftover]) -> str:
    """`2 in HTML, 1 in names that stay`; nothing where a reader sees none."""
    counts = Counter(one.place for one in leftovers if one.is_seen or one.place == NAMES)
    return ", ".join(f"{number:,} in {place}" for place, number in counts.items())
